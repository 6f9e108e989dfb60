"""The header of a text file: what stands above it, its delimiter, and the names of the columns."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from cxresearch.errors import SchemaError

if TYPE_CHECKING:
    from cxresearch.study.sources import Written

_DELIMITERS = (",", ";", "\t", "|")
_LONGEST_HEADER = 100_000
#: Among how many records the header is looked for.
_LOOKED_THROUGH = 50


class _Lines:
    """The first lines of a file, one record at a time, and the blocks that follow them."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = b""
        #: The number of the next line.
        self.number = 1

    def record(self) -> bytes:
        """Return the next line, with those that an open quote takes in; empty at the end."""
        text = b""
        while not text or text.count(b'"') % 2:
            if not self._rest and not (block := next(self._blocks, b"")):
                break
            if not self._rest:
                self._rest = block
            line, end, self._rest = self._rest.partition(b"\n")
            text += line + end
            if len(text) > _LONGEST_HEADER:
                break
        self.number += text.count(b"\n")
        return text

    def rest(self) -> Iterator[bytes]:
        return chain([self._rest] if self._rest else [], self._blocks)


def header(
    blocks: Iterator[bytes], source: Written, name: str
) -> tuple[list[str], str, int, Iterator[bytes]]:
    r"""Return the names of the columns, the delimiter, the number of the next line, and the rest.

    A byte of a name that is not UTF-8 is written by its number: ``Citt\xe0``.
    """
    lines = _Lines(blocks)
    for _ in range(source.skip_rows):
        lines.record()
    text = _header_record(lines, source, name)
    if not text.strip():
        raise SchemaError(name, ["the file has no header line"])
    if text.count(b'"') % 2:
        raise SchemaError(name, ["the header has a quote that is not closed"])
    if len(text) > _LONGEST_HEADER:
        raise SchemaError(name, [f"the header has more than {_LONGEST_HEADER:,} bytes"])
    delimiter = source.delimiter or _delimiter(text)
    columns = _fields(text, delimiter)
    below = [_fields(lines.record(), delimiter) for _ in range(source.header_rows - 1)]
    names, number = told_apart(columns, below), lines.number
    if names and names[-1]:
        return names, delimiter, number, lines.rest()
    first = lines.record()
    named = max((n for n, name in enumerate(names, 1) if name), default=0)
    short = len(first) <= _LONGEST_HEADER and 0 < len(_fields(first, delimiter)) <= named
    names = names[:named] if short else names  # its last delimiters part nothing
    return names, delimiter, number, chain([first] if first else [], lines.rest())


def _header_record(lines: _Lines, source: Written, name: str) -> bytes:
    """Return the header: the next record, or the next that has the columns it must have."""
    if not source.header_has:
        return lines.record()
    for _ in range(_LOOKED_THROUGH):
        if not (text := lines.record()):
            break
        for delimiter in [source.delimiter] if source.delimiter else _DELIMITERS:
            has = set(_fields(text, delimiter))
            if any(all(_is_in(wanted, has) for wanted in one) for one in source.header_has):
                return text
    wanted = " or ".join(", ".join(one) for one in source.header_has)
    raise SchemaError(name, [f"none of its first {_LOOKED_THROUGH} lines has the columns {wanted}"])


def _is_in(wanted: str, names: set[str]) -> bool:
    """Return whether a name is there; of one that ends with ``*`` the beginning is enough."""
    if wanted.endswith("*"):
        return any(name.startswith(wanted[:-1]) for name in names)
    return wanted in names


def _text_of(record: bytes) -> str:
    return record.decode("utf-8", "backslashreplace").replace("\0", r"\x00")


def _delimiter(record: bytes) -> str:
    unquoted = re.sub('"[^"]*"', "", _text_of(record))
    return max(_DELIMITERS, key=unquoted.count)


def _fields(record: bytes, delimiter: str) -> list[str]:
    reader = csv.reader(io.StringIO(_text_of(record)), delimiter=delimiter, skipinitialspace=True)
    return [one.strip() for one in next(reader, [])]


def told_apart(columns: list[str], below: Sequence[list[str]]) -> list[str]:
    """Return the names of columns, each once.

    With header rows below, an empty name continues the one to its left, and those that share a name
    have what stands below added; what is still alike is numbered: ``Note (1)``, ``Note (2)``.
    """
    if below:
        for i, column in enumerate(columns):
            columns[i] = column or (columns[i - 1] if i else "")
        again = Counter(columns)
        for i, column in enumerate(columns):
            more = [row[i] for row in below if i < len(row) and row[i]]
            if again[column] > 1 and more:
                columns[i] = " / ".join([column, *more])
    again, seen = Counter(columns), Counter[str]()
    for i, column in enumerate(columns):
        if column and again[column] > 1:
            seen[column] += 1
            columns[i] = f"{column} ({seen[column]})"
    return columns
