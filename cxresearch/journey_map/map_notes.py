"""What people write on a map by hand, in study.yaml or on a workshop's sheet: never measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from cxresearch.core import disk
from cxresearch.core.languages import LANGUAGES
from cxresearch.core.remarks import Remark, Said
from cxresearch.errors import SchemaError
from cxresearch.journey_map.map_cells import StageColumn
from cxresearch.study.sections import NOTES, StageNotes

if TYPE_CHECKING:
    from cxresearch.study import Study

#: In which lane each note stands.
_LANES = {"goal": "wants", "hypothesis": "hurts", "to_be": "todo", "owner": "todo"}
#: How it is said.
_SAID = {
    "goal": Remark("Goal: {note}"),
    "hypothesis": Remark("Hypothesis: {note}"),
    "to_be": Remark("To be: {note}"),
    "owner": Remark("Owner: {note}"),
}
_STAGE, _MEASURED = "stage", "measured"


def notes_of(study: Study) -> Mapping[str, StageNotes]:
    """Return what people wrote of each stage of a study; of a sheet what stands on it now.

    Parameters
    ----------
    study : Study
        The study.

    Raises
    ------
    SchemaError
        If the sheet is not there, or has a stage that the study has not.
    """
    given = study.manifest.map
    if not isinstance(given, str):
        return given
    path = disk.raw_file(study.name, given, study.manifest.raw)
    if path is None:
        raise SchemaError("map", [disk.not_there(study.name, given, study.manifest.raw)])
    disk.note_read(path)
    return read_sheet(path, study.manifest.stages)


def with_notes(
    columns: Sequence[StageColumn], notes: Mapping[str, StageNotes], stage_of: Mapping[str, str]
) -> tuple[StageColumn, ...]:
    """Return the stages of a map with what people wrote of them, marked as assumed.

    Parameters
    ----------
    columns : sequence of StageColumn
        The stages with their cells.
    notes : mapping of str to StageNotes
        What people wrote of each stage of the study.
    stage_of : mapping of str to str
        The stage of the map for each stage of the study.
    """
    made = []
    for column in columns:
        cells = dict(column.cells)
        for stage, own in notes.items():
            if stage_of.get(stage) != column.stage:
                continue
            for name, said in _SAID.items():
                if label := getattr(own, name):
                    cell = cells[_LANES[name]]
                    note = Remark(said.message, {"note": Said(label)})
                    cells[cell.lane] = replace(cell, assumed=(*cell.assumed, note))
        made.append(replace(column, cells=cells))
    return tuple(made)


def write_sheet(
    columns: Sequence[StageColumn],
    notes: Mapping[str, StageNotes],
    stages: Sequence[str],
    languages: Sequence[str],
    path: Path,
) -> None:
    """Write a sheet for a workshop: a row per stage, what was measured, and room to write.

    Parameters
    ----------
    columns : sequence of StageColumn
        The map.
    notes : mapping of str to StageNotes
        What was written before.
    stages : sequence of str
        The stages of the study.
    languages : sequence of str
        The languages of its pages.
    path : Path
        Where the sheet goes, ``.xlsx``.
    """
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "map"
    _row(sheet, 1, [_STAGE, _MEASURED, *[f"{note} ({one})" for note in NOTES for one in languages]])
    of = {column.stage: column for column in columns}
    for place, stage in enumerate(stages, start=2):
        measured = _summary(of[stage]) if stage in of else ""
        own = notes.get(stage, StageNotes())
        written = [(getattr(own, note) or {}).get(one, "") for note in NOTES for one in languages]
        _row(sheet, place, [stage, measured, *written])
    for cell in sheet[1]:
        cell.font = openpyxl.styles.Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = 34
    sheet.freeze_panes = "B2"
    with disk.replacing(path) as scratch:
        book.save(scratch)


def _row(sheet: Any, place: int, texts: Sequence[str]) -> None:
    for column, text in enumerate(texts, start=1):
        cell = sheet.cell(place, column)
        # A text that begins with = is a text, not a formula.
        cell.value, cell.data_type = text, "s"


def _summary(column: StageColumn) -> str:
    cells = [column.cells[lane] for lane in ("who", "indicator", "hurts")]
    return "; ".join(str(one) for cell in cells for one in cell.says if one.message)


def read_sheet(path: Path, stages: Sequence[str]) -> dict[str, StageNotes]:
    """Return what was written on a workshop's sheet, by stage.

    Parameters
    ----------
    path : Path
        The sheet, as :func:`write_sheet` wrote it and people filled it.
    stages : sequence of str
        The stages of the study.

    Raises
    ------
    SchemaError
        If it is no such sheet, or a heading or a stage is not one of the study's, stands twice or
        is missing: all faults, each with its place.
    """
    import openpyxl

    try:
        with closing(openpyxl.load_workbook(path, read_only=True, data_only=True)) as book:
            rows = [[_text(one) for one in row] for row in book.worksheets[0].values]
    except (BadZipFile, KeyError, OSError, ValueError) as error:
        raise SchemaError("map", [f"{path.name}: not an XLSX file that can be read"]) from error
    head = [one.casefold() for one in rows[0]] if rows else []
    known = {f"{note} ({one})": (note, one) for note in NOTES for one in LANGUAGES}
    faults = list(_heading_faults(path.name, head, list(known)))
    if _STAGE not in head:
        raise SchemaError("map", [*faults, f"{path.name}: it has no column {_STAGE!r}"])
    names = {one.casefold(): one for one in stages}
    found: dict[str, StageNotes] = {}
    for place, row in enumerate(rows[1:], start=2):
        said = dict(zip(head, row, strict=False))
        notes: dict[str, dict[str, str]] = {}
        for heading, (note, language) in known.items():
            if text := said.get(heading, ""):
                notes.setdefault(note, {})[language] = text
        written = said.get(_STAGE, "")
        stage = names.get(written.casefold(), "")
        if stage and stage not in found:
            found[stage] = StageNotes.model_validate(notes)
        elif written or notes:
            wrong = "stands twice" if stage else f"is not one of {', '.join(stages)}"
            wrong = f"stage {written!r} {wrong}" if written else "it has notes and no stage"
            faults.append(f"{path.name}, row {place}: {wrong}")
    if faults:
        raise SchemaError("map", faults)
    return found


def _heading_faults(file: str, head: Sequence[str], known: Sequence[str]) -> Iterator[str]:
    for place, heading in enumerate(head, start=1):
        if heading and heading not in (*known, _STAGE, _MEASURED):
            yield f"{file}, column {place}: heading {heading!r} is not one of {', '.join(known)}"
        elif heading and heading in head[: place - 1]:
            yield f"{file}, column {place}: heading {heading!r} stands twice"


def _text(value: object) -> str:
    """Return what stands in a cell without spaces that say nothing."""
    return "" if value is None else " ".join(str(value).split())
