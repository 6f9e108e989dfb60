"""An order that is flagged as undone and has refunds of its own is undone once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxresearch import kpis
from tests.kpis.shop import ENGINES, in_engine, orders

FOUR = [{"customer_id": customer, "revenue": 20, "day": "2026-01-01"} for customer in "abcd"]


def undone(order_id, revenue, status, day="2026-01-09", customer="e"):
    return {
        "order_id": order_id,
        "customer_id": customer,
        "revenue": revenue,
        "status": status,
        "day": day,
    }


CASES = {
    # name: (rows beside four kept orders of 20, net, gross, cancellations, returns)
    "flag only": ([undone("5", 20, "cancelled")], 80, 100, 1, 0),
    "document only": (
        [undone("5", 20, "completed"), undone("R5", -20, "returned", "2026-01-10")],
        80, 100, 0, 1,
    ),
    "flag and document": (
        [undone("5", 20, "cancelled"), undone("R5", -20, "cancelled", "2026-01-10")],
        80, 100, 1, 0,
    ),
    "a document of another status": (
        [undone("5", 20, "cancelled"), undone("R5", -20, "returned", "2026-01-10")],
        80, 100, 1, 0,
    ),
    "a document without a status": (
        [undone("5", 20, "returned"), undone("R5", -20, None, "2026-01-10")],
        80, 100, 0, 1,
    ),
    "part of it paid back": (
        [undone("5", 20, "returned"), undone("R5", -5, "returned", "2026-01-10")],
        95, 100, 0, 1,
    ),
    "paid back in two parts": (
        [
            undone("5", 20, "returned"),
            undone("x", -5, "returned", "2026-01-10"),
            undone("y", -7, "returned", "2026-02-10"),
        ],
        88, 100, 0, 1,
    ),
    "on the same day, the document first in the file": (
        [undone("R5", -20, "returned"), undone("5", 20, "returned")],
        80, 100, 0, 1,
    ),
    "two alike, both with a document": (
        [
            undone("5", 20, "returned"),
            undone("6", 20, "returned"),
            undone("x", -20, "returned", "2026-01-10"),
            undone("y", -20, "returned", "2026-01-11"),
        ],
        80, 120, 0, 2,
    ),
    "two alike, one with a document": (
        [
            undone("5", 20, "returned"),
            undone("6", 20, "returned"),
            undone("x", -20, "returned", "2026-01-10"),
        ],
        80, 120, 0, 2,
    ),
    "a document for an order that was kept": (
        [
            undone("5", 20, "cancelled"),
            undone("6", 15, "completed"),
            undone("x", -15, "returned", "2026-01-10"),
        ],
        80, 115, 1, 1,
    ),
    "the number says which of two": (
        [
            undone("5", 20, "returned"),
            undone("6", 30, "returned", "2026-01-09"),
            undone("R5", -5, "returned", "2026-01-10"),
        ],
        80 + 20 - 5, 130, 0, 2,
    ),
    "a document worth more than what is flagged": (
        [undone("5", 20, "cancelled"), undone("x", -45, "returned", "2026-01-10")],
        80 - 45, 100, 1, 1,
    ),
    "a document of another customer": (
        [undone("5", 20, "cancelled"), undone("x", -20, "returned", "2026-01-10", "f")],
        60, 100, 1, 1,
    ),
    "a document before the order": (
        [undone("5", 20, "cancelled"), undone("x", -20, "returned", "2026-01-02")],
        60, 100, 1, 1,
    ),
    "no customer, but a number": (
        [undone("5", 20, "cancelled", customer=None),
         undone("5-refund", -20, "returned", "2026-01-10", None)],
        80, 100, 1, 0,
    ),
    "no customer and no number": (
        [undone("5", 20, "cancelled", customer=None),
         undone("x", -20, "returned", "2026-01-10", None)],
        60, 100, 1, 1,
    ),
}  # fmt: skip


def of_days(frame):
    """Return orders of which the day is known, not the hour."""
    return frame.assign(ts_us=frame["day"].astype("datetime64[us]").astype("int64"))


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_by_hand(case):
    rows, net, gross, cancelled, returned = CASES[case]
    frame = of_days(orders([*FOUR, *rows]))
    placed = 4 + sum(row["revenue"] > 0 for row in rows)
    assert kpis.net_revenue(frame, currency="EUR").value == net
    assert kpis.gross_revenue(frame, currency="EUR").value == gross
    refunds = kpis.refund_rate(frame, currency="EUR").value
    assert refunds == pytest.approx((gross - net) / gross)
    assert kpis.cancellation_rate(frame).value == pytest.approx(cancelled / placed)
    assert kpis.return_rate(frame).value == pytest.approx(returned / placed)
    months = kpis.monthly(frame, currency="EUR")
    assert months["net"].sum() == pytest.approx(net)


@pytest.mark.slow
def test_the_refund_falls_in_its_own_month():
    rows = [undone("5", 20, "returned"), undone("R5", -20, "returned", "2026-02-10")]
    frame = orders([*FOUR, *rows])
    months = kpis.monthly(frame, currency="EUR")
    assert months["net"].tolist() == [100, -20]
    total = kpis.net_revenue(frame, currency="EUR")
    kpis.reconcile(
        months,
        gross=kpis.gross_revenue(frame, currency="EUR"),
        net=total,
        orders=kpis.order_count(frame),
    )
    assert "that also have a refund of their own, counted once: 1" in total.note


def test_nothing_is_said_where_each_order_has_one_form():
    frame = orders([*FOUR, undone("5", 20, "cancelled")])
    assert kpis.net_revenue(frame, currency="EUR").note == ""


def test_orders_worth_nothing_count_in_neither_number():
    gift = {"order_id": "7", "customer_id": "g", "revenue": 0, "status": "cancelled"}
    frame = orders([*FOUR, undone("5", 20, "cancelled"), gift])
    rate = kpis.cancellation_rate(frame)
    assert rate.value == pytest.approx(1 / 5)
    assert "orders worth nothing left out: 1" in rate.note


def net_by_hand(frame):
    """Walk through the rules document by document, on plain rows."""
    rows = frame.sort_values(["ts_us", "revenue"], ascending=[True, False]).to_dict("records")
    placed = [row for row in rows if row["revenue"] > 0]
    documents = [row for row in rows if row["revenue"] < 0]
    flagged = [row for row in placed if row["status"] in ("cancelled", "returned")]
    exact, settled, left = set(), set(), []

    def before(order, document):
        same = order["customer_id"] == document["customer_id"]
        return same and order["ts_us"] <= document["ts_us"]

    for document in documents:
        fits = [
            order
            for order in flagged
            if before(order, document)
            and order["revenue"] == -document["revenue"]
            and order["order_id"] not in exact
        ]
        if fits:
            exact.add(fits[0]["order_id"])
        else:
            left.append(document)
    for document in left:
        kept = [order for order in placed if order not in flagged and before(order, document)]
        if any(order["revenue"] == -document["revenue"] for order in kept):
            continue
        fits = [o for o in flagged if before(o, document) and o["order_id"] not in exact]
        if fits and fits[-1]["revenue"] >= -document["revenue"]:
            settled.add(fits[-1]["order_id"])
    settled |= exact
    return sum(row["revenue"] for row in rows if row not in flagged or row["order_id"] in settled)


def odd_orders(seed):
    """Return orders of few customers and few values, so that every rule has work to do."""
    rng = np.random.default_rng(seed)
    n = 60
    status = rng.choice(["completed", "cancelled", "returned"], n, p=[0.5, 0.25, 0.25])
    value = rng.choice([10.0, 20.0, 30.0], n)
    document = (status != "completed") & (rng.random(n) < 0.5)
    return pd.DataFrame(
        {
            "order_id": [f"o{chr(97 + i % 26)}{'x' * (i // 26)}" for i in range(n)],
            "customer_id": rng.choice(["a", "b", "c", "d", "e"], n),
            "day": pd.Timestamp("2026-01-15"),
            "ts_us": rng.permutation(n),
            "revenue": np.where(document, -value, value),
            "currency": None,
            "status": status,
        }
    )


@pytest.mark.parametrize("seed", range(8))
def test_by_a_plainer_road(seed):
    frame = odd_orders(seed)
    assert kpis.net_revenue(frame, currency="EUR").value == net_by_hand(frame)


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_gives_the_same(engine):
    frame = odd_orders(1)
    there = kpis.net_revenue(in_engine(frame, engine), currency="EUR")
    here = kpis.net_revenue(frame, currency="EUR")
    assert (there.value, there.note) == (here.value, here.note)
