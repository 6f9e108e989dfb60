"""Satisfaction (CSAT) and effort (CES): the share of the best answers, and the mean answer."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.results import Estimate, Interval, Result
from cxresearch.stats.means.ratios import NO_SPREAD, why_undefined
from cxresearch.stats.means.sample_means import t_interval
from cxresearch.stats.shares.proportions import proportion
from cxresearch.survey.answers import Answers, Scale, answers, doubts, ends_of
from cxresearch.survey.nps import NO_ANSWERS
from cxresearch.survey.weights import SHARE, Weights, share_at

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


#: How many of the highest scores are the top boxes.
TOP = 2
ONE_WEIGHT = "no interval: one answer has almost all the weight"
#: Fewer answers than these have no interval of their mean.
_FEWEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CsatResult(Result):
    """Customer satisfaction: the share of the answers in the top boxes.

    Parameters
    ----------
    csat : float
        That share, 0-1; nan where nobody answered, and then `note` says so.
    ci : Interval
        Its interval.
    n : int
        How many answered.
    missing : int
        How many did not.
    top : int
        How many of the highest scores count as satisfied.
    mean : float
        The mean score.
    mean_ci : Interval
        Its interval, by Student's t, within the scale.
    scale : str
        The scale of the question. Shares of the top 2 of 5 and of the top 3 of 7 are different
        questions: they are never pooled.
    confidence : float
        The coverage that the intervals promise.
    method : str
        The name of the method behind `ci`.
    unit : str
        Always ``"share"``.
    note : str
        What a reader must know before using the number.
    """

    csat: float
    ci: Interval
    n: int
    missing: int
    top: int
    mean: float
    mean_ci: Interval
    scale: str
    confidence: float
    method: str
    unit: str = "share"
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CesResult(Result):
    """Customer effort: the mean answer; the higher, the easier it was.

    Parameters
    ----------
    ces : float
        The mean score; nan where nobody answered, and then `note` says so.
    ci : Interval
        Its interval, by Student's t, within the scale.
    n : int
        How many answered.
    missing : int
        How many did not.
    top : int
        How many of the highest scores count as easy.
    top_share : float
        The share of the answers in them, 0-1.
    top_ci : Interval
        Its interval.
    scale : str
        The scale of the question.
    confidence : float
        The coverage that the intervals promise.
    method : str
        The name of the method behind `ci`.
    unit : str
        Always ``"score"``.
    note : str
        What a reader must know before using the number.
    """

    ces: float
    ci: Interval
    n: int
    missing: int
    top: int
    top_share: float
    top_ci: Interval
    scale: str
    confidence: float
    method: str
    unit: str = "score"
    note: str = ""


@documented
def csat(
    scores: ArrayLike,
    *,
    weights: Weights | ArrayLike | None = None,
    scale: Scale = (1, 5),
    top: int = TOP,
    confidence: float = 0.95,
) -> CsatResult:
    """Estimate customer satisfaction as the share of the top boxes, with the mean beside it.

    Parameters
    ----------
    scores : array_like, shape (n,)
        The answers, whole numbers on `scale`, the highest the best; None or nan where there is
        none.
    %(answer_weights)s
    scale : tuple of int, default (1, 5)
        The lowest and the highest score.
    top : int, default 2
        How many of the highest scores count as satisfied.
    %(confidence)s

    Returns
    -------
    CsatResult
        The share with Wilson's interval; weighted, with that of the sample size that has its
        variance.

    Raises
    ------
    TypeError
        If a score is no number.
    ValueError
        If a score is not on the scale, or `top` leaves no other score.

    References
    ----------
    Brown, Cai & DasGupta (2001), Stat. Sci. 16, 101-133.

    Examples
    --------
    >>> result = csat([5, 4, 4, 3, 1, None, 5, 2])
    >>> round(result.csat, 3), result.n, result.missing, round(result.mean, 2)
    (0.571, 7, 1, 3.43)
    """
    found = answers(scores, scale=_checked(scale, top), weights=weights)
    share, mean = top_box(found, top, confidence), mean_score(found, confidence)
    return CsatResult(
        csat=share.value,
        ci=share.ci,
        n=found.n,
        missing=found.missing,
        top=top,
        mean=mean.value,
        mean_ci=mean.ci,
        scale=_written(found.scale),
        confidence=confidence,
        method=share.method,
        note=share.note,
    )


@documented
def ces(
    scores: ArrayLike,
    *,
    weights: Weights | ArrayLike | None = None,
    scale: Scale = (1, 7),
    top: int = TOP,
    confidence: float = 0.95,
) -> CesResult:
    """Estimate customer effort as the mean answer to "it was easy", with the top boxes beside it.

    Parameters
    ----------
    scores : array_like, shape (n,)
        The answers, whole numbers on `scale`, the highest the easiest; None or nan where there is
        none.
    %(answer_weights)s
    scale : tuple of int, default (1, 7)
        The lowest and the highest score.
    top : int, default 2
        How many of the highest scores count as easy.
    %(confidence)s

    Returns
    -------
    CesResult
        The mean with its t interval; below about 30 answers, or where most chose the highest
        score, read the share of the top boxes rather than the mean.

    Raises
    ------
    TypeError
        If a score is no number.
    ValueError
        If a score is not on the scale, or `top` leaves no other score.

    Notes
    -----
    A mean takes the steps of the scale as equal, which nobody asked the customers.

    Examples
    --------
    >>> result = ces([7, 6, 7, 5, 2, 6])
    >>> result.ces, [round(end, 2) for end in result.ci], round(result.top_share, 3)
    (5.5, [3.54, 7.0], 0.667)
    """
    found = answers(scores, scale=_checked(scale, top), weights=weights)
    share, mean = top_box(found, top, confidence), mean_score(found, confidence)
    return CesResult(
        ces=mean.value,
        ci=mean.ci,
        n=found.n,
        missing=found.missing,
        top=top,
        top_share=share.value,
        top_ci=share.ci,
        scale=_written(found.scale),
        confidence=confidence,
        method=mean.method,
        note=mean.note,
    )


def top_box(found: Answers, top: int, confidence: float) -> Estimate:
    """Return the share of the answers among the `top` highest scores."""
    is_top = (found.scores > found.scale[1] - top).astype(float)
    if not found.is_weighted:
        return _noted(proportion(int(found.counts @ is_top), found.n, confidence=confidence), found)
    share, variance = found.mean(is_top), found.variance(is_top)
    ends = share_at(share, variance, found.n, alike=found.kish_n, confidence=confidence)
    estimate = Estimate(
        value=share,
        ci=ends,
        n=found.n,
        unit="share",
        confidence=confidence,
        method=SHARE,
        note=_why_no_interval(found, ends) or why_undefined(share, found.n),
    )
    return _noted(estimate, found)


def mean_score(found: Answers, confidence: float) -> Estimate:
    """Return the mean score, its interval within the scale."""
    mean, variance = found.mean(found.scores), found.variance(found.scores)
    ends = t_interval(mean, variance, found.n - 1, confidence)
    if not variance > 0:
        ends = Interval(math.nan, math.nan)
    estimate = Estimate(
        value=mean,
        ci=within(found.scale, ends),
        n=found.n,
        unit="score",
        confidence=confidence,
        method="weighted mean, linearised, t" if found.is_weighted else "mean, t",
        note=_why_no_interval(found, ends) or why_undefined(mean, found.n),
    )
    return _noted(estimate, found)


def _why_no_interval(found: Answers, ends: Interval) -> str:
    """Return why several answers have no interval; empty where they have one."""
    if found.n < _FEWEST or not math.isnan(ends.low):
        return ""
    return ONE_WEIGHT if np.count_nonzero(found.counts) > 1 else NO_SPREAD


def within(scale: Scale, ends: Interval) -> Interval:
    """Return an interval of a mean score, cut at the ends of the scale."""
    low, high = (float(end) for end in scale)
    return Interval(*(min(max(end, low), high) for end in ends))


def _noted(estimate: Estimate, found: Answers) -> Estimate:
    """Return an estimate whose note is about answers."""
    if found.n:
        notes = [estimate.note, *doubts(found)]
        return replace(estimate, note="; ".join(note for note in notes if note))
    return Estimate(
        value=math.nan,
        ci=Interval(math.nan, math.nan),
        n=0,
        unit=estimate.unit,
        confidence=estimate.confidence,
        method=estimate.method,
        note=NO_ANSWERS,
    )


def _checked(scale: Scale, top: int) -> Scale:
    low, high = (validate.whole("scale", end) for end in ends_of(scale))
    validate.whole("top", top, low=1)
    validate.whole("scores of the scale", high - low + 1, low=top + 1)
    return low, high


def _written(scale: Scale) -> str:
    return f"{scale[0]}-{scale[1]}"
