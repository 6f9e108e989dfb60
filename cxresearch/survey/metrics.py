"""The metrics of a study's surveys, one class each: what an answer counts, how sure its mean is.

The answers of one customer are alike, so they tell less than as many answers of different people.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison, two_sided, two_sided_t, welch_df
from cxresearch.core.results import Estimate, Interval, difference_unit, undefined
from cxresearch.core.unit_sums import RatioSums
from cxresearch.stats.means.ratios import ONE_CLUSTER
from cxresearch.stats.means.sample_means import t_interval
from cxresearch.stats.shares.differences import mover
from cxresearch.survey.answers import Answers, Scale, answers, ends_of, look_short, refuse_short
from cxresearch.survey.nps import (
    POINTS,
    SCALES,
    by_group,
    nps_of,
    one_each,
)
from cxresearch.survey.nps_intervals import Method
from cxresearch.survey.ratings import TOP, mean_score, top_box, within

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

CLUSTERED = "the answers of one customer are alike: the interval counts customers, not answers"
TOO_FEW = "withheld: too few answered for them to stay anonymous"


class Respondents(Protocol):
    """Answers to one question by people who may have answered several times."""

    @property
    def answers(self) -> Answers:
        """The answers by score."""

    @property
    def respondents(self) -> int:
        """How many people gave them; an answer without a customer is of one of its own."""

    def score_interval(self, shares: Sequence[float], confidence: float) -> Interval:
        """Return the interval of an NPS, of the shares of promoters, passives and detractors."""

    def share_interval(self, share: float, confidence: float) -> Interval:
        """Return the interval of a share of the answers."""

    def mean_interval(self, mean: float, confidence: float) -> Interval:
        """Return the interval of the mean score."""


class Metric(ABC):
    """One metric: the mean of a value that each score has."""

    name: ClassVar[str]
    #: What a reader calls it.
    label: ClassVar[str]
    definition: ClassVar[str]
    unit: ClassVar[str]
    #: The intervals over customers, and of a difference of two groups.
    method: ClassVar[str]
    difference_method: ClassVar[str]
    #: Whether Student's t says how far two groups are apart.
    by_t: ClassVar[bool] = False
    #: What the mean of the values is multiplied by, in the unit of the metric.
    factor: ClassVar[float] = 1.0
    #: Whether a group is compared with the others.
    compared: ClassVar[bool] = True

    @abstractmethod
    def value(self, score: Any, highest: Any, is_true: Callable[[Any], Any], /) -> Any:
        """Return the value of scores, of an array or in an engine; `is_true` is 1.0 or 0.0."""

    @abstractmethod
    def estimate(self, found: Answers, confidence: float) -> Estimate:
        """Return the metric as if every answer were of another person."""

    @abstractmethod
    def interval(self, sample: Respondents, estimate: Estimate) -> Interval:
        """Return the interval of the metric over people."""

    @abstractmethod
    def variances(self, *groups: RatioSums) -> list[float]:
        """Return the variance of one answer in each group, where the groups do not differ."""

    def looks_short(self, found: Answers) -> bool:
        """Return whether answers look as if given on a shorter scale; on most nobody can see it."""
        del found
        return False

    def level(self, sample: Respondents, confidence: float) -> Estimate:
        """Return the metric with its interval over people; `n` counts answers.

        Raises
        ------
        ValueError
            If an NPS has another scale than 0-10 or 1-10.
        """
        estimate = self.estimate(sample.answers, confidence)
        if sample.respondents >= sample.answers.n:
            return estimate
        if sample.respondents < 2:
            ends, note = Interval(math.nan, math.nan), ONE_CLUSTER
        else:
            ends, note = self.interval(sample, estimate), CLUSTERED
        notes = "; ".join(part for part in (estimate.note, note) if part)
        return replace(estimate, ci=ends, method=self.method, note=notes)

    def difference(
        self,
        first: Estimate,
        second: Estimate,
        *,
        variances: tuple[float, float],
        dfs: tuple[float, float],
        correlation: float,
    ) -> Comparison:
        """Return the second level minus the first; a person may be in both.

        Parameters
        ----------
        first, second : Estimate
            What :meth:`level` returned.
        variances, dfs : tuple of float
            The variance of each for the test, and its degrees of freedom.
        correlation : float
            The correlation of the two over people.

        Notes
        -----
        The interval is MOVER's with the correlation of the two means, or Welch's for a CES, with
        the same covariance.

        References
        ----------
        Zou (2007), Psychological Methods 12, 399-413 (correlated estimates).
        """
        v1, v2 = variances
        variance = v1 + v2 - 2 * correlation * math.sqrt(v1 * v2)
        d = second.value - first.value
        statistic = d / math.sqrt(variance) if variance > 0 else math.nan
        df = welch_df(zip(variances, dfs, strict=True)) if self.by_t else math.inf
        confidence = second.confidence
        return Comparison(
            value=d,
            ci=t_interval(d, variance, df, confidence)
            if self.by_t
            else mover(first, second, correlation=correlation),
            n=first.n + second.n,
            unit=difference_unit(second.unit),
            confidence=confidence,
            method=self.difference_method,
            statistic=statistic,
            p_value=two_sided_t(statistic, df) if self.by_t else two_sided(statistic),
            test="t test" if self.by_t else "z test, over people",
            df=df,
        )


class Nps(Metric):
    """Net Promoter Score: a promoter counts 1, a detractor -1."""

    name = "nps"
    label = "NPS"
    definition = "The share of promoters (9 or 10) minus that of detractors (6 or less), in points."
    unit = "points"
    method = "score (Tango) on the effective sample size of the customers"
    difference_method = "MOVER of score intervals"
    factor = POINTS

    def value(self, score: Any, _highest: Any, is_true: Callable[[Any], Any], /) -> Any:
        """Return 1, 0 or -1."""
        return one_each(score, is_true)

    def estimate(self, found: Answers, confidence: float) -> Estimate:
        """Return the NPS in points."""
        validate.one_of("scale", found.scale, SCALES)
        return nps_of(found, confidence=confidence).estimate()

    def looks_short(self, found: Answers) -> bool:
        """Return whether all answers look like answers on 1-5."""
        return look_short(found)

    def interval(self, sample: Respondents, estimate: Estimate) -> Interval:
        """Return the score interval at the size that the answers are worth."""
        weights = by_group(sample.answers, sample.answers.weights)
        shares = [weight / sum(weights) for weight in weights]
        return sample.score_interval(shares, estimate.confidence)

    def variances(self, *groups: RatioSums) -> list[float]:
        """Return the variance of each group by itself."""
        return [POINTS**2 * max(one.xx / one.y - one.ratio**2, 0.0) for one in groups]


class Enps(Nps):
    """Employee NPS, withheld where fewer than ten people are behind it, and never compared."""

    name = "enps"
    label = "eNPS"
    #: A difference could tell what a threshold withholds.
    compared = False

    def level(self, sample: Respondents, confidence: float) -> Estimate:
        """Return the eNPS; nan with a note where too few people answered."""
        return guarded(super().level(sample, confidence), sample.respondents)


class Csat(Metric):
    """Customer satisfaction: a score in the top boxes counts 1."""

    name = "csat"
    label = "CSAT"
    definition = "The share of answers with one of the two highest scores."
    unit = "share"
    method = "Wilson score on the effective sample size of the customers"
    difference_method = "MOVER of Wilson intervals"

    def value(self, score: Any, highest: Any, is_true: Callable[[Any], Any], /) -> Any:
        """Return 1 or 0."""
        return is_true(score > highest - TOP)

    def estimate(self, found: Answers, confidence: float) -> Estimate:
        """Return the share of the top boxes."""
        return top_box(found, TOP, confidence)

    def interval(self, sample: Respondents, estimate: Estimate) -> Interval:
        """Return Wilson's interval."""
        return sample.share_interval(estimate.value, estimate.confidence)

    def variances(self, *groups: RatioSums) -> list[float]:
        """Return the variance that all groups share."""
        share = sum(one.x for one in groups) / sum(one.y for one in groups)
        return [share * (1 - share)] * len(groups)


class Ces(Metric):
    """Customer effort: every answer counts its score."""

    name = "ces"
    label = "CES"
    definition = "The mean score of the answers; higher is easier."
    unit = "score"
    method = "mean, t, on the effective sample size of the customers"
    difference_method = "Welch's t"
    by_t = True

    def value(self, score: Any, _highest: Any, _is_true: Callable[[Any], Any], /) -> Any:
        """Return the score."""
        return score

    def estimate(self, found: Answers, confidence: float) -> Estimate:
        """Return the mean score."""
        return mean_score(found, confidence)

    def interval(self, sample: Respondents, estimate: Estimate) -> Interval:
        """Return Student's interval, within the scale."""
        return within(
            sample.answers.scale, sample.mean_interval(estimate.value, estimate.confidence)
        )

    def variances(self, *groups: RatioSums) -> list[float]:
        """Return the variance of each group by itself."""
        return [one.variance * one.n for one in groups]


#: Every metric by its name in a study.
METRICS: dict[str, Metric] = {one.name: one for one in (Nps(), Csat(), Ces(), Enps())}


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
        How many must have answered for the number to be shown.
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
    without one team give away that of the team.

    Examples
    --------
    >>> enps([9, 10, 7]).note
    'withheld: too few answered for them to stay anonymous'
    >>> enps([9] * 6 + [3] * 6).value
    0.0
    """
    scale = validate.one_of("scale", ends_of(scale), SCALES)
    validate.whole("threshold", threshold, low=1)
    found = answers(scores, scale=scale)
    refuse_short("scores", found)
    estimate = nps_of(found, method=method, confidence=confidence).estimate()
    return guarded(estimate, found.n, threshold=threshold)


def guarded(estimate: Estimate, people: int, *, threshold: int = 10) -> Estimate:
    """Return an eNPS without its number where fewer people than the threshold are behind it."""
    if people >= threshold:
        return estimate
    return undefined(estimate, note=TOO_FEW)


def shown(unit: str) -> str:
    """Return a unit as it is shown beside the name of its metric, which says points and scores."""
    return "" if unit in ("score", "points") else unit


def digits(unit: str) -> int:
    """Return the decimals of a score in a sentence."""
    return 0 if unit == "share" else 1
