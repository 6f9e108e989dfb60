"""Any data frame becomes a canonical table, whole or not at all."""

from __future__ import annotations

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import cxresearch as cx
from cxresearch.errors import SchemaError

ROWS = {
    "order_id": ["A", "B", "C"],
    "customer_id": ["x", "y", "x"],
    "ts": [pd.Timestamp(day) for day in ("2026-01-05 00:30", "2026-01-06", "2026-01-07")],
    "revenue": [10.0, 30.0, 20.0],
}


def duck(rows: dict[str, list[object]]) -> object:
    return duckdb.from_arrow(pa.table(rows))


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.table, duck])
def test_a_frame_of_any_library(library):
    orders = cx.table(library(ROWS), "orders", time_zone="Europe/Rome")
    value = cx.kpis.average_order_value(orders, currency="EUR")
    assert (value.value, value.n) == (20.0, 2)  # of customers
    assert cx.kpis.repeat_purchase_rate(orders).value == 0.5
    kept = orders.collect().to_pandas()
    # Half past midnight in Rome is the day before in UTC, and the 5th for the shop.
    assert kept["day"].astype(str).tolist()[0] == "2026-01-05"
    assert kept["ts_us"].tolist()[0] == pd.Timestamp("2026-01-04 23:30").value // 1000
    assert kept["status"].isna().all()
    assert "[first rows of a lazy frame; .to_pandas() reads all]" in repr(orders)
    assert orders.to_pandas().equals(kept)


def test_other_names_and_times_with_a_zone():
    frame = pd.DataFrame(
        {"Nr": ["A"], "When": [pd.Timestamp("2026-01-05 00:30", tz="UTC")], "Sum": ["12.50"]}
    )
    names = {"order_id": "Nr", "ts": "When", "revenue": "Sum"}
    orders = cx.table(frame, "orders", time_zone="Europe/Rome", **names).collect().to_pandas()
    assert orders["revenue"].tolist() == [12.5]
    assert orders["ts_us"].tolist() == [pd.Timestamp("2026-01-05 00:30").value // 1000]


def test_times_written_in_a_way_of_their_own():
    frame = pd.DataFrame(ROWS).assign(ts=["31/01/2026 10.30"] * 3)
    orders = cx.table(frame, "orders", time_zone="Europe/Rome", time_format="%d/%m/%Y %H.%M")
    expected = pd.Timestamp("2026-01-31 09:30").value // 1000
    assert orders.collect().to_pandas()["ts_us"].tolist() == [expected] * 3
    with pytest.raises(ValueError, match=r"time_format must be made of .*; got '%Q'"):
        cx.table(frame, "orders", time_zone="Europe/Rome", time_format="%Q")
    with pytest.raises(ValueError, match=r"time_zone must be a time zone .*; got 'Europe/Nowhere'"):
        cx.table(frame, "orders", time_zone="Europe/Nowhere")


def test_a_row_that_breaks_the_contract_refuses_the_whole():
    frame = pd.DataFrame(ROWS).assign(order_id=["A", "A", None], status=["completed", "lost", None])
    with pytest.raises(SchemaError) as caught:
        cx.table(frame, "orders", time_zone="Europe/Rome")
    text = str(caught.value)
    assert "status must be one of 'completed', 'cancelled', 'returned'; got lost" in text
    assert "order_id must be given; got nothing (first in row 3)" in text


def test_what_is_lacking_and_what_is_no_table():
    with pytest.raises(SchemaError, match=r"lacks 'revenue' for revenue \(did you mean 'revenu'"):
        cx.table(
            pd.DataFrame(ROWS).rename(columns={"revenue": "revenu"}), "orders", time_zone="UTC"
        )
    with pytest.raises(ValueError, match="table must be one of"):
        cx.table(pd.DataFrame(ROWS), "order", time_zone="UTC")
    with pytest.raises(ValueError, match="column must be one of"):
        cx.table(pd.DataFrame(ROWS), "orders", time_zone="UTC", total="revenue")
