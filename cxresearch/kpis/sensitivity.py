"""The orders without a part of them, to see how far an answer depends on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.core import validate
from cxresearch.engine import frames
from cxresearch.kpis import _orders

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame


def without_anonymous(orders: IntoFrame) -> frames.Frame:
    """Return the orders of known customers.

    Parameters
    ----------
    orders : frame
        A study's orders, of any kind.

    Returns
    -------
    narwhals.LazyFrame
        The same columns, fewer rows.

    Raises
    ------
    SchemaError
        If there is no `customer_id`.

    Examples
    --------
    >>> from cxresearch.kpis import order_count
    >>> from cxresearch.kpis._example import ORDERS
    >>> order_count(without_anonymous(ORDERS)).value
    4.0
    """
    return frames.lazy(orders, "orders", ["customer_id"]).filter(_orders.IDENTIFIED)


def without_largest(orders: IntoFrame, *, share: float = 0.01) -> frames.Frame:
    """Return the orders without the largest ones.

    Parameters
    ----------
    orders : frame
        A study's orders, of any kind.
    share : float, default 0.01
        The share of the orders placed that are left out, largest first, strictly between 0 and 1;
        those exactly at the boundary stay.

    Returns
    -------
    narwhals.LazyFrame
        The same columns, fewer rows. Documents that take money back all stay, also those for an
        order left out, so it is not for net revenue where cancellations are documents.

    Raises
    ------
    SchemaError
        If there is no `revenue`.
    ValueError
        If `share` is not strictly between 0 and 1.

    Examples
    --------
    >>> from cxresearch.kpis import gross_revenue
    >>> from cxresearch.kpis._example import ORDERS
    >>> gross_revenue(without_largest(ORDERS, share=0.2), currency="EUR").value
    130.0
    """
    validate.share("share", share)
    found = frames.lazy(orders, "orders", ["revenue"])
    boundary = nw.col("revenue").quantile(1 - share, interpolation="linear")
    placed = found.filter(_orders.PLACED)
    (row,) = frames.rows(placed.select(n=nw.len(), boundary=boundary))
    if not row["n"]:
        return found
    return found.filter(nw.col("revenue") <= row["boundary"])
