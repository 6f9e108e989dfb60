"""Whether groups, or the same units asked twice, answer alike on a scale that is only ordered."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import (
    NO_DIFFERENCE_POSSIBLE,
    NO_GROUP,
    Comparison,
    GroupTest,
    two_sided,
    two_sided_t,
    welch_df,
)
from cxresearch.core.documented import documented
from cxresearch.core.results import Interval
from cxresearch.stats.shares.paired import NO_CHANGE

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

NO_INTERVAL = "no interval: a group has one unit, or the groups do not vary within"


@dataclass(frozen=True, slots=True, kw_only=True)
class Superiority(Comparison):
    """How often the second group is above the first.

    `value` is the probability of superiority: the share of pairs, one of each group, in which
    the second is higher, ties counting half. 0.5 is no difference.

    Parameters
    ----------
    cliffs_delta : float
        The same from -1 to 1: 2 * value - 1.
    u : float
        The number of these pairs (Mann and Whitney's U of the second group).

    See Also
    --------
    cxresearch.core.comparison.Comparison : The other fields.
    """

    cliffs_delta: float
    u: float


def kruskal_wallis(groups: Sequence[ArrayLike]) -> GroupTest:
    """Test whether two or more independent groups answer alike, with the correction for ties.

    Parameters
    ----------
    groups : sequence of array_like of float
        The answers of each group; empty groups do not count.

    Returns
    -------
    GroupTest
        Undefined with a note with fewer than two groups, or where all answers are the same.

    Raises
    ------
    ValueError
        If an answer is not finite.

    Notes
    -----
    H = (12 / (N (N + 1)) * sum(R_i**2 / n_i) - 3 (N + 1)) / (1 - sum(t**3 - t) / (N**3 - N)), R_i
    being the sums of ranks and t the sizes of the ties.

    References
    ----------
    Kruskal & Wallis (1952), J. Am. Stat. Assoc. 47, 583-621.

    Examples
    --------
    >>> result = kruskal_wallis([[3, 4, 2], [5, 4, 5], [1, 2, 2]])
    >>> round(result.statistic, 3), result.df, round(result.p_value, 3)
    (6.386, 2, 0.041)
    """
    from scipy.stats import kruskal

    answers = [found for group in groups if (found := validate.arrays(answers=group)[0]).size]
    note = "" if len(answers) > 1 else NO_GROUP
    if not note and not np.ptp(np.concatenate(answers)):
        note = NO_DIFFERENCE_POSSIBLE
    statistic, p_value = (math.nan, math.nan) if note else kruskal(*answers)
    return GroupTest(
        statistic=float(statistic),
        df=max(len(answers) - 1, 0),
        p_value=float(p_value),
        n=sum(group.size for group in answers),
        method="Kruskal-Wallis with ties",
        note=note,
    )


def signed_rank(first: ArrayLike, second: ArrayLike, *, continuity: bool = False) -> GroupTest:
    """Test whether the same units answer higher the second time: Wilcoxon's signed rank test.

    Parameters
    ----------
    first, second : array_like of float, shape (n,)
        The answers of each unit, in one order.
    continuity : bool, default False
        Whether the normal approximation is corrected for continuity.

    Returns
    -------
    GroupTest
        `statistic` is z squared (chi-square with one degree of freedom), `n` the number of units
        that changed. Undefined with a note where none did.

    Raises
    ------
    ValueError
        If an answer is not finite or the lengths differ.

    Notes
    -----
    Units without change are left out. W is the sum of the ranks of those that rose; z = (W -
    n (n + 1) / 4) / sqrt(n (n + 1) (2 n + 1) / 24 - sum(t**3 - t) / 48).

    References
    ----------
    Wilcoxon (1945), Biometrics Bull. 1, 80-83.

    Examples
    --------
    >>> result = signed_rank([3, 4, 2, 5, 3, 4], [5, 4, 5, 4, 5, 5])
    >>> result.n, round(result.p_value, 3)
    (5, 0.102)
    """
    from scipy.stats import wilcoxon

    a, b = validate.arrays(first=first, second=second)
    changes = (b - a)[a != b]
    statistic = p_value = math.nan
    if changes.size:
        found = wilcoxon(changes, correction=continuity, method="asymptotic")
        statistic, p_value = float(found.zstatistic) ** 2, float(found.pvalue)
    return GroupTest(
        statistic=statistic,
        df=1,
        p_value=p_value,
        n=changes.size,
        method="Wilcoxon signed rank with ties",
        note="" if changes.size else NO_CHANGE,
    )


@documented
def superiority(
    first: ArrayLike,
    second: ArrayLike,
    *,
    confidence: float = 0.95,
    test: Literal["mann_whitney", "brunner_munzel"] = "mann_whitney",
    continuity: bool = False,
) -> Superiority:
    """Estimate how often the second group is above the first, and test that it is by chance.

    Parameters
    ----------
    first, second : array_like of float, shape (n,)
        The answers of two independent groups.
    %(confidence)s
    test : {"mann_whitney", "brunner_munzel"}
        Mann and Whitney's normal test with the correction for ties, that the groups are alike;
        or Brunner and Munzel's, that neither is above the other, which holds when one varies
        more.
    continuity : bool, default False
        Whether Mann and Whitney's test is corrected for continuity (as R's wilcox.test does).

    Returns
    -------
    Superiority
        Undefined with a note where a group is empty; no test, with a note, where all answers
        are the same.

    Raises
    ------
    ValueError
        If an answer is not finite.

    Notes
    -----
    With P = U / (n1 n2), Mann-Whitney: z = (U - n1 n2 / 2) / sqrt(n1 n2 / 12 * (N + 1 -
    sum(t**3 - t) / (N (N - 1)))), t being the sizes of the ties. The interval is Brunner and
    Munzel's on the logit of P, with their t; it may disagree with Mann-Whitney near the border.
    Where P is 0 or 1 or nothing varies it is undefined.

    References
    ----------
    Mann & Whitney (1947), Ann. Math. Stat. 18, 50-60. Brunner & Munzel (2000), Biom. J. 42,
    17-25. Cliff (1993), Psychol. Bull. 114, 494-509.

    Examples
    --------
    >>> result = superiority([3, 4, 2, 5, 3, 4], [5, 4, 5, 3, 5, 4])
    >>> round(result.value, 3), round(result.cliffs_delta, 3), round(result.p_value, 3)
    (0.736, 0.472, 0.155)
    """
    (a,), (b,) = validate.arrays(first=first), validate.arrays(second=second)
    levels, place = np.unique(np.r_[a, b], return_inverse=True)
    return superiority_of_counts(
        np.bincount(place[: a.size], minlength=levels.size),
        np.bincount(place[a.size :], minlength=levels.size),
        confidence=confidence,
        test=test,
        continuity=continuity,
    )


def superiority_of_counts(
    first: ArrayLike,
    second: ArrayLike,
    *,
    confidence: float = 0.95,
    test: Literal["mann_whitney", "brunner_munzel"] = "mann_whitney",
    continuity: bool = False,
) -> Superiority:
    """Estimate how often the second group is above the first, from a table of counts.

    Parameters
    ----------
    first, second : array_like of int, shape (k,)
        How many units of each group gave each of k values, from the lowest value to the highest.
    confidence, test, continuity
        As in :func:`superiority`, which gives the same for the single answers.

    Returns
    -------
    Superiority
        As from :func:`superiority`.

    Raises
    ------
    TypeError
        If a count is not a whole number.
    ValueError
        If a count is negative, or the lengths differ.

    Examples
    --------
    The answers of the example of :func:`superiority`, as counts of 2, 3, 4 and 5.

    >>> result = superiority_of_counts([1, 2, 2, 1], [0, 1, 2, 3])
    >>> round(result.value, 3), round(result.cliffs_delta, 3), round(result.p_value, 3)
    (0.736, 0.472, 0.155)
    """
    validate.share("confidence", confidence)
    validate.one_of("test", test, ("mann_whitney", "brunner_munzel"))
    a, b = validate.counts(first=first, second=second)
    n1, n2 = int(a.sum()), int(b.sum())
    u = float(b @ (a.cumsum() - a / 2)) if n1 and n2 else math.nan
    value = u / (n1 * n2) if n1 and n2 else math.nan
    error, df = _brunner_munzel(a, b)
    if test == "mann_whitney":
        statistic, test_df = _mann_whitney_z(a + b, n1, value, continuity=continuity), math.inf
    else:
        statistic, test_df = ((value - 0.5) / error if error > 0 else math.nan), df
    ci = _logit_interval(value, error, df, confidence)
    return Superiority(
        value=value,
        ci=ci,
        n=n1 + n2,
        unit="share",
        confidence=confidence,
        method="probability of superiority, Brunner-Munzel on the logit",
        note=_note(n1, n2, statistic, ci),
        statistic=statistic,
        p_value=two_sided(statistic) if test_df == math.inf else two_sided_t(statistic, test_df),
        test="Mann-Whitney with ties" if test == "mann_whitney" else "Brunner-Munzel",
        df=test_df,
        cliffs_delta=2 * value - 1,
        u=u,
    )


def _mann_whitney_z(tied: NDArray[np.float64], n1: int, value: float, *, continuity: bool) -> float:
    n = int(tied.sum())
    n2 = n - n1
    if not (n1 and n2):
        return math.nan
    variance = n1 * n2 / 12 * (n + 1 - float((tied**3 - tied).sum()) / (n * (n - 1)))
    if not variance > 0:
        return math.nan
    gap = (value - 0.5) * n1 * n2
    size = max(abs(gap) - (0.5 if continuity else 0.0), 0.0)
    return math.copysign(size / math.sqrt(variance), gap)


def _brunner_munzel(a: NDArray[np.float64], b: NDArray[np.float64]) -> tuple[float, float]:
    """Return the standard error of the probability of superiority and its degrees of freedom."""
    if min(a.sum(), b.sum()) < 2:
        return math.nan, math.nan
    parts = [_spread(own, other) for own, other in ((a, b), (b, a))]
    if not sum(parts) > 0:
        return 0.0, math.nan
    df = welch_df([(parts[0], float(a.sum()) - 1), (parts[1], float(b.sum()) - 1)])
    return math.sqrt(sum(parts)), df


def _spread(own: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the variance of a group's mean of how far each answer is above the other group.

    How far is the share of the other's answers below it, ties counting half.
    """
    n = float(own.sum())
    above = (other.cumsum() - other / 2) / other.sum()
    return float(own @ (above - own @ above / n) ** 2) / (n - 1) / n


def _logit_interval(value: float, error: float, df: float, confidence: float) -> Interval:
    from scipy.special import expit, logit, stdtrit

    if not error > 0 or not 0 < value < 1:
        return Interval(math.nan, math.nan)
    margin = float(stdtrit(df, (1 + confidence) / 2)) * error / (value * (1 - value))
    return Interval(float(expit(logit(value) - margin)), float(expit(logit(value) + margin)))


def _note(n1: int, n2: int, statistic: float, ci: Interval) -> str:
    if not (n1 and n2):
        return NO_GROUP
    if math.isnan(statistic):
        return NO_DIFFERENCE_POSSIBLE
    return NO_INTERVAL if math.isnan(ci.low) else ""
