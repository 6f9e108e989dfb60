"""The cluster-robust difference against plain matrices, and against simulated stores."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.stats.means import cluster_randomised
from cxresearch.stats.means.cluster_randomised import ClusterTotals, difference_of_clusters


def totals(cluster, arm, y):
    count = cluster.max() + 1
    return ClusterTotals(
        sizes=np.array([np.bincount(cluster, arm == a, minlength=count) for a in (0, 1)]),
        totals=np.array([np.bincount(cluster, y * (arm == a), minlength=count) for a in (0, 1)]),
    )


def plain_cr2(cluster, arm, y):
    """Return effect, variance and degrees of freedom from the full matrices of Bell-McCaffrey."""
    x = np.column_stack([np.ones(y.size), arm])
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ x.T @ y
    hat = x @ inverse @ x.T
    variance, columns = 0.0, []
    for g in range(cluster.max() + 1):
        own = cluster == g
        values, vectors = np.linalg.eigh(np.eye(own.sum()) - hat[np.ix_(own, own)])
        weights = vectors @ np.diag(values**-0.5) @ vectors.T @ x[own] @ inverse[:, 1]
        variance += (weights @ (y - x @ beta)[own]) ** 2
        columns.append((np.eye(y.size) - hat)[:, own] @ weights)
    g = np.array(columns) @ np.array(columns).T
    return beta[1], variance, np.trace(g) ** 2 / (g**2).sum()


@pytest.mark.parametrize("in_both", [False, True])
def test_it_is_that_of_the_full_matrices(in_both):
    rng = np.random.default_rng(1)
    cluster = np.repeat(np.arange(9), rng.integers(2, 7, 9))
    arm = (rng.random(cluster.size) < 0.5).astype(float) if in_both else (cluster % 2).astype(float)
    y = rng.normal(0, 1, 9)[cluster] + arm + rng.normal(0, 1, cluster.size)
    effect, variance, df = plain_cr2(cluster, arm, y)
    result = difference_of_clusters(totals(cluster, arm, y), unit="EUR")
    assert result.value == pytest.approx(effect)
    assert (result.value / result.statistic) ** 2 == pytest.approx(variance)
    assert result.df == pytest.approx(df)
    assert result.n == 9


def test_equal_clusters_are_a_t_test_of_their_means():
    # Clusters of one size: Student's t of the cluster means with equal numbers of clusters.
    from scipy.stats import ttest_ind

    first, second = np.array([10.0, 12, 9, 11]), np.array([13.0, 12, 15, 14])
    sums = ClusterTotals.of_groups(([5] * 4, 5 * first), ([5] * 4, 5 * second))
    result = difference_of_clusters(sums, unit="EUR")
    expected = ttest_ind(second, first)
    assert result.value == pytest.approx(3)
    assert result.df == pytest.approx(6)
    assert result.p_value == pytest.approx(expected.pvalue)
    assert result.ci == pytest.approx(tuple(expected.confidence_interval()))


@given(
    st.lists(st.tuples(st.integers(1, 9), st.floats(-50, 50)), min_size=2, max_size=6),
    st.lists(st.tuples(st.integers(1, 9), st.floats(-50, 50)), min_size=2, max_size=6),
)
def test_swapping_flips_and_df_never_exceeds_the_clusters(first, second):
    one, two = (tuple(np.array(group, dtype=float).T) for group in (first, second))
    there = difference_of_clusters(ClusterTotals.of_groups(one, two), unit="EUR")
    back = difference_of_clusters(ClusterTotals.of_groups(two, one), unit="EUR")
    assert back.value == pytest.approx(-there.value)
    assert back.ci == pytest.approx((-there.ci.high, -there.ci.low), nan_ok=True)
    if not there.note:
        assert there.df <= len(first) + len(second) - 2 + 1e-9


@pytest.mark.parametrize(
    ("first", "second", "note"),
    [
        (([], []), ([2, 3], [1, 2]), cluster_randomised.NO_GROUP),
        (([5], [4]), ([2, 3], [1, 2]), cluster_randomised.ONE_CLUSTER),
        (([5, 0], [4, 0]), ([2, 3], [1, 2]), cluster_randomised.ONE_CLUSTER),
    ],
)
def test_what_is_undefined_is_nan_with_a_note(first, second, note):
    result = difference_of_clusters(ClusterTotals.of_groups(first, second), unit="EUR")
    assert result.note == note
    assert math.isnan(result.ci.low)
    assert math.isnan(result.p_value)
    assert math.isnan(result.value) == (note == cluster_randomised.NO_GROUP)


def test_a_negative_size_is_refused():
    with pytest.raises(ValueError, match=r"^the smallest size must be between 0 and inf; got -1"):
        difference_of_clusters(ClusterTotals.of_groups(([1], [1]), ([-1], [1])), unit="EUR")


def test_few_unequal_stores_cover():
    # 5 stores against 9, of sizes 5 to 100, alike within: the usual robust error covers too little.
    rng = np.random.default_rng(3)
    covered = usual = 0
    for _ in range(1500):
        groups = []
        for count in (5, 9):
            sizes = rng.integers(5, 100, count).astype(float)
            groups.append((sizes, sizes * rng.normal(50, 5, count)))
        sums = ClusterTotals.of_groups(*groups)
        result = difference_of_clusters(sums, unit="EUR")
        covered += result.ci.low <= 0 <= result.ci.high
        variance = 0.0
        for sizes, total in groups:
            mean = total.sum() / sizes.sum()
            variance += ((total - mean * sizes) ** 2).sum() / sizes.sum() ** 2
        usual += abs(result.value) <= 1.96 * math.sqrt(variance)
    assert 0.935 <= covered / 1500 <= 0.975
    assert usual / 1500 < 0.9
