"""Whether the data of an experiment can be trusted, asked before any result is read.

A check that fails blocks the verdict and says why: a difference between variants that chance did
not make like each other says nothing of the treatment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np

from cxresearch import frames
from cxresearch.experiments.check_records import (
    Check,
    Checks,
    Standing,
    Tested,
    judged,
    listed,
    worst,
)
from cxresearch.experiments.metric import Metric
from cxresearch.experiments.names import named
from cxresearch.experiments.outcomes import EARLY, SUFFIX
from cxresearch.experiments.shown import p_remark
from cxresearch.experiments.sums import OR_0, THERE, group_sums
from cxresearch.remarks import Figure, Remark, Value
from cxresearch.stats import multiplicity
from cxresearch.stats.differences import difference_of_proportions
from cxresearch.stats.interactions import homogeneity
from cxresearch.stats.quantities import Quantity, difference
from cxresearch.stats.sample_ratio import sample_ratio, sequential_sample_ratio

if TYPE_CHECKING:
    from cxresearch.experiments.analysis import Analysis
    from cxresearch.experiments.exposures import Tally
    from cxresearch.experiments.trial import Trial

#: More customers in several variants than this share say that the assignment is broken.
_MOST_SEVERAL = 0.01
_WEEK = 7

_RATIO = "{counts} units where {shares} were planned: {p}"
_SEQUENTIAL = "at any day so far: {p}"
_OVER_TIME = "whether the shares are the same in every week: {p}"
_BALANCE = "the covariate that differs most, {covariate}: {p}"
_BEFORE = "{metric} before the exposure"
_HISTORY = "who has {covariate}"
_BEFORE_PER = "the denominator of {metric} before the exposure"
_MISSING = "the metric whose missing outcomes differ most, {metric}, {counts}: {p}"
_EARLY = "customers who did it before the exposure, {metric}, {counts}: {p}"
_EXPOSURES = (
    "left out: {several} in several variants, {before} before the start, {after} after the end, "
    "{unknown} exposures to unknown variants"
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
        The sample ratio, the balance of the covariates and the missing outcomes.

    Raises
    ------
    ValueError
        If the shares are not those of the variants or do not sum to 1.

    Notes
    -----
    A check fails at p < .001 and warns at p < .01; where one asks several times, its smallest
    p-value counts, adjusted by Holm. Where chance assigned clusters, the units in them are alike
    and only the sample ratio can fail; the others warn at most.

    Examples
    --------
    >>> from cxresearch.experiments import Metric, analyse
    >>> from cxresearch.experiments._example import CUSTOMERS
    >>> found = analyse(CUSTOMERS, metrics=[Metric(name="bought", kind="proportion")])
    >>> check(found, shares={"control": 0.5, "one_page": 0.5}).check("sample ratio").p_value
    1.0
    """
    own = (_of_units(analysis, one) for one in (_balance(analysis), _missing(analysis)))
    return Checks((_sample_ratio(analysis, shares), *own))


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
    found = check(analysis, shares=shares).checks
    own = [_exposures(trial.tally), *found, _of_units(analysis, _early(trial, analysis))]
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
        "shares": listed([Figure(share, "share") for share in shares.values()]),
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
                a, b = (Quantity.of_mean(group.moments.sample(place)) for group in groups)
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
    tested: dict[Tested, float] = {}
    counts: dict[Tested, Remark] = {}
    for metric, missing in analysis.missing.items():
        for name in analysis.treatments:
            own = (analysis.control, name)
            pair = [(missing[one], analysis.groups[one].units) for one in own]
            tested[metric, name] = difference_of_proportions(pair[0], pair[1]).p_value
            counts[metric, name] = listed([count for count, _ in pair], own)
    return worst("missing outcomes", tested, _MISSING, "metric", counts=counts)


def _early(trial: Trial, analysis: Analysis) -> Check:
    """Return whether as many of each variant did before the exposure what a metric counts.

    An exposure that is written down only after the outcome would show here.
    """
    metrics = [
        Metric(name=metric.name, kind="proportion", value=metric.name + EARLY)
        for metric in trial.metrics
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
        homogeneity([Quantity.of_proportion(int(week[i]), int(week.sum())) for week in weeks])
        for i in told
    ]
    changed = float(np.fmin.reduce(multiplicity.adjusted([one.p_value for one in each])))
    return [
        judged(
            "sample ratio at any day",
            running.p_value,
            Remark(_SEQUENTIAL, {"p": p_remark(running.p_value)}),
        ),
        judged("shares over time", changed, Remark(_OVER_TIME, {"p": p_remark(changed)})),
    ]


def _exposures(tally: Tally) -> Check:
    unknown = sum(tally.unknown.values())
    finding = Remark(
        _EXPOSURES,
        {
            "several": tally.several_left_out,
            "before": tally.before_start,
            "after": tally.after_end,
            "unknown": unknown,
        },
    )
    known = sum(tally.customers.values())
    broken = max(tally.several_variants, unknown) > _MOST_SEVERAL * max(known, 1)
    odd = tally.several_variants or unknown or tally.before_start or tally.mixed_clusters
    standing: Standing = "failed" if broken else "warning" if odd else "passed"
    return Check(name="exposures", standing=standing, finding=finding)
