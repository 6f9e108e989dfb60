"""Funnels, flows, times to a goal and transitions that differ: drawn, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from cxresearch.core.figure import Figure, is_narrow
from cxresearch.core.languages import Language, Words
from cxresearch.core.missing import or_missing
from cxresearch.core.remarks import Amount, Remark, Value
from cxresearch.core.results import Interval
from cxresearch.plots import _axes, dot_chart, theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from cxresearch.journeys import Differences, Funnel, TimeToGoal

_LOSES_MOST = "After the first step, most leave between {before} and {step}: {lost}"
_ONE_STEP = "Between {before} and {step} {lost} leave"
_NOBODY = "Nobody goes on from {start}"
_FUNNEL_LABELS = {
    "customer": "share of the customers that started",
    "session": "share of the sessions that started",
    "order": "share of the orders that started",
}
_ARRIVED = "share that reached the last step"
_BY_DAYS = "Share of the customers who reach {goal}, by days since their first {start}"
_ONE = "{share} of customers reach {goal} in {days}"
_OF_TWO = "{share} of {first} and {other} of {second} customers reach {goal} in {days}"
_PAIR = 2
_STYLES = ("-", "--", ":", "-.")
#: More differences than this are a table.
_MOST_TRANSITIONS = 8
_DIFFERENCES = "{second} against {first}: the largest difference is in {from}"
_NO_DIFFERENCE = "No step differs between {first} and {second}"
#: All of them are beyond chance: what is left is a way that is neither good nor bad.
_TONES = dot_chart.BETTER_OR_WORSE | {"": "neither better nor worse"}
_POINTS = "{second} minus {first}, of those at the event before the arrow"


@or_missing
def funnel(result: Funnel) -> Figure:
    """Draw the share that reached each step of a funnel, the first on top.

    Parameters
    ----------
    result : Funnel
        The funnel, from :func:`cxresearch.journeys.funnel`.
    """
    unit = result.rules.unit
    title, values = _NOBODY, dict[str, Any](start=result.steps[0].name)
    if result.leak:
        before, step = result.leak
        title = _ONE_STEP if before is result.steps[0] else _LOSES_MOST
        values = {
            "before": before.name,
            "step": step.name,
            "lost": Remark("{x}", {"x": Amount(1 - step.step_rate.value, "share", 0)}),
        }
    return Figure(
        title=title,
        values=values,
        data=result.to_frame(),
        draw=partial(_draw_funnel, unit=unit),
        describe=partial(_describe_funnel, unit=unit),
        people="customers",
        within=(),
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
    ends = curves.dropna(subset=["incidence"]).groupby("group", sort=False).tail(1)
    ends = ends.set_index("group")
    if len(groups) == _PAIR and {*groups} <= {*ends.index}:
        curves = curves[curves["group"].isin(groups)]
        title, one = _OF_TWO, ends.loc[groups[0]]
        other = ends.loc[groups[1], "incidence"]
        values = {"goal": goal, "first": groups[0], "second": groups[1], "other": (other, "share")}
    elif len(ends) == 1:
        title, one = _ONE, ends.iloc[0]
        values = {"goal": goal}
    if title != _BY_DAYS:
        values |= {"share": (one["incidence"], "share"), "days": (one["time"], "days")}
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
def transition_differences(compared: Differences, steps: Sequence[str] = ()) -> Figure:
    """Draw where two groups go on otherwise: the significant differences, the largest on top.

    Parameters
    ----------
    compared : Differences
        Transitions of two groups, from :func:`cxresearch.journeys.compare_transitions`.
    steps : sequence of str, default ()
        The steps of the funnel: to come to one is good; to leave is bad, and so is an error.
    """
    found = compared.significant
    found = found.loc[found["difference"].abs().sort_values(ascending=False).index]
    rows = found.head(_MOST_TRANSITIONS).reset_index(drop=True)
    named = {"value": rows["difference"], "low": rows["ci_low"], "high": rows["ci_high"]}
    ends = zip(rows["source"], rows["target"], strict=True)
    path: Any = [
        Remark("{source} → {target}", {"source": _end(one), "target": _end(other)})
        for one, other in ends
    ]
    tones = [
        dot_chart.tone(value, low, high, good=good) if (good := _good(target, steps)) else ""
        for target, value, low, high in zip(rows["target"], *named.values(), strict=True)
    ]
    shares: Any = [
        Remark(
            "{first} → {second}", {"first": Amount(one, "share"), "second": Amount(two, "share")}
        )
        for one, two in zip(rows["share_first"], rows["share_second"], strict=True)
    ]
    groups = {"first": compared.first, "second": compared.second}
    label = Remark(_POINTS, groups)
    return Figure(
        title=_DIFFERENCES if len(rows) else _NO_DIFFERENCE,
        data=rows.assign(name=path, tone=tones, said=shares, **named),
        draw=partial(dot_chart.draw, unit="share difference", label=label, names=_TONES),
        describe=partial(dot_chart.describe, unit="share difference", label=label),
        values=groups | ({"from": path[0]} if len(rows) else {}),
        people=["n_first", "n_second"],
        within=(),
        written=["said"],
    )


def _end(event: str) -> Value:
    """Return an event, or where a journey begins or ends, as a reader calls it."""
    from cxresearch.journeys.transitions import EXIT, START

    return Remark(event) if event in (START, EXIT) else event


def _good(target: str, steps: Sequence[str]) -> int:
    """Return which way is good for those who come to an event: 0 where that is not known."""
    from cxresearch.journeys.error_events import tells_of_error
    from cxresearch.journeys.transitions import EXIT

    return -1 if target == EXIT or tells_of_error(target) else int(target in steps)


def _draw_funnel(rows: pd.DataFrame, language: Language, *, unit: str) -> Axes:
    rows = rows.dropna(subset=["rate"]).reset_index(drop=True)
    axes = _axes.new_axes(height=0.72 * len(rows) + 0.8)
    axes.barh(rows.index, rows["rate"], height=0.5, color=theme.SERIES)
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
    for place, row in enumerate(rows.iloc[1:].to_dict("records")):
        left = language.text(
            "−{lost} leave ({share})",
            lost=language.number(row["lost"]),
            share=language.quantity(1 - row["step_rate"], "share", 0),
        )
        axes.annotate(
            left, (0, place + 0.5), xytext=(4, 0), textcoords="offset points",
            verticalalignment="center", fontsize="small",
        )  # fmt: skip
    axes.set_yticks(rows.index, [_axes.name(step, language) for step in rows["step"]])
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.set_xlim(0, 1.25 if is_narrow() else 1.12)
    parts = 4 if is_narrow() else 5
    axes.set_xticks([part / parts for part in range(parts + 1)])  # no share is above the whole
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
