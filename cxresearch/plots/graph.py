"""Transitions between touchpoints as arrows on a circle, and the same in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.patches import FancyArrowPatch

from cxresearch.i18n import Language
from cxresearch.plots import _axes, theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

#: Arrows beyond these would hide one another; the table below a figure has them all.
MOST_ARROWS = 14
_NAMED = 5


def draw(edges: pd.DataFrame, *, lang: str = "en") -> Axes:
    """Draw the most frequent transitions; the wider the arrow, the more of them.

    Parameters
    ----------
    edges : pandas.DataFrame
        One row per transition: `source`, `target`, `count`, and `share` (0-1) of all that followed
        the source, the ends of journeys among it; rows to the exit may be left out.
    lang : {"en", "it"}, default "en"
        The language of the figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, alone in their figure.

    Raises
    ------
    ValueError
        If `lang` is neither.
    """
    language = Language(lang)
    shown = _shown(edges)
    axes = _axes.new_axes(height=6.2)
    axes.set_axis_off()
    places = _circle(list(dict.fromkeys([*shown["source"], *shown["target"]])))
    most = float(shown["count"].max()) if len(shown) else 1.0
    for _, row in shown.iterrows():
        start, end = places[row["source"]], places[row["target"]]
        _arrow(axes, start, end, 0.6 + 5 * float(row["count"]) / most)
        _label(axes, start, end, language.quantity(float(row["share"]), "share", 0))
    for name, (x, y) in places.items():
        axes.text(
            x,
            y,
            language.text(name),
            horizontalalignment="center",
            verticalalignment="center",
            fontsize="small",
            zorder=4,
            bbox={"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": theme.RULE},
        )
    axes.set_xlim(-1.35, 1.35)
    axes.set_ylim(-1.2, 1.2)
    return axes


def in_words(edges: pd.DataFrame, *, lang: str = "en") -> str:
    """Return what :func:`draw` shows of the same arguments.

    Parameters
    ----------
    edges : pandas.DataFrame
        As for :func:`draw`.
    lang : {"en", "it"}, default "en"
        The language of the words.

    Raises
    ------
    ValueError
        If `lang` is neither.
    """
    language = Language(lang)
    shown = _shown(edges)
    title = language.text(
        "Graph of the {shown} most frequent of {all} transitions.",
        shown=language.number(len(shown)),
        all=language.number(len(edges)),
    )
    named = [
        language.text(
            "From {source} to {target}: {count}, {share} of all that followed {source}, "
            "ends included.",
            source=language.text(row["source"]),
            target=language.text(row["target"]),
            count=language.number(int(row["count"])),
            share=language.quantity(float(row["share"]), "share"),
        )
        for _, row in shown.head(_NAMED).iterrows()
    ]
    return " ".join([title, *named])


def _shown(edges: pd.DataFrame) -> pd.DataFrame:
    ordered = edges.sort_values(["count", "source", "target"], ascending=[False, True, True])
    return ordered.head(MOST_ARROWS)


def _circle(names: list[str]) -> dict[str, tuple[float, float]]:
    """Return a place on a circle for each name, the first on top, then clockwise."""
    turn = 2 * math.pi / max(len(names), 1)
    return {
        name: (math.sin(place * turn), math.cos(place * turn)) for place, name in enumerate(names)
    }


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], width: float) -> None:
    loop = start == end
    arrow = FancyArrowPatch(
        (start[0] - 0.07, start[1]) if loop else start,
        (end[0] + 0.07, end[1]) if loop else end,
        connectionstyle="arc3,rad=-1.6" if loop else "arc3,rad=0.14",
        arrowstyle="-|>",
        mutation_scale=9 + width,
        shrinkA=14,
        shrinkB=16,
        linewidth=width,
        color=theme.SERIES,
        alpha=0.85,
        zorder=2,
    )
    axes.add_patch(arrow)


def _label(axes: Axes, start: tuple[float, float], end: tuple[float, float], words: str) -> None:
    """Write beside the middle of an arrow, on the side it bends to."""
    if start == end:
        x, y = start[0] * 1.18, start[1] * 1.16
    else:
        across, up = end[0] - start[0], end[1] - start[1]
        x = (start[0] + end[0]) / 2 + 0.07 * up
        y = (start[1] + end[1]) / 2 - 0.07 * across
    axes.text(
        x,
        y,
        words,
        fontsize="x-small",
        horizontalalignment="center",
        verticalalignment="center",
        zorder=3,
        bbox={"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none"},
    )
