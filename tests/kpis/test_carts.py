"""Abandonment: what counts as a cart, as bought, and as one unit."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from cxresearch import kpis
from cxresearch.core.unit_sums import RatioSums
from cxresearch.stats.shares.proportions import clustered_proportion
from tests.kpis.shop import ENGINES, in_engine

# customer, session, time, event
ROWS = [
    ("a", "1", 1, "add"), ("a", "1", 2, "pay"),  # bought
    ("a", "2", 3, "pay"), ("a", "2", 4, "add"),  # bought before, then abandoned
    ("b", "1", 1, "add"), ("b", "1", 1, "pay"),  # bought in the same microsecond
    ("b", "3", 5, "view"), ("b", "3", 6, "pay"),  # no cart
    ("c", "4", 1, "add"), ("c", "4", 2, "add"),  # abandoned
    ("c", "5", 9, "add"), ("c", "5", 10, "pay"),  # bought
    ("d", "6", 1, "add"),  # abandoned
]  # fmt: skip


def events(rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "session_id", "ts_us", "event"])
    return frame.assign(day=pd.Timestamp("2026-01-15"))


@pytest.mark.parametrize("engine", ENGINES)
def test_by_session_clustered_by_customer(engine):
    frame = in_engine(events(ROWS), engine)
    result = kpis.cart_abandonment(frame, cart="add", purchase="pay")
    # Sessions with a cart: a 2 (1 left), b 1 (0), c 2 (1), d 1 (1).
    expected = clustered_proportion(RatioSums.from_arrays([1, 0, 1, 1], [2, 1, 2, 1]))
    assert result.value == 0.5
    assert result.ci == pytest.approx(expected.ci)
    assert (result.n, result.unit, result.note) == (4, "share", "")


def test_by_customer_a_later_purchase_counts():
    result = kpis.cart_abandonment(events(ROWS), cart="add", purchase="pay", unit="customer")
    assert (result.value, result.n) == (1 / 4, 4)
    assert "customers" in result.definition


def test_by_customer_each_month_counts_its_own_carts():
    frame = events(
        [
            ("a", "1", 1, "add"), ("a", "2", 5, "add"), ("a", "2", 6, "pay"),
            ("b", "1", 1, "add"), ("b", "2", 5, "pay"),
        ]
    )  # fmt: skip
    frame["day"] = pd.to_datetime(
        ["2026-01-01", "2026-02-28", "2026-02-28", "2026-01-31", "2026-02-01"]
    )
    by_customer = kpis.cart_abandonment(frame, cart="add", purchase="pay", unit="customer")
    assert by_customer.value == 0
    # In January both left a cart; in February a bought one, and b had none.
    assert kpis.by_month(by_customer)["value"].tolist() == [1, 0]
    assert kpis.by_month(by_customer)["n"].tolist() == [2, 1]


def test_a_checkout_is_abandoned_likewise():
    frame = events([("a", "1", 1, "add"), ("a", "1", 2, "begin"), ("b", "2", 1, "pay")])
    result = kpis.checkout_abandonment(frame, checkout="begin", purchase="pay")
    assert (result.value, result.n) == (1, 1)
    assert "checkout" in result.definition


def test_one_session_name_of_two_customers_is_two_sessions():
    frame = events([("a", "1", 1, "add"), ("b", "1", 2, "pay"), ("c", "2", 1, "add")])
    assert kpis.cart_abandonment(frame, cart="add", purchase="pay").value == 1


def test_events_without_a_session_are_left_out_and_counted():
    frame = events([*ROWS, ("e", None, 1, "add"), ("e", None, 2, "view")])
    result = kpis.cart_abandonment(frame, cart="add", purchase="pay")
    assert result.value == 0.5
    assert result.note == "events without a session left out: 1"
    by_customer = kpis.cart_abandonment(frame, cart="add", purchase="pay", unit="customer")
    assert (by_customer.value, by_customer.note) == (2 / 5, "")


def test_no_sessions_at_all():
    frame = events([("a", None, 1, "add"), ("a", None, 2, "pay")])
    result = kpis.cart_abandonment(frame, cart="add", purchase="pay")
    assert math.isnan(result.value)
    assert result.note.endswith("needs session_id, which no event has")


def test_no_cart_at_all():
    result = kpis.cart_abandonment(events(ROWS), cart="basket", purchase="pay")
    assert math.isnan(result.value)
    assert result.n == 0


@pytest.mark.parametrize("unit", ["session", "customer"])
@pytest.mark.parametrize(
    ("asked", "names"),
    [(("add", "payy"), "payy (pay?)"), (("ad", "pay"), "ad (add?)"), (("x", "zz"), "x, zz")],
)
def test_what_no_event_is_named_like_is_not_measured(asked, names, unit):
    # With a purchase that never happens every cart would be abandoned.
    cart, purchase = asked
    result = kpis.cart_abandonment(events(ROWS), cart=cart, purchase=purchase, unit=unit)
    assert math.isnan(result.value)
    assert f"not measured, since no event is named: {names}" in result.note.split("; ")


def test_another_unit_is_refused():
    with pytest.raises(
        ValueError, match=r"^unit must be one of 'session', 'customer'; got 'visit'$"
    ):
        kpis.cart_abandonment(events(ROWS), cart="add", purchase="pay", unit="visit")
