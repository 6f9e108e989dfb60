"""Events of any kind as the rows that journeys are made of, each with a number of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from cxresearch import engine, frames
from cxresearch.errors import SchemaError

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame

Sessions = Literal["gap", "given"]
SESSIONS: tuple[Sessions, ...] = ("gap", "given")

#: Of one customer's rows at the same moment, which comes first: by this, then by `row`.
TIE = "tie"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of events that journeys can be made of, and what became of the rest.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        `customer_id`, `ts_us`, `row` (its place in the input), `event`, then, where asked for,
        `session_id`, `tie` and the columns carried along.
    events : tuple of str
        The names of the events, sorted; an event's code is its place.
    sessions : {"gap", "given"}
        What cuts journeys into sessions.
    order : tuple of str
        The columns that order one customer's rows.
    carried : tuple of str
        The columns carried along.
    rows_in, without_customer, without_time, without_event, copies : int
        The rows that came, and those left out for each reason, the first that holds.
    """

    frame: frames.Frame
    events: tuple[str, ...]
    sessions: Sessions
    order: tuple[str, ...]
    carried: tuple[str, ...]
    rows_in: int
    without_customer: int
    without_time: int
    without_event: int
    copies: int

    @property
    def in_duckdb(self) -> bool:
        """Whether DuckDB holds the rows; Spark does otherwise."""
        return self.frame.implementation.is_duckdb()


def read(
    events: IntoFrame,
    *,
    sessions: Sessions,
    tie_break: str | None,
    carry: Sequence[str] | None,
    carried: Sequence[str],
) -> Rows:
    """Return the rows of events of any kind.

    Raises
    ------
    SchemaError
        If columns are missing, or the time is no timestamp; all faults are listed.
    """
    found = engine.lazy(events)
    there = found.collect_schema()
    kept = [name for name in carried if name in there] if carry is None else list(carry)
    wanted = [
        "customer_id",
        "event",
        *(["session_id"] if sessions == "given" else []),
        *([tie_break] if tie_break else []),
        *(["event_id"] if "event_id" in there else []),
        *kept,
    ]
    faults = [
        f"{name}: no such column; it has {', '.join(there)}" for name in wanted if name not in there
    ]
    faults += _time_faults(there)
    if faults:
        raise SchemaError("events", faults)
    time = "ts_us" if "ts_us" in there else "ts"
    named = {**{name: name for name in wanted}, **({TIE: tie_break} if tie_break else {})}
    numbered = engine.numbered(found, named, time=time)
    counts = _counts(numbered)
    whole = numbered.filter(
        ~nw.col("customer_id").is_null(), ~nw.col("ts_us").is_null(), ~nw.col("event").is_null()
    )
    whole, copies = _without_copies(whole) if "event_id" in wanted else (whole, 0)
    return Rows(
        frame=whole.drop("event_id", strict=False),
        events=tuple(sorted(str(row["event"]) for row in counts if row["whole"])),
        sessions=sessions,
        order=("ts_us", TIE, "row") if tie_break else ("ts_us", "row"),
        carried=tuple(kept),
        rows_in=_total(counts, "rows"),
        without_customer=_total(counts, "without_customer"),
        without_time=_total(counts, "without_time"),
        without_event=_total(counts, "without_event"),
        copies=copies,
    )


def _time_faults(there: nw.Schema) -> list[str]:
    if "ts_us" in there:
        return (
            []
            if there["ts_us"].is_integer()
            else [f"ts_us: must be whole microseconds; it is {there['ts_us']}"]
        )
    if "ts" not in there:
        return [f"ts: no such column, nor ts_us; it has {', '.join(there)}"]
    if there["ts"] != nw.Datetime:
        return [f"ts: must be a timestamp; it is {there['ts']}"]
    return []


def _counts(numbered: frames.Frame) -> list[dict[str, Any]]:
    """Return, per event, its rows and how many lack what a journey needs, in one pass."""
    no_customer, no_time = nw.col("customer_id").is_null(), nw.col("ts_us").is_null()
    no_event = nw.col("event").is_null()
    flags = {
        "without_customer": no_customer,
        "without_time": ~no_customer & no_time,
        "without_event": ~no_customer & ~no_time & no_event,
        "whole": ~no_customer & ~no_time & ~no_event,
    }
    ones = {name: nw.when(flag).then(1).otherwise(0) for name, flag in flags.items()}
    marked = numbered.select("event", **ones)
    return frames.rows(marked.group_by("event").agg(nw.len().alias("rows"), nw.col(*ones).sum()))


def _total(counts: list[dict[str, Any]], column: str) -> int:
    return sum(int(row[column]) for row in counts)


def _without_copies(whole: frames.Frame) -> tuple[frames.Frame, int]:
    """Keep, of the rows with one event id, the one that came first."""
    there = ~nw.col("event_id").is_null()
    (found,) = frames.rows(
        whole.filter(there).select(rows=nw.len(), ids=nw.col("event_id").n_unique())
    )
    copies = found["rows"] - found["ids"]
    if not copies:
        return whole, 0
    first = nw.col("row") == nw.col("row").min().over("event_id")
    return whole.filter(first | ~there), copies
