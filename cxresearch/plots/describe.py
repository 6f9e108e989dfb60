"""What a figure shows, in words computed from the data it was drawn from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cxresearch.core.languages import Language, Words
from cxresearch.core.results import Interval
from cxresearch.plots._axes import month_name
from cxresearch.stats.control.shewhart import BEYOND_LIMITS, RUN

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.stats.control.shewhart import ControlChart

_NOTHING = "{label}: there is no month to show."


def control_chart(chart: ControlChart, *, label: str, lang: str = "en") -> Words:
    """Return what :func:`cxresearch.plots.control_chart` shows of the same arguments.

    Parameters
    ----------
    chart : ControlChart
        A chart whose points have a `month`.
    label : str
        What is measured, an English message.
    lang : {"en", "it"}, default "en"
        The language of the words.

    Raises
    ------
    ValueError
        If `lang` is neither.
    """
    language = Language(lang)
    seen = _range(chart.points, "value", chart.unit, label, language)
    if not len(chart.points):
        return Words(seen)
    if math.isnan(chart.sigma):
        return Words(seen)
    sloped = "centre" in chart.points
    limits = language.text(
        "The months follow a line; at the last it is at {mean}, the control limits are {limits}."
        if sloped
        else "The mean is {mean}, the control limits are {limits}.",
        mean=language.quantity(chart.centre, chart.unit),
        limits=language.interval(chart.ci, chart.unit),
    )
    signals = " ".join(
        language.text(message, months=_months(chart.points, signal, language))
        for signal, message in (
            (BEYOND_LIMITS, "Months beyond the limits: {months}."),
            (RUN, "Months that end a run of eight or more on one side of the mean: {months}."),
        )
    )
    return Words(f"{seen} {limits} {signals}")


def trend(frame: pd.DataFrame, *, y: str, unit: str, label: str, lang: str = "en") -> Words:
    """Return what :func:`cxresearch.plots.trend` shows of the same arguments.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per month with `month`, the column `y`, and its interval.
    y : str
        The column of the quantity.
    unit : str
        Its unit.
    label : str
        What it is, an English message.
    lang : {"en", "it"}, default "en"
        The language of the words.

    Raises
    ------
    ValueError
        If `lang` is neither.
    """
    language = Language(lang)
    seen = _range(frame, y, unit, label, language)
    known = frame.dropna(subset=[y])
    if not len(known):
        return Words(seen)
    last = known.iloc[-1]
    latest = language.text(
        "In {month} it was {value} (interval {interval}).",
        month=month_name(last["month"], language),
        value=language.quantity(last[y], unit),
        interval=language.interval(Interval(last[f"{y}_low"], last[f"{y}_high"]), unit),
    )
    return Words(f"{seen} {latest}")


def stacked(
    frame: pd.DataFrame,
    *,
    columns: Mapping[str, str],
    unit: str,
    label: str,
    lang: str = "en",
) -> Words:
    """Return what :func:`cxresearch.plots.stacked` shows of the same arguments.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per month with `month` and the columns of the parts.
    columns : mapping of str to str
        The column of each part by its category, an English message.
    unit : str
        The unit of the parts.
    label : str
        What the total is, an English message.
    lang : {"en", "it"}, default "en"
        The language of the words.

    Raises
    ------
    ValueError
        If `lang` is neither.
    """
    language = Language(lang)
    total = frame[list(columns.values())].sum(axis=1, min_count=1)
    seen = _range(frame.assign(total=total), "total", unit, label, language)
    if not total.sum():
        return Words(seen)
    shares = ", ".join(
        language.text(
            "{part} {share}",
            part=language.text(part),
            share=language.quantity(frame[column].sum() / total.sum(), "share"),
        )
        for part, column in columns.items()
    )
    return Words(f"{seen} " + language.text("Over all months: {shares}.", shares=shares))


def _range(frame: pd.DataFrame, y: str, unit: str, label: str, language: Language) -> str:
    """Return the span of months with the highest and the lowest one."""
    known = frame.dropna(subset=[y])
    if not len(known):
        return language.text(_NOTHING, label=language.text(label))
    top, bottom = (known.iloc[int(place)] for place in (known[y].argmax(), known[y].argmin()))
    return language.text(
        "{label} by month, {first} to {last}: highest in {top} ({high}), "
        "lowest in {bottom} ({low}).",
        label=language.text(label),
        first=month_name(frame["month"].iloc[0], language),
        last=month_name(frame["month"].iloc[-1], language),
        top=month_name(top["month"], language),
        high=language.quantity(top[y], unit),
        bottom=month_name(bottom["month"], language),
        low=language.quantity(bottom[y], unit),
    )


def _months(points: pd.DataFrame, signal: str, language: Language) -> str:
    """Return the months with a signal, in words."""
    months = points.loc[points["signal"] == signal, "month"]
    named = ", ".join(month_name(month, language) for month in months)
    return named or language.text("none")
