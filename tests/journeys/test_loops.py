"""Circles and variants are those of a plain walk along each unit."""

from __future__ import annotations

from collections import Counter, defaultdict

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.journeys import prepare
from cxresearch.journeys.counting_rules import UNITS, Unit
from cxresearch.journeys.loops import back_and_forth, repeats
from tests.journeys import plain
from tests.journeys.logs import logs


@settings(max_examples=10)
@given(log=logs(customers=6, events=100), unit=st.sampled_from(UNITS))
def test_circles_are_those_of_a_plain_walk(log: pd.DataFrame, unit: Unit):
    prepared = prepare(log)
    having, again = defaultdict(set), defaultdict(Counter)
    for key, steps in plain.units_of(prepared, unit).items():
        names = [step.event for step in steps]
        for name, times in Counter(names).items():
            having[name].add(key)
            again[name,] += Counter({key: times - 1})
        for one, other, third in zip(names, names[1:], names[2:], strict=False):
            if one == third != other:
                again[one, other][key] += 1
    results = repeats(prepared, unit=unit), back_and_forth(prepared, unit=unit)
    found = {}
    for result in results:
        assert all(left == right for _, left, right in result.checks())
        for row in result.frame.to_dict("records"):
            found[tuple(row[key] for key in result.keys)] = row
    expected = {key: +times for key, times in again.items() if +times}
    assert set(found) == set(expected)
    for key, times in expected.items():
        row, units = found[key], having[key[0]]
        assert (row["count"], row["of"]) == (len(times), len(units))
        assert row["mean_again"] == pytest.approx(sum(times.values()) / len(units))
        shown = (row["share"], row["ci_low"], row["ci_high"])
        assert shown == pytest.approx(plain.share(times, units), nan_ok=True)


def test_an_event_right_after_itself_comes_again_and_goes_nowhere():
    prepared = plain.journeys("A: view view cart view", "B: view cart view cart view", "C: view")
    assert repeats(prepared).frame[["event", "count", "of", "mean_again"]].to_numpy().tolist() == [
        ["view", 2, 3, 4 / 3],
        ["cart", 1, 2, 0.5],
    ]
    table = back_and_forth(prepared).frame
    assert table[["event", "by", "count", "of", "mean_again"]].to_numpy().tolist() == [
        ["cart", "view", 1, 2, 0.5],
        ["view", "cart", 2, 3, 1.0],
    ]


def test_checks_name_the_event():
    result = repeats(plain.journeys("A: view view", "B: view"))
    assert list(result.checks()) == [("base of view = units that have it", 2, 2)]


def test_labels_make_circles_of_different_events():
    labels = {"home": "shop", "view": "shop", "buy": "till"}
    prepared = plain.journeys("A: home view buy home")
    table = repeats(prepared, labels=labels).frame
    assert table[["event", "mean_again"]].to_numpy().tolist() == [["shop", 2.0]]
    there = back_and_forth(prepared, labels=labels).frame
    assert there[["event", "by"]].to_numpy().tolist() == [["shop", "till"]]
