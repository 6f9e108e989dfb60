"""Where a text holds personal data, by all that looks for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from cxresearch.voc.redaction.addresses import address_spans, home_spans
from cxresearch.voc.redaction.birth_dates import birth_date_spans
from cxresearch.voc.redaction.contact_details import (
    email_spans,
    handle_spans,
    ip_spans,
    link_spans,
    phone_spans,
)
from cxresearch.voc.redaction.identifiers import (
    card_spans,
    document_spans,
    iban_spans,
    plate_spans,
    tax_code_spans,
    vat_spans,
)
from cxresearch.voc.redaction.kinds import KINDS, Identifier, Kind, Span, Words
from cxresearch.voc.redaction.names import name_spans
from cxresearch.voc.redaction.order_numbers import ORDER_PATTERNS, order_spans
from cxresearch.voc.texts.raw_text import FOUND, PlainText, Taken

Finder = Callable[[str], Iterator[Span]]

_PLACEHOLDER = re.compile(rf"\[(?:{'|'.join(KINDS)})(?: [0-9a-f]+)?\]")
_DIGIT = re.compile(r"\d")
#: What needs no digit, and what has one; the surer kind first.
_WITHOUT_DIGITS: tuple[tuple[Kind, Finder], ...] = (
    ("email", email_spans),
    ("link", link_spans),
    ("address", home_spans),
    ("name", name_spans),
    ("handle", handle_spans),
)
_WITH_DIGITS: tuple[tuple[Kind, Finder], ...] = (
    ("iban", iban_spans),
    ("tax code", tax_code_spans),
    ("birth date", birth_date_spans),
    ("document", document_spans),
    ("card", card_spans),
    ("VAT number", vat_spans),
    ("plate", plate_spans),
    ("IP address", ip_spans),
)


@cache
def _finders(
    order_patterns: tuple[str, ...], regions: tuple[str, ...]
) -> dict[bool, tuple[tuple[Kind, Finder], ...]]:
    """Return what to look for, by whether a text has a digit; the surer kind first."""
    orders = tuple(re.compile(pattern) for pattern in order_patterns)

    def spans_of_orders(text: str) -> Iterator[Span]:
        return order_spans(text, orders)

    def spans_of_phones(text: str) -> Iterator[Span]:
        return phone_spans(text, regions)

    numbers: tuple[tuple[Kind, Finder], ...] = (
        *_WITH_DIGITS,
        ("order", spans_of_orders),
        ("phone", spans_of_phones),
        ("address", address_spans),
    )
    found = sorted((*numbers, *_WITHOUT_DIGITS), key=lambda one: KINDS.index(one[0]))
    # A shop's own numbers may be words.
    bare = (*_WITHOUT_DIGITS[:2], ("order", spans_of_orders), *_WITHOUT_DIGITS[2:])
    return {
        True: tuple(found),
        False: _WITHOUT_DIGITS if order_patterns == ORDER_PATTERNS else bare,
    }


def find_all(
    text: str, order_patterns: tuple[str, ...], regions: tuple[str, ...], words: Words
) -> list[Identifier]:
    """Return what is found, and what is found in what is left, until nothing is."""
    finders = _finders(order_patterns, regions)
    seen = PlainText.of(text)
    if "[" in seen.text:
        seen = seen.without(found.span() for found in _PLACEHOLDER.finditer(seen.text))
    kept: list[Identifier] = []
    while new := _find_once(seen.text, finders[bool(_DIGIT.search(seen.text))], words):
        places = seen.places
        kept += [Identifier(kind, places[start], places[end]) for kind, start, end in new]
        seen = seen.without((start, end) for _, start, end in new)
    return sorted(kept, key=lambda found: found.start)


def _find_once(text: str, finders: Sequence[tuple[Kind, Finder]], words: Words) -> list[Identifier]:
    """Return what is found in one reading, the surer kind where two overlap."""
    never = list(words.never_spans(text))
    taken = Taken(len(text))
    kept: list[Identifier] = []
    for kind, spans in (*finders, ("redacted", words.always_spans)):
        for start, end in spans(text):
            if start == end or not taken.is_free(start, end) or FOUND in text[start:end]:
                continue
            if kind != "redacted" and any(a <= start and end <= b for a, b in never):
                continue
            kept.append(Identifier(kind, start, end))
            taken.take(start, end)
    return kept
