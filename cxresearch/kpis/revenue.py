"""What came in: revenue, orders and order value."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal, get_args

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.remarks import Remark
from cxresearch.kpis import _orders, _resampled
from cxresearch.kpis._by_month import Ratio, Total
from cxresearch.kpis._calendar import Coverage
from cxresearch.kpis.kpi import Kpi, over_all
from cxresearch.stats.means.ratios import ratio_of_sums

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame

Method = Literal["clustered", "bootstrap"]
METHODS: tuple[str, ...] = get_args(Method)


def gross_revenue(orders: IntoFrame, *, currency: str, confidence: float = 0.95) -> Kpi:
    """Return the revenue of all orders placed, before cancellations and returns.

    Parameters
    ----------
    orders : frame
        A study's orders, of any kind.
    currency : str
        The study's currency; orders in another are left out and counted in the note.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Kpi
        Money, with `n` customers who placed an order (an anonymous order counts as one).

    Raises
    ------
    SchemaError
        If a column is missing.

    See Also
    --------
    cxresearch.stats.totals.total : The interval, and when it misleads.

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> gross_revenue(ORDERS, currency="EUR").value
    180.0
    """
    definition = "The value of every order placed, whatever became of it."
    return _revenue(orders, "gross", _orders.PLACED, definition, currency, confidence)


def net_revenue(orders: IntoFrame, *, currency: str, confidence: float = 0.95) -> Kpi:
    """Return the revenue that remains after cancellations and returns.

    Parameters
    ----------
    orders : frame
        A study's orders, of any kind. A cancellation may be a document of its own with negative
        revenue, or the order itself with the status cancelled or returned.
    currency : str
        The study's currency; orders in another are left out and counted in the note.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Kpi
        Money, with `n` customers who placed an order or were paid back (an anonymous order counts
        as one).

    Raises
    ------
    SchemaError
        If a column is missing.

    See Also
    --------
    cxresearch.stats.totals.total : The interval, and when it misleads.

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> net_revenue(ORDERS, currency="EUR").value
    120.0
    """
    definition = "The value of the orders that were kept, less what was paid back."
    return _revenue(orders, "net", _orders.WORTH, definition, currency, confidence)


def order_count(orders: IntoFrame, *, confidence: float = 0.95) -> Kpi:
    """Return the number of orders placed.

    Parameters
    ----------
    orders : frame
        A study's orders, of any kind.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Kpi
        Orders, with `n` customers (an anonymous order counts as one).

    Raises
    ------
    SchemaError
        If a column is missing.

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> order_count(ORDERS).value
    5.0
    """
    prepared = _orders.prepared(orders)
    count = Total(
        rows=prepared.filter(_orders.PLACED),
        x="placed",
        unit="orders",
        reach=partial(Coverage.of, prepared),
    )
    definition = "The number of orders placed with a value above zero, whatever became of them."
    return over_all(count, definition, confidence=confidence)


def average_order_value(
    orders: IntoFrame, *, currency: str, method: Method = "clustered", confidence: float = 0.95
) -> Kpi:
    """Return the mean value of a sale: an order placed and kept.

    Parameters
    ----------
    orders : frame
        A study's orders, of any kind.
    currency : str
        The study's currency; orders in another are left out and counted in the note.
    method : {"clustered", "bootstrap"}
        The interval: that of a linearised ratio, symmetric; or a bootstrap-t, which follows the
        skew of the orders: for fewer than a few hundred customers, or a few very large orders.
        It asks for all values of orders in memory.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Kpi
        Money per order, with `n` customers (an anonymous order counts as one).

    Raises
    ------
    SchemaError
        If a column is missing.
    ValueError
        If `method` is unknown.

    Notes
    -----
    The orders of one customer are alike, so the interval is that of a ratio over customers
    (:func:`cxresearch.stats.means.ratios.ratio_of_sums`, or
    :func:`cxresearch.stats.ranks.bootstrap_mean`); one that takes every order as independent
    would be too short.

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> average_order_value(ORDERS, currency="EUR").value
    35.0
    """
    validate.one_of("method", method, METHODS)
    definition = "The mean value of the orders that were kept."
    if method == "bootstrap":
        from cxresearch.stats.ranks.resampling import bootstrap_mean

        drawn = partial(bootstrap_mean, draws=_resampled.DRAWS)
        return _resampled.sales(orders, drawn, definition, currency, confidence)
    prepared = _orders.prepared(orders)
    priced, remarks = _orders.in_currency(prepared.filter(_orders.SALE), currency)
    ratio = Ratio(
        rows=priced,
        x="gross",
        y="sale",
        unit=currency,
        estimate=partial(ratio_of_sums, unit=currency),
        reach=partial(Coverage.of, prepared),
    )
    return over_all(ratio, definition, *remarks, confidence=confidence)


def _revenue(
    orders: IntoFrame,
    column: str,
    counted: nw.Expr,
    definition: str,
    currency: str,
    confidence: float,
) -> Kpi:
    prepared = _orders.prepared(orders)
    remarks: tuple[Remark, ...] = ()
    rows = prepared
    if column == "net":
        rows, twice = _orders.settled(prepared)
        remarks = (*twice, *_orders.unknown_end(prepared))
    priced, other_currency = _orders.in_currency(rows.filter(counted), currency)
    revenue = Total(rows=priced, x=column, unit=currency, reach=partial(Coverage.of, prepared))
    return over_all(revenue, definition, *other_currency, *remarks, confidence=confidence)
