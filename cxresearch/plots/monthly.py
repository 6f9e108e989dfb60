"""What is measured by month: a control chart, a trend with intervals, the parts of a total."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import PolyCollection

from cxresearch.core.figure import Figure
from cxresearch.core.missing import or_missing
from cxresearch.core.remarks import Month
from cxresearch.core.results import Interval
from cxresearch.plots import _axes, theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from cxresearch.core.languages import Language
    from cxresearch.core.table import Table
    from cxresearch.kpis import Kpi
    from cxresearch.stats.control import ControlChart

#: How wide a month's bar is, in months.
_BAR = 0.8
_NOTHING = "{label}: there is no month to show."


@or_missing
def control_chart(chart: ControlChart, *, label: str, title: str = "", **values: Any) -> Figure:
    """Draw measurements by month with their centre and control limits.

    Parameters
    ----------
    chart : ControlChart
        A chart whose points have a `month`; a point with a signal is drawn apart.
    label : str
        What is measured, an English message.
    title : str, optional
        The title, an English message; by default the label.
    **values
        The values in the title's braces.
    """
    return Figure(
        title=title or label,
        data=chart.points,
        draw=partial(_draw_chart, chart=chart, label=label),
        describe=partial(_describe_chart, chart=chart, label=label),
        values=values,
    )


@or_missing
def trend(
    rows: pd.DataFrame,
    *,
    y: str,
    unit: str,
    label: str,
    title: str = "",
    people: str | None = None,
    **values: Any,
) -> Figure:
    """Draw a quantity by month with its interval; months the data do not cover are hollow.

    Parameters
    ----------
    rows : pandas.DataFrame
        One row per month with `month`, `complete`, the column `y`, and its interval in the
        columns named like it with ``_low`` and ``_high``.
    y : str
        The column of the quantity.
    unit : str
        Its unit.
    label : str
        What it is, an English message.
    title : str, optional
        The title, an English message; by default the label.
    people : str, optional
        The column that counts the people a month tells about; by default those called so.
    **values
        The values in the title's braces.
    """
    return Figure(
        title=title or label,
        data=rows,
        draw=partial(_draw_trend, y=y, unit=unit, label=label),
        describe=partial(_describe_trend, y=y, unit=unit, label=label),
        values=values,
        people=people,
    )


@or_missing
def stacked(
    rows: pd.DataFrame,
    *,
    columns: Mapping[str, str],
    unit: str,
    label: str,
    title: str = "",
    people: str | None = None,
    **values: Any,
) -> Figure:
    """Draw the parts of a total by month as stacked bars.

    Parameters
    ----------
    rows : pandas.DataFrame
        One row per month with `month` and the columns of the parts, none negative.
    columns : mapping of str to str
        The column of each part by its category, a key of :data:`cxresearch.plots.theme.COLOURS`
        and an English message; the first is at the bottom.
    unit : str
        The unit of the parts.
    label : str
        What the total is, an English message.
    title : str, optional
        The title, an English message; by default the label.
    people : str, optional
        The column that counts the people a month tells about; by default those called so.
    **values
        The values in the title's braces.

    Raises
    ------
    ValueError
        If a category has no colour.
    """
    for category in columns:
        theme.colour(category)
    return Figure(
        title=title or label,
        data=rows,
        draw=partial(_draw_stacked, columns=columns, unit=unit, label=label),
        describe=partial(_describe_stacked, columns=columns, unit=unit, label=label),
        values=values,
        people=people,
    )


def net_revenue_chart(net: Kpi) -> Figure:
    """Draw the net revenue of the whole months, with its control limits from enough months on."""
    from cxresearch.kpis import months

    chart = months.control_chart(net)
    unusual = [Month(month) for month in chart.points.loc[chart.points["signal"] != "", "month"]]
    title, values = "No month of net revenue was unusual", {}
    if len(chart.points) < months.FEWEST:
        title = "Net revenue by month: too few months to say what is usual"
        points, unknown = chart.points.assign(signal=""), Interval(math.nan, math.nan)
        chart = replace(chart, centre=math.nan, ci=unknown, sigma=math.nan, points=points)
    elif chart.note == months.SEASON:
        title = "Net revenue follows the seasons: compare a month with the year before"
    elif unusual:
        title = "Net revenue was last unusual in {month}"
        values = {"month": unusual[-1]}
    return control_chart(chart, label="Net revenue", title=title, **values)


def revenue_by_kind(kinds: Table, *, currency: str) -> Figure:
    """Draw the revenue of :func:`cxresearch.kpis.orders_by_kind`."""
    rows = kinds.frame
    title, values = "Revenue of new, returning and anonymous customers by month", {}
    whole = rows[rows["complete"] & rows["returning_share"].notna()]
    if len(whole):
        last = whole.iloc[-1]
        title = "Returning customers bring {share} of revenue in {month}"
        values = {"share": (last["returning_share"], "share"), "month": Month(last["month"])}
    return stacked(
        rows,
        columns={
            "returning": "returning_revenue",
            "new": "new_revenue",
            "anonymous": "anonymous_revenue",
        },
        unit=currency,
        label="Revenue kept",
        title=title,
        people="customers",
        **values,
    )


def _draw_chart(
    _rows: pd.DataFrame, language: Language, *, chart: ControlChart, label: str
) -> Axes:
    points = chart.points
    axes = _axes.new_axes()
    _line(axes, points["value"], marker="o")
    signals = points[points["signal"] != ""]
    axes.scatter(
        signals.index,
        signals["value"],
        color=theme.SIGNAL,
        edgecolors="white",
        linewidths=0.7,
        marker="D",
        s=80,
        zorder=3,
        label=language.text("unusual") if len(signals) else None,
    )
    if len(signals):
        _axes.legend_above(axes)
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


def _describe_chart(
    _rows: pd.DataFrame, language: Language, *, chart: ControlChart, label: str
) -> str:
    from cxresearch.stats.control.shewhart import BEYOND_LIMITS, RUN

    seen = _range(chart.points, "value", chart.unit, label, language)
    if not len(chart.points):
        return seen
    if math.isnan(chart.sigma):
        return seen
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
    return f"{seen} {limits} {signals}"


def _draw_trend(frame: pd.DataFrame, language: Language, *, y: str, unit: str, label: str) -> Axes:
    rows = frame.reset_index(drop=True)
    axes = _axes.new_axes()
    axes.vlines(rows.index, rows[f"{y}_low"], rows[f"{y}_high"], color=theme.SERIES)
    _line(axes, rows[y])
    for whole, fill, name in (
        (True, theme.SERIES, "complete month"),
        (False, "white", "part month"),
    ):
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
        _axes.legend_above(axes)
    _axes.set_months(axes, rows["month"].tolist(), language)
    _axes.set_quantity(axes, label, unit, language)
    return axes


def _describe_trend(
    frame: pd.DataFrame, language: Language, *, y: str, unit: str, label: str
) -> str:
    seen = _range(frame, y, unit, label, language)
    known = frame.dropna(subset=[y])
    if not len(known):
        return seen
    last = known.iloc[-1]
    latest = language.text(
        "In {month} it was {value} (interval {interval}).",
        month=_axes.month_name(last["month"], language),
        value=language.quantity(last[y], unit),
        interval=language.interval(Interval(last[f"{y}_low"], last[f"{y}_high"]), unit),
    )
    return f"{seen} {latest}"


def _draw_stacked(
    frame: pd.DataFrame, language: Language, *, columns: Mapping[str, str], unit: str, label: str
) -> Axes:
    rows = frame.reset_index(drop=True)
    axes = _axes.new_axes()
    if rows[list(columns.values())].notna().any(axis=None):
        _stack(axes, rows, columns, language)
    _axes.set_months(axes, rows["month"].tolist(), language)
    _axes.set_quantity(axes, label, unit, language)
    return axes


def _describe_stacked(
    frame: pd.DataFrame, language: Language, *, columns: Mapping[str, str], unit: str, label: str
) -> str:
    total = frame[list(columns.values())].sum(axis=1, min_count=1)
    seen = _range(frame.assign(total=total), "total", unit, label, language)
    if not total.sum():
        return seen
    shares = ", ".join(
        language.text(
            "{part} {share}",
            part=language.text(part),
            share=language.quantity(frame[column].sum() / total.sum(), "share"),
        )
        for part, column in columns.items()
    )
    return f"{seen} " + language.text("Over all months: {shares}.", shares=shares)


def _stack(axes: Axes, rows: pd.DataFrame, columns: Mapping[str, str], language: Language) -> None:
    """Draw the columns of each row on top of one another, and name them.

    The bars of a column are one collection, which is drawn in a third of the time of as many.
    """
    x, bottom = rows.index.to_numpy(dtype=float), np.zeros(len(rows))
    left, right = x - _BAR / 2, x + _BAR / 2
    bars = []
    for part, column in columns.items():
        top = bottom + rows[column].fillna(0).to_numpy(dtype=float)
        corners = np.array([(left, bottom), (left, top), (right, top), (right, bottom)])
        drawn = PolyCollection(
            list(corners.transpose(2, 0, 1)),
            facecolors=theme.colour(part),
            edgecolors="white",
            label=language.text(part),
        )
        drawn.sticky_edges.y.append(0)
        bars.append(axes.add_collection(drawn))
        bottom = top
    axes.autoscale_view()
    _axes.legend_above(axes, bars[::-1])  # as they lie, the top first


def _line(axes: Axes, values: pd.Series[float], *, marker: str = "") -> None:
    """Join the values that are known, at 0, 1, 2..."""
    known = values.dropna()
    axes.plot(
        known.index,
        known,
        color=theme.SERIES,
        marker=marker,
        markeredgecolor="white",
        markeredgewidth=0.75,
    )


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
        first=_axes.month_name(frame["month"].iloc[0], language),
        last=_axes.month_name(frame["month"].iloc[-1], language),
        top=_axes.month_name(top["month"], language),
        high=language.quantity(top[y], unit),
        bottom=_axes.month_name(bottom["month"], language),
        low=language.quantity(bottom[y], unit),
    )


def _months(points: pd.DataFrame, signal: str, language: Language) -> str:
    """Return the months with a signal, in words."""
    months = points.loc[points["signal"] == signal, "month"]
    named = ", ".join(_axes.month_name(month, language) for month in months)
    return named or language.text("none")
