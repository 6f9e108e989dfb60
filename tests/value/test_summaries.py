from __future__ import annotations

from datetime import date
from functools import partial

import narwhals as nw
import pandas as pd
import polars as pl
import pytest

from cxresearch import value
from cxresearch.errors import SchemaError
from cxresearch.value.summaries import collected
from tests.value.shops import leaving_shop, order, orders


def numbers(frame: pd.DataFrame, customer: str) -> list[float]:
    row = frame.set_index("customer_id").loc[customer]
    return [row[name] for name in ("frequency", "recency", "T", "monetary_value")]


def test_a_case_by_hand():
    shop = orders(
        order("A", "2024-01-01", 10),
        order("A", "2024-01-01", 5),
        order("A", "2024-01-15", 20),
        order("B", "2024-01-10", 8),
    )
    found = value.summary(shop, until="2024-01-31", unit="day")
    assert numbers(found.frame, "A") == [1, 14, 30, 20]
    assert numbers(found.frame, "B") == [0, 0, 21, 0]
    weeks = value.summary(shop, until="2024-01-31")
    assert numbers(weeks.frame, "A") == [1, 2, pytest.approx(30 / 7), 20]
    assert (found.n, found.until, found.currency) == (2, date(2024, 1, 31), "EUR")


def test_what_is_left_out_is_counted():
    shop = orders(
        order("A", "2024-01-01", 10),
        order("A", "2024-01-03", 50, "returned"),
        order("A", "2024-01-05", 40),
        order("A", "2024-01-05", -40),
        order("A", "2024-01-07", 30),
        order("A", "2024-01-07", -10),
        order("A", "2024-01-07", 25, "returned"),
        order(None, "2024-01-02", 99),
        order("  ", "2024-01-02", 99),
        order("B", "2024-01-02", 5, "cancelled"),
    )
    found = value.summary(shop, unit="day")
    assert numbers(found.frame, "A") == [1, 6, 6, 20]
    assert found.n == 1
    assert found.note == (
        "orders without a customer left out: 2; orders cancelled or returned left out: 3; "
        "days of a customer that took back as much as they brought left out: 1"
    )


def test_what_comes_after_until_is_not_known():
    shop = leaving_shop(1, customers=50)
    early = value.summary(shop, until="2024-06-30")
    before = value.summary(shop[shop["day"] <= "2024-06-30"], until="2024-06-30")
    pd.testing.assert_frame_equal(early.frame, before.frame)


def test_the_order_of_rows_does_not_matter():
    shop = leaving_shop(2, customers=60)
    mixed = shop.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(value.summary(shop).frame, value.summary(mixed).frame)


def test_two_currencies_need_one_to_be_named():
    shop = orders(order("A", "2024-01-01", 10), order("A", "2024-01-02", 10))
    shop.loc[1, "currency"] = "USD"
    with pytest.raises(ValueError, match=r"several \(such as EUR and USD\)"):
        value.summary(shop)
    found = value.summary(shop, currency="EUR")
    assert found.frame["frequency"].tolist() == [0]
    assert found.note == "orders in another currency left out: 1"
    assert value.summary(shop.assign(currency=["EUR", None])).frame["frequency"].tolist() == [1]


def test_no_customers_is_said():
    found = value.summary(orders(order(None, "2024-01-01", 10)))
    assert found.n == 0
    assert "no known customer has a net order" in found.note


def test_what_is_refused():
    shop = orders(order("A", "2024-01-01", 10))
    with pytest.raises(SchemaError, match="revenue"):
        value.summary(shop.drop(columns="revenue"))
    with pytest.raises(ValueError, match="unit must be one of"):
        value.summary(shop, unit="year")
    with pytest.raises(ValueError, match="until must be a day"):
        value.summary(shop, until="31/01/2024")


def test_what_is_collected_does_not_hang_on_the_order_of_its_rows():
    forth, back = 0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1
    assert forth != back
    tables = [
        pd.DataFrame({"customer_id": ["B", "A"], "net": [forth, 7.0]}),
        pd.DataFrame({"customer_id": ["A", "B"], "net": [7.0, back]}),
    ]
    one, other = (
        collected(nw.from_native(table).lazy(), ["customer_id"], "net") for table in tables
    )
    assert one.equals(other)
    assert one.values.tolist() == [["A", 7.0], ["B", 0.6]]


@pytest.mark.parametrize("engine", [pd.DataFrame, partial(pl.from_pandas, nan_to_null=False)])
def test_an_order_without_a_value_is_left_out_and_counted(engine):
    shop = orders(
        order("A", "2024-01-01", 10.0), order("A", "2024-01-15", 20.0), order("B", "2024-01-10", 8)
    ).astype({"revenue": "float64"})
    shop.loc[2, "revenue"] = float("nan")
    found = value.summary(engine(shop), until="2024-01-31", unit="day")
    assert found.frame["customer_id"].tolist() == ["A"]
    assert found.note == "orders without a value left out: 1"
