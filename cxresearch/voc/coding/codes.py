"""People code texts by hand: sheets out, codes in, disagreements settled, agreement measured."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxresearch.core import disk, validate
from cxresearch.core.disclosure import FORMULA_SIGNS, harmless
from cxresearch.core.documented import documented
from cxresearch.engine import frames
from cxresearch.errors import SchemaError
from cxresearch.stats.agreement.coefficients import (
    cohen_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
)
from cxresearch.voc.coding.sampling import RANDOM, SUGGESTED
from cxresearch.voc.texts.codebook import Codebook
from cxresearch.voc.texts.raw_text import is_missing

if TYPE_CHECKING:
    import pandas as pd


_SUFFIXES = (".csv", ".xlsx")
_SHOWN = ("text_id", "text", "language")
_KEPT = ("coder", "probability", "drawn")
_DECISION = "decision"
#: A spreadsheet's cell holds no more.
_LONGEST = 32_000
_WIDTHS = {"text": 80, "text_id": 14, "comment": 30}
#: What a coder may write in a cell, in small letters; an empty cell is not coded.
_YES = frozenset(("1", "1.0", "x", "y", "yes", "s", "si", "sì", "true", "vero"))
_NO = frozenset(("0", "0.0", "n", "no", "false", "falso"))
Row = dict[str, Any]


def coding_sheet(sample: pd.DataFrame, codebook: Codebook, path: str | Path, *, coder: str) -> Path:
    """Write a sheet on which one coder says which themes each text is of.

    Parameters
    ----------
    sample : pandas.DataFrame
        The texts, as :func:`cxresearch.voc.draw_sample` returns them.
    codebook : Codebook
        The themes: a column for each, to be filled in with 1 or 0.
    path : str or Path
        The file, .csv or .xlsx, which is not there yet.
    coder : str
        Who codes. For double coding write a second sheet of the same sample for another coder.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    FileExistsError
        If the file is there: somebody may have filled it in.
    SchemaError
        If `sample` lacks columns.
    ValueError
        If the file is neither CSV nor XLSX.
    """
    frames.lazy(sample, "sample", ("text_id", "text", "probability", "drawn"))
    themes = list(codebook.themes)
    rows = [row | {"coder": coder} for row in sample.to_dict("records")]
    columns = [*_SHOWN, *themes, "comment", *_KEPT]
    file = Path(path)
    _write_sheet([_by_name(row) for row in rows], columns, themes, file)
    return file


def read_codes(paths: Iterable[str | Path], codebook: Codebook) -> pd.DataFrame:
    """Read back the sheets of one or more coders.

    Parameters
    ----------
    paths : iterable of str or Path
        The sheets.
    codebook : Codebook
        The codebook they were written with.

    Returns
    -------
    pandas.DataFrame
        A row per sheet's text: `text_id`, `coder`, `drawn`, `probability`, and per theme 1.0,
        0.0, or nan where the cell is empty.

    Raises
    ------
    SchemaError
        If sheets lack columns, hold codes that are none, or a coder coded a text twice: all
        faults at once, each with its file, row and value.

    Notes
    -----
    A code is 1, x, y, yes, s, si or true, or 0, n, no or false; an empty cell is no code, not 0.
    """
    import pandas as pd

    themes = list(codebook.themes)
    faults: list[str] = []
    codes: list[dict[str, Any]] = []
    seen: dict[tuple[str, str], str] = {}
    for path in map(Path, paths):
        rows = _read_sheet(path)
        missing = [name for name in ("text_id", *themes, *_KEPT) if rows and name not in rows[0]]
        if missing or not rows:
            fault = f"no such column: {', '.join(missing)}" if missing else "nothing in it"
            faults.append(f"{path.name}: {fault}")
            continue
        for number, row in enumerate(rows, start=2):
            where = f"{path.name}, row {number}"
            faults += _row_faults(row, themes, where)
            faults += _repeat_faults(row, where, seen)
            codes.append(_numbers_of(row, themes))
    if faults:
        raise SchemaError("coding sheets", faults)
    columns = ["text_id", "coder", "drawn", "probability", *themes]
    numbers = dict.fromkeys(("probability", *themes), float)
    return pd.DataFrame(codes, columns=columns).astype(numbers)


def disagreements(codes: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return where coders gave a text different codes.

    Parameters
    ----------
    codes, codebook
        As :func:`read_codes` returns and takes them.

    Returns
    -------
    pandas.DataFrame
        A row per text and theme: `text_id`, `theme`, and each coder's code.
    """
    import pandas as pd

    parts = []
    for theme in codebook.themes:
        table = _by_coder(codes, theme)
        differing = table[table.nunique(axis=1) > 1].reset_index()
        differing.insert(1, "theme", theme)
        parts.append(differing)
    found = pd.concat(parts, ignore_index=True)
    return found.rename_axis(columns=None).sort_values(["text_id", "theme"], ignore_index=True)


def adjudication_sheet(
    codes: pd.DataFrame, sample: pd.DataFrame, codebook: Codebook, path: str | Path
) -> Path:
    """Write a sheet on which the disagreements are settled, in a column `decision`.

    Parameters
    ----------
    codes, codebook
        As :func:`read_codes` returns and takes them.
    sample, path
        As in :func:`coding_sheet`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    FileExistsError, ValueError
        As :func:`coding_sheet` does.
    """
    found = disagreements(codes, codebook)
    texts = dict(zip(sample["text_id"].astype(str), sample["text"], strict=True))
    rows = [_by_name(row) | {"text": texts.get(row["text_id"])} for row in found.to_dict("records")]
    coders = [name for name in found.columns if name not in ("text_id", "theme")]
    columns = ["text_id", "text", "theme", *coders, _DECISION]
    file = Path(path)
    _write_sheet(rows, columns, [_DECISION], file)
    return file


def gold_codes(
    codes: pd.DataFrame, codebook: Codebook, decisions: str | Path | None = None
) -> pd.DataFrame:
    """Return one code per text and theme: what coders agree on, and what was decided.

    Parameters
    ----------
    codes, codebook
        As :func:`read_codes` returns and takes them.
    decisions : str or Path, optional
        The sheet of :func:`adjudication_sheet`, filled in.

    Returns
    -------
    pandas.DataFrame
        A row per text: `text_id`, `drawn`, `probability`, and per theme 1.0, 0.0, or nan where
        nobody coded it or a disagreement was not settled.

    Raises
    ------
    SchemaError
        If the sheet lacks columns or holds codes that are none: all faults at once.
    """
    settled = _decisions(Path(decisions)) if decisions is not None else {}
    one = codes.drop_duplicates("text_id").set_index("text_id")[["drawn", "probability"]]
    for theme in codebook.themes:
        table = _by_coder(codes, theme)
        least = table.min(axis=1)
        one[theme] = least.where(least == table.max(axis=1))
        decided = {text: said for (text, of), said in settled.items() if of == theme}
        known = one.index.intersection([*decided])
        one.loc[known, theme] = [decided[text] for text in known]
    return one.reset_index()


@documented
def coder_agreement(
    codes: pd.DataFrame, codebook: Codebook, *, confidence: float = 0.95, seed: int = 0
) -> pd.DataFrame:
    """Measure how far the coders agree on each theme.

    Parameters
    ----------
    codes, codebook
        As :func:`read_codes` returns and takes them; suggested texts are left out, for they are
        the hard ones.
    %(confidence)s
    seed : int, default 0
        The seed of the bootstrap.

    Returns
    -------
    pandas.DataFrame
        A row per theme and measure: `theme`, `measure` (percent, alpha, ac1, and kappa where
        there are two coders), `value`, `ci_low`, `ci_high`, `n` (texts with two codes), `note`.

    Notes
    -----
    Read them together: where a theme is rare, percent is high whatever the coders do, alpha and
    kappa are low however few texts differ, and AC1 is in between.
    """
    import pandas as pd

    rows = []
    at_random = codes[codes["drawn"] == RANDOM]
    for theme in codebook.themes:
        table = _by_coder(at_random, theme)
        units, options = table.to_numpy(), {"confidence": confidence, "rng": seed}
        both: dict[str, Any] = options | {"categories": (0.0, 1.0)}
        measures = {
            "percent": percent_agreement(units, **options),  # type: ignore[arg-type]
            "alpha": krippendorff_alpha(units, **both),
            "ac1": gwet_ac1(units, **both),
        }
        if units.shape[1] == 2:
            measures["kappa"] = cohen_kappa(units[:, 0], units[:, 1], **both)
        rows += [
            {"theme": theme, "measure": name, "value": found.value}
            | {"ci_low": found.ci.low, "ci_high": found.ci.high, "n": found.n, "note": found.note}
            for name, found in measures.items()
        ]
    return pd.DataFrame(rows)


def _by_coder(codes: pd.DataFrame, theme: str) -> pd.DataFrame:
    """Return a row per text and a column per coder."""
    return codes.pivot(index="text_id", columns="coder", values=theme)


def _by_name(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items()}


def _decisions(path: Path) -> dict[tuple[str, str], float]:
    """Return what was decided, by text and theme."""
    rows = _read_sheet(path)
    needed = ("text_id", "theme", _DECISION)
    faults = [
        f"{path.name}: no such column: {name}" for name in needed if rows and name not in rows[0]
    ]
    faults = faults or [
        f"{path.name}, row {number}, {_DECISION}: must be 1, 0 or empty; got {row[_DECISION]!r}"
        for number, row in enumerate(rows, start=2)
        if not _is_code(row[_DECISION])
    ]
    if faults:
        raise SchemaError("decisions", faults)
    return {(row["text_id"], row["theme"]): _code(row[_DECISION]) for row in rows if row[_DECISION]}


def _write_sheet(
    rows: Sequence[Row], columns: Sequence[str], coded: Sequence[str], path: Path
) -> None:
    """Write rows to a sheet that is not there yet."""
    validate.one_of("the suffix of path", path.suffix.lower(), _SUFFIXES)
    if path.exists():
        raise FileExistsError(f"{path} is there already, and may be filled in; name another file")
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    with disk.replacing(path) as beside:
        if path.suffix.lower() == ".csv":
            _write_csv(cells, columns, beside)
        else:
            _write_xlsx(cells, columns, coded, beside)


def _read_sheet(path: Path) -> list[Row]:
    """Return the rows of a sheet that have something in them; every cell as text."""
    validate.one_of("the suffix of path", path.suffix.lower(), _SUFFIXES)
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
    # By the byte order mark spreadsheets know that the file is UTF-8.
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


def _code(cell: str) -> float:
    """Return what a cell says; nan where it is empty."""
    if not cell.strip():
        return math.nan
    return 1.0 if cell.strip().lower() in _YES else 0.0


def _is_code(cell: str) -> bool:
    """Return whether a cell is a code, or empty."""
    return not cell.strip() or cell.strip().lower() in _YES | _NO


def _numbers_of(row: dict[str, Any], themes: Sequence[str]) -> dict[str, Any]:
    """Return a row with its codes as numbers."""
    kept = {"text_id": row["text_id"], "coder": row["coder"], "drawn": row["drawn"]}
    kept["probability"] = float(row["probability"]) if _is_number(row["probability"]) else math.nan
    return kept | {theme: _code(row[theme]) for theme in themes}


def _row_faults(row: dict[str, Any], themes: Sequence[str], where: str) -> Iterator[str]:
    """Yield what is wrong with a row of a coding sheet."""
    for name in ("text_id", "coder"):
        if not row[name]:
            yield f"{where}, {name}: missing"
    for theme in themes:
        if not _is_code(row[theme]):
            yield f"{where}, {theme}: must be 1, 0 or empty; got {row[theme]!r}"
    if row["drawn"] not in (RANDOM, SUGGESTED):
        yield f"{where}, drawn: must be {RANDOM!r} or {SUGGESTED!r}; got {row['drawn']!r}"
    if row["drawn"] == RANDOM and not _is_number(row["probability"]):
        yield f"{where}, probability: must be above 0 and at most 1; got {row['probability']!r}"


def _repeat_faults(
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
