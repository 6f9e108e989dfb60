"""How far a quantile of two groups is apart, for independent units and for clusters of them."""

from __future__ import annotations

import math

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison, normal_quantile, two_sided
from cxresearch.core.results import Estimate, difference_unit
from cxresearch.core.unit_sums import RatioSums
from cxresearch.stats.means.estimators import ValueWithVariance, why_unknown
from cxresearch.stats.shares.differences import mover


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
        ci=mover(first, second),
        n=between.n,
        unit=difference_unit(first.unit),
        confidence=first.confidence,
        method="difference of quantiles, MOVER of order statistics",
        note=note,
        statistic=statistic,
        p_value=two_sided(statistic),
        test="z test on the widths of the intervals",
    )


def clustered_ranks(sums: RatioSums, q: float, *, confidence: float) -> tuple[int, int]:
    """Return the places, from 1, of the ordered values between which a quantile of clusters lies.

    Parameters
    ----------
    sums : RatioSums
        Over clusters: how many of a cluster's values are at or below the estimated quantile (x),
        and how many values it has (y).
    q : float
        Which quantile, strictly between 0 and 1.
    confidence : float
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    tuple of int
        Two places among all values; 0 or one more than there are says that no value bounds the
        quantile. Both say so with fewer than two clusters.

    Raises
    ------
    ValueError
        If `q` or `confidence` is not strictly between 0 and 1.

    Notes
    -----
    N (q -+ z se), se being the standard error of the share of values at or below the quantile,
    over clusters, rounded outwards. An engine finds the quantile, then these sums, then the two
    values.

    References
    ----------
    Deng, Knoblich & Lu (2018), KDD, section 4.2. Woodruff (1952), J. Am. Stat. Assoc. 47, 635-646.

    Examples
    --------
    >>> clustered_ranks(RatioSums.from_arrays([3, 0, 2, 1] * 10, [4, 2, 3, 3] * 10), 0.5,
    ...                 confidence=0.95)
    (50, 71)
    """
    validate.share("q", q)
    validate.share("confidence", confidence)
    size = round(sums.y)
    if math.isnan(sums.variance):
        return 0, size + 1
    margin = normal_quantile(confidence) * math.sqrt(sums.variance)
    low, high = math.floor(size * (q - margin)), math.ceil(size * (q + margin)) + 1
    return max(low, 0), min(high, size + 1)
