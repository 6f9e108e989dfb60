"""How the values of a file are written: the order of dates, the decimal mark.

What they do not decide is asked, never guessed: `01/02/2026` alone is no date, and `1.210` alone no
number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from cxresearch.study.loaders import time_texts

#: So many of the values are written alike.
_EVEN = 0.9
#: What :func:`time_texts.plain` leaves of an offset.
_ZONE = r"Z|[+-]\d{2}:?(?:\d{2})?"
_DAY = re.compile(
    r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})"
    r"(?:(,? |T)(\d{1,2})([:.])(\d{2})(?:\7(\d{2}))?( ?[AaPp]\.?[Mm]\.?)?)?"
    rf"({_ZONE})?"
)
_YEAR_FIRST = re.compile(
    r"\d{4}([/-])(\d{1,2})\1(\d{1,2})"
    rf"(?:([ T])\d{{1,2}}:\d{{2}}(:\d{{2}})?( [AaPp][Mm])?)?({_ZONE})?"
)
_ISO = re.compile(
    rf"\d{{4}}-\d{{1,2}}-\d{{1,2}}(?:([ T])(\d{{1,2}}:\d{{2}})(:\d{{2}}(\.\d+)?)?({_ZONE})?)?"
)
_NAMED = re.compile(
    r"(\d{1,2})([ -])([^\W\d]{3,})(\.?)\2(\d{4}|\d{2})"
    r"(?:(,? )(\d{1,2}):(\d{2})(:\d{2})?( [AaPp][Mm])?)?"
    rf"({_ZONE})?"
)
_MONTH_FIRST = re.compile(
    r"([^\W\d]{3,})(\.?)[ -](\d{1,2})(,?)[ -](\d{4}|\d{2})"
    r"(?:(,? )(\d{1,2}):(\d{2})(:\d{2})?( [AaPp][Mm])?)?"
    rf"({_ZONE})?"
)
#: The day of a date as a cell is written; and how many tell that a spreadsheet has turned them.
_CELL_DAY = re.compile(r"\d{4}-\d{2}-(\d{2})\b")
_FEWEST = 3
_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+),(\d{1,2}|\d{4,})")
_POINT = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)\.(\d{1,2}|\d{4,})")
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_SIGNS = re.compile(r"[^\d.,+-]")
#: What else than a point or a comma may group thousands.
_PARTED = re.compile(r"(?<=\d)(['\u2019 \u00a0\u202f])(?=\d{3}(?!\d))")


def time_formats(values: Sequence[str]) -> tuple[str | list[str] | None, str]:
    """Return how dates are written, where they are not all alike, and what has to be asked.

    A column of a spreadsheet has some as ISO 8601 where some cells are dates and others were
    typed, and days without a clock at midnight. A word among them ("Totale") is none.

    Examples
    --------
    >>> time_formats(["25/09/2026 10:00", "2026-09-26 09:30:00"])
    (['%d/%m/%Y %H:%M', '%Y-%m-%d %H:%M:%S'], '')
    """
    values = [one for one in values if re.search(r"\d", one)]
    iso = dict.fromkeys(filter(None, map(_iso_form, values)))
    others = [one for one in values if not _iso_form(one)]
    form, ask = time_format(others if iso else values)
    if not form or "%" not in form:
        return form, ask
    days = filter(None, map(_DAY.fullmatch, map(time_texts.plain, others)))
    shapes = {_form(one, "dmy" if form.startswith("%d") else "mdy"): None for one in days}
    forms = [*dict.fromkeys([form, *shapes, *iso])]
    return forms if len(forms) > 1 else form, ask


def _iso_form(value: str) -> str:
    """Return the format of a time as ISO 8601 writes it; empty for any other text."""
    found = _ISO.fullmatch(value)
    if not found and value[:4].isdigit():  # most are plain, and plain takes longer
        found = _ISO.fullmatch(time_texts.plain(value))
    if not found:
        return ""
    mark, clock, seconds, fraction, zone = found.groups()
    hour = f"{mark}%H:%M{':%S' if seconds else ''}{'.%f' if fraction else ''}" if clock else ""
    return f"%Y-%m-%d{hour}{'%z' if zone else ''}"


def time_format(values: Sequence[str]) -> tuple[str | None, str]:
    """Return how dates are written, and what has to be asked; None where the kit reads them as is.

    Examples
    --------
    >>> time_format(["25/09/2026 10:00", "01/02/2026 9:30"])
    ('%d/%m/%Y %H:%M', '')
    >>> print(time_format(["01/02/2026"])[1])
    '01/02/2026' may have the day first or the month: time_format: '%d/%m/%Y' or '%m/%d/%Y'
    """
    values = [*map(time_texts.plain, values)]
    days = [found for value in values if (found := _DAY.fullmatch(value))]
    if days and len(days) >= _EVEN * len(values):
        first, second = (max(int(one[i]) for one in days) for i in (1, 3))
        if _may_begin_with_year(days):
            forms = [_form(days[0], order) for order in ("dmy", "ymd")]
            ask = f"{days[0][0]!r} may have the day first or the year: "
            return None, f"{ask}time_format: {forms[0]!r} or {forms[1]!r}"
        forms = [_form(days[0], order) for order in ("dmy", "mdy")]
        if first > 12 >= second:
            return forms[0], ""
        if second > 12 >= first:
            return forms[1], ""
        if first <= 12 and second <= 12:
            ask = f"{days[0][0]!r} may have the day first or the month: "
            return None, f"{ask}time_format: {forms[0]!r} or {forms[1]!r}"
        return None, f"dates such as {days[0][0]!r} have both orders; time_format: must be one"
    if values and all(re.fullmatch(r"(19|20)\d{6}", value) for value in values):
        return "%Y%m%d", ""
    for clock, form in ((6, "%H%M%S"), (4, "%H%M")):
        if values and all(re.fullmatch(rf"(19|20)\d{{6}}\d{{{clock}}}", one) for one in values):
            return f"%Y%m%d{form}", ""
    years = [found for value in values if (found := _YEAR_FIRST.fullmatch(value))]
    if years and len(years) >= _EVEN * len(values):
        return _year_form(years), ""
    for pattern, month in ((_NAMED, 3), (_MONTH_FIRST, 1)):
        named = [found for value in values if (found := pattern.fullmatch(value))]
        if named and len(named) >= _EVEN * len(values):
            return _named_form(named, month), ""
    if values and all(re.fullmatch(r"[34]\d{4}([.,]\d+)?", value) for value in values):
        return "excel_day", ""
    return None, ""


def turned(values: Sequence[str]) -> bool:
    """Return whether a spreadsheet seems to have read days as months.

    It makes a date of 05/02/2026, in May, and leaves 25/02/2026 a text: all its dates have a day up
    to 12, and all its texts one above.

    Examples
    --------
    >>> turned(["2026-05-02", "2026-07-02", "2026-01-03", "25/02/2026", "13/02/2026", "28/02/2026"])
    True
    """
    cells = [int(found[1]) for one in values if (found := _CELL_DAY.match(one))]
    texts = [found for one in values if (found := _DAY.fullmatch(one))]
    if min(len(cells), len(texts)) < _FEWEST or max(cells) > 12:
        return False
    return any(min(int(one[part]) for one in texts) > 12 for part in (1, 3))


def reads(values: Sequence[str], formats: Sequence[str]) -> bool:
    """Return whether most of some texts are dates as the formats write them."""
    return sum(any(_is(value, form) for form in formats) for value in values) > len(values) / 2


def _is(value: str, form: str) -> bool:
    if "%" not in form:
        return bool(re.fullmatch(r"\d+(\.\d+)?", value))
    try:
        datetime.strptime(value, form)
    except ValueError:
        return value != (bare := time_texts.plain(value)) and _is(bare, form)
    return True


def days_among(columns: Iterable[Sequence[str]]) -> list[str]:
    """Return all values of those columns that hold dates in figures."""
    days: list[str] = []
    for values in columns:
        if values and sum(bool(_DAY.fullmatch(one)) for one in values) >= _EVEN * len(values):
            days += values
    return days


def numbers_among(columns: Iterable[Sequence[str]]) -> list[str]:
    """Return all values of those columns that hold amounts or percentages."""
    numbers: list[str] = []
    for values in columns:
        bare = [_SIGNS.sub("", one) for one in values if sum(map(str.isalpha, one)) <= 3]
        fitting = sum(bool(_COMMA.fullmatch(one) or _POINT.fullmatch(one)) for one in bare)
        if values and fitting >= _EVEN * len(values):
            numbers += values
    return numbers


def _year_form(years: Sequence[re.Match[str]]) -> str | None:
    """Return the format of dates that begin with the year; None where ISO 8601 reads them."""
    one = years[0]
    second, third = (max(int(found[i]) for found in years) for i in (2, 3))
    half = one[6] is not None
    if second <= 12 and not half:
        return None
    order = ("%Y", "%d", "%m") if second > 12 >= third else ("%Y", "%m", "%d")
    hour = f"{one[4]}{'%I' if half else '%H'}:%M{':%S' if one[5] else ''}" if one[4] else ""
    return f"{one[1].join(order)}{hour}{' %p' if half else ''}{'%z' if one[7] else ''}"


def _named_form(named: Sequence[re.Match[str]], month: int) -> str:
    """Return the format of dates that name their month, of which the first shows the marks."""
    one = named[0]
    name = "%b" if all(len(found[month]) <= 4 for found in named) else "%B"
    year = "%Y" if len(one[5]) == 4 else "%y"
    mark = one[0][one.end(2)] if month == 1 else one[2]
    parts = [name, f"%d{one[4]}"] if month == 1 else ["%d", name]
    day = mark.join([*parts, year])
    if one[7] is None:
        return day
    half = one[10] is not None
    seconds = ":%S" if one[9] else ""
    clock = f"{one[6]}{'%I' if half else '%H'}:%M{seconds}{' %p' if half else ''}"
    return f"{day}{clock}{'%z' if one[11] else ''}"


def _may_begin_with_year(days: Sequence[re.Match[str]]) -> bool:
    """Return whether the first of two figures may be the year: it changes less than the last."""
    first, last = ({one[part] for one in days} for part in (1, 4))
    short = all(len(one) == 2 and int(one) <= 31 for one in last)
    return short and all(len(one) == 2 for one in first) and len(first) < len(last)


def _form(found: re.Match[str], order: str) -> str:
    mark = found[2]
    year = "%Y" if len(found[4]) == 4 else "%y"
    form = mark.join(year if one == "y" else f"%{one}" for one in order)
    if found[6] is not None:
        half = found[10]
        form += found[5] + ("%I" if half else "%H") + found[7] + "%M"
        form += found[7] + "%S" if found[9] is not None else ""
        form += (" %p" if half.startswith(" ") else "%p") if half else ""
        form += "%z" if found[11] else ""
    return form


def decimal_mark(values: Sequence[str]) -> tuple[dict[str, str], str]:
    """Return the decimal mark of numbers and how thousands are grouped, and what has to be asked.

    Examples
    --------
    >>> decimal_mark(["1.210,50 €", "35,90"]), decimal_mark(["1.210"])[0]
    (({'decimal': ',', 'thousands': '.'}, ''), {})
    """
    parted = next((one for value in values if (one := _PARTED.search(value))), None)
    if parted is not None:
        mark = "'" if parted[1] in "'\u2019" else " "
        rest, ask = decimal_mark([_PARTED.sub("", value) for value in values])
        return {"decimal": rest.get("decimal", "."), "thousands": mark}, ask
    plain_values = [_SIGNS.sub("", value).removesuffix("-") for value in values]
    commas = [found for value in plain_values if (found := _COMMA.fullmatch(value))]
    points = [found for value in plain_values if (found := _POINT.fullmatch(value))]
    if commas and not points:
        grouped = any(found[2] for found in commas)
        grouped = grouped or any(_EITHER.fullmatch(v) and "." in v for v in plain_values)
        return {"decimal": ","} | ({"thousands": "."} if grouped else {}), ""
    if points and not commas:
        grouped = any(found[2] for found in points)
        grouped = grouped or any(_EITHER.fullmatch(v) and "," in v for v in plain_values)
        return {"thousands": ","} if grouped else {}, ""
    either = [value for value in plain_values if _EITHER.fullmatch(value)]
    if commas and points:
        return {}, f"{commas[0][0]!r} and {points[0][0]!r} have different decimal marks"
    if either:
        return {}, f'{either[0]!r} may be thousands or decimals: decimal: "." or decimal: ","'
    return {}, ""
