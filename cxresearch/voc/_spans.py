"""Places of a text, each to be taken once."""

from __future__ import annotations


class Taken:
    """Which characters of a text are taken; asking costs the same however many there are.

    Parameters
    ----------
    length : int
        The characters of the text.

    Examples
    --------
    >>> taken = Taken(10)
    >>> taken.take(2, 5)
    >>> taken.is_free(5, 9), taken.is_free(4, 9)
    (True, False)
    """

    __slots__ = ("_marks",)

    def __init__(self, length: int) -> None:
        self._marks = bytearray(length)

    def is_free(self, start: int, end: int) -> bool:
        """Return whether nothing from `start` up to `end` is taken."""
        return self._marks.find(1, start, end) < 0

    def take(self, start: int, end: int) -> None:
        """Take what is from `start` up to `end`."""
        self._marks[start:end] = b"\1" * (end - start)
