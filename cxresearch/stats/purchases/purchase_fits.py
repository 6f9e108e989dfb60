"""Models of repeat purchases, fitted by maximum likelihood."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.one_thread import one_thread
from cxresearch.stats.purchases.buy_till_you_die import MODELS, Model, Rows, plain, with_slopes
from cxresearch.stats.purchases.delta_method import inverse_curvature

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]
    Customers = tuple[Array, Array, Array]

#: Which parameters are a length of time.
_TIMES: dict[Model, tuple[int, ...]] = {"mbg": (1,), "bg": (1,), "pareto": (1, 3)}

#: Half the 90 % point of chi-square with one degree of freedom: at a bound the likelihood ratio is
#: 0 half of the time, so this is a test at 5 %.
_SEEN = 1.353
_LONGEST = 10.0
#: With a shape this large customers are alike; a larger one is as likely, without end.
_ALIKE = math.log(1000)
_STARTS = ((1.0, 1.0, 1.0, 1.0), (0.3, 1.0, 0.5, 2.0))
_WIDEST = 12.0
_FAILED = 1e10
#: Of more different customers than the first, about the second say where to look.
_MANY, _PART = 60_000, 20_000


@dataclass(frozen=True, slots=True, eq=False)
class PurchaseFit:
    """The parameters at the maximum of the likelihood.

    Parameters
    ----------
    model : {"mbg", "bg", "pareto"}
        Which model.
    parameters : ndarray, shape (4,)
        r, alpha, a, b (of Pareto/NBD r, alpha, s, beta), in the unit of time given. Where no
        leaving is seen, r and alpha alone, then 0 and infinity.
    covariance : ndarray, shape (4, 4)
        Of the logarithms of the parameters; nan where the likelihood is flat or no leaving is seen,
        0 of a shape at 1,000, the largest: customers are alike in it.
    loglik : float
        The logarithm of the likelihood; nan where the model could not be fitted, such as to
        customers of whom nobody bought again.
    sees_leaving : bool
        Whether the model is better than one in which nobody leaves (NBD), by a likelihood ratio
        test at 5 %.
    n : int
        The number of customers.
    """

    model: Model
    parameters: Array
    covariance: Array
    loglik: float
    sees_leaving: bool
    n: int


def fit_purchases(x: ArrayLike, t: ArrayLike, T: ArrayLike, *, model: Model = "mbg") -> PurchaseFit:  # noqa: N803
    """Fit a model of repeat purchases by maximum likelihood.

    Parameters
    ----------
    x : array_like of float, shape (n,)
        The repeat purchases of each customer.
    t : array_like of float, shape (n,)
        The time of the last purchase since the first; 0 where `x` is 0.
    T : array_like of float, shape (n,)
        How long the customer was seen since the first purchase.
    model : {"mbg", "bg", "pareto"}, default "mbg"
        Which model.

    Returns
    -------
    PurchaseFit

    Raises
    ------
    ValueError
        If a value is negative or not finite, a last purchase is later than `T`, or the lengths
        differ; if `model` is none of those allowed.

    Notes
    -----
    MBG/NBD, with k = x + 1: L = G(r + x) / G(r) * alpha**r * (B(a, b + k) / B(a, b) /
    (alpha + T)**(r + x) + B(a + 1, b + k - 1) / B(a, b) / (alpha + t)**(r + x)). BG/NBD has k = x,
    and no second term for x = 0. Equal customers are counted together, and the longest T is scaled
    to 10, where the maximum is found from any start.

    References
    ----------
    Fader, Hardie & Lee (2005), "Counting your customers" the easy way, Mark. Sci. 24, 275-284
    (BG/NBD). Batislam, Denizel & Filiztekin (2007), Int. J. Res. Mark. 24, 201-209 (MBG/NBD).
    Schmittlein, Morrison & Colombo (1987), Manage. Sci. 33, 1-24; Fader & Hardie (2005), A note on
    deriving the Pareto/NBD model (Pareto/NBD).

    Examples
    --------
    >>> fit = fit_purchases([0, 1, 2, 5, 0, 3, 0, 1], [0, 5, 9, 9, 0, 4, 0, 2], [10] * 8)
    >>> fit.n, fit.sees_leaving
    (8, False)
    """
    validate.one_of("model", model, MODELS)
    rows, scale = _merged(*validate.arrays(x=x, t=t, T=T))
    n = int(rows.count.sum())
    back = math.log(scale) * float(rows.count @ rows.x)
    nothing = np.full(4, math.nan)
    if not rows.xs.any() or not rows.T.any():
        return PurchaseFit(model, nothing, _unknown(), math.nan, False, n)
    ends = [_WIDEST if place in _TIMES[model] else _ALIKE for place in range(4)]
    # On four numbers, threads cost more than they do.
    with one_thread():
        two, nobody = _maximum(None, rows, [_ALIKE, _WIDEST])
        four, best = _maximum(model, rows, ends)
    without, loglik = nobody * n + back, best * n + back
    if not math.isfinite(best) or best <= -_FAILED:
        return PurchaseFit(model, nothing, _unknown(), math.nan, False, n)
    sees = loglik - without > _SEEN
    logs = four if sees else np.r_[two, -math.inf, math.inf]
    parameters = np.exp(logs)
    parameters[list(_TIMES[model])] /= scale
    covariance = _covariance(model, four, four < np.array(ends), rows) if sees else _unknown()
    return PurchaseFit(model, parameters, covariance, loglik, sees, n)


def alike(x: Array, t: Array, T: Array) -> tuple[Customers, NDArray[np.intp]]:  # noqa: N803
    """Return the different customers, and which of them each customer is.

    Returns
    -------
    rows : tuple of ndarray, shape (m,)
        x, t and T of each kind of customer.
    kind : ndarray of int, shape (n,)
        Which of them each customer is.

    Examples
    --------
    >>> same = np.array([2.0, 0.0, 2.0])
    >>> rows, kind = alike(same, same, same + 1)
    >>> [one.tolist() for one in rows], kind.tolist()
    ([[0.0, 2.0], [0.0, 2.0], [1.0, 3.0]], [1, 0, 1])
    """
    each = np.array([x, t, T], dtype=float)
    order = np.lexsort(each[::-1])
    ranked = each[:, order]
    first = np.ones(order.size, dtype=bool)
    first[1:] = (ranked[:, 1:] != ranked[:, :-1]).any(axis=0)
    kind = np.empty(order.size, dtype=np.intp)
    kind[order] = np.cumsum(first) - 1
    xs, ts, seen = ranked[:, first]
    return (xs, ts, seen), kind


def _merged(x: Array, t: Array, T: Array) -> tuple[Rows, float]:  # noqa: N803
    for name, values in (("x", x), ("t", t), ("T", T)):
        if values.size:
            validate.between(name, float(values.min()), 0, math.inf)
    late = t > T
    if late.any():
        raise validate.refused("t", "at most T", float(t[late][0]))
    rows, kind = alike(x, t, T)
    longest = float(T.max(initial=0.0))
    scale = _LONGEST / longest if longest > 0 else 1.0
    count = np.bincount(kind).astype(float)
    return plain(rows[0], rows[1] * scale, rows[2] * scale, count), scale


def _mean(model: Model | None, logs: Array, rows: Rows) -> tuple[float, Array]:
    """Return the mean log-likelihood of a customer, and its slopes."""
    each, slopes = with_slopes(model, logs, rows)
    share = rows.count / rows.count.sum()
    return float((share * each).sum()), (share * slopes).sum(axis=1)


def _maximum(model: Model | None, rows: Rows, ends: list[float]) -> tuple[Array, float]:
    """Return the logarithms of the parameters, up to `ends`, at the maximum, and what it is.

    Of many rows a part says where the maximum is near, and a few steps with all of them do the
    rest: the same maximum, for a tenth of the time.
    """
    from scipy.optimize import minimize

    def cost(logs: Array, some: Rows) -> tuple[float, Array]:
        found, slopes = _mean(model, logs, some)
        return (-found, -slopes) if math.isfinite(found) else (_FAILED, np.zeros(logs.size))

    part = _part(rows)
    climb = partial(
        minimize,
        cost,
        method="L-BFGS-B",
        jac=True,
        bounds=[(-_WIDEST, end) for end in ends],
        options={"ftol": 1e-15, "gtol": 1e-8},
    )
    tries = [climb(np.log(start[: len(ends)]), args=part) for start in _STARTS]
    best = min(tries, key=lambda one: one.fun)
    if part is not rows:
        best = climb(best.x, args=rows)
    return best.x, -float(best.fun)


def _covariance(model: Model, logs: Array, free: NDArray[np.bool_], rows: Rows) -> Array:
    """Return the covariance at the maximum; what is not free is taken as known."""

    def slopes(some: Array) -> Array:
        every = logs.copy()
        every[free] = some
        return np.asarray(_mean(model, every, rows)[1][free] * rows.count.sum())

    covariance = np.zeros((logs.size, logs.size))
    covariance[np.ix_(free, free)] = inverse_curvature(slopes, logs[free])
    return covariance


def _part(rows: Rows) -> Rows:
    """Return every so many of many rows, which are in an order: a sample of all kinds."""
    step = -(-rows.t.size // _PART)
    if step <= _MANY // _PART:
        return rows
    kept = slice(step // 2, None, step)
    return plain(rows.x[kept], rows.t[kept], rows.T[kept], rows.count[kept])


def _unknown() -> Array:
    return np.full((4, 4), math.nan)
