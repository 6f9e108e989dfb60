"""Shares against statsmodels and published values, and in clusters against simulated shops."""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from cxresearch.core.unit_sums import RatioSums
from cxresearch.stats.means import ratios
from cxresearch.stats.shares import proportions
from cxresearch.stats.shares.proportions import clustered_proportion, proportion

counts = st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3 (score).
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_published_intervals(successes, n, low, high):
    assert proportion(successes, n).ci == pytest.approx((low, high), abs=5e-5)


@given(counts, st.floats(0.5, 0.999))
def test_it_is_the_wilson_interval_of_statsmodels(pair, confidence):
    successes, n = pair
    result = proportion(successes, n, confidence=confidence)
    expected = proportion_confint(successes, n, alpha=1 - confidence, method="wilson")
    assert result.value == successes / n
    assert result.ci == pytest.approx(expected, abs=1e-12)
    assert 0 <= result.ci.low <= result.value <= result.ci.high <= 1


@given(counts)
def test_the_complement_has_the_mirrored_interval(pair):
    successes, n = pair
    low, high = proportion(successes, n).ci
    assert proportion(n - successes, n).ci == pytest.approx((1 - high, 1 - low))


def test_no_units_have_no_share():
    result = proportion(0, 0)
    assert math.isnan(result.value)
    assert all(math.isnan(bound) for bound in result.ci)
    assert result.note == proportions.NO_UNITS


def test_bad_counts_are_worded():
    with pytest.raises(ValueError, match=r"^successes must be between 0 and 3; got 4$"):
        proportion(4, 3)
    with pytest.raises(TypeError, match=r"^n must be a whole number; got 2\.5$"):
        proportion(1, 2.5)
    with pytest.raises(ValueError, match=r"^n must be at least 0; got -1$"):
        proportion(0, -1)
    with pytest.raises(ValueError, match=r"^method must be one of 'wilson', .*; got 'exact'$"):
        proportion(1, 2, method="exact")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("jeffreys", "jeffreys"),
        ("clopper_pearson", "beta"),
        ("agresti_coull", "agresti_coull"),
        ("wald", "normal"),
    ],
)
@given(pair=counts, confidence=st.floats(0.5, 0.999))
def test_the_other_intervals_are_those_of_statsmodels(ours, theirs, pair, confidence):
    successes, n = pair
    result = proportion(successes, n, confidence=confidence, method=ours)
    expected = proportion_confint(successes, n, alpha=1 - confidence, method=theirs)
    assert result.ci == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    # Newcombe (1998), table I, method 4 (score with continuity correction).
    [
        (81, 263, 0.2535, 0.3682),
        (15, 148, 0.0598, 0.1644),
        (0, 20, 0.0000, 0.2005),
        (1, 29, 0.0018, 0.1963),
    ],
)
def test_published_intervals_with_continuity_correction(successes, n, low, high):
    assert proportion(successes, n, method="wilson_cc").ci == pytest.approx((low, high), abs=5e-5)


def test_unclipped_bounds_pass_0_and_1():
    # R binom 1.1.1.1, binom.confint(0, 20, method = "agresti-coull").
    unclipped = proportion(0, 20, method="agresti_coull", clip=False).ci
    assert unclipped == pytest.approx((-0.0286844024896695, 0.189809560542489), abs=1e-12)
    assert proportion(0, 20, method="agresti_coull").ci == (0, unclipped.high)
    assert proportion(19, 20, method="wald", clip=False).ci.high > 1
    assert proportion(19, 20, method="wald").ci.high == 1


@pytest.mark.parametrize("method", get_args(proportions.Method))
def test_every_method_at_the_edges(method):
    assert all(math.isnan(bound) for bound in proportion(0, 0, method=method).ci)
    low, high = proportion(0, 1, method=method).ci
    assert proportion(1, 1, method=method).ci == pytest.approx((1 - high, 1 - low))
    assert (low == high) == (method == "wald")


def coverage(method: str, n: int, p: float) -> float:
    """Return the exact coverage: the chance of the counts whose interval holds `p`."""
    covered = 0.0
    for x in range(n + 1):
        low, high = proportion(x, n, method=method).ci
        if low <= p <= high:
            covered += math.comb(n, x) * p**x * (1 - p) ** (n - x)
    return covered


def test_exact_coverage_at_30():
    shares = np.linspace(0.02, 0.98, 97)
    covered = {
        method: np.array([coverage(method, 30, p) for p in shares])
        for method in ("wilson", "jeffreys", "clopper_pearson", "wald")
    }
    assert covered["clopper_pearson"].min() >= 0.95
    assert 0.945 <= covered["wilson"].mean() <= 0.96
    assert 0.945 <= covered["jeffreys"].mean() <= 0.96
    assert covered["wilson"].min() > 0.9
    assert covered["wald"].min() < 0.5


def test_clusters_of_one_are_nearly_independent_units():
    # Only t for z and the factor n / (n - 1) differ, and both vanish with n.
    x = np.r_[np.ones(3_000), np.zeros(7_000)]
    clustered = clustered_proportion(RatioSums.from_arrays(x, np.ones(10_000)))
    assert clustered.value == 0.3
    assert clustered.ci == pytest.approx(proportion(3_000, 10_000).ci, abs=5e-6)


def test_clusters_alike_throughout_count_once():
    # Doubling every cluster adds no information.
    x, y = np.array([2, 0, 1, 3, 0]), np.array([3, 1, 2, 3, 2])
    single = clustered_proportion(RatioSums.from_arrays(x, y))
    double = clustered_proportion(RatioSums.from_arrays(2 * x, 2 * y))
    assert double.ci == pytest.approx(single.ci)


@pytest.mark.parametrize(("x", "value"), [([0, 0, 0], 0.0), ([4, 1, 2], 1.0)])
def test_alike_everywhere_has_the_interval_of_the_clusters(x, value):
    result = clustered_proportion(RatioSums.from_arrays(x, [4, 1, 2]))
    t = 4.302652729911275  # Student's t, 2 degrees of freedom, 97.5 %
    assert result.value == value
    assert max(result.ci) - min(result.ci) == pytest.approx(t**2 / (3 + t**2))
    assert result.note == ""


def test_too_few_clusters():
    assert clustered_proportion(RatioSums.from_arrays([], [])).note == ratios.NO_DENOMINATOR
    one = clustered_proportion(RatioSums.from_arrays([1], [2]))
    assert (one.value, one.note) == (0.5, ratios.ONE_CLUSTER)
    assert math.isnan(one.ci.low)


@given(
    st.lists(st.integers(1, 9), min_size=2, max_size=30).flatmap(
        lambda y: st.tuples(st.tuples(*(st.integers(0, n) for n in y)), st.just(y))
    )
)
def test_it_stays_a_share_and_holds_the_estimate(pair):
    result = clustered_proportion(RatioSums.from_arrays(*pair))
    assert 0 <= result.ci.low <= result.value + 1e-12
    assert result.value - 1e-12 <= result.ci.high <= 1


def test_coverage_where_the_sessions_of_a_customer_are_alike():
    # 60 customers with 1 to 20 sessions, each with a share of their own around 8 %.
    rng = np.random.default_rng(3)
    covered = naive = 0
    for _ in range(2000):
        y = rng.integers(1, 21, 60)
        x = rng.binomial(y, rng.beta(0.4, 4.6, 60))
        low, high = clustered_proportion(RatioSums.from_arrays(x, y)).ci
        covered += low <= 0.08 <= high
        low, high = proportion(int(x.sum()), int(y.sum())).ci
        naive += low <= 0.08 <= high
    assert 0.93 <= covered / 2000 <= 0.97
    assert naive / 2000 < 0.85
