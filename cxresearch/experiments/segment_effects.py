"""Whether an effect differs between the parts of the customers that were named beforehand."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cxresearch.experiments.effect_estimates import quantity, read_sums
from cxresearch.stats.means.estimators import NOTHING_KNOWN, difference
from cxresearch.stats.means.strata import Heterogeneity, homogeneity, is_reversed, stratified
from cxresearch.stats.multiplicity import p_values as multiplicity

if TYPE_CHECKING:
    from cxresearch.core.comparison import Comparison
    from cxresearch.experiments.metric_columns import MetricColumns
    from cxresearch.experiments.metric_effects import MetricEffect
    from cxresearch.experiments.sums import MetricSums, Sums

    #: The sums of one metric in one segment, by level and variant.
    ByLevel = dict[str, dict[str, MetricSums]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentEffect:
    """One metric for one treatment in every level of a segment.

    Parameters
    ----------
    metric : MetricColumns
        The metric.
    variant : str
        The treatment.
    segment : str
        The segment.
    levels : mapping of str to MetricEffect
        Treatment against control within each level, without covariates.
    test : Heterogeneity
        The test that the effect is the same in all levels.
    p_adjusted : float
        Its p-value for how many tests there are (Benjamini-Hochberg), over the metrics of
        the plan or, for an exploratory one, over the exploratory metrics.
    stratified : Comparison
        The difference had the variants the same mix of levels.
    reversed : bool
        Whether every level says the opposite of all customers together (Simpson's paradox).
    """

    metric: MetricColumns
    variant: str
    segment: str
    levels: dict[str, MetricEffect]
    test: Heterogeneity
    p_adjusted: float
    stratified: Comparison
    reversed: bool


def segment_effects(
    sums: Sums,
    metrics: Sequence[MetricColumns],
    variants: Sequence[str],
    segments: Sequence[str],
    *,
    confidence: float = 0.95,
) -> tuple[SegmentEffect, ...]:
    """Return the effect of every metric that is no quantile in every segment, and if it differs.

    The sums are by the variant, control first, and all segments: the more segments there are, the
    more a test must show.
    """
    found = []
    for segment in segments:
        for metric in metrics:
            by_level = _by_level(sums, metric, segment)
            for variant in variants[1:]:
                pair = (variants[0], variant)
                found.append(_effect(metric, segment, by_level, pair, confidence))
    return _corrected(found)


def _corrected(effects: Sequence[SegmentEffect]) -> tuple[SegmentEffect, ...]:
    """Return the effects with their tests' p-values for how many tests there are.

    Exploratory metrics are a family of their own, so that they change no number of the plan.
    """
    found = list(effects)
    for exploratory in (False, True):
        places = [
            place
            for place, one in enumerate(effects)
            if (one.metric.role == "exploratory") is exploratory
        ]
        p_values = multiplicity.adjusted(
            [effects[place].test.p_value for place in places], method="bh"
        )
        for place, p in zip(places, p_values, strict=True):
            found[place] = replace(found[place], p_adjusted=float(p))
    return tuple(found)


def _by_level(sums: Sums, metric: MetricColumns, segment: str) -> ByLevel:
    found: ByLevel = defaultdict(dict)
    for (variant, level), group in sums.along(sums.by[0], segment).items():
        found[level][variant] = group.metrics[metric.name]
    return found


def _effect(
    metric: MetricColumns, segment: str, by_level: ByLevel, pair: tuple[str, str], confidence: float
) -> SegmentEffect:
    both = {
        level: (groups[pair[0]], groups[pair[1]])
        for level, groups in sorted(by_level.items())
        if pair[0] in groups and pair[1] in groups
    }
    levels = {
        level: read_sums(metric, sums, pair, adjust="none", confidence=confidence)[0]
        for level, sums in both.items()
    }
    control, treatment = ([quantity(metric, sums[i]) for sums in both.values()] for i in (0, 1))
    effects = [b.minus(a) for a, b in zip(control, treatment, strict=True)]
    within = [one.difference.value for one in levels.values()]
    weights = [float(sums[0].n + sums[1].n) for sums in both.values()]
    mixes = [
        stratified(one, weights) if any(weights) else NOTHING_KNOWN for one in (control, treatment)
    ]
    return SegmentEffect(
        metric=metric,
        variant=pair[1],
        segment=segment,
        levels=levels,
        test=homogeneity(effects, confidence=confidence),
        p_adjusted=math.nan,
        stratified=difference(
            *mixes,
            unit=metric.unit,
            confidence=confidence,
            method="post-stratified, Welch's t",
        ),
        reversed=len(within) > 1 and is_reversed(_crude(metric, both), within),
    )


def _crude(metric: MetricColumns, both: Mapping[str, tuple[MetricSums, MetricSums]]) -> float:
    control, treatment = (quantity(metric, _whole(both, place)) for place in (0, 1))
    return treatment.minus(control).value


def _whole(both: Mapping[str, tuple[MetricSums, MetricSums]], place: int) -> MetricSums:
    first, *others = [sums[place] for sums in both.values()]
    return sum(others, first)
