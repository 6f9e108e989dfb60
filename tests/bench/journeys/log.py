"""A log of a shop as large as one likes, from a seed: `python -m ...log MILLIONS FILE`.

Customers come back, their visits wander over fourteen events, and the rows of many customers lie
interleaved by time, as a shop writes them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

#: Where a visit goes on to from each event, and how often; otherwise it ends.
WAYS = {
    "home": {"search": 0.28, "category": 0.28, "view": 0.22, "chat": 0.02},
    "search": {"view": 0.47, "search": 0.2, "category": 0.12},
    "category": {"view": 0.5, "category": 0.2, "search": 0.1},
    "view": {"view": 0.25, "reviews": 0.14, "cart": 0.17, "search": 0.12, "category": 0.12},
    "reviews": {"view": 0.4, "cart": 0.22},
    "cart": {"basket": 0.42, "view": 0.22, "checkout": 0.16, "search": 0.08},
    "remove": {"basket": 0.4, "view": 0.25},
    "basket": {"checkout": 0.42, "remove": 0.12, "view": 0.18},
    "checkout": {"address": 0.66, "basket": 0.12, "chat": 0.04},
    "address": {"payment": 0.72, "checkout": 0.06, "chat": 0.04},
    "payment": {"purchase": 0.7, "payment_error": 0.16},
    "payment_error": {"payment": 0.5, "chat": 0.2},
    "purchase": {"home": 0.12, "chat": 0.05},
    "chat": {"home": 0.2, "view": 0.15, "checkout": 0.1},
}
EVENTS = tuple(WAYS)
STEPS = ("view", "cart", "checkout", "payment", "purchase")
STARTS = {"home": 0.44, "search": 0.16, "category": 0.14, "view": 0.24, "chat": 0.02}
CHANNELS = ("app", "direct", "email", "search", "social")
DEVICES = ("desktop", "mobile", "tablet")

_CUSTOMERS = 120_000
_LONGEST = 60
_DAY_US = 86_400_000_000
_BEGIN_US = 20_454 * _DAY_US  # 1 January 2026
_END = len(EVENTS)


def write(rows: int, path: Path, seed: int = 7) -> None:
    """Write a log of so many rows."""
    rng = np.random.default_rng(seed)
    left = rows
    with pq.ParquetWriter(path, _table(*_block(rng, 0)).schema, compression="zstd") as writer:
        for number in range(rows):
            table = _table(*_block(rng, number)).slice(0, left)
            writer.write_table(table, row_group_size=500_000)
            left -= len(table)
            if not left:
                return


def _block(rng: np.random.Generator, number: int) -> tuple[np.ndarray, ...]:
    """Return the events of some customers, in order of time."""
    visits = np.minimum(rng.geometric(0.38, _CUSTOMERS), 40)
    customer = np.repeat(np.arange(_CUSTOMERS) + number * _CUSTOMERS, visits)
    device = np.repeat(rng.integers(0, len(DEVICES), _CUSTOMERS), visits)
    channel = rng.integers(0, len(CHANNELS), len(customer))
    walked = [np.concatenate(parts) for parts in zip(*_walk(rng, len(customer)), strict=True)]
    visit, event, time_us = walked
    order = np.argsort(time_us, kind="stable")
    columns = (customer[visit], time_us, event, channel[visit], device[visit])
    return tuple(column[order] for column in columns)


def _walk(rng: np.random.Generator, visits: int) -> Iterator[tuple[np.ndarray, ...]]:
    """Yield the visits still going on at each step, the event and the time of each."""
    chances = np.array([[WAYS[a].get(b, 0.0) for b in EVENTS] for a in EVENTS]).cumsum(axis=1)
    begins = np.array([STARTS.get(event, 0.0) for event in EVENTS])
    visit = np.arange(visits)
    event = rng.choice(len(EVENTS), visits, p=begins)
    time_us = _BEGIN_US + rng.integers(0, 180 * _DAY_US, visits)
    for _ in range(_LONGEST):
        yield visit, event, time_us
        after = (rng.random(len(event))[:, None] > chances[event]).sum(axis=1)
        on = after < _END
        seconds = rng.lognormal(3.3, 1.1, on.sum()).clip(1, 1_500)
        visit, event = visit[on], after[on]
        time_us = time_us[on] + (seconds * 1e6).astype(np.int64)


def _table(
    customer: np.ndarray,
    time_us: np.ndarray,
    event: np.ndarray,
    channel: np.ndarray,
    device: np.ndarray,
) -> pa.Table:
    def named(codes: np.ndarray, names: tuple[str, ...]) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(names)).cast(pa.string())

    return pa.table(
        {
            "customer_id": customer,
            "ts": pa.array(time_us, pa.timestamp("us")),
            "event": named(event, EVENTS),
            "channel": named(channel, CHANNELS),
            "device": named(device, DEVICES),
        }
    )


if __name__ == "__main__":
    write(round(float(sys.argv[1]) * 1_000_000), Path(sys.argv[2]))
