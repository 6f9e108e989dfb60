"""The reports of the demo, built once for all tests of a run, with each notebook as it ran.

`python -m tests.demo FOLDER` builds them as `cxresearch report demo` does, in the project that
CX_ROOT names, and keeps in FOLDER the notebooks that it has run.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cxresearch import cli
from cxresearch.core import disk
from cxresearch.report import build as building
from cxresearch.report import jobs
from cxresearch.report.jobs import Outcome, ReportJob

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "data" / "demo"
REPORTS = Path("reports") / "demo"
COMMAND = ("report", "demo", "--jobs", "2")


class Keeper(building.Maker):
    """A build that keeps each notebook as it ran."""

    kept: Path

    async def _outcome(self, job: ReportJob, name: str) -> Outcome:
        outcome = await super()._outcome(job, name)
        if not outcome.failure:
            place = self.kept / Path(job.provenance.notebook).name
            shutil.copyfile(job.folder / jobs.EXECUTED, place)
        return outcome


def project_with(folder: Path, data: Path) -> Path:
    """Make a project of its own that has one study and the kit's notebooks."""
    study = folder / "data" / data.name
    study.mkdir(parents=True)
    for file in data.iterdir():
        if file.is_file():
            shutil.copy(file, study)
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    shutil.copy(ROOT / "requirements.lock", folder)
    return folder


def build(project: Path, *command: str | Path) -> None:
    """Build the reports of the demo study that are missing or changed."""
    fault = _fault(project, *(command or (Path(sys.executable).with_name("cxresearch"), *COMMAND)))
    assert not fault, fault


def _fault(project: Path, *command: str | Path) -> str:
    """Run a command on a project and return all that it said, where it failed."""
    # A report is to be silent by itself.
    own = {name: value for name, value in os.environ.items() if name != "CX_NO_PROGRESS"}
    done = subprocess.run(
        command, cwd=ROOT, env=own | {"CX_ROOT": str(project)}, capture_output=True, text=True
    )
    return done.stdout + done.stderr if done.returncode else ""


def folder_of_run(temporary: pytest.TempPathFactory) -> Path:
    """Return a folder for :func:`built` that the workers of a run share."""
    own = temporary.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "demo"
    folder.mkdir(exist_ok=True)
    return folder


def built(folder: Path) -> tuple[Path, Path]:
    """Return the project of the demo with its reports, and the folder of the notebooks that ran.

    What the kit keeps of the tables is shared with the tests that read them where they are: it is
    named by its content.
    """
    project, ran, fault = (folder / name for name in ("project", "ran", "fault.txt"))
    with disk.held(folder):
        if not fault.exists():
            project_with(project, DEMO)
            kept = DEMO / ".cache"
            kept.mkdir(exist_ok=True)
            (project / "data" / "demo" / ".cache").symlink_to(kept)
            ran.mkdir()
            found = _fault(project, sys.executable, "-m", "tests.demo", ran)
            fault.write_text(found, "utf-8")
    # One that failed is not tried again: it fails whoever needs it.
    assert not fault.read_text("utf-8"), fault.read_text("utf-8")
    return project, ran


def data_read(project: Path) -> dict[str, dict[str, str]]:
    """Return the data files that each notebook has read, with the first of their SHA-256."""
    records = [json.loads(path.read_text("utf-8")) for path in (project / REPORTS).glob("*.json")]
    return {
        Path(record["notebook"]).name: {
            name: sha256[:12] for name, sha256 in record["provenance"]["data"].items()
        }
        for record in records
        if "notebook" in record
    }


if __name__ == "__main__":
    Keeper.kept = Path(sys.argv[1])
    building.Maker = Keeper  # type: ignore[misc]
    cli.app(COMMAND)
