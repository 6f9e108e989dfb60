"""Small invented shops as plain pandas frames, and the same frames in other engines."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import polars as pl

ENGINES = ("pandas", "polars", "arrow", "duckdb")


def orders(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Return orders as a study has them; a row says only what matters to its test."""
    usual = {"customer_id": None, "currency": None, "status": None, "day": "2026-01-15"}
    frame = pd.DataFrame([{**usual, "order_id": f"o{i}", **row} for i, row in enumerate(rows)])
    frame["day"] = pd.to_datetime(frame["day"])
    if "ts_us" not in frame:
        frame["ts_us"] = frame["day"].astype("datetime64[us]").astype("int64") + np.arange(
            len(frame)
        )
    return frame.astype({"revenue": "float64"})


def random_orders(seed: int, n: int = 400) -> pd.DataFrame:
    """Return orders of about 120 customers with every oddity an export has."""
    rng = np.random.default_rng(seed)
    status = rng.choice([None, "completed", "cancelled", "returned"], n, p=[0.3, 0.5, 0.12, 0.08])
    value = np.round(rng.gamma(2, 30, n), 2)
    is_document = (status == "cancelled") & (rng.random(n) < 0.5)
    value = np.where(is_document, -value, value) * (rng.random(n) > 0.05)
    start = np.datetime64("2026-01-01", "D")
    seconds = rng.integers(0, 120 * 86_400, n)
    day = start + (seconds // 86_400).astype("timedelta64[D]")
    customer = rng.integers(0, 120, n)
    return pd.DataFrame(
        {
            "order_id": [f"o{i}" for i in range(n)],
            "customer_id": [f"c{c}" if c < 110 else None for c in customer],
            "day": day.astype("datetime64[ns]"),
            "ts_us": 1_767_225_600_000_000 + seconds * 1_000_000,
            "revenue": value,
            "currency": rng.choice([None, "EUR", "USD"], n, p=[0.3, 0.65, 0.05]),
            "status": status,
        }
    )


def one_form(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the orders of customers who have refunds of their own or flagged orders, not both.

    Of customers with both, a month alone cannot know what another month says of its orders.
    """
    back = set(frame.loc[frame["revenue"] < 0, "customer_id"].dropna())
    undone = (frame["revenue"] > 0) & frame["status"].isin(["cancelled", "returned"])
    return frame[~(undone & frame["customer_id"].isin(back))].reset_index(drop=True)


def in_engine(frame: pd.DataFrame, engine: str) -> object:
    """Return a frame in another engine, its days as dates where the engine has them."""
    if engine == "pandas":
        return frame
    converted = pl.from_pandas(frame)
    if "day" in frame:
        converted = converted.with_columns(pl.col("day").cast(pl.Date))
    if engine == "polars":
        return converted.lazy()
    if engine == "arrow":
        return converted.to_arrow()
    # One connection, as a study has: two frames of different ones cannot be joined.
    return duckdb.default_connection().from_arrow(converted.to_arrow())
