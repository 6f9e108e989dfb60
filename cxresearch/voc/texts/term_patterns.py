"""Which of many patterns can hold in a text, by the words that they cannot do without."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

# What `re` compiles from. Its own reading of a pattern is the only one that is surely right.
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NoReturn

from cxresearch.voc.texts.raw_text import distinct_words, words

#: What is known of a place of a pattern: the texts it may hold there, each piece of a word as
#: written and all between words as a space, which is the edge of a word as well.
Run = frozenset[str]
#: Pieces of words of which a text must have one.
Clause = frozenset[str]

_NOTHING: Run = frozenset({""})
#: How many texts are followed; beyond, what is known begins anew.
_MOST = 64
#: How many letters a set such as [aeio] may have to be followed.
_FEW_LETTERS = 12
#: How many clauses of a pattern are looked at, the rarest first: the others hold little more back.
_LAYERS = 4
#: Words whose pieces are kept: people write few words, many times.
_KEPT = 1 << 16


class Sieve:
    r"""Patterns over folded texts, and the pieces of words that each of them needs.

    What it lets through may hold or not; what it holds back holds nowhere.

    Parameters
    ----------
    patterns : sequence of Pattern
        The patterns.

    Examples
    --------
    >>> sieve = Sieve([re.compile(r"\bnon (?:mi|ci) piace"), re.compile(r"\d+ giorn[oi]")])
    >>> [sieve.candidates(text) for text in ("non ci piacciono", "3 giorni", "mi piace")]
    [[], [1], []]
    """

    def __init__(self, patterns: Sequence[re.Pattern[str]]) -> None:
        self._count = len(patterns)
        needs = [sorted(clauses_of(one), key=_rarity, reverse=True)[:_LAYERS] for one in patterns]
        self._layers = max(map(len, needs), default=0)
        # Bit `layer * count + place` tells that a clause of the pattern at a place is met.
        self._all_met = 0
        self._bits: dict[str, int] = {}
        for place, clauses in enumerate(needs):
            for layer in range(self._layers):
                bit = 1 << (layer * self._count + place)
                if layer >= len(clauses):
                    self._all_met |= bit
                    continue
                for piece in clauses[layer]:
                    self._bits[piece] = self._bits.get(piece, 0) | bit
        self._longest = max(map(len, self._bits), default=0)
        self._of_word = lru_cache(maxsize=_KEPT)(self._met_by)

    def candidates(self, folded: str) -> list[int]:
        """Return the places of the patterns that may hold in a folded text, in their order."""
        met = self._all_met
        for word in distinct_words(folded):
            if bits := self._of_word(word):
                met |= bits
        found = (1 << self._count) - 1
        for _ in range(self._layers):
            found &= met
            met >>= self._count
        places = []
        while found:
            lowest = found & -found
            places.append(lowest.bit_length() - 1)
            found ^= lowest
        return places

    def _met_by(self, word: str) -> int:
        """Return the bits of the clauses that a word meets."""
        edged = f" {word} "
        met = 0
        for first in range(len(edged)):
            for end in range(first + 1, min(first + self._longest, len(edged)) + 1):
                met |= self._bits.get(edged[first:end], 0)
        return met


def clauses_of(pattern: re.Pattern[str]) -> list[Clause]:
    r"""Return the clauses that a text meets wherever a pattern holds; none where none is known.

    Examples
    --------
    >>> [sorted(clause) for clause in clauses_of(re.compile(r"\b(?:arriv\w+|giunto)\b.{0,9}tard"))]
    [[' arriv', ' giunto'], ['tard']]
    """
    if pattern.flags != re.UNICODE:  # letters of both cases, or another sense of \b
        return []
    run, clauses = _sequence(parser.parse(pattern.pattern), _NOTHING)
    return list(dict.fromkeys([*clauses, *_clauses(run)]))


def _sequence(items: Iterable[Any], run: Run) -> tuple[Run, list[Clause]]:
    """Return what stands at the end of items that follow a run, and what was met before."""
    met: list[Clause] = []
    for op, value in items:
        after, more = _item(op, value, run)
        met += more
        if after and len(after) > 1 and all(one.endswith(" ") for one in after):
            met += _clauses(after)  # every word by itself, whatever follows
            after = frozenset({" "})
        if after is None or len(after) > _MOST:
            met += _clauses(run)
            after = _NOTHING
        run = after
    return run, met


def _item(op: Any, value: Any, run: Run) -> tuple[Run | None, list[Clause]]:
    """Return what stands after an item, None where that is not known, and what it needs."""
    if (letters := _letters(op, value)) is not None:
        return frozenset(one + letter for one in run for letter in letters), []
    if op is ops.AT:
        return (run if value is ops.AT_NON_BOUNDARY else _with_edge(run)), []
    if op is ops.BRANCH:
        return _branch(value[1], run)
    if op is ops.SUBPATTERN and not (value[1] or value[2]):
        return _sequence(value[3], run)
    if op is ops.ATOMIC_GROUP:
        return _sequence(value, run)
    if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
        least, most, repeated = value
        return _repeat(least, most, repeated, run)
    if op is ops.ASSERT:
        ahead, more = _sequence(value[1], _NOTHING)
        return run, [*more, *_clauses(ahead)]
    return (run if op is ops.ASSERT_NOT else None), []


def _letters(op: Any, value: Any) -> set[str] | None:
    """Return the letters of which an item is one; None where they are too many."""
    if op is ops.LITERAL:
        return {_letter_or_edge(value)}
    if op is not ops.IN:
        return None
    found: set[str] = set()
    for kind, one in value:
        if kind is ops.LITERAL:
            found.add(_letter_or_edge(one))
        elif kind is ops.CATEGORY and one in (ops.CATEGORY_SPACE, ops.CATEGORY_NOT_WORD):
            found.add(" ")
        else:
            return None
    return found if len(found) <= _FEW_LETTERS else None


def _letter_or_edge(code: int) -> str:
    """Return a letter as it is, and what is in no word as an edge."""
    letter = chr(code)
    return letter if any(words(letter)) else " "


def _with_edge(run: Run) -> Run:
    return frozenset(one if one.endswith(" ") else one + " " for one in run)


def _branch(ways: Sequence[Any], run: Run) -> tuple[Run, list[Clause]]:
    """Return what stands after one of several ways on, and what every one of them needs."""
    read = [_sequence(way, run) for way in ways]
    ends = frozenset().union(*(end for end, _ in read))
    after = ends if len(ends) <= _MOST else _NOTHING
    if not any(met for _, met in read):
        return after, [] if after is ends else _clauses(ends)
    each = [[*met, *_clauses(end)] for end, met in read]
    either = [frozenset().union(*(max(way, key=_rarity) for way in each))] if all(each) else []
    return after, [*_clauses(run), *either]


def _repeat(least: int, most: int, items: Any, run: Run) -> tuple[Run | None, list[Clause]]:
    """Return what stands after items that are met several times, and what they need."""
    if len(items) == 1 and _letters(*items[0]) == {" "}:
        return (_with_edge(run) if least else run | _with_edge(run)), []
    if most == 1:
        return _sequence(items, run) if least else _branch([items, []], run)
    if not least:
        return None, []
    end, met = _sequence(items, run)
    return _NOTHING, [*met, *_clauses(end)]


def _clauses(run: Run) -> list[Clause]:
    """Return what a text has that holds one of a run: its first, its longest, its last pieces."""
    pieces = [_pieces(one) for one in run]
    if not all(pieces):
        return []
    first, last = (frozenset(one[place] for one in pieces) for place in (0, -1))
    longest = frozenset(max(one, key=len) for one in pieces)
    found = [first, longest, last]
    if len(set(map(len, pieces))) == 1:
        found += map(frozenset, zip(*pieces, strict=True))
    return list(dict.fromkeys(found))


def _pieces(text: str) -> list[str]:
    parts = text.split(" ")
    last = len(parts) - 1
    return [
        " " * (place > 0) + part + " " * (place < last) for place, part in enumerate(parts) if part
    ]


def _rarity(clause: Clause) -> tuple[int, int]:
    """Return how rarely a clause is met, by the length of its pieces and by their number."""
    return min(map(len, clause)), -len(clause)


#: Seconds of work that a pattern may take over a text, and over each further hundred thousand
#: letters: sound ones take a thousandth of it.
_LIMIT = 1.0
_LETTERS = 100_000


class OvertimeError(Exception):
    """A pattern took longer over a text than it may."""


def seconds_allowed(text: str) -> float:
    """Return how many seconds of work a pattern may take over a text.

    Examples
    --------
    >>> seconds_allowed("a" * 50), seconds_allowed("a" * 200_000)
    (1.0, 3.0)
    """
    return _LIMIT * (1 + len(text) // _LETTERS)


@contextmanager
def time_limit() -> Iterator[Callable[[re.Pattern[str], str], list[re.Match[str]]]]:
    """Yield what finds all places of a pattern in a text, within the time it may take.

    The clock counts the work of this process, not the time on the wall, so a busy machine stops
    nothing. Python has one clock, for its main thread; in another thread nothing is stopped, nor on
    Windows, which has none.

    Examples
    --------
    >>> with time_limit() as find:
    ...     [found[0] for found in find(re.compile("a+"), "aa b a")]
    ['aa', 'a']
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(
        signal, "setitimer"
    ):
        yield lambda pattern, text: list(pattern.finditer(text))
        return
    before = signal.signal(signal.SIGVTALRM, _stop)
    try:
        yield _find
    finally:
        signal.signal(signal.SIGVTALRM, before)


def _find(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds_allowed(text))
    try:
        return list(pattern.finditer(text))
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _stop(*_: object) -> NoReturn:
    raise OvertimeError
