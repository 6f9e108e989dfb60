"""Texts: their language, what is personal in them, their themes, sentiment, and all of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.bench import records
from tests.bench.measured import Measure
from tests.bench.texts import tables
from tests.bench.texts.tools import AGAIN, ENGLISH, KIT, LANGUAGE, TOOLS, Tool


def run(size: float, folder: Path, tools: tuple[Tool, ...] = TOOLS) -> dict[str, Any]:
    """Measure tools on so many times 10,000 texts, and see that their answers agree.

    Raises
    ------
    RuntimeError
        If a task fails, a tool answers otherwise than the kit, or the kit otherwise again.
    """
    texts = records.made(f"{__name__}.feedback", size, folder / f"texts-{size:g}.parquet")
    found = {tool.name: tool.measure(texts, folder) for tool in tools}
    for tool in tools:
        compare(tool, found[tool.name], found[KIT.name])
    return records.kept(found)


def compare(tool: Tool, given: Mapping[str, Measure], by_kit: Mapping[str, Measure]) -> None:
    """See that a tool answers as the kit does, and the kit again as at first.

    Raises
    ------
    RuntimeError
        If it does so for fewer texts than it must.
    """
    for task, one in given.items():
        share = alike(task, one.answer, by_kit[AGAIN.get(task, task)].answer)
        if share < tool.alike:
            raise RuntimeError(f"{task}: {tool.name} says what {KIT.name} does of {share:.1%} only")


def alike(task: str, given: Any, expected: Any) -> float:
    """Return the share of texts of which two say the same, of those that both judge."""
    pairs = list(zip(given, expected, strict=True)) if isinstance(given, list) else []
    if task == LANGUAGE:
        same = [one == other for one, other in pairs if other in ("en", "it")]
    elif task == ENGLISH:
        same = [one * other > 0 for one, other in pairs if one * other != 0]
    else:
        same = [given == expected]
    return sum(same) / len(same)


def section(found: Mapping[float, Mapping[str, Any]]) -> str:
    """Return the part of the page about texts."""
    return tables.whole(records.read(found))
