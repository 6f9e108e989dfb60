"""How long an experiment must run: its metrics' own history, their smallest effects, its traffic.

The history is the study itself before the experiment's start: the customers who met its entry
event then, with the same metrics over the same days.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch.core.remarks import Amount, Remark
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.core.unit_formats import is_currency
from cxresearch.engine import frames
from cxresearch.engine.windows import DAY_US, of_days
from cxresearch.experiments.effect_estimates import quantity
from cxresearch.experiments.exposures import Period
from cxresearch.experiments.metric_columns import metric_of, with_outcomes
from cxresearch.experiments.sums import group_sums
from cxresearch.experiments.trial import known_of, plan
from cxresearch.experiments.units import winsorised
from cxresearch.experiments.variant_quantiles import quantiles
from cxresearch.experiments.wording import as_figure, named, table_of
from cxresearch.stats.means import adjustment
from cxresearch.stats.means.estimators import NOTHING_KNOWN, ValueWithVariance
from cxresearch.stats.power.designs import Design, PlannedMetric
from cxresearch.stats.power.sample_sizes import Direction, detectable_effect, sample_size
from cxresearch.stats.sequential.group_sequential import spending_boundaries
from cxresearch.stats.sequential.sequential_estimates import sequential_plan

if TYPE_CHECKING:
    from cxresearch.experiments.metric_columns import MetricColumns
    from cxresearch.experiments.sums import Group
    from cxresearch.study import Study
    from cxresearch.study.plans import Experiment

_BEFORE = "before"
#: What the past explains of a history it may not explain again: no plan counts on more.
_MOST_SAVED = 0.95
NO_HISTORY = "no history: nobody had the entry event before the start"
NO_VARIANCE = "no history: too few customers have this metric, or all have the same value"
NO_EFFECT = "the plan names no smallest effect of interest"
_PER_VARIANT = "{control} in the control, {treatment} in each other"
_COLUMNS = (
    Column("metric"),
    Column("role"),
    Column("baseline"),
    Column("effect", "Smallest effect of interest"),
    Column("per_variant", "Customers with an outcome, per variant"),
    Column("answering", "Share with an outcome", unit="share"),
    Column("customers", "Customers in all"),
    Column("days", "Days"),
    Column("detectable", "Detectable in the planned days"),
    Column("note"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSize:
    """What one metric asks of an experiment.

    Parameters
    ----------
    metric : MetricColumns
        The metric.
    baseline : float
        Its value in the history; nan where there is none.
    effect : float
        The smallest effect worth finding, or a guardrail's margin, in the metric's unit; nan where
        the plan names none.
    answering : float
        The share of the history's customers with an outcome, 0-1; nan where there is no history.
    control, treatment : int
        The customers with an outcome that it needs in the control and in each treatment, the
        looks' cost included; 0 where it is unknown.
    customers : int
        The customers that must come for that, in all variants; 0 where it is unknown.
    days : float
        The days until so many have come; nan where it is unknown.
    detectable : float
        The smallest effect that the planned days find, in the metric's unit and good direction;
        nan for a guardrail.
    note : str
        Why something is unknown.
    """

    metric: MetricColumns
    baseline: float
    effect: float
    answering: float = math.nan
    control: int = 0
    treatment: int = 0
    customers: int = 0
    days: float = math.nan
    detectable: float = math.nan
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PowerTable(Tabular):
    """What every metric of a plan asks.

    Parameters
    ----------
    plan : Experiment
        The plan.
    customers : int
        The customers in the history.
    days : int
        The days of the history in which they came.
    rows : tuple of PlannedSize
        One per metric.
    """

    plan: Experiment
    customers: int
    days: int
    rows: tuple[PlannedSize, ...]

    @property
    def per_day(self) -> float:
        """The customers who came in a day."""
        return self.customers / self.days if self.days else math.nan

    def table(self) -> Table:
        """Return what each metric asks, one row each.

        `baseline`, `effect` and `detectable` are as of :class:`PlannedSize`; `per_variant` are the
        customers with an outcome, the control's and each treatment's; `answering` is the share of
        customers who have one.
        """
        return table_of(
            [_row_of(row) for row in self.rows],
            _COLUMNS,
            caption="What the plan asked for, from the study's own history before the start",
        )


def power_table(study: Study, name: str) -> PowerTable:
    """Return what every metric of an experiment's plan asks, from the study's own history.

    Parameters
    ----------
    study : Study
        The study.
    name : str
        The experiment.

    Returns
    -------
    PowerTable
        The sizes at the plan's confidence and power, with CUPED's saving and the looks' cost; of
        several treatments with one confidence for all that the plan compares.

    Raises
    ------
    ValueError
        If the study has no such experiment.
    MissingTableError
        If the study lacks a table that is needed.

    Notes
    -----
    The history is as many days as the plan has, or as there are, and ends so early that the days
    of its customers are over before the start. Where chance assigns clusters, the sizes are too
    small by the design effect, which a history without clusters cannot tell.
    """
    found = plan(study, name)
    if not study.has("events"):
        return _without_history(study, found)
    history, days = _history(study, found)
    metrics = [metric_of(metric, currency=study.currency) for metric in found.metrics]
    capped, own, _ = winsorised(history, metrics)
    sums = group_sums(capped, own, by=["variant"])
    group = sums.groups.get((_BEFORE,), sums.nothing)
    traffic = _Traffic(group.units / days if days else 0.0, _length(found))
    rows = [
        _quantile_row(found, capped, metric, group.units, traffic)
        if metric.kind == "quantile"
        else _summed_row(found, group, metric, traffic)
        for metric in own
    ]
    return PowerTable(plan=found, customers=group.units, days=days, rows=tuple(rows))


def _row_of(row: PlannedSize) -> dict[str, Any]:
    unit = row.metric.unit
    # Shares, points and money have decimals of their own.
    digits = None if unit in {"share", "points"} or is_currency(unit) else 2
    return {
        "metric": named(row.metric.name),
        "role": row.metric.role,
        "baseline": _size(Amount(row.baseline, unit, digits)),
        "effect": _size(as_figure(row.effect, unit)),
        "per_variant": _per_variant(row),
        "answering": row.answering,
        "customers": row.customers or math.nan,
        "days": math.ceil(row.days) if row.days > 0 else math.nan,
        "detectable": _size(as_figure(row.detectable, unit)),
        "note": row.note,
    }


def _size(amount: Amount) -> Remark:
    return Remark("{size}", {"size": amount})


def _per_variant(row: PlannedSize) -> Remark:
    """Return the customers that each variant needs, by name where the control needs others."""
    if row.control == row.treatment:
        return _size(Amount(row.control or math.nan))
    return Remark(_PER_VARIANT, {"control": row.control, "treatment": row.treatment})


@dataclass(frozen=True, slots=True)
class _Traffic:
    """How many customers come in a day, and how many days are planned."""

    per_day: float
    length: int


def _without_history(study: Study, found: Experiment) -> PowerTable:
    traffic = _Traffic(0.0, _length(found))
    metrics = [metric_of(metric, currency=study.currency) for metric in found.metrics]
    rows = tuple(_row(found, metric, NOTHING_KNOWN, 0.0, 0, traffic) for metric in metrics)
    return PowerTable(plan=found, customers=0, days=0, rows=rows)


def _length(found: Experiment) -> int:
    return (date.fromisoformat(found.end) - date.fromisoformat(found.start)).days + 1


def _history(study: Study, found: Experiment) -> tuple[frames.Frame, int]:
    """Return the customers who met the entry event before, with their metrics, and the days."""
    start_us = Period.of(found, study.time_zone).start_us
    last_us = start_us - of_days(max(metric.days for metric in found.metrics))
    counted: set[str] = {metric.counted.table for metric in found.metrics}
    counted |= {metric.per.table for metric in found.metrics if metric.per}
    tables = {table: known_of(study, table, start_us) for table in sorted({"events", *counted})}
    events = tables["events"].rows
    (row,) = frames.rows(events.select(first=nw.col("ts_us").min()))
    first_us = max(last_us - of_days(_length(found)), int(row["first"] or last_us))
    time = nw.col("ts_us")
    customers = (
        events.filter((nw.col("event") == found.entry) & (time >= first_us) & (time < last_us))
        .group_by("customer_id")
        .agg(time.min().alias("exposed_us"))
        .with_columns(variant=nw.lit(_BEFORE))
    )
    wide = with_outcomes(
        customers, tables, found.metrics, start_us=first_us, currency=study.currency
    )
    return wide, max((last_us - first_us) // DAY_US, 0)


def _quantile_row(
    found: Experiment, units: frames.Frame, metric: MetricColumns, customers: int, traffic: _Traffic
) -> PlannedSize:
    estimates = quantiles(
        units, metric, variant="variant", variants=[_BEFORE], confidence=found.confidence
    )
    return _row(
        found, metric, ValueWithVariance.of_estimate(estimates[_BEFORE]), 0.0, customers, traffic
    )


def _summed_row(
    found: Experiment, group: Group, metric: MetricColumns, traffic: _Traffic
) -> PlannedSize:
    sums = group.metrics[metric.name]
    adjusts = found.adjustment != "none" and metric.covariates and not metric.is_ratio and sums.n
    explained = adjustment.explained([sums.moments]) if adjusts else 0.0
    saved = 0.0 if math.isnan(explained) else min(max(explained, 0.0), _MOST_SAVED)
    return _row(found, metric, quantity(metric, sums), saved, group.units, traffic)


def _row(
    found: Experiment,
    metric: MetricColumns,
    history: ValueWithVariance,
    saved: float,
    customers: int,
    traffic: _Traffic,
) -> PlannedSize:
    """Return what a metric asks; `saved` is the share of its variance that covariates take out."""
    effect = metric.mde or metric.margin or math.nan
    if metric.relative:
        effect *= abs(history.value)
    row = PlannedSize(metric=metric, baseline=frames.stable(history.value), effect=effect)
    if not history.n:
        return replace(row, note=NO_HISTORY)
    answering = history.n / customers
    row = replace(row, answering=answering)
    if not history.variance > 0 or (not effect > 0 and metric.relative):
        return replace(row, note=NO_VARIANCE)
    planned = _planned(metric, history)
    design = _design(found, metric, effect, saved)
    if metric.role != "guardrail":
        n = traffic.per_day * traffic.length * found.variants[found.control] * answering
        direction: Direction = "up" if metric.sign > 0 else "down"
        size = detectable_effect(planned, max(n, 2.0), design, direction=direction)
        row = replace(row, detectable=frames.stable(size))
    if math.isnan(effect):
        return replace(row, note=NO_EFFECT)
    asked = sample_size(planned, 0.0 if design.margin else metric.sign * effect, design)
    if not asked.n:
        return replace(row, note=asked.note)
    cost = _cost_of_looks(found)
    control, treatment = (math.ceil(cost * one) for one in (asked.control, asked.treatment))
    slowest = max(control / found.variants[found.control], treatment / _smallest(found))
    needed = math.ceil(slowest / answering)
    return replace(
        row,
        control=control,
        treatment=treatment,
        customers=needed,
        days=frames.stable(needed / traffic.per_day),
    )


def _planned(metric: MetricColumns, history: ValueWithVariance) -> PlannedMetric:
    if metric.kind == "proportion":
        return PlannedMetric.proportion(history.value)
    if metric.kind == "mean":
        sd = math.sqrt(history.n * history.variance)
        return PlannedMetric.mean(sd, unit=metric.unit, baseline=history.value)
    return PlannedMetric.of(history, unit=metric.unit)


def _smallest(found: Experiment) -> float:
    return min(found.variants[name] for name in found.treatments)


def _design(found: Experiment, metric: MetricColumns, effect: float, saved: float) -> Design:
    guardrail = metric.role == "guardrail"
    all_pairs = found.compare == "all_pairs" and not guardrail
    # Two one-sided tests of no effect both succeed with this power where each has half the rest.
    power = (1 + found.power) / 2 if metric.guard == "equivalence" else found.power
    return Design(
        confidence=found.confidence,
        power=power if guardrail else found.power,
        treatment_per_control=_smallest(found) / found.variants[found.control],
        treatments=1 if guardrail else len(found.treatments),
        correction="all_pairs" if all_pairs else "dunnett",
        margin=effect if guardrail else None,
        variance_explained=saved,
    )


def _cost_of_looks(found: Experiment) -> float:
    """Return by how much the planned looks raise the customers needed."""
    if found.looks is None:
        return 1.0
    boundaries = spending_boundaries(
        found.looks.shares, confidence=found.confidence, spending=found.looks.spending
    )
    return sequential_plan(boundaries, power=found.power).maximum
