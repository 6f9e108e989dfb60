from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from cxresearch import value
from cxresearch.value.retention import _WEEK
from tests.value.shops import leaving_shop, order, orders

SHOP = orders(
    order("A", "2024-01-01", 10),
    order("A", "2024-03-05", 10),
    order("B", "2024-01-20", 10),
    order("B", "2024-02-02", 10),
    order("C", "2024-02-10", 10),
    order("C", "2024-02-11", 10),
    order("D", "2024-04-30", 10),
)


def shares(kind: str, **options) -> dict[str, list[float]]:
    rows = value.retention_triangle(SHOP, kind=kind, periods=3, **options).frame
    return rows.groupby("cohort")["share"].agg(list).to_dict()


def test_classic_and_rolling_by_hand():
    nan = pytest.approx(math.nan, nan_ok=True)
    assert shares("classic") == {
        "2024-01": [1, 0.5, 0.5, 0],
        "2024-02": [1, 0, 0, nan],
        "2024-04": [1, nan, nan, nan],
    }
    # A is still there in the second month, since she buys in the third.
    assert shares("rolling") == {
        "2024-01": [1, 1, 0.5, 0],
        "2024-02": [1, 0, 0, nan],
        "2024-04": [1, nan, nan, nan],
    }


def test_maturity_and_people_are_shown():
    rows = value.retention_triangle(SHOP, periods=2).frame
    assert rows.groupby("cohort")["mature"].first().to_dict() == {
        "2024-01": True, "2024-02": True, "2024-04": False,
    }  # fmt: skip
    assert rows.groupby("cohort")["customers"].first().tolist() == [2, 1, 1]


def test_a_cohort_whose_month_has_no_first_day_is_left_out():
    late = SHOP[SHOP["day"] >= "2024-01-20"]
    assert "2024-01" not in set(value.retention_triangle(late).frame["cohort"])


def test_weeks_begin_on_monday():
    days = pd.date_range("2019-12-20", "2025-01-10")
    shop = pd.DataFrame({"day": days, "customer_id": "A", "revenue": 1.0})
    import narwhals as nw

    rows = nw.from_native(shop).with_columns(day=nw.col("day").cast(nw.Date)).select(week=_WEEK)
    week = rows["week"].to_numpy()
    assert (np.diff(week) == (days.day_of_week[1:] == 0)).all()
    weekly = value.retention_triangle(SHOP, unit="week", periods=1).frame
    assert weekly["cohort"].min() == "2024-01-01"


def test_retention_by_a_plainer_road():
    shop = leaving_shop(5, customers=150)
    month = shop["day"].dt.to_period("M")
    first = month.groupby(shop["customer_id"]).transform("min")
    cohort = shop[first == "2024-02"]
    again = cohort[month[cohort.index] == pd.Period("2024-05", "M")]["customer_id"].nunique()
    rows = value.retention_triangle(shop).frame
    row = rows[(rows["cohort"] == "2024-02") & (rows["later"] == 3)].iloc[0]
    assert row["retained"] == again
    assert row["customers"] == cohort["customer_id"].nunique()


def test_what_is_refused():
    with pytest.raises(ValueError, match="kind must be one of 'classic', 'rolling'"):
        value.retention_triangle(SHOP, kind="bounded")
    with pytest.raises(ValueError, match="unit must be one of 'month', 'week'"):
        value.retention_triangle(SHOP, unit="day")


def test_lapse_days_by_hand():
    # Gaps that end: 10, 20, 30; silent until 2024-03-31: A for 1 day, B for 40.
    shop = orders(
        order("A", "2024-01-31", 1), order("A", "2024-02-10", 1), order("A", "2024-03-01", 1),
        order("A", "2024-03-31", 1), order("B", "2024-02-20", 1),
    )  # fmt: skip
    found = value.lapse_days(shop, share=0.5)
    # At risk 4, 3, 2: the curve is 3/4, 1/2, 1/4.
    assert found.value == 25
    assert (found.n, found.people, found.unit) == (4, 2, "days")
    # It never comes down to 1/10: nine tenths of the three gaps that end.
    assert value.lapse_days(shop, share=0.9).value == 30
    assert "25.0% are never seen to come back" in value.lapse_days(shop, share=0.9).note


def test_lapse_days_where_nobody_comes_back():
    once = orders(order("A", "2024-01-31", 1), order("B", "2024-02-20", 1))
    found = value.lapse_days(once)
    assert math.isnan(found.value)
    assert found.note.startswith("undefined")


def test_equal_customers_are_in_one_class_and_judged_later():
    shop = leaving_shop(6, customers=300)
    found = value.rfm(shop, days=90)
    per_day = value.summary(shop).frame.set_index("customer_id")["frequency"]
    own = found.scores.set_index("customer_id")["frequency"]
    assert (own.groupby(per_day).nunique() == 1).all()
    recency = found.judged[found.judged["score"] == "recency"].set_index("scored")
    # The classes hold those known at the earlier cut, and none who came after it.
    before = shop[shop["day"] <= pd.Timestamp(found.cut)]["customer_id"].nunique()
    assert recency["customers"].sum() == before
    assert recency.loc[5, "bought_again"] > recency.loc[1, "bought_again"]
    with pytest.raises(ValueError, match="classes must be"):
        value.rfm(shop, classes=1)


def test_the_rfm_of_an_earlier_day_does_not_know_the_days_after():
    shop = leaving_shop(6, customers=120)
    late = shop["day"] > shop["day"].max() - pd.Timedelta(days=90)
    dearer = shop.assign(revenue=shop["revenue"].where(~late, shop["revenue"] * 50))
    one, two = (value.rfm(frame).judged for frame in (shop, dearer))
    assert one["customers"].tolist() == two["customers"].tolist()
    assert one["bought_again"].tolist() == two["bought_again"].tolist()
    assert two["spent"].tolist() == pytest.approx((one["spent"] * 50).tolist())
