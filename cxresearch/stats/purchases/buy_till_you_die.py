"""Who still buys when nobody says that they leave: three models of repeat purchases.

Every customer buys by chance at a rate of their own, and leaves unseen. In BG/NBD a customer may
leave after each repeat purchase, in MBG/NBD after the first one too, in Pareto/NBD at any moment.
A customer is three numbers: `x` repeat purchases, the last of them `t` after the first, seen for
`T` after the first, in one unit of time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]
    Customers = tuple[Array, Array, Array]

Model = Literal["mbg", "bg", "pareto"]
MODELS: tuple[Model, ...] = get_args(Model)
#: The names of the parameters, in the order of all arrays here.
NAMES: dict[Model, tuple[str, ...]] = {
    "mbg": ("r", "alpha", "a", "b"),
    "bg": ("r", "alpha", "a", "b"),
    "pareto": ("r", "alpha", "s", "beta"),
}
_NEAR_ONE = 1e-5
_QUADRATURE = 40
_NEVER = 1e-300
#: An integrand that has fallen by this much, in logarithms, is nothing.
_NOTHING = 40.0


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Customers alike are one row; what depends on x alone is computed once per x."""

    t: Array
    T: Array
    xs: Array
    of_x: NDArray[np.intp]
    count: Array

    @property
    def x(self) -> Array:
        """The repeat purchases of each row."""
        return self.xs[self.of_x]


def loglik(model: Model, parameters: ArrayLike, x: Array, t: Array, T: Array) -> Array:  # noqa: N803
    """Return the log-likelihood of each customer.

    Examples
    --------
    >>> one = [np.array([value]) for value in (2.0, 30.43, 38.86)]
    >>> loglik("bg", [0.243, 4.414, 0.793, 2.426], *one).round(3).tolist()
    [-9.459]
    """
    return with_slopes(model, np.log(np.asarray(parameters, float)), plain(x, t, T))[0]


def alive(model: Model, parameters: ArrayLike, x: Array, t: Array, T: Array) -> Array:  # noqa: N803
    """Return the chance that each customer has not left yet.

    Examples
    --------
    >>> one = [np.array([value]) for value in (2.0, 30.43, 38.86)]
    >>> alive("bg", [0.243, 4.414, 0.793, 2.426], *one).round(3).tolist()
    [0.727]
    """
    r, alpha, third, fourth = np.asarray(parameters, float)
    if third == 0:
        return np.ones_like(x)
    if model == "pareto":
        from scipy.special import gammaln

        stays = gammaln(r + x) - gammaln(r) - x * np.log(alpha) - (r + x) * np.log1p(T / alpha)
        stays -= third * np.log1p(T / fourth)
        return np.asarray(np.exp(stays - loglik(model, parameters, x, t, T)))
    k = x + (model == "mbg")
    with np.errstate(divide="ignore", over="ignore"):
        odds = third / (fourth + k - 1) * np.exp((r + x) * np.log((alpha + T) / (alpha + t)))
    return np.asarray(np.where(k > 0, 1 / (1 + odds), 1.0))


def expected(
    model: Model,
    parameters: ArrayLike,
    x: Array,
    t: Array,
    T: Array,  # noqa: N803
    horizon: float | Array,
) -> Array:
    """Return the expected purchases of each customer in the time ahead, or in each of shape (k, 1).

    Notes
    -----
    MBG/NBD and BG/NBD: P(alive) * E[(1 - (1 + p h / (alpha + T))**-(r + x)) / p], with the chance
    to leave p, which is beta(a, b + k): the published form before its integral is solved.

    Examples
    --------
    >>> one = [np.array([value]) for value in (2.0, 30.43, 38.86)]
    >>> expected("bg", [0.243, 4.414, 0.793, 2.426], *one, 39).round(3).tolist()
    [1.226]
    """
    still = alive(model, parameters, x, t, T)
    return still * _ahead(model, np.asarray(parameters, float), x, T, horizon)


def buys_again(
    model: Model,
    parameters: ArrayLike,
    x: Array,
    t: Array,
    T: Array,  # noqa: N803
    horizon: float,
) -> Array:
    """Return the chance of each customer to buy at least once in the time ahead.

    Examples
    --------
    >>> one = [np.array([value]) for value in (2.0, 30.43, 38.86)]
    >>> buys_again("bg", [0.243, 4.414, 0.793, 2.426], *one, 39).round(3).tolist()
    [0.555]
    """
    r, alpha, third, fourth = np.asarray(parameters, float)
    still = alive(model, parameters, x, t, T)
    none = np.exp(-(r + x) * np.log1p(horizon / (alpha + T)))
    if model == "pareto" and third > 0:
        left = np.exp(-third * np.log1p(horizon / (fourth + T)))
        none = none * left
        for at, weight in _quadrature():
            when = at * horizon
            leaves = third / (fourth + T + when) * (1 + when / (fourth + T)) ** -third
            none = none + weight * horizon * leaves * np.exp(
                -(r + x) * np.log1p(when / (alpha + T))
            )
    return np.asarray(still * (1 - none))


def simulated_ahead(
    model: Model,
    parameters: ArrayLike,
    x: Array,
    t: Array,
    T: Array,  # noqa: N803
    horizon: float,
    rng: np.random.Generator,
) -> Array:
    """Return purchases of each customer in the time ahead, drawn by chance.

    Examples
    --------
    >>> same = [np.full(4000, value) for value in (2.0, 30.43, 38.86)]
    >>> drawn = simulated_ahead("bg", [0.243, 4.414, 0.793, 2.426], *same, 39,
    ...                         np.random.default_rng(1))
    >>> bool(abs(drawn.mean() - 1.226) < 0.1)
    True
    """
    r, alpha, third, fourth = np.asarray(parameters, float)
    if math.isnan(r):  # no model could be fitted
        return np.full(x.size, math.nan)
    rate = rng.gamma(r + x) / (alpha + T)
    still = rng.random(x.size) < alive(model, parameters, x, t, T)
    if third == 0:
        return np.asarray(rng.poisson(rate * horizon), dtype=float)
    if model == "pareto":
        leaves = rng.exponential(1.0, x.size) / (rng.gamma(third, size=x.size) / (fourth + T))
        return np.asarray(rng.poisson(rate * np.minimum(leaves, horizon)) * still, dtype=float)
    leaving = rng.beta(third, fourth + x + (model == "mbg"))
    bought = np.zeros(x.size)
    clock = rng.exponential(1.0, x.size) / rate
    while (buying := still & (clock <= horizon)).any():
        bought += buying
        still = buying & (rng.random(x.size) >= leaving)
        clock += rng.exponential(1.0, x.size) / rate
    return bought


def _ahead(
    model: Model,
    parameters: Array,
    x: Array,
    T: Array,  # noqa: N803
    horizon: float | Array,
) -> Array:
    """Return the expected purchases in the time ahead of customers who have not left."""
    r, alpha, third, fourth = parameters
    if third == 0:
        return np.asarray((r + x) / (alpha + T) * horizon)
    if model == "pareto":
        grows = np.log1p(horizon / (fourth + T))
        power = third - 1
        time = grows if abs(power) < _NEAR_ONE else -np.expm1(-power * grows) / power
        return np.asarray((r + x) * (fourth + T) / (alpha + T) * time)
    from scipy.special import betaincinv

    # The chance to leave is beta over customers: an integral over its quantiles, which holds where
    # the hypergeometric function of the published form overflows or loses its digits.
    xs, of_x = np.unique(x, return_inverse=True)
    often, ahead = r + x, horizon / (alpha + T)
    found = np.zeros(ahead.shape)
    for at, weight in _quadrature():
        quantile = at**2 * (3 - 2 * at)
        each = np.maximum(betaincinv(third, fourth + xs + (model == "mbg"), quantile), _NEVER)
        leaves = each[of_x.ravel()]
        found -= 6 * at * (1 - at) * weight * np.expm1(-often * np.log1p(leaves * ahead)) / leaves
    return found


def plain(x: Array, t: Array, T: Array, count: Array | None = None) -> Rows:  # noqa: N803
    """Return customers as rows; they need not differ."""
    xs, of_x = np.unique(np.asarray(x, float), return_inverse=True)
    each = np.ones(len(x)) if count is None else count
    return Rows(np.asarray(t, float), np.asarray(T, float), xs, of_x.ravel(), each)


@np.errstate(all="ignore")
def with_slopes(model: Model | None, logs: Array, rows: Rows) -> tuple[Array, Array]:
    """Return the log-likelihood of each row, and its slopes by the logarithms of the parameters.

    Parameters
    ----------
    model : {"mbg", "bg", "pareto"} or None
        Which model; None for NBD, in which nobody leaves and of which there are two parameters.
    logs : ndarray, shape (k,)
        The logarithms of the parameters.
    rows : Rows
        The customers, m rows of them.

    Returns
    -------
    loglik : ndarray, shape (m,)
    slopes : ndarray, shape (k, m)

    Notes
    -----
    The slope is the mean, over when the customer left or has not, of what it were if that were
    known.

    Examples
    --------
    >>> rows = plain(*(np.array([value]) for value in (2.0, 30.43, 38.86)))
    >>> logs = np.log([0.243, 4.414, 0.793, 2.426])
    >>> value, slopes = with_slopes("bg", logs, rows)
    >>> ahead, _ = with_slopes("bg", logs + np.array([0, 1e-6, 0, 0]), rows)
    >>> bool(abs((ahead - value) / 1e-6 - slopes[1])[0] < 1e-4)
    True
    """
    from scipy.special import digamma, gammaln

    parameters = np.exp(logs)
    r, alpha = parameters[:2]
    base = gammaln(r + rows.xs) - gammaln(r) - rows.xs * math.log(alpha)
    of_r = digamma(r + rows.xs) - digamma(r)
    often = r + rows.x
    # Where nobody leaves: the logarithm of what time makes of alpha, and one by it.
    ends = _grown(alpha, rows.T)
    others: tuple[Array, ...] = ()
    if model is None:
        each = -often * ends[0]
    elif model == "pareto":
        each, ends, others = _at_any_time(parameters, rows, ends)
    else:
        each, ends, others = _at_purchases(parameters, rows, ends, first=model == "mbg")
    slopes = r * (of_r[rows.of_x] - ends[0]), r - often * ends[1], *others
    return base[rows.of_x] + each, np.array(slopes)


def _grown(scale: float, time: Array) -> tuple[Array, Array]:
    """Return the logarithm of what a time makes of a scale, as a ratio, and one by that ratio."""
    return np.log1p(time / scale), scale / (scale + time)


def _at_purchases(
    parameters: Array, rows: Rows, ends: tuple[Array, Array], *, first: bool
) -> tuple[Array, tuple[Array, Array], tuple[Array, ...]]:
    """Return the likelihood where customers leave at purchases, mean ends, slopes by a and b."""
    from scipy.special import betaln, digamma

    r, alpha, a, b = parameters
    k = rows.xs + first
    last = b + np.maximum(k, 1) - 1
    often = r + rows.x
    starts = _grown(alpha, rows.t)
    stays = (betaln(a, b + k) - betaln(a, b))[rows.of_x] - often * ends[0]
    leaves = np.where(k > 0, betaln(a + 1, last) - betaln(a, b), -np.inf)
    left = leaves[rows.of_x] - often * starts[0]
    each = np.logaddexp(stays, left)
    gone = np.exp(left - each)
    both = digamma(a + b) - digamma(a + b + k)
    by_a = a * both[rows.of_x] + gone
    by_b = b * ((both + digamma(b + k) - digamma(b))[rows.of_x] - gone / last[rows.of_x])
    log_end, per_end = (end + gone * (start - end) for start, end in zip(starts, ends, strict=True))
    return each, (log_end, per_end), (by_a, by_b)


def _at_any_time(
    parameters: Array, rows: Rows, ends: tuple[Array, Array]
) -> tuple[Array, tuple[Array, Array], tuple[Array, ...]]:
    """Return the likelihood where customers leave at any time, mean ends, slopes by s and beta."""
    r, alpha, s, beta = parameters
    all_ends = (*ends, *_grown(beta, rows.T))
    log_left, means = _left(r + rows.x, alpha, s + 1, beta, rows.t, rows.T)
    stays = -(r + rows.x) * ends[0] - s * all_ends[2]
    left = math.log(s / beta) + log_left
    each = np.logaddexp(stays, left)
    gone = np.exp(left - each)
    mean = [end + gone * (leaving - end) for end, leaving in zip(all_ends, means, strict=True)]
    by_s = gone - s * mean[2]
    by_beta = s * (1 - mean[3]) - gone * means[3]
    return each, (mean[0], mean[1]), (by_s, by_beta)


@cache
def _quadrature() -> list[tuple[float, float]]:
    """Return places from 0 to 1, and what each weighs in an integral over them (Gauss-Legendre)."""
    nodes, weights = np.polynomial.legendre.leggauss(_QUADRATURE)
    return list(zip((nodes + 1) / 2, weights / 2, strict=True))


def _left(
    bought: Array,
    alpha: float,
    leaves: float,
    beta: float,
    t: Array,
    T: Array,  # noqa: N803
) -> tuple[Array, Array]:
    """Return log of the integral of (1 + u/alpha)**-bought (1 + u/beta)**-leaves for u from t to T.

    It is the hypergeometric difference of the published form, as an integral over the logarithm of
    the smaller base: the integrand falls ever faster there, so that it ends where it is nothing.
    With it the means, by the integrand, of log(1 + u/alpha), 1 / (1 + u/alpha) and those of beta.
    """
    larger, smaller = max(alpha, beta), min(alpha, beta)
    of_smaller, of_larger = (bought, leaves) if alpha <= beta else (leaves, bought)
    near, far = _grown(smaller, t), _grown(larger, t)
    ratio = (smaller + t) / (larger + t)
    falls = of_smaller + of_larger * ratio - 1
    end = np.log1p((T - t) / (smaller + t))
    end = np.where(falls * end > _NOTHING, _NOTHING / falls, end)
    sums = np.zeros((5, end.size))
    for node, weight in _quadrature():
        u = node * end
        grown = np.expm1(u)
        apart = np.log1p(grown * ratio)
        density = weight * np.exp((1 - of_smaller) * u - of_larger * apart)
        for place, of in enumerate((u, 1 / (1 + grown), apart, 1 / (1 + grown * ratio))):
            sums[place] += density * of
        sums[4] += density
    log_near, per_near, log_far, per_far = sums[:4] / sums[4]
    means = [near[0] + log_near, near[1] * per_near, far[0] + log_far, far[1] * per_far]
    at_start = np.log(smaller + t) - of_smaller * near[0] - of_larger * far[0]
    found = at_start + np.log(sums[4] * end)
    return found, np.array(means if alpha <= beta else means[2:] + means[:2])
