"""The tasks in Polars, lazily: one sort, then shifts over the sorted rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl

from tests.bench import measured
from tests.bench.journeys.log import STEPS

_GAP = timedelta(minutes=30)
_KEY = ("customer_id", "session")


def prepared(log: Path) -> pl.LazyFrame:
    """Return the log with its sessions, steps and what comes next."""
    customer, ts = pl.col("customer_id"), pl.col("ts")
    same = customer == customer.shift(1)
    begins = ~(same & (ts - ts.shift(1) <= _GAP)).fill_null(value=False)
    numbered = (
        pl.scan_parquet(log)
        .sort("customer_id", "ts")
        .with_columns(session=begins.cast(pl.Int64).cum_sum())
        .with_row_index("place")
    )
    ends = (pl.col("session") != pl.col("session").shift(-1)).fill_null(value=True)
    place = pl.col("place").cast(pl.Int64)
    first = pl.when(pl.col("session") != pl.col("session").shift(1)).then(place)
    return numbered.with_columns(
        step=place - first.fill_null(pl.when(place == 0).then(0)).forward_fill() + 1,
        next_event=pl.when(~ends).then(pl.col("event").shift(-1)),
        to_next=pl.when(~ends).then(ts.shift(-1) - ts),
    ).drop("place")


def tasks(log: Path, folder: Path) -> dict[str, Callable[[], Any]]:
    """Return the tasks."""
    path = folder / "by_polars.parquet"
    event, step = pl.col("event"), pl.col("step")

    def table() -> pl.LazyFrame:
        return pl.scan_parquet(path)

    def prepare() -> int:
        prepared(log).sink_parquet(path)
        return int(table().select((step == 1).sum()).collect().item())

    def edges(value: pl.Expr) -> list[list[Any]]:
        inside = table().filter(pl.col("next_event").is_not_null())
        found = inside.group_by("event", "next_event").agg(value).sort("event", "next_event")
        return [list(row) for row in found.collect(engine="streaming").rows()]

    def paths() -> list[int]:
        opening = [event.filter(step == k).first().alias(f"event_{k}") for k in range(1, 7)]
        visits = table().group_by(*_KEY).agg(*opening, longer=pl.len() > 6)
        found = visits.group_by(pl.exclude(*_KEY)).len().top_k(20, by="len")
        return sorted(found.collect(engine="streaming")["len"].to_list(), reverse=True)

    def funnel() -> list[int]:
        ways = [table().filter(event == STEPS[0]).group_by("customer_id").agg(pl.col("ts").min())]
        for name in STEPS[1:]:
            here = table().filter(event == name).select("customer_id", later="ts")
            after = here.join(ways[-1], on="customer_id").filter(pl.col("later") > pl.col("ts"))
            ways.append(after.group_by("customer_id").agg(ts=pl.col("later").min()))
        sizes = pl.collect_all([way.select(pl.len()) for way in ways], engine="streaming")
        return [size.item() for size in sizes]

    median_s = pl.col("to_next").dt.total_microseconds().median() / 1e6
    return {
        "prepare": prepare,
        "edges": lambda: edges(pl.len().alias("n")),
        "median times": lambda: edges(median_s.alias("median_s")),
        "top paths": paths,
        "funnel": funnel,
    }


if __name__ == "__main__":
    measured.main(tasks)
