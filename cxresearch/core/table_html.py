"""A data frame as a table that can be read, sorted and downloaded by everyone.

Every text in it is data: it is escaped in the HTML, and in the CSV it can never be a formula.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from html import escape
from typing import TYPE_CHECKING, Any

from cxresearch.core import disclosure, phrasing, validate
from cxresearch.core.languages import UNDEFINED, Language
from cxresearch.core.remarks import Month, is_month
from cxresearch.core.results import SHARE_DIFFERENCE, Interval
from cxresearch.core.unit_formats import (
    DRAWN,
    NO_CENTS,
    is_currency,
    is_said_in_cell,
    scale,
    shared_decimals,
)

if TYPE_CHECKING:
    import pandas as pd


_SMALLEST_P = 0.001
#: A text that is a number: "0.8%", "−€3", "30".
_AMOUNT = re.compile(r"[-+\N{MINUS SIGN}]?[€$£]?\d[\d.,]*\s?[%€$£]?")
#: A p-value is shown with these decimals, whatever the others of its column are.
_P_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Cells:
    """One column in words; `keys` is what the page sorts by where the words would sort wrongly."""

    heading: str
    is_number: bool
    cells: list[str]
    keys: list[str]
    #: What is drawn in the place of the words on a page, as SVG; empty where nothing is.
    drawings: tuple[str, ...] = ()

    @property
    def look(self) -> str:
        """How the style sheet calls such a column."""
        if self.is_number or self.says_numbers:
            return "number"
        longest = max(map(len, self.cells))
        return "short" if longest <= _SHORT_TEXT else "long" if longest > _LONG_TEXT else ""

    @property
    def says_numbers(self) -> bool:
        """Whether its texts are numbers, each with a unit of its own or none."""
        said = [cell for cell in self.cells if cell not in ("", UNDEFINED)]
        return bool(said) and all(map(_AMOUNT.fullmatch, said))

    @property
    def head_look(self) -> str:
        """How it calls the heading: one of many words above numbers is not broken at every word."""
        is_wordy = self.is_number and len(self.heading) > _LONG_HEADING
        return f"{self.look} wordy" if is_wordy else self.look


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

    def bundle(self) -> dict[str, str]:
        """Return the output by MIME type."""
        return {"text/html": self.html, "text/plain": self.text}

    def about(self) -> dict[str, str]:
        """Return what the renderer needs beside the HTML."""
        # A table with drawings is read as a whole: none of its rows is folded.
        rows = 0 if "<svg" in self.html else self.html.count("<tr>") - 1
        return {"csv": self.csv, "rows": str(rows)}


def make(
    frame: pd.DataFrame,
    *,
    caption: str,
    language: Language,
    units: Mapping[str, str],
    labels: Mapping[str, str],
    people: str | Sequence[str] | None,
    min_cell: int,
    within: Sequence[str] | None = None,
    estimates: Mapping[str, str] | Sequence[str] = (),
    signed: Sequence[str] = (),
    unshown: Sequence[str] = (),
    alone: Sequence[str] = (),
    data: pd.DataFrame | None = None,
) -> TablePayload:
    """Return a frame as an accessible table with its text and its CSV.

    Parameters are those of :func:`cxresearch.report.table`, the caption already in words;
    columns that are `unshown`, and the intervals of estimates that are `alone`, are in the CSV and
    not on the page. `data` are the same rows for the CSV, with numbers where the page has words.

    Raises
    ------
    TypeError
        If `frame` is no pandas data frame.
    ValueError
        If it has several levels, or lacks a column that is named.

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
    rows = disclosure.flat(frame)
    ends = dict(estimates) if isinstance(estimates, Mapping) else {name: name for name in estimates}
    parts = [
        part
        for name, begin in ends.items()
        for part in (name, *_estimate_parts(name, begin)[: 2 if name in units else 3])
    ]
    shown = [f"{name}_interval" for name in ends]
    counted = disclosure.people_columns(rows, people)
    for named in [*units, *labels, *parts]:
        validate.one_of("column", named, [*rows.columns, *shown])
    if rows.empty:
        return nothing(f"{caption}: {language.text('no rows.')}")
    few = disclosure.small_rows(rows, people=counted, min_cell=min_cell)
    hidden = disclosure.hidden_rows(
        rows, people=counted, min_cell=min_cell, within=within, small=few
    )
    word = language.text("hidden")
    made = [
        (name, column)
        for name, column in _columns(rows, language, units, labels, ends, signed, alone)
        if name not in unshown
    ]
    for place, (name, column) in enumerate(made):
        if name in counted:
            own = few & ~(rows[name].astype(float) >= min_cell)
            column = _suppressed(column, own, f"< {min_cell}")
            made[place] = name, _suppressed(column, hidden & ~own, word)
        elif place:
            made[place] = name, _suppressed(column, hidden, word)
    said = [column for _, column in made]
    drawn = [name for name, unit in units.items() if unit == DRAWN]
    note = ""
    if hidden.any():
        message = (
            "Rows about fewer than {min_cell} people are hidden, and with them those that would "
            "give them away."
            if (hidden & ~few).any()
            else "Rows about fewer than {min_cell} people are hidden."
        )
        note = language.text(message, min_cell=min_cell)
    return TablePayload(
        html=_html(caption, said, note),
        text=_text(caption, said, note),
        csv=disclosure.csv(
            (rows if data is None else data).drop(columns=drawn),
            people=counted,
            min_cell=min_cell,
            within=within,
            marks=language.marks,
        ),
    )


def nothing(said: str) -> TablePayload:
    """Return what is said in the place of a table without rows."""
    return TablePayload(f"<p>{escape(said)}</p>", said, "")


def _columns(
    rows: pd.DataFrame,
    language: Language,
    units: Mapping[str, str],
    labels: Mapping[str, str],
    ends: Mapping[str, str],
    signed: Sequence[str],
    alone: Sequence[str],
) -> Iterator[tuple[str, Cells]]:
    """Yield the columns that are shown, each with the name of the one it comes from."""
    of_estimates = {part for name, begin in ends.items() for part in _estimate_parts(name, begin)}
    of_estimates |= {f"{name}_people" for name in ends}
    for name in rows.columns:
        unit = units.get(name)
        if name in ends:
            pair = _estimate_cells(
                rows,
                name,
                ends[name],
                language,
                unit=unit,
                labels=labels,
                signed=name in signed,
                is_alone=name in alone,
            )
            yield from ((name, column) for column in (pair[:1] if name in alone else pair))
        elif name not in of_estimates:
            yield name, _plain_cells(rows[name], language, unit or "", labels.get(name))


#: A column of texts this short is not broken into lines; one with longer ones is kept wide.
_SHORT_TEXT, _LONG_TEXT = 12, 40
_LONG_HEADING = 20


def _plain_cells(column: pd.Series[Any], language: Language, unit: str, label: str | None) -> Cells:
    """Return a column of values that all have one unit."""
    from pandas.api import types

    is_number = types.is_numeric_dtype(column) and not types.is_bool_dtype(column)
    heading = _heading(str(column.name), label, language)
    if unit == DRAWN:
        drawings = tuple(one.svg(language) for one in column)
        words_of = [one.words(language) for one in column]
        return Cells(heading, False, words_of, [""] * len(words_of), drawings)
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
    drawings = tuple(_linked(*both, language) for both in zip(column, cells, strict=True))
    return Cells(heading, is_number, cells, keys, drawings if any(drawings) else ())


def _linked(value: object, words: str, language: Language) -> str:
    """Return what a cell says as a link, where its value knows of a page."""
    link = getattr(value, "link", None)
    return f'<a href="{escape(link(language))}">{escape(words)}</a>' if link else ""


def _estimate_cells(
    rows: pd.DataFrame,
    name: str,
    ends: str,
    language: Language,
    *,
    unit: str | None,
    labels: Mapping[str, str],
    signed: bool,
    is_alone: bool,
) -> tuple[Cells, Cells]:
    """Return estimates and their intervals, in `unit` or each row in a unit of its own.

    Estimates of one unit have the same decimals. A unit in words that all have is in the heading;
    of several, those that stand alone have only the short ones, the row's name says the others.
    """
    low, high, own = _estimate_parts(name, ends)
    units = list(rows[own]) if unit is None else [unit] * len(rows)
    numbers = [list(row) for row in zip(rows[name], rows[low], rows[high], strict=True)]
    digits = {
        of: shared_decimals([row for row, its in zip(numbers, units, strict=True) if its == of], of)
        for of in set(units)
        # Money of one column is in one size; beside other things each has its own.
        if not is_currency(of) or len(set(units)) == 1
    }
    heading = _heading(name, labels.get(name), language)
    shared = units[0] if len(set(units)) == 1 and not is_said_in_cell(units[0]) else ""
    if shared:
        heading = f"{heading} ({language.unit(shared)})"
    said, intervals, keys = [], [], []
    for (value, *bounds), of in zip(numbers, units, strict=True):
        known = not math.isnan(value)
        words_of, interval = language.estimate(value, Interval(*bounds), of, digits.get(of))
        if shared or (is_alone and not _is_short(of)):
            words_of = language.quantity(scale(of) * value, "", digits.get(of))
            if known and of == SHARE_DIFFERENCE and not shared:
                words_of = language.text("{number} pp", number=words_of)
        is_above = value > 0 and any(letter in "123456789" for letter in words_of)
        said.append(f"+{words_of}" if signed and is_above else words_of)
        intervals.append(interval if known else "")
        keys.append(f"{value:.10g}" if known else "")
    beside = f"{name}_interval"
    return (
        Cells(heading, True, said, keys),
        Cells(_heading("interval", labels.get(beside), language), True, intervals, keys),
    )


def _is_short(unit: str) -> bool:
    return is_said_in_cell(unit) or unit in ("minutes", "hours", "days")


def _estimate_parts(name: str, ends: str) -> tuple[str, str, str]:
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
    if unit == "month" and isinstance(value, str) and is_month(value):
        value = Month(value).first_day
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


def _digits(column: pd.Series[Any], unit: str) -> int:
    """Return the decimals that all numbers of a column are shown with."""
    if unit == "p":
        return _P_DIGITS
    sizes = column.dropna().abs().astype(float)
    largest = float(sizes.max()) if len(sizes) else 0.0
    if is_currency(unit):
        return 0 if largest >= NO_CENTS else 2
    largest *= scale(unit)
    if scale(unit) == 1 and (sizes == sizes.round()).all():
        return 0
    if largest == 0:
        return 1
    return min(4, max(1, 1 - math.floor(math.log10(largest))))


def _suppressed(column: Cells, hidden: pd.Series[bool], fewer: str) -> Cells:
    """Return a column whose hidden cells say no more than `fewer`."""
    return replace(
        column,
        cells=[fewer if hide else cell for cell, hide in zip(column.cells, hidden, strict=True)],
        keys=["" if hide else key for key, hide in zip(column.keys, hidden, strict=True)],
        drawings=tuple(
            "" if hide else one for one, hide in zip(column.drawings, hidden, strict=False)
        ),
    )


def _html(caption: str, said: list[Cells], note: str) -> str:
    heads = [_cell("th", column.heading, look=column.head_look, scope="col") for column in said]
    rows = []
    for row in range(len(said[0].cells)):
        cells = [
            _cell(
                "td" if place else "th",
                column.cells[row],
                look=column.look,
                scope="" if place else "row",
                key=column.keys[row],
                drawing=column.drawings[row] if column.drawings else "",
            )
            for place, column in enumerate(said)
        ]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    foot = f'<td colspan="{len(said)}"><span>{escape(note)}</span></td>'
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


def _cell(tag: str, words: str, *, look: str, scope: str, key: str = "", drawing: str = "") -> str:
    given = {"scope": scope, "class": look, "data-value": key}
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in given.items() if value)
    return f"<{tag}{attributes}>{drawing or escape(words)}</{tag}>"


def _text(caption: str, said: list[Cells], note: str) -> str:
    columns = []
    for column in said:
        lines = [column.heading, *(" ".join(cell.splitlines()) for cell in column.cells)]
        width = max(map(len, lines))
        columns.append([line.rjust(width) for line in lines])
    rows = map(" ".join, zip(*columns, strict=True))
    return "\n".join([caption, *rows, *([note] if note else [])])
