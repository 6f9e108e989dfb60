"""Each thing a page depends on, changed by itself, gives its own reason and no other."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cxresearch.core import disk
from cxresearch.report import freshness, sidecar
from cxresearch.report import plan as planning
from cxresearch.report.freshness import ABSENT, Hashes
from cxresearch.report.plan import PlannedReport
from cxresearch.report.sidecar import Inputs, PageRecord, Provenance, Run, Sidecar
from tests.report import small_project
from tests.report.small_project import Project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("CX_ROOT", str(tmp_path / "project"))
    monkeypatch.setenv("CX_RAW", str(tmp_path / "raw"))
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "big.csv").write_text("1\n")
    project = small_project.create(tmp_path / "project")
    read = ("data/shop/orders.csv", "data/shop/study.yaml", "shop_rules.py", "$CX_RAW/big.csv")
    for name in ("first", "second", "both"):
        seem_built(project, name, read)
    return project


def planned(name: str) -> PlannedReport:
    return next(report for report in planning.plan("shop").reports if report.name == name)


def seem_built(project: Project, name: str, read: tuple[str, ...]) -> None:
    """Leave what a build of a report would leave that has read these files."""
    hashes = Hashes()
    report = planned(name)
    now = freshness.known_inputs("shop", report, hashes)
    files = now.files | {file: hashes.of(file) for file in read}
    project.reports.mkdir(parents=True, exist_ok=True)
    pages = {}
    for lang in report.languages:
        page = sidecar.page_path("shop", name, lang, report.languages)
        page.parent.mkdir(exist_ok=True)
        page.write_text(f"<h1 lang={lang}>{name}</h1>")
        pages[lang] = PageRecord(name, "Yes.", disk.sha256(page))
    record = Sidecar(
        study="shop",
        report=name,
        notebook="n",
        pages=pages,
        numbers={},
        findings=None,
        provenance=Provenance("shop", name, "n", "", {}, {}, {}, ""),
        build=Inputs(now.notebook, now.parameters, now.versions, files, now.reports),
        run=Run("2026-11-01T10:00:00+00:00", 1.0, 1.0),
    )
    sidecar.path("shop", name).write_text(record.to_json())


def reasons(name: str, lang: str = "en") -> list[str]:
    report, hashes = planned(name), Hashes()
    now = freshness.known_inputs("shop", report, hashes)
    return freshness.reasons("shop", report, now, hashes, lang=lang)


@pytest.mark.usefixtures("project")
def test_what_was_just_built_is_up_to_date() -> None:
    assert [reasons(name) for name in ("first", "second", "both")] == [[], [], []]
    assert reasons("funnel") == ["never built"]


def in_file(name: str, old: str, new: str) -> Callable[[Project], None]:
    return lambda project: project.edit(name, old, new)


def without(name: str) -> Callable[[Project], None]:
    return lambda project: (project.root / name).unlink()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (in_file("data/shop/orders.csv", "A", "Z"), "data/shop/orders.csv changed"),
        (without("data/shop/orders.csv"), "data/shop/orders.csv is missing"),
        (in_file("../raw/big.csv", "1", "2"), "$CX_RAW/big.csv changed"),
        (in_file("shop_rules.py", "- 1", "- 2"), "shop_rules.py changed"),
        (in_file("requirements.lock", "==1", "==2"), "requirements.lock changed"),
        (in_file("data/shop/study.yaml", "EUR", "USD"), "data/shop/study.yaml changed"),
        (in_file("notebooks/01_first.ipynb", "print", "str"), "notebooks/01_first.ipynb changed"),
        (
            in_file("reports/shop/first.html", ">first", ">1st"),
            "the page is not the one that was built",
        ),
        (without("reports/shop/first.html"), "report missing"),
        (without("reports/shop/first.json"), "never built"),
        (in_file("reports/shop/first.json", '"study"', '"sudy"'), "its record cannot be read"),
    ],
)
def test_one_change_is_one_reason(
    project: Project, change: Callable[[Project], None], reason: str
) -> None:
    change(project)
    assert reasons("first") == [reason]


def test_the_parameters_of_another_report_are_no_reason(project: Project) -> None:
    project.edit("data/shop/study.yaml", "{lang: it}", "{lang: it, confidence: 0.9}")
    assert reasons("first") == []
    assert reasons("second") == ["parameter confidence 0.95 -> 0.9"]


def test_a_new_language_is_a_reason_with_the_catalogues_it_brings(project: Project) -> None:
    project.edit("data/shop/study.yaml", "first: {notebook: 01_first}", (
        "first: {notebook: 01_first, parameters: {lang: it}}"
    ))  # fmt: skip
    why = reasons("first")
    assert why[:2] == ["its languages changed", 'parameter lang "en" -> "it"']
    assert "cxresearch/core/locale/it/build.po changed" in why


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (without("reports/shop/it/first.html"), "report missing"),
        (
            in_file("reports/shop/it/first.html", ">first", ">1st"),
            "the page is not the one that was built",
        ),
    ],
)
def test_a_page_in_a_second_language_is_looked_at_too(
    project: Project, change: Callable[[Project], None], reason: str
) -> None:
    in_both_languages(project)
    assert reasons("first") == []
    change(project)
    assert reasons("first") == [reason]


@pytest.mark.parametrize("languages", ["[en]", "[it, en]"])
def test_other_languages_of_the_study_are_a_reason(project: Project, languages: str) -> None:
    in_both_languages(project)
    project.edit("data/shop/study.yaml", "languages: [en, it]", f"languages: {languages}")
    assert reasons("first")[0] == "its languages changed"


def in_both_languages(project: Project) -> None:
    project.edit("data/shop/study.yaml", "language: it", "languages: [en, it]")
    seem_built(project, "first", ("data/shop/study.yaml",))


def test_a_failed_run_is_tried_again(project: Project) -> None:
    (project.reports / "first.failed.html").touch()
    assert reasons("first") == ["the last run failed"]
    assert reasons("both") == ["the results of report first changed"]


def test_another_answer_is_a_reason_for_those_that_read_it(project: Project) -> None:
    project.edit("reports/shop/second.json", "Yes.", "No.")
    assert reasons("both") == ["the results of report second changed"]
    assert reasons("second") == []


@pytest.mark.usefixtures("project")
def test_another_release_of_a_library_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    newer = freshness.versions() | {"pandas": "99.0"}
    old = freshness.versions()["pandas"]
    monkeypatch.setattr(freshness, "versions", lambda: newer)
    assert reasons("first") == [f"pandas {old} -> 99.0"]


def test_several_changes_are_several_reasons(project: Project) -> None:
    project.edit("data/shop/orders.csv", "A", "Z")
    project.edit("shop_rules.py", "- 1", "- 2")
    assert reasons("first") == ["data/shop/orders.csv changed", "shop_rules.py changed"]


def test_reasons_are_told_in_the_language_of_the_index(project: Project) -> None:
    project.edit("data/shop/orders.csv", "A", "Z")
    project.edit("reports/shop/second.json", "Yes.", "No.")
    assert reasons("first", "it") == ["data/shop/orders.csv è cambiato"]
    assert reasons("both", "it")[-1] == "sono cambiati i risultati del report second"
    assert reasons("funnel", "it") == ["mai generato"]


def test_a_raw_folder_that_is_no_longer_named_is_missing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CX_RAW")
    assert reasons("first") == ["$CX_RAW/big.csv is missing"]
    assert project.root.exists()


def test_a_file_written_during_a_run_is_not_known(project: Project) -> None:
    began = datetime.now(UTC) - timedelta(seconds=10)
    path = project.root / "shop_rules.py"
    os.utime(path, (began.timestamp() - 1,) * 2)
    assert Hashes().as_of("shop_rules.py", began) == disk.sha256(path)
    os.utime(path, (began.timestamp() + 1,) * 2)
    assert Hashes().as_of("shop_rules.py", began) == ABSENT
    assert Hashes().as_of("none.py", began) == ABSENT
    # A date in the future is some other machine's mistake, not a change in these seconds.
    os.utime(path, (began.timestamp() + 1e6,) * 2)
    assert Hashes().as_of("shop_rules.py", began) == disk.sha256(path)


def test_a_manifest_is_hashed_by_what_it_says(project: Project) -> None:
    name = "data/shop/study.yaml"
    before = Hashes().of(name)
    project.edit(name, "tables:", "# a comment\ntables:")
    assert Hashes().of(name) == before
    project.edit(name, "orders.csv", "other.csv")
    assert Hashes().of(name) != before
