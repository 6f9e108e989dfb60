"""What a notebook says while it runs: sentences, tables, figures, and the numbers it records.

A notebook calls these functions; JupyterLab shows what they display, and
:mod:`cxresearch.report.render` turns the same outputs into a page.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from cxresearch.core import csv_data, disk, phrasing, small_cells, table_html, validate
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Said, Sentence
from cxresearch.core.results import Estimate, Result, side_by_side
from cxresearch.report import read_log
from cxresearch.report.display import display
from cxresearch.report.sidecar import RECORD_VARIABLE, KernelRecord, number_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from cxresearch.core.figure import Figure
    from cxresearch.report.figures import FigurePayload
    from cxresearch.study import Study

#: How many digits of a hash are shown.
_SHORT = 12
_NOT_MEASURED = "Not measured: {why}."
_HIDDEN = "Hidden: it would tell about fewer than {min_cell} people."


@dataclass(slots=True)
class _Page:
    """The page that the running notebook is writing: in its languages, the one shown first."""

    languages: tuple[Language, ...] = (Language(),)
    min_cell: int = 5
    headlines: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, dict[str, Any]] = field(default_factory=dict)


_page = _Page()

if RECORD_VARIABLE in os.environ:
    read_log.watch()


def begin(study: Study | None = None, *, lang: str = "en", min_cell: int | None = None) -> None:
    """Begin a page, and forget what an earlier run recorded.

    Parameters
    ----------
    study : Study, optional
        Whose page it is: it is written in all languages of the study, with its labels.
    lang : str, default "en"
        The language that JupyterLab shows, a key of :data:`cxresearch.core.languages.LANGUAGES`.
    min_cell : int, optional
        The fewest people a row of a table may tell about; by default what the study says, else 5.

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
    shown = Language(lang).code
    codes = dict.fromkeys([shown, *(study.languages if study else ())])
    if min_cell is None:
        min_cell = study.manifest.min_cell if study else _Page().min_cell
    validate.whole("min_cell", min_cell, low=1)
    labels = {code: study.labels(code) if study else {} for code in codes}
    _page = _Page(tuple(Language(code, labels[code]) for code in codes), min_cell)


def label(names: Mapping[str, Mapping[str, str]]) -> None:
    """Say what the page's readers call values of the data; it goes before the study's labels.

    Parameters
    ----------
    names : mapping
        The label of each value by language, by value: themes of a codebook. A language without
        one has the first.

    Examples
    --------
    >>> begin(lang="it")
    >>> label({"fit": {"en": "Fit", "it": "Taglia"}})
    >>> say("They write of {theme}.", theme="fit")
    They write of «Taglia».
    >>> begin()
    """
    _page.languages = tuple(
        Language(
            one.code,
            dict(one.labels)
            | {value: Said(said).words(Language(one.code)) for value, said in names.items()},
        )
        for one in _page.languages
    )


def say(message: str | Sentence | list[Sentence] | Missing, /, **values: Any) -> None:
    """Display a sentence whose numbers come from results, or each of several.

    Where every estimate in it is undefined, or something in it could not be measured, what is
    displayed says why.

    Parameters
    ----------
    message : str, Sentence, list of Sentence or Missing
        The sentence in English, Markdown, with the values' names in braces; a sentence that a
        room has written has its values with it.
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
    if isinstance(message, list):
        for one in message:
            say(one)
        return
    if isinstance(message, Missing):
        message, values = "{missing}", {"missing": message}
    elif isinstance(message, Sentence):
        values, message = dict(message.values), message.message
    missing = next((one for one in values.values() if isinstance(one, Missing)), None)
    if missing is None:
        _say(message, values, kind="say")
    else:
        _say(_NOT_MEASURED, {"why": missing}, kind="missing")


def headline(message: str | Sentence, /, **values: Any) -> None:
    """Display the answer in one sentence; the page puts it first, the index repeats it.

    Parameters
    ----------
    message : str or Sentence
        As in :func:`say`.
    **values
        As in :func:`say`.

    Raises
    ------
    ValueError
        If the values are not the ones in the message's braces.
    """
    if isinstance(message, Sentence):
        values, message = dict(message.values), message.message
    _page.headlines = {
        one.code: phrasing.plain(*_worded(message, values, one), one) for one in _page.languages
    }
    _say(message, values, kind="headline")


def record(
    name: str | Mapping[str, Result] | Missing, result: Result | Missing | None = None
) -> None:
    """Keep a result under a name in the report's sidecar; nothing is displayed.

    Parameters
    ----------
    name : str, or mapping of str to Result
        The name of the quantity; a mapping, such as
        :class:`~cxresearch.core.table.Estimates`, has the names of several results.
    result : Result, optional
        The result. What is missing is not recorded.

    Raises
    ------
    TypeError
        If `result` is no :class:`Result`, or no estimate with an interval.
    ValueError
        If another result has this name already.
    """
    if isinstance(name, Missing) or isinstance(result, Missing):
        return
    if isinstance(name, Mapping):
        for each, one in name.items():
            record(each, one)
        return
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
    validate.filled("caption", caption)
    _display(
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
            min_cell=_page.min_cell,
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
    >>> begin(min_cell=5)
    >>> rows = pd.DataFrame({"theme": ["fit", "price", "site"], "customers": [9, 8, 1]})
    >>> enough(rows, within=())["customers"].tolist()
    [9.0, 8.0, nan]
    """
    return small_cells.enough(frame, people=people, min_cell=_page.min_cell, within=within)


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
        :class:`~cxresearch.core.figure.Figure` know their own words; a result shows its table.
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
    if not isinstance(shown, Table | Figure | Missing) and not hasattr(shown, "figure"):
        # Matplotlib's axes have a `table` too, which draws one.
        shown = shown.table() if hasattr(shown, "table") else shown
    if isinstance(shown, Missing):
        _say(_NOT_MEASURED, {"why": shown}, kind="missing")
    elif isinstance(shown, Table):
        table_ = shown.captioned(caption, **values) if caption else shown
        _display("table", lambda language: table_.made(language, min_cell=_page.min_cell))
    elif isinstance(shown, Figure):
        figure = replace(shown, title=caption, values=values) if caption else shown
        _show_figure(figure)
    elif hasattr(shown, "figure"):
        validate.filled("caption", caption)
        validate.filled("alt", alt)
        if data is not None and _is_told(data, people, within):
            figures.close(shown.figure)
            say(_HIDDEN, min_cell=_page.min_cell)
            return
        drawing = figures.drawn(
            shown.figure, data, people=people, min_cell=_page.min_cell, within=within
        )
        _display(
            "figure",
            lambda language: drawing.said(*phrasing.plain_all([caption, alt], values, language)),
        )
    else:
        raise validate.refused_type(
            "shown", "a table, a figure or a result that has a table", type(shown).__name__
        )


def _show_figure(figure: Figure) -> None:
    from cxresearch.report import figures

    rows = figure.shown(_page.min_cell)

    def made(language: Language) -> FigurePayload:
        axes = figure.draw(rows, language)
        drawing = figures.drawn(
            axes.figure,
            rows,
            people=figure.people,
            min_cell=_page.min_cell,
            within=figure.within,
        )
        title = phrasing.plain(figure.title, figure.values, language)
        return drawing.said(title, figure.describe(rows, language))

    _display("figure", made)


def _is_told(
    data: pd.DataFrame, people: str | Sequence[str] | None, within: Sequence[str] | None
) -> bool:
    """Return whether data tell about too few people."""
    rows = csv_data.flat(data)
    counted = small_cells.people_columns(rows, people)
    hidden = small_cells.hidden_rows(rows, people=counted, min_cell=_page.min_cell, within=within)
    return small_cells.is_told(rows, hidden)


def provenance() -> None:
    """End a page: show the data it read, or hand its record to the runner."""
    reads = read_log.reads()
    named = os.environ.get(RECORD_VARIABLE)
    if named is None:
        _show_reads(reads)
        return
    kept = KernelRecord(_page.headlines, _page.numbers, reads, read_log.modules())
    with disk.replacing(Path(named)) as path:
        path.write_text(json.dumps(kept.to_dict(), indent=1, allow_nan=False), encoding="utf-8")


class Payload(Protocol):
    """What is displayed of something in one language."""

    def bundle(self) -> dict[str, str]:
        """Return the output by MIME type."""

    def about(self) -> dict[str, str]:
        """Return what the renderer needs beside it."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    marked: str
    text: str

    def bundle(self) -> dict[str, str]:
        return {"text/markdown": self.marked, "text/plain": self.text}

    def about(self) -> dict[str, str]:
        return {}


def _display(kind: str, made: Callable[[Language], Payload]) -> None:
    """Display something in the first language, with what it is in each for the renderer."""
    versions = {one.code: made(one) for one in _page.languages}
    shown = versions[_page.languages[0].code]
    blocks = {code: one.about() | {"data": one.bundle()} for code, one in versions.items()}
    display(shown.bundle(), {"cx": {"kind": kind, "languages": blocks}})


def _say(message: str, values: Mapping[str, Any], *, kind: str) -> None:
    def made(language: Language) -> _Sentence:
        said = _worded(message, values, language)
        return _Sentence(phrasing.markdown(*said, language), phrasing.plain(*said, language))

    _display(kind, made)


def _worded(
    message: str, values: Mapping[str, Any], language: Language
) -> tuple[str, Mapping[str, Any]]:
    """Return what is said of a message: a number that is not defined has no sentence.

    Nor has one about too few people: what else is in the sentence may tell about the same ones.
    """
    message, values = phrasing.or_why_not(message, values, language)
    if any(small_cells.is_small(value, _page.min_cell) for value in values.values()):
        message, values = _HIDDEN, {"min_cell": _page.min_cell}
    return message, values


def _show_reads(reads: Mapping[str, str]) -> None:
    import pandas as pd

    rows = [(name, digest[:_SHORT]) for name, digest in reads.items()]
    table(
        pd.DataFrame(rows, columns=["file", "sha256"]),
        caption="The data this was computed from",
        labels={"file": "Data file", "sha256": "SHA-256"},
    )
