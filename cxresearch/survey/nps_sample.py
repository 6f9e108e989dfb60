"""What the answers tell of a Net Promoter Score, between -1 and 1: its value and its precision."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxresearch.core import validate
from cxresearch.core.results import Interval
from cxresearch.survey import nps_intervals
from cxresearch.survey.answers import Answers, Scale
from cxresearch.survey.nps_intervals import WALD_METHODS, Method

Shares = tuple[float, float, float]

GROUPS = ("promoters", "passives", "detractors")
#: An NPS is said in points: 100 times a difference of two shares.
POINTS = 100.0
#: A promoter scores at least 9 and a detractor at most 6, on either scale.
PROMOTER_FROM, DETRACTOR_TO = 9, 6


@dataclass(frozen=True, slots=True)
class Precision:
    """How much a sample tells of an NPS.

    Parameters
    ----------
    weights : tuple of float
        The weights of promoters, passives and detractors, or how many they are.
    error : float
        The standard error of the NPS.
    size : float
        The size of the simple random sample that tells as much; infinite when everybody in a
        finite population answered.
    design_effect : float
        The variance over that of a simple random sample with the same shares.
    """

    weights: Shares
    error: float
    size: float
    design_effect: float

    @property
    def points(self) -> float:
        """The NPS in points; the division comes last, so that 35 of 250 are 14 and no more."""
        promoters, _, detractors = self.weights
        return POINTS * (promoters - detractors) / sum(self.weights)

    @property
    def shares(self) -> Shares:
        """The shares of promoters, passives and detractors."""
        total = sum(self.weights)
        promoters, passives, detractors = self.weights
        return promoters / total, passives / total, detractors / total

    @property
    def counts(self) -> tuple[NDArray[np.float64], ...]:
        """The promoters, passives and detractors of that simple random sample."""
        return tuple(np.array([share * self.size]) for share in self.shares)


UNDEFINED = Precision((math.nan, math.nan, math.nan), math.nan, math.nan, math.nan)


def from_counts(counts: Sequence[int] | Mapping[str, int], scale: Scale) -> Answers:
    """Return counts as answers: of each score, or of promoters (9), passives (7), detractors.

    Raises
    ------
    TypeError
        If a count is no whole number.
    ValueError
        If there are neither three, under the right names, nor one per score, none below 0.

    Examples
    --------
    >>> from_counts({"promoters": 5, "passives": 2, "detractors": 3}, (0, 10)).n
    10
    """
    size = scale[1] - scale[0] + 1
    if not isinstance(counts, Mapping) and len(counts) == size:
        scores = range(scale[0], scale[1] + 1)
        each = [
            validate.whole(f"counts of {score}", count)
            for score, count in zip(scores, counts, strict=True)
        ]
        given = np.array(each, dtype=float)
        return Answers(scale, given, 0, given, given)
    names = tuple(counts) if isinstance(counts, Mapping) else GROUPS[: len(counts)]
    if sorted(names) != sorted(GROUPS) or len(counts) != len(GROUPS):
        validate.one_of("counts", names, [GROUPS])
        raise ValueError(f"counts must be 3, or one for each of {size} scores; got {len(counts)}")
    by_name = counts if isinstance(counts, Mapping) else dict(zip(GROUPS, counts, strict=True))
    number = np.zeros(size)
    for name, score in zip(GROUPS, (PROMOTER_FROM, DETRACTOR_TO + 1, scale[0]), strict=True):
        number[score - scale[0]] = validate.whole(name, by_name[name])
    return Answers(scale, number, 0, number, number, tells_scores=False)


def by_group(found: Answers, numbers: NDArray[np.float64]) -> Shares:
    """Return the sums of a number per score over promoters, passives and detractors."""
    is_promoter, is_detractor = found.scores >= PROMOTER_FROM, found.scores <= DETRACTOR_TO
    promoters, detractors = numbers[is_promoter].sum(), numbers[is_detractor].sum()
    passives = numbers[~is_promoter & ~is_detractor].sum()
    return float(promoters), float(passives), float(detractors)


def precision(found: Answers, method: Method, population: int | None) -> Precision:
    """Return how much the answers tell of their NPS; `method` decides between n and n - 1."""
    if not found.n:
        return UNDEFINED
    weights = by_group(found, found.weights)
    alike = float(nps_intervals.variance(*np.array(weights)))
    variance, size, effect = alike / found.n, float(found.n), 1.0
    # With n - 1 in the variance, the factor of a finite population has N; else it has N - 1.
    with_less = method == "wald_t" or found.is_weighted
    if method == "wald_t":
        variance = alike / (found.n - 1) if found.n > 1 else math.nan
    if found.is_weighted:
        values = one_each(found.scores)
        variance, size = found.variance(values), found.effective_n(values)
        effect = variance * (found.n - 1) / alike if alike else math.nan
    if population is not None:
        variance *= finite_population_factor(found.n, population, with_less_one=with_less)
        factor = finite_population_factor(found.n, population, with_less_one=False)
        size = size / factor if factor else math.inf
    return Precision(weights, math.sqrt(variance), size, effect)


def one_each(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 for the score of a promoter, 0 of a passive, -1 of a detractor."""
    return np.where(scores >= PROMOTER_FROM, 1.0, np.where(scores <= DETRACTOR_TO, -1.0, 0.0))


def finite_population_factor(n: int, population: int, *, with_less_one: bool) -> float:
    """Return what the variance of a mean is multiplied by when `n` of `population` answered.

    Parameters
    ----------
    n, population : int
        How many answered, and how many there are.
    with_less_one : bool
        Whether the variance was divided by n - 1 (then (N - n) / N) or by n (then
        (N - n) / (N - 1)). It is one of the two, never both.

    References
    ----------
    Cochran (1977), Sampling Techniques, 3rd ed., section 2.6.

    Examples
    --------
    >>> finite_population_factor(50, 100, with_less_one=True)
    0.5
    """
    return (population - n) / (population if with_less_one else population - 1)


def interval(known: Precision, n: int, method: Method, confidence: float) -> Interval:
    """Return the interval of an NPS between -1 and 1; of nan where it has none."""
    if method in WALD_METHODS:
        times = nps_intervals.multiplier(method, confidence, np.array([float(n)]))
        ends = nps_intervals.clipped(np.array([known.points / POINTS]), times * known.error)
    elif math.isnan(known.points):
        return Interval(math.nan, math.nan)
    elif math.isinf(known.size):
        return Interval(known.points / POINTS, known.points / POINTS)
    else:
        ends = nps_intervals.limits(*known.counts, method=method, confidence=confidence)
    low, high = (float(end[0]) for end in ends)
    return Interval(low, high)
