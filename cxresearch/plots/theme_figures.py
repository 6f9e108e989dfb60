"""What customers write of: shares of themes, by stage and by period, and what goes with them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from cxresearch.core.figure import Figure
from cxresearch.core.missing import Missing, or_missing
from cxresearch.plots import effect_figures, heat_map, shares
from cxresearch.plots.monthly import trend

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

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
        draw=partial(_shares, shares.draw),
        describe=partial(_shares, shares.describe),
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
            theme=theme,
        )
        for theme, rows in found.courses.items()
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
        draw=partial(_impacts, effect_figures.draw_forest, list(found.impacts)),
        describe=partial(_impacts, effect_figures.describe_forest, list(found.impacts)),
        people="n_with",
        within=(),
    )


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
    told = rows.dropna(subset=["customers"])
    cells = told.pivot(index="theme", columns="stage", values=column)
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
    told = rows[rows["feature"].isin(themes)]
    bars = told.rename(columns={"feature": "name"})[["name", *names]].rename(columns=names)
    return made(bars, language, unit="points", label=_IMPACT)
