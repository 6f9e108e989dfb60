"""Differences of two incidence curves against plain shares, means, and simulated groups."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.core.comparison import NO_DIFFERENCE_POSSIBLE
from cxresearch.stats import incidence
from cxresearch.stats.differences import mover
from cxresearch.stats.incidence import cumulative_incidence
from cxresearch.stats.incidence_differences import (
    difference_of_incidence,
    difference_of_restricted_means,
)
from cxresearch.stats.outcome_counts import OutcomeCounts

BOTH = (difference_of_incidence, difference_of_restricted_means)
customers = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 2)), min_size=1, max_size=40)


def curve_of(durations, outcomes, unit="days", **options):
    counts = OutcomeCounts.from_arrays(durations, outcomes)
    return cumulative_incidence(counts, unit=unit, **options)


def test_complete_groups_differ_as_their_shares():
    first, second = curve_of([1] * 30 + [2] * 70, [1] * 30 + [2] * 70), curve_of(
        [1] * 50 + [2] * 50, [1] * 50 + [2] * 50
    )  # fmt: skip
    result = difference_of_incidence(first, second, 3)
    error = math.sqrt(0.3 * 0.7 / 100 + 0.5 * 0.5 / 100)
    assert (result.value, result.n, result.unit) == (pytest.approx(0.2), 200, "share difference")
    assert result.statistic == pytest.approx(0.2 / error)
    assert result.p_value == pytest.approx(math.erfc(0.2 / error / math.sqrt(2)))
    assert result.ci == pytest.approx(mover(first.at(3), second.at(3)))
    assert difference_of_incidence(first, second, 1).p_value == pytest.approx(result.p_value)


def test_complete_groups_differ_as_their_means():
    waits = [1.0, 2, 2, 3, 9], [2.0, 4, 5, 8, 9]
    first, second = (curve_of(wait, [1] * 5) for wait in waits)
    result = difference_of_restricted_means(first, second, 7)
    cut = [np.minimum(wait, 7) for wait in waits]
    error = math.sqrt(sum(np.var(wait) / 5 for wait in cut))
    assert result.value == pytest.approx(cut[1].mean() - cut[0].mean())
    assert result.ci == pytest.approx(
        (result.value - 1.959964 * error, result.value + 1.959964 * error)
    )
    assert result.statistic == pytest.approx(result.value / error)
    assert (result.unit, result.test) == ("days", "Wald z test")


@pytest.mark.parametrize("difference", BOTH)
@given(first=customers, second=customers)
def test_swapping_the_groups_flips_the_sign(difference, first, second):
    a, b = (curve_of(*zip(*rows, strict=True)) for rows in (first, second))
    there, back = difference(a, b, 3), difference(b, a, 3)
    assert back.value == pytest.approx(-there.value, nan_ok=True)
    assert back.ci == pytest.approx((-there.ci.high, -there.ci.low), nan_ok=True)
    assert back.p_value == pytest.approx(there.p_value, nan_ok=True)
    assert back.note == there.note
    assert not there.ci.low > there.value
    assert not there.ci.high < there.value


@pytest.mark.parametrize("difference", BOTH)
def test_edges(difference):
    short, long = curve_of([1, 2], [1, 0]), curve_of([1, 2, 5], [1, 2, 0])
    beyond = difference(short, long, 4)
    assert math.isnan(beyond.value)
    assert math.isnan(beyond.ci.low)
    assert math.isnan(beyond.p_value)
    assert beyond.note == incidence.NOT_FOLLOWED
    assert difference(short, long, 2).note == incidence.FEW_FOLLOWED
    assert difference(curve_of([], []), long, 2).note == incidence.NO_CUSTOMERS
    alike = difference(curve_of([3], [0]), curve_of([3], [0]), 2)
    assert (alike.value, alike.note) == (0, NO_DIFFERENCE_POSSIBLE)
    assert math.isnan(alike.p_value)
    assert difference(curve_of([3], [0]), curve_of([3], [0]), 4).note == incidence.NOT_FOLLOWED


def test_no_event_in_one_group_leaves_an_interval():
    none, some = curve_of([5] * 100, [0] * 100), curve_of([1] * 20 + [5] * 80, [1] * 20 + [0] * 80)
    result = difference_of_incidence(none, some, 4)
    assert result.value == pytest.approx(0.2)
    assert 0 < result.ci.low < 0.2 < result.ci.high
    before = difference_of_incidence(none, some, 0.5)
    assert (before.value, before.note) == (0, NO_DIFFERENCE_POSSIBLE)
    assert before.ci.low < 0 < before.ci.high


@pytest.mark.parametrize("difference", BOTH)
def test_bad_arguments_are_worded(difference):
    days = curve_of([1], [1])
    with pytest.raises(ValueError, match=r"^unit of second must be one of 'days'; got 'hours'$"):
        difference(days, curve_of([1], [1], unit="hours"), 1)
    with pytest.raises(ValueError, match=r"^confidence of second must be one of 0\.95; got 0\.9$"):
        difference(days, curve_of([1], [1], confidence=0.9), 1)


def test_coverage_with_unlike_follow_up():
    # The second group came later, so it is watched for half as long: no reason to differ in waits.
    rng, runs, horizon = np.random.default_rng(11), 500, 6.0
    rates = (0.05, 0.10)
    shares = [1 - math.exp(-rate * horizon) for rate in rates]
    truths = shares[1] - shares[0], shares[1] / rates[1] - shares[0] / rates[0]
    covered = np.zeros(2)
    for _ in range(runs):
        curves = []
        for rate, period in zip(rates, (30, 15), strict=True):
            wait, sight = rng.exponential(1 / rate, 120), period * rng.random(120)
            curves.append(curve_of(np.minimum(wait, sight), wait <= sight))
        for place, (difference, truth) in enumerate(zip(BOTH, truths, strict=True)):
            ci = difference(*curves, horizon).ci
            covered[place] += ci.low <= truth <= ci.high
    assert ((covered / runs >= 0.93) & (covered / runs <= 0.97)).all(), covered / runs


def test_groups_alike_are_seldom_told_apart():
    rng, runs = np.random.default_rng(12), 600
    found = np.zeros(2)
    for _ in range(runs):
        curves = []
        for _ in range(2):
            wait, sight = rng.exponential(10, 100), 20 * rng.random(100)
            how = np.where(rng.random(100) < 0.6, 1, 2)
            curves.append(curve_of(np.minimum(wait, sight), np.where(wait <= sight, how, 0)))
        found += [difference(*curves, 8).p_value < 0.05 for difference in BOTH]
    assert (found / runs <= 0.07).all(), found / runs
