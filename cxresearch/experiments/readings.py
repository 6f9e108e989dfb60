"""One metric read in one experiment: each variant, and each treatment against the control."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from cxresearch.frames import stable
from cxresearch.plans import Adjustment
from cxresearch.results import Estimate, Interval, difference_unit, fewest
from cxresearch.stats import adjustment
from cxresearch.stats.comparison import Comparison
from cxresearch.stats.differences import difference_of_proportions
from cxresearch.stats.lifts import lift, relative
from cxresearch.stats.many_to_one import dunnett
from cxresearch.stats.margins import MarginTest, equivalence, non_inferiority
from cxresearch.stats.means import mean
from cxresearch.stats.proportions import proportion
from cxresearch.stats.quantile_differences import difference_of_quantiles
from cxresearch.stats.quantities import Quantity, difference
from cxresearch.stats.ratios import ratio_of_sums

if TYPE_CHECKING:
    from cxresearch.experiments.metric import Metric
    from cxresearch.experiments.sums import MetricSums

DELTA = "delta method over units, Welch's t"

AnyEstimate = TypeVar("AnyEstimate", bound=Estimate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One metric for one treatment against the control.

    Parameters
    ----------
    metric : Metric
        The metric.
    variant : str
        The treatment.
    control, treatment : Estimate
        The metric in either.
    difference : Comparison
        Treatment minus control, without covariates.
    lift : Comparison
        The planned difference, before any account of several treatments, as a share of the
        control (adjusted as it is); nan with a note where that means nothing.
    adjusted : Comparison or None
        The difference adjusted for the metric's covariates; none where it has none.
    variance_saved : float
        The share of the variance that they take out; nan where there are none.
    simultaneous : Comparison or None
        With several treatments the planned difference with one confidence for all of them.
    guard : MarginTest or None
        A guardrail's difference (or lift) against its margin.
    p_adjusted : float
        The planned difference's p-value, for how many there are; nan before it is known.
    correction : str
        How it was adjusted.
    """

    metric: Metric
    variant: str
    control: Estimate
    treatment: Estimate
    difference: Comparison
    lift: Comparison
    adjusted: Comparison | None = None
    variance_saved: float = math.nan
    simultaneous: Comparison | None = None
    guard: MarginTest | None = None
    p_adjusted: float = math.nan
    correction: str = ""

    @property
    def planned(self) -> Comparison:
        """The difference that the plan decides by: adjusted where it has covariates."""
        return self.simultaneous or self.adjusted or self.difference

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


def read_sums(
    metric: Metric,
    sums: Sequence[MetricSums],
    variants: Sequence[str],
    *,
    adjust: Adjustment = "cuped",
    confidence: float = 0.95,
) -> tuple[Reading, ...]:
    """Return a metric for each treatment against the control, from its sums.

    Parameters
    ----------
    metric : Metric
        A metric that is no quantile.
    sums : sequence of MetricSums
        Of each variant, the control first.
    variants : sequence of str
        Their names.
    adjust : {"cuped", "lin", "none"}
        How covariates are used where the metric has some.
    confidence : float, default 0.95
        Coverage of the intervals.
    """
    quantities = [quantity(metric, one) for one in sums]
    estimates = [_estimate(metric, one, confidence) for one in sums]
    adjusted = _adjusted(metric, sums, adjust)
    planned = adjusted or quantities
    compared = _adjusted(metric, sums, adjust, by=adjustment.adjusted_for_lifts) or quantities
    together = _together(metric, planned, confidence)
    found = []
    for i in range(1, len(sums)):
        covariates = adjusted and difference(
            adjusted[0],
            adjusted[i],
            unit=metric.unit,
            confidence=confidence,
            method=adjustment.LABELS["lin" if adjust == "lin" else "cuped"],
        )
        reading = Reading(
            metric=metric,
            variant=variants[i],
            control=estimates[0],
            treatment=estimates[i],
            difference=_difference(metric, sums[0], sums[i], confidence),
            lift=_lift(metric, compared[0], compared[i], confidence),
            adjusted=covariates or None,
            variance_saved=_saved(quantities, adjusted) if adjusted else math.nan,
            simultaneous=together[i - 1] if together else None,
            guard=guarded(
                metric,
                absolute=planned[i].minus(planned[0]),
                as_share=relative(compared[0], compared[i]),
                confidence=confidence,
            ),
        )
        found.append(rounded(reading))
    return tuple(found)


def read_estimates(
    metric: Metric, estimates: Mapping[str, Estimate], *, confidence: float = 0.95
) -> tuple[Reading, ...]:
    """Return a quantile for each treatment against the control, from the variants' estimates."""
    control, *treatments = estimates
    quantities = {name: Quantity.of_estimate(one) for name, one in estimates.items()}
    together = _together(metric, list(quantities.values()), confidence)
    return tuple(
        rounded(
            Reading(
                metric=metric,
                variant=name,
                control=estimates[control],
                treatment=estimates[name],
                difference=difference_of_quantiles(estimates[control], estimates[name]),
                lift=_lift(metric, quantities[control], quantities[name], confidence),
                simultaneous=together[i] if together else None,
                guard=guarded(
                    metric,
                    absolute=quantities[name].minus(quantities[control]),
                    as_share=relative(quantities[control], quantities[name]),
                    confidence=confidence,
                ),
            )
        )
        for i, name in enumerate(treatments)
    )


def quantity(metric: Metric, sums: MetricSums) -> Quantity:
    """Return a metric in one group of units as a number with its variance."""
    if metric.is_ratio:
        return Quantity.of_ratio(sums.ratio)
    if metric.kind == "proportion":
        return Quantity.of_proportion(sums.successes, sums.n)
    return Quantity.of_mean(sums.moments.sample(0))


def guarded(
    metric: Metric, *, absolute: Quantity, as_share: Quantity, confidence: float
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


def rounded(reading: Reading) -> Reading:
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


def _rounded(estimate: AnyEstimate) -> AnyEstimate:
    parts: dict[str, Any] = {}
    for field in dataclasses.fields(estimate):
        value = getattr(estimate, field.name)
        if isinstance(value, float):
            parts[field.name] = stable(value)
        elif isinstance(value, Interval):
            parts[field.name] = Interval(*(stable(bound) for bound in value))
    return dataclasses.replace(estimate, **parts)


def _estimate(metric: Metric, sums: MetricSums, confidence: float) -> Estimate:
    if metric.is_ratio:
        return ratio_of_sums(sums.ratio, unit=metric.unit, confidence=confidence)
    if metric.kind == "proportion":
        return proportion(sums.successes, sums.n, confidence=confidence)
    return mean(sums.moments.sample(0), unit=metric.unit, confidence=confidence)


def _difference(
    metric: Metric, control: MetricSums, treatment: MetricSums, confidence: float
) -> Comparison:
    if metric.kind == "proportion":
        pair = [(one.successes, one.n) for one in (control, treatment)]
        return difference_of_proportions(pair[0], pair[1], confidence=confidence)
    both = quantity(metric, control), quantity(metric, treatment)
    if metric.is_ratio:
        return difference(*both, unit=metric.unit, confidence=confidence, method=DELTA)
    return difference(*both, unit=metric.unit, confidence=confidence)


def _lift(metric: Metric, control: Quantity, treatment: Quantity, confidence: float) -> Comparison:
    if metric.kind == "nps":  # it may be 0 or below, so that nothing can be a share of it
        nothing = Quantity(n=control.n, value=math.nan, variance=math.nan)
        return lift(nothing, treatment, confidence=confidence)
    return lift(control, treatment, confidence=confidence)


def _adjusted(
    metric: Metric,
    sums: Sequence[MetricSums],
    adjust: Adjustment,
    by: Callable[..., tuple[Quantity, ...]] = adjustment.adjusted,
) -> tuple[Quantity, ...] | None:
    if adjust == "none" or not metric.covariates or not all(one.n for one in sums):
        return None
    moments = [one.moments for one in sums]
    return by(moments, method=adjust, ratio=metric.is_ratio)


def _saved(plain: Sequence[Quantity], adjusted: Sequence[Quantity]) -> float:
    before = sum(one.variance for one in plain)
    return 1 - sum(one.variance for one in adjusted) / before if before > 0 else math.nan


def _together(
    metric: Metric, quantities: Sequence[Quantity], confidence: float
) -> tuple[Comparison, ...] | None:
    """Return Dunnett's comparisons where there are several treatments."""
    control, *treatments = quantities
    if len(treatments) < 2 or not all(one.variance > 0 for one in quantities):
        return None
    return dunnett(control, treatments, unit=metric.unit, confidence=confidence)
