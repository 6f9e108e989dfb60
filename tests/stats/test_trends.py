from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm

from cxresearch.stats.control.baselines import NO_TREND, weighted_trend
from cxresearch.stats.means.estimators import ValueWithVariance


def measured(values, variances):
    return [
        ValueWithVariance(n=10, value=value, variance=variance)
        for value, variance in zip(values, variances, strict=True)
    ]


def test_it_is_weighted_least_squares():
    rng = np.random.default_rng(1)
    times = np.arange(12.0)
    variances = rng.uniform(0.5, 2, 12)
    values = 3 - 0.4 * times + rng.normal(0, np.sqrt(variances))
    design = sm.add_constant(times)
    fitted = sm.WLS(values, design, weights=1 / variances).fit()
    # statsmodels scales by the residuals; here the variances are known.
    error = math.sqrt(fitted.normalized_cov_params[1, 1])
    found = weighted_trend(times, measured(values, variances), unit="EUR", confidence=0.9)
    assert found.value == pytest.approx(fitted.params[1])
    assert found.statistic == pytest.approx(fitted.params[1] / error)
    assert found.ci.high - found.value == pytest.approx(1.6448536 * error)
    assert (found.n, found.unit, found.note) == (120, "EUR", "")


def test_measurements_without_a_variance_are_left_out():
    good = measured([1, 2, 3], [1, 1, 1])
    bad = ValueWithVariance(n=1, value=50.0, variance=math.nan)
    found = weighted_trend([0, 1, 2, 3], [*good, bad], unit="")
    assert found.value == pytest.approx(1)


@pytest.mark.parametrize("times", [[], [1.0], [2.0, 2.0]])
def test_too_few_times(times):
    found = weighted_trend(times, measured([1.0] * len(times), [1.0] * len(times)), unit="EUR")
    assert math.isnan(found.value)
    assert math.isnan(found.p_value)
    assert found.note == NO_TREND


def test_time_may_run_backwards_and_start_anywhere():
    values = measured([1.0, 4.0, 2.0], [1.0, 2.0, 0.5])
    one = weighted_trend([0, 1, 2], values, unit="")
    moved = weighted_trend([100, 101, 102], values, unit="")
    turned = weighted_trend([0, -1, -2], values, unit="")
    assert moved.value == pytest.approx(one.value)
    assert turned.value == pytest.approx(-one.value)


def test_false_alarms_are_as_rare_as_promised():
    rng = np.random.default_rng(7)
    variances = rng.uniform(0.5, 2, 20)
    alarms = [
        weighted_trend(range(20), measured(rng.normal(0, np.sqrt(variances)), variances), unit="")
        .p_value < 0.05
        for _ in range(1500)
    ]  # fmt: skip
    # Three standard errors of a share of .05 in 1,500 draws.
    assert np.mean(alarms) == pytest.approx(0.05, abs=3 * math.sqrt(0.05 * 0.95 / 1500))
