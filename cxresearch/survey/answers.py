"""The answers to one scored question, counted by score."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxresearch import _checks
from cxresearch.stats.ratios import RatioSums

Scale = tuple[int, int]


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
    """

    scale: Scale
    counts: NDArray[np.float64]
    missing: int
    weights: NDArray[np.float64]
    squares: NDArray[np.float64]

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
        """Whether some answers weigh more than others; weights that are all equal say nothing."""
        if not self.n:
            return False
        return not math.isclose(self.effective_n, self.n, rel_tol=1e-12)

    @property
    def effective_n(self) -> float:
        """Kish's effective sample size, sum(w)**2 / sum(w**2); nan where nobody answered."""
        squares = self.squares.sum()
        return float(self.weights.sum() ** 2 / squares) if squares else math.nan

    def sums(self, values: NDArray[np.float64]) -> RatioSums:
        """Return the sums behind the weighted mean of a value per score.

        The variance that follows from them is n / (n - 1) * sum((w_i (v_i - mean))**2) /
        sum(w)**2, as for a sample drawn with replacement (R survey's svymean); with equal
        weights, that of a sample mean.
        """
        return RatioSums(
            n=self.n,
            x=float(self.weights @ values),
            y=float(self.weights.sum()),
            xx=float(self.squares @ values**2),
            xy=float(self.squares @ values),
            yy=float(self.squares.sum()),
        )

    def without(self, others: Answers) -> Answers:
        """Return the answers that are not among `others`, which are some of these."""
        return Answers(
            self.scale,
            self.counts - others.counts,
            self.missing - others.missing,
            self.weights - others.weights,
            self.squares - others.squares,
        )


def answers(scores: ArrayLike, *, scale: Scale, weights: ArrayLike | None = None) -> Answers:
    """Return the answers to a question, counted by score.

    Parameters
    ----------
    scores : array_like, shape (n,)
        One answer each, whole numbers on `scale`; None or nan where there is none.
    scale : tuple of int
        The lowest and the highest score.
    weights : array_like of float, shape (n,), optional
        The weight of each answer; one of 0 takes its answer out. Only their proportions matter:
        they are not numbers of people.

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
    low, high = scale
    given = _checks.answers("scores", scores, low, high)
    if weights is None:
        return _counted(given, np.ones(len(given)), scale)
    _, each = _checks.arrays(scores=np.zeros(len(given)), weights=weights)
    if len(each):
        _checks.between("weights", float(each.min()), 0, math.inf)
    return _counted(np.where(each > 0, given, math.nan), each, scale)


def _counted(given: NDArray[np.float64], each: NDArray[np.float64], scale: Scale) -> Answers:
    low, high = scale
    there = ~np.isnan(given)
    place = (given[there] - low).astype(np.intp)
    counts, weights, squares = (
        np.bincount(place, each[there] ** power, minlength=high - low + 1).astype(float)
        for power in range(3)
    )
    return Answers(scale, counts, len(given) - len(place), weights, squares)
