"""What customers write of: how often, with what feeling, by period, and what goes with it."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from cxresearch.core.figure import Figure
from cxresearch.core.missing import Missing, or_missing
from cxresearch.core.remarks import Amount, Remark, joined
from cxresearch.plots import dot_chart
from cxresearch.plots.monthly import trend

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from cxresearch.core.table import Table
    from cxresearch.voc import NpsLosses, ThemeChanges, ThemeShares

_SHARE = "Share of the texts"
_IMPACT = "NPS gap × frequency"
#: How many themes are drawn by what goes with them; the table has the rest.
_MOST = 8
#: Whose comments are compared.
_SIDES = ("detractors", "promoters")
_TOP = "{theme} is the top theme"
_TOP_AND_WORST = "{theme} is the top theme; {worst} draws the most complaints"


def themes(
    found: ThemeShares | Missing, feelings: Table | Missing, changes: ThemeChanges | Missing
) -> Figure | Missing:
    """Draw how often each theme is written of, with what feeling, and whether it grew.

    Its colour is its feeling: better where praise prevails, worse where complaints do; beside it
    stand the share that complains and where the last period differs from the others. Without the
    feelings or the changes it is drawn without them.

    Parameters
    ----------
    found : ThemeShares
        From :func:`cxresearch.voc.theme_shares`.
    feelings : Table
        From :func:`cxresearch.voc.feelings`.
    changes : ThemeChanges
        From :func:`cxresearch.voc.theme_changes`.
    """
    if isinstance(found, Missing):
        return found
    rows = found.rows
    if not found.is_coded:
        rows = rows.assign(share=rows["naive"], share_low=math.nan, share_high=math.nan)
    felt: dict[str, Any] = {}
    if not isinstance(feelings, Missing):
        felt = {row["theme"]: row for row in feelings.frame.to_dict("records")}
    called: dict[str, str] = {}
    if not isinstance(changes, Missing):
        called = {
            one.theme: one.called for one in changes.called if one.second.group == changes.last
        }
    beside: Any = [_beside(felt.get(theme), called.get(theme, "")) for theme in rows["theme"]]
    shown = rows.assign(
        name=rows["theme"],
        value=rows["share"],
        low=rows["share_low"],
        high=rows["share_high"],
        tone=[_tone(felt.get(theme)) for theme in rows["theme"]],
        said=beside,
    )
    most = max(felt.values(), key=lambda row: _worst(row), default=None)
    return Figure(
        title=_TOP_AND_WORST if most and found.lead.first else _TOP,
        data=shown,
        draw=partial(
            dot_chart.draw,
            unit="share",
            label=_SHARE,
            names={
                "better": "praise prevails",
                "worse": "complaints prevail",
                "": "neither prevails",
            },
        ),
        describe=partial(dot_chart.describe, unit="share", label=_SHARE),
        values={"theme": found.lead.first or rows["theme"].iloc[0]}
        | ({"worst": most["theme"]} if most and found.lead.first else {}),
        people="customers",
        within=(),
        written=["said"],
    )


def _tone(felt: Mapping[str, Any] | None) -> str:
    """Return what a theme's sentiment is: beyond 0 with its whole interval, or neither."""
    if felt is None:
        return ""
    return dot_chart.tone(felt["sentiment"], felt["sentiment_low"], felt["sentiment_high"], good=1)


def _worst(felt: Mapping[str, Any]) -> float:
    return float(felt["negative"]) if felt["negative"] == felt["negative"] else -1.0


def _beside(felt: Mapping[str, Any] | None, called: str) -> Remark:
    """Return what is written beside a theme: how many complain, and how it moved."""
    moved = {"up": Remark("▲ more"), "down": Remark("▼ less")}.get(called)
    complain = None
    if felt is not None and felt["negative"] == felt["negative"]:
        complain = Remark("{share} complain", {"share": Amount(felt["negative"], "share", 0)})
    parts = [one for one in (complain, moved) if one is not None]
    return joined(parts, "  ")


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
            title="{theme} by period: its share moved most",
            people="n",
            theme=name,
        )
        for name, rows in found.courses.items()
    ]


@or_missing
def impacts(found: NpsLosses) -> Figure | Missing:
    """Draw the gap in NPS of those who complain of each theme, times how often they do.

    Parameters
    ----------
    found : NpsLosses
        From :func:`cxresearch.voc.nps_losses`.
    """
    if not found.impacts:
        return Missing("too few customers complain of any one theme")
    return Figure(
        title="Complaints about {theme} go with the largest gap in NPS"
        if found.hardest.separated
        else "Complaints about {theme} go with the largest gap in NPS, not clearly ahead",
        data=_impacts(found),
        draw=partial(
            dot_chart.draw,
            unit="points",
            label=_IMPACT,
            names={"better": "higher NPS", "worse": "lower NPS", "": "may be chance"},
        ),
        describe=partial(dot_chart.describe, unit="points", label=_IMPACT),
        values={"theme": min(found.impacts, key=lambda name: found.impacts[name].value)},
        people="n_with",
        within=(),
        written=["said"],
    )


def _impacts(found: NpsLosses) -> pd.DataFrame:
    """Return the themes that are shown, the largest gap first, as a dot chart takes them."""
    rows = found.rows[found.rows["feature"].isin(list(found.impacts))]
    rows = rows.sort_values("impact", ignore_index=True).head(_MOST)
    said: Any = [Remark("{gap}", {"gap": Amount(value, "", 1)}) for value in rows["impact"]]
    ends = list(zip(rows["impact"], rows["impact_low"], rows["impact_high"], strict=True))
    return rows.assign(
        name=rows["feature"],
        value=rows["impact"],
        low=rows["impact_low"],
        high=rows["impact_high"],
        tone=[dot_chart.tone(*one, good=1) for one in ends],
        said=said,
    )


@or_missing
def themes_by_score(found: Table, *, confidence: float = 0.95) -> Figure:
    """Draw by how much more often detractors write of each theme than promoters.

    Parameters
    ----------
    found : Table
        From :func:`cxresearch.voc.themes_by_score`.
    confidence : float, default 0.95
        How sure it must be that they differ, the p-value being adjusted.
    """
    largest = found.frame["difference"].abs().nlargest(_MOST).index
    rows = found.frame[found.frame.index.isin(largest)].reset_index(drop=True)
    differs = rows["p_adjusted"] < 1 - confidence
    more = rows[differs & (rows["difference"] > 0)]
    label = Remark("Share of detractors' comments minus that of promoters'")
    sides: Any = [
        {side: Remark("{x}", {"x": Amount(one[side], "share", 0)}) for side in _SIDES}
        for one in rows.to_dict("records")
    ]
    said: Any = [Remark("{detractors} vs {promoters}", one) for one in sides]
    values = {"theme": more["theme"].iloc[0]} | sides[more.index[0]] if len(more) else {}
    return Figure(
        title="{theme} in the comments: {detractors} of detractors', {promoters} of promoters'"
        if len(more)
        else "No theme is more frequent among detractors than among promoters",
        data=rows.assign(
            name=rows["theme"],
            value=rows["difference"],
            low=rows["difference_low"],
            high=rows["difference_high"],
            tone=[
                ("worse" if apart > 0 else "better") if far else ""
                for apart, far in zip(rows["difference"], differs, strict=True)
            ],
            said=said,
        ),
        draw=partial(
            dot_chart.draw,
            unit="share difference",
            label=label,
            names={
                "better": "more of promoters",
                "worse": "more of detractors",
                "": "may be chance",
            },
        ),
        describe=partial(dot_chart.describe, unit="share difference", label=label),
        values=values,
        people="people",
        within=(),
        written=["said"],
    )
