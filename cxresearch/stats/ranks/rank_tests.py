"""Whether several groups, or the same units asked twice, answer alike on an ordered scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import NO_DIFFERENCE_POSSIBLE, NO_GROUP, GroupTest, chi_square_tail
from cxresearch.stats.ranks._midranks import midranks, ties
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
    answers = [found for group in groups if (found := validate.arrays(answers=group)[0]).size]
    together = np.concatenate([*answers, np.array([])])
    n = together.size
    statistic = math.nan
    if len(answers) > 1 and together.min() < together.max():
        parts = np.split(midranks(together), np.cumsum([group.size for group in answers])[:-1])
        squares = sum(float(ranks.sum()) ** 2 / ranks.size for ranks in parts)
        plain = 12 / (n * (n + 1)) * squares - 3 * (n + 1)
        statistic = plain / (1 - ties(together) / (n**3 - n))
    df = max(len(answers) - 1, 0)
    lacking = NO_DIFFERENCE_POSSIBLE if len(answers) > 1 else NO_GROUP
    return GroupTest(
        statistic=statistic,
        df=df,
        p_value=chi_square_tail(statistic, df) if statistic >= 0 else math.nan,
        n=n,
        method="Kruskal-Wallis with ties",
        note=lacking if math.isnan(statistic) else "",
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
    a, b = validate.arrays(first=first, second=second)
    changes = (b - a)[a != b]
    n = changes.size
    statistic = math.nan
    if n:
        rises = float(midranks(np.abs(changes))[changes > 0].sum())
        variance = n * (n + 1) * (2 * n + 1) / 24 - ties(np.abs(changes)) / 48
        gap = abs(rises - n * (n + 1) / 4) - (0.5 if continuity else 0.0)
        statistic = max(gap, 0.0) ** 2 / variance
    return GroupTest(
        statistic=statistic,
        df=1,
        p_value=chi_square_tail(statistic, 1) if n else math.nan,
        n=n,
        method="Wilcoxon signed rank with ties",
        note="" if n else NO_CHANGE,
    )
