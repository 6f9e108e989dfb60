"""Orders without a part of them."""

from __future__ import annotations

import pytest

from cxresearch import kpis
from tests.kpis.shop import orders

FRAME = orders(
    [{"customer_id": "a" if value % 2 else None, "revenue": value} for value in range(1, 101)]
    + [{"customer_id": "b", "revenue": -500, "status": "cancelled"}]
)


def test_known_customers_only():
    left = kpis.without_anonymous(FRAME).collect()
    assert len(left) == 51
    assert left["customer_id"].is_null().sum() == 0


def test_the_largest_orders_go_and_paybacks_stay():
    # The 95 % point of 1...100, interpolated, is 95.05.
    left = kpis.without_largest(FRAME, share=0.05).collect()
    assert sorted(left["revenue"].to_list()) == [-500.0, *map(float, range(1, 96))]


def test_without_any_order_there_is_nothing_to_leave_out():
    paybacks = FRAME[FRAME["revenue"] < 0]
    assert len(kpis.without_largest(paybacks).collect()) == 1


def test_a_share_is_wanted():
    with pytest.raises(ValueError, match=r"^share must be strictly between 0 and 1; got 1$"):
        kpis.without_largest(FRAME, share=1)
