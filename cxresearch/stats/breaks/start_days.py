"""The day on which a share began to be another, from its counts by week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxresearch.core import validate
from cxresearch.core.documented import documented

#: In how many days a change may rise: at once, or in four, eight or twelve weeks.
_RISES = (1, 28, 56, 84)
_WEEK, _LEAST_BEFORE = 7, 8
#: A share of 0 or 1 is taken as so near to it.
_EDGE = 1e-4

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StartDay:
    """The day of a start, counted from 0, the first day of the first week.

    Parameters
    ----------
    day : int
        The day before which it began as probably as after it.
    low, high : int
        The first and the last day of the most probable ones that hold the confidence.
    """

    day: int
    low: int
    high: int


@documented
def start_day(
    hits: ArrayLike,
    n: ArrayLike,
    *,
    low: int,
    high: int,
    is_rise: bool,
    confidence: float = 0.95,
) -> StartDay | None:
    """Return the day on which a share began to be another, and to the end of the weeks given.

    Parameters
    ----------
    hits, n : array_like of float, shape (weeks,)
        How many had it in each week, and of how many; both end where the change ends.
    low, high : int
        The first and the last week that are looked at as its start, counted from 0.
    is_rise : bool
        Whether the share rose.
    %(confidence)s

    Returns
    -------
    StartDay or None
        None where no day has 8 weeks before it and one after it, or a week that is looked at has
        no unit.

    Raises
    ------
    ValueError
        If `confidence` is not strictly between 0 and 1.

    Notes
    -----
    Each day d and each rise r (1, 28, 56 or 84 days) is a candidate. The share of week t is
    p0 + f (p1 - p0), with f the mean over its days of min(1, (day - d + 1) / r), 0 before d; p0 is
    that of the weeks with f = 0, p1 is by least squares weighted by n. A candidate has its exact
    binomial likelihood, less log(weeks) / 2 for a rise that takes weeks, as in BIC, divided by the
    Pearson dispersion of the best one, at least 1. Likelihoods summed over the rises and normed
    are the probability of each day. Log odds that are linearised at one level, as in the scan,
    misread weeks of few events: 0 of 44 and then 9 of 40.

    Examples
    --------
    >>> hits = [1, 0, 1, 0, 0, 1, 0, 1, 0, 0, 6, 9, 8, 10]
    >>> start_day(hits, [40] * 14, low=8, high=12, is_rise=True)
    StartDay(day=72, low=63, high=75)
    """
    validate.share("confidence", confidence)
    x, y = np.asarray(hits, dtype=float), np.asarray(n, dtype=float)
    first = max(low, _LEAST_BEFORE)
    last = min(high + 1, x.size - 1)
    if last <= first or not (y[first:] > 0).any() or not (y[first:last] > 0).all():
        return None
    day = np.arange(_WEEK * first, _WEEK * last)
    each = [_fitted(x, y, day, rise, is_rise=is_rise) for rise in _RISES]
    fit = np.array([own for own, _ in each])
    if not np.isfinite(fit).any():
        return None
    best = np.unravel_index(int(np.argmax(fit)), fit.shape)
    dispersion = max(1.0, float(each[best[0]][1][best[1]]))
    probability = np.exp((fit - fit[best]) / dispersion).sum(axis=0)
    probability /= probability.sum()
    order = np.argsort(-probability, kind="stable")
    held = order[: int(np.searchsorted(np.cumsum(probability[order]), confidence)) + 1]
    middle = int(np.searchsorted(np.cumsum(probability), 0.5))
    return StartDay(int(day[middle]), int(day[held.min()]), int(day[held.max()]))


def _fitted(
    x: Array, y: Array, day: NDArray[np.int64], rise: int, *, is_rise: bool
) -> tuple[Array, Array]:
    """Return the log likelihood of each day as the start, and its dispersion."""
    every = np.arange(_WEEK * x.size)
    there = ((every - day[:, None] + 1) / rise).clip(0, 1)
    part = there.reshape(day.size, x.size, _WEEK).mean(axis=2)
    outside = part == 0
    before = ((outside * x).sum(1) + 0.5) / ((outside * y).sum(1) + 1)
    change = (part * (x - y * before[:, None])).sum(1) / (part**2 * y).sum(1)
    after = (before + change).clip(_EDGE, 1 - _EDGE)
    share = before[:, None] + part * (after - before)[:, None]
    fit = (x * np.log(share) + (y - x) * np.log1p(-share)).sum(1)
    fit = np.where((after > before) == is_rise, fit, -np.inf)
    variance = np.where(y > 0, y * share * (1 - share), 1.0)
    dispersion = ((x - y * share) ** 2 / variance).sum(1) / max(int((y > 0).sum()) - 3, 1)
    return fit - (np.log(x.size) / 2 if rise > 1 else 0.0), dispersion
