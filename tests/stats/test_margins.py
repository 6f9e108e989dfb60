"""Non-inferiority and equivalence against statsmodels, and at the margin itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.weightstats import ttost_ind

from cxresearch.stats.means import estimators
from cxresearch.stats.means.estimators import ValueWithVariance
from cxresearch.stats.means.margins import equivalence, non_inferiority
from cxresearch.stats.means.sample_means import Sample

effects = st.builds(
    ValueWithVariance,
    n=st.just(100),
    value=st.floats(-3, 3),
    variance=st.floats(0.01, 2),
    df=st.floats(3, 500),
)


def test_by_hand():
    # d = -.002, se = .004, margin .01: z = 2; 1 - Phi(2) = .02275; 90 % interval -.002 -+ 1.645 se.
    effect = ValueWithVariance(n=2000, value=-0.002, variance=0.004**2)
    result = non_inferiority(effect, margin=0.01, unit="share")
    assert result.statistic == pytest.approx(2)
    assert result.p_value == pytest.approx(0.0227501319)
    assert result.ci == pytest.approx((-0.0085794145, 0.0045794145))
    assert (result.confidence, result.holds, result.margin) == (pytest.approx(0.9), True, 0.01)


def test_equivalence_of_statsmodels():
    first, second = [4.0, 5, 7, 6, 5, 6], [5.0, 6, 6, 7, 5, 5, 8]
    expected = ttost_ind(np.array(second), np.array(first), -2, 2, usevar="unequal")
    effect = ValueWithVariance.of_mean(Sample.of(second)).minus(
        ValueWithVariance.of_mean(Sample.of(first))
    )
    assert equivalence(effect, margin=2, unit="EUR").p_value == pytest.approx(expected[0])


@given(effects, st.floats(0.1, 3), st.floats(0.6, 0.99))
def test_the_interval_and_the_test_decide_alike(effect, margin, confidence):
    one_way = non_inferiority(effect, margin=margin, unit="EUR", confidence=confidence)
    both = equivalence(effect, margin=margin, unit="EUR", confidence=confidence)
    if abs(one_way.ci.low + margin) > 1e-6:
        assert one_way.holds == (one_way.ci.low > -margin)
    if min(abs(both.ci.low + margin), abs(both.ci.high - margin)) > 1e-6:
        assert both.holds == (-margin < both.ci.low and both.ci.high < margin)
    assert both.p_value >= one_way.p_value - 1e-12


@given(effects, st.floats(0.1, 3))
def test_where_lower_is_better_everything_is_mirrored(effect, margin):
    mirrored = ValueWithVariance(
        n=effect.n, value=-effect.value, variance=effect.variance, df=effect.df
    )
    one = non_inferiority(effect, margin=margin, unit="EUR")
    other = non_inferiority(mirrored, margin=margin, unit="EUR", better="lower")
    assert (other.p_value, other.holds) == (one.p_value, one.holds)


@pytest.mark.parametrize(
    ("effect", "note"),
    [
        (ValueWithVariance(n=0, value=math.nan, variance=math.nan), estimators.NO_NUMBER),
        (ValueWithVariance(n=9, value=0.0, variance=0.0), estimators.NO_VARIANCE),
    ],
)
def test_without_a_variance_nothing_is_shown(effect, note):
    for result in (
        non_inferiority(effect, margin=1, unit="EUR"), equivalence(effect, margin=1, unit="EUR")
    ):  # fmt: skip
        assert result.note == note
        assert not result.holds
        assert math.isnan(result.p_value)


def test_bad_arguments_are_worded():
    effect = ValueWithVariance(n=9, value=0.0, variance=1.0)
    with pytest.raises(ValueError, match=r"^margin must be above 0; got -1$"):
        non_inferiority(effect, margin=-1, unit="EUR")
    with pytest.raises(ValueError, match=r"^better must be one of 'higher', 'lower'; got 'up'$"):
        non_inferiority(effect, margin=1, unit="EUR", better="up")
    with pytest.raises(
        ValueError, match=r"^2 confidence - 1 must be strictly between 0 and 1; got"
    ):
        equivalence(effect, margin=1, unit="EUR", confidence=0.4)


def test_a_treatment_worse_by_the_margin_passes_one_time_in_twenty():
    rng = np.random.default_rng(9)
    passed = sum(
        non_inferiority(
            ValueWithVariance(n=100, value=value, variance=1.0), margin=3, unit="EUR"
        ).holds
        for value in rng.normal(-3, 1, 3000)
    )
    assert 0.04 <= passed / 3000 <= 0.06
