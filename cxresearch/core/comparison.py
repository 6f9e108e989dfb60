"""The record of a comparison: an estimate of how far apart two things are, and a test of it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from cxresearch.core.results import Estimate, Result

NO_DIFFERENCE_POSSIBLE = "no test: within each group all values are the same"
NO_GROUP = "undefined: one group has no units"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Estimate):
    """An estimate of a difference with the test of no difference.

    Parameters
    ----------
    statistic : float
        The test's statistic, with the sign of the difference where it has one; nan where it is
        undefined, and then `note` says why.
    p_value : float
        The two-sided p-value, 0-1; nan where it is undefined.
    test : str
        The name of the test behind `p_value`; where it is not the one behind `ci`, the two may
        disagree near the border.
    df : float
        The degrees of freedom of the statistic; infinite for a normal one.

    See Also
    --------
    cxresearch.core.results.Estimate : The other fields.
    """

    statistic: float
    p_value: float
    test: str
    df: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTest(Result):
    """A test that several groups are alike; it estimates nothing and has no interval.

    Parameters
    ----------
    statistic : float
        The test's statistic, chi-square where the groups are alike; nan where it is undefined,
        and then `note` says why.
    df : int
        Its degrees of freedom.
    p_value : float
        The p-value, 0-1; nan where it is undefined.
    n : int
        The number of units in all groups.
    method : str
        The name of the test.
    note : str
        What a reader must know before using it.
    """

    statistic: float
    df: int
    p_value: float
    n: int
    method: str
    note: str = ""


def normal_quantile(confidence: float) -> float:
    """Return how many standard errors a normal interval reaches to either side.

    Examples
    --------
    >>> round(normal_quantile(0.95), 6)
    1.959964
    """
    from scipy.special import ndtri

    return float(ndtri((1 + confidence) / 2))


def two_sided(z: float) -> float:
    """Return the two-sided p-value of a normal statistic.

    Examples
    --------
    >>> round(two_sided(-1.959964), 6)
    0.05
    """
    from scipy.special import ndtr

    return 2 * float(ndtr(-abs(z)))


def two_sided_t(t: float, df: float) -> float:
    """Return the two-sided p-value of a Student's t statistic.

    Examples
    --------
    >>> round(two_sided_t(2.262157, 9), 6)
    0.05
    """
    from scipy.special import stdtr

    return 2 * float(stdtr(df, -abs(t)))


def welch_df(parts: Iterable[tuple[float, float]]) -> float:
    """Return the degrees of freedom of a sum of independent variances, each with its own.

    It is sum(v)**2 / sum(v**2 / df) (Satterthwaite 1946, Biometrics Bull. 2, 110-114); infinite
    where every variance is known, nan where nothing varies.

    Examples
    --------
    >>> welch_df([(2.0, 9), (2.0, 9)])
    18.0
    """
    kept = list(parts)
    total = sum(v for v, _ in kept)
    if not total > 0:
        return math.nan
    doubt = sum(v**2 / df for v, df in kept if v)
    return total**2 / doubt if doubt else math.inf


def chi_square_tail(statistic: float, df: float) -> float:
    """Return the chance that a chi-square value is at least as large.

    Examples
    --------
    >>> round(chi_square_tail(3.841459, 1), 6)
    0.05
    """
    from scipy.special import chdtrc

    return float(chdtrc(df, statistic))
