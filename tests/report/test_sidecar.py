import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cxresearch.core.remarks import Said
from cxresearch.report import sidecar
from cxresearch.report.sidecar import Inputs, PageRecord, Provenance, Run, Sidecar

NUMBER = {
    "value": 54.2,
    "ci": [53.8, 54.6],
    "n": 31204,
    "unit": "EUR",
    "confidence": 0.95,
    "method": "linearisation",
    "note": "",
}
PAGES = {
    "en": PageRecord("KPIs", "An order is worth €54.20.", "ef"),
    "it": PageRecord("Indicatori", "Un ordine vale 54,20 €.", "01"),
}
UNDEFINED = NUMBER | {"value": None, "ci": [None, None], "n": 0, "note": "no orders"}


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    monkeypatch.delenv(sidecar.READS_VARIABLE, raising=False)
    return tmp_path


def a_record(report: str = "kpis", **changes: Any) -> Sidecar:
    fields: dict[str, Any] = {
        "study": "shop",
        "report": report,
        "notebook": "notebooks/04_kpis.ipynb",
        "pages": PAGES,
        "numbers": {"average_order_value": NUMBER},
        "findings": None,
        "provenance": Provenance("shop", report, "04", "ab", {}, {}, {}, "cd"),
        "build": Inputs("ab", {"confidence": 0.95}, {"python": "3.11"}, {"a.csv": "12"}, {}),
        "run": Run("2026-11-01T10:00:00+00:00", 6.1, 4.2),
    }
    return Sidecar(**fields | changes)


def write(record: Sidecar) -> Path:
    path = sidecar.path(record.study, record.report)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(record.to_json(), "utf-8")
    return path


def test_a_record_is_read_as_it_was_written() -> None:
    record = a_record(numbers={"aov": NUMBER, "churn": UNDEFINED})
    write(record)
    assert sidecar.read("shop", "kpis") == record


def test_a_record_is_json_that_every_reader_knows() -> None:
    path = write(a_record(numbers={"x": NUMBER | {"value": math.nan, "ci": (0.0, math.inf)}}))

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    content = json.loads(path.read_text("utf-8"), parse_constant=refuse)
    assert content["numbers"]["x"]["value"] is None
    assert content["numbers"]["x"]["ci"] == [0.0, None]
    assert "€" in path.read_text("utf-8")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"study": "shop"}', '{"build": 1, "headline": "cut'],
)
def test_a_record_that_is_cut_or_of_another_kind_is_no_record(text: str) -> None:
    write(a_record()).write_text(text)
    assert sidecar.read("shop", "kpis") is None


def test_a_record_with_a_field_of_another_release_is_no_record() -> None:
    path = write(a_record())
    content = json.loads(path.read_text())
    content["build"]["mtime"] = 1
    path.write_text(json.dumps(content))
    assert sidecar.read("shop", "kpis") is None


def test_the_status_of_a_report_is_in_its_files() -> None:
    assert sidecar.status("shop", "kpis") == "not run"
    write(a_record())
    assert sidecar.status("shop", "kpis") == "built"
    sidecar.failed_path("shop", "kpis").touch()
    assert sidecar.status("shop", "kpis") == "failed"


@pytest.mark.parametrize(
    "change",
    [
        {"pages": PAGES | {"it": PageRecord("Indicatori", "Altro.", "01")}},
        {"numbers": {}},
        {"numbers": {"x": NUMBER}},
    ],
)
def test_another_answer_has_another_hash(change: dict[str, Any]) -> None:
    assert a_record().answer_sha256("built") != a_record(**change).answer_sha256("built")


def test_the_answer_has_a_failed_run_in_it_but_not_when_it_ran() -> None:
    drawn = {lang: replace(page, sha256="00") for lang, page in PAGES.items()}
    later = a_record(run=Run("2027-01-01T00:00:00+00:00", 9.9, 9.9), pages=drawn)
    assert later.answer_sha256("built") == a_record().answer_sha256("built")
    assert later.answer_sha256("failed") != a_record().answer_sha256("built")


def test_recorded_numbers_are_one_row_each() -> None:
    write(a_record(numbers={"aov": NUMBER, "churn": UNDEFINED}))
    write(a_record("funnel", numbers={}))
    sidecar.failed_path("shop", "kpis").touch()
    aov, churn = sidecar.recorded("shop")
    assert aov == {
        "report": "kpis",
        "title": Said({"en": "KPIs", "it": "Indicatori"}),
        "status": "failed",
        "name": "aov",
        "value": 54.2,
        "ci_low": 53.8,
        "ci_high": 54.6,
        "n": 31204,
        "unit": "EUR",
        "confidence": 0.95,
        "method": "linearisation",
        "note": "",
    }
    assert churn["name"] == "churn"
    assert [math.isnan(churn[key]) for key in ("value", "ci_low", "ci_high")] == [True] * 3


def test_a_report_reads_only_what_it_says_it_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("kpis", "kpis_it", "quality"):
        write(a_record(name))

    def reports() -> list[str]:
        return [row["report"] for row in sidecar.recorded("shop")]

    assert reports() == ["kpis", "kpis_it", "quality"]
    monkeypatch.setenv(sidecar.READS_VARIABLE, "quality,kpis")
    assert reports() == ["quality", "kpis"]
    monkeypatch.setenv(sidecar.READS_VARIABLE, "")
    assert reports() == []
    named = sidecar.recorded("shop", reports=["kpis_it", "not built"])
    assert [row["report"] for row in named] == ["kpis_it"]


def test_a_report_without_numbers_still_has_a_record() -> None:
    write(a_record("quality", numbers={}))
    (sidecar.folder("shop") / "index.json").write_text("{}")
    assert [record.report for record in sidecar.records("shop")] == ["quality"]


def test_the_first_language_is_beside_the_record_and_each_other_in_its_folder() -> None:
    folder = sidecar.folder("shop")
    languages = ["it", "en"]
    assert sidecar.page_path("shop", "kpis", "it", languages) == folder / "kpis.html"
    assert sidecar.page_path("shop", "kpis", "en", languages) == folder / "en" / "kpis.html"
    assert sidecar.page_path("shop", "kpis") == folder / "kpis.html"
