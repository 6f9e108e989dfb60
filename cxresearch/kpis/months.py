"""How the shop moved: an indicator by month, its last change and its chart; revenue by month."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch.core.documented import documented
from cxresearch.core.remarks import Month, Remark
from cxresearch.core.results import (
    Estimate,
    Estimated,
    Interval,
    difference_unit,
    fewest,
    people_of,
)
from cxresearch.core.unit_sums import RatioSums
from cxresearch.engine import frames
from cxresearch.engine.frames import stable
from cxresearch.engine.windows import month_name
from cxresearch.errors import ReconciliationError
from cxresearch.kpis import _orders
from cxresearch.kpis.kpi import Kpi, columns_of, kpi
from cxresearch.kpis.refunds import Ends, settle
from cxresearch.kpis.series import Coverage, total_of
from cxresearch.stats.control.baselines import Baseline, baseline
from cxresearch.stats.control.shewhart import ControlChart, individuals
from cxresearch.stats.means.ratios import ratio_of_sums

if TYPE_CHECKING:
    import pandas as pd

_TOO_SHORT = "the data do not cover two complete months"
_NO_MONTHS = "this indicator has no months"
TREND = "the months follow a line, and the limits lie around it"
SEASON = "undefined: the months follow a season, which a control chart would take for signals"
_YEAR = 12
#: From how many whole months on a chart says what is usual.
FEWEST = 8
_OF_INDICATOR = ["month", "value", "value_low", "value_high", "n", "people", "complete"]
#: Money is booked in cents, so totals that agree differ by less.
_CENT = 0.01
#: Results have twelve digits: of very large ones cents are not among them.
_DIGITS = 1e-10
_COLUMNS = [
    *("month", "orders", "gross", "net", "net_low", "net_high"),
    *("order_value", "order_value_low", "order_value_high", "customers", "complete"),
]


def by_month(indicator: Kpi) -> pd.DataFrame:
    """Return an indicator for each month of the data.

    Parameters
    ----------
    indicator : Kpi
        The indicator over the whole period.

    Returns
    -------
    pandas.DataFrame
        One row per month: `month` (``"2026-10"``, in the study's time zone), `value` in the
        indicator's unit with `value_low` and `value_high` at its confidence, its `n`, the
        `people` it tells about, and `complete` (the data cover the whole month). Without rows for
        an indicator without months.

    Examples
    --------
    >>> from cxresearch.kpis import average_order_value
    >>> from cxresearch.kpis._example import ORDERS
    >>> by_month(average_order_value(ORDERS, currency="EUR"))[["month", "value", "n"]]
         month  value  n
    0  2026-01   25.0  2
    1  2026-02   45.0  2
    """
    import pandas as pd

    if indicator.series is None:
        return pd.DataFrame(columns=_OF_INDICATOR)
    complete = indicator.series.coverage.complete
    rows = [
        [
            month_name(month),
            *map(stable, (e.value, *e.ci)),
            *(e.n, people_of(e)),
            month in complete,
        ]
        for month, e in indicator.series.estimates(indicator.confidence).items()
    ]
    return pd.DataFrame(rows, columns=_OF_INDICATOR)


def change(indicator: Kpi) -> Kpi:
    """Return an indicator's last whole month minus the whole month before it.

    Parameters
    ----------
    indicator : Kpi
        The indicator over the whole period.

    Returns
    -------
    Kpi
        The difference in the indicator's unit (of a share, a share difference), at its
        confidence, with `n` independent units in either month; the note names the months. nan
        with a note with fewer than two whole months.

    Notes
    -----
    The months are not independent where the same customers are in both: what is computed is the
    difference over customers (:func:`cxresearch.stats.means.difference_of_ratios`), each being
    one unit. It is not corrected for the season nor for the number of days of a month.

    Examples
    --------
    >>> from cxresearch.kpis import average_order_value
    >>> from cxresearch.kpis._example import ORDERS
    >>> moved = change(average_order_value(ORDERS, currency="EUR"))
    >>> moved.value, moved.unit, moved.note
    (20.0, 'EUR', 'Feb 2026 against Jan 2026')
    """
    definition = "The last complete month against the complete month before."
    if indicator.series is None:
        return kpi(_no_change(indicator), definition, Remark(_NO_MONTHS))
    months = indicator.series.coverage.complete[-2:]
    if len(months) < 2:
        return kpi(_no_change(indicator), definition, Remark(_TOO_SHORT))
    before, last = months
    difference = indicator.series.change(before, last, indicator.confidence)
    monthly = indicator.series.estimates(indicator.confidence)
    difference = replace(
        difference,
        unit=difference_unit(difference.unit),
        people=fewest(monthly[before], monthly[last]),
    )
    return kpi(difference, definition, compared(last, before))


def compared(last: int, before: int) -> Remark:
    """Return the remark that names two months, given by their numbers."""
    names = {"last": Month(month_name(last)), "before": Month(month_name(before))}
    return Remark("{last} against {before}", names)


def followed(months: pd.DataFrame) -> pd.DataFrame:
    """Return the months that can be held against one another: whole, and with anybody in them.

    Where nobody is, nothing may have been recorded; as noughts such months would make any other
    unusual.

    Parameters
    ----------
    months : pandas.DataFrame
        From :func:`by_month`.
    """
    is_known = months["complete"] & months["value"].notna() & (months["n"] > 0)
    return months[is_known].reset_index(drop=True)


def usual_months(values: pd.Series[float], unit: str) -> tuple[Baseline, ControlChart]:
    """Return what the months of an indicator follow, and their chart: around a line, if any."""
    usual = baseline(values, period=_YEAR)
    around = usual.fitted if usual.kind == "line" else None
    return usual, individuals(values, unit=unit, around=around)


def control_chart(indicator: Kpi) -> ControlChart:
    """Return the control chart of an indicator over the whole months.

    Parameters
    ----------
    indicator : Kpi
        The indicator over the whole period.

    Returns
    -------
    ControlChart
        Its points also have their `month` and the `people` it tells about; a month in which the
        indicator is undefined has none, and one with nobody in it counts for no limit. Of months
        that follow a line the limits lie around it; of months that follow a season there are none,
        nor signals. Both are said in the note.

    See Also
    --------
    cxresearch.stats.control.shewhart.individuals : The limits, the signals, and when they mislead.
    cxresearch.stats.control.baselines.baseline : How a line or a season is kept apart from a level.

    Examples
    --------
    >>> from cxresearch.kpis import net_revenue
    >>> from cxresearch.kpis._example import ORDERS
    >>> control_chart(net_revenue(ORDERS, currency="EUR")).centre
    60.0
    """
    months = by_month(indicator)
    whole = months[months["complete"] & months["value"].notna()].reset_index(drop=True)
    seen = followed(whole)
    usual, chart = usual_months(seen["value"], indicator.unit)
    if usual.kind == "line":
        chart = replace(chart, note=TREND)
    points = chart.points.set_axis(whole.index[whole["month"].isin(seen["month"])])
    points = points.reindex(whole.index).assign(value=whole["value"])
    points["signal"] = points["signal"].fillna("")
    points.insert(0, "month", whole["month"])
    points["people"] = whole["people"]
    if usual.kind == "season":
        nothing = Interval(math.nan, math.nan)
        chart = replace(chart, ci=nothing, sigma=math.nan, note=SEASON)
        points["signal"] = ""
    return replace(chart, points=points)


def _no_change(indicator: Kpi) -> Estimate:
    return Estimate(
        value=float("nan"),
        ci=Interval(float("nan"), float("nan")),
        n=0,
        unit=difference_unit(indicator.unit),
        confidence=indicator.confidence,
        method="",
    )


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
    settled, _ = settle(prepared, Ends.of(orders))
    priced, _ = _orders.in_currency(settled.filter(_orders.WORTH), currency, every=prepared)
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
        return kpi(_change(nothing, confidence), definition, Remark(_TOO_SHORT))
    before, last = months
    is_compared = nw.col("month").is_in([before, last])
    settled, twice = settle(prepared, Ends.of(orders))
    priced, remarks = _orders.in_currency(
        settled.filter(_orders.WORTH & is_compared), currency, every=prepared
    )
    either = priced.with_columns(
        before=nw.col("net") * frames.indicator(nw.col("month") == before),
        last=nw.col("net") * frames.indicator(nw.col("month") == last),
    )
    sums = frames.moments(either, ["last", "before"]).ratio("last", "before")
    return kpi(_change(sums, confidence), definition, compared(last, before), *twice, *remarks)


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
        If they do not, to the cent, or to ten digits where cents are beyond them.

    Examples
    --------
    >>> from cxresearch.kpis import gross_revenue, net_revenue, order_count
    >>> from cxresearch.kpis._example import ORDERS
    >>> gross, net = (total(ORDERS, currency="EUR") for total in (gross_revenue, net_revenue))
    >>> reconcile(monthly(ORDERS, currency="EUR"), gross=gross, net=net, orders=order_count(ORDERS))
    """
    for name, kpi_total in {"gross": gross, "net": net, "orders": orders}.items():
        added = float(months[name].sum())
        if abs(added - kpi_total.value) >= max(_CENT, _DIGITS * abs(added)):
            raise ReconciliationError(
                f"{name} by month adds up to {added:.2f}, but the total is {kpi_total.value:.2f}"
            )


def _change(sums: RatioSums, confidence: float) -> Estimate:
    """Return the ratio minus 1; undefined too when paybacks made the denominator negative."""
    defined = sums if sums.y > 0 else replace(sums, y=0.0)
    ratio = ratio_of_sums(defined, unit="share", confidence=confidence)
    return replace(ratio, value=ratio.value - 1, ci=Interval(ratio.ci.low - 1, ratio.ci.high - 1))
