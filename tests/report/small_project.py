"""A project small enough to be built in seconds: one study, three notebooks, its own folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

PARAMETERS = 'study = "shop"\nlang = "en"\nconfidence = 0.95  # coverage, between 0 and 1'
MANIFEST = """\
title: {en: Small shop, it: Piccolo negozio}
currency: EUR
time_zone: Europe/Rome
language: it
tables:
  orders: {file: orders.csv}
reports:
  first: {notebook: 01_first}
  second: {notebook: 02_second, parameters: {lang: it}}
  both: {notebook: 03_both, reads: [first, second]}
  funnel: {notebook: 04_funnel}
"""

READS_ORDERS = """\
import shop_rules
from pathlib import Path
text = (Path("data") / study / "orders.csv").read_text()
report.headline("There are {n} orders.", n=shop_rules.count(text))
print(confidence)"""
#: What a build says before it begins: the file of orders is enough for the notebooks alone.
CHECKED = """\
shop: checking its files; the first time, each of them is loaded
cannot be used: orders has 2 faults:
  orders.csv lacks 'ts' for ts; it has: order_id
  orders.csv lacks 'revenue' for revenue
"""
#: Long enough for a fault to fall into it.
TAKES_A_WHILE = "import time\ntime.sleep(0.5)\nprint(6 * 7)"


@dataclass(frozen=True)
class Project:
    """A folder with data, notebooks and reports, and the ways a test changes them."""

    root: Path

    @property
    def reports(self) -> Path:
        return self.root / "reports" / "shop"

    @property
    def temporary(self) -> Path:
        return self.root / "tmp"

    @property
    def environment(self) -> dict[str, str]:
        folders = {"HOME": str(self.root / "home"), "TMPDIR": str(self.temporary)}
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CX_", "JUPYTER", "XDG"))}
        return kept | folders | {"CX_ROOT": str(self.root)}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `cxresearch report shop` in a process group of its own."""
        kit = [sys.executable, "-c", "from cxresearch.cli import app; app()"]
        return subprocess.Popen(
            [*kit, "report", "shop", *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def report(self, *arguments: str) -> tuple[int, str]:
        """Run `cxresearch report shop` and return its exit status and all that it said."""
        with self.start(*arguments) as process:
            said, _ = process.communicate(timeout=120)
        return process.returncode, said

    def sidecar(self, report: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.reports / f"{report}.json").read_text())
        return content

    def files(self) -> dict[str, bytes]:
        """Return every file of the reports' folder, hidden ones too."""
        found = [path for path in self.reports.rglob("*") if path.is_file()]
        return {str(path.relative_to(self.reports)): path.read_bytes() for path in found}

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def notebook(
        self, name: str, *cells: str, needs: tuple[str, ...] = (), reads: tuple[str, ...] = ()
    ) -> None:
        """Write a notebook of the kit's shape, with `cells` between its first and its last."""
        begin = "from cxresearch import report\nreport.begin(lang=lang)"
        write_notebook(
            self.root / "notebooks" / f"{name}.ipynb",
            begin,
            *cells,
            "report.provenance()",
            needs=needs,
            reads=reads,
        )


def write_notebook(
    path: Path, *cells: str, needs: tuple[str, ...] = (), reads: tuple[str, ...] = ()
) -> None:
    heading = nbformat.v4.new_markdown_cell(f"# What does {path.stem[3:]} say?", id="title")
    parameters = nbformat.v4.new_code_cell(PARAMETERS, id="parameters")
    parameters.metadata["tags"] = ["parameters"]
    code = [nbformat.v4.new_code_cell(cell, id=f"c{i}") for i, cell in enumerate(cells)]
    kernel = {"name": "not-on-this-machine", "display_name": "Other", "language": "python"}
    metadata = {"kernelspec": kernel, "cx": {"needs": list(needs), "reads": list(reads)}}
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = nbformat.v4.new_notebook(cells=[heading, parameters, *code], metadata=metadata)
    nbformat.write(notebook, path)


def create(root: Path) -> Project:
    project = Project(root)
    (root / "data" / "shop").mkdir(parents=True)
    (root / "home").mkdir()
    project.temporary.mkdir()
    (root / "data" / "shop" / "study.yaml").write_text(MANIFEST)
    (root / "data" / "shop" / "orders.csv").write_text("order_id\nA\nB\n")
    (root / "shop_rules.py").write_text("def count(text):\n    return text.count('\\n') - 1\n")
    (root / "requirements.lock").write_text("pandas==1\n")
    project.notebook("01_first", READS_ORDERS)
    project.notebook("02_second", TAKES_A_WHILE)
    project.notebook("03_both", 'report.say("Both were read.")')
    project.notebook("04_funnel", "1", needs=("events",))
    return project
