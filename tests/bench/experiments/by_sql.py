"""The tasks in plain DuckDB SQL: the sums, and the differences that follow from them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench import measured

SPENT = """sum(revenue), sum(revenue * revenue), sum(before), sum(before * before),
    sum(revenue * before)"""
OTHERS = """sum(bought::DOUBLE), sum(orders::DOUBLE), sum(orders::DOUBLE * orders),
    sum(sessions::DOUBLE), sum(sessions::DOUBLE * sessions), sum(orders::DOUBLE * sessions)"""
SUMS = "SELECT count(*), {sums} FROM '{log}' GROUP BY {variant} ORDER BY {variant}"


def tasks(log: Path, folder: Path) -> dict[str, Callable[[], Any]]:  # noqa: ARG001 - as the others
    """Return the tasks."""
    from cxresearch import engine

    connection = engine.connect()

    def asked(variant: str, *sums: str) -> list[list[float]]:
        sql = SUMS.format(sums=", ".join(sums), log=log, variant=variant)
        control, *treatments = connection.execute(sql).fetchall()
        slope = _slope([control, *treatments])
        first = _numbers(control, slope)
        return [
            [b - a for a, b in zip(first, _numbers(one, slope), strict=True)] for one in treatments
        ]

    return {
        "one metric, 2 variants": lambda: asked("two", SPENT),
        "2 variants": lambda: asked("two", SPENT, OTHERS),
        "4 variants": lambda: asked("four", SPENT, OTHERS),
    }


def _numbers(row: tuple[float, ...], slope: float) -> list[float]:
    """Return the adjusted revenue, and the share and the ratio where they were summed."""
    n, revenue, _, before, *_ = row
    others = [row[6] / n, row[7] / row[9]] if len(row) > 6 else []
    return [(revenue - slope * before) / n, *others]


def _slope(rows: list[tuple[float, ...]]) -> float:
    """Return CUPED's slope, over all customers."""
    n, y, _, x, xx, xy = (sum(row[place] for row in rows) for place in range(6))
    return (xy - x * y / n) / (xx - x * x / n)


if __name__ == "__main__":
    measured.main(tasks)
