"""A tool that does the tasks of a bench, and how it is measured."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import measured, peers
from tests.bench.measured import Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One way to do the tasks of a bench.

    Parameters
    ----------
    name : str
        How it is shown.
    module : str
        The program of tasks.
    tasks : tuple of str
        What it can do.
    arguments : tuple of str
        What its program is given before the file.
    packages : tuple of str
        Those of an environment of its own; none where it runs in the kit's.
    env : dict
        What its environment has besides.
    repeats : int
        How often every task is run; the run with the least CPU time counts.
    once : tuple of str
        The tasks that are run once all the same.
    at_once : bool
        Whether one process does all tasks: sooner done, but its memory is that of all so far.
    """

    name: str
    module: str
    tasks: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    repeats: int = 3
    once: tuple[str, ...] = ()
    at_once: bool = False

    def measure(self, rows: Path, folder: Path) -> dict[str, Measure]:
        """Run the tasks on a file of rows; what is kept between them goes at the end."""
        python = str(peers.python_with(folder, *self.packages)) if self.packages else sys.executable
        kept = folder / "kept"
        program = [python, "-m", self.module, *self.arguments, str(rows), str(kept)]
        best: dict[str, Measure] = {}
        for number in range(self.repeats):
            shutil.rmtree(kept, ignore_errors=True)
            kept.mkdir()
            tasks = [task for task in self.tasks if not number or task not in self.once]
            for lot in [tasks] if self.at_once else [[task] for task in tasks]:
                for task, one in measured.run([*program, *lot], env=self.env).items():
                    said = f"{rows.stem}, {self.name}, {task}: {one.cpu_s:.2f} CPU s\n"
                    sys.stderr.write(said)
                    if task not in best or one.cpu_s < best[task].cpu_s:
                        best[task] = one
        shutil.rmtree(kept)
        return best
