"""Reports: what the pages of the demo study cost, and of that what is found."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.bench import measured, page, records
from tests.bench.measured import Measure
from tests.bench.records import Found

#: There is one demo study.
SIZES = (1.0,)
ROOT = Path(__file__).parents[3]
NOTHING, TABLES, AGAIN = "nothing kept", "tables and texts kept", "nothing changed"
PARTS, ALL = "parts", "all"
#: What :mod:`tests.bench.reports.parts` does, each after those before it.
TASKS = ("load", "prepare", "rows", "series", "scan", "experiments", "experiences")
INTRODUCTION = """## Reports

The demo study, 20,000 customers in three years, whose pages are built one after the other in both
languages. *nothing kept* has only the exports: its tables are loaded, its visits cut and its texts
read, each once, by the page that needs them first. *tables and texts kept* is what a changed
notebook or a changed setting costs; *nothing changed* looks whether anything is to be built. *all*
is the whole command, with the processes that it starts. CPU seconds of each page are those of the
kernel and of what makes the page of its cells. On a busy machine all are more.
"""
PARTS_INTRODUCTION = """### What is found, in parts

`cx.findings` of the same study in one process. *load* reads the exports and *prepare* cuts the
visits, both kept afterwards; *rows* is what is counted of each visit, order, answer, text and
ticket, *series* their sums over customers by week and group, *scan* the search for breaks in all
of them. *experiments* reads what a verdict is due on, *experiences* what customers spend after one.
"""


def run(_: float, folder: Path) -> dict[str, Any]:
    """Build the pages from nothing, again, and once more; then find, part by part."""
    root = folder / "reports"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    kept = shutil.ignore_patterns(".cache", "quarantine")
    shutil.copytree(ROOT / "data" / "demo", root / "data" / "demo", ignore=kept)
    found: dict[str, Mapping[str, Measure]] = {}
    for name in (NOTHING, TABLES, AGAIN):
        if name == TABLES:
            shutil.rmtree(root / "reports")
        found[name] = _build(root, pages=name != AGAIN)
    shutil.rmtree(root / "data" / "demo" / ".cache")
    program = [sys.executable, "-m", "tests.bench.reports.parts", str(root / "data" / "demo")]
    found[PARTS] = measured.run([*program, str(folder), *TASKS], env={"CX_ROOT": str(root)})
    return records.kept(found)


def _build(root: Path, *, pages: bool) -> dict[str, Measure]:
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [str(Path(sys.executable).with_name("cxresearch")), "report", "demo", "--jobs", "1"]
    subprocess.run(command, env=os.environ | {"CX_ROOT": str(root)}, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    seconds = time.perf_counter() - began
    whole = Measure(seconds=seconds, cpu_s=cpu_s, peak_mb=after.ru_maxrss / 1024, answer=None)
    return {**(_pages(root) if pages else {}), ALL: whole}


def _pages(root: Path) -> dict[str, Measure]:
    found = {}
    for path in sorted((root / "reports" / "demo").glob("*.json")):
        took = json.loads(path.read_text("utf-8")).get("run")
        if took:
            found[path.stem] = Measure(
                seconds=took["seconds"], cpu_s=took["cpu_seconds"], peak_mb=0.0, answer=None
            )
    return found


def section(found: Mapping[float, Mapping[str, Any]]) -> str:
    """Return the part of the page about reports."""
    known = records.read(found)
    if not known:
        return INTRODUCTION + "\nNothing has been measured on this machine yet.\n"
    (measures,) = known.values()
    passes = (NOTHING, TABLES, AGAIN)
    columns = ("page", *(f"CPU s, {name}" for name in passes))
    parts = [(task, f"{one.cpu_s:.2f}") for task, one in measures[PARTS].items()]
    return "\n".join(
        [
            INTRODUCTION,
            page.table(columns, _rows(measures, passes), words=1),
            PARTS_INTRODUCTION,
            page.table(("part", "CPU s"), parts, words=1),
        ]
    )


def _rows(measures: Found, passes: tuple[str, ...]) -> Iterator[list[str]]:
    for name in measures[NOTHING]:
        of_passes = [measures[one].get(name) for one in passes]
        yield [name, *(f"{one.cpu_s:.1f}" if one else "" for one in of_passes)]
