"""The indicators of a study broken down: by month, kind of customer, channel, period, cohort."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cxresearch.core.documented import documented
from cxresearch.core.missing import Missing, or_missing
from cxresearch.core.remarks import Amount, Remark, Sentence
from cxresearch.core.table import Column, Estimates, Table
from cxresearch.kpis import (
    _orders,
    customers,
    deliveries,
    marketing,
    months,
    order_values,
    revenue,
    service,
    visits,
)
from cxresearch.kpis._due import Due
from cxresearch.kpis.business_hours import BusinessHours, hours_said
from cxresearch.kpis.kpi import Kpi
from cxresearch.kpis.months import by_month

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.study import Study

_NO_PROMISES = Missing("no delivery of the study has a promised date")
_ARRIVALS = {
    "carrier": "Deliveries by carrier",
    "method": "Deliveries by method",
    "region": "Deliveries by region",
    "month": "Deliveries by month",
}
#: The captions where the months lack orders whose money cannot be added to that of the others.
_MONTHS_PRICED = "Orders and revenue by month; orders in another currency left out: {count}"
_KINDS_PRICED = (
    "Orders of new, returning and anonymous customers by month; orders in another currency left "
    "out: {count}"
)


def sources(study: Study, *, confidence: float = 0.95) -> Table | Missing:
    """Return where the sessions came from."""
    if not study.has("events"):
        return Missing("the study has no events")
    rows = visits.traffic_sources(study.frame("events"), confidence=confidence)
    named: Any = [Remark("unknown") if one == visits.UNKNOWN else one for one in rows["channel"]]
    return Table(
        frame=rows.assign(channel=named),
        columns=[
            Column("channel", role="name"),
            Column("sessions"),
            Column("customers", role="people"),
            Column("share", "Share of sessions", unit="share", role="estimate"),
        ],
        caption="Where the sessions came from",
        within=None,
    )


@or_missing
def main_sources(found: Table) -> Sentence | Missing:
    """Return where most sessions came from, of :func:`sources`, in a sentence."""
    rows = found.frame.head(2).to_dict("records")
    if len(rows) < 2:
        return Missing("the sessions came from fewer than two channels")
    values: dict[str, Any] = {}
    for name, row in zip(("first", "second"), rows, strict=True):
        share = Remark("{x}", {"x": Amount(row["share"], "share", 0)})
        values |= {name: row["channel"], f"{name}_share": share}
    return Sentence(
        "Most sessions come from {first} ({first_share}) and {second} ({second_share}).", values
    )


def channels(study: Study, *, confidence: float = 0.95) -> Table | Missing:
    """Return what each channel of marketing brought and cost."""
    if not study.has("marketing"):
        return Missing("the study has no marketing")
    currency = study.currency
    rows = marketing.marketing_channels(
        study.frame("marketing"), currency=currency, confidence=confidence
    )
    return Table(
        frame=rows,
        columns=[
            Column("channel", role="name"),
            Column("days"),
            Column("impressions"),
            Column("clicks"),
            Column("cost", unit=currency),
            Column("click_through", "Click-through rate (CTR)", unit="share", role="estimate"),
            Column("cost_per_click", unit=currency, role="estimate"),
        ],
        caption="What each channel brought and cost",
    )


@documented
def arrivals_by(study: Study, *, confidence: float = 0.95) -> list[Table] | Missing:
    """Return the orders on time and the days late by carrier, method, region and month.

    Raises
    ------
    %(confidence_error)s
    """
    if not study.has("deliveries", "promised"):
        return _NO_PROMISES
    asked = [name for name in ("carrier", "method", "region") if study.has("deliveries", name)]
    orders = study.frame("orders") if study.has("orders") else None
    due = Due.of(study.frame("deliveries"), orders, *asked)
    return [_arrivals(due.by(by, confidence), by) for by in (*asked, "month")]


def _arrivals(rows: pd.DataFrame, by: str) -> Table:
    heading = {"month": "Promised for"}.get(by, "")
    return Table(
        frame=rows,
        columns=[
            Column(by, heading, "month" if by == "month" else None, "value" if heading else "name"),
            Column("orders"),
            Column("on_time", "On time", unit="share", role="estimate"),
            Column("late", "Late orders"),
            Column("days_late", "Median delay", unit="days", role="estimate"),
            Column("customers", role="people", is_shown=False),
        ],
        caption=_ARRIVALS[by],
        within=None,
    )


@documented
def after_late(
    study: Study, *, days: int = 90, confidence: float = 0.95
) -> deliveries.AfterDelivery | Missing:
    """Return who orders again after the first delivery, late or on time.

    Raises
    ------
    %(confidence_error)s
    """
    if not study.has("deliveries", "promised"):
        return _NO_PROMISES
    if not study.has("orders"):
        return Missing("the study has no orders")
    return deliveries.again_after(
        study.frame("deliveries"), study.frame("orders"), days=days, confidence=confidence
    )


def waits_by_channel(study: Study, *, confidence: float = 0.95) -> list[Table] | Missing:
    """Return the waits of each channel: for the first response, and for the resolution."""
    if not study.has("tickets"):
        return Missing("the study has no tickets")
    tickets = study.frame("tickets")
    asked: Any = (
        ("First response by channel", "first_response", "minutes"),
        ("Resolution by channel", "resolution", "hours"),
    )
    return [
        _waits(
            service.response_times(tickets, wait, unit=unit, confidence=confidence), caption, unit
        )
        for caption, wait, unit in asked
    ]


def waits_by_hours(study: Study, hours: str, *, confidence: float = 0.95) -> Table | Missing:
    """Return the waits for the first response to tickets opened within opening hours and outside.

    Parameters
    ----------
    study : Study
        The study.
    hours : str
        When somebody is there to answer, in the study's time zone: days with their blocks,
        separated by semicolons, such as ``"mon-fri 9:00-13:00, 14:00-18:00; sat 9:00-13:00"``.
    confidence : float, default 0.95
        Coverage of the intervals.

    Raises
    ------
    ValueError
        If the hours are none, as :class:`cxresearch.kpis.BusinessHours` says.
    """
    if not study.has("tickets"):
        return Missing("the study has no tickets")
    week = dict(part.strip().partition(" ")[::2] for part in hours.split(";"))
    office = BusinessHours(time_zone=study.manifest.time_zone, week=week)
    named = ["ticket_id", "customer_id", "day", "opened_us", "first_response_us", "resolved_us"]
    rows: Any = study.frame("tickets").select(*named).collect("pandas").to_native()
    is_open = office.seconds(rows["opened_us"], rows["opened_us"] + 1_000_000) > 0
    rows["moment"] = ["within opening hours" if one else "outside" for one in is_open]
    found = service.response_times(
        rows, "first_response", by="moment", unit="minutes", confidence=confidence
    )
    caption = "First response by when the ticket is opened; opening hours {hours}"
    return _waits(found, caption, "minutes", hours=hours_said(hours))


def _waits(rows: pd.DataFrame, caption: str, unit: str, **values: Any) -> Table:
    """Return a table of the waits of groups, named by their first column."""
    by = str(rows.columns[0])
    return Table(
        frame=rows,
        columns=[
            Column(
                by, "Opened" if by == "moment" else "", role="value" if by == "moment" else "name"
            ),
            Column("tickets"),
            Column("customers", role="people"),
            Column("waiting", "Still open"),
            Column("median", unit=unit, role="estimate"),
            Column("p90", "Nine in ten", unit=unit, role="estimate"),
        ],
        caption=caption,
        values=values,
        within=None,
    )


@documented
def orders_by_month(study: Study, earned: Estimates, *, confidence: float = 0.95) -> Table:
    """Return orders and revenue by month, checked against the totals.

    Parameters
    ----------
    %(study)s
    earned : Estimates
        Its :func:`money`.
    %(confidence)s

    Raises
    ------
    ReconciliationError
        If the months do not add up to the totals.
    """
    currency, orders = study.currency, study.frame("orders")
    rows = months.monthly(orders, currency=currency, confidence=confidence)
    prepared = _orders.prepared(orders)
    placed = prepared.filter(_orders.PLACED)
    priced, left_out = _orders.in_currency(placed, currency, every=prepared)
    months.reconcile(
        rows,
        gross=earned["gross_revenue"],
        net=earned["net_revenue"],
        orders=revenue.order_count(priced),
    )
    return Table(
        frame=rows,
        columns=[
            Column("month", unit="month"),
            Column("orders"),
            Column("gross", "Gross revenue", unit=currency),
            Column("net", "Net revenue", unit=currency),
            Column("order_value", "Average order value", unit=currency),
            Column("customers", "Independent units", role="people"),
            Column("complete", "Complete month"),
        ],
        caption=_MONTHS_PRICED if left_out else "Orders and revenue by month",
        values=_values(left_out),
        within=None,
    )


def orders_by_kind(study: Study, *, confidence: float = 0.95) -> Table:
    """Return the orders of new, returning and anonymous customers by month."""
    rows = customers.new_and_returning(
        study.frame("orders"), currency=study.currency, confidence=confidence
    )
    prepared = _orders.prepared(study.frame("orders"))
    sales = prepared.filter(_orders.SALE)
    _, left_out = _orders.in_currency(sales, study.currency, every=prepared)
    return Table(
        frame=rows,
        columns=[
            Column("month", unit="month"),
            Column("new"),
            Column("returning"),
            Column("anonymous"),
            Column("returning_share", "Returning share of revenue", unit="share", role="estimate"),
            Column("customers", "Known customers", role="people"),
        ],
        caption=_KINDS_PRICED
        if left_out
        else "Orders of new, returning and anonymous customers by month",
        values=_values(left_out),
        within=None,
    )


def _values(remarks: tuple[Remark, ...]) -> dict[str, Any]:
    """Return the values of the remarks together, to be said in a caption."""
    return {name: value for remark in remarks for name, value in remark.values.items()}


def churn_by_period(churn: Kpi, *, months: int) -> Table:
    """Return, per period of some months, the share of its customers who do not buy in the next."""
    return Table(
        frame=by_month(churn),
        columns=[
            Column("month", "No purchase in the period that begins in", unit="month"),
            Column("value", "Churn", unit="share", role="estimate"),
            Column("n", "Customers of the period before", role="people"),
        ],
        caption="Customers of one period of {period} months who do not buy in the next",
        values={"period": months},
        within=None,
    )


@documented
def other_choices(
    study: Study, earned: Estimates, *, largest: float, confidence: float = 0.95
) -> Table:
    """Return order value and revenue where anonymous or very large orders are left out.

    Parameters
    ----------
    %(study)s
    earned : Estimates
        Its :func:`money`.
    largest : float
        The share of the largest orders that is left out, 0-1.
    %(confidence)s
    """
    orders = study.frame("orders")
    known = _orders.without_anonymous(orders)
    usual = _orders.without_largest(orders, share=largest)
    named: dict[str, Any] = {"currency": study.currency, "confidence": confidence}
    rows = {
        "Average order value": earned["average_order_value"],
        "Average order value, known customers": order_values.average_order_value(known, **named),
        "Average order value, without the largest orders": order_values.average_order_value(
            usual, **named
        ),
        "Net revenue": earned["net_revenue"],
        "Net revenue, known customers": revenue.net_revenue(known, **named),
        "Gross revenue": earned["gross_revenue"],
        "Gross revenue, without the largest orders": revenue.gross_revenue(usual, **named),
    }
    same = Estimates(
        rows=rows, names={name: name for name in rows}, caption="", n="Independent units (n)"
    )
    return same.table().captioned(
        "The same numbers with one choice changed; largest orders: {largest} of all",
        largest=(largest, "share"),
    )
