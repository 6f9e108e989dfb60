"""Quantiles against numpy and textbook places, with exact coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.stats.ranks import quantiles
from cxresearch.stats.ranks.quantiles import median, quantile, ranks

values = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=80)


def chance_between(n: int, q: float, low: int, high: int) -> float:
    """Return the chance that low <= (values below the quantile) < high."""
    return sum(math.comb(n, k) * q**k * (1 - q) ** (n - k) for k in range(low, high))


@pytest.mark.parametrize(("n", "low", "high"), [(10, 2, 9), (20, 6, 15), (50, 18, 33), (6, 1, 6)])
def test_published_places_of_the_median(n, low, high):
    # Conover (1999), table A3 via section 3.2; the sign test's intervals at 95 %.
    assert ranks(n, 0.5, confidence=0.95) == (low, high)


@pytest.mark.parametrize("q", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("n", [40, 133, 500])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_places_are_the_narrowest_of_their_tails(q, n, confidence):
    low, high = ranks(n, q, confidence=confidence)
    tail = (1 - confidence) / 2
    assert chance_between(n, q, low, high) >= confidence
    assert chance_between(n, q, 0, low) <= tail < chance_between(n, q, 0, low + 1)
    assert chance_between(n, q, high, n + 1) <= tail < chance_between(n, q, high - 1, n + 1)


def test_by_hand():
    # Ten values: places 2 and 9; the mean of the fifth and the sixth.
    result = median([10, 1, 9, 2, 8, 3, 7, 4, 6, 5], unit="s")
    assert result.value == 5.5
    assert result.ci == (2, 9)
    assert (result.n, result.unit, result.note) == (10, "s", "")


@given(values, st.floats(0.01, 0.99))
def test_the_point_is_of_type_7(sample, q):
    result = quantile(sample, q, unit="s")
    assert result.value == np.quantile(sample, q)
    if not result.note:
        assert result.ci.low <= result.value <= result.ci.high
        assert {*result.ci} <= {*sample}


@given(values)
def test_the_order_does_not_matter_and_the_mirror_mirrors(sample):
    plain, mirror = median(sample, unit="s"), median([-v for v in sample], unit="s")
    assert median(sample[::-1], unit="s").ci == pytest.approx(plain.ci, nan_ok=True)
    assert mirror.ci == pytest.approx((-plain.ci.high, -plain.ci.low), nan_ok=True)


def test_more_confidence_is_wider():
    sample = np.random.default_rng(1).lognormal(size=200)
    widths = [
        np.diff(quantile(sample, 0.9, unit="s", confidence=confidence).ci)[0]
        for confidence in (0.5, 0.8, 0.95, 0.99)
    ]
    assert widths == sorted(widths)


def test_edges():
    nothing = median([], unit="s")
    assert math.isnan(nothing.value)
    assert math.isnan(nothing.ci.low)
    assert math.isnan(nothing.ci.high)
    assert nothing.note == quantiles.NO_VALUES
    five = median([1, 2, 3, 4, 5], unit="s")
    assert five.value == 3
    assert math.isnan(five.ci.low)
    assert math.isnan(five.ci.high)
    assert five.note == quantiles.TOO_FEW_FOR_INTERVAL
    high = quantile(range(30), 0.9, unit="s")  # only the upper end is beyond the largest value
    assert high.ci.low == 22
    assert math.isnan(high.ci.high)
    assert high.note == quantiles.TOO_FEW_FOR_INTERVAL
    alike = median([4.0] * 9, unit="s")
    assert (alike.value, *alike.ci, alike.note) == (4, 4, 4, "")


def test_bad_arguments_are_worded():
    with pytest.raises(ValueError, match=r"^q must be strictly between 0 and 1; got 90$"):
        quantile([1.0], 90, unit="s")
    with pytest.raises(ValueError, match=r"^values must be finite \(1 of 2 values are not\)"):
        median([1.0, math.nan], unit="s")


def test_coverage_where_the_values_are_skewed():
    rng = np.random.default_rng(5)
    truth = math.exp(1.2815515655446004)
    covered = sum(
        low <= truth <= high
        for low, high in (quantile(rng.lognormal(size=120), 0.9, unit="s").ci for _ in range(1500))
    )
    assert 0.94 <= covered / 1500 <= 0.98
