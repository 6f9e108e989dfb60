from pathlib import Path

import pytest

from cxresearch.errors import ManifestError, ParameterError
from cxresearch.report import plan as planning
from cxresearch.report.plan import Plan
from tests.report import small_project
from tests.report.small_project import Project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    return small_project.create(tmp_path)


def plan_with(project: Project, old: str, new: str) -> Plan:
    project.edit("data/shop/study.yaml", old, new)
    return planning.plan("shop")


def faults_with(project: Project, old: str, new: str) -> tuple[str, ...]:
    with pytest.raises(ParameterError) as caught:
        plan_with(project, old, new)
    assert caught.value.what == "data/shop/study.yaml"
    return caught.value.faults


@pytest.mark.usefixtures("project")
def test_a_plan_holds_every_report_in_the_order_of_the_manifest() -> None:
    plan = planning.plan("shop")
    assert [report.name for report in plan.reports] == ["first", "second", "both", "funnel"]
    assert plan.titles == {"it": "Piccolo negozio"}
    assert plan.languages == ("it",)
    assert [report.missing for report in plan.reports] == [(), (), (), ("events",)]
    assert plan.reports[2].reads == ("first", "second")


@pytest.mark.usefixtures("project")
def test_a_report_has_every_parameter_of_its_notebook() -> None:
    second = planning.plan("shop").reports[1]
    assert second.parameters == {"study": "shop", "lang": "it", "confidence": 0.95}


@pytest.mark.usefixtures("project")
def test_a_study_without_languages_has_the_one_that_each_report_asks_for() -> None:
    asked = {report.name: report.languages for report in planning.plan("shop").reports}
    assert asked == {"first": ("en",), "second": ("it",), "both": ("en",), "funnel": ("en",)}


def test_every_report_is_in_all_languages_of_its_study(project: Project) -> None:
    plan = plan_with(project, "language: it", "languages: [it, en]")
    assert {report.languages for report in plan.reports} == {("it", "en")}
    assert plan.languages == ("it", "en")
    assert plan.titles == {"it": "Piccolo negozio", "en": "Small shop"}


@pytest.mark.usefixtures("project")
def test_a_study_that_is_not_there_is_told() -> None:
    with pytest.raises(ManifestError, match="the studies are: shop"):
        planning.plan("shp")


def test_a_misspelt_parameter_is_refused_with_those_there_are(project: Project) -> None:
    assert faults_with(project, "{lang: it}", "{confidense: 0.9}") == (
        "reports.second.parameters.confidense: notebook 02_second has no such parameter; "
        "it has study, lang, confidence",
    )


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ("confidence: high", "confidence: must be a number, as 0.95 is; got 'high'"),
        ("confidence: true", "confidence: must be a number, as 0.95 is; got True"),
        ("lang: 1", "lang: must be text, as 'en' is; got 1"),
        ("lang: fr", "lang: must be one of en, it; got 'fr'"),
        (
            "study: other",
            "study: not to be given; a report is always of the study that names it",
        ),
    ],
)
def test_a_value_that_cannot_be_is_refused(project: Project, given: str, rule: str) -> None:
    faults = faults_with(project, "{lang: it}", f"{{{given}}}")
    assert f"reports.second.parameters.{rule}" in faults


def test_a_whole_number_will_do_for_a_number(project: Project) -> None:
    plan = plan_with(project, "{lang: it}", "{confidence: 1}")
    assert plan.reports[1].parameters["confidence"] == 1


def test_all_faults_are_told_at_once(project: Project) -> None:
    (project.root / "notebooks" / "01_first.ipynb").unlink()
    assert faults_with(
        project,
        "second: {notebook: 02_second, parameters: {lang: it}}",
        "index: {notebook: 02_second, parameters: {a: 1, b: 2}, reads: [frist]}\n  second: "
        "{notebook: 02_second}",
    ) == (
        "reports.index: a report's name must be of letters, digits, - and _, and not index",
        "reports.index.reads: there is no report 'frist'; there are first, index, second, both, "
        "funnel",
        "reports.first: notebooks/01_first.ipynb: there is no such notebook",
        "reports.index.parameters.a: notebook 02_second has no such parameter; "
        "it has study, lang, confidence",
        "reports.index.parameters.b: notebook 02_second has no such parameter; "
        "it has study, lang, confidence",
    )


@pytest.mark.parametrize("name", ["../out", "a b", "a.b", "é"])
def test_a_report_has_a_plain_name(project: Project, name: str) -> None:
    faults = faults_with(project, "funnel:", f'"{name}":')
    assert faults == (
        f"reports.{name}: a report's name must be of letters, digits, - and _, and not index",
    )


def test_reports_that_read_one_another_are_refused(project: Project) -> None:
    (fault,) = faults_with(
        project, "first: {notebook: 01_first}", "first: {notebook: 01_first, reads: [both]}"
    )
    assert fault.startswith("reports: these read one another in a circle: ")
    assert {"first", "both"} <= set(fault.split(": ")[-1].split(" <- "))


def test_a_notebook_must_have_the_parameter_study(project: Project) -> None:
    project.edit("notebooks/01_first.ipynb", r"study = \"shop\"\n", "")
    with pytest.raises(ParameterError) as caught:
        planning.plan("shop")
    assert caught.value.faults == (
        "reports.first.notebook: 01_first must have a parameter study; it has lang, confidence",
    )


def test_a_misspelt_need_is_no_missing_data(project: Project) -> None:
    project.edit("notebooks/04_funnel.ipynb", '"events"', '"event"')
    with pytest.raises(ParameterError) as caught:
        planning.plan("shop")
    (fault,) = caught.value.faults
    assert fault.startswith(
        "reports.funnel.notebook: notebooks/04_funnel.ipynb: cx.needs: must be one of 'events', "
    )
    assert fault.endswith("'cart', 'experiments'; got 'event'")


@pytest.mark.parametrize(("given", "missing"), [("", ("funnel",)), ("funnel: [visit]\n", ())])
def test_a_notebook_may_need_a_part_of_the_manifest(
    project: Project, given: str, missing: tuple[str, ...]
) -> None:
    project.edit("notebooks/04_funnel.ipynb", '"events"', '"funnel"')
    touchpoint = "touchpoints: {visit: {touchpoint: site, stage: awareness}}\n"
    plan = plan_with(project, "reports:\n", f"{touchpoint}{given}reports:\n")
    assert plan.reports[3].missing == missing


def test_a_new_study_names_what_it_can_build_and_what_each_report_reads(project: Project) -> None:
    project.edit(
        "data/shop/study.yaml",
        small_project.MANIFEST[small_project.MANIFEST.index("reports:") :],
        "",
    )
    project.notebook("00_summary", "1")
    project.notebook("03_both", "1", reads=("second", "funnel"))
    assert planning.name_reports("shop") == ["summary", "first", "second", "both"]
    reads = {report.name: report.reads for report in planning.plan("shop").reports}
    assert reads["summary"] == ("first", "second", "both")
    assert (reads["first"], reads["both"]) == ((), ("second",))
