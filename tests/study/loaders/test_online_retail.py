"""The invoice lines of Online Retail, in small: worked by hand."""

from __future__ import annotations

from typing import Any

import pytest

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
LINES = (
    "536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n"
    "536365,71053,LANTERN,2,2010-12-01 08:26:00,3.39,17850.0,United Kingdom\n"
    "536365,71053,LANTERN,2,2010-12-01 08:26:00,3.39,17850.0,United Kingdom\n"
    "C536379,D,Discount,-1,2010-12-01 09:41:00,27.50,14527,United Kingdom\n"
    "536414,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom\n"
)


@pytest.fixture
def shop(bench: Any) -> Any:
    def run(table: str, text: str = HEADER + LINES) -> Any:
        return bench(table, {"retail.csv": text}, loader="online_retail", time_zone="Europe/London")

    return run


def test_an_order_is_an_invoice(shop):
    got = shop("orders").rows.set_index("order_id")
    assert got["revenue"].to_dict() == {"536365": 28.86, "C536379": -27.5, "536414": 0.0}
    assert got["items"].to_dict() == {"536365": 10, "C536379": -1, "536414": 56}
    assert got["status"].to_dict() == {
        "536365": "completed",
        "C536379": "cancelled",
        "536414": "completed",
    }
    assert got["customer_id"].fillna("").tolist() == ["17850", "14527", ""]
    assert got["currency"].isna().all()


def test_an_order_line_is_a_line(shop):
    got = shop("order_lines").rows
    assert got[["order_id", "sku", "quantity", "price"]].to_numpy().tolist() == [
        ["536365", "85123A", 6, 2.55],
        ["536365", "71053", 2, 3.39],
        ["536365", "71053", 2, 3.39],
        ["C536379", "D", -1, 27.5],
        ["536414", "22139", 56, 0.0],
    ]


def test_lines_are_counted_and_flagged_as_lines_and_orders_as_orders(shop):
    outcome = shop("orders")
    assert outcome.counts() == [(5, 5, 0)]
    assert outcome.loaded.rows == 3
    assert [(f.of, f.rule, f.rows) for f in outcome.loaded.findings] == [
        ("one product on one invoice", "anonymous", 1),
        ("one product on one invoice", "cancelled", 1),
        ("one product on one invoice", "price_not_positive", 1),
        ("one product on one invoice", "quantity_not_positive", 1),
        ("one product on one invoice", "repeated_line", 2),
        ("one order", "anonymous", 1),
        ("one order", "cancelled", 1),
        ("one order", "zero_revenue", 1),
    ]


def test_the_names_of_the_later_export(shop):
    later = HEADER.replace("InvoiceNo", "Invoice").replace("UnitPrice", "Price")
    later = later.replace("CustomerID", "Customer ID")
    assert shop("orders", later + LINES).counts() == [(5, 5, 0)]


def test_a_rejected_line_is_not_in_its_order(shop):
    outcome = shop("orders", HEADER + LINES.replace(",6,", ",six,"))
    assert outcome.counts() == [(5, 4, 1)]
    assert outcome.rows["revenue"][0] == 13.56
