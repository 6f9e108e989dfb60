"""A few texts to show, drawn by chance and redacted: none is picked for what it says."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from cxresearch.voc._listed_words import NO_WORDS, Words
from cxresearch.voc.redact import redact

#: Letters of a quote; a longer text is cut after a word.
_LONGEST = 240


def quotes(
    texts: Sequence[str],
    customers: Sequence[int],
    *,
    around: Sequence[str] = (),
    count: int,
    min_cell: int,
    seed: int,
    words: Words = NO_WORDS,
) -> tuple[str, ...]:
    """Return some of the texts, redacted, of different customers.

    A long one is cut around the words that `around` has for it.

    They are the first by the digest of the seed and the text, which has nothing to do with what a
    text says and does not depend on the order of the texts. There are none where fewer than
    `min_cell` customers wrote.

    Examples
    --------
    >>> quotes(["Mi chiamo Anna", "ok", "ok"], [1, 2, 3], count=2, min_cell=3, seed=0)
    ('Mi chiamo [name]', 'ok')
    >>> quotes(["ok"], [1], count=2, min_cell=3, seed=0)
    ()
    """
    if len(set(customers)) < min_cell:
        return ()
    chosen: dict[int, tuple[str, str]] = {}
    for text, customer, said in sorted(
        zip(texts, customers, around or [""] * len(texts), strict=True),
        key=lambda one: (_digest(one[0], seed), one[1]),
    ):
        if len(chosen) == count:
            break
        if customer not in chosen and all(text != other for other, _ in chosen.values()):
            chosen[customer] = (text, said)
    redacted = redact((text for text, _ in chosen.values()), words=words)
    spans = (said for _, said in chosen.values())
    return tuple(_cut(*one) for one in zip(redacted, spans, strict=True))


def _digest(text: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed} {text}".encode("utf-8", "surrogatepass")).digest()


def _cut(text: str, around: str = "") -> str:
    """Return a text of at most so many letters, cut between words and around some of them.

    Examples
    --------
    >>> _cut("so " * 100 + "it came late", "came late")[-15:]
    'so it came late'
    """
    plain = " ".join(text.split())
    if len(plain) <= _LONGEST:
        return plain
    place = max(plain.find(" ".join(around.split())), 0)
    start = max(0, min(place - _LONGEST // 2, len(plain) - _LONGEST))
    if start:
        start = plain.find(" ", start) + 1 or start
    cut = plain[start : start + _LONGEST]
    if start + _LONGEST < len(plain):
        cut = cut.rsplit(" ", 1)[0] + " \N{HORIZONTAL ELLIPSIS}"
    return f"\N{HORIZONTAL ELLIPSIS} {cut}" if start else cut
