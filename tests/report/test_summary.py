"""What the summary tells of the other reports."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cxresearch import _files
from cxresearch.report import sidecar, summary
from cxresearch.report.records import Provenance
from cxresearch.report.sidecar import Inputs, Run, Sidecar

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
    title="How is it?",
    lang="en",
    headline="It is well.",
    numbers={"average_order_value": ORDER_VALUE, "rate": UNDEFINED},
    provenance=Provenance("shop", "kpis", "04_kpis", "", {}, {}, {}, ""),
    page_sha256="",
    build=Inputs("", {}, {}, {}, {}),
    run=Run("", 0.0, 0.0),
)


@pytest.fixture
def records(project: Path) -> Path:
    silent = replace(RECORD, report="quality", title="Is it so?", headline="It is.", numbers={})
    for record in (RECORD, silent):
        with _files.replacing(sidecar.path("shop", record.report)) as path:
            path.write_text(record.to_json(), "utf-8")
    return project


@pytest.mark.usefixtures("records")
def test_every_report_that_was_built_gives_its_answer() -> None:
    sidecar.failed_path("shop", "quality").touch()
    told = summary.headlines("shop", lang="en")
    assert told.to_dict("records") == [
        {"title": "How is it?", "headline": "It is well.", "status": "built"},
        {"title": "Is it so?", "headline": "It is.", "status": "failed"},
    ]


@pytest.mark.usefixtures("records")
def test_every_recorded_number_is_told() -> None:
    told = summary.numbers("shop")
    ends = told[["value", "value_low", "value_high"]]
    assert ends.iloc[0].tolist() == [54.2, 53.8, 54.6]
    assert ends.iloc[1].isna().all()
    assert told["value_unit"].tolist() == ["EUR", "share"]
    assert told["quantity"].tolist() == ["average order value", "rate"]
    assert told["n"].tolist() == [31204, 0]


@pytest.mark.usefixtures("project")
def test_a_study_without_reports_has_empty_tables() -> None:
    assert summary.headlines("shop", lang="en").empty
    assert list(summary.numbers("shop").columns) == [
        "title",
        "quantity",
        "value",
        "value_low",
        "value_high",
        "value_unit",
        "n",
        "method",
    ]
