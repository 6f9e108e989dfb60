"""A table of shares or of their differences as a map of colours, and the same in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import Normalize, TwoSlopeNorm
from matplotlib.patches import Rectangle

from cxresearch.core import figure
from cxresearch.plots import _axes, theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from cxresearch.core.languages import Language

#: How many cells the words name.
_NAMED = 5


def draw(
    cells: pd.DataFrame,
    language: Language,
    *,
    label: str,
    significant: pd.DataFrame | None = None,
    signed: bool = False,
    down: str = "",
    across: str = "",
) -> Axes:
    """Draw a table of shares; what is significant is marked by a frame and a star.

    Parameters
    ----------
    cells : pandas.DataFrame
        Shares (0-1), or differences of shares; nan is a cell with nothing to show.
    language : Language
        The language of its readers.
    label : str
        What the cells are, an English message.
    significant : pandas.DataFrame of bool, optional
        Which cells are marked, with the same rows and columns.
    signed : bool, default False
        Whether the cells are differences, drawn in two hues from 0.
    down, across : str, optional
        What the rows and the columns are, English messages.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, alone in their figure.
    """
    values = cells.to_numpy(dtype=float)
    axes = _axes.new_axes(height=0.42 * len(cells) + 1.4)
    axes.grid(visible=False)
    if values.size:
        _colour(axes, values, signed=signed)
    marks = np.zeros(values.shape, dtype=bool) if significant is None else significant.to_numpy()
    for (row, column), value in np.ndenumerate(values):
        if math.isfinite(value):
            _write(axes, row, column, _shown(value, bool(marks[row, column]), signed, language))
    for row, column in np.argwhere(marks):
        corner = (column - 0.47, row - 0.45)
        axes.add_patch(
            Rectangle(corner, 0.94, 0.9, fill=False, edgecolor=theme.SIGNAL, linewidth=2, zorder=3)
        )
    axes.set_xticks(
        range(cells.shape[1]), [_axes.name(str(one), language) for one in cells.columns]
    )
    axes.set_yticks(range(cells.shape[0]), [_axes.name(str(one), language) for one in cells.index])
    axes.tick_params(axis="x", rotation=40, labelrotation=40)
    for tick in axes.get_xticklabels():
        tick.set_horizontalalignment("right")
    for axis, name in ((axes.yaxis, down), (axes.xaxis, across)):
        axis.set_label_text(language.text(name) if name else "")
    axes.set_title(language.text(label), loc="left", fontsize="medium")
    return axes


def describe(
    cells: pd.DataFrame,
    language: Language,
    *,
    label: str,
    significant: pd.DataFrame | None = None,
    signed: bool = False,
    down: str = "",
    across: str = "",
) -> str:
    """Return what :func:`draw` shows of the same arguments.

    Parameters
    ----------
    cells : pandas.DataFrame
        As for :func:`draw`.
    language : Language
        The language of its readers.
    label : str
        What the cells are, an English message.
    significant : pandas.DataFrame of bool, optional
        Which cells are marked.
    signed : bool, default False
        Whether the cells are differences.
    down, across : str, optional
        As for :func:`draw`.
    """
    named = "; ".join(
        language.text(
            "{row}, {column}: {value}",
            row=_axes.said(row, language),
            column=_axes.said(column, language),
            value=_shown(value, False, signed, language),
        )
        for row, column, value in _largest(cells)
    )
    words = [
        language.text(
            "{label}: {rows} rows by {columns} columns.",
            label=language.text(label),
            rows=language.number(cells.shape[0]),
            columns=language.number(cells.shape[1]),
        )
    ]
    if down and across:
        names = {"down": language.text(down), "across": language.text(across)}
        words.append(language.text("Rows: {down}; columns: {across}.", **names))
    if named:
        words.append(language.text("Largest: {cells}.", cells=named))
    if significant is not None:
        count = language.number(int(significant.to_numpy().sum()))
        words.append(language.text("Marked as significant: {count}.", count=count))
    return " ".join(words)


def _largest(cells: pd.DataFrame) -> list[tuple[str, str, float]]:
    """Return the row, the column and the value of the cells farthest from 0."""
    known = [
        (str(row), str(column), float(value))
        for row, values in zip(cells.index, cells.to_numpy(dtype=float), strict=True)
        for column, value in zip(cells.columns, values, strict=True)
        if math.isfinite(value)
    ]
    return sorted(known, key=lambda cell: -abs(cell[2]))[:_NAMED]


def _colour(axes: Axes, values: np.ndarray, *, signed: bool) -> None:
    most = float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 1.0
    norm = TwoSlopeNorm(0, -(most or 1), most or 1) if signed else Normalize(0, most or 1)
    colours = theme.diverging() if signed else theme.sequential()
    # Not an image: a page allows none inside a figure, and lines stay sharp in print.
    down, across = (range(size + 1) for size in values.shape)
    edges = [place - 0.5 for place in across], [place - 0.5 for place in down]
    axes.pcolormesh(*edges, values, cmap=colours, norm=norm, gid=f"{figure.AS_DRAWN}-cells")
    axes.invert_yaxis()


def _write(axes: Axes, row: int, column: int, shown: str) -> None:
    axes.text(
        column,
        row,
        shown,
        horizontalalignment="center",
        verticalalignment="center",
        fontsize="small",
        color="#111111",
        gid=f"{figure.AS_DRAWN}-{row}-{column}",
    )


def _shown(value: float, marked: bool, signed: bool, language: Language) -> str:
    points = language.number(value * 100, 1 if abs(value) < 0.0995 else 0)
    sign = "+" if signed and value > 0 else ""
    return f"{sign}{points}{'*' if marked else ''}"
