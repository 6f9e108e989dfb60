"""A text file as UTF-8 with one kind of line end, a few megabytes at a time, and how much is read.

However large a file is, or becomes when it is unpacked, little of it is in memory at once.
"""

from __future__ import annotations

import codecs
import gzip
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

#: How much is read at once.
BLOCK = 1 << 22
#: A line of more bytes is not kept whole: DuckDB reads no longer ones.
LONGEST_LINE = 2_000_000
#: A file with a line of more bytes is no table.
_NO_LINE = 100_000_000
_GZIP = b"\x1f\x8b"
#: Names to :mod:`codecs` how bytes that Windows-1252 does not define are read.
_KEPT = "cxresearch.kept_byte"
#: The codec of each encoding, and what becomes of bytes that it does not know. What is called
#: Latin-1 is read as Windows-1252, as browsers do: they differ only where Latin-1 has control
#: characters, and Windows the euro sign, dashes and curly quotes.
_CODECS = {
    **{"cp1252": ("cp1252", _KEPT), "latin-1": ("cp1252", _KEPT)},
    **{"mac_roman": ("mac_roman", "strict"), "cp850": ("cp850", "strict")},
}
#: What text of two or four bytes a letter begins with; the longer mark begins with the shorter.
_WIDE_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
#: Among how many bytes zeros are counted.
_LOOKED_AT = 10_000
#: Seconds without a word: what takes no longer needs none.
_QUIET = 2.0
#: Seconds between two words.
_PAUSE = 0.5
_MB = 1_000_000
#: So many of the letters beyond ASCII are accented ones.
_MOST = 0.9


def _kept_byte(error: UnicodeError) -> tuple[str, int]:
    """Read a byte as the control character of its number: five have no letter in Windows-1252.

    One of them stops no file; the rule ``broken_encoding`` flags its row.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error(_KEPT, _kept_byte)


def lines(path: Path, encoding: str, *, done: Callable[[int], None]) -> Iterator[bytes]:
    r"""Yield a file, gzipped or not, in blocks of whole lines that end with ``\n``.

    A byte order mark is left out. That of UTF-16 says so, as do zeros where the text has none: of
    the letters of Europe one byte of two is zero. In a file said to be UTF-8, bytes that are not
    pass through.

    Parameters
    ----------
    path : Path
        The file; a gzipped one is unpacked.
    encoding : {"utf-8", "cp1252", "latin-1", "utf-16", "mac_roman", "cp850"}
        How its text is written.
    done : callable
        Takes how many bytes of the file, as it lies on the disk, have been read so far.

    Raises
    ------
    ValueError
        If it has a line of more than a hundred million bytes.
    """
    return _whole_lines(_one_line_end(_as_utf8(_blocks(path, done), encoding)))


@contextmanager
def reading(name: str, size: int) -> Iterator[Callable[[int], None]]:
    """Yield a function that takes how many bytes of a file have been read.

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


def encoding_of(text: bytes) -> str:
    """Return the encoding of a text that is not all UTF-8, by what its other letters are.

    Where most of them are UTF-8 it is that, and some rows are damaged. A Mac and DOS are told from
    Windows by accents: a dash or dots of Windows may look like one of them, not like several.

    Examples
    --------
    >>> [encoding_of("Città, Forlì".encode(codec)) for codec in ("cp1252", "mac_roman", "cp850")]
    ['cp1252', 'mac_roman', 'cp850']
    """
    others = len(re.findall(rb"[\x80-\xff]", text))
    if 2 * sum(map(len, re.findall(rb"\xc3[\x80-\xbf]|\xe2[\x80-\xbf]{2}", text))) > others:
        return "utf-8"
    for encoding in ("mac_roman", "cp850"):
        accents = re.findall("(?<=[A-Za-z])[àèéìòù]", text.decode(encoding))
        if len({*accents}) > 1 and len(accents) >= _MOST * others:
            return encoding
    return "cp1252"


def _blocks(path: Path, done: Callable[[int], None]) -> Iterator[bytes]:
    with path.open("rb") as raw:
        packed = raw.read(len(_GZIP)) == _GZIP or path.suffix == ".gz"
        raw.seek(0)
        file = gzip.GzipFile(fileobj=raw) if packed else raw
        while block := file.read(BLOCK):
            done(raw.tell())
            yield block


def _as_utf8(blocks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    codec, errors = _CODECS.get(encoding, ("", "strict"))
    if not codec:
        first = next(blocks, b"")
        codec = _wide(first) or ("utf-16" if encoding == "utf-16" else "")
        blocks = chain([first if codec else first.removeprefix(codecs.BOM_UTF8)], blocks)
        if not codec:
            yield from blocks
            return
    decoder = codecs.getincrementaldecoder(codec)(errors)
    for block in blocks:
        yield decoder.decode(block).encode()
    yield decoder.decode(b"", final=True).encode()


def _wide(first: bytes) -> str:
    """Return the codec of a text of two or four bytes a letter; empty where it is none."""
    for mark, codec in _WIDE_MARKS.items():
        if first.startswith(mark):
            return codec
    looked_at = first[:_LOOKED_AT]
    even, odd = (looked_at[at::2].count(0) for at in (0, 1))
    most = len(looked_at) / 4
    if odd > most and not even:
        return "utf-16-le"
    return "utf-16-be" if even > most and not odd else ""


def _one_line_end(blocks: Iterable[bytes]) -> Iterator[bytes]:
    held = b""
    for block in blocks:
        text = held + block
        # The line feed of a carriage return may be in the next block.
        held = b"\r" if text.endswith(b"\r") else b""
        yield text.removesuffix(held).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    yield b"\n" if held else b""


def _whole_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    parts: list[bytes] = []
    size = 0
    for block in blocks:
        end = block.rfind(b"\n") + 1
        if end:
            yield b"".join([*parts, block[:end]])
            parts, size = [], 0
        size += len(block) - end
        if size > _NO_LINE:
            raise ValueError(f"a line has more than {_NO_LINE:,} bytes")
        if sum(map(len, parts)) <= LONGEST_LINE:  # of a longer line the beginning is enough
            parts.append(block[end:])
    if size:
        yield b"".join([*parts, b"\n"])


def _looked_on() -> bool:
    in_lab = "ipykernel" in sys.modules and "CX_REPORT_RECORD" not in os.environ
    return in_lab or sys.stderr.isatty()


def _say_nothing(_: int) -> None:
    pass
