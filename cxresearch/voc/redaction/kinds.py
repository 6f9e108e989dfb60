"""What is looked for in a text: the kinds of personal data, and the words of a study."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, NamedTuple, get_args

from cxresearch.voc.texts.raw_text import fold

Span = tuple[int, int]
Kind = Literal[
    "email",
    "link",
    "iban",
    "tax code",
    "birth date",
    "document",
    "card",
    "VAT number",
    "plate",
    "order",
    "IP address",
    "phone",
    "address",
    "name",
    "handle",
    "redacted",
]
#: What there is to find, by what stands for it.
KINDS: tuple[Kind, ...] = get_args(Kind)


class Identifier(NamedTuple):
    """Personal data in a text, from `start` up to `end`."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Words:
    """The words that a study always redacts, and those that it never does.

    Case, accents and the width of spaces do not matter; a word counts where it stands by itself.

    Parameters
    ----------
    always : tuple of str
        Names that nothing else marks as names: of employees, of a village.
    never : tuple of str
        What looks like personal data and is not: a brand such as "Anna Sui", the shop's own
        address. A value is left where it lies within one of these.
    """

    always: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    def always_spans(self, text: str) -> Iterator[Span]:
        """Yield where a text has words that always go."""
        return _spans(self.always, text)

    def never_spans(self, text: str) -> Iterator[Span]:
        """Yield where a text has words that never go."""
        return _spans(self.never, text)


#: No words of a study.
NO_WORDS = Words()


def _spans(words: Sequence[str], text: str) -> Iterator[Span]:
    if words:
        yield from (found.span() for found in _pattern(tuple(words)).finditer(fold(text)))


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds the longest of the words that stand by themselves."""
    written = sorted((fold(word).split() for word in words), key=lambda one: -len(" ".join(one)))
    parts = (r"\s+".join(map(re.escape, one)) for one in written if one)
    return re.compile("|".join(rf"(?<!\w){part}(?!\w)" for part in parts) or r"(?!)")
