"""Several groups, each against each other: the intervals and p-values of Games and Howell.

They are Tukey's for groups of unequal sizes and variances.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from cxresearch import _checks
from cxresearch.results import Interval
from cxresearch.stats.comparison import Comparison
from cxresearch.stats.quantities import Quantity, difference

GAMES_HOWELL = "Games-Howell, all pairs at once"
#: From so many degrees of freedom Student's t is taken as normal.
_NORMAL_DF = 1e5


def games_howell(
    groups: Sequence[Quantity], *, unit: str, confidence: float = 0.95
) -> dict[tuple[int, int], Comparison]:
    """Estimate each group minus each one before it, with one confidence for all pairs together.

    Parameters
    ----------
    groups : sequence of Quantity
        At least two.
    unit : str
        Their unit.
    confidence : float, default 0.95
        The chance that all intervals hold, strictly between 0 and 1.

    Returns
    -------
    dict of (int, int) to Comparison
        By the places (i, j) of the groups, i < j: group j minus group i, with simultaneous
        intervals and adjusted p-values; as :func:`cxresearch.stats.quantities.difference` where
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
    >>> arms = [Quantity(n=100, value=value, variance=0.04) for value in (10.0, 10.6, 10.2)]
    >>> {pair: round(one.p_value, 3) for pair, one in games_howell(arms, unit="EUR").items()}
    {(0, 1): 0.086, (0, 2): 0.759, (1, 2): 0.333}
    """
    _checks.share("confidence", confidence)
    _checks.whole("the number of groups", len(groups), low=2)
    known = sum(not math.isnan(one.value + one.variance) for one in groups)
    return {
        (i, j): _at_once(
            difference(groups[i], groups[j], unit=unit, confidence=confidence, method=GAMES_HOWELL),
            known,
        )
        for i, j in combinations(range(len(groups)), 2)
    }


def _at_once(pair: Comparison, groups: int) -> Comparison:
    from scipy.stats import studentized_range

    if math.isnan(pair.statistic):
        return pair
    df = math.inf if pair.df >= _NORMAL_DF else pair.df
    low, high = pair.ci
    own = studentized_range(2, df).ppf(pair.confidence)
    margin = (high - low) / 2 * float(studentized_range(groups, df).ppf(pair.confidence) / own)
    return replace(
        pair,
        ci=Interval(pair.value - margin, pair.value + margin),
        p_value=max(
            float(studentized_range(groups, df).sf(math.sqrt(2) * abs(pair.statistic))), 0.0
        ),
        test="Games-Howell's test",
    )
