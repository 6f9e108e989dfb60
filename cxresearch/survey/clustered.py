"""Answers by group, of people who may have answered several times: sums of the engine."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison, normal_quantile
from cxresearch.core.results import Interval
from cxresearch.core.unit_sums import CrossSums, RatioSums
from cxresearch.engine import frames
from cxresearch.errors import SchemaError
from cxresearch.stats.means.ratios import correlation_of_ratios
from cxresearch.stats.means.sample_means import t_interval
from cxresearch.stats.shares.proportions import wilson
from cxresearch.survey.answers import Answers
from cxresearch.survey.metrics import METRICS, Metric
from cxresearch.survey.nps import score_interval

#: A metric, and the lowest and the highest score it was asked on.
Question = tuple[str, int, int]
QUESTION = ("metric", "scale_min", "scale_max")
#: A design effect below this is taken as chance: several answers each never make an interval
#: shorter than that of as many people.
LEAST_DESIGN_EFFECT = 1.0
#: The steps of the longest scale: answers are counted by score, and longer ones are mistakes.
_LONGEST_SCALE = 1000
#: What is summed over the people of a group: what the person gave there (x, y), and anywhere.
_PRODUCTS = {
    "xx": ("x", "x"),
    "xy": ("x", "y"),
    "yy": ("y", "y"),
    "x_all_x": ("x", "all_x"),
    "x_all_y": ("x", "all_y"),
    "y_all_x": ("y", "all_x"),
    "y_all_y": ("y", "all_y"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Answers to one question, and the sums that their mean value and its spread follow from.

    Parameters
    ----------
    answers : Answers
        The answers by score.
    each : RatioSums
        The sums of the values (x) and of 1 (y), every answer by itself.
    people : RatioSums
        The same over people: all answers of a customer are one unit, an anonymous one is its own.
    """

    answers: Answers
    each: RatioSums
    people: RatioSums

    @property
    def respondents(self) -> int:
        """How many people answered."""
        return self.people.n

    def size(self, confidence: float) -> float:
        """Return how many answers of different people would tell as much.

        Notes
        -----
        n / deff * (t_{n-1} / t_{people-1})**2, where deff is the linearised variance of the mean
        over people over that over answers, at least 1; n / people where every answer is alike. It
        is n where everybody answered once, and nan where all answers are of one person.

        References
        ----------
        Korn & Graubard (1998), Survey Methodology 24, 193-201.
        """
        from scipy.special import stdtrit

        n, people = self.each.n, self.people.n
        if people == n:
            return float(n)
        if people < 2:
            return math.nan
        alone = self.each.variance
        effect = self.people.variance / alone if alone else n / people
        quantiles = [float(stdtrit(size - 1, (1 + confidence) / 2)) for size in (n, people)]
        return n / max(effect, LEAST_DESIGN_EFFECT) * (quantiles[0] / quantiles[1]) ** 2

    def score_interval(self, shares: Sequence[float], confidence: float) -> Interval:
        """Return the score interval of an NPS at that size."""
        return score_interval(shares, self.size(confidence), confidence)

    def share_interval(self, share: float, confidence: float) -> Interval:
        """Return Wilson's interval at that size."""
        return wilson(share, self.size(confidence), normal_quantile(confidence))

    def mean_interval(self, mean: float, confidence: float) -> Interval:
        """Return Student's interval at that size."""
        variance = self.each.variance * self.each.n / self.size(confidence)
        return t_interval(mean, variance, self.each.n - 1, confidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A group, the other answers to its question, and the products over people in both."""

    group: Group
    rest: Group
    cross: CrossSums

    def against_rest(self, metric: Metric, confidence: float) -> Comparison:
        """Return the group minus the rest, each side at its effective size."""
        sides = (self.rest, self.group)
        first, second = metric.variances(*(side.each for side in sides))
        return metric.difference(
            *(metric.level(side, confidence) for side in sides),
            variances=(first / self.rest.size(confidence), second / self.group.size(confidence)),
            dfs=(self.rest.each.n - 1, self.group.each.n - 1),
            correlation=correlation_of_ratios(self.rest.people, self.group.people, self.cross),
        )


def splits(
    named: frames.Frame, counted: Mapping[Question, Mapping[str, Answers]] | None = None
) -> dict[Question, dict[str, Split]]:
    """Return every group of every question of a frame with the column `group`.

    Where the answers are `counted` already, they are not counted again.

    Raises
    ------
    SchemaError
        If the scores are no numbers, one is no whole number on its scale, or a row names no metric
        or no scale.
    """
    counted, moments = counted or counts(named), _moments(named)
    return {
        question: {group: _split(group, groups, moments[question]) for group in groups}
        for question, groups in counted.items()
    }


def counts(named: frames.Frame) -> dict[Question, dict[str, Answers]]:
    """Return the answers of every question by group; the engine counts them by score.

    Raises
    ------
    SchemaError
        As :func:`splits`.
    """
    kind = named.collect_schema()["score"]
    if not kind.is_numeric():
        raise SchemaError("surveys", [f"score: must be numbers; the column is of {kind}"])
    counted = named.group_by(*QUESTION, "group", "score").agg(nw.len().alias("n")).collect()
    # What a fault says before and after the number of its rows.
    faults: Counter[tuple[str, str]] = Counter()
    found: dict[Question, dict[str, Any]] = defaultdict(dict)
    for row in counted.sort(*QUESTION, "group", "score").rows(named=True):
        if row["metric"] not in METRICS:
            said = f" rows are not: {validate.short(row['metric'])}"
            faults[f"metric: must be {validate.choice(METRICS)}; ", said] += row["n"]
            continue
        ends = {name: row[name] for name in ("scale_min", "scale_max")}
        lacking = [name for name, end in ends.items() if end is None or math.isnan(end)]
        if lacking:
            for name in lacking:
                said = f" answers to {row['metric']} lack it"
                faults[f"{name}: must be the end of the scale; ", said] += row["n"]
            continue
        low, high, score = (float(row[name]) for name in ("scale_min", "scale_max", "score"))
        if not (low <= score <= high and all(end.is_integer() for end in (low, high, score))):
            said = f" answers of {score:g} to {row['metric']} are no whole number from "
            faults["score: ", f"{said}{low:g} to {high:g}"] += row["n"]
            continue
        if high - low > _LONGEST_SCALE:
            said = f" answers to {row['metric']} are on {low:g}-{high:g}"
            faults[f"scale_max: must be at most scale_min + {_LONGEST_SCALE}; ", said] += row["n"]
            continue
        empty = np.zeros(int(high - low) + 1)
        found[_question(row)].setdefault(row["group"], empty)[int(score - low)] += row["n"]
    if faults:
        raise SchemaError("surveys", [f"{a}{n}{b}" for (a, b), n in faults.items()])
    return {
        question: {
            group: Answers(question[1:], number, 0, number, number)
            for group, number in groups.items()
        }
        for question, groups in found.items()
    }


def _moments(named: frames.Frame) -> dict[Question, dict[str, dict[str, float]]]:
    """Return the sums over the people of every group, by question."""
    keys = (*QUESTION, "group")
    valued = named.with_columns(x=_value(), y=nw.lit(1.0)).with_columns(
        squares=nw.col("x") * nw.col("x")
    )
    in_person = (*QUESTION, "customer_id")
    given = ("x", "y", "squares")
    known = (
        valued.filter(~nw.col("customer_id").is_null())
        .group_by(*keys, "customer_id")
        .agg(nw.col(*given).sum())
        .with_columns(
            all_x=nw.col("x").sum().over(*in_person), all_y=nw.col("y").sum().over(*in_person)
        )
    )
    # An anonymous answer is all that its person gave anywhere.
    anonymous = valued.filter(nw.col("customer_id").is_null()).with_columns(
        all_x=nw.col("x"), all_y=nw.col("y")
    )
    columns = (*keys, *given, "all_x", "all_y")
    people = nw.concat([part.select(*columns) for part in (known, anonymous)], how="vertical")
    people = people.with_columns(
        # Summed over all groups, the parts of a person make one.
        part=nw.col("y") / nw.col("all_y"),
        only_here=nw.when(nw.col("y") == nw.col("all_y")).then(1.0).otherwise(0.0),
        **{name: nw.col(a) * nw.col(b) for name, (a, b) in _PRODUCTS.items()},
    )
    sums = people.group_by(*keys).agg(
        nw.len().alias("n"), nw.col(*given, "part", "only_here", *_PRODUCTS).sum()
    )
    moments: dict[Question, dict[str, dict[str, float]]] = defaultdict(dict)
    for row in sums.collect().rows(named=True):
        moments[_question(row)][row["group"]] = {
            name: float(row[name]) for name in row if name not in keys
        }
    return moments


def _value() -> nw.Expr:
    """Return the value of an answer by its metric."""
    score = nw.col("score").cast(nw.Float64)
    value = score
    for name, metric in METRICS.items():
        of_metric = metric.value(score, nw.col("scale_max"), frames.indicator)
        value = nw.when(nw.col("metric") == name).then(of_metric).otherwise(value)
    return value


def _question(row: dict[str, Any]) -> Question:
    return str(row["metric"]), int(row["scale_min"]), int(row["scale_max"])


def _split(
    group: str, counts: Mapping[str, Answers], moments: dict[str, dict[str, float]]
) -> Split:
    """Return one group and its rest: what the person gave anywhere, less what was given here."""
    here = moments[group]
    whole = {name: sum(one[name] for one in moments.values()) for name in here}
    others = {name: whole[name] - here[name] for name in ("x", "y", "squares")} | {
        "n": round(whole["part"] - here["only_here"]),
        "xx": whole["x_all_x"] - 2 * here["x_all_x"] + here["xx"],
        "xy": whole["x_all_y"] - here["x_all_y"] - here["y_all_x"] + here["xy"],
        "yy": whole["y_all_y"] - 2 * here["y_all_y"] + here["yy"],
    }
    mine = counts[group]
    number = np.sum([one.counts for other, one in counts.items() if other != group], axis=0)
    number = number + np.zeros(len(mine.counts))
    return Split(
        group=_group(mine, here),
        rest=_group(Answers(mine.scale, number, 0, number, number), others),
        cross=CrossSums(
            n=round(whole["part"]),
            xx=here["x_all_x"] - here["xx"],
            xy=here["y_all_x"] - here["xy"],
            yx=here["x_all_y"] - here["xy"],
            yy=here["y_all_y"] - here["yy"],
        ),
    )


def _group(found: Answers, sums: dict[str, float]) -> Group:
    x, y = sums["x"], sums["y"]
    products = {name: sums[name] for name in ("xx", "xy", "yy")}
    return Group(
        answers=found,
        each=RatioSums(n=found.n, x=x, y=y, xx=sums["squares"], xy=x, yy=y),
        people=RatioSums(n=round(sums["n"]), x=x, y=y, **products),
    )
