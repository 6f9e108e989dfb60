"""Read a path pattern, such as ``view->[^cart]*->(buy|reserve)$``.

A pattern is made of parts joined by ``->``; each is the event right after the one before.

=============  ==========================================================================
``view``       the event; in double quotes where its name has signs: ``"a->b (new)"``
``(a|b)``      one of several
``[^a|b]``     any but these
``.``          any
``part*``      any number of these events, or none; ``.*`` is anything
``^``, ``$``   before the first part: the unit begins here; after the last one: it ends
=============  ==========================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from cxresearch.core import validate

_TOKEN = re.compile(
    r"""(?P<sign>->|\[\^|[\^$()\]|*])
      | "(?P<quoted>[^"]+)"
      | (?P<name>(?:(?!->)[^\^$()\[\]|*"])+)
      | (?P<wrong>.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Events:
    """Some events: those named, or all but those named."""

    names: tuple[str, ...]
    all_but: bool = False


ANY = Events((), all_but=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A pattern that was read.

    Parameters
    ----------
    parts : tuple of Events, length k
        What each of the events that are looked for may be.
    gaps : tuple of Events or None, length k + 1
        What may come, any number of times, before the first of them, between two, and after the
        last; None where nothing may.
    """

    parts: tuple[Events, ...]
    gaps: tuple[Events | None, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The events it names, each once, sorted."""
        named = [events for events in (*self.parts, *self.gaps) if events is not None]
        return tuple(sorted({name for events in named for name in events.names}))


class _Token(NamedTuple):
    kind: str
    text: str
    place: int


def read(text: str) -> Pattern:
    """Return the pattern that a text writes.

    Raises
    ------
    ValueError
        If it writes none; the error says at which character, the first being 1.

    Examples
    --------
    >>> read("view->.*->buy$").parts
    (Events(names=('view',), all_but=False), Events(names=('buy',), all_but=False))
    >>> read("view->[cart]")
    Traceback (most recent call last):
    ValueError: pattern must be a path (an event is missing at character 7); got 'view->[cart]'
    """
    return _Reader(text).pattern()


def _tokens(text: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(text):
        kind = str(found.lastgroup)
        value = found[kind].strip() if kind == "name" else found[kind]
        if value:
            yield _Token(kind, value, found.start() + 1)
    yield _Token("end", "", len(text) + 1)


class _Reader:
    """Reads one text from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._rest = list(_tokens(text))

    def pattern(self) -> Pattern:
        begins = self._skip("^")
        if begins:
            self._skip("->")
        parts: list[Events] = []
        gaps: list[Events | None] = []
        gap: Events | None = None if begins else ANY
        while True:
            place = self._rest[0].place
            events, repeated = self._part()
            if not repeated:
                parts.append(events)
                gaps.append(gap)
                gap = None
            elif gap is None:
                gap = events
            else:
                raise self._refused("^ or a part without *", place)
            if not self._skip("->") or self._rest[0][:2] == ("sign", "$"):
                break
        ends = self._skip("$")
        if self._rest[0].kind != "end":
            raise self._refused("->", self._rest[0].place)
        if gap is not None and not ends:
            raise self._refused("$ or a part without *", self._rest[0].place)
        if not parts:
            raise self._refused("a part without *", self._rest[0].place)
        gaps.append(gap if ends else ANY)
        return Pattern(parts=tuple(parts), gaps=tuple(gaps))

    def _part(self) -> tuple[Events, bool]:
        """Read one part, and whether it may come any number of times."""
        if self._skip("("):
            events = Events(self._names(until=")"))
        elif self._skip("[^"):
            events = Events(self._names(until="]"), all_but=True)
        elif self._rest[0][:2] == ("name", "."):
            self._rest.pop(0)
            events = ANY
        else:
            events = Events((self._name(),))
        return events, self._skip("*")

    def _names(self, *, until: str) -> tuple[str, ...]:
        names = [self._name()]
        while self._skip("|"):
            names.append(self._name())
        if not self._skip(until):
            raise self._refused(until, self._rest[0].place)
        return tuple(names)

    def _name(self) -> str:
        kind, text, place = self._rest[0]
        if kind not in ("name", "quoted"):
            raise self._refused("an event", place)
        self._rest.pop(0)
        return text

    def _skip(self, sign: str) -> bool:
        """Pass a sign, if it is there."""
        there = self._rest[0][:2] == ("sign", sign)
        if there:
            self._rest.pop(0)
        return there

    def _refused(self, what: str, place: int) -> ValueError:
        return validate.refused(
            "pattern", f"a path ({what} is missing at character {place})", self._text
        )
