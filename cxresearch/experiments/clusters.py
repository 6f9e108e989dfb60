"""A metric where chance assigned whole clusters: stores, cities, weeks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.experiments.readings import Reading, guarded, rounded
from cxresearch.stats.cluster_differences import ClusterTotals, difference_of_clusters
from cxresearch.stats.comparison import Comparison
from cxresearch.stats.lifts import lift, relative
from cxresearch.stats.means import t_interval
from cxresearch.stats.quantities import Quantity
from cxresearch.stats.ratios import RatioSums, ratio_of_sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cxresearch.experiments.metric import Metric
    from cxresearch.experiments.sums import Sums

    Array = NDArray[np.float64]


def read_clusters(
    metric: Metric, sums: Sums, variants: Sequence[str], *, confidence: float = 0.95
) -> tuple[Reading, ...]:
    """Return a metric for each treatment against the control, over clusters.

    Parameters
    ----------
    metric : Metric
        A metric that is no quantile.
    sums : Sums
        By variant and cluster.
    variants : sequence of str
        The variants, control first.
    confidence : float, default 0.95
        Coverage of the intervals.

    Notes
    -----
    Each variant's value is that per unit, over its clusters; the difference is
    :func:`cxresearch.stats.cluster_differences.difference_of_clusters` (CR2). Covariates are not
    used.
    """
    totals = {name: _totals(metric, sums, name) for name in variants}
    ratios = {name: RatioSums.from_arrays(*totals[name]) for name in variants}
    control = variants[0]
    found = []
    for name in variants[1:]:
        pair = [totals[one][::-1] for one in (control, name)]  # sizes, then totals
        clusters = ClusterTotals.of_groups(pair[0], pair[1])
        between = difference_of_clusters(clusters, unit=metric.unit, confidence=confidence)
        both = Quantity.of_ratio(ratios[control]), Quantity.of_ratio(ratios[name])
        reading = Reading(
            metric=metric,
            variant=name,
            control=ratio_of_sums(ratios[control], unit=metric.unit, confidence=confidence),
            treatment=ratio_of_sums(ratios[name], unit=metric.unit, confidence=confidence),
            difference=between,
            lift=lift(*both, confidence=confidence),
            guard=guarded(
                metric,
                absolute=_as_quantity(between),
                as_share=relative(*both),
                confidence=confidence,
            ),
        )
        found.append(rounded(reading))
    return tuple(found)


def _totals(metric: Metric, sums: Sums, variant: str) -> tuple[Array, Array]:
    """Return the total and the number of units (or the denominator) of each cluster."""
    own = [group.metrics[metric.name] for key, group in sums.groups.items() if key[0] == variant]
    totals = np.array([one.sums[0] for one in own])
    sizes = np.array([one.sums[1] if metric.is_ratio else one.n for one in own], dtype=float)
    return totals, sizes


def _as_quantity(between: Comparison) -> Quantity:
    """Return a comparison by Student's t as a number with its variance."""
    one = t_interval(0.0, 1.0, between.df, between.confidence).high
    width = (between.ci.high - between.ci.low) / 2
    return Quantity(n=between.n, value=between.value, variance=(width / one) ** 2, df=between.df)
