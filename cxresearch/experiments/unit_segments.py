"""What part of the customers one belongs to, as it was known when the experiment met them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.engine import frames

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cxresearch.study.plans import Segment

UNKNOWN = "unknown"


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
