"""Numbers that must agree are found to, and found not to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.errors import ReconciliationError
from cxresearch.journeys import CountingRules, funnel, lifts, paths, prepare, reconcile, transitions
from tests.journeys.logs import full_logs
from tests.journeys.test_funnel import log

STEPS = ["view", "cart", "buy"]


@pytest.mark.slow
@settings(max_examples=15)
@given(
    full_logs(customers=6, events=80),
    st.sampled_from(["customer", "session", "order"]),
    st.sampled_from(["ordered", "strict", "any"]),
)
def test_the_views_of_any_log_agree(events: pd.DataFrame, unit: Any, order: Any):
    prepared = prepare(events)
    plain = funnel(prepared, STEPS, rules=CountingRules(unit=unit, order=order), by="device")
    hasty = CountingRules(unit=unit, order=order, window_s=1200)
    windowed = funnel(prepared, STEPS, rules=hasty, exclude=["pay"], hold="device")
    table = reconcile(plain, windowed, lifts(prepared, "buy"))
    assert table["agrees"].all()
    assert set(table["result"]) >= {"Funnel"}


def test_views_of_several_kinds_are_checked_together():
    shop = log("A: view 0, cart 1, buy 2", "B: view 0, home 1")
    table = reconcile(funnel(shop, STEPS), lifts(shop, "buy"), transitions(shop), paths(shop))
    assert table.columns.tolist() == ["result", "what", "left", "right", "agrees"]
    assert table["result"].nunique() == 4


def test_a_funnel_is_checked_by_units_lists_groups_and_another_road():
    shop = log("A: view 0, cart 1", "B: view 0", device=["x", "x", "y"])
    table = reconcile(funnel(shop, ["view", "cart"], by="device"))
    assert table[["what", "left", "right"]].values.tolist() == [
        ["customers = customers of the prepared table", 2, 2],
        ["customers at view = rows of their list", 2, 2],
        ["customers at view = on another road", 2, 2],
        ["customers at view = in all groups", 2, 2],
        ["customers at cart = rows of their list", 1, 1],
        ["customers lost before cart = rows of their list", 1, 1],
        ["customers at view = at cart or lost before", 2, 2],
        ["customers at cart = on another road", 1, 1],
        ["customers at cart = in all groups", 1, 1],
    ]


class Claim:
    """A result with one check."""

    def __init__(self, left: int, right: int) -> None:
        self.pair = (left, right)

    def checks(self) -> Iterator[tuple[str, int, int]]:
        yield "carts = carts", *self.pair


def test_all_that_disagree_are_listed():
    with pytest.raises(ReconciliationError) as caught:
        reconcile(Claim(3, 4), Claim(5, 5), Claim(1, 2))
    assert str(caught.value).splitlines() == [
        "numbers that must agree do not:",
        "  Claim: carts = carts: 3 and 4",
        "  Claim: carts = carts: 1 and 2",
    ]


def test_a_false_count_of_a_funnel_is_found():
    found = funnel(log("A: view 0, cart 1", "B: view 0"), ["view", "cart"])
    entry, cart = found.steps
    false = replace(found, steps=(entry, replace(cart, units=2, lost=0)))
    with pytest.raises(ReconciliationError) as caught:
        reconcile(false)
    assert "Funnel: customers at cart = rows of their list: 2 and 1" in str(caught.value)
    assert "Funnel: customers at cart = on another road: 2 and 1" in str(caught.value)
    assert "Funnel: customers lost before cart = rows of their list: 0 and 1" in str(caught.value)
    grown = replace(found, steps=(replace(entry, units=3), cart))
    with pytest.raises(
        ReconciliationError, match="customers at view = at cart or lost before: 3 and 2"
    ):
        reconcile(grown)


def test_a_false_lift_is_found():
    found = lifts(log("A: view 0, buy 1"), "buy")
    with pytest.raises(ReconciliationError, match="Lifts: starts followed by buy = of the base"):
        reconcile(replace(found, followed=2))
    with pytest.raises(ReconciliationError, match="Lifts: starts of all events = starts"):
        reconcile(replace(found, starts=3))


def test_what_has_no_checks_cannot_be_checked():
    with pytest.raises(TypeError, match="results must have checks; got 3"):
        reconcile(3)  # type: ignore[arg-type]


def test_nothing_to_check_is_no_fault():
    assert reconcile().empty
