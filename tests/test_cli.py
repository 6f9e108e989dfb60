from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cxresearch
from cxresearch.cli import app
from cxresearch.report import study_check
from cxresearch.study import manifest
from tests.report import small_project
from tests.report.small_project import Project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    return small_project.create(tmp_path)


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"{project['project']['version']}\n")
    assert cxresearch.__version__ == project["project"]["version"]


@pytest.mark.usefixtures("project")
def test_studies_are_listed_with_title_and_tables() -> None:
    result = CliRunner().invoke(app, ["studies"])
    assert (result.exit_code, result.stdout) == (0, "shop  Small shop  (orders)\n")


def test_a_broken_study_is_told_beside_the_others(project: Project) -> None:
    (project.root / "data" / "broken").mkdir()
    (project.root / "data" / "broken" / "study.yaml").write_text("title: {en: Broken}\n")
    result = CliRunner().invoke(app, ["studies"])
    assert result.exit_code == 2
    assert result.stdout == "shop  Small shop  (orders)\n"
    assert result.stderr == (
        "data/broken/study.yaml has 3 faults:\n"
        "  currency: missing\n  time_zone: missing\n  tables: missing\n"
    )


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["nowhere"],
            "data/nowhere has 1 fault:\n  no study.yaml here; the studies are: shop\n",
        ),
        (
            ["shop", "--only", "third"],
            "data/shop has 1 fault:\n"
            "  there is no report 'third'; there are first, second, both, funnel\n",
        ),
    ],
)
def test_a_wrong_use_has_its_own_exit_status(arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(app, ["report", *arguments])
    assert (result.exit_code, result.stderr) == (2, words)


def test_the_demo_is_what_is_built_where_no_study_is_named(project: Project) -> None:
    result = CliRunner().invoke(app, ["report"])
    assert result.exit_code == 2
    assert result.stderr.startswith("data/demo has 1 fault:")
    assert not project.reports.exists()


@pytest.mark.usefixtures("project")
def test_at_least_one_report_runs_at_a_time() -> None:
    result = CliRunner().invoke(app, ["report", "shop", "--jobs", "0"])
    assert result.exit_code == 2
    assert "--jobs" in result.stderr


def test_a_new_study_names_the_reports_of_the_kit_whose_tables_it_has(tmp_path, monkeypatch):
    notebooks = Path(cxresearch.__file__).parents[1] / "notebooks"
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    shutil.copytree(notebooks, tmp_path / "notebooks")
    (tmp_path / "o.csv").write_text("Order ID,Date,Total\n1,2026-01-05,10\n")
    run = CliRunner().invoke(app, ["new", "shop", str(tmp_path / "o.csv")])
    assert run.exit_code == 0
    reports = manifest.read("shop").reports
    assert {"summary", "data_quality", "kpi_scorecard", "customer_value"} <= {*reports}
    assert not {"satisfaction", "voice_of_customer", "checkout_experiment"} & {*reports}
    assert {*reports["summary"].reads} == {*reports} - {"summary"}
    assert set(study_check.check("shop").reports.values()) == {"can run"}
