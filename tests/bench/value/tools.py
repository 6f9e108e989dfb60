"""Who does the tasks, and how each of them is run."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from tests.bench import measured, peers
from tests.bench.measured import Measure

SUMMARY, FIT, FORECAST = "summary", "fit", "fit and forecast"
TRIANGLE, BASKETS = "triangle", "baskets"
TASKS = (SUMMARY, FIT, FORECAST, TRIANGLE, BASKETS)
#: The peer, with the newest of each that it runs on.
_PEER = ("lifetimes==0.11.3", "numpy==2.4.6", "pandas==3.1.1", "pyarrow==26.0.1", "scipy==1.17.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One way to do the tasks.

    Parameters
    ----------
    name : str
        How it is shown.
    module : str
        The program of tasks, in this package.
    tasks : tuple of str
        What it can do.
    is_peer : bool
        Whether it runs in an environment of its own.
    repeats : int
        How often every task is run; the run with the least CPU time counts.
    """

    name: str
    module: str
    tasks: tuple[str, ...]
    is_peer: bool = False
    repeats: int = 2


BY_HAND = Tool(name="DuckDB by hand", module="by_sql", tasks=(SUMMARY, TRIANGLE, BASKETS))
KIT = Tool(name="cxresearch", module="by_kit", tasks=TASKS)
LIFETIMES = Tool(
    name="lifetimes 0.11.3",
    module="by_lifetimes",
    tasks=(SUMMARY, FIT, FORECAST),
    is_peer=True,
    repeats=1,
)
TOOLS = (BY_HAND, KIT, LIFETIMES)


def measure(tool: Tool, orders: Path, folder: Path) -> dict[str, Measure]:
    """Run the tasks of a tool, each in a process of its own."""
    python = str(peers.python_with(folder, *_PEER)) if tool.is_peer else sys.executable
    program = [python, "-m", f"{__package__}.{tool.module}", str(orders), str(folder)]
    best: dict[str, Measure] = {}
    for task in tool.tasks:
        for _ in range(tool.repeats):
            one = measured.run([*program, task], env={})[task]
            sys.stderr.write(f"{orders.stem}, {tool.name}, {task}: {one.cpu_s:.2f} CPU s\n")
            if task not in best or one.cpu_s < best[task].cpu_s:
                best[task] = one
    return best
