"""What was measured of customer value, as the page shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.bench import page
from tests.bench.records import Found
from tests.bench.value.tools import KIT, TASKS

INTRODUCTION = """## Customer value

Orders with their lines, made from a seed, in Parquet: 3.6 orders per customer, two years, up to
three products each. *summary* is a frame of each customer in four numbers. *fit* is MBG/NBD, which
the kit gives with the intervals of its parameters; *forecast* adds the purchases that each customer
is expected to make in a year. Pareto/NBD is what the kit predicts by where nothing else is asked.
*triangle* is who of each month's new customers buys in the six after it; *baskets* counts, by
customer, how often each two of 500 products are together, which the kit holds against what the
number of products explains. By hand it is the counts alone, without intervals. That all tools find
the same is checked in every run.
"""
_COLUMNS = ("task", "by", "CPU s", "MiB", "CPU / kit")


def whole(found: Mapping[float, Found]) -> str:
    """Return the part of the page about customer value."""
    if not found:
        return INTRODUCTION + "\nNothing has been measured on this machine yet.\n"
    parts = [INTRODUCTION]
    for size, tools in found.items():
        parts += [f"### {size:g} million orders\n", page.table(_COLUMNS, _rows(tools))]
    return "\n".join(parts)


def _rows(tools: Found) -> Iterator[list[str]]:
    """Yield a row per task and tool, one task after the other."""
    for task in TASKS:
        for tool, measures in tools.items():
            if task in measures:
                one = measures[task]
                beside = f"{one.cpu_s / tools[KIT.name][task].cpu_s:.2f}"
                numbers = (f"{one.cpu_s:.2f}", f"{one.peak_mb:,.0f}")
                yield [task, tool, *numbers, beside]
