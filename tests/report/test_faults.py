"""Whatever ends a build, and whenever: the last good reports stay, and nothing else does."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
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


def test_a_build_may_be_ended_at_any_moment(project: Project) -> None:
    good = project.files()
    # One of each target, and both signals; the other pairs and moments are in tests/soak.
    for seed in (0, 1, 5):
        change_everything(project)
        done = faults.interrupt(project, seed)
        faults.assert_nothing_is_lost(project, good, done)
    status, said = project.report("--jobs", "2")
    assert status == 0, said
    faults.assert_records_match_pages(project, "the next build")


def test_a_build_that_is_asked_to_end_clears_up_and_says_so_in_its_status(tmp_path: Path) -> None:
    project = small_project.create(tmp_path)
    project.notebook("01_first", "import time", "time.sleep(60)")
    with project.start() as build:
        assert build.stdout is not None
        checked = [build.stdout.readline() for _ in small_project.CHECKED.splitlines()]
        assert "".join(checked) == small_project.CHECKED
        assert build.stdout.readline() == "build    shop/first  because: never built\n"
        build.send_signal(signal.SIGTERM)
        build.communicate(timeout=20)
    assert build.returncode == 128 + signal.SIGTERM
    assert project.files() == {}
    assert not list(project.reports.iterdir())


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    """Return once a file is there, which a process that still runs has written."""
    while not path.exists():
        assert process.poll() is None
        time.sleep(0.05)


def test_a_kernel_busy_in_c_ends_with_its_worker(tmp_path: Path) -> None:
    """ipykernel's own watch for its parent is a thread, which such a kernel does not let run."""
    project = small_project.create(tmp_path)
    project.notebook("01_first", "open('busy', 'w').close()\nsum(range(10**12))")
    with project.start() as build:
        wait_for(tmp_path / "busy", build)
        build.kill()
        build.communicate(timeout=20)
    faults.assert_nothing_is_lost(project, {}, "SIGKILL to main")


def test_a_kernel_whose_parent_is_gone_does_not_start() -> None:
    code = "from cxresearch.report.kernel import die_with; die_with(2**22 + 1)"  # no such process
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "the process that started this kernel is gone\n"


MAKEFILE = """\
report:
\t@exec {python} -c "from cxresearch.cli import app; app()" report shop
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_make_that_is_ended_leaves_no_build_and_no_kernel(
    tmp_path: Path, number: signal.Signals
) -> None:
    project = small_project.create(tmp_path / "project")
    project.notebook("01_first", "open('busy', 'w').close()\nsum(range(10**12))")
    (tmp_path / "Makefile").write_text(MAKEFILE.format(python=sys.executable))
    with subprocess.Popen(
        ["make", "-f", tmp_path / "Makefile", "report"],
        env=project.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as make:
        wait_for(project.root / "busy", make)
        if number == signal.SIGINT:  # Ctrl-C: make trusts the terminal to tell the others
            os.killpg(make.pid, number)
        else:
            make.send_signal(number)
        make.communicate(timeout=60)
    assert make.returncode != 0
    faults.assert_nothing_is_lost(project, {}, f"{number.name} to make")


ENDS_ITSELF = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
FULL = """\
import errno, json, os
raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), json.__file__)"""
#: Cells that cannot run here, by the report they are in, and what is said of it.
LACKING = {
    "first": (ENDS_ITSELF, "the kernel was ended from outside, as it is where memory runs out"),
    "memory": ("bytearray(2**62)", "the memory of this machine was not enough"),
    "disk": (FULL, "the disk is full ([Errno 28] No space left on device: 'json/__init__.py')"),
    "json": ("import json\njson.loads('{')", "JSONDecodeError: Expecting property name"),
    "file": ("import warnings\nwarnings.warn('odd')\nopen('data/none.csv')", "'data/none.csv'"),
}


def test_what_the_machine_lacks_is_said_in_one_line_without_its_folders(
    first_build: tuple[Project, int, str], tmp_path: Path
) -> None:
    shutil.copytree(first_build[0].root, tmp_path / "project")
    project = Project(tmp_path / "project")
    good = (project.reports / "first.html").read_bytes()
    for name, (cell, _) in LACKING.items():
        project.notebook(f"01_{name}", cell)
    listed = "".join(f"  {name}: {{notebook: 01_{name}}}\n" for name in LACKING)
    project.edit("data/shop/study.yaml", "  first: {notebook: 01_first}\n", listed)
    status, said = project.report()
    assert status == 1
    assert "Traceback" not in said
    assert (project.reports / "first.html").read_bytes() == good
    failed = [line for line in said.splitlines() if line.startswith("FAILED")]
    pages = [(project.reports / f"{name}.failed.html").read_text() for name in LACKING]
    for line, (name, (_, words)) in zip(failed, LACKING.items(), strict=True):
        assert f"shop/{name} " in line
        assert words in line
    own = Path(__file__).parents[2]
    for folder in (str(project.root), sys.prefix, sys.base_prefix + "/", str(own)):
        assert not [page for page in (*pages, said) if folder in page]
    assert not [page for page in pages if "ipykernel_" in page]


def test_a_folder_in_the_place_of_a_file_is_named_and_the_rest_is_built(
    first_build: tuple[Project, int, str], tmp_path: Path
) -> None:
    shutil.copytree(first_build[0].root, tmp_path / "project")
    project = Project(tmp_path / "project")
    listed = "  first: {notebook: 01_first}\n"
    more = "  fails: {notebook: 05_fails}\n  rest: {notebook: 06_rest}\n"
    project.edit("data/shop/study.yaml", listed, listed + more)
    project.notebook("05_fails", "0 / 0")
    project.notebook("06_rest", "1")
    change_everything(project)
    places = ["first.html", "second.json", "fails.failed.html", "index.html"]
    for name in places:
        place = project.reports / name
        place.unlink(missing_ok=True)
        (place / "something").mkdir(parents=True)
    status, said = project.report()
    assert status != 0
    for name in places:
        assert f"reports/shop/{name} cannot be written: Is a directory" in said
    assert "Traceback" not in said
    assert (project.reports / "rest.json").is_file()


def test_a_disk_without_room_ends_in_a_line_and_the_last_good_pages_stay(
    first_build: tuple[Project, int, str], tmp_path: Path
) -> None:
    """A limit on the size of a file stands for the room that is left, in blocks of 512 bytes."""
    shutil.copytree(first_build[0].root, tmp_path / "project")
    project = Project(tmp_path / "project")
    project.notebook("01_first", "print('a page of more than 40 blocks ' * 1000)")
    good = project.files()
    kit = f"{sys.executable} -c 'from cxresearch.cli import app; app()' report shop --only first"
    for blocks in (0, 1, 8, 40):
        done = subprocess.run(
            ["sh", "-c", f"ulimit -f {blocks}; exec {kit}"],
            # Python would leave cut bytecode beside the modules, which later runs cannot read.
            env=project.environment | {"PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
        )
        assert done.returncode != 0
        said = done.stdout + done.stderr
        assert "File too large" in said
        assert "Traceback" not in said
        assert str(project.root) not in said
        faults.assert_nothing_is_lost(project, good, f"{blocks} blocks")
    status, said = project.report()
    assert status == 0, said
    faults.assert_records_match_pages(project, "the next build")
