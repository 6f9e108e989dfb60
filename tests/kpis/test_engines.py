"""The same orders give the same numbers in every engine, in any order of rows."""

from __future__ import annotations

import pandas as pd
import pytest

from cxresearch import kpis
from cxresearch.errors import SchemaError
from tests.kpis.shop import ENGINES, in_engine, random_orders

ORDERS = random_orders(1)
MONEY = (
    kpis.gross_revenue,
    kpis.net_revenue,
    kpis.average_order_value,
    kpis.monthly_change,
    kpis.returning_revenue_share,
    kpis.returning_order_value_difference,
)
COUNTS = (
    kpis.order_count,
    kpis.cancellation_rate,
    kpis.return_rate,
    kpis.repeat_purchase_rate,
)
TABLES = (kpis.monthly, kpis.new_and_returning)


def every_number(orders):
    found = [function(orders, currency="EUR") for function in MONEY]
    found += [function(orders) for function in COUNTS]
    return pd.concat([result.to_frame() for result in found], ignore_index=True)


@pytest.fixture(scope="module")
def plain():
    return every_number(ORDERS)


@pytest.fixture(scope="module")
def plain_tables():
    return [table(ORDERS, currency="EUR") for table in TABLES]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_gives_the_same(engine, plain, plain_tables):
    orders = in_engine(ORDERS, engine)
    pd.testing.assert_frame_equal(every_number(orders), plain, rtol=1e-9)
    for table, expected in zip(TABLES, plain_tables, strict=True):
        pd.testing.assert_frame_equal(table(orders, currency="EUR"), expected, rtol=1e-9)


@pytest.mark.slow
def test_the_order_of_rows_does_not_matter(plain):
    shuffled = ORDERS.sample(frac=1, random_state=3).reset_index(drop=True)
    pd.testing.assert_frame_equal(every_number(shuffled), plain, rtol=1e-9)


def test_every_number_is_plain_and_says_what_it_is(plain):
    for _, row in plain.iterrows():
        assert row["definition"].endswith(".")
        assert row["method"]
        assert row["n"] > 0
    result = kpis.net_revenue(ORDERS, currency="EUR")
    assert [type(part) for part in (result.value, *result.ci, result.n)] == [float] * 3 + [int]


def test_missing_columns_are_all_told_at_once():
    with pytest.raises(SchemaError) as caught:
        kpis.net_revenue(ORDERS.drop(columns=["revenue", "day"]), currency="EUR")
    assert str(caught.value) == (
        "orders has 2 faults:\n"
        "  revenue: no such column; it has order_id, customer_id, ts_us, currency, status\n"
        "  ts: no such column; it has order_id, customer_id, ts_us, currency, status"
    )
