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

from cxresearch.core.remarks import Amount, Remark, Sentence, Value, joined
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.experiments.conduct import deviations, is_retrospective
from cxresearch.experiments.money import Worth, worth
from cxresearch.experiments.monitoring import monitor
from cxresearch.experiments.trial import complete_on
from cxresearch.experiments.wording import as_figure, in_variant, named, p_remark, table_of

if TYPE_CHECKING:
    from cxresearch.core.results import Estimate
    from cxresearch.experiments.analysis import Analysis
    from cxresearch.experiments.checks import Checks
    from cxresearch.experiments.metric_effects import MetricEffect
    from cxresearch.experiments.trial import Trial
    from cxresearch.stats.means.margins import MarginTest

#: Whether a difference is shown, by metric and treatment.
Shown = Mapping[tuple[str, str], bool]
Verdict = Literal["ship", "do not ship", "keep running", "blocked"]

_COLUMNS = (Column("about", "About"), Column("words", "What"))
_BLOCKED = "the check of {check} failed"
_RUNNING = "the plan's end is on {end}, and no planned look says to stop"
_BETTER = "{metric} is better in {variant}: {change}"
_WORSE = "{metric} is worse in {variant}: {change}"
_NOT_SHOWN = "no difference of {metric} is shown in {variant}: {change}"
_UNKNOWN = "{metric} cannot be compared in {variant}: too few outcomes are known"
_HOLDS = "the guardrail {metric} holds in {variant}"
_NOT_HELD = "the guardrail {metric} is not shown to hold in {variant}"
_HARMED = "the guardrail {metric} is broken in {variant}"
_CONFIDENCE = "{metric} would no longer be shown at a confidence above {confidence}"
_SURE = "{metric} would still be shown at a confidence of {confidence}"
_PLAIN = "{metric} would be read another way without covariates: {p}"
_CHOSEN = "{other} may be shipped as well; {metric} favours {variant}, {how}"
_APART = {
    True: "and the difference of the two is shown",
    False: "but no difference of the two is shown",
    None: "but the plan does not compare the two",
}
#: A p-value below this leaves what is shown as it is at every confidence that one may ask for.
_SMALL, _HIGHEST = 0.0005, 0.999
_BY_RETROSPECTIVE = "{experiment} by a retrospective plan"
#: By the verdict, and whether the effect is a rise.
_ANSWERS = {
    ("ship", True): "Ship {variant}: {metric} up {difference}; {worth}.",
    ("ship", False): "Ship {variant}: {metric} moves by {difference}; {worth}.",
    ("do not ship", True): "Do not ship {variant}: {metric} up {difference}; {worth}.",
    ("do not ship", False): "Do not ship {variant}: {metric} moves by {difference}; {worth}.",
    ("not shown", True): "Do not ship {variant}: {metric} up {difference}, which may be chance.",
    ("not shown", False): (
        "Do not ship {variant}: {metric} moves by {difference}, which may be chance."
    ),
    ("keep running", True): "Keep {experiment} running: {metric} up {difference} so far.",
    ("keep running", False): "Keep {experiment} running: {metric} moves by {difference} so far.",
}
_ANSWER_UNKNOWN = "{experiment}: {verdict}. {metric} cannot be compared yet."
_ANSWER_BLOCKED = "{experiment} cannot be judged: {why}."
_UNGUARDED = "guardrail {metric} not proven"
_UNPRICED = Remark("what it is worth is not measured")
_NO_GAIN = Remark("a gain in money is not shown")
#: By whether the customers of a month are known, and whether it is a gain.
_PRICED = {
    (True, True): "worth about {money} a month",
    (True, False): "it costs about {money} a month",
    (False, True): "worth about {money} in the test",
    (False, False): "it costs about {money} in the test",
}
_STEPS = {
    "ship": "Roll out {variant} to everyone.",
    "ship unpriced": "Roll out {variant} and keep measuring revenue: a gain is not shown yet.",
    "do not ship": "Keep {control}. Write down what was learnt before the next test.",
    "too small": (
        "Keep {control}. The test was too small to rule out an effect that matters: repeat it with "
        "more customers, or leave it."
    ),
    "keep running": "Let the test run to its planned end; do not stop on a good day.",
    "blocked": "Fix what failed the check and run the test again: these data cannot decide.",
}
_MARGIN = "the guardrail {metric} holds where the allowed harm is {margin} or more"
_STILL_POSSIBLE = "the data do not rule out the smallest effect of interest in {metric}"
_EXCLUDED = "the data rule out the smallest effect of interest in {metric}"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Decision(Tabular):
    """What to do, by the plan's rule.

    Parameters
    ----------
    verdict : {"ship", "do not ship", "keep running", "blocked"}
        What to do.
    variant : str
        The treatment to ship; empty where there is none.
    best : str
        The treatment to ship, else the one in which the first primary metric says most for it.
    reasons : tuple of Remark
        Why.
    would_change : tuple of Remark
        What would change it.
    deviations : tuple of Remark
        What was not done as planned.
    money : Worth
        What each treatment is worth.
    plan : str
        The hash of the plan.
    is_shown : bool
        Whether a difference of the first primary metric is shown in the best treatment.
    """

    verdict: Verdict
    variant: str
    best: str
    reasons: tuple[Remark, ...]
    would_change: tuple[Remark, ...]
    deviations: tuple[Remark, ...]
    money: Worth
    plan: str
    is_shown: bool = False

    def table(self) -> Table:
        """Return the remarks, one row each: `about` (what they say) and `words`."""
        parts = {
            "reason": self.reasons,
            "would change the decision": self.would_change,
            "not as planned": self.deviations,
        }
        rows = [(about, remark) for about, remarks in parts.items() for remark in remarks]
        return table_of(
            rows, _COLUMNS, caption="Why, what would change it, and what was not as planned"
        )


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
    best = _best(analysis, good)
    others = [name for name in analysis.treatments if name != best]
    reasons = _findings(analysis, best, shown)
    reasons += [_chosen(analysis, best, other) for other in others if other in good]
    reasons += [r for name in others for r in _findings(analysis, name, shown)]
    return _decision(trial, analysis, checks, "ship", best, reasons, shown)


def answer(trial: Trial, analysis: Analysis, decision: Decision) -> Sentence:
    """Return a decision in a sentence.

    Parameters
    ----------
    trial : Trial
        The experiment.
    analysis : Analysis
        Its results.
    decision : Decision
        What was decided.

    Returns
    -------
    Sentence
        For :func:`cxresearch.report.headline`: the verdict, the treatment with its effect on the
        first primary metric, and whether a gain in money is shown, or that the effect may be chance
        where no difference is shown and nothing is shipped; of a blocked verdict, which
        checks failed, and no effect; where no treatment has enough outcomes, that there is none.
    """
    name: dict[str, Value] = {"experiment": trial.plan.name}
    values: dict[str, Value | Estimate] = {
        "experiment": Remark(
            _BY_RETROSPECTIVE if is_retrospective(trial) else "{experiment}", name
        ),
        "verdict": Remark(decision.verdict),
    }
    if decision.verdict == "blocked":
        blocked = {"experiment": values["experiment"], "why": joined(decision.reasons, "; ")}
        return Sentence(_ANSWER_BLOCKED, blocked)
    reading = _own(analysis, "primary", decision.best)[0]
    if math.isnan(reading.planned.value):
        return Sentence(_ANSWER_UNKNOWN, values | {"metric": reading.called})
    effect = {"metric": reading.called, "difference": reading.planned}
    said = decision.verdict, reading.planned.value > 0
    if decision.verdict == "keep running":
        return Sentence(_ANSWERS[said], {"experiment": values["experiment"], **effect})
    if decision.verdict == "do not ship" and not decision.is_shown:
        return Sentence(_ANSWERS["not shown", said[1]], {"variant": decision.best, **effect})
    money = decision.money.by_variant.get(decision.best)
    priced = _priced(decision, money)
    guards = [one for one in _own(analysis, "guardrail", decision.best) if not _guard(one).holds]
    if decision.verdict == "do not ship" and guards:
        priced = Remark(_UNGUARDED, {"metric": guards[0].called})
    return Sentence(_ANSWERS[said], {"variant": decision.best, **effect, "worth": priced})


def next_step(analysis: Analysis, decision: Decision) -> Sentence:
    """Return what to do after a decision.

    Parameters
    ----------
    analysis : Analysis
        The results.
    decision : Decision
        What was decided.
    """
    if decision.verdict == "ship":
        money = decision.money.by_variant.get(decision.best)
        is_gain = money is not None and money.ci.low > 0
        message = _STEPS["ship" if is_gain else "ship unpriced"]
        return Sentence(message, {"variant": decision.best})
    if decision.verdict != "do not ship":
        return Sentence(_STEPS[decision.verdict], {})
    first = _own(analysis, "primary", decision.best)[0]
    is_small = not decision.is_shown and first.metric.mde is not None and _allows(first)
    step = "too small" if is_small else "do not ship"
    return Sentence(_STEPS[step], {"control": analysis.control})


def _priced(decision: Decision, money: Estimate | None) -> Remark:
    """Return what a treatment is worth, no more than is shown."""
    if money is None:
        return _UNPRICED
    if money.ci.low <= 0 <= money.ci.high:
        return _NO_GAIN
    amount = Amount(abs(money.value), money.unit, 0)
    return Remark(_PRICED[bool(decision.money.days), money.value > 0], {"money": amount})


def _decision(
    trial: Trial,
    analysis: Analysis,
    checks: Checks,
    verdict: Verdict,
    variant: str,
    reasons: list[Remark],
    shown: Shown | None = None,
) -> Decision:
    changing = [
        remark
        for name in ([] if shown is None else analysis.treatments)
        for remark in _would_change(trial, analysis, name, shown or {})
    ]
    best = variant or _best(analysis, analysis.treatments)
    first = _own(analysis, "primary", best)[0].metric.name
    return Decision(
        verdict=verdict,
        variant=variant,
        best=best,
        reasons=tuple(reasons),
        would_change=tuple(changing),
        deviations=deviations(trial, analysis, checks),
        money=worth(trial, analysis),
        plan=trial.plan.digest,
        is_shown=(shown or {}).get((first, best), False),
    )


def _own(analysis: Analysis, role: str, variant: str) -> list[MetricEffect]:
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


def _is_better(reading: MetricEffect, shown: Shown) -> bool:
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


def _guard(reading: MetricEffect) -> MarginTest:
    if reading.guard is None:
        raise ValueError(f"metric must have a margin; got {reading.metric.name!r}")
    return reading.guard


def _harmed(analysis: Analysis, variant: str) -> list[Remark]:
    """Return the guardrails whose harm is shown to be above the margin."""
    return [
        Remark(_HARMED, {"metric": named(one.metric.name), "variant": variant})
        for one in _own(analysis, "guardrail", variant)
        if one.broken
    ]


def _best(analysis: Analysis, variants: Sequence[str]) -> str:
    """Return the treatment in which the first primary metric says most for it."""
    return max(variants, key=lambda name: _gain(_own(analysis, "primary", name)[0]))


def _gain(reading: MetricEffect) -> float:
    gain = reading.planned.value * reading.metric.sign
    return -math.inf if math.isnan(gain) else gain


def _chosen(analysis: Analysis, best: str, other: str) -> Remark:
    """Return why one of two treatments is shipped that both may be."""
    first = _own(analysis, "primary", best)[0].metric
    pair = [
        one
        for one in analysis.between
        if one.metric.name == first.name and {one.against, one.variant} == {best, other}
    ]
    how = pair[0].p_adjusted < 1 - analysis.confidence if pair else None
    values: dict[str, Value] = {"other": other, "metric": named(first.name), "variant": best}
    return Remark(_CHOSEN, values | {"how": Remark(_APART[how])})


def _findings(analysis: Analysis, variant: str, shown: Shown) -> list[Remark]:
    found = []
    for one in _own(analysis, "primary", variant):
        message = _NOT_SHOWN
        if shown[one.metric.name, variant]:
            message = _BETTER if _is_better(one, shown) else _WORSE
        change = as_figure(one.planned.value, one.planned.unit)
        values: dict[str, Value] = {"metric": named(one.metric.name), "variant": variant}
        values["change"] = change
        if math.isnan(one.planned.value):
            message = _UNKNOWN
            del values["change"]
        found.append(Remark(message, values))
    for one in _own(analysis, "guardrail", variant):
        message = _HOLDS if _guard(one).holds else _NOT_HELD
        if one.broken:
            message = _HARMED
        found.append(Remark(message, {"metric": named(one.metric.name), "variant": variant}))
    return found


def _would_change(trial: Trial, analysis: Analysis, variant: str, shown: Shown) -> list[Remark]:
    found = []
    level = 1 - analysis.confidence
    for one in _own(analysis, "primary", variant):
        name = _called(analysis, one)
        if not shown[one.metric.name, variant]:
            if one.metric.mde is not None:
                message = _STILL_POSSIBLE if _allows(one) else _EXCLUDED
                found.append(Remark(message, {"metric": name}))
        elif trial.plan.looks is None:  # else a boundary decides, not the p-value of the last day
            small = one.p_adjusted < _SMALL
            at = Amount(_HIGHEST if small else 1 - one.p_adjusted, "share", 1)
            message = _SURE if small else _CONFIDENCE
            found.append(Remark(message, {"metric": name, "confidence": at}))
        if one.plain and (one.plain.p_value < level) != (one.planned.p_value < level):
            found.append(Remark(_PLAIN, {"metric": name, "p": p_remark(one.plain.p_value)}))
    for one in _own(analysis, "guardrail", variant):
        harm = one.most_harm
        if not math.isnan(harm) and harm > 0:
            margin = as_figure(harm, _guard(one).unit, relative=one.metric.relative)
            found.append(Remark(_MARGIN, {"metric": _called(analysis, one), "margin": margin}))
    return found


def _called(analysis: Analysis, reading: MetricEffect) -> Remark:
    """Return a metric's name, with the treatment's where there are several."""
    name = named(reading.metric.name)
    return in_variant(name, reading.variant) if len(analysis.treatments) > 1 else name


def _allows(reading: MetricEffect) -> bool:
    """Return whether the interval reaches the smallest effect worth finding."""
    mde = reading.metric.mde or 0.0
    comparison = reading.lift if reading.metric.relative else reading.planned
    best = comparison.ci.high if reading.metric.sign > 0 else -comparison.ci.low
    return not best < mde
