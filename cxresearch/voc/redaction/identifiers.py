"""Numbers that name somebody: IBANs, cards, tax codes, documents, plates and others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from cxresearch.voc.redaction.kinds import Span

#: What a digit, or the letter of that place in the alphabet, counts in an odd place of an Italian
#: tax code (D.M. 23 December 1976), and the letters after J. In an even place each counts itself.
_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
_ODD_LATER = (2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
#: How long an IBAN is in each country (SWIFT, IBAN Registry).
_IBAN_LENGTHS = {
    15: "NO",
    16: "BE",
    18: "DK FI NL FO GL FK SD",
    19: "MK SI",
    20: "AT EE KZ LT LU XK MN",
    21: "CH HR LI LV",
    22: "BA BG BH CR DE GB GE GI IE ME RS VA",
    23: "AE IL IQ OM SO TL",
    24: "AD CZ DZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
IBAN_LENGTH = {land: length for length, lands in _IBAN_LENGTHS.items() for land in lands.split()}
#: How the numbers of the networks begin, and how long they are.
_CARD = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[0689]\d{12}|35\d{14}|"
    r"6\d{15,18}|5[0678]\d{14,17}"
)
_VAT_DIGITS, _TAX_CODE = 11, 16


def is_iban(value: str) -> bool:
    """Return whether capitals and digits are an IBAN: read as a number, it is 1 modulo 97.

    References
    ----------
    ISO 13616-1 and ISO 7064, MOD 97-10.

    Examples
    --------
    >>> is_iban("GB82WEST12345698765432"), is_iban("GB82WEST12345698765433")
    (True, False)
    """
    if len(value) != IBAN_LENGTH.get(value[:2]):
        return False
    return int("".join(str(int(sign, 36)) for sign in value[4:] + value[:4])) % 97 == 1


def is_card(digits: str) -> bool:
    """Return whether digits are the number of a payment card (Luhn).

    References
    ----------
    ISO/IEC 7812-1, annex B.

    Examples
    --------
    >>> is_card("4111111111111111"), is_card("4111111111111112")
    (True, False)
    """
    return bool(_CARD.fullmatch(digits)) and _luhn(digits) % 10 == 0


def is_vat_number(digits: str) -> bool:
    """Return whether eleven digits are an Italian VAT number (partita IVA).

    References
    ----------
    D.P.R. 26 October 1972 n. 633, article 35; the last digit is Luhn's.

    Examples
    --------
    >>> is_vat_number("12345678903"), is_vat_number("12345678901")
    (True, False)
    """
    return len(digits) == _VAT_DIGITS and len(set(digits)) > 1 and _luhn(digits) % 10 == 0


def is_tax_code(value: str) -> bool:
    """Return whether sixteen capitals and digits end as an Italian tax code (codice fiscale) must.

    References
    ----------
    D.M. 23 December 1976, Sistemi di codificazione dei soggetti.

    Examples
    --------
    >>> is_tax_code("RSSMRA80A01H501U"), is_tax_code("RSSMRA80A01H501V")
    (True, False)
    """
    if len(value) != _TAX_CODE:
        return False
    places = [int(sign) if sign.isdigit() else ord(sign) - ord("A") for sign in value[:-1]]
    odd, even = sum((*_ODD, *_ODD_LATER)[place] for place in places[::2]), sum(places[1::2])
    return chr(ord("A") + (odd + even) % 26) == value[-1]


def _luhn(digits: str) -> int:
    """Return the sum of digits, every second from the right doubled."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return doubled + sum(int(digit) for digit in digits[::-2])


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
_TYPED_TAX_CODE = re.compile(
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
    for found in _TYPED_TAX_CODE.finditer(text):
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


_NUMBER = (
    r"(?:[ :=#_-]|è|e'|is|was|n[.°]|(?:n|nr|no|num)(?=[ :])|(?:nr|no|num)\.|"
    r"numero|number|id){0,5} ?"
)
_CUED = re.compile(
    r"(?i:(?<![a-z])(?:carta (?:d[i'] ?)?identit[aà]'?|c\.i\.e?\.?|(?-i:CIE?)|identity card|"
    r"id card|national id|documento(?: d[i'] ?identit[aà]'?| di riconoscimento)?|document|"
    r"passaporto|passport|patente(?: di guida)?|driv(?:er'?s|ing) licen[cs]e|"
    r"permesso di soggiorno|residence permit|tessera sanitaria|(?-i:TEAM)|"
    r"national insurance|(?-i:NI)|nino|social security|ssn|nhs)"
    rf"(?: [a-zà-ù]{{1,15}}){{0,2}}?{_NUMBER})"
    r"(?P<value>(?=(?:[A-Za-z -]{0,5}\d){4})(?:[A-Za-z]{1,5}-?|[A-Z]{1,3} )?"
    r"\d(?:[ -]?[A-Za-z0-9]){3,18})"
    r"(?![A-Za-z0-9])"
)
#: Four digits are a year, unless letters stand with them.
_FEWEST = 4
#: The words that a number with spaces may run into.
_WORD_AFTER = re.compile(
    r"[ -][A-Za-z]{3,}.*$|[ -](?:e|è|a|o|i|and|is|as|to|of|il|la|di|in|on|per|ma|ho)(?: .*)?$"
)
_BY_SHAPE = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"[A-Z]{2} ?\d{5} ?[A-Z]{2}|"  # the Italian electronic identity card
    r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]|"
    r"\d{3}-\d{2}-\d{4}"  # a social security number of the United States
    r")(?![A-Za-z0-9]|-\d)"
)
_SIGN = "A-HJ-NPR-TV-Z"
_PLATE = re.compile(
    rf"(?<![A-Za-z0-9])[{_SIGN}]{{2}}[ -]?\d{{3}}[ -]?[{_SIGN}]{{2}}(?![A-Za-z0-9])"
)
#: "TV 100 HD" is none.
_NO_PLATE = re.compile(r"(?:TV|PC|HP|LG|HD|CM|KM|KG|MM|GB|MB|TB|AA|CR|LR|RJ)\b")
_CUED_PLATE = re.compile(
    r"(?i:(?<![a-z])(?:targhe|targa|targat[oaie]|(?:number |licen[cs]e |registration )?plates?|"
    r"registration(?: number)?|reg(?:\.|istered)?|vrm)"
    r"(?: [a-z]{1,12}){0,2}?(?:[ :=#]|n[.°]|n(?= )|nr\.? |è|e'|is|numero|number){0,4} ?)"
    r"(?P<value>(?=[A-Za-z0-9 -]{0,8}\d)(?=[0-9 -]{0,8}[A-Za-z])"
    r"(?:(?i:roma)[ -]?[A-Za-z0-9]\d{4,5}|[A-Za-z]{1,3}[ -]?[A-Za-z]?\d[ -]?[A-Za-z]?\d{2,5}"
    r"(?:[ -]?[A-Za-z]{1,3})?|"
    r"[A-Za-z]{2}\d{2}[ -]?[A-Za-z]{3}|[A-Za-z]\d{1,3}[ -]?[A-Za-z]{3}))(?![A-Za-z0-9])"
)
#: British ones look like codes of products, but not after a car.
_BRITISH_PLATE = re.compile(
    r"(?i:(?<![a-z])(?:car|van|lorry|truck|auto|macchina|furgone|camion)[ :,(]{1,3})"
    r"(?P<value>[A-Z]{2}\d{2} ?[A-Z]{3})(?![A-Za-z0-9])"
)
_CAR = re.compile(
    r"(?i:(?<![a-z])(?:auto|macchina|moto|scooter|furgone|camion|veicolo|car|van)\b.{0,20})$"
)


def document_spans(text: str) -> Iterator[Span]:
    """Yield where numbers of documents begin and end."""
    for found in _CUED.finditer(text):
        value = _WORD_AFTER.sub("", found["value"])
        digits = sum(sign.isdigit() for sign in value)
        if digits > _FEWEST or (digits == _FEWEST and not value.isdigit()):
            yield found.start("value"), found.start("value") + len(value)
    yield from (found.span() for found in _BY_SHAPE.finditer(text))


def plate_spans(text: str) -> Iterator[Span]:
    """Yield where number plates begin and end: Italian ones, others after a cue."""
    for pattern in (_CUED_PLATE, _BRITISH_PLATE):
        yield from (found.span("value") for found in pattern.finditer(text))
    for found in _PLATE.finditer(text):
        of_a_car = _CAR.search(text[max(0, found.start() - 30) : found.start()])
        if of_a_car or " " not in found[0] or not _NO_PLATE.match(found[0]):
            yield found.span()
