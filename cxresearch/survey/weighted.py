"""Weighted answers by group, of people who may have answered several times, in memory."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison
from cxresearch.core.documented import documented
from cxresearch.core.results import Estimate, Interval
from cxresearch.engine import frames
from cxresearch.errors import SchemaError
from cxresearch.stats.means.sample_means import t_interval
from cxresearch.study import plain_frames
from cxresearch.survey.answers import Answers, answers
from cxresearch.survey.clustered import QUESTION, Question
from cxresearch.survey.metrics import METRICS, Metric
from cxresearch.survey.nps import as_numbers, score_interval
from cxresearch.survey.weights import Weights, influence, share_at

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[Any]

COLUMN = "weights must be the name of a column where the surveys are not a frame in memory"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sample:
    """Weighted answers to one question, and how each person moves their mean value.

    Parameters
    ----------
    answers : Answers
        The answers by score.
    values : ndarray of float, shape (scores,)
        The value of each score.
    respondents : int
        How many gave them; a customer's answers are one person's, an anonymous one is its own.
    moves : ndarray of float, shape (everybody,)
        How far each person of the survey moves the mean.
    """

    answers: Answers
    values: Array
    respondents: int
    moves: Array

    @property
    def variance(self) -> float:
        """The variance of the mean over people; for weights alone at least that over answers."""
        people = self.respondents
        if people < 2:
            return math.nan
        if self.answers.covariance is not None:
            return self.answers.variance(self.values)
        over = people / (people - 1) * float(self.moves @ self.moves)
        return max(over, self.answers.variance(self.values))

    @property
    def size(self) -> float:
        """The size of the simple random sample that tells as much."""
        if self.respondents == self.answers.n or self.answers.covariance is not None:
            return self.answers.effective_n(self.values)
        each = self.answers.variance(self.values)
        effect = self.variance / each if each > 0 else self.answers.n / self.respondents
        return self.answers.effective_n(self.values) / effect

    def score_interval(self, shares: Sequence[float], confidence: float) -> Interval:
        """Return the score interval of an NPS at that size."""
        return score_interval(shares, self.size, confidence)

    def share_interval(self, share: float, confidence: float) -> Interval:
        """Return Wilson's interval at the size that has the variance over people."""
        people = self.respondents
        alike = self.answers.kish_n * people / self.answers.n
        return share_at(share, self.variance, people, alike=alike, confidence=confidence)

    def mean_interval(self, mean: float, confidence: float) -> Interval:
        """Return Student's interval over people."""
        return t_interval(mean, self.variance, self.respondents - 1, confidence)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WeightedSplit:
    """A group and the other answers to its question, if there are any."""

    group: Sample
    rest: Sample | None

    def against_rest(self, metric: Metric, confidence: float) -> Comparison | None:
        """Return the group minus the rest; a person may be in both."""
        if self.rest is None:
            return None
        group, rest = self.group, self.rest
        spread = math.sqrt(float(rest.moves @ rest.moves) * float(group.moves @ group.moves))
        return metric.difference(
            metric.level(rest, confidence),
            metric.level(group, confidence),
            variances=(metric.factor**2 * rest.variance, metric.factor**2 * group.variance),
            dfs=(rest.respondents - 1, group.respondents - 1),
            correlation=float(rest.moves @ group.moves) / spread if spread > 0 else 0.0,
        )


@documented
def rows_of(
    surveys: Any, weights: Weights | ArrayLike | str, needed: list[str], names: Iterable[str] = ()
) -> tuple[pd.DataFrame, Weights | Array]:
    """Return the columns of surveys in memory, and the weight of each row.

    What is blank in a column of `names` is missing.

    Raises
    ------
    %(missing_column)s
    TypeError
        If the weights are no column and the rows have no order.
    ValueError
        If a weight is negative or not finite, or they are not one per row.
    """
    by_column = weights if isinstance(weights, str) else None
    if by_column is None and isinstance(nw.from_native(surveys), nw.LazyFrame):
        raise TypeError(COLUMN)
    chosen = [] if by_column is None else [by_column]
    wanted = list(dict.fromkeys([*needed, *chosen]))
    frame = plain_frames.lazy(surveys, "surveys", wanted, chosen).select(*wanted)
    table = frame.collect().to_pandas()
    given: Weights | Array
    if by_column is not None:
        kind = frame.collect_schema()[by_column]
        if not kind.is_numeric():
            raise SchemaError("surveys", [f"{by_column}: must be numbers; it is {kind}"])
        given = table[by_column].to_numpy(dtype=float, na_value=math.nan)
    else:
        given = weights if isinstance(weights, Weights) else np.asarray(weights)
    rows, each = validate.arrays(surveys=np.zeros(len(table)), weights=np.asarray(given))
    if rows.size:
        validate.between("weights", float(each.min()), 0, math.inf)
    table = table.reset_index(drop=True)
    known = frames.without_blanks(nw.from_native(table).lazy(), names).collect()
    return known.to_pandas(), given


def samples(
    table: pd.DataFrame, weights: Weights | Array, groups: Array, there: Array
) -> dict[Question, dict[str, WeightedSplit]]:
    """Return every group of every question and the other answers to it.

    Parameters
    ----------
    table : pandas.DataFrame
        The answers, one row each.
    weights : Weights or array of float, shape (n,)
        Their weights; rows of weight 0 do not count.
    groups : ndarray of str, shape (n,)
        The group of each.
    there : ndarray of bool, shape (n,)
        Which count.
    """
    each = np.asarray(weights, dtype=float)
    there = there & (each > 0)
    who = frames.customer_codes(table["customer_id"])
    found: dict[Question, dict[str, WeightedSplit]] = {}
    questions = table.loc[there, [*QUESTION]].itertuples(index=False, name=None)
    for metric, low, high in sorted(set(questions)):
        given = zip(QUESTION, (metric, low, high), strict=True)
        same = [table[key] == value for key, value in given]
        asked = there & np.logical_and.reduce(same)
        question = str(metric), int(low), int(high)

        def sample(mine: Array, question: Question = question) -> Sample:
            return _sample(question, table["score"].to_numpy(dtype=float), weights, who, mine)

        found[question] = {}
        for name in sorted(set(groups[asked].tolist())):
            mine = asked & (groups == name)
            rest = asked & ~mine
            found[question][name] = WeightedSplit(
                group=sample(mine), rest=sample(rest) if rest.any() else None
            )
    return found


def _sample(
    question: Question, scores: Array, weights: Weights | Array, who: Array, mine: Array
) -> Sample:
    name, low, high = question
    metric = METRICS[name]
    asked = np.where(mine, scores, math.nan)
    found = answers(asked, scale=(low, high), weights=weights, who=who)
    values = metric.value(found.scores, high, as_numbers)
    apart = metric.value(scores, high, as_numbers) - found.mean(values)
    moves = influence(weights, np.where(mine, apart, 0.0)[:, None], mine)[:, 0]
    by_person = np.bincount(who, moves)
    if isinstance(weights, Weights) and weights.margins:
        by_person = by_person - by_person.mean()
    people = len(np.unique(who[mine & (np.asarray(weights) > 0)]))
    return Sample(answers=found, values=values, respondents=people, moves=by_person)


def level_of(
    rows: pd.DataFrame, weights: Weights | Array, metric: str, confidence: float
) -> Estimate | None:
    """Return a metric of weighted answers in memory, which were checked when they were read.

    None where they must be counted instead: the weights say nothing, the answers are on several
    scales, or they look like those on another one.
    """
    if is_plain(weights):
        return None
    asked = (rows["metric"] == metric).to_numpy(dtype=bool)
    found = samples(rows, weights, np.full(len(rows), metric, dtype=object), asked)
    if len(found) != 1:
        return None
    (groups,) = found.values()
    sample, kind = groups[metric].group, METRICS[metric]
    if kind.looks_short(sample.answers):
        return None
    return kind.level(sample, confidence)


def is_plain(weights: Weights | Array) -> bool:
    """Return whether weights say nothing: all equal, and without margins."""
    if isinstance(weights, Weights) and weights.margins:
        return False
    each = np.asarray(weights, dtype=float)
    return bool(each.size == 0 or (each.min() == each.max() > 0))
