"""How long each ticket waited, and the time by which a share of them has ended."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.remarks import Remark
from cxresearch.core.results import Estimate
from cxresearch.engine import frames
from cxresearch.kpis import _orders
from cxresearch.kpis._calendar import MONTH

if TYPE_CHECKING:
    import pandas as pd
    from narwhals.typing import IntoFrame
    from numpy.typing import NDArray

    from cxresearch.kpis.business_hours import BusinessHours

Unit = Literal["minutes", "hours", "days"]
Wait = Literal["first_response", "resolution"]

#: The column in which each wait ends.
ENDS: dict[Wait, str] = {"first_response": "first_response_us", "resolution": "resolved_us"}

_SECONDS: dict[Unit, int] = {"minutes": 60, "hours": 3_600, "days": 86_400}
_TIMES = ("opened_us", "first_response_us", "resolved_us")
_SECOND_US = 1_000_000

_NO_ORDER = "tickets that end before they begin left out: {count}"
_WAITING = "tickets still waiting, counted as lasting longer than seen: {count}"
_OFFICE = Remark("in business hours")


def quantile(waits: pd.DataFrame, *, q: float, unit: Unit, confidence: float) -> Estimate:
    """Return the time by which a share of the tickets has ended."""
    from cxresearch.stats.survival.curves import kaplan_meier

    curve = kaplan_meier(waits["wait"], waits["ended"], unit=unit, confidence=confidence)
    return replace(curve.quantile(q), people=int(waits["customer"].nunique()))


def collected(
    tickets: IntoFrame,
    wait: Wait,
    unit: Unit,
    hours: BusinessHours | None,
    *,
    by: str | None = None,
) -> tuple[pd.DataFrame, tuple[Remark, ...]]:
    """Return one row per ticket (that has a group): its month, how long it waited, and if it ended.

    A ticket is a row of a few numbers, so all of them fit in memory.
    """
    validate.one_of("unit", unit, _SECONDS)
    end = nw.col(ENDS[wait])
    named = ["day", "ticket_id", "customer_id", *_TIMES, *([by] if by else [])]
    frame = frames.lazy(tickets, "tickets", named)
    if by:
        frame = frame.filter(~nw.col(by).is_null()).with_columns(group=nw.col(by))
    (last,) = frames.rows(frame.select(nw.col(*_TIMES).max()))
    now = max((int(time) for time in last.values() if time == time and time is not None), default=0)
    shown = frame.with_columns(
        month=MONTH,
        customer=_orders.unit("ticket_id", "t"),
        ended=~end.is_null(),
        end_us=nw.when(end.is_null()).then(now).otherwise(end).cast(nw.Int64),
    ).select("month", "customer", "ended", "opened_us", "end_us", *(["group"] if by else []))
    rows = shown.collect().to_pandas()
    backwards = rows["end_us"] < rows["opened_us"]
    rows = rows[~backwards].sort_values(["opened_us", "end_us"], ignore_index=True)
    remarks = [
        Remark(message, {"count": int(count)})
        for message, count in ((_NO_ORDER, backwards.sum()), (_WAITING, (~rows["ended"]).sum()))
        if count
    ]
    told = (*remarks, *([_OFFICE] if hours else []))
    return rows.assign(wait=_seconds(rows, hours) / _SECONDS[unit]), told


def _seconds(rows: pd.DataFrame, hours: BusinessHours | None) -> NDArray[Any]:
    start_us, end_us = (rows[name].to_numpy("int64") for name in ("opened_us", "end_us"))
    if hours is None:
        passed: NDArray[Any] = (end_us - start_us) / _SECOND_US
        return passed
    return hours.seconds(start_us, end_us)
