"""The tasks in plain DuckDB SQL, as someone who knows it well would write them by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench import measured
from tests.bench.value import tools

SUMMARY = """
    SELECT customer_id, days - 1 AS frequency, (latest - earliest) / 7.0 AS recency,
        (DATE '2025-12-31' - earliest) / 7.0 AS T,
        CASE WHEN days > 1 THEN (total - opening) / (days - 1) ELSE 0 END AS monetary_value
    FROM (
        SELECT customer_id, count(*) AS days, min(day) AS earliest, max(day) AS latest,
            sum(net) AS total, arg_min(net, day) AS opening
        FROM (SELECT customer_id, day, sum(revenue) AS net FROM '{log}'
            WHERE revenue IS NOT NULL AND day <= DATE '2025-12-31' GROUP BY ALL)
        GROUP BY customer_id)"""
#: The months that the data cover wholly: all.
TRIANGLE = """
    WITH months AS (
        SELECT DISTINCT customer_id, year(day) * 12 + month(day) AS month
        FROM '{log}' WHERE revenue IS NOT NULL),
    cohorts AS (SELECT *, month - min(month) OVER (PARTITION BY customer_id) AS later FROM months),
    counted AS (
        SELECT month - later AS cohort, later, count(*) AS retained
        FROM cohorts WHERE later <= 6 GROUP BY ALL)
    SELECT sum(retained) FROM counted"""
BASKETS = """
    WITH own AS (SELECT DISTINCT customer_id, sku FROM '{log}')
    SELECT max(n) FROM (
        SELECT count(*) AS n FROM own AS a JOIN own AS b
        ON a.customer_id = b.customer_id AND a.sku < b.sku GROUP BY a.sku, b.sku)"""


def tasks(log: Path, folder: Path) -> dict[str, Callable[[], Any]]:  # noqa: ARG001 - as the others
    """Return the tasks."""
    from cxresearch import engine

    connection = engine.connect()

    def asked(sql: str) -> list[float]:
        return [float(each) for each in connection.execute(sql.format(log=log)).fetchone() or ()]

    def summed() -> list[float]:
        known = connection.execute(SUMMARY.format(log=log)).df()
        return [float(len(known)), *known.drop(columns="customer_id").sum().tolist()]

    return {
        tools.SUMMARY: summed,
        tools.TRIANGLE: lambda: asked(TRIANGLE),
        tools.BASKETS: lambda: asked(BASKETS),
    }


if __name__ == "__main__":
    measured.main(tasks)
