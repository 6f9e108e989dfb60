"""Journeys: prepare a log once, then ask four things of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.bench import records
from tests.bench.journeys import tables
from tests.bench.journeys.tools import KIT, TASKS, TOOLS, Tool, is_there
from tests.bench.measured import Measure

Measures = Mapping[str, Measure]

#: What is done once only is larger, in millions of events.
_QUICK = 10


def run(size: float, folder: Path, tools: tuple[Tool, ...] = TOOLS) -> dict[str, Any]:
    """Measure tools on a log of so many million events, and see that their answers agree.

    Raises
    ------
    RuntimeError
        If a task fails, or a tool answers otherwise than the kit.
    """
    log = records.made(f"{__name__}.log", size, folder / f"journeys-{size:g}.parquet")
    able = [tool for tool in tools if size <= tool.largest and is_there(tool)]
    if size > _QUICK:
        able = [replace(tool, repeats=1) for tool in able]
    found = {tool.name: tool.measure(log, folder) for tool in able}
    for tool in able:
        _compare(tool, found[tool.name], found[KIT.name])
    return records.kept(found)


def _compare(tool: Tool, given: Measures, expected: Measures) -> None:
    for task in TASKS:
        answers = given[task].answer, expected[task].answer
        if task in tool.other_answers or same(*answers, within=tool.precision_s):
            continue
        raise RuntimeError(f"{task}: {tool.name} finds {answers[0]}, {KIT.name} {answers[1]}")


def same(given: Any, expected: Any, *, within: float) -> bool:
    """Return whether two answers are the same, times within so many seconds."""
    if isinstance(expected, list):
        pairs = zip(given, expected, strict=False)
        return len(given) == len(expected) and all(same(*pair, within=within) for pair in pairs)
    if isinstance(expected, float):
        return bool(abs(given - expected) <= within)
    return bool(given == expected)


def section(found: Mapping[float, Mapping[str, Any]]) -> str:
    """Return the part of the page about journeys."""
    return tables.whole(records.read(found))
