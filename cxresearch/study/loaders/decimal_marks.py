"""Whether a file shows what its decimal mark is, where its manifest does not say.

``1.210`` is one thousand two hundred and ten in Rome and 1.21 in London. Nothing in it says which,
so the other numbers of the file are asked; where they are silent, the manifest has to say. In a
file that has numbers beside texts, a cell that is a number shows nothing: the texts are asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxresearch.engine.backends import literal
from cxresearch.study.loaders.amount_texts import bare_amount, unsigned
from cxresearch.study.loaders.casting import Cast
from cxresearch.study.loaders.export_reading import FileRead

if TYPE_CHECKING:
    import duckdb

_GROUP = r"[1-9]\d{0,2}"
#: A number of up to three digits, one mark, three digits: the mark may be either.
_EITHER = rf"[+-]?{_GROUP}[.,]\d{{3}}"
#: One mark that groups no thousands: after a zero or four digits, or before other than three.
_NO_GROUPING = r"\d+{mark}(\d{{0,2}}|\d{{4,}})|0+{mark}\d+|\d{{4,}}{mark}\d*|{mark}\d+"


def _showing(mark: str, other: str) -> str:
    """Return the pattern of numbers that nobody writes whose decimal mark is another."""
    grouped = rf"{_GROUP}({other}\d{{3}})+{mark}\d*|{_GROUP}({other}\d{{3}}){{2,}}"
    return rf"[+-]?({grouped}|{_NO_GROUPING.format(mark=mark)})([eE][+-]?\d+)?"


@dataclass(frozen=True, slots=True)
class _Shown:
    """What one column shows: how many numbers may be read in two ways, and how many in one."""

    column: str
    either: int
    first: str | None
    point: int
    comma: int


def faults(
    connection: duckdb.DuckDBPyConnection, read: FileRead, numbers: Sequence[Cast]
) -> Iterator[str]:
    """Yield a fault for each column of a file whose numbers can be read in two ways.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Where the file was read.
    read : FileRead
        The file.
    numbers : sequence of Cast
        Its columns of numbers that are written as text.
    """
    unsure = [cast for cast in numbers if _count(connection, read, cast, _EITHER)]
    if not unsure:
        return
    shown = [_shown(connection, read, cast) for cast in numbers]
    for one in shown:
        if one.either and not _point_is_shown(one, shown):
            example = one.first or ""
            as_comma = example.replace(".", "") if "." in example else example.replace(",", ".")
            as_point = example if "." in example else example.replace(",", "")
            others = f" and {one.either - 1:,} more" if one.either > 1 else ""
            yield (
                f"{read.name}: {one.column}: {example!r}{others} may be "
                f'{as_point} or {as_comma}; say which with decimal: "." or decimal: ",", '
                "and thousands: where thousands are grouped"
            )


def _point_is_shown(one: _Shown, columns: Sequence[_Shown]) -> bool:
    """Return whether a column's decimal mark is the point: by itself, else by the file."""
    if one.point or one.comma:
        return one.point > 0 and not one.comma
    points, commas = (sum(getattr(c, mark) for c in columns) for mark in ("point", "comma"))
    return points > 0 and not commas


def _count(connection: duckdb.DuckDBPyConnection, read: FileRead, cast: Cast, form: str) -> int:
    """Return how many values of a column are written in a form that ends in three digits."""
    # The pattern is asked for few, and few are trimmed: LIKE is fast.
    marked = f"({cast.written} LIKE '%.___%' OR {cast.written} LIKE '%,___%')"
    bare = unsigned(bare_amount(cast.raw))
    found = connection.execute(
        f"SELECT count(*) FROM (SELECT {bare} AS r FROM {read.table} "
        f"WHERE {marked} AND {_is_typed(read, cast)}) "
        f"WHERE regexp_full_match(r, {literal(form)})"
    ).fetchall()
    return int(found[0][0])


def _is_typed(read: FileRead, cast: Cast) -> str:
    """Return SQL for whether a value was typed as a text."""
    return f"ends_with({cast.written}, {literal(read.mark)})" if read.mark else "true"


def _shown(connection: duckdb.DuckDBPyConnection, read: FileRead, cast: Cast) -> _Shown:
    either = f"regexp_full_match(r, {literal(_EITHER)})"
    point, comma = (
        f"count(*) FILTER (regexp_full_match(r, {literal(form)}))"
        for form in (_showing("[.]", ","), _showing(",", "[.]"))
    )
    ((count, first, points_shown, commas_shown),) = connection.execute(
        f"SELECT count(*) FILTER ({either}), first(r ORDER BY _row) FILTER ({either}), "
        f"{point}, {comma} "
        f"FROM (SELECT _row, {unsigned(bare_amount(cast.raw))} AS r FROM {read.table} "
        f"WHERE {_is_typed(read, cast)})"
    ).fetchall()
    return _Shown(cast.column, count, first, points_shown, commas_shown)
