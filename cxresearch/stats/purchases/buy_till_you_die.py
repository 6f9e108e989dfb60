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
    found = of_rows(model, np.log(np.asarray(parameters, float)), plain(x, t, T))
    return np.asarray(found)


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

        stays = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + T)
        stays += third * (np.log(fourth) - np.log(fourth + T))
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
    horizon: float,
) -> Array:
    """Return the expected purchases of each customer in the time ahead.

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


def _ahead(model: Model, parameters: Array, x: Array, T: Array, horizon: float) -> Array:  # noqa: N803
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


def of_rows(model: Model, logs: Array, rows: Rows) -> Array:
    """Return the log-likelihood of each row at the logarithms of the parameters."""
    if model == "pareto":
        return _pareto(logs, rows)
    from scipy.special import betaln, gammaln

    r, alpha, a, b = np.exp(logs)
    xs, of_x = rows.xs, rows.of_x
    k = xs + (model == "mbg")
    base = gammaln(r + xs) - gammaln(r) + r * math.log(alpha) - betaln(a, b)
    stays = base + betaln(a, b + k)
    with np.errstate(divide="ignore", invalid="ignore"):
        leaves = np.where(k > 0, base + betaln(a + 1, b + np.maximum(k, 1) - 1), -np.inf)
    power = (r + xs)[of_x]
    return np.asarray(
        np.logaddexp(
            stays[of_x] - power * np.log(alpha + rows.T),
            leaves[of_x] - power * np.log(alpha + rows.t),
        )
    )


def _pareto(logs: Array, rows: Rows) -> Array:
    from scipy.special import gammaln

    r, alpha, s, beta = np.exp(logs)
    x = rows.x
    with np.errstate(all="ignore"):
        stays = -(r + x) * np.log(alpha + rows.T) - s * np.log(beta + rows.T)
        left = math.log(s) + _log_left(r + x, alpha, s + 1, beta, rows.t, rows.T)
        base = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
        return np.asarray(base + np.logaddexp(stays, left))


def _log_left(
    bought: Array,
    alpha: float,
    leaves: float,
    beta: float,
    t: Array,
    T: Array,  # noqa: N803
) -> Array:
    """Return log of the integral of (alpha + u)**-bought (beta + u)**-leaves for u from t to T.

    It is the hypergeometric difference of the published form, as an integral over the logarithm of
    the smaller base: the integrand falls ever faster there, so that it ends where it is nothing.
    """
    larger, smaller = max(alpha, beta), min(alpha, beta)
    of_smaller, of_larger = (bought, leaves) if alpha <= beta else (leaves, bought)
    start = smaller + t
    falls = of_smaller + of_larger * start / (larger + t) - 1
    end = np.log1p((T - t) / start)
    end = np.where(falls * end > _NOTHING, _NOTHING / falls, end)
    found = np.zeros(end.shape)
    for node, weight in _quadrature():
        u = node * end
        apart = np.log1p(np.expm1(u) * start / (larger + t))
        found += weight * np.exp((1 - of_smaller) * u - of_larger * apart)
    at_start = (1 - of_smaller) * np.log(start) - of_larger * np.log(larger + t)
    return np.asarray(at_start + np.log(found * end))


@cache
def _quadrature() -> list[tuple[float, float]]:
    """Return places from 0 to 1, and what each weighs in an integral over them (Gauss-Legendre)."""
    nodes, weights = np.polynomial.legendre.leggauss(_QUADRATURE)
    return list(zip((nodes + 1) / 2, weights / 2, strict=True))
