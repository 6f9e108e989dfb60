"""Whether durations of several groups differ when not every end has been seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import GroupTest, chi_square_tail
from cxresearch.core.results import Estimate
from cxresearch.stats.hazard_ratios import hazard_ratio
from cxresearch.stats.survival import durations_and_ends

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

NOT_COMPARABLE = "undefined: no end was seen while more than one group was at risk"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRank(GroupTest):
    """The log-rank test with what it compares.

    Parameters
    ----------
    observed, expected : tuple of float
        The ends of each group: those seen, and those to be expected if the groups were alike.
    hazard_ratios : tuple of Estimate
        How many times as fast ends come in each later group as in the first.

    See Also
    --------
    cxresearch.core.comparison.GroupTest : The other fields.
    """

    observed: tuple[float, ...]
    expected: tuple[float, ...]
    hazard_ratios: tuple[Estimate, ...]


def log_rank(groups: Sequence[tuple[ArrayLike, ArrayLike]], *, confidence: float = 0.95) -> LogRank:
    """Test whether durations of two or more independent groups have one survival curve.

    Parameters
    ----------
    groups : sequence of pairs
        The durations and whether each end was seen, of each group, as in
        :func:`cxresearch.stats.survival.kaplan_meier`.
    confidence : float, default 0.95
        Coverage of the intervals of the hazard ratios, strictly between 0 and 1.

    Returns
    -------
    LogRank
        The test, with the hazard ratio of each later group over the first
        (:func:`cxresearch.stats.hazard_ratios.hazard_ratio`); nan with a note where no end was
        seen with more than one group at risk.

    Raises
    ------
    ValueError
        If there are fewer than two groups, a duration is negative or not finite, an end is not 0
        or 1, or `confidence` is not strictly between 0 and 1.

    Notes
    -----
    (O - E)' V^-1 (O - E), with E and V of the hypergeometric law at each time of an end, less
    one group. It is made for hazards in one proportion: curves that cross can hide from it.

    References
    ----------
    Mantel (1966), Cancer Chemother. Rep. 50, 163-170. Peto & Peto (1972), J. R. Stat. Soc. A 135,
    185-207.

    Examples
    --------
    >>> result = log_rank([([1, 2, 3, 4], [1, 1, 1, 0]), ([3, 5, 6, 7], [1, 0, 1, 1])])
    >>> round(result.statistic, 3), round(result.p_value, 3)
    (2.32, 0.128)
    >>> round(result.hazard_ratios[0].value, 2)
    0.21
    """
    validate.whole("the number of groups", len(groups), low=2)
    checked = [durations_and_ends(*group) for group in groups]
    observed, expected, covariance = _counted(checked)
    gap = observed - expected
    # The rows of the covariance add up to zero; a group never at risk with another has none.
    apart = np.flatnonzero(np.diag(covariance) > 0)[:-1]
    statistic, p_value = math.nan, math.nan
    if apart.size:
        solved = np.linalg.solve(covariance[np.ix_(apart, apart)], gap[apart])
        statistic = float(gap[apart] @ solved)
        p_value = chi_square_tail(statistic, apart.size)
    return LogRank(
        statistic=statistic,
        df=int(apart.size),
        p_value=p_value,
        n=sum(len(durations) for durations, _ in checked),
        method="log-rank",
        note="" if apart.size else NOT_COMPARABLE,
        observed=tuple(observed.tolist()),
        expected=tuple(expected.tolist()),
        hazard_ratios=tuple(
            hazard_ratio(groups[0], group, confidence=confidence) for group in groups[1:]
        ),
    )


def _counted(
    groups: list[tuple[NDArray[np.float64], NDArray[np.bool_]]],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the ends seen and expected of each group, and the covariance of their gaps."""
    ends_of_all = np.concatenate([durations[ended] for durations, ended in groups])
    times, ends = np.unique(ends_of_all, return_counts=True)
    at_risk = np.array(
        [
            len(durations) - np.searchsorted(np.sort(durations), times, side="left")
            for durations, _ in groups
        ],
        dtype=float,
    )
    all_at_risk = at_risk.sum(axis=0)
    share = at_risk / all_at_risk
    # Of one that is left alone no chance decides; 1 only keeps the division defined.
    weight = ends * (all_at_risk - ends) / np.maximum(all_at_risk - 1, 1)
    covariance = np.diag((share * weight).sum(axis=1)) - (share * weight) @ share.T
    observed = np.array([ended.sum() for _, ended in groups], dtype=float)
    return observed, (share * ends).sum(axis=1), covariance
