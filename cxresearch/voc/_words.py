"""Words of a text with their places and their dictionary forms; accents and case do not matter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

_WORD = re.compile(r"[^\W_]+")
#: Beyond these, letters have no accents that people leave out.
_LAST_LATIN = 0x24F
#: Several readings of one text follow each other; the texts before it are not met again.
_READ_TOGETHER = 32
_SUPERLATIVE = re.compile("(..+)issim[oaie]")
_WITH_PRONOUN = re.compile("(..+r)(?:(?:me|te|ce|ve|glie|se)?(?:l[oaie]|ne)|[mtcvs]i|gli)")


#: What people type for an apostrophe.
APOSTROPHES = (
    "\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}"
    "\N{ACUTE ACCENT}\N{PRIME}`"
)
_STRAIGHT = dict.fromkeys(map(ord, APOSTROPHES), "'")


def _folding() -> dict[int, str]:
    """Return each accented letter with its plain one, and each apostrophe with the straight one."""
    letters = map(chr, range(0xC0, _LAST_LATIN + 1))
    plain = {ord(letter): unicodedata.normalize("NFD", letter)[0].lower() for letter in letters}
    return plain | _STRAIGHT


_FOLDING = _folding()


@lru_cache(maxsize=_READ_TOGETHER)
def fold(text: str) -> str:
    """Return a text in small letters without accents, every character in its place.

    Examples
    --------
    >>> fold("Perché L'ORDINE è così")
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


@lru_cache(maxsize=_READ_TOGETHER)
def word_set(folded: str) -> frozenset[str]:
    """Return the words of a folded text, each once.

    Examples
    --------
    >>> sorted(word_set("non c'e, non so"))
    ['c', 'e', 'non', 'so']
    """
    return frozenset(_WORD.findall(folded))


def straight(text: str) -> str:
    """Return a text with every apostrophe as the straight one, every character in its place."""
    return text.translate(_STRAIGHT)


@cache
def root(word: str, language: str) -> str | None:
    """Return the dictionary form of a word, folded; None of a word that is not in the dictionary.

    Examples
    --------
    >>> root("spedizioni", "it"), root("velocissima", "it"), root("rimborsarmi", "it")
    ('spedizione', 'veloce', 'rimborsare')
    >>> root("deliveries", "en"), root("consenga", "it")
    ('delivery', None)
    """
    import simplemma

    small = word.lower()
    for known in (small, *_italian_stems(small)) if language == "it" else (small,):
        if simplemma.is_known(known, language):
            return fold(simplemma.lemmatize(known, language))
    return None


def _italian_stems(word: str) -> Iterator[str]:
    """Yield what a superlative, or a verb with its pronoun, may come from."""
    if superlative := _SUPERLATIVE.fullmatch(word):
        yield from (superlative[1] + "o", superlative[1] + "e")
    if verb := _WITH_PRONOUN.fullmatch(word):
        yield verb[1] + "e"
