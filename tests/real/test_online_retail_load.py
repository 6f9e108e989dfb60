"""The real Online Retail file, loaded, against its lines read plainly by the csv module."""

from __future__ import annotations

import csv
import gzip
import math
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest

import cxresearch as cx
from cxresearch.study import Study


@cache
def read_plainly(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def lines(raw_data: Path) -> list[dict[str, str]]:
    path = raw_data / "online_retail_uci" / "online_retail.csv.gz"
    if not path.is_file():
        pytest.skip("Online Retail is not in the folder of real data (CX_RAW)")
    return read_plainly(path)


@pytest.fixture
def shop(lines: list[dict[str, str]]) -> Study:
    assert lines
    return cx.open_study("online-retail")


def test_every_line_is_accounted_for(shop: Study, lines: list[dict[str, str]]):
    counts = shop.counts().set_index("table")
    assert len(lines) == 541_909
    for table in ("orders", "order_lines"):
        assert counts.loc[table, "rows_in"] == len(lines)
        assert counts.loc[table, "rows_accepted"] == len(lines)
        assert counts.loc[table, "rows_rejected"] == 0


def test_flagged_lines_are_those_a_plain_reading_finds(shop: Study, lines: list[dict[str, str]]):
    found = shop.findings().query("table == 'orders' and of == 'one product on one invoice'")
    repeated = Counter(tuple(line.values()) for line in lines)
    assert found.set_index("rule")["rows"].to_dict() == {
        "cancelled": sum(line["InvoiceNo"].startswith("C") for line in lines),
        "anonymous": sum(not line["CustomerID"] for line in lines),
        "quantity_not_positive": sum(int(line["Quantity"]) <= 0 for line in lines),
        "price_not_positive": sum(float(line["UnitPrice"]) <= 0 for line in lines),
        "repeated_line": sum(times for times in repeated.values() if times > 1),
    }
    assert found.set_index("rule")["rows"]["cancelled"] == 9_288


def test_orders_are_the_invoices(shop: Study, lines: list[dict[str, str]]):
    orders = shop.frame("orders").collect().to_pandas()
    revenue, customers = defaultdict(list), {}
    for line in lines:
        number = line["InvoiceNo"]
        revenue[number].append(int(line["Quantity"]) * float(line["UnitPrice"]))
        customers[number] = line["CustomerID"].removesuffix(".0") or None
    assert len(orders) == len(revenue) == 25_900
    assert orders["customer_id"].nunique() == len(set(customers.values()) - {None}) == 4_372
    assert (orders["status"] == "cancelled").sum() == 3_836
    for row in orders.itertuples():
        assert math.isclose(row.revenue, math.fsum(revenue[row.order_id]), abs_tol=0.00501)
    assert orders.set_index("order_id")["customer_id"].dropna().to_dict() == {
        number: customer for number, customer in customers.items() if customer
    }


def test_lines_are_the_lines_in_their_order(shop: Study, lines: list[dict[str, str]]):
    got = shop.frame("order_lines").collect().to_pandas()
    assert got["order_id"].tolist() == [line["InvoiceNo"] for line in lines]
    assert got["quantity"].tolist() == [int(line["Quantity"]) for line in lines]
    assert got["price"].tolist() == [float(line["UnitPrice"]) for line in lines]
