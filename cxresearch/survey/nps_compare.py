"""Whether one Net Promoter Score differs from another or from a target, and by how much.

A relative change is not offered: an NPS can be 0 or negative, and then it means nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import (
    NO_DIFFERENCE_POSSIBLE,
    Comparison,
    normal_quantile,
    two_sided,
)
from cxresearch.core.documented import documented
from cxresearch.core.results import Estimate, Interval, fewest
from cxresearch.stats.means.ratios import ONE_CLUSTER
from cxresearch.stats.means.sample_means import paired_difference, t_comparison
from cxresearch.stats.multiplicity import p_values
from cxresearch.stats.shares.differences import mover
from cxresearch.stats.shares.paired import tango_statistic
from cxresearch.survey import nps_intervals
from cxresearch.survey.answers import Scale, answers, ends_of, numbers, refuse_short
from cxresearch.survey.nps import (
    NO_ANSWERS,
    NPS_LIKE,
    POINTS,
    SCALES,
    NpsResult,
    one_each,
    score_interval,
)
from cxresearch.survey.weights import influence

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from cxresearch.survey.weights import Weights

Method = Literal["mover", "adjusted_wald_half", "wald"]
METHODS: dict[Method, str] = {
    "mover": "MOVER of score intervals",
    "adjusted_wald_half": "adjusted Wald, half of (3,T) in each group",
    "wald": "Wald, unpooled",
}
TEST = "Wald z, unpooled: near the border it may disagree with the interval"
NO_GROUP = "undefined: a group has no answers"
NO_PAIRS = "undefined: no one has both answers"
#: No two NPS lie farther apart.
_FARTHEST = 200.0


@documented
def nps_difference(
    first: NpsResult, second: NpsResult, *, method: Method = "mover", confidence: float = 0.95
) -> Comparison:
    """Estimate the second NPS minus the first, of different people.

    Parameters
    ----------
    first, second : NpsResult
        Two results of :func:`cxresearch.survey.nps` on one scale: two groups, or two waves that
        asked different people. Their own intervals play no part.
    method : {"mover", "adjusted_wald_half", "wald"}
        The interval.
    %(confidence)s

    Returns
    -------
    Comparison
        In points; nan with a note when a group has no answers.

    Raises
    ------
    ValueError
        If the scales differ (they are never pooled nor compared), or a name is unknown.

    Notes
    -----
    mover: d - sqrt((v2 - l2)**2 + (u1 - v1)**2) to d + sqrt((u2 - v2)**2 + (v1 - l1)**2) with
    the score interval l to u of each NPS v; adjusted_wald_half: Wald after 3/8 promoters, 3/4
    passives and 3/8 detractors are added to each group; wald: d -+ z sqrt(e1**2 + e2**2) with
    the standard errors e. The p-value is that of d / sqrt(e1**2 + e2**2) whatever the interval:
    trust it from about 100 answers in each group.

    References
    ----------
    Zou & Donner (2008), Stat. Med. 27, 1693-1702. Rocks (2016), Am. Stat. 70, 365-372.

    Examples
    --------
    >>> from cxresearch.survey import nps
    >>> change = nps_difference(nps(counts=(180, 120, 100)), nps(counts=(260, 140, 100)))
    >>> round(change.value, 1), [round(end, 1) for end in change.ci], round(change.p_value, 3)
    (12.0, [1.5, 22.5], 0.025)
    """
    validate.one_of("method", method, METHODS)
    validate.share("confidence", confidence)
    first, second = of_nps("first", first), of_nps("second", second)
    validate.one_of("scale of second", second.scale, [first.scale])
    answered = bool(first.n and second.n)
    value = second.nps - first.nps if answered else math.nan
    error = math.hypot(first.standard_error, second.standard_error)
    statistic = value / error if error > 0 else math.nan
    ends = Interval(math.nan, math.nan)
    if answered:
        ends = _interval(first, second, method, confidence, error)
    return Comparison(
        value=value,
        ci=ends,
        n=first.n + second.n,
        unit="points",
        confidence=confidence,
        method=METHODS[method],
        note=_note(first.scale, answered=answered, has_spread=error > 0),
        statistic=statistic,
        p_value=two_sided(statistic),
        test=TEST,
        people=fewest(first, second),
    )


@documented
def nps_paired_difference(
    first: ArrayLike,
    second: ArrayLike,
    *,
    weights: Weights | ArrayLike | None = None,
    scale: Scale = (0, 10),
    confidence: float = 0.95,
) -> Comparison:
    """Estimate how much the NPS of the same people moved from one answer to the next.

    Parameters
    ----------
    first, second : array_like, shape (n,)
        The two answers of each person, in one order; a person who did not answer both times is
        left out.
    weights : Weights or array_like of float, shape (n,), optional
        The weight of each person, as in :func:`cxresearch.survey.nps`.
    scale : {(0, 10), (1, 10)}
        The scale of the question.
    %(confidence)s

    Returns
    -------
    Comparison
        The second NPS minus the first, in points, with `n` people who answered both times.

    Raises
    ------
    ValueError
        If the arrays differ in length, or an answer is not on the scale.

    Notes
    -----
    Each person moves by -2 to 2 (from promoter to detractor is -2); the mean of the moves with
    Student's t, within -200 to 200. Taking the two waves as different people would give too wide
    an interval, since the answers of one person are alike. Where fewer than about 10 people moved
    it is rough.

    Examples
    --------
    >>> moved = nps_paired_difference([9, 3, 8, 10, 6], [9, 7, 9, 10, 6])
    >>> moved.value, moved.n, round(moved.p_value, 3)
    (40.0, 5, 0.178)
    """
    scale = validate.one_of("scale", ends_of(scale), SCALES)
    before, after = (
        numbers(name, given, scale) for name, given in (("first", first), ("second", second))
    )
    for name, given in (("first", before), ("second", after)):
        refuse_short(name, answers(given, scale=scale))
    validate.arrays(first=np.zeros(before.size), second=np.zeros(after.size))
    both = ~(np.isnan(before) | np.isnan(after))
    points = [POINTS * one_each(given) for given in (before, after)]
    if weights is None:
        moved = paired_difference(
            *(one[both] for one in points), unit="points", confidence=confidence
        )
    else:
        moved = _weighted_moves(points[1] - points[0], weights, both, confidence)
    note = NO_PAIRS if not moved.n else moved.note or _note(scale, answered=True, has_spread=True)
    ends = (min(max(end, -_FARTHEST), _FARTHEST) for end in moved.ci)
    return replace(moved, ci=Interval(*ends), note=note)


def nps_pairwise(
    groups: Mapping[str, NpsResult],
    *,
    adjust: p_values.Method = "holm",
    method: Method = "mover",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare every group with every other.

    Parameters
    ----------
    groups : mapping of str to NpsResult
        The NPS of each group, all on one scale.
    adjust : str, default "holm"
        How the p-values are adjusted for their number: see
        :func:`cxresearch.stats.multiplicity.adjusted`. The intervals are not.
    method, confidence
        As in :func:`nps_difference`.

    Returns
    -------
    pandas.DataFrame
        One row per pair in the order of the groups: `first`, `second`, `difference` (second
        minus first, in points), `ci_low`, `ci_high`, `p_value`, `p_adjusted`.

    Raises
    ------
    ValueError
        As :func:`nps_difference` does.

    Examples
    --------
    >>> from cxresearch.survey import nps
    >>> of = {"web": nps(counts=(50, 30, 20)), "store": nps(counts=(70, 20, 10))}
    >>> nps_pairwise(of)[["first", "second", "difference"]]
      first second  difference
    0   web  store        30.0
    """
    import pandas as pd

    rows = []
    for one, other in combinations(groups, 2):
        found = nps_difference(groups[one], groups[other], method=method, confidence=confidence)
        rows.append([one, other, found.value, *found.ci, found.p_value])
    columns = ["first", "second", "difference", "ci_low", "ci_high", "p_value"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(p_adjusted=p_values.adjusted(table["p_value"].tolist(), method=adjust))


@documented
def nps_against(result: NpsResult, target: float = 0.0, *, confidence: float = 0.95) -> Comparison:
    """Estimate how far an NPS is from a target, and test whether it is there.

    Parameters
    ----------
    result : NpsResult
        A result of :func:`cxresearch.survey.nps`.
    target : float, default 0
        The number it is held against, in points, between -100 and 100. It was set before the
        answers came: the NPS of other answers has a chance of its own, for which
        :func:`cxresearch.survey.nps_difference` is.
    %(confidence)s

    Returns
    -------
    Comparison
        The NPS minus the target, in points, with its score interval and the two-sided p-value of
        the same test; nan with a note where there are no answers, and
        no test where all are passives and the target is 0.

    Raises
    ------
    ValueError
        If `target` is not strictly between -100 and 100, or `confidence` between 0 and 1.

    Notes
    -----
    z = (t - t0) / sqrt(v0 / n), t0 being the target and v0 the variance of one answer that is
    most likely where the NPS is t0; n is the effective size of weighted answers or of a finite
    population. The interval leaves the target out just where p is below 1 - confidence.

    References
    ----------
    Tango (1998), Stat. Med. 17, 891-908.

    Examples
    --------
    >>> from cxresearch.survey import nps
    >>> found = nps_against(nps(counts=(12, 5, 3)), 10)
    >>> found.value, [round(end, 1) for end in found.ci], round(found.p_value, 3)
    (35.0, [-2.6, 60.5], 0.066)
    """
    validate.share("confidence", confidence)
    result = of_nps("result", result)
    if not -POINTS < validate.real("target", target) < POINTS:
        raise validate.refused("target", "strictly between -100 and 100", target)
    own = _scored(result, confidence)
    promoters, _, detractors = (share * result.effective_n for share in result.shares)
    statistic = math.nan
    if math.isfinite(result.effective_n):
        at = target / POINTS
        statistic = tango_statistic(detractors, promoters, result.effective_n, at)
    found = Comparison(
        value=result.nps - target,
        ci=Interval(own.ci.low - target, own.ci.high - target),
        n=result.n,
        unit="points",
        confidence=confidence,
        method="score (Tango)",
        note=result.note,
        statistic=statistic,
        p_value=two_sided(statistic),
        test="score z (Tango)",
    )
    if result.n:
        if math.isfinite(statistic) or math.isinf(result.effective_n):
            return found
        note = "; ".join(part for part in (found.note, NO_DIFFERENCE_POSSIBLE) if part)
        return replace(found, note=note)
    return replace(found, ci=Interval(math.nan, math.nan), note=NO_ANSWERS)


def of_nps(name: str, result: NpsResult) -> NpsResult:
    """Return a result of :func:`cxresearch.survey.nps`.

    Raises
    ------
    TypeError
        If it is something else, like the answers themselves.
    """
    if not isinstance(result, NpsResult):
        raise validate.refused_type(name, "a result of nps", type(result).__name__)
    return result


def _weighted_moves(
    moves: NDArray[np.float64],
    weights: Weights | ArrayLike,
    both: NDArray[np.bool_],
    confidence: float,
) -> Comparison:
    """Return the weighted mean of how far people moved, of those who answered both times."""
    _, each = validate.arrays(first=moves, weights=np.asarray(weights))
    if each.size:
        validate.between("weights", float(each.min()), 0, math.inf)
    there = both & (each > 0)
    n = int(there.sum())
    mean = float(moves[there] @ each[there] / each[there].sum()) if n else math.nan
    added = influence(weights, (moves - mean)[:, None], there)[:, 0]
    variance = n / (n - 1) * float(((added - added.mean()) ** 2).sum()) if n > 1 else math.nan
    return t_comparison(
        mean,
        variance,
        n - 1,
        n=n,
        unit="points",
        confidence=confidence,
        method="weighted mean of paired differences, linearised, t",
        note=ONE_CLUSTER if n == 1 else "",
    )


def _interval(
    first: NpsResult, second: NpsResult, method: Method, confidence: float, error: float
) -> Interval:
    if method == "mover":
        return mover(_scored(first, confidence), _scored(second, confidence))
    z = normal_quantile(confidence)
    centre = second.nps - first.nps
    if method == "adjusted_wald_half":
        halves = [_half_adjusted(result) for result in (first, second)]
        centre = halves[1][0] - halves[0][0]
        error = math.hypot(halves[0][1], halves[1][1])
    return Interval(max(centre - z * error, -_FARTHEST), min(centre + z * error, _FARTHEST))


def _scored(result: NpsResult, confidence: float) -> Estimate:
    """Return an NPS with its score interval, in points."""
    ends = Interval(result.nps, result.nps)
    if math.isfinite(result.effective_n):
        ends = score_interval(result.shares, result.effective_n, confidence)
    return replace(result.estimate(), ci=ends, confidence=confidence)


def _half_adjusted(result: NpsResult) -> tuple[float, float]:
    """Return the centre and the standard error with half of (3,T) added, in points."""
    if math.isinf(result.effective_n):
        return result.nps, 0.0
    added = nps_intervals.PSEUDO_ANSWERS["adjusted_wald"]
    counts = (
        np.array([share * result.effective_n + more / 2])
        for share, more in zip(result.shares, added, strict=True)
    )
    centre, error = nps_intervals.centre_and_error(*counts, method="wald")
    return POINTS * float(centre[0]), POINTS * float(error[0])


def _note(scale: Scale, *, answered: bool, has_spread: bool) -> str:
    if not answered:
        return NO_GROUP
    if not has_spread:
        return NO_DIFFERENCE_POSSIBLE
    return NPS_LIKE if tuple(scale) != SCALES[0] else ""
