"""Each known customer in four numbers: how often, until when, since when, and for how much."""

from __future__ import annotations

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
from cxresearch.value.customer_days import collected, customer_days

if TYPE_CHECKING:
    import pandas as pd
    from narwhals.typing import IntoFrame

Unit = Literal["day", "week", "month"]
#: The days of each unit of time.
DAYS: dict[str, float] = {"day": 1.0, "week": 7.0, "month": 365.25 / 12}
#: What the models need of a customer.
NEEDED = ("frequency", "recency", "T")

_COLUMNS = ["customer_id", "first_day", "last_day", *NEEDED, "monetary_value"]
_NOBODY = "undefined: no known customer has a net order"


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
    days = customer_days(orders, until=until, currency=currency)
    value, last = nw.col("net"), days.last
    each = days.kept.group_by("customer_id").agg(
        first_day=nw.col("day").min(),
        last_day=nw.col("day").max(),
        days=nw.len(),
        total=value.sum(),
        first_value=value.first(order_by="day"),
    )
    table = collected(each, ["customer_id"], "total", "first_value")
    first, latest = (table[name].astype("datetime64[us]") for name in ("first_day", "last_day"))
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
    remarks = days.remarks if len(table) else (*days.remarks, Remark(_NOBODY))
    return Summary(
        frame=table[_COLUMNS],
        until=last,
        unit=unit,
        currency=days.currency,
        n=len(table),
        remarks=remarks,
        note=in_words(remarks, Language("en")),
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


@documented
def first_product(lines: IntoFrame, orders: IntoFrame, column: str = "category") -> pd.Series[Any]:
    """Return the product that the first kept order of each known customer has most of.

    Parameters
    ----------
    lines : frame
        The lines of orders: `order_id`, `quantity`, `price` and the column of the product.
    %(orders)s
    column : str, default "category"
        What a product is.

    Returns
    -------
    pandas.Series
        By customer_id, for :func:`cxresearch.value.lifetime_value`. Most is by value, then by name.

    Raises
    ------
    %(missing_column)s

    Examples
    --------
    >>> import pandas as pd
    >>> from cxresearch.value._example import ORDERS
    >>> lines = pd.DataFrame({"order_id": ["1", "1", "2"], "price": [1.0, 4.0, 9.0],
    ...                       "quantity": [2, 1, 1], "category": ["pen", "ink", "book"]})
    >>> orders = ORDERS.head(2).assign(order_id=["1", "2"])
    >>> first_product(lines, orders).to_dict()
    {'A': 'ink'}
    """
    needed = ("order_id", "quantity", "price", column)
    given = plain_frames.lazy(lines, "order_lines", needed, named=(column,))
    rows = engine.lazy(given.to_native()).filter(~nw.col(column).is_null())
    spent = rows.with_columns(spent=nw.col("quantity") * nw.col("price"))
    sums = spent.group_by("order_id", column).agg(nw.col("spent").sum())
    table = collected(sums, ["order_id", column], "spent")
    order = table.sort_values("spent", ascending=False, kind="stable").drop_duplicates("order_id")
    firsts = first_order(orders, "order_id")
    return firsts.astype(str).map(order.astype({"order_id": str}).set_index("order_id")[column])


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
