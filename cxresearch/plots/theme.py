"""One look for all figures, and one colour per category in every one of them."""

from __future__ import annotations

import seaborn as sns
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


def use() -> None:
    """Make every figure drawn from now on look like the kit's."""
    sns.set_theme(
        context="notebook",
        style="ticks",
        font_scale=0.95,
        rc={
            "axes.edgecolor": RULE,
            "axes.grid": True,
            "axes.grid.axis": "y",
            "axes.spines.right": False,
            "axes.spines.top": False,
            "figure.figsize": FIGURE_SIZE,
            "figure.constrained_layout.use": True,
            "font.family": "sans-serif",
            "grid.color": "#e4e4e4",
            "legend.frameon": False,
            "text.parse_math": False,  # the names of events and products may hold dollars
            "xtick.color": RULE,
            "xtick.labelcolor": "#333333",
            "ytick.color": RULE,
            "ytick.labelcolor": "#333333",
        },
    )


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
