"""How many have arrived by when, with those still on their way, and the same in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cxresearch.core.languages import Language, Words
from cxresearch.core.results import Interval
from cxresearch.plots import _axes, theme

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_STYLES = ("-", "--", ":", "-.")


def draw(curves: pd.DataFrame, *, label: str, lang: str = "en") -> Axes:
    """Draw the cumulative incidence of each group with the band of its interval.

    Parameters
    ----------
    curves : pandas.DataFrame
        One row per group and time: `group` (its name), `time` (in days), `incidence` (0-1),
        `incidence_low` and `incidence_high`.
    label : str
        What the incidence is a share of, an English message.
    lang : {"en", "it"}, default "en"
        The language of the figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, alone in their figure.

    Raises
    ------
    ValueError
        If `lang` is neither.
    """
    language = Language(lang)
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
    _axes.set_quantity(axes, label, "share", language)
    return axes


def in_words(curves: pd.DataFrame, *, label: str, lang: str = "en") -> Words:
    """Return what :func:`draw` shows of the same arguments.

    Parameters
    ----------
    curves : pandas.DataFrame
        As for :func:`draw`.
    label : str
        What the incidence is a share of, an English message.
    lang : {"en", "it"}, default "en"
        The language of the words.

    Raises
    ------
    ValueError
        If `lang` is neither.
    """
    language = Language(lang)
    title = language.text("Cumulative incidence: {label}.", label=language.text(label))
    curves = curves.dropna(subset=["incidence"])
    ends = curves.groupby("group", sort=False).tail(1)
    said = [
        language.text(
            "{group}: after {time}, {incidence} (interval {interval}).",
            group=language.text(str(row["group"])),
            time=language.quantity(float(row["time"]), "days"),
            incidence=language.quantity(row["incidence"], "share"),
            interval=language.interval(
                Interval(row["incidence_low"], row["incidence_high"]), "share"
            ),
        )
        for _, row in ends.iterrows()
    ]
    return Words(" ".join([title, *said]))
