"""The small shop that the examples in the docstrings are worked on."""

from __future__ import annotations

import pandas as pd

#: Four orders kept, one flagged as cancelled, and one cancellation document.
ORDERS = pd.DataFrame(
    [
        ("1", "anna", "2026-01-01", 30.0, None),
        ("2", "bruno", "2026-01-20", 20.0, "completed"),
        ("3", "anna", "2026-02-03", 50.0, "completed"),
        ("4", None, "2026-02-10", 40.0, "completed"),
        ("5", "bruno", "2026-02-14", 40.0, "cancelled"),
        ("6", "anna", "2026-02-28", -20.0, "cancelled"),
    ],
    columns=["order_id", "customer_id", "day", "revenue", "status"],
).assign(
    day=lambda orders: pd.to_datetime(orders["day"]),
    ts_us=lambda orders: orders["day"].astype("datetime64[us]").astype("int64"),
    currency="EUR",
)

#: Three carts: one bought at once, one left and never bought, one bought in a later session.
EVENTS = pd.DataFrame(
    [
        ("anna", "a1", 1, "add_to_cart"),
        ("anna", "a1", 2, "purchase"),
        ("bruno", "b1", 1, "add_to_cart"),
        ("carla", "c1", 1, "add_to_cart"),
        ("carla", "c2", 9, "purchase"),
    ],
    columns=["customer_id", "session_id", "ts_us", "event"],
).assign(day=pd.Timestamp("2026-01-15"), channel="email")

#: Two days of two channels.
MARKETING = pd.DataFrame(
    [
        ("2026-01-31", "email", 500, 10, 4.0),
        ("2026-01-31", "search", 500, 10, 6.0),
        ("2026-02-01", "email", 500, 20, 5.0),
        ("2026-02-01", "search", 500, 10, 10.0),
    ],
    columns=["day", "channel", "impressions", "clicks", "cost"],
).assign(day=lambda rows: pd.to_datetime(rows["day"]))

_OPENED_US = 1_767_225_600_000_000
_HOUR_US = 3_600_000_000
#: Four tickets of one day: answered after 1, 2 and 4 hours and resolved after a day, or not yet.
TICKETS = pd.DataFrame(
    [("1", "anna", 1, 24), ("2", "anna", 2, 24), ("3", "bruno", 4, 24), ("4", None, None, None)],
    columns=["ticket_id", "customer_id", "answered_h", "resolved_h"],
).assign(
    day=pd.Timestamp("2026-01-01"),
    channel="chat",
    opened_us=_OPENED_US,
    first_response_us=lambda tickets: _OPENED_US + tickets["answered_h"] * _HOUR_US,
    resolved_us=lambda tickets: _OPENED_US + tickets["resolved_h"] * _HOUR_US,
)

_DAY_US = 24 * _HOUR_US
#: Four orders promised for the fifth day: two came by then, one three days later, one has not yet.
DELIVERIES = pd.DataFrame(
    [("1", 4, "Vela"), ("2", 5, "Vela"), ("3", 8, "Vela"), ("4", None, "Ponte")],
    columns=["order_id", "day", "carrier"],
).assign(
    shipped_us=_OPENED_US,
    promised_us=_OPENED_US + 5 * _DAY_US,
    delivered_us=lambda parcels: _OPENED_US + parcels["day"] * _DAY_US,
)
