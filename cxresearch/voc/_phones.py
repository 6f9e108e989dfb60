"""Phone numbers: those of a country's plan, those with a country's code, and what a cue names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from cxresearch.voc._quantities import UNITS, blanked

_FEWEST, _MOST = 6, 15
#: The numbers of a series, and the digits of each.
_FEWEST_OF_SERIES, _YEAR = 3, 4
#: Digits in a row, however people part them.
_RUN = re.compile(r"(?<!\d)(?<!\d,)(?:\(?\+ ?|00)?\(?\d(?:[ ./()_-]{0,3}\d){5,}(?![,]\d)")
_CUE_WORDS = (
    r"tel|telefono|telefon\w*|tlf|cell|cellulare|cel|mobile|mob|phone|telephone|fax|whatsapp|"
    r"whats app|wa|sms|chiamat\w+|chiamar\w+|richiam\w+|contatta[rt]\w+|reperibile|"
    r"raggiung\w+|call|reach|ring|text|numero|number|num|recapito|contatto|ph"
)
_CUE = re.compile(rf"(?i:(?:(?<![a-z])(?:{_CUE_WORDS})\b[^;!?\d]{{0,20}}))$")
_GLUED = re.compile(
    rf"(?i:(?<![a-z])(?:(?:il )?mio|my)?(?:{_CUE_WORDS}|n|nr|t|m)|(?<=[\d\0])[oe])[.:]?$"
)
#: How far before a number a cue is looked for.
_BEFORE = 45
#: Thousands in groups: a quantity, where nothing says more.
_FEWEST_GROUPED = 9
_GROUPED = re.compile(r"\+?[1-9]\d{0,2}(?:([ .'])\d{3})(?:\1\d{3})*")
#: Numbers kept for fiction are of no plan, and are written all the same.
_BRITISH_MOBILE = re.compile(r"07\d{9}")
_UNIT = re.compile(rf"(?i: ?{UNITS})")
_GROUP = re.compile(r"\+?\d+")
_MOST_GROUPS = 12
#: Digits one by one are a phone number where many differ: "0 1 0 0 1 0" are marks.
_ONE_BY_ONE, _MANY = re.compile(r"\d(?:\D+\d)*"), 4
#: How numbers begin that are looked for among others.
_BEGINS = "03+"
#: "al3281234567"; what follows capitals is a code.
_WORD_BEFORE = re.compile(r"(?<![A-Z])[a-zà-ù]{2}$")
_PARTS = re.compile(r" ?/ ?| - |  +|\. ")
#: "3471234567grazie", and two numbers with "o" between; "3471234567kg" is none.
_LETTERS_AFTER = re.compile(r"[^\W\d_]{3,}|[oe]\d")


def phone_spans(text: str, regions: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where phone numbers begin and end."""
    text = blanked(text)
    for run in _RUN.finditer(text):
        before = text[max(0, run.start() - _BEFORE) : run.start()]
        is_glued = before[-1:].isalpha()
        is_cued = bool(_GLUED.search(before) if is_glued else _CUE.search(before))
        is_of_code = is_glued and not (_WORD_BEFORE.search(before) or run[0].startswith("+"))
        if is_of_code and not is_cued:
            continue
        if _UNIT.match(text, run.end()) and not is_cued:
            continue
        if text[run.end() : run.end() + 1].isalpha() and not _LETTERS_AFTER.match(text, run.end()):
            continue
        yield from _within(run, is_cued, regions)


def _within(run: re.Match[str], is_cued: bool, regions: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield a run of digits that is a phone number, else its parts that are."""
    if _is_phone(run[0], is_cued, regions):
        yield run.span()
        return
    start = 0
    for part in (*_PARTS.finditer(run[0]), None):
        end = part.start() if part else len(run[0])
        if end - start < len(run[0]) and _is_phone(run[0][start:end], is_cued, regions):
            yield run.start() + start, run.start() + end
        start = part.end() if part else end
    yield from _side_by_side(run, regions)


def _side_by_side(run: re.Match[str], regions: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield numbers of a plan beside others: "347 1234567 348 7654321"."""
    groups = [found.span() for found in _GROUP.finditer(run[0])]
    if not 2 <= len(groups) <= _MOST_GROUPS:
        return
    first = 0
    while first < len(groups):
        start = groups[first][0]
        ends = (groups[last][1] for last in range(len(groups) - 1, first - 1, -1))
        end = run[0][start] in _BEGINS and next(
            (end for end in ends if _is_long(run[0][start:end], regions)), 0
        )
        if end:
            yield run.start() + start, run.start() + end
            first = next((k for k, group in enumerate(groups) if group[0] >= end), len(groups))
        else:
            first += 1


def _is_long(written: str, regions: Sequence[str]) -> bool:
    digits = sum(sign.isdigit() for sign in written)
    return digits >= _FEWEST_GROUPED and _is_phone(written, False, regions)


def _is_phone(written: str, is_cued: bool, regions: Sequence[str]) -> bool:
    digits = re.sub(r"\D", "", written)
    if not _FEWEST <= len(digits) <= _MOST or len(set(digits)) == 1:
        return False
    if _ONE_BY_ONE.fullmatch(written) and len(set(digits)) < _MANY:
        return False
    if written.lstrip("( ").startswith(("+", "00")):
        return is_cued or _is_international(written, digits)
    if _is_series(written):
        return False
    is_grouped = _GROUPED.fullmatch(written) and written[0] != "3"
    if is_cued and not (is_grouped and len(digits) < _FEWEST_GROUPED):
        return True
    if is_grouped:
        return False
    if "GB" in regions and _BRITISH_MOBILE.fullmatch(digits):
        return True
    return _is_of_plan(written, regions)


def _is_series(written: str) -> bool:
    """Return whether numbers only rise or fall, as sizes and years do: "38 40 42 44"."""
    parts = re.findall(r"\d+", written)
    if len(parts) < _FEWEST_OF_SERIES or len({len(part) for part in parts}) > 1 or parts[0] < "1":
        return False
    return len(parts[0]) <= _YEAR and (
        all(a < b for a, b in pairwise(parts)) or all(a > b for a, b in pairwise(parts))
    )


def _is_international(written: str, digits: str) -> bool:
    """Return whether a number with a country's code is one, or may be one that is not in use."""
    import phonenumbers

    bare = digits.removeprefix("00") if "+" not in written else digits
    try:
        number = phonenumbers.parse("+" + bare)
    except phonenumbers.NumberParseException:
        return False
    if phonenumbers.is_valid_number(number):
        return True
    may_be = phonenumbers.is_possible_number(number)
    return may_be and len(bare) > 8 and not _GROUPED.fullmatch(written)


def _is_of_plan(written: str, regions: Sequence[str]) -> bool:
    """Return whether a number is one of a region's plan."""
    import phonenumbers

    for region in regions:
        try:
            number = phonenumbers.parse(written.replace("_", " "), region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return True
    return False
