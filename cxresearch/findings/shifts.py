"""How much a series moved between two stretches of weeks, alone and against the rest."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cxresearch.core.comparison import normal_quantile
from cxresearch.core.results import Estimate, Interval, difference_unit
from cxresearch.findings.watched_series import Floats, Series

Stretch = tuple[int, int]

#: A group with fewer units a week than this share of its later ones is new.
_NEW = 0.1
#: The units of all weeks to which the spread of a few is drawn.
_DRAWN = 20

ALONE = "before and after, by week"
AGAINST_REST = "before and after, the change of the rest taken off, by week"


@dataclass(frozen=True, slots=True)
class Level:
    """A level over some weeks, with its variance.

    The variance is the larger of what customers who differ make of it and what weeks that differ
    make of it. The former is drawn to that of all weeks, as by 20 more units: a few may be alike.
    """

    value: float
    variance: float
    n: int


def level(sums: Floats, stretch: Stretch) -> Level:
    """Return the level of sums of shape (6, weeks) over some weeks, the last left out."""
    first, last = stretch
    n, x, y, xx, xy, yy = sums[:, first:last].sum(axis=1)
    if y <= 0:
        return Level(math.nan, math.nan, 0)
    value = x / y
    _, all_x, all_y, *squares = sums.sum(axis=1)
    usual = _spread(all_x / all_y, *squares) / all_y
    of_customers = (_spread(value, xx, xy, yy) + _DRAWN * usual) / (y + _DRAWN) / y
    own_x, own_y = sums[1, first:last], sums[2, first:last]
    weeks = int((own_y > 0).sum())
    of_weeks = 0.0
    if weeks > 1:
        of_weeks = weeks / (weeks - 1) * float(((own_x - value * own_y) ** 2).sum()) / y**2
    return Level(float(value), float(max(of_customers, of_weeks)), int(n))


def _spread(value: float, xx: float, xy: float, yy: float) -> float:
    """Return the sum of squares of what customers differ from a value."""
    return float(max(xx - 2 * value * xy + value**2 * yy, 0.0))


def change(
    series: Series,
    before: Stretch,
    after: Stretch,
    *,
    rest: Floats | None = None,
    past: Floats | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Return how much a series moved from one stretch of weeks to another.

    Parameters
    ----------
    series : Series
        The series.
    before, after : (int, int)
        Weeks, the last left out.
    rest : array of shape (6, weeks), optional
        The sums of those who are not in the group: what they moved is taken off.
    past : array of shape (6, weeks), optional
        The sums that say how it was before, from `past_of`; by default its own.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.
    """
    parts = [level(series.sums, after), level(series.sums if past is None else past, before)]
    value = parts[0].value - parts[1].value
    if rest is not None:
        others = [level(rest, after), level(rest, before)]
        value -= others[0].value - others[1].value
        # Where the others say how it was before, what they moved is counted once.
        parts = [parts[0], others[0]] if past is rest else parts + others
    return normal_difference(
        value,
        sum(one.variance for one in parts),
        n=min(parts[0].n, parts[1].n),
        unit=series.measure.unit,
        confidence=confidence,
        method=ALONE if rest is None else AGAINST_REST,
    )


def normal_difference(
    value: float, variance: float, *, n: int, unit: str, confidence: float, method: str
) -> Estimate:
    """Return a difference of levels in `unit`, with its normal interval."""
    half = normal_quantile(confidence) * math.sqrt(variance)
    return Estimate(
        value=value,
        ci=Interval(value - half, value + half),
        n=n,
        unit=difference_unit(unit),
        confidence=confidence,
        method=method,
    )


def past_of(series: Series, rest: Floats | None, before: Stretch, after: Stretch) -> Floats:
    """Return the sums that say how a series was before: of a group that is new, the others'.

    A release of an app, a new channel or a new category has no past of its own.
    """
    y = series.y
    is_new = y[slice(*before)].mean() < _NEW * y[slice(*after)].mean()
    return rest if rest is not None and is_new else series.sums


def z_of(estimate: Estimate) -> float:
    """Return how many standard errors an estimate is away from 0."""
    half = (estimate.ci.high - estimate.ci.low) / 2
    if not half > 0:
        return math.nan
    return estimate.value / half * normal_quantile(estimate.confidence)


def others_of(whole: Series, group: Series) -> Floats:
    """Return the sums of all who are not in a group."""
    return np.maximum(whole.sums - group.sums, 0.0)
