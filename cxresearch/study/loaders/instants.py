"""Times that are written as one number: since 1970, or as a spreadsheet counts days."""

from __future__ import annotations

from cxresearch.engine.backends import literal

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
