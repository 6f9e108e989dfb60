"""Events of any frame as the rows that journeys are made of, each with a number of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import narwhals as nw

from cxresearch import engine
from cxresearch.engine import frames
from cxresearch.engine.row_order import NEWEST, RowOrder, row_order
from cxresearch.errors import SchemaError

Sessions = Literal["gap", "given"]

#: What every prepared table has: whose event, when, and its code; the session it is in (a number
#: no other session has), its step in it, and whether it is the last; its step along the customer's
#: whole journey, the event after it there, and the time to that one.
COLUMNS = (
    "customer_id",
    "ts_us",
    "event",
    "session",
    "step",
    "last",
    "journey_step",
    "journey_next",
    "to_journey_next_us",
)
#: Sessions given by an export may overlap in time, so that the next event of the session is not
#: the next one of the customer.
GIVEN_COLUMNS = ("session_next", "to_session_next_us")
NEXT = ("next_event", "to_next_us")
#: What :meth:`Prepared.steps` gives of every event.
STEP_COLUMNS = ("customer_id", "unit", "ts_us", "event", "step", *NEXT, "journey_step")

_OF_UNITS = (
    "after_us reached_later end entry_us events first_step forbidden goal_step goal_us half "
    "exit_step leg length out_step out_us outcome part reached start_0 start_step start_us steps "
    "time_0 wait_us waited_us moment own before latest_us time month"
)
_OF_CUSTOMERS = "at_start begins order orders visits followed starts spent times"
_OF_CELLS = (
    "again all_x all_y by ci_high ci_low code count counted customers having ids in_first "
    "in_second lacking median n of other other_step path paths pattern rows second_next "
    "share single source taken_once target units v x x1 x2 xx xy y y1 y2 yy"
)
_OF_TALLIES = "first_us last_us sessions tied without_session"

#: Names that no carried column can have, in small letters: an engine may not tell large ones apart.
RESERVED = frozenset(
    {
        *COLUMNS,
        *GIVEN_COLUMNS,
        *STEP_COLUMNS,
        *" ".join((_OF_UNITS, _OF_CUSTOMERS, _OF_CELLS, _OF_TALLIES)).split(),
    }
)

#: What a row lacks that no journey can be made of, in the order in which it is looked for.
_LACKING = {
    "without_customer": "customer_id",
    "without_time": "ts_us",
    "without_event": "event",
}
_NO_COLUMN = "no such column; it has"
_NO_ROW = "there is no row; look at the file, the filter or the query that it comes from"
_ONE = "make them one, as with events[...].astype(str)"
#: How a time that is none is made one.
_READ = 'read it first, as with pandas.to_datetime(events["ts"], utc=True, format="ISO8601")'
_IN_UNITS = 'read it first, as with pandas.to_datetime(events["ts"], utc=True, unit="s")'
_TAKEN = "cannot be carried under this name, which journeys use; rename it"
#: Columns of the events that are carried along where the events have them.
CARRIED = ("channel", "device", "page", "app_version", "order_id", "revenue")
#: What orders one customer's rows at the same moment, the place of each in the input, and its id.
#: What is only worked with begins with `cx_`, for a carried column may have any other name.
TIE, ROW, EVENT_ID = "cx_tie", "cx_row", "cx_event_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How events are made into journeys; the arguments of :func:`cxresearch.journeys.prepare`.

    Parameters
    ----------
    sessions : {"gap", "given"}
        What cuts journeys into sessions.
    gap_us : int
        The longest time between two events of a session that ends by a gap, in microseconds.
    tie_break : str or None
        The column that orders one customer's events at the same moment before their row does.
    carry : tuple of str or None
        The further columns to keep; None for those of `CARRIED` that there are.
    """

    sessions: Sessions
    gap_us: int
    tie_break: str | None
    carry: tuple[str, ...] | None

    @property
    def order(self) -> tuple[str, ...]:
        """The columns that order one customer's rows."""
        return ("ts_us", TIE, ROW) if self.tie_break else ("ts_us", ROW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of events that journeys can be made of, and what became of the rest.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        `customer_id`, `ts_us`, `event`, `cx_row`, then, where asked for, `session_id`, `cx_tie` and
        the columns carried along.
    raw : narwhals.LazyFrame
        The same columns of all rows that came, to look up values at no cost.
    how : How
        How they are to be made into journeys.
    events : tuple of str
        The names of the events, sorted; an event's code is its place.
    carried : tuple of str
        The columns carried along.
    row_order : {"oldest first", "newest first", "no order"}
        In which order of time the rows came; those of a table that runs backwards are numbered
        from its last row to its first.
    rows_in : int
        The rows that came.
    left_out : dict of str to int
        Those left out for each reason, the first that holds.
    """

    frame: frames.Frame
    raw: frames.Frame
    how: How
    events: tuple[str, ...]
    carried: tuple[str, ...]
    row_order: RowOrder
    rows_in: int
    left_out: dict[str, int]

    @property
    def in_duckdb(self) -> bool:
        """Whether DuckDB holds the rows; Spark does otherwise."""
        return self.frame.implementation.is_duckdb()


def read(events: Any, how: How) -> Rows:
    """Return the rows of any frame of events.

    Raises
    ------
    SchemaError
        If columns are missing, the time is no timestamp, a column holds values of several kinds,
        or a column to carry has a name that journeys use; all faults are listed.
    """
    given = nw.from_native(events)
    found = _in_engine(given, how)
    there = found.collect_schema()
    carried = (
        tuple(name for name in CARRIED if name in there)
        if how.carry is None
        else tuple(dict.fromkeys(how.carry))
    )
    source = _source(how, carried, there)
    faults = _faults(source, carried, there, ", ".join(given.collect_schema()))
    if faults:
        raise SchemaError("events", faults)
    time = "ts_us" if "ts_us" in there else "ts"
    numbered = engine.with_row_numbers(found, source, time=time)
    numbered = numbered.with_columns(nw.col("event").cast(nw.String))
    maybe_blank = frames.maybe_blank(numbered, (*frames.IDS, EVENT_ID, "event"))
    numbered = frames.without_blanks(numbered, maybe_blank)
    counts = _counts(numbered)
    whole = numbered.filter(*(~nw.col(column).is_null() for column in _LACKING.values()))
    whole, copies = _without_copies(whole) if EVENT_ID in source else (whole, 0)
    runs = row_order(numbered)
    if runs == NEWEST:
        whole = whole.with_columns(-nw.col(ROW))
    return Rows(
        frame=whole,
        raw=numbered,
        how=how,
        events=tuple(sorted(str(row["event"]) for row in counts if row["whole"])),
        carried=carried,
        row_order=runs,
        rows_in=sum(int(row["rows"]) for row in counts),
        left_out={name: sum(int(row[name]) for row in counts) for name in _LACKING}
        | {"copies": copies},
    )


def _in_engine(given: nw.DataFrame[Any] | nw.LazyFrame[Any], how: How) -> frames.Frame:
    """Return the columns that can matter, in the engine: another may hold what no engine takes."""
    needed = _needed_columns(given, how)
    if not needed:
        columns = ", ".join(given.collect_schema()) or "none"
        missing = ("customer_id", "event", "ts")
        raise SchemaError("events", [f"{name}: {_NO_COLUMN} {columns}" for name in missing])
    chosen = given.select(needed)
    if isinstance(chosen, nw.DataFrame):
        if chosen.is_empty() and "ts" in needed and chosen.schema["ts"] != nw.Datetime:
            raise SchemaError("events", [_NO_ROW])
        if faults := _mixed_columns(chosen):
            raise SchemaError("events", faults)
    return engine.lazy(chosen.to_native())


def _mixed_columns(given: nw.DataFrame[Any]) -> list[str]:
    """Return a fault for each column whose values are of several kinds, as pandas allows."""
    faults = []
    for name, kind in given.schema.items():
        if kind == nw.Object:
            values = [value for value in given.get_column(name).to_list() if value == value]
            kinds = sorted({type(value).__name__ for value in values if value is not None})
            if len(kinds) > 1:
                faults.append(f"{name}: holds values of several kinds, {', '.join(kinds)}; {_ONE}")
    return faults


def _needed_columns(events: nw.DataFrame[Any] | nw.LazyFrame[Any], how: How) -> list[str]:
    """Return the columns that can matter."""
    names = {"customer_id", "event", "ts", "ts_us", "session_id", "event_id", how.tie_break}
    names |= set(CARRIED if how.carry is None else how.carry)
    return [name for name in events.collect_schema() if name in names]


def _source(how: How, carried: tuple[str, ...], there: nw.Schema) -> dict[str, str]:
    """Return the columns the rows need, and which column of the events each of them is."""
    names = ["customer_id", "event", *(["session_id"] if how.sessions == "given" else []), *carried]
    source = {name: name for name in names}
    if how.tie_break:
        source[TIE] = how.tie_break
    if "event_id" in there:
        source[EVENT_ID] = "event_id"
    return source


def _faults(
    source: dict[str, str], carried: tuple[str, ...], there: nw.Schema, columns: str
) -> list[str]:
    missing = [name for name in dict.fromkeys(source.values()) if name not in there]
    taken = [name for name in carried if name.lower() in RESERVED]
    return [
        *(f"{name}: {_NO_COLUMN} {columns}" for name in missing),
        *(f"{name}: {_TAKEN}" for name in taken),
        *_name_faults(there),
        *_time_faults(there, columns),
    ]


def _name_faults(there: nw.Schema) -> list[str]:
    """Return the fault of events that are named by what is no name: moments, lists, bytes."""
    kind = there.get("event")
    named = (nw.String, nw.Categorical, nw.Enum, nw.Boolean, nw.Unknown, nw.Object)
    if kind is None or kind in named or kind.is_numeric():
        return []
    return [f"event: must be the names of events; it is {kind}"]


def _time_faults(there: nw.Schema, columns: str) -> list[str]:
    if "ts_us" in there:
        return (
            []
            if there["ts_us"].is_integer()
            else [f"ts_us: must be whole microseconds since 1970; it is {there['ts_us']}"]
        )
    if "ts" not in there:
        return [f"ts: no such column, nor ts_us; it has {columns}"]
    kind = there["ts"]
    if kind == nw.Datetime:
        return []
    return [f"ts: must be a timestamp; it is {kind}; {_IN_UNITS if kind.is_numeric() else _READ}"]


def _counts(numbered: frames.Frame) -> list[dict[str, Any]]:
    """Return, per event, its rows and how many lack what a journey needs, in one pass."""
    flags, whole = {}, nw.lit(value=True)
    for reason, column in _LACKING.items():
        flags[reason] = whole & nw.col(column).is_null()
        whole &= ~nw.col(column).is_null()
    ones = {name: frames.one(flag) for name, flag in {**flags, "whole": whole}.items()}
    marked = numbered.select("event", **ones)
    return frames.rows(marked.group_by("event").agg(nw.len().alias("rows"), nw.col(*ones).sum()))


def _without_copies(whole: frames.Frame) -> tuple[frames.Frame, int]:
    """Keep, of the rows with one event id, the one that came first."""
    there = ~nw.col(EVENT_ID).is_null()
    (found,) = frames.rows(
        whole.filter(there).select(rows=nw.len(), ids=nw.col(EVENT_ID).n_unique())
    )
    copies = found["rows"] - (found["ids"] or 0)  # SQL counts no values of no rows as nothing
    if not copies:
        return whole, 0
    first = nw.col(ROW) == nw.col(ROW).min().over(EVENT_ID)
    return whole.filter(first | ~there), copies
