"""What was measured of experiments, as the page shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tests.bench import page
from tests.bench.experiments.tools import BY_HAND, KIT, PEERS, TASKS
from tests.bench.measured import Measure

Found = Mapping[str, Mapping[str, Measure]]

INTRODUCTION = """## Experiments

One row per customer, made from a seed, in Parquet. *2 variants* and *4 variants*: each treatment
against the control in three metrics, revenue adjusted for what was spent before (CUPED), the share
who bought, and orders per session with customers as clusters. *one metric* is the revenue alone.
By hand it is the sums and the differences, without a standard error; the kit does its whole
analysis, with intervals, lifts, and Dunnett's test of several treatments; tea-tasting its own, on
DuckDB through ibis or on Polars, all pairs of variants at once. That all tools find the same
differences is checked in every run.
"""


def whole(found: Mapping[float, Found]) -> str:
    """Return the part of the page about experiments."""
    if not found:
        return INTRODUCTION + "\nNothing has been measured on this machine yet.\n"
    parts = [INTRODUCTION, "### What was aimed at\n", _aims(found)]
    for size, tools in found.items():
        parts += [f"### {size:g} million customers\n", page.table(_COLUMNS, _rows(tools))]
    return "\n".join(parts)


_COLUMNS = ("task", "by", "seconds", "CPU s", "MiB", "CPU / by hand", "CPU / kit")


def _aims(found: Mapping[float, Found]) -> str:
    rows: list[tuple[str, str, Callable[[Found], str]]] = []
    for task in TASKS[1:]:
        rows += [
            (f"{task}, CPU beside the sums by hand", "at most 1.5", _beside_hand(task)),
            (f"{task}, CPU beside tea-tasting's best", "at most 1", _beside_peer(task)),
            (f"{task}, memory beside tea-tasting's least", "at most 1", _memory(task)),
        ]
    rows.append(("three metrics beside one, CPU", "below 3", _three_beside_one))
    columns = ["", "aim", *(f"{size:g} million" for size in found)]
    return page.table(
        columns, ((name, aim, *map(value, found.values())) for name, aim, value in rows)
    )


def _beside_hand(task: str) -> Callable[[Found], str]:
    return lambda tools: f"{tools[KIT.name][task].cpu_s / tools[BY_HAND.name][task].cpu_s:.2f}"


def _beside_peer(task: str) -> Callable[[Found], str]:
    def value(tools: Found) -> str:
        best = min((tools[one.name][task].cpu_s for one in PEERS if one.name in tools), default=0)
        return f"{tools[KIT.name][task].cpu_s / best:.2f}" if best else ""

    return value


def _memory(task: str) -> Callable[[Found], str]:
    def value(tools: Found) -> str:
        best = min((tools[one.name][task].peak_mb for one in PEERS if one.name in tools), default=0)
        return f"{tools[KIT.name][task].peak_mb / best:.2f}" if best else ""

    return value


def _three_beside_one(tools: Found) -> str:
    one, three = (tools[KIT.name][task].cpu_s for task in TASKS[:2])
    return f"{three / one:.2f}"


def _rows(tools: Found) -> Iterator[list[str]]:
    """Yield a row per task and tool, one task after the other."""
    for task in TASKS:
        for tool, measures in tools.items():
            one = measures[task]
            beside = [f"{one.cpu_s / tools[by.name][task].cpu_s:.2f}" for by in (BY_HAND, KIT)]
            numbers = [f"{one.seconds:.2f}", f"{one.cpu_s:.2f}", f"{one.peak_mb:,.0f}"]
            yield [task, tool, *numbers, *beside]
