"""Dunnett's test against published tables, scipy, and simulated experiments."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cxresearch.stats.means.estimators import ValueWithVariance, difference
from cxresearch.stats.means.sample_means import Sample
from cxresearch.stats.multiplicity.simultaneous_intervals import critical_value, dunnett, inside


def pooled(samples):
    df = sum(len(values) - 1 for values in samples)
    variance = sum((len(values) - 1) * np.var(values, ddof=1) for values in samples) / df
    return [
        ValueWithVariance(
            n=len(values), value=float(np.mean(values)), variance=variance / len(values)
        )
        for values in samples
    ], df


@pytest.mark.parametrize(
    ("treatments", "df", "expected"),
    # Dunnett (1964), Biometrics 20, 482-491, table II: two-sided, joint confidence .95.
    [
        (1, 5, 2.57),
        (2, 10, 2.57),
        (3, 20, 2.54),
        (4, 60, 2.51),
        (9, 120, 2.73),
        (5, math.inf, 2.51),
    ],
)
def test_the_table_of_dunnett(treatments, df, expected):
    found = critical_value([0.5**0.5] * treatments, df=df, confidence=0.95)
    assert found == pytest.approx(expected, abs=0.006)


@pytest.mark.parametrize(
    ("treatments", "df", "expected"),
    # Dunnett (1955), J. Am. Stat. Assoc. 50, 1096-1121, table 1a: one-sided, .95.
    [(1, 10, 1.81), (2, 10, 2.15), (3, 20, 2.19), (5, math.inf, 2.23)],
)
def test_the_one_sided_table_of_dunnett(treatments, df, expected):
    found = critical_value([0.5**0.5] * treatments, df=df, confidence=0.95, sides=1)
    assert found == pytest.approx(expected, abs=0.006)


def test_it_is_that_of_scipy():
    # The blood counts of Dunnett (1955), as scipy.stats.dunnett documents them.
    samples = [
        [7.40, 8.50, 7.20, 8.24, 9.84, 8.32],
        [9.76, 8.80, 7.68, 9.36],
        [12.80, 9.68, 12.16, 9.20, 10.55],
    ]
    expected = stats.dunnett(*samples[1:], control=samples[0], rng=np.random.default_rng(1))
    quantities, df = pooled(samples)
    result = dunnett(quantities[0], quantities[1:], unit="EUR", df=df)
    assert [one.statistic for one in result] == pytest.approx(expected.statistic.tolist())
    assert [one.p_value for one in result] == pytest.approx(expected.pvalue.tolist(), abs=2e-4)
    bounds = expected.confidence_interval()
    for one, low, high in zip(result, bounds.low, bounds.high, strict=True):
        assert one.ci == pytest.approx((low, high), abs=5e-3)


def test_the_integral_is_that_of_scipys_multivariate_normal():
    b = np.array([0.3, 0.6, 0.8])
    covariance = np.outer(b, b) + np.diag(1 - b**2)
    # scipy integrates at random points: from one seed, and so many that the error is 1e-7.
    normal = stats.multivariate_normal(
        cov=covariance, seed=1, maxpts=500_000, abseps=1e-7, releps=1e-7
    )
    expected = normal.cdf(np.full(3, 2.0), lower_limit=np.full(3, -2.0))
    assert inside(2.0, b) == pytest.approx(expected, abs=1e-6)


def test_one_treatment_is_the_plain_test():
    control, treatment = (
        ValueWithVariance.of_mean(Sample.of([4, 5, 7, 6])),
        ValueWithVariance.of_mean(Sample.of([7, 8, 6, 9])),
    )
    (result,) = dunnett(control, [treatment], unit="EUR")
    plain = difference(control, treatment, unit="EUR")
    assert result.ci == pytest.approx(plain.ci)
    assert result.p_value == pytest.approx(plain.p_value)


@given(st.integers(1, 8), st.floats(0.05, 0.99), st.floats(3, 500), st.floats(0.5, 0.99))
def test_it_lies_between_one_test_and_bonferroni(treatments, b, df, confidence):
    found = critical_value([b] * treatments, df=df, confidence=confidence)
    tail = (1 - confidence) / 2
    assert stats.t.isf(tail, df) - 1e-6 <= found <= stats.t.isf(tail / treatments, df) + 1e-6


def test_a_treatment_without_variance_is_left_out():
    control = ValueWithVariance(n=10, value=1.0, variance=0.04)
    lacking, fine = (
        ValueWithVariance.of_proportion(0, 0),
        ValueWithVariance(n=10, value=1.5, variance=0.04),
    )
    first, second = dunnett(control, [lacking, fine], unit="EUR")
    assert first.note
    assert math.isnan(first.p_value)
    assert second.p_value == pytest.approx(difference(control, fine, unit="EUR").p_value)


def test_bad_arguments_are_worded():
    control = ValueWithVariance(n=10, value=1.0, variance=0.04)
    with pytest.raises(ValueError, match=r"^the number of treatments must be at least 1; got 0$"):
        dunnett(control, [], unit="EUR")
    with pytest.raises(ValueError, match=r"^shared must be between 0 and 1; got 2"):
        critical_value([2.0], confidence=0.95)


def test_all_intervals_hold_together():
    # Four treatments without effect, unequal sizes and variances: 3,000 normal experiments.
    rng = np.random.default_rng(7)
    variances = np.array([0.02, 0.04, 0.09, 0.02, 0.05])
    draws = rng.normal(0, np.sqrt(variances), (3000, 5))
    b = np.sqrt(variances[0] / (variances[0] + variances[1:]))
    statistics = np.abs(draws[:, 1:] - draws[:, :1]) / np.sqrt(variances[0] + variances[1:])
    false = np.mean(statistics.max(axis=1) > critical_value(b, confidence=0.95))
    assert 0.04 <= false <= 0.06
    assert np.mean(statistics.max(axis=1) > 1.96) > 0.12
