"""Write the rejected rows of a table with their reasons."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cxresearch.engine import literal
from cxresearch.loaders.faults import CastFile
from cxresearch.loaders.reading import ROW

if TYPE_CHECKING:
    import duckdb

UNREADABLE = "unreadable_row"
#: Cells that begin like this are taken for a formula by spreadsheets.
_FORMULA = r"^([=+@\t\r-])"


def write(connection: duckdb.DuckDBPyConnection, files: Sequence[CastFile], path: Path) -> None:
    """Write one line for each reason a row was rejected for: file, place, rule, and the record.

    The place of a row is its number among the readable rows, that of an unreadable line its line.
    """
    parts = [_rejected(file) for file in files]
    parts += [_unreadable(file, *line) for file in files for line in file.read.unreadable]
    union = " UNION ALL ".join(parts)
    connection.execute(
        f'COPY (SELECT * FROM ({union}) ORDER BY file, row, line, rule, "column") '
        f"TO {literal(str(path))} (FORMAT csv, HEADER)"
    )


def _rejected(file: CastFile) -> str:
    return (
        f"SELECT {literal(file.read.name)} AS file, NULL::BIGINT AS line, {ROW} AS row, rule, "
        "col AS \"column\", '' AS detail, to_json(raw)::VARCHAR AS record "
        f"FROM faults JOIN {file.read.table} raw ON _id = {file.offset} + {ROW} "
        "WHERE action = 'reject'"
    )


def _unreadable(file: CastFile, line: int, detail: str, text: str) -> str:
    harmless = f"regexp_replace({literal(text)}, {literal(_FORMULA)}, {literal(chr(39))} || '\\1')"
    return (
        f"SELECT {literal(file.read.name)}, {line}, NULL, {literal(UNREADABLE)}, NULL, "
        f"{literal(detail)}, {harmless}"
    )
