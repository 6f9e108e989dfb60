"""What a variant changes: all metrics, by segment, and day by day, with intervals."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
from babel.dates import format_date

from cxresearch.core.figure import Figure, is_narrow
from cxresearch.core.missing import Missing, or_missing
from cxresearch.core.remarks import Amount, Remark, Value
from cxresearch.core.results import Interval
from cxresearch.core.unit_formats import decimals
from cxresearch.plots import _axes, dot_chart, theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from cxresearch.core.comparison import Comparison
    from cxresearch.core.languages import Language
    from cxresearch.experiments import Analysis
    from cxresearch.experiments.metric_effects import MetricEffect
    from cxresearch.experiments.monitoring import Monitoring

_PRIMARY = "Difference"
_RELATIVE = "Relative difference from the control"
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
    rows = seen.to_frame()
    known = rows.dropna(subset=["low", "high"])
    open_days = known[(known["low"] <= 0) & (known["high"] >= 0)]
    values: dict[str, Any] = {"metric": seen.called, "variant": seen.variant}
    title = "{metric} in {variant}: the interval still includes zero"
    if len(known) and (not len(open_days) or open_days.index[-1] != known.index[-1]):
        later = known if not len(open_days) else known.loc[open_days.index[-1] :].iloc[1:]
        title = "{metric} in {variant}: the interval excludes zero since {day}"
        values["day"] = pd.Timestamp(later["day"].iloc[0]).date()
    return Figure(
        title=title,
        data=rows,
        draw=partial(_draw_days, unit=seen.unit),
        describe=partial(_describe_days, unit=seen.unit, variant=seen.variant),
        values=values,
        people="n",
        within=(),
    )


@or_missing
def effects(analysis: Analysis) -> Figure | Missing:
    """Draw what the variants change, as a share of the control: the plan's metrics.

    A metric without a share of the control, such as an NPS, is in the table only.

    Parameters
    ----------
    analysis : Analysis
        The results, from :func:`cxresearch.experiments.evaluate`.
    """
    planned = [one for one in analysis.readings if one.metric.role != "exploratory"]
    known = [one for one in planned if math.isfinite(one.lift.value)]
    if not known:
        return Missing("no metric of the plan has a share of the control")
    several = len(analysis.treatments) > 1
    rows = [
        {
            "name": _named(one, several=several),
            "value": one.lift.value,
            "low": one.lift.ci.low,
            "high": one.lift.ci.high,
            "tone": dot_chart.tone(one.lift.value, *one.lift.ci, good=one.metric.sign),
            "said": _size(one.planned),
            "n": one.planned.n,
        }
        for one in known
    ]
    better, worse = (sum(row["tone"] == tone for row in rows) for tone in ("better", "worse"))
    return Figure(
        title="{variants}: {better} of {count} metrics better, {worse} worse",
        data=pd.DataFrame(rows),
        draw=partial(dot_chart.draw, unit="share", label=_RELATIVE),
        describe=partial(dot_chart.describe, unit="share", label=_RELATIVE),
        values={
            "variants": analysis.variants_said,
            "better": better,
            "worse": worse,
            "count": len(rows),
        },
        people="n",
        within=(),
        written=["said"],
    )


@or_missing
def effects_by_segment(analysis: Analysis) -> Figure | Missing:
    """Draw the effect on the first primary metric in each level of each segment.

    Parameters
    ----------
    analysis : Analysis
        The results, from :func:`cxresearch.experiments.evaluate`.
    """
    own = [one for one in analysis.segments if one.metric.name == analysis.primary]
    rows = [
        {
            "name": level,
            "value": reading.difference.value,
            "low": reading.difference.ci.low,
            "high": reading.difference.ci.high,
            "tone": dot_chart.tone(
                reading.difference.value, *reading.difference.ci, good=one.metric.sign
            ),
            "said": Remark("n = {n}", {"n": reading.difference.n}),
            "n": reading.difference.n,
        }
        for one in own
        for level, reading in one.levels.items()
    ]
    if not rows:
        return Missing("the plan names no segment")
    least = min((one.p_adjusted for one in own if one.p_adjusted == one.p_adjusted), default=1.0)
    unit = next(iter(own[0].levels.values())).difference.unit
    differs = least < 1 - analysis.confidence
    return Figure(
        title="The effect on {metric} differs between segments"
        if differs
        else "No difference between segments is shown in {metric}",
        data=pd.DataFrame(rows),
        draw=partial(dot_chart.draw, unit=unit, label=_PRIMARY),
        describe=partial(dot_chart.describe, unit=unit, label=_PRIMARY),
        values={"metric": analysis.reading(analysis.primary, own[0].variant).called},
        people="n",
        within=(),
        written=["said"],
    )


def _named(one: MetricEffect, *, several: bool) -> Value:
    """Return what a metric is called, with its variant where there are several."""
    from cxresearch.experiments.wording import in_variant

    name: Value = in_variant(one.called, one.variant) if several else one.called
    if one.metric.role == "guardrail":
        return Remark("{metric} (guardrail)", {"metric": name})
    return name


def _size(planned: Comparison) -> Remark:
    """Return a difference with its sign."""
    amount = Amount(
        planned.value, planned.unit, decimals([planned.value, *planned.ci], planned.unit)
    )
    return Remark("+{amount}" if planned.value > 0 else "{amount}", {"amount": amount})


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
        language.text(
            "It first differs from no effect on {day}.", day=_day(clear.iloc[0], language)
        )
        if len(clear)
        else language.text("It differs from no effect on no day.")
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
    length, most = (last - first).days + 1, _MOST_DAYS // 2 if is_narrow() else _MOST_DAYS
    step = 1 if length <= most else _WEEK * math.ceil(length / most / _WEEK)
    days = pd.date_range(first, last, freq=f"{step}D")
    labels, year = [], 0
    for day in days:
        pattern = "d MMM" if day.year == year else "d MMM\ny"
        labels.append(format_date(day, format=pattern, locale=language.locale))
        year = day.year
    axes.set_xticks(days.to_numpy(), labels)


def _day(row: pd.Series[Any], language: Language) -> str:
    return language.day(pd.Timestamp(row["day"]).date())
