"""What a notebook shows: tables, figures and results, each in every language of its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cxresearch.core import disclosure, phrasing, table_html, validate
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.core.results import Estimate, side_by_side
from cxresearch.report import page

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.core.figure import Figure
    from cxresearch.report.figures import FigurePayload


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
    validate.filled("caption", caption)
    page.display(
        "table",
        lambda language: table_html.make(
            frame,
            caption=phrasing.plain(caption, values, language),
            language=language,
            units=units or {},
            labels=labels or {},
            estimates=estimates,
            signed=signed,
            people=people,
            min_cell=page.min_cell(),
            within=within,
        ),
    )


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
    >>> page.begin(min_cell=5)
    >>> rows = pd.DataFrame({"theme": ["fit", "price", "site"], "customers": [9, 8, 1]})
    >>> enough(rows, within=())["customers"].tolist()
    [9.0, 8.0, nan]
    """
    return disclosure.enough(frame, people=people, min_cell=page.min_cell(), within=within)


def show(
    shown: Any,
    *,
    caption: str = "",
    alt: str = "",
    data: pd.DataFrame | None = None,
    people: str | Sequence[str] | None = None,
    within: Sequence[str] | None = None,
    **values: Any,
) -> None:
    """Display a result as its reader sees it: a table, a figure, or a result that has a table.

    Parameters
    ----------
    shown : Table, Figure, Result, matplotlib.figure.Figure or a list of them
        What is shown, or a list of it. A :class:`~cxresearch.core.table.Table` and a
        :class:`~cxresearch.core.figure.Figure` know their own words, and a figure without rows is
        its title alone; a result shows its table,
        or what its ``html(language)`` returns, on a page as wide as the window.
        A figure of matplotlib's, or anything that has a ``figure``, needs words: it is shown as
        it was drawn, in every language of the page.
    caption : str, optional
        What it shows, in English; by default its own.
    alt : str, optional
        What a reader who cannot see a figure of matplotlib's must know, in English.
    data : pandas.DataFrame, optional
        The numbers behind a figure of matplotlib's, a download beside it. One in which something
        is to be hidden is not shown: draw what :func:`enough` leaves.
    people, within : optional
        As for :func:`table`, of `data`.
    **values
        The values in the braces of the caption and the alternative text.

    Raises
    ------
    TypeError
        If it is nothing that can be shown.
    ValueError
        If a figure of matplotlib's comes without caption or alternative text.
    """
    from cxresearch.core.figure import Figure
    from cxresearch.core.table import Table
    from cxresearch.report import figures

    if isinstance(shown, list):
        for one in shown:
            show(one)
        return
    if not isinstance(shown, Table | Figure | Missing) and not (
        hasattr(shown, "figure") or hasattr(shown, "html")
    ):
        # Matplotlib's axes have a `table` too, which draws one.
        shown = shown.table() if hasattr(shown, "table") else shown
    if isinstance(shown, Missing):
        page.say(shown)
    elif isinstance(shown, Table):
        table_ = shown.captioned(caption, **values) if caption else shown
        page.display("table", lambda language: table_.made(language, min_cell=page.min_cell()))
    elif isinstance(shown, Figure):
        figure = replace(shown, title=caption, values=values) if caption else shown
        _show_figure(figure)
    elif hasattr(shown, "html"):
        page.display("html", lambda language: _Html(shown.html(language), repr(shown)))
    elif hasattr(shown, "figure"):
        validate.filled("caption", caption)
        validate.filled("alt", alt)
        if data is not None and _has_hidden(data, people, within):
            figures.close(shown.figure)
            page.say(page.HIDDEN, min_cell=page.min_cell())
            return
        drawing = figures.render(
            shown.figure, data, people=people, min_cell=page.min_cell(), within=within
        )

        def worded(language: Language) -> FigurePayload:
            title, seen = phrasing.plain_all([caption, alt], values, language)
            return drawing.said(title, seen)

        page.display("figure", worded)
    else:
        raise validate.refused_type(
            "shown", "a table, a figure or a result that has a table", type(shown).__name__
        )


@dataclass(frozen=True, slots=True)
class _Html:
    """What a result has written itself."""

    html: str
    text: str

    def bundle(self) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.text}

    def about(self) -> dict[str, str]:
        return {}


def _show_figure(figure: Figure) -> None:
    from cxresearch.core.figure import narrow
    from cxresearch.core.table import in_words
    from cxresearch.report import figures

    if figure.data.empty:
        page.say(figure.title, **figure.values)
        return
    rows = figure.shown(page.min_cell())

    def made(language: Language) -> FigurePayload:
        with narrow():
            small = figures.render(figure.draw(rows, language).figure, None)
        wide = figures.render(
            figure.draw(rows, language).figure,
            in_words(rows.drop(columns=list(figure.written)), language),
            people=figure.people,
            min_cell=page.min_cell(),
            within=figure.within,
            marks=language.marks,
        )
        title = phrasing.plain(figure.title, figure.values, language)
        return wide.said(title, figure.describe(rows, language), small)

    page.display("figure", made)


def _has_hidden(
    data: pd.DataFrame, people: str | Sequence[str] | None, within: Sequence[str] | None
) -> bool:
    """Return whether data have a number about too few people."""
    rows = disclosure.flat(data)
    counted = disclosure.people_columns(rows, people)
    hidden = disclosure.hidden_rows(rows, people=counted, min_cell=page.min_cell(), within=within)
    return bool(rows[hidden].select_dtypes("number").notna().any(axis=None))
