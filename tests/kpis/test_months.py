"""Months: what falls in them, which are whole, and how the last one compares."""

from __future__ import annotations

import math

import pytest

from cxresearch import kpis
from cxresearch.core.unit_sums import RatioSums
from cxresearch.errors import ReconciliationError
from cxresearch.stats.means.ratios import ratio_of_sums
from tests.kpis.shop import one_form, orders, random_orders


def days(*pairs):
    return orders([{"customer_id": c, "day": d, "revenue": r} for c, d, r in pairs])


@pytest.mark.slow
def test_months_by_a_plainer_road():
    frame = one_form(random_orders(6))
    mine = frame[frame["currency"].isna() | (frame["currency"] == "EUR")]
    for row in kpis.monthly(frame, currency="EUR").itertuples():
        of_month = mine[mine["day"].dt.strftime("%Y-%m") == row.month]
        assert row.orders == (of_month["revenue"] > 0).sum()
        assert row.gross == pytest.approx(of_month["revenue"].clip(lower=0).sum())
        assert row.net == pytest.approx(kpis.net_revenue(of_month, currency="EUR").value)
        assert (row.net_low, row.net_high) == pytest.approx(
            kpis.net_revenue(of_month, currency="EUR").ci
        )
        alone = kpis.average_order_value(of_month, currency="EUR")
        assert row.order_value == pytest.approx(alone.value)
        assert (row.order_value_low, row.order_value_high) == pytest.approx(alone.ci)


def test_a_month_without_orders_is_there():
    months = kpis.monthly(
        days(("a", "2025-11-01", 10), ("b", "2025-11-09", 20), ("a", "2026-01-31", 30)),
        currency="EUR",
    )
    assert months["month"].tolist() == ["2025-11", "2025-12", "2026-01"]
    assert months["orders"].tolist() == [2, 0, 1]
    assert months["net"].tolist() == [30, 0, 30]
    assert math.isnan(months["order_value"][1])
    assert math.isnan(months["net_low"][1])


@pytest.mark.parametrize(
    ("first", "last", "complete"),
    [
        ("2026-01-01", "2026-03-31", [True, True, True]),
        ("2026-01-02", "2026-03-31", [False, True, True]),
        ("2026-01-01", "2026-03-30", [True, True, False]),
        ("2028-02-02", "2028-02-29", [False]),
        ("2028-02-01", "2028-02-29", [True]),
        ("2027-12-05", "2028-02-28", [False, True, False]),
    ],
)
def test_only_months_covered_from_end_to_end_are_whole(first, last, complete):
    months = kpis.monthly(days(("a", first, 10), ("b", last, 10)), currency="EUR")
    assert months["complete"].tolist() == complete


def test_the_change_of_the_last_whole_month():
    frame = days(
        ("a", "2026-01-01", 500),
        ("a", "2026-02-10", 100),
        ("b", "2026-02-11", 50),
        ("a", "2026-03-10", 80),
        ("c", "2026-03-31", 130),
        ("c", "2026-04-02", 999),
    )
    # March (80 + 130) against February (100 + 50), by customer: a 80/100, b 0/50, c 130/0.
    expected = ratio_of_sums(RatioSums.from_arrays([80, 0, 130], [100, 50, 0]), unit="share")
    result = kpis.monthly_change(frame, currency="EUR")
    assert result.value == pytest.approx(210 / 150 - 1)
    assert result.ci == pytest.approx(tuple(bound - 1 for bound in expected.ci))
    assert (result.n, result.note) == (3, "Mar 2026 against Feb 2026")


def test_a_change_needs_two_whole_months():
    result = kpis.monthly_change(
        days(("a", "2026-01-02", 1), ("a", "2026-02-28", 1)), currency="EUR"
    )
    assert math.isnan(result.value)
    assert result.note.endswith("the data do not cover two complete months")


def test_a_month_that_paid_back_more_than_it_earned_has_no_change():
    frame = days(("a", "2026-01-01", -5), ("b", "2026-02-28", 10))
    result = kpis.monthly_change(frame, currency="EUR")
    assert math.isnan(result.value)
    assert result.note == ("undefined: there is nothing to divide by; Feb 2026 against Jan 2026")


def test_months_reconcile_with_the_totals():
    frame = random_orders(12)
    months = kpis.monthly(frame, currency="EUR")
    totals = {
        "gross": kpis.gross_revenue(frame, currency="EUR"),
        "net": kpis.net_revenue(frame, currency="EUR"),
        "orders": kpis.order_count(frame[frame["currency"] != "USD"]),
    }
    kpis.reconcile(months, **totals)
    months.loc[1, "net"] += 0.02
    with pytest.raises(ReconciliationError, match=r"^net by month adds up to .+, but the total is"):
        kpis.reconcile(months, **totals)


def test_months_of_a_small_coin_reconcile_where_cents_are_beyond_the_digits():
    frame = random_orders(12)
    frame["revenue"] = (frame["revenue"] * 7_777_777.77).round(2)
    months = kpis.monthly(frame, currency="EUR")
    totals = {
        "gross": kpis.gross_revenue(frame, currency="EUR"),
        "net": kpis.net_revenue(frame, currency="EUR"),
        "orders": kpis.order_count(frame[frame["currency"] != "USD"]),
    }
    assert abs(months["gross"].sum() - totals["gross"].value) > 0.01  # of 175 000 million
    kpis.reconcile(months, **totals)
    months.loc[1, "gross"] += 100.0
    with pytest.raises(ReconciliationError, match=r"^gross by month adds up to"):
        kpis.reconcile(months, **totals)


def test_no_orders_are_no_months_but_the_same_columns():
    some = orders([{"customer_id": "a", "revenue": 1}])
    for by_month in (kpis.monthly, kpis.new_and_returning):
        nothing, something = by_month(some.iloc[:0], currency="EUR"), by_month(some, currency="EUR")
        assert nothing.empty
        assert list(nothing.columns) == list(something.columns)


def test_a_month_without_anybody_is_no_nought_that_makes_the_others_unusual():
    sold = [f"2025-{month:02d}-{day:02d}" for month in (1, 2, 3, 4, 8, 9, 10, 11, 12)
            for day in (1, 10, 28)]  # fmt: skip
    net = kpis.net_revenue(
        days(*((f"c{i}", day, 10) for i, day in enumerate(sold))), currency="EUR"
    )
    assert len(kpis.by_month(net)) == 12
    chart = kpis.control_chart(net)
    assert chart.points["value"].tolist() == [30] * 4 + [0] * 3 + [30] * 4
    assert (chart.centre, chart.points["signal"].any()) == (30, False)
