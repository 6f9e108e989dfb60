"""Revenue and order value, re-derived by plain pandas, and the rules one by one."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch import kpis
from cxresearch.core.unit_sums import RatioSums
from cxresearch.stats.means.ratios import ratio_of_sums
from tests.kpis.shop import one_form, orders, random_orders


@pytest.mark.parametrize(
    ("status", "revenue", "gross", "net", "is_sale"),
    [
        (None, 50, 50, 50, True),
        ("completed", 50, 50, 50, True),
        ("cancelled", 50, 50, 0, False),
        ("returned", 50, 50, 0, False),
        ("cancelled", -50, 0, -50, False),
        ("returned", -50, 0, -50, False),
        ("completed", -50, 0, -50, False),
        ("completed", 0, 0, 0, False),
    ],
)
def test_what_an_order_counts_as(status, revenue, gross, net, is_sale):
    # Beside one plain sale of 10, so that nothing is undefined.
    frame = orders(
        [
            {"customer_id": "a", "revenue": 10},
            {"customer_id": "b", "revenue": revenue, "status": status},
        ]
    )
    assert kpis.gross_revenue(frame, currency="EUR").value == 10 + gross
    assert kpis.net_revenue(frame, currency="EUR").value == 10 + net
    assert kpis.order_count(frame).value == 1 + (revenue > 0)
    mean = (10 + revenue) / 2 if is_sale else 10
    assert kpis.average_order_value(frame, currency="EUR").value == mean


def test_totals_by_a_plainer_road():
    frame = one_form(random_orders(4))
    mine = frame[frame["currency"].isna() | (frame["currency"] == "EUR")]
    positive = mine[mine["revenue"] > 0]
    kept = positive[positive["status"].isna() | (positive["status"] == "completed")]
    paid_back = mine[mine["revenue"] < 0]
    gross = kpis.gross_revenue(frame, currency="EUR")
    net = kpis.net_revenue(frame, currency="EUR")
    assert gross.value == pytest.approx(positive["revenue"].sum())
    assert net.value == pytest.approx(kept["revenue"].sum() + paid_back["revenue"].sum())
    assert kpis.order_count(frame).value == (frame["revenue"] > 0).sum()

    by_customer = positive.fillna({"customer_id": positive["order_id"]}).groupby("customer_id")
    amounts = by_customer["revenue"].sum()
    assert gross.n == len(amounts)
    margin = 1.959963984540054 * math.sqrt((amounts**2).sum())
    assert gross.ci == pytest.approx((gross.value - margin, gross.value + margin))


def test_order_value_is_clustered_by_customer_and_anonymous_orders_stand_alone():
    frame = orders(
        [
            {"customer_id": "a", "revenue": 10},
            {"customer_id": "a", "revenue": 30},
            {"customer_id": "b", "revenue": 20},
            {"revenue": 60},
            {"revenue": 40},
        ]
    )
    expected = ratio_of_sums(RatioSums.from_arrays([40, 20, 60, 40], [2, 1, 1, 1]), unit="EUR")
    result = kpis.average_order_value(frame, currency="EUR")
    assert result.value == 32
    assert result.n == 4
    assert result.ci == pytest.approx(expected.ci)


def test_a_customer_named_like_an_order_is_not_that_order():
    frame = orders([{"customer_id": "o1", "revenue": 10}, {"revenue": 20}])
    assert kpis.order_count(frame).n == 2


def test_other_currencies_are_left_out_and_counted():
    frame = orders(
        [
            {"revenue": 10, "currency": "EUR"},
            {"revenue": 20},
            {"revenue": 99, "currency": "USD"},
            {"revenue": 98, "currency": "USD", "status": "cancelled"},
        ]
    )
    for function, left_out in (
        (kpis.gross_revenue, 2),
        (kpis.net_revenue, 2),
        (kpis.average_order_value, 1),
    ):
        result = function(frame, currency="EUR")
        assert result.note == f"orders in another currency left out: {left_out}"
    assert kpis.gross_revenue(frame, currency="EUR").value == 30
    assert kpis.gross_revenue(frame, currency="EUR").unit == "EUR"


def test_cancellations_flagged_and_as_documents():
    frame = orders(
        [
            {"customer_id": "a", "revenue": 10},
            {"customer_id": "a", "revenue": 10, "status": "cancelled"},
            {"customer_id": "b", "revenue": 10},
            {"customer_id": "b", "revenue": -10, "status": "cancelled"},
            {"customer_id": "c", "revenue": 10, "status": "returned"},
        ]
    )
    cancelled, returned = kpis.cancellation_rate(frame), kpis.return_rate(frame)
    assert cancelled.value == 2 / 4
    assert returned.value == 1 / 4
    assert cancelled.ci.low >= 0
    assert cancelled.ci.low < cancelled.value < cancelled.ci.high


def test_more_cancellations_than_orders_are_told_as_they_are():
    frame = orders([{"revenue": 10}, *({"revenue": -5, "status": "cancelled"} for _ in range(3))])
    assert kpis.cancellation_rate(frame).value == 3


def test_no_orders_at_all():
    empty = orders([{"revenue": 1}]).iloc[:0]
    for result in (
        kpis.gross_revenue(empty, currency="EUR"),
        kpis.net_revenue(empty, currency="EUR"),
        kpis.average_order_value(empty, currency="EUR"),
        kpis.order_count(empty),
        kpis.cancellation_rate(empty),
    ):
        assert math.isnan(result.value)
        assert result.n == 0
        assert result.note.startswith("undefined: ")


@settings(max_examples=15)
@given(st.integers(0, 50), st.sampled_from([0.5, 2.0, 10.0]))
def test_other_prices_scale_order_value_and_interval(seed, factor):
    frame = random_orders(seed, 60)
    plain = kpis.average_order_value(frame, currency="EUR")
    dearer = kpis.average_order_value(
        frame.assign(revenue=frame["revenue"] * factor), currency="EUR"
    )
    assert dearer.value == pytest.approx(plain.value * factor)
    assert dearer.ci == pytest.approx(tuple(bound * factor for bound in plain.ci), rel=1e-6)


@pytest.mark.slow
@settings(max_examples=8)
@given(st.integers(0, 50), st.floats(0.01, 1e5))
def test_an_order_cancelled_at_once_changes_no_net(seed, value):
    frame = random_orders(seed, 60)
    stranger = orders([{"order_id": "new", "revenue": value, "status": "cancelled"}])
    more = pd.concat([frame, stranger], ignore_index=True)
    net, net_more = (kpis.net_revenue(some, currency="EUR") for some in (frame, more))
    assert net_more.value == pytest.approx(net.value)
    assert net_more.ci == pytest.approx(net.ci)
    gross, gross_more = (kpis.gross_revenue(some, currency="EUR") for some in (frame, more))
    assert gross_more.value == pytest.approx(gross.value + value)
    order_value = kpis.average_order_value(frame, currency="EUR")
    assert kpis.average_order_value(more, currency="EUR") == order_value


def test_bad_confidence_is_worded():
    with pytest.raises(ValueError, match=r"^confidence must be strictly between 0 and 1; got 95$"):
        kpis.net_revenue(random_orders(1, 20), currency="EUR", confidence=95)
