"""Cut a text file into records, so that a broken quote spoils its own line and no other.

A reader that meets a quote which is never closed takes all that follows for one field: a single
stray quote can swallow half a file. Here such a line is set aside, and reading goes on with the
next one. The number of records found is the count that the reader is held to.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TextIO

#: A quoted field that goes on for more lines than this is taken for a quote that is not closed.
LONGEST_FIELD_LINES = 1_000
#: DuckDB reads lines of up to two million bytes; this many characters never need more.
LONGEST_RECORD = 500_000
#: How much of an unreadable record is kept.
_SHOWN = 10_000


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A piece of a file that could not be read as a row.

    Parameters
    ----------
    line : int
        The line of the file on which it begins, from 1.
    reason : str
        Why it could not be read.
    text : str
        What is there, cut off when very long.
    """

    line: int
    reason: str
    text: str


@dataclass(slots=True)
class Cut:
    """What cutting a file gave: how many records were written, and what is no record."""

    records: int = 0
    unreadable: list[Unreadable] = field(default_factory=list)


class _Quoting:
    """Says of a line whether its quotes are closed."""

    def __init__(self, delimiter: str) -> None:
        mark = re.escape(delimiter)
        quoted = r' *+"[^"]*+(?:""[^"]*+)*+" *+'
        bare = rf' *+(?:[^" {mark}][^{mark}]*+)?'
        one = f"(?:{quoted}|{bare})"
        self._closed = re.compile(f"{one}(?:{mark}{one})*+")
        self._open = re.compile(rf'(?:{one}{mark})*+ *+"[^"]*+(?:""[^"]*+)*+')

    def closed(self, line: str) -> bool:
        return self._closed.fullmatch(line) is not None

    def open(self, line: str) -> bool:
        return self._open.fullmatch(line) is not None


def cut(lines: Iterable[str], out: TextIO, *, delimiter: str, first: int) -> Cut:
    r"""Write each record of a file to `out`, led by the number of the line it begins on.

    Parameters
    ----------
    lines : iterable of str
        The lines after the header, each with its line end.
    out : TextIO
        Where the records are written; no empty line is.
    delimiter : str
        What stands between two fields.
    first : int
        The number of the first of `lines`.

    Examples
    --------
    >>> import io
    >>> out = io.StringIO()
    >>> cut(['1,a\n', '2,"b\n', '3,c\n'], out, delimiter=",", first=2).unreadable
    [Unreadable(line=3, reason='unclosed quote', text='2,"b')]
    >>> out.getvalue()
    '2,1,a\n4,3,c\n'
    """
    quoting = _Quoting(delimiter)
    numbered = _Lines(lines, first)
    found = Cut()
    for number, line in numbered:
        record, reason = line, ""
        if '"' in line:
            record, reason = _record(line, numbered, quoting)
        elif line == "\n":
            continue
        if len(record) > LONGEST_RECORD:
            reason = reason or "too long"
        if reason:
            text = record.rstrip("\n")[:_SHOWN]
            found.unreadable.append(Unreadable(number, reason, text))
            continue
        out.write(f"{number}{delimiter}{record}")
        found.records += 1
    return found


class _Lines(Iterator[tuple[int, str]]):
    """Numbered lines, of which some can be put back to be read again."""

    def __init__(self, lines: Iterable[str], first: int) -> None:
        self._numbered = enumerate(lines, first)
        self._again: deque[tuple[int, str]] = deque()

    def __next__(self) -> tuple[int, str]:
        return self._again.popleft() if self._again else next(self._numbered)

    def put_back(self, lines: Sequence[tuple[int, str]]) -> None:
        self._again.extendleft(reversed(lines))


def _record(line: str, following: _Lines, quoting: _Quoting) -> tuple[str, str]:
    """Return the record that begins with `line`, which has a quote, and why it is none."""
    bare = line.rstrip("\n")
    if quoting.closed(bare):
        return line, ""
    if not quoting.open(bare):
        return line, "misplaced quote"
    taken: list[tuple[int, str]] = []
    for number, more in islice(following, LONGEST_FIELD_LINES):
        taken.append((number, more))
        if '"' not in more:
            continue
        # Inside a quoted field a line reads as if it began with the quote.
        inside = '"' + more.rstrip("\n")
        if quoting.closed(inside):
            return line + "".join(text for _, text in taken), ""
        if not quoting.open(inside):
            break
    following.put_back(taken)
    return line, "unclosed quote"
