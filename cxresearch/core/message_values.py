"""How a value is put in a message: after its article, and without turning the words around it.

Italian has an article for the sound of a number: *il 9,7%*, *dell'8%*, *dallo 0,8%*. A catalogue
asks for it where the message has the value: ``{share:del} dei clienti``.
"""

from __future__ import annotations

import re
from typing import Any

#: Before a consonant, before a vowel, before an s with a consonant or a z.
_SINGULAR = ("l ", "ll'", "llo ")
_PLURAL = ("i ", "gli ", "gli ")
#: The forms of each article, named by its form before a consonant.
ARTICLES = {
    "il": ("il ", "l'", "lo "),
    "i": _PLURAL,
    **{f"{start}l": tuple(start + end for end in _SINGULAR) for start in ("de", "a", "da", "ne")},
    "sul": ("sul ", "sull'", "sullo "),
    "dei": ("dei ", "degli ", "degli "),
}
#: Letters that are written from right to left, and marks that turn the direction of what follows.
_TURNING = re.compile("[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc]")
_FIRST_STRONG, _POP = "\u2068", "\u2069"
_OPENING = "\u2066\u2067\u2068"
_NUMBER = re.compile(r"\d{1,3}(?:\.\d{3})+|\d+")


def with_article(article: str, words: str) -> str:
    """Return words that begin with a number, after the article that its sound asks for.

    Parameters
    ----------
    article : str
        A key of :data:`ARTICLES`, with a capital where the sentence begins.
    words : str
        The words, as Italian writes numbers; marks may stand before the number.

    Examples
    --------
    >>> [with_article("del", number) for number in ("9,7%", "8%", "0,5%", "11%", "1,2%")]
    ['del 9,7%', "dell'8%", 'dello 0,5%', "dell'11%", "dell'1,2%"]
    >>> [with_article("dal", day) for day in ("1º mar 2026", "8 giu 2026", "11 giu 2026")]
    ['dal 1º mar 2026', "dall'8 giu 2026", "dall'11 giu 2026"]
    >>> with_article("I", "18 clienti"), with_article("i", "8 clienti")
    ('I 18 clienti', 'gli 8 clienti')
    """
    form = ARTICLES[article.lower()][_sound(words)]
    return (form.capitalize() if article[0].isupper() else form) + words


def _sound(words: str) -> int:
    """Return how the number that words begin with sounds: 0 consonant, 1 vowel, 2 *zero*.

    Read aloud, *uno*, *otto*, *ottanta*, *undici* and *un milione* begin with a vowel; *cento*,
    *mille*, *primo* and a minus do not.
    """
    found = _NUMBER.search(words)
    if (
        found is None
        or words.startswith("º", found.end())
        or "\N{MINUS SIGN}" in words[: found.start()]
    ):
        return 0
    first, *thousands = found[0].split(".")
    if int(first) == 0:
        return 2
    is_one = int(first) == 1 and len(thousands) != 1  # *uno*, *un milione*, and not *mille*
    return int(first[0] == "8" or int(first) == 11 or is_one)


class Worded(str):
    """A value in words, before which a message may ask for an article: ``{share:del}``."""

    __slots__ = ()

    def __format__(self, article: str) -> str:
        return with_article(article, str(self)) if article else str(self)


def apart(value: Any) -> Any:
    """Return a text that cannot turn the direction of the words around it (UAX 9, isolates)."""
    if not isinstance(value, str):
        return value
    if not _TURNING.search(value):
        return Worded(value)
    kept, depth = "", 0
    for letter in value:
        if letter == _POP and not depth:
            continue  # it would end the isolate round the text
        depth += (letter in _OPENING) - (letter == _POP)
        kept += letter
    return Worded(f"{_FIRST_STRONG}{kept}{_POP * (depth + 1)}")
