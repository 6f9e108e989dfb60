"""Whether one group answers higher than another on a scale whose steps are only in order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from cxresearch import _checks
from cxresearch.results import Interval
from cxresearch.stats._ranks import midranks, ties
from cxresearch.stats.comparison import (
    NO_DIFFERENCE_POSSIBLE,
    Comparison,
    two_sided,
    two_sided_t,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

NO_GROUP = "undefined: one group has no units"
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
        The number of such pairs (Mann and Whitney's U of the second group).

    See Also
    --------
    cxresearch.stats.comparison.Comparison : The other fields.
    """

    cliffs_delta: float
    u: float


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
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.
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
    _checks.share("confidence", confidence)
    _checks.one_of("test", test, ("mann_whitney", "brunner_munzel"))
    (a,), (b,) = _checks.arrays(first=first), _checks.arrays(second=second)
    n1, n2 = a.size, b.size
    u = float(midranks(np.r_[a, b])[n1:].sum()) - n2 * (n2 + 1) / 2 if n1 and n2 else math.nan
    value = u / (n1 * n2) if n1 and n2 else math.nan
    error, df = _brunner_munzel(a, b)
    if test == "mann_whitney":
        statistic, test_df = _mann_whitney_z(a, b, value, continuity=continuity), math.inf
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
        note=_why(n1, n2, statistic, ci),
        statistic=statistic,
        p_value=two_sided(statistic) if test_df == math.inf else two_sided_t(statistic, test_df),
        test="Mann-Whitney with ties" if test == "mann_whitney" else "Brunner-Munzel",
        df=test_df,
        cliffs_delta=2 * value - 1,
        u=u,
    )


def _mann_whitney_z(
    a: NDArray[np.float64], b: NDArray[np.float64], value: float, *, continuity: bool
) -> float:
    n1, n2 = a.size, b.size
    n = n1 + n2
    if not (n1 and n2):
        return math.nan
    variance = n1 * n2 / 12 * (n + 1 - ties(np.r_[a, b]) / (n * (n - 1)))
    if not variance > 0:
        return math.nan
    gap = (value - 0.5) * n1 * n2
    size = max(abs(gap) - (0.5 if continuity else 0.0), 0.0)
    return math.copysign(size / math.sqrt(variance), gap)


def _brunner_munzel(a: NDArray[np.float64], b: NDArray[np.float64]) -> tuple[float, float]:
    """Return the standard error of the probability of superiority and its degrees of freedom."""
    if min(a.size, b.size) < 2:
        return math.nan, math.nan
    ranks = midranks(np.r_[a, b])
    placed = ranks[: a.size] - midranks(a), ranks[a.size :] - midranks(b)
    # How far each answer of one group is above those of the other, as a share of them.
    parts = [
        float(np.var(place / other, ddof=1)) / place.size
        for place, other in zip(placed, (b.size, a.size), strict=True)
    ]
    if not sum(parts) > 0:
        return 0.0, math.nan
    spread = parts[0] ** 2 / (a.size - 1) + parts[1] ** 2 / (b.size - 1)
    return math.sqrt(sum(parts)), sum(parts) ** 2 / spread


def _logit_interval(value: float, error: float, df: float, confidence: float) -> Interval:
    from scipy.special import expit, logit, stdtrit

    if not error > 0 or not 0 < value < 1:
        return Interval(math.nan, math.nan)
    margin = float(stdtrit(df, (1 + confidence) / 2)) * error / (value * (1 - value))
    return Interval(float(expit(logit(value) - margin)), float(expit(logit(value) + margin)))


def _why(n1: int, n2: int, statistic: float, ci: Interval) -> str:
    if not (n1 and n2):
        return NO_GROUP
    if math.isnan(statistic):
        return NO_DIFFERENCE_POSSIBLE
    return NO_INTERVAL if math.isnan(ci.low) else ""
