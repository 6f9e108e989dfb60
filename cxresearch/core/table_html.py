"""A data frame as a table that can be read, sorted and downloaded by everyone.

Every text in it is data: it is escaped in the HTML, and in the CSV it can never be a formula.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from cxresearch.core import csv_data, small_cells, table_cells, validate
from cxresearch.core.languages import Language
from cxresearch.core.table_cells import Cells

if TYPE_CHECKING:
    import pandas as pd


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
        return {"csv": self.csv}


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
) -> TablePayload:
    """Return a frame as an accessible table with its text and its CSV.

    Parameters are those of :func:`cxresearch.report.table`, the caption already in words;
    columns that are `unshown`, and the intervals of estimates that are `alone`, are in the CSV and
    not on the page.

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
    rows = csv_data.flat(frame)
    ends = dict(estimates) if isinstance(estimates, Mapping) else {name: name for name in estimates}
    parts = [
        part
        for name, begin in ends.items()
        for part in (name, *table_cells.estimate_parts(name, begin)[: 2 if name in units else 3])
    ]
    shown = [f"{name}_interval" for name in ends]
    counted = small_cells.people_columns(rows, people)
    for named in [*units, *labels, *parts]:
        validate.one_of("column", named, [*rows.columns, *shown])
    if rows.empty:
        return nothing(f"{caption}: {language.text('no rows.')}")
    few = small_cells.small_rows(rows, people=counted, min_cell=min_cell)
    hidden = small_cells.hidden_rows(rows, people=counted, min_cell=min_cell, within=within)
    word = language.text("hidden")
    made = [
        (name, column)
        for name, column in _columns(rows, language, units, labels, ends, signed, alone)
        if name not in unshown
    ]
    for place, (name, column) in enumerate(made):
        if name in counted:
            own = few & ~(rows[name].astype(float) >= min_cell)
            column = table_cells.suppressed(column, own, f"< {min_cell}")
            made[place] = name, table_cells.suppressed(column, hidden & ~own, word)
        elif place:
            made[place] = name, table_cells.suppressed(column, hidden, word)
    said = [column for _, column in made]
    note = ""
    if hidden.any():
        message = (
            "Rows that tell about fewer than {min_cell} people are hidden, and with them those "
            "that would give them away."
            if (hidden & ~few).any()
            else "Rows that tell about fewer than {min_cell} people are hidden."
        )
        note = language.text(message, min_cell=min_cell)
    return TablePayload(
        html=_html(caption, said, note),
        text=_text(caption, said, note),
        csv=csv_data.csv(rows, people=counted, min_cell=min_cell, within=within),
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
    told = {
        part for name, begin in ends.items() for part in table_cells.estimate_parts(name, begin)
    }
    told |= {f"{name}_people" for name in ends}
    for name in rows.columns:
        unit = units.get(name)
        if name in ends:
            pair = table_cells.estimates(
                rows, name, ends[name], language, unit=unit, labels=labels, signed=name in signed
            )
            yield from ((name, column) for column in (pair[:1] if name in alone else pair))
        elif name not in told:
            yield name, table_cells.plain(rows[name], language, unit or "", labels.get(name))


def _html(caption: str, said: list[Cells], note: str) -> str:
    heads = [_cell("th", column.heading, look=column.look, scope="col") for column in said]
    rows = []
    for row in range(len(said[0].cells)):
        cells = [
            _cell(
                "td" if place else "th",
                column.cells[row],
                look=column.look,
                scope="" if place else "row",
                key=column.keys[row],
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


def _cell(tag: str, words: str, *, look: str, scope: str, key: str = "") -> str:
    given = {"scope": scope, "class": look, "data-value": key}
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in given.items() if value)
    return f"<{tag}{attributes}>{escape(words)}</{tag}>"


def _text(caption: str, said: list[Cells], note: str) -> str:
    import pandas as pd

    cells = pd.DataFrame({place: column.cells for place, column in enumerate(said)})
    rows = cells.to_string(index=False, header=[column.heading for column in said])
    return "\n".join([caption, rows, *([note] if note else [])])
