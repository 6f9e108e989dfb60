"""Each known customer in four numbers: how often, until when, since when, and for how much."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, get_args

import narwhals as nw

from cxresearch import engine
from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.languages import Language
from cxresearch.core.remarks import Remark, in_words
from cxresearch.core.results import Result
from cxresearch.engine import frames, order_rules
from cxresearch.study import plain_frames

if TYPE_CHECKING:
    import pandas as pd
    from narwhals.typing import IntoFrame

Unit = Literal["day", "week", "month"]
#: The days of each unit of time.
DAYS: dict[str, float] = {"day": 1.0, "week": 7.0, "month": 365.25 / 12}
#: What the models need of a customer.
NEEDED = ("frequency", "recency", "T")

_COLUMNS = ["customer_id", "first_day", "last_day", *NEEDED, "monetary_value"]
_NO_CUSTOMER = "orders without a customer left out: {count}"
_NO_DAY = "orders without a day left out: {count}"
_UNDONE = "orders cancelled or returned left out: {count}"
_NO_WORTH = "days of a customer that took back as much as they brought left out: {count}"
_NOBODY = "undefined: no known customer has a kept order"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Summary(Result):
    """The customers of a shop, each as the models of repeat purchases need them.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per customer: `customer_id`, `first_day` and `last_day` with a kept order,
        `frequency` (later days with one), `recency` (the time from the first such day to the last),
        `T` (from the first to `until`), `monetary_value` (the mean of a later day; 0 without one).
    until : datetime.date
        The last day that counts.
    unit : {"day", "week", "month"}
        The unit of `recency` and `T`.
    currency : str
        Of `monetary_value`; empty where the data do not say.
    n : int
        The number of customers.
    remarks : tuple of Remark
        What was left out.
    note : str
        The remarks in English.
    """

    frame: pd.DataFrame
    until: date | None
    unit: Unit
    currency: str
    n: int
    remarks: tuple[Remark, ...] = ()
    note: str = field(default="")

    def to_frame(self) -> pd.DataFrame:
        """Return one row per customer."""
        return self.frame

    def __repr__(self) -> str:
        return f"<Summary of {self.n} customers until {self.until}, in {self.unit}s>"

    def _repr_html_(self) -> str:
        return self.frame.head().to_html(index=False)


@documented
def summary(
    orders: IntoFrame,
    *,
    until: str | date | None = None,
    unit: Unit = "week",
    currency: str | None = None,
) -> Summary:
    """Return each known customer in four numbers, in one scan of the orders.

    Parameters
    ----------
    %(orders)s
    until : str or datetime.date, optional
        The last day that counts, as ISO 8601; by default the last day of the orders.
    unit : {"day", "week", "month"}, default "week"
        The unit of time; months are of 30.4375 days. Whatever it is, days are counted.
    currency : str, optional
        The currency whose orders count; needed where orders are in several.

    Returns
    -------
    Summary

    Raises
    ------
    %(missing_column)s
    ValueError
        If `unit` is none of those allowed, `until` is no day, or orders are in several currencies
        and `currency` is not given.

    Notes
    -----
    Purchases of one day are one. Left out and counted: orders without a customer, those cancelled
    or returned, and days on which a customer's money back is at least what they brought.
    `monetary_value` leaves the first day out, as Gamma-Gamma needs it.

    References
    ----------
    Fader & Hardie (2008), Computing the inputs for the BG/NBD and Pareto/NBD models.

    Examples
    --------
    >>> from cxresearch.value._example import ORDERS
    >>> shown = summary(ORDERS, until="2024-01-31", unit="day").frame
    >>> shown[["customer_id", "frequency", "recency", "T", "monetary_value"]]
      customer_id  frequency  recency     T  monetary_value
    0           A        1.0     14.0  30.0            20.0
    1           B        0.0      0.0  21.0             0.0
    2           C        2.0     28.0  29.0            11.5
    """
    import pandas as pd

    validate.one_of("unit", unit, get_args(Unit))
    rows, found, last, remarks = kept_days(orders, until=until, currency=currency)
    value = nw.col("net")
    each = rows.group_by("customer_id").agg(
        first_day=nw.col("day").min(),
        last_day=nw.col("day").max(),
        days=nw.len(),
        total=value.sum(),
        first_value=value.first(order_by="day"),
    )
    table = collected(each, ["customer_id"], "total", "first_value")
    first, latest = (pd.to_datetime(table[name]) for name in ("first_day", "last_day"))
    frequency = table["days"].astype(float) - 1
    later = (table["total"] - table["first_value"]).astype(float)
    length = DAYS[unit]
    table = table.assign(
        first_day=first,
        last_day=latest,
        frequency=frequency,
        recency=(latest - first).dt.days / length,
        T=(pd.Timestamp(last) - first).dt.days / length if last else 0.0,
        monetary_value=(later / frequency.where(frequency > 0)).fillna(0.0),
    )
    told = remarks if len(table) else (*remarks, Remark(_NOBODY))
    return Summary(
        frame=table[_COLUMNS],
        until=last,
        unit=unit,
        currency=found,
        n=len(table),
        remarks=told,
        note=in_words(told, Language("en")),
    )


@documented
def first_order(orders: IntoFrame, column: str = "channel") -> pd.Series[Any]:
    """Return what the first kept order of each known customer says, such as its channel.

    Parameters
    ----------
    %(orders)s
    column : str, default "channel"
        A column of the orders.

    Returns
    -------
    pandas.Series
        By customer_id, for :func:`cxresearch.value.lifetime_value`.

    Raises
    ------
    %(missing_column)s

    Examples
    --------
    >>> from cxresearch.value._example import ORDERS
    >>> first_order(ORDERS, "revenue").to_dict()
    {'A': 10.0, 'B': 8.0, 'C': 7.0}
    """
    needed = ("customer_id", "revenue", "status", "day", column)
    rows = engine.lazy(plain_frames.lazy(orders, "orders", needed).to_native())
    there = rows.collect_schema().names()
    time = [name for name in ("ts_us", "day", "order_id") if name in there]
    first = (
        rows.filter(frames.KNOWN & order_rules.SALE)
        .group_by("customer_id")
        .agg(found=nw.col(column).first(order_by=time))
    )
    table: pd.DataFrame = first.collect("pandas").to_native().sort_values("customer_id")
    return table.set_index("customer_id")["found"].rename(column)


def taken(customers: Summary | pd.DataFrame) -> Summary:
    """Return a summary; a plain frame with the usual columns is one, in weeks.

    Raises
    ------
    SchemaError
        If it lacks a column.
    """
    if isinstance(customers, Summary):
        return customers
    frames.lazy(customers, "summary", NEEDED)
    return Summary(frame=customers, until=None, unit="week", currency="", n=len(customers))


def collected(rows: frames.Frame, by: list[str], *money: str) -> pd.DataFrame:
    """Return rows in an order, with money in which the order of its sum leaves no trace.

    An engine reads rows in any order, and the last digits of a sum depend on it: a fit would make
    other digits of them each time.
    """
    table: pd.DataFrame = rows.collect("pandas").to_native()
    ordered = table.sort_values(by, ignore_index=True)
    return ordered.assign(**{name: ordered[name].astype(float).round(6) for name in money})


def kept_days(
    orders: IntoFrame,
    *,
    until: str | date | None = None,
    currency: str | None = None,
    mixed: bool = False,
) -> tuple[frames.Frame, str, date | None, tuple[Remark, ...]]:
    """Return a row per customer and day with a kept order, worth more than 0 in the end.

    Where only days count and not their worth, currencies may be mixed.

    Returns
    -------
    tuple
        The rows (`customer_id`, `day`, `net`), the currency, the last day, and what was left out.
    """
    known, found, last, remarks = known_orders(orders, until=until, currency=currency, mixed=mixed)
    brings = order_rules.SALE | (nw.col("revenue") < 0)
    grouped = known.group_by("customer_id", "day").agg(
        net=nw.when(brings).then(nw.col("revenue")).sum(),
        sales=frames.indicator(order_rules.SALE).sum(),
        undone=frames.indicator(order_rules.PLACED & ~order_rules.COMPLETED).sum(),
    )
    days = engine.materialised(grouped)  # read here, and by who asked
    (seen,) = frames.rows(
        days.select(
            undone=nw.col("undone").sum(),
            worthless=frames.indicator((nw.col("sales") > 0) & (nw.col("net") <= 0)).sum(),
        )
    )
    more = [
        Remark(message, {"count": int(seen[name])})
        for name, message in (("undone", _UNDONE), ("worthless", _NO_WORTH))
        if seen[name]
    ]
    kept = days.filter((nw.col("sales") > 0) & (nw.col("net") > 0))
    return kept.select("customer_id", "day", "net"), found, last, (*remarks, *more)


def known_orders(
    orders: IntoFrame,
    *,
    until: str | date | None = None,
    currency: str | None = None,
    mixed: bool = False,
) -> tuple[frames.Frame, str, date | None, tuple[Remark, ...]]:
    """Return the orders of known customers up to a day, in one currency.

    Raises
    ------
    ValueError
        If orders are in several currencies and none is given, unless they may be mixed, or if an
        order has no end of revenue.
    """
    needed = ("customer_id", "day", "revenue", "status", "currency")
    given = plain_frames.lazy(orders, "orders", needed)
    if getattr(given.collect_schema()["day"], "time_zone", None):
        # The day is the date on the clock of the zone, not that of the same moment in UTC.
        given = given.with_columns(day=nw.col("day").dt.replace_time_zone(None))
    rows = engine.lazy(given.to_native())
    rows = rows.with_columns(
        nw.col("day").cast(nw.Date), nw.col("revenue").cast(nw.Float64)
    ).select(*needed)
    if until is not None:
        until = until if isinstance(until, date) else validate.day("until", until)
        rows = rows.filter((nw.col("day") <= nw.lit(until)) | nw.col("day").is_null())
    (seen,) = frames.rows(
        rows.select(
            last=nw.col("day").max(),
            least=nw.col("currency").min(),
            most=nw.col("currency").max(),
            anonymous=frames.indicator(~frames.KNOWN & order_rules.SALE).sum(),
            undated=frames.indicator(nw.col("day").is_null()).sum(),
            endless=frames.indicator(nw.col("revenue").abs() == math.inf).sum(),
        )
    )
    if seen["endless"]:
        raise validate.refused("revenue of orders", "finite", math.inf)
    if currency is None and not mixed and seen["least"] != seen["most"]:
        names = f"given where orders are in several (such as {seen['least']} and {seen['most']})"
        raise validate.refused("currency", names, currency)
    if currency is not None:
        rows = rows.filter(~order_rules.in_another(currency))
    last = until if until is not None else _day(seen["last"])
    remarks = [
        Remark(message, {"count": int(seen[name])})
        for name, message in (("anonymous", _NO_CUSTOMER), ("undated", _NO_DAY))
        if seen[name]
    ]
    kept = rows.filter(frames.KNOWN & ~nw.col("day").is_null())
    return kept, currency or seen["least"] or "", last, (*remarks,)


def _day(value: Any) -> date | None:
    return None if value is None else date(value.year, value.month, value.day)
