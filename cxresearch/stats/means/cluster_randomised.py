"""How far two groups are apart when whole clusters, perhaps few, are what chance assigned.

Stores, cities and weeks are not many. With fewer than about 40 of them the usual cluster-robust
standard error is too small and Student's t has fewer degrees of freedom than clusters less one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import NO_GROUP, Comparison
from cxresearch.stats.means.sample_means import t_comparison

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

ONE_CLUSTER = "no interval: a group has only one cluster"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClusterTotals:
    """The units and the total of every cluster in each of two groups.

    Parameters
    ----------
    sizes, totals : ndarray of float, shape (2, clusters)
        How many units a cluster has in the first and in the second group, and the total of their
        outcomes; 0 where it has none there.
    """

    sizes: Array
    totals: Array

    @classmethod
    def of_groups(
        cls, first: tuple[ArrayLike, ArrayLike], second: tuple[ArrayLike, ArrayLike]
    ) -> ClusterTotals:
        """Return the totals where each cluster is in one group: sizes and totals of each.

        Raises
        ------
        ValueError
            If sizes and totals of a group differ in length or hold a value that is not finite.

        Examples
        --------
        >>> ClusterTotals.of_groups(([2, 3], [10, 12]), ([4], [30])).sizes
        array([[2., 3., 0.],
               [0., 0., 4.]])
        """
        a, b = (validate.arrays(sizes=group[0], totals=group[1]) for group in (first, second))
        sizes, totals = (
            np.stack([np.append(one, 0.0 * other), np.append(0.0 * one, other)])
            for one, other in zip(a, b, strict=True)
        )
        return cls(sizes=sizes, totals=totals)


def difference_of_clusters(
    clusters: ClusterTotals, *, unit: str, confidence: float = 0.95
) -> Comparison:
    """Estimate the mean per unit of the second group minus that of the first, over clusters.

    Parameters
    ----------
    clusters : ClusterTotals
        The sums of each cluster; a cluster may be in one group or in both.
    unit : str
        The unit of the outcome.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Comparison
        The difference, with `n` clusters; nan with a note where a group has no units, and no
        interval and no test with a note where all of one group's units are in one cluster.

    Raises
    ------
    ValueError
        If a size is negative, or `confidence` is not strictly between 0 and 1.

    Notes
    -----
    The regression of the outcome on the group, with the bias-reduced variance CR2:
    sum_c (sum_g s_g (T_gc - m_g n_gc) / (N_g sqrt(1 - n_gc / N_g)))**2, s being -1 and 1, and
    Bell and McCaffrey's degrees of freedom, those of Satterthwaite were the units independent.

    References
    ----------
    Bell & McCaffrey (2002), Survey Methodology 28, 169-181. Pustejovsky & Tipton (2018), J. Bus.
    Econ. Stat. 36, 672-683. Imbens & Kolesar (2016), Rev. Econ. Stat. 98, 701-712.

    Examples
    --------
    >>> stores = ClusterTotals.of_groups(
    ...     ([10, 12, 9], [100, 132, 81]), ([11, 10, 8], [132, 118, 100]))
    >>> result = difference_of_clusters(stores, unit="EUR")
    >>> round(result.value, 2), [round(end, 2) for end in result.ci], round(result.df, 2)
    (1.97, [0.25, 3.69], 3.93)
    """
    validate.share("confidence", confidence)
    sizes = clusters.sizes
    validate.between("the smallest size", float(sizes.min(initial=0.0)), 0, math.inf)
    units = sizes.sum(axis=1, keepdims=True)
    n = int((sizes > 0).any(axis=0).sum())
    alone = bool((sizes >= units).any())
    note = NO_GROUP if not units.all() else ONE_CLUSTER if alone else ""
    value, variance, df = math.nan, math.nan, math.nan
    if units.all():
        means = clusters.totals.sum(axis=1, keepdims=True) / units
        value = float(means[1, 0] - means[0, 0])
    if not note:
        variance = _cr2(clusters, means, units)
        df = _bell_mccaffrey(sizes, units)
    return t_comparison(
        value,
        variance,
        df,
        n=n,
        unit=unit,
        confidence=confidence,
        method="cluster-robust CR2, t with Bell-McCaffrey degrees of freedom",
        note=note,
    )


def _cr2(clusters: ClusterTotals, means: Array, units: Array) -> float:
    residuals = clusters.totals - means * clusters.sizes
    adjusted = residuals / (units * np.sqrt(1 - clusters.sizes / units))
    scores = adjusted[1] - adjusted[0]
    return float(scores @ scores)


def _bell_mccaffrey(sizes: Array, units: Array) -> float:
    """Return (trace G)**2 / trace(G**2), G having an entry for every two clusters.

    Of one cluster it is sum_g n_gc / N_g**2; of two, -sum_g a_gc a_gd / N_g with
    a_gc = n_gc / (N_g sqrt(1 - n_gc / N_g)).
    """
    own = (sizes / units**2).sum(axis=0)
    weights = sizes / (units * np.sqrt(1 - sizes / units)) / np.sqrt(units)
    # sum over c != d of (w0_c w0_d + w1_c w1_d)**2, without a matrix of clusters by clusters.
    cross = weights @ weights.T
    together = float((cross**2).sum()) - float(((weights**2).sum(axis=0) ** 2).sum())
    return float(own.sum() ** 2 / (own @ own + together))
