"""What a time is written with beside its figures: days of the week, little words, names of zones.

Each pair of a pattern and its replacement is read alike by Python, where a file is looked at, and
by DuckDB, where it is loaded.
"""

from __future__ import annotations

import re

from cxresearch.engine.backends import literal

#: The offsets of the zones that a time may name: those of which there is one of that name.
ZONES = {
    **{"UTC": "+00", "GMT": "+00", "WET": "+00", "WEST": "+01"},
    **{"CET": "+01", "CEST": "+02", "EET": "+02", "EEST": "+03"},
}
_WEEKDAYS = (
    "mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?"
    "|sat(?:urday)?|sun(?:day)?"
    "|lun(?:ed[ìi])?|mar(?:ted[ìi])?|mer(?:coled[ìi])?|gio(?:ved[ìi])?|ven(?:erd[ìi])?"
    "|sab(?:ato)?|dom(?:enica)?"
)
_COMPACT = r"^((?:19|20)\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])[T ]([01]\d|2[0-3]):?([0-5]\d)"
_BLANKS = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
_PLAIN: tuple[tuple[str, str], ...] = (
    (r"^'(\d)", r"\1"),
    # As web servers write it: "05/Jan/2026:10:00:00 +0100"; as Java does: "+01:00[Europe/Rome]".
    (r"(?i)^(\d{1,2})/([a-z]{3,9})/(\d{4})", r"\1 \2 \3"),
    (r"(?i)^(\d{1,2} [a-z]{3,9} \d{4}):(\d{2}:\d{2})", r"\1 \2"),
    (r"(Z|[+-]\d{2}:?\d{2})\[[\w/+-]+\]$", r"\1"),
    # "mar 21, 2026" is in March, "mar 21 gen 2026" is a Tuesday.
    (rf"(?i)^(?:{_WEEKDAYS})\.?,? +(\d{{1,2}}(?:[./-]\d| ?[-. ]?[a-z])|[a-z]{{3}})", r"\1"),
    (r"(?i)\b(\d{1,2})(?:st|nd|rd|th|º|°)", r"\1"),
    (r"(:\d{2}:\d{2}),(\d{1,9})", r"\1.\2"),
    (r" *\([^()]*\)$", ""),
    (r"(:\d{2}(?:\.\d+)?) *(?:GMT|UTC)? ?([+-]\d[\d:]*)$", r"\1\2"),
    (r"(:\d{2}(?:\.\d+)?[+-])(\d)(:\d{2})?$", r"\g<1>0\2\3"),
    *((rf" +{name}$", offset) for name, offset in ZONES.items()),
    (r"(?i),? +(?:alle ore|alle|ore|h|at|-|–|—) *(\d{1,2}[:.]\d{2})", r" \1"),
    (r"^(\d{4})[./](\d{1,2})[./](\d{1,2})", r"\1-\2-\3"),
    (rf"{_COMPACT}:?([0-5]\d)(\.\d+)?(Z|[+-].*)?$", r"\1-\2-\3 \4:\5:\6\7\8"),
    (rf"{_COMPACT}(Z|[+-].*)?$", r"\1-\2-\3 \4:\5\6"),
    (r"(?i)(\d) ?([ap])\.? ?m\.?$", r"\1 \2m"),
    # A day that a spreadsheet holds as its midnight, with the time of day of another column.
    (r" 00:00(?::00)? (\d{1,2}[:.]\d{2})", r" \1"),
    (r"(:\d{2}(?:\.\d+)?) ?Z$", r"\1+00"),
)
#: The names of months in English and Italian, and what is read for them.
_MONTHS = {
    "jan(?:uary)?|gen(?:naio)?": "Jan",
    "feb(?:ruary|braio)?": "Feb",
    "mar(?:ch|zo)?": "Mar",
    "apr(?:ile?)?": "Apr",
    "may|mag(?:gio)?": "May",
    "june?|giu(?:gno)?": "Jun",
    "july?|lug(?:lio)?": "Jul",
    "aug(?:ust)?|ago(?:sto)?": "Aug",
    "sep(?:t(?:ember)?)?|sett?(?:embre)?": "Sep",
    "oct(?:ober)?|ott(?:obre)?": "Oct",
    "nov(?:ember|embre)?": "Nov",
    "dec(?:ember)?|dic(?:embre)?": "Dec",
}


def plain(text: str) -> str:
    """Return a time without what tells nothing more: its weekday, "alle ore", "at", ordinals.

    Points and compact figures of a year that comes first become ISO's, names of zones an offset.

    Examples
    --------
    >>> plain("gio 12 gen 2026 alle ore 14:30"), plain("20260112T143000Z")
    ('12 gen 2026 14:30', '2026-01-12 14:30:00+00')
    >>> plain("Mon Jan 12 2026 10:15:00 GMT+0100 (CET)"), plain("mar 21, 2026")
    ('Jan 12 2026 10:15:00+0100', 'mar 21, 2026')
    """
    for blank in _BLANKS:
        text = text.replace(blank, " ")
    for pattern, by in _PLAIN:
        text = re.sub(pattern, by, text, count=1)
    return text


def plain_sql(text: str) -> str:
    """Return SQL for what :func:`plain` makes of a text."""
    text = f"translate({text}, {literal(_BLANKS)}, '  ')"
    for pattern, by in _PLAIN:
        text = f"regexp_replace({text}, {literal(pattern)}, {literal(by.replace('g<1>', '1'))})"
    return text


def named_sql(text: str) -> str:
    """Return SQL for a date with its month's name as ``%b`` reads it."""
    for names, month in _MONTHS.items():
        pattern = rf"(?i)\b(?:{names})\b\.?"
        text = f"regexp_replace({text}, {literal(pattern)}, {literal(month)})"
    return text
