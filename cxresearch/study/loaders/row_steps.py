"""From the records of a file to the rows of its table: what the manifest says is done to them.

Empty cells are filled from above, columns of other files joined, lists and questions made rows of
their own, and the rows that are left out on purpose are counted. All of it is SQL over the table
that was read; each row keeps the line it came from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cxresearch.core.validate import clipped, meant
from cxresearch.engine.backends import literal
from cxresearch.errors import SchemaError
from cxresearch.study.loaders import amount_texts, nested
from cxresearch.study.loaders.csv_records import BLANK
from cxresearch.study.loaders.export_reading import ROW, FileRead, RawColumn

if TYPE_CHECKING:
    import duckdb

    from cxresearch.study.sources import Condition, Join, Made, Source

#: How many columns of a file a message names.
_NAMES = 30
#: How many keys a message shows.
_SHOWN = 3


def made(how: Made, read: FileRead, nothing: Sequence[str] = ()) -> RawColumn | None:
    """Return a column made as the manifest says; None where the file has nothing to make it of.

    Parameters
    ----------
    how : Made
        How it is made.
    read : FileRead
        The file.
    nothing : sequence of str
        The texts that stand for nothing in any of the columns it is made of.
    """
    if how.plus is not None:  # the time it begins with; empty where what is added is
        to, plus = read.first(how.to or []), read.first(how.plus)
        if to is None or plus is None:
            return None
        start = f"CASE WHEN {_text(plus)} IS NOT NULL THEN {to.field} END"
        return RawColumn(to.name, start, to.kind)
    if how.join is not None:
        parts = [column for name in how.join if (column := read.column(name)) is not None]
        if not parts or (how.needs_all and len(parts) < len(how.join)):
            return None
        texts = [
            f"CASE WHEN {_filled(one, nothing)} IS NOT NULL THEN {_text(one)} END"
            if nothing
            else _text(one)
            for one in parts
        ]
        joined = f"nullif(concat_ws({literal(how.by)}, {', '.join(texts)}), '')"
        if how.needs_all:
            lacks = " OR ".join(f"{text} IS NULL" for text in texts)
            joined = f"CASE WHEN {lacks} THEN NULL ELSE {joined} END"
        return RawColumn(parts[0].name, joined, "VARCHAR")
    if how.filled is not None:
        asked, other = read.column(how.filled), _first_filled(how.otherwise or [], read)
        if asked is None:
            return other
        otherwise = _text(other) if other else "NULL"
        field = (
            f"CASE WHEN {_text(asked)} IS NOT NULL THEN {literal(how.gives)} ELSE {otherwise} END"
        )
        return RawColumn(other.name if other else asked.name, field, "VARCHAR")
    if how.pattern is not None:
        of = _first_filled(how.of or [], read)
        if of is None:
            return None
        group = 1 if "(" in how.pattern.replace(r"\(", "").replace("(?:", "") else 0
        part = f"regexp_extract({_text(of)}, {literal(how.pattern)}, {group})"
        return RawColumn(of.name, f"nullif({part}, '')", "VARCHAR")
    first = _first_filled(how.first_of or [], read, nothing)
    return (
        replace(first, field=f"lower({_text(first)})", kind="VARCHAR")
        if (first and how.lower)
        else first
    )


def _first_filled(
    names: Sequence[str], read: FileRead, nothing: Sequence[str] = ()
) -> RawColumn | None:
    found = [column for name in names if (column := read.column(name)) is not None]
    if len(found) < 2:
        return found[0] if found else None
    return RawColumn(
        found[0].name, f"coalesce({', '.join(_filled(one, nothing) for one in found)})", "VARCHAR"
    )


def lacking(how: Made, read: FileRead) -> list[str]:
    """Return the columns without which it cannot be made and that the file lacks."""
    return [names[0] for names in how.required if read.first(names) is None]


def _filled(column: RawColumn, nothing: Sequence[str] = ()) -> str:
    """Return SQL for what a column says, as written; null where that is blank or nothing."""
    empty = f"{_text(column)} IS NULL"
    if nothing:
        empty = f"({empty} OR {_text(column)} IN ({_literals(nothing)}))"
    return f"CASE WHEN NOT {empty} THEN {column.field}::VARCHAR END"


def _text(column: RawColumn) -> str:
    return f"nullif(trim({column.field}::VARCHAR, {literal(BLANK)}), '')"


def foreseen(read: FileRead, source: Source) -> FileRead:
    """Return a file with the names of the columns that its steps will bring."""
    brought = [name for join in source.join for name in (*join.sum, *join.take)]
    parts = [name for part in source.melt for name in (*part.columns, *part.constants)]
    columns = [*read.columns, *(RawColumn(name, "NULL", "VARCHAR") for name in brought)]
    given = {name: RawColumn(name, "NULL", "VARCHAR") for name in parts}
    return replace(read, columns=columns, given=given)


def absent(read: FileRead, source: Source) -> list[tuple[str, str]]:
    """Return the columns that a source's steps name and its file lacks, each with what it is for.

    Parameters
    ----------
    read : FileRead
        The file with the columns that its steps will bring.
    source : Source
        What is done to its rows.
    """
    keys = [ours for join in source.join for ours in join.on]
    unnest = [source.unnest] if source.unnest else []
    named = [*source.fill_down, *keys, *unnest, *source.first_by]
    lacks = [(name, "") for name in named if read.column(name) is None]
    for part in source.melt:
        lacks += [(name, "") for how in part.columns.values() for name in lacking(how, read)]
    for one in source.where:
        if not one.if_there and not {*one.column} & {*read.given} and not read.first(one.column):
            lacks.append((one.column[0], "where"))
    return list(dict.fromkeys(lacks))


def apply(
    connection: duckdb.DuckDBPyConnection,
    read: FileRead,
    source: Source,
    joined: Callable[[Join], FileRead],
) -> FileRead:
    """Return the rows of a file as its source says, in a table of their own.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Where the file was read.
    read : FileRead
        The file.
    source : Source
        What is done to its rows.
    joined : callable
        Reads the file of a join.

    Raises
    ------
    SchemaError
        If a joined file lacks a column, or its key comes twice.
    """
    if not source.steps:
        return read
    query = f"SELECT *, {ROW} AS _record, 0 AS _part, true AS _there FROM {read.table}"
    columns = list(read.columns)
    if source.fill_down:
        filled = [_named(read, name) for name in source.fill_down]
        down = ", ".join(
            f"last_value({_filled(column)} IGNORE NULLS) OVER (ORDER BY {ROW} ROWS BETWEEN "
            f"UNBOUNDED PRECEDING AND CURRENT ROW) AS {column.field}"
            for column in filled
        )
        query = f"SELECT * REPLACE ({down}) FROM ({query})"
    for number, join in enumerate(source.join):
        query, more = _joined(connection, query, read, join, joined(join), number)
        columns += more
        read = replace(read, columns=columns)
    if source.unnest:
        query, columns = _unnested(query, read, source.unnest)
        read = replace(read, columns=columns)
    if source.melt:
        query, given = _melted(query, read, source)
        read = replace(read, given=given)
    kept = " AND ".join(["_there", *(_holds(one, read) for one in source.where)])
    if source.first_by:
        by = ", ".join(_text(_named(read, name)) for name in source.first_by)
        # Of a record all rows count: an order's lines, the answers of one response.
        first, of = "first_value(_record)", "_record"
        if any(name.startswith(f"{source.unnest}.") for name in source.first_by):
            first, of = "row_number()", "1"
        again = f"{first} OVER (PARTITION BY {by}, _kept ORDER BY _record, _part) = {of}"
        known = " AND ".join(f"{_text(_named(read, name))} IS NOT NULL" for name in source.first_by)
        query = (
            f"SELECT * REPLACE (_kept AND ({again} OR NOT ({known})) AS _kept) "
            f"FROM (SELECT *, coalesce({kept}, false) AS _kept FROM ({query}))"
        )
    else:
        query = f"SELECT *, coalesce({kept}, false) AS _kept FROM ({query})"
    table = f"{read.table}_rows"
    connection.execute(f"CREATE TEMP TABLE {table}_all AS {query}")
    connection.execute(
        f"CREATE TEMP TABLE {table} AS SELECT * REPLACE "
        f"(row_number() OVER (ORDER BY _record, _part) AS {ROW}) FROM {table}_all WHERE _kept"
    )
    total, rows = (_count(connection, one) for one in (f"{table}_all", table))
    connection.execute(f"DROP TABLE {table}_all")
    connection.execute(
        f"CREATE TEMP VIEW {table}_unreadable AS SELECT * FROM {read.unreadable_table}"
    )
    record = "_record"
    if source.unnest:  # 3.1 is the first element of the third record
        record = f"_record || '.' || (_part // {len(source.melt) or 1})"
    left_out = read.left_out + total - rows
    return replace(read, table=table, rows=rows, left_out=left_out, record=f"({record})::VARCHAR")


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def _named(read: FileRead, name: str) -> RawColumn:
    column = read.column(name)
    assert column is not None, name  # `absent` has seen to it
    return column


def lacks(read: FileRead, name: str, wanted: str = "", *, all_names: bool = True) -> str:
    """Return the fault of a column that a file does not have, with the nearest it has, and all."""
    own = [column.name for column in read.columns]
    again = [one for one in own if one.startswith(f"{name} (")]
    for_what = f" for {wanted}" if wanted else ""
    if again and again[0] == f"{name} (1)":
        return f"the header names {name!r} twice{for_what}: say {again[0]!r} or {again[1]!r}"
    fault = f"{read.name} lacks {name!r}{for_what}{meant(name, own)}"
    if not all_names:
        return fault
    has = ", ".join(map(clipped, own[:_NAMES]))
    if len(own) > _NAMES:
        has += f" and {len(own) - _NAMES:,} more"
    return f"{fault}; it has: {has}"


def _joined(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    read: FileRead,
    join: Join,
    other: FileRead,
    number: int,
) -> tuple[str, list[RawColumn]]:
    """Return the query with the columns of another file beside it, and these columns."""
    ((ours, theirs),) = join.on.items()
    lacked = [one for one in (theirs, *join.sum, *join.take) if other.column(one) is None]
    if lacked:
        faults = [lacks(other, name, all_names=not i) for i, name in enumerate(lacked)]
        raise SchemaError(other.name, faults)
    key, of = _named(read, ours), _text(_named(other, theirs))
    parts, more = [], []
    for i, name in enumerate([*join.sum, *join.take]):
        column = _named(other, name)
        field = f"j{number}_{i}"
        if i < len(join.sum):
            value = amount_texts.number(_text(column), join)
            # A sum of which one part cannot be read is not known.
            unread = f"count(*) FILTER ({_text(column)} IS NOT NULL AND ({value}) IS NULL)"
            parts.append(f"CASE WHEN {unread} = 0 THEN sum({value}) END AS {field}")
            more.append(RawColumn(name, field, "DOUBLE"))
        else:
            parts.append(f"first({column.field} ORDER BY {ROW}) AS {field}")
            more.append(RawColumn(name, field, column.kind))
    if join.take and join.keep == "one":
        again = connection.execute(
            f"SELECT {of} AS k, count(*) FROM {other.table} GROUP BY k "
            f"HAVING k IS NOT NULL AND count(*) > 1 ORDER BY k LIMIT {_SHOWN}"
        ).fetchall()
        if again:
            some = ", ".join(f"{clipped(value)!r} ({rows:,} rows)" for value, rows in again)
            fault = f"{theirs} must come once each to be taken from; {some}; say keep: first"
            raise SchemaError(other.name, [fault])
    grouped = f"SELECT {of} AS k, {', '.join(parts)} FROM {other.table} GROUP BY k"
    left = f"({query}) AS ours LEFT JOIN ({grouped}) AS theirs"
    mine = RawColumn(key.name, key.field, key.kind)
    chosen = ", ".join(f"theirs.{column.field}" for column in more)
    return f"SELECT ours.*, {chosen} FROM {left} ON {_text(mine)} = theirs.k", more


def _unnested(query: str, read: FileRead, name: str) -> tuple[str, list[RawColumn]]:
    """Return the query with one row for each element of a list; of an empty one a row left out."""
    column = _named(read, name)
    own = {one.field for one in read.columns}
    field = column.field if column.field in own else "u"
    items = nested.elements(column.field, column.kind)
    listed = f"SELECT *, {items} AS _items FROM ({query})"
    each = "unnest(CASE WHEN len(_items) > 0 THEN range(1, len(_items) + 1) ELSE [0] END)"
    numbered = f"SELECT *, {each} AS _nth FROM ({listed})"
    element = f"_items[_nth]::VARCHAR AS {field}"
    if field in own:
        star = f"* EXCLUDE (_items, _nth) REPLACE ({element}, _nth AS _part, _nth > 0 AS _there)"
    else:
        star = f"* EXCLUDE (_items, _nth) REPLACE (_nth AS _part, _nth > 0 AS _there), {element}"
    columns = [
        RawColumn(one.name, one.field, "VARCHAR") if one.field == field else one
        for one in read.columns
    ]
    if field not in own:
        columns.append(RawColumn(name, field, "VARCHAR"))
    return f"SELECT {star} FROM ({numbered})", columns


def _melted(query: str, read: FileRead, source: Source) -> tuple[str, dict[str, RawColumn]]:
    """Return the query with one row for each part of a record, and the columns the parts give.

    A part whose columns are all empty, or say what the manifest takes out, is left out: a question
    that was not answered. Where several parts give one metric of one touchpoint, each but the
    first has its number in ``_again``.
    """
    parts = source.melt
    names = list(dict.fromkeys(name for part in parts for name in (*part.columns, *part.constants)))
    fields = {name: f"m{i}" for i, name in enumerate(names)}
    seen = Counter[tuple[str, str]]()
    selects = []
    for number, part in enumerate(parts):
        values = []
        filled = []
        for name in names:
            if name in part.columns:
                column = made(part.columns[name], read)
                assert column is not None, name
                values.append(f"{_text(column)} AS {fields[name]}")
                none = [old for old, new in source.values.get(name, {}).items() if not new]
                filled.append(f"{_filled(column, none)} IS NOT NULL")
            else:
                constant = part.constants.get(name)
                if isinstance(constant, bool):
                    constant = str(constant).lower()
                text = "NULL" if constant is None else literal(str(constant))
                values.append(f"{text}::VARCHAR AS {fields[name]}")
        asked = str(part.constants.get("metric", "")), str(part.constants.get("touchpoint", ""))
        seen[asked] += 1
        again = f"'#{seen[asked]}'" if seen[asked] > 1 else "''"
        there = " OR ".join(filled) or "true"
        selects.append(
            f"SELECT * REPLACE (_part * {len(parts)} + {number} AS _part, "
            f"_there AND ({there}) AS _there), {', '.join(values)}, {again} AS _again FROM q"
        )
    given = {name: RawColumn(name, field, "VARCHAR") for name, field in fields.items()}
    return f"WITH q AS MATERIALIZED ({query}) {' UNION ALL '.join(selects)}", given


def _holds(condition: Condition, read: FileRead) -> str:
    """Return SQL that is true where a condition holds."""
    columns = [read.given[name] for name in condition.column if name in read.given]
    column = columns[0] if columns else _first_filled(condition.column, read)
    if column is None:
        return "true"
    text = _text(column)
    asked = []
    if condition.filled is not None:
        asked.append(f"{text} IS {'NOT ' if condition.filled else ''}NULL")
    if condition.is_ is not None:
        asked.append(f"coalesce({text} IN ({_literals(condition.is_)}), false)")
    if condition.not_ is not None:
        asked.append(f"NOT coalesce({text} IN ({_literals(condition.not_)}), false)")
    if condition.matches is not None:
        asked.append(f"coalesce(regexp_matches({text}, {literal(condition.matches)}), false)")
    return "(" + " AND ".join(asked) + ")"


def _literals(texts: Sequence[str]) -> str:
    return ", ".join(literal(text) for text in texts) or "NULL"
