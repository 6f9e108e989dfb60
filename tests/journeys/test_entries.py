"""Entries and exits, counted again from plain lists."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.journeys import entries, exits, prepare, transitions
from cxresearch.journeys.counting_rules import UNITS
from tests.journeys.logs import ENGINES, in_engine, logs, random_log
from tests.journeys.plain import journeys, share, units_of


@pytest.mark.slow
@given(logs(), st.sampled_from(UNITS))
@settings(max_examples=15)
def test_they_are_the_first_and_the_last_of_plain_lists(log, unit):
    prepared = prepare(log)
    units = units_of(prepared, unit)
    for place, view in ((0, entries), (-1, exits)):
        table = view(prepared, unit=unit).frame
        assert set(table["event"]) == {way[place].event for way in units.values()}
        for row in table.to_dict("records"):
            inside = [key for key, way in units.items() if way[place].event == row["event"]]
            got = [row[name] for name in ("share", "ci_low", "ci_high")]
            assert got == pytest.approx(share(inside, units), nan_ok=True)
            assert (row["count"], row["units"], row["of"]) == (len(inside),) * 2 + (len(units),)
            assert row["customers"] == len({customer for customer, _ in inside})


def test_they_are_the_moves_from_the_start_and_to_the_exit():
    prepared = prepare(random_log(1))
    moves = transitions(prepared).frame
    begun = moves[moves["source"] == "(start)"].reset_index(drop=True)
    left = moves[moves["target"] == "(exit)"].set_index("source")["count"]
    pd.testing.assert_series_equal(entries(prepared).frame["share"], begun["share"])
    assert exits(prepared).frame.set_index("event")["count"].to_dict() == left.to_dict()


def test_an_exit_is_in_the_group_of_its_units_first_event():
    log = random_log(2)
    prepared = prepare(log)
    rows = prepared.steps("session").collect().to_native().to_pandas()
    first = rows[rows["step"] == 1].set_index("unit")["device"]
    last = rows[rows["next_event"].isna()]
    expected = last.groupby([last["unit"].map(first), "event"]).size()
    table = exits(prepared, by="device").frame
    keys = zip(table["device"], table["event"].map(prepared.code), strict=True)
    assert dict(zip(keys, table["count"], strict=True)) == expected.to_dict()


def test_each_is_one_estimate_and_its_matrix_one_row():
    found = entries(journeys("A: view cart", "B: cart", "B: view"))
    assert found.estimate(event="view").value == pytest.approx(2 / 3)
    assert found.matrix("count").to_dict("records") == [{"cart": 1, "view": 2}]
    assert list(found.checks()) == [("events", 3, 3)]


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_gives_the_same(engine):
    log = random_log(3)
    for view in (entries, exits):
        there = view(prepare(in_engine(log, engine)), by="device").frame
        pd.testing.assert_frame_equal(there, view(prepare(log), by="device").frame)
