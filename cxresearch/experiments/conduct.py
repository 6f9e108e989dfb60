"""Whether an experiment of a study ran as planned: its checks, and what was done another way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np

from cxresearch.core.remarks import Remark, Value
from cxresearch.engine import frames
from cxresearch.experiments.checks import (
    MISSING_OUTCOMES,
    MOST_SEVERAL,
    Check,
    Checks,
    Standing,
    Tested,
    check,
    judged,
    only_warned,
    worst,
)
from cxresearch.experiments.metric_columns import EARLY, MetricColumns
from cxresearch.experiments.sums import group_sums
from cxresearch.experiments.trial import complete_on
from cxresearch.experiments.wording import listed, named, p_remark
from cxresearch.stats.means.estimators import ValueWithVariance
from cxresearch.stats.means.strata import homogeneity
from cxresearch.stats.multiplicity import p_values
from cxresearch.stats.shares.differences import difference_of_proportions
from cxresearch.stats.shares.sample_ratio import sequential_sample_ratio

if TYPE_CHECKING:
    from cxresearch.experiments.analysis import Analysis
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
_WEEK = 7
_SEQUENTIAL = "at any day so far: {p}"
_OVER_TIME = "the same shares in every week: {p}"
_DID_BEFORE = "customers who did it before the exposure, {metric}, {counts}: {p}, adjusted"
_EXPOSURES = (
    "left out: {several} in several variants, {before} before the start, {after} after the end, "
    "{unknown} exposures to unknown variants, {rejected} rejected when loaded"
)
_NOBODY = "nobody is in {variants}"
_UNMEASURED = "nobody in {variant} has an outcome of {metric}"


def deviations(trial: Trial, analysis: Analysis, checks: Checks) -> tuple[Remark, ...]:
    """Return what was not done as the plan says.

    Parameters
    ----------
    trial : Trial
        The experiment.
    analysis : Analysis
        Its results.
    checks : Checks
        Its checks.
    """
    found = [Remark(_RETROSPECTIVE)] if is_retrospective(trial) else []
    found += [*_metrics(trial, analysis), *_days(trial)]
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
    day: dict[str, Value] = {"day": date.fromisoformat(trial.plan.planned_on)}
    if _is_contradicted(trial) and trial.first_day is not None:
        return Remark(_CONTRADICTED, day | {"first": trial.first_day})
    return Remark(_WRITTEN_BEFORE, day)


def check_trial(trial: Trial, analysis: Analysis) -> Checks:
    """Check an experiment of a study: all of :func:`check`, its exposures, and its days.

    Parameters
    ----------
    trial : Trial
        The experiment.
    analysis : Analysis
        What :func:`cxresearch.experiments.evaluate` found in it.
    """
    shares = trial.plan.variants
    found = [
        _unmeasured(trial, analysis) or one if one.name == MISSING_OUTCOMES else one
        for one in check(analysis, shares=shares).checks
    ]
    own = [_exposures(trial), *found, only_warned(analysis, _early(trial, analysis))]
    if trial.plan.unit == "customer":
        own += _over_time(trial, shares)
    return Checks(tuple(own))


def _is_contradicted(trial: Trial) -> bool:
    written = trial.plan.planned_on
    return bool(written and trial.first_day and trial.first_day <= date.fromisoformat(written))


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


def _unmeasured(trial: Trial, analysis: Analysis) -> Check | None:
    """Return the failed check of a primary metric that nobody of a variant has, at the end."""
    if trial.last_day < complete_on(trial):
        return None
    for one in analysis.of("primary"):
        for variant, n in ((analysis.control, one.control.n), (one.variant, one.treatment.n)):
            if not n:
                values: dict[str, Value] = {"variant": variant, "metric": named(one.metric.name)}
                finding = Remark(_UNMEASURED, values)
                return Check(name=MISSING_OUTCOMES, standing="failed", finding=finding)
    return None


def _early(trial: Trial, analysis: Analysis) -> Check:
    """Return whether as many of each variant did before the exposure what a metric counts.

    An exposure that is written down only after the outcome would show here.
    """
    metrics = [
        MetricColumns(name=metric.name, kind="proportion", value=metric.name + EARLY)
        for metric in trial.metrics
        if metric.role != "exploratory"
    ]
    sums = group_sums(trial.frame, metrics, by=["variant"])
    groups = {name: sums.groups.get((name,), sums.nothing) for name in analysis.variants}
    tested: dict[Tested, float] = {}
    counts: dict[Tested, Remark] = {}
    for metric in metrics:
        for name in analysis.treatments:
            own = (analysis.control, name)
            both = [groups[one].metrics[metric.name] for one in own]
            pair = [(one.successes, one.n) for one in both]
            tested[metric.name, name] = difference_of_proportions(pair[0], pair[1]).p_value
            counts[metric.name, name] = listed([count for count, _ in pair], own)
    return worst("outcomes before the exposure", tested, _DID_BEFORE, "metric", counts=counts)


def _over_time(trial: Trial, shares: Mapping[str, float]) -> list[Check]:
    """Return the sample ratio at any day so far, and whether the shares changed."""
    by_day = trial.frame.group_by("day", "variant").agg(nw.len().alias("n"))
    rows = frames.rows(by_day)
    days = sorted({row["day"] for row in rows})
    if not days:
        return []
    counts = np.zeros((len(days), len(shares)), dtype=int)
    for row in rows:
        counts[days.index(row["day"]), list(shares).index(row["variant"])] = row["n"]
    running = sequential_sample_ratio(counts.cumsum(axis=0), list(shares.values()))
    weeks = [counts[i : i + _WEEK].sum(axis=0) for i in range(0, len(days), _WEEK)]
    # Of two variants one share says all; of several, some may change while the control's stays.
    counted = range(len(shares) if len(shares) > 2 else 1)
    each = [
        homogeneity(
            [ValueWithVariance.of_proportion(int(week[i]), int(week.sum())) for week in weeks]
        )
        for i in counted
    ]
    changed = float(np.fmin.reduce(p_values.adjusted([one.p_value for one in each])))
    return [
        judged(
            "sample ratio at any day",
            running.p_value,
            Remark(_SEQUENTIAL, {"p": p_remark(running.p_value)}),
        ),
        judged("shares over time", changed, Remark(_OVER_TIME, {"p": p_remark(changed)})),
    ]


def _exposures(trial: Trial) -> Check:
    tally = trial.tally
    empty = [name for name, count in tally.customers.items() if not count]
    if empty and trial.last_day >= date.fromisoformat(trial.plan.start):
        nobody = Remark(_NOBODY, {"variants": ", ".join(empty)})
        return Check(name="exposures", standing="failed", finding=nobody)
    unknown = sum(tally.unknown.values())
    finding = Remark(
        _EXPOSURES,
        {
            "several": tally.several_left_out,
            "before": tally.before_start,
            "after": tally.after_end,
            "unknown": unknown,
            "rejected": tally.rejected,
        },
    )
    known = sum(tally.customers.values())
    broken = max(tally.several_variants, unknown) > MOST_SEVERAL * max(known, 1)
    odd = tally.several_variants or unknown or tally.before_start or tally.mixed_clusters
    odd = odd or tally.rejected
    standing: Standing = "failed" if broken else "warning" if odd else "passed"
    return Check(name="exposures", standing=standing, finding=finding)
