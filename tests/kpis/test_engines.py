"""The same orders give the same numbers in every engine, in any order of rows."""

from __future__ import annotations

import math

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from cxresearch import kpis
from cxresearch.errors import SchemaError
from tests.kpis.shop import ENGINES, in_engine, orders, random_orders

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


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "duckdb"])
def test_a_value_that_is_none_is_missing_and_counted_in_every_engine(kind):
    """Not a number is larger than any other where an engine sorts it: it would count as placed."""
    frame = orders([{"customer_id": c, "revenue": 10.0 * (i + 1)} for i, c in enumerate("abcd")])
    frame["status"] = "completed"
    values = pa.array([10.0, float("nan"), 30.0, 40.0], from_pandas=False)
    known = frame.assign(day=frame["day"].dt.date, revenue=values.to_numpy())
    arrow = pa.Table.from_pandas(known)
    arrow = arrow.set_column(arrow.schema.get_field_index("revenue"), "revenue", values)
    given = {
        "pandas": lambda: known.assign(day=frame["day"]),
        "polars": lambda: pl.from_arrow(arrow),
        "arrow": lambda: arrow,
        "duckdb": lambda: duckdb.default_connection().from_arrow(arrow),
    }[kind]()
    money = {"currency": "EUR"}
    found = [
        (kpis.order_count(given), 3),
        (kpis.gross_revenue(given, **money), 80),
        (kpis.net_revenue(given, **money), 80),
        (kpis.average_order_value(given, **money), 80 / 3),
        (kpis.median_order_value(given, **money), 30),
        (kpis.cancellation_rate(given), 0),
        (kpis.refund_rate(given, **money), 0),
        (kpis.purchase_frequency(given), 1),
        (kpis.returning_revenue_share(given, **money), 0),
    ]
    for result, expected in found:
        assert result.value == pytest.approx(expected)
        assert "orders without a value left out: 1" in result.note


@pytest.mark.parametrize("engine", ENGINES)
def test_a_value_without_end_is_refused(engine):
    frame = orders([{"customer_id": c, "revenue": 10.0} for c in "abc"])
    frame.loc[1, "revenue"] = math.inf
    for indicator in (kpis.gross_revenue, kpis.net_revenue, kpis.average_order_value):
        with pytest.raises(SchemaError, match="infinite, or too large"):
            indicator(in_engine(frame, engine), currency="EUR")
