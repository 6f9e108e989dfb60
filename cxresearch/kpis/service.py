"""How long customers wait for an answer and for a solution, and how often they have to ask."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.remarks import Remark
from cxresearch.core.results import Estimate
from cxresearch.engine import frames
from cxresearch.errors import SchemaError
from cxresearch.kpis import _orders
from cxresearch.kpis.kpi import Kpi, columns_of, in_groups, over_all
from cxresearch.kpis.series import MONTH, Apart, Coverage, Ratio
from cxresearch.stats.means.ratios import ratio_of_sums
from cxresearch.study import plain_frames

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from cxresearch.kpis.business_hours import BusinessHours

Unit = Literal["minutes", "hours", "days"]
Wait = Literal["first_response", "resolution"]
#: The column in which each wait ends.
_ENDS: dict[Wait, str] = {"first_response": "first_response_us", "resolution": "resolved_us"}
#: The share of the tickets whose wait is shown beside that of half of them.
_LONG = 0.9
_SECONDS: dict[Unit, int] = {"minutes": 60, "hours": 3_600, "days": 86_400}
_TIMES = ("opened_us", "first_response_us", "resolved_us")
_SECOND_US = 1_000_000

_QUANTILES = ["median", "median_low", "median_high", "p90", "p90_low", "p90_high"]
_NO_ORDER = "tickets that end before they begin left out: {count}"
_WAITING = "open tickets, counted with the wait so far: {count}"
_OFFICE = Remark("in business hours")


@documented
def first_response_time(
    tickets: frames.AnyFrame,
    *,
    q: float = 0.5,
    unit: Unit = "hours",
    hours: BusinessHours | None = None,
    by: str | None = None,
    confidence: float = 0.95,
) -> Kpi:
    """Return how long customers wait for the first answer.

    Parameters
    ----------
    tickets : frame
        A study's tickets.
    q : float, default 0.5
        The share of the tickets that have been answered by then, strictly between 0 and 1: 0.5
        is the median wait, 0.9 that of all but the slowest tenth.
    unit : {"minutes", "hours", "days"}, default "hours"
        The unit of the time.
    hours : BusinessHours, optional
        Count these hours only; by default all time counts.
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        A time in `unit`, with `n` tickets; nan with a note where too few are answered to know.
        A ticket belongs to the month in which it was opened.

    Raises
    ------
    %(missing_column)s
    ValueError
        If `q` is not strictly between 0 and 1 or `unit` is none of the three.

    Notes
    -----
    A ticket without an answer has waited from its opening to the last moment on record, and
    longer: it is censored, not left out (:func:`cxresearch.stats.survival.kaplan_meier`). Tickets
    are taken as independent; where few customers write most of them the interval is too short.

    Examples
    --------
    Three tickets were answered after 1, 2 and 4 hours, and one not yet.

    >>> from cxresearch.kpis._example import TICKETS
    >>> first_response_time(TICKETS).value
    3.0
    """
    definition = (
        "The time from the opening of a ticket to the first answer, for half of the tickets "
        "(median) or nine in ten."
    )
    return _wait(tickets, "first_response", definition, q, unit, hours, by, confidence)


@documented
def resolution_time(
    tickets: frames.AnyFrame,
    *,
    q: float = 0.5,
    unit: Unit = "hours",
    hours: BusinessHours | None = None,
    by: str | None = None,
    confidence: float = 0.95,
) -> Kpi:
    """Return how long it takes until a ticket is resolved.

    Parameters
    ----------
    tickets : frame
        A study's tickets.
    q, unit, hours, confidence
        As in :func:`first_response_time`.
    %(by)s

    Returns
    -------
    Kpi
        A time in `unit`, with `n` tickets; nan with a note where too few are resolved to know.

    Raises
    ------
    %(missing_column)s
    ValueError
        If `q` is not strictly between 0 and 1 or `unit` is none of the three.

    Examples
    --------
    >>> from cxresearch.kpis._example import TICKETS
    >>> resolution_time(TICKETS, unit="days").value
    1.0
    """
    definition = (
        "The time from the opening of a ticket to its resolution, for half of the tickets "
        "(median) or nine in ten."
    )
    return _wait(tickets, "resolution", definition, q, unit, hours, by, confidence)


@documented
def response_times(
    tickets: frames.AnyFrame,
    wait: Wait,
    *,
    by: str = "channel",
    unit: Unit = "hours",
    hours: BusinessHours | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return the waits of each channel, or of any other group of tickets.

    Parameters
    ----------
    tickets : frame
        A study's tickets.
    wait : {"first_response", "resolution"}
        What customers wait for.
    by : str, default "channel"
        The column of the groups; tickets without one are left out.
    unit, hours, confidence
        As in :func:`first_response_time`.

    Returns
    -------
    pandas.DataFrame
        One row per group: the group under the name of `by`, the `median` and the `p90` in `unit`,
        each with its interval (``median_low``...), the number of `tickets` and of the `customers`
        who wrote them, and how many tickets are `waiting` still.

    Raises
    ------
    %(missing_column)s
    ValueError
        If `wait` or `unit` is none of those named.

    Examples
    --------
    >>> from cxresearch.kpis._example import TICKETS
    >>> response_times(TICKETS, "resolution")[["channel", "median", "tickets", "waiting"]]
      channel  median  tickets  waiting
    0    chat    24.0        4        1
    """
    import pandas as pd

    validate.one_of("wait", wait, _ENDS)
    validate.one_of("unit", unit, _SECONDS)
    now_us = _last_moment(tickets)
    waits, _ = _waits(tickets, wait, unit, hours, now_us, by=by)
    found = []
    for group, mine in waits.groupby("group"):
        median, long = (
            time_until(mine, q=q, unit=unit, confidence=confidence) for q in (0.5, _LONG)
        )
        found.append(
            {
                by: group,
                **columns_of("median", median),
                **columns_of("p90", long),
                "tickets": len(mine),
                "customers": int(mine["customer"].nunique()),
                "waiting": int((~mine["ended"]).sum()),
            }
        )
    return pd.DataFrame(found, columns=[by, *_QUANTILES, "tickets", "customers", "waiting"])


@documented
def tickets_per_order(
    tickets: frames.AnyFrame, orders: frames.AnyFrame, *, confidence: float = 0.95
) -> Kpi:
    """Return the number of tickets per order placed.

    Parameters
    ----------
    tickets, orders : frame
        A study's tickets and orders, over the same time.
    %(confidence)s

    Returns
    -------
    Kpi
        Tickets per order, with `n` customers who wrote or ordered; a ticket or an order without a
        customer counts as one of its own.

    Raises
    ------
    %(missing_column)s

    Notes
    -----
    A ratio over customers (:func:`cxresearch.stats.means.ratios.ratio_of_sums`): a customer whose
    parcel is lost writes many times. A month has the tickets opened and the orders placed in it,
    so a ticket may be about the order of an earlier month.

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS, TICKETS
    >>> tickets_per_order(TICKETS, ORDERS).value
    0.8
    """
    asked = plain_frames.lazy(tickets, "tickets", ["ticket_id", "customer_id", "day"])
    prepared = _orders.prepared(orders)
    unit = "tickets per order"
    ratio = Ratio(
        rows=nw.concat([_ticket_rows(asked), _order_rows(prepared)]),
        x="tickets",
        y="orders",
        unit=unit,
        estimate=partial(ratio_of_sums, unit=unit, low=0.0),
        reach=lambda: Coverage.of(prepared).within(Coverage.of(asked)),
    )
    told = _orders.valueless(prepared)
    return over_all(ratio, "Tickets opened per order placed.", *told, confidence=confidence)


def _wait(
    tickets: frames.AnyFrame,
    wait: Wait,
    definition: str,
    q: float,
    unit: Unit,
    hours: BusinessHours | None,
    by: str | None,
    confidence: float,
) -> Kpi:
    validate.share("q", q)
    validate.one_of("unit", unit, _SECONDS)
    every = plain_frames.lazy(tickets, "tickets", ["day", *_TIMES])
    now_us = _last_moment(tickets)

    def within(rows: frames.AnyFrame) -> Kpi:
        waits, remarks = _waits(rows, wait, unit, hours, now_us)
        series = Apart(
            waits,
            partial(time_until, q=q, unit=unit),
            "MOVER of Kaplan-Meier intervals",
            partial(Coverage.of, every),
        )
        return over_all(series, definition, *remarks, confidence=confidence)

    return within(tickets) if by is None else in_groups(within, tickets, "tickets", by)


def _last_moment(tickets: frames.AnyFrame) -> int:
    """Return the last moment on record of all tickets: an open one has waited until then."""

    def asked() -> list[dict[str, Any]]:
        every = plain_frames.lazy(tickets, "tickets", _TIMES)
        return frames.rows(every.select(nw.col(*_TIMES).max()))

    (last,) = frames.once(tickets, "last moment", asked)
    return max(
        (int(time) for time in last.values() if time == time and time is not None), default=0
    )


def _ticket_rows(tickets: frames.Frame) -> frames.Frame:
    return tickets.select(
        _orders.unit("ticket_id", "t").alias(frames.CLUSTER),
        MONTH.alias("month"),
        nw.lit(1.0).alias("tickets"),
        nw.lit(0.0).alias("orders"),
    )


def _order_rows(prepared: frames.Frame) -> frames.Frame:
    return prepared.filter(_orders.PLACED).select(
        frames.CLUSTER,
        "month",
        nw.lit(0.0).alias("tickets"),
        nw.lit(1.0).alias("orders"),
    )


def time_until(waits: pd.DataFrame, *, q: float, unit: Unit, confidence: float) -> Estimate:
    """Return the time by which a share of what customers wait for has come.

    Parameters
    ----------
    waits : pandas.DataFrame
        One row per wait: how long in `unit` (`wait`), whether it has `ended`, and whose it is
        (`customer`).
    q : float
        The share, strictly between 0 and 1.
    unit : {"minutes", "hours", "days"}
        The unit of the time.
    confidence : float
        Coverage of the interval.
    """
    from cxresearch.stats.survival.curves import quantile_of_durations

    found = quantile_of_durations(
        waits["wait"], waits["ended"], q, unit=unit, confidence=confidence
    )
    return replace(found, people=int(waits["customer"].nunique()))


def _waits(
    tickets: frames.AnyFrame,
    wait: Wait,
    unit: Unit,
    hours: BusinessHours | None,
    now_us: int,
    *,
    by: str | None = None,
) -> tuple[pd.DataFrame, tuple[Remark, ...]]:
    """Return one row per ticket (that has a group): its month, how long it waited, and if it ended.

    A ticket is a row of a few numbers, so all of them fit in memory.
    """
    import pandas as pd

    end = nw.col(_ENDS[wait])
    named = ["day", "ticket_id", "customer_id", *_TIMES, *([by] if by else [])]
    frame = plain_frames.lazy(tickets, "tickets", named)
    if by:
        frame = frame.filter(~nw.col(by).is_null()).with_columns(group=nw.col(by))
    never_opened = nw.col("opened_us").is_null()
    if unknown := frames.once(
        tickets, ("never opened", by), lambda: frames.count(frame, never_opened)
    ):
        raise SchemaError("tickets", [f"opened: must be given; {unknown:,} rows have none"])
    shown = frame.with_columns(
        month=MONTH,
        customer=_orders.unit("ticket_id", "t"),
        ended=~end.is_null(),
        end_us=nw.when(end.is_null()).then(now_us).otherwise(end).cast(nw.Int64),
    ).select("month", "customer", "ended", "opened_us", "end_us", *(["group"] if by else []))
    rows = shown.collect().to_pandas()
    rows["customer"] = pd.factorize(rows["customer"])[0]
    backwards = rows["end_us"] < rows["opened_us"]
    rows = rows[~backwards].sort_values(["opened_us", "end_us"], ignore_index=True)
    remarks = [
        Remark(message, {"count": int(count)})
        for message, count in ((_NO_ORDER, backwards.sum()), (_WAITING, (~rows["ended"]).sum()))
        if count
    ]
    remarks += [_OFFICE] if hours else []
    rows["wait"] = _seconds(rows, hours) / _SECONDS[unit]
    return rows.drop(columns=["opened_us", "end_us"]), tuple(remarks)


def _seconds(rows: pd.DataFrame, hours: BusinessHours | None) -> NDArray[Any]:
    start_us, end_us = (rows[name].to_numpy("int64") for name in ("opened_us", "end_us"))
    if hours is None:
        passed: NDArray[Any] = (end_us - start_us) / _SECOND_US
        return passed
    return hours.seconds(start_us, end_us)
