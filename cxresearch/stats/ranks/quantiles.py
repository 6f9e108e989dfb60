"""Where a given share of the measurements lies (the median), and how far two groups differ."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison, two_sided
from cxresearch.core.documented import documented
from cxresearch.core.results import Estimate, Interval, difference_unit
from cxresearch.stats.means.estimators import ValueWithVariance, why_unknown
from cxresearch.stats.shares.differences import mover

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

NO_VALUES = "undefined: there are no values"
TOO_FEW_FOR_INTERVAL = "no interval: too few values for one of this confidence"


@documented
def quantile(values: ArrayLike, q: float, *, unit: str, confidence: float = 0.95) -> Estimate:
    """Estimate a quantile of independent measurements.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        The measurements, in `unit`, in any order.
    q : float
        Which quantile, strictly between 0 and 1; 0.5 is the median.
    unit : str
        The unit of the measurements.
    %(confidence)s

    Returns
    -------
    Estimate
        The quantile of type 7; nan with a note without values. A bound that would lie beyond the
        smallest or the largest value is nan, with a note.

    Raises
    ------
    ValueError
        If `q` or `confidence` is not strictly between 0 and 1, or a value is not finite.

    Notes
    -----
    The interval goes from one value to another in ascending order: from number l, the largest
    with P(Bin(n, q) < l) <= (1 - confidence) / 2, to number u, the smallest with
    P(Bin(n, q) >= u) <= (1 - confidence) / 2. It asks nothing of the shape of the distribution
    and covers at least what it promises. Measurements of one customer are not independent: then
    use :func:`cxresearch.stats.ranks.bootstrap`.

    References
    ----------
    Hyndman & Fan (1996), Am. Stat. 50, 361-365. Conover (1999), Practical Nonparametric
    Statistics, 3rd ed., section 3.2.

    Examples
    --------
    >>> result = quantile([3, 1, 4, 1, 5, 9, 2, 6, 5, 3], 0.5, unit="days")
    >>> result.value, tuple(result.ci)
    (3.5, (1.0, 6.0))
    """
    (array,) = validate.arrays(values=values)
    validate.share("q", q)
    validate.share("confidence", confidence)
    ordered = np.sort(array)
    n = len(ordered)
    low, high = ranks(n, q, confidence=confidence)
    ci = Interval(
        float(ordered[low - 1]) if low >= 1 else math.nan,
        float(ordered[high - 1]) if 1 <= high <= n else math.nan,
    )
    lacking = any(math.isnan(bound) for bound in ci)
    return Estimate(
        value=float(np.quantile(ordered, q)) if n else math.nan,
        ci=ci,
        n=n,
        unit=unit,
        confidence=confidence,
        method="order statistics, binomial",
        note=(TOO_FEW_FOR_INTERVAL if lacking else "") if n else NO_VALUES,
    )


def median(values: ArrayLike, *, unit: str, confidence: float = 0.95) -> Estimate:
    """Estimate the median of independent measurements: :func:`quantile` at 0.5.

    Examples
    --------
    >>> median([2.0, 8.0, 4.0], unit="s").value
    4.0
    """
    return quantile(values, 0.5, unit=unit, confidence=confidence)


def ranks(n: int, q: float, *, confidence: float) -> tuple[int, int]:
    """Return the places, from 1, of the ordered values between which the quantile lies.

    An engine that keeps the values can fetch just these two. A place of 0 or n + 1 says that no
    value bounds the quantile at this confidence.

    Examples
    --------
    >>> ranks(100, 0.5, confidence=0.95)
    (40, 61)
    """
    from scipy.special import bdtr

    if not n:
        return 0, 1
    # below[k] is the chance that at most k values lie below the quantile.
    below = bdtr(np.arange(n + 1.0), n, q)
    tail = (1 - confidence) / 2
    low = int(np.searchsorted(below, tail, side="right"))
    high = int(np.searchsorted(below, 1 - tail, side="left")) + 1
    return low, high


def difference_of_quantiles(first: Estimate, second: Estimate) -> Comparison:
    """Estimate the second quantile minus the first, of two independent groups.

    Parameters
    ----------
    first, second : Estimate
        The same quantile of each group, with intervals of one confidence, such as
        :func:`cxresearch.stats.ranks.quantile` gives.

    Returns
    -------
    Comparison
        The difference, in the unit of the first; nan with a note where a group has no value or no
        interval.

    Raises
    ------
    ValueError
        If the two intervals are of different confidence.

    Notes
    -----
    The interval is put together from the two (MOVER), so it is as asymmetric as they are. The
    test is of d / sqrt(se1**2 + se2**2), se being the half-width of an interval over its normal
    quantile; near the border the two may disagree.

    References
    ----------
    Zou & Donner (2008), Stat. Med. 27, 1693-1702. Deng, Knoblich & Lu (2018), KDD, section 4.

    Examples
    --------
    >>> from cxresearch.stats.ranks.quantiles import median
    >>> fast, slow = median(range(40), unit="s"), median(range(20, 60), unit="s")
    >>> result = difference_of_quantiles(fast, slow)
    >>> result.value, [round(end, 1) for end in result.ci]
    (20.0, [10.8, 29.2])
    """
    validate.one_of("confidence of second", second.confidence, [first.confidence])
    between = ValueWithVariance.of_estimate(second).minus(ValueWithVariance.of_estimate(first))
    note = why_unknown(between)
    statistic = math.nan if note else between.value / between.se
    return Comparison(
        value=between.value,
        ci=Interval(math.nan, math.nan) if note else mover(first, second),
        n=between.n,
        unit=difference_unit(first.unit),
        confidence=first.confidence,
        method="difference of quantiles, MOVER of order statistics",
        note=note,
        statistic=statistic,
        p_value=two_sided(statistic),
        test="z test on the widths of the intervals",
    )
