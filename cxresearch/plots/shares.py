"""Shares with their intervals beside what was tagged, and the same in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cxresearch.core.results import Interval
from cxresearch.plots import _axes, theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from cxresearch.core.languages import Language


def draw(shares: pd.DataFrame, language: Language, *, label: str) -> Axes:
    """Draw shares one below another; hollow is what a tagger found, with its errors.

    Parameters
    ----------
    shares : pandas.DataFrame
        One row per share: `name`, `value` with `low` and `high`, or nan where nobody looked at
        the tagger's work, and `naive`, the share tagged.
    language : Language
        The language of its readers.
    label : str
        What they are shares of, an English message.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, alone in their figure.
    """
    rows = shares.dropna(subset=["naive"]).reset_index(drop=True)
    axes = _axes.new_axes(height=0.38 * len(rows) + 1.6)
    known = rows.dropna(subset=["value"])
    if len(known):
        axes.hlines(known.index, known["low"], known["high"], color=theme.SERIES, linewidth=2)
        corrected = language.text("corrected for the tagger's errors")
        axes.plot(known["value"], known.index, "o", color=theme.SERIES, label=corrected)
    axes.plot(
        rows["naive"],
        rows.index,
        "D",
        color=theme.SIGNAL,
        markerfacecolor="none",
        label=language.text("as tagged (naive)"),
    )
    axes.set_yticks(rows.index, [_axes.name(one, language) for one in rows["name"]])
    axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.legend(**_axes.LEGEND_ABOVE)
    _axes.set_quantity(axes, label, "share", language, across=True)
    return axes


def describe(shares: pd.DataFrame, language: Language, *, label: str) -> str:
    """Return what :func:`draw` shows of the same arguments.

    Parameters
    ----------
    shares : pandas.DataFrame
        As for :func:`draw`.
    language : Language
        The language of its readers.
    label : str
        What they are shares of, an English message.
    """
    said = []
    for _, row in shares.dropna(subset=["naive"]).iterrows():
        message = (
            "{name}: as tagged {naive}."
            if math.isnan(row["value"])
            else "{name}: {value} (interval {interval}), as tagged {naive}."
        )
        said.append(
            language.text(
                message,
                name=language.said(row["name"]),
                value=language.quantity(row["value"], "share"),
                interval=language.interval(Interval(row["low"], row["high"]), "share"),
                naive=language.quantity(row["naive"], "share"),
            )
        )
    return " ".join([language.text("{label}, with intervals.", label=language.text(label)), *said])
