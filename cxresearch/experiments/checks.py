"""Whether the data of an experiment can be trusted, asked before any result is read.

A check that fails blocks the verdict and says why: a difference between variants that chance did
not make like each other says nothing of the treatment.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np

from cxresearch.core.remarks import Amount, Remark, Value
from cxresearch.engine import frames
from cxresearch.experiments._format import p_remark
from cxresearch.experiments._metric_labels import named
from cxresearch.experiments.attrition import OF_SOME, missing_outcomes
from cxresearch.experiments.check_records import (
    Check,
    Checks,
    Standing,
    Tested,
    judged,
    listed,
    worst,
)
from cxresearch.experiments.deviations import complete_on
from cxresearch.experiments.metric_columns import MetricColumns
from cxresearch.experiments.metric_values import EARLY, SUFFIX
from cxresearch.experiments.sums import OR_0, THERE, group_sums
from cxresearch.stats.association.interactions import homogeneity
from cxresearch.stats.means.estimators import ValueWithVariance, difference
from cxresearch.stats.multiplicity import p_values
from cxresearch.stats.shares.differences import difference_of_proportions
from cxresearch.stats.shares.sample_ratio import sample_ratio, sequential_sample_ratio

if TYPE_CHECKING:
    from cxresearch.experiments.analysis import Analysis
    from cxresearch.experiments.trial import Trial

#: More customers in several variants than this share say that the assignment is broken.
_MOST_SEVERAL = 0.01
_WEEK = 7
_MISSING_OUTCOMES = "missing outcomes"

_RATIO = "{counts} units where {shares} were planned: {p}"
_SEQUENTIAL = "at any day so far: {p}"
_OVER_TIME = "whether the shares are the same in every week: {p}"
_BALANCE = "the covariate that differs most, {covariate}: {p}, adjusted"
_BEFORE = "{metric} before the exposure"
_HISTORY = "who has {covariate}"
_BEFORE_PER = "the denominator of {metric} before the exposure"
_MISSING = "the metric whose missing outcomes differ most, {metric}, {counts}: {p}, adjusted"
_EARLY = "customers who did it before the exposure, {metric}, {counts}: {p}, adjusted"
_EXPOSURES = (
    "left out: {several} in several variants, {before} before the start, {after} after the end, "
    "{unknown} exposures to unknown variants, {rejected} rejected when loaded"
)
_NOBODY = "nobody is in {variants}"
_UNMEASURED = "nobody in {variant} has an outcome of {metric}"
_RECEIVED = (
    "units that got another version than they were assigned to: {counts}, a share of {share}; "
    "not known of {unknown}"
)


def check(analysis: Analysis, *, shares: Mapping[str, float]) -> Checks:
    """Check the units of an analysis: their shares, their past, and their missing outcomes.

    Parameters
    ----------
    analysis : Analysis
        The analysis, from :func:`cxresearch.experiments.analyse`.
    shares : mapping of str to float
        The planned share of each variant, 0-1, summing to 1.

    Returns
    -------
    Checks
        The sample ratio, the balance of the covariates, the missing outcomes and, where that was
        given, whether the units received the version they were assigned to.

    Raises
    ------
    ValueError
        If the shares are not those of the variants or do not sum to 1.

    Notes
    -----
    A check fails at p < .001 and warns at p < .01; where one asks several times, its smallest
    p-value counts, adjusted by Holm. Where chance assigned clusters, the units in them are alike
    and only the sample ratio can fail; the others warn at most. A ratio or a quantile is of some
    units only, which the treatment may change: that they differ is an effect, no fault. What is
    looked at besides the plan decides no check. That more
    than 1 in 100 units received another version than their own fails.

    Examples
    --------
    >>> from cxresearch.experiments import MetricColumns, analyse
    >>> from cxresearch.experiments._example import CUSTOMERS
    >>> found = analyse(CUSTOMERS, metrics=[MetricColumns(name="bought", kind="proportion")])
    >>> check(found, shares={"control": 0.5, "one_page": 0.5}).check("sample ratio").p_value
    1.0
    """
    own = (_of_units(analysis, one) for one in (_balance(analysis), _missing(analysis)))
    return Checks((_sample_ratio(analysis, shares), *own, *_received(analysis)))


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
        _unmeasured(trial, analysis) or one if one.name == _MISSING_OUTCOMES else one
        for one in check(analysis, shares=shares).checks
    ]
    own = [_exposures(trial), *found, _of_units(analysis, _early(trial, analysis))]
    if trial.plan.unit == "customer":
        own += _over_time(trial, shares)
    return Checks(tuple(own))


def _of_units(analysis: Analysis, found: Check) -> Check:
    """Return a check that takes units as independent; where clusters are not, it only warns."""
    if analysis.clustered and found.standing == "failed":
        return replace(found, standing="warning")
    return found


def _sample_ratio(analysis: Analysis, shares: Mapping[str, float]) -> Check:
    if set(shares) != set(analysis.variants):
        raise ValueError(
            f"shares must be those of {', '.join(analysis.variants)}; got {dict(shares)!r}"
        )
    counts = [analysis.assigned[name] for name in shares]
    p_value = sample_ratio(counts, list(shares.values())).p_value
    values: dict[str, Value] = {
        "counts": listed(counts, list(shares)),
        "shares": listed([Amount(share, "share") for share in shares.values()]),
        "p": p_remark(p_value),
    }
    return judged("sample ratio", p_value, Remark(_RATIO, values))


def _balance(analysis: Analysis) -> Check:
    """Return whether the variants were alike before, by the covariate in which they differ most."""
    tested: dict[Tested, float] = {}
    control = analysis.groups[analysis.control]
    for metric, sums in control.metrics.items():
        first = 2 if analysis.reading(metric).metric.is_ratio else 1
        for place, column in enumerate(sums.columns[first:], start=first):
            for name in analysis.treatments:
                groups = [sums, analysis.groups[name].metrics[metric]]
                if not all(group.n for group in groups):
                    continue
                a, b = (ValueWithVariance.of_mean(group.moments.sample(place)) for group in groups)
                tested[column, name] = difference(a, b, unit="").p_value
    return worst("balance before the exposure", tested, _BALANCE, "covariate", said=_covariate)


def _covariate(column: str) -> Remark:
    """Return how a covariate is called: one that was read from a study by its metric."""
    if column.endswith(THERE):
        return Remark(_HISTORY, {"covariate": _covariate(column.removesuffix(THERE))})
    own = column.removesuffix(OR_0).rpartition(": ")[2]
    for part, message in ((SUFFIX["before_per"], _BEFORE_PER), (SUFFIX["before"], _BEFORE)):
        if own.endswith(part):
            return Remark(message, {"metric": named(own.removesuffix(part))})
    return named(own)


def _missing(analysis: Analysis) -> Check:
    found = [
        one for one in missing_outcomes(analysis, planned=True) if one.metric.kind not in OF_SOME
    ]
    tested = {(one.metric.name, one.variant): one.p_value for one in found}
    counts = {
        (one.metric.name, one.variant): listed(one.without, [analysis.control, one.variant])
        for one in found
    }
    return worst(_MISSING_OUTCOMES, tested, _MISSING, "metric", counts=counts)


def _unmeasured(trial: Trial, analysis: Analysis) -> Check | None:
    """Return the failed check of a primary metric that nobody of a variant has, at the end."""
    if trial.last_day < complete_on(trial):
        return None
    for one in analysis.of("primary"):
        for variant, n in ((analysis.control, one.control.n), (one.variant, one.treatment.n)):
            if not n:
                values: dict[str, Value] = {"variant": variant, "metric": named(one.metric.name)}
                finding = Remark(_UNMEASURED, values)
                return Check(name=_MISSING_OUTCOMES, standing="failed", finding=finding)
    return None


def _received(analysis: Analysis) -> list[Check]:
    """Return whether the units received what they were assigned to, where that is known."""
    if not analysis.received:
        return []
    found = list(analysis.received.values())
    units, other, unknown = (
        sum(getattr(one, part) for one in found) for part in ("units", "other", "unknown")
    )
    share = other / (units - unknown) if units > unknown else math.nan
    standing: Standing = "warning" if other else "passed"
    if share > _MOST_SEVERAL:
        standing = "failed"
    finding = Remark(
        _RECEIVED,
        {
            "counts": listed([one.other for one in found], list(analysis.received)),
            "share": Amount(share, "share", 2),
            "unknown": unknown,
        },
    )
    return [Check(name="version received", standing=standing, finding=finding)]


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
    return worst("outcomes before the exposure", tested, _EARLY, "metric", counts=counts)


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
    told = range(len(shares) if len(shares) > 2 else 1)
    each = [
        homogeneity(
            [ValueWithVariance.of_proportion(int(week[i]), int(week.sum())) for week in weeks]
        )
        for i in told
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
    broken = max(tally.several_variants, unknown) > _MOST_SEVERAL * max(known, 1)
    odd = tally.several_variants or unknown or tally.before_start or tally.mixed_clusters
    odd = odd or tally.rejected
    standing: Standing = "failed" if broken else "warning" if odd else "passed"
    return Check(name="exposures", standing=standing, finding=finding)
