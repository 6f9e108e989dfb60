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
class Speller:
    """Words worth recognising, found again when one letter is swapped, lost, doubled or wrong.

    Parameters
    ----------
    words, stems : iterable of str
        Folded words, and beginnings of words.

    References
    ----------
    Mor & Fraenkel (1982), Commun. ACM 25, 935-938: words one slip apart share a form that lacks
    a letter.
    """

    _whole: dict[str, list[str]]
    _begun: dict[str, list[str]]
    _stem_lengths: tuple[int, ...]

    @classmethod
    def of(cls, words: Iterable[str], stems: Iterable[str]) -> Speller:
        """Return what recognises `words`, and words that begin with one of `stems`."""
        long_stems = {stem for stem in stems if len(stem) >= _SHORTEST_STEM}
        return cls(
            _by_form({word for word in words if len(word) >= _SHORTEST}),
            _by_form(long_stems),
            tuple(sorted({len(stem) for stem in long_stems})),
        )

    def repaired(self, word: str) -> str | None:
        """Return a folded word as it was meant, None where that cannot be told.

        Examples
        --------
        >>> speller = Speller.of(["corriere"], ["consegn"])
        >>> speller.repaired("coriere"), speller.repaired("consenga"), speller.repaired("cornice")
        ('corriere', 'consegna', None)
        """
        if len(word) < _SHORTEST:
            return None
        for meant in _sharing(word, self._whole):
            return meant
        # A letter lost or doubled in the stem moves where the stem ends.
        for length in self._stem_lengths:
            for end in (length, length + 1, length - 1):
                for stem in _sharing(word[:end], self._begun):
                    if len(stem) == length and end <= len(word):
                        return stem + word[end:]
        return None


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


def _sharing(word: str, by_form: dict[str, list[str]]) -> Iterator[str]:
    """Yield what is one slip from a word."""
    for form in _forms(word):
        for meant in by_form.get(form, ()):
            if _is_one_slip(word, meant):
                yield meant


def _is_one_slip(one: str, other: str) -> bool:
    """Return whether two words differ by one letter swapped with the next, lost, added or wrong.

    Examples
    --------
    >>> _is_one_slip("consenga", "consegna"), _is_one_slip("prezo", "prezzo"), _is_one_slip("a", "a")
    (True, True, False)
    """
    if one == other:
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
