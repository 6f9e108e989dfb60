"""The reports of the demo study, built for real and opened in a real browser."""

from __future__ import annotations

import difflib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import checks

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "data" / "demo"
BUILT = ROOT / "reports" / "demo"
PAGES = [
    "index",
    "checkout_experiment",
    "checkout_experiment_it",
    "data_quality",
    "data_quality_it",
    "funnel_and_paths",
    "funnel_and_paths_it",
    "kpi_scorecard",
    "kpi_scorecard_it",
    "summary",
    "summary_it",
    "voice_of_customer",
    "voice_of_customer_it",
]


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


def build(project: Path) -> None:
    """Build the reports of the demo study that are missing or changed."""
    done = subprocess.run(
        [Path(sys.executable).with_name("cxresearch"), "report", "demo", "--jobs", "2"],
        env=os.environ | {"CX_ROOT": str(project)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of the demo; those that `make report` left and that are still good are taken."""
    project = project_with(tmp_path_factory.mktemp("project"), DEMO)
    reports = project / "reports" / "demo"
    if BUILT.is_dir():
        shutil.copytree(BUILT, reports)
    build(project)
    return reports


def test_all_of_them_are_there_and_nothing_else(reports: Path) -> None:
    assert sorted(path.stem for path in reports.glob("*.html")) == sorted(PAGES)
    assert not list(reports.glob(".*"))


@pytest.mark.parametrize("name", PAGES)
def test_a_report_has_no_fault_at_any_width_by_day_and_by_night(
    browser: Browser, reports: Path, name: str
) -> None:
    assert checks.all_faults(browser, reports / f"{name}.html") == []


@pytest.mark.parametrize("name", PAGES[1:])
def test_its_answer_stands_first_its_controls_work_and_it_prints(
    browser: Browser, reports: Path, name: str
) -> None:
    with checks.visit(browser, reports / f"{name}.html") as visited:
        page = visited.page
        title = page.inner_text("h1")
        answer = page.locator("h1 + *").inner_text()
        assert any(word in answer for word in ("95% CI", "IC 95%"))
        assert checks.unsorted_tables(page) == []
        assert checks.broken_code_switch(page) == []
        assert checks.unprintable(page, [title]) == []


def test_an_italian_report_has_no_english_sentence_left(browser: Browser, reports: Path) -> None:
    names = ("checkout_experiment", "data_quality", "funnel_and_paths", "kpi_scorecard")
    for name in (*names, "voice_of_customer"):
        blocks = []
        for page in (name, f"{name}_it"):
            with checks.visit(browser, reports / f"{page}.html") as visited:
                found = visited.page.locator("main p, main li, main h2, main caption, figcaption")
                blocks.append({text for text in found.all_inner_texts() if " " in text.strip()})
        assert blocks[0] & blocks[1] == set()


def lines_that_differ(one: bytes, other: bytes) -> list[bytes]:
    """Return the lines that only one of two files has, or both in another order."""
    if one == other:
        return []
    diff = difflib.diff_bytes(difflib.unified_diff, one.split(b"\n"), other.split(b"\n"), n=0)
    return [line[:300] for line in diff]


def test_no_kernel_had_anything_to_say_beside_the_report(reports: Path) -> None:
    logs = {
        page.stem: page.read_text("utf-8").count('<details class="log"')
        for page in reports.glob("*.html")
    }
    assert logs == dict.fromkeys(PAGES, 0)


def test_the_same_data_give_the_same_bytes(reports: Path) -> None:
    pages = ["data_quality", "kpi_scorecard_it"]
    first = {name: (reports / f"{name}.html").read_bytes() for name in pages}
    for name in pages:
        (reports / f"{name}.html").unlink()
        (reports / f"{name}.json").unlink()
    build(reports.parents[1])
    for name in pages:
        assert lines_that_differ(first[name], (reports / f"{name}.html").read_bytes()) == []
