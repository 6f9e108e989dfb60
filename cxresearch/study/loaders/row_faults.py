"""Find what is wrong with cast rows: failed casts, broken contracts and rules, duplicates.

Faults are kept in a DuckDB table: a row's ``_id``, the rule it breaks, what follows (reject,
leave out or flag), and the column the fault is shown by.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import TYPE_CHECKING

from cxresearch.core.validate import clipped
from cxresearch.engine.backends import literal, quoted
from cxresearch.study.loaders.casting import Cast
from cxresearch.study.loaders.export_reading import ROW, FileRead
from cxresearch.study.loaders.outcome import Finding, Rejection
from cxresearch.study.loaders.rules import Action, Rule
from cxresearch.study.schema import Column, Table, dataframe_schema

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pandera.pandas as pa

    from cxresearch.study.sources import Source


#: How many words a message names.
_NAMED = 4
#: What says that there is no answer, by its letters alone: "N/A", "n.d.", "#N/D".
NO_ANSWER = (
    *("na", "nan", "nd", "np", "nr", "ns", "nsnr", "null", "none", "nil", "missing", "blank"),
    *("empty", "skip", "skipped", "refused", "unknown", "unsure", "notsure", "dk", "dontknow"),
    *("idontknow", "donotknow", "cantsay", "noanswer", "noresponse", "noreply", "noopinion"),
    *("notanswered", "notapplicable", "notavailable", "notasked", "prefernottoanswer"),
    *("prefernottosay", "rathernotsay", "value", "div", "ref", "num", "name"),
    *("nonso", "nonsaprei", "nonsa", "nonrisponde", "nonrisposto", "nonsanonrisponde"),
    *("nessunarisposta", "nessunaopinione", "senzarisposta", "preferiscononrispondere"),
    *("nonapplicabile", "nonpertinente", "nondisponibile", "nonpervenuto", "nonpervenuta"),
    *("nonrilevato", "nonindicato", "nonchiesto", "saltata", "saltato", "mancante", "vuoto"),
)
_OTHER = r"[^\p{L}]"
_LETTERS = f"regexp_replace(lower(text), {literal(_OTHER)}, '', 'g')"
#: An answer has a letter, a digit or a picture such as a star; "?" and "-" have none.
_SAYS = r"[\p{L}\p{N}\p{So}]"
_IS_ANSWER = (
    f"regexp_matches(text, {literal(_SAYS)}) "
    f"AND {_LETTERS} NOT IN ({', '.join(map(literal, NO_ANSWER))})"
)
_SCALE = ("scale_min", "scale_max")
_QUESTION = ("metric", "touchpoint", *_SCALE)
BATCH_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class CastFile:
    """A file being loaded: what was read, how it is cast, how many rows came before, its source."""

    read: FileRead
    casts: Sequence[Cast]
    offset: int
    source: Source


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
    broken = [
        replace(rule, where=f"{own} AND (_broken >> {bit}) & 1 = 1")
        for bit, rule in enumerate(_cast_rules(file.casts))
        if rule.action == action
    ]
    find_broken_rules(connection, broken, rows, "faults")


def find_contract_faults(connection: duckdb.DuckDBPyConnection, rows: Table) -> None:
    """Add the rows of ``cast_rows`` that break the contract of their table."""
    for cases in failures(connection, "cast_rows", rows):
        connection.register("cases", cases)
        # A text that could not be read is not missing as well.
        connection.execute(
            "INSERT INTO faults SELECT _id, rule, 'reject', col FROM cases "
            "WHERE NOT (rule = 'missing_value' AND (_id, col) IN (SELECT (_id, col) FROM faults))"
        )
        connection.unregister("cases")


def failures(
    connection: duckdb.DuckDBPyConnection, rows: str, table: Table
) -> Iterator[pd.DataFrame]:
    """Yield the failure cases of each batch of `rows`: columns ``_id``, ``rule``, ``col``.

    The rows are numbered by ``_id``.

    Memory is bounded by the batch, whatever the size of the table. A column is read row by row only
    where its extremes break its contract: where they keep it, all values between them do.
    """
    broken = _broken(connection, rows, table.columns)
    if not broken:
        return
    checked = dataframe_schema(replace(table, columns=broken))
    chosen = ", ".join(["_id", *(quoted(one.name) for one in broken)])
    first, last = connection.execute(f"SELECT min(_id), max(_id) FROM {rows}").fetchall()[0]
    for start in range(first or 0, (last or -1) + 1, BATCH_ROWS):
        where = f"_id >= {start} AND _id < {start + BATCH_ROWS}"
        batch = connection.execute(f"SELECT {chosen} FROM {rows} WHERE {where}").df()
        cases = _failure_cases(checked, batch.set_index("_id"))
        if len(cases):
            yield cases


def _broken(
    connection: duckdb.DuckDBPyConnection, rows: str, columns: Sequence[Column]
) -> tuple[Column, ...]:
    """Return the columns of which some value breaks the contract."""
    breaches = {one: breach for one in columns if (breach := _breach(one))}
    if not breaches:
        return ()
    asked = ", ".join(breaches.values())
    (found,) = connection.execute(f"SELECT {asked} FROM {rows}").fetchall()
    return tuple(compress(breaches, found))


def _breach(column: Column) -> str:
    """Return SQL for whether a column breaks its contract; empty where it cannot."""
    name = quoted(column.name)
    breaches = []
    if column.allowed:
        breaches.append(f"bool_or({name} NOT IN ({', '.join(map(literal, column.allowed))}))")
    if column.low is not None:
        breaches.append(f"min({name}) < {column.low}")
    if column.high is not None:
        breaches.append(f"max({name}) > {column.high}")
    if column.required:
        breaches.append(f"count({name}) < count(*)")
    return " OR ".join(breaches)


def _failure_cases(checked: pa.DataFrameSchema, batch: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd
    from pandera.errors import SchemaErrors

    try:
        checked.validate(batch, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        return pd.DataFrame(
            {
                "_id": cases["index"].astype("int64"),
                "rule": cases["check"],
                "col": cases["column"],
            }
        )
    return pd.DataFrame({"_id": [], "rule": [], "col": []})


def reject_questions(
    connection: duckdb.DuckDBPyConnection, files: Sequence[CastFile], table: Table
) -> None:
    """Reject the numbers of each question that has words for numbers among its answers.

    It has where two or more of its answers could not be read, and either two of them are written
    alike or a number of its scale is written by nobody. What says that there is no answer ("n/a",
    "non so", "?") is none; `values` in the manifest gives any other text its number, or no answer.
    Their words and rows are noted in ``words``.
    """
    connection.execute("CREATE TEMP TABLE words (_id BIGINT, text VARCHAR)")
    for column in table.columns:
        if column.labelled:
            _reject(connection, files, column.name)


def answer_words(connection: duckdb.DuckDBPyConnection) -> str:
    """Return the words that stand for numbers, the most frequent first, each with its rows."""
    found = connection.execute(
        "SELECT text, count(*) FROM words GROUP BY text ORDER BY count(*) DESC, text"
    ).fetchall()
    named = [f"{clipped(text)!r} ({rows:,} rows)" for text, rows in found[:_NAMED]]
    more = [f"{len(found) - _NAMED:,} more"] if len(found) > _NAMED else []
    return " and ".join([", ".join(named), *more])


def _reject(connection: duckdb.DuckDBPyConnection, files: Sequence[CastFile], column: str) -> None:
    score = quoted(column)
    unread = f"SELECT _id FROM faults WHERE rule = 'not_a_number' AND col = {literal(column)}"
    for file in files:
        (cast,) = (cast for cast in file.casts if cast.column == column)
        if cast.text:
            connection.execute(
                f"INSERT INTO words SELECT * FROM (SELECT {file.offset} + {ROW} AS _id, "
                f"({cast.raw}) AS text FROM {file.read.table} WHERE {file.offset} + {ROW} "
                f"IN ({unread})) WHERE {_IS_ANSWER}"
            )
    of, low, high = ", ".join(_QUESTION), *_SCALE
    same = " AND ".join(f"q.{name} IS NOT DISTINCT FROM r.{name}" for name in _QUESTION)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE questions AS SELECT {of} FROM cast_rows r "
        f"SEMI JOIN (SELECT DISTINCT {of} FROM cast_rows JOIN words USING (_id)) q ON {same} "
        f"LEFT JOIN words USING (_id) GROUP BY {of} "
        "HAVING count(text) > 1 AND (count(text) > count(DISTINCT lower(text)) "
        f"OR count(DISTINCT {score}) FILTER ({score} BETWEEN {low} AND {high}) "
        f"< any_value({high} - {low}) + 1)"
    )
    among = f"_id IN (SELECT _id FROM cast_rows r SEMI JOIN questions q ON {same})"
    connection.execute(f"DELETE FROM words WHERE NOT {among}")
    broken = Rule("answers_in_words", "reject", column, f"{score} IS NOT NULL AND {among}")
    find_broken_rules(connection, [broken], "cast_rows", "faults")


def find_broken_rules(
    connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule], rows: str, faults: str
) -> None:
    """Add to `faults` the rows of `rows` that break any of the rules.

    Most rules are broken by none: all are asked at once whether one is.
    """
    if not rules:
        return
    asked = ", ".join(f"({one.among or one.where}) AS r{nth}" for nth, one in enumerate(rules))
    some = ", ".join(f"bool_or(r{nth})" for nth in range(len(rules)))
    (found,) = connection.execute(f"SELECT {some} FROM (SELECT {asked} FROM {rows})").fetchall()
    for rule in compress(rules, found):
        connection.execute(
            f"INSERT INTO {faults} SELECT _id, {literal(rule.name)}, {literal(rule.action)}, "
            f"{literal(rule.column)} FROM (SELECT _id, ({rule.where}) AS broken FROM {rows}) "
            "WHERE broken"
        )


def find_duplicates(connection: duckdb.DuckDBPyConnection, rows: Table) -> None:
    """Keep one of the good rows of ``cast_rows`` that share a key: the first one written.

    The others are rejected. Where the table keeps the earliest, a later row is no fault, and is
    left out.
    """
    if not rows.key:
        return
    key = ", ".join(map(quoted, rows.key))
    rule, action, order = "duplicate_key", "reject", "_id"
    if rows.keeps_earliest:
        rule, action, order = "later_row", "leave out", f"{quoted(rows.times[0])}, _id"
    complete = " AND ".join(f"{quoted(column)} IS NOT NULL" for column in rows.complete)
    connection.execute(
        f"INSERT INTO faults SELECT _id, {literal(rule)}, {literal(action)}, "
        f"{literal(rows.key[0])} "
        f"FROM cast_rows WHERE {complete} "
        "AND _id NOT IN (SELECT _id FROM faults WHERE action = 'reject') "
        f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {order}) > 1"
    )


def find_alike(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[CastFile],
    rows: Table,
    *,
    added_up: bool,
) -> None:
    """Flag the rows of ``rows`` of which an earlier file has the like: exports that overlap.

    They count twice where nothing tells them apart: where rows have no key or only their number in
    the file, or are added up. Of those that are added up one of zeros adds nothing.
    """
    numbered = {one.column for file in files for one in file.casts if one.given == "#row"}
    is_keyed = bool(rows.key) and {*rows.complete} <= {*rows.required} - numbered
    if len(files) < 2 or (is_keyed and not added_up):
        return
    begins = ", ".join(f"({file.offset}, {number})" for number, file in enumerate(files))
    columns = [quoted(one.name) for one in rows.columns if one.name not in numbered]
    asked = ["true"]
    if added_up:
        amounts = [quoted(one.name) for one in rows.columns if one.kind in {"number", "count"}]
        asked = [" OR ".join(f"coalesce({one}, 0) <> 0" for one in amounts)] if amounts else asked
    elif not numbered:
        asked = [f"{quoted(name)} IS NULL" for name in rows.key] or asked
    connection.execute(
        f"CREATE TEMP TABLE prints AS SELECT _id, hash({', '.join(columns)}) AS print, nth "
        f"FROM rows ASOF JOIN (VALUES {begins}) AS files(first, nth) ON _id > first "
        f"WHERE {' AND '.join(asked)}"
    )
    connection.execute(
        "INSERT INTO faults SELECT _id, 'row_in_two_files', 'flag', "
        f"{literal(rows.columns[0].name)} FROM prints JOIN (SELECT print, min(nth) AS before "
        "FROM prints GROUP BY print HAVING min(nth) < max(nth)) USING (print) WHERE nth > before"
    )
    connection.execute("DROP TABLE prints")


def part_rejected(connection: duckdb.DuckDBPyConnection) -> None:
    """Move the rows that are rejected or left out from ``cast_rows`` to ``rejected_rows``.

    The others keep their order without being sorted.
    """
    bad = "_id IN (SELECT _id FROM faults WHERE action <> 'flag')"
    connection.execute(f"CREATE TEMP TABLE rejected_rows AS SELECT * FROM cast_rows WHERE {bad}")
    connection.execute(f"DELETE FROM cast_rows WHERE {bad}")


def rejections(connection: duckdb.DuckDBPyConnection, rows: Table) -> list[Rejection]:
    """Return how many rows were rejected or left out, by the columns they are counted by.

    A row that breaks several rules is counted once, for the first by name.
    """
    if not rows.counted_by:
        return []
    by = ", ".join(map(quoted, rows.counted_by))
    counted = connection.execute(
        f"SELECT rule, count(*), {by} FROM rejected_rows JOIN (SELECT _id, min(rule) AS rule "
        "FROM faults WHERE action <> 'flag' GROUP BY _id) USING (_id) GROUP BY ALL ORDER BY ALL"
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
