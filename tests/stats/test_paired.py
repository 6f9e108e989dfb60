"""Paired shares against published values, statsmodels, and a plainer search."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar
from scipy.special import ndtri
from statsmodels.stats.contingency_tables import mcnemar

from cxresearch.stats.shares import paired
from cxresearch.stats.shares.paired import difference_of_paired_proportions, tango_interval
from cxresearch.stats.shares.proportions import NO_UNITS

changes = st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40)).filter(any)


def test_published_interval():
    # R PropCIs 0.3.0 scoreci.mp(b = 3, c = 12, n = 20, conf.level = 0.95), which stops at 1e-6.
    low, high = tango_interval(3, 12, 20, confidence=0.95)
    assert (low, high) == pytest.approx((0.074375581741333, 0.705271524190903), abs=2e-6)


@pytest.mark.parametrize(("b", "c", "n"), [(1, 7, 44), (5, 9, 20), (2, 3, 5)])
def test_tango_by_numeric_search(b, c, n):
    z = ndtri(0.975)

    def excess(d):
        def loss(q):
            terms = [(b, q), (c, q + d), (n - b - c, 1 - 2 * q - d)]
            return -sum(x * math.log(max(share, 1e-300)) for x, share in terms if x)

        bounds = (max(0.0, -d), (1 - d) / 2)
        q = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-12}).x
        return abs(c - b - n * d) - z * math.sqrt(n * (2 * q + d * (1 - d)))

    middle = (c - b) / n
    expected = brentq(excess, -1 + 1e-6, middle), brentq(excess, middle, 1 - 1e-6)
    assert tango_interval(b, c, n, confidence=0.95) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("test", "options"),
    [
        ("mcnemar", {"exact": False, "correction": False}),
        ("mcnemar_cc", {"exact": False, "correction": True}),
        ("exact", {"exact": True}),
    ],
)
@pytest.mark.parametrize(("b", "c"), [(1, 7), (10, 4), (0, 6), (25, 31)])
def test_the_tests_of_statsmodels(test, options, b, c):
    result = difference_of_paired_proportions(b, c, 100, test=test)
    assert result.p_value == pytest.approx(mcnemar([[20, b], [c, 20]], **options).pvalue)


def test_mid_p_by_hand():
    # 1 of 8: exact 2 * (1 + 8) / 256; mid-p takes off the chance of the count itself, 8 / 256.
    result = difference_of_paired_proportions(1, 7, 44, test="mid_p")
    assert result.p_value == pytest.approx((18 - 8) / 256)
    assert result.statistic == pytest.approx(6 / math.sqrt(8))


@given(changes)
def test_swapping_the_times_flips_the_sign(counts):
    b, c, same = counts
    n = b + c + same
    there = difference_of_paired_proportions(b, c, n)
    back = difference_of_paired_proportions(c, b, n)
    assert back.value == -there.value
    assert back.ci == pytest.approx((-there.ci.high, -there.ci.low), abs=1e-9)
    assert back.p_value == pytest.approx(there.p_value, nan_ok=True)
    assert -1 <= there.ci.low <= there.value <= there.ci.high <= 1


@given(changes)
def test_interval_and_test_agree(counts):
    b, c, same = counts
    result = difference_of_paired_proportions(b, c, b + c + same)
    if abs(result.p_value - 0.05) > 1e-6:
        assert (result.ci.low <= 0 <= result.ci.high) == (not result.p_value < 0.05)


def test_edges():
    assert tango_interval(0, 0, 20, confidence=0.95).high == pytest.approx(0.16112515805)
    low, high = tango_interval(0, 20, 20, confidence=0.95)
    assert 0.5 < low < high == 1
    nobody = difference_of_paired_proportions(0, 0, 0)
    assert math.isnan(nobody.value)
    assert math.isnan(nobody.ci.low)
    assert nobody.note == NO_UNITS
    alike = difference_of_paired_proportions(0, 0, 9)
    assert (alike.value, alike.note) == (0, paired.NO_CHANGE)
    assert math.isnan(alike.p_value)


def test_bad_arguments_are_worded():
    fault = r"^only_first \+ only_second must be between 0 and 5; got 7$"
    with pytest.raises(ValueError, match=fault):
        difference_of_paired_proportions(3, 4, 5)
    with pytest.raises(ValueError, match=r"^test must be one of 'mcnemar', .*; got 'sign'$"):
        difference_of_paired_proportions(3, 4, 9, test="sign")


def test_exact_coverage_at_20():
    b, c = np.meshgrid(np.arange(21), np.arange(21), indexing="ij")
    pairs = [(i, j) for i, j in zip(b.ravel(), c.ravel(), strict=True) if i + j <= 20]
    intervals = [tango_interval(int(i), int(j), 20, confidence=0.95) for i, j in pairs]
    for p, q in [(0.1, 0.1), (0.05, 0.3), (0.4, 0.2), (0.01, 0.01)]:
        covered = sum(
            math.comb(20, i) * math.comb(20 - i, j) * p**i * q**j * (1 - p - q) ** (20 - i - j)
            for (i, j), (low, high) in zip(pairs, intervals, strict=True)
            if low <= q - p + 1e-12 and high >= q - p - 1e-12
        )
        assert covered >= 0.93
