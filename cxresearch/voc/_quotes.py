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
    count: int,
    min_cell: int,
    seed: int,
    words: Words = NO_WORDS,
) -> tuple[str, ...]:
    """Return some of the texts, redacted, of different customers.

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
    chosen: dict[int, str] = {}
    for text, customer in sorted(
        zip(texts, customers, strict=True), key=lambda pair: (_digest(pair[0], seed), pair[1])
    ):
        if len(chosen) == count:
            break
        if customer not in chosen and text not in chosen.values():
            chosen[customer] = text
    return tuple(_cut(text) for text in redact(chosen.values(), words=words))


def _digest(text: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed} {text}".encode("utf-8", "surrogatepass")).digest()


def _cut(text: str) -> str:
    plain = " ".join(text.split())
    if len(plain) <= _LONGEST:
        return plain
    return plain[:_LONGEST].rsplit(" ", 1)[0] + " \N{HORIZONTAL ELLIPSIS}"
