"""Whether the share of a theme changed by more than the tagger's error explains."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison, two_sided
from cxresearch.core.results import SHARE_DIFFERENCE, Estimate, Interval, fewest
from cxresearch.stats.multiplicity import p_values
from cxresearch.stats.shares.differences import mover
from cxresearch.voc.estimates.prevalence import CodedThemes, Prevalence, Prevalences, groups_of

if TYPE_CHECKING:
    import pandas as pd


#: The group of the texts of all periods but one.
OTHERS = "other periods"

Called = Literal["up", "down", "no", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Comparison):
    """How far the share of a theme is apart in two periods, the second minus the first.

    Parameters
    ----------
    theme : str
        The key of the theme.
    first, second : Prevalence
        The two shares.
    naive : float
        The difference of the shares tagged, which also moves when the tagger errs more.
    p_adjusted : float
        The p-value adjusted for the number of themes that were looked at.
    called : {"up", "down", "no", "unknown"}
        What may be said: a change where the adjusted p-value is below one minus the confidence,
        else none; unknown where a share is undefined.

    See Also
    --------
    cxresearch.core.comparison.Comparison : The other fields.
    """

    theme: str
    first: Prevalence
    second: Prevalence
    naive: float
    p_adjusted: float
    called: Called

    def to_dict(self) -> dict[str, Any]:
        """Return the theme, the periods, both shares, the change, and what may be said."""
        row: dict[str, Any] = {"theme": self.theme, "called": self.called}
        row |= {"before": self.first.group, "period": self.second.group}
        row |= {"first": self.first.value, "second": self.second.value}
        row |= Estimate.to_dict(self) | row
        return row


def change(first: Prevalence, second: Prevalence) -> Change:
    """Compare the shares of one theme in two periods.

    Parameters
    ----------
    first, second : Prevalence
        The earlier and the later one, of one confidence, each with codes of its own period.

    Returns
    -------
    Change
        Nan with a note, and called unknown, where a share is undefined.

    Raises
    ------
    ValueError
        If the themes or the confidences differ.

    Notes
    -----
    The interval is put together from the two of the long run (MOVER): texts of one month are one
    month's luck, and no change by themselves. The p-value is the normal one of the standard error
    that the interval has on the side of 0. A customer who wrote in both periods
    makes the interval a little too long.

    References
    ----------
    Zou & Donner (2008), Stat. Med. 27, 1693-1702.

    Examples
    --------
    The tagger finds more, and errs more: nothing is called.

    >>> import pandas as pd
    >>> from cxresearch.voc.estimates.prevalence import prevalence
    >>> tags = pd.DataFrame({"delivery": [1] * 20 + [0] * 80 + [1] * 40 + [0] * 60}, dtype=bool)
    >>> gold = pd.DataFrame({"delivery": ([1] * 20 + [0] * 80) * 2})
    >>> found = prevalence(tags, gold, by=["May"] * 100 + ["June"] * 100)
    >>> drift = change(found.of("delivery", "May"), found.of("delivery", "June"))
    >>> drift.called, round(drift.value, 2), round(drift.naive, 2)
    ('no', 0.0, 0.2)
    """
    validate.one_of("the theme of second", second.theme, (first.theme,))
    validate.one_of("the confidence of second", second.confidence, (first.confidence,))
    value = second.value - first.value
    note = first.note if math.isnan(first.value) else second.note if math.isnan(value) else ""
    undefined = Interval(math.nan, math.nan)
    ci = undefined if math.isnan(value) else mover(first.long_run, second.long_run)
    statistic = _statistic(value, ci, first.confidence)
    p_value = two_sided(statistic)
    return Change(
        value=value,
        ci=ci,
        n=first.n + second.n,
        unit=SHARE_DIFFERENCE,
        confidence=first.confidence,
        method="MOVER of the two corrected intervals in the long run",
        note=note,
        statistic=statistic,
        p_value=p_value,
        test="z from the interval",
        theme=first.theme,
        first=first,
        second=second,
        naive=second.naive.value - first.naive.value,
        p_adjusted=p_value,
        called=_verdict(value, p_value, first.confidence),
        people=fewest(first, second),
    )


def changes(
    found: Prevalences, first: str, second: str, *, adjust: p_values.Method = "holm"
) -> tuple[Change, ...]:
    """Compare the shares of every theme in two periods.

    Parameters
    ----------
    found : Prevalences
        The shares by period.
    first, second : str
        The earlier and the later period, groups of `found`.
    adjust : str, default "holm"
        How the p-values are adjusted for the number of themes: see
        :func:`cxresearch.stats.multiplicity.p_values.adjusted`.

    Returns
    -------
    tuple of Change
        One per theme; with the default the chance of any false call is at most one minus the
        confidence.

    Raises
    ------
    ValueError
        If there is no such period, or no such adjustment.
    """
    themes = dict.fromkeys(one.theme for one in found)
    each = [change(found.of(theme, first), found.of(theme, second)) for theme in themes]
    return _adjust(each, adjust)


def period_changes(
    tags: pd.DataFrame,
    gold: pd.DataFrame,
    periods: Iterable[Any],
    *,
    clusters: Iterable[Any] | None = None,
    adjust: p_values.Method = "holm",
    confidence: float = 0.95,
) -> tuple[Change, ...]:
    """Compare the share of every theme in each period with its share in all the others.

    Parameters
    ----------
    tags, gold, clusters, confidence
        As in :func:`cxresearch.voc.prevalence`.
    periods : iterable of length n
        The period of each text; a text without one is left out.
    adjust : str, default "holm"
        How the p-values are adjusted for the number of themes times that of periods: see
        :func:`cxresearch.stats.multiplicity.p_values.adjusted`.

    Returns
    -------
    tuple of Change
        One per period, whose name is that of the group of `second`, and theme.

    Raises
    ------
    ValueError
        As :func:`cxresearch.voc.prevalence` does.

    Examples
    --------
    >>> import pandas as pd
    >>> tags = pd.DataFrame({"delivery": [1] * 20 + [0] * 80 + [1] * 60 + [0] * 40}, dtype=bool)
    >>> found = period_changes(tags, tags.astype(float), ["May"] * 100 + ["June"] * 100)
    >>> [(one.second.group, one.called) for one in found]
    [('June', 'up'), ('May', 'down')]
    """
    coded = CodedThemes.of(tags, gold, clusters=clusters)
    groups = groups_of(periods, len(tags))
    of_any = np.any(list(groups.values()), axis=0)
    each: list[Change] = []
    for period, own in groups.items():
        found = coded.shares({OTHERS: of_any & ~own, period: own}, confidence=confidence)
        each += [change(found.of(theme, OTHERS), found.of(theme, period)) for theme in coded.themes]
    return _adjust(each, adjust)


def changes_table(found: Sequence[Change]) -> pd.DataFrame:
    """Return one row per change."""
    import pandas as pd

    columns = ["theme", "period", "first", "second", "value", "ci_low", "ci_high", "p_adjusted"]
    rows = [one.to_dict() for one in found]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=[*columns, "called"])


def _adjust(each: Sequence[Change], adjust: p_values.Method) -> tuple[Change, ...]:
    """Return changes as they are called when all of them are looked at."""
    adjusted = p_values.adjusted([one.p_value for one in each], method=adjust)
    return tuple(
        replace(one, p_adjusted=float(p), called=_verdict(one.value, float(p), one.confidence))
        for one, p in zip(each, adjusted, strict=True)
    )


def _statistic(value: float, ci: Interval, confidence: float) -> float:
    """Return the difference in standard errors, of the side of the interval towards 0."""
    from scipy.special import ndtri

    side = value - ci.low if value >= 0 else ci.high - value
    if not side > 0:
        return math.nan
    return value / side * float(ndtri((1 + confidence) / 2))


def _verdict(value: float, p_value: float, confidence: float) -> Called:
    if math.isnan(p_value):
        return "unknown"
    if p_value >= 1 - confidence:
        return "no"
    return "up" if value > 0 else "down"
