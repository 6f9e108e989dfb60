"""How much faster ends come in one group than in another, when not every end was seen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import normal_quantile
from cxresearch.core.documented import documented
from cxresearch.core.results import Estimate, Interval
from cxresearch.stats.survival.curves import durations_and_ends

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

COX = "Cox's partial likelihood, Efron's ties, Wald"
ONE_SIDED = "no interval: every end that can be compared is of one group"
NOT_COMPARABLE = "undefined: no end was seen while both groups were at risk"

_STEPS, _STILL = 100, 1e-12


@documented
def hazard_ratio(
    first: tuple[ArrayLike, ArrayLike],
    second: tuple[ArrayLike, ArrayLike],
    *,
    confidence: float = 0.95,
) -> Estimate:
    """Estimate the hazard of the second group over that of the first.

    Parameters
    ----------
    first, second : pair of array_like, each of shape (n,)
        The durations and whether each end was seen, as in
        :func:`cxresearch.stats.survival.kaplan_meier`.
    %(confidence)s

    Returns
    -------
    Estimate
        The ratio, above 1 where ends come sooner in the second group, with both groups as `n`; 0
        or infinite without an interval where all ends are of one group, nan with a note where
        nothing can be compared.

    Raises
    ------
    ValueError
        If a duration is negative or not finite, an end is not 0 or 1, or `confidence` is not
        strictly between 0 and 1.

    Notes
    -----
    exp(b -+ z / sqrt(I)), where b makes Cox's partial likelihood largest and I is its information
    there; of ends at one time each takes its share of those before it out of the risk (Efron).
    It is one number for the whole time only where the hazards are in one proportion; curves that
    cross have none.

    References
    ----------
    Cox (1972), J. R. Stat. Soc. B 34, 187-220. Efron (1977), J. Am. Stat. Assoc. 72, 557-565.

    Examples
    --------
    >>> slow, fast = ([2, 4, 6, 8], [1, 1, 1, 0]), ([1, 2, 3, 5], [1, 1, 1, 1])
    >>> found = hazard_ratio(slow, fast)
    >>> round(found.value, 2), [round(end, 2) for end in found.ci]
    (3.26, [0.58, 18.23])
    """
    validate.share("confidence", confidence)
    groups = [durations_and_ends(*group) for group in (first, second)]
    ends_of_second, risks = _risks(groups)
    n = sum(len(durations) for durations, _ in groups)
    value, error, note = math.nan, math.nan, NOT_COMPARABLE
    if risks.size and 0 < ends_of_second < risks.shape[1]:
        log, error = _maximum(ends_of_second, risks)
        value, note = math.exp(log), ""
    elif risks.size:
        value, note = (math.inf if ends_of_second else 0.0), ONE_SIDED
    ci = Interval(math.nan, math.nan)
    if not note:
        margin = normal_quantile(confidence) * error
        ci = Interval(math.exp(log - margin), math.exp(log + margin))
    return Estimate(
        value=value, ci=ci, n=n, unit="ratio", confidence=confidence, method=COX, note=note
    )


def _risks(groups: list[tuple[Array, NDArray[np.bool_]]]) -> tuple[int, Array]:
    """Return the ends of the second group, and how many of each group are at risk at every end.

    Only ends with both groups at risk count. Of ends at one time each later one has its share of
    the earlier ones taken out.
    """
    ends = [np.sort(durations[ended]) for durations, ended in groups]
    times, counts = np.unique(np.concatenate(ends), return_counts=True)
    order = np.concatenate([np.arange(count) for count in counts]) if times.size else times
    rows = np.repeat(np.arange(len(times)), counts)
    risks, seen = [], []
    for (durations, _), own in zip(groups, ends, strict=True):
        at_risk = len(durations) - np.searchsorted(np.sort(durations), times, side="left")
        at_once = np.searchsorted(own, times, "right") - np.searchsorted(own, times, "left")
        gone = order / counts[rows] * at_once[rows]
        risks.append(at_risk[rows] - gone)
        seen.append(np.where(at_risk > 0, at_once, 0))
    both = np.logical_and(*(risk > 0 for risk in risks)) if rows.size else rows.astype(bool)
    with_both = np.zeros(len(times), dtype=bool)
    with_both[rows[both]] = True
    return int(seen[1][with_both].sum()), np.array(risks, dtype=float)[:, both]


def _maximum(ends_of_second: int, risks: Array) -> tuple[float, float]:
    """Return the logarithm of the ratio that makes the likelihood largest, and its error."""
    log = 0.0
    for _ in range(_STEPS):
        weighted = risks[1] * math.exp(log)
        share = weighted / (weighted + risks[0])
        information = float((share * (1 - share)).sum())
        step = (ends_of_second - float(share.sum())) / information
        log += min(max(step, -1.0), 1.0)
        if abs(step) < _STILL:
            break
    return log, 1 / math.sqrt(information)
