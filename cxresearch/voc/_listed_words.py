"""The words that a study always redacts, and those that it never does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from cxresearch.voc._words import fold


@dataclass(frozen=True, slots=True)
class Words:
    """The words that a study always redacts, and those that it never does.

    Case, accents and the width of spaces do not matter; a word counts where it stands by itself.

    Parameters
    ----------
    always : tuple of str
        Names that nothing else tells to be names: of employees, of a village.
    never : tuple of str
        What looks like personal data and is not: a brand such as "Anna Sui", the shop's own
        address. A value is left where it lies within one of these.
    """

    always: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    def always_spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where a text has words that always go."""
        return _spans(self.always, text)

    def never_spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where a text has words that never go."""
        return _spans(self.never, text)


#: No words of a study.
NO_WORDS = Words()


def _spans(words: Sequence[str], text: str) -> Iterator[tuple[int, int]]:
    if words:
        yield from (found.span() for found in _pattern(tuple(words)).finditer(fold(text)))


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds the longest of the words that stand by themselves."""
    written = sorted((fold(word).split() for word in words), key=lambda one: -len(" ".join(one)))
    parts = (r"\s+".join(map(re.escape, one)) for one in written if one)
    return re.compile("|".join(rf"(?<!\w){part}(?!\w)" for part in parts) or r"(?!)")
