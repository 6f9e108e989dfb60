"""What growth, seasons and holidays may do to a series of a shop in which nothing breaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxresearch.stats.breaks.panels import Panel
from cxresearch.stats.breaks.week_noise import Against

Array = NDArray[np.float64]
YEAR = 365.25 / 7

#: What a stable shop may do in log odds: growth in a year; the season in an ordinary week, and in
#: a week whose visits are e times as many as usual.
_GROWTH: dict[Against, float] = {"own": 0.2, "rest": 0.1}
_ORDINARY: dict[Against, float] = {"own": 0.03, "rest": 0.02}
_BUSY: dict[Against, float] = {"own": 0.35, "rest": 0.3}
#: Weeks of a season this far apart are alike.
_ALIKE = 2.0


class Busyness(NamedTuple):
    """By how much the visits of each week are unusual, in log, at most 1; shape (weeks,) each.

    Parameters
    ----------
    near : ndarray of float
        The most of three weeks: a season in answers may come a week sooner or later.
    alone : ndarray of float
        By how much a week is above both its neighbours, or below both: a holiday is no season.
    """

    near: Array
    alone: Array


def busyness(panels: Sequence[Panel]) -> Busyness:
    """Return by how much the visits of each week are unusual.

    The visits are the units of the largest panel; a line through ordinary weeks is what is usual.
    """
    visits = max((panel.n[0] for panel in panels), key=np.sum, default=np.zeros(0))
    seen = np.flatnonzero(visits > 0)
    away, alone = np.zeros((2, visits.size))
    if seen.size > 2:
        logs, ordinary = np.log(visits[seen]), np.ones(seen.size, bool)
        for _ in range(5):
            line = np.polynomial.Polynomial.fit(seen[ordinary], logs[ordinary], 1)
            far = logs - line(seen)
            far -= np.median(far)
            ordinary = np.abs(far) <= max(np.quantile(np.abs(far), 0.7), 1e-9)
        away[seen] = np.abs(far).clip(0, 1)
        alone[seen] = _alone(logs).clip(0, 1)
    if not visits.size:
        return Busyness(away, alone)
    around = [np.append(away[1:], 0), away, np.insert(away[:-1], 0, 0)]
    return Busyness(np.max(around, axis=0), alone)


def _alone(logs: Array) -> Array:
    """Return how far each value is above both its neighbours, or below both; else 0.

    Examples
    --------
    >>> _alone(np.array([1.0, 1.0, 3.0, 0.5, 0.0]))
    array([0. , 0. , 2. , 0. , 0.5])
    """
    step = np.diff(logs)
    before, after = np.insert(step, 0, -step[0]), np.append(-step, step[-1])
    both = np.minimum(np.abs(before), np.abs(after))
    return np.where(before * after > 0, both, 0.0)


def season_covariance(busy: Busyness, against: Against) -> Array:
    """Return the covariance of growth and season of a series, shape (weeks, weeks).

    Weeks of the calendar that are alike are alike in every year, so that with two years the season
    is learnt, and with one a break in a busy week must exceed what a season may be. What a week
    does alone says nothing of another: Easter moves.
    """
    week = np.arange(busy.near.size)
    apart = np.abs(week[:, None] - week) % YEAR
    apart = np.minimum(apart, YEAR - apart)
    height = np.sqrt(_ORDINARY[against] ** 2 + (_BUSY[against] * busy.near) ** 2)
    line = _GROWTH[against] * (week - week.mean()) / YEAR
    alike = np.exp(-0.5 * (apart / _ALIKE) ** 2)
    found: Array = alike * np.outer(height, height) + np.outer(line, line)
    found += np.diag((_BUSY[against] * busy.alone) ** 2)
    return found
