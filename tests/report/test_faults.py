"""Whatever ends a build, and whenever: the last good reports stay, and nothing else does."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.report import faults, small_project
from tests.report.small_project import Project


def change_everything(project: Project) -> None:
    """Make every report of the project out of date."""
    with (project.root / "requirements.lock").open("a") as file:
        file.write("# once more\n")


@pytest.fixture(scope="module")
def project(
    first_build: tuple[Project, int, str], tmp_path_factory: pytest.TempPathFactory
) -> Project:
    root = tmp_path_factory.mktemp("faults") / "project"
    shutil.copytree(first_build[0].root, root)
    return Project(root)


# One of each target, and both signals; the other pairs and moments are in tests/soak.
@pytest.mark.parametrize("seed", [0, 1, 5])
def test_a_build_may_be_ended_at_any_moment(project: Project, seed: int) -> None:
    good = project.files()
    change_everything(project)
    done = faults.interrupt(project, seed)
    faults.assert_nothing_is_lost(project, good, done)
    status, said = project.report("--jobs", "2")
    assert status == 0, f"{done}: {said}"
    faults.assert_records_match_pages(project, done)


def test_a_build_that_is_asked_to_end_clears_up_and_says_so_in_its_status(tmp_path: Path) -> None:
    project = small_project.create(tmp_path)
    project.notebook("01_first", "import time", "time.sleep(60)")
    with project.start() as build:
        assert build.stdout is not None
        assert build.stdout.readline() == "build    shop/first  because: never built\n"
        build.send_signal(signal.SIGTERM)
        build.communicate(timeout=20)
    assert build.returncode == 128 + signal.SIGTERM
    assert project.files() == {}
    assert not list(project.reports.iterdir())


def test_a_kernel_busy_in_c_ends_with_its_worker(tmp_path: Path) -> None:
    """ipykernel's own watch for its parent is a thread, which such a kernel does not let run."""
    project = small_project.create(tmp_path)
    project.notebook("01_first", "open('busy', 'w').close()\nsum(range(10**12))")
    with project.start() as build:
        while not (tmp_path / "busy").exists():
            assert build.poll() is None
        build.kill()
        build.communicate(timeout=20)
    faults.assert_nothing_is_lost(project, {}, "SIGKILL to main")


def test_a_kernel_whose_parent_is_gone_does_not_start() -> None:
    code = "from cxresearch.report.kernel import die_with; die_with(2**22 + 1)"  # no such process
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "the process that started this kernel is gone\n"
