"""Cochran's Q against statsmodels and simulated segments."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.meta_analysis import combine_effects

from cxresearch.stats.means import strata
from cxresearch.stats.means.estimators import ValueWithVariance, difference
from cxresearch.stats.means.strata import homogeneity

segments = st.lists(
    st.builds(
        ValueWithVariance,
        n=st.just(50),
        value=st.integers(-50, 50).map(lambda tenth: tenth / 10),
        variance=st.floats(0.05, 4),
    ),
    min_size=2,
    max_size=6,
)


def test_by_hand():
    # 1, 2, 6 with variance 1: pooled 3, Q = 4 + 1 + 9 = 14, I squared (14 - 2) / 14.
    parts = [ValueWithVariance(n=50, value=value, variance=1.0) for value in (1.0, 2.0, 6.0)]
    result = homogeneity(parts)
    assert result.statistic == pytest.approx(14)
    assert result.pooled == pytest.approx(3)
    assert result.pooled_ci == pytest.approx((3 - 1.959964 / 3**0.5, 3 + 1.959964 / 3**0.5))
    assert result.i_squared == pytest.approx(12 / 14)
    assert (result.df, result.n) == (2, 150)


@given(segments)
def test_q_of_statsmodels(parts):
    if len({one.value for one in parts}) == 1:
        return  # statsmodels divides by Q
    expected = combine_effects(
        np.array([one.value for one in parts]), np.array([one.variance for one in parts])
    )
    result = homogeneity(parts)
    assert result.statistic == pytest.approx(expected.q, abs=1e-9)
    assert result.pooled == pytest.approx(expected.mean_effect_fe, abs=1e-9)


@given(segments)
def test_two_segments_are_a_difference_of_differences(parts):
    two = homogeneity(parts[:2])
    plain = difference(parts[0], parts[1], unit="EUR")
    assert two.statistic == pytest.approx(plain.statistic**2, abs=1e-9)
    assert two.p_value == pytest.approx(plain.p_value, abs=1e-9)


def test_segments_without_an_effect_are_left_out_and_said():
    parts = [ValueWithVariance(n=50, value=value, variance=1.0) for value in (1.0, 2.0)]
    result = homogeneity([*parts, ValueWithVariance.of_proportion(0, 0)])
    assert result.note == strata.SEGMENTS_LEFT_OUT
    assert (result.df, result.n) == (1, 100)


@pytest.mark.parametrize("parts", [[], [ValueWithVariance(n=50, value=1.0, variance=1.0)]])
def test_fewer_than_two_segments_have_no_test(parts):
    result = homogeneity(parts)
    assert result.note == strata.ONE_SEGMENT
    assert math.isnan(result.statistic)
    assert math.isnan(result.p_value)


def test_confidence_is_checked():
    with pytest.raises(ValueError, match=r"^confidence must be strictly between 0 and 1; got 95$"):
        homogeneity([], confidence=95)


def test_one_effect_everywhere_is_rejected_one_time_in_twenty():
    rng = np.random.default_rng(4)
    variances = [0.5, 1.0, 2.0, 0.2]
    rejected = 0
    for draw in rng.normal(1, np.sqrt(variances), (2000, 4)):
        parts = [
            ValueWithVariance(n=9, value=float(value), variance=variance)
            for value, variance in zip(draw, variances, strict=True)
        ]
        rejected += homogeneity(parts).p_value < 0.05
    assert 0.04 <= rejected / 2000 <= 0.06
