"""Builds with real workers and kernels: what is built, when, why, and what a failure leaves."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from cxresearch.report import kernel_server
from tests.report import small_project
from tests.report.small_project import Project


@pytest.fixture
def built(first_build: tuple[Project, int, str], tmp_path: Path) -> Project:
    """A project that is built, in a folder of the test's own."""
    root = tmp_path / "elsewhere"
    shutil.copytree(first_build[0].root, root)
    return Project(root)


def lines(said: str) -> list[str]:
    """What a build said, without its times, how far it is, and what it says of what cannot run."""
    told = [re.sub(r" +", " ", re.sub(r"\d+\.\d s", "N s", line)) for line in said.splitlines()]
    of_all = ("reports settled after", "checking its files", "cannot be used", " lacks ")
    return [
        line
        for line in told
        if not line.startswith("not run") and not any(w in line for w in of_all)
    ]


def test_a_first_build_makes_every_report_and_says_so(
    first_build: tuple[Project, int, str],
) -> None:
    project, status, said = first_build
    assert status == 0, said
    assert sorted(lines(said)) == [
        "build shop/both because: never built",
        "build shop/first because: never built",
        "build shop/second because: never built",
        "built shop/both in N s",
        "built shop/first in N s",
        "built shop/second in N s",
        "shop: 4 reports: 3 rebuilt, 1 not run",
    ]
    assert "not run  shop/funnel  needs events\n" in said
    # `both` begins once the two that it reads are done.
    assert lines(said).index("build shop/both because: never built") == 4
    assert sorted(project.files()) == [
        *("both.html", "both.json", "first.html", "first.json"),
        *("index.html", "index.json", "second.html", "second.json"),
    ]


def test_a_record_says_what_was_answered_and_from_what(built: Project) -> None:
    record = built.sidecar("first")
    (page,) = record["pages"].values()
    assert page["headline"] == "There are 2 orders."
    assert page["title"] == "What does first say?"
    assert record["provenance"]["parameters"]["study"] == "shop"
    assert list(record["provenance"]["data"]) == ["data/shop/orders.csv"]
    read = set(record["build"]["files"])
    assert {"data/shop/orders.csv", "shop_rules.py", "requirements.lock"} <= read
    assert {"cxresearch/report/page.py", "cxresearch/report/worker.py"} <= read
    assert record["run"]["cpu_seconds"] > 0
    assert str(built.root) not in str(record)


def test_the_index_lists_every_report_with_its_status(built: Project) -> None:
    page = (built.reports / "index.html").read_text()
    assert "Piccolo negozio" in page
    for words in ("What does first say?", "There are 2 orders.", "mancano i dati: events"):
        assert words in page


def test_nothing_is_left_at_home_or_among_temporary_files(
    first_build: tuple[Project, int, str],
) -> None:
    project = first_build[0]
    assert list((project.root / "home").iterdir()) == []
    assert list(project.temporary.iterdir()) == []


def test_dates_and_places_and_saved_outputs_rebuild_nothing(built: Project) -> None:
    path = built.root / "notebooks" / "01_first.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].outputs = [nbformat.v4.new_output("stream", text="seen in JupyterLab")]
    notebook.cells[-1].execution_count = 7
    nbformat.write(notebook, path)
    for file in built.root.rglob("*"):
        os.utime(file)
    before = built.files()
    assert built.report() == (
        0,
        f"{small_project.CHECKED}not run  shop/funnel  needs events\n"
        "shop: 4 reports: 3 up to date, 1 not run (nothing rebuilt)\n",
    )
    assert built.files() == before


def test_looking_costs_no_heavy_import(built: Project) -> None:
    heavy = "{'duckdb', 'nbconvert', 'nbformat', 'numpy', 'pandas', 'papermill', 'rich.live'}"
    code = (
        "import sys; from cxresearch.report.build import build; "
        f"assert build('shop'); print(sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=built.environment, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_one_parameter_rebuilds_one_report_and_says_why(built: Project) -> None:
    before = built.files()
    built.edit("data/shop/study.yaml", "{lang: it}", "{lang: it, confidence: 0.9}")
    status, said = built.report()
    assert status == 0
    assert lines(said) == [
        "build shop/second because: parameter confidence 0.95 -> 0.9",
        "built shop/second in N s",
        "shop: 4 reports: 2 up to date, 1 rebuilt, 1 not run",
    ]
    changed = {name for name, content in built.files().items() if before[name] != content}
    # The record of the index has the hash of each page: their first figures are its pictures.
    assert changed == {"second.html", "second.json", "index.json"}


def test_a_new_answer_rebuilds_the_reports_that_read_it(built: Project) -> None:
    with (built.root / "data" / "shop" / "orders.csv").open("a") as file:
        file.write("C\n")
    status, said = built.report()
    assert status == 0
    assert lines(said) == [
        "build shop/first because: data/shop/orders.csv changed",
        "built shop/first in N s",
        "build shop/both because: the results of report first changed",
        "built shop/both in N s",
        "shop: 4 reports: 2 rebuilt, 1 up to date, 1 not run",
    ]
    assert built.sidecar("first")["pages"]["en"]["headline"] == "There are 3 orders."


def test_the_same_inputs_give_the_same_bytes(built: Project) -> None:
    before = built.files()
    for name in ("first.html", "second.html", "second.json"):
        (built.reports / name).unlink()
    status, said = built.report("--jobs", "2")
    assert status == 0
    assert "build    shop/first  because: report missing" in said
    assert "build    shop/second  because: never built" in said
    after = built.files()
    assert {n for n in before if before[n] != after[n]} == {"first.json", "second.json"}


#: On a machine so slow that whatever waits for a while has waited at once.
SLOW = "import threading\nthreading.Timer.run = lambda timer: timer.function()\n"


def test_a_slow_search_for_fonts_is_no_part_of_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = small_project.create(tmp_path / "project")
    project.notebook("01_first", "from matplotlib import font_manager")
    (tmp_path / "sitecustomize.py").write_text(SLOW)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert project.report("--only", "first")[0] == 0
    assert "font cache" not in (project.reports / "first.html").read_text()


def test_a_report_that_was_not_asked_for_is_not_built_and_told_to_be_out_of_date(
    built: Project,
) -> None:
    assert "Aggiornati: 3 su 4" in (built.reports / "index.html").read_text()
    built.edit("data/shop/orders.csv", "A", "Z")
    (built.reports / "second.json").unlink()
    before = built.files()
    status, said = built.report("--only", "second")
    assert status == 0
    assert lines(said) == [
        "build shop/second because: never built",
        "built shop/second in N s",
        "shop: 4 reports: 1 not asked for, 1 rebuilt, 1 up to date, 1 not run",
    ]
    assert built.files()["first.json"] == before["first.json"]
    index = (built.reports / "index.html").read_text()
    assert "Aggiornati: 2 su 4" in index
    assert '<span class="pill">da aggiornare</span> ' in index
    assert "data/shop/orders.csv è cambiato" in index
    assert 'href="first.html"' in index
    built.report()
    assert "Aggiornati: 3 su 4" in (built.reports / "index.html").read_text()


def test_a_failing_notebook_keeps_the_last_good_report(built: Project) -> None:
    before = built.files()
    built.edit("notebooks/01_first.ipynb", "print(confidence)", "1 / 0  # {it}")
    status, said = built.report()
    assert status == 1
    assert (
        "FAILED shop/first after N s: ZeroDivisionError: division by zero; "
        "see reports/shop/first.failed.html"
    ) in lines(said)
    assert "build shop/both because: the results of report first changed" in lines(said)
    after = built.files()
    for name in ("first.html", "first.json", "second.html", "second.json"):
        assert after[name] == before[name]
    failed = after["first.failed.html"].decode()
    assert "ZeroDivisionError" in failed
    assert "There are 2 orders." in failed  # what was found before the error
    index = after["index.html"].decode()
    assert "ZeroDivisionError: division by zero" in index
    assert "first.failed.html" in index
    built.edit("notebooks/01_first.ipynb", "1 / 0  # {it}", "print(confidence)")
    status, said = built.report()
    assert status == 0
    assert "build    shop/first  because: the last run failed\n" in said
    assert not (built.reports / "first.failed.html").exists()
    assert built.files()["first.html"] == before["first.html"]


END_THE_WORKER = """\
above = psutil.Process().parents()  # on Linux the worker is the parent's parent
next(one for one in above if "cxresearch.report.worker" in one.cmdline()).kill()"""


def test_whatever_ends_a_run_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    project = small_project.create(tmp_path)
    project.notebook("01_first", "import psutil", END_THE_WORKER)
    project.notebook("02_second", "import os", "os._exit(3)")
    small_project.write_notebook(tmp_path / "notebooks" / "04_funnel.ipynb", "1")
    status, said = project.report()
    assert status == 1
    assert "shop/first  after" in said
    assert ": the process that ran it was ended by SIGKILL;" in said
    assert ": the kernel was ended from outside, as it is where memory runs out" in said
    assert ": the last cell of the notebook must be report.provenance();" in said
    assert "not run  shop/both  needs report first, second\n" in said
    for name in ("first", "second", "funnel"):
        assert f"What does {name} say?" in (project.reports / f"{name}.failed.html").read_text()
    assert not list(project.reports.glob(".run-*"))


@pytest.mark.skipif(not kernel_server.CAN_FORK, reason="kernels are not forked on this system")
def test_a_server_of_kernels_that_is_ended_is_started_again_for_the_next_report(
    tmp_path: Path,
) -> None:
    project = small_project.create(tmp_path)
    # The system ends the kernel with its parent, but not before the next line of a busy machine.
    project.notebook("01_first", "import os, time", "os.kill(os.getppid(), 9)\ntime.sleep(60)")
    status, said = project.report("--jobs", "1")
    assert status == 1
    assert ": the kernel was ended from outside, as it is where memory runs out" in said
    assert "built    shop/second  in" in said


def test_what_a_notebook_shows_where_it_is_may_lack(tmp_path: Path) -> None:
    project = small_project.create(tmp_path)
    project.notebook("01_first", "raise SystemError('not today')")
    shows = (
        "from cxresearch.report import sidecar\n"
        'report.say("Shown: {n}.", n=len(sidecar.records(study)))'
    )
    project.notebook("03_both", shows, reads=("first", "second"))
    status, said = project.report()
    assert status == 1
    assert "built    shop/both" in said
    assert "Shown: 1." in (project.reports / "both.html").read_text()
    project.notebook("01_first", "1")
    status, said = project.report()
    assert "Shown: 2." in (project.reports / "both.html").read_text()


def test_two_builds_of_a_study_take_turns(built: Project) -> None:
    folder = os.open(built.reports, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    leftover = built.reports / ".run-1-dead"
    leftover.mkdir()
    with built.start() as process:
        assert process.stdout is not None
        checked = [process.stdout.readline() for _ in small_project.CHECKED.splitlines()]
        assert "".join(checked) == small_project.CHECKED
        first = process.stdout.readline()
        assert first == "shop: waiting for another build of it to end\n"
        assert leftover.exists()
        os.close(folder)
        said, _ = process.communicate(timeout=60)
    assert "nothing rebuilt" in said
    assert not leftover.exists()


def test_a_build_with_a_fault_in_its_manifest_runs_nothing(tmp_path: Path) -> None:
    project = small_project.create(tmp_path)
    project.edit("data/shop/study.yaml", "{lang: it}", "{lnag: it}")
    assert project.report() == (
        2,
        f"{small_project.CHECKED}data/shop/study.yaml has 1 fault:\n"
        "  reports.second.parameters.lnag: notebook 02_second has no such parameter; "
        "it has study, lang, confidence\n",
    )
    assert not project.reports.exists()


def test_a_folder_that_cannot_be_written_is_told_before_anything_runs(tmp_path: Path) -> None:
    project = small_project.create(tmp_path)
    project.reports.parent.mkdir(exist_ok=True)
    project.reports.write_text("a file in the way")
    said = f"{small_project.CHECKED}reports/shop cannot be written: File exists\n"
    assert project.report() == (2, said)
    assert project.reports.read_text() == "a file in the way"
