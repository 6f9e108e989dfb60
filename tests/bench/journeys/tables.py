"""What was measured of journeys, as the page shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.bench import page
from tests.bench.journeys.tools import ANSWERS, BY_HAND, KIT, PEER, TASKS
from tests.bench.measured import Measure

Found = Mapping[str, Mapping[str, Measure]]

INTRODUCTION = """## Journeys

One log of a shop, made from a seed: 14 events, about 12 of them and 2.6 visits per customer, in the
order in which a shop writes them. *prepare* cuts it into sessions, numbers the steps, finds what
comes next and when, and keeps that as Parquet, which the others read: *edges* counts from which
event sessions go on to which, *median times* finds the median time between the two, *top paths* the
20 most frequent openings of six steps, and *funnel* how many customers reach each of five steps in
order. *sort* is a bare `ORDER BY customer_id, ts` of the same rows into a table. That all tools
answer the same is checked in every run. The kit's funnel has its intervals; its other intervals are
timed apart. Every tool keeps all five columns of the log and does its tasks one after the other in
one process, so memory is the most that it has held so far. retentioneering keeps its stream in
memory, tells times in whole seconds, and has no list of paths, in whose place its step matrix
stands.
"""


def whole(found: Mapping[float, Found]) -> str:
    """Return the part of the page about journeys."""
    if not found:
        return INTRODUCTION + "\nNothing has been measured on this machine yet.\n"
    parts = [INTRODUCTION, "### What was aimed at\n", _aims(found)]
    for size, tools in found.items():
        parts += [f"### {size:g} million events\n", _measures(tools)]
    return "\n".join(parts)


def _aims(found: Mapping[float, Found]) -> str:
    columns = ["", "aim", *(f"{size:g} million" for size in found)]
    rows = [
        ("prepare, CPU beside a bare sort", "at most 2.5", _prepare_beside_sort),
        ("the four answers, CPU beside a bare sort", "at most 1.5", _answers_beside_sort),
        ("most memory of the kit, MiB", "under 4,096", _most_memory),
        ("the kit's CPU, microseconds per event", "flat", _per_event),
        ("CPU of retentioneering beside the kit", "at least 10", _peer_cpu),
        ("memory of retentioneering beside the kit", "at least 6", _peer_memory),
    ]
    return page.table(
        columns,
        (
            (name, aim, *(value(size, tools) for size, tools in found.items()))
            for name, aim, value in rows
        ),
    )


def _prepare_beside_sort(_: float, tools: Found) -> str:
    return f"{tools[KIT.name]['prepare'].cpu_s / _sort_s(tools):.2f}"


def _answers_beside_sort(_: float, tools: Found) -> str:
    return f"{_cpu_s(tools[KIT.name], ANSWERS) / _sort_s(tools):.2f}"


def _most_memory(_: float, tools: Found) -> str:
    return f"{_peak_mb(tools[KIT.name]):,.0f}"


def _per_event(size: float, tools: Found) -> str:
    return f"{_cpu_s(tools[KIT.name], TASKS) / size:.2f}"


def _peer_cpu(_: float, tools: Found) -> str:
    peer = tools.get(PEER.name)
    return f"{_cpu_s(peer, TASKS) / _cpu_s(tools[KIT.name], TASKS):.1f}" if peer else ""


def _peer_memory(_: float, tools: Found) -> str:
    peer = tools.get(PEER.name)
    return f"{_peak_mb(peer) / _peak_mb(tools[KIT.name]):.1f}" if peer else ""


def _sort_s(tools: Found) -> float:
    return tools[BY_HAND.name]["sort"].cpu_s


def _cpu_s(measures: Mapping[str, Measure], tasks: tuple[str, ...]) -> float:
    return sum(measures[task].cpu_s for task in tasks)


def _peak_mb(measures: Mapping[str, Measure]) -> float:
    return max(measures[task].peak_mb for task in TASKS)


def _measures(tools: Found) -> str:
    columns = ["task", "by", "seconds", "CPU s", "MiB", "CPU / sort", "CPU / kit"]
    return page.table(columns, _rows(tools))


def _rows(tools: Found) -> Iterator[list[str]]:
    """Yield a row per task and tool, one task after the other."""
    for task in dict.fromkeys(task for measures in tools.values() for task in measures):
        kit = tools[KIT.name].get(task)
        for tool, measures in tools.items():
            if task in measures:
                one = measures[task]
                beside_kit = f"{one.cpu_s / kit.cpu_s:.1f}" if kit else ""
                numbers = [f"{one.seconds:.2f}", f"{one.cpu_s:.2f}", f"{one.peak_mb:,.0f}"]
                yield [task, tool, *numbers, f"{one.cpu_s / _sort_s(tools):.2f}", beside_kit]
