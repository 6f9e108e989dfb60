"""Measure tasks in a process of their own; nothing but the standard library, for any environment.

A program of tasks prints one line of JSON for each: what it answered, the seconds it took, the CPU
seconds of the process and its children, and the most memory they ever held. What a program does
before its tasks, its imports above all, costs it no seconds.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What one task took."""

    seconds: float
    cpu_s: float
    peak_mb: float
    answer: Any


def run(program: Sequence[str], *, env: Mapping[str, str]) -> dict[str, Measure]:
    """Run a program of tasks in a fresh process and return what each of them took.

    Raises
    ------
    RuntimeError
        If the program fails; its last words are told.
    """
    done = subprocess.run(
        program, env=os.environ | env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(program)} failed:\n{done.stderr[-2000:]}")
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"task"')]
    return {line.pop("task"): Measure(**line) for line in lines}


def main(tasks: Callable[[Path, Path], Mapping[str, Callable[[], Any]]]) -> None:
    """Be a program of tasks: `python -m this LOG FOLDER TASK...`."""
    log, folder, *names = sys.argv[1:]
    there = tasks(Path(log), Path(folder))
    for name in names:
        began, cpu_began = time.perf_counter(), _cpu_s()
        answer = there[name]()
        seconds, cpu_s = time.perf_counter() - began, _cpu_s() - cpu_began
        lap = Measure(seconds=seconds, cpu_s=cpu_s, peak_mb=_peak_mb(), answer=answer)
        fields = {field: getattr(lap, field) for field in Measure.__slots__}
        sys.stdout.write(json.dumps({"task": name, **fields}) + "\n")


def _cpu_s() -> float:
    """Return the CPU seconds of this process, and of its children, those that ended among them."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    own = sum(one.ru_utime + one.ru_stime for one in used)
    return own + sum(sum(map(int, stat[11:15])) for _, stat in _children()) / _TICKS


def _peak_mb() -> float:
    """Return the most memory that this process and each of its children ever held, added up."""
    pids = ["self", *(str(pid) for pid, _ in _children())]
    lines = [line for pid in pids for line in _read(f"/proc/{pid}/status").splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def _children() -> Iterator[tuple[int, list[str]]]:
    """Yield every process below this one, with what `/proc` tells of it after its name."""
    stats = {
        int(path.name): _read(path / "stat").rpartition(")")[2].split()
        for path in Path("/proc").iterdir()
        if path.name.isdigit()
    }
    family = {os.getpid()}
    while more := {p for p, stat in stats.items() if stat and int(stat[1]) in family} - family:
        family |= more
    yield from ((pid, stats[pid]) for pid in family - {os.getpid()})


def _read(path: str | Path) -> str:
    try:
        return Path(path).read_text("utf-8")
    except OSError:  # it has just ended
        return ""
