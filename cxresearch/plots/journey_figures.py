"""Funnels, flows, times to a goal and transitions that differ: drawn, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from matplotlib.colors import to_rgba
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from cxresearch.core.figure import Figure
from cxresearch.core.languages import Language, Words
from cxresearch.core.missing import or_missing
from cxresearch.core.results import Interval
from cxresearch.plots import _axes, heat_map, theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from cxresearch.journeys import Cells, Differences, Funnel, TimeToGoal

_FUNNEL_TITLES = {
    "customer": "Share of the customers that reach each step, with its interval",
    "session": "Share of the sessions that reach each step, with its interval",
    "order": "Share of the orders that reach each step, with its interval",
}
_FUNNEL_LABELS = {
    "customer": "share of the customers that entered",
    "session": "share of the sessions that entered",
    "order": "share of the orders that entered",
}
_FLOW_TITLES = {
    "customer": "How customers go on over their first steps",
    "session": "How sessions go on over their first steps",
    "order": "How orders go on over their first steps",
}
_BAR = 0.09
_GAP = 0.012
#: A bar thinner than this share has no room for its name.
_NAMED_FROM = 0.035
_MENTIONED = 5
Spans = dict[tuple[int, str], tuple[float, float]]
_ARRIVED = "share who came to the last step before falling silent"
_BY_DAYS = "Share of the customers who came to {goal}, by days since their first {start}"
_BEFORE_SILENCE = (
    "Share of the customers who came to {goal} before falling silent for {silent}, by days since "
    "their first {start}"
)
_OF_TWO = (
    "Share of the customers who came to {goal} before falling silent for {silent}, by days since "
    "their first {start}; {first} and {second}, which are compared (the table below has every "
    "group)"
)
_PAIR = 2
_STYLES = ("-", "--", ":", "-.")
_DIFFERENCES = "Transitions, {second} minus {first}; framed where the difference is significant"
_POINTS = "Second group minus first, in percentage points of those that leave the row"


@or_missing
def funnel(result: Funnel) -> Figure:
    """Draw the share that reached each step of a funnel, the first on top.

    Parameters
    ----------
    result : Funnel
        The funnel, from :func:`cxresearch.journeys.funnel`.
    """
    unit = result.rules.unit
    return Figure(
        title=_FUNNEL_TITLES[unit],
        data=result.to_frame(),
        draw=partial(_draw_funnel, unit=unit),
        describe=partial(_describe_funnel, unit=unit),
        people="customers",
        within=(),
    )


@or_missing
def flow(result: Cells) -> Figure:
    """Draw the flows between the first steps of journeys, as wide as they are frequent.

    Parameters
    ----------
    result : Cells
        The flows, from :func:`cxresearch.journeys.flow`.
    """
    return Figure(
        title=_FLOW_TITLES[result.rules.unit],
        data=result.to_frame(),
        draw=_draw_flow,
        describe=_describe_flow,
        people="customers",
        within=["step"],
    )


@or_missing
def time_to_goal(result: TimeToGoal, groups: Sequence[str] = ()) -> Figure:
    """Draw the share of each group that has come to the goal by each day, with its interval.

    Parameters
    ----------
    result : TimeToGoal
        The times, from :func:`cxresearch.journeys.time_to_goal`.
    groups : sequence of str, default ()
        Two groups that are drawn alone, if there are both; else all are.
    """
    curves = result.curves()
    start, goal = (" / ".join(events) for events in (result.start, result.goal))
    values: dict[str, Any] = {"start": start, "goal": goal}
    title = _BY_DAYS
    if result.silent_days is not None:
        title = _BEFORE_SILENCE
        values["silent"] = (result.silent_days, "days")
        if len(groups) == _PAIR and {*groups} <= {*result.groups}:
            curves = curves[curves["group"].isin(groups)]
            title = _OF_TWO
            values |= dict(zip(("first", "second"), groups, strict=True))
    return Figure(
        title=title,
        data=curves,
        draw=_draw_curves,
        describe=_describe_curves,
        values=values,
        people="at_risk",
        within=(),
    )


@or_missing
def transition_differences(compared: Differences) -> Figure:
    """Draw the differences of two groups: the sources and targets of those that are significant.

    Parameters
    ----------
    compared : Differences
        Transitions of two groups, from :func:`cxresearch.journeys.compare_transitions`.
    """
    different = compared.significant
    ends = {end: different[end].unique() for end in ("source", "target")}
    return Figure(
        title=_DIFFERENCES,
        data=compared.to_frame(),
        draw=partial(_draw_map, ends=ends),
        describe=partial(_describe_map, ends=ends),
        values={"first": compared.first, "second": compared.second},
        people=["n_first", "n_second"],
        within=["source"],
    )


def _draw_funnel(rows: pd.DataFrame, language: Language, *, unit: str) -> Axes:
    rows = rows.dropna(subset=["rate"]).reset_index(drop=True)
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
    _axes.set_quantity(axes, _FUNNEL_LABELS[unit], "share", language, across=True)
    return axes


def _describe_funnel(rows: pd.DataFrame, language: Language, *, unit: str) -> Words:
    said = [
        language.text(
            "{step}: {rate} (interval {interval}).",
            step=language.said(row["step"]),
            rate=language.quantity(row["rate"], "share"),
            interval=language.interval(Interval(row["rate_low"], row["rate_high"]), "share"),
        )
        for _, row in rows.dropna(subset=["rate"]).iterrows()
    ]
    return Words(
        " ".join(
            [language.text("Funnel: {label}.", label=language.text(_FUNNEL_LABELS[unit])), *said]
        )
    )


def _draw_flow(flows: pd.DataFrame, language: Language) -> Axes:
    flows = flows.dropna(subset=["count"])
    axes = _axes.new_axes(height=5.4)
    axes.grid(visible=False)
    spans = _spans(flows)
    _draw_bands(axes, flows, spans)
    for (step, name), (low, high) in spans.items():
        corner = (step - _BAR / 2, low)
        bar = Rectangle(corner, _BAR, high - low, facecolor=theme.SERIES, linewidth=0, zorder=3)
        axes.add_patch(bar)
        if high - low >= _NAMED_FROM:
            axes.annotate(
                _axes.name(name, language),
                (step + _BAR / 2, (low + high) / 2),
                xytext=(3, 0),
                textcoords="offset points",
                verticalalignment="center",
                fontsize="x-small",
                zorder=4,
            )
    last = max((step for step, _ in spans), default=1)
    axes.set_xlim(0.85, last + 0.75)
    axes.set_ylim(max((high for _, high in spans.values()), default=1.0) + 0.01, -0.01)
    axes.set_xticks(range(1, last + 1))
    axes.set_xlabel(language.text("step of the journey"))
    axes.set_yticks([])
    return axes


def _describe_flow(flows: pd.DataFrame, language: Language) -> Words:
    flows = flows.dropna(subset=["count"])
    ordered = flows.sort_values(
        ["count", "step", "source", "target"], ascending=[False, *[True] * 3]
    )
    named = [
        language.text(
            "Step {step}: {count} went from {source} to {target}.",
            step=language.number(int(row["step"])),
            count=language.number(int(row["count"])),
            source=language.said(row["source"]),
            target=language.said(row["target"]),
        )
        for _, row in ordered.head(_MENTIONED).iterrows()
    ]
    # How many there are is not said: the flows of too few people are not among these.
    title = language.text("Flow of journeys over their first steps.")
    return Words(" ".join([title, *named]))


def _spans(flows: pd.DataFrame) -> Spans:
    """Return where each bar begins and ends, as parts of all journeys, the largest on top."""
    whole = flows.loc[flows["step"] == 1, "count"].sum()
    # A bar is what flows out of it; the last ones, which nothing leaves, are what flows in.
    sizes = {**_sizes(flows, "target", later=1), **_sizes(flows, "source", later=0)}
    spans: Spans = {}
    down: dict[int, float] = {}
    for (step, name), size in sorted(sizes.items(), key=_largest_first):
        low = down.get(step, 0.0)
        spans[step, name] = (low, low + size / whole)
        down[step] = low + size / whole + _GAP
    return spans


def _sizes(flows: pd.DataFrame, end: str, *, later: int) -> dict[tuple[int, str], float]:
    """Return how many journeys are in each bar, counted at one end of the flows."""
    found: dict[tuple[int, str], float] = {}
    for step, name, count in zip(flows["step"], flows[end], flows["count"], strict=True):
        key = (int(step) + later, str(name))
        found[key] = found.get(key, 0.0) + float(count)
    return found


def _largest_first(bar: tuple[tuple[int, str], float]) -> tuple[int, float, str]:
    (step, name), size = bar
    return step, -size, name


def _draw_bands(axes: Axes, flows: pd.DataFrame, spans: Spans) -> None:
    whole = flows.loc[flows["step"] == 1, "count"].sum()
    left = {key: low for key, (low, _) in spans.items()}
    come = dict(left)
    rank = {key: place for place, key in enumerate(spans)}
    ordered = sorted(
        zip(flows["step"], flows["source"], flows["target"], flows["count"], strict=True),
        key=lambda flow: (rank[flow[0], flow[1]], rank[flow[0] + 1, flow[2]]),
    )
    for step, source, target, count in ordered:
        start, end, size = (step, source), (step + 1, target), count / whole
        _draw_band(axes, step, left[start], come[end], size)
        left[start] += size
        come[end] += size


def _draw_band(axes: Axes, step: int, start: float, end: float, size: float) -> None:
    """Draw one band: a curve along its upper edge, and another back along its lower one."""
    x0, x1 = step + _BAR / 2, step + 1 - _BAR / 2
    middle = (x0 + x1) / 2
    points = [
        *((x0, start), (middle, start), (middle, end), (x1, end)),
        *((x1, end + size), (middle, end + size), (middle, start + size), (x0, start + size)),
        (x0, start),
    ]
    curve = [Path.CURVE4] * 3
    codes = [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY]
    # The edge keeps a band apart from those it crosses, on a light page and on a dark one.
    axes.add_patch(
        PathPatch(
            Path(points, codes),
            facecolor=to_rgba(theme.SERIES, 0.25),
            edgecolor=to_rgba(theme.SERIES, 0.7),
            linewidth=0.4,
        )
    )


def _draw_curves(curves: pd.DataFrame, language: Language) -> Axes:
    axes = _axes.new_axes()
    curves = curves.dropna(subset=["incidence"])
    for place, (group, rows) in enumerate(curves.groupby("group", sort=False)):
        hue = theme.HUES[place % len(theme.HUES)]
        style = _STYLES[place % len(_STYLES)]
        ends = rows["incidence_low"], rows["incidence_high"]
        _axes.band(axes, rows["time"], *ends, colour=hue, step="post")
        axes.step(
            rows["time"],
            rows["incidence"],
            where="post",
            color=hue,
            linestyle=style,
            label=_axes.name(str(group), language),
        )
    if curves["group"].nunique() > 1:
        _axes.legend_above(axes)
    axes.set_ylim(0, None)
    axes.set_xlabel(language.text("days since the start"))
    _axes.set_quantity(axes, _ARRIVED, "share", language)
    return axes


def _describe_curves(curves: pd.DataFrame, language: Language) -> Words:
    title = language.text("Cumulative incidence: {label}.", label=language.text(_ARRIVED))
    curves = curves.dropna(subset=["incidence"])
    ends = curves.groupby("group", sort=False).tail(1)
    said = [
        language.text(
            "{group}: after {time}, {incidence} (interval {interval}).",
            group=language.said(str(row["group"])),
            time=language.quantity(float(row["time"]), "days"),
            incidence=language.quantity(row["incidence"], "share"),
            interval=language.interval(
                Interval(row["incidence_low"], row["incidence_high"]), "share"
            ),
        )
        for _, row in ends.iterrows()
    ]
    return Words(" ".join([title, *said]))


def _draw_map(rows: pd.DataFrame, language: Language, *, ends: dict[str, Any]) -> Axes:
    return heat_map.draw(language=language, **_map(rows, language, ends))


def _describe_map(rows: pd.DataFrame, language: Language, *, ends: dict[str, Any]) -> str:
    return heat_map.describe(language=language, **_map(rows, language, ends))


def _map(rows: pd.DataFrame, language: Language, ends: dict[str, Any]) -> dict[str, Any]:
    """Return what the map shows, its rows and columns by their labels."""

    def matrix(values: str) -> pd.DataFrame:
        wide = rows.pivot(index="source", columns="target", values=values)
        wide = wide.reindex(index=ends["source"], columns=ends["target"])
        return wide.rename(index=language.said, columns=language.said)

    return {
        "cells": matrix("difference"),
        "significant": matrix("significant").eq(True),
        "label": _POINTS,
        "signed": True,
        "down": "From",
        "across": "To",
    }
