"""Read an experiment from a study: one row per customer, with every metric of its plan."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch import engine
from cxresearch.core import disk, validate
from cxresearch.core.remarks import Remark, joined
from cxresearch.engine import frames
from cxresearch.experiments.exposures import Period, RowCounts, first_exposures, midnight_us
from cxresearch.experiments.metric_columns import (
    Known,
    MetricColumns,
    known,
    metric_of,
    outcome_columns,
    with_outcomes,
)
from cxresearch.experiments.units import with_segments
from cxresearch.experiments.wording import ERRORS_PER, REACHED, WITH_ERROR, within
from cxresearch.study.plans import Counted, Direction, Experiment, Metric

if TYPE_CHECKING:
    from cxresearch.study import Study


_NOT_LOGGED = "Not measured, since the study has no row of it: {events}."
_HOUR_DAYS = 1 / 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """An experiment with its data, from :func:`read`.

    Parameters
    ----------
    plan : Experiment
        The plan.
    metrics : tuple of MetricColumns
        The metrics, those of the plan first.
    tally : RowCounts
        What became of every exposure.
    first_day : date or None
        The local day of the experiment's first exposure, also one that does not count; none where
        there is none.
    last_day : date
        The last day that was read: of the data, or the one asked for.
    currency : str
        The study's currency.
    table : Path
        The Parquet file with one row per customer.
    on : {"duckdb", "spark"}
        The engine that reads it.
    not_logged : tuple of str
        The events that metrics ask for and the study has no row of. They are not measured: a
        metric of the plan has no outcome, any other is left out.
    """

    plan: Experiment
    metrics: tuple[MetricColumns, ...]
    tally: RowCounts
    first_day: date | None
    last_day: date
    currency: str
    table: Path
    on: engine.Name
    not_logged: tuple[str, ...] = ()
    _home: disk.OwnFolder = field(repr=False, compare=False)

    @property
    def frame(self) -> frames.Frame:
        """One row per customer: `variant`, `exposed_us`, `day`, the segments and the metrics."""
        return engine.scan(self.table, on=self.on)

    @property
    def unmeasured(self) -> tuple[Remark, ...]:
        """What is not measured because it was not logged; nothing where all was."""
        events = [Remark("{event}", {"event": event}) for event in self.not_logged]
        return (Remark(_NOT_LOGGED, {"events": joined(events, ", ")}),) if events else ()

    @property
    def share_of_days(self) -> float:
        """The share of the planned days that was read, at most 1."""
        start, end = (date.fromisoformat(day) for day in (self.plan.start, self.plan.end))
        return min(max((self.last_day - start).days + 1, 0) / ((end - start).days + 1), 1.0)

    def summed_metric(self, name: str) -> MetricColumns:
        """Return the metric of a name, one that is no quantile, so that parts of it add up.

        Raises
        ------
        ValueError
            If there is no such metric, or it is a quantile.
        """
        summed = {one.name: one for one in self.metrics if one.kind != "quantile"}
        return summed[validate.one_of("metric", name, summed)]

    def treatment(self, name: str | None) -> str:
        """Return a treatment, the first where none is named.

        Raises
        ------
        ValueError
            If there is no such treatment.
        """
        return validate.one_of("variant", name or self.plan.treatments[0], self.plan.treatments)


def plan(study: Study, name: str) -> Experiment:
    """Return the plan of an experiment of a study.

    Raises
    ------
    ValueError
        If the study has no such experiment; the message lists those it has.
    """
    plans = {one.name: one for one in study.manifest.experiments}
    return plans[validate.one_of("experiment", name, plans)]


def known_of(study: Study, table: str, end_us: int) -> Known:
    """Return what was known of a table of a study before a moment, microseconds (UTC)."""
    as_of, as_of_us = study.manifest.as_of, None
    if as_of:
        as_of_us = midnight_us(date.fromisoformat(as_of) + timedelta(days=1), study.time_zone)
    return known(study.frame(table), end_us, as_of_us=as_of_us)


def read(
    study: Study,
    name: str,
    *,
    until: str | None = None,
    more: Sequence[Metric] = (),
) -> Trial:
    """Read an experiment: who is in it, and what each customer did after the exposure and before.

    Parameters
    ----------
    study : Study
        The study.
    name : str
        The experiment's name in its manifest.
    until : str, optional
        The last local day to read, as one would have read it then; all there is by default.
    more : sequence of plans.Metric
        Metrics that the plan does not have; they count as exploratory. Left out is one that asks
        for an event or a table that the study does not have, and one that counts what a metric of
        the plan counts under another name.

    Returns
    -------
    Trial
        The customers and their metrics, computed by the engine and kept in a temporary file.

    Raises
    ------
    ValueError
        If the study has no such experiment, or `until` is no day.
    MissingTableError
        If the study lacks a table that is needed.
    SchemaError
        If a table cannot be used.
    """
    found = plan(study, name)
    not_logged = _not_logged(study, found.metrics, more)
    more = [metric for metric in more if _is_logged(study, metric, not_logged)]
    more = [metric for metric in more if not any(_is_same(metric, one) for one in found.metrics)]
    needed: set[str] = {one.table for metric in (*found.metrics, *more) for one in _parts(metric)}
    last_day = _last_day(study, found, needed) if until is None else validate.day("until", until)
    end_us = midnight_us(last_day + timedelta(days=1), study.time_zone)
    tables = {table: known_of(study, table, end_us) for table in sorted(needed)}
    exposures = known_of(study, "exposures", end_us).rows
    if not study.has("exposures", "received"):
        exposures = exposures.drop("received")
    customers, tally = first_exposures(
        exposures.to_native(),
        found,
        time_zone=study.time_zone,
        rejections=study.loaded("exposures").rejections,
    )
    wide = with_outcomes(
        with_segments(customers, _segment_tables(study, found, end_us), found.segments),
        tables,
        [*found.metrics, *more],
        start_us=Period.of(found, study.time_zone).start_us,
        currency=study.currency,
    )
    nothing = {
        name: nw.lit(None, dtype=nw.Float64)
        for metric in found.metrics
        if not _is_logged(study, metric, not_logged)
        for name in outcome_columns(metric)
    }
    wide = wide.with_columns(**nothing) if nothing else wide
    home = disk.OwnFolder("cxresearch-experiment-")
    table = home.path / "customers.parquet"
    engine.write(wide.to_native(), table)
    planned = [metric_of(metric, currency=study.currency) for metric in found.metrics]
    exploring = [metric_of(metric, currency=study.currency) for metric in more]
    return Trial(
        plan=found,
        metrics=(*planned, *(dataclasses.replace(one, role="exploratory") for one in exploring)),
        tally=tally,
        first_day=_first_day(exposures, name),
        last_day=last_day,
        currency=study.currency,
        table=table,
        on=engine.name(),
        not_logged=not_logged,
        _home=home,
    )


def complete_on(trial: Trial) -> date:
    """Return the first day on which the days of every customer and metric are over."""
    longest = max(metric.days for metric in trial.plan.metrics)
    return date.fromisoformat(trial.plan.end) + timedelta(days=longest)


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
    events = validate.listed("steps", study.manifest.funnel if steps is None else steps)
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
    listed = validate.listed("hours", hours)
    return tuple(_whether(within(hour), event, hour * _HOUR_DAYS) for hour in listed)


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


def _first_day(exposures: frames.Frame, name: str) -> date | None:
    own = exposures.filter(nw.col("experiment") == name)
    (row,) = frames.rows(own.select(day=nw.col("day").min()))
    day = row["day"]
    return None if day is None else date(day.year, day.month, day.day)


def _is_same(one: Metric, other: Metric) -> bool:
    """Return whether two metrics count the same things in the same days, whatever their names."""
    counting = ("kind", "counted", "per", "days", "q", "top", "winsorise")
    return all(getattr(one, name) == getattr(other, name) for name in counting)


def _parts(metric: Metric) -> list[Counted]:
    """Return what a metric counts: its numerator and the denominator where it has one."""
    return [metric.counted, *([metric.per] if metric.per else [])]


def _not_logged(study: Study, planned: Sequence[Metric], more: Sequence[Metric]) -> tuple[str, ...]:
    """Return the events that metrics ask for and the study has no row of.

    Of what the plan asks for, a table without rows is no sign: nothing may have happened.
    """
    by_plan, besides = (
        {one.event for metric in metrics for one in _parts(metric) if one.event}
        for metrics in (planned, more)
    )
    if not study.has("events"):
        return tuple(sorted(by_plan | besides))
    events = study.frame("events")
    (rows,) = frames.rows(events.select(n=nw.len()))
    asked = by_plan | besides if rows["n"] else besides - by_plan
    found = (
        frames.rows(frames.distinct(events.filter(nw.col("event").is_in(sorted(asked))), "event"))
        if asked
        else []
    )
    return tuple(sorted(asked - {row["event"] for row in found}))


def _is_logged(study: Study, metric: Metric, not_logged: Collection[str]) -> bool:
    """Return whether all that a metric counts is in the study."""
    return all(study.has(one.table) and one.event not in not_logged for one in _parts(metric))


def _segment_tables(study: Study, plan: Experiment, end_us: int) -> dict[str, frames.Frame]:
    """Return the tables of the segments; records of customers have no time of their own."""
    found: dict[str, frames.Frame] = {}
    for table in sorted({segment.table for segment in plan.segments.values()}):
        rows = study.frame(table)
        found[table] = rows if table == "customers" else known_of(study, table, end_us).rows
    return found


def _last_day(study: Study, plan: Experiment, counted: Collection[str]) -> date:
    """Return the last local day of the data; of no data, the day before the plan's first."""
    if study.manifest.as_of:
        return date.fromisoformat(study.manifest.as_of)
    day = nw.col("day").max()
    found = [
        frames.rows(study.frame(table).select(day=day))[0]["day"]
        for table in sorted({"events", "exposures", *counted})
        if study.has(table)
    ]
    nowhere = date.fromisoformat(plan.start) - timedelta(days=1)
    days = [date(one.year, one.month, one.day) for one in found if one is not None]
    return max(days, default=nowhere)


def _whether(name: str, event: str, days: float, *, direction: Direction = "increase") -> Metric:
    return Metric(
        name=name,
        role="secondary",
        kind="proportion",
        of=Counted(event=event),
        days=days,
        direction=direction,
    )
