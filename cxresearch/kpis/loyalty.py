"""Who stays: retention and churn from one period to the next, and second orders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.remarks import Remark
from cxresearch.engine import frames
from cxresearch.engine.windows import month_number
from cxresearch.kpis import _orders
from cxresearch.kpis.kpi import Kpi, in_groups, over_all
from cxresearch.kpis.series import Coverage, Ratio, share_of_clusters
from cxresearch.stats.shares.proportions import clustered_proportion

_DAY_US = 86_400_000_000
_PERIODS = "periods of {months} months; a month named begins the later of the two"
_WITHIN = "within {days} days of the first order; a month named is that of the first order"
_TOO_SHORT = Remark("the data do not cover two complete periods")


@documented
def retention_rate(
    orders: frames.AnyFrame, *, months: int = 3, by: str | None = None, confidence: float = 0.95
) -> Kpi:
    """Return the share of a period's customers who buy again in the next period.

    Parameters
    ----------
    %(known_orders)s
    months : int, default 3
        The length of a period in whole months, at least 1. The periods end with the last whole
        month; months at the beginning that do not fill one are left out.
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        The classic retention rate over all pairs of a period and the next, with `n` customers.
        Its "months" (:func:`cxresearch.kpis.by_month`) are these pairs, named by the first month
        of the later period. nan with a note where the data do not cover two periods.

    Raises
    ------
    %(missing_column)s
    ValueError
        If `months` is below 1.

    Notes
    -----
    Customers at the start of a period are those with a kept order in the period before; the rate
    is those of them with a kept order in the period, over all of them. New customers of the
    period count in neither. A customer may be at the start of many periods, so the interval is
    that of units in clusters (:func:`cxresearch.stats.shares.proportions.clustered_proportion`).

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> retention_rate(ORDERS, months=1).value
    0.5
    """
    definition = "Of the customers with a net order in a period, the share with one in the next."
    return _from_period_to_period(orders, "retained", definition, months, by, confidence)


@documented
def churn_rate(
    orders: frames.AnyFrame, *, months: int = 3, by: str | None = None, confidence: float = 0.95
) -> Kpi:
    """Return the share of a period's customers who do not buy in the next period.

    Parameters
    ----------
    %(known_orders)s
    months : int, default 3
        The length of a period in whole months, as in :func:`retention_rate`.
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        The classic churn rate, 1 minus :func:`retention_rate`.

    Raises
    ------
    %(missing_column)s
    ValueError
        If `months` is below 1.

    Notes
    -----
    No one tells a shop that they have left: a customer who buys every half year is lost in one
    quarter and back in the next. Choose `months` well above the usual time between two orders.

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> churn_rate(ORDERS, months=1).value
    0.5
    """
    definition = "Of the customers with a net order in a period, the share with none in the next."
    return _from_period_to_period(orders, "lost", definition, months, by, confidence)


@documented
def second_order_rate(
    orders: frames.AnyFrame, *, days: int = 90, by: str | None = None, confidence: float = 0.95
) -> Kpi:
    """Return the share of new customers who order again within some days of their first order.

    Parameters
    ----------
    %(known_orders)s
    days : int, default 90
        How long each customer is followed from the first order, at least 1.
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        A share of `n` customers: those whose days are over when the data end. A month
        (:func:`cxresearch.kpis.by_month`) is that of the first order; it is complete once the days
        of all its customers are over.

    Raises
    ------
    %(missing_column)s
    ValueError
        If `days` is below 1.

    Notes
    -----
    Everyone is followed for as long, so the rate does not grow with the length of the data, as
    :func:`cxresearch.kpis.repeat_purchase_rate` does, and months can be compared. Who bought
    before the data begin is new at the first order in them.

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> found = second_order_rate(ORDERS, days=40)  # anna's 40 days are over, bruno's are not
    >>> found.value, found.n
    (1.0, 1)
    """
    validate.whole("days", days, low=1)
    every = _orders.prepared(orders)
    # A group is followed as long as the data are, also where its own last order was long before.
    (row,) = frames.rows(every.select(end=nw.col("ts_us").max()))
    within = partial(
        _ordered_again,
        days=days,
        end_us=row["end"] or 0,
        reach=partial(_followed_months, every, days),
        confidence=confidence,
    )
    return within(orders) if by is None else in_groups(within, orders, "orders", by)


def _ordered_again(
    orders: frames.AnyFrame,
    *,
    days: int,
    end_us: int,
    reach: Callable[[], Coverage],
    confidence: float,
) -> Kpi:
    """Return the share of new customers of some orders who order again before the data end."""
    prepared = _orders.prepared(orders)
    sales, remarks = _orders.identified(prepared.filter(_orders.SALE))
    followed = nw.col("first_us") + days * _DAY_US
    rows = (
        sales.with_columns(first_us=nw.col("ts_us").min().over(frames.CLUSTER))
        .filter((nw.col("ts_us") <= followed) & (followed <= end_us))
        .group_by(frames.CLUSTER)
        .agg(nw.len().alias("sales"), nw.col("month").min())
        .with_columns(new=nw.lit(1.0), again=frames.indicator(nw.col("sales") > 1))
    )
    rate = Ratio(
        rows=rows, x="again", y="new", unit="share", estimate=share_of_clusters, reach=reach
    )
    definition = "Of new customers, the share with another net order within the days named."
    within = Remark(_WITHIN, {"days": days})
    told = (within, *remarks, *_orders.valueless(prepared))
    return over_all(rate, definition, *told, confidence=confidence)


def _followed_months(prepared: frames.Frame, days: int) -> Coverage:
    """Return the months of first orders; complete where all of a month's days are over."""
    reached = Coverage.of(prepared)
    (row,) = frames.rows(prepared.select(last=nw.col("day").max()))
    if not reached.months:
        return reached
    last = date(row["last"].year, row["last"].month, row["last"].day)
    # The first day that is too late for a customer to have been followed to the end.
    late = last - timedelta(days=days)
    stop = min(reached.complete.stop, month_number(late))
    start = reached.complete.start
    return Coverage(reached.months, range(start, max(start, stop)))


def _from_period_to_period(
    orders: frames.AnyFrame,
    column: str,
    definition: str,
    months: int,
    by: str | None,
    confidence: float,
) -> Kpi:
    validate.whole("months", months, low=1)
    # The periods of all: who bought in a group that stopped is lost, as elsewhere.
    starts = _starts(Coverage.of(_orders.prepared(orders)).complete, months)
    first = Remark(_PERIODS, {"months": months}) if len(starts) > 1 else _TOO_SHORT

    def within(rows: frames.AnyFrame) -> Kpi:
        prepared = _orders.prepared(rows)
        sales, remarks = _orders.identified(prepared.filter(_orders.SALE))
        rate = Ratio(
            rows=_at_start(sales, starts),
            x=column,
            y="at_start",
            unit="share",
            estimate=clustered_proportion,
            # The first period has no period before it, so nobody is at its start.
            reach=lambda: Coverage(months=starts[1:], complete=starts[1:]),
        )
        told = (first, *remarks, *_orders.valueless(prepared))
        return over_all(rate, definition, *told, confidence=confidence)

    return within(orders) if by is None else in_groups(within, orders, "orders", by)


def _starts(complete: range, months: int) -> range:
    """Return the first month of each period, the last period ending with the last whole month."""
    return range(complete.start + len(complete) % months, complete.stop, months)


def _at_start(sales: frames.Frame, starts: range) -> frames.Frame:
    """Return one row per customer and period at whose start they are: retained, or lost."""
    length = starts.step
    of_periods = sales.filter(
        (nw.col("month") >= starts.start) & (nw.col("month") < starts.start + length * len(starts))
    )
    first = nw.col("month") - (nw.col("month") - starts.start) % length
    bought = frames.distinct(
        of_periods.select(frames.CLUSTER, month=first), frames.CLUSTER, "month"
    )
    next_period = bought.with_columns(month=nw.col("month") + length)
    marked = nw.concat(
        [
            next_period.with_columns(at_start=nw.lit(1.0), retained=nw.lit(0.0)),
            bought.with_columns(at_start=nw.lit(0.0), retained=nw.lit(1.0)),
        ]
    )
    either = marked.group_by(frames.CLUSTER, "month").agg(nw.col("at_start", "retained").max())
    return either.filter(
        (nw.col("at_start") > 0) & (nw.col("month") < starts.start + length * len(starts))
    ).with_columns(lost=1.0 - nw.col("retained"))
