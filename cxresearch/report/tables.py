"""A data frame as a table that can be read, sorted and downloaded by everyone.

Every text in it is data: it is escaped in the HTML, and in the CSV it can never be a formula.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from typing import TYPE_CHECKING, Any

from cxresearch import _checks
from cxresearch.i18n import UNDEFINED, Language, is_currency
from cxresearch.report import words

if TYPE_CHECKING:
    import pandas as pd

#: A spreadsheet reads a cell that begins with one of these as a formula.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\n")
#: Money of five figures and more is shown without cents.
_NO_CENTS = 10_000
_SHORT = 12


@dataclass(frozen=True, slots=True)
class TablePayload:
    """A table as a notebook's output carries it.

    Parameters
    ----------
    html : str
        The ``<table>``, everything in it escaped; a sentence when there are no rows.
    text : str
        The same rows as aligned text.
    csv : str
        The rows as data, safe to open in a spreadsheet; empty when there are none.
    """

    html: str
    text: str
    csv: str

    def metadata(self) -> dict[str, Any]:
        """Return what the renderer needs beside the HTML."""
        return {"cx": {"kind": "table", "csv": self.csv}}


@dataclass(frozen=True, slots=True)
class _Column:
    """One column in words; `keys` is what the page sorts by where the words would sort wrongly."""

    heading: str
    is_number: bool
    cells: list[str]
    keys: list[str]


def make(
    frame: pd.DataFrame,
    *,
    caption: str,
    language: Language,
    units: Mapping[str, str],
    labels: Mapping[str, str],
    people: str | None,
    min_cell: int,
) -> TablePayload:
    """Return a frame as an accessible table with its text and its CSV.

    Parameters are those of :func:`cxresearch.report.page.table`, the caption already in words.

    Raises
    ------
    TypeError
        If `frame` is no pandas data frame.
    ValueError
        If it has several levels, or `units`, `labels` or `people` name a column it has not.

    Examples
    --------
    >>> import pandas as pd
    >>> made = make(pd.DataFrame({"channel": ["app"], "share": [0.25]}), caption="Share of orders",
    ...             language=Language("en"), units={"share": "share"}, labels={}, people=None,
    ...             min_cell=5)
    >>> print(made.text)
    Share of orders
    Channel Share
        app 25.0%
    """
    rows = flat(frame)
    for named in [*units, *labels, *([people] if people else [])]:
        _checks.one_of("column", named, list(rows.columns))
    if rows.empty:
        nothing = f"{caption}: {language.text('no rows.')}"
        return TablePayload(f"<p>{escape(nothing)}</p>", nothing, "")
    hidden = _hidden(rows, people, min_cell)
    columns = []
    for place, name in enumerate(rows.columns):
        column = _column(rows[name], language, units.get(name, ""), labels.get(name))
        if place or name == people:
            fewer = f"< {min_cell}" if name == people else language.text("hidden")
            column = _suppressed(column, hidden, fewer)
        columns.append(column)
    note = ""
    if hidden.any():
        message = "Rows that tell about fewer than {min_cell} people are hidden."
        note = language.text(message, min_cell=min_cell)
    return TablePayload(
        html=_html(caption, columns, note),
        text=_text(caption, columns, note),
        csv=csv(rows, people=people, min_cell=min_cell),
    )


def flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose index, where it says something, is its first column.

    Raises
    ------
    TypeError
        If `frame` is no pandas data frame.
    ValueError
        If its index or its columns have several levels.
    """
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"frame must be a pandas DataFrame; got {type(frame).__name__}")
    levels = max(frame.index.nlevels, frame.columns.nlevels)
    if levels > 1:
        raise ValueError(f"frame must have one level of index and columns; got {levels}")
    is_counter = isinstance(frame.index, pd.RangeIndex) and frame.index.name is None
    return frame if is_counter else frame.reset_index()


def csv(frame: pd.DataFrame, *, people: str | None = None, min_cell: int = 1) -> str:
    """Return a frame as CSV with no formula in it and no row that tells about too few people.

    Examples
    --------
    >>> import pandas as pd
    >>> print(csv(pd.DataFrame({"order_id": ["=1+1"], "revenue": [-2.5]})))
    order_id,revenue
    '=1+1,-2.5
    <BLANKLINE>
    """
    import pandas as pd

    rows = flat(frame)
    hidden = _hidden(rows, people, min_cell)
    safe = pd.DataFrame(index=rows.index)
    for place, name in enumerate(rows.columns):
        column = rows[name]
        if _is_text(column):
            column = column.map(_harmless, na_action="ignore")
        if name == people:
            column = column.map("{:.10g}".format).mask(hidden, f"< {min_cell}")
        elif place:
            column = column.mask(hidden)
        safe[_harmless(name)] = column
    return safe.to_csv(index=False, float_format="%.10g", lineterminator="\n")


def digest(frame: pd.DataFrame) -> str:
    """Return a short hash of a frame's CSV with numbers of six digits.

    It changes with the data and not with the last bits of a sum.
    """
    text = flat(frame).to_csv(index=False, float_format="%.6g", lineterminator="\n")
    return hashlib.sha256(text.encode()).hexdigest()[:_SHORT]


def _hidden(rows: pd.DataFrame, people: str | None, min_cell: int) -> pd.Series[bool]:
    import pandas as pd

    if people is None:
        return pd.Series(data=False, index=rows.index)
    return ~(rows[people].astype(float) >= min_cell)  # an unknown count is hidden too


def _is_text(column: pd.Series[Any]) -> bool:
    from pandas.api import types

    return not (types.is_numeric_dtype(column) or types.is_datetime64_any_dtype(column))


def _harmless(value: Any) -> Any:
    """Return a cell of text that begins no formula, nor a new row: pandas quotes no lone CR."""
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text


def _column(column: pd.Series[Any], language: Language, unit: str, label: str | None) -> _Column:
    from pandas.api import types

    is_number = types.is_numeric_dtype(column) and not types.is_bool_dtype(column)
    heading = language.text(label or str(column.name).replace("_", " ").capitalize())
    if unit and not _is_in_cell(unit) and language.text(unit).casefold() != heading.casefold():
        heading = f"{heading} ({language.text(unit)})"
    digits = _digits(column, unit) if is_number else 0
    cells, keys = [], []
    for value, is_missing in zip(column, column.isna(), strict=True):
        if is_missing:
            cell, key = UNDEFINED, ""
        elif is_number:
            cell = language.quantity(float(value), unit if _is_in_cell(unit) else "", digits)
            key = f"{value:.10g}"
        elif isinstance(value, date):
            cell = language.month(value) if unit == "month" else language.day(value)
            key = value.isoformat()
        else:
            cell = words.word(value if isinstance(value, bool) else str(value), language)
            key = ""
        cells.append(cell)
        keys.append(key)
    return _Column(heading, is_number, cells, keys)


def _is_in_cell(unit: str) -> bool:
    """Return whether a unit is said in each cell; any other is said once, in the heading."""
    return unit in {"share", "month"} or is_currency(unit)


def _digits(column: pd.Series[Any], unit: str) -> int:
    """Return the decimals that all numbers of a column are shown with."""
    sizes = column.dropna().abs().astype(float)
    largest = float(sizes.max()) if len(sizes) else 0.0
    if is_currency(unit):
        return 0 if largest >= _NO_CENTS else 2
    if unit == "share":
        largest *= 100
    elif (sizes == sizes.round()).all():
        return 0
    if largest == 0:
        return 1
    return min(4, max(1, 1 - math.floor(math.log10(largest))))


def _suppressed(column: _Column, hidden: pd.Series[bool], fewer: str) -> _Column:
    return replace(
        column,
        cells=[fewer if hide else cell for cell, hide in zip(column.cells, hidden, strict=True)],
        keys=["" if hide else key for key, hide in zip(column.keys, hidden, strict=True)],
    )


def _html(caption: str, columns: list[_Column], note: str) -> str:
    kinds = [' class="number"' if column.is_number else "" for column in columns]
    heads = [
        f'<th scope="col"{kind}>{escape(column.heading)}</th>'
        for column, kind in zip(columns, kinds, strict=True)
    ]
    lines = [
        '<table class="cx">',
        f"<caption>{escape(caption)}</caption>",
        f"<thead><tr>{''.join(heads)}</tr></thead>",
        "<tbody>",
    ]
    for row in range(len(columns[0].cells)):
        cells = []
        for place, (column, kind) in enumerate(zip(columns, kinds, strict=True)):
            key = f' data-value="{escape(column.keys[row])}"' if column.keys[row] else ""
            tag = ("td", "") if place else ("th", ' scope="row"')
            cells.append(f"<{tag[0]}{tag[1]}{kind}{key}>{escape(column.cells[row])}</{tag[0]}>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    lines.append("</tbody>")
    if note:
        cell = f'<td colspan="{len(columns)}"><span>{escape(note)}</span></td>'
        lines.append(f"<tfoot><tr>{cell}</tr></tfoot>")
    return "\n".join([*lines, "</table>"])


def _text(caption: str, columns: list[_Column], note: str) -> str:
    import pandas as pd

    cells = pd.DataFrame({place: column.cells for place, column in enumerate(columns)})
    rows = cells.to_string(index=False, header=[column.heading for column in columns])
    return "\n".join([caption, rows, *([note] if note else [])])
