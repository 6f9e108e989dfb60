"""Months, changes and charts of an indicator, held against what each month gives by itself."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from cxresearch import kpis
from cxresearch.core.table import Estimates
from cxresearch.core.unit_sums import RatioSums
from cxresearch.kpis.months import SEASON, TREND
from cxresearch.stats.means.ratios import ratio_of_sums
from tests.kpis.shop import ENGINES, in_engine, one_form, orders, random_orders

ORDERS = one_form(random_orders(8))
EURO = {"currency": "EUR"}
TRACKED = [
    (kpis.gross_revenue, EURO),
    (kpis.net_revenue, EURO),
    (kpis.order_count, {}),
    (kpis.average_order_value, EURO),
    (kpis.cancellation_rate, {}),
    (kpis.return_rate, {}),
    (kpis.refund_rate, EURO),
    (kpis.repeat_purchase_rate, {}),
    (kpis.purchase_frequency, {}),
]


def days(*triples):
    return orders([{"customer_id": c, "day": d, "revenue": r} for c, d, r in triples])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("function", "options"), TRACKED, ids=lambda part: getattr(part, "__name__", "")
)
def test_a_month_is_the_indicator_of_its_rows_alone(function, options):
    months = kpis.by_month(function(ORDERS, **options))
    assert len(months) == 4
    for row in months.itertuples():
        alone = function(ORDERS[ORDERS["day"].dt.strftime("%Y-%m") == row.month], **options)
        assert (row.value, row.n) == (pytest.approx(alone.value), alone.n)
        assert (row.value_low, row.value_high) == pytest.approx(alone.ci)


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_tracks_the_same(engine):
    there = kpis.average_order_value(in_engine(ORDERS, engine), currency="EUR")
    here = kpis.average_order_value(ORDERS, currency="EUR")
    assert kpis.by_month(there)["value"].tolist() == pytest.approx(
        kpis.by_month(here)["value"].tolist()
    )
    assert kpis.change(there).ci == pytest.approx(kpis.change(here).ci)


def test_the_change_of_a_ratio_takes_a_customer_in_both_months_as_one():
    whole = ORDERS[ORDERS["status"].isna() | (ORDERS["status"] == "completed")]
    sales = whole[(whole["revenue"] > 0) & (whole["currency"] != "USD")]
    months = sales["day"].dt.strftime("%Y-%m")
    before, last = "2026-03", "2026-04"
    unit = sales["customer_id"].fillna(sales["order_id"])
    # The linearised difference, customer by customer.
    parts = {}
    for month in (before, last):
        of_month = sales["revenue"].where(months == month, 0).groupby(unit).sum()
        count = (months == month).groupby(unit).sum()
        parts[month] = (of_month, count, of_month.sum() / count.sum())
    either = (parts[before][1] + parts[last][1]) > 0
    errors = {m: (x - r * y) / y.sum() for m, (x, y, r) in parts.items()}
    spread = (errors[last] - errors[before])[either]
    variance = len(spread) / (len(spread) - 1) * (spread**2).sum()
    moved = kpis.change(kpis.average_order_value(ORDERS, currency="EUR"))
    assert moved.value == pytest.approx(parts[last][2] - parts[before][2])
    half = (moved.ci.high - moved.ci.low) / 2
    assert half / math.sqrt(variance) == pytest.approx(1.97, abs=0.02)
    assert (moved.n, moved.note) == (len(spread), "Apr 2026 against Mar 2026")


def test_the_change_of_a_total_adds_up_each_customers_change():
    frame = days(
        ("a", "2026-01-01", 100), ("b", "2026-01-05", 50),
        ("a", "2026-02-01", 80), ("c", "2026-02-28", 130),
    )  # fmt: skip
    moved = kpis.change(kpis.net_revenue(frame, currency="EUR"))
    # a -20, b -50, c +130.
    assert moved.value == 60
    margin = 1.959964 * math.sqrt(20**2 + 50**2 + 130**2)
    assert moved.ci == pytest.approx((60 - margin, 60 + margin))
    assert (moved.n, moved.unit) == (3, "EUR")


def test_the_change_of_a_share_is_a_difference_of_shares():
    frame = days(
        ("a", "2026-01-01", 10), ("a", "2026-01-02", 10), ("b", "2026-01-03", 10),
        ("a", "2026-02-03", 10), ("b", "2026-02-28", 10),
    )  # fmt: skip
    moved = kpis.change(kpis.repeat_purchase_rate(frame))
    assert (moved.value, moved.unit) == (-0.5, "share difference")


def test_nothing_moves_in_fewer_than_two_whole_months():
    moved = kpis.change(kpis.order_count(days(("a", "2026-01-02", 1), ("a", "2026-02-28", 1))))
    assert math.isnan(moved.value)
    assert moved.note == "the data do not cover two complete months"


def test_an_indicator_without_months_says_so():
    difference = kpis.returning_order_value_difference(ORDERS, currency="EUR")
    assert kpis.by_month(difference).empty
    moved = kpis.change(difference)
    assert math.isnan(moved.value)
    assert moved.note == "this indicator has no months"
    assert kpis.control_chart(difference).n == 0


def test_the_control_chart_is_of_whole_months():
    frame = days(
        ("a", "2026-01-20", 999),
        ("a", "2026-02-10", 100),
        ("b", "2026-03-11", 50),
        ("c", "2026-04-30", 60),
    )
    chart = kpis.control_chart(kpis.net_revenue(frame, currency="EUR"))
    assert chart.points["month"].tolist() == ["2026-02", "2026-03", "2026-04"]
    assert chart.centre == 70
    assert chart.sigma == pytest.approx((50 + 10) / 2 / 1.128)
    assert chart.unit == "EUR"


def test_a_month_without_orders_brought_nothing_and_has_no_order_value():
    frame = days(("a", "2026-01-01", 10), ("a", "2026-03-31", 30))
    assert kpis.control_chart(kpis.net_revenue(frame, currency="EUR")).points["value"].tolist() == [
        10,
        0,
        30,
    ]
    values = kpis.control_chart(kpis.average_order_value(frame, currency="EUR")).points
    assert values["month"].tolist() == ["2026-01", "2026-03"]


def test_refunds_count_flagged_orders_and_documents():
    frame = orders(
        [
            {"customer_id": "a", "revenue": 100},
            {"customer_id": "a", "revenue": 60, "status": "returned"},
            {"customer_id": "b", "revenue": 40},
            {"customer_id": "b", "revenue": -10, "status": "cancelled"},
        ]
    )
    expected = ratio_of_sums(RatioSums.from_arrays([60, 10], [160, 40]), unit="share", low=0)
    result = kpis.refund_rate(frame, currency="EUR")
    assert result.value == 70 / 200
    assert result.ci == pytest.approx(expected.ci)


def test_purchase_frequency_by_hand():
    frame = days(("a", "2026-01-01", 1), ("a", "2026-02-01", 1), ("b", "2026-01-03", 1))
    result = kpis.purchase_frequency(frame)
    assert (result.value, result.n, result.unit) == (1.5, 2, "orders per customer")
    # Within a month each has one order.
    assert kpis.by_month(result)["value"].tolist() == [1, 1]


def of_months(values):
    """Return one order a month, of these values, on the first and the last day of data."""
    starts = pd.date_range("2024-01-01", periods=len(values), freq="MS")
    rows = [
        (f"c{i}", str(day.date()), value)
        for i, (day, value) in enumerate(zip(starts, values, strict=True))
    ]
    last = str((starts[-1] + pd.offsets.MonthEnd()).date())
    return days(*rows, ("last", last, 0.01))


def verdict(revenue):
    """Return what the scorecard says of the last month of a revenue."""
    (row,) = kpis.board(Estimates(rows={"net_revenue": revenue}, caption="Revenue")).rows
    return row.verdict.message


def test_a_trend_is_no_signal_and_a_season_has_no_limits():
    rng = np.random.default_rng(3)
    months = np.arange(24)
    noise = rng.normal(0, 5, 24)
    growing = kpis.net_revenue(of_months(200 + 10 * months + noise), currency="EUR")
    chart = kpis.control_chart(growing)
    assert chart.note == TREND
    assert (chart.signalled.value, chart.n) == (0, 24)
    assert chart.points["centre"].is_monotonic_increasing
    assert verdict(growing) == "as usual"

    wave = kpis.net_revenue(
        of_months(200 + 60 * np.sin(2 * np.pi * months / 12) + noise), currency="EUR"
    )
    chart = kpis.control_chart(wave)
    assert chart.note == SEASON
    assert math.isnan(chart.signalled.value)
    assert set(chart.points["signal"]) == {""}
    assert verdict(wave) == "seasonal"
