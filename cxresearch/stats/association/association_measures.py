"""How strongly a property goes with an outcome, from a table of counts.

The difference of two shares (:mod:`cxresearch.stats.shares.differences`) is the one to show first:
it says how many customers it is about. A ratio looks large where both shares are small. None says
that one thing causes the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import NO_DIFFERENCE_POSSIBLE, Comparison, normal_quantile
from cxresearch.core.documented import documented
from cxresearch.core.results import Interval
from cxresearch.stats.ranks.rank_tests import superiority_of_counts
from cxresearch.stats.shares.differences import difference_of_proportions

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

NO_BASE = "undefined: nobody in the first group has the outcome"
NO_LIMIT = "undefined: everybody in a group has the outcome, so its odds have no limit"
NO_DOUBT = "no interval: in one group everybody has the outcome, or nobody"
ALL_ALIKE = "undefined: everybody has the outcome or nobody does"
COMPLETE = "no interval: property and outcome go together without exception"


@dataclass(frozen=True, slots=True, eq=False)
class LogOdds:
    """How much more frequent each thing is in the first group than in the second.

    Parameters
    ----------
    value : ndarray, shape (m,)
        The log of the odds ratio; 0 is equally frequent.
    z : ndarray, shape (m,)
        It, in standard errors.
    p_value : ndarray, shape (m,)
        Of its being no more frequent, one-sided.
    """

    value: Array
    z: Array
    p_value: Array


@documented
def risk_ratio(
    first: tuple[int, int], second: tuple[int, int], *, confidence: float = 0.95
) -> Comparison:
    """Estimate the second share over the first, of two independent groups.

    Parameters
    ----------
    first, second : tuple of int
        Successes and units of each group.
    %(confidence)s

    Returns
    -------
    Comparison
        The ratio (1 is no difference) with the pooled z test of the difference. Nan with a note
        where a group is empty or the first share is 0; no interval, with a note, where another
        share is 0 or 1.

    Raises
    ------
    %(successes_error)s

    Notes
    -----
    p2 / p1 * exp(-+ z sqrt((1 - p1) / x1 + (1 - p2) / x2)). A share of 0 or 1 is less certain than
    this says, and nothing is added to a count to hide that: there the ratio has no interval, and
    the difference of the shares has one all the same.

    References
    ----------
    Katz, Baptista, Azen & Pike (1978), Biometrics 34, 469-474.

    Examples
    --------
    >>> result = risk_ratio((48, 80), (56, 70))
    >>> round(result.value, 3), [round(bound, 3) for bound in result.ci]
    (1.333, [1.077, 1.651])
    """
    gap = difference_of_proportions(first, second, confidence=confidence)
    (x1, n1), (x2, n2) = first, second
    value = x2 / n2 / (x1 / n1) if x1 and n2 else math.nan
    mixed = 0 < x1 < n1 and 0 < x2 < n2
    variance = (1 - x1 / n1) / x1 + (1 - x2 / n2) / x2 if mixed else math.nan
    return _measure(
        gap,
        value,
        _around_log(value, variance, confidence),
        method="log risk ratio, delta method",
        note=_note(value, first, second) if n1 and n2 else gap.note,
    )


@documented
def odds_ratio(
    first: tuple[int, int], second: tuple[int, int], *, confidence: float = 0.95
) -> Comparison:
    """Estimate the odds of success in the second group over those in the first.

    Parameters
    ----------
    first, second : tuple of int
        Successes and units of each of two independent groups.
    %(confidence)s

    Returns
    -------
    Comparison
        The odds ratio (1 is no difference) with the pooled z test of the difference. Nan with a
        note where a group is empty, the first has no success, or either no failure; 0 without an
        interval, with a note, where the second has no success.

    Raises
    ------
    %(successes_error)s

    Notes
    -----
    x2 (n1 - x1) / (x1 (n2 - x2)) * exp(-+ z sqrt(sum of 1 / count over the four cells)). Nothing
    is added to a cell of 0. It is near the ratio of the shares only where both are small.

    References
    ----------
    Woolf (1955), Ann. Hum. Genet. 19, 251-253.

    Examples
    --------
    >>> result = odds_ratio((48, 80), (56, 70))
    >>> round(result.value, 3), [round(bound, 3) for bound in result.ci]
    (2.667, [1.276, 5.572])
    """
    gap = difference_of_proportions(first, second, confidence=confidence)
    (x1, n1), (x2, n2) = first, second
    cells = x1, n1 - x1, x2, n2 - x2
    value = x2 * cells[1] / (x1 * cells[3]) if x1 and cells[1] and cells[3] else math.nan
    variance = sum(1 / cell for cell in cells) if all(cells) else math.nan
    return _measure(
        gap,
        value,
        _around_log(value, variance, confidence),
        method="log odds ratio, delta method",
        note=_note(value, first, second) if n1 and n2 else gap.note,
    )


@documented
def phi_coefficient(
    first: tuple[int, int], second: tuple[int, int], *, confidence: float = 0.95
) -> Comparison:
    """Estimate the correlation of being in the second group and having the outcome.

    Parameters
    ----------
    first, second : tuple of int
        Successes and units of those without and with the property: one sample, in which both
        the property and the outcome are as common as they are.
    %(confidence)s

    Returns
    -------
    Comparison
        The correlation, -1 to 1, with the pooled z test of the difference. Nan with a note where
        a group is empty, or all or none have the outcome; no interval, with a note, at -1 and 1.

    Raises
    ------
    %(successes_error)s

    Notes
    -----
    (p2 - p1) sqrt(g (1 - g) / (p (1 - p))) with p the share of successes and g of the second
    group; z = phi sqrt(n). Interval: tanh(atanh(phi) -+ z se / (1 - phi**2)), se by the delta
    method. Unless p equals g or 1 - g it cannot come to 1 (or -1), so do not compare it between
    properties of which one is rare.

    References
    ----------
    Bishop, Fienberg & Holland (1975), Discrete Multivariate Analysis, section 11.3.

    Examples
    --------
    >>> result = phi_coefficient((48, 80), (56, 70))
    >>> round(result.value, 3), [round(bound, 3) for bound in result.ci]
    (0.216, [0.06, 0.362])
    """
    gap = difference_of_proportions(first, second, confidence=confidence)
    phi = gap.statistic / math.sqrt(gap.n) if gap.n else math.nan
    complete = math.isclose(abs(phi), 1)
    note = gap.note
    if complete:
        note = COMPLETE
    elif note == NO_DIFFERENCE_POSSIBLE:
        note = ALL_ALIKE
    return _measure(
        gap,
        phi,
        Interval(math.nan, math.nan) if complete else _fisher(phi, first, second, confidence),
        method="phi, delta method on Fisher's scale",
        note=note,
    )


@documented
def cliffs_delta(first: ArrayLike, second: ArrayLike, *, confidence: float = 0.95) -> Comparison:
    """Estimate how much more often the second group is above the first than below it.

    Parameters
    ----------
    first, second : array_like of int, shape (k,)
        How many units of each of two independent groups have each of k values (of a time to the
        next step, say), from the lowest value to the highest.
    %(confidence)s

    Returns
    -------
    Comparison
        The delta, -1 to 1 (also called the rank-biserial correlation), with Mann and Whitney's
        test; nan with a note where a group is empty.

    Raises
    ------
    TypeError
        If a count is not a whole number.
    ValueError
        If a count is negative, or the lengths differ.

    Notes
    -----
    P(second > first) - P(second < first) = 2 P - 1, P being the probability of superiority of
    :func:`cxresearch.stats.ranks.superiority_of_counts`, whose interval it takes.

    References
    ----------
    Cliff (1993), Psychol. Bull. 114, 494-509.

    Examples
    --------
    Days to the second visit, 1, 2, 3 and 4, of those who bought and those who did not.

    >>> result = cliffs_delta([30, 20, 10, 5], [40, 60, 70, 90])
    >>> round(result.value, 3), [round(bound, 3) for bound in result.ci]
    (0.476, [0.339, 0.594])
    """
    result = superiority_of_counts(first, second, confidence=confidence)
    return _measure(
        result,
        result.cliffs_delta,
        Interval(2 * result.ci.low - 1, 2 * result.ci.high - 1),
        method="Cliff's delta, Brunner-Munzel on the logit",
        note=result.note,
    )


def log_odds(
    first: ArrayLike, second: ArrayLike, sizes: tuple[int, int], *, prior: float = 50.0
) -> LogOdds:
    """Compare how frequent each of many things is in two groups of independent units.

    Parameters
    ----------
    first, second : array_like of int, shape (m,)
        How many units of each group have each thing.
    sizes : tuple of int
        How many units each group has.
    prior : float, default 50
        How many units without a difference are added to each group: the odds ratio of what is
        rare is drawn towards 1.

    Returns
    -------
    LogOdds

    Raises
    ------
    ValueError
        If a group is empty, a count is below 0 or above the size, the lengths differ, or `prior`
        is not above 0.

    Notes
    -----
    With p the share in both groups together and a = prior p, the log-odds of a group are
    log((y + a) / (n - y + prior - a)); the variance of their difference is the sum over groups of
    1 / (y + a) + 1 / (n - y + prior - a). A thing that no unit, or every unit, has is nan.

    References
    ----------
    Monroe, Colaresi & Quinn (2008), Fightin' words, Polit. Anal. 16, 372-403.

    Examples
    --------
    >>> found = log_odds([30, 5], [10, 5], (100, 100))
    >>> found.z.round(2).tolist(), found.p_value.round(4).tolist()
    ([2.84, 0.0], [0.0023, 0.5])
    """
    from scipy.special import ndtr

    y1, y2 = validate.arrays(first=first, second=second)
    n1, n2 = (
        validate.whole("the size of a group", size, low=1) for size in validate.pair("sizes", sizes)
    )
    validate.positive("prior", prior)
    for name, counts, size in (("first", y1, n1), ("second", y2, n2)):
        if ((counts < 0) | (counts > size)).any():
            raise ValueError(f"{name} must be between 0 and {size}")
    p = (y1 + y2) / (n1 + n2)
    there = prior * np.where((p > 0) & (p < 1), p, np.nan)
    with_it = np.stack([y1, y2]) + there
    without = np.array([[n1], [n2]]) - np.stack([y1, y2]) + prior - there
    logits = np.log(with_it / without)
    value = logits[0] - logits[1]
    z = value / np.sqrt((1 / with_it + 1 / without).sum(axis=0))
    return LogOdds(value=value, z=z, p_value=np.asarray(ndtr(-z)))


def _measure(of: Comparison, value: float, ci: Interval, *, method: str, note: str) -> Comparison:
    """Return a comparison in another measure, with the test it has; the measure has no unit."""
    return Comparison(
        value=value,
        ci=ci,
        n=of.n,
        unit="",
        confidence=of.confidence,
        method=method,
        note=note,
        statistic=of.statistic,
        p_value=of.p_value,
        test=of.test,
        df=of.df,
    )


def _note(value: float, first: tuple[int, int], second: tuple[int, int]) -> str:
    """Return why a ratio or its interval is undefined; empty where neither is."""
    if math.isnan(value):
        return NO_LIMIT if first[0] else NO_BASE
    mixed = all(0 < x < n for x, n in (first, second))
    return "" if mixed else NO_DOUBT


def _around_log(value: float, variance: float, confidence: float) -> Interval:
    """Return the interval of a ratio whose logarithm has this variance."""
    factor = math.exp(normal_quantile(confidence) * math.sqrt(variance))
    return Interval(value / factor, value * factor)


def _fisher(
    phi: float, first: tuple[int, int], second: tuple[int, int], confidence: float
) -> Interval:
    """Return the interval of phi, symmetric after Fisher's transformation."""
    if math.isnan(phi):
        return Interval(math.nan, math.nan)
    n = first[1] + second[1]
    share, group = (first[0] + second[0]) / n, second[1] / n
    # How far each margin is from half, in its own standard deviations.
    a, b = ((2 * p - 1) / math.sqrt(p * (1 - p)) for p in (share, group))
    variance = 1 - phi**2 + phi * (1 + phi**2 / 2) * a * b - 0.75 * phi**2 * (a**2 + b**2)
    error = math.sqrt(max(variance, 0.0) / n)
    margin = normal_quantile(confidence) * error / (1 - phi**2)
    centre = math.atanh(phi)
    return Interval(math.tanh(centre - margin), math.tanh(centre + margin))
