"""Texts without what tells who wrote them, so that they may be quoted."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Literal, NamedTuple

from cxresearch.voc._addresses import address_spans
from cxresearch.voc._identifiers import IBAN_LENGTH, is_card, is_iban, is_tax_code, is_vat_number
from cxresearch.voc._names import name_spans
from cxresearch.voc._progress import one_by_one
from cxresearch.voc._spans import Taken
from cxresearch.voc._texts import listed, readable
from cxresearch.voc._words import straight

Kind = Literal[
    "email", "iban", "card", "tax code", "VAT number", "phone", "order", "address", "name", "handle"
]
Span = tuple[int, int]

#: What an order, a ticket or a parcel is called by. A study with other ones gives its own.
ORDER_PATTERNS = (
    r"(?i:\b(?:ordin[ei]|order|pratica|ticket|tracking|spedizione|reso|pacco|fattura|invoice|rma|"
    r"numero d'ordine|codice cliente|customer (?:number|code|id)|parcel|reference|ref\.?|rif\.?)"
    r"(?:\s(?:number|numero|id|code|codice|di spedizione))?\s?(?:è|e'|is)?\s?"
    r"(?:n\.?|nr\.?|n°|num\.?|no\.?|numero|number|#|:)*\s?)#?"
    r"(?P<value>(?=[\w/-]*\d{3})[A-Z0-9][A-Za-z0-9]*(?:[-/][A-Za-z0-9]+)*)\b",
    r"#(?P<value>\d{4,})\b",
    r"\b(?P<value>[A-Z]{1,4}-?\d{5,})\b",
)
#: Regions whose phone numbers are known without their country's code.
REGIONS = ("IT", "GB", "US")

#: What holds the secret where no key is given: a secret has no place in a notebook.
_KEY_VARIABLE = "CX_REDACT_KEY"
#: How many letters of a keyed code a placeholder shows.
_CODE_LETTERS = 6
_PLACEHOLDER = re.compile(
    r"\[(?:email|iban|card|tax code|VAT number|phone|order|address|name|handle)(?: [0-9a-f]+)?\]"
)
_EMAIL = re.compile(
    r"(?i:[\w.%+'-]{1,64}\s?(?:@|\[at\]|\(at\)|\bchiocciola\b)\s?[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,4}\.[a-z]{2,12}\b)"
)
#: The length of what is of no country; its check fails.
_NO_IBAN = 20
_IBAN_START = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}")
_CARD = re.compile(r"(?<![\w+])\d(?:[ -]?\d){12,18}(?!\w)")
_TAX_CODE = re.compile(
    r"(?i:\b[A-Z]{6}[0-9LMNP-V]{2}[ABCDEHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]\b)"
)
_VAT = re.compile(
    r"(?i:(?P<cue>\b(?:p\.?\s?iva|partita iva|vat(?: number| no\.?)?)\W{0,3}))?"
    r"(?:IT ?)?(?<!\d)(?P<value>\d{11})(?!\d)"
)
_PHONE = re.compile(r"(?<![\w/.,-])(?:\+|00)?\(?\d(?:[ ./()-]{0,2}\d){5,14}(?![\w/]|[.,]\d)")
_DATE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}")
_PHONE_CUE = re.compile(
    r"(?i:(?:\b(?:tel|telefono|cell|cellulare|numero|chiamat\w+|whatsapp|phone|mobile|call|number|ring|text)\b"
    r"[^.;!?\d]{0,20}))$"
)
_HANDLE = re.compile(r"(?<![\w.@])@[A-Za-z_]\w{2,30}\b")


class Found(NamedTuple):
    """Personal data in a text, from `start` up to `end`."""

    kind: Kind
    start: int
    end: int


def redact(
    texts: Iterable[Any],
    *,
    order_patterns: Sequence[str] = ORDER_PATTERNS,
    regions: Sequence[str] = REGIONS,
    key: str | None = None,
) -> list[str]:
    """Replace personal data in texts by what kind it is.

    Parameters
    ----------
    texts : iterable of str, length n
        The texts; a missing one is empty.
    order_patterns : sequence of str, optional
        Regular expressions for the shop's own numbers of orders and tickets; a group named
        ``value`` is what goes, else all.
    regions : sequence of str, default ("IT", "GB", "US")
        Countries, by ISO 3166 code, whose phone numbers are known without the country's code.
    key : str, optional
        A secret of the study. With it, a placeholder carries a code that is the same wherever
        the value is the same. Where it is not given it is the environment variable
        ``CX_REDACT_KEY``; "" is no key, whatever the variable holds.

    Returns
    -------
    list of str
        The texts, without markup and unseen characters, with ``[email]``, ``[iban]``,
        ``[card]``, ``[tax code]``, ``[VAT number]``, ``[phone]``, ``[order]``, ``[address]``,
        ``[name]`` and ``[handle]`` in place of what was there.

    Raises
    ------
    TypeError
        If `texts` holds what is neither text nor missing.

    Notes
    -----
    Cards, IBANs, tax codes and VAT numbers count where their check digits do, phone numbers where
    a country's plan has them, or after a cue. A name is known by what is around it ("mi chiamo",
    "in the name of"), or by a common first name before a surname: **a name without either stays,
    so a person reads a quote before it is published.** What was redacted once is left as it is.
    The code is the beginning of HMAC-SHA256(key, kind and value), so no list of people is kept
    and none can be made without the key.

    Examples
    --------
    >>> redact(["Mi chiamo Anna Bianchi, scrivetemi a anna@example.com", "Ordine n. O123456"])
    ['Mi chiamo [name], scrivetemi a [email]', 'Ordine n. [order]']
    >>> redact(["Sono davvero delusa", "sono Marco Rossi"])
    ['Sono davvero delusa', 'sono [name]']
    """
    orders = tuple(re.compile(pattern) for pattern in order_patterns)
    secret = os.environ.get(_KEY_VARIABLE, "") if key is None else key
    return [
        _redacted(readable(text), orders, tuple(regions), secret)
        for text in one_by_one(listed(texts), what="texts redacted")
    ]


def personal_data(
    text: str,
    *,
    order_patterns: Sequence[str] = ORDER_PATTERNS,
    regions: Sequence[str] = REGIONS,
) -> list[Found]:
    """Return where a readable text holds personal data, in order, without overlaps.

    Parameters
    ----------
    text : str
        The text.
    order_patterns, regions
        As in :func:`redact`.

    Examples
    --------
    >>> personal_data("Il mio IBAN è GB82 WEST 1234 5698 7654 32")
    [Found(kind='iban', start=14, end=41)]
    """
    orders = tuple(re.compile(pattern) for pattern in order_patterns)
    return _found(text, orders, tuple(regions))


def _redacted(
    text: str, orders: Sequence[re.Pattern[str]], regions: Sequence[str], key: str
) -> str:
    parts: list[str] = []
    done = 0
    for kind, start, end in _found(text, orders, regions):
        code = f" {_code(kind, text[start:end], key)}" if key else ""
        parts += [text[done:start], f"[{kind}{code}]"]
        done = end
    return "".join([*parts, text[done:]])


def _code(kind: str, value: str, key: str) -> str:
    """Return a code of a value that does not change with spaces, dashes and case."""
    value = _plain(value).lower()
    digest = hmac.new(key.encode(), f"{kind}:{value}".encode(), hashlib.sha256)
    return digest.hexdigest()[:_CODE_LETTERS]


def _plain(value: str) -> str:
    return re.sub(r"[\W_]+", "", value)


def _found(text: str, orders: Sequence[re.Pattern[str]], regions: Sequence[str]) -> list[Found]:
    """Return what was found, the surer kind first where two overlap."""
    finders: tuple[tuple[Kind, Callable[[str], Iterator[Span]]], ...] = (
        ("email", lambda text: (found.span() for found in _EMAIL.finditer(text))),
        ("iban", _iban_spans),
        ("tax code", _tax_code_spans),
        ("card", _card_spans),
        ("VAT number", _vat_spans),
        ("order", lambda text: _order_spans(text, orders)),
        ("phone", lambda text: _phone_spans(text, regions)),
        ("address", address_spans),
        ("name", name_spans),
        ("handle", lambda text: (found.span() for found in _HANDLE.finditer(text))),
    )
    text = straight(text)
    taken = Taken(len(text))
    for placeholder in _PLACEHOLDER.finditer(text):
        taken.take(*placeholder.span())
    kept: list[Found] = []
    for kind, spans in finders:
        for start, end in spans(text):
            if taken.is_free(start, end):
                kept.append(Found(kind, start, end))
                taken.take(start, end)
    return sorted(kept, key=lambda found: found.start)


def _iban_spans(text: str) -> Iterator[Span]:
    for start in _IBAN_START.finditer(text):
        found = _iban_rest(start[0][:2].upper()).match(text, start.end())
        if found and is_iban(_plain(text[start.start() : found.end()]).upper()):
            yield start.start(), found.end()


@cache
def _iban_rest(country: str) -> re.Pattern[str]:
    """Return what follows the check digits: all in one, or in groups of four."""
    length = IBAN_LENGTH.get(country, _NO_IBAN) - 4
    fours, rest = divmod(length, 4)
    sign = "[A-Za-z0-9]"
    groups = f"(?:[ -]{sign}{{4}}){{{fours}}}[ -]?{sign}{{{rest}}}"
    return re.compile(f"(?:{sign}{{{length}}}|{groups})(?!{sign})")


def _tax_code_spans(text: str) -> Iterator[Span]:
    return (found.span() for found in _TAX_CODE.finditer(text) if is_tax_code(found[0].upper()))


def _card_spans(text: str) -> Iterator[Span]:
    return (found.span() for found in _CARD.finditer(text) if is_card(re.sub("[ -]", "", found[0])))


def _vat_spans(text: str) -> Iterator[Span]:
    return (
        found.span("value")
        for found in _VAT.finditer(text)
        if found["cue"] or is_vat_number(found["value"])
    )


def _order_spans(text: str, orders: Sequence[re.Pattern[str]]) -> Iterator[Span]:
    for pattern in orders:
        part = "value" if "value" in pattern.groupindex else 0
        for found in pattern.finditer(text):
            yield found.span(part)


def _phone_spans(text: str, regions: Sequence[str]) -> Iterator[Span]:
    for found in _PHONE.finditer(text):
        written = found[0]
        is_cued = bool(_PHONE_CUE.search(text, max(0, found.start() - 40), found.start()))
        if _DATE.fullmatch(written):
            continue
        if is_cued or written.startswith(("+", "00")) or _is_phone(written, regions):
            yield found.span()


def _is_phone(written: str, regions: Sequence[str]) -> bool:
    """Return whether a number is one of a region's plan."""
    import phonenumbers

    for region in regions:
        try:
            number = phonenumbers.parse(written, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return True
    return False
