from __future__ import annotations

import pandas as pd
import pytest

from cxresearch import value
from tests.value.shops import leaving_shop, order, orders

SHOP = orders(
    order("A", "2024-01-10", 10.0),
    order("A", "2024-01-10", 5.0),
    order("A", "2024-01-20", 20.0),
    order("A", "2024-03-10", 99.0),  # 60 days after the first
    order("B", "2024-02-01", 10.0),
    order("C", "2024-04-01", 10.0),
    order("C", "2024-04-30", 7.0),
    order("D", "2024-05-02", 10.0),  # followed for 29 days only
    order("E", "2024-05-31", 10.0, "returned"),
)


def test_each_quarter_is_followed_for_as_many_days():
    found = value.cohort_values(SHOP, days=30)
    # The last day with an order is that of E, which was returned: D is 29 days old.
    assert found.frame["cohort"].tolist() == ["2024 Q1", "2024 Q2"]
    assert found.frame["customers"].tolist() == [2, 1]
    assert found.frame["spent"].tolist() == [10.0, 7.0]
    assert found.frame["bought_again"].tolist() == [0.5, 1.0]
    assert found.too_new == 1
    assert "1 customers are too new" in repr(found)


def test_the_last_of_the_days_counts():
    one = value.cohort_values(SHOP, days=29).frame.set_index("cohort")
    assert one.loc["2024 Q2", "customers"] == 2
    assert value.cohort_values(SHOP, days=28).frame["spent"].tolist() == [10.0, 0.0]


def test_nobody_was_followed_so_long():
    found = value.cohort_values(SHOP, days=9999)
    assert found.frame.empty
    assert found.too_new == 4
    assert "No customer was followed for 9,999 days; 4 are too new." in repr(found)
    with pytest.raises(ValueError, match="days must be"):
        value.cohort_values(SHOP, days=0)


def test_the_first_product_is_that_of_most_value_in_the_first_kept_order():
    lines = pd.DataFrame(
        [("1", "pen", 3, 1.0), ("1", "ink", 1, 4.0), ("2", "book", 1, 9.0), ("3", "pen", 1, 1.0)],
        columns=["order_id", "category", "quantity", "price"],
    )
    sold = orders(
        order("A", "2024-01-01", 7.0, "returned"),
        order("A", "2024-01-02", 9.0),
        order("B", "2024-01-05", 1.0),
        order("C", "2024-01-05", 1.0),
    ).assign(order_id=["1", "2", "3", "4"])
    found = value.first_product(lines, sold)
    assert found.dropna().to_dict() == {"A": "book", "B": "pen"}
    kept = value.first_product(lines, sold.assign(status=None))
    assert kept["A"] == "ink"


def test_experiences_stand_in_one_table_and_what_is_missing_beside_it():
    shop = leaving_shop(8, customers=300)
    moments = shop[["customer_id", "day"]].assign(
        group=["met" if i % 3 else "not" for i in shop.index]
    )
    worth = value.worth_of(shop, moments, experience="met", beside="not", days=60)
    few = value.worth_of(shop, moments.head(3), experience="met", beside="not", days=60)
    table, missing = value.side_by_side([few, worth])
    assert missing is few
    assert table.frame["spent"].tolist() == [worth.spent.value]
    assert table.frame["n"].tolist() == [worth.met]
    assert value.side_by_side([few]) == [few]
