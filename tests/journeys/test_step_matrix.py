"""The step matrix, counted again from plain lists."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.journeys import prepare, step_matrix, transitions
from cxresearch.journeys.counting_rules import UNITS
from tests.journeys.logs import ENGINES, in_engine, logs, random_log
from tests.journeys.plain import journeys, share, units_of


@given(logs(), st.sampled_from(UNITS), st.integers(1, 5))
@settings(max_examples=20)
def test_the_matrix_is_that_of_plain_lists(log, unit, steps):
    prepared = prepare(log)
    units = units_of(prepared, unit)
    longest = min(steps, max((len(way) for way in units.values()), default=0))
    expected = {}
    for step in range(1, longest + 1):
        at = {
            key: way[step - 1].event if len(way) >= step else "(exit)" for key, way in units.items()
        }
        for event in set(at.values()):
            inside = [key for key, here in at.items() if here == event]
            customers = len({customer for customer, _ in inside})
            expected[step, event] = (len(inside), len(inside), customers, *share(inside, units))
    table = step_matrix(prepared, steps=steps, unit=unit).frame
    names = ["count", "units", "customers", "share", "ci_low", "ci_high"]
    found = {(row["step"], row["event"]): row for row in table.to_dict("records")}
    assert set(found) == set(expected)
    for cell, numbers in expected.items():
        assert [found[cell][name] for name in names] == pytest.approx(numbers, nan_ok=True)
    assert (table.groupby("step")["share"].sum() - 1).abs().max() < 1e-12 or table.empty


def test_who_has_ended_is_gone_at_every_later_step():
    found = step_matrix(journeys("A: view", "B: view cart buy", "B: cart"))
    assert found.matrix("count").to_dict() == {
        1: {"buy": 0, "cart": 1, "view": 2, "(exit)": 0},
        2: {"buy": 0, "cart": 1, "view": 0, "(exit)": 2},
        3: {"buy": 1, "cart": 0, "view": 0, "(exit)": 2},
    }
    assert list(found.matrix().index) == ["buy", "cart", "view", "(exit)"]
    assert [left == right for _, left, right in found.checks()] == [True] * 3


def test_steps_of_labels_are_steps_of_what_they_name():
    labels = {"view": "look", "cart": "look", "buy": "buy"}
    found = step_matrix(journeys("A: view cart buy", "B: cart"), labels=labels)
    assert found.matrix("count")[2].to_dict() == {"buy": 0, "look": 1, "(exit)": 1}


def test_the_first_step_is_what_follows_the_start():
    prepared = prepare(random_log(1))
    begun = transitions(prepared).frame.query("source == '(start)'").reset_index(drop=True)
    first = step_matrix(prepared, steps=1).frame
    pd.testing.assert_series_equal(first["ci_low"], begun["ci_low"])


def test_a_unit_is_in_the_group_of_its_first_event():
    prepared = prepare(random_log(2))
    rows = prepared.steps("session").collect().to_native().to_pandas()
    first = rows[rows["step"] == 1].set_index("unit")["device"]
    second = rows[rows["step"] == 2]
    expected = Counter(zip(second["unit"].map(first), second["event"], strict=True))
    table = step_matrix(prepared, by="device").frame
    at_two = table[(table["step"] == 2) & (table["event"] != "(exit)")]
    found = zip(at_two["device"], at_two["event"].map(prepared.code), strict=True)
    assert dict(zip(found, at_two["count"], strict=True)) == expected
    assert set(table.groupby("device")["of"].first()) == set(first.value_counts())


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_gives_the_same(engine):
    log = random_log(3)
    there = step_matrix(prepare(in_engine(log, engine)), by="device").frame
    pd.testing.assert_frame_equal(there, step_matrix(prepare(log), by="device").frame)


def test_a_bad_argument_is_named():
    with pytest.raises(ValueError, match=r"^steps must be at least 1; got 0$"):
        step_matrix(journeys("A: view"), steps=0)
