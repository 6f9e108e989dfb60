"""Whether the data of an experiment can be trusted, asked before any result is read.

A check that fails blocks the verdict and says why: a difference between variants that chance did
not make like each other says nothing of the treatment.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import narwhals as nw
import numpy as np

from cxresearch import frames
from cxresearch.experiments.metric import Metric
from cxresearch.experiments.outcomes import EARLY
from cxresearch.experiments.sums import group_sums
from cxresearch.remarks import Figure, Remark, Value
from cxresearch.stats import multiplicity
from cxresearch.stats.differences import difference_of_proportions
from cxresearch.stats.interactions import homogeneity
from cxresearch.stats.quantities import Quantity, difference
from cxresearch.stats.sample_ratio import LEVEL, sample_ratio, sequential_sample_ratio

if TYPE_CHECKING:
    from cxresearch.experiments.analysis import Analysis
    from cxresearch.experiments.exposures import Tally
    from cxresearch.experiments.trial import Trial

Standing = Literal["passed", "warning", "failed"]

#: A p-value below this is worth a look, though it blocks nothing.
WARNING_LEVEL = 0.01
#: More customers in several variants than this share say that the assignment is broken.
_MOST_SEVERAL = 0.01
_WEEK = 7

_RATIO = "{counts} units where {shares} were planned: p = {p}"
_SEQUENTIAL = "at any day so far: p = {p}"
_OVER_TIME = "whether the shares are the same in every week: p = {p}"
_BALANCE = "the covariate that differs most, {covariate}: p = {p}"
_MISSING = "the metric whose missing outcomes differ most, {metric}, {counts}: p = {p}"
_EARLY = "customers who did it before the exposure, {metric}, {counts}: p = {p}"
NOTHING = "nothing to compare"
_EXPOSURES = (
    "left out: {several} in several variants, {before} before the start, {after} after the end, "
    "{unknown} exposures to unknown variants"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check.

    Parameters
    ----------
    name : str
        What is checked, an English message.
    standing : {"passed", "warning", "failed"}
        What came of it; a failed one blocks the verdict.
    finding : Remark
        What was found.
    p_value : float
        The p-value of the test, for how many there were; nan where it is a count.
    """

    name: str
    standing: Standing
    finding: Remark
    p_value: float = math.nan


@dataclass(frozen=True, slots=True)
class Checks:
    """All checks of an experiment, in the order in which they are made."""

    checks: tuple[Check, ...]

    @property
    def blocked(self) -> bool:
        """Whether a check failed, so that no result may be read."""
        return any(check.standing == "failed" for check in self.checks)

    @property
    def reasons(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if check.standing == "failed")

    def check(self, name: str) -> Check:
        """Return the check of a name."""
        return next(check for check in self.checks if check.name == name)


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
    p-value counts, adjusted by Holm.

    Examples
    --------
    >>> from cxresearch.experiments import Metric, analyse
    >>> from cxresearch.experiments._example import CUSTOMERS
    >>> found = analyse(CUSTOMERS, metrics=[Metric(name="bought", kind="proportion")])
    >>> check(found, shares={"control": 0.5, "one_page": 0.5}).check("sample ratio").p_value
    1.0
    """
    return Checks((_sample_ratio(analysis, shares), _balance(analysis), _missing(analysis)))


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
    own = [_exposures(trial.tally), *found, _early(trial, analysis)]
    if trial.plan.unit == "customer":
        own += _over_time(trial, shares)
    return Checks(tuple(own))


def _sample_ratio(analysis: Analysis, shares: Mapping[str, float]) -> Check:
    if set(shares) != set(analysis.variants):
        raise ValueError(
            f"shares must be those of {', '.join(analysis.variants)}; got {dict(shares)!r}"
        )
    counts = [analysis.assigned[name] for name in shares]
    p_value = sample_ratio(counts, list(shares.values())).p_value
    values: dict[str, Value] = {
        "counts": ", ".join(map(str, counts)),
        "shares": ", ".join(f"{share:g}" for share in shares.values()),
        "p": _p(p_value),
    }
    return _judged("sample ratio", p_value, Remark(_RATIO, values))


def _balance(analysis: Analysis) -> Check:
    """Return whether the variants were alike before, by the covariate in which they differ most."""
    tested: dict[str, float] = {}
    control = analysis.groups[analysis.control]
    for metric, sums in control.metrics.items():
        first = 2 if analysis.reading(metric).metric.is_ratio else 1
        for place, column in enumerate(sums.columns[first:], start=first):
            for name in analysis.treatments:
                groups = [sums, analysis.groups[name].metrics[metric]]
                if not all(group.n for group in groups):
                    continue
                a, b = (Quantity.of_mean(group.moments.sample(place)) for group in groups)
                tested[f"{column} ({name})"] = difference(a, b, unit="").p_value
    return _worst("balance before the exposure", tested, _BALANCE, "covariate")


def _missing(analysis: Analysis) -> Check:
    tested: dict[str, float] = {}
    counts: dict[str, str] = {}
    for metric, missing in analysis.missing.items():
        for name in analysis.treatments:
            pair = [(missing[one], analysis.groups[one].units) for one in (analysis.control, name)]
            label = f"{metric} ({name})"
            tested[label] = difference_of_proportions(pair[0], pair[1]).p_value
            counts[label] = ", ".join(str(count) for count, _ in pair)
    return _worst("missing outcomes", tested, _MISSING, "metric", counts)


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
    tested: dict[str, float] = {}
    counts: dict[str, str] = {}
    for metric in metrics:
        for name in analysis.treatments:
            both = [groups[one].metrics[metric.name] for one in (analysis.control, name)]
            pair = [(one.successes, one.n) for one in both]
            label = f"{metric.name} ({name})"
            tested[label] = difference_of_proportions(pair[0], pair[1]).p_value
            counts[label] = ", ".join(str(count) for count, _ in pair)
    return _worst("outcomes before the exposure", tested, _EARLY, "metric", counts)


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
    parts = [Quantity.of_proportion(int(week[0]), int(week.sum())) for week in weeks]
    changed = homogeneity(parts).p_value
    return [
        _judged(
            "sample ratio at any day",
            running.p_value,
            Remark(_SEQUENTIAL, {"p": _p(running.p_value)}),
        ),
        _judged("shares over time", changed, Remark(_OVER_TIME, {"p": _p(changed)})),
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


def _worst(
    name: str,
    tested: Mapping[str, float],
    message: str,
    what: str,
    counts: Mapping[str, str] | None = None,
) -> Check:
    """Return the check of the smallest of several p-values, adjusted for how many there are."""
    known = {label: p for label, p in tested.items() if not math.isnan(p)}
    if not known:
        return Check(name=name, standing="passed", finding=Remark(NOTHING))
    adjusted = dict(
        zip(known, multiplicity.adjusted(known.values(), method="holm").tolist(), strict=True)
    )
    label = min(known, key=lambda one: known[one])
    values: dict[str, Value] = {what: label, "p": _p(adjusted[label])}
    if counts:
        values["counts"] = counts[label]
    return _judged(name, adjusted[label], Remark(message, values))


def _judged(name: str, p_value: float, finding: Remark) -> Check:
    standing: Standing = "passed"
    if p_value < WARNING_LEVEL:
        standing = "failed" if p_value < LEVEL else "warning"
    return Check(name=name, standing=standing, finding=finding, p_value=frames.stable(p_value))


def _p(value: float) -> Figure:
    """Return a p-value with the decimals that tell it from 0."""
    small = 0 < value < LEVEL
    return Figure(value, "", min(1 + math.ceil(-math.log10(value)), 12) if small else 3)
