"""What people write on a map by hand: in study.yaml, on a sheet, there and back."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest

from cxresearch.core.languages import Language
from cxresearch.core.remarks import Remark
from cxresearch.errors import ManifestError, SchemaError
from cxresearch.journey_map.map_cells import LANES, Cell, StageColumn
from cxresearch.journey_map.map_html import View, html, wheel
from cxresearch.journey_map.map_notes import read_sheet, with_notes, write_sheet
from cxresearch.study import manifest
from cxresearch.study.sections import StageNotes

GOAL = {"en": "Pay in a minute", "it": "Pagare in un minuto"}
STAGES = ("choose", "buy")


def column(stage: str) -> StageColumn:
    cells = {lane: Cell(stage=stage, lane=lane, why=Remark("not measured")) for lane in LANES}
    cells["who"] = Cell(stage=stage, lane="who", says=(Remark("=9 people"), Remark("")), n=9)
    return StageColumn(stage=stage, state="", findings=(), cells=cells)


def written(path: Path, notes: dict[str, StageNotes]) -> Path:
    write_sheet([column("buy")], notes, STAGES, ["en", "it"], path)
    return path


def test_notes_stand_in_their_lanes_of_the_stage_and_measure_nothing():
    notes = {"buy": StageNotes(goal=GOAL, owner={"en": "Payments", "it": "Pagamenti"})}
    (choose, bought) = with_notes(
        [column("choose"), column("paying")], notes, {"buy": "paying", "choose": "choose"}
    )
    assert [str(one) for one in bought.cells["wants"].assumed] == ["Goal: Pay in a minute"]
    assert [str(one) for one in bought.cells["todo"].assumed] == ["Owner: Payments"]
    assert not bought.cells["wants"].is_measured
    assert not any(cell.assumed for cell in choose.cells.values())
    view = View(name=Remark("All"), about=Remark(""), columns=[bought])
    shown = html([view], Language("it"))
    assert "Pagare in un minuto" in shown
    assert "ipotizzato, non misurato" in shown


def test_a_long_name_stands_in_a_wheel_on_as_many_lines_as_it_takes():
    drawn = wheel([column("a stage with a very long name")], "0", Language())
    lines = re.findall(r"<tspan[^>]*>([^<]*)<", drawn)
    assert lines == ["a stage with", "a very long", "name", "–"]


def test_a_sheet_comes_back_as_it_was_filled(tmp_path):
    notes = {"buy": StageNotes(goal=GOAL, to_be={"en": "=no formula", "it": "nessuna"})}
    path = written(tmp_path / "workshop.xlsx", notes)
    assert read_sheet(path, STAGES) == notes | {"choose": StageNotes()}
    book = openpyxl.load_workbook(path)
    assert "f" not in {cell.data_type for row in book.active.iter_rows() for cell in row}
    book.active["C2"] = " Find it "
    book.save(path)
    assert read_sheet(path, STAGES)["choose"].goal == {"en": "Find it"}


def test_every_fault_of_a_sheet_is_told_at_once(tmp_path):
    path = written(tmp_path / "workshop.xlsx", {})
    book = openpyxl.load_workbook(path)
    book.active["A2"], book.active["C1"] = "unbox", "goals"
    book.save(path)
    with pytest.raises(SchemaError) as told:
        read_sheet(path, STAGES)
    assert "column 3: heading 'goals'" in str(told.value)
    assert "row 2: stage 'unbox' is not one of choose, buy" in str(told.value)


def edited(path: Path, changes: dict[str, object]) -> Path:
    book = openpyxl.load_workbook(written(path, {}))
    for place, text in changes.items():
        book.active[place] = text
    book.save(path)
    return path


def test_a_sheet_comes_back_from_hands_that_moved_rows_and_typed_spaces(tmp_path):
    path = edited(tmp_path / "workshop.xlsx", {
        "A1": " Stage ", "A2": "  BUY", "A3": None, "A4": "choose ", "C1": "Goal  (EN)",
        "C2": "Pagare in 2,5  minuti,\n subito", "D2": None, "C4": 2.5,
    })  # fmt: skip
    found = read_sheet(path, STAGES)
    assert found["buy"].goal == {"en": "Pagare in 2,5 minuti, subito"}
    assert found["choose"].goal == {"en": "2.5"}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"A3": "choose"}, "row 3: stage 'choose' stands twice"),
        ({"A3": None, "C3": "Pay"}, "row 3: it has notes and no stage"),
        ({"D1": "goal (en)"}, "column 4: heading 'goal (en)' stands twice"),
        ({"A1": "fase"}, "it has no column 'stage'"),
    ],
)
def test_what_would_be_lost_of_a_sheet_is_told(tmp_path, changes, fault):
    path = edited(tmp_path / "workshop.xlsx", changes)
    with pytest.raises(SchemaError) as told:
        read_sheet(path, STAGES)
    assert fault in str(told.value)


def test_a_file_that_is_no_sheet_is_told(tmp_path):
    path = tmp_path / "workshop.xlsx"
    path.write_text("stage;goal (it)\nbuy;Pagare\n", "utf-8")
    with pytest.raises(SchemaError, match=r"workshop\.xlsx: not an XLSX file"):
        read_sheet(path, STAGES)


def test_a_manifest_takes_notes_of_its_own_stages_or_a_sheet():
    text = "{title: {en: A}, currency: EUR, time_zone: UTC, tables: {}, map: %s}"
    assert manifest.parse(text % "workshop.xlsx").map == "workshop.xlsx"
    kept = manifest.parse(text % "{purchase: {owner: Payments}}").map
    assert kept["purchase"].owner == {"en": "Payments", "it": "Payments"}
    with pytest.raises(ManifestError, match=r"map\.checkout"):
        manifest.parse(text % "{checkout: {owner: Payments}}")
