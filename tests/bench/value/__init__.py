"""Customer value: customers in four numbers, who stays, forecasts, and products together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.bench import records
from tests.bench.tool import Tool
from tests.bench.value import tables
from tests.bench.value.tools import FIT, KIT, TOOLS

#: How far two tools may be apart: optimisers end at other digits of a flat likelihood.
_FITTED, _COUNTED = 1e-2, 1e-6


def run(size: float, folder: Path, tools: tuple[Tool, ...] = TOOLS) -> dict[str, Any]:
    """Measure tools on so many million orders, and see that their answers agree.

    Raises
    ------
    RuntimeError
        If a task fails, or a tool answers otherwise than the kit.
    """
    orders = records.made(f"{__name__}.orders", size, folder / f"value-{size:g}.parquet")
    records.made(f"{__name__}.customers", size, orders.with_suffix(".customers"))
    found = {tool.name: tool.measure(orders, folder) for tool in tools}
    for name, measures in found.items():
        for task, one in measures.items():
            by_kit = found[KIT.name][task].answer
            if not same(one.answer, by_kit, _FITTED if task.startswith(FIT) else _COUNTED):
                raise RuntimeError(f"{task}: {name} finds {one.answer}, {KIT.name} {by_kit}")
    return records.kept(found)


def same(given: list[float], expected: list[float], apart: float) -> bool:
    """Return whether two lists of numbers are the same but for their last digits."""
    return len(given) == len(expected) and all(
        math.isclose(one, other, rel_tol=apart) for one, other in zip(given, expected, strict=True)
    )


def section(found: Mapping[float, Mapping[str, Any]]) -> str:
    """Return the part of the page about customer value."""
    return tables.whole(records.read(found))
