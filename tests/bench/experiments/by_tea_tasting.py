"""The tasks by tea-tasting, in its own environment: over ibis on DuckDB, or over Polars."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench import measured


def over_ibis(log: Path) -> Any:
    """Return the customers as a table of DuckDB."""
    import ibis

    return ibis.duckdb.connect().read_parquet(log)


def over_polars(log: Path) -> Any:
    """Return the customers as a lazy frame."""
    import polars as pl

    return pl.scan_parquet(log)


def tasks_over(read: Callable[[Path], Any], log: Path) -> dict[str, Callable[[], Any]]:
    """Return the tasks; all that they import has been imported."""
    import pandas as pd
    import tea_tasting as tt

    spent = {"revenue": tt.Mean("revenue", "before")}
    others = {"bought": tt.Mean("bought"), "ratio": tt.RatioOfMeans("orders", "sessions")}

    def analysed(variant: str, metrics: dict[str, Any]) -> list[list[float]]:
        experiment = tt.Experiment(metrics, variant=variant)
        pairs = experiment.analyze(read(log), control=0, all_variants=True)
        return [
            [pairs[pair][name].treatment - pairs[pair][name].control for name in metrics]
            for pair in sorted(pairs)
            if pair[0] == 0
        ]

    small = pd.DataFrame({"two": [0, 0, 1, 1], "bought": [0, 1, 1, 2]})
    tt.Experiment({"bought": tt.Mean("bought")}, variant="two").analyze(small)
    return {
        "one metric, 2 variants": lambda: analysed("two", spent),
        "2 variants": lambda: analysed("two", spent | others),
        "4 variants": lambda: analysed("four", spent | others),
    }


if __name__ == "__main__":
    way = {"ibis": over_ibis, "polars": over_polars}[sys.argv.pop(1)]
    way(Path(sys.argv[1]))
    measured.main(lambda log, _: tasks_over(way, log))
