"""A sheet of a workbook as a text file, and the members of an archive as files."""

from __future__ import annotations

import csv
import gzip
import lzma
import re
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxresearch.study.loaders.amount_texts import as_typed

if TYPE_CHECKING:
    from cxresearch.study.sources import Written

#: What a file of an archive raises that is encrypted, packed in an unknown way, or damaged.
_NOT_UNPACKED = (RuntimeError, NotImplementedError, EOFError, zlib.error, lzma.LZMAError)
#: How a cell that is a date is written, whatever the texts beside it are like; the last but one
#: where the time of day is of another column.
DATES = ("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")
_ZEROS = re.compile("00+")
_GZIP, _ZIP = b"\x1f\x8b", b"PK"
#: What is gzipped whole: of these no reader unpacks a part at a time.
_WHOLE = {".xlsx", ".ods", ".sav", ".zsav", ".parquet", ".zip"}


def kind(path: Path) -> str:
    """Return the kind of a workbook: ``xlsx`` or ``ods``; empty where it is none."""
    if not _is_zip(path):
        return ""
    with zipfile.ZipFile(path) as archive:
        names = {*archive.namelist()}
    if "xl/workbook.xml" in names:
        return "xlsx"
    return "ods" if {"mimetype", "content.xml"} <= names else ""


def inside(path: Path) -> list[str]:
    """Return the names of an archive's files, without what systems add; none of another file."""
    if not _is_zip(path) or kind(path):
        return []
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    added = re.compile(r"(.*/)?(__MACOSX/.*|\.[^/]*|Thumbs\.db|desktop\.ini|)")
    return [one for one in names if not added.fullmatch(one)]


def members(path: Path, source: Written, name: str, scratch: Path) -> Iterator[tuple[str, Path]]:
    """Yield the name and the place of each file of an archive; a file that is none, as it is.

    Raises
    ------
    ValueError
        If none of its files or, where `member` names none, more than one can be meant.
    """
    if (inner := _gzipped(path)) in _WHOLE:
        place = scratch / f"unpacked{inner}"
        try:
            with gzip.open(path) as packed, place.open("wb") as out:
                shutil.copyfileobj(packed, out)
            yield from members(place, source, name, scratch)
        except _NOT_UNPACKED as error:
            raise ValueError(str(error)) from error
        finally:
            place.unlink(missing_ok=True)
        return
    names = inside(path)
    if not names and (not _is_zip(path) or kind(path)):
        yield name, path
        return
    with zipfile.ZipFile(path) as archive:
        wanted = source.member
        chosen = [one for one in names if not wanted or fnmatchcase(one, wanted)]
        if not chosen or (len(chosen) > 1 and not wanted):
            some = ", ".join(names[:20]) or "no file"
            raise ValueError(f"member: must name what is read of the archive; it has: {some}")
        for number, one in enumerate(chosen):
            suffix = "".join(Path(one).suffixes[-2:])
            place = scratch / f"member_{number}{suffix}"
            try:
                with archive.open(one) as packed, place.open("wb") as out:
                    shutil.copyfileobj(packed, out)
            except _NOT_UNPACKED as error:
                raise ValueError(str(error)) from error
            yield f"{name}/{one}", place
            place.unlink(missing_ok=True)


def _is_zip(path: Path) -> bool:
    """Return whether a file is an archive: the mark of its end alone may stand in any binary."""
    return zipfile.is_zipfile(path) and _begins_with(path, _ZIP)


def _begins_with(path: Path, mark: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(mark)) == mark


def _gzipped(path: Path) -> str:
    """Return the ending that a gzipped file has once it is unpacked; empty where it is none."""
    if not _begins_with(path, _GZIP):
        return ""
    return Path(path.name.lower().removesuffix(".gz")).suffix


def sheets(path: Path) -> list[str]:
    """Return the names of a workbook's sheets.

    Raises
    ------
    ValueError
        If the workbook is damaged.
    """
    with _opened(path) as (names, _):
        return names


def hidden(path: Path) -> set[str]:
    """Return the names of the sheets of a workbook that its reader does not see.

    Raises
    ------
    ValueError
        If the workbook is damaged.
    """
    import python_calamine as calamine

    try:
        with calamine.CalamineWorkbook.from_path(path) as book:
            seen = calamine.SheetVisibleEnum.Visible
            return {one.name for one in book.sheets_metadata if one.visible != seen}
    except calamine.CalamineError as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error


@contextmanager
def _opened(path: Path) -> Iterator[tuple[list[str], Callable[[str], Iterable[Sequence[Any]]]]]:
    """Open a workbook: the names of its sheets, and what gives the rows of one.

    Raises
    ------
    ValueError
        Where the workbook is damaged: whatever its reader raises.
    """
    try:
        if kind(path) == "xlsx":  # a sheet may be large: it is read a row at a time
            import openpyxl

            # Of a path openpyxl asks the ending, which need not be that of a workbook.
            with (
                path.open("rb") as file,
                closing(openpyxl.load_workbook(file, read_only=True, data_only=True)) as book,
            ):
                yield book.sheetnames, lambda name: _xlsx_rows(book[name])
        else:
            import python_calamine

            with python_calamine.CalamineWorkbook.from_path(path) as book:
                yield book.sheet_names, lambda name: book.get_sheet_by_name(name).iter_rows()
    except ValueError:
        raise
    except BaseException as error:
        # What the reader of OpenDocument gives up on is no Exception.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise ValueError(f"{type(error).__name__}: {error}") from error


def _xlsx_rows(sheet: Any) -> Iterable[Sequence[Any]]:
    if hasattr(sheet, "reset_dimensions"):  # some tools write a wrong size
        sheet.reset_dimensions()
    # A code may be a number that is shown with zeros before it: 00184.
    if any(map(_ZEROS.fullmatch, sheet.parent._number_formats)):
        return (tuple(map(_shown, row)) for row in sheet.iter_rows())
    rows: Iterable[Sequence[Any]] = sheet.iter_rows(values_only=True)
    return rows


def _shown(cell: Any) -> Any:
    """Return the value of a cell, a whole number with the zeros that its format shows."""
    value = cell.value
    is_whole = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    if is_whole and value == int(value) and _ZEROS.fullmatch(cell.number_format or ""):
        return f"{int(value):0{len(cell.number_format)}d}"
    return value


def as_text(path: Path, source: Written, out: Path) -> Path:
    """Write a sheet as comma-separated text, every cell as it would be typed; empty rows go.

    All rows are as wide as the widest, which may be one with a remark beside it.

    Raises
    ------
    ValueError
        If the workbook is damaged, or has several sheets and `sheet` names none of them.
    """
    narrow = out.with_suffix(".narrow")
    widths = set()
    with _opened(path) as (names, rows_of), _writer(narrow) as writer:
        if source.sheet not in (None, *names) or (source.sheet is None and len(names) > 1):
            raise ValueError(f"sheet: must be one of {', '.join(names)}; got {source.sheet!r}")
        for row in rows_of(source.sheet or names[0]):
            cells = [typed(value, source) for value in row]
            if any(cells):
                widths.add(len(cells))
                writer.writerow(cells)
    if len(widths) < 2:
        return narrow.replace(out)
    with narrow.open(encoding="utf-8", newline="") as file, _writer(out) as writer:
        writer.writerows(row + [""] * (max(widths) - len(row)) for row in csv.reader(file))
    narrow.unlink()
    return out


@contextmanager
def _writer(out: Path) -> Iterator[Any]:
    with out.open("w", encoding="utf-8", newline="") as file:
        yield csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)


def typed(value: Any, source: Written) -> str:
    """Return a cell as text: a number with the source's mark, a date as :data:`DATES` has it.

    An amount that was typed as a text is told from a number by what follows it.
    """
    match value:
        case str():
            return as_typed(value)
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case float() if any(own.decimal for own in getattr(source, "own_way", {}).values()):
            return _without_mark(value)
        case float():
            return repr(value).replace(".", source.decimal or ".")
        case datetime():
            return value.isoformat(" ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
    return str(value)


def _without_mark(value: float) -> str:
    """Write a number so that it reads alike whatever the decimal mark: 7.25 as 725e-2."""
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    return f"{'-' if sign else ''}{''.join(map(str, digits))}e{exponent}"
