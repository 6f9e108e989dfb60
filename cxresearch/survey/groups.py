"""The survey indicators of a study: relational and by touchpoint, segment or channel."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from cxresearch import engine
from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.results import Estimate, Interval, undefined
from cxresearch.engine import frames
from cxresearch.errors import SchemaError
from cxresearch.stats.multiplicity import p_values as multiplicity
from cxresearch.study import plain_frames
from cxresearch.survey.answers import OTHER_SCALE
from cxresearch.survey.clustered import QUESTION, Question, Split, counts, splits
from cxresearch.survey.metrics import METRICS
from cxresearch.survey.nps import NO_ANSWERS
from cxresearch.survey.weighted import WeightedSplit, is_plain, rows_of, samples

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from cxresearch.survey.weights import Weights

#: What answers to a question that was asked at no touchpoint are called.
RELATIONAL = "relational"
#: What answers without a segment, a channel or another attribute are called.
UNKNOWN = "unknown"
#: The answers of every touchpoint and the relational ones together.
ALL = "all"
#: Those of every touchpoint, without the relational ones.
_TRANSACTIONAL = "transactional"

#: The table that has one row per key, which an attribute is looked for in.
_TABLES = {"customer_id": "customers", "order_id": "orders"}

#: With two groups there is one comparison, seen from both sides.
_ONE_COMPARISON = 2


@documented
def by_group(
    surveys: frames.AnyFrame,
    by: str = "touchpoint",
    *,
    touchpoint: str = ALL,
    weights: Weights | ArrayLike | str | None = None,
    adjust: multiplicity.Method = "holm",
    compare: bool = True,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return every survey metric for every group, and each group against the rest.

    Parameters
    ----------
    surveys : frame
        A study's surveys, with the column `by`.
    by : str, default "touchpoint"
        The column that names the groups. Answers without a touchpoint are relational (they are
        about the shop as a whole); without another attribute, their group is unknown.
    touchpoint : str, default "all"
        Whose answers count, as in :func:`overall`. Groups that were asked at other touchpoints
        than the rest differ for that alone: take the answers of one where they suffice.
    weights : Weights, array of float or str, optional
        The weight of each row of `surveys`, in its order, or the column that has it. From
        :func:`cxresearch.survey.post_stratify` or :func:`cxresearch.survey.rake` the intervals
        also learn what agreeing with the targets took out of the variance. Rows of weight 0 are
        nobody's.
    adjust : str, default "holm"
        How the p-values of one metric are adjusted for the number of its groups: see
        :func:`cxresearch.stats.multiplicity.adjusted`.
    compare : bool, default True
        Whether each group is compared with the rest; if not, what is told of the difference is
        empty.
    %(confidence)s

    Returns
    -------
    pandas.DataFrame
        One row per metric, scale and group, in this order: `metric`, `scale`, the group under
        the name of `by`, `value` with `ci_low` and `ci_high` in `unit` (nps and enps in points,
        csat the share of the two highest scores, ces the mean score), `n` answers, `people`
        (customers, and answers without one), `difference` to the rest of the metric's groups with
        `difference_low` and `difference_high`, `p_value`, `p_adjusted`, `method`, `note`. Nothing
        is suppressed but an eNPS: a report suppresses by `people`.

    Raises
    ------
    SchemaError
        If a column is missing, or a score is no whole number on its scale: all at once.
    ValueError
        If a name is unknown, `by` is the name of one of the columns below, an NPS has another
        scale than 0-10 or 1-10, or a weight is negative.
    TypeError
        If weights are given in an order that the surveys, not in memory, do not have.

    Notes
    -----
    The same metric on two scales is two metrics: they are never pooled. Customers are
    independent, their answers are not; an answer without a customer is a customer of its own.
    Intervals and tests are those of as many answers as tell as much
    (:meth:`cxresearch.survey.clustered.Group.size`), and a difference counts that a customer
    may have answered on both sides. Where everybody answered once they are the plain ones: of
    Tango and :func:`cxresearch.survey.nps_difference` (nps), Wilson and Newcombe (csat), Student
    and Welch (ces). With two groups each is the rest of the other: one comparison is shown
    twice, and not adjusted. An eNPS is not compared: that could give away what is withheld. Nor
    are relational answers with those of touchpoints: they are two questions, asked at other moments
    of people who may be the same, so by touchpoint the rest is that of the other touchpoints.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({
    ...     "metric": "csat", "score": [5, 4, 2, 5, 1, 3], "scale_min": 1, "scale_max": 5,
    ...     "customer_id": ["a", "b", "c", "a", None, None],
    ...     "touchpoint": ["chat", "chat", "chat", None, None, None],
    ... })
    >>> by_group(frame)[["metric", "touchpoint", "value", "n", "people"]].round(3)
      metric  touchpoint  value  n  people
    0   csat        chat  0.667  3       3
    1   csat  relational  0.333  3       3
    """
    import pandas as pd

    validate.share("confidence", confidence)
    if by in (own := _columns()):
        rule = f"another name than those of what is told of a group: {', '.join(own)}"
        raise validate.refused("by", rule, by)
    needed = [*QUESTION, "score", "customer_id", by]
    if touchpoint != ALL and by != "touchpoint":
        needed.append("touchpoint")
    chosen = _chosen(touchpoint) if by == "touchpoint" else [by, *_chosen(touchpoint)]
    given = _asked_at(_named(surveys, needed, by, chosen=chosen), touchpoint)
    missing = RELATIONAL if by == "touchpoint" else UNKNOWN
    level = nw.col(by).cast(nw.String)
    if given.collect_schema()[by] == nw.Boolean:  # an engine writes them in its own way
        level = nw.when(nw.col(by)).then(nw.lit("True"))
        level = nw.when(~nw.col(by)).then(nw.lit("False")).otherwise(level)
    named = given.with_columns(level.fill_null(missing).alias("group"))
    weighted = None
    if weights is not None:
        weighted = rows_of(surveys, weights, list(dict.fromkeys(needed)), {by, "touchpoint"})
    rows: list[dict[str, Any]] = []
    # What is about the shop as a whole is no other touchpoint: each is compared with its own kind.
    kinds = [ALL] if by != "touchpoint" or touchpoint != ALL else [_TRANSACTIONAL, RELATIONAL]
    for kind in kinds:
        try:
            counted = splits(_asked_at(named, kind))
        except SchemaError:
            counts(named)  # of every kind at once
            raise
        found: Mapping[Question, Mapping[str, Split | WeightedSplit]] = counted
        if weighted is not None and not is_plain(weighted[1]):
            table, each = weighted
            names = table[by].astype("string").fillna(missing).to_numpy(dtype=object)
            there = _is_at(table, touchpoint) & _is_at(table, kind)
            found = samples(table, each, names, there)
        for question in found:
            of_all = next(iter(counted[question].values()))
            both = of_all.group.answers.counts + of_all.rest.answers.counts
            short = METRICS[question[0]].looks_short(replace(of_all.group.answers, counts=both))
            asked = {"short": short, "compare": compare}
            rows += _rows(question, found[question], by, adjust, confidence, **asked)
    found_rows = pd.DataFrame(rows, columns=_columns(by))
    place = found_rows["metric"].map({name: i for i, name in enumerate(METRICS)})
    order = found_rows.assign(place=place).sort_values(["place", "scale", by], kind="stable").index
    return found_rows.loc[order].reset_index(drop=True)


@documented
def overall(
    surveys: frames.AnyFrame,
    metric: str = "nps",
    *,
    touchpoint: str = RELATIONAL,
    weights: Weights | ArrayLike | str | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Return one survey metric of a study as a whole.

    Parameters
    ----------
    surveys : frame
        A study's surveys.
    metric : {"nps", "csat", "ces", "enps"}
        The metric.
    touchpoint : str, default "relational"
        Whose answers count: the relational ones, which are about the shop as a whole, those of one
        touchpoint, or "all" of them together.
    weights : Weights, array of float or str, optional
        As in :func:`by_group`.
    %(confidence)s

    Returns
    -------
    Estimate
        In the unit of the metric, with `n` answers and the interval over customers of
        :func:`by_group`; nan with a note where there are no answers, or where those to an NPS
        question must have been given on 1-5.

    Raises
    ------
    SchemaError
        If a column is missing, a score is no whole number on its scale, or the metric was asked
        on several scales, which are never pooled.
    ValueError
        If a name is unknown, or an NPS has another scale than 0-10 or 1-10.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({
    ...     "metric": "nps", "score": [9, 10, 3, 8], "scale_min": 0, "scale_max": 10,
    ...     "customer_id": ["a", "b", "c", "d"], "touchpoint": [None, None, None, "chat"],
    ... })
    >>> round(overall(frame).value, 1), overall(frame, touchpoint=ALL).value
    (33.3, 25.0)
    """
    validate.one_of("metric", metric, tuple(METRICS))
    validate.share("confidence", confidence)
    kind = METRICS[metric]
    needed = [*QUESTION, "score", "customer_id", "touchpoint"]
    answers = _named(surveys, needed, chosen=_chosen(touchpoint))
    given = answers.filter(nw.col("metric") == metric)
    asked = _asked_at(given, touchpoint).with_columns(nw.lit(ALL).alias("group"))
    counted = counts(asked)
    if len(counted) > 1:
        scales = " and ".join(f"{low}-{high}" for _, low, high in sorted(counted))
        raise SchemaError("surveys", [f"scale: {metric} was asked on {scales}, never to be pooled"])
    nothing = Estimate(
        value=math.nan,
        ci=Interval(math.nan, math.nan),
        n=0,
        unit=kind.unit,
        confidence=confidence,
        method=kind.method,
        note=NO_ANSWERS,
    )
    if not counted:
        return nothing
    ((question, groups),) = counted.items()
    is_short = METRICS[metric].looks_short(groups[ALL])
    if weights is not None and not is_short:
        table, each = rows_of(surveys, weights, needed, {"touchpoint"})
        if not is_plain(each):
            there = _is_at(table, touchpoint) & (table["metric"] == metric).to_numpy(dtype=bool)
            everybody = np.full(len(table), ALL, dtype=object)
            found = samples(table, each, everybody, there)  # nothing where all weights are 0
            return kind.level(found[question][ALL].group, confidence) if found else nothing
    level = kind.level(splits(asked, counted)[question][ALL].group, confidence)
    return undefined(level, note=OTHER_SCALE) if is_short else level


@documented
def with_attribute(
    surveys: frames.AnyFrame, table: frames.AnyFrame, column: str, *, on: str = "customer_id"
) -> frames.Frame:
    """Return surveys with an attribute of their customer or of their order, to group them by.

    Parameters
    ----------
    surveys : frame
        A study's surveys, with the column `on`.
    table : frame
        A frame of the same kind with the columns `on` and `column`, like the study's
        customers or orders.
    column : str
        The attribute, like the segment of a customer or the channel of an order. Where it has
        several values for one key, the first in the alphabet is taken.
    on : str, default "customer_id"
        The column that both have.

    Returns
    -------
    narwhals.LazyFrame
        Every row of the surveys, with the attribute; null where there is none.

    Raises
    ------
    %(missing_column)s

    Examples
    --------
    >>> import pandas as pd
    >>> answered = pd.DataFrame({"customer_id": ["a", "b"], "score": [9, 3]})
    >>> customers = pd.DataFrame({"customer_id": ["a", "a"], "segment": ["gold", None]})
    >>> with_attribute(answered, customers, "segment").collect()["segment"].is_null().to_list()
    [False, True]
    """
    left = plain_frames.lazy(surveys, "surveys", [on], [on])
    known = plain_frames.lazy(table, _TABLES.get(on, "table"), [on, column], [on, column])
    known = known.filter(~nw.col(on).is_null(), ~nw.col(column).is_null())
    one_each = known.group_by(on).agg(nw.col(column).min())
    if column in left.collect_schema().names():
        left = left.drop(column)
    answers, attribute = engine.alike(left, one_each)
    return answers.join(attribute, on=on, how="left")


def _chosen(touchpoint: str) -> list[str]:
    """Return the column that must be there to tell the answers of one touchpoint from others."""
    return [] if touchpoint in (ALL, RELATIONAL) else ["touchpoint"]


def _named(
    surveys: frames.AnyFrame, needed: list[str], by: str = "touchpoint", *, chosen: list[str]
) -> frames.Frame:
    """Return the answers of surveys, in which a group whose name is blank has none."""
    given = plain_frames.lazy(surveys, "surveys", needed, chosen)
    answers = frames.without_blanks(given, {by, "touchpoint", "score"})
    if "touchpoint" in needed:  # answers that are called relational are so
        at = nw.col("touchpoint")
        answers = answers.with_columns(touchpoint=nw.when(at != RELATIONAL).then(at))
    return answers.filter(~nw.col("score").is_null())


def _asked_at(answers: frames.Frame, touchpoint: str) -> frames.Frame:
    if touchpoint == ALL:
        return answers
    if touchpoint in (RELATIONAL, _TRANSACTIONAL):
        relational = nw.col("touchpoint").is_null()
        return answers.filter(relational if touchpoint == RELATIONAL else ~relational)
    return answers.filter(nw.col("touchpoint") == touchpoint)


def _is_at(table: pd.DataFrame, touchpoint: str) -> NDArray[Any]:
    """Return which rows :func:`_asked_at` keeps."""
    if touchpoint == ALL:
        return np.ones(len(table), dtype=bool)
    if touchpoint in (RELATIONAL, _TRANSACTIONAL):
        at = table["touchpoint"].astype("string").fillna(RELATIONAL)
        relational = (at == RELATIONAL).to_numpy(dtype=bool)
        return relational if touchpoint == RELATIONAL else ~relational
    return (table["touchpoint"] == touchpoint).fillna(value=False).to_numpy(dtype=bool)


def _rows(
    question: Question,
    groups: Mapping[str, Split | WeightedSplit],
    by: str,
    adjust: multiplicity.Method,
    confidence: float,
    *,
    short: bool,
    compare: bool,
) -> list[dict[str, Any]]:
    """Return one row per group of a question, with its level and its difference to the rest."""
    name, low, high = question
    metric = METRICS[name]
    compared = compare and metric.compared and len(groups) > 1 and not short
    rows: list[dict[str, Any]] = []
    for group, split in groups.items():
        estimate = metric.level(split.group, confidence)
        if short:
            estimate = undefined(estimate, note=OTHER_SCALE)
        against = split.against_rest(metric, confidence) if compared else None
        rows.append(
            {
                "metric": name,
                "scale": f"{low}-{high}",
                by: group,
                "value": estimate.value,
                "ci_low": estimate.ci.low,
                "ci_high": estimate.ci.high,
                "unit": estimate.unit,
                "n": estimate.n,
                "people": split.group.respondents,
                "difference": against.value if against else math.nan,
                "difference_low": against.ci.low if against else math.nan,
                "difference_high": against.ci.high if against else math.nan,
                "p_value": against.p_value if against else math.nan,
                "method": estimate.method,
                "note": estimate.note,
            }
        )
    p_values: list[float] = [row["p_value"] for row in rows]
    if len(rows) != _ONE_COMPARISON:
        p_values = multiplicity.adjusted(p_values, method=adjust).tolist()
    return [row | {"p_adjusted": p} for row, p in zip(rows, p_values, strict=True)]


def _columns(*by: str) -> list[str]:
    estimate = ["value", "ci_low", "ci_high", "unit", "n", "people"]
    against = ["difference", "difference_low", "difference_high", "p_value", "p_adjusted"]
    return ["metric", "scale", *by, *estimate, *against, "method", "note"]
