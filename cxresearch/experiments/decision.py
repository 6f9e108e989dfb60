"""Ship, do not ship, or keep running: what the plan's rule says of the results.

The rule was written before the data, so the decision is not a matter of taste: a failed check
blocks it, a guardrail that does not hold forbids it, and before the end only a planned look may
give it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cxresearch import frames
from cxresearch.experiments.deviations import complete_on, deviations
from cxresearch.experiments.money import monthly_worth
from cxresearch.experiments.monitoring import monitor
from cxresearch.experiments.names import named
from cxresearch.experiments.shown import as_figure
from cxresearch.remarks import Figure, Remark, Value

if TYPE_CHECKING:
    from cxresearch.experiments.analysis import Analysis
    from cxresearch.experiments.check_records import Checks
    from cxresearch.experiments.readings import Reading
    from cxresearch.experiments.trial import Trial
    from cxresearch.results import Estimate
    from cxresearch.stats.margins import MarginTest

#: Whether a difference is shown, by metric and treatment.
Shown = Mapping[tuple[str, str], bool]
Verdict = Literal["ship", "do not ship", "keep running", "blocked"]

_BLOCKED = "the check of {check} failed"
_RUNNING = "the plan's end is on {end}, and no planned look says to stop"
_BETTER = "{metric} is better in {variant}: {change}"
_WORSE = "{metric} is worse in {variant}: {change}"
_NOT_SHOWN = "no difference of {metric} is shown in {variant}: {change}"
_HOLDS = "the guardrail {metric} holds in {variant}"
_NOT_HELD = "the guardrail {metric} is not shown to hold in {variant}"
_HARMED = "the guardrail {metric} is broken in {variant}"
_CONFIDENCE = "{metric} would no longer be shown at a confidence above {confidence}"
_PLAIN = "{metric} would be read otherwise without covariates: p = {p}"
_MARGIN = "the guardrail {metric} would hold with a margin of {margin}, and with none below"
_STILL_POSSIBLE = "the data still allow the smallest effect worth finding in {metric}"
_EXCLUDED = "the data exclude the smallest effect worth finding in {metric}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do, by the plan's rule.

    Parameters
    ----------
    verdict : {"ship", "do not ship", "keep running", "blocked"}
        What to do.
    variant : str
        The treatment to ship; empty where there is none.
    reasons : tuple of Remark
        Why.
    would_change : tuple of Remark
        What would change it.
    deviations : tuple of Remark
        What was done otherwise than planned.
    money : Estimate
        What the treatment (the one to ship, else the first) is worth in 30 days.
    plan : str
        The hash of the plan.
    """

    verdict: Verdict
    variant: str
    reasons: tuple[Remark, ...]
    would_change: tuple[Remark, ...]
    deviations: tuple[Remark, ...]
    money: Estimate
    plan: str


def decide(trial: Trial, analysis: Analysis, checks: Checks) -> Decision:
    """Return what the plan's rule says of an experiment.

    Parameters
    ----------
    trial : Trial
        The experiment.
    analysis : Analysis
        Its results, from :func:`cxresearch.experiments.evaluate`.
    checks : Checks
        Its checks, from :func:`cxresearch.experiments.check_trial`.

    Notes
    -----
    With planned looks a primary difference is shown where a look crosses its boundary (without
    covariates; the chance of a false alarm is shared by Bonferroni between treatments and, where
    any primary metric is enough, between those), else where its adjusted p-value is below one
    minus the confidence.

    Blocked where a check failed. Keep running before the days of the last customers are over,
    unless a planned look crosses its boundary. Else ship the treatment in which every (or any, by
    the plan) primary metric is better, at the plan's confidence for how many there are, and every
    guardrail holds; the one with the largest first primary effect where there are several. Do not
    ship in any other case, nor where a guardrail is shown to be broken in every treatment.
    """
    if checks.blocked:
        reasons = [Remark(_BLOCKED, {"check": Remark(one.name)}) for one in checks.reasons]
        return _decision(trial, analysis, checks, "blocked", "", reasons)
    shown = _shown(trial, analysis)
    harmed = {name: _harmed(analysis, name) for name in analysis.treatments}
    if all(harmed.values()):
        reasons = [one for own in harmed.values() for one in own]
        return _decision(trial, analysis, checks, "do not ship", "", reasons, shown)
    if trial.last_day < complete_on(trial) and not _stopped(trial, analysis, shown):
        reasons = [Remark(_RUNNING, {"end": complete_on(trial).isoformat()})]
        return _decision(trial, analysis, checks, "keep running", "", reasons, shown)
    good = [name for name in analysis.treatments if _may_ship(trial, analysis, name, shown)]
    if not good:
        reasons = [r for name in analysis.treatments for r in _findings(analysis, name, shown)]
        return _decision(trial, analysis, checks, "do not ship", "", reasons, shown)
    best = max(good, key=lambda name: _gain(analysis.of("primary"), name))
    reasons = _findings(analysis, best, shown)
    return _decision(trial, analysis, checks, "ship", best, reasons, shown)


def _decision(
    trial: Trial,
    analysis: Analysis,
    checks: Checks,
    verdict: Verdict,
    variant: str,
    reasons: list[Remark],
    shown: Shown | None = None,
) -> Decision:
    about = variant or analysis.treatments[0]
    changing = [] if shown is None else _would_change(trial, analysis, about, shown)
    return Decision(
        verdict=verdict,
        variant=variant,
        reasons=tuple(reasons),
        would_change=tuple(changing),
        deviations=deviations(trial, analysis, checks),
        money=monthly_worth(trial, analysis, about),
        plan=trial.plan.digest,
    )


def _own(analysis: Analysis, role: str, variant: str) -> list[Reading]:
    return [one for one in analysis.of(role) if one.variant == variant]


def _shown(trial: Trial, analysis: Analysis) -> Shown:
    """Return whether a difference is shown, of each primary metric in each treatment."""
    readings = analysis.of("primary")
    if trial.plan.looks is None:
        level = 1 - analysis.confidence
        return {(one.metric.name, one.variant): one.p_adjusted < level for one in readings}
    any_is_enough = trial.plan.ship_when == "any_primary"
    chances = len(readings) if any_is_enough else len(analysis.treatments)
    confidence = 1 - (1 - analysis.confidence) / chances
    return {
        (one.metric.name, one.variant): any(
            look.crossed
            for look in monitor(
                trial, one.metric.name, variant=one.variant, confidence=confidence
            ).looks
        )
        for one in readings
    }


def _is_better(reading: Reading, shown: Shown) -> bool:
    return shown[reading.metric.name, reading.variant] and (
        reading.planned.value * reading.metric.sign > 0
    )


def _enough(trial: Trial, each: Sequence[bool]) -> bool:
    return all(each) if trial.plan.ship_when == "every_primary" else any(each)


def _may_ship(trial: Trial, analysis: Analysis, variant: str, shown: Shown) -> bool:
    better = [_is_better(one, shown) for one in _own(analysis, "primary", variant)]
    holds = [_guard(one).holds for one in _own(analysis, "guardrail", variant)]
    return _enough(trial, better) and all(holds)


def _stopped(trial: Trial, analysis: Analysis, shown: Shown) -> bool:
    """Return whether planned looks have answered for the primary metrics of a treatment."""
    names = [metric.name for metric in trial.plan.metrics if metric.role == "primary"]
    return trial.plan.looks is not None and any(
        _enough(trial, [shown[name, variant] for name in names]) for variant in analysis.treatments
    )


def _guard(reading: Reading) -> MarginTest:
    if reading.guard is None:
        raise ValueError(f"metric must have a margin; got {reading.metric.name!r}")
    return reading.guard


def _harmed(analysis: Analysis, variant: str) -> list[Remark]:
    """Return the guardrails whose harm is shown to be above the margin."""
    return [
        Remark(_HARMED, {"metric": named(one.metric.name), "variant": variant})
        for one in _own(analysis, "guardrail", variant)
        if _is_harmed(one)
    ]


def _is_harmed(reading: Reading) -> bool:
    return _least_harm(reading) > _guard(reading).margin


def _least_harm(reading: Reading) -> float:
    ci = _guard(reading).ci
    if reading.metric.guard == "equivalence":
        return 0.0 if ci.low <= 0 <= ci.high else min(abs(ci.low), abs(ci.high))
    return -ci.high if reading.metric.direction == "increase" else ci.low


def _gain(readings: tuple[Reading, ...], variant: str) -> float:
    first = next(one for one in readings if one.variant == variant)
    return first.planned.value * first.metric.sign


def _findings(analysis: Analysis, variant: str, shown: Shown) -> list[Remark]:
    found = []
    for one in _own(analysis, "primary", variant):
        message = _NOT_SHOWN
        if shown[one.metric.name, variant]:
            message = _BETTER if _is_better(one, shown) else _WORSE
        change = as_figure(one.planned.value, one.planned.unit)
        values: dict[str, Value] = {"metric": named(one.metric.name), "variant": variant}
        values["change"] = change
        found.append(Remark(message, values))
    for one in _own(analysis, "guardrail", variant):
        message = _HOLDS if _guard(one).holds else _NOT_HELD
        if _is_harmed(one):
            message = _HARMED
        found.append(Remark(message, {"metric": named(one.metric.name), "variant": variant}))
    return found


def _would_change(trial: Trial, analysis: Analysis, variant: str, shown: Shown) -> list[Remark]:
    found = []
    level = 1 - analysis.confidence
    for one in _own(analysis, "primary", variant):
        name = named(one.metric.name)
        if not shown[one.metric.name, variant]:
            if one.metric.mde is not None:
                message = _STILL_POSSIBLE if _allows(one) else _EXCLUDED
                found.append(Remark(message, {"metric": name}))
        elif trial.plan.looks is None:  # else a boundary decides, not the p-value of the last day
            at = Figure(1 - one.p_adjusted, "share", 1)
            found.append(Remark(_CONFIDENCE, {"metric": name, "confidence": at}))
        if one.adjusted and (one.difference.p_value < level) != (one.adjusted.p_value < level):
            p = Figure(frames.stable(one.difference.p_value), "", 3)
            found.append(Remark(_PLAIN, {"metric": name, "p": p}))
    for one in _own(analysis, "guardrail", variant):
        harm = one.most_harm
        if not math.isnan(harm) and harm > 0:
            margin = as_figure(harm, _guard(one).unit, relative=one.metric.relative)
            found.append(Remark(_MARGIN, {"metric": named(one.metric.name), "margin": margin}))
    return found


def _allows(reading: Reading) -> bool:
    """Return whether the interval reaches the smallest effect worth finding."""
    mde = reading.metric.mde or 0.0
    comparison = reading.lift if reading.metric.relative else reading.planned
    best = comparison.ci.high if reading.metric.sign > 0 else -comparison.ci.low
    return not best < mde
