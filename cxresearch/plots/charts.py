"""The figures of a scorecard: a result or a frame by month in, Axes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import seaborn as sns

from cxresearch.core.languages import Language
from cxresearch.plots import _axes, theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from cxresearch.stats.control.shewhart import ControlChart


def control_chart(chart: ControlChart, *, label: str, lang: str = "en") -> Axes:
    """Draw measurements by month with their centre and control limits.

    Parameters
    ----------
    chart : ControlChart
        A chart whose points have a `month`; a point with a signal is drawn apart.
    label : str
        What is measured, an English message.
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
    points = chart.points
    axes = _axes.new_axes()
    _line(axes, points["value"], marker="o")
    signals = points[points["signal"] != ""]
    sns.scatterplot(
        x=signals.index,
        y=signals["value"],
        color=theme.SIGNAL,
        marker="D",
        s=80,
        zorder=3,
        label=language.text("out of the ordinary") if len(signals) else None,
        ax=axes,
    )
    if len(signals):
        axes.legend(**_axes.LEGEND_ABOVE)
    sloped = "centre" in points
    for name, column, place, style in (
        ("upper limit", "high", chart.ci.high, "--"),
        ("trend" if sloped else "mean", "centre", chart.centre, "-"),
        ("lower limit", "low", chart.ci.low, "--"),
    ):
        if np.isnan(place):
            continue
        if sloped:
            axes.plot(points.index, points[column], color=theme.RULE, linestyle=style, linewidth=1)
        else:
            axes.axhline(place, color=theme.RULE, linestyle=style, linewidth=1)
        axes.annotate(
            language.text(name),
            (1, place),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            verticalalignment="center",
            fontsize="small",
            color="#333333",
        )
    _axes.set_months(axes, points["month"].tolist(), language)
    _axes.set_quantity(axes, label, chart.unit, language)
    return axes


def trend(frame: pd.DataFrame, *, y: str, unit: str, label: str, lang: str = "en") -> Axes:
    """Draw a quantity by month with its interval; months the data do not cover are hollow.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per month with `month`, `complete`, the column `y`, and its interval in the
        columns named like it with ``_low`` and ``_high``.
    y : str
        The column of the quantity.
    unit : str
        Its unit.
    label : str
        What it is, an English message.
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
    rows = frame.reset_index(drop=True)
    axes = _axes.new_axes()
    axes.vlines(rows.index, rows[f"{y}_low"], rows[f"{y}_high"], color=theme.SERIES)
    _line(axes, rows[y])
    for whole, fill, name in ((True, theme.SERIES, "whole month"), (False, "white", "part month")):
        some = rows[rows["complete"] == whole]
        if len(some):
            axes.plot(
                some.index,
                some[y],
                linestyle="",
                marker="o",
                color=theme.SERIES,
                markerfacecolor=fill,
                label=language.text(name),
            )
    if not rows["complete"].all():
        axes.legend(**_axes.LEGEND_ABOVE)
    _axes.set_months(axes, rows["month"].tolist(), language)
    _axes.set_quantity(axes, label, unit, language)
    return axes


def stacked(
    frame: pd.DataFrame,
    *,
    columns: Mapping[str, str],
    unit: str,
    label: str,
    lang: str = "en",
) -> Axes:
    """Draw the parts of a total by month as stacked bars.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per month with `month` and the columns of the parts, none negative.
    columns : mapping of str to str
        The column of each part by its category, a key of :data:`cxresearch.plots.theme.COLOURS`
        and an English message; the first is at the bottom.
    unit : str
        The unit of the parts.
    label : str
        What the total is, an English message.
    lang : {"en", "it"}, default "en"
        The language of the figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, alone in their figure.

    Raises
    ------
    ValueError
        If `lang` is neither, or a category has no colour.
    """
    language = Language(lang)
    rows = frame.reset_index(drop=True)
    axes = _axes.new_axes()
    if rows[list(columns.values())].notna().any(axis=None):  # seaborn has none of nothing
        _stack(axes, rows, columns, language)
    _axes.set_months(axes, rows["month"].tolist(), language)
    _axes.set_quantity(axes, label, unit, language)
    return axes


def _stack(axes: Axes, rows: pd.DataFrame, columns: Mapping[str, str], language: Language) -> None:
    """Draw the columns of each row on top of one another, and name them."""
    parts = pd.concat(
        [
            pd.DataFrame({"place": rows.index, "value": rows[column], "part": part})
            for part, column in columns.items()
        ],
        ignore_index=True,
    )
    # seaborn stacks the first category on top.
    top_down = list(columns)[::-1]
    sns.histplot(
        parts,
        x="place",
        weights="value",
        hue="part",
        hue_order=top_down,
        palette={part: theme.colour(part) for part in columns},
        multiple="stack",
        discrete=True,
        shrink=0.8,
        alpha=1,
        edgecolor="white",
        ax=axes,
    )
    sns.move_legend(
        axes,
        title=None,
        labels=[language.text(part) for part in top_down],
        **_axes.LEGEND_ABOVE,
    )


def _line(axes: Axes, values: pd.Series[float], **options: str) -> None:
    """Draw values as they are at 0, 1, 2...; by itself seaborn would average and bootstrap them."""
    sns.lineplot(
        x=values.index,
        y=values,
        color=theme.SERIES,
        estimator=None,
        errorbar=None,
        ax=axes,
        **options,
    )
