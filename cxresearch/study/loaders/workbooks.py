"""A sheet of an XLSX workbook as a text file, and the members of a ZIP archive as files."""

from __future__ import annotations

import csv
import lzma
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cxresearch.study.sources import Written

#: What a file of an archive raises that is encrypted, packed in an unknown way, or damaged.
_NOT_UNPACKED = (RuntimeError, NotImplementedError, EOFError, zlib.error, lzma.LZMAError)


def is_workbook(path: Path) -> bool:
    """Return whether a ZIP archive is an XLSX workbook."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return "xl/workbook.xml" in archive.namelist()


def inside(path: Path) -> list[str]:
    """Return the names of an archive's files, without what macOS adds; none of another file."""
    if not zipfile.is_zipfile(path) or is_workbook(path) or path.suffix == ".parquet":
        return []
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return [one for one in names if not one.endswith("/") and not one.startswith("__MACOSX/")]


def members(path: Path, source: Written, name: str, scratch: Path) -> Iterator[tuple[str, Path]]:
    """Yield the name and the place of each file of an archive; a file that is none, as it is.

    Raises
    ------
    ValueError
        If none of its files or, where `member` names none, more than one can be meant.
    """
    names = inside(path)
    if not names and (not zipfile.is_zipfile(path) or is_workbook(path)):
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


def sheets(path: Path) -> list[str]:
    """Return the names of a workbook's sheets.

    Raises
    ------
    ValueError
        If the workbook is damaged.
    """
    book = _opened(path)
    names = list(book.sheetnames)
    book.close()
    return names


def _opened(path: Path) -> Any:
    import openpyxl

    try:
        return openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # whatever a damaged archive or document raises
        raise ValueError(f"{type(error).__name__}: {error}") from error


def as_text(path: Path, source: Written, out: Path) -> Path:
    """Write a sheet as comma-separated text, every cell as it would be typed; empty rows go.

    Raises
    ------
    ValueError
        If the workbook is damaged, or has several sheets and `sheet` names none of them.
    """
    book = _opened(path)
    try:
        names = book.sheetnames
        if source.sheet not in (None, *names) or (source.sheet is None and len(names) > 1):
            raise ValueError(f"sheet: must be one of {', '.join(names)}; got {source.sheet!r}")
        sheet = book[source.sheet or names[0]]
        if hasattr(sheet, "reset_dimensions"):  # some tools write a wrong size
            sheet.reset_dimensions()
        with out.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
            width = 0
            for row in sheet.iter_rows(values_only=True):
                cells = [_text(value, source) for value in row]
                if any(cells):
                    width = max(width, len(cells))
                    writer.writerow(cells + [""] * (width - len(cells)))
    except ValueError:
        raise
    except Exception as error:  # whatever a damaged sheet raises while it is read
        raise ValueError(f"{type(error).__name__}: {error}") from error
    finally:
        book.close()
    return out


def _text(value: Any, source: Written) -> str:
    forms = getattr(source, "time_format", None) or []
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            text = str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
            return text.replace(".", source.decimal or ".")
        case datetime() | date():
            form = next((form for form in forms if "%" in form), "")
            return (
                value.strftime(form)
                if form
                else value.isoformat(" ")
                if isinstance(value, datetime)
                else value.isoformat()
            )
        case time():
            return value.isoformat()
    return str(value)
