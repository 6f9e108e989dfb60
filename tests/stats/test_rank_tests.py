"""Kruskal-Wallis and Wilcoxon against scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cxresearch.core.comparison import NO_DIFFERENCE_POSSIBLE, NO_GROUP
from cxresearch.stats.ranks.rank_tests import kruskal_wallis, signed_rank
from cxresearch.stats.shares.paired import NO_CHANGE

answers = st.lists(st.integers(1, 7), min_size=1, max_size=20)
pairs = st.lists(st.tuples(st.integers(1, 7), st.integers(1, 7)), min_size=1, max_size=40)


@given(st.lists(answers, min_size=2, max_size=4))
def test_kruskal_wallis_is_that_of_scipy(groups):
    result = kruskal_wallis(groups)
    if len({answer for group in groups for answer in group}) > 1:
        expected = stats.kruskal(*groups)
        assert result.statistic == pytest.approx(expected.statistic, abs=1e-9)
        assert result.p_value == pytest.approx(expected.pvalue, abs=1e-9)
        assert (result.df, result.n) == (len(groups) - 1, sum(map(len, groups)))


@pytest.mark.parametrize("continuity", [False, True])
@given(units=pairs)
def test_signed_rank_is_that_of_scipy(continuity, units):
    first, second = (np.array(column) for column in zip(*units, strict=True))
    result = signed_rank(first, second, continuity=continuity)
    gap = second - first
    # scipy corrects a gap of 0 past 0.
    ranks = stats.rankdata(np.abs(gap[gap != 0]))
    middle = ranks[gap[gap != 0] > 0].sum() == ranks.sum() / 2
    if gap.any() and not (continuity and middle):
        expected = stats.wilcoxon(second, first, correction=continuity, method="asymptotic")
        assert result.p_value == pytest.approx(expected.pvalue, abs=1e-9)
    assert result.n == np.count_nonzero(gap)


def test_signed_rank_by_hand():
    # Changes 2 0 3 -1 2 1: ranks 3.5, 5, 1.5 (fell), 3.5, 1.5; W = 13.5; the mean is 7.5 and the
    # variance 5 * 6 * 11 / 24 - (6 + 6) / 48.
    result = signed_rank([3, 4, 2, 5, 3, 4], [5, 4, 5, 4, 5, 5])
    assert result.statistic == pytest.approx(36 / (13.75 - 0.25))
    assert result.n == 5


def test_edges():
    alike = kruskal_wallis([[3, 3], [3]])
    assert math.isnan(alike.p_value)
    assert alike.note == NO_DIFFERENCE_POSSIBLE
    single = kruskal_wallis([[3, 4], []])
    assert math.isnan(single.statistic)
    assert single.note == NO_GROUP
    assert kruskal_wallis([]).n == 0
    still = signed_rank([3, 4], [3, 4])
    assert math.isnan(still.p_value)
    assert still.note == NO_CHANGE


def test_bad_arguments_are_worded():
    with pytest.raises(ValueError, match=r"^second must be as long as first, 2 values; got 1$"):
        signed_rank([1, 2], [1])
    with pytest.raises(ValueError, match=r"^answers must be finite \(1 of 1 values are not\)"):
        kruskal_wallis([[1], [math.nan]])
