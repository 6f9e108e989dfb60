"""Several groups, each against each other: the intervals and p-values of Games and Howell.

They are Tukey's for groups of unequal sizes and variances.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison
from cxresearch.core.results import Interval
from cxresearch.stats.means.estimators import ValueWithVariance, difference
from cxresearch.stats.multiplicity.dunnett import normal_points, scale_points

GAMES_HOWELL = "Games-Howell, all pairs at once"


def games_howell(
    groups: Sequence[ValueWithVariance], *, unit: str, confidence: float = 0.95
) -> dict[tuple[int, int], Comparison]:
    """Estimate each group minus each one before it, with one confidence for all pairs together.

    Parameters
    ----------
    groups : sequence of ValueWithVariance
        At least two.
    unit : str
        Their unit.
    confidence : float, default 0.95
        The chance that all intervals hold, strictly between 0 and 1.

    Returns
    -------
    dict of (int, int) to Comparison
        By the places (i, j) of the groups, i < j: group j minus group i, with simultaneous
        intervals and adjusted p-values; as :func:`cxresearch.stats.means.difference` where
        one of the two has no value.

    Raises
    ------
    ValueError
        If there are fewer than two groups, or `confidence` is not strictly between 0 and 1.

    Notes
    -----
    d -+ q se / sqrt(2) and p = P(Q >= sqrt(2) abs(d) / se), Q being the studentized range of as
    many groups as have a value, with the pair's Welch degrees of freedom.

    References
    ----------
    Games & Howell (1976), J. Educ. Stat. 1, 113-125. Tamhane (1979), J. Am. Stat. Assoc. 74,
    471-480 (its error, simulated).

    Examples
    --------
    >>> arms = [ValueWithVariance(n=100, value=v, variance=0.04) for v in (10.0, 10.6, 10.2)]
    >>> {pair: round(one.p_value, 3) for pair, one in games_howell(arms, unit="EUR").items()}
    {(0, 1): 0.086, (0, 2): 0.759, (1, 2): 0.333}
    """
    validate.share("confidence", confidence)
    validate.whole("the number of groups", len(groups), low=2)
    known = sum(not math.isnan(one.value + one.variance) for one in groups)
    return {
        (i, j): _at_once(
            difference(groups[i], groups[j], unit=unit, confidence=confidence, method=GAMES_HOWELL),
            known,
        )
        for i, j in combinations(range(len(groups)), 2)
    }


def _at_once(pair: Comparison, groups: int) -> Comparison:
    if math.isnan(pair.statistic):
        return pair
    se = (pair.ci.high - pair.ci.low) / 2 / float(_stdtrit(pair.df, (1 + pair.confidence) / 2))
    margin = critical_range(groups, df=pair.df, confidence=pair.confidence) / math.sqrt(2) * se
    return replace(
        pair,
        ci=Interval(pair.value - margin, pair.value + margin),
        p_value=1 - range_inside(math.sqrt(2) * abs(pair.statistic), groups, df=pair.df),
        test="Games-Howell's test",
    )


def critical_range(groups: int, *, df: float = math.inf, confidence: float) -> float:
    """Return the q with P(Q <= q) equal to the confidence, Q being the studentized range.

    Examples
    --------
    Harter (1960), Ann. Math. Stat. 31, 1122-1147: three groups, 20 degrees of freedom.

    >>> round(critical_range(3, df=20, confidence=0.95), 3)
    3.578
    """
    from scipy.optimize import brentq

    validate.whole("groups", groups, low=2)
    validate.share("confidence", confidence)

    def excess(q: float) -> float:
        return range_inside(q, groups, df=df) - confidence

    high = 4.0
    while excess(high) < 0:
        high *= 2
    return float(brentq(excess, 0.0, high, xtol=1e-10))


def range_inside(q: float, groups: int, *, df: float = math.inf) -> float:
    """Return P(Q <= q), Q being the studentized range of so many groups.

    It is the integral of k phi(z) (Phi(z) - Phi(z - q s))**(k - 1) over z, and over the scale s.

    Examples
    --------
    >>> round(range_inside(3.5779, 3, df=20), 4)
    0.95
    """
    from scipy.special import ndtr

    z, weight = normal_points()
    scale, mass = scale_points(df)
    each = (ndtr(z) - ndtr(z - q * scale[:, None])) ** (groups - 1)
    return min(groups * float(mass @ (each @ weight)), 1.0)


def _stdtrit(df: float, probability: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(df, probability))
