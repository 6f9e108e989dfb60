"""What stands out in the last week alone: too young for a finding, and worth watching."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable

import numpy as np

from cxresearch.core.remarks import Amount, Remark
from cxresearch.findings.watched_series import WHOLE, Series

#: The weeks before it; a series must be in so many of them.
_BEFORE, _LEAST = 26, 16
#: How often anything would stand out by chance, in all series together; and how much is named.
_CHANCE, _MOST = 0.01, 3


def last_week(series: Iterable[Series], *, covered: Collection[str] = ()) -> list[Remark]:
    """Return the shares that went the wrong way in the last week, the surest first.

    Parameters
    ----------
    series : iterable of Series
        Every series.
    covered : collection of str
        The measures that have a finding.

    Returns
    -------
    list of Remark
        Of each measure the group in which it is surest; three at most.

    Notes
    -----
    Fisher's exact test of the last week against the 26 before it, its logarithm divided by the
    Pearson dispersion of these weeks (at least 1), Bonferroni over all series that are asked.
    """
    asked = [
        (one, p)
        for one in series
        if one.measure.is_scanned
        and one.measure.is_share
        and one.measure.better
        and one.group[0] not in one.measure.not_by
        and (p := _log_chance(one)) is not None
    ]
    limit = math.log(_CHANCE / max(len(asked), 1))
    surest: dict[str, tuple[float, Series]] = {}
    for one, p in asked:
        name = one.measure.name
        if p < limit and name not in covered and p < surest.get(name, (0.0, one))[0]:
            surest[name] = p, one
    return [_said(one) for _, one in sorted(surest.values(), key=lambda row: row[0])[:_MOST]]


def _log_chance(one: Series) -> float | None:
    """Return the log of how often chance makes the last week as bad; None of too few weeks."""
    from scipy.stats import hypergeom

    x, y = (side[-_BEFORE - 1 :] for side in (one.x, one.y))
    if (y[:-1] > 0).sum() < _LEAST or y[-1] <= 0:
        return None
    bad = x if one.measure.better == "less" else y - x
    hits, n = round(bad[:-1].sum()), round(y[:-1].sum())
    last, of = round(bad[-1]), round(y[-1])
    share = (hits + 0.5) / (n + 1)
    spread = (bad[:-1] - y[:-1] * share) ** 2 / (np.maximum(y[:-1], 1) * share * (1 - share))
    dispersion = max(1.0, float(spread.sum()) / ((y[:-1] > 0).sum() - 1))
    # As many of all or more in the last week, where it is as every other.
    chance: float = hypergeom.logsf(last - 1, n + of, hits + last, of) / dispersion
    return chance


def _said(one: Series) -> Remark:
    what = one.measure.what
    if one.group != WHOLE:
        what = Remark("{what} ({group})", {"what": what, "group": one.group[1]})
    weeks = one.y.size
    before = one.estimate(max(0, weeks - 1 - _BEFORE), weeks - 1)
    now = one.estimate(weeks - 1, weeks)
    return Remark(
        "{what}: {before} before, {now} in the last week",
        {"what": what, "before": Amount(before.value, "share"), "now": Amount(now.value, "share")},
    )
