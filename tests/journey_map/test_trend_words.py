"""What the map says under the course of an indicator of which there is a finding."""

from dataclasses import replace
from datetime import date

from cxresearch.journey_map.lanes import said_of_trend
from tests.findings.test_priorities import finding, money


def said(state, since, until=None):
    one = replace(
        finding("tickets", money(-10, 1), state=state),
        before=replace(money(0.018, 0), unit="share"),
        during=replace(money(0.108, 0), unit="share"),
        since=since,
        until=until,
    )
    return str(said_of_trend(one))


def test_a_break_is_dated_and_has_a_before():
    assert said("open", date(2026, 6, 1)) == "from 1.8% to 10.8% since 1 Jun 2026"


def test_a_break_that_is_over_has_both_days():
    words = "10.8% from 12 Oct 2025 to 7 Dec 2025, else 1.8%"
    assert said("past", date(2025, 10, 12), date(2025, 12, 7)) == words


def test_what_was_always_so_has_no_before_but_others():
    """`since` is the first week of the data there: nothing came before it."""
    assert said("standing", date(2023, 11, 5)) == "10.8%, against 1.8% elsewhere"
