"""What came in: revenue and orders."""

from __future__ import annotations

from functools import partial

from cxresearch.core.documented import documented
from cxresearch.engine import frames
from cxresearch.kpis import _orders
from cxresearch.kpis.kpi import Kpi, in_groups, over_all
from cxresearch.kpis.refunds import Ends, settle
from cxresearch.kpis.series import Coverage, Total


@documented
def gross_revenue(
    orders: frames.AnyFrame, *, currency: str, by: str | None = None, confidence: float = 0.95
) -> Kpi:
    """Return the revenue of all orders placed, before cancellations and returns.

    Parameters
    ----------
    %(orders)s
    %(currency)s
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        Money, with `n` customers who placed an order (an anonymous order counts as one).

    Raises
    ------
    %(missing_column)s

    See Also
    --------
    cxresearch.stats.totals.total : The interval, and when it misleads.

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> gross_revenue(ORDERS, currency="EUR").value
    180.0
    """
    if by is not None:
        again = partial(gross_revenue, currency=currency, confidence=confidence)
        return in_groups(again, orders, "orders", by)
    definition = "The value of all orders placed, cancelled and returned ones included."
    prepared = _orders.prepared(orders)
    priced, remarks = _orders.in_currency(prepared.filter(_orders.PLACED), currency, every=prepared)
    revenue = Total(rows=priced, x="gross", unit=currency, reach=partial(Coverage.of, prepared))
    told = (*remarks, *_orders.valueless(prepared))
    return over_all(revenue, definition, *told, confidence=confidence)


@documented
def net_revenue(
    orders: frames.AnyFrame, *, currency: str, by: str | None = None, confidence: float = 0.95
) -> Kpi:
    """Return the revenue that remains after cancellations and returns.

    Parameters
    ----------
    orders : frame
        A study's orders. A cancellation may be a document of its own with negative
        revenue, or the order itself with the status cancelled or returned.
    %(currency)s
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        Money, with `n` customers who placed an order or were paid back (an anonymous order counts
        as one).

    Raises
    ------
    %(missing_column)s

    See Also
    --------
    cxresearch.stats.totals.total : The interval, and when it misleads.

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> net_revenue(ORDERS, currency="EUR").value
    120.0
    """
    revenue = partial(_net, currency=currency, confidence=confidence)
    return (
        revenue(orders) if by is None else in_groups(revenue, orders, "orders", by, among=Ends.of)
    )


@documented
def order_count(orders: frames.AnyFrame, *, by: str | None = None, confidence: float = 0.95) -> Kpi:
    """Return the number of orders placed.

    Parameters
    ----------
    %(orders)s
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        Orders, with `n` customers (an anonymous order counts as one).

    Raises
    ------
    %(missing_column)s

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> order_count(ORDERS).value
    5.0
    """
    if by is not None:
        again = partial(order_count, confidence=confidence)
        return in_groups(again, orders, "orders", by)
    prepared = _orders.prepared(orders)
    count = Total(
        rows=prepared.filter(_orders.PLACED),
        x="placed",
        unit="orders",
        reach=partial(Coverage.of, prepared),
    )
    definition = (
        "The number of orders placed with a value above zero, cancelled and returned ones included."
    )
    return over_all(count, definition, *_orders.valueless(prepared), confidence=confidence)


def _net(
    orders: frames.AnyFrame, ends: Ends | None = None, *, currency: str, confidence: float
) -> Kpi:
    prepared = _orders.prepared(orders)
    ends = ends or Ends.of(orders)
    settled, twice = settle(prepared, ends)
    priced, remarks = _orders.in_currency(settled.filter(_orders.WORTH), currency, every=prepared)
    revenue = Total(rows=priced, x="net", unit=currency, reach=partial(Coverage.of, prepared))
    definition = "The value of net orders, less refunds."
    told = (*remarks, *twice, *ends.refunds_unknown, *_orders.valueless(prepared))
    return over_all(revenue, definition, *told, confidence=confidence)
