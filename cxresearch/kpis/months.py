"""How the shop moved: orders and revenue by month, and the last change of net revenue."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch.core.documented import documented
from cxresearch.core.remarks import Month, Remark
from cxresearch.core.results import Estimate, Estimated, Interval
from cxresearch.core.unit_sums import RatioSums
from cxresearch.engine import frames
from cxresearch.engine.frames import stable
from cxresearch.engine.windows import month_name
from cxresearch.errors import ReconciliationError
from cxresearch.kpis import _orders
from cxresearch.kpis.kpi import COMPARED, TOO_SHORT, Kpi, columns_of, kpi
from cxresearch.kpis.refunds import settle
from cxresearch.kpis.series import Coverage, total_of
from cxresearch.stats.means.ratios import ratio_of_sums

if TYPE_CHECKING:
    import pandas as pd

#: Money is booked in cents, so totals that agree differ by less.
_CENT = 0.01
_COLUMNS = [
    *("month", "orders", "gross", "net", "net_low", "net_high"),
    *("order_value", "order_value_low", "order_value_high", "customers", "complete"),
]


@documented
def monthly(orders: frames.AnyFrame, *, currency: str, confidence: float = 0.95) -> pd.DataFrame:
    """Return orders and revenue by month, with intervals.

    Parameters
    ----------
    %(orders)s
    currency : str
        The study's currency; orders in another are left out.
    %(confidence)s

    Returns
    -------
    pandas.DataFrame
        One row per month from the first order to the last: `month` (``"2026-10"``, in the study's
        time zone), `orders` placed, `gross` and `net` revenue, `net_low` and `net_high`,
        `order_value` (the mean of the orders kept) with `order_value_low` and `order_value_high`,
        the number of `customers` (an anonymous order counts as one), and `complete` (the data
        cover the whole month).

    Raises
    ------
    %(missing_column)s

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> monthly(ORDERS, currency="EUR")[["month", "orders", "gross", "net", "complete"]]
         month  orders  gross   net  complete
    0  2026-01       2   50.0  50.0      True
    1  2026-02       3  130.0  70.0      True
    """
    import pandas as pd

    prepared = _orders.prepared(orders)
    coverage = Coverage.of(prepared)
    settled, _ = settle(prepared)
    priced, _ = _orders.in_currency(settled.filter(_orders.WORTH), currency)
    kept = priced.with_columns(kept=nw.col("gross") * nw.col("sale"))
    columns = ["placed", "gross", "net", "kept", "sale"]
    sums = frames.moments_by(kept, "month", columns, coverage.months)
    # An order value is a mean over the customers with a sale, not over all of the month's.
    sales = frames.moments_by(kept.filter(_orders.SALE), "month", ["kept", "sale"], coverage.months)
    asked: dict[str, Any] = {"unit": currency, "confidence": confidence}
    rows = []
    for month, of_month in sums.items():
        net = total_of(of_month, "net", **asked)
        value = ratio_of_sums(sales[month].ratio("kept", "sale"), **asked)
        rows.append(
            {
                "month": month_name(month),
                "orders": int(of_month.sums["placed"]),
                "gross": stable(of_month.sums["gross"]),
                **columns_of("net", net),
                "net": stable(of_month.sums["net"]),
                **columns_of("order_value", value),
                "customers": of_month.n,
                "complete": month in coverage.complete,
            }
        )
    return pd.DataFrame(rows, columns=_COLUMNS)


@documented
def monthly_change(orders: frames.AnyFrame, *, currency: str, confidence: float = 0.95) -> Kpi:
    """Return by which share net revenue changed in the last whole month against the one before.

    Parameters
    ----------
    %(orders)s
    %(currency)s
    %(confidence)s

    Returns
    -------
    Kpi
        A share (0.05 is 5 % more), with `n` customers who bought in either month; the note names
        the months. Undefined with fewer than two whole months, or when the earlier one brought
        nothing.

    Raises
    ------
    %(missing_column)s

    Notes
    -----
    The ratio of the two totals over customers, minus 1: a customer who bought in both months is
    one unit. It is not corrected for the season nor for the number of days of a month.

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> monthly_change(ORDERS, currency="EUR").value
    0.4
    """
    definition = "The change of net revenue in the last complete month against the month before."
    prepared = _orders.prepared(orders)
    months = Coverage.of(prepared).complete[-2:]
    if len(months) < 2:
        nothing = RatioSums(n=0, x=0, y=0, xx=0, xy=0, yy=0)
        return kpi(_change(nothing, confidence), definition, Remark(TOO_SHORT))
    before, last = months
    compared = nw.col("month").is_in([before, last])
    settled, twice = settle(prepared)
    priced, remarks = _orders.in_currency(settled.filter(_orders.WORTH & compared), currency)
    either = priced.with_columns(
        before=nw.col("net") * frames.indicator(nw.col("month") == before),
        last=nw.col("net") * frames.indicator(nw.col("month") == last),
    )
    sums = frames.moments(either, ["last", "before"]).ratio("last", "before")
    names = {"last": Month(month_name(last)), "before": Month(month_name(before))}
    return kpi(_change(sums, confidence), definition, Remark(COMPARED, names), *twice, *remarks)


def reconcile(months: pd.DataFrame, *, gross: Estimated, net: Estimated, orders: Estimated) -> None:
    """Check that the months add up to the totals, which are computed another way.

    Parameters
    ----------
    months : pandas.DataFrame
        What :func:`monthly` returned.
    gross, net, orders : Kpi or Estimate
        What :func:`~cxresearch.kpis.gross_revenue`, :func:`~cxresearch.kpis.net_revenue` and
        :func:`~cxresearch.kpis.order_count` returned for the same orders.

    Raises
    ------
    ReconciliationError
        If they do not, to the cent.

    Examples
    --------
    >>> from cxresearch.kpis import gross_revenue, net_revenue, order_count
    >>> from cxresearch.kpis._example import ORDERS
    >>> gross, net = (total(ORDERS, currency="EUR") for total in (gross_revenue, net_revenue))
    >>> reconcile(monthly(ORDERS, currency="EUR"), gross=gross, net=net, orders=order_count(ORDERS))
    """
    for name, kpi_total in {"gross": gross, "net": net, "orders": orders}.items():
        added = float(months[name].sum())
        if abs(added - kpi_total.value) >= _CENT:
            raise ReconciliationError(
                f"{name} by month adds up to {added:.2f}, but the total is {kpi_total.value:.2f}"
            )


def _change(sums: RatioSums, confidence: float) -> Estimate:
    """Return the ratio minus 1; undefined too when paybacks made the denominator negative."""
    defined = sums if sums.y > 0 else replace(sums, y=0.0)
    ratio = ratio_of_sums(defined, unit="share", confidence=confidence)
    return replace(ratio, value=ratio.value - 1, ci=Interval(ratio.ci.low - 1, ratio.ci.high - 1))
