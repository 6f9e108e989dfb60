"""Who does the tasks."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

from tests.bench import tool

ANSWERS = ("edges", "median times", "top paths", "funnel")
TASKS = ("prepare", *ANSWERS)
INFERRED = ("edges with intervals", "top paths with intervals")

_PEER = "retentioneering==5.2.4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool(tool.Tool):
    """One way to do the tasks, all of them in one process.

    Parameters
    ----------
    largest : float
        The most millions of events it is asked to handle.
    precision_s : float
        How finely it tells times, in seconds.
    other_answers : tuple of str
        The tasks that it answers otherwise than the kit.
    """

    tasks: tuple[str, ...] = TASKS
    at_once: bool = True
    largest: float = 1_000
    precision_s: float = 2e-6
    other_answers: tuple[str, ...] = ()


BY_HAND = Tool(name="DuckDB by hand", module=f"{__package__}.by_sql", tasks=("sort", *TASKS))
KIT = Tool(name="cxresearch", module=f"{__package__}.by_kit", tasks=(*TASKS, *INFERRED))
POLARS = Tool(name="Polars", module=f"{__package__}.by_polars")
PEER = Tool(
    name=_PEER.replace("==", " "),
    module=f"{__package__}.by_retentioneering",
    packages=(_PEER,),
    largest=10,
    repeats=1,
    env={"RETENTIONEERING_NO_TRACK": "1"},
    precision_s=1.0,
    other_answers=("top paths",),
)
SPARK = Tool(
    name="cxresearch on Spark",
    module=f"{__package__}.by_kit",
    largest=10,
    repeats=1,
    env={"CX_ENGINE": "spark", "CX_MEMORY": "4GB"},
)
TOOLS = (BY_HAND, KIT, POLARS, PEER, SPARK)


def is_there(one: Tool) -> bool:
    """Return whether a tool can be run here; Spark has to be asked for (`make spark`)."""
    asked = [sys.executable, "-c", "import pyspark"]
    return one.name != SPARK.name or not subprocess.run(asked, capture_output=True).returncode
