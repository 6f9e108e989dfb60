"""Sheets that people fill in, CSV or XLSX, read back as any spreadsheet saves them."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cxresearch.core import disk, validate
from cxresearch.core.disclosure import FORMULA_SIGNS, harmless
from cxresearch.voc.coding.sampling import RANDOM, SUGGESTED
from cxresearch.voc.text.raw_text import is_missing

SUFFIXES = (".csv", ".xlsx")
#: A spreadsheet's cell holds no more.
_LONGEST = 32_000
_WIDTHS = {"text": 80, "text_id": 14, "comment": 30}

Row = dict[str, Any]


def write(rows: Sequence[Row], columns: Sequence[str], coded: Sequence[str], path: Path) -> None:
    """Write rows to a sheet that is not there yet.

    Parameters
    ----------
    rows : sequence of dict
        The cells by column.
    columns : sequence of str
        The columns, in order.
    coded : sequence of str
        Those that are to be filled in with 0 or 1.
    path : Path
        The file, .csv or .xlsx.

    Raises
    ------
    FileExistsError
        If the file is there: somebody may have filled it in.
    ValueError
        If the file is neither CSV nor XLSX.
    """
    validate.one_of("the suffix of path", path.suffix.lower(), SUFFIXES)
    if path.exists():
        raise FileExistsError(f"{path} is there already, and may be filled in; name another file")
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    with disk.replacing(path) as beside:
        if path.suffix.lower() == ".csv":
            _write_csv(cells, columns, beside)
        else:
            _write_xlsx(cells, columns, coded, beside)


def read(path: Path) -> list[Row]:
    """Return the rows of a sheet that have something in them; every cell as text.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is neither CSV nor XLSX.
    """
    validate.one_of("the suffix of path", path.suffix.lower(), SUFFIXES)
    disk.note_read(path)
    table = _csv_table(path) if path.suffix.lower() == ".csv" else _xlsx_table(path)
    if not table:
        return []
    header = [cell.strip() for cell in table[0]]
    rows = [dict(zip(header, map(_plain, row), strict=False)) for row in table[1:]]
    return [row for row in rows if any(row.values())]


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return harmless(value[:_LONGEST])
    return "" if is_missing(value) else value


def _plain(cell: str) -> str:
    """Return a cell as it was before it was made harmless."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_SIGNS) else cell


def _write_csv(cells: list[list[Any]], columns: Sequence[str], path: Path) -> None:
    # The byte order mark tells spreadsheets that the file is UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="", errors="replace") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(cells)


def _write_xlsx(
    cells: list[list[Any]], columns: Sequence[str], coded: Sequence[str], path: Path
) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(list(columns))
    for row in cells:
        sheet.append(row)
    codes = openpyxl.worksheet.datavalidation.DataValidation(
        type="list", formula1='"0,1"', allow_blank=True
    )
    sheet.add_data_validation(codes)
    for place, column in enumerate(columns, start=1):
        letter = openpyxl.utils.get_column_letter(place)
        sheet[f"{letter}1"].font = openpyxl.styles.Font(bold=True)
        sheet.column_dimensions[letter].width = _WIDTHS.get(column, 12)
        if column in coded and cells:
            codes.add(f"{letter}2:{letter}{len(cells) + 1}")
        if column == "text":
            for (cell,) in sheet.iter_rows(2, len(cells) + 1, place, place):
                cell.alignment = openpyxl.styles.Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "C2"
    book.save(path)


def _csv_table(path: Path) -> list[list[str]]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:  # what a spreadsheet saves on Windows
        text = content.decode("cp1252", errors="replace")
    header = text.partition("\n")[0]
    # An Italian spreadsheet saves with semicolons.
    delimiter = max(",;\t", key=header.count)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _xlsx_table(path: Path) -> list[list[str]]:
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        rows = book.worksheets[0].iter_rows(values_only=True)
        return [["" if cell is None else str(cell) for cell in row] for row in rows]
    finally:
        book.close()


#: What a coder may write in a cell, in small letters; an empty cell is not coded.
_YES = frozenset(("1", "1.0", "x", "y", "yes", "s", "si", "sì", "true", "vero"))
_NO = frozenset(("0", "0.0", "n", "no", "false", "falso"))


def code(cell: str) -> float:
    """Return what a cell says; nan where it is empty."""
    if not cell.strip():
        return math.nan
    return 1.0 if cell.strip().lower() in _YES else 0.0


def is_code(cell: str) -> bool:
    """Return whether a cell is a code, or empty."""
    return not cell.strip() or cell.strip().lower() in _YES | _NO


def codes_of(row: dict[str, Any], themes: Sequence[str]) -> dict[str, Any]:
    """Return a row with its codes as numbers."""
    kept = {"text_id": row["text_id"], "coder": row["coder"], "drawn": row["drawn"]}
    kept["probability"] = float(row["probability"]) if _is_number(row["probability"]) else math.nan
    return kept | {theme: code(row[theme]) for theme in themes}


def row_faults(row: dict[str, Any], themes: Sequence[str], where: str) -> Iterator[str]:
    """Yield what is wrong with a row of a coding sheet."""
    for name in ("text_id", "coder"):
        if not row[name]:
            yield f"{where}, {name}: missing"
    for theme in themes:
        if not is_code(row[theme]):
            yield f"{where}, {theme}: must be 1, 0 or empty; got {row[theme]!r}"
    if row["drawn"] not in (RANDOM, SUGGESTED):
        yield f"{where}, drawn: must be {RANDOM!r} or {SUGGESTED!r}; got {row['drawn']!r}"
    if row["drawn"] == RANDOM and not _is_number(row["probability"]):
        yield f"{where}, probability: must be above 0 and at most 1; got {row['probability']!r}"


def repeat_faults(
    row: dict[str, Any], where: str, seen: dict[tuple[str, str], str]
) -> Iterator[str]:
    """Yield a fault where a coder coded a text before; note that it was coded."""
    text = (row["text_id"], row["coder"])
    if all(text) and text in seen:
        yield f"{where}, text_id: {text[0]} of {text[1]} is also in {seen[text]}"
    seen[text] = where


def _is_number(cell: str) -> bool:
    try:
        return 0 < float(cell) <= 1
    except ValueError:
        return False
