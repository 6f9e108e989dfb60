"""Whether several groups, or the same units asked twice, answer alike on an ordered scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import NO_DIFFERENCE_POSSIBLE, NO_GROUP, GroupTest
from cxresearch.stats.shares.paired import NO_CHANGE

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


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
