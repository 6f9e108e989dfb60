"""Who comes back: each cohort in each later period, and after how much silence one is lost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

import narwhals as nw
import numpy as np

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.languages import Language
from cxresearch.core.remarks import Amount, Remark, in_words
from cxresearch.core.results import Estimate, Interval
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.engine import frames
from cxresearch.engine.windows import month_name, month_number, months_of
from cxresearch.stats.shares.proportions import proportion
from cxresearch.stats.survival.curves import SurvivalCurve, kaplan_meier
from cxresearch.value.customer_days import collected, customer_days

if TYPE_CHECKING:
    import pandas as pd
    from narwhals.typing import IntoFrame

Kind = Literal["classic", "rolling"]
_KINDS = ("classic", "rolling")
_CAPTIONS = {
    "classic month": "Share of the new customers of a month who buy in each month after it",
    "rolling month": (
        "Share of the new customers of a month who buy in each month after it, or later"
    ),
    "classic week": "Share of the new customers of a week who buy in each week after it",
    "rolling week": (
        "Share of the new customers of a week who buy in each week after it, or later"
    ),
}
_NOT_REACHED = (
    "{share} are never seen to come back, so it counts only those who come back within {horizon}"
)
_GAPS = "the times between one customer's orders are taken as independent"
_EPOCH = date(1970, 1, 5)  # a Monday
#: With fewer at risk the end of the curve is one customer's chance.
_AT_RISK = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse(Estimate):
    """After how many days of silence a customer is lapsed; its remarks say of whom it holds.

    See Also
    --------
    cxresearch.core.results.Estimate : The other fields.
    """

    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RetentionTriangle(Tabular):
    """The share of each cohort that buys in each later period.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per cohort and later period: `cohort` (its first day, or month), `later` (0 is the
        period of the first purchase), `customers` of the cohort, `retained`, `share` with
        `share_low` and `share_high` (nan where the data do not cover the period wholly), and
        `mature` (all later periods of the cohort are covered).
    kind : {"classic", "rolling"}
        Bought in that very period; or in it or a later one.
    unit : {"month", "week"}
        What a period is.
    """

    frame: pd.DataFrame
    kind: Kind
    unit: Literal["month", "week"]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per cohort and later period."""
        return self.frame

    def wide(self) -> pd.DataFrame:
        """Return one row per cohort, with a column per later period."""
        keys = ["cohort", "customers", "mature"]
        shares = self.frame.pivot(index=keys, columns="later", values="share").add_prefix("after_")
        table = shares.reset_index().rename_axis(columns=None)
        return table[["cohort", "customers", *shares.columns, "mature"]]

    def table(self) -> Table:
        """Return one row per cohort."""
        rows = self.wide()
        return Table(
            frame=rows,
            columns=[
                Column("cohort", "New in", unit="month" if self.unit == "month" else ""),
                Column("customers", role="people"),
                *(
                    Column(name, unit="share")
                    for name in map(str, rows)
                    if name.startswith("after_")
                ),
                Column("mature", "Followed to the end"),
            ],
            caption=_CAPTIONS[f"{self.kind} {self.unit}"],
            within=None,
        )


@documented
def retention_triangle(
    orders: IntoFrame,
    *,
    kind: Kind = "classic",
    unit: Literal["month", "week"] = "month",
    periods: int = 6,
    confidence: float = 0.95,
) -> RetentionTriangle:
    """Return the share of each cohort of new customers that buys in each later period.

    Parameters
    ----------
    %(orders)s
    kind : {"classic", "rolling"}, default "classic"
        Classic: a kept order in that very period. Rolling: in it or in a later one, which can only
        fall with age, and grows for each cohort as more days are seen.
    unit : {"month", "week"}, default "month"
        The period; a week begins on Monday.
    periods : int, default 6
        How many later periods, at least 1.
    %(confidence)s

    Returns
    -------
    RetentionTriangle
        Later period 0 is that of the first order, where all are there. Periods the data do not
        cover wholly are nan, not 0; so is the first one where the data begin within it.

    Raises
    ------
    %(missing_column)s
    %(not_allowed)s

    Notes
    -----
    Wilson intervals. Who bought before the data begin is in the first cohorts: they are old
    customers too.

    Examples
    --------
    >>> from cxresearch.value._example import ORDERS
    >>> retention_triangle(ORDERS, unit="week", periods=2).wide()[["customers", "after_1"]]
       customers  after_1
    0          2      0.5
    1          1      0.0
    """
    import pandas as pd

    validate.one_of("kind", kind, _KINDS)
    validate.one_of("unit", unit, ("month", "week"))
    validate.whole("periods", periods, low=1)
    known = customer_days(orders, mixed=True)
    rows = known.kept
    period = months_of(nw.col("day")) if unit == "month" else _WEEK
    bought = rows.select("customer_id", period=period)
    first = nw.col("period").min()
    if kind == "classic":
        active = bought.group_by("customer_id", "period").agg(days=nw.len())
        each = active.with_columns(cohort=first.over("customer_id"))
    else:
        each = bought.group_by("customer_id").agg(cohort=first, period=nw.col("period").max())
    counted = frames.rows(each.group_by("cohort", "period").agg(n=nw.len()))
    counts = {
        (int(row["cohort"]), int(row["period"] - row["cohort"])): int(row["n"]) for row in counted
    }
    (ends,) = frames.rows(rows.select(first=nw.col("day").min()))
    whole = _whole(ends["first"], known.last, unit)
    found = []
    for cohort in sorted({cohort for cohort, _ in counts} & set(whole)):
        own = {later: n for (one, later), n in counts.items() if one == cohort}
        size = own.get(0, 0) if kind == "classic" else sum(own.values())
        for later in range(periods + 1):
            seen = cohort + later in whole
            retained = (
                own.get(later, 0)
                if kind == "classic"
                else sum(n for newest, n in own.items() if newest >= later)
            )
            share = proportion(*((retained, size) if seen else (0, 0)), confidence=confidence)
            found.append(
                (
                    _named(cohort, unit),
                    later,
                    size,
                    float(retained) if seen else math.nan,
                    share.value,
                    *share.ci,
                    cohort + periods in whole,
                )
            )
    names = ["cohort", "later", "customers", "retained", "share", "share_low", "share_high"]
    frame = pd.DataFrame(found, columns=[*names, "mature"])
    return RetentionTriangle(frame=frame, kind=kind, unit=unit)


@documented
def lapse_days(orders: IntoFrame, *, share: float = 0.9, confidence: float = 0.95) -> Lapse:
    """Estimate after how many days without an order a customer is to be called lapsed.

    Parameters
    ----------
    %(orders)s
    share : float, default 0.9
        The share of gaps between two orders that are shorter, strictly between 0 and 1.
    %(confidence)s

    Returns
    -------
    Lapse
        An estimate in days, of `n` gaps of `people` customers; nan with a note where no one came
        back.

    Raises
    ------
    %(missing_column)s
    ValueError
        If `share` or `confidence` is not strictly between 0 and 1.

    Notes
    -----
    The quantile of the gaps between a customer's purchase days, by Kaplan-Meier: the silence since
    the last one is a gap whose end has not been seen yet. Where so many never come back that the
    curve does not come down that far, the quantile is that of the gaps that end within the time
    observed, F(t) / F(end), and the note says so.

    Examples
    --------
    >>> from cxresearch.value._example import ORDERS
    >>> lapse_days(ORDERS, share=0.5).value
    21.0
    """
    validate.share("share", share)
    known = customer_days(orders, mixed=True)
    table = collected(known.kept, ["customer_id", "day"])
    whose, days = table["customer_id"].to_numpy(), table["day"].to_numpy("datetime64[D]")
    ended = np.zeros(len(table), dtype=bool)
    ended[:-1] = whose[1:] == whose[:-1]
    ends = np.where(ended, np.roll(days, -1), np.datetime64(known.last or _EPOCH, "D"))
    gaps = (ends - days).astype(float)
    seen = gaps > 0  # who bought on the last day has not been silent yet
    curve = kaplan_meier(gaps[seen], ended[seen], unit="days", confidence=confidence)
    people = int(table["customer_id"].nunique())
    plain = curve.quantile(share)
    remarks = [Remark(_GAPS)]
    value, ci = plain.value, plain.ci
    if math.isnan(value) and curve.ended:
        value, ci, remark = _among_returning(curve, share)
        remarks.append(remark)
    elif math.isnan(value):
        remarks = [Remark(plain.note)]
    return Lapse(
        value=value,
        ci=ci,
        n=int(seen.sum()),
        unit="days",
        confidence=confidence,
        method="Kaplan-Meier, log-log",
        note=in_words(remarks, Language("en")),
        people=people,
        remarks=tuple(remarks),
    )


def _among_returning(curve: SurvivalCurve, share: float) -> tuple[float, Interval, Remark]:
    """Return the quantile of the gaps that end within the time observed."""
    steps = curve.table
    enough = steps[steps["at_risk"] >= max(1, min(_AT_RISK, curve.n // 10))]
    end = enough.iloc[-1]
    returning = 1 - float(end["survival"])
    goal = 1 - share * returning
    reached = enough[enough["survival"] <= goal + 1e-12]
    value = float(reached["time"].iloc[0])
    lows = enough[enough["low"] <= goal]["time"]
    highs = enough[enough["high"] <= goal]["time"]
    ci = Interval(
        float(lows.iloc[0]) if len(lows) else math.nan,
        float(highs.iloc[0]) if len(highs) else math.nan,
    )
    values = {
        "share": Amount(1 - returning, "share"),
        "horizon": Amount(float(end["time"]), "days"),
    }
    return value, ci, Remark(_NOT_REACHED, values)


_DAY = nw.col("day").dt
#: The year and the day of the year say the week, with the leap years before it.
_BEFORE = _DAY.year().cast(nw.Int64) - 1
_ORDINAL = (
    365 * _BEFORE + _BEFORE // 4 - _BEFORE // 100 + _BEFORE // 400
    + _DAY.ordinal_day().cast(nw.Int64)
)  # fmt: skip
_WEEK = (_ORDINAL - 1) // 7


def _whole(first: date | None, last: date | None, unit: str) -> range:
    """Return the periods that the days cover from end to end."""
    if first is None or last is None:
        return range(0)
    after = last + timedelta(days=1)
    if unit == "month":
        return range(month_number(first) + (first.day > 1), month_number(after))
    begins = date(first.year, first.month, first.day).toordinal() - 1
    return range(-(-begins // 7), (after.toordinal() - 1) // 7)


def _named(period: int, unit: str) -> str:
    if unit == "month":
        return month_name(period)
    return date.fromordinal(period * 7 + 1).isoformat()
