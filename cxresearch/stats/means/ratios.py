"""Ratios of totals, and totals, over independent clusters: only sums over customers are needed.

The orders of one customer are alike: the customer, not the order, is the independent unit.
"""

from __future__ import annotations

import math

from cxresearch.core import validate
from cxresearch.core.comparison import normal_quantile
from cxresearch.core.results import Estimate, Interval, difference_unit
from cxresearch.core.unit_sums import CrossSums, RatioSums
from cxresearch.stats.means import sample_means
from cxresearch.stats.means.sample_means import t_interval

NO_DENOMINATOR = "undefined: there is nothing to divide by"
ONE_CLUSTER = "no interval: it needs at least two independent units"
LINEARISED = "ratio of sums over clusters, linearised, t"
NO_SPREAD = "no interval: every independent unit has the same ratio"
NO_LOGARITHM = "no interval: a quotient of 0 has no logarithm"
NO_UNITS = "undefined: there is nothing to add up"


def ratio_of_sums(
    sums: RatioSums, *, unit: str, confidence: float = 0.95, low: float = -math.inf
) -> Estimate:
    """Estimate a ratio of two totals over independent clusters.

    Parameters
    ----------
    sums : RatioSums
        The sums over clusters; a cluster's numerator and denominator may depend on each other in
        any way.
    unit : str
        The unit of the ratio.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.
    low : float, default -inf
        The smallest value the ratio can have; the interval is cut there, and never above the ratio.

    Returns
    -------
    Estimate
        The ratio, with `n` clusters; nan with a note where the denominator is 0, and an interval
        of nan with a note where there are fewer than two clusters or no spread.

    Raises
    ------
    ValueError
        If `confidence` is not strictly between 0 and 1.

    Notes
    -----
    ratio -+ t_{n-1} * sqrt(variance). The interval is symmetric: with few clusters (under about
    40) or one that holds most of the total it is too short.

    References
    ----------
    Cochran (1977), Sampling Techniques, 3rd ed., chapter 6. Deng, Knoblich & Lu (2018), Applying
    the delta method in metric analytics, KDD.

    Examples
    --------
    >>> sums = RatioSums.from_arrays([30, 10, 55, 20], [2, 1, 3, 1])
    >>> result = ratio_of_sums(sums, unit="EUR")
    >>> round(result.value, 2), [round(bound, 2) for bound in result.ci]
    (16.43, [11.31, 21.54])
    """
    validate.share("confidence", confidence)
    ci = t_interval(sums.ratio, sums.variance, sums.n - 1, confidence)
    return Estimate(
        value=sums.ratio,
        ci=ci._replace(low=max(ci.low, min(low, sums.ratio))),
        n=sums.n,
        unit=unit,
        confidence=confidence,
        method=LINEARISED,
        note=why_undefined(sums.ratio, sums.n) or ("" if sums.variance else NO_SPREAD),
    )


def difference_of_ratios(
    first: RatioSums, second: RatioSums, cross: CrossSums, *, unit: str, confidence: float = 0.95
) -> Estimate:
    """Estimate the second ratio minus the first, when a cluster may have a part in both.

    Parameters
    ----------
    first, second : RatioSums
        The sums of each ratio.
    cross : CrossSums
        The products between them, first times second; zeros where no cluster is in both.
    unit : str
        The unit of the ratios.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Estimate
        The difference, with `n` clusters in either; nan with a note where a ratio is undefined.

    Raises
    ------
    ValueError
        If `confidence` is not strictly between 0 and 1.

    Notes
    -----
    With e_c = (x_c - ratio * y_c) / y of each ratio, the variance is
    n / (n - 1) * sum((e_second - e_first)**2): the clusters in both make it smaller or larger.

    References
    ----------
    Cochran (1977), Sampling Techniques, 3rd ed., chapter 6.

    Examples
    --------
    >>> first = RatioSums.from_arrays([30, 10, 0], [2, 1, 0])
    >>> second = RatioSums.from_arrays([0, 20, 45], [0, 1, 2])
    >>> cross = CrossSums(n=3, xx=200, xy=10, yx=20, yy=1)
    >>> round(difference_of_ratios(first, second, cross, unit="EUR").value, 2)
    8.33
    """
    validate.share("confidence", confidence)
    value = second.ratio - first.ratio
    variance = _variance_of_difference(first, second, cross)
    return Estimate(
        value=value,
        ci=t_interval(value, variance, cross.n - 1, confidence),
        n=cross.n,
        unit=difference_unit(unit),
        confidence=confidence,
        method="difference of ratios over the same clusters, linearised, t",
        note=why_undefined(value, cross.n) or ("" if variance else NO_SPREAD),
    )


def correlation_of_ratios(first: RatioSums, second: RatioSums, cross: CrossSums) -> float:
    """Return how two ratios move together, when a cluster may have a part in both.

    It is sum(e_first * e_second) / sqrt(sum(e_first**2) * sum(e_second**2)) with the residuals of
    :func:`difference_of_ratios`, -1 to 1; 0 where a ratio has no spread.

    Examples
    --------
    >>> first = RatioSums.from_arrays([30, 10, 0], [2, 1, 0])
    >>> second = RatioSums.from_arrays([0, 20, 45], [0, 1, 2])
    >>> cross = CrossSums(n=3, xx=200, xy=10, yx=20, yy=1)
    >>> round(correlation_of_ratios(first, second, cross), 2)
    0.5
    """
    spread = math.sqrt(_squares(first) * _squares(second))
    if not spread > 0:
        return 0.0
    return min(max(_product(first, second, cross) / spread, -1.0), 1.0)


def why_undefined(ratio: float, n: int) -> str:
    """Return why a ratio over `n` clusters or its interval is undefined; empty where neither is."""
    if math.isnan(ratio):
        return NO_DENOMINATOR
    return ONE_CLUSTER if n < 2 else ""


def ratio_of_ratios(
    first: RatioSums, second: RatioSums, cross: CrossSums, *, confidence: float = 0.95
) -> Estimate:
    """Estimate the second ratio over the first, when a cluster may have a part in both.

    Parameters
    ----------
    first, second : RatioSums
        The sums of each ratio, none of them negative.
    cross : CrossSums
        The products between them, first times second; zeros where no cluster is in both.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Estimate
        The quotient, in ``"times"``, with `n` clusters in either; nan with a note where a ratio is
        undefined or the first is 0; an interval of nan with a note where the second is 0, there
        is no spread or there are fewer than two clusters.

    Raises
    ------
    ValueError
        If `confidence` is not strictly between 0 and 1.

    Notes
    -----
    quotient * exp(-+ t_{n-1} * sqrt(v1 / r1**2 + v2 / r2**2 - 2 c)), v being the linearised
    variances of the ratios r and c = correlation * sqrt(v1 v2) / (r1 r2).

    References
    ----------
    Deng, Knoblich & Lu (2018), Applying the delta method in metric analytics, KDD.

    Examples
    --------
    >>> first = RatioSums.from_arrays([30, 10, 0], [2, 1, 0])
    >>> second = RatioSums.from_arrays([0, 20, 45], [0, 1, 2])
    >>> cross = CrossSums(n=3, xx=200, xy=10, yx=20, yy=1)
    >>> round(ratio_of_ratios(first, second, cross).value, 3)
    1.625
    """
    validate.share("confidence", confidence)
    value = second.ratio / first.ratio if first.ratio > 0 else math.nan
    variance = _relative_variance(first, second, cross) if value > 0 else math.nan
    return Estimate(
        value=value,
        ci=_quotient_interval(value, variance, cross.n, confidence),
        n=cross.n,
        unit="times",
        confidence=confidence,
        method="quotient of ratios over the same clusters, logarithm linearised, t",
        note=why_undefined(value, cross.n) or _why_no_interval(value, variance),
    )


def total(n: int, x: float, xx: float, *, unit: str, confidence: float = 0.95) -> Estimate:
    """Estimate a total over independent clusters whose number is itself a matter of chance.

    Parameters
    ----------
    n : int
        The number of clusters (customers) that had a part in the total.
    x : float
        The total: the sum of the clusters' amounts.
    xx : float
        The sum of their squares.
    unit : str
        The unit of the total.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Estimate
        The total; nan with a note when `n` is 0. Where every amount is 0 it has no interval: they
        tell nothing of how large another could be.

    Raises
    ------
    ValueError
        If `n` or `xx` is negative, or `confidence` is not strictly between 0 and 1.

    Notes
    -----
    total -+ z * sqrt(sum(x_c**2)), the variance of a compound Poisson sum: customers come
    independently at a steady rate, each with an amount of their own. It tells what another period
    under the same conditions could have brought, not what the books say (the total is exact) and
    not a forecast. It misleads where demand has a season, where customers act together (a
    promotion), and where one customer holds much of the total.

    References
    ----------
    Feller (1971), An Introduction to Probability Theory II, 2nd ed., chapter VI; see
    ``docs/decisions/002-interval-of-a-total.md``.

    Examples
    --------
    >>> result = total(3, 60.0, 1400.0, unit="EUR")
    >>> result.value, [round(bound, 2) for bound in result.ci]
    (60.0, [-13.34, 133.34])
    """
    validate.share("confidence", confidence)
    validate.whole("n", n)
    validate.between("xx", xx, 0, math.inf)
    margin = normal_quantile(confidence) * math.sqrt(xx) if xx else math.nan
    value = x if n else math.nan
    return Estimate(
        value=value,
        ci=Interval(value - margin, value + margin),
        n=n,
        unit=unit,
        confidence=confidence,
        method="compound Poisson total over clusters, normal",
        note=NO_UNITS if not n else "" if xx else sample_means.NO_SPREAD,
    )


def _squares(sums: RatioSums) -> float:
    """Return sum(e_c**2), without the finite-sample factor."""
    return sums.variance * (sums.n - 1) / sums.n if sums.n > 1 else 0.0


def _product(first: RatioSums, second: RatioSums, cross: CrossSums) -> float:
    """Return sum(e_first * e_second)."""
    return (
        cross.xx
        - second.ratio * cross.xy
        - first.ratio * cross.yx
        + first.ratio * second.ratio * cross.yy
    ) / (first.y * second.y)


def _variance_of_difference(first: RatioSums, second: RatioSums, cross: CrossSums) -> float:
    if cross.n < 2 or not first.y or not second.y:
        return math.nan
    squares = _squares(first) + _squares(second) - 2 * _product(first, second, cross)
    return cross.n / (cross.n - 1) * max(squares, 0.0)


def _relative_variance(first: RatioSums, second: RatioSums, cross: CrossSums) -> float:
    """Return the variance of the logarithm of the quotient; 0 where rounding puts it below."""
    a, b = (math.sqrt(sums.variance) / sums.ratio for sums in (first, second))
    squares = a**2 + b**2 - 2 * correlation_of_ratios(first, second, cross) * a * b
    # What is left of squares that cancel is rounding, not spread.
    return squares if squares > 1e-12 * (a**2 + b**2) else 0.0


def _quotient_interval(value: float, variance: float, n: int, confidence: float) -> Interval:
    from scipy.special import stdtrit

    if not variance > 0:
        return Interval(math.nan, math.nan)
    factor = math.exp(float(stdtrit(n - 1, (1 + confidence) / 2)) * math.sqrt(variance))
    return Interval(value / factor, value * factor)


def _why_no_interval(value: float, variance: float) -> str:
    if value == 0:
        return NO_LOGARITHM
    return NO_SPREAD if variance == 0 else ""
