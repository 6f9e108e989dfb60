"""Number the rows of journeys by windows over each customer, in any engine.

Twice the work of :mod:`cxresearch.journeys._sessionise_sorted`, and the only way on Spark, and for
the sessions of an export, which may overlap in time.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch import engine
from cxresearch.engine import frames
from cxresearch.journeys._columns import COLUMNS, GIVEN_COLUMNS
from cxresearch.journeys._input import ROW

if TYPE_CHECKING:
    from cxresearch.journeys._input import How, Rows


def write(rows: Rows, table: Path) -> None:
    """Write the prepared table."""
    ordered = numbered(rows).sort("customer_id", "journey_step")
    engine.write(ordered.to_native(), table)


def numbered(rows: Rows) -> frames.Frame:
    """Return the rows with their sessions and steps, in no order."""
    journeys = _in_journeys(_coded(rows.frame), rows.how.order)
    stepped = _in_sessions(journeys, rows.how)
    own_next = GIVEN_COLUMNS if rows.how.sessions == "given" else ()
    return stepped.select(*COLUMNS, *own_next, *rows.carried)


def _coded(frame: frames.Frame) -> frames.Frame:
    """Replace the name of each event by its place among the names."""
    names = frame.select("event").unique()
    codes = names.with_columns(cx_code=(nw.col("event").rank("dense") - 1).cast(nw.Int32))
    coded = frame.join(codes, on="event")
    return coded.drop("event").rename({"cx_code": "event"})


def _in_journeys(frame: frames.Frame, order: tuple[str, ...]) -> frames.Frame:
    """Return each customer's steps numbered, with the event after and the time since the last."""

    def along(expression: nw.Expr) -> nw.Expr:
        return expression.over("customer_id", order_by=order)

    return frame.with_columns(
        journey_step=along(nw.col(ROW).cum_count()).cast(nw.Int32),
        journey_next=along(nw.col("event").shift(-1)),
        to_journey_next_us=along(nw.col("ts_us").shift(-1)) - nw.col("ts_us"),
        cx_since_us=nw.col("ts_us") - along(nw.col("ts_us").shift(1)),
    )


def _in_sessions(frame: frames.Frame, how: How) -> frames.Frame:
    """Return each session of a customer numbered, and each step of a session."""
    if how.sessions == "gap":
        begins = nw.col("cx_since_us").is_null() | (nw.col("cx_since_us") > how.gap_us)
        ones = frame.with_columns(cx_label=nw.when(begins).then(1).otherwise(0))
        count = nw.col("cx_label").cum_sum().over("customer_id", order_by="journey_step")
        labelled = ones.with_columns(cx_label=count)
    else:
        labelled = frame.with_columns(cx_label=nw.col("session_id"))
    key = ("customer_id", "cx_label")

    def along(expression: nw.Expr) -> nw.Expr:
        return expression.over(*key, order_by="journey_step")

    stepped = labelled.with_columns(
        session=nw.col(ROW).min().over(*key),
        step=along(nw.col(ROW).cum_count()).cast(nw.Int32),
        session_next=along(nw.col("event").shift(-1)),
        to_session_next_us=along(nw.col("ts_us").shift(-1)) - nw.col("ts_us"),
    ).with_columns(last=nw.col("session_next").is_null())
    there = ~nw.col("cx_label").is_null()
    names = ("session", "step", "last", *GIVEN_COLUMNS)
    return stepped.with_columns(**{name: nw.when(there).then(nw.col(name)) for name in names})
