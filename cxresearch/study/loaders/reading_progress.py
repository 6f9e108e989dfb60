"""Say how much of a large file has been read, where somebody looks on."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: Seconds without a word: what takes no longer needs none.
_QUIET = 2.0
#: Seconds between two words.
_PAUSE = 0.5
_MB = 1_000_000


@contextmanager
def reading(name: str, size: int) -> Iterator[Callable[[int], None]]:
    """Yield a function that is told how many bytes of a file have been read.

    It writes one line that renews itself on a terminal or below a cell in JupyterLab, from two
    seconds on, and takes it away at the end. A report that is being built stays as it is.

    Parameters
    ----------
    name : str
        The file's name.
    size : int
        Its bytes.
    """
    began = said = time.monotonic()
    shown = ""

    def done(read: int) -> None:
        nonlocal said, shown
        now = time.monotonic()
        if now - began < _QUIET or now - said < _PAUSE:
            return
        said = now
        shown = f"{name}: {min(read / size, 1):.0%} of {size / _MB:,.0f} MB read"
        sys.stderr.write(f"\r{shown}")
        sys.stderr.flush()

    try:
        yield done if size and _looked_on() else _say_nothing
    finally:
        if shown:
            sys.stderr.write("\r" + " " * len(shown) + "\r")
            sys.stderr.flush()


def _looked_on() -> bool:
    in_lab = "ipykernel" in sys.modules and "CX_REPORT_RECORD" not in os.environ
    return in_lab or sys.stderr.isatty()


def _say_nothing(_: int) -> None:
    pass
