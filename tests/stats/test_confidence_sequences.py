"""The confidence sequence against gbstats, the mixture it is, and continuous peeking."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from cxresearch.stats.means import estimators
from cxresearch.stats.means.estimators import ValueWithVariance
from cxresearch.stats.sequential.confidence_sequences import confidence_sequence, mixing

CONTROL = ValueWithVariance.of_proportion(1436, 14677)
EFFECT = ValueWithVariance.of_proportion(1523, 14520).minus(CONTROL)

effects = st.builds(
    ValueWithVariance,
    n=st.integers(100, 10**6),
    value=st.floats(-1, 1),
    variance=st.floats(1e-4, 0.1),
)


def test_the_sequence_of_gbstats():
    # gbstats 0.8.0: SequentialTwoSidedTTest, tuning parameter 5000.
    (result,) = confidence_sequence([EFFECT], unit="share")
    assert result.value == pytest.approx(0.007049649092084068)
    assert result.ci == pytest.approx((-0.004156033015287311, 0.018255331199455445), abs=1e-12)
    assert result.p_value == pytest.approx(0.9798943836226184, abs=1e-10)


def test_the_p_value_is_one_over_a_normal_mixture():
    # mSPRT: the likelihood averaged over effects ~ N(0, s**2 r), over that of no effect.
    effect = ValueWithVariance(n=2000, value=0.11, variance=0.001)
    spread = math.sqrt(mixing(0.95, 5000) * effect.n * effect.variance)
    error = math.sqrt(effect.variance)
    mixed, _ = integrate.quad(
        lambda d: stats.norm.pdf(d, 0, spread) * stats.norm.pdf(effect.value, d, error), -1, 1,
        points=[0, 0.11], epsabs=1e-12,
    )  # fmt: skip
    ratio = mixed / stats.norm.pdf(effect.value, 0, error)
    (result,) = confidence_sequence([effect], unit="EUR")
    assert result.p_value == pytest.approx(1 / ratio, rel=1e-6)


@given(effects, st.floats(0.5, 0.999), st.floats(100, 1e5))
def test_the_p_value_is_where_the_interval_leaves_0(effect, confidence, tuned):
    (result,) = confidence_sequence([effect], unit="EUR", confidence=confidence, tuned_for=tuned)
    leaves = result.ci.low > 0 or result.ci.high < 0
    if abs(result.p_value - (1 - confidence)) > 1e-9:
        assert leaves == (result.p_value < 1 - confidence)


@given(effects, st.floats(0.5, 0.99))
def test_it_is_wider_than_one_look_and_grows_with_confidence(effect, confidence):
    (result,) = confidence_sequence([effect], unit="EUR", confidence=confidence)
    z = stats.norm.ppf((1 + confidence) / 2)
    assert result.ci.high - result.value > z * effect.se


def test_it_is_tightest_near_the_size_it_is_tuned_for():
    # At 5,000 units no other tuning gives a shorter interval by more than a trace.
    effect = ValueWithVariance(n=5000, value=0.0, variance=1.0)
    widths = {
        tuned: confidence_sequence([effect], unit="EUR", tuned_for=tuned)[0].ci.high
        for tuned in (500, 2000, 5000, 12000, 50000)
    }
    assert min(widths, key=lambda tuned: widths[tuned]) == 5000


def test_the_smallest_p_so_far_stays():
    looks = [
        ValueWithVariance(n=2000, value=0.3, variance=0.005),
        ValueWithVariance(n=0, value=math.nan, variance=math.nan),
        ValueWithVariance(n=4000, value=0.01, variance=0.0025),
    ]
    with pytest.raises(
        ValueError, match=r"^the fewest new units must be between 0 and inf; got -20"
    ):
        confidence_sequence(looks, unit="EUR")
    first, last = confidence_sequence([looks[0], looks[2]], unit="EUR")
    assert last.p_value == first.p_value < 0.01
    assert last.ci.low < 0 < last.ci.high


def test_a_look_without_a_variance_has_no_interval():
    empty, later = confidence_sequence(
        [ValueWithVariance.of_proportion(0, 0), EFFECT], unit="share"
    )
    assert empty.note == estimators.NO_NUMBER
    assert math.isnan(empty.ci.low)
    assert math.isnan(empty.p_value)
    assert later.p_value == pytest.approx(0.97989, abs=1e-5)


def test_bad_arguments_are_worded():
    with pytest.raises(ValueError, match=r"^tuned_for must be above 0; got 0$"):
        confidence_sequence([EFFECT], unit="share", tuned_for=0)
    with pytest.raises(ValueError, match=r"^confidence must be strictly between 0 and 1; got 1$"):
        confidence_sequence([EFFECT], unit="share", confidence=1)


def test_looking_all_the_time_keeps_the_level():
    # 500 experiments without effect on skewed values, looked at 100 times from 200 to 20,000
    # units: the sequence alarms in at most 5 of 100, a plain test in far more.
    rng = np.random.default_rng(9)
    n = np.arange(100, 10001, 100)
    alarms = naive = 0
    for _ in range(500):
        groups = []
        for _arm in range(2):
            values = rng.exponential(1, 10000)
            mean = values.cumsum()[n - 1] / n
            groups.append((mean, ((values**2).cumsum()[n - 1] / n - mean**2) / (n - 1)))
        (m1, v1), (m2, v2) = groups
        looks = [
            ValueWithVariance(n=2 * int(size), value=float(d), variance=float(v))
            for size, d, v in zip(n, m2 - m1, v1 + v2, strict=True)
        ]
        alarms += confidence_sequence(looks, unit="EUR")[-1].p_value < 0.05
        naive += bool((np.abs(m2 - m1) > 1.96 * np.sqrt(v1 + v2)).any())
    assert alarms / 500 <= 0.05
    assert naive / 500 > 0.25
