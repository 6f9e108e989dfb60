"""The tasks by the kit; a fit has the intervals of its parameters, a pair of products its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench import measured
from tests.bench.value import tools

UNTIL, AHEAD = "2025-12-31", 364


def tasks(log: Path, folder: Path) -> dict[str, Callable[[], Any]]:  # noqa: ARG001 - as the others
    """Return the tasks; all that they import has been imported."""
    import narwhals as nw
    import pandas as pd

    from cxresearch import engine, value
    from cxresearch.value._example import ORDERS

    def orders() -> Any:
        return engine.scan(log).filter(~nw.col("revenue").is_null()).to_native()

    def summed() -> list[float]:
        known = value.summary(orders(), until=UNTIL).frame
        columns = ["frequency", "recency", "T", "monetary_value"]
        return [float(len(known)), *known[columns].sum().tolist()]

    def fitted() -> value.PurchaseModel:
        return value.purchases(pd.read_parquet(log.with_suffix(".customers")), model="mbg")

    def forecast() -> list[float]:
        bought = fitted()
        return [float(bought.each(AHEAD / 7).sum())]

    def by_pareto() -> list[float]:
        bought = value.purchases(pd.read_parquet(log.with_suffix(".customers")))
        return [float(bought.each(AHEAD / 7).sum())]

    def retained() -> list[float]:
        frame = value.retention_triangle(orders(), periods=6).frame
        return [float(frame["retained"].sum())]

    def paired() -> list[float]:
        lines = engine.scan(log).select("order_id", "sku").to_native()
        return [float(value.baskets(lines, orders()).pairs["together"].max())]

    value.purchases(value.summary(ORDERS))
    return {
        tools.SUMMARY: summed,
        tools.FIT: lambda: [one.value for one in fitted().parameters.values()],
        tools.FORECAST: forecast,
        tools.PARETO: by_pareto,
        tools.TRIANGLE: retained,
        tools.BASKETS: paired,
    }


if __name__ == "__main__":
    measured.main(tasks)
