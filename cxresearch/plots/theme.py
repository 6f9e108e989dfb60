"""One look for all figures, and one colour per category in every one of them."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
from matplotlib.colors import LinearSegmentedColormap

from cxresearch.core import validate

# Three hues that people with any colour vision tell apart, each at least 3:1 against a white and
# against a dark page; the tests measure both, and a green or a plum beside the blue failed them.
_BLUE = "#2278b5"
_ORANGE = "#d55e00"
_SAND = "#96793f"

#: The one series of a figure that has only one, what is out of the ordinary in it, and the lines
#: that help to read it.
SERIES, SIGNAL, RULE = _BLUE, _ORANGE, "#767676"

#: What is better, what is worse and what is neither, whichever way the number went.
BETTER, WORSE, NEUTRAL = _BLUE, _ORANGE, "#767676"

#: The colours of groups that have no name of their own, in order.
HUES = (_BLUE, _ORANGE, _SAND)

#: A category has this colour in every figure; two that may meet in one figure differ.
COLOURS = {
    "new": _ORANGE,
    "returning": _BLUE,
    "anonymous": _SAND,
    "desktop": _BLUE,
    "mobile": _ORANGE,
    "tablet": _SAND,
    "completed": _BLUE,
    "cancelled": _ORANGE,
    "returned": _SAND,
}

#: Wide enough for a year of months, and legible when a phone shrinks it.
FIGURE_SIZE = (7.6, 3.6)
#: As wide as a phone shows it with letters of the same size.
NARROW_WIDTH = 3.8


_LOOK: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": RULE,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.labelcolor": ".15",
    "axes.labelsize": 11.4,
    "axes.linewidth": 1.25,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 11.4,
    "figure.constrained_layout.use": True,
    "figure.figsize": FIGURE_SIZE,
    "font.family": "sans-serif",
    "font.sans-serif": ["Arial", "DejaVu Sans", "Liberation Sans", "sans-serif"],
    "font.size": 11.4,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 1,
    "legend.fontsize": 10.45,
    "legend.frameon": False,
    "legend.title_fontsize": 11.4,
    "lines.solid_capstyle": "round",
    "patch.edgecolor": "w",
    "patch.force_edgecolor": True,
    "text.color": ".15",
    "text.parse_math": False,  # the names of events and products may hold dollars
} | {
    f"{axis}tick.{key}": value
    for axis in "xy"
    for key, value in {
        "color": RULE,
        "labelcolor": "#333333",
        "labelsize": 10.45,
        "major.size": 6,
        "major.width": 1.25,
        "minor.size": 4,
        "minor.width": 1,
    }.items()
}


def use() -> None:
    """Make every figure drawn from now on look like the kit's."""
    mpl.rcParams.update(_LOOK)


def for_seaborn() -> None:
    """Make seaborn's charts look like the kit's, in its colours."""
    import seaborn as sns

    sns.set_theme(style="ticks", palette=list(HUES), rc=_LOOK)


def sequential() -> LinearSegmentedColormap:
    """Return the colours of shares, from nothing to much; dark writing can be read on each."""
    return LinearSegmentedColormap.from_list("shares", ["#ffffff", "#7fb2da"])


def diverging() -> LinearSegmentedColormap:
    """Return the colours of differences, from less to more; dark writing can be read on each."""
    return LinearSegmentedColormap.from_list("differences", ["#7fb2da", "#ffffff", "#f0a07a"])


def colour(category: str) -> str:
    """Return the colour of a category.

    Raises
    ------
    ValueError
        If the category has none; the message lists those that have.

    Examples
    --------
    >>> colour("returning")
    '#2278b5'
    """
    return COLOURS[validate.one_of("category", category, COLOURS)]
