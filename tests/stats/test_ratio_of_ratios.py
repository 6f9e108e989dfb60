"""The quotient of two ratios over clusters, by hand, by simulation and at its edges."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cxresearch.core.unit_sums import CrossSums, RatioSums
from cxresearch.stats.means.ratios import ratio_of_ratios


def crossed(x1: np.ndarray, y1: np.ndarray, x2: np.ndarray, y2: np.ndarray) -> CrossSums:
    return CrossSums(n=len(x1), xx=x1 @ x2, xy=x1 @ y2, yx=y1 @ x2, yy=y1 @ y2)


def quotient(x1: list[float], y1: list[float], x2: list[float], y2: list[float], **options: float):
    arrays = [np.array(values, dtype=float) for values in (x1, y1, x2, y2)]
    first, second = RatioSums.from_arrays(*arrays[:2]), RatioSums.from_arrays(*arrays[2:])
    return ratio_of_ratios(first, second, crossed(*arrays), **options)


def test_by_hand():
    x1, y1, x2, y2 = [3, 1, 2, 0], [4, 2, 3, 3], [1, 1, 2, 0], [1, 1, 3, 1]
    found = quotient(x1, y1, x2, y2, confidence=0.9)
    r1, r2 = 6 / 12, 4 / 6
    assert (found.value, found.n, found.unit) == (pytest.approx(r2 / r1), 4, "times")
    # The logarithm moves with each customer by the difference of the two relative residuals.
    relative = [
        (b - r2 * d) / 6 / r2 - (a - r1 * c) / 12 / r1
        for a, c, b, d in zip(x1, y1, x2, y2, strict=True)
    ]
    error = math.sqrt(4 / 3 * sum(e**2 for e in relative))
    factor = math.exp(stats.t.ppf(0.95, 3) * error)
    assert found.ci == pytest.approx((r2 / r1 / factor, r2 / r1 * factor))


def test_swapping_the_two_turns_it_over():
    x1, y1, x2, y2 = [3, 1, 2, 0], [4, 2, 3, 3], [1, 1, 2, 0], [1, 1, 3, 1]
    there, back = quotient(x1, y1, x2, y2), quotient(x2, y2, x1, y1)
    assert back.value == pytest.approx(1 / there.value)
    assert back.ci == pytest.approx((1 / there.ci.high, 1 / there.ci.low))


@given(st.lists(st.tuples(st.floats(0.1, 9), st.floats(0.1, 9)), min_size=2, max_size=9))
def test_a_ratio_over_itself_is_one_without_spread(pairs: list[tuple[float, float]]):
    x, y = map(list, zip(*pairs, strict=True))
    found = quotient(x, y, x, y)
    assert found.value == 1
    assert math.isnan(found.ci.low)
    assert found.note == "no interval: every independent unit has the same ratio"


@pytest.mark.parametrize(
    ("x1", "x2", "value", "note"),
    [
        ([0, 0], [1, 0], math.nan, "undefined: there is nothing to divide by"),
        ([1, 0], [0, 0], 0, "no interval: a quotient of 0 has no logarithm"),
    ],
)
def test_nothing_on_one_side(x1: list[float], x2: list[float], value: float, note: str):
    found = quotient(x1, [2, 2], x2, [2, 2])
    assert found.value == pytest.approx(value, nan_ok=True)
    assert all(map(math.isnan, found.ci))
    assert found.note == note


def test_one_cluster_has_no_interval():
    found = quotient([1], [2], [1], [1])
    assert found.value == 2
    assert math.isnan(found.ci.low)
    assert found.note == "no interval: it needs at least two independent units"


def test_confidence_is_checked():
    with pytest.raises(ValueError, match="confidence must be strictly between 0 and 1; got 0"):
        quotient([1, 2], [2, 2], [1, 1], [1, 2], confidence=0)


def test_it_covers_when_the_second_is_a_part_of_the_first():
    # Starts of an event among all starts of a customer, both followed or not at her own rate.
    rng = np.random.default_rng(11)
    truth, covered, runs = 0.32 / 0.22, 0, 400
    for _ in range(runs):
        own = rng.beta(2, 8, 250)  # mean 0.2
        a, b = rng.poisson(2, 250), rng.poisson(10, 250)
        x2 = rng.binomial(a, np.minimum(own * 1.6, 1))
        x1, y1 = x2 + rng.binomial(b, own), a + b
        some = a > 0
        second = RatioSums.from_arrays(x2[some], a[some])
        cross = crossed(*(part.astype(float) for part in (x1, y1, x2, a)))
        found = ratio_of_ratios(RatioSums.from_arrays(x1, y1), second, cross)
        covered += found.ci.low <= truth <= found.ci.high
    assert 0.925 <= covered / runs <= 0.975
