"""Transitions between touchpoints as arrows on a circle, and the same in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.patches import FancyArrowPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath

from cxresearch.core.languages import Language, Words
from cxresearch.plots import _arrows, _axes, theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

#: Arrows beyond these would hide one another; the table below a figure has them all.
MOST_ARROWS = 14
_NAMED = 5
_INCH = 72
#: The size of the figure, and of its words, in points; the room round words, in sizes of them.
_SIZE = (theme.FIGURE_SIZE[0] * _INCH, 6.2 * _INCH)
_NAME_SIZE, _NAME_PAD = 9.5, 0.4
_LABEL_SIZE, _LABEL_PAD = 8.5, 0.1


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
    axes = _new_axes()
    rows = shown.to_dict("records")
    ways = {(str(row["source"]), str(row["target"])): float(row["count"]) for row in rows}
    names = _arrows.ordered(list(dict.fromkeys(name for way in ways for name in way)), ways)
    sizes = {name: _half_size(_axes.name(name, language), _NAME_SIZE, _NAME_PAD) for name in names}
    boxes = _arrows.round_the_edge(sizes, *_SIZE)
    curves: list[_arrows.Curve] = []
    for source, target in ways:
        ends = boxes[source], boxes[target]
        curves.append(_arrows.arrow(*ends, list(boxes.values()), curves))
    taken = list(boxes.values())
    for row, curve in zip(rows, curves, strict=True):
        _arrow(axes, curve, 0.6 + 5 * float(row["count"]) / max(ways.values()))
        words = language.quantity(float(row["share"]), "share", 0)
        others = [other for other in curves if other is not curve]
        place = _arrows.label(curve, _half_size(words, _LABEL_SIZE, _LABEL_PAD), taken, others)
        taken.append(place)
        _write(axes, place, words, size=_LABEL_SIZE, pad=_LABEL_PAD, edge="none")
    for name, box in boxes.items():
        _write(
            axes, box, _axes.name(name, language), size=_NAME_SIZE, pad=_NAME_PAD, edge=theme.RULE
        )
    return axes


def in_words(edges: pd.DataFrame, *, lang: str = "en") -> Words:
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
    shown, edges = _shown(edges), edges.dropna(subset=["count"])
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
    return Words(" ".join([title, *named]))


def _shown(edges: pd.DataFrame) -> pd.DataFrame:
    known = edges.dropna(subset=["count"])
    ordered = known.sort_values(["count", "source", "target"], ascending=[False, True, True])
    return ordered.head(MOST_ARROWS)


def _new_axes() -> Axes:
    """Return axes whose unit is a point of the figure, so that words and places compare."""
    axes = _axes.new_axes(height=_SIZE[1] / _INCH)
    axes.set_position((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, _SIZE[0])
    axes.set_ylim(0, _SIZE[1])
    return axes


def _half_size(words: str, size: float, pad: float) -> tuple[float, float]:
    """Return half the width and half the height of words in a box, in points."""
    width = TextPath((0, 0), words, size=size).get_extents().width
    return float(width) / 2 + pad * size, size * (0.5 + pad)


def _arrow(axes: Axes, curve: _arrows.Curve, width: float) -> None:
    path = Path([curve.start, curve.control, curve.end], [Path.MOVETO, Path.CURVE3, Path.CURVE3])
    arrow = FancyArrowPatch(
        path=path,
        arrowstyle="-|>",
        mutation_scale=9 + width,
        linewidth=width,
        color=theme.SERIES,
        alpha=0.85,
        zorder=2,
    )
    axes.add_patch(arrow)


def _write(axes: Axes, box: _arrows.Box, words: str, *, size: float, pad: float, edge: str) -> None:
    """Write words in the middle of a box, on the ground's colour."""
    axes.text(
        box.x,
        box.y,
        words,
        fontsize=size,
        horizontalalignment="center",
        verticalalignment="center",
        zorder=4,
        bbox={"boxstyle": f"round,pad={pad}", "facecolor": "white", "edgecolor": edge},
    )
