"""One metric for one treatment against the control, and how several of them are read together.

Comparisons of several variants have one confidence within each metric; the p-values of the metrics
of one role are adjusted for how many there are.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any, TypeVar

from cxresearch.core.comparison import Comparison, two_sided_t
from cxresearch.core.remarks import Remark, joined
from cxresearch.core.results import Estimate, Interval, difference_unit, fewest, parts
from cxresearch.engine.frames import stable
from cxresearch.experiments.wording import named
from cxresearch.stats.means.estimators import ValueWithVariance, lift
from cxresearch.stats.means.margins import MarginTest, equivalence, non_inferiority
from cxresearch.stats.multiplicity import p_values
from cxresearch.stats.multiplicity.simultaneous_intervals import (
    DUNNETT,
    GAMES_HOWELL,
    dunnett,
    games_howell,
)
from cxresearch.study.plans import Compare

if TYPE_CHECKING:
    from cxresearch.experiments.metric_columns import MetricColumns


AnyEstimate = TypeVar("AnyEstimate", bound=Estimate)
#: How differences are read together where neither Dunnett nor Games and Howell can.
BONFERRONI = "Bonferroni"
#: The places of two variants, the one that is compared with first.
Pair = tuple[int, int]
#: A comparison as one of several, and the confidence that it has by itself.
Together = tuple[Comparison | None, float]
#: How the p-values of each role are adjusted; each guardrail must hold by itself.
METHODS: Mapping[str, tuple[p_values.Method, str]] = {
    "primary": ("holm", "Holm over the primary metrics"),
    "secondary": ("bh", "Benjamini-Hochberg over the secondary metrics"),
    "exploratory": ("bh", "Benjamini-Hochberg over the exploratory metrics"),
}
_OVER_VARIANTS = {
    DUNNETT: "Dunnett over the treatments",
    GAMES_HOWELL: "Games-Howell over all pairs of variants",
}
_BONFERRONI = "Bonferroni over the comparisons of variants"
_ONE = "one comparison, not adjusted"
_UNTESTED = "nothing was tested"
_OF_ROLE = {
    "primary": "primary metrics ({how})",
    "secondary": "secondary metrics ({how})",
    "exploratory": "exploratory metrics ({how})",
}
_OF_METRIC = "{metric} ({how})"


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
    return replace(
        found, confidence=confidence, method=simultaneous.method, p_value=math.nan, test=""
    )


def rounded(reading: MetricEffect) -> MetricEffect:
    """Return a reading without the digits that depend on the order of an addition."""
    parts: dict[str, Any] = {
        field.name: _rounded(value)
        for field in fields(reading)
        if isinstance(value := getattr(reading, field.name), Estimate)
    }
    # What compares the two tells about the smaller one as well.
    people = fewest(reading.control, reading.treatment)
    for name in parts.keys() - {"control", "treatment"}:
        parts[name] = replace(parts[name], people=people)
    return replace(reading, **parts, variance_saved=stable(reading.variance_saved))


def pairs_of(variants: Sequence[str], compare: Compare) -> list[Pair]:
    """Return the places of the variants that are compared: with the control first, then the rest.

    Examples
    --------
    >>> pairs_of(["control", "b", "c"], "all_pairs")
    [(0, 1), (0, 2), (1, 2)]
    """
    pairs = list(combinations(range(len(variants)), 2))
    return pairs if compare == "all_pairs" else pairs[: len(variants) - 1]


def together(
    unit: str,
    quantities: Sequence[ValueWithVariance] | None,
    pairs: Sequence[Pair],
    alone: Callable[[Pair, float], Comparison],
    confidence: float,
) -> list[Together]:
    """Return each pair with one confidence for all of them, and the confidence it has by itself.

    Parameters
    ----------
    unit : str
        The unit of the metric.
    quantities : sequence of ValueWithVariance or None
        Each variant's value, the control first; none where only :func:`alone` knows it.
    pairs : sequence of (int, int)
        What is compared.
    alone : callable
        A pair and a confidence to their comparison.
    confidence : float
        The chance that all intervals hold.

    Returns
    -------
    list of (Comparison or None, float)
        For each pair; none where it cannot be tested, or is the only one that can.

    Notes
    -----
    Dunnett's for comparisons with the control, Games and Howell's for all pairs. Where a variance
    is unknown or 0, so that these cannot be, Bonferroni's: each at 1 - (1 - confidence) / m.
    """
    tested = [pair for pair in pairs if not math.isnan(alone(pair, confidence).p_value)]
    if len(tested) < 2:
        return [(None, confidence) for _ in pairs]
    there = {place for pair in tested for place in pair}
    if quantities and all(quantities[place].variance > 0 for place in there):
        if any(i for i, _ in pairs):
            found = games_howell(quantities, unit=unit, confidence=confidence)
        else:
            with_control = dunnett(quantities[0], quantities[1:], unit=unit, confidence=confidence)
            found = {(0, j): one for j, one in enumerate(with_control, start=1)}
        return [
            (found[i, j], _by_itself(found[i, j], quantities[j].minus(quantities[i]).se))
            if (i, j) in tested
            else (None, confidence)
            for i, j in pairs
        ]
    level = 1 - (1 - confidence) / len(tested)
    return [
        (_bonferroni(alone(pair, level), confidence, len(tested)), level)
        if pair in tested
        else (None, confidence)
        for pair in pairs
    ]


def corrected(readings: Sequence[MetricEffect]) -> list[MetricEffect]:
    """Return the readings with their p-values for how many metrics of their role there are.

    `correction` says what was adjusted for, in parts: what the p-values are of already (several
    variants) and what is done here. A single test is not adjusted.

    Notes
    -----
    Holm's chance of any false alarm is kept over all metrics and comparisons together: beside a
    comparison of one metric, each other metric stands with the largest of its p-values, for the
    comparisons of two metrics may be true in different variants. Benjamini and Hochberg's share is
    kept within each comparison.
    """
    families: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    largest: dict[str, float] = {}
    for place, one in enumerate(readings):
        p = one.planned.p_value
        if one.metric.role in METHODS and not math.isnan(p):
            families[one.metric.role, one.against, one.variant].append(place)
            largest[one.metric.name] = max(p, largest.get(one.metric.name, 0.0))
    found = list(readings)
    for (role, *_), places in families.items():
        method, label = METHODS[role]
        own = {readings[place].metric.name: readings[place].planned.p_value for place in places}
        others = own
        if method == "holm":
            others = {name: largest[name] for name in _names(readings, role) if name in largest}
        for place in places:
            name = readings[place].metric.name
            family = others | {name: own[name]}
            adjusted = p_values.adjusted(list(family.values()), method=method)
            p = float(adjusted[list(family).index(name)])
            steps = _over_variants(readings[place]) + ([label] if len(family) > 1 else [])
            found[place] = replace(found[place], p_adjusted=p, correction="; ".join(steps))
    return found


def correction_of(readings: Sequence[MetricEffect]) -> Remark:
    """Return how the p-values of readings are adjusted, by role, or by metric where they differ."""
    ways: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in readings:
        if not math.isnan(one.p_adjusted):
            ways[one.metric.role][one.correction].append(one.metric.name)
    found = []
    for role, own in ways.items():
        for correction, names in own.items():
            how = joined([Remark(part) for part in parts(correction)] or [Remark(_ONE)], " + ")
            if len(own) == 1:
                found.append(Remark(_OF_ROLE[role], {"how": how}))
            else:
                metrics = joined([named(name) for name in dict.fromkeys(names)], ", ")
                found.append(Remark(_OF_METRIC, {"metric": metrics, "how": how}))
    return joined(found or [Remark(_UNTESTED)], "; ")


def _rounded(estimate: AnyEstimate) -> AnyEstimate:
    parts: dict[str, Any] = {}
    for field in fields(estimate):
        value = getattr(estimate, field.name)
        if isinstance(value, float):
            parts[field.name] = stable(value)
        elif isinstance(value, Interval):
            parts[field.name] = Interval(*(stable(bound) for bound in value))
    return replace(estimate, **parts)


def _by_itself(at_once: Comparison, se: float) -> float:
    """Return the confidence of an interval of that width, were it the only one."""
    return 1 - two_sided_t((at_once.ci.high - at_once.ci.low) / 2 / se, at_once.df)


def _bonferroni(alone: Comparison, confidence: float, count: int) -> Comparison:
    return replace(
        alone,
        confidence=confidence,
        method=f"{alone.method}, {BONFERRONI}",
        p_value=min(count * alone.p_value, 1.0),
    )


def _names(readings: Sequence[MetricEffect], role: str) -> list[str]:
    return list(dict.fromkeys(one.metric.name for one in readings if one.metric.role == role))


def _over_variants(reading: MetricEffect) -> list[str]:
    if reading.simultaneous is None:
        return []
    return [_OVER_VARIANTS.get(reading.simultaneous.method, _BONFERRONI)]
