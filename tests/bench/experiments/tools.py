"""Who does the tasks, and how each of them is run."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from tests.bench import measured, peers
from tests.bench.measured import Measure

TASKS = ("one metric, 2 variants", "2 variants", "4 variants")
#: The newest of each that runs on the kit's Python.
_PEER = ("tea-tasting==1.14.0", "ibis-framework[duckdb]==12.0.0", "polars==2.1.0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One way to do the tasks.

    Parameters
    ----------
    name : str
        How it is shown.
    module : str
        The program of tasks, in this package.
    backend : str
        What the peer runs on; empty for whoever runs in the kit's environment.
    repeats : int
        How often every task is run; the run with the least CPU time counts.
    """

    name: str
    module: str
    backend: str = ""
    repeats: int = 3


BY_HAND = Tool(name="DuckDB by hand", module="by_sql")
KIT = Tool(name="cxresearch", module="by_kit")
IBIS = Tool(name="tea-tasting on DuckDB", module="by_tea_tasting", backend="ibis")
POLARS = Tool(name="tea-tasting on Polars", module="by_tea_tasting", backend="polars")
STATSMODELS = Tool(name="pandas, statsmodels", module="by_statsmodels", repeats=1)
PEERS = (IBIS, POLARS)
TOOLS = (BY_HAND, KIT, *PEERS, STATSMODELS)


def measure(tool: Tool, customers: Path, folder: Path) -> dict[str, Measure]:
    """Run the tasks of a tool, each in a process of its own."""
    python = str(peers.python_with(folder, *_PEER)) if tool.backend else sys.executable
    backend = [tool.backend] if tool.backend else []
    program = [python, "-m", f"{__package__}.{tool.module}", *backend, str(customers), str(folder)]
    best: dict[str, Measure] = {}
    for task in TASKS:
        for _ in range(tool.repeats):
            one = measured.run([*program, task], env={})[task]
            sys.stderr.write(f"{customers.stem}, {tool.name}, {task}: {one.cpu_s:.2f} CPU s\n")
            if task not in best or one.cpu_s < best[task].cpu_s:
                best[task] = one
    return best
