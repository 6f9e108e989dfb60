"""Who stays: retention and churn from one period to the next, and by cohort of first orders."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.remarks import Remark
from cxresearch.engine import frames
from cxresearch.kpis import _orders
from cxresearch.kpis.kpi import Kpi, in_groups, over_all
from cxresearch.kpis.series import Coverage, Ratio, month_name
from cxresearch.stats.shares.proportions import clustered_proportion, proportion

if TYPE_CHECKING:
    import pandas as pd

_COHORT_COLUMNS = [
    "cohort", "later", "customers", "retained", "share", "share_low", "share_high", "mature",
]  # fmt: skip
_PERIODS = "periods of {months} months; a month named begins the later of the two"
_TOO_SHORT = Remark("the data do not cover two whole periods")


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
    if by is not None:
        again = partial(retention_rate, months=months, confidence=confidence)
        return in_groups(again, orders, "orders", by)
    definition = "Of the customers with a kept order in a period, the share with one in the next."
    return _from_period_to_period(orders, "retained", definition, months, confidence)


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
    if by is not None:
        again = partial(churn_rate, months=months, confidence=confidence)
        return in_groups(again, orders, "orders", by)
    definition = "Of the customers with a kept order in a period, the share with none in the next."
    return _from_period_to_period(orders, "lost", definition, months, confidence)


@documented
def cohort_retention(
    orders: frames.AnyFrame, *, months: int = 6, confidence: float = 0.95
) -> pd.DataFrame:
    """Return the share of each month's new customers who buy again in each later month.

    Parameters
    ----------
    orders : frame
        A study's orders; those without a customer are left out.
    months : int, default 6
        How many months a cohort is followed, at least 1.
    %(confidence)s

    Returns
    -------
    pandas.DataFrame
        One row per cohort and later month: `cohort` (the month of the first kept order), `later`
        (months since, from 1 to `months`), `customers` of the cohort, `retained` (those with a
        kept order in that very month: classic, not rolling), their `share` with `share_low` and
        `share_high`, and `mature` (all months of the cohort are observed). Months that the data
        do not cover wholly are nan, not 0. Only cohorts of whole months are there.

    Raises
    ------
    %(missing_column)s
    ValueError
        If `months` is below 1.

    Notes
    -----
    Average over cohorts only within one value of `later`: younger cohorts have no late months,
    and who bought before the data begin is in the first cohort.

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS
    >>> cohort_retention(ORDERS, months=1)[["cohort", "customers", "retained", "share", "mature"]]
        cohort  customers  retained  share  mature
    0  2026-01          2       1.0    0.5    True
    1  2026-02          0       NaN    NaN   False
    """
    import pandas as pd

    validate.whole("months", months, low=1)
    prepared = _orders.prepared(orders)
    whole = Coverage.of(prepared).complete
    sales, _ = _orders.identified(prepared.filter(_orders.SALE))
    counts = _cohort_counts(sales)
    rows = []
    for cohort in whole:
        customers = counts.get((cohort, 0), 0)
        for later in range(1, months + 1):
            seen = cohort + later in whole
            retained = counts.get((cohort, later), 0)
            share = proportion(*((retained, customers) if seen else (0, 0)), confidence=confidence)
            rows.append(
                {
                    "cohort": month_name(cohort),
                    "later": later,
                    "customers": customers,
                    "retained": float(retained) if seen else math.nan,
                    "share": share.value,
                    "share_low": share.ci.low,
                    "share_high": share.ci.high,
                    "mature": cohort + months in whole,
                }
            )
    return pd.DataFrame(rows, columns=_COHORT_COLUMNS)


def _cohort_counts(sales: frames.Frame) -> dict[tuple[int, int], int]:
    """Return the customers of each cohort with a sale in each later month; 0 later is all."""
    buyers = sales.select(frames.CLUSTER, "month").unique()
    dated = buyers.with_columns(cohort=nw.col("month").min().over(frames.CLUSTER))
    later = dated.with_columns(later=nw.col("month") - nw.col("cohort"))
    cells = later.group_by("cohort", "later").agg(customers=nw.len())
    return {(row["cohort"], row["later"]): row["customers"] for row in frames.rows(cells)}


def _from_period_to_period(
    orders: frames.AnyFrame, column: str, definition: str, months: int, confidence: float
) -> Kpi:
    validate.whole("months", months, low=1)
    prepared = _orders.prepared(orders)
    sales, remarks = _orders.identified(prepared.filter(_orders.SALE))
    starts = _starts(Coverage.of(prepared).complete, months)
    rate = Ratio(
        rows=_at_start(sales, starts),
        x=column,
        y="at_start",
        unit="share",
        estimate=clustered_proportion,
        # The first period has no period before it, so nobody is at its start.
        reach=lambda: Coverage(months=starts[1:], complete=starts[1:]),
    )
    first = [Remark(_PERIODS, {"months": months}) if len(starts) > 1 else _TOO_SHORT]
    return over_all(rate, definition, *first, *remarks, confidence=confidence)


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
    bought = of_periods.select(frames.CLUSTER, month=first).unique()
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


def cohort_table(cohorts: pd.DataFrame) -> pd.DataFrame:
    """Return the retention of cohorts with one row each.

    Parameters
    ----------
    cohorts : pandas.DataFrame
        What :func:`cxresearch.kpis.cohort_retention` returned.

    Returns
    -------
    pandas.DataFrame
        One row per cohort with its `customers`, then the share retained `after_1`, `after_2`...
        months (nan where it was not observed), and `mature`.

    Examples
    --------
    >>> from cxresearch.kpis import cohort_retention
    >>> from cxresearch.kpis._example import ORDERS
    >>> cohort_table(cohort_retention(ORDERS, months=1))
        cohort  customers  after_1  mature
    0  2026-01          2      0.5    True
    1  2026-02          0      NaN   False
    """
    keys = ["cohort", "customers", "mature"]
    shares = cohorts.pivot(index=keys, columns="later", values="share").add_prefix("after_")
    wide = shares.reset_index().rename_axis(columns=None)
    return wide[[*keys[:2], *shares.columns, "mature"]]
