"""The prepared table: one row per event, in its place on a customer's journey; and its names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch import engine
from cxresearch.core import disk
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Remark
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.engine import frames
from cxresearch.engine.row_order import RowOrder, tie_remarks, tied_pairs
from cxresearch.errors import ReconciliationError, SchemaError
from cxresearch.journeys._input import GIVEN_COLUMNS, NEXT, STEP_COLUMNS, TIE
from cxresearch.journeys.counting_rules import Unit

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.journeys._input import Rows, Sessions

#: The columns that tell one unit from all others.
KEY = ("customer_id", "unit")
#: What a reader is shown of a tally.
_COUNTED = {
    "rows_in": "rows received",
    "without_customer": "left out: without a customer",
    "without_time": "left out: without a time",
    "without_event": "left out: without a name",
    "copies": "left out: duplicate rows",
    "events": "events in journeys",
    "tied": "of them at the same moment as the customer's previous event",
    "without_session": "of them in no session",
    "sessions": "sessions",
    "customers": "customers",
}
#: What comes next along a customer's whole journey.
_JOURNEY_NEXT = ("journey_next", "to_journey_next_us")
_NEVER_HAPPENED = "events that never happened: {names}"
_RULE = "among the events that happened"
#: How many names are shown in place of one that never happened.
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Tally(Tabular):
    """What became of every row, and what was made of them.

    Parameters
    ----------
    rows_in : int
        The rows that came.
    without_customer, without_time, without_event, copies : int
        Those left out: without a customer, a time or a name, and those whose event id came before.
    events, sessions, customers : int
        What is left.
    tied : int
        The events at the same moment as the customer's event before, where no column
        tells which of the two was first.
    without_session : int
        The events in no session, which count in journeys but in no session.
    first_us, last_us : int
        The first and the last moment seen, in microseconds since 1970 (UTC); 0 with no event.
    """

    rows_in: int
    without_customer: int
    without_time: int
    without_event: int
    copies: int
    events: int
    sessions: int
    customers: int
    tied: int
    without_session: int
    first_us: int
    last_us: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row per count: `counted` (what, an English message) and `number`."""
        import pandas as pd

        numbers = [getattr(self, name) for name in _COUNTED]
        return pd.DataFrame({"counted": _COUNTED.values(), "number": numbers})

    def table(self) -> Table:
        """Return one row per count."""
        return Table(
            frame=self.to_frame(),
            columns=(Column("counted"), Column("number")),
            caption="From the events received to those used",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A prepared table, from :func:`cxresearch.journeys.prepare`.

    Parameters
    ----------
    table : Path
        The Parquet file (on Spark a folder of them), sorted by customer and time.
    events : tuple of str
        The names of the events, sorted; `event` in the table is the place in it.
    carried : tuple of str
        The columns carried along.
    sessions : {"gap", "given"}
        What cuts journeys into sessions.
    gap_us : int
        The longest time between two events of a session that ends by a gap, in microseconds.
    on : {"duckdb", "spark"}
        The engine that reads the table.
    row_order : {"oldest first", "newest first", "no order"}
        In which order of time the rows came; ties of a table that runs backwards are read from its
        last row to its first.
    tally : Tally
        What became of every row.
    """

    table: Path
    events: tuple[str, ...]
    carried: tuple[str, ...]
    sessions: Sessions
    gap_us: int
    on: engine.Name
    row_order: RowOrder
    tally: Tally
    _home: disk.OwnFolder | None = field(default=None, repr=False, compare=False)

    @classmethod
    def read(cls, table: Path, rows: Rows, home: disk.OwnFolder | None) -> Prepared:
        """Return the table that was made of `rows`, counted.

        Raises
        ------
        ReconciliationError
            If a row is neither in the table nor among those left out.
        """
        on: engine.Name = "duckdb" if rows.in_duckdb else "spark"
        tally = _tally(engine.scan(table, on=on), rows)
        return cls(
            table=table,
            events=rows.events,
            carried=rows.carried,
            sessions=rows.how.sessions,
            gap_us=rows.how.gap_us,
            on=on,
            row_order=rows.row_order,
            tally=tally,
            _home=home,
        )

    @classmethod
    def from_dict(cls, table: Path, record: dict[str, Any]) -> Prepared:
        """Return the prepared table that a record of :meth:`to_dict` describes."""
        named = {name: tuple(record[name]) for name in ("events", "carried")}
        return cls(table=table, **{**record, **named, "tally": Tally(**record["tally"])})

    def to_dict(self) -> dict[str, Any]:
        """Return all but the place of the table."""
        names = ("events", "carried", "sessions", "gap_us", "on", "row_order")
        return {name: getattr(self, name) for name in names} | {"tally": asdict(self.tally)}

    def column(self, name: str) -> str | Missing:
        """Return a carried column to group by, or that the events have none of this name.

        Examples
        --------
        >>> from cxresearch.journeys._example import PREPARED
        >>> PREPARED.column("device").why
        'the events have no column {column}'
        """
        if name in self.carried:
            return name
        return Missing("the events have no column {column}", {"column": name})

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What a reader must know of the order of events, where any two share a moment."""
        return tie_remarks(self.row_order, self.tally.tied)

    @property
    def frame(self) -> frames.Frame:
        """The table as a lazy frame; nothing is read until it is collected."""
        return engine.scan(self.table, on=self.on)

    def steps(self, unit: Unit) -> frames.Frame:
        """Return the events as the steps of units, lazily.

        Parameters
        ----------
        unit : {"customer", "session", "order"}
            What a journey is: all of a customer, one session, or what bears one `order_id`.

        Returns
        -------
        narwhals.LazyFrame
            Per event in a unit: `customer_id`, `unit` (what identifies it), `ts_us`, `event`,
            `step` (from 1), `next_event` and `to_next_us` (null at the unit's last event),
            `journey_step` (which orders all events of a customer), and the carried columns.

        Raises
        ------
        SchemaError
            If orders are asked for and the events carry no `order_id`.
        """
        return self._steps_of(self.frame, "customer_id", unit)

    def coded_steps(self, unit: Unit) -> frames.Frame:
        """Return :meth:`steps` with customers as codes, as which they are grouped at less cost.

        A unit that is a customer is a code too; :meth:`named` turns them back.
        """
        return self._steps_of(self._coded, "cx_code", unit)

    def customers(self) -> frames.Frame:
        """Return the code of each customer as `customer_id`, and her name as `cx_name`."""
        first = self._coded.filter(nw.col("journey_step") == 1)
        return first.select(customer_id="cx_code", cx_name="customer_id")

    def named(self, units: frames.Frame, unit: Unit) -> frames.Frame:
        """Return rows of units, of :meth:`coded_steps`, with the names of their customers."""
        known = units.join(self.customers(), on="customer_id")
        named = KEY if unit == "customer" else ("customer_id",)
        return known.with_columns(**dict.fromkeys(named, nw.col("cx_name"))).drop("cx_name")

    @property
    def _coded(self) -> frames.Frame:
        """The table with a code for each customer, `cx_code`."""
        return engine.scan_runs(
            self.table, "customer_id", place="journey_step", code="cx_code", on=self.on
        )

    def _steps_of(self, rows: frames.Frame, customer: str, unit: Unit) -> frames.Frame:
        """Return rows as the steps of units; `customer` is the column that says whose they are."""
        if unit == "order":
            rows, own = _of_orders(self, rows, customer)
        elif unit == "session":
            rows, own = _of_sessions(self, rows)
        else:
            own = {"unit": nw.col(customer), "step": nw.col("journey_step")}
            own |= {new: nw.col(name) for new, name in zip(NEXT, _JOURNEY_NEXT, strict=True)}
        own["customer_id"] = nw.col(customer)
        steps = {name: own.get(name, nw.col(name)) for name in STEP_COLUMNS}
        return rows.select(**steps, **{name: nw.col(name) for name in self.carried})

    def code(self, event: str) -> int:
        """Return the code of an event; -1, which no row has, for one that never happened.

        Examples
        --------
        >>> from cxresearch.journeys._example import PREPARED
        >>> PREPARED.events, PREPARED.code("cart"), PREPARED.code("never")
        (('buy', 'cart', 'view'), 1, -1)
        """
        return self.events.index(event) if event in self.events else -1


def require(argument: str, asked: Iterable[str], known: Collection[str]) -> None:
    """Refuse events that never happened, each with the names that are most like it.

    A step that nobody can take makes a rate of 0, which looks like an answer.

    Raises
    ------
    ValueError
        If there is one; all are listed.

    Examples
    --------
    >>> require("steps", ["view", "crat"], ["cart", "purchase", "view"])
    Traceback (most recent call last):
    ValueError: steps must be among the events that happened; got 'crat' (nearest: 'cart')
    """
    missing = [repr(event) + _instead(event, known) for event in _missing(asked, known)]
    if missing:
        raise ValueError(f"{argument} must be {_RULE}; got {', '.join(missing)}")


def never_happened(asked: Iterable[str], known: Iterable[str]) -> tuple[Remark, ...]:
    """Return what must be said of events that no row has, where there are any.

    Examples
    --------
    >>> never_happened(["cart", "crat"], ["cart", "buy"])[0].values
    {'names': 'crat'}
    >>> never_happened(["cart"], ["cart", "buy"])
    ()
    """
    missing = _missing(asked, known)
    return (Remark(_NEVER_HAPPENED, {"names": ", ".join(missing)}),) if missing else ()


def labelled_steps(
    prepared: Prepared, unit: Unit, labels: Mapping[str, str] | None
) -> tuple[frames.Frame, dict[int, str]]:
    """Return the coded steps of units with labels for events, and the name of each code.

    Without labels the events are their own.

    Raises
    ------
    ValueError
        If `labels` leaves an event out; all are listed.
    """
    steps = prepared.coded_steps(unit)
    if labels is None:
        return steps, dict(enumerate(prepared.events))
    missing = [event for event in prepared.events if event not in labels]
    if missing:
        raise ValueError(f"labels must name every event; got none for {', '.join(missing)}")
    names = dict(enumerate(sorted({labels[event] for event in prepared.events})))
    code_of = {name: code for code, name in names.items()}
    coded = {
        column: _recode(column, [code_of[labels[event]] for event in prepared.events])
        for column in ("event", "next_event")
    }
    return steps.with_columns(**coded), names


def _of_sessions(prepared: Prepared, rows: frames.Frame) -> tuple[frames.Frame, dict[str, nw.Expr]]:
    """Return the rows in sessions, and what their columns as steps are."""
    if prepared.sessions == "given":
        after = [nw.col(name) for name in GIVEN_COLUMNS]
    else:
        after = [nw.when(~nw.col("last")).then(nw.col(name)) for name in _JOURNEY_NEXT]
    own = {"unit": nw.col("session"), **dict(zip(NEXT, after, strict=True))}
    return rows.filter(~nw.col("session").is_null()), own


def _of_orders(
    prepared: Prepared, rows: frames.Frame, customer: str
) -> tuple[frames.Frame, dict[str, nw.Expr]]:
    """Return the rows with an order, and what their columns as steps are."""
    if "order_id" not in prepared.carried:
        raise SchemaError("events", ["order_id: not among the columns that were carried along"])

    def along(expression: nw.Expr) -> nw.Expr:
        return expression.over(customer, "order_id", order_by="journey_step")

    return rows.filter(~nw.col("order_id").is_null()), {
        "unit": nw.col("order_id"),
        "step": along(nw.col("journey_step").cum_count()).cast(nw.Int32),
        "next_event": along(nw.col("event").shift(-1)),
        "to_next_us": along(nw.col("ts_us").shift(-1)) - nw.col("ts_us"),
    }


def _tally(frame: frames.Frame, rows: Rows) -> Tally:
    (found,) = frames.rows(
        frame.select(
            events=nw.len(),
            sessions=frames.one(nw.col("step") == 1).sum(),
            customers=frames.one(nw.col("journey_step") == 1).sum(),
            without_session=frames.one(nw.col("session").is_null()).sum(),
            first_us=nw.col("ts_us").min(),
            last_us=nw.col("ts_us").max(),
            tied=frames.one(nw.col("to_journey_next_us") == 0).sum(),
        )
    )
    if rows.how.tie_break:  # it tells some of them apart
        found["tied"] = tied_pairs(rows.frame, TIE)
    counts = {name: int(value or 0) for name, value in found.items()}
    tally = Tally(rows_in=rows.rows_in, **rows.left_out, **counts)
    left_out = sum(rows.left_out.values())
    if tally.events + left_out != tally.rows_in:
        raise ReconciliationError(
            f"events: {tally.rows_in} rows received, {tally.events} are in the prepared table and "
            f"{left_out} were left out"
        )
    return tally


def _missing(asked: Iterable[str], known: Iterable[str]) -> list[str]:
    there = set(known)
    return [event for event in dict.fromkeys(asked) if event not in there]


def _instead(event: str, known: Collection[str]) -> str:
    """Return which of the known names may be meant, in parentheses."""
    if not known:
        return " (no event happened)"
    in_small = {name.casefold(): name for name in known}
    near = get_close_matches(event.casefold(), in_small, n=_SHOWN)
    if near:
        return f" (nearest: {', '.join(repr(in_small[name]) for name in near)})"
    some = ", ".join(map(repr, sorted(known)[:_SHOWN]))
    return f" (nothing like it among {some}{', ...' if len(known) > _SHOWN else ''})"


def _recode(column: str, codes: list[int]) -> nw.Expr:
    """Return an expression that replaces each event's code by another; null stays null."""
    expression = nw.lit(None, dtype=nw.Int32)
    for code in set(codes):
        events = [event for event, own in enumerate(codes) if own == code]
        chosen = nw.when(nw.col(column).is_in(events))
        expression = chosen.then(nw.lit(code, dtype=nw.Int32)).otherwise(expression)
    return expression
