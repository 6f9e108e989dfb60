"""What customers write of: shares of themes, by stage and by period, and what goes with them."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from cxresearch.core.figure import Figure
from cxresearch.core.missing import Missing, or_missing
from cxresearch.core.results import Interval
from cxresearch.plots import _axes, heat_map, theme
from cxresearch.plots.monthly import trend

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from cxresearch.core.languages import Language
    from cxresearch.voc import NpsLosses, ThemeChanges, ThemeShares, ThemeStages

_SHARE = "Share of the texts"
_IMPACT = "Impact on the NPS"


@or_missing
def theme_shares(found: ThemeShares) -> Figure:
    """Draw the share of the texts that are of each theme, beside the share that was tagged.

    Parameters
    ----------
    found : ThemeShares
        From :func:`cxresearch.voc.theme_shares`.
    """
    return Figure(
        title="Share of the texts that are of each theme",
        data=found.rows,
        draw=partial(_shares, draw_shares),
        describe=partial(_shares, describe_shares),
        people="customers",
        within=(),
    )


@or_missing
def theme_stages(found: ThemeStages) -> list[Figure]:
    """Draw how often each theme is written of at each stage, and with what feeling.

    Parameters
    ----------
    found : ThemeStages
        From :func:`cxresearch.voc.theme_stages`.
    """
    return [
        _by_stage(
            found,
            "share",
            title="Share of the texts of a stage that are of each theme, in per cent",
        ),
        _by_stage(
            found,
            "sentiment",
            title="Mean sentiment of those texts, in hundredths from -100 to 100",
            signed=True,
        ),
    ]


@or_missing
def theme_courses(found: ThemeChanges) -> list[Figure]:
    """Draw the share by period of the theme whose change is the clearest, where one is called.

    Parameters
    ----------
    found : ThemeChanges
        From :func:`cxresearch.voc.theme_changes`.
    """
    columns = ["month", "complete", "value", "value_low", "value_high", "naive", "texts", "n"]
    names = {"group": "month", "ci_low": "value_low", "ci_high": "value_high"}
    return [
        trend(
            rows.rename(columns=names).assign(complete=True)[columns],
            y="value",
            unit="share",
            label=_SHARE,
            title="{theme}: corrected share by period, each named by its first month",
            people="n",
            theme=name,
        )
        for name, rows in found.courses.items()
    ]


@or_missing
def impacts(found: NpsLosses) -> Figure | Missing:
    """Draw how far the NPS would be off by the complaints of each theme.

    Parameters
    ----------
    found : NpsLosses
        From :func:`cxresearch.voc.nps_losses`.
    """
    if not found.impacts:
        return Missing("too few customers complain of any one theme")
    return Figure(
        title="Impact of the complaints of each theme on the NPS",
        data=found.rows,
        draw=partial(_impacts, draw_forest, list(found.impacts)),
        describe=partial(_impacts, describe_forest, list(found.impacts)),
        people="n_with",
        within=(),
    )


def draw_shares(shares: pd.DataFrame, language: Language, *, label: str) -> Axes:
    """Draw shares one below another; hollow is what a tagger found, with its errors.

    Parameters
    ----------
    shares : pandas.DataFrame
        One row per share: `name`, `value` with `low` and `high`, or nan where nobody looked at
        the tagger's work, and `naive`, the share tagged.
    language : Language
        The language of its readers.
    label : str
        What they are shares of, an English message.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, alone in their figure.
    """
    rows = shares.dropna(subset=["naive"]).reset_index(drop=True)
    axes = _axes.new_axes(height=0.38 * len(rows) + 1.6)
    known = rows.dropna(subset=["value"])
    if len(known):
        axes.hlines(known.index, known["low"], known["high"], color=theme.SERIES, linewidth=2)
        corrected = language.text("corrected for the tagger's errors")
        axes.plot(known["value"], known.index, "o", color=theme.SERIES, label=corrected)
    axes.plot(
        rows["naive"],
        rows.index,
        "D",
        color=theme.SIGNAL,
        markerfacecolor="none",
        label=language.text("as tagged (naive)"),
    )
    axes.set_yticks(rows.index, [_axes.name(one, language) for one in rows["name"]])
    axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    _axes.legend_above(axes)
    _axes.set_quantity(axes, label, "share", language, across=True)
    return axes


def describe_shares(shares: pd.DataFrame, language: Language, *, label: str) -> str:
    """Return what :func:`draw_shares` shows of the same arguments.

    Parameters
    ----------
    shares : pandas.DataFrame
        As for :func:`draw_shares`.
    language : Language
        The language of its readers.
    label : str
        What they are shares of, an English message.
    """
    said = []
    for _, row in shares.dropna(subset=["naive"]).iterrows():
        message = (
            "{name}: as tagged {naive}."
            if math.isnan(row["value"])
            else "{name}: {value} (interval {interval}), as tagged {naive}."
        )
        said.append(
            language.text(
                message,
                name=language.said(row["name"]),
                value=language.quantity(row["value"], "share"),
                interval=language.interval(Interval(row["low"], row["high"]), "share"),
                naive=language.quantity(row["naive"], "share"),
            )
        )
    return " ".join([language.text("{label}, with intervals.", label=language.text(label)), *said])


def draw_forest(effects: pd.DataFrame, language: Language, *, unit: str, label: str) -> Axes:
    """Draw effects one below another, with the line of no effect."""
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


def describe_forest(effects: pd.DataFrame, language: Language, *, unit: str, label: str) -> str:
    """Return what :func:`draw_forest` shows, in words."""
    said = [
        language.text(
            "{name}: {value} (interval {interval}).",
            name=language.said(row["name"]),
            value=language.quantity(row["value"], unit),
            interval=language.interval(Interval(row["low"], row["high"]), unit),
        )
        for _, row in effects.dropna(subset=["value"]).iterrows()
    ]
    return " ".join([language.text("{label}, with intervals.", label=language.text(label)), *said])


def _by_stage(found: ThemeStages, column: str, *, title: str, signed: bool = False) -> Figure:
    return Figure(
        title=title,
        data=found.rows,
        draw=partial(_stages, heat_map.draw, found, column, label=title, signed=signed),
        describe=partial(_stages, heat_map.describe, found, column, label=title, signed=signed),
        people="customers",
        within=("theme", "stage"),
    )


def _shares(made: Callable[..., Any], rows: pd.DataFrame, language: Language) -> Any:
    names = {"share": "value", "share_low": "low", "share_high": "high"}
    return made(rows.rename(columns=names | {"theme": "name"}), language, label=_SHARE)


def _stages(
    made: Callable[..., Any],
    found: ThemeStages,
    column: str,
    rows: pd.DataFrame,
    language: Language,
    *,
    label: str,
    signed: bool,
) -> Any:
    """Make a map of themes by stages; what is hidden from readers is in no row."""
    shown = rows.dropna(subset=["customers"])
    cells = shown.pivot(index="theme", columns="stage", values=column)
    cells = cells.reindex(
        index=[theme for theme in found.themes if theme in cells.index],
        columns=[stage for stage in found.stages if stage in cells.columns],
    )
    # A stage may be called as a theme is, whose label is another.
    cells = cells.rename(
        index=language.label, columns=lambda stage: language.text(stage.capitalize())
    )
    return made(cells, language, label=label, signed=signed)


def _impacts(
    made: Callable[..., Any], themes: Sequence[str], rows: pd.DataFrame, language: Language
) -> Any:
    names = {"impact": "value", "impact_low": "low", "impact_high": "high"}
    shown = rows[rows["feature"].isin(themes)]
    bars = shown.rename(columns={"feature": "name"})[["name", *names]].rename(columns=names)
    return made(bars, language, unit="points", label=_IMPACT)
