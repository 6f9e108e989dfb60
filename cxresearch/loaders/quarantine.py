"""Write the rejected rows of a table with their reasons."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cxresearch.loaders.faults import CastFile
from cxresearch.loaders.reading import LINE, ROW
from cxresearch.sql import literal

if TYPE_CHECKING:
    import duckdb

UNREADABLE = "unreadable_row"
#: Cells that begin like this are taken for a formula by spreadsheets.
_FORMULA = r"^([=+@\t\r-])"


def write(connection: duckdb.DuckDBPyConnection, files: Sequence[CastFile], path: Path) -> None:
    """Write one line for each reason a row was rejected for: file, place, rule, and the record.

    The place is the line of a text file on which the row begins, and the row's number among the
    readable ones. A record is JSON, named by the file's columns; of an unreadable one the text.
    """
    union = " UNION ALL ".join(
        part(number, file) for number, file in enumerate(files) for part in (_rejected, _unreadable)
    )
    connection.execute(
        f'COPY (SELECT * EXCLUDE (nth) FROM ({union}) ORDER BY nth, line, row, rule, "column") '
        f"TO {literal(str(path))} (FORMAT csv, HEADER)"
    )


def _rejected(number: int, file: CastFile) -> str:
    pairs = (f"{literal(column.name)}, raw.{column.field}" for column in file.read.columns)
    return (
        f"SELECT {number} AS nth, {_harmless(literal(file.read.name))} AS file, "
        f"raw.{LINE} AS line, raw.{ROW} AS row, rule, col AS \"column\", '' AS detail, "
        f"json_object({', '.join(pairs)})::VARCHAR AS record "
        f"FROM faults JOIN {file.read.table} raw ON _id = {file.offset} + raw.{ROW} "
        "WHERE action = 'reject'"
    )


def _unreadable(number: int, file: CastFile) -> str:
    return (
        f"SELECT {number}, {_harmless(literal(file.read.name))}, line, NULL, "
        f"{literal(UNREADABLE)}, NULL, reason, {_harmless('text')} "
        f"FROM {file.read.unreadable_table}"
    )


def _harmless(text: str) -> str:
    return f"regexp_replace({text}, {literal(_FORMULA)}, {literal(chr(39))} || '\\1')"
