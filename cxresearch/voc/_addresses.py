"""Where somebody lives: streets with a number, in Italian and English."""

from __future__ import annotations

import re
from collections.abc import Iterator

_STREET = (
    r"(?:via|viale|v\.le|piazza|p\.zza|piazzale|p\.le|corso|c\.so|largo|vicolo|strada|"
    r"lungomare|contrada|località|loc\.|frazione|fraz\.|borgo|salita|rione)"
)
_CAPITAL = r"[A-ZÀ-Ý][\w'.]*"
_SMALL = r"(?:d[aei]l?(?:l[aeo'])?|degli|dei|d'|san|santa|s\.|ss\.|\d{1,2})"
_NAME = rf"(?:{_SMALL}\s?){{0,2}}{_CAPITAL}(?:\s(?:{_SMALL}\s)?{_CAPITAL}){{0,3}}"
#: "via mail 3 volte" and "via PayPal in 2 minuti" are no streets.
_ANY_WORD = (
    r"(?!(?:e|ed|o|che|per|con|in|a|su|tra|ha|ho|mail|e-mail|email|pec|web|internet|sms|chat|"
    r"fax|telefono|paypal|whatsapp|app|bonifico)\b)[^\W\d_][\w'.]*"
)
_ANY_NAME = rf"{_ANY_WORD}(?:\s{_ANY_WORD}){{0,3}}"
_NUMBER = (
    r"(?:(?:\s?,\s?|\s)(?:n\.?|nr\.?|n°|num\.?|numero|civico|civ\.?)?\s?"
    r"\d{1,4}(?:\s?[/-]?\s?[a-zA-Z]\b)?"
    r"(?!\d|[.,]\d|\s?%|\s?(?:€|euro|giorni|ore|min|km|metri|mt|m)\b))"
)
_TOWN = (
    rf"(?:,?\s(?:-\s)?(?:cap\s)?\d{{5}}(?:\s{_CAPITAL}(?:\s{_CAPITAL}){{0,2}})?"
    r"(?:\s\([A-Z]{2}\))?)?"
)
#: A street with its number is an address in any case: "via roma 12".
_ITALIAN = re.compile(rf"(?i:\b{_STREET}\s(?:{_ANY_NAME})){_NUMBER}{_TOWN}")
#: Without a number it must be where somebody lives: a square is also just a square.
_LIVES = re.compile(
    r"(?i:\b(?:abito|abitiamo|vivo|viviamo|risiedo|residente|domiciliat[oa]|casa mia|"
    r"indirizzo(?: di \w+)?(?: è|:)?|"
    r"(?:spedi\w+|consegn\w+|recapit\w+)(?: il pacco| l'ordine)?)\s(?:in|a|al|è)?\s?)"
    rf"(?P<address>(?i:{_STREET})\s{_NAME}{_TOWN})"
)
_ENGLISH_STREET = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Close|Way|Court|Ct|Square|Sq|Place|Pl|"
    r"Terrace|Boulevard|Blvd|Crescent|Gardens|Grove|Hill|Mews|Row|Walk|Parade)"
)
_POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}"
_ENGLISH = re.compile(
    r"\b(?:(?i:flat|apartment|apt\.?|unit)\s\w{1,4},?\s)?\d{1,5}[A-Za-z]?,?\s"
    rf"(?:[A-Z][\w'.]*\s){{1,3}}{_ENGLISH_STREET}\b\.?"
    rf"(?:,\s[A-Z][\w']+(?:\s[A-Z][\w']+)?)?(?:,?\s{_POSTCODE}\b)?"
)
_ENGLISH_SMALL = re.compile(
    r"(?i:\b\d{1,5}\s(?:[a-z']+\s){1,2}(?:street|road|avenue|lane|crescent|terrace|gardens)\b)"
)
_UK_POSTCODE = re.compile(rf"\b{_POSTCODE}\b")


def address_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield where addresses begin and end."""
    for pattern in (_ITALIAN, _ENGLISH, _ENGLISH_SMALL, _UK_POSTCODE):
        for found in pattern.finditer(text):
            yield found.span()
    for found in _LIVES.finditer(text):
        yield found.span("address")
