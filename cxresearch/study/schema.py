"""The contract of each canonical table: its columns, their kinds, and what identifies a row.

Times are UTC. Each contract is written once, here; loaders cast by it, and
:func:`dataframe_schema` turns it into the pandera schema that finds the faults.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cxresearch.core import validate

if TYPE_CHECKING:
    import pandera.pandas as pa

Kind = Literal["text", "number", "count", "time", "date", "flag"]

_SPACE = "[\\s\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]"
_SIGN = "\N{EN DASH}\N{EM DASH}:=|("
_WORD = f"[^\\d\\s%,./){_SIGN}-]"
#: A whole number with words after it, or before it, in the syntax that DuckDB and Python share;
#: the number is the first group.
LABELS = (
    f"(\\d+)(?:{_SPACE}*[.{_SIGN}-]{_SPACE}*|{_SPACE}+)[^\\d%]*{_WORD}[^\\d%]*",
    f"[^\\d%]*{_WORD}[^\\d%]*[\\s\N{NO-BREAK SPACE}{_SIGN}-]{_SPACE}*(\\d+){_SPACE}*[)]?",
)
METRICS = ("nps", "csat", "ces", "enps")
FEEDBACK_SOURCES = (
    "survey",
    "review",
    "email",
    "chat",
    "call",
    "social",
    "interview",
    "focus_group",
)
#: Who takes part in a chat or a call.
SPEAKERS = ("customer", "agent")
#: What becomes of a message, in the order of time.
MESSAGE_KINDS = ("sent", "delivered", "opened", "clicked", "unsubscribed")
ORDER_STATUSES = ("completed", "cancelled", "returned")


#: The texts that are codes beside the ids.
_CODES = {"phone", "postcode", "sku"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a canonical table.

    Parameters
    ----------
    name : str
        The column's name.
    kind : {"text", "number", "count", "time", "date", "flag"}
        What its values are; a count is a whole number, a time is UTC.
    required : bool
        Whether every row must have a value.
    allowed : tuple of str
        The only values it may have; empty when any will do.
    low, high : float, optional
        The smallest and the largest value it may have.
    ahead : bool
        Whether a time may lie after the day the export was made: a promise.
    labelled : bool
        Whether a number may be written with its label, as a survey tool exports the ends of a
        scale: "10 - Extremely likely".
    """

    name: str
    kind: Kind = "text"
    required: bool = False
    allowed: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    ahead: bool = False
    labelled: bool = False

    @property
    def is_id(self) -> bool:
        """Whether it says who or what something is."""
        return self.name.endswith("_id")

    @property
    def is_code(self) -> bool:
        """Whether it is an id, or other figures that are no number."""
        return self.is_id or self.name in _CODES


@dataclass(frozen=True, slots=True)
class Table:
    """The contract of one canonical table.

    Parameters
    ----------
    name : str
        The table's name.
    row : str
        What one row is.
    columns : tuple of Column
        Its columns, the required ones first.
    key : tuple of str
        The columns that identify a row; empty when nothing does. A row that lacks one that must be
        there, or all of those that need not be, is never a duplicate.
    keeps_earliest : bool
        Whether, of the rows that share a key, the earliest is kept instead of the first written;
        the later ones are left out, as they are no fault.
    counted_by : tuple of str
        The columns by whose values its rows that are rejected or left out are counted.
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    keeps_earliest: bool = False
    counted_by: tuple[str, ...] = ()

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the required columns."""
        return tuple(column.name for column in self.columns if column.required)

    @property
    def complete(self) -> tuple[str, ...]:
        """The columns of the key without which a row is never a duplicate."""
        return tuple(name for name in self.key if name in self.required) or self.key

    @property
    def times(self) -> tuple[str, ...]:
        """The names of the time and date columns."""
        return tuple(column.name for column in self.columns if column.kind in {"time", "date"})

    @property
    def ahead(self) -> frozenset[str]:
        """The names of the times that may lie ahead."""
        return frozenset(column.name for column in self.columns if column.ahead)

    @property
    def covers_days(self) -> bool:
        """Whether its first time or date, the one of ``day``, says when a row came to be.

        A date that a row may lack, such as a birthday, does not.
        """
        first = next((column for column in self.columns if column.name in self.times), None)
        return first is not None and (first.required or first.kind == "time")

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns, in order."""
        return tuple(column.name for column in self.columns)


def _required(name: str, kind: Kind = "text", **rules: object) -> Column:
    return Column(name, kind, required=True, **rules)  # type: ignore[arg-type]


_TABLES = (
    Table(
        "events",
        "one touchpoint interaction",
        (
            _required("customer_id"),
            _required("ts", "time"),
            _required("event"),
            Column("event_id"),
            Column("session_id"),
            Column("channel"),
            Column("device"),
            Column("page"),
            Column("order_id"),
            Column("revenue", "number"),
            Column("app_version"),
        ),
        key=("event_id",),
    ),
    Table(
        "orders",
        "one order",
        (
            _required("order_id"),
            Column("customer_id"),
            _required("ts", "time"),
            _required("revenue", "number"),
            Column("currency"),
            Column("channel"),
            Column("items", "count"),
            Column("discount", "number", low=0),
            Column("status", allowed=ORDER_STATUSES),
        ),
        key=("order_id",),
    ),
    Table(
        "order_lines",
        "one line of an order",
        (
            _required("order_id"),
            _required("sku"),
            _required("quantity", "count"),
            _required("price", "number"),
            Column("category"),
        ),
    ),
    Table(
        "deliveries",
        "one parcel",
        (
            _required("order_id"),
            Column("shipped", "time"),
            Column("delivered", "time"),
            Column("promised", "time", ahead=True),
            Column("carrier"),
            Column("method"),
            Column("region"),
        ),
    ),
    Table(
        "surveys",
        "one answer to one scored question",
        (
            _required("response_id"),
            _required("ts", "time"),
            _required("metric", allowed=METRICS),
            Column("score", "number", required=True, labelled=True),
            _required("scale_min", "number"),
            _required("scale_max", "number"),
            Column("customer_id"),
            Column("touchpoint"),
            Column("order_id"),
            Column("weight", "number", low=0),
            Column("wave"),
            # Of who answers, where no table of customers says it.
            Column("segment"),
            Column("region"),
        ),
        key=("response_id", "metric", "touchpoint"),
    ),
    Table(
        "feedback",
        "one text",
        (
            _required("text_id"),
            _required("ts", "time"),
            _required("source", allowed=FEEDBACK_SOURCES),
            _required("text"),
            Column("customer_id"),
            Column("language"),
            Column("rating", "number"),
            Column("touchpoint"),
            # Who wrote or said it; a customer where it is not given.
            Column("speaker", allowed=SPEAKERS),
        ),
        key=("text_id",),
    ),
    Table(
        "tickets",
        "one support conversation",
        (
            _required("ticket_id"),
            _required("opened", "time"),
            Column("customer_id"),
            Column("first_response", "time"),
            Column("resolved", "time"),
            Column("channel"),
            Column("outcome"),
            Column("messages", "count", low=0),
            Column("reopened", "flag"),
        ),
        key=("ticket_id",),
    ),
    Table(
        "exposures",
        "one unit's first exposure to a variant",
        (
            _required("experiment"),
            _required("variant"),
            _required("customer_id"),
            _required("ts", "time"),
            # What chance assigned, where that is more than one customer: a store, a city.
            Column("cluster"),
            # The variant that was shown, where that is not always the one assigned.
            Column("received"),
        ),
        key=("experiment", "variant", "customer_id"),
        keeps_earliest=True,
        counted_by=("experiment", "variant"),
    ),
    Table(
        "messages",
        "one thing that became of a message",
        (
            _required("message_id"),
            _required("campaign"),
            _required("channel"),
            _required("customer_id"),
            _required("ts", "time"),
            _required("kind", allowed=MESSAGE_KINDS),
        ),
        key=("message_id", "kind"),
    ),
    Table(
        "marketing",
        "one channel-day",
        (
            _required("date", "date"),
            _required("channel"),
            Column("impressions", "count", low=0),
            Column("clicks", "count", low=0),
            Column("cost", "number", low=0),
        ),
        key=("date", "channel"),
    ),
    Table(
        "customers",
        "one source record of a person",
        (
            _required("source"),
            _required("record_id"),
            Column("customer_id"),
            Column("email"),
            Column("phone"),
            Column("name"),
            Column("address"),
            Column("city"),
            Column("postcode"),
            Column("birthdate", "date"),
            Column("segment"),
            Column("consent", "flag"),
            Column("consent_sms", "flag"),
            Column("consent_profiling", "flag"),
            Column("updated", "date"),
        ),
        key=("source", "record_id"),
    ),
)

#: Every canonical table by name.
TABLES = {table.name: table for table in _TABLES}


def table(name: str) -> Table:
    """Return the contract of a canonical table.

    Raises
    ------
    ValueError
        If there is no such table; the message lists them.

    Examples
    --------
    >>> table("orders").key
    ('order_id',)
    """
    return TABLES[validate.one_of("table", name, TABLES)]


def dataframe_schema(contract: Table) -> pa.DataFrameSchema:
    """Return the pandera schema that a batch of cast rows must meet.

    The error of each check is the rule it stands for: ``not_allowed``, ``out_of_range``,
    ``missing_value``; what cannot be seen in one batch (duplicates) is not in it.
    """
    # Where Spark is installed, pandera imports it, and Spark warns of this pandas: a report would
    # repeat that, but only where it loads a table that is not kept yet.
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
    import pandera.pandas as pa

    def checks(column: Column) -> list[pa.Check]:
        found = []
        if column.allowed:
            found.append(pa.Check.isin(column.allowed, error="not_allowed"))
        if column.low is not None:
            found.append(pa.Check.ge(column.low, error="out_of_range"))
        if column.high is not None:
            found.append(pa.Check.le(column.high, error="out_of_range"))
        if column.required:
            found.append(pa.Check(lambda s: s.notna(), ignore_na=False, error="missing_value"))
        return found

    return pa.DataFrameSchema(
        {
            column.name: pa.Column(checks=checks(column), nullable=True)
            for column in contract.columns
        }
    )
