"""Dwell and durations, timed again from plain lists."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.core.unit_sums import RatioSums
from cxresearch.journeys import durations, dwell, prepare
from cxresearch.journeys.counting_rules import UNITS
from cxresearch.stats.means.ratios import ratio_of_sums
from tests.journeys.logs import ENGINES, in_engine, logs, random_log
from tests.journeys.plain import journeys, units_of

TIMES = ["n", "q1_s", "median_s", "q3_s", "mean_s", "ci_low", "ci_high"]


def timed(seconds: dict[str, list[float]]) -> list[float]:
    """Return what is expected of times in seconds, given those of each customer."""
    whole = [time for times in seconds.values() for time in times]
    if not whole:
        return [0] + [math.nan] * (len(TIMES) - 1)
    sums = RatioSums.from_arrays(
        [sum(times) for times in seconds.values()], [len(times) for times in seconds.values()]
    )
    mean = ratio_of_sums(sums, unit="s", low=0.0)
    return [len(seconds), *np.quantile(whole, [0.25, 0.5, 0.75]), mean.value, *mean.ci]


@given(logs(), st.sampled_from(UNITS))
@settings(max_examples=15)
def test_they_are_those_of_plain_lists(log, unit):
    prepared = prepare(log)
    at, last = defaultdict(lambda: defaultdict(list)), defaultdict(int)
    whole = defaultdict(list)
    for (customer, _), way in units_of(prepared, unit).items():
        for here, there in pairwise(way):
            at[here.event][customer].append((there.ts_us - here.ts_us) / 1e6)
        last[way[-1].event] += 1
        whole[customer].append((way[-1].ts_us - way[0].ts_us) / 1e6)
    table = dwell(prepared, unit=unit).frame
    assert set(table["event"]) == set(at) | set(last)
    for row in table.to_dict("records"):
        assert [row[name] for name in TIMES] == pytest.approx(timed(at[row["event"]]), nan_ok=True)
        assert row["last"] == last[row["event"]]
        assert row["count"] - row["last"] == sum(map(len, at[row["event"]].values()))
    (row,) = durations(prepared, unit=unit).frame.to_dict("records")
    assert [row[name] for name in TIMES] == pytest.approx(timed(whole), nan_ok=True)
    assert row["count"] == sum(map(len, whole.values()))


def test_the_last_event_of_a_unit_has_no_time_and_is_counted():
    table = dwell(journeys("A: view cart view", "B: view", minutes=2.0)).frame
    assert table[["event", "count", "last", "median_s"]].to_dict("records") == [
        {"event": "cart", "count": 1, "last": 0, "median_s": 120.0},
        {"event": "view", "count": 3, "last": 2, "median_s": 120.0},
    ]


def test_a_session_of_one_event_lasts_no_time():
    (row,) = durations(journeys("A: view cart", "B: view")).frame.to_dict("records")
    assert (row["count"], row["single"], row["mean_s"], row["n"]) == (2, 1, 30.0, 2)


def test_every_group_has_times_of_its_own():
    log = random_log(2)
    prepared = prepare(log)
    rows = prepared.steps("session").collect().to_native().to_pandas()
    expected = rows.groupby(["device", "event"])["to_next_us"].median() / 1e6
    table = dwell(prepared, by="device").frame
    keys = list(zip(table["device"], table["event"].map(prepared.code), strict=True))
    assert table["median_s"].tolist() == pytest.approx(expected.loc[keys].tolist())
    first = rows[rows["step"] == 1].groupby("device").size()
    grouped = durations(prepared, by="device").frame
    assert grouped.set_index("device")["count"].to_dict() == first.to_dict()


def test_labels_are_timed_instead_of_events():
    labels = {"view": "look", "cart": "look"}
    table = dwell(journeys("A: view cart view"), labels=labels).frame
    assert table[["event", "count", "last"]].to_numpy().tolist() == [["look", 3, 1]]


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_gives_the_same(engine):
    log = random_log(3)
    for times in (dwell, durations):
        there = times(prepare(in_engine(log, engine)), by="device").frame
        pd.testing.assert_frame_equal(there, times(prepare(log), by="device").frame)


def test_the_mean_says_how_it_was_found_and_is_given_as_a_copy():
    found = dwell(journeys("A: view cart", "B: view cart"), confidence=0.9)
    assert found.method == "ratio of sums over clusters, linearised, t"
    assert (found.confidence, found.rules.unit) == (0.9, "session")
    assert found.to_frame() is not found.frame
    with pytest.raises(ValueError, match=r"^confidence must be strictly between 0 and 1; got 1$"):
        durations(journeys("A: view"), confidence=1)
