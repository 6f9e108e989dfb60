"""What a series of measurements follows when nothing happens: a level, a line or a season."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from cxresearch.core import validate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: Fewer points cannot tell a trend from a change of level.
_FEWEST = 12
#: How many periods there must be for a season to show as such.
_FEWEST_PERIODS = 1.5
#: A difference of two BIC that is strong evidence (Kass and Raftery).
_STRONG = 6.0
#: As if the measurements had so many digits: a fit without any error would win by infinity.
_LEAST_SHARE = 1e-12


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a series follows.

    Parameters
    ----------
    kind : {"level", "line", "season"}
        A level, which may have changed once or twice; a straight line; or a shape that comes back
        every period, with or without a line.
    fitted : numpy.ndarray of float, shape (n,)
        The series as this describes it.
    """

    kind: Literal["level", "line", "season"]
    fitted: NDArray[np.float64]


def baseline(values: ArrayLike, *, period: int | None = None) -> Baseline:
    """Return what a series follows, so that a chart takes a trend or a season for no event.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        The measurements in the order of time, evenly spaced.
    period : int, optional
        The number of points after which a season comes back, at least 2: 12 for months.

    Returns
    -------
    Baseline
        A level unless a line or a season describes the series much better.

    Raises
    ------
    ValueError
        If a value is not finite or `period` is below 2.

    Notes
    -----
    Least squares. The levels are one mean, or two or three of successive stretches (a lasting
    change, or one that passed). BIC = n log(SSE / n) + k log(n) with k numbers fitted, the places
    of the changes included. A line or a season is taken where its BIC is lower than that of the
    levels by 6. A season is a wave (from one and a half periods on) or a mean for each place in
    the period (from two on), both with a line.

    References
    ----------
    Schwarz (1978), Ann. Stat. 6, 461-464. Kass & Raftery (1995), JASA 90, 773-795, for the 6.

    Examples
    --------
    >>> baseline([10, 12, 11, 9, 10, 25, 11, 10, 9, 12, 11, 10]).kind
    'level'
    >>> baseline([10, 13, 14, 17, 20, 21, 24, 26, 29, 30, 33, 36]).kind
    'line'
    """
    (points,) = validate.arrays(values=values)
    if period is not None:
        validate.whole("period", period, low=2)
    level = np.full(points.size, points.mean() if points.size else math.nan)
    if points.size < _FEWEST or not np.ptp(points):
        return Baseline("level", level)
    least = _LEAST_SHARE * float(((points - level) ** 2).sum())
    bic_of_levels = min(
        _bic(error, parameters, points.size, least)
        for parameters, error in zip((1, 3, 5), _errors_of_levels(points), strict=True)
    )
    candidates = [(kind, _fit(points, design)) for kind, design in _designs(points.size, period)]
    kind, (fitted, bic) = min(
        ((kind, (fitted, _bic(error, k, points.size, least)))
         for kind, (fitted, error, k) in candidates),
        key=lambda found: found[1][1],
    )  # fmt: skip
    return Baseline(kind, fitted) if bic_of_levels - bic > _STRONG else Baseline("level", level)


def _errors_of_levels(points: NDArray[np.float64]) -> list[float]:
    """Return the least sum of squares around one, two and three means of successive stretches."""
    sums, squares = (np.concatenate([[0.0], np.cumsum(part)]) for part in _centred(points))
    n = points.size
    length = np.arange(n + 1)[None, :] - np.arange(n + 1)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        error = squares[None, :] - squares[:, None] - (sums[None, :] - sums[:, None]) ** 2 / length
    error[length <= 0] = np.inf
    one = error[0, n]
    two = error[0, :] + error[:, n]  # by where the second stretch begins
    three = error[0, :, None] + error + error[None, :, n]
    return [max(float(found), 0.0) for found in (one, two.min(), three.min())]


def _centred(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    deviations = points - points.mean()
    return deviations, deviations**2


def _designs(
    n: int, period: int | None
) -> list[tuple[Literal["line", "season"], NDArray[np.float64]]]:
    """Return what may be fitted to n points, each as the columns of a regression."""
    time = np.arange(n) / n
    line = np.stack([np.ones(n), time], axis=1)
    found: list[tuple[Literal["line", "season"], NDArray[np.float64]]] = [("line", line)]
    if period is None:
        return found
    if n >= _FEWEST_PERIODS * period and period > 2:
        angle = 2 * math.pi * np.arange(n) / period
        wave = np.stack([np.sin(angle), np.cos(angle)], axis=1)
        found.append(("season", np.hstack([line[:, :1], wave])))
        found.append(("season", np.hstack([line, wave])))
    if n >= 2 * period:
        places = np.eye(period)[np.arange(n) % period]
        found.append(("season", places))
        found.append(("season", np.hstack([places, line[:, 1:]])))
    return found


def _fit(
    points: NDArray[np.float64], design: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float, int]:
    """Return the fitted values, the sum of squares around them, and how many numbers they took."""
    fitted = design @ np.linalg.lstsq(design, points, rcond=None)[0]
    return fitted, float(((points - fitted) ** 2).sum()), design.shape[1]


def _bic(error: float, parameters: int, n: int, least: float) -> float:
    return n * math.log(max(error, least) / n) + parameters * math.log(n)
