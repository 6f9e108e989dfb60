"""The tasks in plain DuckDB SQL, as someone who knows it well would write them by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench import measured
from tests.bench.journeys.log import STEPS

PREPARE = """
    COPY (
        SELECT customer_id, ts, event, session, row_number() OVER visit AS step,
            lead(event) OVER visit AS next_event,
            epoch_us(lead(ts) OVER visit) - epoch_us(ts) AS to_next_us, channel, device
        FROM (
            SELECT *, sum(is_new::INTEGER) OVER (
                PARTITION BY customer_id ORDER BY ts ROWS UNBOUNDED PRECEDING) AS session
            FROM (
                SELECT *, coalesce(ts - lag(ts) OVER customer > INTERVAL 30 MINUTE, true) AS is_new
                FROM '{log}' WINDOW customer AS (PARTITION BY customer_id ORDER BY ts)))
        WINDOW visit AS (PARTITION BY customer_id, session ORDER BY ts)
    ) TO '{table}'"""
EDGES = """
    SELECT event, next_event, count(*) FROM '{table}'
    WHERE next_event IS NOT NULL GROUP BY ALL ORDER BY ALL"""
MEDIANS = """
    SELECT event, next_event, quantile_cont(to_next_us, 0.5) / 1e6 FROM '{table}'
    WHERE next_event IS NOT NULL GROUP BY ALL ORDER BY ALL"""
_PLACES = range(1, 7)
_OPENING = ", ".join(f"max(CASE WHEN step = {k} THEN event END) AS event_{k}" for k in _PLACES)
PATHS = f"""
    SELECT count(*) AS n FROM (
        SELECT {_OPENING}, count(*) > 6 AS longer FROM '{{table}}' GROUP BY customer_id, session)
    GROUP BY {", ".join(f"event_{k}" for k in _PLACES)}, longer ORDER BY n DESC LIMIT 20"""


def funnel(table: str) -> str:
    """Return the funnel: the first time of each step after the first time of the one before."""
    first, *others = STEPS
    parts = [
        f"step_0 AS (SELECT customer_id, min(ts) AS ts FROM '{table}' "
        f"WHERE event = '{first}' GROUP BY customer_id)",
        *(
            f"step_{k} AS (SELECT e.customer_id, min(e.ts) AS ts FROM '{table}' AS e "
            f"JOIN step_{k - 1} AS s ON e.customer_id = s.customer_id AND e.ts > s.ts "
            f"WHERE e.event = '{step}' GROUP BY e.customer_id)"
            for k, step in enumerate(others, start=1)
        ),
    ]
    counts = ", ".join(f"(SELECT count(*) FROM step_{k})" for k in range(len(STEPS)))
    return f"WITH {', '.join(parts)} SELECT {counts}"


def tasks(log: Path, folder: Path) -> dict[str, Callable[[], Any]]:
    """Return the tasks."""
    from cxresearch import engine

    connection = engine.connect()
    table = str(folder / "by_sql.parquet")

    def ask(sql: str) -> list[list[Any]]:
        rows = connection.execute(sql.format(log=log, table=table)).fetchall()
        return [list(row) for row in rows]

    def prepare() -> int:
        ask(PREPARE)
        return ask("SELECT count(*) FILTER (step = 1) FROM '{table}'")[0][0]

    def sort() -> int:
        ((rows,),) = ask("CREATE TABLE sorted AS SELECT * FROM '{log}' ORDER BY customer_id, ts")
        ask("DROP TABLE sorted")
        return int(rows)

    return {
        "sort": sort,
        "prepare": prepare,
        "edges": lambda: ask(EDGES),
        "median times": lambda: ask(MEDIANS),
        "top paths": lambda: [n for (n,) in ask(PATHS)],
        "funnel": lambda: ask(funnel(table))[0],
    }


if __name__ == "__main__":
    measured.main(tasks)
