"""How often customers buy: more than once, and how many times."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.engine import frames
from cxresearch.kpis import _orders
from cxresearch.kpis._by_month import Ratio, share_of_clusters
from cxresearch.kpis._calendar import Coverage
from cxresearch.kpis.kpi import Kpi, kpi
from cxresearch.stats.means.ratios import ratio_of_sums

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame


def repeat_purchase_rate(orders: IntoFrame, *, confidence: float = 0.95) -> Kpi:
    """Return the share of customers with at least two sales among those with at least one.

    Parameters
    ----------
    orders : frame
        A study's orders, of any kind; those without a customer are left out and counted in the
        note.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Kpi
        A share of `n` customers.

    Raises
    ------
    SchemaError
        If a column is missing.

    Notes
    -----
    A customer who came late has had less time to buy again, so the rate grows with the length of
    the data: compare periods of the same length only. Two orders of one moment are two: the
    second is a returning one in :func:`cxresearch.kpis.new_and_returning` too.

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> repeat_purchase_rate(ORDERS).value
    0.5
    """
    prepared = _orders.prepared(orders)
    known, remarks = _orders.identified(prepared.filter(_orders.SALE))
    rate = Ratio(
        rows=_buyers(known, "month"),
        x="again",
        y="bought",
        unit="share",
        estimate=share_of_clusters,
        reach=partial(Coverage.of, prepared),
    )
    sums = frames.moments(_buyers(known), ["again", "bought"]).ratio("again", "bought")
    definition = "The share of customers with a kept order who have at least two in the period."
    whole = share_of_clusters(sums, confidence=confidence)
    return kpi(whole, definition, *remarks, series=rate)


def purchase_frequency(orders: IntoFrame, *, confidence: float = 0.95) -> Kpi:
    """Return the sales per customer with at least one.

    Parameters
    ----------
    orders : frame
        A study's orders, of any kind; those without a customer are left out and counted in the
        note.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Kpi
        Orders per customer, with `n` customers.

    Raises
    ------
    SchemaError
        If a column is missing.

    Notes
    -----
    Like the repeat purchase rate it grows with the length of the data: compare periods of the
    same length only.

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> purchase_frequency(ORDERS).value
    1.5
    """
    prepared = _orders.prepared(orders)
    known, remarks = _orders.identified(prepared.filter(_orders.SALE))
    unit = "orders per customer"
    frequency = Ratio(
        rows=_buyers(known, "month"),
        x="sales",
        y="bought",
        unit=unit,
        estimate=partial(ratio_of_sums, unit=unit, low=1.0),
        reach=partial(Coverage.of, prepared),
    )
    sums = frames.moments(_buyers(known), ["sales", "bought"]).ratio("sales", "bought")
    definition = "Kept orders per customer with at least one in the period."
    whole = frequency.estimate(sums, confidence=confidence)
    return kpi(whole, definition, *remarks, series=frequency)


def _buyers(known_sales: frames.Frame, *keys: str) -> frames.Frame:
    """Return one row per customer (and key) with a sale: how many, and whether more than one."""
    buyers = known_sales.group_by(frames.CLUSTER, *keys).agg(nw.col("sale").sum().alias("sales"))
    return buyers.with_columns(bought=nw.lit(1.0), again=frames.indicator(nw.col("sales") >= 2))
