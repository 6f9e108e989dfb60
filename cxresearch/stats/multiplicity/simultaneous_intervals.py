"""Several groups at once: Dunnett's intervals against a control, Games and Howell's for all pairs.

Treatments share the control, so their errors go together: Dunnett's critical value is smaller than
Bonferroni's. Games and Howell's are Tukey's for groups of unequal sizes and variances.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison
from cxresearch.core.results import Interval
from cxresearch.stats.means.estimators import ValueWithVariance, difference

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
from itertools import combinations

DUNNETT = "Dunnett, all treatments against the control at once"
#: Points of the quadrature over what all statistics share, and over their common variance.
_SHARED_POINTS, _SCALE_POINTS = 160, 48
#: Beyond so many standard deviations there is nothing to add.
_FAR = 8.5
#: From so many degrees of freedom Student's t is taken as normal.
_NORMAL_DF = 1e6
GAMES_HOWELL = "Games-Howell, all pairs at once"


def dunnett(
    control: ValueWithVariance,
    treatments: Sequence[ValueWithVariance],
    *,
    unit: str,
    confidence: float = 0.95,
    df: float | None = None,
) -> tuple[Comparison, ...]:
    """Estimate each treatment minus the control, with one confidence for all of them together.

    Parameters
    ----------
    control : ValueWithVariance
        The group that every other one is compared with.
    treatments : sequence of ValueWithVariance
        The others, at least one.
    unit : str
        Their unit.
    confidence : float, default 0.95
        The chance that all intervals hold, strictly between 0 and 1.
    df : float, optional
        The degrees of freedom of a variance that all groups share; by default each comparison
        has its own, Welch's.

    Returns
    -------
    tuple of Comparison
        One per treatment, in order, with simultaneous intervals and adjusted p-values.

    Raises
    ------
    ValueError
        If there are no treatments, or `confidence` is not strictly between 0 and 1.

    Notes
    -----
    d_i -+ c se_i and p_i = P(max |T| >= |t_i|), T being multivariate t with correlations b_i b_j,
    b_i = sqrt(v_0 / (v_0 + v_i)). The probability is a double integral over the control's error
    and the scale, by Gauss-Legendre quadrature.

    References
    ----------
    Dunnett (1955), J. Am. Stat. Assoc. 50, 1096-1121. Hasler & Hothorn (2008), Biom. J. 50,
    793-800 (unequal variances).

    Examples
    --------
    >>> control = ValueWithVariance(n=100, value=10.0, variance=0.04)
    >>> arms = [ValueWithVariance(n=100, value=value, variance=0.04) for value in (10.6, 10.2)]
    >>> [round(one.p_value, 4) for one in dunnett(control, arms, unit="EUR")]
    [0.0624, 0.7013]
    """
    validate.share("confidence", confidence)
    validate.whole("the number of treatments", len(treatments), low=1)
    plain = [
        difference(control, one, unit=unit, confidence=confidence, method=DUNNETT)
        for one in treatments
    ]
    tested = [i for i, one in enumerate(plain) if not math.isnan(one.statistic)]
    shared = tuple(
        math.sqrt(control.variance / (control.variance + treatments[i].variance)) for i in tested
    )
    found = list(plain)
    for i in tested:
        own = df if df is not None else plain[i].df
        margin = critical_value(shared, df=own, confidence=confidence) * math.sqrt(
            control.variance + treatments[i].variance
        )
        found[i] = replace(
            plain[i],
            ci=Interval(plain[i].value - margin, plain[i].value + margin),
            p_value=1 - inside(abs(plain[i].statistic), shared, df=own),
            test="Dunnett's test",
            df=own,
        )
    return tuple(found)


def critical_value(
    shared: Sequence[float],
    *,
    df: float = math.inf,
    confidence: float,
    sides: Literal[1, 2] = 2,
) -> float:
    """Return the c with P(max |T| <= c), or P(max T <= c), equal to the confidence.

    Parameters
    ----------
    shared : sequence of float
        For each treatment b_i = sqrt(v_0 / (v_0 + v_i)), 0-1: the share of its error that is the
        control's; sqrt(1/2) for groups of one size.
    df : float, default inf
        The degrees of freedom.
    confidence : float
        The probability, strictly between 0 and 1.
    sides : {2, 1}
        Whether T counts in both directions, or upwards only.

    Examples
    --------
    Dunnett (1964), Biometrics 20, 482-491, table II: three treatments, 20 degrees of freedom.

    >>> round(critical_value([0.5**0.5] * 3, df=20, confidence=0.95), 2)
    2.54
    """
    from scipy.optimize import brentq
    from scipy.special import stdtrit

    validate.share("confidence", confidence)
    weights = tuple(validate.between("shared", float(b), 0, 1) for b in shared)
    tail = (1 - confidence) / sides
    # It lies between what one treatment alone needs and Bonferroni's, but for the quadrature.
    low, high = (float(stdtrit(df, 1 - one)) for one in (tail, tail / len(weights)))

    def excess(c: float) -> float:
        return inside(c, weights, df=df, sides=sides) - confidence

    if excess(low) > 0 or excess(high) < 0:
        low, high = (0.0 if sides == 2 else -10.0), 1e3
    return float(brentq(excess, low, high, xtol=1e-10))


def inside(
    c: float, shared: Sequence[float], *, df: float = math.inf, sides: Literal[1, 2] = 2
) -> float:
    """Return P(max |T| <= c), or P(max T <= c), of a multivariate t with correlations b_i b_j.

    Examples
    --------
    >>> round(inside(1.959964, [0.5**0.5]), 6)
    0.95
    """
    from scipy.special import ndtr

    z, weight = normal_points()
    scale, mass = scale_points(df)
    bound = c * scale[:, None, None]
    b = np.minimum(np.asarray(shared, dtype=float), 1 - 1e-12)
    rest = np.sqrt(1 - b**2)
    centre = z[None, :, None] * b
    each = ndtr((bound - centre) / rest)
    if sides == 2:
        each = each - ndtr((-bound - centre) / rest)
    return min(float(mass @ (each.prod(axis=2) @ weight)), 1.0)


@lru_cache(maxsize=1)
def normal_points() -> tuple[Array, Array]:
    """Return points and weights that integrate over a standard normal variable."""
    point, weight = np.polynomial.legendre.leggauss(_SHARED_POINTS)
    z = _FAR * point
    return z, _FAR * weight * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


@lru_cache(maxsize=64)
def scale_points(df: float) -> tuple[Array, Array]:
    """Return points and weights that integrate over sqrt(chi-square / df)."""
    from scipy.special import chdtri, gammaln

    if df >= _NORMAL_DF:
        return np.ones(1), np.ones(1)
    low, high = (math.sqrt(float(chdtri(df, tail)) / df) for tail in (1 - 1e-13, 1e-13))
    point, weight = np.polynomial.legendre.leggauss(_SCALE_POINTS)
    s = low + (high - low) * (point + 1) / 2
    log = (df - 1) * np.log(s) - df * s**2 / 2 + df / 2 * math.log(df / 2) - gammaln(df / 2)
    mass = (high - low) * weight * np.exp(log)
    return s, mass / mass.sum()


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


def _at_once(pair: Comparison, groups: int) -> Comparison:
    """Return the comparison of a pair with the confidence of all pairs."""
    from scipy.special import stdtrit

    if math.isnan(pair.statistic):
        return pair
    se = (pair.ci.high - pair.ci.low) / 2 / float(stdtrit(pair.df, (1 + pair.confidence) / 2))
    margin = critical_range(groups, df=pair.df, confidence=pair.confidence) / math.sqrt(2) * se
    return replace(
        pair,
        ci=Interval(pair.value - margin, pair.value + margin),
        p_value=1 - range_inside(math.sqrt(2) * abs(pair.statistic), groups, df=pair.df),
        test="Games-Howell's test",
    )
