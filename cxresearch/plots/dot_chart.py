"""Numbers with their intervals, one below another: what is better, what is worse, by how much."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cxresearch.core.figure import is_narrow
from cxresearch.core.languages import Language, Words
from cxresearch.core.remarks import Remark
from cxresearch.core.results import Interval
from cxresearch.plots import _axes, theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

#: Of so many rows one is cut off whose interval reaches so many times as far as any other's.
_FEW, _FAR = 3, 3.0
BETTER_OR_WORSE = {
    "better": "better, beyond chance",
    "worse": "worse, beyond chance",
    "": "may be chance",
}
#: The mark of what is worse, for paper without colours.
_WORSE_MARK = "D"
#: The colour of a row by what it says: better and worse are a pair that anyone tells apart.
TONES = {"better": theme.BETTER, "worse": theme.WORSE, "": theme.NEUTRAL}


def tone(value: float, low: float, high: float, *, good: int) -> str:
    """Return what a difference says: better or worse where its interval leaves out 0.

    Parameters
    ----------
    value, low, high : float
        The difference and its interval.
    good : int
        Which way is good: 1 up, -1 down.

    Examples
    --------
    >>> tone(0.1, 0.05, 0.2, good=-1), tone(0.1, -0.05, 0.2, good=1)
    ('worse', '')
    """
    if not (low > 0 or high < 0):
        return ""
    return "better" if (value > 0) == (good > 0) else "worse"


def draw(
    rows: pd.DataFrame,
    language: Language,
    *,
    unit: str,
    label: str | Remark,
    names: Mapping[str, str] = BETTER_OR_WORSE,
) -> Axes:
    """Draw numbers with their intervals, each with what it is written beside it.

    Parameters
    ----------
    rows : pandas.DataFrame
        One row each, the first on top: `name`, `value`, `low`, `high`, all in `unit`, `tone`, a
        key of :data:`TONES`, and `said`, what is written at its right.
    language : Language
        The language of its readers.
    unit : str
        The unit.
    label : str
        What the numbers are, an English message.
    names : mapping of str to str
        What the colours say, of better, of worse and of neither: English messages.
    """
    shown = rows.dropna(subset=["value"]).reset_index(drop=True)
    called = [_axes.name(one, language) for one in shown["name"]]
    keys = [tone for tone in names if (shown["tone"] == tone).any()]
    axes = _axes.new_axes(height=_height(called, len(keys)))
    if (len(shown) and shown["low"].min() < 0 < shown["high"].max()) or (shown["value"] < 0).any():
        axes.axvline(0, color=theme.RULE, linewidth=1)
    marks: list[Line2D] = []
    dots: dict[str, Line2D] = {}
    for place, row in enumerate(shown.to_dict("records")):
        colour = TONES[row["tone"]]
        axes.hlines([place], [row["low"]], [row["high"]], color=colour, linewidth=2.4)
        shape = _WORSE_MARK if row["tone"] == "worse" else "o"
        marks += axes.plot(
            [row["value"]], [place], marker=shape, color=colour, linewidth=2.4, markersize=7
        )
        dots.setdefault(row["tone"], marks[-1])
        axes.annotate(
            _axes.short(_axes.said(row["said"], language), language),
            (1.0, place),
            xycoords=("axes fraction", "data"),
            xytext=(8, 0),
            textcoords="offset points",
            verticalalignment="center",
            fontsize="small",
        )
    if keys:
        for tone in keys:
            dots[tone].set_label(language.text(names[tone]))
        _axes.legend_above(axes, [dots[tone] for tone in keys])
    _limit(axes, shown)
    first, last = axes.get_xlim()
    for mark, at in zip(marks, shown["value"], strict=True):
        mark.set_clip_on(not first <= at <= last)  # near the end it is drawn whole, beyond it not
    axes.set_yticks(shown.index, called)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(max(len(shown), 1) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.spines["left"].set_visible(False)
    axes.locator_params(axis="x", nbins=3 if is_narrow() else 7)
    if is_narrow():
        axes.tick_params(axis="x", labelsize="small")
    _axes.set_quantity(axes, _said(label, language), unit, language, across=True)
    return axes


def _height(called: Sequence[str], keys: int) -> float:
    """Return the inches that rows of such names need; on a phone names and keys have lines."""
    lines = max((one.count("\n") + 1 for one in called), default=1)
    step = max(0.48, 0.19 * lines + 0.08) if is_narrow() else 0.36
    above = 0.17 * (max(keys, 1) - 1) if is_narrow() else 0.0
    return step * max(len(called), 1) + 0.8 + above


def _limit(axes: Axes, rows: pd.DataFrame) -> None:
    """Keep one very wide interval from flattening all others: an arrow says that it goes on."""
    ends = rows[["low", "high"]].abs().max(axis=1).dropna().sort_values()
    if len(ends) < _FEW or ends.iloc[-1] <= _FAR * ends.iloc[-2]:
        return
    reach = 1.5 * ends.iloc[-2]
    low, high = max(rows["low"].min(), -reach), min(rows["high"].max(), reach)
    room = 0.03 * (high - low)
    axes.set_xlim(low - room, high + room)
    for end, mark, runs_out in (
        (low - room, "<", rows["low"] < low),
        (high + room, ">", rows["high"] > high),
    ):
        for place in rows.index[runs_out]:
            colour = TONES[rows.loc[place, "tone"]]
            axes.plot([end], [place], mark, color=colour, markersize=7, clip_on=False)


def describe(rows: pd.DataFrame, language: Language, *, unit: str, label: str | Remark) -> str:
    """Return what :func:`draw` shows of the same arguments, in words."""
    said = []
    for _, row in rows.dropna(subset=["value"]).iterrows():
        value = language.quantity(row["value"], unit)
        name = (
            language.said(str(row["name"]))
            if isinstance(row["name"], str)
            else str(row["name"].words(language))
        )
        if math.isnan(row["low"]):
            said.append(language.text("{name}: {value}.", name=name, value=value))
            continue
        interval = language.interval(Interval(row["low"], row["high"]), unit)
        said.append(
            language.text(
                "{name}: {value} (interval {interval}).",
                name=name,
                value=value,
                interval=interval,
            )
        )
    return " ".join(
        [language.text("{label}, with intervals.", label=_said(label, language)), *said]
    )


def _said(label: str | Remark, language: Language) -> Words:
    return Words(language.text(label) if isinstance(label, str) else label.words(language))
