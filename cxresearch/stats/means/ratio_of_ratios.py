"""How many times one ratio is another, when the units come in independent clusters."""

from __future__ import annotations

import math

from cxresearch.core import validate
from cxresearch.core.results import Estimate, Interval
from cxresearch.core.unit_sums import CrossSums, RatioSums
from cxresearch.stats.means.ratios import NO_SPREAD, correlation_of_ratios, why_undefined

NO_LOGARITHM = "no interval: a quotient of 0 has no logarithm"


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
        ci=_interval(value, variance, cross.n, confidence),
        n=cross.n,
        unit="times",
        confidence=confidence,
        method="quotient of ratios over the same clusters, logarithm linearised, t",
        note=why_undefined(value, cross.n) or _why(value, variance),
    )


def _relative_variance(first: RatioSums, second: RatioSums, cross: CrossSums) -> float:
    """Return the variance of the logarithm of the quotient; 0 where rounding puts it below."""
    a, b = (math.sqrt(sums.variance) / sums.ratio for sums in (first, second))
    squares = a**2 + b**2 - 2 * correlation_of_ratios(first, second, cross) * a * b
    # What is left of squares that cancel is rounding, not spread.
    return squares if squares > 1e-12 * (a**2 + b**2) else 0.0


def _interval(value: float, variance: float, n: int, confidence: float) -> Interval:
    from scipy.special import stdtrit

    if not variance > 0:
        return Interval(math.nan, math.nan)
    factor = math.exp(float(stdtrit(n - 1, (1 + confidence) / 2)) * math.sqrt(variance))
    return Interval(value / factor, value * factor)


def _why(value: float, variance: float) -> str:
    if value == 0:
        return NO_LOGARITHM
    return NO_SPREAD if variance == 0 else ""
