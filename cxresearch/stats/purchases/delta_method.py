"""How sure fitted parameters are, and what is made of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core.comparison import normal_quantile
from cxresearch.core.results import Interval

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_STEP = 1e-3
#: An interval from a millionth of the value to a million times it says nothing.
_WIDEST = math.log(1e6)


def inverse_curvature(slopes: Callable[[Array], Array], best: Array) -> Array:
    """Return the covariance of the parameters at the maximum of a log-likelihood.

    Parameters
    ----------
    slopes : callable
        The slopes of the log-likelihood of all rows, shape (k,), at parameters of shape (k,), of a
        size near 1.
    best : ndarray, shape (k,)
        The parameters at its maximum.

    Returns
    -------
    ndarray, shape (k, k)
        The inverse of the curvature, by central differences of the slopes; nan where some direction
        is flat, so that the data do not tell the parameters apart.

    Examples
    --------
    >>> inverse_curvature(lambda p: -4 * p, np.zeros(2)).round(3).tolist()
    [[0.25, 0.0], [0.0, 0.25]]
    """
    falls = -slopes_of(slopes, best)
    curvature = (falls + falls.T) / 2
    if not np.isfinite(curvature).all() or np.linalg.eigvalsh(curvature).min() <= _STEP:
        return np.full(curvature.shape, math.nan)
    # The inverse of what is nearly 0 has a zero with a sign.
    return np.asarray(np.linalg.inv(curvature)) + 0.0


def delta(of: Callable[[Array], Array], at: Array, covariance: Array) -> Array:
    """Return the variances of functions of normal values, by central differences."""
    if not np.isfinite(covariance).all():
        return np.full(of(at).shape, math.nan)
    return variances(slopes_of(of, at), covariance)


def slopes_of(of: Callable[[Array], Array], at: Array) -> Array:
    """Return how functions of k values change with each of them, by central differences."""
    steps = np.eye(at.size) * _STEP
    return np.array([(of(at + step) - of(at - step)) / (2 * _STEP) for step in steps])


def variances(slopes: Array, covariance: Array) -> Array:
    """Return the variances of functions of k normal values, of which the slopes come first."""
    return np.asarray(np.einsum("i...,ij,j...->...", slopes, covariance, slopes))


def log_interval(value: float, error: float, confidence: float) -> Interval:
    """Return the interval of a positive value whose logarithm is normal."""
    if not (value > 0 and math.isfinite(error)):
        return Interval(math.nan, math.nan)
    spread = normal_quantile(confidence) * error / value
    if spread > _WIDEST:
        return Interval(math.nan, math.nan)
    factor = math.exp(spread)
    return Interval(value / factor, value * factor)


def logit_interval(share: float, error: float, confidence: float) -> Interval:
    """Return the interval of a share whose log-odds are normal."""
    if not (0 < share < 1 and math.isfinite(error)):
        return Interval(math.nan, math.nan)
    margin = normal_quantile(confidence) * error / (share * (1 - share))
    odds = share / (1 - share)
    low, high = odds * math.exp(-margin), odds * math.exp(margin)
    return Interval(low / (1 + low), high / (1 + high))
