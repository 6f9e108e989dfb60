"""What of the orders was undone: cancelled, returned, paid back."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

import narwhals as nw

from cxresearch.engine import frames
from cxresearch.kpis import _orders
from cxresearch.kpis._by_month import Ratio
from cxresearch.kpis._calendar import Coverage
from cxresearch.kpis.kpi import Kpi, over_all
from cxresearch.stats.means.ratios import ratio_of_sums

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame


def cancellation_rate(orders: IntoFrame, *, confidence: float = 0.95) -> Kpi:
    """Return the number of cancellations per order placed.

    Parameters
    ----------
    orders : frame
        A study's orders, of any kind. A cancellation is a row with the status cancelled, be it
        the order itself or a document that takes money back; an order that has both is one. An
        order worth nothing counts in neither number.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Kpi
        Cancellations per order, with `n` customers (an anonymous row counts as one). Where they
        are documents of their own it may exceed 1: some cancel an order older than the data.

    Raises
    ------
    SchemaError
        If a column is missing.

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> cancellation_rate(ORDERS).value
    0.4
    """
    definition = "Cancelled orders or cancellation documents per order placed."
    return _undone(orders, "cancelled", definition, confidence)


def return_rate(orders: IntoFrame, *, confidence: float = 0.95) -> Kpi:
    """Return the number of returns per order placed.

    Parameters
    ----------
    orders : frame
        A study's orders, of any kind. A return is a row with the status returned, counted as in
        :func:`cancellation_rate`.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Kpi
        Returns per order, with `n` customers (an anonymous row counts as one).

    Raises
    ------
    SchemaError
        If a column is missing.

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> return_rate(ORDERS).value
    0.0
    """
    definition = "Returned orders or return documents per order placed."
    return _undone(orders, "returned", definition, confidence)


def refund_rate(orders: IntoFrame, *, currency: str, confidence: float = 0.95) -> Kpi:
    """Return the share of gross revenue that was cancelled, returned or paid back.

    Parameters
    ----------
    orders : frame
        A study's orders, of any kind. What was refunded is the value of an order with the status
        cancelled or returned, or the amount of a document that takes money back.
    currency : str
        The study's currency; orders in another are left out and counted in the note.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Kpi
        A share of gross revenue, with `n` customers (an anonymous row counts as one). Where
        refunds are documents of their own it may exceed 1: some are for orders older than the
        data.

    Raises
    ------
    SchemaError
        If a column is missing.

    See Also
    --------
    return_rate : The same counted in orders, returns alone.

    Examples
    --------
    Of 180 placed, an order of 40 was cancelled and 20 were paid back.

    >>> from cxresearch.kpis._example import ORDERS
    >>> round(refund_rate(ORDERS, currency="EUR").value, 4)
    0.3333
    """
    prepared = _orders.prepared(orders)
    unknown = _orders.unknown_end(prepared)
    settled, twice = _orders.settled(prepared)
    refunds = settled.with_columns(refunded=nw.col("gross") - nw.col("net"))
    told = refunds.head(0) if unknown else refunds
    priced, remarks = _orders.in_currency(told.filter(_orders.WORTH), currency)
    rate = Ratio(
        rows=priced,
        x="refunded",
        y="gross",
        unit="share",
        estimate=partial(ratio_of_sums, unit="share", low=0.0),
        reach=partial(Coverage.of, prepared),
    )
    definition = "The value cancelled, returned or paid back, per gross revenue."
    return over_all(rate, definition, *unknown, *twice, *remarks, confidence=confidence)


def _undone(
    orders: IntoFrame,
    status: Literal["cancelled", "returned"],
    definition: str,
    confidence: float,
) -> Kpi:
    prepared = _orders.prepared(orders)
    unknown = _orders.unknown_end(prepared)
    settled, twice = _orders.settled(prepared)
    # A refund of an order that is flagged itself is no second one.
    document = (nw.col("revenue") < 0) & (nw.col("settled") == 0)
    undone = (nw.col("status") == status) & (_orders.PLACED | document)
    marked = settled.with_columns(undone=frames.indicator(undone))
    told = marked.head(0) if unknown else marked
    rate = Ratio(
        rows=told.filter((nw.col("placed") > 0) | (nw.col("undone") > 0)),
        x="undone",
        y="placed",
        unit="share",
        estimate=partial(ratio_of_sums, unit="share", low=0.0),
        reach=partial(Coverage.of, prepared),
    )
    remarks = (*unknown, *twice, *_orders.worthless(prepared))
    return over_all(rate, definition, *remarks, confidence=confidence)
