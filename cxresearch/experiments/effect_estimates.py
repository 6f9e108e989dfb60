"""A metric read for every treatment: from sums over units, from quantiles, or over clusters."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core.comparison import Comparison
from cxresearch.core.results import Estimate
from cxresearch.core.unit_sums import RatioSums
from cxresearch.experiments.metric_effects import (
    MetricEffect,
    Pair,
    guarded,
    lift_of,
    pairs_of,
    rounded,
    together,
)
from cxresearch.experiments.sums import THERE
from cxresearch.stats.means import adjustment
from cxresearch.stats.means.cluster_randomised import ClusterTotals, difference_of_clusters
from cxresearch.stats.means.estimators import ValueWithVariance, difference, relative
from cxresearch.stats.means.moments import Moments
from cxresearch.stats.means.ratios import ratio_of_sums
from cxresearch.stats.means.sample_means import mean, t_interval
from cxresearch.stats.ranks.quantiles import difference_of_quantiles
from cxresearch.stats.shares.differences import difference_of_proportions
from cxresearch.stats.shares.proportions import proportion
from cxresearch.study.plans import Adjustment, Compare

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cxresearch.experiments.metric_columns import MetricColumns
    from cxresearch.experiments.sums import MetricSums, Sums

    Array = NDArray[np.float64]


DELTA = "delta method over units, Welch's t"


def read_sums(
    metric: MetricColumns,
    sums: Sequence[MetricSums],
    variants: Sequence[str],
    *,
    adjust: Adjustment = "cuped",
    compare: Compare = "with_control",
    confidence: float = 0.95,
) -> tuple[MetricEffect, ...]:
    """Return a metric that is no quantile for each treatment against the control, from its sums.

    The sums are those of the variants, the control first; comparisons of treatments with one
    another come after those with the control.
    """
    quantities = [quantity(metric, one) for one in sums]
    estimates = [_estimate(metric, one, confidence) for one in sums]
    adjusted = _adjusted(metric, sums, adjust)
    planned = adjusted or quantities
    label = adjustment.LABELS["lin" if adjust == "lin" else "cuped"]

    def without(pair: Pair, confidence: float) -> Comparison:
        return _difference(metric, sums[pair[0]], sums[pair[1]], confidence)

    def alone(pair: Pair, confidence: float) -> Comparison:
        if adjusted is None:
            return without(pair, confidence)
        both = adjusted[pair[0]], adjusted[pair[1]]
        return difference(*both, unit=metric.unit, confidence=confidence, method=label)

    found = _of_pairs(
        metric,
        variants,
        estimates,
        planned,
        alone,
        observed=without,
        for_lift=lambda pair: (
            _for_lift(metric, sums, adjust, pair) or (quantities[pair[0]], quantities[pair[1]])
        ),
        compare=compare,
        confidence=confidence,
    )
    if adjusted:
        pairs = pairs_of(variants, compare)
        plain = together(metric.unit, quantities, pairs, without, confidence)
        found = [
            replace(
                one,
                adjusted=alone(pair, confidence),
                variance_saved=_saved(quantities, adjusted),
                plain=at_once or one.difference,
            )
            for one, pair, (at_once, _) in zip(found, pairs, plain, strict=True)
        ]
    answered = dict(zip(variants, (one.answered for one in sums), strict=True))
    return tuple(_of_those_with_outcomes(rounded(one), answered) for one in found)


def read_estimates(
    metric: MetricColumns,
    estimates: Mapping[str, Estimate],
    *,
    compare: Compare = "with_control",
    confidence: float = 0.95,
) -> tuple[MetricEffect, ...]:
    """Return a quantile for each treatment against the control, from the variants' estimates."""
    levels = list(estimates.values())
    quantities = [ValueWithVariance.of_estimate(one) for one in levels]

    def alone(pair: Pair, confidence: float) -> Comparison:
        both = quantities[pair[0]], quantities[pair[1]]
        return difference(*both, unit=metric.unit, confidence=confidence)

    found = _of_pairs(
        metric,
        list(estimates),
        levels,
        quantities,
        alone,
        observed=lambda pair, _: difference_of_quantiles(levels[pair[0]], levels[pair[1]]),
        for_lift=lambda pair: (quantities[pair[0]], quantities[pair[1]]),
        compare=compare,
        confidence=confidence,
    )
    return tuple(map(rounded, found))


def quantity(metric: MetricColumns, sums: MetricSums) -> ValueWithVariance:
    """Return a metric in one group of units as a number with its variance."""
    if metric.is_ratio:
        return replace(ValueWithVariance.of_ratio(sums.ratio), n=sums.answered)
    if metric.kind == "proportion":
        return ValueWithVariance.of_proportion(sums.successes, sums.n)
    return ValueWithVariance.of_mean(sums.moments.sample(0))


def read_clusters(
    metric: MetricColumns,
    sums: Sums,
    variants: Sequence[str],
    *,
    compare: Compare = "with_control",
    confidence: float = 0.95,
) -> tuple[MetricEffect, ...]:
    """Return a metric that is no quantile for each treatment against the control, over clusters.

    The sums are by variant and cluster. Each variant's value is that per unit, over its clusters;
    the difference is :func:`cxresearch.stats.means.difference_of_clusters` (CR2). Covariates are
    not used.
    """
    own = {
        name: [group.metrics[metric.name] for key, group in sums.groups.items() if key[0] == name]
        for name in variants
    }
    ratios = {name: RatioSums.from_arrays(*_totals(metric, own[name])) for name in variants}
    estimates = [
        ratio_of_sums(one, unit=metric.unit, confidence=confidence) for one in ratios.values()
    ]
    quantities = [ValueWithVariance.of_ratio(one) for one in ratios.values()]

    def alone(pair: Pair, confidence: float) -> Comparison:
        both = (own[variants[place]] for place in pair)
        return difference_over_clusters(metric, *both, confidence=confidence)

    found = _of_pairs(
        metric,
        variants,
        estimates,
        None,
        alone,
        observed=alone,
        for_lift=lambda pair: (quantities[pair[0]], quantities[pair[1]]),
        compare=compare,
        confidence=confidence,
    )
    return tuple(map(rounded, found))


def difference_over_clusters(
    metric: MetricColumns,
    control: Iterable[MetricSums],
    treatment: Iterable[MetricSums],
    *,
    confidence: float,
) -> Comparison:
    """Return treatment minus control, from the sums of each cluster of both."""
    pair = [_totals(metric, sums)[::-1] for sums in (control, treatment)]  # sizes, then totals
    clusters = ClusterTotals.of_groups(pair[0], pair[1])
    return difference_of_clusters(clusters, unit=metric.unit, confidence=confidence)


def _of_pairs(
    metric: MetricColumns,
    variants: Sequence[str],
    estimates: Sequence[Estimate],
    planned: Sequence[ValueWithVariance] | None,
    alone: Callable[[Pair, float], Comparison],
    *,
    observed: Callable[[Pair, float], Comparison],
    for_lift: Callable[[Pair], tuple[ValueWithVariance, ValueWithVariance]],
    compare: Compare,
    confidence: float,
) -> list[MetricEffect]:
    """Return a metric for each two variants that are compared, from each pair's difference."""
    pairs = pairs_of(variants, compare)
    at_once = together(metric.unit, planned, pairs, alone, confidence)
    found = []
    for pair, (simultaneous, level) in zip(pairs, at_once, strict=True):
        (i, j), both = pair, for_lift(pair)
        whole = planned[j].minus(planned[i]) if planned else _as_quantity(alone(pair, confidence))
        as_share = relative(*both)
        found.append(
            MetricEffect(
                metric=metric,
                variant=variants[j],
                against=variants[i],
                control=estimates[i],
                treatment=estimates[j],
                difference=observed(pair, confidence),
                lift=lift_of(metric, *both, (simultaneous, level), confidence),
                simultaneous=simultaneous,
                guard=None
                if i
                else guarded(metric, absolute=whole, as_share=as_share, confidence=confidence),
            )
        )
    return found


def _of_those_with_outcomes(reading: MetricEffect, answered: Mapping[str, int]) -> MetricEffect:
    """Return a reading whose `n` are the units that have an outcome, in either variant."""
    control, treatment = answered[reading.against], answered[reading.variant]
    counts = {"control": control, "treatment": treatment}
    parts: dict[str, Any] = {
        field.name: replace(value, n=counts.get(field.name, control + treatment))
        for field in fields(reading)
        if isinstance(value := getattr(reading, field.name), Estimate)
    }
    return replace(reading, **parts)


def _estimate(metric: MetricColumns, sums: MetricSums, confidence: float) -> Estimate:
    if metric.is_ratio:
        return ratio_of_sums(sums.ratio, unit=metric.unit, confidence=confidence)
    if metric.kind == "proportion":
        return proportion(sums.successes, sums.n, confidence=confidence)
    return mean(sums.moments.sample(0), unit=metric.unit, confidence=confidence)


def _difference(
    metric: MetricColumns, control: MetricSums, treatment: MetricSums, confidence: float
) -> Comparison:
    if metric.kind == "proportion":
        pair = [(one.successes, one.n) for one in (control, treatment)]
        return difference_of_proportions(pair[0], pair[1], confidence=confidence)
    both = quantity(metric, control), quantity(metric, treatment)
    if metric.is_ratio:
        return difference(*both, unit=metric.unit, confidence=confidence, method=DELTA)
    return difference(*both, unit=metric.unit, confidence=confidence)


def _adjusted(
    metric: MetricColumns, sums: Sequence[MetricSums], adjust: Adjustment
) -> tuple[ValueWithVariance, ...] | None:
    moments = _usable(metric, sums, adjust)
    if adjust == "none" or moments is None:
        return None
    return adjustment.adjusted(moments, method=adjust, ratio=metric.is_ratio)


def _for_lift(
    metric: MetricColumns, sums: Sequence[MetricSums], adjust: Adjustment, pair: Pair
) -> tuple[ValueWithVariance, ValueWithVariance] | None:
    """Return the two groups of a pair as their lift needs them, where they are adjusted."""
    base, other = pair
    own = [sums[base], *(one for place, one in enumerate(sums) if place != base)]
    moments = _usable(metric, own, adjust)
    if adjust == "none" or moments is None:
        return None
    of_each = adjustment.adjusted_for_lifts(moments, method=adjust, ratio=metric.is_ratio)
    return of_each[other - 1]


def _usable(
    metric: MetricColumns, sums: Sequence[MetricSums], adjust: Adjustment
) -> list[Moments] | None:
    """Return the groups' moments where their covariates tell the units apart."""
    if adjust == "none" or not metric.covariates or not all(one.n for one in sums):
        return None
    moments = [one.moments for one in sums]
    first = 2 if metric.is_ratio else 1
    if not any(one.scatter.diagonal()[first:].any() for one in moments):
        return None  # the covariates are the same for all units, or nobody has any
    if any(map(_is_unknown, sums)):
        return None  # who has a history is then who is in which variant
    return moments


def _is_unknown(sums: MetricSums) -> bool:
    """Return whether nobody of a group has one of the covariates."""
    return any(name.endswith(THERE) and not sums.over.sums[name] for name in sums.columns)


def _saved(plain: Sequence[ValueWithVariance], adjusted: Sequence[ValueWithVariance]) -> float:
    before = sum(one.variance for one in plain)
    return 1 - sum(one.variance for one in adjusted) / before if before > 0 else math.nan


def _totals(metric: MetricColumns, sums: Iterable[MetricSums]) -> tuple[Array, Array]:
    """Return the total and the number of units (or the denominator) of each cluster."""
    own = list(sums)
    totals = np.array([one.total(0) for one in own])
    sizes = np.array([one.total(1) if metric.is_ratio else one.n for one in own], dtype=float)
    return totals, sizes


def _as_quantity(between: Comparison) -> ValueWithVariance:
    """Return a comparison by Student's t as a number with its variance."""
    one = t_interval(0.0, 1.0, between.df, between.confidence).high
    width = (between.ci.high - between.ci.low) / 2
    return ValueWithVariance(
        n=between.n, value=between.value, variance=(width / one) ** 2, df=between.df
    )
