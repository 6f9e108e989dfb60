"""Words of a text with their places and their dictionary forms; accents and case do not matter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

_WORD = re.compile(r"[^\W_]+")
#: Beyond these, letters have no accents that people leave out.
_LAST_LATIN = 0x24F
_SUPERLATIVE = re.compile("(..+)issim[oaie]")


def _folding() -> dict[int, str]:
    """Return each accented letter with its plain one, and each apostrophe with the straight one."""
    letters = map(chr, range(0xC0, _LAST_LATIN + 1))
    plain = {ord(letter): unicodedata.normalize("NFD", letter)[0].lower() for letter in letters}
    return plain | dict.fromkeys(map(ord, "’‘`´ʼ′"), "'")


_FOLDING = _folding()


def fold(text: str) -> str:
    """Return a text in small letters without accents, every character in its place.

    Examples
    --------
    >>> fold("Perché L’ORDINE è così")
    "perche l'ordine e cosi"
    """
    folded = text.translate(_FOLDING)
    lower = folded.lower()
    # No letter that is left grows when it is lowered, so places stay what they were.
    return lower if len(lower) == len(text) else folded


def words(folded: str) -> Iterator[re.Match[str]]:
    """Yield each word of a folded text; what an apostrophe or a hyphen joins are two.

    Examples
    --------
    >>> [word[0] for word in words("l'e-mail non c'e")]
    ['l', 'e', 'mail', 'non', 'c', 'e']
    """
    return _WORD.finditer(folded)


@cache
def lemma(word: str, language: str) -> str:
    """Return the dictionary form of a word as it was written, folded.

    Examples
    --------
    >>> lemma("spedizioni", "it"), lemma("velocissima", "it"), lemma("deliveries", "en")
    ('spedizione', 'veloce', 'delivery')
    """
    import simplemma

    small = word.lower()
    if language == "it" and (superlative := _SUPERLATIVE.fullmatch(small)):
        for ending in "oe":
            if is_known(superlative[1] + ending, language):
                return fold(superlative[1] + ending)
    return fold(simplemma.lemmatize(small, language))


def is_known(word: str, language: str) -> bool:
    """Return whether the dictionary of a language has a word."""
    import simplemma

    return bool(simplemma.is_known(word, language))
