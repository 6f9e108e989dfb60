"""What a purchase of each customer is worth, known from few: the Gamma-Gamma model of spend."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.one_thread import one_thread
from cxresearch.stats.purchases.delta_method import inverse_curvature

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

_FEWEST = 2


@dataclass(frozen=True, slots=True, eq=False)
class SpendFit:
    """The parameters at the maximum of the likelihood.

    Parameters
    ----------
    parameters : ndarray, shape (3,)
        p, q and v; nan where fewer than two customers inform them.
    covariance : ndarray, shape (3, 3)
        Of the logarithms of the parameters; nan where the likelihood is flat.
    loglik : float
        The logarithm of the likelihood.
    n : int
        The customers behind it: those with repeat purchases worth more than 0.
    """

    parameters: Array
    covariance: Array
    loglik: float
    n: int


def fit_spend(x: ArrayLike, mean: ArrayLike) -> SpendFit:
    """Fit the Gamma-Gamma model to the mean spend of customers.

    Parameters
    ----------
    x : array_like of float, shape (n,)
        The purchases behind each mean; customers with none inform nothing.
    mean : array_like of float, shape (n,)
        The mean spend of a purchase of each customer.

    Returns
    -------
    SpendFit

    Raises
    ------
    ValueError
        If a value is not finite, or the lengths differ.

    Notes
    -----
    A purchase is gamma with shape p and the customer's own rate, which is gamma with shape q and
    rate v over customers. log L = log G(px + q) - log G(px) - log G(q) + q log v +
    (px - 1) log m + px log x - (px + q) log(xm + v).

    References
    ----------
    Fader & Hardie (2013), The Gamma-Gamma model of monetary value, note 025.

    Examples
    --------
    >>> fit = fit_spend([2, 1, 3, 5, 1, 2, 4], [20.0, 12.0, 35.0, 60.0, 15.0, 22.0, 30.0])
    >>> fit.n
    7
    """
    from scipy.optimize import minimize

    purchases, spent = validate.arrays(x=x, mean=mean)
    informs = (purchases > 0) & (spent > 0)
    purchases, spent = purchases[informs], spent[informs]
    if spent.size < _FEWEST:
        unknown = np.full(3, math.nan)
        return SpendFit(unknown, np.full((3, 3), math.nan), math.nan, int(spent.size))
    level = float(spent.mean())
    relative = spent / level

    def cost(logs: Array) -> tuple[float, Array]:
        each, slopes = _with_slopes(np.exp(logs), purchases, relative)
        found = float(each.mean())
        return (-found, -slopes.mean(axis=1)) if math.isfinite(found) else (1e10, np.zeros(3))

    options = {"ftol": 1e-15, "gtol": 1e-9}
    with np.errstate(all="ignore"), one_thread():
        start = np.log([2.0, 2.0, 1.0])
        best = minimize(
            cost, start, method="L-BFGS-B", jac=True, bounds=[(-20, 20)] * 3, options=options
        )
        covariance = inverse_curvature(lambda logs: -cost(logs)[1] * spent.size, best.x)
    back = float(np.log(level)) * spent.size
    parameters = np.exp(best.x) * [1.0, 1.0, level]
    return SpendFit(parameters, covariance, -float(best.fun) * spent.size - back, int(spent.size))


def expected_spend(parameters: ArrayLike, x: ArrayLike, mean: ArrayLike) -> Array:
    """Return the expected value of a purchase of each customer: that of all for one without any.

    It is p (v + x m) / (p x + q - 1); nan where it is infinite (p x + q at most 1).

    Examples
    --------
    >>> expected_spend([6.25, 3.74, 15.44], [0, 2], [0.0, 22.35]).round(2).tolist()
    [35.22, 24.66]
    """
    p, q, v = np.asarray(parameters, float)
    purchases, spent = np.asarray(x, float), np.asarray(mean, float)
    below = p * purchases + q - 1
    return np.asarray(p * (v + purchases * spent) / np.where(below > 0, below, math.nan))


def simulated_spend(
    parameters: ArrayLike, x: Array, mean: Array, bought: Array, rng: np.random.Generator
) -> Array:
    """Return what each customer spends on the purchases ahead, drawn by chance.

    Examples
    --------
    >>> same = [np.full(4000, value) for value in (2.0, 22.35, 1.0)]
    >>> drawn = simulated_spend([6.25, 3.74, 15.44], *same, np.random.default_rng(1))
    >>> bool(abs(drawn.mean() - 24.66) < 0.5)
    True
    """
    p, q, v = np.asarray(parameters, float)
    rate = rng.gamma(p * x + q) / (v + x * mean)
    return np.asarray(np.where(bought > 0, rng.gamma(np.maximum(p * bought, 1e-9)) / rate, 0.0))


def _with_slopes(parameters: Array, x: Array, mean: Array) -> tuple[Array, Array]:
    """Return the log-likelihood of each customer, and its slopes by the parameters' logarithms."""
    from scipy.special import digamma, gammaln

    p, q, v = parameters
    shape = p * x
    of_mean, of_x, of_both = np.log(mean), np.log(x), np.log(x * mean + v)
    each = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(v)
    each += (shape - 1) * of_mean + shape * of_x - (shape + q) * of_both
    rises = digamma(shape + q) - of_both
    slopes = [
        shape * (rises - digamma(shape) + of_mean + of_x),
        q * (rises - digamma(q) + np.log(v)),
        q - (shape + q) * v / (x * mean + v),
    ]
    return each, np.array(slopes)
