"""Write the rejected rows of a table with their reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cxresearch.core.validate import clipped
from cxresearch.engine.backends import literal
from cxresearch.study.loaders import answer_labels
from cxresearch.study.loaders.allowed import allowed
from cxresearch.study.loaders.export_reading import LINE, ROW
from cxresearch.study.loaders.row_faults import CastFile
from cxresearch.study.manifest import Source
from cxresearch.study.schema import Table

if TYPE_CHECKING:
    import duckdb

UNREADABLE = "unreadable_row"
#: How many characters of a value are shown beside what it must be.
_SHOWN = 80
#: Cells that begin like this are taken for a formula by spreadsheets.
_FORMULA = r"^([=+@\t\r-])"


def write(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[CastFile],
    path: Path,
    table: Table,
    source: Source,
) -> None:
    """Write one line for each reason a row was rejected for: file, place, rule, and the record.

    The place is the line of a text file on which the row begins, and the row's number among the
    readable ones. The detail is what the file calls the column, what it must be, and what it is.
    A record is JSON, named by the file's columns; of an unreadable one the text.
    """
    rules = connection.execute(
        "SELECT DISTINCT rule, col FROM faults WHERE action = 'reject' ORDER BY ALL"
    ).fetchall()
    columns = {column.name: column for column in table.columns}
    words = answer_labels.words(connection)
    must = {(rule, name): allowed(rule, columns[name], source, words=words) for rule, name in rules}
    parts = []
    for number, file in enumerate(files):
        parts += [_rejected(number, file, must), _unreadable(number, file)]
    union = " UNION ALL ".join(parts)
    connection.execute(
        f'COPY (SELECT * EXCLUDE (nth) FROM ({union}) ORDER BY nth, line, row, rule, "column") '
        f"TO {literal(str(path))} (FORMAT csv, HEADER)"
    )


def _rejected(number: int, file: CastFile, must: Mapping[tuple[str, str], str]) -> str:
    pairs = (f"{literal(column.name)}, raw.{column.field}" for column in file.read.columns)
    return (
        f"SELECT {number} AS nth, {_harmless(literal(file.read.name))} AS file, "
        f'raw.{LINE} AS line, raw.{ROW} AS row, rule, col AS "column", '
        f"{_harmless(_detail(file, must))} AS detail, "
        f"json_object({', '.join(pairs)})::VARCHAR AS record "
        f"FROM faults JOIN {file.read.table} raw ON _id = {file.offset} + raw.{ROW} "
        "WHERE action = 'reject'"
    )


def _detail(file: CastFile, must: Mapping[tuple[str, str], str]) -> str:
    """Return SQL for what is wrong with a value, worded as every fault of a value is."""
    casts = {cast.column: cast for cast in file.casts}
    cases = []
    for (rule, column), words in must.items():
        given, written = clipped(casts[column].given), casts[column].written
        got = f"'; got ' || left(({written})::VARCHAR, {_SHOWN})"
        text = f"{literal(f'{given} must be {words}')} || coalesce({got}, '; got nothing')"
        case = f"rule = {literal(rule)} AND col = {literal(column)}"
        if words:
            cases.append(f"WHEN {case} THEN {text}")
    return f"CASE {' '.join(cases)} ELSE '' END" if cases else "''"


def _unreadable(number: int, file: CastFile) -> str:
    return (
        f"SELECT {number}, {_harmless(literal(file.read.name))}, line, NULL, "
        f"{literal(UNREADABLE)}, NULL, reason, {_harmless('text')} "
        f"FROM {file.read.unreadable_table}"
    )


def _harmless(text: str) -> str:
    return f"regexp_replace({text}, {literal(_FORMULA)}, {literal(chr(39))} || '\\1')"
