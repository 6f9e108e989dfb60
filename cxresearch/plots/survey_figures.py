"""A score wave by wave and group by group; and what matters against how it is rated."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.ticker import FuncFormatter

from cxresearch.core.figure import Figure
from cxresearch.core.missing import Missing, or_missing
from cxresearch.core.remarks import Amount, Month, Remark, is_month
from cxresearch.core.results import Interval
from cxresearch.plots import _axes, dot_chart, theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from cxresearch.core.languages import Language
    from cxresearch.core.table import Table
    from cxresearch.survey import Course, RatedParts

_IMPORTANCE = "share of what the parts explain"
_RATING = "Mean rating"
_WEIGHTED, _RAW, _TARGET = "weighted", "raw", "target"
_LIMITS = {"lower": "lower limit", "upper": "upper limit"}
#: Where the name of a quadrant stands, as parts of the axes, by important and done well.
_CORNERS = {
    (True, False): (0.01, 0.98, "left", "top"),
    (True, True): (0.99, 0.98, "right", "top"),
    (False, False): (0.01, 0.02, "left", "bottom"),
    (False, True): (0.99, 0.02, "right", "bottom"),
}
#: How far apart, as a part of the axis, two names at its end must be.
_APART = 0.07


@or_missing
def score_course(course: Course) -> Figure:
    """Draw a score by wave or month: weighted to all customers with its interval, beside raw.

    Parameters
    ----------
    course : Course
        From :func:`cxresearch.survey.course`.
    """
    name = "weighted" if course.is_weighted else "raw"
    known = course.frame[course.frame["people"] >= course.min_cell].dropna(subset=[name])
    title, values = "{question} by wave or month", dict[str, Any](question=course.label)
    if len(known):
        last = known.iloc[-1]
        title = "{question}: {value} in {period}"
        if course.is_weighted:
            title = "{question} weighted to all customers: {value} in {period}"
        value = Amount(last[name], course.unit, 0 if course.unit else 1)
        values["value"] = Remark("{x}", {"x": value})
        values["period"] = Remark("{x}", {"x": _period(last["period"])})
    return Figure(
        title=title,
        data=course.frame,
        draw=partial(_draw_course, course=course),
        describe=partial(_describe_course, course=course),
        values=values,
        people="people",
        within=(),
    )


@or_missing
def scores_apart(tables: Sequence[Table], *, confidence: float = 0.95) -> list[Figure] | Missing:
    """Draw each score in which a group differs from the rest, by group.

    Parameters
    ----------
    tables : sequence of Table
        One per question, from :func:`cxresearch.survey.scores_by_touchpoint` or its like.
    confidence : float, default 0.95
        How sure it must be that a group differs, its p-value being adjusted.
    """
    compared = [one for one in tables if one.frame["p_adjusted"].notna().any()]
    if not compared:
        return Missing("no two groups were asked the same question")
    return [
        _apart(one, confidence)
        for one in compared
        if one.frame["p_adjusted"].min() < 1 - confidence
    ]


@or_missing
def importance(parts: RatedParts) -> Figure:
    """Draw each part by how much it goes with the score and by how it is rated.

    Parameters
    ----------
    parts : RatedParts
        From :func:`cxresearch.survey.rated_parts`.
    """
    title = "No part that matters more than most is rated lower"
    if parts.first is not None:
        title = "{part} first: it matters more than most and is rated lower"
    return Figure(
        title=title,
        data=parts.map.points.assign(n=parts.drivers.n),
        draw=partial(_draw_importance, parts=parts),
        describe=partial(_describe_importance, parts=parts),
        values={"part": parts.first} if parts.first is not None else {},
        people="n",
        within=(),
    )


def _apart(scores: Table, confidence: float) -> Figure:
    """Draw one question: the lowest group is named where it is lower than the rest."""
    from cxresearch.survey.metrics import shown

    rows = scores.frame.sort_values("value", ascending=False, ignore_index=True)
    differs = rows["p_adjusted"] < 1 - confidence
    unit = shown(rows["unit"].iloc[0])
    label = Remark(scores.values["name"])
    is_low = bool((differs & (rows["difference"] < 0)).any())
    end = rows[differs].iloc[-1 if is_low else 0]
    by = scores.columns[0].name
    said: Any = [
        Remark("{value} (n = {n})", {"value": _score(row, unit), "n": row["n"]})
        for row in rows.to_dict("records")
    ]
    drawn = rows.assign(
        name=rows[by],
        low=rows["ci_low"],
        high=rows["ci_high"],
        tone=[
            ("worse" if one < 0 else "better") if far else ""
            for one, far in zip(rows["difference"], differs, strict=True)
        ],
        said=said,
    )
    return Figure(
        title="{group} has the lowest {metric}: {value}"
        if is_low
        else "{group} has the highest {metric}: {value}",
        data=drawn,
        draw=partial(
            dot_chart.draw,
            unit=unit,
            label=label,
            names={
                "better": "higher than the rest",
                "worse": "lower than the rest",
                "": "may be chance",
            },
        ),
        describe=partial(dot_chart.describe, unit=unit, label=label),
        values={
            "group": end[by],
            "metric": label,
            "value": Remark("{x}", {"x": _score(end, unit)}),
        },
        people="people",
        written=["said"],
    )


def _score(row: Any, unit: str) -> Amount:
    """Return a group's score as a sentence says it."""
    from cxresearch.survey.metrics import digits

    return Amount(row["value"], unit, 2 if row["unit"] == "score" else digits(unit))


def _draw_course(frame: pd.DataFrame, language: Language, *, course: Course) -> Axes:
    rows = frame.reset_index(drop=True)
    axes = _axes.new_axes()
    ends: list[tuple[float, str]] = []
    if course.is_weighted:
        _line(axes, rows["raw"], colour=theme.RULE, fill="white")
        axes.vlines(rows.index, rows["weighted_low"], rows["weighted_high"], color=theme.SERIES)
        _line(axes, rows["weighted"], colour=theme.SERIES, fill=theme.SERIES)
        ends = [(_last(rows["weighted"]), _WEIGHTED), (_last(rows["raw"]), _RAW)]
    else:
        axes.vlines(rows.index, rows["raw_low"], rows["raw_high"], color=theme.SERIES)
        _line(axes, rows["raw"], colour=theme.SERIES, fill=theme.SERIES)
    for name, said in _LIMITS.items():
        if rows[name].notna().any():
            axes.plot(rows.index, rows[name], color=theme.RULE, linestyle=":", linewidth=1)
            ends.append((_last(rows[name]), said))
    odd = rows[rows["signal"] != ""]
    if len(odd):
        of = odd["weighted"] if course.is_weighted else odd["raw"]
        axes.scatter(odd.index, of, color=theme.SIGNAL, marker="D", s=70, zorder=4)
    if course.target is not None:
        axes.axhline(course.target, color="#333333", linestyle="--", linewidth=1)
        ends.append((course.target, _TARGET))
    _name_ends(axes, ends, language)
    periods = [str(one) for one in rows["period"]]
    if all(map(is_month, periods)):
        _axes.set_months(axes, periods, language)
    else:
        axes.set_xticks(rows.index.to_list(), [_axes.name(one, language) for one in periods])
    label = course.label.words(language)
    _axes.set_quantity(axes, label, course.unit, language)
    return axes


def _name_ends(axes: Axes, ends: list[tuple[float, str]], language: Language) -> None:
    """Name what ends at the right, no name over another."""
    low, high = axes.get_ylim()
    least, below = _APART * (high - low), -math.inf
    for value, name in sorted(one for one in ends if not math.isnan(one[0])):
        place = max(value, below + least)
        below = place
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


def _describe_course(frame: pd.DataFrame, language: Language, *, course: Course) -> str:
    name = "weighted" if course.is_weighted else "raw"
    known = frame.dropna(subset=[name])
    label = course.label.words(language)
    if known.empty:
        return language.text("{label}: there is nothing to show.", label=label)

    def quantity(row: pd.Series[Any], column: str) -> str:
        return language.quantity(row[column], course.unit, 0 if course.unit else 1)

    last = known.iloc[-1]
    interval = Interval(last[f"{name}_low"], last[f"{name}_high"])
    top, bottom = (known.iloc[int(place)] for place in (known[name].argmax(), known[name].argmin()))
    said = language.text(
        "{label} by wave or month: {value} in {period} (interval {interval}); highest in {top} "
        "({high}), lowest in {bottom} ({low}).",
        label=label,
        value=quantity(last, name),
        period=_said(last["period"], language),
        interval=language.interval(interval, course.unit, 0 if course.unit else 1),
        top=_said(top["period"], language),
        high=quantity(top, name),
        bottom=_said(bottom["period"], language),
        low=quantity(bottom, name),
    )
    if not course.is_weighted:
        return said
    raw = language.text("Raw, the last is {value}.", value=quantity(last, "raw"))
    return f"{said} {raw}"


def _draw_importance(rows: pd.DataFrame, language: Language, *, parts: RatedParts) -> Axes:
    from cxresearch.survey.importance import QUADRANTS

    points = rows.dropna(subset=["importance", "performance"])
    axes = _axes.new_axes()
    axes.grid(visible=False)
    first = points["driver"] == parts.first
    for some, colour in ((points[~first], theme.SERIES), (points[first], theme.SIGNAL)):
        axes.scatter(some["performance"], some["importance"], color=colour, zorder=3)
    middle = points["performance"].median()
    for name, across, up in zip(
        points["driver"], points["performance"], points["importance"], strict=True
    ):
        is_right = across > middle
        axes.annotate(
            _axes.name(name, language),
            (across, up),
            xytext=(-6 if is_right else 6, 4),
            textcoords="offset points",
            horizontalalignment="right" if is_right else "left",
            fontsize="small",
        )
    if len(points):
        axes.axhline(parts.map.importance_cut, color=theme.RULE, linestyle="--", linewidth=1)
        axes.axvline(parts.map.performance_cut, color=theme.RULE, linestyle="--", linewidth=1)
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
    # Room at the edges, so that no part is under the name of its quadrant.
    axes.margins(0.15, 0.25)
    _axes.set_quantity(axes, _IMPORTANCE, "share", language)
    axes.set_xlabel(language.text(_RATING))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _place: language.number(value, 1)))
    return axes


def _describe_importance(rows: pd.DataFrame, language: Language, *, parts: RatedParts) -> str:
    points = rows.dropna(subset=["importance", "performance"])
    said = [
        language.text(
            "{driver} ({quadrant}): importance {importance}, rating {value}.",
            driver=language.label(row["driver"]),
            quadrant=language.text(row["quadrant"]),
            importance=language.quantity(row["importance"], "share"),
            value=language.number(row["performance"], 1),
        )
        for _, row in points.sort_values("importance", ascending=False).iterrows()
    ]
    title = language.text(
        "Importance for {question} against rating.", question=parts.label.words(language)
    )
    return " ".join([title, *said])


def _line(axes: Axes, values: pd.Series[float], *, colour: str, fill: str) -> None:
    known = values.dropna()
    axes.plot(known.index, known, color=colour, marker="o", markerfacecolor=fill)


def _last(values: pd.Series[float]) -> float:
    known = values.dropna()
    return float(known.iloc[-1]) if len(known) else math.nan


def _period(period: str) -> str:
    return Month(period) if is_month(period) else period


def _said(period: str, language: Language) -> str:
    return Remark("{x}", {"x": _period(period)}).words(language)
