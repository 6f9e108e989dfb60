"""The rows that chance assigned: one each, their segments, what they received, their top values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.core.remarks import Amount, Remark
from cxresearch.engine import frames
from cxresearch.errors import SchemaError
from cxresearch.experiments.wording import named
from cxresearch.study.plans import alike

if TYPE_CHECKING:
    from cxresearch.experiments.metric_columns import MetricColumns
    from cxresearch.study.plans import Segment


_WHERE = "the units"
#: A variant with less than this part of an equal share is taken for a slip of the pen.
_TINY = 0.1
UNKNOWN = "unknown"
_BOUND = "{metric}: values above {bound} count as {bound}, in {count} units"


@dataclass(frozen=True, slots=True)
class Received:
    """How many units a variant has, got another version, and got one that is not known."""

    units: int
    other: int
    unknown: int


def refuse_repeated(units: frames.Frame, unit: str) -> None:
    """Refuse rows that are not one per unit.

    Raises
    ------
    SchemaError
        If a unit has several rows, or a row has no unit.
    """
    units = frames.without_blanks(units, [unit])
    lacking = frames.count(units, nw.col(unit).is_null())
    rows = units.filter(~nw.col(unit).is_null()).group_by(unit).agg(nw.len().alias("rows"))
    repeated = frames.rows(
        rows.filter(nw.col("rows") > 1).select(units=nw.len(), rows=nw.col("rows").sum())
    )[0]
    faults = []
    if lacking:
        faults.append(f"{unit}: missing in {lacking} rows")
    if repeated["units"]:
        faults.append(
            f"{unit}: {repeated['units']} units have {int(repeated['rows'])} rows, and each row "
            f"would count as one more; give one row per unit, or cluster={unit!r} where its rows "
            "are the customers, visits or weeks in it"
        )
    if faults:
        raise SchemaError(_WHERE, faults)


def refuse_mixed(units: frames.Frame, cluster: str, found: Iterable[tuple[str, ...]]) -> None:
    """Refuse clusters that chance did not assign as a whole, of the variants and clusters found.

    Raises
    ------
    SchemaError
        If a cluster has rows of several variants, or a row has no cluster.
    """
    variants = Counter(name for _, name in found)
    mixed = sorted(name for name, many in variants.items() if many > 1)
    lacking = frames.count(units, nw.col(cluster).is_null())
    faults = [f"{cluster}: missing in {lacking} rows"] if lacking else []
    if mixed and not lacking:
        faults.append(
            f"{cluster}: {len(mixed)} clusters have rows of several variants "
            f"({', '.join(map(repr, mixed[:3]))}); chance gives a cluster one: leave those out, or "
            "leave out cluster= where chance assigned the rows"
        )
    if faults:
        raise SchemaError(_WHERE, faults)


def refuse_missing(units: frames.Frame, name: str) -> None:
    """Refuse rows without a variant, which are not in one that is called unknown.

    Raises
    ------
    SchemaError
        If there are any.
    """
    if lacking := frames.count(units, nw.col(name).is_null()):
        raise SchemaError(_WHERE, [f"{name}: missing in {lacking} rows"])


def refuse_doubtful(
    units: frames.Frame, name: str, rows: Mapping[str, int], *, control_is_named: bool
) -> None:
    """Refuse variants, by their column and their rows, that are hardly what was meant.

    Raises
    ------
    SchemaError
        If rows have no variant, two are the same but for spaces and capitals, or no control is
        named and a variant has less than a tenth of an equal share.
    """
    there = dict(rows)
    same_name = alike(there)
    faults = [
        f"{name}: {' and '.join(f'{one!r} ({there[one]} rows)' for one in same)} differ in spaces "
        "or capitals only; write them alike"
        for same in same_name
    ]
    lacking = frames.count(units, nw.col(name).is_null())
    if lacking:
        faults.append(f"{name}: missing in {lacking} rows")
        there.pop(UNKNOWN, None)
    least = _TINY * sum(there.values()) / max(len(there), 1)
    tiny = [] if control_is_named else [one for one, n in there.items() if n < least]
    faults += [
        f"{name}: {one!r} has {there[one]} of {sum(there.values())} rows; mend it if it is a slip, "
        "else name control= or variants="
        for one in tiny
        if not any(one in same for same in same_name)
    ]
    if faults:
        raise SchemaError(_WHERE, faults)


def received_versions(
    units: frames.Frame, variant: str, received: str, variants: Sequence[str]
) -> Mapping[str, Received]:
    """Return what the units of each variant received."""
    both = units.select(assigned=nw.col(variant), got=nw.col(received))
    counts = {name: [0, 0, 0] for name in variants}
    for row in frames.rows(both.group_by("assigned", "got").agg(nw.len().alias("units"))):
        assigned, got, rows = row["assigned"], row["got"], int(row["units"])
        own = counts[str(assigned)]
        own[0] += rows
        if got is None:
            own[2] += rows
        elif got != assigned and str(got) != str(assigned):  # 1 is 1.0, and "1"
            own[1] += rows
    return {name: Received(*own) for name, own in counts.items()}


def with_segments(
    customers: frames.Frame,
    tables: Mapping[str, frames.Frame],
    segments: Mapping[str, Segment],
) -> frames.Frame:
    """Return the customers with one column per segment.

    Parameters
    ----------
    customers : LazyFrame
        One row per customer, with `exposed_us`.
    tables : mapping of str to LazyFrame
        The study's tables that the segments are of.
    segments : mapping of str to Segment
        The segments by name.

    Notes
    -----
    Of events it is the last value at or before the exposure: what comes later may be an effect of
    the variant. A customer without one is ``"unknown"``.
    """
    found = customers
    for name, segment in segments.items():
        values = (
            _last_seen(found, tables["events"], segment.column)
            if segment.table == "events"
            else _of_records(tables["customers"], segment.column)
        )
        named = values.rename({"level": name})
        found = found.join(named, on="customer_id", how="left")
        found = found.with_columns(nw.col(name).fill_null(UNKNOWN))
    return found


def winsorised(
    frame: frames.Frame, metrics: Sequence[MetricColumns]
) -> tuple[frames.Frame, tuple[MetricColumns, ...], tuple[Remark, ...]]:
    """Return the units and the metrics with the values brought down, and what was done.

    Parameters
    ----------
    frame : LazyFrame
        One row per unit.
    metrics : sequence of MetricColumns
        The metrics; only those with `winsorise` are changed, and get a column of their own.

    Notes
    -----
    The bound is the quantile of the values of all units, whatever their variant, found in one
    scan for all metrics. An infinite value stays: it is an error, not a large value.

    Examples
    --------
    >>> from cxresearch import engine
    >>> from cxresearch.experiments._example import CUSTOMERS
    >>> from cxresearch.experiments.metric_columns import MetricColumns
    >>> revenue = MetricColumns(name="revenue", kind="mean", unit="EUR", winsorise=0.9)
    >>> frame, (metric,), remarks = winsorised(engine.lazy(CUSTOMERS), [revenue])
    >>> frame.select(nw.col(metric.value).max()).collect().item()
    39.0
    """
    chosen = [metric for metric in metrics if metric.winsorise]
    if not chosen:
        return frame, tuple(metrics), ()
    values = {metric.name: nw.col(metric.value).cast(nw.Float64) for metric in chosen}
    quantiles = {m.name: values[m.name].quantile(m.winsorise or 1, "linear") for m in chosen}
    bounds = frames.rows(frame.select(**quantiles))[0]
    over = {
        name: value.is_finite() & (value > float(bounds[name] or 0))
        for name, value in values.items()
    }
    counted = {name: frames.indicator(condition).sum() for name, condition in over.items()}
    counts = frames.rows(frame.select(**counted))[0]
    capped = {
        _column(name): nw.when(over[name]).then(nw.lit(float(bounds[name] or 0))).otherwise(value)
        for name, value in values.items()
    }
    remarks = [
        Remark(
            _BOUND,
            {
                "metric": named(m.name),
                "bound": Amount(float(bounds[m.name] or 0), m.unit),
                "count": int(counts[m.name] or 0),
            },
        )
        for m in chosen
    ]
    changed = [replace(m, value=_column(m.name)) if m.winsorise else m for m in metrics]
    return frame.with_columns(**capped), tuple(changed), tuple(remarks)


def _last_seen(customers: frames.Frame, events: frames.Frame, column: str) -> frames.Frame:
    own = events.filter(~nw.col(column).is_null()).select("customer_id", "ts_us", column)
    known = own.join(customers.select("customer_id", "exposed_us"), on="customer_id", how="inner")
    before = known.filter(nw.col("ts_us") <= nw.col("exposed_us"))
    last = before.group_by("customer_id").agg(nw.col("ts_us").max().alias("last_us"))
    at_last = before.join(last, on="customer_id", how="inner").filter(
        nw.col("ts_us") == nw.col("last_us")
    )
    return _one_each(at_last, column)


def _of_records(records: frames.Frame, column: str) -> frames.Frame:
    return _one_each(records.filter(~nw.col(column).is_null()), column)


def _one_each(rows: frames.Frame, column: str) -> frames.Frame:
    """Return the level of each customer, the first by name where there are several."""
    level = nw.col(column).cast(nw.String).min().alias("level")
    return rows.group_by("customer_id").agg(level)


def _column(name: str) -> str:
    return f"{name}, winsorised"
