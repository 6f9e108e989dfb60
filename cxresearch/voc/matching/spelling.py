"""Slips of the finger: "consenga" for "consegna"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

#: Shorter words have too many neighbours one letter away.
_SHORTEST = 6
#: What is left of a shortened word may be a letter less.
_SHORTEST_STEM = 5


@dataclass(frozen=True, slots=True)
class Spelling:
    """Words worth recognising, found again when one letter is swapped, lost, doubled or wrong.

    References
    ----------
    Mor & Fraenkel (1982), Commun. ACM 25, 935-938: words one slip apart share a form that lacks
    a letter.
    """

    _words: frozenset[str]
    _stems: tuple[str, ...]
    #: The same by their forms that lack a letter.
    _whole: dict[str, list[str]]
    _begun: dict[str, list[str]]

    @classmethod
    def of(cls, words: Iterable[str], stems: Iterable[str]) -> Spelling:
        """Return what recognises folded words, and words that begin with one of `stems`."""
        whole = frozenset(word for word in words if len(word) >= _SHORTEST)
        begun = tuple(sorted({stem for stem in stems if len(stem) >= _SHORTEST_STEM}))
        return cls(whole, begun, _by_form(whole), _by_form(begun))

    def repair(self, word: str) -> str | None:
        """Return a folded word as it was meant, None where that cannot be told.

        Examples
        --------
        >>> speller = Spelling.of(["corriere"], ["consegn"])
        >>> speller.repair("coriere"), speller.repair("consenga"), speller.repair("cornice")
        ('corriere', 'consegna', None)
        """
        if len(word) < _SHORTEST or word in self._words or word.startswith(self._stems):
            return None
        for meant in _neighbours(word, self._whole):
            return meant
        # A letter lost or doubled in the stem moves where the stem ends, so that is tried last.
        ends = range(_SHORTEST_STEM - 1, len(word))
        found = [(stem, end) for end in ends for stem in _neighbours(word[:end], self._begun)]
        if not found:
            return None
        stem, end = min(found, key=lambda one: abs(len(one[0]) - one[1]))
        return stem + word[end:]


def _by_form(words: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for word in sorted(words):
        for form in dict.fromkeys(_forms(word)):
            found[form].append(word)
    return dict(found)


def _forms(word: str) -> Iterator[str]:
    """Yield a word, and the word without each of its letters."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def _neighbours(word: str, by_form: dict[str, list[str]]) -> Iterator[str]:
    """Yield what is one slip from a word."""
    for form in _forms(word):
        for meant in by_form.get(form, ()):
            if _is_one_slip(word, meant):
                yield meant


def _is_one_slip(one: str, other: str) -> bool:
    """Return whether two words differ by one letter swapped with the next, lost, added or wrong.

    The first letter is right, or swapped with the second.

    Examples
    --------
    >>> _is_one_slip("consenga", "consegna"), _is_one_slip("prezo", "prezzo")
    (True, True)
    >>> _is_one_slip("scrivere", "iscrivere")
    False
    """
    if one == other or not (one[0] == other[0] or one[1::-1] == other[:2]):
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    rest, other_rest = one[start:], other[start:]
    swapped = rest[1:2] + rest[:1] + rest[2:]
    return (
        rest[1:] == other_rest
        or rest == other_rest[1:]
        or rest[1:] == other_rest[1:]
        or swapped == other_rest
    )
