"""What a series follows when nothing happens (a level, a line or a season), and its slope."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison, two_sided
from cxresearch.core.documented import documented
from cxresearch.core.results import difference_unit
from cxresearch.stats.means.estimators import ValueWithVariance, why_unknown
from cxresearch.stats.means.sample_means import t_interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

#: With fewer points a trend looks like a change of level.
_FEWEST = 12
#: How many periods there must be for a season to show.
_FEWEST_PERIODS = 1.5
#: A difference of two BIC that is strong evidence (Kass and Raftery).
_STRONG = 6.0
#: As if the measurements had so many digits: a fit without any error would win by infinity.
_LEAST_SHARE = 1e-12

NO_TREND = "undefined: it needs the number at two different times at least"


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


@documented
def weighted_trend(
    times: Sequence[float],
    values: Sequence[ValueWithVariance],
    *,
    unit: str,
    confidence: float = 0.95,
) -> Comparison:
    """Estimate by how much a number changes in one unit of time.

    Parameters
    ----------
    times : sequence of float, length k
        When each was measured.
    values : sequence of ValueWithVariance, length k
        Independent measurements; those without a variance are left out.
    unit : str
        The unit of the number; the result is that per unit of time.
    %(confidence)s

    Returns
    -------
    Comparison
        The slope, with the units of all measurements as `n`; nan with a note where fewer than two
        times have a value.

    Raises
    ------
    ValueError
        If the lengths differ, a time is not finite, or `confidence` is out of range.

    Notes
    -----
    sum(w (t - T) d) / sum(w (t - T)**2) with w = 1 / variance and T the weighted mean time; its
    variance is 1 / sum(w (t - T)**2). The variances are taken as known, so each measurement must
    be of many units.

    References
    ----------
    Cochran (1954), Biometrics 10, 101-129 (weights); Greenland & Longnecker (1992), Am. J.
    Epidemiol. 135, 1301-1309 (trend).

    Examples
    --------
    >>> daily = [ValueWithVariance(n=100, value=value, variance=0.01) for value in (3.0, 2.0, 1.0)]
    >>> result = weighted_trend([0, 1, 2], daily, unit="EUR")
    >>> round(result.value, 2), [round(end, 2) for end in result.ci]
    (-1.0, [-1.14, -0.86])
    """
    validate.share("confidence", confidence)
    validate.arrays(times=times)
    validate.one_of("the length of values", len(values), (len(times),))
    kept = [(float(t), one) for t, one in zip(times, values, strict=True) if not why_unknown(one)]
    weights = [1 / one.variance for _, one in kept]
    total = sum(weights)
    centre = sum(w * t for w, (t, _) in zip(weights, kept, strict=True)) / total if kept else 0.0
    spread = sum(w * (t - centre) ** 2 for w, (t, _) in zip(weights, kept, strict=True))
    known = len({t for t, _ in kept}) > 1
    value = math.nan
    if known:
        moved = sum(w * (t - centre) * one.value for w, (t, one) in zip(weights, kept, strict=True))
        value = moved / spread
    variance = 1 / spread if known else math.nan
    statistic = value / math.sqrt(variance)
    return Comparison(
        value=value,
        ci=t_interval(value, variance, math.inf, confidence),
        n=sum(one.n for _, one in kept),
        unit=difference_unit(unit),
        confidence=confidence,
        method="trend, weighted by precision",
        note="" if known else NO_TREND,
        statistic=statistic,
        p_value=two_sided(statistic) if known else math.nan,
        test="z test",
    )


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
