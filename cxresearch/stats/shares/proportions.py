"""What share of the units has a property, also where few have it."""

from __future__ import annotations

import math
from typing import Literal

from cxresearch.core import validate
from cxresearch.core.comparison import normal_quantile
from cxresearch.core.documented import documented
from cxresearch.core.results import Estimate, Interval
from cxresearch.core.unit_sums import RatioSums
from cxresearch.stats.means.ratios import why_undefined

NO_UNITS = "undefined: there is nothing to count"
CLUSTERED = "Wilson score on the effective sample size of the clusters, t"

Method = Literal["wilson", "wilson_cc", "jeffreys", "clopper_pearson", "agresti_coull", "wald"]

_NAMES: dict[str, str] = {
    "wilson": "Wilson score",
    "wilson_cc": "Wilson score with continuity correction",
    "jeffreys": "Jeffreys",
    "clopper_pearson": "Clopper-Pearson exact",
    "agresti_coull": "Agresti-Coull",
    "wald": "Wald, which covers too little at small n and near 0 or 1",
}

METHOD = "Jeffreys, lengthened at the ends"

#: Below so many units with the property (or without it) the interval is lengthened; sizes that
#: are effective make one unit a little less or more than one.
_ONE = 1.5


@documented
def proportion(
    successes: int,
    n: int,
    *,
    confidence: float = 0.95,
    method: Method = "wilson",
    clip: bool = True,
) -> Estimate:
    """Estimate a share of independent units.

    Parameters
    ----------
    successes : int
        How many units have the property.
    n : int
        How many units there are.
    %(confidence)s
    method : {"wilson", "wilson_cc", "jeffreys", "clopper_pearson", "agresti_coull", "wald"}
        The interval: Wilson's score interval, without or with continuity correction; Jeffreys'
        equal-tailed posterior (not modified at 0 and n); Clopper and Pearson's, which never
        covers less than it promises; Agresti and Coull's; Wald's, to compare with others.
    clip : bool, default True
        Whether the interval is cut at 0 and 1, which Agresti-Coull and Wald can pass.

    Returns
    -------
    Estimate
        The share, 0-1; nan with a note when `n` is 0.

    Raises
    ------
    ValueError
        If `successes` or `n` is negative, or there are more successes than units.

    Notes
    -----
    With z the normal quantile, Wilson: (p + z**2 / 2n -+ z sqrt(p (1 - p) / n + z**2 / 4n**2)) /
    (1 + z**2 / n); with correction, p is first moved outwards by 1 / 2n. Jeffreys: quantiles of
    Beta(x + 1/2, n - x + 1/2). Clopper-Pearson: of Beta(x, n - x + 1) and Beta(x + 1, n - x).
    Agresti-Coull: Wald at p' = (x + z**2 / 2) / n', n' = n + z**2. Wald:
    p -+ z sqrt(p (1 - p) / n), of width zero at 0 and n.

    References
    ----------
    Wilson (1927), J. Am. Stat. Assoc. 22, 209-212. Brown, Cai & DasGupta (2001), Stat. Sci. 16,
    101-133, who recommend Wilson and Jeffreys at small n. Newcombe (1998), Stat. Med. 17, 857-872.

    Examples
    --------
    >>> result = proportion(81, 263)
    >>> round(result.value, 4), [round(bound, 4) for bound in result.ci]
    (0.308, [0.2553, 0.3662])
    >>> [round(bound, 4) for bound in proportion(81, 263, method="clopper_pearson").ci]
    [0.2527, 0.3676]
    """
    validate.one_of("method", method, tuple(_NAMES))
    validate.share("confidence", confidence)
    validate.whole("n", n)
    validate.between("successes", validate.whole("successes", successes), 0, n)
    ci = _interval(successes, n, confidence, method)
    if clip and n:
        ci = Interval(max(ci.low, 0.0), min(ci.high, 1.0))
    return Estimate(
        value=successes / n if n else math.nan,
        ci=ci,
        n=n,
        unit="share",
        confidence=confidence,
        method=_NAMES[method],
        note="" if n else NO_UNITS,
    )


@documented
def clustered_proportion(sums: RatioSums, *, confidence: float = 0.95) -> Estimate:
    """Estimate a share of units that come in independent clusters.

    Parameters
    ----------
    sums : RatioSums
        The sums over clusters of the units with the property (x) and of all units (y); both may
        be weighted, by money for instance, as long as no cluster has more x than y.
    %(confidence)s

    Returns
    -------
    Estimate
        The share, 0-1, with `n` clusters; nan with a note where there are no units, and an
        interval of nan with a note where there are fewer than two clusters.

    Raises
    ------
    %(confidence_error)s

    Notes
    -----
    Wilson's interval with Student's t (n - 1 degrees of freedom) for the normal quantile and the
    effective sample size p (1 - p) / variance, the variance being that of the ratio. It stays in
    0-1. Where every unit is alike (p is 0 or 1) the effective size is the number of clusters,
    which takes the units of a cluster as one.

    References
    ----------
    Korn & Graubard (1998), Survey Methodology 24, 193-201. Franco, Little, Louis & Slud (2019),
    J. Surv. Stat. Methodol. 7, 334-364.

    Examples
    --------
    Three customers abandoned 2 of 3, 0 of 1 and 1 of 2 carts.

    >>> result = clustered_proportion(RatioSums.from_arrays([2, 0, 1], [3, 1, 2]))
    >>> round(result.value, 2), [round(bound, 2) for bound in result.ci]
    (0.5, [0.11, 0.89])
    """
    from scipy.special import stdtrit

    validate.share("confidence", confidence)
    p = sums.ratio
    ci = Interval(math.nan, math.nan)
    if sums.variance >= 0:
        size = p * (1 - p) / sums.variance if sums.variance else sums.n
        ci = wilson(p, size, float(stdtrit(sums.n - 1, (1 + confidence) / 2)))
    return Estimate(
        value=p,
        ci=ci,
        n=sums.n,
        unit="share",
        confidence=confidence,
        method=CLUSTERED,
        note=why_undefined(p, sums.n),
    )


def wilson(p: float, n: float, z: float) -> Interval:
    """Return Wilson's score interval of a share `p` of `n` units, which may be an effective size.

    Examples
    --------
    >>> [round(end, 4) for end in wilson(81 / 263, 263, 1.96)]
    [0.2553, 0.3662]
    """
    if not n:
        return Interval(math.nan, math.nan)
    centre = p + z**2 / (2 * n)
    margin = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    # Rounding must put neither end a hair outside 0-1, nor the share a hair outside its interval.
    low, high = (centre - margin) / scale, (centre + margin) / scale
    return Interval(min(max(low, 0.0), p), max(min(high, 1.0), p))


def rare_share_interval(p: float, size: float, confidence: float) -> Interval:
    """Return the interval of Jeffreys, lengthened where it is known to be too short.

    Parameters
    ----------
    p : float
        The share, 0-1.
    size : float
        How many independent units it is of, above 0; an effective size may be a fraction.
    confidence : float
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Interval
        Within 0-1, with `p` inside.

    Notes
    -----
    The quantiles of Beta(x + 1/2, size - x + 1/2), x = p size. With no unit the interval begins
    at 0; with one it begins at most at 1 - confidence**(1 / size), the share at which one is seen
    one time in twenty. The same holds of units without the property. Unlike an exact interval it
    covers now more, now less than it promises, and on average what it promises; least, .88, where
    2.5 units can be expected.

    References
    ----------
    Brown, Cai & DasGupta (2001), Stat. Sci. 16, 101-133, section 4.

    Examples
    --------
    >>> [round(end, 4) for end in rare_share_interval(0.0, 200, 0.95)]
    [0.0, 0.0125]
    >>> [round(end, 4) for end in rare_share_interval(0.005, 200, 0.95)]
    [0.0003, 0.0231]
    """
    from scipy.special import betaincinv

    x, tail = p * size, (1 - confidence) / 2
    low, high = (float(betaincinv(x + 0.5, size - x + 0.5, at)) for at in (tail, 1 - tail))
    one = 1 - confidence ** (1 / size)
    if x < _ONE:
        low = min(low, one if x else 0.0)
    if size - x < _ONE:
        high = max(high, 1 - one if x < size else 1.0)
    # A share of an effective size below one can lie outside the quantiles.
    return Interval(min(low, p), max(high, p))


def _interval(x: int, n: int, confidence: float, method: Method) -> Interval:
    if not n:
        return Interval(math.nan, math.nan)
    p, z = x / n, normal_quantile(confidence)
    if method == "wilson":
        return wilson(p, n, z)
    if method == "wilson_cc":
        low, high = max(p - 0.5 / n, 0.0), min(p + 0.5 / n, 1.0)
        return Interval(
            wilson(low, n, z).low if low else 0.0, wilson(high, n, z).high if high < 1 else 1.0
        )
    if method == "jeffreys":
        return _beta_quantiles((x + 0.5, n - x + 0.5), (x + 0.5, n - x + 0.5), confidence)
    if method == "clopper_pearson":
        return _beta_quantiles((x, n - x + 1), (x + 1, n - x), confidence)
    if method == "agresti_coull":
        return _wald((x + z**2 / 2) / (n + z**2), n + z**2, z)
    return _wald(p, n, z)


def _beta_quantiles(
    low: tuple[float, float], high: tuple[float, float], confidence: float
) -> Interval:
    """Return the outer quantiles of two beta distributions; a parameter of 0 puts it at an end."""
    from scipy.special import betaincinv

    tail = (1 - confidence) / 2
    return Interval(
        float(betaincinv(*low, tail)) if low[0] else 0.0,
        float(betaincinv(*high, 1 - tail)) if high[1] else 1.0,
    )


def _wald(p: float, n: float, z: float) -> Interval:
    margin = z * math.sqrt(p * (1 - p) / n)
    return Interval(p - margin, p + margin)
