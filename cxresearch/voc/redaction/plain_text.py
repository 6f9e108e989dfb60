"""A text as it is searched for identifiers: plain spaces, hyphens and digits, nothing unseen."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from cxresearch.voc.text.raw_text import APOSTROPHES

#: Stands for what was found already: no pattern reads it, or across it.
FOUND = "\0"
#: Planes 0 and 1 of Unicode, and its invisible tags.
_SIGNS = (range(0x80, 0x20000), range(0xE0000, 0xE0200))
#: What people part numbers by, and what stands for it here.
_DOTS = (
    "\N{MIDDLE DOT}\N{BULLET}\N{BULLET OPERATOR}\N{HYPHENATION POINT}\N{KATAKANA MIDDLE DOT}"
    "\N{IDEOGRAPHIC FULL STOP}"
)
_SLASHES = "\N{FRACTION SLASH}\N{DIVISION SLASH}"
_HYPHENS = "\N{MINUS SIGN}\N{HYPHEN BULLET}"
_UNSEEN_KINDS = {"Cf", "Mn", "Me"}


class PlainText(NamedTuple):
    """A text as it is searched, and the place of each of its characters in the text as it is.

    Parameters
    ----------
    text : str
        What is searched.
    places : sequence of int
        One place per character, and the end.
    """

    text: str
    places: Sequence[int]

    @classmethod
    def of(cls, text: str) -> PlainText:
        """Return a text as it is searched.

        Examples
        --------
        >>> seen = PlainText.of("tel.\N{NO-BREAK SPACE}347\N{EN DASH}1\N{SOFT HYPHEN}2")
        >>> seen.text, seen.places[-2]
        ('tel. 347-12', 11)
        """
        table = _table()
        found = text.translate(table)
        if len(found) == len(text):
            return cls(found, range(len(text) + 1))
        kept = [place for place, sign in enumerate(text) if table.get(ord(sign), sign)]
        return cls(found, [*kept, len(text)])

    def without(self, spans: Iterable[tuple[int, int]]) -> PlainText:
        """Return the text with one sign for each span of it."""
        parts: list[str] = []
        places: list[int] = []
        done = 0
        for start, end in sorted(spans):
            parts += [self.text[done:start], FOUND]
            places += [*self.places[done:start], self.places[start]]
            done = end
        return PlainText("".join([*parts, self.text[done:]]), [*places, *self.places[done:]])


@cache
def _table() -> dict[int, str]:
    """Return what stands for each character that is not searched as it is."""
    found = dict.fromkeys(map(ord, "\t\x0b\x0c"), " ")
    for code in (code for signs in _SIGNS for code in signs):
        sign = chr(code)
        seen = _plain_sign(sign)
        if seen != sign:
            found[code] = seen
    for signs, seen in ((APOSTROPHES, "'"), (_DOTS, "."), (_SLASHES, "/"), (_HYPHENS, "-")):
        found |= dict.fromkeys(map(ord, signs), seen)
    return found


def _plain_sign(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind in _UNSEEN_KINDS:
        return ""
    if kind == "Zs":
        return " "
    if kind in ("Zl", "Zp") or sign == "\x85":
        return "\n"
    if kind == "Pd":
        return "-"
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return str(digit)
    plain = unicodedata.normalize("NFKC", sign)
    return plain if len(plain) == 1 and plain.isascii() else sign
