"""What customers wrote, from any container, as text that can be read."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core import validate
from cxresearch.voc.resources import content

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What a mail program leaves: comments, style sheets, and tags with a name. "<3" is none of them.
#: Each stops where the next of its kind begins, or a text of openings only would take hours.
_MARKUP = re.compile(
    r"<!--(?:(?!<!--(?!>)).)*?-->|"
    r"<(script|style)\b[^<>]{0,2000}>(?:(?!<(?:script|style)\b).)*?</\1\s*>|"
    r"</?[a-z][^<>]{0,2000}>",
    re.IGNORECASE | re.DOTALL,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,30});")
#: Controls but tab and line ends, the marks that turn the direction of writing, and what no file
#: can hold: halves of emoji, and the two codes that are no character.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
    "\ud800-\udfff\ufffe\uffff]"
)


def as_list(texts: Iterable[Any], name: str = "texts") -> list[str]:
    """Return texts from any container as a list; a missing one (None, nan) is empty.

    Raises
    ------
    TypeError
        If `texts` is one text, or holds what is neither text nor missing.

    Examples
    --------
    >>> as_list(["ok", None, float("nan")])
    ['ok', '', '']
    """
    if isinstance(texts, str | bytes):
        raise TypeError(f"{name} must be a sequence of texts; got one text, {texts!r:.60}")
    found = list(texts)
    wrong = [one for one in found if not (isinstance(one, str) or is_missing(one))]
    if wrong:
        rule = f"texts ({len(wrong)} of {len(found)} are not)"
        raise TypeError(f"{name} must be {rule}; got {wrong[0]!r:.60}")
    return [one if isinstance(one, str) else "" for one in found]


def per_text(values: str | Iterable[Any] | None, n: int, name: str) -> Sequence[str | None]:
    """Return one value per text: the same for all, or one each; a missing one is None.

    Raises
    ------
    ValueError
        If there are more or fewer values than texts.
    """
    if values is None or isinstance(values, str):
        return [values] * n
    found = [one or None for one in as_list(values, name)]
    validate.one_of(f"the length of {name}", len(found), (n,))
    return found


def readable(text: str) -> str:
    """Return a text without markup and unseen characters, each letter as one character.

    Examples
    --------
    >>> readable("<p>Non &egrave; <b>arrivato</b></p>")
    ' Non è  arrivato  '
    """
    if "<" in text:
        text = _MARKUP.sub(" ", text)
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text))


def is_missing(value: Any) -> bool:
    """Return whether a value is None, nan, or what pandas has for them."""
    import pandas as pd

    return pd.api.types.is_scalar(value) and bool(pd.isna(value))


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
def distinct_words(folded: str) -> frozenset[str]:
    """Return the words of a folded text, each once.

    Examples
    --------
    >>> sorted(distinct_words("non c'e, non so"))
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


class Taken:
    """Which characters of a text are taken; asking costs the same however many there are.

    Parameters
    ----------
    length : int
        The characters of the text.

    Examples
    --------
    >>> taken = Taken(10)
    >>> taken.take(2, 5)
    >>> taken.is_free(5, 9), taken.is_free(4, 9)
    (True, False)
    """

    __slots__ = ("_marks",)

    def __init__(self, length: int) -> None:
        self._marks = bytearray(length)

    def is_free(self, start: int, end: int) -> bool:
        """Return whether nothing from `start` up to `end` is taken."""
        return self._marks.find(1, start, end) < 0

    def take(self, start: int, end: int) -> None:
        """Take what is from `start` up to `end`."""
        self._marks[start:end] = b"\1" * (end - start)


#: What stands in the place of personal data is no word of the customer.
_PLACEHOLDER = re.compile(r"\[[^\[\]]{1,40}\]")
_SHORTEST = 2
#: How far apart two words may be to be read together: "pagamento con la carta".
_REACH = 3
_OF_GROUP = 6


def terms_of(text: str) -> set[str]:
    """Return the words of a text, and what two of them say together across a small word.

    Examples
    --------
    >>> sorted(terms_of("Errore di pagamento con la carta"))
    ['carta', 'errore', 'errore di pagamento', 'pagamento', 'pagamento con la carta']
    """
    found: set[str] = set()
    folded = fold(_PLACEHOLDER.sub(" . ", text))
    for clause in re.split(r"[.,;:!?()\n]+", folded):
        placed = list(words(clause))
        full = [place for place, word in enumerate(placed) if _is_full(word[0])]
        found |= {placed[place][0] for place in full}
        found |= {
            " ".join(word[0] for word in placed[first : second + 1])
            for first, second in pairwise(full)
            if second - first <= _REACH
        }
    return found


def class_terms(texts: Sequence[str], labels: NDArray[np.int_]) -> list[tuple[str, ...]]:
    """Return, for each group of texts, the words that tell it from the others.

    They are those with the highest share of the group's texts times
    log(1 + texts per group / texts with the word), single words only.

    Examples
    --------
    >>> class_terms(["gift card lost", "gift card", "blue colour"], np.array([0, 0, 1]))
    [('card', 'gift', 'lost'), ('blue', 'colour')]
    """
    own = [{term for term in terms_of(text) if " " not in term} for text in texts]
    overall = Counter(term for terms in own for term in terms)
    count = int(labels.max()) + 1
    found = []
    for label in range(count):
        members = [terms for terms, of in zip(own, labels, strict=True) if of == label]
        inside = Counter(term for terms in members for term in terms)
        weight = {
            term: times / len(members) * np.log1p(len(texts) / count / overall[term])
            for term, times in inside.items()
        }
        best = sorted(weight, key=lambda term: (-round(weight[term], 12), term))
        found.append(tuple(best[:_OF_GROUP]))
    return found


def _is_full(word: str) -> bool:
    return len(word) >= _SHORTEST and not word.isdigit() and word not in _stop_words()


@cache
def _stop_words() -> frozenset[str]:
    by_language = content("lexicons", "stop_words.yaml")
    return frozenset(word for words_of in by_language.values() for word in words_of)
