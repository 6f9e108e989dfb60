"""Differences of quantiles against simulated groups."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cxresearch.stats.means import estimators
from cxresearch.stats.ranks.quantiles import (
    difference_of_quantiles,
    median,
    quantile,
)
from cxresearch.stats.shares.differences import mover


def test_it_is_put_together_from_the_two():
    first, second = quantile(range(100), 0.9, unit="s"), quantile(range(50, 250), 0.9, unit="s")
    result = difference_of_quantiles(first, second)
    assert result.value == second.value - first.value
    assert result.ci == mover(first, second)
    widths = [one.ci.high - one.ci.low for one in (first, second)]
    error = math.hypot(*widths) / 2 / 1.959963984540054
    assert result.statistic == pytest.approx(result.value / error)
    assert (result.n, result.unit) == (300, "s")


def test_swapping_flips():
    first, second = median([1, 5, 2, 8, 3, 9, 4], unit="s"), median(range(9), unit="s")
    there, back = difference_of_quantiles(first, second), difference_of_quantiles(second, first)
    assert back.value == -there.value
    assert back.ci == pytest.approx((-there.ci.high, -there.ci.low))
    assert back.p_value == there.p_value


@pytest.mark.parametrize(
    ("values", "note"),
    [([], estimators.NO_NUMBER), ([3], estimators.NO_VARIANCE), ([3, 4], estimators.NO_VARIANCE)],
)
def test_too_few_values_have_no_test(values, note):
    result = difference_of_quantiles(median(range(30), unit="s"), median(values, unit="s"))
    assert result.note == note
    assert math.isnan(result.p_value)


def test_groups_that_never_vary_have_no_interval_of_no_width():
    same = median([5] * 40, unit="s")
    result = difference_of_quantiles(same, same)
    assert (result.value, result.note) == (0, estimators.NO_VARIANCE)
    assert all(map(math.isnan, [*result.ci, result.statistic, result.p_value]))


def test_the_confidences_must_be_one():
    with pytest.raises(ValueError, match=r"^confidence of second must be one of 0\.95; got 0\.9$"):
        difference_of_quantiles(
            median(range(9), unit="s"), median(range(9), unit="s", confidence=0.9)
        )


def test_coverage_of_independent_units():
    rng = np.random.default_rng(1)
    covered = rejected = 0
    for _ in range(1500):
        groups = [quantile(rng.exponential(1, 300), 0.9, unit="s") for _ in range(2)]
        result = difference_of_quantiles(*groups)
        covered += result.ci.low <= 0 <= result.ci.high
        rejected += result.p_value < 0.05
    assert 0.94 <= covered / 1500 <= 0.975
    assert 0.025 <= rejected / 1500 <= 0.06
