"""What came in: revenue, orders, and what an order is worth: mean, median and trimmed mean."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, get_args

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.remarks import Remark
from cxresearch.core.results import Estimate
from cxresearch.engine import frames
from cxresearch.kpis import _orders
from cxresearch.kpis.kpi import Kpi, in_groups, over_all
from cxresearch.kpis.refunds import Ends, settle
from cxresearch.kpis.series import Apart, Coverage, Ratio, Total
from cxresearch.stats.means.ratios import ratio_of_sums

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

Method = Literal["clustered", "bootstrap"]
METHODS: tuple[str, ...] = get_args(Method)
#: The estimate from an array of values, with the arguments `unit`, `clusters` and `confidence`.
_Estimator = Callable[..., Estimate]
#: Enough for two digits of an interval; one draw goes through all orders.
_DRAWS = 1000
_TRIMMED = "left out at either end, of every hundred orders: {percent}"


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
    priced, remarks = _orders.in_currency(prepared.filter(_orders.PLACED), currency)
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


@documented
def average_order_value(
    orders: frames.AnyFrame,
    *,
    currency: str,
    method: Method = "clustered",
    by: str | None = None,
    confidence: float = 0.95,
) -> Kpi:
    """Return the mean value of a sale: an order placed and kept.

    Parameters
    ----------
    %(orders)s
    %(currency)s
    method : {"clustered", "bootstrap"}
        The interval: that of a linearised ratio, symmetric; or a bootstrap-t, which follows the
        skew of the orders: for fewer than a few hundred customers, or a few very large orders.
        It asks for all values of orders in memory.
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        Money per order, with `n` customers (an anonymous order counts as one).

    Raises
    ------
    %(missing_column)s
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
    if by is not None:
        again = partial(
            average_order_value, currency=currency, method=method, confidence=confidence
        )
        return in_groups(again, orders, "orders", by)
    validate.one_of("method", method, METHODS)
    definition = "The mean value of net orders."
    if method == "bootstrap":
        from cxresearch.stats.ranks.resampling import bootstrap_mean

        drawn = partial(bootstrap_mean, draws=_DRAWS)
        return _resampled(orders, drawn, definition, currency, confidence)
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
    told = (*remarks, *_orders.valueless(prepared))
    return over_all(ratio, definition, *told, confidence=confidence)


@documented
def median_order_value(
    orders: frames.AnyFrame, *, currency: str, by: str | None = None, confidence: float = 0.95
) -> Kpi:
    """Return the value that half of the orders exceed.

    Parameters
    ----------
    %(orders)s
    %(currency)s
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        Money per order, with `n` customers (an anonymous order counts as one).

    Raises
    ------
    %(missing_column)s

    Notes
    -----
    Orders are skewed, and those of one customer are alike: the interval is that of a thousand
    draws of whole customers (:func:`cxresearch.stats.ranks.bootstrap`), which follows the
    skew. It asks for all values of orders in memory.

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> median_order_value(ORDERS, currency="EUR").value
    35.0
    """
    if by is not None:
        again = partial(median_order_value, currency=currency, confidence=confidence)
        return in_groups(again, orders, "orders", by)
    import numpy as np

    definition = "The value that half of net orders exceed."
    return _resampled(orders, _bootstrap(np.median), definition, currency, confidence)


@documented
def trimmed_order_value(
    orders: frames.AnyFrame,
    *,
    currency: str,
    share: float = 0.05,
    by: str | None = None,
    confidence: float = 0.95,
) -> Kpi:
    """Return the mean value of the orders without the smallest and the largest ones.

    Parameters
    ----------
    %(orders)s
    %(currency)s
    share : float, default 0.05
        The share of the orders left out at either end, 0 to 0.49, rounded down to whole orders.
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        Money per order, with `n` customers (an anonymous order counts as one).

    Raises
    ------
    %(missing_column)s
    ValueError
        If `share` is not between 0 and 0.49.

    See Also
    --------
    median_order_value : The interval.

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> trimmed_order_value(ORDERS, currency="EUR", share=0.25).value
    35.0
    """
    if by is not None:
        again = partial(trimmed_order_value, currency=currency, share=share, confidence=confidence)
        return in_groups(again, orders, "orders", by)
    validate.between("share", share, 0, 0.49)
    definition = "The mean value of net orders, without the largest and the smallest."
    trimmed = Remark(_TRIMMED, {"percent": f"{100 * share:g}"})
    statistic = partial(_trimmed_mean, share=share)
    return _resampled(orders, _bootstrap(statistic), definition, currency, confidence, trimmed)


def _net(
    orders: frames.AnyFrame, ends: Ends | None = None, *, currency: str, confidence: float
) -> Kpi:
    prepared = _orders.prepared(orders)
    ends = ends or Ends.of(orders)
    settled, twice = settle(prepared, ends)
    priced, remarks = _orders.in_currency(settled.filter(_orders.WORTH), currency)
    revenue = Total(rows=priced, x="net", unit=currency, reach=partial(Coverage.of, prepared))
    definition = "The value of net orders, less refunds."
    told = (*remarks, *twice, *ends.refunds_unknown, *_orders.valueless(prepared))
    return over_all(revenue, definition, *told, confidence=confidence)


def _resampled(
    orders: frames.AnyFrame,
    estimate: _Estimator,
    definition: str,
    currency: str,
    confidence: float,
    *own: Remark,
) -> Kpi:
    """Return an indicator of the values of the orders that were kept."""
    prepared = _orders.prepared(orders)
    priced, remarks = _orders.in_currency(prepared.filter(_orders.SALE), currency)
    rows = priced.select(frames.CLUSTER, "month", value=_orders.GROSS).collect().to_pandas()
    series = Apart(
        rows,
        partial(_bootstrapped, estimate=estimate, unit=currency),
        "MOVER of bootstrap intervals",
        partial(Coverage.of, prepared),
    )
    told = (*own, *remarks, *_orders.valueless(prepared))
    return over_all(series, definition, *told, confidence=confidence)


def _bootstrap(statistic: Callable[[NDArray[Any]], float]) -> _Estimator:
    from cxresearch.stats.ranks.resampling import bootstrap

    return partial(bootstrap, statistic=statistic, draws=_DRAWS)


def _trimmed_mean(values: NDArray[Any], *, share: float) -> float:
    """Return the mean of the values without a share of the smallest and of the largest ones."""
    import numpy as np

    left_out = int(share * len(values))
    # The draws of a bootstrap are in order already, which a stable sort sees.
    return float(np.sort(values, kind="stable")[left_out : len(values) - left_out].mean())


def _bootstrapped(
    rows: pd.DataFrame, *, estimate: _Estimator, unit: str, confidence: float
) -> Estimate:
    return estimate(rows["value"], clusters=rows["cluster"], unit=unit, confidence=confidence)
