"""An effect with its interval, day by day."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
from babel.dates import format_date

from cxresearch.core.figure import Figure
from cxresearch.core.missing import Missing, or_missing
from cxresearch.core.results import Interval
from cxresearch.plots import _axes, theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from cxresearch.core.languages import Language
    from cxresearch.experiments.monitoring import Monitoring

_PRIMARY = "Difference of the primary metric"
#: More labels of days than this run into one another.
_MOST_DAYS = 8
_WEEK = 7


@or_missing
def daily_effect(seen: Monitoring) -> Figure | Missing:
    """Draw an effect as it was known by day, with the line of no effect.

    Parameters
    ----------
    seen : Monitoring
        The effect, from :func:`cxresearch.experiments.monitor`; of at least two days.
    """
    from cxresearch.experiments.monitoring import NO_TWO_DAYS

    if len(seen.days) < 2:
        return Missing(NO_TWO_DAYS, {"variant": seen.variant})
    return Figure(
        title="Change of {metric} in {variant} by day, with the interval that holds on all days",
        data=seen.to_frame(),
        draw=partial(_draw_days, unit=seen.unit),
        describe=partial(_describe_days, unit=seen.unit, variant=seen.variant),
        values={"metric": seen.called, "variant": seen.variant},
        people="n",
        within=(),
    )


def _draw_days(effects: pd.DataFrame, language: Language, *, unit: str) -> Axes:
    numbers = dict.fromkeys(["value", "low", "high"], float)
    rows = effects.assign(day=pd.to_datetime(effects["day"])).dropna(subset=["low", "high"])
    rows = rows.astype(numbers)
    axes = _axes.new_axes()
    axes.axhline(0, color=theme.RULE, linestyle="--", linewidth=1)
    _axes.band(axes, rows["day"], rows["low"], rows["high"], colour=theme.SERIES)
    axes.plot(rows["day"], rows["value"], color=theme.SERIES)
    if len(rows):
        # The first days know nothing, and their interval would flatten all others.
        settled = rows[["low", "high"]].iloc[len(rows) // 5 :].dropna()
        if len(settled):
            axes.set_ylim(*_axes.padded(settled["low"].min(), settled["high"].max()))
        _set_days(axes, rows["day"].min(), rows["day"].max(), language)
    _axes.set_quantity(axes, _PRIMARY, unit, language)
    return axes


def _describe_days(effects: pd.DataFrame, language: Language, *, unit: str, variant: str) -> str:
    seen = _days_in_words(effects, language, unit=unit)
    return language.text("In {variant}: {seen}", variant=language.label(variant), seen=seen)


def _days_in_words(effects: pd.DataFrame, language: Language, *, unit: str) -> str:
    label = language.text(_PRIMARY)
    known = effects.dropna(subset=["value"])
    if known.empty:
        return language.text("{label}: there is no day to show.", label=label)
    last = known.iloc[-1]
    clear = known[(known["low"] > 0) | (known["high"] < 0)]
    since = (
        language.text("It is clear of no effect first on {day}.", day=_day(clear.iloc[0], language))
        if len(clear)
        else language.text("It is clear of no effect on no day.")
    )
    then = language.text(
        "{label} by day, to {day}: then {value} (interval {interval}).",
        label=label,
        day=_day(last, language),
        value=language.quantity(last["value"], unit),
        interval=language.interval(Interval(last["low"], last["high"]), unit),
    )
    return f"{then} {since}"


def _set_days(axes: Axes, first: pd.Timestamp, last: pd.Timestamp, language: Language) -> None:
    """Label the horizontal axis with days, or one in so many weeks, and each year once."""
    length = (last - first).days + 1
    step = 1 if length <= _MOST_DAYS else _WEEK * math.ceil(length / _MOST_DAYS / _WEEK)
    days = pd.date_range(first, last, freq=f"{step}D")
    labels, year = [], 0
    for day in days:
        pattern = "d MMM" if day.year == year else "d MMM\ny"
        labels.append(format_date(day, format=pattern, locale=language.locale))
        year = day.year
    axes.set_xticks(days.to_numpy(), labels)


def _day(row: pd.Series[Any], language: Language) -> str:
    return language.day(pd.Timestamp(row["day"]).date())
