"""What an order counts as: the rules that every room shares, written once."""

from __future__ import annotations

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.unit_formats import is_currency
from cxresearch.engine import frames
from cxresearch.engine.windows import DAY_US

COMPLETED = nw.col("status").is_null() | (nw.col("status") == "completed")
_POSITIVE = nw.col("revenue") > 0

#: An order placed, whatever became of it. A document of its own that takes money back (negative
#: revenue) is not one, nor is a document worth nothing.
PLACED = _POSITIVE
#: An order placed and kept.
SALE = COMPLETED & _POSITIVE

#: A delivery that comes late, or has not come: a promise is a day, so it is late from a whole day
#: after the moment promised.
LATE = nw.col("delivered_us").is_null() | (nw.col("delivered_us") - nw.col("promised_us") >= DAY_US)


def arrivals(deliveries: frames.AnyFrame, *also: str) -> frames.Frame:
    """Return one row per order that was promised, or is on its way: when it was, and when it came.

    An order of several parcels has come when the last one has, and is promised for the last promise
    of any.

    Parameters
    ----------
    deliveries : frame
        A study's deliveries.
    *also : str
        Columns that are kept; of several values in an order the first in the alphabet is.

    Returns
    -------
    narwhals.LazyFrame
        `order_id`, `promised_us`, `shipped_us` (of the first parcel), `delivered_us` (null where a
        parcel has not come), `parcels`, and the columns of `also`.

    Raises
    ------
    SchemaError
        If a column is missing.
    """
    times = ("promised_us", "shipped_us", "delivered_us")
    rows = frames.lazy(deliveries, "deliveries", ["order_id", *times, *also]).with_columns(
        waiting=frames.indicator(nw.col("delivered_us").is_null())
    )
    found = rows.group_by("order_id").agg(
        nw.col("promised_us").max(),
        nw.col("shipped_us").min(),
        nw.col("delivered_us").max(),
        nw.col("waiting").sum(),
        *[nw.col(name).min() for name in also],
        parcels=nw.len(),
    )
    came = nw.when(nw.col("waiting") == 0).then(nw.col("delivered_us"))
    return found.with_columns(delivered_us=came).drop("waiting")


def in_another(currency: str) -> nw.Expr:
    """Return whether an order's money cannot be added to money in `currency`.

    An order that does not name its currency is in the study's.

    Raises
    ------
    ValueError
        If `currency` is no code of ISO 4217: no order would be in it.
    """
    if not is_currency(currency):
        raise validate.refused("currency", "a code of ISO 4217, such as EUR", currency)
    return ~nw.col("currency").is_null() & (nw.col("currency") != currency)
