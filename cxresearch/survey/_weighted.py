"""Survey metrics of weighted answers by group, over people and with what the weights know."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison, two_sided, two_sided_t, welch_df
from cxresearch.core.results import Estimate, Interval, difference_unit
from cxresearch.engine import frames
from cxresearch.stats.means.ratios import ONE_CLUSTER
from cxresearch.stats.means.sample_means import t_interval
from cxresearch.stats.shares.differences import mover
from cxresearch.survey import nps_intervals
from cxresearch.survey.answers import Answers, answers
from cxresearch.survey.clustered import CLUSTERED, DIFFERENCES, METHODS, TOP, Question
from cxresearch.survey.enps import guarded
from cxresearch.survey.nps import POINTS, SCALES, nps_of, one_each
from cxresearch.survey.ratings import mean_score, top_box
from cxresearch.survey.weights import Weights, influence, share_at

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[Any]

COLUMN = "weights must be the name of a column where the surveys are not a frame in memory"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """Weighted answers to one question, and how each person moves their mean value.

    The value is 1, 0 or -1 for an NPS, 1 or 0 for a CSAT, and the score itself for a CES.

    Parameters
    ----------
    metric : str
        The metric.
    answers : Answers
        The answers by score.
    people : int
        How many gave them; a customer's answers are one person's, an anonymous one is its own.
    moves : ndarray of float, shape (everybody,)
        How far each person of the survey moves the mean.
    """

    metric: str
    answers: Answers
    people: int
    moves: Array

    @property
    def values(self) -> Array:
        """The value of each score."""
        return _values(self.metric, self.answers.scores, self.answers.scale[1])

    @property
    def variance(self) -> float:
        """The variance of the mean over people; for weights alone at least that over answers."""
        if self.people < 2:
            return math.nan
        if self.answers.covariance is not None:
            return self.answers.variance(self.values)
        over = self.people / (self.people - 1) * float(self.moves @ self.moves)
        return max(over, self.answers.variance(self.values))

    @property
    def size(self) -> float:
        """The size of the simple random sample that tells as much."""
        if self.people == self.answers.n or self.answers.covariance is not None:
            return self.answers.effective_n(self.values)
        each = self.answers.variance(self.values)
        effect = self.variance / each if each > 0 else self.answers.n / self.people
        return self.answers.effective_n(self.values) / effect


def rows_of(
    surveys: Any, weights: Weights | ArrayLike | str, needed: list[str], names: Iterable[str] = ()
) -> tuple[pd.DataFrame, Weights | Array]:
    """Return the columns of surveys in memory, and the weight of each row.

    What is blank in a column of `names` is missing.

    Raises
    ------
    SchemaError
        If there is no such column.
    TypeError
        If the weights are no column and the rows have no order.
    ValueError
        If a weight is negative or not finite, or they are not one per row.
    """
    frame = nw.from_native(surveys)
    if isinstance(weights, str):
        frames.lazy(surveys, "surveys", [weights])
        table = frame.lazy().select(*needed, weights).collect().to_pandas()
        given: Weights | Array = table[weights].to_numpy(dtype=float, na_value=math.nan)
    elif isinstance(frame, nw.LazyFrame):
        raise TypeError(COLUMN)
    else:
        table = frame.select(*needed).to_pandas()
        given = weights if isinstance(weights, Weights) else np.asarray(weights)
    rows, each = validate.arrays(surveys=np.zeros(len(table)), weights=np.asarray(given))
    if rows.size:
        validate.between("weights", float(each.min()), 0, math.inf)
    table = table.reset_index(drop=True)
    named = frames.without_blanks(nw.from_native(table).lazy(), names).collect()
    return named.to_pandas(), given


def samples(
    table: pd.DataFrame, weights: Weights | Array, groups: Array, there: Array
) -> dict[Question, dict[str, tuple[Sample, Sample | None]]]:
    """Return every group of every question and the other answers to it; none where it is alone.

    Parameters
    ----------
    table : pandas.DataFrame
        The answers, one row each.
    weights : Weights or array of float, shape (n,)
        Their weights; rows of weight 0 are nobody's.
    groups : ndarray of str, shape (n,)
        The group of each.
    there : ndarray of bool, shape (n,)
        Which count.
    """
    each = np.asarray(weights, dtype=float)
    there = there & (each > 0)
    who = frames.customer_codes(table["customer_id"])
    found: dict[Question, dict[str, tuple[Sample, Sample | None]]] = {}
    keys = ["metric", "scale_min", "scale_max"]
    for metric, low, high in sorted(set(table.loc[there, keys].itertuples(index=False, name=None))):
        same = [table[key] == value for key, value in zip(keys, (metric, low, high), strict=True)]
        asked = there & np.logical_and.reduce(same)
        question = str(metric), int(low), int(high)

        def sample(mine: Array, question: Question = question) -> Sample:
            return _sample(question, table["score"].to_numpy(dtype=float), weights, who, mine)

        found[question] = {}
        for name in sorted(set(groups[asked].tolist())):
            mine = asked & (groups == name)
            rest = asked & ~mine
            found[question][name] = sample(mine), sample(rest) if rest.any() else None
    return found


def level(sample: Sample, confidence: float) -> Estimate:
    """Return a survey metric of weighted answers with its interval over people."""
    found, metric = sample.answers, sample.metric
    several = sample.people < found.n
    if metric == "csat":
        estimate = top_box(found, TOP, confidence)
        if several:
            alike = found.kish_n * sample.people / found.n
            ends = share_at(
                estimate.value, sample.variance, sample.people, alike=alike, confidence=confidence
            )
            estimate = replace(estimate, ci=ends)
    elif metric == "ces":
        estimate = mean_score(found, confidence)
        if several:
            low, high = (float(end) for end in found.scale)
            ends = t_interval(estimate.value, sample.variance, sample.people - 1, confidence)
            estimate = replace(estimate, ci=Interval(*(min(max(e, low), high) for e in ends)))
    else:
        estimate = _score(sample, confidence)
    if several:
        note = ONE_CLUSTER if sample.people < 2 else CLUSTERED
        if sample.people < 2:
            estimate = replace(estimate, ci=Interval(math.nan, math.nan))
        notes = "; ".join(part for part in (estimate.note, note) if part)
        estimate = replace(estimate, method=METHODS[metric], note=notes)
    return guarded(estimate, sample.people) if metric == "enps" else estimate


def against_rest(group: Sample, rest: Sample, confidence: float) -> Comparison:
    """Return a group minus the other answers to its question; a person may be in both.

    Notes
    -----
    The interval is MOVER's with the correlation of the two means over people, or Welch's for a
    CES, with the same covariance.
    """
    metric = group.metric
    first, second = level(rest, confidence), level(group, confidence)
    spread = math.sqrt(float(rest.moves @ rest.moves) * float(group.moves @ group.moves))
    alike = float(rest.moves @ group.moves) / spread if spread > 0 else 0.0
    times = POINTS if metric == "nps" else 1.0
    v1, v2 = (times**2 * one.variance for one in (rest, group))
    variance = v1 + v2 - 2 * alike * math.sqrt(v1 * v2)
    d = second.value - first.value
    statistic = d / math.sqrt(variance) if variance > 0 else math.nan
    df = welch_df([(v1, rest.people - 1), (v2, group.people - 1)]) if metric == "ces" else math.inf
    if metric == "ces":
        ends = t_interval(d, variance, df, confidence)
    else:
        ends = mover(first, second, correlation=alike)
    return Comparison(
        value=d,
        ci=ends,
        n=first.n + second.n,
        unit=difference_unit(second.unit),
        confidence=confidence,
        method=DIFFERENCES[metric],
        statistic=statistic,
        p_value=two_sided_t(statistic, df) if metric == "ces" else two_sided(statistic),
        test="t test" if metric == "ces" else "z test, over people",
        df=df,
    )


def _score(sample: Sample, confidence: float) -> Estimate:
    found = sample.answers
    validate.one_of("scale", found.scale, SCALES)
    result = nps_of(found, confidence=confidence)
    ends = result.ci
    if sample.people < found.n and sample.people > 1:
        counts = (np.array([share * sample.size]) for share in result.shares)
        low, high = nps_intervals.limits(*counts, method="score", confidence=confidence)
        ends = Interval(POINTS * float(low[0]), POINTS * float(high[0]))
    return Estimate(
        value=result.nps,
        ci=ends,
        n=result.n,
        unit=result.unit,
        confidence=confidence,
        method=result.method,
        note=result.note,
    )


def _sample(
    question: Question, scores: Array, weights: Weights | Array, who: Array, mine: Array
) -> Sample:
    metric, low, high = question
    asked = np.where(mine, scores, math.nan)
    found = answers(asked, scale=(low, high), weights=weights, who=who)
    values = _values(metric, scores, high)
    mean = found.mean(_values(metric, found.scores, high))
    moves = influence(weights, np.where(mine, values - mean, 0.0)[:, None], mine)[:, 0]
    by_person = np.bincount(who, moves)
    if isinstance(weights, Weights) and weights.margins:
        by_person = by_person - by_person.mean()
    people = len(np.unique(who[mine & (np.asarray(weights) > 0)]))
    return Sample(metric=metric, answers=found, people=people, moves=by_person)


def _values(metric: str, scores: Array, high: int) -> Array:
    if metric == "csat":
        return (scores > high - TOP).astype(float)
    return scores if metric == "ces" else one_each(scores)


def is_plain(weights: Weights | Array) -> bool:
    """Return whether weights say nothing: all equal, and without margins."""
    if isinstance(weights, Weights) and weights.margins:
        return False
    each = np.asarray(weights, dtype=float)
    return bool(each.size == 0 or (each.min() == each.max() > 0))
