"""Net Promoter Score: whether customers would recommend us, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.results import Estimate, Interval, Result
from cxresearch.survey import nps_intervals
from cxresearch.survey.answers import Answers, Scale, answers, doubts, ends_of, refuse_short
from cxresearch.survey.nps_intervals import LABELS, WALD_METHODS, Method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from cxresearch.survey.weights import Weights

Shares = tuple[float, float, float]
SCALES: tuple[Scale, ...] = ((0, 10), (1, 10))
GROUPS = ("promoters", "passives", "detractors")
#: An NPS is said in points: 100 times a difference of two shares.
POINTS = 100.0
#: A promoter scores at least 9 and a detractor at most 6, on either scale.
PROMOTER_FROM, DETRACTOR_TO = 9, 6
NO_ANSWERS = "undefined: there are no answers to count"
NPS_LIKE = "NPS-like (1-10): not comparable with an NPS, which is asked from 0 to 10"
EFFECTIVE = "weighted: the interval is that of the effective sample size"
ONE_ANSWER = "no interval: it needs at least two answers"
NOT_WEIGHTED = ("wald_t", "bootstrap")


@dataclass(frozen=True, slots=True, kw_only=True)
class NpsResult(Result):
    """A Net Promoter Score with its interval.

    Parameters
    ----------
    nps : float
        The share of promoters minus that of detractors, in points from -100 to 100; nan where
        nobody answered, and then `note` says so.
    ci : Interval
        Its interval, in points, within -100 to 100.
    n : int
        How many answered.
    missing : int
        How many did not; they are no passives and not in `n`.
    promoters, passives, detractors : int
        How many people gave 9 or 10, 7 or 8, and less, whatever their weights.
    shares : tuple of float
        The weighted shares of promoters, passives and detractors, 0-1.
    standard_error : float
        That of the NPS itself, in points; linearised where weighted.
    effective_n : float
        The size of the simple random sample that would tell as much: less than `n` by unequal
        weights (Kish), more by a finite population or by weights that know their margins.
    design_effect : float
        The variance of the NPS over that of a simple random sample of `n`; 1 where unweighted.
    scale : tuple of int
        The scale of the question.
    confidence : float
        The coverage that `ci` promises.
    method : str
        The name of the method behind `ci`.
    unit : str
        Always ``"points"``.
    note : str
        What a reader must know before using the number.
    """

    nps: float
    ci: Interval
    n: int
    missing: int
    promoters: int
    passives: int
    detractors: int
    shares: tuple[float, float, float]
    standard_error: float
    effective_n: float
    design_effect: float
    scale: Scale
    confidence: float
    method: str
    unit: str = "points"
    note: str = ""

    def estimate(self) -> Estimate:
        """Return the NPS alone with its interval."""
        return Estimate(
            value=self.nps,
            ci=self.ci,
            n=self.n,
            unit=self.unit,
            confidence=self.confidence,
            method=self.method,
            note=self.note,
        )

    def to_dict(self) -> dict[str, object]:
        """Return the fields in order, each share as a column of its own, the scale in words."""
        row = Result.to_dict(self)
        place = list(row).index("shares")
        shares = {f"{name}_share": share for name, share in zip(GROUPS, self.shares, strict=True)}
        items = list(row.items())
        row = dict([*items[:place], *shares.items(), *items[place + 1 :]])
        return row | {"scale": f"{self.scale[0]}-{self.scale[1]}"}


@documented
def nps(
    scores: ArrayLike | None = None,
    *,
    counts: Sequence[int] | Mapping[str, int] | None = None,
    weights: Weights | ArrayLike | None = None,
    scale: Scale = (0, 10),
    population: int | None = None,
    method: Method = "score",
    confidence: float = 0.95,
) -> NpsResult:
    """Estimate a Net Promoter Score from answers, or from how many of each kind there were.

    Parameters
    ----------
    scores : array_like, shape (n,), optional
        The answers, whole numbers on `scale`; None or nan where there is none.
    counts : sequence or mapping of int, optional
        Instead of `scores`: the promoters, passives and detractors, in this order or by name, or
        how many gave each score of the scale, the lowest first.
    %(answer_weights)s
    scale : {(0, 10), (1, 10)}
        The scale of the question. On 1-10 the result is labelled as NPS-like: the same people
        give another number there, and no rescaling undoes it.
    population : int, optional
        How many people there are in all, where those who answered are a large part of them.
    method : str, default "score"
        The interval: see :func:`cxresearch.survey.nps_intervals.limits`. "adjusted_wald" is the
        simple alternative; "wald" and the other names are there to compare with.
    %(confidence)s

    Returns
    -------
    NpsResult
        In points; nan with a note when nobody answered.

    Raises
    ------
    TypeError
        If a score or a count is no number, or neither or both of `scores` and `counts` are given.
    ValueError
        If a score is not on the scale (0 on 1-10), the scores look like answers on 1-5, a count
        is negative, a name is unknown, the population is smaller than `n`, or `method` has no
        weighted form ("wald_t", "bootstrap").

    Notes
    -----
    nps = 100 (P - D) / n, whatever the interval is centred on; the interval of an adjusted or
    Bayesian method may leave the estimate of a handful of answers outside. Weighted:
    100 sum(w v) / sum(w) with v of 1, 0, -1; the Wald interval then rests on the linearised
    variance, any other is that of Kish's effective sample size, a rule of thumb, or, for weights
    that know their margins, of the size that has the linearised variance. In a finite
    population of N the variance is times (N - n) / (N - 1), or (N - n) / N where it has n - 1 in
    it already ("wald_t", weights), and the size behind the other intervals is larger to match.

    References
    ----------
    Tango (1998), Stat. Med. 17, 891-908. Rocks (2016), Am. Stat. 70, 365-372. Kish (1965), Survey
    Sampling. Coverage of each method: ``docs/validity.md``.

    Examples
    --------
    >>> result = nps([10, 9, 9, 8, 7, 6, 3, None, 10, 9])
    >>> round(result.nps, 1), result.n, result.missing, [round(end, 1) for end in result.ci]
    (33.3, 9, 1, [-23.5, 72.2])
    >>> nps(counts=(10, 0, 0)).ci.high
    100.0
    """
    validate.one_of("method", method, LABELS)
    validate.share("confidence", confidence)
    scale = validate.one_of("scale", ends_of(scale), SCALES)
    if (scores is None) == (counts is None):
        raise TypeError("nps takes either scores or counts")
    if counts is not None and weights is not None:
        raise TypeError("nps takes weights with scores, not with counts")
    if counts is not None:
        found = from_counts(counts, scale)
    else:
        found = answers(scores if scores is not None else [], scale=scale, weights=weights)
        refuse_short("scores", found)
    return nps_of(found, population=population, method=method, confidence=confidence)


def nps_of(
    found: Answers,
    *,
    population: int | None = None,
    method: Method = "score",
    confidence: float = 0.95,
) -> NpsResult:
    """Return the NPS of answers that are counted already; see :func:`nps`.

    Raises
    ------
    ValueError
        As :func:`nps` does.
    """
    if found.is_weighted:
        validate.one_of("method", method, [name for name in LABELS if name not in NOT_WEIGHTED])
    if population is not None:
        validate.whole("population", population, low=max(found.n, 2))
    known = precision(found, method, population)
    ends = interval(known, found.n, method, confidence)
    promoters, passives, detractors = (int(count) for count in by_group(found, found.counts))
    return NpsResult(
        nps=known.points if found.n else math.nan,
        ci=Interval(_points(ends.low), _points(ends.high)),
        n=found.n,
        missing=found.missing,
        promoters=promoters,
        passives=passives,
        detractors=detractors,
        shares=known.shares if found.n else known.weights,
        standard_error=_points(known.error),
        effective_n=known.size,
        design_effect=known.design_effect,
        scale=found.scale,
        confidence=confidence,
        method=LABELS[method],
        note="; ".join(_notes(found, ends)),
    )


def _notes(found: Answers, ends: Interval) -> list[str]:
    notes = [NPS_LIKE] if found.scale != SCALES[0] else []
    if not found.n:
        notes.append(NO_ANSWERS)
    elif math.isnan(ends.low):
        notes.append(ONE_ANSWER)
    if found.tells_scores:
        notes += doubts(found)
    return [*notes, EFFECTIVE] if found.is_weighted else notes


def _points(share: float) -> float:
    # One and the same nan, so that equal inputs give equal results.
    return math.nan if math.isnan(share) else POINTS * share


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
    if not hasattr(counts, "__len__"):
        raise validate.refused_type("counts", f"3, or one for each of {size} scores", counts)
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


def as_numbers(conditions: Any) -> Any:
    """Return 1.0 where conditions on an array hold, else 0.0."""
    return np.asarray(conditions, dtype=float)


def one_each(scores: Any, is_true: Callable[[Any], Any] = as_numbers) -> Any:
    """Return 1 for the score of a promoter, 0 of a passive, -1 of a detractor; of an engine too."""
    return is_true(scores >= PROMOTER_FROM) - is_true(scores <= DETRACTOR_TO)


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


def score_interval(shares: Sequence[float], size: float, confidence: float) -> Interval:
    """Return the score interval, in points, of a sample of a size with these shares."""
    counts = (np.array([share * size]) for share in shares)
    low, high = nps_intervals.limits(*counts, method="score", confidence=confidence)
    return Interval(POINTS * float(low[0]), POINTS * float(high[0]))
