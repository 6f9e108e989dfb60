"""What is hidden, by a plainer road: every whole is subtracted from, as a curious reader would."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch import report
from cxresearch.core import disclosure
from cxresearch.core.results import Estimate, Interval, fewest
from cxresearch.report.sidecar import HIDDEN, number_of
from cxresearch.stats.shares.proportions import proportion

MIN_CELL = 5
HALF = Estimate(
    value=0.5, ci=Interval(0.4, 0.6), n=100, unit="share", confidence=0.95, method="Wilson"
)
FEW = dataclasses.replace(HALF, value=0.777, n=40, people=3)


def hidden(counts: list[float], **options: object) -> list[bool]:
    rows = pd.DataFrame({"group": list("abcdefghij")[: len(counts)], "customers": counts})
    return disclosure.hidden_rows(rows, people=["customers"], min_cell=MIN_CELL, **options).tolist()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([9, 8, 5], [False, False, False]),
        ([9, 8, 0], [False, False, False]),
        ([9, 8, 4], [False, True, True]),
        ([90, 4, 4], [False, True, True]),  # two, and 8 people together
        ([90, 80, 1, 2], [False, True, True, True]),  # two, but 3 people together
        ([4], [True]),
        ([0, 4], [False, True]),
    ],
)
def test_a_part_of_a_whole_is_never_hidden_alone(counts: list[float], expected: list[bool]) -> None:
    assert hidden(counts) == expected
    assert hidden(counts, within=()) == [0 < count < MIN_CELL for count in counts]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=10))
def test_the_total_less_what_is_shown_is_of_enough_people(counts: list[int]) -> None:
    gone = hidden([float(count) for count in counts])
    left = sum(counts) - sum(count for count, away in zip(counts, gone, strict=True) if not away)
    shown = [count for count, away in zip(counts, gone, strict=True) if not away]
    assert not any(0 < count < MIN_CELL for count in shown)
    assert left == 0 or left >= MIN_CELL or not any(shown)
    hides = [count for count, away in zip(counts, gone, strict=True) if away]
    assert len(hides) != 1 or not any(shown)


def test_in_a_table_of_two_ways_both_totals_are_safe() -> None:
    rows = pd.DataFrame(
        [(theme, stage, 20) for theme in "ab" for stage in "xyz"], columns=["t", "s", "customers"]
    )
    rows.loc[0, "customers"] = 3
    away = disclosure.hidden_rows(rows, people=["customers"], min_cell=5, within=["t", "s"])
    for key in ("t", "s"):
        assert 1 not in away.groupby(rows[key]).sum().tolist()


def test_each_group_that_is_compared_must_have_enough() -> None:
    rows = pd.DataFrame(
        {"step": list("abc"), "n_first": [4, 90, 90], "n_second": [90, 90, 3], "x": 0.5}
    )
    people = disclosure.people_columns(rows, None)
    assert people == ["n_first", "n_second"]
    few = disclosure.small_rows(rows, people=people, min_cell=5)
    assert few.tolist() == [True, False, True]


def test_a_month_of_nothing_is_told_and_what_nobody_knows_is_not() -> None:
    rows = pd.DataFrame(
        {
            "month": ["2026-01", "2026-02", "2026-03"],
            "customers": [0, 0, None],
            "revenue": [0.0, 99.0, 98.0],
            "revenue_high": [5.0, 120.0, 120.0],
        }
    )
    few = disclosure.small_rows(rows, people=["customers"], min_cell=5)
    assert few.tolist() == [False, True, True]


def test_what_compares_two_tells_about_the_smaller_one() -> None:
    assert fewest(HALF, FEW) == 3
    assert fewest(HALF, dataclasses.replace(HALF, n=0)) == 100


def test_a_number_about_few_people_is_not_recorded_though_its_tickets_are_many() -> None:
    told = number_of(FEW, min_cell=5)
    assert (told["value"], told["ci"], told["n"], told["note"]) == (
        None,
        [None, None],
        None,
        HIDDEN,
    )
    assert number_of(FEW, min_cell=3)["value"] == 0.777
    assert number_of(proportion(0, 0), min_cell=5)["n"] == 0


def test_no_sentence_and_no_headline_tells_about_few_people(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_REPORT_RECORD", str(tmp_path / "record.json"))
    report.begin(min_cell=5)
    report.say("{many} buy, {few} of {who} return.", many=HALF, few=FEW, who="Anna")
    report.headline("{few} return.", few=FEW)
    report.record("few", FEW)
    report.estimates({"Returns": HALF, "Refunds": FEW}, caption="Rates")
    report.provenance()
    said = capsys.readouterr().out + (tmp_path / "record.json").read_text()
    assert "77.7" not in said
    assert "0.777" not in said
    assert "Anna" not in said
    assert said.count("Hidden: it is about fewer than 5 people.") == 3
    kept = json.loads((tmp_path / "record.json").read_text())
    assert kept["headlines"] == {"en": "Hidden: it is about fewer than 5 people."}
    report.begin()


def test_a_summary_shows_a_hidden_number_as_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    from cxresearch.report import sidecar

    report.begin(min_cell=5)
    row = sidecar._number(number_of(FEW, min_cell=5))
    rows = pd.DataFrame([{"quantity": "waits", "value": row["value"], "n": row["n"]}])
    for counts in (rows, rows.astype({"n": object})):
        report.table(counts, caption="Numbers", people="n", within=())
        assert capsys.readouterr().out.splitlines()[2].split() == ["waits", "hidden", "<", "5"]


def test_a_figure_that_forgot_to_hide_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    from matplotlib.figure import Figure

    report.begin(min_cell=5)
    rows = pd.DataFrame({"theme": list("abc"), "customers": [9, 9, 3], "share": [0.4, 0.5, 0.321]})
    axes = Figure().subplots()
    report.show(axes, caption="Shares", alt="Three shares", data=rows)
    assert capsys.readouterr().out == "Hidden: it is about fewer than 5 people.\n"
    kept = report.enough(rows)
    assert kept["share"].isna().tolist() == [True, False, True]
    report.show(axes, caption="Shares", alt="Three shares", data=kept)
    assert capsys.readouterr().out.startswith("<Figure: Shares | data")
    report.begin()


def test_words_are_never_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    from matplotlib.figure import Figure

    from cxresearch.core.languages import Language, Words

    report.begin()
    report.say("On {page}.", page=Words("{n} } {"))
    assert capsys.readouterr().out == "On {n} } {.\n"
    axes = Figure().subplots()
    report.show(axes, caption="Of {what}", alt=Words("{what} {"), what="{alt}")
    assert capsys.readouterr().out == "<Figure: Of {alt}>\n"
    assert Language("it").text(Words("hidden")) == "hidden"


def test_a_name_ends_the_direction_that_it_turns() -> None:
    from cxresearch.core.languages import Language

    said = Language().text("{x} is {n}.", x="\u202eabc", n="3")
    assert said == "\u2068\u202eabc\u2069 is 3."
    assert (
        Language().text("{x}.", x="a\u2069b\u2066c\u05d0") == "\u2068ab\u2066c\u05d0\u2069\u2069."
    )
    assert Language().text("{x}.", x="plain") == "plain."
