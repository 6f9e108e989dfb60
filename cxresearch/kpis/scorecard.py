"""The sections of a scorecard: the indicators of a study that are read together.

Each takes an open study and gives its estimates under the names they are recorded by, or says what
the study lacks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cxresearch.core.documented import documented
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Remark, joined
from cxresearch.core.results import Estimated, parts
from cxresearch.core.table import Column, Estimates, Table
from cxresearch.kpis import (
    customers,
    loyalty,
    marketing,
    order_values,
    refunds,
    revenue,
    service,
    visits,
)
from cxresearch.kpis._due import Due
from cxresearch.kpis.carts import cart_abandonment, checkout_abandonment
from cxresearch.kpis.kpi import Kpi

if TYPE_CHECKING:
    from cxresearch.study import Study

_UNITS = "Independent units (n)"
_CUSTOMERS = "Customers (n)"


@documented
def money(study: Study, *, confidence: float = 0.95) -> Estimates:
    """Return what came in and what of it stayed: revenue, orders, order value, returns.

    Raises
    ------
    MissingTableError
        If the study has no orders.
    %(confidence_error)s
    """
    orders = study.frame("orders")
    named: dict[str, Any] = {"confidence": confidence}
    in_money = named | {"currency": study.currency}
    median, trimmed = order_values.usual_order_values(orders, **in_money)
    return Estimates(
        rows={
            "gross_revenue": revenue.gross_revenue(orders, **in_money),
            "net_revenue": revenue.net_revenue(orders, **in_money),
            "orders_placed": revenue.order_count(orders, **named),
            "average_order_value": order_values.average_order_value(orders, **in_money),
            "median_order_value": median,
            "trimmed_order_value": trimmed,
            "cancellation_rate": refunds.cancellation_rate(orders, **named),
            "return_rate": refunds.return_rate(orders, **named),
            "refund_rate": refunds.refund_rate(orders, **in_money),
        },
        names={
            "trimmed_order_value": "Trimmed mean order value",
            "cancellation_rate": "Cancellation rate",
            "return_rate": "Return rate",
            "refund_rate": "Share of revenue refunded",
        },
        caption="Revenue and orders",
        n=_UNITS,
    )


@documented
def returning(study: Study, *, period: int = 3, confidence: float = 0.95) -> Estimates:
    """Return whether customers come back, and what those bring who do.

    Parameters
    ----------
    %(study)s
    period : int, default 3
        The length of a period for churn, in whole months.
    %(confidence)s

    Raises
    ------
    MissingTableError
        If the study has no orders.
    %(confidence_error)s
    """
    orders = study.frame("orders")
    named: dict[str, Any] = {"confidence": confidence}
    in_money = named | {"currency": study.currency}
    return Estimates(
        rows={
            "repeat_purchase_rate": customers.repeat_purchase_rate(orders, **named),
            "second_order_rate": loyalty.second_order_rate(orders, **named),
            "purchase_frequency": customers.purchase_frequency(orders, **named),
            "churn_rate": loyalty.churn_rate(orders, months=period, **named),
            "returning_revenue_share": customers.returning_revenue_share(orders, **in_money),
            "returning_order_value_difference": customers.returning_order_value_difference(
                orders, **in_money
            ),
        },
        names={
            "second_order_rate": "Second order within 90 days",
            "purchase_frequency": "Orders per customer",
            "churn_rate": "Churn: no order in the next period",
            "returning_revenue_share": "Share of revenue from returning customers",
            "returning_order_value_difference": "Order value, returning minus new",
        },
        caption="Repeat purchase and returning customers",
        n=_CUSTOMERS,
    )


@documented
def abandonment(study: Study, *, confidence: float = 0.95) -> Estimates | Missing:
    """Return the carts and the checkouts that are abandoned, by session and by customer.

    Raises
    ------
    %(confidence_error)s
    """
    cart = study.manifest.cart
    if not study.has("events") or not cart:
        return Missing("the study has no events, or does not say which of them is a cart")
    events = study.frame("events")
    rows = {}
    for suffix, unit in (("", "session"), ("_by_customer", "customer")):
        asked: dict[str, Any] = {"purchase": cart.purchase, "unit": unit, "confidence": confidence}
        rows[f"cart_abandonment{suffix}"] = cart_abandonment(events, cart=cart.add, **asked)
        rows[f"checkout_abandonment{suffix}"] = checkout_abandonment(
            events, checkout=cart.checkout, **asked
        )
    names = {
        "cart_abandonment": "Carts abandoned, by session",
        "cart_abandonment_by_customer": "Carts abandoned, by customer",
        "checkout_abandonment": "Checkouts abandoned, by session",
        "checkout_abandonment_by_customer": "Checkouts abandoned, by customer",
    }
    return Estimates(
        rows={name: rows[name] for name in names},
        names=names,
        caption="Abandoned carts and checkouts",
        n=_CUSTOMERS,
    )


@documented
def conversion(study: Study, *, confidence: float = 0.95) -> Estimates | Missing:
    """Return how many visits and visitors end in a purchase.

    Raises
    ------
    %(confidence_error)s
    """
    cart = study.manifest.cart
    if not study.has("events") or not cart:
        return Missing("the study has no events, or does not say which is a purchase")
    events, bought = study.frame("events"), cart.purchase
    return Estimates(
        rows={
            "conversion_by_session": visits.conversion_rate(
                events, purchase=bought, confidence=confidence
            ),
            "conversion_by_visitor": visits.conversion_rate(
                events, purchase=bought, unit="customer", confidence=confidence
            ),
        },
        names={
            "conversion_by_session": "Conversion rate, by session",
            "conversion_by_visitor": "Conversion rate, by visitor",
        },
        caption="Visits that end in a purchase",
        n=_CUSTOMERS,
    )


def traffic(
    study: Study, sources: Table | Missing, *, confidence: float = 0.95
) -> Estimates | Missing:
    """Return the share of the sessions that come from the largest source.

    Parameters
    ----------
    study : Study
        The study.
    sources : Table or Missing
        Its :func:`sources`, the largest first.
    confidence : float, default 0.95
        Coverage of the intervals.
    """
    if isinstance(sources, Missing):
        return sources
    if len(sources.frame) < 2:
        return Missing("the sessions came from fewer than two channels")
    largest = str(sources.frame["channel"].iloc[0])
    share = visits.traffic_share(study.frame("events"), channel=largest, confidence=confidence)
    return Estimates(
        rows={"largest_source": share},
        names={"largest_source": Remark("Sessions from {channel}", {"channel": largest})},
        caption="Where the sessions came from",
        n=_CUSTOMERS,
    )


@documented
def clicks(study: Study, *, confidence: float = 0.95) -> Estimates | Missing:
    """Return how many impressions are clicked, and what a click costs.

    Raises
    ------
    %(confidence_error)s
    """
    if not study.has("marketing"):
        return Missing("the study has no marketing")
    spent = study.frame("marketing")
    return Estimates(
        rows={
            "click_through_rate": marketing.click_through_rate(spent, confidence=confidence),
            "cost_per_click": marketing.cost_per_click(
                spent, currency=study.currency, confidence=confidence
            ),
        },
        names={"click_through_rate": "Click-through rate (CTR)"},
        caption="Clicks and costs",
        n="Days (n)",
    )


@documented
def waits(study: Study, *, confidence: float = 0.95) -> Estimates | Missing:
    """Return how long customers wait for an answer and for a solution, and tickets per order.

    Without orders there are the waits alone.

    Raises
    ------
    %(confidence_error)s
    """
    if not study.has("tickets"):
        return Missing("the study has no tickets")
    tickets = study.frame("tickets")
    first: dict[str, Any] = {"unit": "minutes", "confidence": confidence}
    per_order = (
        {
            "tickets_per_order": service.tickets_per_order(
                tickets, study.frame("orders"), confidence=confidence
            )
        }
        if study.has("orders")
        else {}
    )
    return Estimates(
        rows={
            "first_response_median": service.first_response_time(tickets, **first),
            "first_response_p90": service.first_response_time(tickets, q=0.9, **first),
            "resolution_median": service.resolution_time(tickets, confidence=confidence),
            "resolution_p90": service.resolution_time(tickets, q=0.9, confidence=confidence),
            **per_order,
        },
        names={
            "first_response_median": "First response, median",
            "first_response_p90": "First response, nine in ten",
            "resolution_median": "Resolution, median",
            "resolution_p90": "Resolution, nine in ten",
        },
        caption="First response and resolution times",
        n=_UNITS,
    )


@documented
def arrivals(study: Study, *, confidence: float = 0.95) -> Estimates | Missing:
    """Return whether orders arrive when they were promised, and how late the late ones are.

    Raises
    ------
    %(confidence_error)s
    """
    if not study.has("deliveries", "promised"):
        return Missing("no delivery of the study has a promised date")
    orders = study.frame("orders") if study.has("orders") else None
    due = Due.of(study.frame("deliveries"), orders)
    return Estimates(
        rows={
            "on_time_rate": due.on_time(confidence),
            "days_late_median": due.days_late(0.5, confidence),
            "days_late_p90": due.days_late(0.9, confidence),
        },
        names={
            "on_time_rate": "Orders on time",
            "days_late_median": "Days late, median",
            "days_late_p90": "Days late, nine in ten",
        },
        caption="Deliveries",
        n=_UNITS,
    )


def definitions(*groups: Estimates | Missing, **single: Kpi) -> Table:
    """Return what each indicator counts, how its interval was found, and what to know.

    Parameters
    ----------
    *groups : Estimates or Missing
        The sections whose indicators are explained.
    **single : Kpi
        Indicators of no section, by the name they are recorded under.
    """
    import pandas as pd

    names = {"monthly_change": "Change of the last complete month"}
    groups = (*groups, Estimates(rows=single, names=names, caption=""))
    rows = [
        (group.name(name), group.definition(name), one.method, _note(one))
        for group in groups
        if not isinstance(group, Missing)
        for name, one in group.items()
    ]
    return Table(
        frame=pd.DataFrame(rows, columns=["indicator", "definition", "method", "note"]),
        columns=[Column("indicator"), Column("definition"), Column("method"), Column("note")],
        caption="Definitions, methods and notes",
    )


def _note(one: Estimated) -> Remark:
    remarks = one.remarks if isinstance(one, Kpi) else [*map(Remark, parts(one.note))]
    return joined(remarks, "; ")
