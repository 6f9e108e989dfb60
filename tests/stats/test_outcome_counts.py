"""Counting outcomes, and putting counts of any order in order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.stats.survival.aalen_johansen import OutcomeCounts

customers = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 2)), max_size=60)


def lists(counts):
    return [column.tolist() for column in counts.sorted()]


@given(customers)
def test_it_counts_each_customer_once(rows):
    durations, outcomes = [time for time, _ in rows], [outcome for _, outcome in rows]
    times, events, competing, censored = lists(OutcomeCounts.from_arrays(durations, outcomes))
    assert times == sorted(set(durations))
    for outcome, column in ((1, events), (2, competing), (0, censored)):
        assert column == [rows.count((time, outcome)) for time in times]


def test_counts_come_in_any_order_and_in_parts():
    counts = OutcomeCounts(
        times=[4, 1, 4, 2], events=[1, 2, 3, 0], competing=[0, 1, 0, 0], censored=[5, 0, 1, 0]
    )
    assert lists(counts) == [[1, 4], [2, 4], [1, 0], [0, 6]]


def test_swapping_twice_changes_nothing():
    counts = OutcomeCounts.from_arrays([1, 2, 3], [1, 2, 0])
    assert lists(counts.swapped()) == [[1, 2, 3], [0, 1, 0], [1, 0, 0], [0, 0, 1]]
    assert lists(counts.swapped().swapped()) == lists(counts)


def test_nobody_has_no_times():
    assert lists(OutcomeCounts.from_arrays([], [])) == [[], [], [], []]
    zero = OutcomeCounts(times=[3], events=[0], competing=[0], censored=[0])
    assert lists(zero) == [[], [], [], []]


def test_bad_arguments_are_worded():
    with pytest.raises(ValueError, match=r"^outcomes must be one of 0\.0, 1\.0, 2\.0; got 3\.0$"):
        OutcomeCounts.from_arrays([1, 2], [1, 3])
    with pytest.raises(ValueError, match=r"^times must be between 0 and inf; got -1\.0$"):
        OutcomeCounts.from_arrays([-1, 2], [1, 0]).sorted()
    with pytest.raises(ValueError, match=r"^competing must be between 0 and inf; got -2\.0$"):
        OutcomeCounts(times=[1], events=[1], competing=[-2], censored=[0]).sorted()
    with pytest.raises(TypeError, match=r"^censored must be a whole number; got 0\.5$"):
        OutcomeCounts(times=[1], events=[1], competing=[2], censored=[0.5]).sorted()
    with pytest.raises(ValueError, match=r"^events must be as long as times, 1 values; got 2$"):
        OutcomeCounts(times=[1], events=[1, 1], competing=[2, 0], censored=[0, 0]).sorted()


def test_fractions_of_time_are_times():
    counts = OutcomeCounts(
        times=np.array([0.5, 0.25]), events=np.array([1, 1]), competing=[0, 0], censored=[0, 0]
    )
    assert lists(counts)[0] == [0.25, 0.5]
