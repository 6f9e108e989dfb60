"""Totals against plain arithmetic and simulated periods."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cxresearch.stats.means import ratios
from cxresearch.stats.means.ratios import total


def test_by_hand():
    # Three customers spent 10, 20, 30: 60 -+ 1.959964 * sqrt(100 + 400 + 900).
    result = total(3, 60.0, 1400.0, unit="EUR")
    assert result.value == 60.0
    assert result.ci == pytest.approx((60 - 73.3353, 60 + 73.3353), abs=1e-3)
    assert (result.n, result.unit) == (3, "EUR")


def test_a_count_has_the_interval_of_a_poisson_count():
    # One each: the variance of a Poisson count is the count.
    low, high = total(400, 400.0, 400.0, unit="orders", confidence=0.9).ci
    assert (low, high) == pytest.approx((400 - 1.644854 * 20, 400 + 1.644854 * 20), abs=1e-3)


def test_nothing_is_not_a_total_of_zero():
    result = total(0, 0.0, 0.0, unit="EUR")
    assert math.isnan(result.value)
    assert math.isnan(result.ci.low)
    assert result.note == ratios.NO_UNITS


def test_bad_arguments_are_worded():
    with pytest.raises(ValueError, match=r"^xx must be between 0 and inf; got -1\.0$"):
        total(1, 1.0, -1.0, unit="EUR")
    with pytest.raises(ValueError, match=r"^n must be at least 0; got -1$"):
        total(-1, 1.0, 1.0, unit="EUR")


def test_coverage_when_customers_come_by_chance():
    # Periods with Poisson(500) customers who spend log-normally, on 1 + Poisson(1) orders. With
    # amounts this skewed it stays a little below the 95 % it promises.
    rng = np.random.default_rng(7)
    truth = 500 * 2 * math.exp(3 + 0.7**2 / 2)
    covered = 0
    for _ in range(2000):
        spent = rng.lognormal(3, 0.7, n := rng.poisson(500)) * (1 + rng.poisson(1, n))
        low, high = total(n, spent.sum(), spent @ spent, unit="EUR").ci
        covered += low <= truth <= high
    assert 0.93 <= covered / 2000 <= 0.96


def test_amounts_of_0_tell_nothing_of_how_large_another_could_be():
    # One order, cancelled: it brought 0, and not "from 0 to 0 with a confidence of 95 %".
    result = total(1, 0.0, 0.0, unit="EUR")
    assert result.value == 0.0
    assert math.isnan(result.ci.low)
    assert math.isnan(result.ci.high)
    assert result.note == "no interval: every value is the same"
    assert total(2, 0.0, 200.0, unit="EUR").note == ""  # 10 in, 10 out
