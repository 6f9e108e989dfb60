"""Texts without personal data, so that they may be quoted."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cxresearch.core.disk import sha256
from cxresearch.core.documented import documented
from cxresearch.voc.redaction.kinds import NO_WORDS, Identifier, Words
from cxresearch.voc.redaction.order_numbers import ORDER_PATTERNS
from cxresearch.voc.resources import resource
from cxresearch.voc.texts.kept_results import kept_results
from cxresearch.voc.texts.raw_text import PlainText, as_list, one_by_one, readable

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.core.disk import Cache


#: Regions whose phone numbers are known without their country's code.
REGIONS = ("IT", "GB", "US")

#: What holds the secret where no key is given: a secret has no place in a notebook.
_KEY_VARIABLE = "CX_REDACT_KEY"
#: How many letters of a keyed code a placeholder shows.
_CODE_LETTERS = 6


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
    # To compile all patterns takes longer than to take up what was found in a study before.
    from cxresearch.voc.redaction.finders import find_all

    return find_all(text, tuple(order_patterns), tuple(regions), words)


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

    def find(new: list[str], _: list[str]) -> Iterator[list[Identifier]]:
        for text in one_by_one(new, what="texts redacted"):
            yield personal_data(text, order_patterns=order_patterns, regions=regions, words=words)

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

    kinds = [[one.kind for one in identifiers] for _, identifiers in found if identifiers]
    times: Counter[str] = Counter(kind for each in kinds for kind in each)
    of_texts: Counter[str] = Counter(kind for each in kinds for kind in set(each))
    rows = [(f"[{kind}]", count, of_texts[kind]) for kind, count in times.most_common()]
    return pd.DataFrame(rows, columns=["placeholder", "found", "texts"])


def without_identifiers(found: TextIdentifiers, key: str | None = None) -> str:
    """Return a text with a placeholder for each of its personal data, as :func:`redact` does."""
    text = found.text
    if not found.identifiers:
        return text
    secret = os.environ.get(_KEY_VARIABLE, "") if key is None else key
    parts: list[str] = []
    done = 0
    for kind, start, end in found.identifiers:
        code = f" {_code(kind, text[start:end], secret)}" if secret else ""
        parts += [text[done:start], f"[{kind}{code}]"]
        done = end
    return "".join([*parts, text[done:]])


def _code(kind: str, value: str, key: str) -> str:
    """Return a code of a value that does not change with spaces, dashes and case."""
    from cxresearch.voc.redaction.identifiers import plain

    value = plain(PlainText.of(value).text).lower()
    digest = hmac.new(key.encode(), f"{kind}:{value}".encode(), hashlib.sha256)
    return digest.hexdigest()[:_CODE_LETTERS]
