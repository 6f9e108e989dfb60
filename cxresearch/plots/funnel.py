"""A funnel with the interval of every rate, and the same in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxresearch.core.languages import Language, Words
from cxresearch.core.results import Interval
from cxresearch.plots import _axes, theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def draw(steps: pd.DataFrame, *, label: str, lang: str = "en") -> Axes:
    """Draw the share that reached each step, the first on top.

    Parameters
    ----------
    steps : pandas.DataFrame
        One row per step in order: `step` (its name), `rate` (0-1), `rate_low` and `rate_high`.
    label : str
        What the rate is a share of, an English message.
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
    rows = steps.dropna(subset=["rate"]).reset_index(drop=True)
    axes = _axes.new_axes()
    axes.barh(rows.index, rows["rate"], height=0.62, color=theme.SERIES)
    for place, rate, low, high in zip(
        rows.index, rows["rate"], rows["rate_low"], rows["rate_high"], strict=True
    ):
        # Half of it lies on the bar, and black, which turns over on a dark page, is seen on both.
        (interval,) = axes.plot([low, high], [place] * 2, "|-", color="#111111", linewidth=2)
        interval.set(markersize=9, markeredgewidth=2)
        axes.annotate(
            language.quantity(rate, "share"),
            (max(rate, high) if high == high else rate, place),
            xytext=(6, 0),
            textcoords="offset points",
            verticalalignment="center",
            fontsize="small",
        )
    axes.set_yticks(rows.index, [_axes.name(step, language) for step in rows["step"]])
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.set_xlim(0, 1.12)
    _axes.set_quantity(axes, label, "share", language, across=True)
    return axes


def in_words(steps: pd.DataFrame, *, label: str, lang: str = "en") -> Words:
    """Return what :func:`draw` shows of the same arguments.

    Parameters
    ----------
    steps : pandas.DataFrame
        As for :func:`draw`.
    label : str
        What the rate is a share of, an English message.
    lang : {"en", "it"}, default "en"
        The language of the words.

    Raises
    ------
    ValueError
        If `lang` is neither.
    """
    language = Language(lang)
    said = [
        language.text(
            "{step}: {rate} (interval {interval}).",
            step=language.text(row["step"]),
            rate=language.quantity(row["rate"], "share"),
            interval=language.interval(Interval(row["rate_low"], row["rate_high"]), "share"),
        )
        for _, row in steps.dropna(subset=["rate"]).iterrows()
    ]
    return Words(" ".join([language.text("Funnel: {label}.", label=language.text(label)), *said]))
