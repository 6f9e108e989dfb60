"""How an outcome goes with several things at once, when units come in independent clusters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.one_thread import one_thread

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

#: What is left of a column beside the others, below which it repeats them.
_REPEATS = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A least-squares regression with a constant.

    Parameters
    ----------
    slopes : ndarray, shape (k,)
        How far the outcome differs per unit of each column, the others held; nan where a column
        does not vary, or repeats those before it.
    influence : ndarray, shape (n, k)
        How much each row moves each slope; the sums over clusters give its variance.
    columns : int
        How many columns, with the constant, were estimated.
    """

    slopes: Array
    influence: Array
    columns: int


def least_squares(outcome: ArrayLike, x: ArrayLike) -> Fit:
    """Fit an outcome by several columns and a constant.

    Parameters
    ----------
    outcome : array_like of float, shape (n,)
        The outcome; a share of ones and zeros is one too (linear probability).
    x : array_like of float, shape (n, k)
        The columns.

    Returns
    -------
    Fit

    Raises
    ------
    ValueError
        If the lengths differ or a value is not finite.

    Notes
    -----
    b = (X'X)**-1 X'y; the influence of row i is (X'X)**-1 x_i e_i with the residual e_i.

    Examples
    --------
    >>> least_squares([1, 3, 2, 4], [[0], [1], [0], [1]]).slopes.round(6).tolist()
    [2.0]
    """
    (y,) = validate.arrays(outcome=outcome)
    columns = np.asarray(x, dtype=float)
    validate.one_of("the number of dimensions of x", columns.ndim, (2,))
    validate.one_of("the number of rows of x", len(columns), (y.size,))
    if not np.isfinite(columns).all():
        raise ValueError("x must be finite")
    # The columns are few: threads of BLAS would only wait for each other, and keep cores busy.
    with one_thread():
        return _fitted(y, columns)


def _fitted(y: Array, columns: Array) -> Fit:
    away = columns - columns.mean(axis=0) if y.size else columns
    kept = _independent_columns(away)
    slopes = np.full(columns.shape[1], math.nan)
    influence = np.full(columns.shape, math.nan)
    if kept:
        own = away[:, kept]
        inverse = np.linalg.inv(own.T @ own)
        centred = y - y.mean()
        slopes[kept] = inverse @ (own.T @ centred)
        residual = centred - own @ slopes[kept]
        influence[:, kept] = (own @ inverse) * residual[:, None]
    return Fit(slopes, influence, len(kept) + 1)


def logistic_regression(x: Array, y: Array) -> tuple[Array, Array]:
    """Fit the log-odds of an outcome by several columns and a constant.

    Parameters
    ----------
    x : ndarray of float, shape (n, k)
        The columns.
    y : ndarray of float, shape (n,)
        The outcome, ones and zeros.

    Returns
    -------
    tuple of ndarray, shapes (k + 1,) and (k + 1, k + 1)
        The constant and the slopes, and their covariance, by maximum likelihood.

    Examples
    --------
    >>> x = np.array([[0.0], [0], [1], [1], [1], [1]])
    >>> weights, _ = logistic_regression(x, np.array([0.0, 1, 0, 1, 1, 1]))
    >>> round(float(weights[1]), 2), round(float(np.log(3)), 2)
    (1.1, 1.1)
    """
    from scipy.special import expit
    from sklearn.linear_model import LogisticRegression

    found = LogisticRegression(C=1e9, tol=1e-8, max_iter=2000).fit(x, y)
    weights = np.r_[found.intercept_, found.coef_[0]]
    design = np.column_stack([np.ones(len(x)), x])
    chance = expit(design @ weights)
    information = (design * (chance * (1 - chance))[:, None]).T @ design
    return weights, np.asarray(np.linalg.pinv(information))


def clustered_variance(influence: Array, clusters: ArrayLike, *, columns: int = 1) -> float:
    """Return the variance of an estimate from how much each row moves it.

    Parameters
    ----------
    influence : ndarray, shape (n,)
        How much each row moves the estimate.
    clusters : array_like, shape (n,)
        The independent unit of each row.
    columns : int, default 1
        How many numbers were estimated with it.

    Returns
    -------
    float
        nan with fewer than two clusters, or no more rows than columns.

    Notes
    -----
    C / (C - 1) (n - 1) / (n - k) sum_c (sum_i influence_i)**2 over C clusters.

    References
    ----------
    Liang & Zeger (1986), Biometrika 73, 13-22. Cameron & Miller (2015), J. Hum. Resour. 50,
    317-372.

    Examples
    --------
    >>> clustered_variance(np.array([0.1, -0.1, 0.2, -0.2]), [0, 1, 2, 3]).__round__(4)
    0.1333
    """
    _, places = np.unique(np.asarray(clusters), return_inverse=True)
    n, count = len(influence), int(places.max(initial=-1)) + 1
    if count < 2 or n <= columns:
        return math.nan
    sums = np.bincount(places, influence)
    return count / (count - 1) * (n - 1) / (n - columns) * float(sums @ sums)


def _independent_columns(away: Array) -> list[int]:
    """Return the columns that vary and do not repeat those before them.

    Gram-Schmidt, each column against all that are kept at once, and twice: the first pass leaves
    rounding errors that grow where columns are nearly alike.
    """
    kept: list[int] = []
    by_column = np.ascontiguousarray(away.T)
    basis = np.empty_like(by_column)
    for place, column in enumerate(by_column):
        left, size = column, float(np.linalg.norm(column))
        known = basis[: len(kept)]
        for _ in range(2):
            left = left - (known @ left) @ known
        rest = float(np.linalg.norm(left))
        if rest > _REPEATS * max(size, 1.0):
            basis[len(kept)] = left / rest
            kept.append(place)
    return kept
