from __future__ import annotations

import pandas as pd
import pytest

from cxresearch import value
from cxresearch.core.missing import Missing
from cxresearch.stats.power import PlannedMetric, sample_size

DAY0 = pd.Timestamp("2024-01-01")


def shop_of(rows: list[tuple[str, int, str]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Orders of one product each, by customer and day."""
    frame = pd.DataFrame(rows, columns=["customer_id", "at", "sku"])
    frame["order_id"] = [f"O{i}" for i in range(len(frame))]
    frame["day"] = DAY0 + pd.to_timedelta(frame.pop("at"), unit="D")
    orders = frame.drop(columns="sku").assign(revenue=1.0, status="completed")
    return frame[["order_id", "sku"]], orders


def plan(rows, **options):
    return value.cross_sell_test(*shop_of(rows), "shoes", "socks", within=10, **options)


def test_a_plan_by_hand():
    rows = [(f"C{i}", 0, "shoes") for i in range(40)]
    rows += [(f"C{i}", 10, "socks") for i in range(4)]  # in time
    rows += [(f"C{i}", 11, "socks") for i in range(4, 8)]  # too late
    rows += [(f"D{i}", 5, "shoes") for i in range(9)] + [(f"D{i}", 5, "socks") for i in range(9)]
    rows += [("E", 95, "shoes"), ("F", 99, "hats")]  # not followed for long enough
    found = plan(rows, effect=0.05)
    assert (found.baseline.value, found.baseline.n) == (0.1, 40)
    assert found.per_day == 41 / 100
    assert found.n == sample_size(PlannedMetric.proportion(0.1), 0.05).n
    assert found.days == pytest.approx(found.n / 0.41 + 10, abs=1)
    # With the quarter's customers alone, a smaller test shows only a larger rise.
    assert found.detectable > 0.05


def test_nobody_to_ask_is_missing_and_no_room_is_said():
    assert isinstance(plan([("A", 0, "hats"), ("A", 99, "hats")]), Missing)
    all_do = [("A", 0, "shoes"), ("A", 1, "socks"), ("B", 99, "hats")]
    assert plan(all_do).n == 0
    assert plan(all_do).note.startswith("undefined: of those who bought the first, all or none")
    half = plan([*all_do, ("C", 0, "shoes")], effect=0.6)
    assert half.n == 0
    assert half.note == "no number of customers is enough for this effect"


def test_what_is_refused():
    lines, orders = shop_of([("A", 0, "shoes")])
    with pytest.raises(ValueError, match="second must be another product than first"):
        value.cross_sell_test(lines, orders, "shoes", "shoes")
    with pytest.raises(ValueError, match="effect must be"):
        plan([("A", 0, "shoes")], effect=2)
