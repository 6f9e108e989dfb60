"""Texts without personal data, so that they may be quoted."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from cxresearch.core.disk import sha256
from cxresearch.core.documented import documented
from cxresearch.voc.redaction.addresses import address_spans, home_spans
from cxresearch.voc.redaction.birth_dates import birth_date_spans
from cxresearch.voc.redaction.contact_details import (
    Span,
    email_spans,
    handle_spans,
    ip_spans,
    link_spans,
    phone_spans,
)
from cxresearch.voc.redaction.identifiers import (
    ORDER_PATTERNS,
    card_spans,
    document_spans,
    iban_spans,
    order_spans,
    plain,
    plate_spans,
    tax_code_spans,
    vat_spans,
)
from cxresearch.voc.redaction.names import name_spans
from cxresearch.voc.resources import resource
from cxresearch.voc.texts.kept_results import kept_results
from cxresearch.voc.texts.raw_text import (
    FOUND,
    PlainText,
    Taken,
    as_list,
    fold,
    one_by_one,
    readable,
)

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.core.disk import Cache


@dataclass(frozen=True, slots=True)
class Words:
    """The words that a study always redacts, and those that it never does.

    Case, accents and the width of spaces do not matter; a word counts where it stands by itself.

    Parameters
    ----------
    always : tuple of str
        Names that nothing else marks as names: of employees, of a village.
    never : tuple of str
        What looks like personal data and is not: a brand such as "Anna Sui", the shop's own
        address. A value is left where it lies within one of these.
    """

    always: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    def always_spans(self, text: str) -> Iterator[Span]:
        """Yield where a text has words that always go."""
        return _spans(self.always, text)

    def never_spans(self, text: str) -> Iterator[Span]:
        """Yield where a text has words that never go."""
        return _spans(self.never, text)


#: No words of a study.
NO_WORDS = Words()


def _spans(words: Sequence[str], text: str) -> Iterator[Span]:
    if words:
        yield from (found.span() for found in _pattern(tuple(words)).finditer(fold(text)))


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds the longest of the words that stand by themselves."""
    written = sorted((fold(word).split() for word in words), key=lambda one: -len(" ".join(one)))
    parts = (r"\s+".join(map(re.escape, one)) for one in written if one)
    return re.compile("|".join(rf"(?<!\w){part}(?!\w)" for part in parts) or r"(?!)")


Kind = Literal[
    "email",
    "link",
    "iban",
    "tax code",
    "birth date",
    "document",
    "card",
    "VAT number",
    "plate",
    "order",
    "IP address",
    "phone",
    "address",
    "name",
    "handle",
    "redacted",
]
#: What there is to find, by what stands for it.
KINDS: tuple[Kind, ...] = get_args(Kind)
Finder = Callable[[str], Iterator[Span]]

#: Regions whose phone numbers are known without their country's code.
REGIONS = ("IT", "GB", "US")

#: What holds the secret where no key is given: a secret has no place in a notebook.
_KEY_VARIABLE = "CX_REDACT_KEY"
#: How many letters of a keyed code a placeholder shows.
_CODE_LETTERS = 6
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


class Identifier(NamedTuple):
    """Personal data in a text, from `start` up to `end`."""

    kind: Kind
    start: int
    end: int


@documented
def redact(
    texts: Iterable[Any],
    *,
    order_patterns: Sequence[str] = ORDER_PATTERNS,
    regions: Sequence[str] = REGIONS,
    words: Words = NO_WORDS,
    key: str | None = None,
) -> list[str]:
    """Replace personal data in texts by what kind it is.

    Parameters
    ----------
    %(texts)s
    order_patterns : sequence of str, optional
        Regular expressions for the shop's own numbers of orders and tickets; a group named
        ``value`` is what goes, else all.
    regions : sequence of str, default ("IT", "GB", "US")
        Countries, by ISO 3166 code, whose phone numbers are known without the country's code.
    words : Words, optional
        The words that always go and those that never do, as :func:`words_of` reads them from a
        study. What always goes is ``[redacted]`` where no kind below has it already.
    key : str, optional
        A secret of the study. With it, a placeholder carries a code that is the same wherever
        the value is the same. Where it is not given it is the environment variable
        ``CX_REDACT_KEY``; "" is no key, whatever the variable holds.

    Returns
    -------
    list of str
        The texts, without markup and unseen characters, with ``[email]``, ``[link]`` (to a
        profile, or with a key in it), ``[iban]``, ``[tax code]``, ``[birth date]``,
        ``[document]`` (identity card, passport, licence),
        ``[card]``, ``[VAT number]``, ``[plate]``, ``[order]``, ``[IP address]``, ``[phone]``,
        ``[address]``, ``[name]`` and ``[handle]`` in place of what was there.

    Raises
    ------
    %(not_texts)s
    ValueError
        If one of `order_patterns` takes longer than a second over a text.

    Notes
    -----
    Every space, hyphen and digit of Unicode is read as the plain one, and what is not seen is
    passed over. Cards, IBANs, tax codes and VAT numbers count where their check digits do, phone
    numbers where a country's plan has them, or after a cue: "carta", "tel". Dates that are of no
    birth, times, years, quantities, prices and versions stay. How often that succeeds is in
    ``docs/validity.md``.

    A name is known by what is around it ("mi chiamo", "in the name of"), or by a common first name
    before a surname, in a greeting or thanks, or at the end; well-known brands that sound so stay:
    **a name without any of these stays, so a person reads a quote before it is published.** What
    was redacted once is left as it is.

    The code is the beginning of HMAC-SHA256(key, kind and value), so no list of people is kept
    and none can be made without the key.

    Examples
    --------
    >>> redact(["Mi chiamo Anna Bianchi, scrivetemi a anna@example.com", "Ordine n. O123456"])
    ['Mi chiamo [name], scrivetemi a [email]', 'Ordine n. [order]']
    >>> redact(["Sono davvero delusa", "sono Marco Rossi"])
    ['Sono davvero delusa', 'sono [name]']
    """
    found = identifiers_of(
        map(readable, as_list(texts)), order_patterns=order_patterns, regions=regions, words=words
    )
    return [without_identifiers(one, key) for one in found]


def personal_data(
    text: str,
    *,
    order_patterns: Sequence[str] = ORDER_PATTERNS,
    regions: Sequence[str] = REGIONS,
    words: Words = NO_WORDS,
) -> list[Identifier]:
    """Return where a readable text holds personal data, in order, without overlaps.

    Parameters
    ----------
    text : str
        The text.
    order_patterns, regions, words
        As in :func:`redact`.

    Examples
    --------
    >>> personal_data("Il mio IBAN è GB82 WEST 1234 5698 7654 32")
    [Identifier(kind='iban', start=14, end=41)]
    """
    return _find_all(text, _finders(tuple(order_patterns), tuple(regions)), words)


def redaction_counts(texts: Iterable[Any], *, words: Words = NO_WORDS) -> pd.DataFrame:
    """Count the personal data that :func:`redact` takes out of texts.

    Parameters
    ----------
    texts : iterable of str
        The texts; a missing one is empty.
    words : Words, optional
        As in :func:`redact`.

    Returns
    -------
    pandas.DataFrame
        One row per kind, the most frequent first: `placeholder` (what stands for it in a redacted
        text), `found` (how often) and `texts` (in how many of them).

    Examples
    --------
    >>> redaction_counts(["Scrivetemi a anna@example.com", "ok"]).to_numpy().tolist()
    [['[email]', 1, 1]]
    """
    return count_identifiers(identifiers_of(map(readable, as_list(texts)), words=words))


class TextIdentifiers(NamedTuple):
    """A text without markup and unseen characters, and the personal data in it."""

    text: str
    identifiers: list[Identifier]


def identifiers_of(
    texts: Iterable[str],
    *,
    order_patterns: Sequence[str] = ORDER_PATTERNS,
    regions: Sequence[str] = REGIONS,
    words: Words = NO_WORDS,
    cache: Cache | None = None,
) -> list[TextIdentifiers]:
    """Return the personal data in each readable text; what was written twice is read once."""
    plain_texts = list(texts)
    finders = _finders(tuple(order_patterns), tuple(regions))

    def find(new: list[str], _: list[str]) -> Iterator[list[Identifier]]:
        for text in one_by_one(new, what="texts redacted"):
            yield _find_all(text, finders, words)

    decides = [order_patterns, regions, words.always, words.never, sha256(resource("names.yaml"))]
    with kept_results(cache, "identifiers", decides) as kept:
        found = kept.of(plain_texts, find)
    return [
        TextIdentifiers(text, [Identifier(*one) for one in of_text])
        for text, of_text in zip(plain_texts, found, strict=True)
    ]


def count_identifiers(found: Iterable[TextIdentifiers]) -> pd.DataFrame:
    """Return how often each kind was found, as :func:`redaction_counts` does."""
    import pandas as pd

    times: Counter[str] = Counter()
    of_texts: Counter[str] = Counter()
    for _, identifiers in found:
        kinds = [one.kind for one in identifiers]
        times.update(kinds)
        of_texts.update(set(kinds))
    rows = [(f"[{kind}]", count, of_texts[kind]) for kind, count in times.most_common()]
    return pd.DataFrame(rows, columns=["placeholder", "found", "texts"])


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


def without_identifiers(found: TextIdentifiers, key: str | None = None) -> str:
    """Return a text with a placeholder for each of its personal data, as :func:`redact` does."""
    secret = os.environ.get(_KEY_VARIABLE, "") if key is None else key
    text = found.text
    parts: list[str] = []
    done = 0
    for kind, start, end in found.identifiers:
        code = f" {_code(kind, text[start:end], secret)}" if secret else ""
        parts += [text[done:start], f"[{kind}{code}]"]
        done = end
    return "".join([*parts, text[done:]])


def _code(kind: str, value: str, key: str) -> str:
    """Return a code of a value that does not change with spaces, dashes and case."""
    value = plain(PlainText.of(value).text).lower()
    digest = hmac.new(key.encode(), f"{kind}:{value}".encode(), hashlib.sha256)
    return digest.hexdigest()[:_CODE_LETTERS]


def _find_all(text: str, finders: Any, words: Words) -> list[Identifier]:
    """Return what is found, and what is found in what is left, until nothing is."""
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
