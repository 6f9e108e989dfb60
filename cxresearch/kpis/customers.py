"""Who bought: new and returning customers, how many buy again, and how often."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch import engine
from cxresearch.core.documented import documented
from cxresearch.core.remarks import Remark
from cxresearch.core.results import Estimate
from cxresearch.core.unit_sums import UnitSums
from cxresearch.engine import frames
from cxresearch.engine.frames import stable
from cxresearch.engine.windows import month_name
from cxresearch.kpis import _orders
from cxresearch.kpis.kpi import Kpi, columns_of, in_groups, kpi, over_all
from cxresearch.kpis.series import Coverage, Ratio, share_of_clusters
from cxresearch.stats.means.ratios import difference_of_ratios, ratio_of_sums
from cxresearch.stats.shares.proportions import clustered_proportion

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("new", "returning", "anonymous")
_REVENUES = [f"{kind}_revenue" for kind in KINDS]
_SHARE = ["returning_share", "returning_share_low", "returning_share_high", "customers"]
_COLUMNS = ["month", *KINDS, *_REVENUES, *_SHARE, "complete", "left_censored"]
_NUMBER = nw.col("order_id").cast(nw.String)
#: Who bought before the data begin looks new in them, so the first months have too many new ones.
_LEFT_CENSORED = Remark("earlier customers count as new at their first order in the data")


@documented
def new_and_returning(
    orders: frames.AnyFrame, *, currency: str, confidence: float = 0.95
) -> pd.DataFrame:
    """Return the sales of new, returning and anonymous customers by month.

    The first sale of a customer in the data is new, the others are returning. Of sales at the same
    moment, as on one day of an export without hours, the one with the least order number
    is the first: so a customer has a returning sale where they count in
    :func:`cxresearch.kpis.repeat_purchase_rate`.

    Parameters
    ----------
    %(orders)s
    currency : str
        The study's currency; orders in another count for who is new, not for the rest.
    %(confidence)s

    Returns
    -------
    pandas.DataFrame
        One row per month: `month` (``"2026-10"``), the sales (`new`, `returning`, `anonymous`) and
        their revenue (`new_revenue`...), `returning_share` of the revenue of known customers with
        `returning_share_low` and `returning_share_high`, the number of known `customers`,
        `complete` (the data cover the whole month) and `left_censored` (the first month, in which
        nearly every customer must look new).

    Raises
    ------
    %(missing_column)s

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> new_and_returning(ORDERS, currency="EUR")[["month", "new", "returning", "anonymous"]]
         month  new  returning  anonymous
    0  2026-01    2          0          0
    1  2026-02    0          1          1
    """
    import pandas as pd

    prepared = _orders.prepared(orders)
    coverage = Coverage.of(prepared)
    sales, _ = _sales_by_kind(prepared, _firsts(orders), currency)
    totals = frames.moments_by(sales, "month", [*KINDS, *_REVENUES], coverage.months)
    known = frames.moments_by(
        sales.filter(_orders.IDENTIFIED),
        "month",
        ["returning_revenue", "known_revenue"],
        coverage.months,
    )
    rows = [
        {
            "month": month_name(month),
            **{kind: int(totals[month].sums[kind]) for kind in KINDS},
            **{revenue: stable(totals[month].sums[revenue]) for revenue in _REVENUES},
            **_returning_share(known[month], confidence),
            "complete": month in coverage.complete,
            "left_censored": month == coverage.months[0],
        }
        for month in coverage.months
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)


@documented
def returning_revenue_share(
    orders: frames.AnyFrame, *, currency: str, by: str | None = None, confidence: float = 0.95
) -> Kpi:
    """Return the share of known customers' revenue that comes from their later sales.

    Parameters
    ----------
    %(known_orders)s
    %(currency)s
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        A share of revenue, with `n` customers.

    Raises
    ------
    %(missing_column)s

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> returning_revenue_share(ORDERS, currency="EUR").value
    0.5
    """
    share = partial(_returning_revenue, currency=currency, confidence=confidence)
    return share(orders) if by is None else in_groups(share, orders, "orders", by, among=_firsts)


def _returning_revenue(
    orders: frames.AnyFrame,
    firsts: frames.Frame | None = None,
    *,
    currency: str,
    confidence: float,
) -> Kpi:
    prepared = _orders.prepared(orders)
    known, remarks = _known_sales(orders, firsts, currency)
    share = Ratio(
        rows=known,
        x="returning_revenue",
        y="known_revenue",
        unit="share",
        estimate=clustered_proportion,
        reach=partial(Coverage.of, prepared),
    )
    definition = "The share of known customers' net revenue that comes after their first order."
    return over_all(share, definition, *remarks, _LEFT_CENSORED, confidence=confidence)


@documented
def returning_order_value_difference(
    orders: frames.AnyFrame, *, currency: str, by: str | None = None, confidence: float = 0.95
) -> Kpi:
    """Return how much more a sale to a returning customer is worth than one to a new customer.

    Parameters
    ----------
    %(known_orders)s
    %(currency)s
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        Money per order, later sales minus first ones, with `n` customers.

    Raises
    ------
    %(missing_column)s

    Notes
    -----
    Most returning customers are also among the new ones, so the two means are not independent:
    the interval is that of a difference over the same customers
    (:func:`cxresearch.stats.means.ratios.difference_of_ratios`).

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> returning_order_value_difference(ORDERS, currency="EUR").value
    25.0
    """
    more = partial(_returning_order_value, currency=currency, confidence=confidence)
    return more(orders) if by is None else in_groups(more, orders, "orders", by, among=_firsts)


def _returning_order_value(
    orders: frames.AnyFrame,
    firsts: frames.Frame | None = None,
    *,
    currency: str,
    confidence: float,
) -> Kpi:
    known, remarks = _known_sales(orders, firsts, currency)
    new, returning = ("new_revenue", "new"), ("returning_revenue", "returning")
    sums = frames.moments(known, [*new, *returning])
    difference = difference_of_ratios(
        sums.ratio(*new),
        sums.ratio(*returning),
        sums.cross(new, returning),
        unit=currency,
        confidence=confidence,
    )
    definition = "The mean value of customers' later net orders minus that of their first ones."
    return kpi(difference, definition, *remarks, _LEFT_CENSORED)


@documented
def repeat_purchase_rate(
    orders: frames.AnyFrame, *, by: str | None = None, confidence: float = 0.95
) -> Kpi:
    """Return the share of customers with at least two sales among those with at least one.

    Parameters
    ----------
    %(known_orders)s
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        A share of `n` customers.

    Raises
    ------
    %(missing_column)s

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
    if by is not None:
        again = partial(repeat_purchase_rate, confidence=confidence)
        return in_groups(again, orders, "orders", by)
    definition = "Of the customers with a net order in the period, the share with at least two."
    return _over_buyers(orders, "again", "share", share_of_clusters, definition, confidence)


@documented
def purchase_frequency(
    orders: frames.AnyFrame, *, by: str | None = None, confidence: float = 0.95
) -> Kpi:
    """Return the sales per customer with at least one.

    Parameters
    ----------
    %(known_orders)s
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        Orders per customer, with `n` customers.

    Raises
    ------
    %(missing_column)s

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
    if by is not None:
        again = partial(purchase_frequency, confidence=confidence)
        return in_groups(again, orders, "orders", by)
    unit = "orders per customer"
    estimate = partial(ratio_of_sums, unit=unit, low=1.0)
    definition = "Net orders per customer with at least one in the period."
    return _over_buyers(orders, "sales", unit, estimate, definition, confidence)


def _over_buyers(
    orders: frames.AnyFrame,
    column: str,
    unit: str,
    estimate: Callable[..., Estimate],
    definition: str,
    confidence: float,
) -> Kpi:
    """Return an indicator over customers with a sale; each month counts its own."""
    prepared = _orders.prepared(orders)
    known, remarks = _orders.identified(prepared.filter(_orders.SALE))
    by_month = Ratio(
        rows=_buyers(known, "month"),
        x=column,
        y="bought",
        unit=unit,
        estimate=estimate,
        reach=partial(Coverage.of, prepared),
    )
    sums = frames.moments(_buyers(known), [column, "bought"]).ratio(column, "bought")
    told = (*remarks, *_orders.valueless(prepared))
    return kpi(estimate(sums, confidence=confidence), definition, *told, series=by_month)


def _firsts(orders: frames.AnyFrame) -> frames.Frame:
    """Return the number of each customer's first sale, of those at one moment the least."""

    def made() -> frames.Frame:
        sales = _orders.prepared(orders).filter(_orders.SALE).with_columns(number=_NUMBER)
        moments = sales.group_by(frames.CLUSTER).agg(nw.col("ts_us").min().alias("first_us"))
        at_first = sales.join(moments, on=frames.CLUSTER, how="inner").filter(
            nw.col("ts_us") == nw.col("first_us")
        )
        of_each = at_first.group_by(frames.CLUSTER)
        return engine.materialised(of_each.agg(nw.col("number").min().alias("first_number")))

    return frames.once(orders, "firsts", made)


def _sales_by_kind(
    prepared: frames.Frame, firsts: frames.Frame, currency: str
) -> tuple[frames.Frame, tuple[Remark, ...]]:
    """Return the sales with an indicator and the revenue of each kind, and of known customers.

    Who is new is settled by the sales of all groups and currencies.
    """
    is_new = nw.col("first_number") == nw.col("number")
    sales = (
        prepared.filter(_orders.SALE)
        .drop("first_number", strict=False)
        .join(firsts, on=frames.CLUSTER, how="left")
        .with_columns(number=_NUMBER)
        .with_columns(
            new=frames.indicator(_orders.IDENTIFIED & is_new),
            returning=frames.indicator(_orders.IDENTIFIED & ~is_new),
            anonymous=frames.indicator(~_orders.IDENTIFIED),
        )
        .with_columns(
            **{f"{kind}_revenue": nw.col(kind) * nw.col("gross") for kind in KINDS},
        )
        .with_columns(known_revenue=nw.col("new_revenue") + nw.col("returning_revenue"))
    )
    return _orders.in_currency(sales, currency, every=prepared)


def _known_sales(
    orders: frames.AnyFrame, firsts: frames.Frame | None, currency: str
) -> tuple[frames.Frame, tuple[Remark, ...]]:
    def made() -> tuple[frames.Frame, tuple[Remark, ...]]:
        prepared = _orders.prepared(orders)
        known_firsts = _firsts(orders) if firsts is None else firsts
        sales, other_currency = _sales_by_kind(prepared, known_firsts, currency)
        known, anonymous = _orders.identified(sales)
        return known, (*other_currency, *anonymous, *_orders.valueless(prepared))

    return made() if firsts is not None else frames.once(orders, ("known sales", currency), made)


def _returning_share(sums: UnitSums, confidence: float) -> dict[str, float]:
    ratio = sums.ratio("returning_revenue", "known_revenue")
    share = clustered_proportion(ratio, confidence=confidence)
    return {**columns_of("returning_share", share), "customers": share.n}


def _buyers(known_sales: frames.Frame, *keys: str) -> frames.Frame:
    """Return one row per customer (and key) with a sale: how many, and whether more than one."""
    buyers = known_sales.group_by(frames.CLUSTER, *keys).agg(nw.col("sale").sum().alias("sales"))
    return buyers.with_columns(bought=nw.lit(1.0), again=frames.indicator(nw.col("sales") >= 2))
