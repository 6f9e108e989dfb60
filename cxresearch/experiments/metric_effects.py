"""One metric read in one experiment: each variant, and each treatment against the control.

Several treatments are read with one confidence for all of them together.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from cxresearch.core.comparison import Comparison
from cxresearch.core.remarks import Remark
from cxresearch.core.results import Estimate, Interval, difference_unit, fewest
from cxresearch.engine.frames import stable
from cxresearch.experiments._metric_labels import named
from cxresearch.experiments.simultaneous import Pair, Together, pairs_of, together
from cxresearch.experiments.sums import THERE
from cxresearch.stats.means import adjustment
from cxresearch.stats.means.estimators import ValueWithVariance, difference
from cxresearch.stats.means.margins import MarginTest, equivalence, non_inferiority
from cxresearch.stats.means.moments import Moments
from cxresearch.stats.means.ratios import ratio_of_sums
from cxresearch.stats.means.relative_lifts import lift, relative
from cxresearch.stats.means.sample_means import mean
from cxresearch.stats.ranks.quantiles import difference_of_quantiles
from cxresearch.stats.shares.differences import difference_of_proportions
from cxresearch.stats.shares.proportions import proportion
from cxresearch.study.plans import Adjustment, Compare

if TYPE_CHECKING:
    from cxresearch.experiments.metric_columns import MetricColumns
    from cxresearch.experiments.sums import MetricSums

#: A spread that is less than this part of the squares is rounding.
_ROUNDING = 1e-9
DELTA = "delta method over units, Welch's t"

AnyEstimate = TypeVar("AnyEstimate", bound=Estimate)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricEffect:
    """One metric for one treatment against the control, or against another treatment.

    Parameters
    ----------
    metric : MetricColumns
        The metric.
    variant : str
        The treatment.
    against : str
        What it is compared with: the control, or another treatment.
    control, treatment : Estimate
        The metric in `against` and in `variant`.
    difference : Comparison
        Treatment minus control, without covariates.
    lift : Comparison
        The planned difference as a share of the control, adjusted as it is and with the same
        confidence for several; without a test, nan with a note where it means nothing.
    adjusted : Comparison or None
        The difference adjusted for the metric's covariates; none where it has none, or where
        those that it has are the same for all units.
    variance_saved : float
        The share of the variance that they take out; nan where there are none.
    simultaneous : Comparison or None
        With several treatments the planned difference with one confidence for all of them:
        Dunnett's, or Games and Howell's for all pairs; Bonferroni's where the values of a variant
        are all the same.
    plain : Comparison or None
        The planned difference as it were without covariates; none where it has none.
    guard : MarginTest or None
        A guardrail's difference (or lift) against its margin.
    p_adjusted : float
        The planned difference's p-value, for how many there are; nan before it is known.
    correction : str
        How it was adjusted.
    """

    metric: MetricColumns
    variant: str
    against: str
    control: Estimate
    treatment: Estimate
    difference: Comparison
    lift: Comparison
    adjusted: Comparison | None = None
    variance_saved: float = math.nan
    simultaneous: Comparison | None = None
    plain: Comparison | None = None
    guard: MarginTest | None = None
    p_adjusted: float = math.nan
    correction: str = ""

    @property
    def called(self) -> Remark:
        """The name of the metric in words."""
        return named(self.metric.name)

    @property
    def alone(self) -> Comparison:
        """The difference by itself, whatever else is compared: adjusted where it can be."""
        return self.difference if self.adjusted is None else self.adjusted

    @property
    def planned(self) -> Comparison:
        """The difference that the plan decides by."""
        return self.alone if self.simultaneous is None else self.simultaneous

    @property
    def most_harm(self) -> float:
        """The most harm that a guardrail's one-sided bound leaves possible, below 0 for a gain.

        In the unit of the margin; the larger of both sides where the guardrail looks to both, nan
        for any other metric.
        """
        if self.guard is None:
            return math.nan
        low, high = self.guard.ci
        if self.metric.guard == "equivalence":
            return max(abs(low), abs(high))
        return -low if self.metric.direction == "increase" else high

    @property
    def broken(self) -> bool:
        """Whether a guardrail's harm is shown to be above its margin."""
        if self.guard is None:
            return False
        low, high = self.guard.ci
        least = -high if self.metric.direction == "increase" else low
        if self.metric.guard == "equivalence":
            least = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
        return least > self.guard.margin


def read_sums(
    metric: MetricColumns,
    sums: Sequence[MetricSums],
    variants: Sequence[str],
    *,
    adjust: Adjustment = "cuped",
    compare: Compare = "with_control",
    confidence: float = 0.95,
) -> tuple[MetricEffect, ...]:
    """Return a metric for each treatment against the control, from its sums.

    Parameters
    ----------
    metric : MetricColumns
        A metric that is no quantile.
    sums : sequence of MetricSums
        Of each variant, the control first.
    variants : sequence of str
        Their names.
    adjust : {"cuped", "lin", "none"}
        How covariates are used where the metric has some.
    compare : {"with_control", "all_pairs"}
        Whether the treatments are also compared with one another, after those with the control.
    confidence : float, default 0.95
        Coverage of the intervals.
    """
    quantities = [quantity(metric, one) for one in sums]
    estimates = [_estimate(metric, one, confidence) for one in sums]
    adjusted = _adjusted(metric, sums, adjust)
    planned = adjusted or quantities
    label = adjustment.LABELS["lin" if adjust == "lin" else "cuped"]
    pairs = pairs_of(variants, compare)

    def without(pair: Pair, confidence: float) -> Comparison:
        return _difference(metric, sums[pair[0]], sums[pair[1]], confidence)

    def alone(pair: Pair, confidence: float) -> Comparison:
        if adjusted is None:
            return without(pair, confidence)
        both = adjusted[pair[0]], adjusted[pair[1]]
        return difference(*both, unit=metric.unit, confidence=confidence, method=label)

    at_once = together(metric.unit, planned, pairs, alone, confidence)
    plain = together(metric.unit, quantities, pairs, without, confidence) if adjusted else at_once
    found = []
    for place, ((i, j), (simultaneous, level)) in enumerate(zip(pairs, at_once, strict=True)):
        compared = _for_lift(metric, sums, adjust, (i, j)) or (quantities[i], quantities[j])
        reading = MetricEffect(
            metric=metric,
            variant=variants[j],
            against=variants[i],
            control=estimates[i],
            treatment=estimates[j],
            difference=without((i, j), confidence),
            lift=lift_of(metric, *compared, (simultaneous, level), confidence),
            adjusted=alone((i, j), confidence) if adjusted else None,
            variance_saved=_saved(quantities, adjusted) if adjusted else math.nan,
            simultaneous=simultaneous,
            plain=(plain[place][0] or without((i, j), confidence)) if adjusted else None,
            guard=None
            if i
            else guarded(
                metric,
                absolute=planned[j].minus(planned[i]),
                as_share=relative(*compared),
                confidence=confidence,
            ),
        )
        both = sums[i].answered, sums[j].answered
        found.append(_of_those_with_outcomes(rounded(reading), *both))
    return tuple(found)


def read_estimates(
    metric: MetricColumns,
    estimates: Mapping[str, Estimate],
    *,
    compare: Compare = "with_control",
    confidence: float = 0.95,
) -> tuple[MetricEffect, ...]:
    """Return a quantile for each treatment against the control, from the variants' estimates."""
    variants, levels = list(estimates), list(estimates.values())
    quantities = [ValueWithVariance.of_estimate(one) for one in levels]
    pairs = pairs_of(variants, compare)

    def alone(pair: Pair, confidence: float) -> Comparison:
        both = quantities[pair[0]], quantities[pair[1]]
        return difference(*both, unit=metric.unit, confidence=confidence)

    at_once = together(metric.unit, quantities, pairs, alone, confidence)
    return tuple(
        rounded(
            MetricEffect(
                metric=metric,
                variant=variants[j],
                against=variants[i],
                control=levels[i],
                treatment=levels[j],
                difference=difference_of_quantiles(levels[i], levels[j]),
                lift=lift_of(metric, quantities[i], quantities[j], one, confidence),
                simultaneous=one[0],
                guard=None
                if i
                else guarded(
                    metric,
                    absolute=quantities[j].minus(quantities[i]),
                    as_share=relative(quantities[i], quantities[j]),
                    confidence=confidence,
                ),
            )
        )
        for (i, j), one in zip(pairs, at_once, strict=True)
    )


def quantity(metric: MetricColumns, sums: MetricSums) -> ValueWithVariance:
    """Return a metric in one group of units as a number with its variance."""
    if metric.is_ratio:
        return dataclasses.replace(ValueWithVariance.of_ratio(sums.ratio), n=sums.answered)
    if metric.kind == "proportion":
        return ValueWithVariance.of_proportion(sums.successes, sums.n)
    return ValueWithVariance.of_mean(sums.moments.sample(0))


def guarded(
    metric: MetricColumns,
    *,
    absolute: ValueWithVariance,
    as_share: ValueWithVariance,
    confidence: float,
) -> MarginTest | None:
    """Return a guardrail's effect against its margin; none where the metric has no margin."""
    if metric.margin is None:
        return None
    effect = as_share if metric.relative else absolute
    unit = "share" if metric.relative else difference_unit(metric.unit)
    if metric.guard == "equivalence":
        return equivalence(effect, margin=metric.margin, unit=unit, confidence=confidence)
    return non_inferiority(
        effect,
        margin=metric.margin,
        better="higher" if metric.direction == "increase" else "lower",
        unit=unit,
        confidence=confidence,
    )


def lift_of(
    metric: MetricColumns,
    control: ValueWithVariance,
    treatment: ValueWithVariance,
    at_once: Together,
    confidence: float,
) -> Comparison:
    """Return the lift of one of several comparisons, with the confidence of all of them."""
    simultaneous, level = at_once
    if metric.kind == "nps":  # it may be 0 or below, so that nothing can be a share of it
        control = ValueWithVariance(n=control.n, value=math.nan, variance=math.nan)
    found = lift(control, treatment, confidence=level)
    if simultaneous is None:
        return found
    return dataclasses.replace(
        found, confidence=confidence, method=simultaneous.method, p_value=math.nan, test=""
    )


def rounded(reading: MetricEffect) -> MetricEffect:
    """Return a reading without the digits that depend on the order of an addition."""
    parts: dict[str, Any] = {
        field.name: _rounded(value)
        for field in dataclasses.fields(reading)
        if isinstance(value := getattr(reading, field.name), Estimate)
    }
    # What compares the two tells about the smaller one as well.
    people = fewest(reading.control, reading.treatment)
    for name in parts.keys() - {"control", "treatment"}:
        parts[name] = dataclasses.replace(parts[name], people=people)
    return dataclasses.replace(reading, **parts, variance_saved=stable(reading.variance_saved))


def _of_those_with_outcomes(reading: MetricEffect, control: int, treatment: int) -> MetricEffect:
    """Return a reading whose `n` are the units that have an outcome, in either variant."""
    counts = {"control": control, "treatment": treatment}
    parts: dict[str, Any] = {
        field.name: dataclasses.replace(value, n=counts.get(field.name, control + treatment))
        for field in dataclasses.fields(reading)
        if isinstance(value := getattr(reading, field.name), Estimate)
    }
    return dataclasses.replace(reading, **parts)


def _rounded(estimate: AnyEstimate) -> AnyEstimate:
    parts: dict[str, Any] = {}
    for field in dataclasses.fields(estimate):
        value = getattr(estimate, field.name)
        if isinstance(value, float):
            parts[field.name] = stable(value)
        elif isinstance(value, Interval):
            parts[field.name] = Interval(*(stable(bound) for bound in value))
    return dataclasses.replace(estimate, **parts)


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
    pooled = Moments.pooled(moments)
    first = 2 if metric.is_ratio else 1
    squares = pooled.n * pooled.mean[first:] ** 2
    if not any(pooled.scatter.diagonal()[first:] > _ROUNDING * squares):
        return None  # the covariates are the same for all units, or nobody has any
    if any(map(_is_unknown, sums)):
        return None  # who has a history is then who is in which variant
    return moments


def _is_unknown(sums: MetricSums) -> bool:
    """Return whether nobody of a group has one of the covariates."""
    each = zip(sums.columns, sums.sums, strict=True)
    return any(name.endswith(THERE) and not total for name, total in each)


def _saved(plain: Sequence[ValueWithVariance], adjusted: Sequence[ValueWithVariance]) -> float:
    before = sum(one.variance for one in plain)
    return 1 - sum(one.variance for one in adjusted) / before if before > 0 else math.nan
