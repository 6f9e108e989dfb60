"""Employee NPS: the same arithmetic among colleagues, who must not be recognised."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from cxresearch.core import validate
from cxresearch.core.results import Estimate, Interval
from cxresearch.survey.answers import Answers, Scale, answers, refuse_short
from cxresearch.survey.nps import SCALES, nps_of
from cxresearch.survey.nps_intervals import LABELS, Method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

TOO_FEW = "withheld: too few answered for them to stay anonymous"


def enps(
    scores: ArrayLike,
    *,
    threshold: int = 10,
    scale: Scale = (0, 10),
    method: Method = "score",
    confidence: float = 0.95,
) -> Estimate:
    """Estimate an employee NPS, unless so few answered that they could be recognised.

    Parameters
    ----------
    scores : array_like, shape (n,)
        The answers, whole numbers on `scale`; None or nan where there is none.
    threshold : int, default 10
        How many must have answered for the number to be told.
    scale : {(0, 10), (1, 10)}
        The scale of the question.
    method, confidence
        As in :func:`cxresearch.survey.nps`.

    Returns
    -------
    Estimate
        In points, without the numbers of promoters, passives and detractors. Below the threshold
        it is nan, and `note` says why.

    Raises
    ------
    TypeError
        If a score is no number.
    ValueError
        If a score is not on the scale, the scores look like answers on 1-5, or a name is unknown.

    Notes
    -----
    The threshold protects one result, not two: the eNPS of a department and of the department
    without one team tell that of the team.

    Examples
    --------
    >>> enps([9, 10, 7]).note
    'withheld: too few answered for them to stay anonymous'
    >>> enps([9] * 6 + [3] * 6).value
    0.0
    """
    validate.one_of("scale", tuple(scale), SCALES)
    found = answers(scores, scale=scale)
    refuse_short("scores", found)
    return enps_of(found, threshold=threshold, method=method, confidence=confidence)


def enps_of(
    found: Answers, *, threshold: int = 10, method: Method = "score", confidence: float = 0.95
) -> Estimate:
    """Return the eNPS of answers that are counted already; see :func:`enps`.

    Raises
    ------
    ValueError
        As :func:`enps` does.
    """
    validate.whole("threshold", threshold, low=1)
    result = nps_of(found, method=method, confidence=confidence)
    estimate = Estimate(
        value=result.nps,
        ci=result.ci,
        n=found.n,
        unit="points",
        confidence=confidence,
        method=LABELS[method],
        note=result.note,
    )
    return guarded(estimate, found.n, threshold=threshold)


def guarded(estimate: Estimate, people: int, *, threshold: int = 10) -> Estimate:
    """Return an eNPS without its number where fewer people than the threshold are behind it."""
    if people >= threshold:
        return estimate
    return replace(estimate, value=math.nan, ci=Interval(math.nan, math.nan), note=TOO_FEW)
