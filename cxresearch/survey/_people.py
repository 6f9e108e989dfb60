"""The answers to each question by group, and the sums over the people who gave them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np

from cxresearch.core.unit_sums import CrossSums, RatioSums
from cxresearch.engine.frames import Frame
from cxresearch.errors import SchemaError
from cxresearch.survey.answers import Answers
from cxresearch.survey.nps_sample import DETRACTOR_TO, PROMOTER_FROM

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
