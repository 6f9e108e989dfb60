"""Experiments: three metrics of many customers, compared between two and four variants."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.bench import records
from tests.bench.experiments import tables
from tests.bench.experiments.tools import KIT, TASKS, TOOLS
from tests.bench.tool import Tool

#: How far two tools may be apart: in the adjusted revenue, whose slope may be over a pair of the
#: variants or over all, and in the other metrics.
_ADJUSTED, _PLAIN = 1e-3, 1e-9


def run(size: float, folder: Path, tools: tuple[Tool, ...] = TOOLS) -> dict[str, Any]:
    """Measure tools on so many million customers, and see that their answers agree.

    Raises
    ------
    RuntimeError
        If a task fails, or a tool answers otherwise than the kit.
    """
    customers = records.made(
        f"{__name__}.customers", size, folder / f"experiments-{size:g}.parquet"
    )
    found = {tool.name: tool.measure(customers, folder) for tool in tools}
    for name, measures in found.items():
        for task in TASKS:
            answers = measures[task].answer, found[KIT.name][task].answer
            if not same(*answers):
                raise RuntimeError(f"{task}: {name} finds {answers[0]}, {KIT.name} {answers[1]}")
    return records.kept(found)


def same(given: list[list[float]], expected: list[list[float]]) -> bool:
    """Return whether two tables of differences are the same but for their last digits."""
    if [len(row) for row in given] != [len(row) for row in expected]:
        return False
    return all(
        abs(a - b) <= (_PLAIN if place else _ADJUSTED)
        for rows in zip(given, expected, strict=True)
        for place, (a, b) in enumerate(zip(*rows, strict=True))
    )


def section(found: Mapping[float, Mapping[str, Any]]) -> str:
    """Return the part of the page about experiments."""
    return tables.whole(records.read(found))
