"""What a notebook says while it runs: sentences, tables, figures, and the numbers it records.

A notebook calls these functions; JupyterLab shows what they display, and
:mod:`cxresearch.report.render` turns the same outputs into a page.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxresearch.core import disk, phrasing, validate
from cxresearch.core.languages import Language
from cxresearch.core.results import Estimate, Result, side_by_side
from cxresearch.core.small_cells import is_small
from cxresearch.report import trace
from cxresearch.report.display import display
from cxresearch.report.records import RECORD_VARIABLE, KernelRecord, number_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

#: How many digits of a hash are shown.
_SHORT = 12
_HIDDEN = "Hidden: it would tell about fewer than {min_cell} people."


@dataclass(slots=True)
class _Page:
    """The page that the running notebook is writing."""

    language: Language = field(default_factory=Language)
    min_cell: int = 5
    headline: str = ""
    numbers: dict[str, dict[str, Any]] = field(default_factory=dict)


_page = _Page()

if RECORD_VARIABLE in os.environ:
    trace.watch()


def begin(*, lang: str = "en", min_cell: int = 5) -> None:
    """Begin a page: set its language and forget what an earlier run recorded.

    Parameters
    ----------
    lang : {"en", "it"}
        The language of everything the page says.
    min_cell : int
        The fewest people a row of a table may tell about.

    Raises
    ------
    ValueError
        If `lang` is another language or `min_cell` is below 1.

    Examples
    --------
    >>> begin(lang="it")
    >>> say("{share} of customers", share=(0.25, "share"))
    25,0% of customers
    >>> begin()
    """
    global _page
    _page = _Page(Language(lang), validate.whole("min_cell", min_cell, low=1))


def say(message: str, /, **values: Any) -> None:
    """Display a sentence whose numbers come from results.

    Where every estimate in it is undefined, what is displayed says why.

    Parameters
    ----------
    message : str
        The sentence in English, Markdown, with the values' names in braces.
    **values
        As :func:`cxresearch.core.phrasing.word` takes them; they can never become markup.

    Raises
    ------
    ValueError
        If the values are not the ones in the message's braces.

    Examples
    --------
    >>> say("{n} orders were read, worth {worth}.", n=1200, worth=(54321.5, "EUR"))
    1,200 orders were read, worth €54,321.50.
    """
    _say(message, values, kind="say")


def headline(message: str, /, **values: Any) -> None:
    """Display the answer in one sentence; the page puts it first, the index repeats it.

    Parameters
    ----------
    message : str
        As in :func:`say`.
    **values
        As in :func:`say`.

    Raises
    ------
    ValueError
        If the values are not the ones in the message's braces.
    """
    _page.headline = phrasing.plain(*_worded(message, values))
    _say(message, values, kind="headline")


def record(name: str, result: Result) -> None:
    """Keep a result under a name in the report's sidecar; nothing is displayed.

    Parameters
    ----------
    name : str
        The name of the quantity.
    result : Result
        The result.

    Raises
    ------
    TypeError
        If `result` is no :class:`Result`, or no estimate with an interval.
    ValueError
        If another result has this name already.
    """
    if not isinstance(result, Result):
        raise TypeError(f"result must be a Result; got {result!r}")
    kept = number_of(result, min_cell=_page.min_cell)
    if _page.numbers.setdefault(name, kept) != kept:
        raise ValueError(
            f"name must be new or its result the same; got {name!r}, recorded as "
            f"{_page.numbers[name]['value']} and now {kept['value']}"
        )


def table(
    frame: pd.DataFrame,
    *,
    caption: str,
    units: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    estimates: Mapping[str, str] | Sequence[str] = (),
    signed: Sequence[str] = (),
    people: str | Sequence[str] | None = None,
    within: Sequence[str] | None = None,
    **values: Any,
) -> None:
    """Display a table with a caption, numbers in the page's language and the CSV behind it.

    Parameters
    ----------
    frame : pandas.DataFrame
        The rows; the first column names the row. An index with a name becomes the first column.
    caption : str
        What the table shows, in English.
    units : mapping of str to str, optional
        The unit of a column, as in :class:`cxresearch.core.results.Estimate`; ``"month"`` says of a
        column of dates, or of texts such as ``"2026-03"``, that it holds months, ``"name"`` of
        one of texts that they are names, never to be translated, ``"p"`` that it holds p-values.
    labels : mapping of str to str, optional
        The English heading of a column; by default its name with spaces.
    estimates : sequence of str, or mapping of str to str, optional
        Columns of estimates, shown with their intervals as two columns, `x` and `x_interval`: `x`
        with `x_low` and `x_high` (or, where a mapping says ``{"x": "ci"}``, with `ci_low` and
        `ci_high`), in the unit that `units` gives or that `x_unit` has row by row, as in
        :func:`cxresearch.core.results.side_by_side`. The CSV has them as numbers.
    signed : sequence of str, optional
        Those of them that are written with a plus where they are above 0.
    people : str or sequence of str, optional
        The columns that count people, one for each group where a row compares several: a row with
        fewer than `min_cell` in one of them keeps only its name. By default those called ``n``,
        ``n_...``, ``people`` or ``customers``; an empty sequence where the rows tell about no
        people.
    within : sequence of str, optional
        The rows alike in one of these columns add up to a whole, of which none is hidden alone:
        by default all rows of the table. An empty sequence where rows add up to nothing.
    **values
        The values in the caption's braces.

    Raises
    ------
    TypeError
        If `frame` is no pandas data frame.
    ValueError
        If it has an index or columns of several levels, or a named column is not in it.
    """
    from cxresearch.core import table_html

    validate.filled("caption", caption)
    made = table_html.make(
        frame,
        caption=phrasing.plain(caption, values, _page.language),
        language=_page.language,
        units=units or {},
        labels=labels or {},
        estimates=estimates,
        signed=signed,
        people=people,
        min_cell=_page.min_cell,
        within=within,
    )
    display({"text/html": made.html, "text/plain": made.text}, made.metadata())


def estimates(
    named: Mapping[str, Estimate],
    *,
    caption: str,
    labels: Mapping[str, str] | None = None,
    **values: Any,
) -> None:
    """Display estimates as a table, each with its interval and in its own unit.

    Parameters
    ----------
    named : mapping of str to Estimate
        The estimates by name, an English message; one about fewer than `min_cell` is hidden.
    caption : str
        What the table shows, in English.
    labels : mapping of str to str, optional
        The English heading of ``"indicator"``, ``"value"``, ``"value_interval"`` or ``"n"``.
    **values
        The values in the caption's braces.
    """
    rows = side_by_side(named)
    table(
        rows,
        caption=caption,
        labels=labels,
        estimates=["value"],
        people="n",
        within=(),
        **values,
    )


def enough(
    frame: pd.DataFrame,
    *,
    people: str | Sequence[str] | None = None,
    within: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return what a figure may show of its data: the numbers of rows to be hidden are nan.

    Parameters
    ----------
    frame : pandas.DataFrame
        The data.
    people, within : optional
        As for :func:`table`.

    Examples
    --------
    >>> import pandas as pd
    >>> begin(min_cell=5)
    >>> rows = pd.DataFrame({"theme": ["fit", "price", "site"], "customers": [9, 8, 1]})
    >>> enough(rows, within=())["customers"].tolist()
    [9.0, 8.0, nan]
    """
    from cxresearch.core import small_cells

    counted = small_cells.people_columns(frame, people)
    hidden = small_cells.hidden_rows(frame, people=counted, min_cell=_page.min_cell, within=within)
    return small_cells.without_hidden(frame, hidden) if hidden.any() else frame


def show(
    fig: Any,
    *,
    caption: str,
    alt: str,
    data: pd.DataFrame | None = None,
    people: str | Sequence[str] | None = None,
    within: Sequence[str] | None = None,
    **values: Any,
) -> None:
    """Display a figure with a caption, an alternative text and the data behind it; close it.

    Parameters
    ----------
    fig : matplotlib.figure.Figure or anything that has a ``figure``
        The figure, or the axes or seaborn grid drawn on it.
    caption : str
        What the figure shows, in English.
    alt : str
        What a reader who cannot see it must know, in English, with the numbers as values.
    data : pandas.DataFrame, optional
        The numbers drawn; a download beside the figure, and its digest is the figure's text.
    people, within : optional
        As for :func:`table`, of `data`. Draw what :func:`enough` leaves of them: a figure of data
        in which something is still to be hidden is not shown, its data are.
    **values
        The values in the braces of the caption and the alternative text.

    Raises
    ------
    ValueError
        If the caption or the alternative text is missing or empty.
    """
    from cxresearch.core import csv_data, small_cells
    from cxresearch.report import figures

    validate.filled("caption", caption)
    validate.filled("alt", alt)
    if data is not None:
        rows = csv_data.flat(data)
        counted = small_cells.people_columns(rows, people)
        hidden = small_cells.hidden_rows(
            rows, people=counted, min_cell=_page.min_cell, within=within
        )
        if small_cells.is_told(rows, hidden):
            figures.close(fig.figure)
            _say(_HIDDEN, {"min_cell": _page.min_cell}, kind="say")
            return
    caption, alt = phrasing.plain_all([caption, alt], values, _page.language)
    made = figures.make(
        fig.figure,
        caption=caption,
        alt=alt,
        data=data,
        people=people,
        min_cell=_page.min_cell,
        within=within,
    )
    display({made.mime: made.payload, "text/plain": made.text}, made.metadata())


def provenance() -> None:
    """End a page: show the data it read, or hand its record to the runner."""
    reads = trace.reads()
    named = os.environ.get(RECORD_VARIABLE)
    if named is None:
        _show_reads(reads)
        return
    kept = KernelRecord(_page.headline, _page.numbers, reads, trace.modules())
    with disk.replacing(Path(named)) as path:
        path.write_text(json.dumps(kept.to_dict(), indent=1, allow_nan=False), encoding="utf-8")


def _say(message: str, values: Mapping[str, Any], *, kind: str) -> None:
    text, marked = (said(*_worded(message, values)) for said in (phrasing.plain, phrasing.markdown))
    display({"text/markdown": marked, "text/plain": text}, {"cx": {"kind": kind}})


def _worded(message: str, values: Mapping[str, Any]) -> tuple[str, Mapping[str, Any], Language]:
    """Return what is said of a message: a number that is not defined has no sentence.

    Nor has one about too few people: what else is in the sentence may tell about the same ones.
    """
    message, values = phrasing.or_why_not(message, values, _page.language)
    if any(is_small(value, _page.min_cell) for value in values.values()):
        message, values = _HIDDEN, {"min_cell": _page.min_cell}
    return message, values, _page.language


def _show_reads(reads: Mapping[str, str]) -> None:
    import pandas as pd

    rows = [(name, digest[:_SHORT]) for name, digest in reads.items()]
    table(
        pd.DataFrame(rows, columns=["file", "sha256"]),
        caption="The data this was computed from",
        labels={"file": "Data file", "sha256": "SHA-256"},
    )
