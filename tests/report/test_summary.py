"""What the summary tells of the other reports."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from cxresearch.core import disk
from cxresearch.core.catalogues import catalogue
from cxresearch.core.languages import Language
from cxresearch.report import sidecar, summary
from cxresearch.report.sidecar import Inputs, PageRecord, Provenance, Run, Sidecar

ORDER_VALUE = {
    "value": 54.2,
    "ci": [53.8, 54.6],
    "n": 31204,
    "unit": "EUR",
    "confidence": 0.95,
    "method": "Wilson score",
    "note": "",
}
UNDEFINED = ORDER_VALUE | {"value": None, "ci": [None, None], "n": 0, "unit": "share"}

RECORD = Sidecar(
    study="shop",
    report="kpis",
    notebook="04_kpis",
    pages={
        "en": PageRecord("How is it?", "It is well.", ""),
        "it": PageRecord("Come va?", "Va bene.", ""),
    },
    numbers={"average_order_value": ORDER_VALUE, "rate": UNDEFINED},
    findings=None,
    provenance=Provenance("shop", "kpis", "04_kpis", "", {}, {}, {}, ""),
    build=Inputs("", {}, {}, {}, {}),
    run=Run("", 0.0, 0.0),
)


ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
ENGLISH = Language(
    "en", {"delivery": "Delivery", "late_reply": "Late reply", "one_page": "One page"}
)
#: What the names in the braces of a recorded name stand for.
HELD = {
    "theme": "delivery",
    "feature": "delivery",
    "group": "2026-02",
    "variant": "one_page",
    "name": "worth_in_30_days",
}


def recorded_names(path: Path) -> list[str]:
    """Return the names under which a notebook records numbers, their braces filled in."""
    notebook = nbformat.read(path, as_version=4)
    calls = [
        node
        for cell in notebook.cells
        if cell.cell_type == "code"
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "report.record"
    ]
    # Estimates that are recorded together bring their names; tests/browser reads those of the demo.
    written = (ast.Constant, ast.JoinedStr)
    return [name_of(call.args[0]) for call in calls if isinstance(call.args[0], written)]


def name_of(argument: ast.expr) -> str:
    if isinstance(argument, ast.JoinedStr):
        return "".join(name_of(part) for part in argument.values)
    if isinstance(argument, ast.FormattedValue):
        return HELD[ast.unparse(argument.value).split(".")[-1]]
    assert isinstance(argument, ast.Constant)
    return str(argument.value)


@pytest.fixture
def records(project: Path) -> Path:
    english = {"en": PageRecord("Is it so?", "It is.", "")}
    silent = replace(RECORD, report="quality", pages=english, numbers={})
    for record in (RECORD, silent):
        with disk.replacing(sidecar.path("shop", record.report)) as path:
            path.write_text(record.to_json(), "utf-8")
    return project


@pytest.mark.usefixtures("records")
def test_every_report_that_was_built_gives_its_answer() -> None:
    sidecar.failed_path("shop", "quality").touch()
    told = summary.headlines("shop").made(Language("it")).html
    rows = BeautifulSoup(told, "html.parser")("tr")
    assert [[cell.get_text() for cell in row(["th", "td"])] for row in rows] == [
        ["Domanda", "Risposta", "Stato"],
        ["Come va?", "Va bene.", "aggiornato"],
        ["Is it so?", "It is.", "errore"],  # a report that has no Italian page
    ]
    pages = [one["href"] for one in BeautifulSoup(told, "html.parser")("a")]
    assert pages == ["kpis.html", "../quality.html"]


@pytest.mark.usefixtures("records")
def test_every_recorded_number_is_told() -> None:
    told = summary.numbers("shop").to_frame()
    ends = told[["value", "value_low", "value_high"]]
    assert ends.iloc[0].tolist() == [54.2, 53.8, 54.6]
    assert ends.iloc[1].isna().all()
    assert told["value_unit"].tolist() == ["EUR", "share"]
    names = [one.words(Language("en")) for one in told["quantity"]]
    assert names == ["average order value", "rate"]
    assert told["n"].tolist() == [31204, 0]


@pytest.mark.usefixtures("project")
def test_a_study_without_reports_has_empty_tables() -> None:
    assert summary.headlines("shop").to_frame().empty
    assert "no rows." in repr(summary.headlines("shop"))
    assert list(summary.numbers("shop").to_frame().columns) == [
        "title",
        "quantity",
        "value",
        "value_low",
        "value_high",
        "value_unit",
        "n",
        "method",
    ]


def test_notebooks_record_numbers() -> None:
    names = [name for path in NOTEBOOKS for name in recorded_names(path)]
    assert {"anonymous_share", "funnel_conversion", "monthly_change"} <= set(names)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_name_that_a_notebook_records_is_there_in_italian(path: Path) -> None:
    # A name without a theme is its own message; one with a theme is never left as it is.
    untold = [
        name
        for name in recorded_names(path)
        if (message := name.replace("_", " ")) not in catalogue("it")
        and summary.Quantity(name).words(ENGLISH) == message
    ]
    assert untold == []


def test_the_numbers_of_a_variant_are_said_in_italian() -> None:
    said = summary.Quantity("worth_in_the_test_b").words(Language("it"))
    assert said == "valore nel test: b"


@pytest.mark.parametrize("message", [message for _, message in summary._OF_A_THEME])
def test_every_message_about_a_theme_is_there_in_italian(message: str) -> None:
    assert message in catalogue("it")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("share_late_reply", "share of texts: Late reply"),
        ("share_arrived_by_horizon", "share arrived by horizon"),
        ("nps_impact_delivery", "NPS gap × frequency of complaints: Delivery"),
        ("nps_impact_price", "nps impact price"),
        ("change_late_reply_2026-02", "change of the share of texts, Feb 2026: Late reply"),
        ("change_delivery_sale", "change of the share of texts, sale: Delivery"),
        ("change_of_the_effect_per_day_b", "change of the effect per day: b"),
        ("primary_lift_one_page", "primary lift: One page"),
    ],
)
def test_a_name_says_the_theme_it_holds(name: str, words: str) -> None:
    assert summary.Quantity(name).words(ENGLISH) == words


@pytest.mark.usefixtures("records")
def test_quantities_are_in_the_language_of_the_summary() -> None:
    told = summary.numbers("shop").made(Language("it")).text
    assert "scontrino medio (AOV)" in told
    assert "average order value" not in told
    assert "Come va?" in told
