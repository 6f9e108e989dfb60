"""A metric's columns: what the analysis needs, and how a study's tables fill them.

Every table is joined to the customers once, whatever the number of metrics that count its rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Literal, get_args

import narwhals as nw

from cxresearch import engine
from cxresearch.core import validate
from cxresearch.engine import frames, order_rules, windows
from cxresearch.study import plans, schema
from cxresearch.study.plans import ANSWERS, Counted, Metric

#: What a metric is for: a plan's roles, and what is looked at besides the plan.
Role = Literal[plans.Role, "exploratory"]
#: The unit of the kinds that have one of their own.
UNITS: Mapping[plans.Kind, str] = {"proportion": "share", "csat": "share", "nps": "points"}
#: The kinds that divide one total by another.
RATIOS: tuple[plans.Kind, ...] = ("ratio", "nps", "csat")
_PROMOTER, _DETRACTOR = 9, 6
_NPS_SCALE = (0, 10)
#: The kinds whose unit is that of what they count.
_COUNTED_UNIT = {"events": "events", "orders": "orders", "surveys": "answers", "tickets": "tickets"}
Part = Literal["value", "per", "before", "before_per"]
SUFFIX: dict[Part, str] = {
    "value": "",
    "per": "__per",
    "before": "__before",
    "before_per": "__before_per",
}
#: Says of each customer whether it did what a metric counts between the start and its exposure.
EARLY = "__early"
_HISTORY = "__history"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricColumns:
    """One metric of a frame with one row per unit of the experiment.

    Parameters
    ----------
    name : str
        What it is called.
    kind : {"proportion", "mean", "ratio", "quantile", "nps", "csat"}
        How the units make one number: the share of those with 1 (the others have 0), the mean,
        one total over another, a quantile. For ``"nps"`` a unit has the points of its answers
        (100 for a promoter, -100 for a detractor) over their number, for ``"csat"`` the number of
        satisfied ones over their number.
    value : str, optional
        The column of the values; its name by default. Null says that the unit has none.
    per : str, optional
        The column of the denominator of a ratio.
    covariates : tuple of str
        Columns of what the units did before; null where a unit has no history.
    unit : str
        Its unit; a share and points have their own.
    role : {"primary", "secondary", "guardrail", "exploratory"}
        What it is for.
    direction : {"increase", "decrease"}
        Which way is the good one.
    mde : float, optional
        The smallest effect worth finding.
    margin : float, optional
        The largest harm that a guardrail lets pass.
    relative : bool
        Whether `mde` and `margin` are shares of the control's value.
    guard : {"non_inferiority", "equivalence"}
        Whether a guardrail looks to the bad side only.
    q : float
        Which quantile.
    winsorise : float, optional
        The quantile of all units' values beyond which a value counts as that quantile.

    Raises
    ------
    ValueError
        If a part is not one of what is allowed, `per` is given for anything but a ratio, a
        column is named twice, or a guardrail has no margin.

    Examples
    --------
    >>> MetricColumns(name="signed_up", kind="proportion").unit
    'share'
    """

    name: str
    kind: plans.Kind
    value: str = ""
    per: str | None = None
    covariates: tuple[str, ...] = ()
    unit: str = ""
    role: Role = "primary"
    direction: plans.Direction = "increase"
    mde: float | None = None
    margin: float | None = None
    relative: bool = False
    guard: plans.Guard = "non_inferiority"
    q: float = 0.5
    winsorise: float | None = None

    def __post_init__(self) -> None:
        validate.one_of("kind", self.kind, get_args(plans.Kind))
        validate.one_of("role", self.role, get_args(Role))
        validate.one_of("direction", self.direction, get_args(plans.Direction))
        validate.one_of("guard", self.guard, get_args(plans.Guard))
        validate.share("q", self.q)
        for name, given in (("mde", self.mde), ("margin", self.margin)):
            if given is not None:
                validate.positive(name, given)
        if (self.kind in RATIOS) != (self.per is not None):
            rule = f"given for {', '.join(RATIOS)} and for nothing else"
            raise validate.refused("per", rule, self.per)
        if self.role == "guardrail" and self.margin is None:
            raise validate.refused("margin", "given for a guardrail", None)
        if self.winsorise is not None:
            validate.one_of("kind of a winsorised metric", self.kind, ("mean",))
            validate.between("winsorise", validate.share("winsorise", self.winsorise), 0.5, 1)
        if self.covariates and self.kind == "quantile":
            raise validate.refused("covariates", "empty for a quantile", self.covariates)
        object.__setattr__(self, "value", self.value or self.name)
        if len(set(self.columns)) < len(self.columns):
            raise validate.refused("columns", "different ones", self.columns)
        object.__setattr__(self, "unit", UNITS.get(self.kind, self.unit))

    @property
    def is_ratio(self) -> bool:
        """Whether it divides one total by another."""
        return self.per is not None

    @property
    def columns(self) -> tuple[str, ...]:
        """What is summed of each unit: the value, the denominator, the covariates."""
        return (self.value, *([self.per] if self.per else []), *self.covariates)

    @property
    def sign(self) -> int:
        """1 where more is better, else -1."""
        return 1 if self.direction == "increase" else -1


@dataclass(frozen=True, slots=True)
class Known:
    """The rows of a table, and the moment until which they are known (microseconds, UTC)."""

    rows: frames.Frame
    until_us: int


def known(rows: frames.Frame, end_us: int, *, as_of_us: int | None = None) -> Known:
    """Return what was known of a table before a moment, both in microseconds (UTC).

    Where the study says until when its tables are known (`as_of_us`), a customer of whom there is
    no row did nothing until then; where it does not, no table is known beyond its own last row.
    """
    time = nw.col(next(name for name in rows.collect_schema().names() if name.endswith("_us")))
    if as_of_us is None:
        (row,) = frames.rows(rows.select(last=time.max()))
        as_of_us = int(row["last"] or 0) + 1
    until_us = min(as_of_us, end_us)
    return Known(rows.filter(time < until_us), until_us)


def metric_of(planned: Metric, *, currency: str) -> MetricColumns:
    """Return a planned metric as the analysis needs it, with the columns it will have."""
    ratio, history = planned.kind in RATIOS, planned.history_days is not None
    covariates = []
    if history:
        covariates = [planned.name + SUFFIX["before"]]
        covariates += [planned.name + SUFFIX["before_per"]] if ratio else []
    return MetricColumns(
        name=planned.name,
        kind=planned.kind,
        per=planned.name + SUFFIX["per"] if ratio else None,
        covariates=tuple(covariates),
        unit=UNITS.get(planned.kind) or _unit(planned, currency),
        role=planned.role,
        direction=planned.direction,
        mde=planned.mde,
        margin=planned.margin,
        relative=planned.relative,
        guard=planned.guard,
        q=planned.q or 0.5,
        winsorise=planned.winsorise,
    )


def outcome_columns(planned: Metric) -> list[str]:
    """Return the columns of a planned metric's outcome: its value and a ratio's denominator."""
    per = [planned.name + SUFFIX["per"]] if planned.kind in RATIOS else []
    return [planned.name, *per]


def with_outcomes(
    customers: frames.Frame,
    tables: Mapping[str, Known],
    metrics: Sequence[Metric],
    *,
    start_us: int,
    currency: str,
) -> frames.Frame:
    """Return the customers with the columns of every metric.

    Parameters
    ----------
    customers : LazyFrame
        One row per customer, with `exposed_us`.
    tables : mapping of str to Known
        The study's tables that the metrics count.
    metrics : sequence of plans.Metric
        The metrics.
    start_us : int
        When the experiment started, from which outcomes before an exposure are counted.
    currency : str
        The study's currency.

    Notes
    -----
    An outcome counts from the moment of the exposure to the end of the metric's days, both
    included (:mod:`cxresearch.engine.windows`). It is null for a customer whose days were not over
    when the table ends, for an NPS or a CSAT of a customer who did not answer, and for a quantile
    of one who has nothing. What a customer did before is null where the table has no row of the
    customer in those days.
    """
    columns = [
        column for metric in metrics for column in _columns(metric, start_us, currency=currency)
    ]
    # Of one row per customer, who is in it is asked once, and not once per table.
    found = customers = engine.materialised(customers)
    counted = list(dict.fromkeys(column.counted.table for column in columns))
    for table in counted:
        own = [column for column in columns if column.counted.table == table]
        asked = [metric.history_days for metric in metrics if metric.counted.table == table]
        history = max((days for days in asked if days), default=0.0)
        sums = _sums(customers, tables[table].rows, table, own, history)
        found = _filled(found, sums, table, own)
    for metric in metrics:
        parts = [metric.counted, *([metric.per] if metric.per else [])]
        found = _finished(found, metric, min(tables[part.table].until_us for part in parts))
    return found.drop(*(table + _HISTORY for table in counted))


@dataclass(frozen=True, slots=True)
class _Column:
    """One column to fill: what the rows of a table that meet a condition add up to.

    With `whether` it only says if there is one.
    """

    name: str
    counted: Counted
    amount: nw.Expr
    condition: nw.Expr
    whether: bool


def _unit(planned: Metric, currency: str) -> str:
    if planned.counted.column == "revenue":
        return currency
    return "" if planned.counted.column else _COUNTED_UNIT[planned.counted.table]


def _columns(metric: Metric, start_us: int, *, currency: str) -> list[_Column]:
    """Return the columns that a metric needs, before they are finished."""
    per = metric.counted if metric.kind in ANSWERS else metric.per
    after = windows.within(nw.col("since_us"), windows.of_days(metric.days))
    parts: list[tuple[Part, Counted, nw.Expr]] = [("value", metric.counted, after)]
    parts += [("per", per, after)] if per else []
    if metric.history_days:
        before = _since(-windows.of_days(metric.history_days), 0)
        parts.append(("before", metric.counted, before))
        parts += [("before_per", per, before)] if per else []
    columns = [
        _Column(
            metric.name + SUFFIX[part],
            counted,
            _amount(metric, counted, denominator="per" in part),
            window & _matches(metric, counted, currency),
            whether=metric.kind == "proportion",
        )
        for part, counted, window in parts
    ]
    early = _since(None, 0) & (nw.col("ts_us") >= start_us)
    early = early & _matches(metric, metric.counted, currency)
    name = metric.name + EARLY
    return [*columns, _Column(name, metric.counted, nw.lit(1.0), early, whether=True)]


def _amount(metric: Metric, counted: Counted, *, denominator: bool) -> nw.Expr:
    """Return what one row adds to a column."""
    score = nw.col("score")
    if denominator and metric.kind in ANSWERS:
        return nw.lit(1.0)
    if metric.kind == "nps":
        points = nw.when(score >= _PROMOTER).then(100.0).otherwise(0.0)
        return nw.when(score <= _DETRACTOR).then(-100.0).otherwise(points)
    if metric.kind == "csat":
        return nw.when(score > nw.col("scale_max") - metric.top).then(1.0).otherwise(0.0)
    return nw.col(counted.column).cast(nw.Float64) if counted.column else nw.lit(1.0)


def _matches(metric: Metric, counted: Counted, currency: str) -> nw.Expr:
    """Return whether a row is one of those that are counted."""
    conditions = [
        nw.col(column).is_in([values] if isinstance(values, str) else values)
        for column, values in counted.where.items()
    ]
    if counted.event:
        conditions.append(nw.col("event") == counted.event)
    if counted.table == "orders":
        conditions += [order_rules.SALE, ~order_rules.in_another(currency)]
    if metric.kind in ANSWERS:
        conditions.append(nw.col("metric") == metric.kind)
    if metric.kind == "nps":
        low, high = _NPS_SCALE
        conditions += [nw.col("scale_min") == low, nw.col("scale_max") == high]
    return reduce(lambda a, b: a & b, conditions, nw.lit(value=True))


def _sums(
    customers: frames.Frame,
    table: frames.Frame,
    name: str,
    columns: Sequence[_Column],
    history_days: float,
) -> frames.Frame:
    """Return what is counted in one table for each customer who is in it, in one pass over it."""
    time = f"{schema.table(name).times[0]}_us"
    rows = table.filter(_any_event(columns)) if name == "events" and not history_days else table
    at = rows.with_columns(ts_us=nw.col(time)) if time != "ts_us" else rows
    known = at.join(customers.select("customer_id", "exposed_us"), on="customer_id", how="inner")
    since = known.with_columns(since_us=nw.col("ts_us") - nw.col("exposed_us"))
    filled = {
        column.name: nw.when(column.condition).then(column.amount).otherwise(0.0)
        for column in columns
    }
    seen = name + _HISTORY
    history = frames.indicator(_since(-windows.of_days(history_days), 0))
    return (
        since.with_columns(**filled, **{seen: history})
        .group_by("customer_id")
        .agg(nw.col(*filled, seen).sum())
    )


def _filled(
    customers: frames.Frame, sums: frames.Frame, name: str, columns: Sequence[_Column]
) -> frames.Frame:
    """Return the customers with what was counted in one table; 0 of those who are not in it."""
    found = customers.join(sums, on="customer_id", how="left")
    totals = {column.name: nw.col(column.name).fill_null(0.0) for column in columns}
    whether = [column.name for column in columns if column.whether]
    totals |= {name: frames.indicator(totals[name] > 0) for name in whether}
    seen = name + _HISTORY
    return found.with_columns(**totals, **{seen: nw.col(seen).fill_null(0.0)})


def _any_event(columns: Sequence[_Column]) -> nw.Expr:
    names = sorted({column.counted.event for column in columns if column.counted.event})
    return nw.col("event").is_in(names)


def _finished(found: frames.Frame, metric: Metric, until_us: int) -> frames.Frame:
    """Return the customers with null where a metric has no outcome or no history of them."""
    per = metric.name + SUFFIX["per"]
    there = windows.is_over(nw.col("exposed_us"), windows.of_days(metric.days), until_us - 1)
    if metric.kind in ANSWERS:
        there = there & (nw.col(per) > 0)
    if metric.kind == "quantile":
        there = there & (nw.col(metric.name) != 0)
    outcomes = outcome_columns(metric)
    before = []
    if metric.history_days:
        parts: tuple[Part, ...] = ("before", "before_per") if metric.per else ("before",)
        before = [metric.name + SUFFIX[part] for part in parts]
    seen = nw.col(metric.counted.table + _HISTORY) > 0
    return found.with_columns(
        **{name: nw.when(there).then(nw.col(name)) for name in outcomes},
        **{name: nw.when(seen).then(nw.col(name)) for name in before},
    )


def _since(low_us: int | None, high_us: int) -> nw.Expr:
    """Return whether a row is so long after its customer's exposure; before it is negative."""
    since = nw.col("since_us")
    below = since < high_us
    return below if low_us is None else below & (since >= low_us)
