"""What the state gives: identity cards, passports, licences, insurance numbers, number plates."""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]

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
    r"[ -][A-Za-z]{3,}.*$|[ -](?:e|è|a|o|i|and|is|il|la|di|in|on|per)(?: .*)?$"
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
    yield from (found.span("value") for found in _CUED_PLATE.finditer(text))
    for found in _PLATE.finditer(text):
        of_a_car = _CAR.search(text[max(0, found.start() - 30) : found.start()])
        if of_a_car or " " not in found[0] or not _NO_PLATE.match(found[0]):
            yield found.span()
