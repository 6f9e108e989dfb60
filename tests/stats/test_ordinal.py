"""Superiority against scipy, a count of all pairs, and simulated answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cxresearch.core.comparison import NO_DIFFERENCE_POSSIBLE
from cxresearch.stats.ranks import rank_tests
from cxresearch.stats.ranks.rank_tests import superiority, superiority_of_counts

answers = st.lists(st.integers(1, 7), min_size=2, max_size=30)


@given(answers, answers)
def test_it_is_the_share_of_pairs(first, second):
    pairs = [(b > a) + (b == a) / 2 for a in first for b in second]
    result = superiority(first, second)
    assert result.value == pytest.approx(np.mean(pairs))
    assert result.u == pytest.approx(sum(pairs))
    assert result.cliffs_delta == pytest.approx(
        np.mean([(b > a) - (b < a) for a in first for b in second])
    )


@pytest.mark.parametrize("continuity", [False, True])
@given(first=answers, second=answers)
def test_mann_whitney_is_that_of_scipy(continuity, first, second):
    result = superiority(first, second, continuity=continuity)
    if len({*first, *second}) > 1:
        expected = stats.mannwhitneyu(second, first, use_continuity=continuity, method="asymptotic")
        assert result.u == pytest.approx(expected.statistic)
        # scipy corrects a gap of 0 past 0 and cuts the p-value at 1.
        assert result.p_value == pytest.approx(expected.pvalue, abs=1e-9)


@given(first=answers, second=answers)
def test_brunner_munzel_is_that_of_scipy(first, second):
    result = superiority(first, second, test="brunner_munzel")
    if not math.isnan(result.p_value):
        expected = stats.brunnermunzel(first, second)
        assert result.statistic == pytest.approx(expected.statistic, abs=1e-9)
        assert result.p_value == pytest.approx(expected.pvalue, abs=1e-9)


@given(answers, answers)
def test_swapping_the_groups_mirrors(first, second):
    there, back = superiority(first, second), superiority(second, first)
    assert back.value == pytest.approx(1 - there.value)
    assert back.cliffs_delta == pytest.approx(-there.cliffs_delta)
    assert back.ci == pytest.approx((1 - there.ci.high, 1 - there.ci.low), nan_ok=True)
    assert back.p_value == pytest.approx(there.p_value, nan_ok=True)


@given(answers, answers)
def test_only_the_order_of_the_steps_counts(first, second):
    plain = superiority(first, second)
    bent = superiority([math.exp(a) for a in first], [math.exp(b) for b in second])
    assert bent.value == pytest.approx(plain.value)
    assert bent.ci == pytest.approx(plain.ci, nan_ok=True)
    assert not plain.ci.low > plain.value
    assert not plain.ci.high < plain.value


@given(answers, answers, st.sampled_from(["mann_whitney", "brunner_munzel"]))
def test_counts_tell_the_same_as_answers(first, second, test):
    # A value that nobody gave changes nothing.
    tables = [[group.count(level) for level in range(9)] for group in (first, second)]
    told = superiority_of_counts(*tables, test=test).to_dict()
    assert told == pytest.approx(superiority(first, second, test=test).to_dict(), nan_ok=True)


def test_millions_cost_no_more_than_ten():
    few, many = [10, 20, 30, 40], [15, 25, 30, 30]
    small = superiority_of_counts(few, many)
    large = superiority_of_counts([n * 10**6 for n in few], [n * 10**6 for n in many])
    assert large.value == pytest.approx(small.value)
    width = [result.ci.high - result.ci.low for result in (small, large)]
    assert width[0] / width[1] == pytest.approx(1000, rel=0.05)


def test_edges():
    assert superiority_of_counts([], []).note == rank_tests.NO_GROUP
    empty = superiority([], [1, 2])
    assert math.isnan(empty.value)
    assert math.isnan(empty.p_value)
    assert empty.note == rank_tests.NO_GROUP
    alike = superiority([3, 3], [3, 3])
    assert (alike.value, alike.note) == (0.5, NO_DIFFERENCE_POSSIBLE)
    assert math.isnan(alike.p_value)
    apart = superiority([1, 2, 2], [4, 5, 4])
    assert (apart.value, apart.cliffs_delta, apart.note) == (1, 1, rank_tests.NO_INTERVAL)
    assert math.isnan(apart.ci.low)
    assert apart.p_value < 0.1
    assert superiority([1], [2]).note == rank_tests.NO_INTERVAL


def test_bad_arguments_are_worded():
    with pytest.raises(ValueError, match=r"^second must be finite \(1 of 2 values are not\)"):
        superiority([1, 2], [1, math.nan])
    with pytest.raises(ValueError, match=r"^test must be one of 'mann_whitney', .*; got 't'$"):
        superiority([1], [2], test="t")
    with pytest.raises(TypeError, match=r"^first must be a whole number; got 0\.5$"):
        superiority_of_counts([0.5, 1], [1, 2])
    with pytest.raises(ValueError, match=r"^second must be between 0 and inf; got -1\.0$"):
        superiority_of_counts([1, 1], [-1, 2])


def test_coverage_of_five_steps_where_one_group_varies_more():
    rng = np.random.default_rng(10)
    p, q = np.array([0.05, 0.1, 0.3, 0.35, 0.2]), np.array([0.3, 0.1, 0.05, 0.1, 0.45])
    truth = sum(q[j] * (p[:j].sum() + p[j] / 2) for j in range(5))
    first, second = rng.choice(5, (1500, 40), p=p), rng.choice(5, (1500, 25), p=q)
    intervals = [superiority(a, b).ci for a, b in zip(first, second, strict=True)]
    assert 0.93 <= np.mean([low <= truth <= high for low, high in intervals]) <= 0.97
