"""Survey metrics of people who may have answered several times, and how far two are apart.

The answers of one customer are alike, so they tell less than as many answers of different people.
Every interval and test here is the plain one at the size that the answers are worth.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison, normal_quantile, two_sided, two_sided_t
from cxresearch.core.results import Estimate, Interval, difference_unit
from cxresearch.core.unit_sums import CrossSums, RatioSums
from cxresearch.engine.frames import Frame
from cxresearch.errors import SchemaError
from cxresearch.stats.means.ratios import ONE_CLUSTER, correlation_of_ratios
from cxresearch.stats.means.sample_means import t_interval
from cxresearch.stats.shares.differences import mover
from cxresearch.stats.shares.proportions import wilson
from cxresearch.survey import nps_intervals
from cxresearch.survey.answers import Answers
from cxresearch.survey.enps import guarded
from cxresearch.survey.nps import DETRACTOR_TO, POINTS, PROMOTER_FROM, SCALES, nps_of
from cxresearch.survey.ratings import mean_score, top_box

CLUSTERED = "the answers of one customer are alike: the interval counts customers, not answers"

#: A design effect below this is taken as chance: several answers each never make an interval
#: shorter than that of as many people.
LEAST_DESIGN_EFFECT = 1.0

METHODS = {
    "nps": "score (Tango) on the effective sample size of the customers",
    "enps": "score (Tango) on the effective sample size of the customers",
    "csat": "Wilson score on the effective sample size of the customers",
    "ces": "mean, t, on the effective sample size of the customers",
}
UNITS = {"nps": "points", "enps": "points", "csat": "share", "ces": "score"}
DIFFERENCES = {
    "nps": "MOVER of score intervals",
    "csat": "MOVER of Wilson intervals",
    "ces": "Welch's t",
}


def effective_size(group: Group, confidence: float) -> float:
    """Return how many answers of different people would tell as much.

    Notes
    -----
    n / deff * (t_{n-1} / t_{people-1})**2, where deff is the linearised variance of the mean over
    people over that over answers, at least 1; n / people where every answer is alike. It is n
    where everybody answered once, and nan where all answers are of one person.

    References
    ----------
    Korn & Graubard (1998), Survey Methodology 24, 193-201.
    """
    from scipy.special import stdtrit

    n, people = group.each.n, group.people.n
    if people == n:
        return float(n)
    if people < 2:
        return math.nan
    alone = group.each.variance
    effect = group.people.variance / alone if alone else n / people
    quantiles = [float(stdtrit(size - 1, (1 + confidence) / 2)) for size in (n, people)]
    return n / max(effect, LEAST_DESIGN_EFFECT) * (quantiles[0] / quantiles[1]) ** 2


def level(metric: str, group: Group, confidence: float) -> Estimate:
    """Return a survey metric with its interval over people; `n` counts answers.

    Raises
    ------
    ValueError
        If an NPS has another scale than 0-10 or 1-10.
    """
    plain = _plain(metric, group, confidence)
    people = group.people.n
    if people < group.each.n:
        ends = _ends(metric, group, plain, confidence)
        note = ONE_CLUSTER if people < 2 else CLUSTERED
        notes = "; ".join(part for part in (plain.note, note) if part)
        plain = replace(plain, ci=ends, method=METHODS[metric], note=notes)
    return guarded(plain, people) if metric == "enps" else plain


def against_rest(metric: str, split: Split, confidence: float) -> Comparison:
    """Return a group minus the other answers to its question; a person may be in both.

    Notes
    -----
    The interval is MOVER's with the correlation of the two linearised means over people, or
    Welch's for a CES, with the same covariance; each side at its effective size.

    References
    ----------
    Zou (2007), Psychological Methods 12, 399-413 (correlated estimates).
    """
    first, second = (level(metric, part, confidence) for part in (split.rest, split.group))
    alike = correlation_of_ratios(split.rest.people, split.group.people, split.cross)
    v1, v2 = _variances(metric, split, confidence)
    variance = v1 + v2 - 2 * alike * math.sqrt(v1 * v2)
    d = second.value - first.value
    statistic = d / math.sqrt(variance) if variance > 0 else math.nan
    df = _welch_df((v1, split.rest), (v2, split.group)) if metric == "ces" else math.inf
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


def _plain(metric: str, group: Group, confidence: float) -> Estimate:
    """Return the metric as if every answer were of another person."""
    found = group.answers
    if metric == "csat":
        return top_box(found, TOP, confidence)
    if metric == "ces":
        return mean_score(found, confidence)
    validate.one_of("scale", found.scale, SCALES)
    result = nps_of(found, confidence=confidence)
    return Estimate(
        value=result.nps,
        ci=result.ci,
        n=result.n,
        unit=result.unit,
        confidence=confidence,
        method=result.method,
        note=result.note,
    )


def _ends(metric: str, group: Group, plain: Estimate, confidence: float) -> Interval:
    """Return the interval of a metric at the effective size of its answers."""
    size = effective_size(group, confidence)
    if math.isnan(size):
        return Interval(math.nan, math.nan)
    if metric == "csat":
        return wilson(plain.value, size, normal_quantile(confidence))
    if metric == "ces":
        least, most = group.answers.scale
        variance = group.each.variance * group.each.n / size
        ends = t_interval(plain.value, variance, group.each.n - 1, confidence)
        return Interval(max(ends.low, float(least)), min(ends.high, float(most)))
    result = nps_of(group.answers, confidence=confidence)
    counts = (np.array([share * size]) for share in result.shares)
    low, high = nps_intervals.limits(*counts, method="score", confidence=confidence)
    return Interval(POINTS * float(low[0]), POINTS * float(high[0]))


def _variances(metric: str, split: Split, confidence: float) -> tuple[float, float]:
    """Return the variances of the two values where they do not differ, for the test."""
    parts = split.rest, split.group
    first, second = (effective_size(part, confidence) for part in parts)
    if metric == "ces":
        v1, v2 = (part.each.variance * part.each.n for part in parts)
    elif metric == "csat":
        share = sum(part.each.x for part in parts) / sum(part.each.y for part in parts)
        v1 = v2 = share * (1 - share)
    else:
        v1, v2 = (POINTS**2 * _spread(part) for part in parts)
    return v1 / first, v2 / second


def _spread(part: Group) -> float:
    """Return the variance of the values of the answers, over n."""
    return max(part.each.xx / part.each.y - part.each.ratio**2, 0.0)


def _welch_df(*parts: tuple[float, Group]) -> float:
    below = sum(v**2 / (part.each.n - 1) if part.each.n > 1 else math.nan for v, part in parts)
    return sum(v for v, _ in parts) ** 2 / below if below > 0 else math.nan


#: A metric, and the lowest and the highest score it was asked on.
Question = tuple[str, int, int]

QUESTION = ("metric", "scale_min", "scale_max")
#: How many of the highest scores are a top box, of CSAT.
TOP = 2

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
    """Answers to one question, and what their mean value and its spread follow from.

    The value of an answer is 1, 0 or -1 for an NPS (promoter, passive, detractor), 1 or 0 for a
    CSAT (top box or not), and the score itself for a CES.

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A group, the other answers to its question, and the products over people in both."""

    group: Group
    rest: Group
    cross: CrossSums


def splits(named: Frame) -> dict[Question, dict[str, Split]]:
    """Return every group of every question of a frame with the column `group`.

    Raises
    ------
    SchemaError
        If the scores are no numbers, or one is no whole number on its scale.
    """
    counts, moments = _counts(named), _moments(named)
    return {
        question: {group: _split(group, groups, moments[question]) for group in groups}
        for question, groups in counts.items()
    }


def _counts(named: Frame) -> dict[Question, dict[str, Answers]]:
    """Return the answers of every question by group; the engine counts them by score."""
    kind = named.collect_schema()["score"]
    if not kind.is_numeric():
        raise SchemaError("surveys", [f"score: must be numbers; the column is of {kind}"])
    counted = named.group_by(*QUESTION, "group", "score").agg(nw.len().alias("n")).collect()
    faults: list[str] = []
    counts: dict[Question, dict[str, Any]] = defaultdict(dict)
    for row in counted.sort(*QUESTION, "group", "score").rows(named=True):
        low, high, score = (float(row[name]) for name in ("scale_min", "scale_max", "score"))
        if not (low <= score <= high and all(end.is_integer() for end in (low, high, score))):
            faults.append(
                f"score: {row['n']} answers of {score:g} to {row['metric']} are no whole number "
                f"from {low:g} to {high:g}"
            )
            continue
        empty = np.zeros(int(high - low) + 1)
        counts[_question(row)].setdefault(row["group"], empty)[int(score - low)] += row["n"]
    if faults:
        raise SchemaError("surveys", faults)
    return {
        question: {
            group: Answers(question[1:], number, 0, number, number)
            for group, number in groups.items()
        }
        for question, groups in counts.items()
    }


def _moments(named: Frame) -> dict[Question, dict[str, dict[str, float]]]:
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
    score = nw.col("score").cast(nw.Float64)
    promoter = nw.when(score >= PROMOTER_FROM).then(1.0).otherwise(0.0)
    detractor = nw.when(score <= DETRACTOR_TO).then(1.0).otherwise(0.0)
    satisfied = nw.when(score > nw.col("scale_max") - TOP).then(1.0).otherwise(0.0)
    other = nw.when(nw.col("metric") == "csat").then(satisfied).otherwise(score)
    is_nps = nw.col("metric").is_in(["nps", "enps"])
    return nw.when(is_nps).then(promoter - detractor).otherwise(other)


def _question(row: dict[str, Any]) -> Question:
    return str(row["metric"]), int(row["scale_min"]), int(row["scale_max"])


def _split(group: str, counts: dict[str, Answers], moments: dict[str, dict[str, float]]) -> Split:
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
