"""Repeat purchase and returning customers, re-derived by plain pandas."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cxresearch import kpis
from cxresearch.stats.shares.proportions import proportion
from tests.kpis.shop import ENGINES, in_engine, orders, random_orders


def plain_sales(frame):
    """Return the sales with who is new, by sorting and looking at each customer's first."""
    kept = frame["status"].isna() | (frame["status"] == "completed")
    sales = frame[kept & (frame["revenue"] > 0)].sort_values("ts_us")
    known = sales["customer_id"].notna()
    is_first = ~sales.duplicated("customer_id") & known
    kind = np.select([~known, is_first], ["anonymous", "new"], "returning")
    return sales.assign(kind=kind, month=sales["day"].dt.strftime("%Y-%m"))


def test_repeat_purchase_by_a_plainer_road():
    frame = random_orders(8)
    sales = plain_sales(frame)
    per_customer = sales["customer_id"].value_counts()
    result = kpis.repeat_purchase_rate(frame)
    expected = proportion(int((per_customer >= 2).sum()), len(per_customer))
    assert result.value == pytest.approx(expected.value)
    assert result.ci == pytest.approx(expected.ci)
    assert result.n == len(per_customer)
    anonymous = int(sales["customer_id"].isna().sum())
    assert anonymous > 0
    assert result.note == f"orders without a customer left out: {anonymous}"


def test_a_cancelled_second_order_is_no_repeat_purchase():
    frame = orders(
        [
            {"customer_id": "a", "revenue": 10},
            {"customer_id": "a", "revenue": 10, "status": "cancelled"},
            {"customer_id": "b", "revenue": 10},
            {"customer_id": "b", "revenue": 10},
        ]
    )
    result = kpis.repeat_purchase_rate(frame)
    assert (result.value, result.n, result.note) == (0.5, 2, "")


def test_no_known_customer():
    result = kpis.repeat_purchase_rate(orders([{"revenue": 10}]))
    assert math.isnan(result.value)
    assert result.note == (
        "undefined: there is nothing to count; orders without a customer left out: 1"
    )


def test_new_and_returning_by_a_plainer_road():
    frame = random_orders(9)
    sales = plain_sales(frame)
    priced = sales[sales["currency"].isna() | (sales["currency"] == "EUR")]
    result = kpis.new_and_returning(frame, currency="EUR")
    assert result["month"].tolist() == ["2026-01", "2026-02", "2026-03", "2026-04"]
    for row in result.itertuples():
        of_month = priced[priced["month"] == row.month]
        revenue = of_month.groupby("kind")["revenue"].sum()
        for kind in ("new", "returning", "anonymous"):
            assert getattr(row, kind) == (of_month["kind"] == kind).sum()
            assert getattr(row, f"{kind}_revenue") == pytest.approx(revenue.get(kind, 0))
        known = revenue["new"] + revenue["returning"]
        assert row.returning_share == pytest.approx(revenue["returning"] / known)
        assert row.returning_share_low < row.returning_share < row.returning_share_high
        assert row.customers == of_month["customer_id"].nunique()
    assert result["left_censored"].tolist() == [True, False, False, False]


def test_share_and_difference_by_a_plainer_road():
    frame = random_orders(10)
    sales = plain_sales(frame)
    priced = sales[sales["currency"].isna() | (sales["currency"] == "EUR")]
    by_kind = priced.groupby("kind")["revenue"]
    total, mean = by_kind.sum(), by_kind.mean()
    share = kpis.returning_revenue_share(frame, currency="EUR")
    assert share.value == pytest.approx(total["returning"] / (total["new"] + total["returning"]))
    assert 0 <= share.ci.low < share.value < share.ci.high <= 1
    difference = kpis.returning_order_value_difference(frame, currency="EUR")
    assert difference.value == pytest.approx(mean["returning"] - mean["new"])
    assert difference.n == share.n == priced["customer_id"].nunique()
    assert "earlier customers count as new" in share.note
    assert "orders in another currency left out: " in difference.note


def test_the_difference_clusters_a_customer_who_is_in_both_groups():
    # Each customer's later order is worth 5 to 7 more than the first, whatever the customer
    # spends: the pairs tell the difference apart, two separate groups of orders would not.
    rng = np.random.default_rng(4)
    level = rng.uniform(10, 500, 40)
    rows = [{"customer_id": f"c{i}", "revenue": level[i], "day": "2026-01-01"} for i in range(40)]
    rows += [
        {"customer_id": f"c{i}", "revenue": level[i] + 5 + i % 3, "day": "2026-02-01"}
        for i in range(40)
    ]
    result = kpis.returning_order_value_difference(orders(rows), currency="EUR")
    paired = np.array([5 + i % 3 for i in range(40)])
    margin = 2.0226909200367604 * paired.std(ddof=1) / math.sqrt(40)  # t, 39 degrees of freedom
    assert result.value == pytest.approx(paired.mean())
    assert result.ci == pytest.approx((result.value - margin, result.value + margin), rel=1e-4)


@pytest.mark.parametrize("engine", ENGINES)
def test_of_sales_at_one_moment_one_is_the_first(engine):
    rows = [("o2", "a", 10), ("o1", "a", 20), ("o3", "b", 30), ("o4", None, 40), ("o5", None, 5)]
    names = ["order_id", "customer_id", "revenue"]
    frame = orders([{**dict(zip(names, row, strict=True)), "ts_us": 5} for row in rows])
    found = in_engine(frame, engine)
    row = kpis.new_and_returning(found, currency="EUR").iloc[0]
    assert (row["new"], row["returning"], row["anonymous"]) == (2, 1, 2)
    assert (row["new_revenue"], row["returning_revenue"]) == (20 + 30, 10)
    assert kpis.repeat_purchase_rate(found).value == 1 / 2


@pytest.mark.parametrize("seed", range(3))
def test_who_buys_again_is_one_rule(seed):
    # Hours are not known, so many sales share a moment.
    frame = random_orders(seed)
    frame["ts_us"] = frame["day"].astype("datetime64[us]").astype("int64")
    euros = frame.assign(currency="EUR")
    sales = kpis.new_and_returning(euros, currency="EUR")
    repeat = kpis.repeat_purchase_rate(euros)
    frequency = kpis.purchase_frequency(euros)
    assert sales["new"].sum() == repeat.n
    assert sales["returning"].sum() == pytest.approx((frequency.value - 1) * repeat.n)


def test_a_customer_for_every_order_is_remarked_on():
    rows = [{"customer_id": f"c{i}", "revenue": 10} for i in range(20)]
    said = "every order has a customer of its own"
    assert said in kpis.repeat_purchase_rate(orders(rows)).note
    assert said in kpis.returning_revenue_share(orders(rows), currency="EUR").note
    assert said not in kpis.repeat_purchase_rate(orders(rows[:19])).note
    assert said not in kpis.repeat_purchase_rate(orders([*rows, rows[0]])).note


def test_who_is_new_is_settled_over_all_currencies():
    frame = orders(
        [
            {"customer_id": "a", "revenue": 10, "currency": "USD"},
            {"customer_id": "a", "revenue": 30, "currency": "EUR"},
        ]
    )
    row = kpis.new_and_returning(frame, currency="EUR").iloc[0]
    assert (row["new"], row["returning"]) == (0, 1)


def test_nobody_returned():
    frame = orders([{"customer_id": "a", "revenue": 10}, {"customer_id": "b", "revenue": 20}])
    assert kpis.returning_revenue_share(frame, currency="EUR").value == 0
    difference = kpis.returning_order_value_difference(frame, currency="EUR")
    assert math.isnan(difference.value)
    assert difference.note.startswith("undefined: ")


def test_no_orders_have_no_months():
    empty = orders([{"revenue": 1}]).iloc[:0]
    assert kpis.new_and_returning(empty, currency="EUR").empty
    assert kpis.monthly(empty, currency="EUR").empty
