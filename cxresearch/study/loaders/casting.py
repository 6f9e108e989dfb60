"""Turn what a file says into the kinds of a contract: numbers, times, dates, flags.

Each canonical column is made in three steps, each an SQL expression over the one before: what the
file says, what that reads as, and the value. A value is null where the text cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cxresearch.engine.backends import literal, quoted
from cxresearch.study.loaders import headings
from cxresearch.study.loaders.amount_texts import (
    CURRENCY,
    bare_amount,
    finite,
    is_signed,
    matches,
    number,
    unsigned,
)
from cxresearch.study.loaders.csv_records import BLANK
from cxresearch.study.loaders.rules import Rule
from cxresearch.study.loaders.time_casts import clock_changes, moment, to_local
from cxresearch.study.schema import LABELS, Column
from cxresearch.study.sources import Source

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
_TRUE = ("true", "t", "yes", "y", "1", "1.0", "on", "si", "sì", "si'", "s", "vero")
_FALSE = ("false", "f", "no", "n", "0", "0.0", "off", "falso")
#: All that a flag may be written as, in lower case.
FLAGS = frozenset((*_TRUE, *_FALSE))
#: The types of a typed file that are read as what they are. pandas writes TIMESTAMPTZ_NS, which
#: DuckDB casts to nothing but text.
_TYPED = re.compile(
    r"(U?(TINY|SMALL|BIG|HUGE)?INT|DOUBLE|FLOAT|DECIMAL|BOOLEAN|DATE|TIMESTAMP(?!TZ))"
)
#: What was always before today: a year of two digits is the last that was.
_BORN = "birthdate"
_UNITS = {"seconds": 10**6, "minutes": 60 * 10**6, "hours": 3600 * 10**6, "days": 86400 * 10**6}


@dataclass(frozen=True, slots=True)
class Cast:
    """How one canonical column is made.

    Parameters
    ----------
    column : str
        The canonical column.
    raw : str
        SQL for what the file says: a text without the blanks around it, null where it is empty,
        or the value of a typed file.
    parsed : str
        SQL for what `raw` reads as: a number that may not be whole, a time that may be local.
    value : str
        SQL for the value.
    rules : sequence of Rule
        The rules that making it can find broken, over the columns of all three steps.
    written : str
        SQL for the value as it is written, before anything is made of it.
    text : bool
        Whether it is written as text.
    given : str
        What the file calls the column, or where else the value is from.
    added : str
        SQL for what is added to a time that was read, under its own name; mostly nothing.
    """

    column: str
    raw: str
    parsed: str
    value: str
    rules: Sequence[Rule] = ()
    written: str = "NULL"
    text: bool = False
    given: str = ""
    added: str = ""


def raw_of(column: str) -> str:
    """Return the SQL name of a column's first step."""
    return quoted(f"_raw_{column}")


def parsed_of(column: str) -> str:
    """Return the SQL name of a column's second step."""
    return quoted(f"_parsed_{column}")


def cast(
    column: Column,
    field: str,
    duckdb_type: str,
    source: Source,
    *,
    time_zone: str,
    padded: bool = True,
    currency: str = "",
    heading: str = "",
    mark: str = "",
) -> Cast:
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
    padded : bool
        Whether a text may have blanks around it.
    currency : str
        The study's, as ISO 4217 writes it: an amount with the sign of another is flagged.
    heading : str
        What the file calls it, which may name the currency too.
    mark : str
        What follows an amount that was typed as a text, where others may be numbers.
    """
    name = column.name
    raw, parsed = raw_of(name), parsed_of(name)
    if not _TYPED.match(duckdb_type) or duckdb_type.endswith(
        "]"
    ):  # a text, or a list or the like, which is read as one
        field, duckdb_type = f"{field}::VARCHAR", "VARCHAR"
    typed = duckdb_type != "VARCHAR"
    text = _trimmed(field) if padded else f"nullif({field}, '')"
    if column.kind == "text" or column.name in source.values:
        text = f"nfc_normalize({text})"  # some systems write an accent beside its letter
    if mark and not typed and source.decimal == "," and column.kind in {"number", "count"}:
        text = _with_comma(text, field, mark)
    if column.is_code:
        text = _whole_code(_unguarded(text))
    written = _renamed(text, source.values.get(name, {}))
    if name == "currency" and currency:
        written = _code_of(written, currency)
    unread = [_unread(column)]
    match column.kind:
        case "text":
            read = _text(field, duckdb_type) if typed else written
            return Cast(name, read, raw, parsed, (), field, not typed)
        case "time":
            read, value = moment(raw, parsed, duckdb_type, source, time_zone=time_zone)
            rules = unread + clock_changes(name, parsed, time_zone)
        case "date":
            read, utc = moment(raw, parsed, duckdb_type, source, time_zone=time_zone)
            value, rules = f"({to_local(utc, time_zone)})::DATE", unread
            if name == _BORN and any("%y" in one for one in source.time_format or ()):
                before = f"({value} - INTERVAL 100 YEAR)::DATE"
                value = f"CASE WHEN {value} > current_date THEN {before} ELSE {value} END"
        case "flag":
            read = raw if duckdb_type == "BOOLEAN" else _flag(f"{raw}::VARCHAR")
            value, rules = parsed, unread
        case kind:
            text = _unlabelled(raw) if column.labelled else bare_amount(raw)
            read = f"try_cast({raw} AS DOUBLE)" if typed else number(text, source)
            value, rules = (_whole if kind == "count" else finite)(parsed), unread
            if kind == "number" and not typed and not column.labelled:
                signless = number(unsigned(text), source)
                read = f"coalesce({read}, CASE WHEN {is_signed(text)} THEN {signless} END)"
                rules = [*rules, *_other_currency(column, currency, heading)]
    return Cast(name, field if typed else written, read, value, rules, field, not typed)


def _trimmed(text: str) -> str:
    """Return SQL for a text without the blanks around it, null where nothing is left.

    DuckDB takes longer to trim than for all the rest: a text between two signs of ASCII that are
    no blanks, which most are, needs no trimming.
    """
    inked = f"{text} >= '!' AND {text} < chr(127) AND ascii(reverse({text})) BETWEEN 33 AND 126"
    return f"CASE WHEN {inked} THEN {text} ELSE nullif(trim({text}, {literal(BLANK)}), '') END"


def _with_comma(text: str, field: str, mark: str) -> str:
    """Return SQL for a number with a comma, as the texts beside it have; a text as it is."""
    is_number = matches(text, r"-?[0-9]+[.][0-9]+([eE][+-]?[0-9]+)?")
    is_number = f"{is_number} AND NOT ends_with({field}, {literal(mark)})"
    return f"CASE WHEN {is_number} THEN replace({text}, '.', ',') ELSE {text} END"


def _unguarded(text: str) -> str:
    """Return SQL for a code as it was before a spreadsheet kept it a text: '00153 or ="00153"."""
    kept = literal('^(?:\'([0-9+=].*)|="([^"]+)")$')
    bare = f"regexp_replace({text}, {kept}, '\\1\\2')"
    return f"CASE WHEN {text}[1] IN ('''', '=') THEN {bare} ELSE {text} END"


def _whole_code(text: str) -> str:
    """Return SQL for a code as it was before a tool stored it with gaps: 17850 for "17850.0"."""
    whole = f"ends_with({text}, '.0') AND {matches(text, '[0-9]+[.]0')}"
    return f"CASE WHEN {whole} THEN left({text}, -2) ELSE {text} END"


def _renamed(written: str, names: Mapping[str, str]) -> str:
    """Return SQL for a text under the name the manifest gives it; any other text is kept.

    An empty name takes the text out; that of ``*`` is the one of any other text.
    """
    if not names:
        return written
    names = dict(names)
    other = names.pop("*", None)
    otherwise = written
    if other is not None:
        otherwise = f"CASE WHEN {written} IS NOT NULL THEN {literal(other)} END"
    if not names:
        return otherwise
    cases = " ".join(
        f"WHEN {literal(old)} THEN {literal(new) if new else 'NULL'}" for old, new in names.items()
    )
    return f"CASE {written} {cases} ELSE {otherwise} END"


def constant(column: Column, value: object, source: Source, *, time_zone: str) -> Cast:
    """Return the cast that gives a column one value in every row, as if each row said so."""
    kind = {bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE"}.get(type(value), "VARCHAR")
    return cast(column, f"{literal(value)}::{kind}", kind, source, time_zone=time_zone)


def absent(column: Column) -> Cast:
    """Return the cast of a column that a file does not have: null in every row."""
    return Cast(column.name, "NULL", "NULL", f"NULL::{DUCKDB_TYPES[column.kind]}")


def _unread(column: Column) -> Rule:
    """Return the rule that what is written must be what its column holds."""
    where = f"{raw_of(column.name)} IS NOT NULL AND {quoted(column.name)} IS NULL"
    return Rule(_FAULTS.get(column.kind, ""), "reject", column.name, where)


def _text(field: str, duckdb_type: str) -> str:
    """Write a typed value; a whole float without its point, as tools store 17850 with gaps."""
    if duckdb_type in {"DOUBLE", "FLOAT"}:
        return f"regexp_replace({finite(field)}::VARCHAR, '\\.0$', '')"
    return f"{field}::VARCHAR"


def _whole(number: str) -> str:
    return f"CASE WHEN {number} = floor({number}) THEN try_cast({number} AS BIGINT) END"


def _code_of(text: str, currency: str) -> str:
    """Return SQL for the code of a currency: "eur" and "€" are those of a study in euros."""
    own = ", ".join(map(literal, sorted({one.upper() for one in headings.written(currency)})))
    return f"CASE WHEN upper({text}) IN ({own}) THEN {literal(currency)} ELSE upper({text}) END"


def _other_currency(column: Column, currency: str, heading: str) -> list[Rule]:
    """Return the rule for amounts with the sign of another currency than the study's."""
    if not currency:
        return []
    own = headings.written(currency)
    raw = raw_of(column.name)
    sign = f"regexp_extract({raw}, {literal(CURRENCY)})"
    named = ", ".join(map(literal, sorted(own)))
    odd = f"try_cast({raw} AS DOUBLE) IS NULL AND {is_signed(raw)} AND {sign} NOT IN ({named})"
    if headings.currency(heading) not in {"", *own}:
        odd = f"{raw} IS NOT NULL AND NOT ({is_signed(raw)} AND {sign} IN ({named}))"
    return [Rule("other_currency", "flag", column.name, odd)]


def later(cast: Cast, text: str, source: Source, unit: str) -> Cast:
    """Return the cast of a time so many of a unit later; one that cannot be read is the fault.

    Parameters
    ----------
    cast : Cast
        That of the time.
    text : str
        SQL, over the file's columns, for how many, as written.
    source : Source
        How the file writes numbers.
    unit : str
        One of seconds, minutes, hours and days.
    """
    name = quoted(f"_added_{cast.column}")
    amount = number(text, source)
    unread, *others = cast.rules
    timed = replace(unread, where=f"{unread.where} AND {name} IS NOT NULL")
    counted = replace(
        unread,
        name="not_a_number",
        where=f"{raw_of(cast.column)} IS NOT NULL AND {name} IS NULL",
    )
    return replace(
        cast,
        value=f"(({cast.value}) + to_microseconds({name}))",
        added=f"(({amount}) * {_UNITS[unit]})::BIGINT AS {name}",
        rules=[timed, counted, *others],
        written=f"CASE WHEN ({amount}) IS NULL THEN {text} ELSE ({cast.written})::VARCHAR END",
    )


def divided(cast: Cast, by: float) -> Cast:
    """Return the cast of a number that is written in a smaller unit: cents, micros."""
    return replace(cast, value=f"(({cast.value}) / {float(by)!r})")


def _unlabelled(raw: str) -> str:
    """Return SQL for the number of a label ("10 - Extremely likely"); any other text is kept."""
    cases = " ".join(
        f"WHEN {matches(raw, label)} THEN regexp_extract({raw}, {literal(label)}, 1)"
        for label in LABELS
    )
    return f"CASE {cases} ELSE {raw} END"


def _flag(raw: str) -> str:
    yes, no = (", ".join(map(literal, words)) for words in (_TRUE, _FALSE))
    said = f"nfc_normalize(lower({raw}))"
    return f"CASE WHEN {said} IN ({yes}) THEN true WHEN {said} IN ({no}) THEN false END"
