"""Who does the tasks, and how each of them is run."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tests.bench import measured
from tests.bench.measured import Measure

LANGUAGE, REDACTION, THEMES = "language", "redaction", "themes"
ENGLISH, ITALIAN = "words, English", "words, Italian"
VECTORS, VECTORS_AGAIN = "vectors", "vectors again"
ALL, ALL_AGAIN = "everything", "everything again"
TASKS = (
    *(LANGUAGE, REDACTION, THEMES, ENGLISH, ITALIAN),
    *(VECTORS, VECTORS_AGAIN, ALL, ALL_AGAIN),
)
#: The tasks that read what the one before kept, and must answer as it did.
AGAIN = {VECTORS_AGAIN: VECTORS, ALL_AGAIN: ALL}
#: The tasks that are on half the texts, those of one language.
HALVES = (ENGLISH, ITALIAN)
#: Those that take minutes, or read what such a one kept.
_LONG = (VECTORS, ALL, *AGAIN)


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
    alike : float
        The least share of texts of which it must say the same as the kit.
    repeats : int
        How often every task that is not long is run; the run with the least CPU time counts.
    at_once : bool
        Whether one process does all tasks: sooner done, but its memory is that of all.
    """

    name: str
    module: str
    tasks: tuple[str, ...]
    alike: float = 1.0
    repeats: int = 3
    at_once: bool = False


def _peer(package: str, module: str, task: str, alike: float) -> Tool:
    return Tool(name=f"{package} {version(package)}", module=module, tasks=(task,), alike=alike)


KIT = Tool(name="cxresearch", module="by_kit", tasks=TASKS)
LANGID = _peer("py3langid", "by_py3langid", LANGUAGE, 0.97)
VADER = _peer("vaderSentiment", "by_vader", ENGLISH, 0.9)
TOOLS = (KIT, LANGID, VADER)


def texts_of(size: float) -> int:
    """Return how many texts there are of a size."""
    return round(size * 10_000)


def measure(tool: Tool, texts: Path, folder: Path) -> dict[str, Measure]:
    """Run the tasks of a tool, each in a process of its own; what they keep goes at the end."""
    kept = folder / "kept texts"
    program = [sys.executable, "-m", f"{__package__}.{tool.module}", str(texts), str(kept)]
    lots = [tool.tasks] if tool.at_once else [(task,) for task in tool.tasks]
    best: dict[str, Measure] = {}
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir()
    for lot in lots:
        for _ in range(1 if lot[0] in _LONG else tool.repeats):
            for task, one in measured.run([*program, *lot], env={}).items():
                sys.stderr.write(f"{texts.stem}, {tool.name}, {task}: {one.cpu_s:.2f} CPU s\n")
                if task not in best or one.cpu_s < best[task].cpu_s:
                    best[task] = one
    shutil.rmtree(kept)
    return best
