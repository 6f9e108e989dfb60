"""How many have arrived by when, with those still on their way, and the same in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cxresearch.core.figure import Figure
from cxresearch.core.languages import Language, Words
from cxresearch.core.missing import or_missing
from cxresearch.core.results import Interval
from cxresearch.plots import _axes, theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from cxresearch.journeys import TimeToGoal

_LABEL = "share who came to the last step before falling silent"
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
        draw=_draw,
        describe=_describe,
        values=values,
        people="at_risk",
        within=(),
    )


def _draw(curves: pd.DataFrame, language: Language) -> Axes:
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
        axes.legend(**_axes.LEGEND_ABOVE)
    axes.set_ylim(0, None)
    axes.set_xlabel(language.text("days since the start"))
    _axes.set_quantity(axes, _LABEL, "share", language)
    return axes


def _describe(curves: pd.DataFrame, language: Language) -> Words:
    title = language.text("Cumulative incidence: {label}.", label=language.text(_LABEL))
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
