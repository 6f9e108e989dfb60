"""An experiment day by day: read while it runs, and whether its effect stays as it was.

Looking every day at a test that is made for one look finds effects that are not there. The looks
of a plan spend the chance of a false alarm; a confidence sequence holds at all days at once.
Where chance assigned clusters, each effect has the chance of these (CR2), not of their customers.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from cxresearch.core import validate
from cxresearch.core.missing import Missing
from cxresearch.core.results import difference_unit
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.experiments.effect_estimates import difference_over_clusters, quantity
from cxresearch.experiments.sums import MetricSums, group_sums
from cxresearch.experiments.wording import chance_remark, named, p_remark
from cxresearch.stats.bayes import Posterior, normal_posterior
from cxresearch.stats.control.baselines import weighted_trend
from cxresearch.stats.means.estimators import NOTHING_KNOWN, ValueWithVariance
from cxresearch.stats.means.strata import Heterogeneity, homogeneity
from cxresearch.stats.sequential.confidence_sequences import TUNED_FOR, confidence_sequence
from cxresearch.stats.sequential.group_sequential import Boundaries, spending_boundaries
from cxresearch.stats.sequential.sequential_estimates import sequential_estimate

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.core.comparison import Comparison
    from cxresearch.core.remarks import Remark
    from cxresearch.experiments.metric_columns import MetricColumns
    from cxresearch.experiments.trial import Trial
    from cxresearch.study.plans import Spending


#: The sums of each cluster of each variant; of customers by themselves, of one that is all.
ByCluster = dict[str, dict[str, MetricSums]]
#: A number of days this little above a whole one is rounding.
_ROUNDING = 1e-9
NO_TWO_DAYS = "in {variant} there are no two days of exposures, so nothing is known over time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What was known of one metric at the end of one day of exposures.

    Parameters
    ----------
    day : date
        The day; it is known once the metric's days are over for the customers exposed on it.
    effect : ValueWithVariance
        Treatment minus control, of all customers exposed until then.
    """

    day: date
    effect: ValueWithVariance


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look of a plan.

    Parameters
    ----------
    share : float
        The share of the planned days that was seen, 0-1.
    day : date
        The last day of exposures that counts.
    critical : float
        The z statistic that stops the experiment here.
    crossed : bool
        Whether it was reached.
    estimate : Comparison
        The effect as the looks so far ask for it.
    """

    share: float
    day: date
    critical: float
    crossed: bool
    estimate: Comparison


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Monitoring(Tabular):
    """One metric of an experiment as it could have been read on every day.

    Parameters
    ----------
    metric : MetricColumns
        The metric.
    variant : str
        The treatment.
    days : tuple of Day
        What was known by day.
    sequence : tuple of Comparison
        For each day the interval that holds at all days together.
    looks : tuple of Look
        The looks, those of the plan unless others were asked for.
    posterior : Posterior
        What may be true of the effect at the end, under a flat prior, in the good direction.
    """

    metric: MetricColumns
    variant: str
    days: tuple[Day, ...]
    sequence: tuple[Comparison, ...]
    looks: tuple[Look, ...]
    posterior: Posterior

    def to_frame(self) -> pd.DataFrame:
        """Return one row per day: `day`, and the effect `value` with `low`, `high` and `n`."""
        import pandas as pd

        rows = [
            (day.day, one.value, *one.ci, one.n)
            for day, one in zip(self.days, self.sequence, strict=True)
        ]
        return pd.DataFrame(rows, columns=["day", "value", "low", "high", "n"])

    @property
    def called(self) -> Remark:
        """The name of the metric in words."""
        return named(self.metric.name)

    @property
    def unit(self) -> str:
        """The unit of the effect."""
        return difference_unit(self.metric.unit)

    @property
    def chance_to_win(self) -> Remark:
        """The probability that the treatment is better, under a flat prior."""
        return chance_remark(self.posterior.chance_to_win)

    def table(self) -> Table:
        """Return one row per day: `day`, the effect `value` with its interval, and `n`."""
        rows = self.to_frame().rename(columns={"low": "value_low", "high": "value_high"})
        return Table(
            frame=rows,
            columns=[
                Column("day"),
                Column("value", "Difference", unit=self.unit, role="estimate"),
                Column("n", "n", role="people"),
            ],
            caption="Change of {metric} in {variant} by day, with the interval that holds on all "
            "days",
            values={"metric": self.called, "variant": self.variant},
        )


def monitor(
    trial: Trial,
    metric: str,
    *,
    variant: str | None = None,
    looks: Sequence[float] | None = None,
    spending: Spending = "obrien_fleming",
    tuned_for: float = TUNED_FOR,
    confidence: float | None = None,
) -> Monitoring:
    """Return a metric as it could have been read on every day, and at the looks.

    Parameters
    ----------
    trial : Trial
        The experiment.
    metric : str
        The name of a metric that is no quantile; its covariates are not used.
    variant : str, optional
        The treatment; the first by default.
    looks : sequence of float, optional
        The shares of the planned days at which it is read, rising; the plan's, or one at the end.
    spending : {"obrien_fleming", "pocock"}
        How the looks spend the chance of a false alarm, where the plan has none.
    tuned_for : float
        At how many customers the confidence sequence is tightest; fix it before the data.
    confidence : float, optional
        One minus the chance of a false alarm at any look; the plan's by default.

    Returns
    -------
    Monitoring
        Looks that are still to come are left out.

    Raises
    ------
    ValueError
        If there is no such metric or treatment, the metric is a quantile, or the looks do not
        rise.

    Notes
    -----
    A customer counts on the day of the exposure, with the whole of the metric's days after it.
    How much was seen at a look is the share of the planned days. Over clusters the variance is that
    which gives the t interval its width by the normal quantile: few clusters ask for more.
    """
    own, treatment = trial.summed_metric(metric), trial.treatment(variant)
    days = _by_day(trial, own, treatment)
    planned = trial.plan.looks
    asked = () if looks is None else validate.listed("looks", looks)
    shares = list(asked or (planned.shares if planned else [1.0]))
    spends = planned.spending if planned and looks is None else spending
    level = trial.plan.confidence if confidence is None else confidence
    boundaries = spending_boundaries(shares, confidence=level, spending=spends)
    last = days[-1].effect if days else NOTHING_KNOWN
    return Monitoring(
        metric=own,
        variant=treatment,
        days=days,
        sequence=confidence_sequence(
            [one.effect for one in days],
            unit=own.unit,
            confidence=level,
            tuned_for=tuned_for,
        ),
        looks=_looks(trial, own, days, boundaries),
        posterior=normal_posterior(_as_gain(last, own), unit=own.unit, confidence=level),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OverTime:
    """Whether an effect stayed as it was.

    Parameters
    ----------
    trend : Comparison
        By how much the effect changes in a day, from the effects of the customers exposed on each
        day, weighted by their precision; a falling one is a novelty that wears off.
    weekdays : Heterogeneity
        The test that the effect is the same on all days of the week.
    """

    trend: Comparison
    weekdays: Heterogeneity

    @property
    def weekdays_p(self) -> Remark:
        """The p-value of that test, as a sentence has it."""
        return p_remark(self.weekdays.p_value)


def over_time(trial: Trial, metric: str, *, variant: str | None = None) -> OverTime | Missing:
    """Return whether the effect on a metric changes with the days and with the day of the week.

    Parameters
    ----------
    trial : Trial
        The experiment.
    metric : str
        The name of a metric that is no quantile.
    variant : str, optional
        The treatment; the first by default.

    Raises
    ------
    ValueError
        If there is no such metric or treatment, or the metric is a quantile.

    Notes
    -----
    Each day has customers of its own, those first exposed on it, so that the days are independent.
    Regular customers meet an experiment early: a trend may be of who came, not of the effect.
    """
    own, treatment = trial.summed_metric(metric), trial.treatment(variant)
    by_day = _daily(trial, own)
    by_weekday: dict[int, ByCluster] = defaultdict(dict)
    for day, groups in by_day.items():
        _add(by_weekday[day.weekday()], groups)
    pair = trial.plan.control, treatment

    days = [day for day, groups in sorted(by_day.items()) if all(one in groups for one in pair)]
    weeks = [groups for _, groups in sorted(by_weekday.items()) if all(g in groups for g in pair)]
    if len(days) < 2:
        return Missing(NO_TWO_DAYS, {"variant": treatment})
    start = date.fromisoformat(trial.plan.start)
    return OverTime(
        trend=weighted_trend(
            [(day - start).days for day in days],
            [_effect(trial, own, by_day[day], pair) for day in days],
            unit=own.unit,
            confidence=trial.plan.confidence,
        ),
        weekdays=homogeneity(
            [_effect(trial, own, groups, pair) for groups in weeks],
            confidence=trial.plan.confidence,
        ),
    )


def _by_day(trial: Trial, metric: MetricColumns, variant: str) -> tuple[Day, ...]:
    """Return the effect by the end of each day, from running sums."""
    pair = trial.plan.control, variant
    found = []
    running: ByCluster = {}
    for day, groups in sorted(_daily(trial, metric).items()):
        _add(running, {name: groups[name] for name in pair if name in groups})
        if len(running) == 2:
            found.append(Day(day=day, effect=_effect(trial, metric, running, pair)))
    return tuple(found)


def _daily(trial: Trial, metric: MetricColumns) -> dict[date, ByCluster]:
    """Return the sums of the customers first exposed on each day."""
    by = ["variant", "day", *(["cluster"] if trial.plan.unit == "cluster" else [])]
    found: dict[date, ByCluster] = defaultdict(dict)
    for (name, day, *cluster), group in group_sums(trial.frame, [metric], by=by).groups.items():
        own = found[date.fromisoformat(day[:10])].setdefault(name, {})
        own["".join(cluster)] = group.metrics[metric.name]
    return found


def _add(running: ByCluster, groups: ByCluster) -> None:
    """Add the sums of groups to those that are there."""
    for name, clusters in groups.items():
        own = running.setdefault(name, {})
        for cluster, sums in clusters.items():
            own[cluster] = own[cluster] + sums if cluster in own else sums


def _looks(
    trial: Trial, metric: MetricColumns, days: Sequence[Day], boundaries: Boundaries
) -> tuple[Look, ...]:
    start, end = (date.fromisoformat(day) for day in (trial.plan.start, trial.plan.end))
    length = (end - start).days + 1
    planned = trial.plan.metric(metric.name)
    wait = timedelta(days=math.ceil(planned.days) if planned else 0)
    found = []
    for i, share in enumerate(boundaries.information):
        last = start + timedelta(days=math.ceil(share * length - _ROUNDING) - 1)
        seen = [one for one in days if one.day <= last]
        if not seen or last + wait > trial.last_day:
            break
        effect = seen[-1].effect
        found.append(
            Look(
                share=share,
                day=last,
                critical=boundaries.critical[i],
                crossed=abs(effect.statistic) >= boundaries.critical[i],
                estimate=sequential_estimate(boundaries, effect, look=i + 1, unit=metric.unit),
            )
        )
    return tuple(found)


def _as_gain(effect: ValueWithVariance, metric: MetricColumns) -> ValueWithVariance:
    """Return an effect whose good direction is up."""
    return replace(effect, value=metric.sign * effect.value)


def _effect(
    trial: Trial, metric: MetricColumns, groups: ByCluster, pair: tuple[str, str]
) -> ValueWithVariance:
    control, treatment = (list(groups[name].values()) for name in pair)
    if trial.plan.unit == "customer":
        return quantity(metric, treatment[0]).minus(quantity(metric, control[0]))
    between = difference_over_clusters(metric, control, treatment, confidence=trial.plan.confidence)
    people = sum(one.answered for one in (*control, *treatment))
    return replace(ValueWithVariance.of_estimate(between), n=people)
