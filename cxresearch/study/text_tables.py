"""Where the table is in a text: its delimiter, its heading, and what stands above that."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence

from cxresearch.study import profiles

#: The delimiters that are tried.
DELIMITERS = (",", ";", "\t", "|")
#: How many records are looked at.
MOST_RECORDS = 50_000
#: So many of the records have as many fields as most.
_EVEN = 0.9
_TITLES = 20
#: What stands in no heading: a number, or cells that another sign parts; and what stands in rows.
_IS_NO_NAME = re.compile(r"[\d.,;]*\d|[^;\t|]*([;\t|])[^;\t|]*\1.*", re.DOTALL)
_IS_DATA = re.compile(r"\W*\d[\d\W]*")
_SINGLE_QUOTED = re.compile(r"'[^'\n]*'[,;\t|]'")


def table(text: str, delimiters: Sequence[str]) -> tuple[list[list[str]], str, int]:
    """Return the records from the heading on, the delimiter, and how many lines are above it.

    Raises
    ------
    ValueError
        If no delimiter makes even records of more than one field.
    """
    if not text.strip():
        raise ValueError("it is empty")
    best: tuple[tuple[bool, bool, int], str, list[list[str]], int] | None = None
    for delimiter in delimiters:
        rows = _rows(text, delimiter)
        above = _above(rows)
        body = [row for row in rows[above:] if any(row)]
        if not body:
            continue
        ((width, most),) = Counter(map(len, body)).most_common(1)
        even = most >= _EVEN * len(body)
        # A heading has no numbers, and no cells parted by another sign.
        named = not any(_IS_NO_NAME.fullmatch(cell) for cell in body[0])
        found = ((named, even, width), delimiter, body, above)
        fits = even or (named and _is_ragged(body))
        if width > 1 and fits and (best is None or found[0] > best[0]):
            best = found
    if best is None or _SINGLE_QUOTED.match(text):
        raise ValueError(_no_table(text))
    _, delimiter, body, above = best
    rows = _rows(text, delimiter)[:above]
    if above and any(_IS_DATA.fullmatch(cell) for cell in body[0]):
        for row in rows:
            if len(row) > 2 and all(cell.strip() and not _IS_DATA.fullmatch(cell) for cell in row):
                raise ValueError(
                    f"its heading has {len(row)} names, its rows have {len(body[0])} fields: is "
                    f"{delimiter!r} a part of a value, such as of 12,50?"
                )
    return body, delimiter, above


def _no_table(text: str) -> str:
    """Return why a text is no table."""
    lines = text.split("\n", _TITLES)[:_TITLES]
    below = [one for one in lines if one.strip()][1:]
    if below and all(re.fullmatch(r'"[^"]*[,;\t|].*"\s*', one) for one in below):
        return "each line is in quotes as a whole: take these off, or export it again"
    if any(map(_SINGLE_QUOTED.match, lines)):
        return "its fields are in single quotes: export it with double ones, or with none"
    return "no delimiter splits it into a table; is it an export with headings?"


def _is_ragged(body: Sequence[Sequence[str]]) -> bool:
    """Return whether records differ from their heading by empty cells at their end alone."""
    wide = len(body[0])
    ends = [max((n for n, cell in enumerate(row, 1) if cell.strip()), default=0) for row in body]
    return wide > 1 and sum(wide / 2 < end <= wide for end in ends) >= _EVEN * len(body)


def _rows(text: str, delimiter: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return [row for _, row in zip(range(MOST_RECORDS), reader, strict=False)]
    except csv.Error:
        return []


def _above(rows: Sequence[Sequence[str]]) -> int:
    """Return how many lines stand above the heading: shorter or mostly empty ones.

    The heading is the fullest of the first rows, unless that is one of numbers and days.
    """
    first = list(enumerate(rows[:_TITLES]))
    for number, row in first:
        if len(row) > 1 and profiles.recognised(row):
            return number
    filled = [sum(map(bool, map(str.strip, row))) for _, row in first]
    fullest = filled.index(max(filled)) if filled else 0
    if filled and not any(_IS_DATA.fullmatch(cell) for cell in rows[fullest]):
        return fullest
    width = Counter(len(row) for row in rows if row).most_common(1)[0][0] if any(rows) else 0
    wide = [n for n, row in first if len(row) == width]
    full = [n for n in wide if filled[n] > width / 2]
    ((usual, _),) = Counter(sum(map(bool, map(str.strip, row))) for row in rows).most_common(1)
    most = [n for n in wide if filled[n] > usual / 2]  # a remark makes a sheet wider
    return next(iter([*full, *most, *wide]), 0)
