"""What a change is worth in a month, by hand."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cxresearch as cx
from cxresearch.core.remarks import Remark
from cxresearch.core.results import Estimate, Interval
from cxresearch.findings import worth
from cxresearch.findings.worth import WEEKS_A_MONTH, orders_lost, per_order, unknown


def estimate(value, half, unit="share difference"):
    return Estimate(
        value=value,
        ci=Interval(value - half, value + half),
        n=100,
        unit=unit,
        confidence=0.95,
        method="by hand",
    )


def test_orders_lost_by_hand():
    found = orders_lost(estimate(-0.1, 0.02), 400, estimate(50.0, 5.0, "EUR"))
    assert found.value == pytest.approx(-0.1 * 400 * 50)
    half = 400 * math.sqrt((0.1 * 5) ** 2 + (50 * 0.02) ** 2)
    assert found.ci == pytest.approx((-2000 - half, -2000 + half))
    assert found.unit == "EUR"


def test_no_more_is_lost_than_could_be_bought():
    # Of 400 units at most 45 % bought before, for at most 55 each.
    drop, order = estimate(-0.3, 0.9), estimate(50.0, 5.0, "EUR")
    assert orders_lost(drop, 400, order, most=0.45).ci.low == pytest.approx(-0.45 * 400 * 55)
    # Hardly any buys now: that says nothing of how many bought before, nor of how sure that is.
    gone = orders_lost(estimate(-0.1, 0.02), 400, order, most=0.13)
    assert gone.ci == orders_lost(estimate(-0.1, 0.02), 400, order).ci
    # Orders that are all worth the same have no interval of their worth.
    fixed = estimate(50.0, math.nan, "EUR")
    assert orders_lost(drop, 400, fixed, most=0.45).ci.low == pytest.approx(-0.45 * 400 * 50)
    # The interval holds its own value, whatever the bound.
    assert orders_lost(drop, 400, order, most=0.2).ci.low == pytest.approx(-0.3 * 400 * 50)


def test_a_change_of_the_order_value_counts_once_an_order():
    found = per_order(estimate(-2.0, 1.0, "EUR"), 300)
    assert found.value == -600
    assert found.ci == (-900, -300)


def test_what_is_not_known_says_why():
    found = unknown("EUR", 0.95, Remark("not known: no later purchase is linked to it"))
    assert math.isnan(found.value)
    assert found.note == "not known: no later purchase is linked to it"
    nothing = orders_lost(estimate(math.nan, math.nan), 400, estimate(50.0, 1.0, "EUR"))
    assert math.isnan(nothing.value)
    assert nothing.note


def test_a_month_has_four_weeks_and_a_third():
    assert pytest.approx(4.348, abs=0.001) == WEEKS_A_MONTH


def test_late_parcels_cost_what_is_spent_less_after_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who gets a late parcel buys half as often for 90 days; from week 30 on, 3 in 10 are late."""
    rng = np.random.default_rng(4)
    first, rows = pd.Timestamp("2025-01-06"), []
    for person in range(900):
        put_off = -1
        for day in np.flatnonzero(rng.random(7 * 60) < 0.014):
            if day > put_off or rng.random() < 0.5:
                late = bool(rng.random() < (0.3 if day >= 7 * 30 else 0.05))
                rows.append((f"c{person}", first + pd.Timedelta(days=int(day)), late))
                put_off = max(put_off, day + 4 + 90) if late else put_off
    orders = pd.DataFrame(rows, columns=["customer_id", "ts", "late"])
    orders["order_id"] = [f"o{one}" for one in range(len(orders))]
    promised = orders["ts"] + pd.Timedelta(days=3)
    parcels = orders[["order_id"]].assign(
        promised=promised, delivered=promised + pd.to_timedelta(orders["late"] * 4 - 1, unit="D")
    )
    folder = tmp_path / "data" / "parcels"
    folder.mkdir(parents=True)
    sold = orders.drop(columns="late").assign(revenue=50.0, currency="EUR")
    sold.to_csv(folder / "orders.csv", index=False)
    parcels.to_csv(folder / "deliveries.csv", index=False)
    (folder / "study.yaml").write_text(
        "title: {en: Parcels}\ncurrency: EUR\ntime_zone: UTC\ntables:\n"
        "  orders: {file: orders.csv, time_zone: UTC}\n"
        "  deliveries: {file: deliveries.csv, time_zone: UTC}\n",
        "utf-8",
    )
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    found = next(one for one in cx.findings(cx.open_study("parcels")) if one.measure == "late")
    # 0.014 orders a day less by half in 90 days, and a few of them are not late
    lost = 0.25 * 50 * 0.5 * 0.014 * 90 * found.series.y[-13:].mean() * 365.25 / 84
    assert found.worth.ci.low <= -lost <= found.worth.ci.high
    assert found.worth.value < 0
    assert found.worth.method == worth.AFTERWARDS
