"""Customers of an experiment, as many as one likes, from a seed: `python -m ... MILLIONS FILE`.

One row per customer: which of two and of four variants, what was spent before and in it, whether
the customer bought, and the orders and sessions.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

_BLOCK = 1_000_000
#: What the second variant of each pair adds to the revenue and to the share of buyers.
_EUR, _SHARE = 0.1, 0.001


def write(customers: int, path: Path, seed: int = 11) -> None:
    """Write so many customers."""
    rng = np.random.default_rng(seed)
    first, *others = [min(_BLOCK, customers - done) for done in range(0, customers, _BLOCK)]
    table = _block(rng, first)
    with pq.ParquetWriter(path, table.schema, compression="zstd") as writer:
        writer.write_table(table)
        for size in others:
            writer.write_table(_block(rng, size))


def _block(rng: np.random.Generator, size: int) -> pa.Table:
    four = rng.integers(0, 4, size, dtype=np.int8)
    two = four % 2
    before = rng.exponential(10.0, size)
    noise = rng.uniform(-10.0, 20.0, size)
    sessions = rng.integers(1, 6, size, dtype=np.int16)
    return pa.table(
        {
            "two": two,
            "four": four,
            "before": before,
            "revenue": np.maximum(0.0, 0.6 * before + noise) + _EUR * two,
            "bought": (rng.random(size) < 0.1 + _SHARE * two).astype(np.int8),
            "orders": rng.binomial(sessions, 0.3).astype(np.int16),
            "sessions": sessions,
        }
    )


if __name__ == "__main__":
    write(round(float(sys.argv[1]) * 1_000_000), Path(sys.argv[2]))
