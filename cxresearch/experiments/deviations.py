"""What was done otherwise than the plan says, listed so that a reader can weigh it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from cxresearch.core.remarks import Remark, Value
from cxresearch.experiments._metric_labels import named

if TYPE_CHECKING:
    from cxresearch.experiments.analysis import Analysis
    from cxresearch.experiments.check_records import Checks
    from cxresearch.experiments.trial import Trial

_NOT_PLANNED = "not in the plan: {metric}"
_NOT_ANALYSED = "in the plan and not analysed: {metric}"
_EARLY = "read on {day}, before the plan's end on {end}"
_NOT_OVER = "read on {day}, before the days of the last customers were over on {end}"
_NO_LOOK = "read when the plan has no look: after {percent} of 100 planned days"
_CONFIDENCE = "confidence of {used} where {planned} was planned"
_SHARES = "the shares of the variants changed over time"
_WRITTEN_BEFORE = "The plan was written on {day}, before the first exposure."
_WRITTEN_AFTER = (
    "The plan is retrospective: it was written after the data, which it cannot predict."
)
_CONTRADICTED = (
    "The plan says that it was written on {day}, but there are exposures of {first}: it counts as "
    "retrospective."
)
_NOT_SAID = "The plan does not say when it was written, so it may have been after the data."
_RETROSPECTIVE = "the plan was written after the data"
_OUTSIDE = "exposures before the start or after the end: {count}"

#: A look within so much of the planned share is that look.
_NEAR = 0.02


def deviations(trial: Trial, analysis: Analysis, checks: Checks) -> tuple[Remark, ...]:
    """Return what was done otherwise than the plan says.

    Parameters
    ----------
    trial : Trial
        The experiment.
    analysis : Analysis
        Its results.
    checks : Checks
        Its checks.
    """
    found = [*_written(trial), *_metrics(trial, analysis), *_days(trial)]
    if analysis.confidence != trial.plan.confidence:
        used, planned = (f"{one:g}" for one in (analysis.confidence, trial.plan.confidence))
        found.append(Remark(_CONFIDENCE, {"used": used, "planned": planned}))
    outside = trial.tally.before_start + trial.tally.after_end
    if outside:
        found.append(Remark(_OUTSIDE, {"count": outside}))
    changed = [one for one in checks.checks if one.name == "shares over time"]
    if changed and changed[0].standing == "failed":
        found.append(Remark(_SHARES))
    return tuple(found)


def is_retrospective(trial: Trial) -> bool:
    """Return whether the plan was written after data of the experiment were there."""
    return trial.plan.retrospective or _is_contradicted(trial)


def when_written(trial: Trial) -> Remark:
    """Return what is known of when the plan was written; no exposure may be as old.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from cxresearch.experiments._example import PLAN
    >>> from cxresearch.core.languages import Language
    >>> when_written(SimpleNamespace(plan=PLAN, first_day=None)).words(Language("en"))
    'The plan does not say when it was written, so it may have been after the data.'
    """
    if trial.plan.retrospective:
        return Remark(_WRITTEN_AFTER)
    if trial.plan.planned_on is None:
        return Remark(_NOT_SAID)
    day: dict[str, Value] = {"day": trial.plan.planned_on}
    if _is_contradicted(trial) and trial.first_day is not None:
        return Remark(_CONTRADICTED, day | {"first": trial.first_day.isoformat()})
    return Remark(_WRITTEN_BEFORE, day)


def complete_on(trial: Trial) -> date:
    """Return the first day on which the days of every customer and metric are over."""
    longest = max(metric.days for metric in trial.plan.metrics)
    return date.fromisoformat(trial.plan.end) + timedelta(days=longest)


def _is_contradicted(trial: Trial) -> bool:
    written = trial.plan.planned_on
    return bool(written and trial.first_day and trial.first_day <= date.fromisoformat(written))


def _written(trial: Trial) -> list[Remark]:
    return [Remark(_RETROSPECTIVE)] if is_retrospective(trial) else []


def _metrics(trial: Trial, analysis: Analysis) -> list[Remark]:
    planned = [metric.name for metric in trial.plan.metrics]
    analysed = list(dict.fromkeys(one.metric.name for one in analysis.readings))
    return [
        *(
            Remark(_NOT_PLANNED, {"metric": named(name)})
            for name in analysed
            if name not in planned
        ),
        *(
            Remark(_NOT_ANALYSED, {"metric": named(name)})
            for name in planned
            if name not in analysed
        ),
    ]


def _days(trial: Trial) -> list[Remark]:
    end, day = date.fromisoformat(trial.plan.end), trial.last_day
    if day >= complete_on(trial):
        return []
    if day >= end:
        return [_on(_NOT_OVER, day, complete_on(trial))]
    if trial.plan.looks is None:
        return [_on(_EARLY, day, end)]
    share = trial.share_of_days
    if min(abs(share - look) for look in trial.plan.looks.shares) <= _NEAR:
        return []
    return [Remark(_NO_LOOK, {"percent": round(100 * share)})]


def _on(message: str, day: date, end: date) -> Remark:
    return Remark(message, {"day": day.isoformat(), "end": end.isoformat()})
