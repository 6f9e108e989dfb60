"""Effects with their intervals, one below another or day by day, and the same in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
from babel.dates import format_date

from cxresearch.core.languages import Language, Words
from cxresearch.core.results import Interval
from cxresearch.plots import _axes, theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: More labels of days than this run into one another.
_MOST_DAYS = 8
_WEEK = 7


def draw(effects: pd.DataFrame, *, unit: str, label: str, lang: str = "en") -> Axes:
    """Draw effects one below another, with the line of no effect.

    Parameters
    ----------
    effects : pandas.DataFrame
        One row per effect: `name`, `value`, `low` and `high`.
    unit : str
        Their unit.
    label : str
        What they are, an English message.
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
    rows = effects.dropna(subset=["value"]).reset_index(drop=True)
    axes = _axes.new_axes(height=0.42 * len(rows) + 1.4)
    axes.axvline(0, color=theme.RULE, linestyle="--", linewidth=1)
    axes.hlines(rows.index, rows["low"], rows["high"], color=theme.SERIES, linewidth=2)
    axes.plot(rows["value"], rows.index, "o", color=theme.SERIES)
    axes.set_yticks(rows.index, [_axes.name(one, language) for one in rows["name"]])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    _axes.set_quantity(axes, label, unit, language, across=True)
    return axes


def in_words(effects: pd.DataFrame, *, unit: str, label: str, lang: str = "en") -> Words:
    """Return what :func:`draw` shows of the same arguments.

    Parameters
    ----------
    effects : pandas.DataFrame
        As for :func:`draw`.
    unit : str
        Their unit.
    label : str
        What they are, an English message.
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
            "{name}: {value} (interval {interval}).",
            name=language.text(row["name"]),
            value=language.quantity(row["value"], unit),
            interval=language.interval(Interval(row["low"], row["high"]), unit),
        )
        for _, row in effects.dropna(subset=["value"]).iterrows()
    ]
    return Words(
        " ".join([language.text("{label}, with intervals.", label=language.text(label)), *said])
    )


def draw_by_day(effects: pd.DataFrame, *, unit: str, label: str, lang: str = "en") -> Axes:
    """Draw an effect as it was known by day, with the line of no effect.

    Parameters
    ----------
    effects : pandas.DataFrame
        One row per day: `day`, `value`, `low` and `high`.
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
    _axes.set_quantity(axes, label, unit, language)
    return axes


def by_day_in_words(effects: pd.DataFrame, *, unit: str, label: str, lang: str = "en") -> Words:
    """Return what :func:`draw_by_day` shows of the same arguments.

    Parameters
    ----------
    effects : pandas.DataFrame
        As for :func:`draw_by_day`.
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
    known = effects.dropna(subset=["value"])
    if known.empty:
        return Words(language.text("{label}: there is no day to show.", label=language.text(label)))
    last = known.iloc[-1]
    clear = known[(known["low"] > 0) | (known["high"] < 0)]
    since = (
        language.text("It is clear of no effect first on {day}.", day=_day(clear, language))
        if len(clear)
        else language.text("It is clear of no effect on no day.")
    )
    return Words(
        " ".join(
            [
                language.text(
                    "{label} by day, to {day}: then {value} (interval {interval}).",
                    label=language.text(label),
                    day=language.day(pd.Timestamp(last["day"]).date()),
                    value=language.quantity(last["value"], unit),
                    interval=language.interval(Interval(last["low"], last["high"]), unit),
                ),
                since,
            ]
        )
    )


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


def _day(rows: pd.DataFrame, language: Language) -> str:
    return language.day(pd.Timestamp(rows["day"].iloc[0]).date())
