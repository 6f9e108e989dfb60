"""Random event logs as plain pandas frames, and the same frames in other engines."""

from __future__ import annotations

from typing import Any, Literal

import duckdb
import numpy as np
import pandas as pd
import polars as pl
from hypothesis import strategies as st

from cxresearch.journeys import Prepared

Engine = Literal["pandas", "polars", "polars lazy", "arrow", "duckdb"]
ENGINES: tuple[Engine, ...] = ("pandas", "polars", "polars lazy", "arrow", "duckdb")

#: What may happen, and how often.
EVENTS = {"home": 0.3, "view": 0.3, "cart": 0.2, "pay": 0.12, "buy": 0.08}
CHANNELS = ("app", "shop", "web")
DEVICES = ("desktop", "mobile")
START = pd.Timestamp("2026-03-28 22:00")  # the clocks of Europe change on the next night

_MINUTE_US = 60_000_000


def random_log(
    seed: int, customers: int = 30, events: int = 400, *, ties: bool = True
) -> pd.DataFrame:
    """Return a log in no order: `customer_id, ts, event`, and what events may carry.

    A customer's events come about half an hour apart. Times lie on a grid of ten minutes where
    there are `ties`, so that events at the same moment and gaps of exactly half an hour are common;
    without ties no two events happen at the same moment. The sessions of one customer by
    `session_id` overlap in time, and some events are in none; customers share the names of sessions
    and of orders. One event in ten is on another device than the customer's own.
    """
    rng = np.random.default_rng(seed)
    customer = rng.integers(0, customers, events)
    if ties:
        since_us = rng.integers(0, 1 + 4 * events // customers, events) * 10 * _MINUTE_US
    else:
        apart_us = 15 * _MINUTE_US // customers
        places = rng.permutation(2 * events)[:events]
        since_us = places * apart_us + rng.integers(0, apart_us, events)
    device = (customer + (rng.random(events) < 0.1)) % 2
    event = rng.choice(list(EVENTS), events, p=list(EVENTS.values()))
    return pd.DataFrame(
        {
            "customer_id": pd.Series([f"c{c}" for c in customer], dtype="str"),
            "ts": START.as_unit("us") + pd.to_timedelta(since_us, unit="us"),
            "event": pd.Series(event, dtype="str"),
            "session_id": _some(rng, [f"s{k}" for k in rng.integers(0, 4, events)], 0.95),
            "channel": pd.Series(rng.choice(CHANNELS, events), dtype="str"),
            "device": pd.Series(np.array(DEVICES)[device], dtype="str"),
            "order_id": _some(rng, [f"o{k}" for k in rng.integers(0, 3, events)], 0.5),
            "revenue": np.where(event == "buy", rng.integers(1, 9_000, events) / 100, np.nan),
        }
    )


def _some(rng: np.random.Generator, values: list[str], share: float) -> pd.Series:
    """Return some of the values, the others missing."""
    there = rng.random(len(values)) < share
    chosen = [value if one else None for value, one in zip(values, there, strict=True)]
    return pd.Series(chosen, dtype="str")


def logs(*, customers: int = 8, events: int = 80) -> st.SearchStrategy[pd.DataFrame]:
    """Return logs of up to so many customers and events, empty ones among them."""
    return st.builds(
        random_log,
        seed=st.integers(0, 2**32 - 1),
        customers=st.integers(1, customers),
        events=st.integers(0, events),
        ties=st.booleans(),
    )


def full_logs(*, customers: int = 8, events: int = 80) -> st.SearchStrategy[pd.DataFrame]:
    """Return logs in which every event happens."""
    whole = set(EVENTS)
    return logs(customers=customers, events=events).filter(lambda log: whole <= set(log["event"]))


def in_engine(frame: pd.DataFrame, engine: Engine) -> object:
    """Return a frame in another engine, its rows in the same order."""
    if engine == "pandas":
        return frame
    converted = pl.from_pandas(frame)
    if engine == "polars":
        return converted
    if engine == "polars lazy":
        return converted.lazy()
    if engine == "arrow":
        return converted.to_arrow()
    # One connection, as a study has: two frames of different ones cannot be joined.
    return duckdb.default_connection().from_arrow(converted.to_arrow())


def rows_of(prepared: Prepared) -> list[dict[str, Any]]:
    """Return a prepared table's rows by customer and time, what is missing as None.

    What a session is numbered says nothing but that it is no other, so it is numbered anew, from
    1, as the sessions come.
    """
    found = prepared.frame.sort("customer_id", "journey_step").collect().rows(named=True)
    places: dict[object, int | None] = {None: None}
    rows = []
    for row in found:
        session = places.setdefault(row["session"], len(places))
        plain = {name: None if value != value else value for name, value in row.items()}
        rows.append(plain | {"session": session})
    return rows
