"""One column of a table in words, with what the page sorts it by."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from cxresearch.core import phrasing
from cxresearch.core.languages import UNDEFINED, Language, is_currency, scale
from cxresearch.core.results import Interval

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
class Cells:
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


def plain(column: pd.Series[Any], language: Language, unit: str, label: str | None) -> Cells:
    """Return a column of values that all have one unit.

    Parameters
    ----------
    column : pandas.Series
        The values.
    language : Language
        The language of the words.
    unit : str
        The unit, as in :func:`cxresearch.report.table`.
    label : str or None
        The English heading; by default the name with spaces.
    """
    from pandas.api import types

    is_number = types.is_numeric_dtype(column) and not types.is_bool_dtype(column)
    heading = _heading(str(column.name), label, language)
    if unit and not is_said_in_cell(unit) and language.unit(unit).casefold() != heading.casefold():
        heading = f"{heading} ({language.unit(unit)})"
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
    return Cells(heading, is_number, cells, keys)


def estimates(
    rows: pd.DataFrame,
    name: str,
    ends: str,
    language: Language,
    *,
    unit: str | None,
    labels: Mapping[str, str],
    signed: bool,
) -> tuple[Cells, Cells]:
    """Return estimates and their intervals, in one unit or each row in a unit of its own.

    Parameters
    ----------
    rows : pandas.DataFrame
        The rows, with the columns of :func:`estimate_parts`.
    name : str
        The column of the estimates.
    ends : str
        What the names of the columns of the interval's ends begin with.
    language : Language
        The language of the words.
    unit : str or None
        The unit of all rows; None where they have a column for it.
    labels : mapping of str to str
        The English heading of a column.
    signed : bool
        Whether what is above 0 is written with a plus.
    """
    low, high, own = estimate_parts(name, ends)
    units = rows[own] if unit is None else [unit] * len(rows)
    said, intervals, keys = [], [], []
    for value, *bounds, of in zip(rows[name], rows[low], rows[high], units, strict=True):
        known = not math.isnan(value)
        words_of, interval = language.estimate(value, Interval(*bounds), of)
        said.append(f"+{words_of}" if signed and value > 0 else words_of)
        intervals.append(interval if known else "")
        keys.append(f"{value:.10g}" if known else "")
    beside = f"{name}_interval"
    return (
        Cells(_heading(name, labels.get(name), language), True, said, keys),
        Cells(_heading("interval", labels.get(beside), language), True, intervals, keys),
    )


def estimate_parts(name: str, ends: str) -> tuple[str, str, str]:
    """Return the columns that go with an estimate: the ends of its interval, and its unit."""
    return f"{ends}_low", f"{ends}_high", f"{name}_unit"


def _heading(name: str, label: str | None, language: Language) -> str:
    return language.text(label or name.replace("_", " ").capitalize())


def _number(value: float, language: Language, unit: str, digits: int) -> str:
    """Return a number in words; a p-value too small for its decimals is never said to be 0."""
    if unit == "p":
        small = value < _SMALLEST_P
        return (
            f"< {language.number(_SMALLEST_P, digits)}" if small else language.number(value, digits)
        )
    if is_said_in_cell(unit):
        return language.quantity(value, unit, digits)
    return language.quantity(scale(unit) * value, "", digits)


def _said(value: Any, language: Language, unit: str) -> tuple[str, str]:
    """Return a value that is no number in words, and what it is sorted by."""
    if unit == "month" and isinstance(value, str) and _MONTH.fullmatch(value):
        value = date.fromisoformat(f"{value}-01")
    if isinstance(value, date):
        words_of = language.month if unit == "month" else language.day
        return words_of(value), value.isoformat()
    if unit == "code":
        return str(value), ""
    if unit == "name" and isinstance(value, str):
        return language.label(value), ""
    if isinstance(value, bool) or hasattr(value, "words"):
        return phrasing.word(value, language), ""
    return phrasing.word(str(value), language), ""


def is_said_in_cell(unit: str) -> bool:
    """Return whether a unit is said in each cell; any other is said once, in the heading."""
    return unit in {"share", "month", "name", "code", "p"} or is_currency(unit)


def _digits(column: pd.Series[Any], unit: str) -> int:
    """Return the decimals that all numbers of a column are shown with."""
    if unit == "p":
        return _P_DIGITS
    sizes = column.dropna().abs().astype(float)
    largest = float(sizes.max()) if len(sizes) else 0.0
    if is_currency(unit):
        return 0 if largest >= _NO_CENTS else 2
    largest *= scale(unit)
    if scale(unit) == 1 and (sizes == sizes.round()).all():
        return 0
    if largest == 0:
        return 1
    return min(4, max(1, 1 - math.floor(math.log10(largest))))


def suppressed(column: Cells, hidden: pd.Series[bool], fewer: str) -> Cells:
    """Return a column whose hidden cells say no more than `fewer`."""
    return replace(
        column,
        cells=[fewer if hide else cell for cell, hide in zip(column.cells, hidden, strict=True)],
        keys=["" if hide else key for key, hide in zip(column.keys, hidden, strict=True)],
    )
