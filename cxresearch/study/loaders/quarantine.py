"""Write the rejected rows of a table with their reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cxresearch.core.validate import choice, clipped
from cxresearch.engine.backends import literal
from cxresearch.study.loaders import row_faults
from cxresearch.study.loaders.export_reading import LINE, ROW
from cxresearch.study.loaders.row_faults import CastFile
from cxresearch.study.schema import Column, Table
from cxresearch.study.sources import Source

if TYPE_CHECKING:
    import duckdb

UNREADABLE = "unreadable_row"
#: How many characters of a value are shown beside what it must be.
_SHOWN = 80
#: Cells that begin like this are taken for a formula by spreadsheets.
_FORMULA = r"^([=+@\t\r-])"
#: Of a rule what a row must be, where neither its column nor its file has a say in it.
_ALWAYS = {
    "not_a_whole_number": "a whole number",
    "not_a_flag": "yes or no",
    "missing_value": "given",
    "before_1900": "of 1900 or later",
    "future_date": "of a day before the export was made",
    "duplicate_key": "of one row; this key came before",
    "empty_scale": "above the lower end of the scale",
    "score_outside_scale": "on its scale",
    "score_not_whole": "a whole number, and the ends of its scale as well",
}
_TIME = (
    "such as 2026-01-31 10:00:00, or counted since 1970; for others the manifest gives "
    "time_format: %d/%m/%Y, epoch_ms or excel_day"
)


def write(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[CastFile],
    path: Path,
    table: Table,
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
    words = row_faults.answer_words(connection)
    parts = []
    for number, file in enumerate(files):
        must = {
            (rule, name): allowed(rule, columns[name], file.source.of(name), words=words)
            for rule, name in rules
        }
        parts += [_rejected(number, file, must, table), _unreadable(number, file)]
    union = " UNION ALL ".join(parts)
    connection.execute(
        f'COPY (SELECT * EXCLUDE (nth) FROM ({union}) ORDER BY nth, line, row, rule, "column") '
        f"TO {literal(str(path))} (FORMAT csv, HEADER)"
    )


def _rejected(
    number: int, file: CastFile, must: Mapping[tuple[str, str], str], table: Table
) -> str:
    mark = literal(file.read.mark)
    pairs = (
        f"{literal(column.name)}, "
        + (f"rtrim(raw.{column.field}, {mark})" if file.read.mark else f"raw.{column.field}")
        for column in file.read.columns
    )
    return (
        f"SELECT {number} AS nth, {_harmless(literal(file.read.name))} AS file, "
        f'raw.{LINE} AS line, raw.{ROW} AS row, rule, col AS "column", '
        f"{_harmless(_detail(file, must, table))} AS detail, "
        f"json_object({', '.join(pairs)})::VARCHAR AS record "
        f"FROM faults JOIN {file.read.table} raw ON _id = {file.offset} + raw.{ROW} "
        "WHERE action = 'reject'"
    )


def _detail(file: CastFile, must: Mapping[tuple[str, str], str], table: Table) -> str:
    """Return SQL for what is wrong with a value, worded as every fault of a value is.

    Of a key that came before all parts are shown.
    """
    casts = {cast.column: cast for cast in file.casts}
    cases = []
    for (rule, column), words in must.items():
        given, written = clipped(casts[column].given), casts[column].written
        if rule == "duplicate_key" and len(table.key) > 1:
            parts = (f"({casts[one].written})::VARCHAR" for one in table.key)
            written = f"concat_ws(', ', {', '.join(parts)})"
        if file.read.mark:
            written = f"rtrim(({written})::VARCHAR, {literal(file.read.mark)})"
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


def allowed(rule: str, column: Column, source: Source, *, words: str = "") -> str:
    """Return what a column must be by a rule; empty for a rule that speaks for itself.

    Where other answers to a question are words for numbers, `words` lists them.

    Examples
    --------
    >>> allowed("not_a_number", Column("revenue", "number"), Source(file=["o.csv"], decimal=","))
    'a number with the decimal mark ,'
    >>> allowed("out_of_range", Column("cost", "number", low=0), Source(file=["m.csv"]))
    'at least 0'
    """
    if rule in {"not_a_time", "not_a_date"}:
        return f"written as {' or '.join(source.time_format)}" if source.time_format else _TIME
    if rule == "not_a_number":
        grouped = f", thousands grouped by {source.thousands!r}" if source.thousands else ""
        return f"a number with the decimal mark {source.decimal or '.'}{grouped}"
    if rule == "not_allowed":
        return choice(column.allowed)
    if rule == "out_of_range":
        ends = (("at least", column.low), ("at most", column.high))
        return " and ".join(f"{word} {end:g}" for word, end in ends if end is not None)
    if rule == "answers_in_words":
        return (
            f"of a question without words for numbers: {words} need values: {{{column.name}: ...}}"
        )
    return _ALWAYS.get(rule, "")
