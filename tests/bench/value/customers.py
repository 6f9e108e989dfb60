"""The customers of the orders made before, as a model takes them: `python -m ... MILLIONS FILE`."""

from __future__ import annotations

import sys
from pathlib import Path

import narwhals as nw

from cxresearch import engine, value
from tests.bench.value.by_kit import UNTIL


def write(orders: Path, path: Path) -> None:
    """Write a row per customer."""
    kept = engine.scan(orders).filter(~nw.col("revenue").is_null())
    known = value.summary(kept.to_native(), until=UNTIL).frame
    known[["frequency", "recency", "T"]].to_parquet(path)


if __name__ == "__main__":
    write(Path(sys.argv[2]).with_suffix(".parquet"), Path(sys.argv[2]))
