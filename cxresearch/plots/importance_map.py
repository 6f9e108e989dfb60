"""The map of what matters against how well it is done, and the same in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import FuncFormatter

from cxresearch.core.languages import Language, Words
from cxresearch.plots import _axes, theme
from cxresearch.survey.importance import QUADRANTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from cxresearch.survey.importance import ImportancePerformance

_IMPORTANCE = "share of what the drivers explain"

#: Where the name of a quadrant stands, as parts of the axes, by important and done well.
_CORNERS = {
    (True, False): (0.01, 0.98, "left", "top"),
    (True, True): (0.99, 0.98, "right", "top"),
    (False, False): (0.01, 0.02, "left", "bottom"),
    (False, True): (0.99, 0.02, "right", "bottom"),
}


def importance_map(found: ImportancePerformance, *, performance: str, lang: str = "en") -> Axes:
    """Draw each driver by its importance and its performance, with the cuts between quadrants.

    Parameters
    ----------
    found : ImportancePerformance
        The drivers; their importances are shares.
    performance : str
        What the performance is, an English message.
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
    points = found.points.dropna(subset=["importance", "performance"])
    axes = _axes.new_axes()
    axes.grid(visible=False)
    axes.scatter(points["performance"], points["importance"], color=theme.SERIES, zorder=3)
    for name, across, up in zip(
        points["driver"], points["performance"], points["importance"], strict=True
    ):
        axes.annotate(
            _axes.name(name, language),
            (across, up),
            xytext=(5, 5),
            textcoords="offset points",
            fontsize="small",
        )
    if len(points):
        axes.axhline(found.importance_cut, color=theme.RULE, linestyle="--", linewidth=1)
        axes.axvline(found.performance_cut, color=theme.RULE, linestyle="--", linewidth=1)
    _name_quadrants(axes, language)
    # Room at the edges, so that no driver is under the name of its quadrant.
    axes.margins(0.15, 0.25)
    _axes.set_quantity(axes, _IMPORTANCE, "share", language)
    axes.set_xlabel(language.text(performance))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _place: language.number(value, 1)))
    return axes


def in_words(found: ImportancePerformance, *, performance: str, lang: str = "en") -> Words:
    """Return what :func:`importance_map` shows of the same arguments.

    Parameters
    ----------
    found : ImportancePerformance
        The drivers; their importances are shares.
    performance : str
        What the performance is, an English message.
    lang : {"en", "it"}, default "en"
        The language of the words.

    Raises
    ------
    ValueError
        If `lang` is neither.
    """
    language = Language(lang)
    points = found.points.dropna(subset=["importance", "performance"])
    drivers = [
        language.text(
            "{driver} ({quadrant}): importance {importance}, performance {value}.",
            driver=language.text(row["driver"]),
            quadrant=language.text(row["quadrant"]),
            importance=language.quantity(row["importance"], "share"),
            value=language.number(row["performance"], 1),
        )
        for _, row in points.sort_values("importance", ascending=False).iterrows()
    ]
    title = language.text(
        "Importance against performance ({performance}).", performance=language.text(performance)
    )
    return Words(" ".join([title, *drivers]))


def _name_quadrants(axes: Axes, language: Language) -> None:
    for key, (across, up, side, edge) in _CORNERS.items():
        axes.text(
            across,
            up,
            language.text(QUADRANTS[key]),
            transform=axes.transAxes,
            horizontalalignment=side,
            verticalalignment=edge,
            fontsize="small",
            fontstyle="italic",
            color="#333333",
        )
