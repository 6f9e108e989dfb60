"""The days on which each customer bought, read from any orders in one scan."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch import engine
from cxresearch.core import validate
from cxresearch.core.remarks import Remark
from cxresearch.engine import frames, order_rules
from cxresearch.study import plain_frames

if TYPE_CHECKING:
    import pandas as pd
    from narwhals.typing import IntoFrame

#: What is said of orders and days that do not count, by what they are counted as.
_LEFT_OUT = {
    "anonymous": "orders without a customer left out: {count}",
    "undated": "orders without a day left out: {count}",
    "valueless": "orders without a value left out: {count}",
    "others": "orders in another currency left out: {count}",
    "undone": "orders cancelled or returned left out: {count}",
    "worthless": "days of a customer that took back as much as they brought left out: {count}",
    "flagged": "refunds of customers with cancelled or returned orders, taken as of these: {count}",
    "too_much": "customers refunded more than they had brought: {count}",
}
_IS_KNOWN = frames.KNOWN & ~nw.col("day").is_null()
_HAS_SALE = nw.col("sales") > 0
_IS_WORTHLESS = _HAS_SALE & (nw.col("net") <= 0)
_TOOK = nw.col("net") < 0
#: What money is rounded to, so that the order of its sum leaves no trace.
_DIGITS = 6
#: How what is asked for by need is gathered over the days.
_HOW = {"others": "sum", "least": "min", "most": "max"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CustomerDays:
    """A row per customer and day with an order.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        `customer_id`, `day`, `net` (what the day brought in the end), `sales` (kept orders) and
        `spent` (of all orders placed, whatever became of them).
    currency : str
        Of the money; empty where the data do not say.
    last : datetime.date or None
        The last day that counts; None without any.
    remarks : tuple of Remark
        What was left out.
    """

    frame: frames.Frame
    currency: str
    last: date | None
    remarks: tuple[Remark, ...]

    @property
    def kept(self) -> frames.Frame:
        """The days with a kept order that brought more than 0 in the end, with their `net`."""
        brought = self.frame.filter(_HAS_SALE & (nw.col("net") > 0))
        return brought.select("customer_id", "day", "net")

    @property
    def placed(self) -> frames.Frame:
        """The days on which an order was placed, with what was `spent`."""
        return self.frame.filter(nw.col("spent") > 0).select("customer_id", "day", "spent")


def customer_days(
    orders: IntoFrame,
    *,
    until: str | date | None = None,
    currency: str | None = None,
    mixed: bool = False,
) -> CustomerDays:
    """Return the days of known customers up to a day, in one currency.

    Parameters
    ----------
    orders : frame
        One row per order.
    until : str or datetime.date, optional
        The last day that counts; by default the last of the orders.
    currency : str, optional
        The currency whose orders count.
    mixed : bool, default False
        Whether currencies may be mixed: where only days count and not their worth.

    Raises
    ------
    SchemaError
        If a column is missing.
    ValueError
        If orders are in several currencies and none is given, unless they may be mixed, or if an
        order has no end of revenue.
    """
    if until is not None:
        until = as_day("until", until)
    rows, asks = _rows(orders, until), currency is None and not mixed
    ours = nw.lit(value=True) if currency is None else ~order_rules.in_another(currency)
    brings = (order_rules.SALE | (nw.col("revenue") < 0)) & ours
    undone = order_rules.PLACED & ~order_rules.COMPLETED
    more = {"others": frames.indicator(order_rules.SALE & ~ours).sum()} if currency else {}
    if asks:
        more |= {"least": nw.col("currency").min(), "most": nw.col("currency").max()}
    grouped = rows.group_by("customer_id", "day").agg(
        net=nw.when(brings).then(nw.col("revenue")).sum(),
        sales=frames.indicator(order_rules.SALE & ours).sum(),
        undone=frames.indicator(undone & ours).sum(),
        spent=nw.when(order_rules.PLACED & ours).then(nw.col("revenue")).sum(),
        valueless=frames.indicator(nw.col("revenue").is_null()).sum(),
        orders=nw.len(),
        **more,
    )
    days = engine.materialised(grouped)  # read here, and by who asked
    endless = (nw.col("net").abs() == math.inf) | nw.col("net").is_nan()
    (seen,) = frames.rows(
        days.select(
            last=nw.col("day").max(),
            endless=frames.indicator(endless | (nw.col("spent") == math.inf)).sum(),
            anonymous=nw.when(~frames.KNOWN).then(nw.col("sales")).sum(),
            undated=nw.when(nw.col("day").is_null()).then(nw.col("orders")).sum(),
            valueless=nw.when(_IS_KNOWN).then(nw.col("valueless")).sum(),
            undone=nw.when(_IS_KNOWN).then(nw.col("undone")).sum(),
            worthless=frames.indicator(_IS_KNOWN & _IS_WORTHLESS).sum(),
            took=frames.indicator(_IS_KNOWN & _TOOK).sum(),
            **{name: getattr(nw.col(name), _HOW[name])() for name in more},
        )
    )
    if seen["endless"]:
        raise validate.refused("revenue of orders", "finite", math.inf)
    if asks and seen["least"] != seen["most"]:
        several = f"given where orders are in several (such as {seen['least']} and {seen['most']})"
        raise validate.refused("currency", several, currency)
    known = days.filter(_IS_KNOWN)
    if seen["took"]:
        known = engine.materialised(_less_later_refunds(known))
        (left,) = frames.rows(
            known.select(
                worthless=frames.indicator(_IS_WORTHLESS).sum(),
                flagged=frames.indicator(_TOOK & ~_HAS_SALE).sum(),
                too_much=nw.col("too_much").sum(),
            )
        )
        seen |= left
    return CustomerDays(
        frame=known.select("customer_id", "day", "net", "sales", "spent"),
        currency=currency or seen.get("least") or "",
        last=until if until is not None else _day(seen["last"]),
        remarks=tuple(
            Remark(_LEFT_OUT[name], {"count": int(seen[name])})
            for name in _LEFT_OUT
            if seen.get(name)
        ),
    )


def _less_later_refunds(known: frames.Frame) -> frames.Frame:
    """Return days of customers, of which each has less what later days took back.

    Nothing names the order that a refund is for: it comes off the last money that its customer had
    brought, and `too_much` is 1 once for a customer who had not brought as much. So a day keeps
    what it adds to the highest sum of net from one day to the last. A customer with cancelled or
    returned orders keeps the days as they are: the refund is of one of these.
    """

    def along(column: nw.Expr) -> nw.Expr:
        return column.over("customer_id", order_by="day")

    summed = known.with_columns(
        to_last=along(nw.col("net").cum_sum(reverse=True)),
        clear=nw.col("undone").sum().over("customer_id") == 0,
    ).with_columns(
        highest=nw.max_horizontal(along(nw.col("to_last").cum_max(reverse=True)), nw.lit(0.0))
    )
    later = along(nw.col("highest").shift(-1)).fill_null(0.0)
    kept = nw.when(nw.col("clear")).then((nw.col("highest") - later).round(_DIGITS))
    lacks = (nw.col("highest") - nw.col("to_last")).round(_DIGITS) > 0
    is_first = nw.col("day") == nw.col("day").min().over("customer_id")
    return summed.with_columns(
        net=nw.coalesce(kept, nw.col("net")),
        too_much=frames.indicator(nw.col("clear") & is_first & lacks),
    )


def collected(rows: frames.Frame, by: list[str], *money: str) -> pd.DataFrame:
    """Return sorted rows, their money rounded so that the order of its sum leaves no trace.

    An engine reads rows in any order, and the last digits of a sum depend on it: a fit would make
    other digits of them each time.
    """
    arrow = rows.sort(*by).collect("pyarrow").to_native()
    table: pd.DataFrame = arrow.to_pandas(date_as_object=False).reset_index(drop=True)
    return table.assign(**{name: table[name].astype(float).round(_DIGITS) for name in money})


def _rows(orders: IntoFrame, until: date | None) -> frames.Frame:
    needed = ("customer_id", "day", "revenue", "status", "currency")
    given = plain_frames.lazy(orders, "orders", needed)
    if getattr(given.collect_schema()["day"], "time_zone", None):
        # The day is the date on the clock of the zone, not that of the same moment in UTC.
        given = given.with_columns(day=nw.col("day").dt.replace_time_zone(None))
    revenue = nw.col("revenue").cast(nw.Float64)
    rows = engine.lazy(given.to_native()).with_columns(
        day=nw.col("day").cast(nw.Date), revenue=nw.when(~revenue.is_nan()).then(revenue)
    )
    rows = rows.select(*needed)
    if until is None:
        return rows
    return rows.filter((nw.col("day") <= nw.lit(until)) | nw.col("day").is_null())


def _day(value: Any) -> date | None:
    return None if value is None else date(value.year, value.month, value.day)


def as_day(name: str, value: str | date) -> date:
    """Return a day that is given as one, or as a text such as 2026-01-31."""
    return value if isinstance(value, date) else validate.day(name, value)


def cut_day(
    name: str, value: str | date | None, last: date, days: int, *, before: str = "the last order"
) -> date:
    """Return the day after which so many days are predicted, by default as many before the last.

    Raises
    ------
    ValueError
        If fewer days follow it; `before` says what comes after them.
    """
    window = timedelta(days=days)
    cut = last - window if value is None else as_day(name, value)
    if cut + window > last:
        raise validate.refused(name, f"at least {days} days before {before}", str(cut))
    return cut
