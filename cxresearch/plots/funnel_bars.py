"""A funnel with the interval of every rate, and the same in words."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from cxresearch.core.figure import Figure
from cxresearch.core.languages import Language, Words
from cxresearch.core.missing import or_missing
from cxresearch.core.results import Interval
from cxresearch.plots import _axes, theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from cxresearch.journeys import Funnel

_TITLES = {
    "customer": "Share of the customers that reach each step, with its interval",
    "session": "Share of the sessions that reach each step, with its interval",
    "order": "Share of the orders that reach each step, with its interval",
}
_LABELS = {
    "customer": "share of the customers that entered",
    "session": "share of the sessions that entered",
    "order": "share of the orders that entered",
}


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
        title=_TITLES[unit],
        data=result.to_frame(),
        draw=partial(_draw, unit=unit),
        describe=partial(_describe, unit=unit),
        people="customers",
        within=(),
    )


def _draw(rows: pd.DataFrame, language: Language, *, unit: str) -> Axes:
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
    _axes.set_quantity(axes, _LABELS[unit], "share", language, across=True)
    return axes


def _describe(rows: pd.DataFrame, language: Language, *, unit: str) -> Words:
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
        " ".join([language.text("Funnel: {label}.", label=language.text(_LABELS[unit])), *said])
    )
