"""What a file says made a moment of UTC: by its offset, its zone, or a count since 1970."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cxresearch.engine.backends import literal
from cxresearch.study.loaders import time_texts
from cxresearch.study.loaders.amount_texts import finite, matches, number
from cxresearch.study.loaders.rules import Rule
from cxresearch.study.sources import Source

# DuckDB alone would read "05/06/20" as the year 5, and "5:00 PM" as five in the morning.
_DAY = r"\d{4}[-/]\d{1,2}[-/]\d{1,2}"
_CLOCK = rf"{_DAY}([ T]\d{{1,2}}:\d{{2}}(:\d{{2}}(\.\d+)?)?)?"
_PLACE = r"[A-Z][A-Za-z]+(/[A-Z][A-Za-z_]+)+"
_OFFSET = rf" ?(Z|{'|'.join(time_texts.ZONES)}|[+-]\d{{2}}(:?\d{{2}})?|{_PLACE})"
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


def moment(raw: str, local: str, kind: str, source: Source, *, time_zone: str) -> tuple[str, str]:
    """Return how a time reads as a local one, and the UTC time: by its own offset where it has one.

    Parameters
    ----------
    raw : str
        SQL for what the file says.
    local : str
        SQL for the first of the two, over which the second is; null where what is written is no
        local time.
    kind : str
        The DuckDB type of `raw`.
    source : Source
        How the file writes times.
    time_zone : str
        The zone of a time that does not name its offset.
    """
    forms, text = source.time_format or [], kind == "VARCHAR"
    form = forms[0] if forms else None
    as_local = _to_utc(local, time_zone)
    if _is_zoned(kind):
        return "NULL::TIMESTAMP", in_years(f"timezone('UTC', {finite(raw)})")
    if kind.startswith(("DATE", "TIMESTAMP")):
        return in_years(f"try_cast({raw} AS TIMESTAMP)"), as_local
    if form == EXCEL:
        read = number(raw, source) if text else f"try_cast({raw} AS DOUBLE)"
        return excel_day(read), as_local
    if form in EPOCHS:
        return "NULL::TIMESTAMP", epoch(raw, form, text=text)
    # What is long is reckoned once: as the first of the two, which is checked by its name.
    as_local = _to_utc(in_years(local), time_zone)
    if form:
        zoned = [one for one in forms if "%z" in one]
        parsed = _written(raw, [one for one in forms if one not in zoned], text=text)
        if not zoned:
            return parsed, as_local
        absolute = _once_in_years(f"timezone('UTC', {_written(raw, zoned, text=text)})")
        return parsed, f"CASE WHEN {local} IS NULL THEN {absolute} ELSE {as_local} END"
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
        f"CASE WHEN {matches(raw, _CLOCK + _OFFSET)} "
        f"THEN timezone('UTC', try_cast({plain} AS TIMESTAMPTZ)) END"
    )
    parsed = f"CASE WHEN {matches(raw, _CLOCK)} THEN try_cast({raw} AS TIMESTAMP) END"
    parsed = f"coalesce({parsed}, {_dressed(raw, _CLOCK, 'TIMESTAMP')})"
    dressed = f"timezone('UTC', {_dressed(raw, _CLOCK + _OFFSET, 'TIMESTAMPTZ')})"
    otherwise = f"coalesce({absolute}, {recognised(raw, text=True)}, {_once_in_years(dressed)})"
    return parsed, f"CASE WHEN {local} IS NULL THEN {otherwise} ELSE {as_local} END"


def _dressed(raw: str, pattern: str, kind: str) -> str:
    """Return SQL for a time that has more than ISO's figures; null for one that has no more."""
    found = f"regexp_extract({time_texts.plain_sql(raw)}, {literal(f'^{pattern}$')})"
    bare = f"({matches(raw, f'{_CLOCK}{_OFFSET}|{_NUMBER}')})"
    return f"CASE WHEN NOT {bare} THEN try_cast(nullif({found}, '') AS {kind}) END"


def _written(raw: str, forms: Sequence[str], *, text: bool) -> str:
    """Return SQL for a time that is written in one of some formats, null where it is in none."""
    if not forms:
        return "NULL::TIMESTAMP"
    parsed = _strptime(f"{raw}::VARCHAR", forms)
    if not text:
        return parsed
    plain = time_texts.plain_sql(raw)
    if any(sign in one for one in forms for sign in ("%b", "%B")):
        plain = time_texts.named_sql(plain)
    short = [one.replace("%B", "%b") for one in forms]
    return f"coalesce({parsed}, {_strptime(plain, short)})"


def _strptime(text: str, forms: Sequence[str]) -> str:
    # A year of four digits reads "26" as the year 26, one of two does not read "2026".
    forms = sorted(forms, key=lambda form: "%y" not in form)
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


def _once_in_years(time: str) -> str:
    """Return the same for a time of much SQL, which is not repeated."""
    return f"list_transform([{time}], lambda time: {in_years('time')})[1]"


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
    time = f"make_timestamp((CASE {' '.join(cases)} END)::BIGINT)"
    return f"CASE WHEN {matches(number, _NUMBER)} THEN {time} END" if text else time


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
        sane = f"{matches(number, _NUMBER)} AND {sane}"
    return f"CASE WHEN {sane} THEN make_timestamp(({micros})::BIGINT) END"


def clock_changes(column: str, local: str, time_zone: str) -> list[Rule]:
    """Return the rules for local times that no clock showed, or that it showed twice."""
    if time_zone == "UTC":
        return []
    zone = literal(time_zone)
    instant = f"timezone({zone}, {local})"
    twice = " OR ".join(
        f"timezone({zone}, {instant} {sign} INTERVAL 1 HOUR) = {local}" for sign in "+-"
    )
    skipped = f"timezone({zone}, {instant}) <> {local}"
    return [
        Rule("local_time_skipped", "flag", column, skipped),
        Rule("local_time_twice", "flag", column, twice),
    ]
