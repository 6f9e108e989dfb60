"""The interval of a Net Promoter Score: what each method does, on arrays and between -1 and 1.

An NPS is the difference of two cells of one trinomial, the promoters and the detractors. Every
function takes the number of promoters, passives and detractors as arrays of one shape (n > 0), so
that one call can enumerate every outcome of a survey. Numbers of people may be fractions: an
effective sample size has parts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cxresearch.core import validate
from cxresearch.core.comparison import normal_quantile
from cxresearch.stats.shares.paired import tango_limits

Array = NDArray[np.float64]
Limits = tuple[Array, Array]

Method = Literal[
    "score",
    "mover_wilson",
    "adjusted_wald",
    "adjusted_wald_3u",
    "adjusted_wald_4t",
    "adjusted_wald_101",
    "wald",
    "wald_t",
    "goodman",
    "dirichlet",
    "dirichlet_uniform",
    "bootstrap",
]

#: What each method is called.
LABELS: dict[Method, str] = {
    "score": "score (Tango)",
    "mover_wilson": "MOVER of Wilson intervals",
    "adjusted_wald": "adjusted Wald (3,T)",
    "adjusted_wald_3u": "adjusted Wald (3,U)",
    "adjusted_wald_4t": "adjusted Wald (4,T)",
    "adjusted_wald_101": "adjusted Wald (1,0,1)",
    "wald": "Wald",
    "wald_t": "Wald, t",
    "goodman": "Wald, simultaneous (Goodman)",
    "dirichlet": "posterior, Dirichlet(1/2,1/2,1/2) prior",
    "dirichlet_uniform": "posterior, Dirichlet(1,1,1) prior",
    "bootstrap": "percentile bootstrap, every resample",
}

#: The promoters, passives and detractors each adjusted method adds to those that answered.
PSEUDO_ANSWERS: dict[str, tuple[float, float, float]] = {
    "adjusted_wald": (0.75, 1.5, 0.75),
    "adjusted_wald_3u": (1.0, 1.0, 1.0),
    "adjusted_wald_4t": (1.0, 2.0, 1.0),
    "adjusted_wald_101": (1.0, 0.0, 1.0),
}

#: The parameters of each prior.
PRIORS = {"dirichlet": 0.5, "dirichlet_uniform": 1.0}

#: Methods whose margin is a multiple of the standard error of the NPS itself.
WALD_METHODS = ("wald", "wald_t", "goodman")

#: Halvings of a range of at most 2: the limit is found to 2**-59.
_HALVINGS = 60
#: Points of the double-exponential rule, on either side of the middle, and their distance.
_NODES, _STEP = 300, 0.0125
#: The posterior has less than this outside the range that is integrated over.
_BEYOND = 1e-15


def limits(
    promoters: Array, passives: Array, detractors: Array, *, method: Method, confidence: float
) -> Limits:
    """Return the limits of the NPS of simple random samples, between -1 and 1.

    Parameters
    ----------
    promoters, passives, detractors : ndarray of float, shape (k,)
        How many of each answered in each of k samples; every sample has at least one answer.
    method : str
        One of :data:`LABELS`.
    confidence : float
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    tuple of two ndarray
        The low and the high limits, shape (k,).

    Raises
    ------
    ValueError
        If `method` is not one of them.

    Notes
    -----
    With p and d the shares of promoters and detractors, t = p - d and v = p + d - t**2:

    - score: the t0 with n (t - t0)**2 = z**2 v0, v0 being v at the maximum-likelihood shares
      that have p - d = t0;
    - mover_wilson: t - sqrt(a**2 + b**2 - 2 r a b), a and b being the distances of p and d to
      the ends of their Wilson intervals, r = -sqrt(p d / ((1 - p) (1 - d)));
    - adjusted_wald...: t -+ z sqrt(v / n) with :data:`PSEUDO_ANSWERS` added;
    - wald: t -+ z sqrt(v / n); wald_t: t -+ t_{n-1} sqrt(v / (n - 1)); goodman: the square root
      of the chi-squared quantile with 2 degrees of freedom for z;
    - dirichlet...: the equal tails of the posterior, by quadrature;
    - bootstrap: the percentiles of the exact distribution of a resample's NPS.

    The Wald methods, the uniform prior and the bootstrap cover far too seldom where n is small or
    nearly everybody answers alike (``docs/validity.md``).

    References
    ----------
    Tango (1998), Stat. Med. 17, 891-908. Rocks (2016), Interval estimation for the Net Promoter
    Score, Am. Stat. 70, 365-372. Zou & Donner (2008), Stat. Med. 27, 1693-1702. Goodman (1964),
    Ann. Math. Stat. 35, 716-725.

    Examples
    --------
    >>> p, q, d = np.array([12.0]), np.array([5.0]), np.array([3.0])
    >>> low, high = limits(p, q, d, method="score", confidence=0.95)
    >>> low.round(4), high.round(4)
    (array([0.0744]), array([0.7053]))
    """
    validate.one_of("method", method, LABELS)
    if method in PSEUDO_ANSWERS or method in WALD_METHODS:
        centre, error = centre_and_error(promoters, passives, detractors, method=method)
        size = promoters + passives + detractors
        return clipped(centre, multiplier(method, confidence, size) * error)
    find: Callable[[Array, Array, Array, float], Limits]
    if method == "score":
        find = _score
    elif method == "mover_wilson":
        find = _mover_wilson
    elif method == "bootstrap":
        return _one_by_one(_bootstrap, promoters, passives, detractors, confidence)
    else:
        prior = PRIORS[method]
        counts = (promoters + prior, passives + prior, detractors + prior)
        return _one_by_one(_posterior, *counts, confidence)
    return find(promoters, passives, detractors, normal_quantile(confidence))


def centre_and_error(
    promoters: Array, passives: Array, detractors: Array, *, method: str
) -> tuple[Array, Array]:
    """Return the centre of a Wald interval and the standard error behind it.

    Parameters
    ----------
    promoters, passives, detractors : ndarray of float, shape (k,)
        How many of each answered in each of k samples.
    method : str
        A Wald method, adjusted or not.

    Returns
    -------
    tuple of two ndarray
        The centre, which is the raw NPS only where nothing is added, and the standard error, both
        on -1 to 1. An interval made of them may reach beyond -1 and 1.

    Examples
    --------
    >>> counts = np.array([20.0]), np.array([0.0]), np.array([0.0])
    >>> centre, error = centre_and_error(*counts, method="adjusted_wald")
    >>> centre.round(4), error.round(4)
    (array([0.8696]), array([0.0881]))
    """
    added = PSEUDO_ANSWERS.get(method, (0.0, 0.0, 0.0))
    p, q, d = promoters + added[0], passives + added[1], detractors + added[2]
    size = p + q + d
    centre = (p - d) / size
    # One answer alone has no spread to learn from.
    units = np.where(size > 1, size - 1, np.nan) if method == "wald_t" else size
    return centre, np.sqrt(variance(p, q, d) / units)


def variance(promoters: Array, passives: Array, detractors: Array) -> Array:
    """Return the variance p + d - (p - d)**2 of one answer, scored 1, 0 or -1.

    Examples
    --------
    >>> variance(np.array([1.0]), np.array([0.0]), np.array([1.0]))
    array([1.])
    """
    size = promoters + passives + detractors
    # The same variance, written so that it is exactly 0 where everybody answers alike.
    pairs = promoters * passives + passives * detractors + 4 * promoters * detractors
    return pairs / size**2


def multiplier(method: str, confidence: float, size: Array) -> Array:
    """Return the number of standard errors on either side of the centre of a Wald interval."""
    from scipy.special import chdtri, stdtrit

    if method == "wald_t":
        return np.asarray(stdtrit(np.maximum(size - 1, 1e-9), (1 + confidence) / 2))
    if method == "goodman":
        return np.asarray(np.sqrt(chdtri(2, 1 - confidence)))
    return np.asarray(normal_quantile(confidence))


def clipped(centre: Array, margin: Array) -> Limits:
    """Return the ends of an interval, cut where no NPS can be."""
    return np.maximum(centre - margin, -1.0), np.minimum(centre + margin, 1.0)


def _score(promoters: Array, passives: Array, detractors: Array, z: float) -> Limits:
    return tango_limits(detractors, promoters, promoters + passives + detractors, z=z)


def _mover_wilson(promoters: Array, passives: Array, detractors: Array, z: float) -> Limits:
    size = promoters + passives + detractors
    p, d = promoters / size, detractors / size
    (p_low, p_high), (d_low, d_high) = _wilson(p, size, z), _wilson(d, size, z)
    both = (1 - p) * (1 - d)
    correlation = -np.sqrt(np.divide(p * d, both, out=np.zeros_like(p), where=both > 0))

    def distance(a: Array, b: Array) -> Array:
        return np.asarray(np.sqrt(a**2 + b**2 - 2 * correlation * a * b))

    nps = p - d
    low, high = nps - distance(p - p_low, d_high - d), nps + distance(p_high - p, d - d_low)
    return np.maximum(low, -1.0), np.minimum(high, 1.0)


def _wilson(share: Array, size: Array, z: float) -> Limits:
    centre = (share + z**2 / (2 * size)) / (1 + z**2 / size)
    margin = z * np.sqrt(share * (1 - share) / size + z**2 / (4 * size**2)) / (1 + z**2 / size)
    return centre - margin, centre + margin


def _one_by_one(
    find: Callable[[float, float, float, float], tuple[float, float]],
    promoters: Array,
    passives: Array,
    detractors: Array,
    confidence: float,
) -> Limits:
    pairs = [
        find(p, q, d, confidence)
        for p, q, d in zip(promoters.tolist(), passives.tolist(), detractors.tolist(), strict=True)
    ]
    low, high = np.array(pairs, dtype=float).reshape(-1, 2).T
    return low, high


def _posterior(p: float, q: float, d: float, confidence: float) -> tuple[float, float]:
    """Return the equal tails of promoters minus detractors under Dirichlet(p, q, d).

    Promoters and detractors together have a Beta(p + d, q) share, and of them promoters have a
    Beta(p, d) share that is independent of it.
    """
    from scipy.special import betainc, betainccinv, betaincinv, betaln, xlogy

    both = p + d
    least = float(betaincinv(both, q, _BEYOND))
    most_short = 1 - float(betainccinv(both, q, _BEYOND))  # how far the most is from 1
    places, weights, short = _double_exponential()

    def below(nps: float) -> float:
        # Where both together are less than |nps|, all of it or nothing is below.
        start = max(abs(nps), least)
        width = 1 - most_short - start
        sure = float(betainc(both, q, start)) if nps > 0 else 0.0
        if width <= 0:
            return 1.0 if nps > 0 else 0.0
        together, left = start + width * places, most_short + width * short
        density = np.exp(xlogy(both - 1, together) + xlogy(q - 1, left) - betaln(both, q))
        part = np.clip((1 + nps / together) / 2, 0, 1)
        return sure + float((weights * density * betainc(p, d, part)).sum() * width)

    def quantile(level: float) -> float:
        low, high = -1.0, 1.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if below(middle) < level else (low, middle)
        return low

    tail = (1 - confidence) / 2
    return quantile(tail), quantile(1 - tail)


def _double_exponential() -> tuple[Array, Array, Array]:
    """Return nodes on 0 to 1, their weights, and how far each is from 1.

    The rule of Takahasi & Mori (1974), which an integrand without bound at an end does no harm.
    """
    steps = np.arange(-_NODES, _NODES + 1) * _STEP
    inner = np.pi * np.sinh(steps)
    weights = _STEP * np.pi * np.cosh(steps) / (2 * np.cosh(inner / 2)) ** 2
    return 1 / (1 + np.exp(-inner)), weights, 1 / (1 + np.exp(inner))


def _bootstrap(p: float, q: float, d: float, confidence: float) -> tuple[float, float]:
    """Return the percentiles of the NPS of a resample: a sum of n steps of 1, 0 or -1."""
    size = round(p + q + d)
    step = np.zeros(2 * size + 1)
    step[[0, 1, -1]] = np.array([q, p, d]) / size
    chance = np.fft.fftshift(np.fft.ifft(np.fft.fft(step) ** size).real)
    below = np.cumsum(chance)
    tail = (1 - confidence) / 2
    low, high = np.searchsorted(below, [tail, 1 - tail]) - size
    return float(low / size), float(high / size)
