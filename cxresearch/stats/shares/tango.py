"""The score interval of a difference between two classes of one sample.

An NPS (promoters less detractors) and a change of answer (yes-no less no-yes) are the same
problem, so the arithmetic is here once, for many samples at a time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

#: Halvings of a range of at most 2: the limit is found to 2**-59.
_HALVINGS = 60


def tango_limits(b: ArrayLike, c: ArrayLike, n: ArrayLike, *, z: float) -> tuple[Array, Array]:
    """Return the limits of Tango's score interval of (c - b) / n.

    Parameters
    ----------
    b, c : array_like of float
        The units in the class that is taken away, and in the one it is taken from.
    n : array_like of float
        All units, above 0; an effective sample size may be a fraction.
    z : float
        The normal quantile of the interval's confidence.

    Returns
    -------
    tuple of ndarray
        The lower and the upper limits, from -1 to 1, in the shape of the inputs together.

    Notes
    -----
    A difference d is inside while n (d_hat - d)**2 <= z**2 (2 q + d (1 - d)), with q the most
    likely share of `b` where the difference is d.

    References
    ----------
    Tango (1998), Stat. Med. 17, 891-908; for an NPS, Rocks (2016), Am. Stat. 70, 365-372.

    Examples
    --------
    Three detractors and twelve promoters among 20 answers.

    >>> low, high = tango_limits(3, 12, 20, z=1.959964)
    >>> round(float(low), 4), round(float(high), 4)
    (0.0744, 0.7053)
    """
    b, c, n = np.broadcast_arrays(*(np.asarray(part, dtype=float) for part in (b, c, n)))
    estimate = (c - b) / n

    def is_inside(trial: Array) -> NDArray[np.bool_]:
        return np.asarray(n * (estimate - trial) ** 2 <= z**2 * _spread(b, c, n, trial))

    # Both limits at once, by halving: the condition holds at the estimate and ends before an end.
    ends = np.stack([-np.ones_like(estimate), np.ones_like(estimate)])
    inside, outside = np.stack([estimate, estimate]), ends
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        holds = is_inside(middle)
        inside, outside = np.where(holds, middle, inside), np.where(holds, outside, middle)
    low, high = np.where(is_inside(ends), ends, inside)
    return low, high


def tango_statistic(b: float, c: float, n: float, difference: float) -> float:
    """Return the score statistic z of (c - b) / n against a difference; nan without spread.

    It is beyond the normal quantile z where the limits of :func:`tango_limits` leave the
    difference out.

    Examples
    --------
    >>> round(tango_statistic(3, 12, 20, 0.0), 3)
    2.324
    """
    numbers = (np.asarray(part, dtype=float) for part in (b, c, n, difference))
    spread = float(_spread(*numbers))
    return float(((c - b) / n - difference) * (n / spread) ** 0.5) if spread > 0 else float("nan")


def _spread(b: Array, c: Array, n: Array, difference: Array) -> Array:
    """Return the most likely variance of one unit where the difference is this."""
    # The most likely share of `b` solves a quadratic.
    half = difference * (2 * n - c + b) - (c + b)
    square = half**2 + 8 * n * b * difference * (1 - difference)
    share = (np.sqrt(np.maximum(square, 0)) - half) / (4 * n)
    return np.asarray(2 * share + difference * (1 - difference))
