"""Find what is wrong with cast rows: casts that failed, broken contracts and rules, duplicates.

Faults are kept in a DuckDB table: a row's ``_id``, the rule it breaks, what follows (reject or
flag), and the column the fault is shown by.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cxresearch.core.validate import clipped
from cxresearch.engine.backends import literal, quoted
from cxresearch.study.loaders import contract_checks
from cxresearch.study.loaders.casting import Cast
from cxresearch.study.loaders.export_reading import ROW, FileRead
from cxresearch.study.loaders.outcome import Finding, Rejection
from cxresearch.study.loaders.rules import Action, Rule
from cxresearch.study.schema import Table

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class CastFile:
    """A file being loaded: what was read, how it is cast, and how many rows came before it."""

    read: FileRead
    casts: Sequence[Cast]
    offset: int


def create(connection: duckdb.DuckDBPyConnection, faults: str) -> None:
    """Make an empty table of faults."""
    connection.execute(
        f"CREATE TABLE {faults} (_id BIGINT, rule VARCHAR, action VARCHAR, col VARCHAR)"
    )


def broken_bits(casts: Sequence[Cast]) -> str:
    """Return SQL for a number with one bit for each rule that a row's casts found broken."""
    bits = (
        f"coalesce({rule.where}, false)::BIGINT << {bit}"
        for bit, rule in enumerate(_cast_rules(casts))
    )
    return " | ".join(f"({one})" for one in ["0::BIGINT", *bits])


def _cast_rules(casts: Sequence[Cast]) -> list[Rule]:
    return [rule for cast in casts for rule in cast.rules]


def find_cast_faults(
    connection: duckdb.DuckDBPyConnection, file: CastFile, action: Action, rows: str
) -> None:
    """Add those of `rows` that came from one file and broke a rule when they were cast."""
    own = f"_id > {file.offset} AND _id <= {file.offset + file.read.rows}"
    for bit, rule in enumerate(_cast_rules(file.casts)):
        if rule.action == action:
            broken = replace(rule, where=f"{own} AND (_broken >> {bit}) & 1 = 1")
            find_broken_rules(connection, [broken], rows, "faults")


def find_contract_faults(connection: duckdb.DuckDBPyConnection, rows: Table) -> None:
    """Add the rows of ``cast_rows`` that break the contract of their table."""
    for cases in contract_checks.failures(connection, "cast_rows", rows):
        connection.register("cases", cases)
        # A text that could not be read is not missing as well.
        connection.execute(
            "INSERT INTO faults SELECT _id, rule, 'reject', col FROM cases "
            "WHERE NOT (rule = 'missing_value' AND (_id, col) IN (SELECT (_id, col) FROM faults))"
        )
        connection.unregister("cases")


def find_broken_rules(
    connection: duckdb.DuckDBPyConnection, rules: Iterable[Rule], rows: str, faults: str
) -> None:
    """Add to `faults` the rows of `rows` that break any of the rules."""
    for rule in rules:
        connection.execute(
            f"INSERT INTO {faults} SELECT _id, {literal(rule.name)}, {literal(rule.action)}, "
            f"{literal(rule.column)} FROM (SELECT _id, ({rule.where}) AS broken FROM {rows}) "
            "WHERE broken"
        )


def find_duplicates(connection: duckdb.DuckDBPyConnection, rows: Table) -> None:
    """Reject all but one of the good rows of ``cast_rows`` that share a key.

    The first one written is kept or, where the table says so, the earliest.
    """
    if not rows.key:
        return
    key = ", ".join(map(quoted, rows.key))
    order = f"{quoted(rows.times[0])}, _id" if rows.keeps_earliest else "_id"
    complete = " AND ".join(f"{quoted(column)} IS NOT NULL" for column in rows.key)
    connection.execute(
        f"INSERT INTO faults SELECT _id, 'duplicate_key', 'reject', {literal(rows.key[0])} "
        f"FROM cast_rows WHERE {complete} "
        "AND _id NOT IN (SELECT _id FROM faults WHERE action = 'reject') "
        f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {order}) > 1"
    )


def part_rejected(connection: duckdb.DuckDBPyConnection) -> None:
    """Move the rejected rows from ``cast_rows`` to ``rejected_rows``.

    The others keep their order without being sorted.
    """
    bad = "_id IN (SELECT _id FROM faults WHERE action = 'reject')"
    connection.execute(f"CREATE TEMP TABLE rejected_rows AS SELECT * FROM cast_rows WHERE {bad}")
    connection.execute(f"DELETE FROM cast_rows WHERE {bad}")


def rejections(connection: duckdb.DuckDBPyConnection, rows: Table) -> list[Rejection]:
    """Return how many rows were rejected, by the columns they are counted by.

    A row that breaks several rules is counted once, for the first by name.
    """
    if not rows.counted_by:
        return []
    by = ", ".join(map(quoted, rows.counted_by))
    counted = connection.execute(
        f"SELECT rule, count(*), {by} FROM rejected_rows JOIN (SELECT _id, min(rule) AS rule "
        "FROM faults WHERE action = 'reject' GROUP BY _id) USING (_id) GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return [
        Rejection(rule, dict(zip(rows.counted_by, values, strict=True)), int(count))
        for rule, count, *values in counted
    ]


def findings(
    connection: duckdb.DuckDBPyConnection,
    rows: str,
    table: Table,
    faults: str,
    files: Sequence[CastFile],
) -> list[Finding]:
    """Return one finding per rule and column, rejections first.

    An example is what stands in the file; where the rows are of no file (`files` is empty), it is
    their value.
    """
    columns = {column.name: column for column in table.columns}
    counted = connection.execute(
        f"SELECT rule, action, col, count(*), min(_id) FROM {faults} "
        "GROUP BY ALL ORDER BY action DESC, rule, col"
    ).fetchall()
    found = []
    for rule, action, name, count, first in counted:
        column = columns[name]
        example = ""
        if column.kind != "text" or column.allowed:
            example = (
                _written(connection, files, name, first)
                if files
                else _value(connection, rows, f"{quoted(name)}", f"_id = {first}")
            )
        found.append(Finding(rule, action, name, table.row, int(count), example))
    return found


def _written(
    connection: duckdb.DuckDBPyConnection, files: Sequence[CastFile], column: str, row: int
) -> str:
    """Return what a row's file says in a column."""
    file = next(one for one in files if one.offset < row <= one.offset + one.read.rows)
    (written,) = (cast.written for cast in file.casts if cast.column == column)
    return _value(connection, file.read.table, written, f"{ROW} = {row - file.offset}")


def _value(connection: duckdb.DuckDBPyConnection, rows: str, value: str, where: str) -> str:
    found = connection.execute(f"SELECT ({value})::VARCHAR FROM {rows} WHERE {where}").fetchall()
    return clipped(found[0][0] or "")
