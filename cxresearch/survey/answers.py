"""The answers to one scored question, counted by score, and the scale they look like."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxresearch.core import validate
from cxresearch.core.unit_sums import RatioSums
from cxresearch.engine import frames
from cxresearch.study.schema import LABELS
from cxresearch.survey.weights import Weights, influence, near_1

Scale = tuple[int, int]
#: An undefined NPS, of answers that nobody gives on a scale up to 10.
OTHER_SCALE = "undefined: no answer is above 5, so they look like answers on 1-5"
NONE_ABOVE_5 = "no answer is above 5: check that the question was not asked on 1-5"
NONE_ABOVE_7 = "no answer is above 7: check that the question was not asked on 1-7"
TWO_SCALES = "many answers of 4 and 5, few of 6 and 7: check that none was given on 1-5"
#: A variance below this part of what it is the sum of is rounding.
_ROUNDING = 1e-12
#: Fewer answers than these tell nothing of their scale, and with a 0 among them not yet so many.
_FEWEST, _FEWEST_WITH_0 = 10, 50
#: Fewer than these are not even remarked on.
_FEW = 5
#: Fewer different scores than these may be one opinion rather than a scale.
_DIFFERENT = 3
#: The usual scales that end before 10.
_SHORT, _MIDDLE, _LONG = 5, 7, 10
#: 4 and 5 are given so many times as often as 6 and 7 where answers on 1-5 are among them, and
#: are at least this part of all; on 0-10 alone they are given less often.
_TIMES, _PART = 2.0, 0.2


@dataclass(frozen=True, slots=True)
class Answers:
    """How often each score was given; everything a survey statistic needs of the answers.

    Parameters
    ----------
    scale : tuple of int
        The lowest and the highest score of the question.
    counts : ndarray of float, shape (scores,)
        How many gave each score, the lowest first.
    missing : int
        How many did not answer, or had no weight.
    weights, squares : ndarray of float, shape (scores,)
        The sum of their weights, and of the squares of their weights; equal to `counts` where
        the answers are not weighted.
    covariance : ndarray of float, shape (scores, scores), optional
        The covariances of the weighted shares of the scores, where the weights agree with known
        margins: what these tell of the answers is no longer uncertain.
    tells_scores : bool
        Whether each score was counted, rather than promoters, passives and detractors.
    """

    scale: Scale
    counts: NDArray[np.float64]
    missing: int
    weights: NDArray[np.float64]
    squares: NDArray[np.float64]
    covariance: NDArray[np.float64] | None = None
    tells_scores: bool = True

    @property
    def n(self) -> int:
        """How many answered."""
        return int(self.counts.sum())

    @property
    def scores(self) -> NDArray[np.float64]:
        """The scores of the scale, the lowest first."""
        return np.arange(self.scale[0], self.scale[1] + 1, dtype=float)

    @property
    def is_weighted(self) -> bool:
        """Whether some answers weigh more than others, or the weights know their margins."""
        if not self.n:
            return False
        return self.covariance is not None or not math.isclose(self.kish_n, self.n, rel_tol=1e-12)

    @property
    def kish_n(self) -> float:
        """Kish's effective sample size, sum(w)**2 / sum(w**2); nan where nobody answered."""
        squares = self.squares.sum()
        return float(self.weights.sum() ** 2 / squares) if squares else math.nan

    def mean(self, values: NDArray[np.float64]) -> float:
        """Return the weighted mean of a value per score; nan where nobody answered."""
        return self._sums(values).ratio

    def variance(self, values: NDArray[np.float64]) -> float:
        """Return the linearised variance of that mean; nan with fewer than two answers.

        It is n / (n - 1) * sum((w_i (v_i - mean))**2) / sum(w)**2, as for a sample drawn with
        replacement (R survey's svymean); with equal weights, that of a sample mean. For weights
        that know their margins it is that of :func:`cxresearch.survey.weighted_mean`.
        """
        if self.covariance is None:
            return self._sums(values).variance
        spread = float(values @ self.covariance @ values)
        size = float(values**2 @ np.abs(self.covariance).sum(axis=0))
        return spread if spread > _ROUNDING * size else 0.0

    def effective_n(self, values: NDArray[np.float64]) -> float:
        """Return the size of the simple random sample that tells as much of the mean of values.

        Kish's for weights alone; the variance of one answer over that of the mean for weights
        that know their margins, unless every answer has the same value.
        """
        if self.covariance is None:
            return self.kish_n
        variance = self.variance(values)
        apart = self.weights @ (values - self.mean(values)) ** 2 / self.weights.sum()
        return float(apart / variance) if variance > 0 else self.kish_n

    def _sums(self, values: NDArray[np.float64]) -> RatioSums:
        return RatioSums(
            n=self.n,
            x=float(self.weights @ values),
            y=float(self.weights.sum()),
            xx=float(self.squares @ values**2),
            xy=float(self.squares @ values),
            yy=float(self.squares.sum()),
        )


def answers(
    scores: ArrayLike,
    *,
    scale: Scale,
    weights: Weights | ArrayLike | None = None,
    who: NDArray[np.intp] | None = None,
) -> Answers:
    """Return the answers to a question, counted by score.

    Parameters
    ----------
    scores : array_like, shape (n,)
        One answer each, whole numbers on `scale`; None or nan where there is none. A text is the
        number it has, with or without a label ("10 - Extremely likely").
    scale : tuple of int
        The lowest and the highest score.
    weights : Weights or array_like of float, shape (n,), optional
        The weight of each answer; one of 0 takes its answer out. Only their proportions matter:
        they are not numbers of people.
    who : array of int, shape (n,), optional
        The person of each, from 0, where the weights know their margins and somebody answered
        several questions; by default everybody answered one.

    Raises
    ------
    TypeError
        If a score or a weight is no number.
    ValueError
        If a score is not on the scale, or a weight is below 0 or not finite.

    Examples
    --------
    >>> found = answers([10, 9, None, 3], scale=(0, 10))
    >>> found.n, found.missing
    (3, 1)
    """
    given = numbers("scores", scores, scale)
    if weights is None:
        return _counted(given, np.ones(len(given)), scale)
    _, each = validate.arrays(scores=np.zeros(len(given)), weights=np.asarray(weights))
    if len(each):
        validate.between("weights", float(each.min()), 0, math.inf)
    each = near_1(each)
    given = np.where(each > 0, given, math.nan)
    found = _counted(given, each, scale)
    if not isinstance(weights, Weights) or not weights.margins or not found.n:
        return found
    return replace(found, covariance=_covariance(found, given, weights, who))


def ends_of(scale: Scale) -> Scale:
    """Return the two ends of a scale, also where it is given as a list.

    Raises
    ------
    ValueError
        If it has not two.

    Examples
    --------
    >>> ends_of([1, 5])
    (1, 5)
    """
    ends = () if isinstance(scale, str) or not hasattr(scale, "__len__") else tuple(scale)
    try:
        low, high = ends
    except ValueError:
        raise validate.refused("scale", "its lowest and its highest score", scale) from None
    return low, high


def numbers(name: str, given: ArrayLike, scale: Scale) -> NDArray[np.float64]:
    """Return answers as numbers on a scale, nan where there is none.

    Raises
    ------
    TypeError
        If a text has no number.
    ValueError
        If an answer is not on the scale.

    Examples
    --------
    >>> numbers("scores", ["0 - Not at all likely", "7", None], (0, 10))
    array([ 0.,  7., nan])
    """
    frame: Any = given
    if hasattr(frame, "columns"):
        table = frames.columns(frame, name)
        if len(table) != 1:
            raise validate.refused_type(name, "one column of a frame", ", ".join(table))
        (given,) = table.values()
    raw = np.asarray(given)
    if raw.dtype.kind in "OUT" and raw.ndim == 1:
        raw = np.array([_number(one) for one in raw.tolist()], dtype=object)
    found: NDArray[np.float64] = validate.answers(name, raw, *scale)
    return found


def _number(answer: object) -> object:
    """Return the number of a text; a text without one, and anything else, as it is."""
    if not isinstance(answer, str):
        return answer
    text = answer.strip()
    if not text:
        return math.nan
    if re.fullmatch(r"\d+([.]0+)?", text):
        return float(text)
    labelled = (re.fullmatch(label, text) for label in LABELS)
    return next((float(one[1]) for one in labelled if one), answer)


def _covariance(
    found: Answers,
    given: NDArray[np.float64],
    weights: Weights,
    who: NDArray[np.intp] | None,
) -> NDArray[np.float64]:
    """Return the covariances of the weighted shares of the scores, given the margins."""
    is_score = (given[:, None] == found.scores).astype(float)
    shares = found.weights / found.weights.sum()
    there = ~np.isnan(given)
    moves = influence(weights, is_score - shares, there)
    n = found.n
    if who is not None:
        moves = np.array([np.bincount(who, column) for column in moves.T]).T
        n = len(np.unique(who[there]))
    moves = moves - moves.mean(axis=0)
    spread: NDArray[np.float64] = moves.T @ moves * (n / (n - 1) if n > 1 else math.nan)
    return spread


def _counted(given: NDArray[np.float64], each: NDArray[np.float64], scale: Scale) -> Answers:
    low, high = scale
    there = ~np.isnan(given)
    place = (given[there] - low).astype(np.intp)
    counts, weights, squares = (
        np.bincount(place, each[there] ** power, minlength=high - low + 1).astype(float)
        for power in range(3)
    )
    return Answers(scale, counts, len(given) - len(place), weights, squares)


def look_short(found: Answers) -> bool:
    """Return whether answers on a scale up to 10 must have been given on 1-5.

    So it is where ten or more answers (fifty with a 0 among them) have three different scores or
    more, and none above 5.
    """
    used = found.scores[found.counts > 0]
    fewest = _FEWEST if used.min(initial=1) >= 1 else _FEWEST_WITH_0
    return bool(
        found.scale[1] == _LONG
        and found.n >= fewest
        and used.size >= _DIFFERENT
        and used.max() <= _SHORT
    )


def doubts(found: Answers) -> list[str]:
    """Return what a reader must check about the scale of answers; mostly nothing."""
    used = found.scores[found.counts > 0]
    if found.n < _FEW:
        return []
    highest, high = used.max(), found.scale[1]
    if highest <= _SHORT < high and (used.size >= _DIFFERENT or found.n >= _FEWEST):
        return [NONE_ABOVE_5]
    if found.n < _FEWEST:
        return []
    if high == _LONG and highest <= _MIDDLE and used.size >= _DIFFERENT:
        return [NONE_ABOVE_7]
    return [TWO_SCALES] if high == _LONG and _are_two(found) else []


def refuse_short(name: str, found: Answers) -> None:
    """Raise where answers on a scale up to 10 must have been given on 1-5.

    Raises
    ------
    ValueError
        If they look so; an NPS of them would be -100 whatever the customers think.
    """
    if look_short(found):
        low, high = found.scale
        rule = f"answers on {low}-{high} (or counts=, where it was asked so)"
        highest = f"{found.n} answers, none above 5, as on 1-5"
        raise ValueError(f"{name} must be {rule}; got {highest}")


def _are_two(found: Answers) -> bool:
    def given(*scores: int) -> float:
        return float(found.counts[np.isin(found.scores, scores)].sum())

    below, above = given(4, 5), given(6, 7)
    lone = given(4) >= _TIMES * given(6)
    return below >= _TIMES * above and below >= _PART * found.n and lone
