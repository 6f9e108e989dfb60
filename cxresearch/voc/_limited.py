"""A researcher's regular expressions, stopped where they go back and forth without end."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

#: Seconds of work that a pattern may take over a text, and over each further hundred thousand
#: letters: sound ones take a thousandth of it.
_LIMIT = 1.0
_LETTERS = 100_000


class OvertimeError(Exception):
    """A pattern took longer over a text than it may."""


def limit_of(text: str) -> float:
    """Return how many seconds of work a pattern may take over a text.

    Examples
    --------
    >>> limit_of("a" * 50), limit_of("a" * 200_000)
    (1.0, 3.0)
    """
    return _LIMIT * (1 + len(text) // _LETTERS)


@contextmanager
def limited() -> Iterator[Callable[[re.Pattern[str], str], list[re.Match[str]]]]:
    """Yield what finds all places of a pattern in a text, within the time it may take.

    The clock counts the work of this process, not the time on the wall, so a busy machine stops
    nothing. Python has one clock, for its main thread; in another thread nothing is stopped.

    Raises
    ------
    OvertimeError
        Of what is yielded, if the pattern takes longer.

    Examples
    --------
    >>> with limited() as find:
    ...     [found[0] for found in find(re.compile("a+"), "aa b a")]
    ['aa', 'a']
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda pattern, text: list(pattern.finditer(text))
        return
    before = signal.signal(signal.SIGVTALRM, _stop)
    try:
        yield _found
    finally:
        signal.signal(signal.SIGVTALRM, before)


def _found(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    signal.setitimer(signal.ITIMER_VIRTUAL, limit_of(text))
    try:
        return list(pattern.finditer(text))
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _stop(*_: object) -> NoReturn:
    raise OvertimeError
