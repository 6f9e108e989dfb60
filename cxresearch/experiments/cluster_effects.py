"""A metric where chance assigned whole clusters: stores, cities, weeks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core.comparison import Comparison
from cxresearch.core.unit_sums import RatioSums
from cxresearch.experiments.metric_effects import MetricEffect, guarded, lift_of, rounded
from cxresearch.experiments.simultaneous import Pair, pairs_of, together
from cxresearch.stats.means.cluster_randomised import ClusterTotals, difference_of_clusters
from cxresearch.stats.means.estimators import ValueWithVariance, relative
from cxresearch.stats.means.ratios import ratio_of_sums
from cxresearch.stats.means.sample_means import t_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cxresearch.experiments.metric_columns import MetricColumns
    from cxresearch.experiments.sums import Sums
    from cxresearch.study.plans import Compare

    Array = NDArray[np.float64]


def read_clusters(
    metric: MetricColumns,
    sums: Sums,
    variants: Sequence[str],
    *,
    compare: Compare = "with_control",
    confidence: float = 0.95,
) -> tuple[MetricEffect, ...]:
    """Return a metric for each treatment against the control, over clusters.

    Parameters
    ----------
    metric : MetricColumns
        A metric that is no quantile.
    sums : Sums
        By variant and cluster.
    variants : sequence of str
        The variants, control first.
    compare : {"with_control", "all_pairs"}
        Whether the treatments are also compared with one another.
    confidence : float, default 0.95
        Coverage of the intervals.

    Notes
    -----
    Each variant's value is that per unit, over its clusters; the difference is
    :func:`cxresearch.stats.means.difference_of_clusters` (CR2). Covariates are not used.
    """
    totals = {name: _totals(metric, sums, name) for name in variants}
    ratios = {name: RatioSums.from_arrays(*totals[name]) for name in variants}
    estimates = [
        ratio_of_sums(one, unit=metric.unit, confidence=confidence) for one in ratios.values()
    ]
    quantities = [ValueWithVariance.of_ratio(one) for one in ratios.values()]
    pairs = pairs_of(variants, compare)

    def alone(pair: Pair, confidence: float) -> Comparison:
        own = [totals[variants[place]][::-1] for place in pair]  # sizes, then totals
        clusters = ClusterTotals.of_groups(own[0], own[1])
        return difference_of_clusters(clusters, unit=metric.unit, confidence=confidence)

    at_once = together(metric.unit, [], pairs, alone, confidence)
    found = []
    for (i, j), (simultaneous, level) in zip(pairs, at_once, strict=True):
        both = quantities[i], quantities[j]
        between = alone((i, j), confidence)
        reading = MetricEffect(
            metric=metric,
            variant=variants[j],
            against=variants[i],
            control=estimates[i],
            treatment=estimates[j],
            difference=between,
            lift=lift_of(metric, *both, (simultaneous, level), confidence),
            simultaneous=simultaneous,
            guard=None
            if i
            else guarded(
                metric,
                absolute=_as_quantity(between),
                as_share=relative(*both),
                confidence=confidence,
            ),
        )
        found.append(rounded(reading))
    return tuple(found)


def _totals(metric: MetricColumns, sums: Sums, variant: str) -> tuple[Array, Array]:
    """Return the total and the number of units (or the denominator) of each cluster."""
    own = [group.metrics[metric.name] for key, group in sums.groups.items() if key[0] == variant]
    totals = np.array([one.sums[0] for one in own])
    sizes = np.array([one.sums[1] if metric.is_ratio else one.n for one in own], dtype=float)
    return totals, sizes


def _as_quantity(between: Comparison) -> ValueWithVariance:
    """Return a comparison by Student's t as a number with its variance."""
    one = t_interval(0.0, 1.0, between.df, between.confidence).high
    width = (between.ci.high - between.ci.low) / 2
    return ValueWithVariance(
        n=between.n, value=between.value, variance=(width / one) ** 2, df=between.df
    )
