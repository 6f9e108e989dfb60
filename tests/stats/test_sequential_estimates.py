"""Estimates after early stopping against simulated experiments and the plain test."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from cxresearch.stats.means import estimators
from cxresearch.stats.means.estimators import ValueWithVariance
from cxresearch.stats.sequential import sequential_estimates
from cxresearch.stats.sequential.group_sequential import spending_boundaries
from cxresearch.stats.sequential.sequential_estimates import as_high, sequential_estimate

POCOCK = spending_boundaries([0.3, 0.6, 1.0], spending="pocock")


def effect_of(z: float, variance: float = 1.0) -> ValueWithVariance:
    return ValueWithVariance(n=100, value=z * math.sqrt(variance), variance=variance)


def test_one_look_is_the_plain_interval():
    result = sequential_estimate(spending_boundaries([1.0]), effect_of(1.5), look=1, unit="EUR")
    assert result.value == pytest.approx(1.5)
    assert result.ci == pytest.approx((1.5 - 1.959964, 1.5 + 1.959964), abs=1e-6)
    assert result.p_value == pytest.approx(2 * stats.norm.sf(1.5))


def test_the_first_look_has_nothing_before_it():
    # Stopped at the first look the order is that of z alone: the plain interval.
    result = sequential_estimate(POCOCK, effect_of(3.0, 0.04), look=1, unit="EUR")
    assert result.ci == pytest.approx((0.6 - 0.2 * 1.959964, 0.6 + 0.2 * 1.959964), abs=1e-6)


def test_the_p_value_is_a_bivariate_normal():
    # At the second look: P(Z1 >= c1) + P(|Z1| < c1, Z2 >= z) with correlation sqrt(.3 / .6).
    c, z = POCOCK.critical[0], 2.6
    normal = stats.multivariate_normal(cov=[[1, math.sqrt(0.5)], [math.sqrt(0.5), 1]], seed=1)
    later = normal.cdf([c, 40], lower_limit=[-c, z])
    assert as_high(POCOCK, 2, z, drift=0.0) == pytest.approx(stats.norm.sf(c) + later, abs=1e-6)
    result = sequential_estimate(POCOCK, effect_of(z), look=2, unit="EUR")
    assert result.p_value == pytest.approx(2 * (stats.norm.sf(c) + later), abs=1e-5)


def test_before_the_end_the_repeated_interval_holds_and_nothing_is_tested():
    result = sequential_estimate(POCOCK, effect_of(1.0, 0.25), look=2, unit="EUR")
    margin = POCOCK.critical[1] * 0.5
    assert result.ci == pytest.approx((0.5 - margin, 0.5 + margin))
    assert result.note == sequential_estimates.GOES_ON
    assert math.isnan(result.p_value)


@settings(max_examples=25)
@given(st.floats(-5, 5))
def test_significant_is_an_interval_without_0(z):
    if abs(abs(z) - POCOCK.critical[2]) < 1e-3:
        return
    result = sequential_estimate(POCOCK, effect_of(z), look=3, unit="EUR")
    assert (result.p_value < 0.05) == (abs(z) > POCOCK.critical[2])
    assert (result.ci.low > 0 or result.ci.high < 0) == (result.p_value < 0.05)
    assert result.ci.low <= result.value <= result.ci.high


@settings(max_examples=25)
@given(st.floats(2.5, 6), st.integers(1, 3))
def test_the_sign_mirrors_everything(z, look):
    there, back = (
        sequential_estimate(POCOCK, effect_of(one), look=look, unit="EUR") for one in (z, -z)
    )
    assert back.value == pytest.approx(-there.value, abs=1e-6)
    assert back.ci == pytest.approx((-there.ci.high, -there.ci.low), abs=1e-6)


def test_without_a_variance_there_is_nothing():
    result = sequential_estimate(
        POCOCK, ValueWithVariance.of_proportion(0, 0), look=3, unit="share"
    )
    assert result.note == estimators.NO_NUMBER
    assert math.isnan(result.ci.low)
    assert math.isnan(result.p_value)


def test_a_look_that_was_not_planned_is_refused():
    with pytest.raises(ValueError, match=r"^look must be between 1 and 3; got 4$"):
        sequential_estimate(POCOCK, effect_of(1.0), look=4, unit="EUR")


def test_a_one_sided_experiment_has_a_one_sided_p():
    boundaries = spending_boundaries([0.5, 1.0], sides=1)
    low = sequential_estimate(boundaries, effect_of(-3.0), look=2, unit="EUR")
    assert low.p_value > 0.99
    high = sequential_estimate(boundaries, effect_of(2.0), look=2, unit="EUR")
    assert high.confidence == pytest.approx(0.9)
    assert high.p_value < 0.05
    assert high.ci.low > 0
    just = sequential_estimate(boundaries, effect_of(boundaries.critical[1]), look=2, unit="EUR")
    assert just.p_value == pytest.approx(0.05, abs=1e-6)
    assert just.ci.low == pytest.approx(0, abs=1e-6)


def test_stopped_experiments_are_covered_and_not_exaggerated():
    # 400 experiments with a drift of 2.5: the plain interval covers too little and the plain
    # estimate is above the truth more often than not; the adjusted ones are right.
    rng = np.random.default_rng(11)
    times = np.array(POCOCK.information)
    steps = np.diff(times, prepend=0)
    paths = rng.normal(2.5 * steps, np.sqrt(steps), (400, 3)).cumsum(axis=1)
    z = paths / np.sqrt(times)
    crossed = np.abs(z) >= POCOCK.critical
    ends = np.where(crossed.any(axis=1), crossed.argmax(axis=1), 2)
    covered = above = plain_above = 0
    for path, end in zip(z, ends.tolist(), strict=True):
        # In units of the drift the effect is z / sqrt(t), with variance 1 / t.
        effect = ValueWithVariance(
            n=100, value=path[end] / math.sqrt(times[end]), variance=1 / times[end]
        )
        result = sequential_estimate(POCOCK, effect, look=end + 1, unit="EUR")
        covered += result.ci.low <= 2.5 <= result.ci.high
        above += result.value > 2.5
        plain_above += effect.value > 2.5
    assert 0.925 <= covered / 400 <= 0.975
    assert 0.44 <= above / 400 <= 0.56
    assert plain_above / 400 > 0.56
