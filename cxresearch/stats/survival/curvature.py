"""How sure the maximum of a likelihood is, from how sharply it falls away around it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_STEP = 1e-3


def inverse_curvature(
    slopes: Callable[[NDArray[np.float64]], NDArray[np.float64]], best: NDArray[np.float64]
) -> NDArray[np.float64]:
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
    steps = np.eye(best.size) * _STEP
    falls = np.array([slopes(best - step) - slopes(best + step) for step in steps]) / (2 * _STEP)
    curvature = (falls + falls.T) / 2
    if not np.isfinite(curvature).all() or np.linalg.eigvalsh(curvature).min() <= _STEP:
        return np.full(curvature.shape, math.nan)
    # The inverse of what is nearly 0 has a zero with a sign.
    return np.asarray(np.linalg.inv(curvature)) + 0.0
