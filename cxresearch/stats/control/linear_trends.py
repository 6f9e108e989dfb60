"""Whether a number that was measured many times goes up or down."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison, two_sided
from cxresearch.core.results import difference_unit
from cxresearch.stats.means.estimators import ValueWithVariance, why_unknown
from cxresearch.stats.means.sample_means import t_interval

NO_TREND = "undefined: it needs the number at two different times at least"


def weighted_trend(
    times: Sequence[float],
    values: Sequence[ValueWithVariance],
    *,
    unit: str,
    confidence: float = 0.95,
) -> Comparison:
    """Estimate by how much a number changes in one unit of time.

    Parameters
    ----------
    times : sequence of float, length k
        When each was measured.
    values : sequence of ValueWithVariance, length k
        Independent measurements; those without a variance are left out.
    unit : str
        The unit of the number; the result is that per unit of time.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Comparison
        The slope, with the units of all measurements as `n`; nan with a note where fewer than two
        times have a value.

    Raises
    ------
    ValueError
        If the lengths differ, a time is not finite, or `confidence` is out of range.

    Notes
    -----
    sum(w (t - T) d) / sum(w (t - T)**2) with w = 1 / variance and T the weighted mean time; its
    variance is 1 / sum(w (t - T)**2). The variances are taken as known, so each measurement must
    be of many units.

    References
    ----------
    Cochran (1954), Biometrics 10, 101-129 (weights); Greenland & Longnecker (1992), Am. J.
    Epidemiol. 135, 1301-1309 (trend).

    Examples
    --------
    >>> daily = [ValueWithVariance(n=100, value=value, variance=0.01) for value in (3.0, 2.0, 1.0)]
    >>> result = weighted_trend([0, 1, 2], daily, unit="EUR")
    >>> round(result.value, 2), [round(end, 2) for end in result.ci]
    (-1.0, [-1.14, -0.86])
    """
    validate.share("confidence", confidence)
    validate.arrays(times=times)
    kept = [(float(t), one) for t, one in zip(times, values, strict=True) if not why_unknown(one)]
    weights = [1 / one.variance for _, one in kept]
    total = sum(weights)
    centre = sum(w * t for w, (t, _) in zip(weights, kept, strict=True)) / total if kept else 0.0
    spread = sum(w * (t - centre) ** 2 for w, (t, _) in zip(weights, kept, strict=True))
    known = len({t for t, _ in kept}) > 1
    value = math.nan
    if known:
        moved = sum(w * (t - centre) * one.value for w, (t, one) in zip(weights, kept, strict=True))
        value = moved / spread
    variance = 1 / spread if known else math.nan
    statistic = value / math.sqrt(variance)
    return Comparison(
        value=value,
        ci=t_interval(value, variance, math.inf, confidence),
        n=sum(one.n for _, one in kept),
        unit=difference_unit(unit),
        confidence=confidence,
        method="trend, weighted by precision",
        note="" if known else NO_TREND,
        statistic=statistic,
        p_value=two_sided(statistic) if known else math.nan,
        test="z test",
    )
