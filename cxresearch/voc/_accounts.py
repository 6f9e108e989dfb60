"""Where money goes: IBANs, cards, tax codes and VAT numbers, checked, or named by a cue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from cxresearch.voc._identifiers import IBAN_LENGTH, is_card, is_iban, is_tax_code, is_vat_number

Span = tuple[int, int]

#: What people put between the groups of a number, a line's end too.
_GAP = r"[ .\n-]{0,3}"
_NEAR = 30

_IBAN_START = re.compile(
    r"(?i:(?<![a-z0-9])(?P<cue>iban(?: è| e'| is|:|=|n\.?|\W)*)?"
    rf"(?P<value>(?P<land>[a-z]{{2}}){_GAP}\d{_GAP}\d))"
)
_IBAN_CUE = re.compile(
    r"(?i:(?:\biban|bonific\w+|bank account|conto(?: corrente)?)\b.{0,20})$", re.S
)

_CARD_RUN = re.compile(r"(?<!\d)(?<!\+)\d(?:[ ./\n-]{0,3}\d){11,40}(?!\d)")
_CARD_CUE = re.compile(
    r"(?i:(?<![a-z])(?:cart[ae](?! (?:d[i'] ?)?identit)|card|visa|mastercard|master card|amex|"
    r"american express|postepay|bancomat|maestro|diners|pan|carta di credito|credito|debito|cc)"
    r"[^\d;!?]{0,25})$"
)
_CARD_LENGTHS = (16, 15, 19, 14, 13, 17, 18)
_CUED_CARD_LENGTHS = (16, 15, 17, 14, 13, 19, 18, 12)
_MASKED_CARD = re.compile(r"(?<![\w*•])(?:[*•xX]{4}[ -]?){2,3}\d{4}(?!\d)")
_SECURITY_CODE = re.compile(
    r"(?i:(?<![a-z])(?:cvv2?|cvc2?|cv2|cid|codice di sicurezza|security code)"
    r"(?:[ :=]|è|is|e'|n\.?){0,4})(?P<value>\d{3,4})(?!\d)"
)

_TAX_LETTER = "[0-9LMNP-V]"
_TAX_CODE = re.compile(
    rf"(?i:(?<![a-z])(?:(?P<cue>c\.?f\.?|cod(?:ice)?\.? ?fisc(?:ale)?\.?|tax code)"
    rf"(?:[ :=.]|è|e'|is)*)?"
    rf"(?P<value>[a-z]{{3}}{_GAP}[a-z]{{3}}{_GAP}{_TAX_LETTER}{{2}}{_GAP}[abcdehlmprst]{_GAP}"
    rf"{_TAX_LETTER}{{2}}{_GAP}[a-z]{_TAX_LETTER}{{3}}{_GAP}[a-z])(?![a-z0-9]))"
)
_DIGITS_IN_GROUPS = 4
#: A day of birth, that of women 40 later.
_DAYS = {*range(1, 32), *range(41, 72)}
_LETTERS_FOR_DIGITS = str.maketrans("LMNPQRSTUV", "0123456789")

_VAT_CUE = (
    r"(?<![a-z])(?:p\.? ?iva|part(?:ita|\.)? ?iva|vat(?: (?:number|no\.?|id|reg))?|"
    r"ust-?id(?:-?nr)?\.?|btw|tva|piva)"
)
_CUED_VAT = re.compile(
    rf"(?i:{_VAT_CUE}(?:[ :=.#-]|nr?\.|nr?(?= )|è|e'|is){{0,5}}"
    r"(?P<value>(?:[a-z]{2}[ -]?)?(?=(?:[a-z .-]{0,2}\d){7})[a-z]?\d"
    r"(?:[ .-]?\d){6,11}(?:b\d\d)?|\d{8}[a-z]))"
    r"(?![A-Za-z0-9])"
)
_VAT = re.compile(r"(?i:(?<![a-z0-9])(?P<value>(?:it ?)?(?<!\d)(?P<digits>\d{11}))(?!\d))")
#: The VAT numbers of the Union and the United Kingdom, by their countries.
_VAT_OF_EU = re.compile(
    r"(?<![A-Za-z0-9])(?P<value>(?:ATU|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|LT|LU|LV|MT|NL|PL|PT|RO|"
    r"SE|SI|SK)[A-Z]?\d{8,12}[A-Z]?(?:B\d\d)?)(?![A-Za-z0-9])"
)


def plain(value: str) -> str:
    """Return the letters and digits of a value.

    Examples
    --------
    >>> plain("IT60 X054-2811")
    'IT60X0542811'
    """
    return re.sub(r"[\W_]+", "", value)


def iban_spans(text: str) -> Iterator[Span]:
    """Yield where IBANs begin and end: those that check, and after a cue those of their length."""
    for start in _IBAN_START.finditer(text):
        length = IBAN_LENGTH.get(start["land"].upper())
        if length is None:
            continue
        first = start.start("value")
        end = _end_of(text, start.end(), length - 4)
        if not end:
            continue
        value = plain(text[first:end]).upper()
        # Letters of words that follow are none: at most a third are, unless all is in one.
        digits = sum(sign.isdigit() for sign in value)
        if len(value) != end - first and 2 * digits < len(value):
            continue
        is_cued = start["cue"] or _IBAN_CUE.search(text[max(0, first - _NEAR) : first])
        if is_iban(value) or (is_cued and 2 * digits > len(value)):
            yield first, end


def _end_of(text: str, start: int, count: int) -> int:
    """Return where a number of letters and digits in groups end; 0 where there are fewer."""
    place = start
    for _ in range(count):
        gap = 0
        while gap < 3 and text[place + gap : place + gap + 1] in (" ", ".", "-", "\n"):
            gap += 1
        sign = text[place + gap : place + gap + 1]
        if not (sign.isascii() and sign.isalnum()):
            return 0
        place += gap + 1
    return 0 if text[place : place + 1].isdigit() else place


def card_spans(text: str) -> Iterator[Span]:
    """Yield where numbers of cards begin and end: those that check, and others after a cue."""
    for run in _CARD_RUN.finditer(text):
        cue = _CARD_CUE.search(text[max(0, run.start() - _NEAR) : run.start()])
        yield from _cards_in(text, run.start(), run.end(), is_cued=bool(cue))
    yield from (found.span() for found in _MASKED_CARD.finditer(text))
    yield from (found.span("value") for found in _SECURITY_CODE.finditer(text))


def _cards_in(text: str, first: int, last: int, *, is_cued: bool) -> Iterator[Span]:
    """Yield the cards in a run of digits: whole groups, the likeliest length first."""
    places = [place for place in range(first, last) if text[place].isdigit()]
    digits = "".join(text[place] for place in places)
    # Digits that stand one by one are marks: "0 1 0 0".
    if sum(b - a > 1 for a, b in pairwise(places)) > len(places) // 2:
        return
    start = 0
    while start + _CUED_CARD_LENGTHS[-1] <= len(places):
        begins = start == 0 or places[start] - places[start - 1] > 1
        length = begins and next(
            (
                length
                for length in _CARD_LENGTHS
                if _ends_a_group(places, start + length) and is_card(digits[start : start + length])
            ),
            0,
        )
        if not length and is_cued and start == 0:
            length = next((size for size in _CUED_CARD_LENGTHS if _ends_a_group(places, size)), 0)
        if length:
            yield places[start], places[start + length - 1] + 1
            start += length
        else:
            start += 1


def _ends_a_group(places: list[int], end: int) -> bool:
    if end > len(places):
        return False
    return end == len(places) or places[end] - places[end - 1] > 1


def tax_code_spans(text: str) -> Iterator[Span]:
    """Yield where Italian tax codes begin and end.

    Sixteen signs of that shape in one are a tax code even where a slip of the pen spoils the last.
    """
    for found in _TAX_CODE.finditer(text):
        value = plain(found["value"]).upper()
        is_in_one = len(value) == len(found["value"])
        # Letters may stand for its digits, but "che sia un assoluto" is none.
        if sum(sign.isdigit() for sign in value) < (1 if is_in_one else _DIGITS_IN_GROUPS):
            continue
        is_whole = is_in_one and _is_day(value[9:11])
        if found["cue"] or is_whole or is_tax_code(value):
            yield found.span("value")


def _is_day(written: str) -> bool:
    return int(written.translate(_LETTERS_FOR_DIGITS)) in _DAYS


def vat_spans(text: str) -> Iterator[Span]:
    """Yield where VAT numbers begin and end: of any country after a cue or with its letters."""
    for pattern in (_CUED_VAT, _VAT_OF_EU):
        yield from (found.span("value") for found in pattern.finditer(text))
    for found in _VAT.finditer(text):
        if is_vat_number(found["digits"]):
            yield found.span("value")
