"""Turn what a file says into the kinds of a contract: numbers, times, dates, flags.

Each cast is one SQL expression that is null where the text cannot be read; the rule named with it
says what such a text is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cxresearch.engine import literal, quoted
from cxresearch.manifest import Source
from cxresearch.schema import Column

DUCKDB_TYPES = {
    "text": "VARCHAR",
    "number": "DOUBLE",
    "count": "BIGINT",
    "time": "TIMESTAMP",
    "date": "DATE",
    "flag": "BOOLEAN",
}
_FAULTS = {
    "number": "not_a_number",
    "count": "not_a_whole_number",
    "time": "not_a_time",
    "date": "not_a_date",
    "flag": "not_a_flag",
}
_TRUE = ("true", "t", "yes", "y", "1", "si", "sì", "s", "vero")
_FALSE = ("false", "f", "no", "n", "0", "falso")
_HAS_OFFSET = r"\d{2}:\d{2}.*(Z|[+-]\d{2}(:?\d{2})?)$"


@dataclass(frozen=True, slots=True)
class Cast:
    """How one canonical column is made from a file's column.

    Parameters
    ----------
    column : str
        The canonical column.
    raw : str
        SQL for the text as written, trimmed; null where it is empty.
    value : str
        SQL for the value; null where the text cannot be read.
    fault : str
        The rule that a readable text which is not a value breaks; empty when none can.
    local : str
        SQL for a time as the clock on the wall showed it, where `value` came from such a time.
    zone : str
        The time zone of that wall.
    """

    column: str
    raw: str
    value: str
    fault: str = ""
    local: str = ""
    zone: str = ""


def cast(column: Column, name: str, duckdb_type: str, source: Source, *, time_zone: str) -> Cast:
    """Return how `column` is made from the file's column `name` of type `duckdb_type`.

    Parameters
    ----------
    column : Column
        The canonical column.
    name : str
        The file's column.
    duckdb_type : str
        Its DuckDB type; anything but VARCHAR came from a typed file and is cast as it is.
    source : Source
        How the file writes numbers and times.
    time_zone : str
        The zone of a time that does not name its offset.
    """
    field = quoted(name)
    raw = f"nullif(trim({field}::VARCHAR), '')"
    if duckdb_type != "VARCHAR" and column.kind != "text":
        return _typed(column, field, raw, duckdb_type, time_zone)
    fault = _FAULTS.get(column.kind, "")
    if column.kind == "time":
        return _time(column.name, raw, source, time_zone)
    value = {
        "text": lambda: raw,
        "number": lambda: _number(raw, source),
        "count": lambda: _whole(_number(raw, source)),
        "date": lambda: _date(raw, source),
        "flag": lambda: _flag(raw),
    }[column.kind]()
    return Cast(column.name, raw, value, fault)


def constant(column: Column, value: object) -> Cast:
    """Return the cast that gives a column one value in every row (null for a missing column)."""
    sql = f"try_cast({literal(value)} AS {DUCKDB_TYPES[column.kind]})"
    return Cast(column.name, literal(value), sql)


def _typed(column: Column, field: str, raw: str, duckdb_type: str, time_zone: str) -> Cast:
    target = DUCKDB_TYPES[column.kind]
    if column.kind == "time" and not duckdb_type.endswith("WITH TIME ZONE"):
        local = f"{field}::TIMESTAMP"
        return Cast(column.name, raw, _to_utc(local, time_zone), _FAULTS["time"], local, time_zone)
    if column.kind == "time":
        return Cast(column.name, raw, f"timezone('UTC', {field})", _FAULTS["time"])
    if column.kind == "count":
        return Cast(column.name, raw, _whole(f"{field}::DOUBLE"), _FAULTS["count"])
    return Cast(column.name, raw, f"try_cast({field} AS {target})", _FAULTS[column.kind])


def _number(raw: str, source: Source) -> str:
    """Read a number; a grouping that is not by thousands ("12.5" where "." groups) is none."""
    decimal = re.escape(source.decimal)
    digits = r"\d+"
    if source.thousands:
        digits = rf"(\d{{1,3}}({re.escape(source.thousands)}\d{{3}})+|\d+)"
    pattern = rf"[+-]?({digits}({decimal}\d*)?|{decimal}\d+)([eE][+-]?\d+)?"
    bare = f"replace({raw}, {literal(source.thousands)}, '')" if source.thousands else raw
    pointed = f"replace({bare}, ',', '.')" if source.decimal == "," else bare
    return (
        f"CASE WHEN regexp_full_match({raw}, {literal(pattern)}) "
        f"THEN try_cast({pointed} AS DOUBLE) END"
    )


def _whole(number: str) -> str:
    return f"CASE WHEN ({number}) = floor({number}) THEN try_cast({number} AS BIGINT) END"


def _date(raw: str, source: Source) -> str:
    if source.time_format:
        return f"try_strptime({raw}, {literal(source.time_format)})::DATE"
    return f"try_cast({raw} AS DATE)"


def _flag(raw: str) -> str:
    yes, no = (", ".join(map(literal, words)) for words in (_TRUE, _FALSE))
    return f"CASE WHEN lower({raw}) IN ({yes}) THEN true WHEN lower({raw}) IN ({no}) THEN false END"


def _time(column: str, raw: str, source: Source, time_zone: str) -> Cast:
    """Read a time: with its own offset where it has one, else as local time in `time_zone`."""
    if source.time_format:
        local = f"try_strptime({raw}, {literal(source.time_format)})"
    else:
        local = f"try_cast({raw} AS TIMESTAMP)"
    local = f"CASE WHEN NOT regexp_matches({raw}, {literal(_HAS_OFFSET)}) THEN {local} END"
    absolute = f"timezone('UTC', try_cast({raw} AS TIMESTAMPTZ))"
    value = (
        f"CASE WHEN regexp_matches({raw}, {literal(_HAS_OFFSET)}) THEN {absolute} "
        f"ELSE {_to_utc(local, time_zone)} END"
    )
    return Cast(column, raw, value, _FAULTS["time"], local, time_zone)


def _to_utc(local: str, time_zone: str) -> str:
    if time_zone == "UTC":
        return f"({local})"
    return f"timezone('UTC', timezone({literal(time_zone)}, {local}))"
