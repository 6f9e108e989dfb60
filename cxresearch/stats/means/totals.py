"""How much a period brought, and how far chance alone could have moved it."""

from __future__ import annotations

import math

from cxresearch.core import validate
from cxresearch.core.comparison import normal_quantile
from cxresearch.core.results import Estimate, Interval
from cxresearch.stats.means.sample_means import NO_SPREAD

NO_UNITS = "undefined: there is nothing to add up"


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
        note=NO_UNITS if not n else "" if xx else NO_SPREAD,
    )
