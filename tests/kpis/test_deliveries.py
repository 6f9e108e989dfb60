"""Orders on time by hand: no promise, not delivered yet, early, several parcels; and the demo's."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

import cxresearch as cx
from cxresearch import kpis
from cxresearch.core import disk, phrasing
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.stats.shares.proportions import proportion

DEMO = disk.project_root() / "data" / "demo"
DAY_US = 86_400_000_000
START_US = 20_500 * DAY_US


def parcels(*rows: tuple, carrier: str = "Vela") -> pd.DataFrame:
    """Return deliveries of (order, shipped, promised, delivered), in days; None for none."""
    names = ["order_id", "shipped_us", "promised_us", "delivered_us"]
    frame = pd.DataFrame(rows, columns=names)
    for name in names[1:]:
        days = frame[name].astype("Float64")
        frame[name] = (START_US + (days * DAY_US)).round().astype("Int64")
    return frame.assign(carrier=carrier)


def orders(*rows: tuple) -> pd.DataFrame:
    """Return orders of (order, customer, day, status)."""
    frame = pd.DataFrame(rows, columns=["order_id", "customer_id", "ts_us", "status"])
    frame["ts_us"] = (START_US + frame["ts_us"] * DAY_US).astype("int64")
    return frame.assign(revenue=10.0, currency="EUR")


def test_a_promise_is_a_day():
    found = kpis.on_time_rate(
        parcels(
            ("early", 0, 5, 1),
            ("same day", 0, 5, 5.99),
            ("next day", 0, 5, 6),
            ("last", 0, 5, 20),
        )
    )
    assert found.value == 0.5
    assert found.n == 4
    assert kpis.days_late(parcels(("a", 0, 5, 6), ("b", 0, 5, 8), ("c", 0, 5, 12))).value == 3


def test_what_is_not_delivered_yet_is_late_once_its_day_is_over_and_not_before():
    rows = (("a", 0, 5, 4), ("b", 0, 8, None), ("c", 0, 19.5, None), ("d", 0, 19.5, 12))
    seen = parcels(*rows, ("z", 0, 30, 20))
    found = kpis.on_time_rate(seen)
    # The data reach day 20: c, d and z are promised for later; d and z could only have been early.
    assert (found.value, found.n) == (0.5, 2)
    assert "promised for later than the data reach left out: 3" in found.note
    assert "not delivered yet, counted as late: 1" in found.note


def test_what_has_not_come_is_censored():
    late = parcels(("a", 0, 5, 7), ("b", 0, 5, 9), ("c", 0, 5, None), ("z", 0, 40, 30))
    # Two of three late orders came after 2 and 4 days, one has waited 25: half by the fourth.
    assert kpis.days_late(late).value == 4
    assert math.isnan(kpis.days_late(late, q=0.9).value)


def test_orders_without_a_promise_or_with_impossible_times_are_left_out_and_counted():
    seen = parcels(("a", 0, 5, 4), ("b", 0, None, 4), ("c", 3, 5, 2), ("z", 0, 20, 18))
    found = kpis.on_time_rate(seen)
    assert (found.value, found.n) == (1.0, 1)
    assert "without a promised date left out: 1" in found.note
    assert "delivered before they were sent or placed left out: 1" in found.note
    placed = orders(("a", "x", 4.5, "completed"), ("z", "y", 0, "completed"))
    assert kpis.on_time_rate(seen, placed).n == 0


def test_an_order_arrives_with_its_last_parcel():
    seen = parcels(
        ("a", 0, 5, 4), ("a", 1, 5, 9), ("b", 0, 5, 4), ("b", 0, 5, None), ("c", 0, 5, 3),
        ("c", 0, 5, 3), ("z", 0, 40, 20),
    )  # fmt: skip
    found = kpis.on_time_rate(seen)
    assert (found.value, found.n) == (pytest.approx(1 / 3), 3)
    assert "several parcels, which arrive with the last: 3" in found.note


def test_a_cancelled_order_that_never_came_is_not_late():
    seen = parcels(("a", 0, 5, 4), ("b", None, 5, None), ("z", 0, 40, 20))
    placed = orders(("a", "x", 0, "completed"), ("b", "y", 0, "cancelled"), ("z", "z", 0, None))
    assert kpis.on_time_rate(seen).value == 0.5
    assert kpis.on_time_rate(seen, placed).value == 1.0


def test_customers_are_the_units():
    rows = [(f"o{i}", 0, 5, 4 + 6 * (i % 2)) for i in range(40)]
    seen = parcels(*rows)
    whose = orders(*[(f"o{i}", f"c{i % 10}", 0, "completed") for i in range(40)])
    alone, together = kpis.on_time_rate(seen), kpis.on_time_rate(seen, whose)
    assert (alone.n, together.n) == (40, 10)
    assert alone.value == together.value == 0.5
    plain = proportion(20, 40)
    assert alone.ci.low == pytest.approx(plain.ci.low, abs=0.01)
    # Five customers are always late: ten people tell less than forty orders.
    assert together.ci.high - together.ci.low > 1.5 * (alone.ci.high - alone.ci.low)


def test_groups_add_up_to_the_whole():
    seen = pd.concat([parcels(("a", 0, 5, 4), ("b", 0, 5, 9), ("z", 0, 36, 50)),
                      parcels(("c", 0, 5, 3), carrier="Ponte")])  # fmt: skip
    by = kpis.deliveries_by(seen, "carrier").set_index("carrier")
    assert by["orders"].to_dict() == {"Ponte": 1, "Vela": 3}
    assert by["late"].to_dict() == {"Ponte": 0, "Vela": 2}
    assert by.loc["Ponte", "on_time"] == 1.0
    months = kpis.deliveries_by(seen, "month")
    assert months["orders"].sum() == 4
    assert months["month"].tolist() == sorted(months["month"])
    assert len(months) == 2


def test_who_orders_again_after_a_first_delivery():
    placed, seen = [], []
    for i in range(60):
        late, again = i % 3 == 0, i % 2 == 0
        seen.append((f"o{i}", 0, 5, 9 if late else 4))
        placed.append((f"o{i}", f"c{i}", 0, "completed"))
        if again:  # twenty days after; once it had come
            placed.append((f"p{i}", f"c{i}", 24, "completed"))
    placed += [("q", "c1", 5.5, "cancelled"), ("r", "c3", 200, "completed")]
    found = kpis.again_after(parcels(*seen), orders(*placed), days=90)
    assert (found.late.n, found.on_time.n) == (20, 40)
    assert (found.late.value, found.on_time.value) == (0.5, 0.5)
    assert found.difference.value == 0
    # An order before the parcel came does not count; nor one after the days are over.
    before = orders(*[(f"o{i}", f"c{i}", 0, "completed") for i in range(60)],
                    *[(f"p{i}", f"c{i}", 3, "completed") for i in range(60)],
                    ("z", "x", 300, "completed"))  # fmt: skip
    assert kpis.again_after(parcels(*seen), before).late.value == 0


def test_a_customer_whose_days_are_not_over_is_left_out():
    seen = parcels(("a", 0, 5, 4), ("b", 0, 95, 94))
    placed = orders(("a", "x", 0, "completed"), ("b", "y", 94.5, "completed"))
    assert kpis.again_after(seen, placed, days=90).on_time.n == 1
    assert kpis.again_after(seen, placed, days=91).on_time.n == 0


def test_nothing_to_count_is_undefined():
    empty = parcels(("a", 0, 5, 4)).head(0)
    assert math.isnan(kpis.on_time_rate(empty).value)
    assert kpis.deliveries_by(empty, "carrier").empty
    with pytest.raises(ValueError, match="days must be at least 1; got 0"):
        kpis.again_after(empty, orders(("a", "x", 0, None)), days=0)


def test_a_study_without_promises_says_so(project):
    folder = project / "data" / "shop"
    folder.mkdir()
    (folder / "study.yaml").write_text(
        "{title: {en: S}, currency: EUR, time_zone: Europe/Rome, "
        "tables: {deliveries: {file: d.csv}}}"
    )
    (folder / "d.csv").write_text("order_id,delivered\nA,2026-01-05\n")
    shop = cx.open_study("shop")
    for found in (kpis.arrivals(shop), kpis.arrivals_by(shop), kpis.after_late(shop)):
        assert isinstance(found, Missing)


@pytest.mark.skipif(not (DEMO / "deliveries.csv").is_file(), reason="the demo is not written")
def test_the_demo_is_late_as_planted():
    truth = json.loads((DEMO / "truth.json").read_text("utf-8"))
    shop = cx.open_study("demo")
    seen, placed = shop.frame("deliveries"), shop.frame("orders")
    by = kpis.deliveries_by(seen, "month", placed).set_index("month")
    # Orders of the late month are promised for it, and for the first days of the next.
    usual = by.drop(["2025-03", "2025-04"])
    late = proportion(int(usual["late"].sum()), int(usual["orders"].sum()))
    assert late.ci.low < truth["parcels"]["late"] < late.ci.high
    assert by.loc["2025-03", "on_time"] < 0.6
    assert by["late"].sum() == pytest.approx(truth["realised"]["late_orders"], abs=10)
    low, high = truth["parcels"]["late_by"]
    assert kpis.days_late(seen, placed).value == pytest.approx((low + high) / 2, abs=0.3)
    found = kpis.again_after(seen, placed)
    # They make the share `put_off` fewer visits, so as much fewer of the chances to order again.
    put_off = truth["recovery"]["put_off"]
    expected = 1 - (1 - found.on_time.value) ** (1 - put_off)
    assert found.late.ci.low < expected < found.late.ci.high
    assert found.difference.ci.high < 0
    assert np.isclose(found.difference.value, found.late.value - found.on_time.value)


def test_what_a_late_first_delivery_does_is_said():
    placed, seen = [], []
    for i in range(40):
        late = i < 20
        seen.append((f"o{i}", 0, 5, 9 if late else 4))
        placed.append((f"o{i}", f"c{i}", 0, "completed"))
        if i % 4 == 0 or not late:
            placed.append((f"p{i}", f"c{i}", 24, "completed"))
    placed.append(("q", "x", 200, "completed"))
    found = kpis.again_after(parcels(*seen), orders(*placed))
    said = phrasing.plain(*found.sentence, Language())
    assert said.startswith(
        "After a late first delivery 25.0% of customers order again within 90 days, after one on "
        "time 100.0%: a difference of −75.0 percentage points."
    )
    table = found.table().frame
    assert table["again"].tolist() == [1.0, 0.25]
    assert table["customers"].tolist() == [20, 20]
