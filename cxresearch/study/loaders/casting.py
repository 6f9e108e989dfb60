"""Turn what a file says into the kinds of a contract: numbers, times, dates, flags.

Each canonical column is made in three steps, each an SQL expression over the one before: what the
file says, what that reads as, and the value. A value is null where the text cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cxresearch.engine.backends import literal, quoted
from cxresearch.study.loaders import headings, time_texts
from cxresearch.study.loaders.csv_records import BLANK
from cxresearch.study.loaders.rules import Rule
from cxresearch.study.schema import LABELS, Column
from cxresearch.study.sources import Source, Written

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
#: The texts that are codes beside the ids.
_CODES = {"phone", "postcode", "sku"}
#: All that a flag may be written as, in lower case.
FLAGS = frozenset((*_TRUE, *_FALSE))
#: The signs that group thousands where a manifest says " ".
_SPACES = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
# DuckDB alone would read "05/06/20" as the year 5, and "5:00 PM" as five in the morning.
_DAY = r"\d{4}[-/]\d{1,2}[-/]\d{1,2}"
_CLOCK = rf"{_DAY}([ T]\d{{1,2}}:\d{{2}}(:\d{{2}}(\.\d+)?)?)?"
#: The types of a typed file that are read as what they are. pandas writes TIMESTAMPTZ_NS, which
#: DuckDB casts to nothing but text.
_TYPED = re.compile(
    r"(U?(TINY|SMALL|BIG|HUGE)?INT|DOUBLE|FLOAT|DECIMAL|BOOLEAN|DATE|TIMESTAMP(?!TZ))"
)
_OFFSET = rf" ?(Z|{'|'.join(time_texts.ZONES)}|[+-]\d{{2}}(:?\d{{2}})?)"
#: What a manifest calls each way of counting from 1970, and how many of its units are a second.
EPOCHS = {"epoch_s": 1, "epoch_ms": 1_000, "epoch_us": 1_000_000, "epoch_ns": 1_000_000_000}
#: Days since the last of 1899, with the time of day as their fraction, in the file's own zone.
EXCEL = "excel_day"
#: The years of four digits; one day less, so that no time zone leads out of them.
_FIRST_US, _END_US = -62_135_596_800_000_000, 253_402_214_400_000_000
#: Seconds from 2000 to 2040: there no number of one unit can be one of another, and a day written
#: as a number (20260131, 20260131120000) is none of them.
_SINCE, _UNTIL = 946_684_800, 2_208_988_800
#: The first of March 1900: spreadsheets count a day before it that never was.
_EXCEL_FIRST, _EXCEL_1970, _DAY_MS = 61, 25_569, 86_400_000
_NUMBER = r"-?\d{1,19}(\.\d+)?"
#: The sign or the code of a currency, and an amount that has it before or after.
_CURRENCY = r"[A-Z]{0,3}\p{Sc}|[A-Z]{3}|kr|zł|Kč|[Ee]uro"
_GAP = f"[{_SPACES}]*"
_AMOUNT = rf"[+-]?[0-9.,'{_SPACES}]*[0-9][.,]?"
#: What a spreadsheet or a bookkeeper writes round an amount, and what is read for it.
_ROUND_AMOUNTS = (
    (r'^="(.*)"$', r"\1"),
    (r"^'", ""),
    (r"[.,]-$", ""),
    (r"^(.*\d)-$", r"-\1"),
    (r"^\((.*)\)$", r"-\1"),
)
#: Signs that word processors make of an apostrophe and a minus.
_TYPESET = "\N{RIGHT SINGLE QUOTATION MARK}\N{MINUS SIGN}"
_BEFORE = rf"([+-]?)(?:{_CURRENCY}){_GAP}({_AMOUNT})"
_AFTER = rf"()({_AMOUNT}?){_GAP}(?:{_CURRENCY})"
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
    """
    name = column.name
    raw, parsed = raw_of(name), parsed_of(name)
    if not _TYPED.match(duckdb_type) or duckdb_type.endswith(
        "]"
    ):  # a text, or a list or the like, which is read as one
        field, duckdb_type = f"{field}::VARCHAR", "VARCHAR"
    typed = duckdb_type != "VARCHAR"
    text = _trimmed(field) if padded else f"nullif({field}, '')"
    if name.endswith("_id") or name in _CODES:
        text = _unguarded(text)
    written = _renamed(text, source.values.get(name, {}))
    unread = [_unread(column)]
    match column.kind:
        case "text":
            read = _text(field, duckdb_type) if typed else written
            return Cast(name, read, raw, parsed, (), field, not typed)
        case "time":
            read, value = _moment(name, duckdb_type, source, time_zone)
            rules = unread + _clock_changes(name, time_zone)
        case "date":
            read, moment = _moment(name, duckdb_type, source, time_zone)
            value, rules = f"({to_local(moment, time_zone)})::DATE", unread
        case "flag":
            read = raw if duckdb_type == "BOOLEAN" else _flag(f"{raw}::VARCHAR")
            value, rules = parsed, unread
        case kind:
            text = _unlabelled(raw) if column.labelled else bare_amount(raw)
            read = f"try_cast({raw} AS DOUBLE)" if typed else number(text, source)
            value, rules = (_whole if kind == "count" else _finite)(parsed), unread
            if kind == "number" and not typed and not column.labelled:
                signless = number(unsigned(text), source)
                read = f"coalesce({read}, CASE WHEN {_is_signed(text)} THEN {signless} END)"
                rules = [*rules, *_other_currency(column, currency, heading)]
    return Cast(name, field if typed else written, read, value, rules, field, not typed)


def _trimmed(text: str) -> str:
    """Return SQL for a text without the blanks around it, null where nothing is left.

    DuckDB takes longer to trim than for all the rest: a text between two signs of ASCII that are
    no blanks, which most are, needs no trimming.
    """
    inked = f"{text} >= '!' AND {text} < chr(127) AND ascii(reverse({text})) BETWEEN 33 AND 126"
    return f"CASE WHEN {inked} THEN {text} ELSE nullif(trim({text}, {literal(BLANK)}), '') END"


def _unguarded(text: str) -> str:
    """Return SQL for a code as it was before a spreadsheet kept it a text: '00153 or ="00153"."""
    kept = literal('^(?:\'([0-9+=].*)|="([^"]+)")$')
    bare = f"regexp_replace({text}, {kept}, '\\1\\2')"
    return f"CASE WHEN {text}[1] IN ('''', '=') THEN {bare} ELSE {text} END"


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


def _clock_changes(column: str, time_zone: str) -> list[Rule]:
    """Return the rules for local times that no clock showed, or that it showed twice."""
    if time_zone == "UTC":
        return []
    zone, local = literal(time_zone), parsed_of(column)
    instant = f"timezone({zone}, {local})"
    twice = " OR ".join(
        f"timezone({zone}, {instant} {sign} INTERVAL 1 HOUR) = {local}" for sign in "+-"
    )
    skipped = f"timezone({zone}, {instant}) <> {local}"
    return [
        Rule("local_time_skipped", "flag", column, skipped),
        Rule("local_time_twice", "flag", column, twice),
    ]


def _text(field: str, duckdb_type: str) -> str:
    """Write a typed value; a whole float without its point, as tools store 17850 with gaps."""
    if duckdb_type in {"DOUBLE", "FLOAT"}:
        return f"regexp_replace({_finite(field)}::VARCHAR, '\\.0$', '')"
    return f"{field}::VARCHAR"


def _finite(value: str) -> str:
    return f"CASE WHEN isfinite({value}) THEN {value} END"


def _whole(number: str) -> str:
    return f"CASE WHEN {number} = floor({number}) THEN try_cast({number} AS BIGINT) END"


def _matches(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, {literal(pattern)})"


def number(raw: str, source: Written) -> str:
    """Read a number; a grouping that is not by thousands ("12.5" where "." groups) is none."""
    marks = _SPACES if source.thousands == " " else source.thousands
    digits = r"\d+"
    if marks:
        digits = rf"(\d{{1,3}}([{re.escape(marks)}]\d{{3}})+|\d+)"
    mark = source.decimal or "."
    decimal = re.escape(mark)
    pattern = rf"[+-]?({digits}({decimal}\d*)?|{decimal}\d+)([eE][+-]?\d+)?"
    signs = literal(mark + marks)
    pointed = raw if signs == "'.'" else f"translate({raw}, {signs}, '.')"
    return f"CASE WHEN {_matches(raw, pattern)} THEN try_cast({pointed} AS DOUBLE) END"


def bare_amount(raw: str) -> str:
    """Return SQL for an amount without what is round it; what it makes of others is as it was.

    Bookkeepers write what is below 0 as "(12.50)" or "12.50-", and no cents as "12,-".
    """
    typed = literal("'-")
    bare = f"translate({raw}, {literal(_TYPESET)}, {typed})"
    for pattern, by in _ROUND_AMOUNTS:
        bare = f"regexp_replace({bare}, {literal(pattern)}, {literal(by)})"
    some = literal(f"^[=(']|-$|[{_TYPESET}]")
    return f"CASE WHEN regexp_matches({raw}, {some}) THEN {bare} ELSE {raw} END"


def _is_signed(raw: str) -> str:
    return f"({_matches(raw, _BEFORE)} OR {_matches(raw, _AFTER)})"


def unsigned(raw: str) -> str:
    """Return SQL for an amount without the sign or code of its currency; others are as they are."""
    before, after = (
        f"WHEN {_matches(raw, form)} THEN regexp_replace({raw}, {literal(f'^{form}$')}, '\\1\\2')"
        for form in (_BEFORE, _AFTER)
    )
    return f"CASE {before} {after} ELSE {raw} END"


def _other_currency(column: Column, currency: str, heading: str) -> list[Rule]:
    """Return the rule for amounts with the sign of another currency than the study's."""
    if not currency:
        return []
    own = headings.written(currency)
    raw = raw_of(column.name)
    sign = f"regexp_extract({raw}, {literal(_CURRENCY)})"
    named = ", ".join(map(literal, sorted(own)))
    odd = f"try_cast({raw} AS DOUBLE) IS NULL AND {_is_signed(raw)} AND {sign} NOT IN ({named})"
    if headings.currency(heading) not in {"", *own}:
        odd = f"{raw} IS NOT NULL AND NOT ({_is_signed(raw)} AND {sign} IN ({named}))"
    return [Rule("other_currency", "flag", column.name, odd)]


def later(cast: Cast, amount: str, unit: str) -> Cast:
    """Return the cast of a time so many of a unit later.

    Parameters
    ----------
    cast : Cast
        That of the time.
    amount : str
        SQL, over the file's columns, for how many.
    unit : str
        One of seconds, minutes, hours and days.
    """
    name = quoted(f"_added_{cast.column}")
    value = f"(({cast.value}) + to_microseconds({name}))"
    return replace(cast, value=value, added=f"(({amount}) * {_UNITS[unit]})::BIGINT AS {name}")


def divided(cast: Cast, by: float) -> Cast:
    """Return the cast of a number that is written in a smaller unit: cents, micros."""
    return replace(cast, value=f"(({cast.value}) / {float(by)!r})")


def _unlabelled(raw: str) -> str:
    """Return SQL for the number of a label ("10 - Extremely likely"); any other text is kept."""
    cases = " ".join(
        f"WHEN {_matches(raw, label)} THEN regexp_extract({raw}, {literal(label)}, 1)"
        for label in LABELS
    )
    return f"CASE {cases} ELSE {raw} END"


def _flag(raw: str) -> str:
    yes, no = (", ".join(map(literal, words)) for words in (_TRUE, _FALSE))
    return f"CASE WHEN lower({raw}) IN ({yes}) THEN true WHEN lower({raw}) IN ({no}) THEN false END"


def _moment(column: str, kind: str, source: Source, time_zone: str) -> tuple[str, str]:
    """Return how a time reads as a local one, and the UTC time: by its own offset where it has one.

    The second is SQL over the first, which is null where what is written is no local time.
    """
    raw, local = raw_of(column), parsed_of(column)
    forms, text = source.time_format or [], kind == "VARCHAR"
    form = forms[0] if forms else None
    as_local = _to_utc(local, time_zone)
    if _is_zoned(kind):
        return "NULL::TIMESTAMP", in_years(f"timezone('UTC', {_finite(raw)})")
    if kind.startswith(("DATE", "TIMESTAMP")):
        return in_years(f"try_cast({raw} AS TIMESTAMP)"), as_local
    if form == EXCEL:
        read = number(raw, source) if text else f"try_cast({raw} AS DOUBLE)"
        return excel_day(read), as_local
    if form in EPOCHS:
        return "NULL::TIMESTAMP", epoch(raw, form, text=text)
    if form:
        parsed = _strptime(f"{raw}::VARCHAR", forms)
        if text:
            plain = time_texts.plain_sql(raw)
            if any(sign in one for one in forms for sign in ("%b", "%B")):
                plain = time_texts.named_sql(plain)
            short = [one.replace("%B", "%b") for one in forms]
            parsed = f"coalesce({parsed}, {_strptime(plain, short)})"
        if "%z" in form:
            return "NULL::TIMESTAMP", in_years(f"timezone('UTC', {parsed})")
        return in_years(parsed), as_local
    if not text:
        return "NULL::TIMESTAMP", recognised(raw, text=False)
    # DuckDB wants the offset without a space, and no names.
    plain = f"regexp_replace({raw}, ' ([Z+-])', '\\1')"
    zone = f"regexp_extract({raw}, '[A-Z]{{2,}}$')"
    zones = time_texts.ZONES.items()
    named = " ".join(f"WHEN {literal(one)} THEN {literal(gap)}" for one, gap in zones)
    bare = f"trim(regexp_replace({raw}, '[A-Z]{{2,}}$', ''))"
    plain = f"CASE {zone} WHEN '' THEN {plain} ELSE {bare} || CASE {zone} {named} END END"
    absolute = (
        f"CASE WHEN {_matches(raw, _CLOCK + _OFFSET)} "
        f"THEN timezone('UTC', try_cast({plain} AS TIMESTAMPTZ)) END"
    )
    parsed = f"CASE WHEN {_matches(raw, _CLOCK)} THEN try_cast({raw} AS TIMESTAMP) END"
    parsed = in_years(f"coalesce({parsed}, {_dressed(raw, _CLOCK, 'TIMESTAMP')})")
    dressed = f"timezone('UTC', {_dressed(raw, _CLOCK + _OFFSET, 'TIMESTAMPTZ')})"
    otherwise = f"coalesce({absolute}, {recognised(raw, text=True)}, {in_years(dressed)})"
    return parsed, f"CASE WHEN {local} IS NULL THEN {otherwise} ELSE {as_local} END"


def _dressed(raw: str, pattern: str, kind: str) -> str:
    """Return SQL for a time that has more than ISO's figures; null for one that has no more."""
    found = f"regexp_extract({time_texts.plain_sql(raw)}, {literal(f'^{pattern}$')})"
    bare = f"({_matches(raw, f'{_CLOCK}{_OFFSET}|{_NUMBER}')})"
    return f"CASE WHEN NOT {bare} THEN try_cast(nullif({found}, '') AS {kind}) END"


def _strptime(text: str, forms: Sequence[str]) -> str:
    return f"try_strptime({text}, [{', '.join(map(literal, forms))}])"


def _is_zoned(duckdb_type: str) -> bool:
    return duckdb_type.endswith("WITH TIME ZONE")


def _to_utc(local: str, time_zone: str) -> str:
    if time_zone == "UTC":
        return local
    return f"timezone('UTC', timezone({literal(time_zone)}, {local}))"


def to_local(time: str, time_zone: str) -> str:
    """Return SQL for the local time of a UTC time."""
    if time_zone == "UTC":
        return time
    if offset := re.fullmatch(r"(?:UTC|GMT)?([+-]\d{2}):?(\d{2})", time_zone):
        minutes = int(offset[1]) * 60 + int(offset[1][0] + offset[2])
        return f"({time} + INTERVAL '{minutes} minutes')"
    return f"timezone({literal(time_zone)}, timezone('UTC', {time}))"


def in_years(time: str) -> str:
    """Return SQL for a timestamp, null where its year has not four digits."""
    low, high = (f"make_timestamp({us})" for us in (_FIRST_US, _END_US))
    return f"CASE WHEN {time} >= {low} AND {time} < {high} THEN {time} END"


def epoch(number: str, unit: str, *, text: bool) -> str:
    """Return SQL for the UTC time of a count since 1970.

    Parameters
    ----------
    number : str
        SQL for the count.
    unit : str
        One of :data:`EPOCHS`.
    text : bool
        Whether the count is written as text.
    """
    return _checked(_counted(number, EPOCHS[unit]), number, text=text)


def recognised(number: str, *, text: bool) -> str:
    """Return SQL for the UTC time of a count since 1970 whose unit its size tells, else null.

    It does from 2000 to 2040: 1.8 thousand million seconds are 2027, as milliseconds January 1970.
    """
    cases = []
    amount = _amount(number)
    for second in EPOCHS.values():
        ours = f"{amount} >= {_SINCE * second} AND {amount} < {_UNTIL * second}"
        cases.append(f"WHEN {ours} THEN {_counted(number, second)}")
    return _checked(f"CASE {' '.join(cases)} END", number, text=text)


def excel_day(number: str) -> str:
    """Return SQL for the local time of a spreadsheet's day number, a DOUBLE, to the millisecond."""
    micros = f"round(({number} - {_EXCEL_1970}) * {_DAY_MS}) * 1000"
    sane = f"{number} >= {_EXCEL_FIRST} AND {micros} < {_END_US}"
    return f"CASE WHEN {sane} THEN make_timestamp(({micros})::BIGINT) END"


def _amount(number: str) -> str:
    return f"try_cast({number} AS DECIMAL(29, 6))"


def _counted(number: str, second: int) -> str:
    """Return SQL for the microseconds of a count of which so many are a second."""
    factor = f"* {1_000_000 // second}" if second <= 1_000_000 else "* 0.001"
    return f"floor({_amount(number)} {factor})"


def _checked(micros: str, number: str, *, text: bool) -> str:
    sane = f"{micros} >= {_FIRST_US} AND {micros} < {_END_US}"
    if text:
        sane = f"regexp_full_match({number}, {literal(_NUMBER)}) AND {sane}"
    return f"CASE WHEN {sane} THEN make_timestamp(({micros})::BIGINT) END"
