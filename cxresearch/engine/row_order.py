"""In which order of time the rows of a table come, which decides ties: some files run backwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import narwhals as nw

from cxresearch import engine
from cxresearch.core.remarks import Remark
from cxresearch.engine import frames

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame

RowOrder = Literal["oldest first", "newest first", "no order"]
OLDEST: RowOrder = "oldest first"
NEWEST: RowOrder = "newest first"
NONE: RowOrder = "no order"

#: The share of the steps from row to row that must go one way in time for a table to run that way.
_CLEAR = 0.9
_MESSAGES: dict[str, str] = {
    NEWEST: "the rows run from the newest to the oldest, so events of a customer at the same "
    "moment are read from the last row to the first: {count} pairs",
    NONE: "the rows are in no order of time, so which of two events of a customer at the same "
    "moment came first is not known, and they stay in the order of the rows: {count} pairs",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """The order in time of a table's rows, and how many events it orders.

    Parameters
    ----------
    order : {"oldest first", "newest first", "no order"}
        In which order of time the rows come.
    count : int
        How many events come at the same moment as the customer's event before.
    """

    order: RowOrder
    count: int

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What must be said of them."""
        return tie_remarks(self.order, self.count)


def row_order(rows: frames.Frame) -> RowOrder:
    """Return in which order of time rows come.

    A table runs the way that nine in ten of its steps go: from a row to the next one of the same
    customer; where there is none, or they go both ways, from a row to the next one. Steps
    between rows at the same moment say nothing.

    Parameters
    ----------
    rows : narwhals.LazyFrame
        Of DuckDB or Spark, with `customer_id` and `ts_us`, in the order in which they came.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame({"customer_id": ["A", "B", "A", "A"], "ts_us": [9, 7, 4, 4]})
    >>> row_order(engine.lazy(log))
    'newest first'
    """
    pairs = engine.with_row_before(rows.select("customer_id", "ts_us"), ["customer_id", "ts_us"])
    apart = nw.col("ts_us") - nw.col("ts_us_before")
    own = nw.col("customer_id") == nw.col("customer_id_before")
    steps = frames.counts(
        pairs,
        own_up=own & (apart > 0),
        own_down=own & (apart < 0),
        up=apart > 0,
        down=apart < 0,
    )
    for up, down in ((steps["own_up"], steps["own_down"]), (steps["up"], steps["down"])):
        clear = _CLEAR * (up + down)
        if up + down and max(up, down) >= clear:
            return OLDEST if up >= clear else NEWEST
    return NONE


def tied_pairs(rows: frames.Frame, *others: str) -> int:
    """Return how many events have one of their customer at the same moment right before them.

    Parameters
    ----------
    rows : narwhals.LazyFrame
        With `customer_id` and `ts_us`.
    *others : str
        Further columns that tell events at the same moment apart.
    """
    moments = rows.group_by("customer_id", "ts_us", *others).agg(n=nw.len())
    (row,) = frames.rows(moments.select(tied=(nw.col("n") - 1).sum()))
    return int(row["tied"] or 0)


def ties(rows: IntoFrame) -> Ties:
    """Return in which order of time a table's rows come, and how many pairs of events that orders.

    Raises
    ------
    SchemaError
        If it has no `customer_id` or `ts_us`.
    """
    found = engine.lazy(frames.lazy(rows, "events", ("customer_id", "ts_us")).to_native())
    return Ties(order=row_order(found), count=tied_pairs(found.filter(frames.KNOWN)))


def tie_remarks(order: RowOrder, tied: int) -> tuple[Remark, ...]:
    """Return what to say of ties: nothing where there are none, or where rows run forwards.

    Examples
    --------
    >>> tie_remarks("oldest first", 3), tie_remarks("newest first", 0)
    ((), ())
    """
    return (Remark(_MESSAGES[order], {"count": tied}),) if tied and order in _MESSAGES else ()
