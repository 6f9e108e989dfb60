"""A data frame as a table that can be read, sorted and downloaded by everyone.

Every text in it is data: it is escaped in the HTML, and in the CSV it can never be a formula.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from typing import TYPE_CHECKING, Any

from cxresearch import _checks
from cxresearch.i18n import UNDEFINED, Language, is_currency
from cxresearch.report import csv_data, words

if TYPE_CHECKING:
    import pandas as pd

#: A column of texts this short is not broken into lines; one with longer ones is kept wide.
_SHORT_TEXT, _LONG_TEXT = 12, 40
_MONTH = re.compile(r"\d{4}-\d{2}")
#: Money of five figures and more is shown without cents.
_NO_CENTS = 10_000
_SMALLEST_P = 0.001
#: A p-value is shown with these decimals, whatever the others of its column are.
_P_DIGITS = 3


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

    @property
    def look(self) -> str:
        """How the style sheet calls such a column."""
        if self.is_number:
            return "number"
        longest = max(map(len, self.cells))
        return "short" if longest <= _SHORT_TEXT else "long" if longest > _LONG_TEXT else ""


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
    rows = csv_data.flat(frame)
    for named in [*units, *labels, *([people] if people else [])]:
        _checks.one_of("column", named, list(rows.columns))
    if rows.empty:
        nothing = f"{caption}: {language.text('no rows.')}"
        return TablePayload(f"<p>{escape(nothing)}</p>", nothing, "")
    hidden = csv_data.hidden_rows(rows, people=people, min_cell=min_cell)
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
        csv=csv_data.csv(rows, people=people, min_cell=min_cell),
    )


def _column(column: pd.Series[Any], language: Language, unit: str, label: str | None) -> _Column:
    from pandas.api import types

    is_number = types.is_numeric_dtype(column) and not types.is_bool_dtype(column)
    heading = language.text(label or str(column.name).replace("_", " ").capitalize())
    if unit and not is_said_in_cell(unit) and language.text(unit).casefold() != heading.casefold():
        heading = f"{heading} ({language.text(unit)})"
    digits = _digits(column, unit) if is_number else 0
    cells, keys = [], []
    for value, is_missing in zip(column, column.isna(), strict=True):
        if is_missing:
            cell, key = UNDEFINED, ""
        elif is_number:
            cell = _number(float(value), language, unit, digits)
            key = f"{value:.10g}"
        else:
            cell, key = _said(value, language, unit)
        cells.append(cell)
        keys.append(key)
    return _Column(heading, is_number, cells, keys)


def _number(value: float, language: Language, unit: str, digits: int) -> str:
    """Return a number in words; a p-value too small for its decimals is never said to be 0."""
    if unit == "p":
        small = value < _SMALLEST_P
        return (
            f"< {language.number(_SMALLEST_P, digits)}" if small else language.number(value, digits)
        )
    return language.quantity(value, unit if is_said_in_cell(unit) else "", digits)


def _said(value: Any, language: Language, unit: str) -> tuple[str, str]:
    """Return a value that is no number in words, and what it is sorted by."""
    if unit == "month" and isinstance(value, str) and _MONTH.fullmatch(value):
        value = date.fromisoformat(f"{value}-01")
    if isinstance(value, date):
        words_of = language.month if unit == "month" else language.day
        return words_of(value), value.isoformat()
    if unit == "name":
        return str(value), ""
    return words.word(value if isinstance(value, bool) else str(value), language), ""


def is_said_in_cell(unit: str) -> bool:
    """Return whether a unit is said in each cell; any other is said once, in the heading."""
    return unit in {"share", "month", "name", "p"} or is_currency(unit)


def _digits(column: pd.Series[Any], unit: str) -> int:
    """Return the decimals that all numbers of a column are shown with."""
    if unit == "p":
        return _P_DIGITS
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
    heads = [_cell("th", column.heading, look=column.look, scope="col") for column in columns]
    rows = []
    for row in range(len(columns[0].cells)):
        cells = [
            _cell(
                "td" if place else "th",
                column.cells[row],
                look=column.look,
                scope="" if place else "row",
                key=column.keys[row],
            )
            for place, column in enumerate(columns)
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    foot = f'<td colspan="{len(columns)}"><span>{escape(note)}</span></td>'
    return "\n".join(
        [
            '<table class="cx">',
            f"<caption>{escape(caption)}</caption>",
            f"<thead><tr>{''.join(heads)}</tr></thead>",
            "<tbody>",
            *rows,
            "</tbody>",
            *([f"<tfoot><tr>{foot}</tr></tfoot>"] if note else []),
            "</table>",
        ]
    )


def _cell(tag: str, words: str, *, look: str, scope: str, key: str = "") -> str:
    given = {"scope": scope, "class": look, "data-value": key}
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in given.items() if value)
    return f"<{tag}{attributes}>{escape(words)}</{tag}>"


def _text(caption: str, columns: list[_Column], note: str) -> str:
    import pandas as pd

    cells = pd.DataFrame({place: column.cells for place, column in enumerate(columns)})
    rows = cells.to_string(index=False, header=[column.heading for column in columns])
    return "\n".join([caption, rows, *([note] if note else [])])
