"""Turn what a file says into the kinds of a contract: numbers, times, dates, flags.

Each cast is one SQL expression that is null where the text cannot be read; the rule named with it
says what such a text is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cxresearch.engine import literal
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
#: What surrounds a value without being part of it.
_BLANK = " \t\r\n\N{NO-BREAK SPACE}"
#: The signs that group thousands where a manifest says " ".
_SPACES = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
# DuckDB alone would read "05/06/20" as the year 5, and "5:00 PM" as five in the morning.
_DAY = r"\d{4}[-/]\d{1,2}[-/]\d{1,2}"
_CLOCK = rf"{_DAY}([ T]\d{{1,2}}:\d{{2}}(:\d{{2}}(\.\d+)?)?)?"
_OFFSET = r" ?(Z|UTC|GMT|[+-]\d{2}(:?\d{2})?)"


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


def cast(column: Column, field: str, duckdb_type: str, source: Source, *, time_zone: str) -> Cast:
    """Return how `column` is made from a field of type `duckdb_type`.

    Parameters
    ----------
    column : Column
        The canonical column.
    field : str
        SQL for what the file says.
    duckdb_type : str
        Its DuckDB type; anything but VARCHAR came from a typed file.
    source : Source
        How the file writes numbers and times.
    time_zone : str
        The zone of a time that does not name its offset.
    """
    raw = f"nullif(trim({field}::VARCHAR, {literal(_BLANK)}), '')"
    typed = duckdb_type != "VARCHAR"
    match column.kind:
        case "text":
            return Cast(
                column.name, raw, _whole_text(field, raw) if _is_float(duckdb_type) else raw
            )
        case "time" if typed:
            return _typed_time(column.name, field, raw, duckdb_type, time_zone)
        case "time":
            return _time(column.name, raw, source, time_zone)
        case "date":
            value = _typed_date(field, duckdb_type, time_zone) if typed else _date(raw, source)
        case "flag":
            value = field if duckdb_type == "BOOLEAN" else _flag(raw)
        case kind:
            number = f"try_cast({field} AS DOUBLE)" if typed else _number(raw, source)
            value = _whole(number) if kind == "count" else _finite(number)
    return Cast(column.name, raw, value, _FAULTS[column.kind])


def constant(column: Column, value: object, source: Source, *, time_zone: str) -> Cast:
    """Return the cast that gives a column one value in every row, as if each row said so."""
    kind = {bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE"}.get(type(value), "VARCHAR")
    return cast(column, f"{literal(value)}::{kind}", kind, source, time_zone=time_zone)


def absent(column: Column) -> Cast:
    """Return the cast of a column that a file does not have: null in every row."""
    return Cast(column.name, "NULL", f"NULL::{DUCKDB_TYPES[column.kind]}")


def _is_float(duckdb_type: str) -> bool:
    return duckdb_type in {"DOUBLE", "FLOAT"}


def _whole_text(field: str, raw: str) -> str:
    """Write a whole float without its point: tools store a number with gaps as 17850.0."""
    return f"CASE WHEN isfinite({field}) THEN regexp_replace({raw}, '\\.0$', '') END"


def _finite(number: str) -> str:
    return f"CASE WHEN isfinite({number}) THEN {number} END"


def _matches(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, {literal(pattern)})"


def _number(raw: str, source: Source) -> str:
    """Read a number; a grouping that is not by thousands ("12.5" where "." groups) is none."""
    marks = _SPACES if source.thousands == " " else source.thousands
    digits = r"\d+"
    if marks:
        digits = rf"(\d{{1,3}}([{re.escape(marks)}]\d{{3}})+|\d+)"
    decimal = re.escape(source.decimal)
    pattern = rf"[+-]?({digits}({decimal}\d*)?|{decimal}\d+)([eE][+-]?\d+)?"
    pointed = f"translate({raw}, {literal(source.decimal + marks)}, '.')"
    return f"CASE WHEN {_matches(raw, pattern)} THEN try_cast({pointed} AS DOUBLE) END"


def _whole(number: str) -> str:
    return f"CASE WHEN ({number}) = floor({number}) THEN try_cast({number} AS BIGINT) END"


def _flag(raw: str) -> str:
    yes, no = (", ".join(map(literal, words)) for words in (_TRUE, _FALSE))
    return f"CASE WHEN lower({raw}) IN ({yes}) THEN true WHEN lower({raw}) IN ({no}) THEN false END"


def _date(raw: str, source: Source) -> str:
    if source.time_format:
        return f"try_strptime({raw}, {literal(source.time_format)})::DATE"
    return f"CASE WHEN {_matches(raw, _CLOCK)} THEN try_cast({raw} AS DATE) END"


def _typed_date(field: str, duckdb_type: str, time_zone: str) -> str:
    if _is_zoned(duckdb_type):
        field = f"timezone({literal(time_zone)}, {field})"
    return f"CASE WHEN isfinite(try_cast({field} AS DATE)) THEN try_cast({field} AS DATE) END"


def _is_zoned(duckdb_type: str) -> bool:
    return duckdb_type.endswith("WITH TIME ZONE")


def _typed_time(column: str, field: str, raw: str, duckdb_type: str, time_zone: str) -> Cast:
    fault = _FAULTS["time"]
    if _is_zoned(duckdb_type):
        return Cast(
            column, raw, f"CASE WHEN isfinite({field}) THEN timezone('UTC', {field}) END", fault
        )
    local = f"try_cast({field} AS TIMESTAMP)"
    local = f"CASE WHEN isfinite({local}) THEN {local} END"
    return Cast(column, raw, _to_utc(local, time_zone), fault, local, time_zone)


def _time(column: str, raw: str, source: Source, time_zone: str) -> Cast:
    """Read a time: with its own offset where it has one, else as local time in `time_zone`."""
    fault = _FAULTS["time"]
    if source.time_format:
        local = f"try_strptime({raw}, {literal(source.time_format)})"
        if "%z" in source.time_format:
            return Cast(column, raw, f"timezone('UTC', {local})", fault)
        return Cast(column, raw, _to_utc(local, time_zone), fault, local, time_zone)
    local = f"CASE WHEN {_matches(raw, _CLOCK)} THEN try_cast({raw} AS TIMESTAMP) END"
    offset = _matches(raw, _CLOCK + _OFFSET)
    # DuckDB wants the offset without a space, and Z for the names of UTC.
    plain = f"regexp_replace(regexp_replace({raw}, ' ?(UTC|GMT)$', 'Z'), ' ([Z+-])', '\\1')"
    absolute = f"timezone('UTC', try_cast({plain} AS TIMESTAMPTZ))"
    value = f"CASE WHEN {offset} THEN {absolute} ELSE {_to_utc(local, time_zone)} END"
    return Cast(column, raw, value, fault, local, time_zone)


def _to_utc(local: str, time_zone: str) -> str:
    if time_zone == "UTC":
        return f"({local})"
    return f"timezone('UTC', timezone({literal(time_zone)}, {local}))"
