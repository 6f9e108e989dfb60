"""Who does the tasks, and how each of them is run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import measured, peers
from tests.bench.measured import Measure

ANSWERS = ("edges", "median times", "top paths", "funnel")
TASKS = ("prepare", *ANSWERS)
INFERRED = ("edges with intervals", "top paths with intervals")

_PEER = "retentioneering==5.2.4"


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
    largest : float
        The most millions of events it is asked to handle.
    repeats : int
        How often all is done; of every task the run with the least CPU time counts.
    env : dict
        What its environment has besides.
    precision_s : float
        How finely it tells times, in seconds.
    other_answers : tuple of str
        The tasks that it answers otherwise than the kit.
    """

    name: str
    module: str
    tasks: tuple[str, ...] = TASKS
    largest: float = 1_000
    repeats: int = 3
    env: dict[str, str] = field(default_factory=dict)
    precision_s: float = 2e-6
    other_answers: tuple[str, ...] = ()


BY_HAND = Tool(name="DuckDB by hand", module="by_sql", tasks=("sort", *TASKS))
KIT = Tool(name="cxresearch", module="by_kit", tasks=(*TASKS, *INFERRED))
POLARS = Tool(name="Polars", module="by_polars")
PEER = Tool(
    name=_PEER.replace("==", " "),
    module="by_retentioneering",
    largest=10,
    repeats=1,
    env={"RETENTIONEERING_NO_TRACK": "1"},
    precision_s=1.0,
    other_answers=("top paths",),
)
SPARK = Tool(
    name="cxresearch on Spark",
    module="by_kit",
    largest=10,
    repeats=1,
    env={"CX_ENGINE": "spark", "CX_MEMORY": "4GB"},
)
TOOLS = (BY_HAND, KIT, POLARS, PEER, SPARK)


def measure(tool: Tool, log: Path, folder: Path) -> dict[str, Measure]:
    """Run the tasks of a tool on a log; what it keeps between them goes at the end."""
    python = str(peers.python_with(folder, _PEER)) if tool.name == PEER.name else sys.executable
    program = [python, "-m", f"{__package__}.{tool.module}", str(log)]
    kept = folder / "kept"
    best: dict[str, Measure] = {}
    for _ in range(tool.repeats):
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir()
        for task, one in measured.run([*program, str(kept), *tool.tasks], env=tool.env).items():
            sys.stderr.write(f"{log.stem}, {tool.name}, {task}: {one.cpu_s:.2f} CPU s\n")
            if task not in best or one.cpu_s < best[task].cpu_s:
                best[task] = one
    shutil.rmtree(kept, ignore_errors=True)
    return best


def is_there(tool: Tool) -> bool:
    """Return whether a tool can be run here; Spark has to be asked for (`make spark`)."""
    asked = [sys.executable, "-c", "import pyspark"]
    return tool.name != SPARK.name or not subprocess.run(asked, capture_output=True).returncode
