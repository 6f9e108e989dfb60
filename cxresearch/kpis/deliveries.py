"""Whether orders arrive when they were promised, and who comes back after one that is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison
from cxresearch.core.documented import documented
from cxresearch.core.remarks import Remark, Sentence
from cxresearch.core.results import Estimate, as_columns, interval_columns
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.core.unit_sums import RatioSums
from cxresearch.engine import frames, order_rules
from cxresearch.engine.windows import DAY_US, month_name, month_number
from cxresearch.kpis.kpi import Kpi, over_all
from cxresearch.kpis.series import Apart, Coverage
from cxresearch.kpis.service import time_until
from cxresearch.stats.shares.differences import difference_of_proportions
from cxresearch.stats.shares.proportions import clustered_proportion, proportion
from cxresearch.study import plain_frames

if TYPE_CHECKING:
    import pandas as pd

_AGAIN = (
    Column("arrived", "First delivery"),
    Column("customers", role="people"),
    Column("again", "Order again", unit="share", role="estimate"),
    Column("difference", "Late minus on time", "share difference", "estimate", signed=True),
    Column("p_value", "p", role="p"),
)
_EPOCH = date(1970, 1, 1)
_TIMES = ("shipped_us", "delivered_us")
_ORDER = ("order_id", "customer_id", "status", "ts_us")
_NO_PROMISE = "orders without a promised date left out: {count}"
_BACKWARDS = "orders delivered before they were sent or placed left out: {count}"
_CANCELLED = "cancelled orders that never came left out: {count}"
_NOT_DUE = "orders promised for later than the data reach left out: {count}"
_OVERDUE = "orders past their promise and not delivered yet, counted as late: {count}"
_IN_PARCELS = "orders of several parcels, which arrive with the last: {count}"


@documented
def on_time_rate(
    deliveries: frames.AnyFrame,
    orders: frames.AnyFrame | None = None,
    *,
    confidence: float = 0.95,
) -> Kpi:
    """Return the share of orders that arrive on the day they were promised for, or before.

    Parameters
    ----------
    deliveries : frame
        A study's deliveries: one row per parcel.
    orders : frame, optional
        Its orders, which say whose each is and which were cancelled; without them every order is
        a customer of its own.
    %(confidence)s

    Returns
    -------
    Kpi
        A share of the orders whose promised day is over, with `n` customers. An order that has not
        come by then is late; one promised for a day that the data do not reach is left out, also
        where it has come, as only early ones could have. A month has the orders promised for it.

    Raises
    ------
    %(missing_column)s

    Notes
    -----
    An order is late from a whole day after the moment promised. Customers are the independent units
    (:func:`cxresearch.stats.shares.clustered_proportion`).

    Examples
    --------
    Two came on the day, one three days late, and one has not come.

    >>> from cxresearch.kpis._example import DELIVERIES
    >>> on_time_rate(DELIVERIES).value
    0.5
    """
    due, remarks = _due(deliveries, orders)
    definition = "The share of orders delivered by the day they were promised for."
    series = Apart(due, _share, "MOVER of the months' intervals", partial(_reach, due))
    return over_all(series, definition, *remarks, confidence=confidence)


@documented
def days_late(
    deliveries: frames.AnyFrame,
    orders: frames.AnyFrame | None = None,
    *,
    q: float = 0.5,
    confidence: float = 0.95,
) -> Kpi:
    """Return how many days late an order comes that is late.

    Parameters
    ----------
    deliveries, orders : frame
        As in :func:`on_time_rate`.
    q : float, default 0.5
        The share of the late orders that have come by then, strictly between 0 and 1.
    %(confidence)s

    Returns
    -------
    Kpi
        Days after the moment promised, with `n` late orders. One that has not come is late by at
        least as long as the data reach: it is censored, not left out.

    Raises
    ------
    %(missing_column)s
    ValueError
        If `q` is not strictly between 0 and 1.

    Examples
    --------
    >>> from cxresearch.kpis._example import DELIVERIES
    >>> days_late(DELIVERIES).value
    3.0
    """
    validate.share("q", q)
    due, remarks = _due(deliveries, orders)
    definition = (
        "Days from the promise to the delivery of a late order, for half of them (median) or "
        "nine in ten."
    )
    late = due[due["late"]]
    series = Apart(
        late, partial(_wait, q=q), "MOVER of Kaplan-Meier intervals", partial(_reach, due)
    )
    return over_all(series, definition, *remarks, confidence=confidence)


@documented
def deliveries_by(
    deliveries: frames.AnyFrame,
    by: str,
    orders: frames.AnyFrame | None = None,
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return the share on time and the days late of each carrier, method, region or month.

    Parameters
    ----------
    deliveries, orders : frame
        As in :func:`on_time_rate`.
    by : str
        A column of the deliveries, or ``"month"``, the one promised for. Orders without a value are
        left out.
    %(confidence)s

    Returns
    -------
    pandas.DataFrame
        One row per group: the group under the name of `by`, `orders`, `customers`, `late` orders,
        `on_time` with its interval, `days_late` (the median of the late ones) with its interval.

    Raises
    ------
    %(missing_column)s

    Examples
    --------
    >>> from cxresearch.kpis._example import DELIVERIES
    >>> found = deliveries_by(DELIVERIES, "carrier")
    >>> found[["carrier", "orders", "late", "on_time"]].round(2)
      carrier  orders  late  on_time
    0   Ponte       1     1     0.00
    1    Vela       3     1     0.67
    """
    import pandas as pd

    is_month = by == "month"
    due, _ = _due(deliveries, orders, *([] if is_month else [by]))
    named = due.assign(group=due["month"].map(month_name) if is_month else due[by])
    found = []
    for group, mine in named.dropna(subset=["group"]).groupby("group"):
        late = mine[mine["late"]]
        found.append(
            {
                by: group,
                "orders": len(mine),
                "customers": int(mine["customer"].nunique()),
                "late": len(late),
                **as_columns("on_time", _share(mine, confidence=confidence)),
                **as_columns("days_late", _wait(late, q=0.5, confidence=confidence)),
            }
        )
    ends = interval_columns("on_time", "days_late")
    return pd.DataFrame(found, columns=[by, "orders", "customers", "late", *ends])


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AfterDelivery(Tabular):
    """Who orders again after the first delivery, by whether it was late.

    Parameters
    ----------
    on_time, late : Estimate
        The share of the customers who order again within the days chosen.
    difference : Comparison
        Late minus on time.
    days : int
        The days.
    """

    on_time: Estimate
    late: Estimate
    difference: Comparison
    days: int

    @property
    def sentence(self) -> Sentence:
        """Who orders again, and by how much the late ones are apart."""
        return Sentence(
            "After a late first delivery {late} of customers order again within {days}, after one "
            "on time {on_time}: a difference of {difference}.",
            {
                "late": self.late,
                "days": (self.days, "days"),
                "on_time": self.on_time,
                "difference": self.difference,
            },
        )

    def table(self) -> Table:
        """Return one row per side."""
        import pandas as pd

        apart = as_columns("difference", self.difference) | {"p_value": self.difference.p_value}
        rows = [
            {"arrived": side, **as_columns("again", one), "customers": one.n, **more}
            for side, one, more in (("on time", self.on_time, {}), ("late", self.late, apart))
        ]
        return Table(
            frame=pd.DataFrame(rows),
            columns=_AGAIN,
            caption="Customers who order again within {days} of their first delivery",
            values={"days": (self.days, "days")},
            within=None,
        )


@documented
def again_after(
    deliveries: frames.AnyFrame,
    orders: frames.AnyFrame,
    *,
    days: int = 90,
    confidence: float = 0.95,
) -> AfterDelivery:
    """Return who orders again after the first delivery, late or on time.

    Parameters
    ----------
    deliveries, orders : frame
        A study's deliveries and orders.
    days : int, default 90
        How long a customer has, from the delivery on, at least 1.
    %(confidence)s

    Returns
    -------
    AfterDelivery
        Shares of customers, whose first delivery counts; those whose days are not over are left
        out.

    Raises
    ------
    %(missing_column)s
    ValueError
        If `days` is below 1.

    Notes
    -----
    One delivery of each customer, so that customers are independent and late ones are not those of
    frequent buyers. Newcombe's interval of the difference. An association: carriers and seasons are
    not held.

    References
    ----------
    Newcombe (1998), Stat. Med. 17, 873-890.
    """
    reach_us = validate.whole("days", days, low=1) * DAY_US
    due, _ = _due(deliveries, orders)
    bought = _kept(orders)
    end_us = int(bought["ts_us"].max()) if len(bought) else 0
    known = due[due["is_known"] & due["delivered_us"].notna()]
    first = known.sort_values(["delivered_us", "order_id"]).drop_duplicates("customer")
    first = first[first["delivered_us"] + reach_us <= end_us]
    pairs = first.merge(bought, on="customer", suffixes=("", "_bought"))
    since = pairs["ts_us_bought"] - pairs["delivered_us"]
    again = set(pairs.loc[(since > 0) & (since <= reach_us), "customer"])
    returned = first["customer"].isin(again).to_numpy()
    late = first["late"].to_numpy()
    counts = [(int(returned[side].sum()), int(side.sum())) for side in (~late, late)]
    sides = [proportion(*one, confidence=confidence) for one in counts]
    return AfterDelivery(
        on_time=sides[0],
        late=sides[1],
        difference=difference_of_proportions(counts[0], counts[1], confidence=confidence),
        days=days,
    )


def _due(
    deliveries: frames.AnyFrame, orders: frames.AnyFrame | None, *also: str
) -> tuple[pd.DataFrame, tuple[Remark, ...]]:
    """Return the orders whose promised day is over: when they came, whose they are, if late.

    An order is a row of a few numbers, so all of them fit in memory.
    """
    needed = ["order_id", "promised_us", *_TIMES, *also]
    given = plain_frames.lazy(
        deliveries, "deliveries", needed, ["promised_us", "delivered_us", *also]
    )
    rows = _collected(order_rules.arrivals(given, *also))
    times = ["promised_us", *_TIMES]
    rows[times] = rows[times].astype(float)
    now = max((int(rows[name].max()) for name in _TIMES if rows[name].notna().any()), default=0)
    if orders is None:
        rows = rows.assign(customer=rows["order_id"], is_known=False, status=None, ts_us=np.nan)
    else:
        placed = _collected(
            plain_frames.lazy(orders, "orders", _ORDER).select(*_ORDER)
        ).drop_duplicates("order_id")
        rows = rows.merge(placed, on="order_id", how="left")
        rows["is_known"] = rows["customer_id"].notna()
        rows["customer"] = rows["customer_id"].where(rows["is_known"], "\0" + rows["order_id"])
    delivered = rows["delivered_us"].notna()
    begun = rows[["shipped_us", "ts_us"]].max(axis=1)
    left_out = {
        _NO_PROMISE: rows["promised_us"].isna(),
        _BACKWARDS: delivered & (rows["delivered_us"] < begun),
        _CANCELLED: (rows["status"] == "cancelled") & ~delivered,
        _NOT_DUE: rows["promised_us"] + DAY_US > now,
    }
    dropped, remarks = np.zeros(len(rows), dtype=bool), []
    for message, which in left_out.items():
        if count := int((which & ~dropped).sum()):
            remarks.append(Remark(message, {"count": count}))
        dropped |= which.to_numpy(dtype=bool)
    due = rows[~dropped].copy()
    end_us = due["delivered_us"].fillna(now)
    due["late"] = (end_us - due["promised_us"] >= DAY_US).to_numpy(dtype=bool)
    due["days"] = (end_us - due["promised_us"]) / DAY_US
    due["delivered"] = due["delivered_us"].notna()
    promised = due["promised_us"].to_numpy(dtype="int64").astype("datetime64[us]")
    due["month"] = promised.astype("datetime64[M]").astype(int) + month_number(_EPOCH)
    for message, which in ((_OVERDUE, ~due["delivered"]), (_IN_PARCELS, due["parcels"] > 1)):
        if count := int(which.sum()):
            remarks.append(Remark(message, {"count": count}))
    return due.sort_values(["promised_us", "order_id"], ignore_index=True), tuple(remarks)


def _collected(frame: frames.Frame) -> pd.DataFrame:
    found: pd.DataFrame = frame.collect("pandas").to_native()
    return found


def _kept(orders: frames.AnyFrame) -> pd.DataFrame:
    """Return when known customers placed an order that they kept."""
    needed = ["customer_id", "ts_us", "status", "revenue"]
    rows = plain_frames.lazy(orders, "orders", needed).filter(frames.KNOWN, order_rules.SALE)
    return _collected(rows.select("ts_us", customer=nw.col("customer_id")))


def _share(rows: pd.DataFrame, *, confidence: float) -> Estimate:
    """Return the share of orders on time, customers as units."""
    by_customer = (~rows["late"]).groupby(rows["customer"]).agg(["sum", "size"])
    sums = RatioSums.from_arrays(by_customer["sum"], by_customer["size"])
    return clustered_proportion(sums, confidence=confidence)


def _wait(late: pd.DataFrame, *, q: float, confidence: float) -> Estimate:
    """Return by how many days late a share of the late orders has come."""
    found = late.rename(columns={"days": "wait", "delivered": "ended"})
    return time_until(found, q=q, unit="days", confidence=confidence)


def _reach(due: pd.DataFrame) -> Coverage:
    """Return the months that orders are promised for; the first and the last are not whole."""
    if due.empty:
        return Coverage(range(0), range(0))
    first, last = int(due["month"].min()), int(due["month"].max())
    return Coverage(months=range(first, last + 1), complete=range(first + 1, last))
