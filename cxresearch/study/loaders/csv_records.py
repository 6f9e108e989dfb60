"""Cut a text file into records, so that a broken quote spoils its own line and no other.

A reader that meets a quote which is never closed takes all that follows for one field: a single
stray quote can swallow half a file. Here the line is set aside, and reading goes on with the
next one. The number of records found is the count that the reader is held to.

Whole blocks of lines are looked at together; one by one only those lines whose quotes are not all
at the edges of a field, or do not close on their own line. A file without one needs no
cutting: it is copied.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: A quoted field that goes on for more lines than this is taken for a quote that is not closed.
LONGEST_FIELD_LINES = 1_000
#: DuckDB reads lines of up to two million bytes; this many characters never need more.
LONGEST_RECORD = 500_000
#: So many bytes hold more characters than that, whatever they are.
_LONGEST_BYTES = 4 * LONGEST_RECORD
#: How much of an unreadable record is kept.
_SHOWN = 10_000
_QUOTE, _LINE_END = b'"\n'
_WIDE = (
    "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{ZERO WIDTH SPACE}\N{WORD JOINER}"
    "\N{ZERO WIDTH NO-BREAK SPACE}\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}"
    "\N{LEFT-TO-RIGHT EMBEDDING}\N{POP DIRECTIONAL FORMATTING}"
)
#: What surrounds a value without being part of it.
BLANK = f" \t\r\n{_WIDE}"
#: The bytes of those that have several.
_WIDE_BLANKS = re.compile("|".join(_WIDE).encode())


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
    """What cutting or copying a file gave.

    Parameters
    ----------
    records : int
        How many records were written.
    unreadable : list of Unreadable
        What is no record.
    led : bool
        Whether each record is led by the number of the line it begins on.
    padded : bool
        Whether a field may have a blank at an end, within its quotes or without.
    """

    records: int = 0
    unreadable: list[Unreadable] = field(default_factory=list)
    led: bool = True
    padded: bool = True


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


def cut(blocks: Iterable[bytes], out: BinaryIO, *, delimiter: str, first: int) -> Cut:
    r"""Write each record of a file to `out`, led by the number of the line it begins on.

    Parameters
    ----------
    blocks : iterable of bytes
        The lines after the header, any number of whole ones at a time; each ends with ``\n``.
    out : BinaryIO
        Where the records are written; no empty line is.
    delimiter : str
        What stands between two fields.
    first : int
        The number of the first line.

    Examples
    --------
    >>> import io
    >>> out = io.BytesIO()
    >>> cut([b'1,a\n2,"b\n', b'3,c\n'], out, delimiter=",", first=2).unreadable
    [Unreadable(line=3, reason='unclosed quote', text='2,"b')]
    >>> out.getvalue()
    b'2,1,a\n4,3,c\n'
    """
    quoting, mark = _Quoting(delimiter), delimiter.encode()
    found = Cut()
    rest = b""
    for block in blocks:
        part = _Part(rest + block, mark, quoting)
        whole = part.records(last=False)
        _write(part, whole, out, first, mark, found)
        rest = part.text[part.starts[whole] :] if whole < part.lines else b""
        first += whole
    part = _Part(rest, mark, quoting)
    _write(part, part.records(last=True), out, first, mark, found)
    return found


def copy(blocks: Iterable[bytes], out: BinaryIO, *, delimiter: str) -> Cut | None:
    r"""Write a file to `out` as it is, if each of its lines is one record; None if one is not.

    Parameters
    ----------
    blocks : iterable of bytes
        The lines after the header, any number of whole ones at a time; each ends with ``\n``.
    out : BinaryIO
        Where the lines are written; at None, some of them may have been.
    delimiter : str
        What stands between two fields.

    Examples
    --------
    >>> import io
    >>> copy([b'1,a\n', b'2,b\n'], io.BytesIO(), delimiter=",").records
    2
    >>> copy([b'1,a\n', b'2,"b\n'], io.BytesIO(), delimiter=",") is None
    True
    """
    quoting, mark = _Quoting(delimiter), delimiter.encode()
    found = Cut(led=False, padded=False)
    for block in blocks:
        part = _Part(block, mark, quoting)
        if not part.is_even():
            return None
        found.padded = found.padded or _is_padded(block, mark)
        found.records += part.lines
        out.write(block)
    return found


def _is_padded(text: bytes, mark: bytes) -> bool:
    """Return whether a blank stands beside a delimiter, a quote or a line end."""
    import numpy as np

    if len(mark) != 1:
        return True
    kinds = bytearray(256)
    for sign in (*mark, _QUOTE, _LINE_END):
        kinds[sign] = 1
    for sign in BLANK.encode("ascii", "ignore").replace(b"\n", b""):
        kinds[sign] |= 2
    if not text.isascii() and _WIDE_BLANKS.search(text):
        for sign in _WIDE.encode():
            kinds[sign] |= 2
    kind = np.frombuffer(text.translate(kinds), np.uint8)
    # The first sign follows a line end; what is a delimiter and a blank counts as both.
    return bool(kind.size) and bool(kind[0] & 2 or ((kind[:-1] | kind[1:]) == 3).any())


class _Part:
    """Some whole lines of a file, of which the first begins a record.

    Of each line it is known how many quotes it has, and whether each quote is at the edge of a
    field or doubled: where the line begins outside of a quoted field (`_sound`), and inside of one
    (`_sound_inside`). A line that is sound has closed all its fields if its quotes are even.
    """

    def __init__(self, text: bytes, mark: bytes, quoting: _Quoting) -> None:
        import numpy as np

        self.text = text
        self._quoting = quoting
        signs = np.frombuffer(text, np.uint8)
        ends = np.flatnonzero(signs == _LINE_END)
        #: Where each line starts, and where the last one ends.
        self.starts: NDArray[np.int64] = np.concatenate([[0], ends + 1])
        self.lines = len(ends)
        #: Which lines do not begin inside of a field.
        self.begins: NDArray[np.bool_] = np.ones(self.lines, bool)
        #: Why a line is no record.
        self.faults: dict[int, str] = {}
        places = np.flatnonzero(signs == _QUOTE) if b'"' in text else ends[:0]
        before = np.searchsorted(places, self.starts)
        self._quotes: NDArray[np.int64] = np.diff(before)
        # One character of several bytes is left to the careful road: its bytes may be of others.
        edge = mark[0] if len(mark) == 1 else _LINE_END
        is_edge = np.zeros(256, bool)
        is_edge[[edge, _LINE_END, _QUOTE]] = True
        # Where every line has pairs of quotes, each second one of the text closes.
        if (
            not (self._quotes % 2).any()
            and is_edge[signs[places[::2] - 1]].all()  # of a quote at 0 it is a line end
            and is_edge[signs[places[1::2] + 1]].all()
        ):
            self._sound = self._sound_inside = np.ones(self.lines, bool)
            return
        opens = (np.arange(len(places)) - np.repeat(before[:-1], self._quotes)) % 2 == 0
        may_open, may_close = is_edge[signs[places - 1]], is_edge[signs[places + 1]]
        self._sound = self._all_of(before, np.where(opens, may_open, may_close))
        self._sound_inside = self._all_of(before, np.where(opens, may_close, may_open))

    def _all_of(self, before: NDArray[np.int64], good: NDArray[np.bool_]) -> NDArray[np.bool_]:
        import numpy as np

        bad = np.concatenate([[0], np.cumsum(~good)])
        sound: NDArray[np.bool_] = np.diff(bad[before]) == 0
        return sound

    def is_even(self) -> bool:
        """Return whether each line is one record that needs no second look."""
        import numpy as np

        sizes = np.diff(self.starts)
        return (
            not (self._quotes % 2).any()
            and bool(self._sound.all())
            and bool(((sizes > 1) & (sizes <= LONGEST_RECORD)).all())
        )

    def between(self, number: int, last: int) -> str:
        """Return the lines from one to another without the last end."""
        text = self.text[self.starts[number] : self.starts[last + 1] - 1]
        return text.decode("utf-8", "surrogateescape")

    def records(self, *, last: bool) -> int:
        """Find the records, and return of how many lines they are made; the rest needs more lines.

        Parameters
        ----------
        last : bool
            Whether no lines follow.
        """
        import numpy as np

        quoted = np.flatnonzero(self._quotes).tolist()
        careful = np.flatnonzero((self._quotes % 2 == 1) | ~self._sound).tolist()
        after = 0
        for number in careful:
            if number < after:  # inside of a field that began above
                continue
            after = number + 1
            if not (self._sound[number] and self._quotes[number] % 2):
                line = self.between(number, number)
                if self._quoting.closed(line):
                    continue
                if not self._quoting.open(line):
                    self.faults[number] = "misplaced quote"
                    continue
            end = self._end_of_field(number, quoted, last=last)
            if end == self.lines:
                return number
            if end == number:
                self.faults[number] = "unclosed quote"
            self.begins[number + 1 : end + 1] = False
            after = end + 1
        return self.lines

    def _end_of_field(self, number: int, quoted: list[int], *, last: bool) -> int:
        """Return the line on which the field closes that a line opens; the line itself if none.

        It is the number of all lines where those that follow could tell.
        """
        latest = number + LONGEST_FIELD_LINES
        for index in range(bisect_right(quoted, number), len(quoted)):
            more = quoted[index]
            if more > latest or self._long(number, more):
                return number
            sound = self._sound_inside[more]
            even = self._quotes[more] % 2 == 0
            if sound and even:
                continue
            if sound:
                return more
            # Inside a quoted field a line reads as if it began with the quote.
            inside = '"' + self.between(more, more)
            if self._quoting.closed(inside):
                return more
            if not self._quoting.open(inside):
                return number
        decided = last or self.lines - 1 >= latest or self._long(number, self.lines - 1)
        return number if decided else self.lines

    def _long(self, number: int, more: int) -> bool:
        return bool(self.starts[more] - self.starts[number] > _LONGEST_BYTES)


def _write(part: _Part, lines: int, out: BinaryIO, first: int, mark: bytes, found: Cut) -> None:
    """Write the records of a part's first `lines`, and note what is none."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    begins = np.flatnonzero(part.begins[:lines])
    starts = part.starts[np.append(begins, lines)]
    sizes = np.diff(starts)
    ends = np.append(begins[1:], lines) - 1
    for index in np.flatnonzero(sizes > LONGEST_RECORD).tolist():
        if len(part.between(begins[index], ends[index])) >= LONGEST_RECORD:
            part.faults.setdefault(int(begins[index]), "too long")
    good = sizes > 1  # an empty line is its end alone
    for index in np.searchsorted(begins, sorted(part.faults)).tolist():
        number = int(begins[index])
        text = part.between(number, ends[index])[:_SHOWN]
        found.unreadable.append(Unreadable(first + number, part.faults[number], text))
        good[index] = False
    spans = pa.py_buffer(starts.astype(np.int32))
    kind = pa.binary()
    records = pa.Array.from_buffers(kind, len(begins), [None, spans, pa.py_buffer(part.text)])
    numbers = pa.array(first + begins[good]).cast(pa.string()).cast(kind)
    led = pc.binary_join_element_wise(numbers, records.filter(pa.array(good)), pa.scalar(mark))
    found.records += len(led)
    if len(led):
        out.write(led.buffers()[2])
