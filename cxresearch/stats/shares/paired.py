"""How far two shares of the same units are apart, and Tango's score interval of it.

An NPS (promoters less detractors) and a change of answer (yes-no less no-yes) are the same
problem, the difference between two classes of one sample.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison, normal_quantile, two_sided
from cxresearch.core.documented import documented
from cxresearch.core.results import SHARE_DIFFERENCE, Interval
from cxresearch.stats.shares.proportions import NO_UNITS

Test = Literal["mcnemar", "mcnemar_cc", "exact", "mid_p"]

_TESTS: dict[str, str] = {
    "mcnemar": "McNemar's test",
    "mcnemar_cc": "McNemar's test with continuity correction",
    "exact": "McNemar's exact test",
    "mid_p": "McNemar's mid-p test",
}

NO_CHANGE = "no test: no unit changed"

Array = NDArray[np.float64]

#: Halvings of a range of at most 2: the limit is found to 2**-59.
_HALVINGS = 60


@documented
def difference_of_paired_proportions(
    only_first: int,
    only_second: int,
    n: int,
    *,
    confidence: float = 0.95,
    test: Test = "mcnemar",
) -> Comparison:
    """Estimate the second share minus the first, of the same units asked twice.

    Parameters
    ----------
    only_first, only_second : int
        Units with the property the first time only, and the second time only.
    n : int
        All units, those that did not change included.
    %(confidence)s
    test : {"mcnemar", "mcnemar_cc", "exact", "mid_p"}
        McNemar's chi-square without or with continuity correction, his exact binomial test, or
        its mid-p version.

    Returns
    -------
    Comparison
        The difference, -1 to 1, with Tango's score interval; nan with a note when `n` is 0. The
        statistic is the signed root of McNemar's chi-square.

    Raises
    ------
    ValueError
        If a count is negative, or more units changed than there are.

    Notes
    -----
    The interval holds the differences D with |c - b - n D| <= z * sqrt(n (2 q + D (1 - D))), q the
    best share of `b` given D; b and c are the units of the first and of the second time only.
    McNemar: (c - b)**2 / (b + c).

    References
    ----------
    Tango (1998), Stat. Med. 17, 891-908. McNemar (1947), Psychometrika 12, 153-157. Fagerland,
    Lydersen & Laake (2013), BMC Med. Res. Methodol. 13, 91 (mid-p).

    Examples
    --------
    Of 44 customers, 1 was satisfied only before and 7 only after.

    >>> result = difference_of_paired_proportions(1, 7, 44)
    >>> round(result.value, 4), [round(bound, 4) for bound in result.ci], round(result.p_value, 4)
    (0.1364, [0.0131, 0.2767], 0.0339)
    """
    validate.share("confidence", confidence)
    validate.one_of("test", test, tuple(_TESTS))
    b, c = validate.whole("only_first", only_first), validate.whole("only_second", only_second)
    validate.between("only_first + only_second", b + c, 0, validate.whole("n", n))
    root, p_value = _mcnemar(b, c, test)
    return Comparison(
        value=(c - b) / n if n else math.nan,
        ci=tango_interval(b, c, n, confidence=confidence),
        n=n,
        unit=SHARE_DIFFERENCE,
        confidence=confidence,
        method="Tango score",
        note=("" if b + c else NO_CHANGE) if n else NO_UNITS,
        statistic=root,
        p_value=p_value,
        test=_TESTS[test],
    )


def tango_interval(b: int, c: int, n: int, *, confidence: float) -> Interval:
    """Return Tango's score interval of (c - b) / n; nan when `n` is 0.

    It is also the score interval of any difference between two classes of one sample.

    Examples
    --------
    Three detractors and twelve promoters among 20 answers.

    >>> [round(bound, 4) for bound in tango_interval(3, 12, 20, confidence=0.95)]
    [0.0744, 0.7053]
    """
    if not n:
        return Interval(math.nan, math.nan)
    low, high = tango_limits(b, c, n, z=normal_quantile(confidence))
    return Interval(float(low), float(high))


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


def _mcnemar(b: int, c: int, test: str) -> tuple[float, float]:
    from scipy.special import bdtr

    changed = b + c
    if not changed:
        return math.nan, math.nan
    gap = max(abs(c - b) - (test == "mcnemar_cc"), 0)
    root = math.copysign(gap / math.sqrt(changed), c - b)
    if test in ("mcnemar", "mcnemar_cc"):
        return root, two_sided(root)
    tail = 2 * float(bdtr(min(b, c), changed, 0.5))
    if test == "mid_p":
        tail -= math.comb(changed, b) / 2**changed
    return root, min(tail, 1.0)


def _spread(b: Array, c: Array, n: Array, difference: Array) -> Array:
    """Return the most likely variance of one unit where the difference is this."""
    # The most likely share of `b` solves a quadratic.
    half = difference * (2 * n - c + b) - (c + b)
    square = half**2 + 8 * n * b * difference * (1 - difference)
    share = (np.sqrt(np.maximum(square, 0)) - half) / (4 * n)
    return np.asarray(2 * share + difference * (1 - difference))
