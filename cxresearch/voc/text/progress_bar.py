"""A bar for what takes long: on a terminal and in a notebook, but not in a report."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

#: Seconds before the bar is shown; what is done by then needs none.
_PATIENCE = 5.0
_WIDTH = 30
#: How many items are worked on between two looks at the clock.
_LOOK_EVERY = 256
#: Set while a report is built: what is written then becomes part of the page.
_BUILDING = "CX_REPORT_RECORD"


def batches(items: Sequence[T], *, size: int, what: str) -> Iterator[Sequence[T]]:
    """Yield items in batches, and show how far that is once it has taken five seconds.

    Parameters
    ----------
    items : sequence
        What is worked on.
    size : int
        How many to a batch.
    what : str
        What the items are, as the bar names them.

    Examples
    --------
    >>> list(batches("abcde", size=2, what="letters"))
    ['ab', 'cd', 'e']
    """
    began = time.monotonic()
    shown = False
    for first in range(0, len(items), size):
        passed = time.monotonic() - began
        if passed > _PATIENCE and _BUILDING not in os.environ:
            sys.stderr.write("\r" + _bar(first, len(items), passed, what))
            sys.stderr.flush()
            shown = True
        yield items[first : first + size]
    if shown:
        passed = time.monotonic() - began
        sys.stderr.write("\r" + _bar(len(items), len(items), passed, what) + "\n")


def one_by_one(items: Sequence[T], *, what: str) -> Iterator[T]:
    """Yield items as they are, and show how far that is as `batches` does.

    Parameters
    ----------
    items : sequence
        What is worked on.
    what : str
        What the items are, as the bar names them.

    Examples
    --------
    >>> "".join(one_by_one("abc", what="letters"))
    'abc'
    """
    for part in batches(items, size=_LOOK_EVERY, what=what):
        yield from part


def _bar(done: int, count: int, passed: float, what: str) -> str:
    """Return the bar: how much is done, and for how many more seconds, or how long it took.

    Examples
    --------
    >>> _bar(300, 1200, 10.0, "texts")
    '[#######                       ] 300 of 1,200 texts, 30 s left'
    """
    marks = "#" * (_WIDTH * done // count)
    left = passed * (count - done) / done if done else float("nan")
    end = f"{left:.0f} s left" if done < count else f"{passed:.0f} s     "
    return f"[{marks:<{_WIDTH}}] {done:,} of {count:,} {what}, {end}"
