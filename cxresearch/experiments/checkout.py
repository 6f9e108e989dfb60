"""The questions of a checkout test: where it helps, how soon, at what cost, and for how long.

Each step is counted from the entry, over all customers who were exposed: the customers who reach a
later step are not the same kind in both variants, so a rate among them compares different people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from cxresearch.core.missing import Missing
from cxresearch.experiments._format import p_remark
from cxresearch.experiments._metric_labels import ERRORS_PER, REACHED, WITH_ERROR, within
from cxresearch.experiments.metric_effects import quantity
from cxresearch.experiments.sums import group_sums
from cxresearch.stats.association.interactions import Heterogeneity, homogeneity
from cxresearch.stats.control.baselines import weighted_trend
from cxresearch.study.plans import Counted, Direction, Metric

if TYPE_CHECKING:
    from cxresearch.core.comparison import Comparison
    from cxresearch.core.remarks import Remark
    from cxresearch.experiments.metric_columns import MetricColumns
    from cxresearch.experiments.sums import MetricSums
    from cxresearch.experiments.trial import Trial
    from cxresearch.stats.means.estimators import ValueWithVariance
    from cxresearch.study import Study

    Pair = tuple[str, str]

_HOUR_DAYS = 1 / 24
NO_TWO_DAYS = "in {variant} there are no two days of exposures, so nothing is known over time"


def funnel_metrics(
    study: Study, *, days: float = 7, steps: Sequence[str] | None = None
) -> tuple[Metric, ...]:
    """Return, for each step of the funnel, whether a customer reached it after the exposure.

    Parameters
    ----------
    study : Study
        The study.
    days : float, default 7
        Within how many days.
    steps : sequence of str, optional
        The events; those of the study's funnel by default.

    Returns
    -------
    tuple of plans.Metric
        For :func:`cxresearch.experiments.read`, as its `more`; named ``"reached_<event>"``.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> shop = SimpleNamespace(manifest=SimpleNamespace(funnel=["begin_checkout", "purchase"]))
    >>> [metric.name for metric in funnel_metrics(shop)]
    ['reached_begin_checkout', 'reached_purchase']
    """
    events = steps if steps is not None else study.manifest.funnel
    return tuple(_whether(f"{REACHED}{event}", event, days) for event in events)


def time_metrics(event: str, *, hours: Sequence[float] = (0.25, 1, 24, 168)) -> tuple[Metric, ...]:
    """Return whether an event came within so many hours of the exposure, for each of them.

    The share of all exposed customers by each time says how fast a variant is without looking at
    buyers only, who are not the same kind in both variants.

    Examples
    --------
    >>> [metric.name for metric in time_metrics("purchase")]
    ['within_15_minutes', 'within_1_hour', 'within_24_hours', 'within_168_hours']
    """
    return tuple(_whether(within(hour), event, hour * _HOUR_DAYS) for hour in hours)


def error_metrics(event: str, *, attempt: str, days: float = 7) -> tuple[Metric, ...]:
    """Return how many customers met an error, and how many errors came per attempt.

    Examples
    --------
    >>> [metric.kind for metric in error_metrics("payment_error", attempt="payment_step")]
    ['proportion', 'ratio']
    """
    share = _whether(f"{WITH_ERROR}{event}", event, days, direction="decrease")
    ratio = Metric(
        name=f"{ERRORS_PER}{event}",
        role="secondary",
        kind="ratio",
        of=Counted(event=event),
        per=Counted(event=attempt),
        days=days,
        direction="decrease",
    )
    return share, ratio


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
    sums = group_sums(trial.frame, [own], by=["variant", "day"])
    by_day: dict[date, dict[str, MetricSums]] = defaultdict(dict)
    by_weekday: dict[int, dict[str, MetricSums]] = defaultdict(dict)
    for (name, day), group in sums.groups.items():
        at, now = date.fromisoformat(day[:10]), group.metrics[own.name]
        by_day[at][name] = now
        weekday = by_weekday[at.weekday()]
        weekday[name] = weekday[name] + now if name in weekday else now
    pair = trial.plan.control, treatment

    days = [day for day, groups in sorted(by_day.items()) if all(one in groups for one in pair)]
    weeks = [groups for _, groups in sorted(by_weekday.items()) if all(g in groups for g in pair)]
    if len(days) < 2:
        return Missing(NO_TWO_DAYS, {"variant": treatment})
    start = date.fromisoformat(trial.plan.start)
    return OverTime(
        trend=weighted_trend(
            [(day - start).days for day in days],
            [_effect(own, by_day[day], pair) for day in days],
            unit=own.unit,
            confidence=trial.plan.confidence,
        ),
        weekdays=homogeneity(
            [_effect(own, groups, pair) for groups in weeks], confidence=trial.plan.confidence
        ),
    )


def _effect(
    metric: MetricColumns, groups: Mapping[str, MetricSums], pair: Pair
) -> ValueWithVariance:
    control, treatment = (quantity(metric, groups[name]) for name in pair)
    return treatment.minus(control)


def _whether(name: str, event: str, days: float, *, direction: Direction = "increase") -> Metric:
    return Metric(
        name=name,
        role="secondary",
        kind="proportion",
        of=Counted(event=event),
        days=days,
        direction=direction,
    )
