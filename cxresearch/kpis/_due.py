"""The orders whose promised day is over: when they came, whose they are, if they were late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core.remarks import Remark
from cxresearch.core.results import Estimate, as_columns, interval_columns
from cxresearch.core.unit_sums import RatioSums
from cxresearch.engine import frames, order_rules
from cxresearch.engine.windows import DAY_US, month_name, month_number
from cxresearch.kpis.kpi import Kpi, over_all
from cxresearch.kpis.series import Apart, Coverage
from cxresearch.kpis.service import time_until
from cxresearch.stats.shares.proportions import clustered_proportion
from cxresearch.study import plain_frames

if TYPE_CHECKING:
    import pandas as pd

_EPOCH = date(1970, 1, 1)
_TIMES = ("shipped_us", "delivered_us")
#: What :func:`time_until` reads: the days from the promise, and whether the order came.
_OF_WAIT = ("customer", "wait", "ended")
_ORDER = ("order_id", "customer_id", "status", "ts_us")
_NO_PROMISE = "orders without a promised date left out: {count}"
_BACKWARDS = "orders delivered before they were sent or placed left out: {count}"
_CANCELLED = "cancelled orders that never came left out: {count}"
_NOT_DUE = "orders promised for later than the data reach left out: {count}"
_OVERDUE = "orders past their promise and not delivered yet, counted as late: {count}"
_IN_PARCELS = "orders of several parcels, which arrive with the last: {count}"


@dataclass(frozen=True, eq=False)
class Due:
    """The orders whose promised day is over: when they came, whose they are, if late.

    An order is a row of a few numbers, so all of them fit in memory.

    Parameters
    ----------
    rows : pandas.DataFrame
        One row per order.
    remarks : tuple of Remark
        What was left out, and what counts how.
    """

    rows: pd.DataFrame
    remarks: tuple[Remark, ...]

    @classmethod
    def of(cls, deliveries: frames.AnyFrame, orders: frames.AnyFrame | None, *groups: str) -> Due:
        """Return those of some deliveries, with the columns that make groups of them."""
        also = [name for name in groups if name != "month"]
        return cls(*_read(deliveries, orders, *also))

    def on_time(self, confidence: float) -> Kpi:
        """Return :func:`on_time_rate`."""
        definition = "The share of orders delivered by the day they were promised for."
        method = "MOVER of the months' intervals"
        rows = self.rows[["month", "customer", "late"]]
        series = Apart(rows, _share, method, partial(_reach, self.rows))
        return over_all(series, definition, *self.remarks, confidence=confidence)

    def days_late(self, q: float, confidence: float) -> Kpi:
        """Return :func:`days_late`."""
        definition = (
            "Days from the promise to the delivery of a late order, for half of them (median) or "
            "nine in ten."
        )
        late = self.rows.loc[self.rows["late"], ["month", *_OF_WAIT]]
        until = partial(time_until, q=q, unit="days")
        reach = partial(_reach, self.rows)
        series = Apart(late, until, "MOVER of Kaplan-Meier intervals", reach)
        return over_all(series, definition, *self.remarks, confidence=confidence)

    def by(self, by: str, confidence: float) -> pd.DataFrame:
        """Return :func:`deliveries_by`."""
        import pandas as pd

        group = self.rows["month"].map(month_name) if by == "month" else self.rows[by]
        found = []
        for name, mine in self.rows[["late", *_OF_WAIT]].groupby(group):
            late = mine[mine["late"]]
            until = time_until(late, q=0.5, unit="days", confidence=confidence)
            found.append(
                {
                    by: name,
                    "orders": len(mine),
                    "customers": int(mine["customer"].nunique()),
                    "late": len(late),
                    **as_columns("on_time", _share(mine, confidence=confidence)),
                    **as_columns("days_late", until),
                }
            )
        ends = interval_columns("on_time", "days_late")
        return pd.DataFrame(found, columns=[by, "orders", "customers", "late", *ends])


def _read(
    deliveries: frames.AnyFrame, orders: frames.AnyFrame | None, *also: str
) -> tuple[pd.DataFrame, tuple[Remark, ...]]:
    import pandas as pd

    needed = ["order_id", "promised_us", *_TIMES, *also]
    given = plain_frames.lazy(
        deliveries, "deliveries", needed, ["promised_us", "delivered_us", *also]
    )
    rows = collected(order_rules.arrivals(given, *also))
    times = ["promised_us", *_TIMES]
    rows[times] = rows[times].astype(float)
    now = max((int(rows[name].max()) for name in _TIMES if rows[name].notna().any()), default=0)
    if orders is None:
        rows = rows.assign(customer=rows["order_id"], is_known=False, status=None, ts_us=np.nan)
    else:
        placed = collected(
            plain_frames.lazy(orders, "orders", _ORDER).select(*_ORDER)
        ).drop_duplicates("order_id")
        rows = rows.merge(placed, on="order_id", how="left")
        rows["is_known"] = rows["customer_id"].notna()
        rows["customer"] = rows["customer_id"].where(rows["is_known"], "\0" + rows["order_id"])
    rows["customer"] = pd.factorize(rows["customer"])[0]
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
    due["wait"] = (end_us - due["promised_us"]) / DAY_US
    due["ended"] = due["delivered_us"].notna()
    promised = due["promised_us"].to_numpy(dtype="int64").astype("datetime64[us]")
    due["month"] = promised.astype("datetime64[M]").astype(int) + month_number(_EPOCH)
    for message, which in ((_OVERDUE, ~due["ended"]), (_IN_PARCELS, due["parcels"] > 1)):
        if count := int(which.sum()):
            remarks.append(Remark(message, {"count": count}))
    return due.sort_values(["promised_us", "order_id"], ignore_index=True), tuple(remarks)


def collected(frame: frames.Frame) -> pd.DataFrame:
    """Return the rows of a frame in pandas, which must be small by then."""
    found: pd.DataFrame = frame.collect("pandas").to_native()
    return found


def _share(rows: pd.DataFrame, *, confidence: float) -> Estimate:
    """Return the share of orders on time, customers as units."""
    _, who = np.unique(rows["customer"], return_inverse=True)
    sums = RatioSums.from_arrays(np.bincount(who, ~rows["late"]), np.bincount(who))
    return clustered_proportion(sums, confidence=confidence)


def _reach(due: pd.DataFrame) -> Coverage:
    """Return the months that orders are promised for; the first and the last are not whole."""
    if due.empty:
        return Coverage(range(0), range(0))
    first, last = int(due["month"].min()), int(due["month"].max())
    return Coverage(months=range(first, last + 1), complete=range(first + 1, last))
