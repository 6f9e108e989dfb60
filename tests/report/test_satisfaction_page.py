"""The page of satisfaction is built from a survey export alone: no customers, orders or texts."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch.report import page

ROOT = Path(__file__).parents[2]
HEAD = (
    "{currency: EUR, time_zone: Europe/Rome, languages: [en, it], title: {en: Asked, it: Sondaggio}"
)
#: What a reader must not meet: a raw code, a number that is none, an internal word.
FORBIDDEN = re.compile(r"\bnan\b|\bNone\b(?! of)|_[a-z]+_|\bself\b|Traceback")


def shown(capsys: pytest.CaptureFixture[str], **parameters: object) -> str:
    """Run the notebook's cells and return the words that it shows, figures left out."""
    notebook = nbformat.read(ROOT / "notebooks" / "07_satisfaction.ipynb", as_version=4)
    names: dict[str, object] = {}
    for cell in notebook.cells:
        if cell.cell_type != "code" or "provenance" in cell.source:
            continue
        exec(cell.source, names)
        if "parameters" in cell.metadata.get("tags", []):
            names.update(parameters)
    plt.close("all")
    return capsys.readouterr().out


def melted(parts: dict[str, str], metric: str, low: int, high: int) -> str:
    """Return the parts of a record that each are one question."""
    scale = f"scale_min: {low}, scale_max: {high}"
    asked = [
        f"{{columns: {{score: {column}}}, "
        f"constants: {{metric: {metric}, {scale}, touchpoint: {name}}}}}"
        for name, column in parts.items()
    ]
    return f"[{', '.join(asked)}]"


def write(project: Path, manifest: str, answers: pd.DataFrame) -> None:
    folder = project / "data" / "asked"
    folder.mkdir()
    (folder / "study.yaml").write_text(manifest)
    answers.to_csv(folder / "answers.csv", index=False)


def test_one_export_of_one_question_makes_a_page(project, capsys):
    rng = np.random.default_rng(2)
    answers = pd.DataFrame(
        {
            "response_id": [f"r{i}" for i in range(300)],
            "ts": pd.date_range("2026-01-01", periods=300, freq="8h"),
            "score": rng.integers(0, 11, 300),
        }
    )
    source = "constants: {metric: nps, scale_min: 0, scale_max: 10}"
    tables = f"tables: {{surveys: {{file: answers.csv, {source}}}}}}}"
    write(project, f"{HEAD}, {tables}", answers)
    said = shown(capsys, study="asked")
    points = 100 * ((answers["score"] >= 9).mean() - (answers["score"] <= 6).mean())
    assert f"NPS is \u2212{-points:.1f} among the 300 who answered." in said
    assert "Not measured" in said  # who the customers are, what they write
    assert not FORBIDDEN.search(said)
    headlines, numbers, _ = page.recorded()
    assert set(headlines) == {"en", "it"}
    assert numbers["nps_raw"]["value"] == pytest.approx(points)
    for words in headlines.values():
        assert len(words.split()) <= 20
        assert len(re.findall(r"[\d.,]*\d", words)) <= 2


@pytest.mark.parametrize("n", [1, 2, 6])
def test_a_handful_of_answers_makes_a_page(project, capsys, n):
    answers = pd.DataFrame({"response_id": range(n), "ts": "2026-01-01", "score": [9] * n})
    source = "constants: {metric: nps, scale_min: 0, scale_max: 10}"
    write(project, f"{HEAD}, tables: {{surveys: {{file: answers.csv, {source}}}}}}}", answers)
    assert shown(capsys, study="asked")


def test_a_mobile_operators_survey_asked_from_1_to_10(raw_data, tmp_path, monkeypatch, capsys):
    answers = pd.read_csv(raw_data / "ecsi_mobi" / "mobi.csv").reset_index(names="id")
    rated = {"image": "IMAG1", "quality": "PERQ1", "value": "PERV2", "expected": "CUEX1"}
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    (tmp_path / "data").mkdir()
    asked = "{columns: {score: CUSL3}, constants: {metric: nps, scale_min: 1, scale_max: 10}}"
    parts = f"[{asked}, {melted(rated, 'csat', 1, 10)[1:]}"
    source = (
        "file: answers.csv, columns: {response_id: id}, constants: {ts: '2003-01-01'}, "
        f"melt: {parts}"
    )
    write(tmp_path, f"{HEAD}, tables: {{surveys: {{{source}}}}}}}", answers)
    said = shown(capsys, study="asked")
    assert "NPS-like score is 14.0 among the 250 who answered." in said
    assert "NPS-like (1-10): not comparable with an NPS" in said
    assert "Parts of the experience: what goes with NPS-like score" in said
    assert "250 complete answers" in said
    assert not FORBIDDEN.search(said)


def test_an_airlines_satisfaction_with_a_class_for_a_segment(
    raw_data, tmp_path, monkeypatch, capsys
):
    path = raw_data / "airline_satisfaction" / "airline_satisfaction_split.csv.gz"
    answers = pd.read_csv(path).head(6000).reset_index(names="id")
    rated = {"wifi": "Inflight_wifi_service", "boarding": "Online_boarding",
             "seat": "Seat_comfort", "cleanliness": "Cleanliness"}  # fmt: skip
    monkeypatch.setenv("CX_ROOT", str(tmp_path))
    (tmp_path / "data").mkdir()
    asked = (
        "{columns: {score: satisfaction}, constants: {metric: csat, scale_min: 1, scale_max: 5}}"
    )
    parts = f"[{asked}, {melted(rated, 'csat', 1, 5)[1:]}"
    values = "{satisfied: '5', neutral or dissatisfied: '3', '0': ''}"
    source = (
        "file: answers.csv, columns: {response_id: id, segment: Class}, "
        f"constants: {{ts: '2015-02-01'}}, values: {{score: {values}}}, melt: {parts}"
    )
    population = "population: {segment: {Business: 0.3, Eco: 0.6, Eco Plus: 0.1}}"
    write(tmp_path, f"{HEAD}, {population}, tables: {{surveys: {{{source}}}}}}}", answers)
    said = shown(capsys, study="asked")
    by = (answers["satisfaction"] == "satisfied").groupby(answers["Class"]).mean()
    weighted = 0.3 * by["Business"] + 0.6 * by["Eco"] + 0.1 * by["Eco Plus"]
    assert f"CSAT is {100 * weighted:.0f}% weighted to all customers" in said
    assert "Business" in said
    assert "not applicable" not in said
    _, numbers, _ = page.recorded()
    assert numbers["csat_weighted"]["value"] == pytest.approx(weighted)
    assert not FORBIDDEN.search(said)


#: Odd exports: what they hold, how they are asked, and what the page says of them.
LABELS = ["Molto insoddisfatto", "Insoddisfatto", "Neutro", "Soddisfatto", "Molto soddisfatto"]
ODD = {
    "one touchpoint": (
        "{metric: nps, scale_min: 0, scale_max: 10, touchpoint: consegna}",
        [3, 9, 10, 7] * 30,
        ["NPS after consegna is 25.0 among the 120 who answered.", "NPS after consegna"],
    ),
    "employees alone": (
        "{metric: enps, scale_min: 0, scale_max: 10}",
        [3, 9, 10, 7] * 30,
        ["eNPS is 25.0 among the 120 who answered.", "eNPS, of employees"],
    ),
    "an NPS asked from 1 to 5": (
        "{metric: nps, scale_min: 1, scale_max: 5}",
        [1, 5, 4, 3] * 30,
        ["Not measured: an NPS is asked from 0 to 10, or from 1 to 10", "left out: 120"],
    ),
    "labels that nothing explains": (
        "{metric: csat, scale_min: 1, scale_max: 5}",
        LABELS * 24,
        ["Not measured: no answer can be read; rejected rows of the surveys: 120."],
    ),
    "all alike": (
        "{metric: nps, scale_min: 0, scale_max: 10}",
        [9] * 120,
        ["NPS is 100.0 among the 120 who answered.", "all answers count the same"],
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_export_makes_an_honest_page(project, capsys, name):
    constants, scores, words = ODD[name]
    moments = pd.date_range("2026-01-01", periods=len(scores), freq="8h")
    answers = pd.DataFrame({"response_id": range(len(scores)), "ts": moments, "score": scores})
    source = f"{{surveys: {{file: answers.csv, constants: {constants}}}}}"
    write(project, f"{HEAD}, tables: {source}}}", answers)
    said = shown(capsys, study="asked")
    for one in words:
        assert one in said
    assert not FORBIDDEN.search(said)
    assert "Ask for 1 answers" not in said
    assert "weighted to all customers" not in said.lower()  # nothing says who they are
    assert "relational\n" not in said


def test_a_title_tells_of_no_month_of_too_few_people(project, capsys):
    moments = [*pd.date_range("2026-01-01", periods=60, freq="12h"), "2026-02-03", "2026-02-04"]
    scores = [9, 10, 8] * 20 + [0, 0]
    answers = pd.DataFrame({"response_id": range(62), "ts": moments, "score": scores})
    source = "{surveys: {file: answers.csv, constants: {metric: nps, scale_min: 0, scale_max: 10}}}"
    write(project, f"{HEAD}, tables: {source}}}", answers)
    said = shown(capsys, study="asked")
    assert "<Figure: NPS: 66.7 in Jan 2026" in said
    assert "100.0 in Feb" not in said
