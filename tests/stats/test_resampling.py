"""The bootstrap over clusters against scipy, exact enumeration, and simulated shops."""

from __future__ import annotations

import itertools
import math
from typing import get_args

import numpy as np
import pytest
from scipy import stats

from cxresearch.core.unit_sums import RatioSums
from cxresearch.stats.means.ratios import ratio_of_sums
from cxresearch.stats.ranks import resampling
from cxresearch.stats.ranks.resampling import (
    NO_CLUSTERS,
    NO_SPREAD,
    ONE_CLUSTER,
    bootstrap,
    bootstrap_mean,
)

METHODS = get_args(resampling.Method)
SKEWED = np.random.default_rng(1).lognormal(3, 1, 60)


def test_all_samples_of_three_by_enumeration():
    # The 27 samples of (1, 2, 6) have means whose quantiles the draws come near to.
    means = [np.mean(drawn) for drawn in itertools.product([1, 2, 6], repeat=3)]
    result = bootstrap([1, 2, 6], np.mean, unit="EUR", confidence=0.8, draws=20_000)
    assert result.value == 3
    assert result.ci == pytest.approx(tuple(np.quantile(means, [0.1, 0.9])))


@pytest.mark.parametrize(("ours", "theirs"), [("percentile", "percentile"), ("bca", "BCa")])
def test_it_is_the_bootstrap_of_scipy(ours, theirs):
    rng = np.random.default_rng(2)
    expected = stats.bootstrap((SKEWED,), np.mean, method=theirs, n_resamples=20_000, rng=rng)
    result = bootstrap(SKEWED, np.mean, unit="EUR", method=ours, draws=20_000)
    assert result.ci == pytest.approx(tuple(expected.confidence_interval), rel=0.01)


def test_bootstrap_t_by_a_plainer_road():
    # Of a mean the jackknife's error is sd / sqrt(n).
    rng, n = np.random.default_rng(3), SKEWED.size
    drawn = rng.choice(SKEWED, (20_000, n))
    error = SKEWED.std(ddof=1) / math.sqrt(n)
    t = (drawn.mean(axis=1) - SKEWED.mean()) / (drawn.std(axis=1, ddof=1) / math.sqrt(n))
    low, high = np.quantile(t, [0.025, 0.975])
    result = bootstrap(SKEWED, np.mean, unit="EUR", method="bootstrap_t", draws=1500)
    expected = (SKEWED.mean() - high * error, SKEWED.mean() - low * error)
    assert result.ci == pytest.approx(expected, rel=0.06)


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_interval(method):
    one, same, other = (
        bootstrap(SKEWED, np.mean, unit="EUR", method=method, draws=100, rng=seed)
        for seed in (4, 4, 5)
    )
    assert one == same
    assert one.ci != other.ci


@pytest.mark.parametrize("method", METHODS)
def test_clusters_of_one_are_no_clusters(method):
    plain = bootstrap(SKEWED, np.mean, unit="EUR", method=method, draws=100)
    named = bootstrap(
        SKEWED, np.mean, unit="EUR", method=method, draws=100, clusters=np.arange(SKEWED.size)
    )
    assert named == plain


def test_whole_clusters_are_drawn():
    # Two customers, 5 5 5 and 9: every draw is of three fives, a nine, or both.
    seen = set()

    def mean(values):
        seen.add(tuple(sorted(values.tolist())))
        return float(values.mean())

    result = bootstrap([5, 9, 5, 5], mean, unit="EUR", clusters=["a", "b", "a", "a"], draws=100)
    assert seen == {(5, 5, 5, 9), (5, 5, 5, 5, 5, 5), (9, 9)}
    assert (result.value, result.n) == (6, 2)


def test_doubling_every_cluster_adds_nothing():
    customers = np.arange(SKEWED.size)
    single = bootstrap(SKEWED, np.median, unit="EUR", clusters=customers, draws=200)
    double = bootstrap(
        np.repeat(SKEWED, 2), np.median, unit="EUR", clusters=np.repeat(customers, 2), draws=200
    )
    assert double.ci == pytest.approx(single.ci)


def test_it_agrees_with_the_linearised_interval():
    rng = np.random.default_rng(6)
    customers = rng.integers(0, 300, 900)
    values = rng.gamma(3, 20, 900) * (1 + customers % 3)
    names, place = np.unique(customers, return_inverse=True)
    sums = RatioSums.from_arrays(np.bincount(place, values), np.bincount(place))
    result = bootstrap(values, np.mean, unit="EUR", clusters=customers)
    assert result.n == len(names)
    assert result.ci == pytest.approx(ratio_of_sums(sums, unit="EUR").ci, rel=0.01)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("values", "note"),
    [
        ([], resampling.NO_CLUSTERS),
        ([3.0], resampling.ONE_CLUSTER),
        ([3.0, 3.0, 3.0], resampling.NO_SPREAD),
    ],
)
def test_too_little_for_an_interval(method, values, note):
    result = bootstrap(values, np.mean, unit="EUR", method=method, draws=100)
    assert math.isnan(result.value) == (not values)
    assert all(math.isnan(bound) for bound in result.ci)
    assert result.note == note


def test_bad_arguments_are_worded():
    with pytest.raises(ValueError, match=r"^draws must be at least 100; got 99$"):
        bootstrap([1, 2], np.mean, unit="EUR", draws=99)
    with pytest.raises(ValueError, match=r"^the length of clusters must be one of 2; got 3$"):
        bootstrap([1, 2], np.mean, unit="EUR", clusters=[1, 2, 3])
    with pytest.raises(ValueError, match=r"^method must be one of 'percentile', .*; got 'basic'$"):
        bootstrap([1, 2], np.mean, unit="EUR", method="basic")


@pytest.mark.slow
def test_coverage_of_a_median_of_clustered_orders():
    rng = np.random.default_rng(7)
    customers = np.repeat(np.arange(50), 3)
    covered, trials = 0, 250
    for _ in range(trials):
        values = np.exp(rng.normal(3, 0.7, 50))[customers] * np.exp(rng.normal(0, 0.4, 150))
        result = bootstrap(values, np.median, unit="EUR", clusters=customers, draws=200, rng=rng)
        covered += result.ci.low <= math.exp(3) <= result.ci.high
    assert 0.91 <= covered / trials <= 0.98


def test_the_mean_of_a_symmetric_sample_has_the_linearised_interval():
    rng = np.random.default_rng(5)
    owner = np.repeat(np.arange(200), rng.integers(1, 4, 200))
    values = 50 + 5 * rng.standard_normal(200)[owner] + rng.standard_normal(len(owner))
    found = bootstrap_mean(values, unit="EUR", clusters=owner, draws=4000)
    sums = RatioSums.from_arrays(np.bincount(owner, values), np.bincount(owner))
    plain = ratio_of_sums(sums, unit="EUR")
    assert (found.value, found.n) == (pytest.approx(plain.value), plain.n)
    width = plain.ci.high - plain.ci.low
    assert np.array(found.ci) == pytest.approx(np.array(plain.ci), abs=0.05 * width)


def test_the_mean_of_single_values_is_the_bootstrap_t_with_the_jackknife():
    # Of a mean of single values the linearised and the jackknife's standard errors are the same.
    values = np.random.default_rng(2).lognormal(3, 1, 25)
    found = bootstrap_mean(values, unit="EUR", draws=500, rng=7)
    slow = bootstrap(values, np.mean, unit="EUR", method="bootstrap_t", draws=500, rng=7)
    assert found.ci == pytest.approx(slow.ci)


@pytest.mark.slow
def test_the_mean_of_skewed_customers_holds_where_the_symmetric_interval_does_not():
    rng = np.random.default_rng(8)
    truth, trials = math.exp(3 + 1 / 2), 300
    held = symmetric = 0
    for _ in range(trials):
        owner = np.repeat(np.arange(30), rng.integers(1, 4, 30))
        values = rng.lognormal(3, 1, 30)[owner]
        low, high = bootstrap_mean(values, unit="EUR", clusters=owner, draws=300, rng=rng).ci
        held += low <= truth <= high
        sums = RatioSums.from_arrays(np.bincount(owner, values), np.bincount(owner))
        low, high = ratio_of_sums(sums, unit="EUR").ci
        symmetric += low <= truth <= high
    assert symmetric / trials < 0.9
    assert held / trials > symmetric / trials + 0.03
    assert held / trials > 0.91


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ([], NO_CLUSTERS),
        ([4.0], ONE_CLUSTER),
        ([4.0, 6.0], resampling.TWO_CLUSTERS),
        ([4.0, 4.0], NO_SPREAD),
        ([4.0, 4.0, 4.0], NO_SPREAD),
        ([0.1] * 7, NO_SPREAD),
    ],
)
def test_the_mean_of_nothing_one_or_alike_has_no_interval(values, note):
    found = bootstrap_mean(values, unit="EUR")
    assert found.note == note
    assert math.isnan(found.ci.low)


def test_the_mean_of_values_far_from_0_has_their_interval():
    values = np.array([1.0, 2, 4, 9, 3, 3])
    near, far = (bootstrap_mean(values + away, unit="EUR", draws=200) for away in (0, 1e9))
    assert far.ci == pytest.approx([end + 1e9 for end in near.ci], abs=1e-5)
