"""The survey indicators of a study: relational and by touchpoint, segment or channel."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from cxresearch import _checks
from cxresearch.errors import SchemaError
from cxresearch.results import Estimate, Interval
from cxresearch.schema import METRICS
from cxresearch.stats import multiplicity
from cxresearch.stats.comparison import Comparison
from cxresearch.stats.differences import difference_of_proportions
from cxresearch.stats.means import Sample, difference_of_means
from cxresearch.survey.answers import Answers
from cxresearch.survey.enps import enps_of
from cxresearch.survey.nps import nps_of
from cxresearch.survey.nps_compare import nps_difference
from cxresearch.survey.ratings import mean_score, top_box

if TYPE_CHECKING:
    import pandas as pd
    from narwhals.typing import IntoFrame

Frame = nw.LazyFrame[Any]

#: What answers to a question that was asked at no touchpoint are called.
RELATIONAL = "relational"
#: What answers without a segment, a channel or another attribute are called.
UNKNOWN = "unknown"

#: How many of the highest scores are a top box, of CSAT.
_TOP = 2
#: With two groups there is one comparison, told from both sides.
_ONE_COMPARISON = 2
_QUESTION = ("metric", "scale_min", "scale_max")


def by_group(
    surveys: IntoFrame,
    by: str = "touchpoint",
    *,
    adjust: multiplicity.Method = "holm",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return every survey metric for every group, and each group against the rest.

    Parameters
    ----------
    surveys : frame
        A study's surveys, of any kind, with the column `by`.
    by : str, default "touchpoint"
        The column that names the groups. Answers without a touchpoint are relational (they are
        about the shop as a whole); without another attribute, their group is unknown.
    adjust : str, default "holm"
        How the p-values of one metric are adjusted for the number of its groups: see
        :func:`cxresearch.stats.multiplicity.adjusted`.
    confidence : float, default 0.95
        Coverage of the intervals, strictly between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per metric, scale and group, in this order: `metric`, `scale`, the group under
        the name of `by`, `value` with `ci_low` and `ci_high` in `unit` (nps and enps in points,
        csat the share of the two highest scores, ces the mean score), `n` answers, `people`
        (customers, and answers without one), `difference` to the rest of the metric's groups with
        `difference_low` and `difference_high`, `p_value`, `p_adjusted`, `note`. Nothing is
        suppressed but an eNPS: a report suppresses by `people`.

    Raises
    ------
    SchemaError
        If a column is missing, or a score is no whole number on its scale: all at once.
    ValueError
        If a name is unknown, or an NPS has another scale than 0-10 or 1-10.

    Notes
    -----
    The same metric on two scales is two metrics: they are never pooled. Each answer counts as
    independent; where a customer answered several times in a group, the intervals are a little
    too short. The differences are those of :func:`cxresearch.survey.nps_difference`, of Newcombe
    (csat) and of Welch (ces). With two groups each is the rest of the other: one comparison is
    told twice, and not adjusted. An eNPS is not compared: that could tell what is withheld.

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

    _checks.share("confidence", confidence)
    found = _lazy(surveys, [*_QUESTION, "score", "customer_id", by])
    missing = RELATIONAL if by == "touchpoint" else UNKNOWN
    named = found.with_columns(nw.col(by).cast(nw.String).fill_null(missing).alias("group"))
    answers, people = _answers(named), _people(named)
    rows: list[dict[str, Any]] = []
    for question in sorted(answers, key=lambda q: (METRICS.index(q[0]), q)):
        rows += _rows(question, answers[question], people, by, adjust, confidence)
    return pd.DataFrame(rows, columns=_columns(by))


def with_attribute(
    surveys: IntoFrame, table: IntoFrame, column: str, *, on: str = "customer_id"
) -> Frame:
    """Return surveys with an attribute of their customer or of their order, to group them by.

    Parameters
    ----------
    surveys : frame
        A study's surveys, of any kind, with the column `on`.
    table : frame
        A frame of the same kind with the columns `on` and `column`, such as the study's
        customers or orders.
    column : str
        The attribute, such as the segment of a customer or the channel of an order. Where it has
        several values for one key, the first in the alphabet is taken.
    on : str, default "customer_id"
        The column that both have.

    Returns
    -------
    narwhals.LazyFrame
        Every row of the surveys, with the attribute; null where there is none.

    Raises
    ------
    SchemaError
        If a column is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> answered = pd.DataFrame({"customer_id": ["a", "b"], "score": [9, 3]})
    >>> customers = pd.DataFrame({"customer_id": ["a", "a"], "segment": ["gold", None]})
    >>> with_attribute(answered, customers, "segment").collect()["segment"].is_null().to_list()
    [False, True]
    """
    left = _lazy(surveys, [on])
    known = _lazy(table, [on, column]).filter(~nw.col(on).is_null(), ~nw.col(column).is_null())
    one_each = known.group_by(on).agg(nw.col(column).min())
    if column in left.collect_schema().names():
        left = left.drop(column)
    return left.join(one_each, on=on, how="left")


def _lazy(frame: IntoFrame, needed: Iterable[str]) -> Frame:
    found = nw.from_native(frame).lazy()
    names = found.collect_schema().names()
    missing = [name for name in needed if name not in names]
    if missing:
        there = ", ".join(names)
        raise SchemaError(
            "surveys", [f"{name}: no such column; it has {there}" for name in missing]
        )
    return found


Question = tuple[str, int, int]


def _answers(named: Frame) -> dict[Question, dict[str, Answers]]:
    """Return the answers of every question by group; the engine counts them by score."""
    counted = named.group_by(*_QUESTION, "group", "score").agg(nw.len().alias("n")).collect()
    faults: list[str] = []
    counts: dict[Question, dict[str, Any]] = defaultdict(dict)
    for row in counted.sort(*_QUESTION, "group", "score").rows(named=True):
        low, high, score = (float(row[name]) for name in ("scale_min", "scale_max", "score"))
        if not (low <= score <= high and all(end.is_integer() for end in (low, high, score))):
            faults.append(
                f"score: {row['n']} answers of {score:g} to {row['metric']} are no whole number "
                f"from {low:g} to {high:g}"
            )
            continue
        question = (str(row["metric"]), int(low), int(high))
        empty = np.zeros(int(high - low) + 1)
        counts[question].setdefault(row["group"], empty)[int(score - low)] += row["n"]
    if faults:
        raise SchemaError("surveys", faults)
    return {
        question: {
            group: Answers(question[1:], number, 0, number, number)
            for group, number in groups.items()
        }
        for question, groups in counts.items()
    }


def _people(named: Frame) -> dict[tuple[Question, str], int]:
    """Return how many people answered each question in each group."""
    keys = (*_QUESTION, "group")
    known = named.filter(~nw.col("customer_id").is_null()).select(*keys, "customer_id").unique()
    anonymous = named.filter(nw.col("customer_id").is_null())
    people: dict[tuple[Question, str], int] = defaultdict(int)
    for part in (known, anonymous):
        for row in part.group_by(*keys).agg(nw.len().alias("n")).collect().rows(named=True):
            question = (str(row["metric"]), int(row["scale_min"]), int(row["scale_max"]))
            people[question, row["group"]] += int(row["n"])
    return people


def _rows(
    question: Question,
    groups: dict[str, Answers],
    people: dict[tuple[Question, str], int],
    by: str,
    adjust: multiplicity.Method,
    confidence: float,
) -> list[dict[str, Any]]:
    metric, low, high = question
    number = sum(found.counts for found in groups.values())
    everybody = Answers((low, high), np.asarray(number), 0, np.asarray(number), np.asarray(number))
    rows: list[dict[str, Any]] = []
    for group, found in groups.items():
        estimate = _estimate(metric, found, confidence)
        # Of colleagues, a difference to the rest could tell what a threshold withholds.
        is_told = len(groups) > 1 and metric != "enps"
        against = _against(metric, everybody.without(found), found, confidence) if is_told else None
        rows.append(
            {
                "metric": metric,
                "scale": f"{low}-{high}",
                by: group,
                "value": estimate.value,
                "ci_low": estimate.ci.low,
                "ci_high": estimate.ci.high,
                "unit": estimate.unit,
                "n": estimate.n,
                "people": people[question, group],
                "difference": against.value if against else math.nan,
                "difference_low": against.ci.low if against else math.nan,
                "difference_high": against.ci.high if against else math.nan,
                "p_value": against.p_value if against else math.nan,
                "note": estimate.note,
            }
        )
    p_values: list[float] = [row["p_value"] for row in rows]
    if len(rows) != _ONE_COMPARISON:
        p_values = multiplicity.adjusted(p_values, method=adjust).tolist()
    return [row | {"p_adjusted": p} for row, p in zip(rows, p_values, strict=True)]


def _columns(by: str) -> list[str]:
    estimate = ["value", "ci_low", "ci_high", "unit", "n", "people"]
    against = ["difference", "difference_low", "difference_high", "p_value", "p_adjusted"]
    return ["metric", "scale", by, *estimate, *against, "note"]


def _estimate(metric: str, found: Answers, confidence: float) -> Estimate:
    if metric == "csat":
        return top_box(found, _TOP, confidence)
    if metric == "ces":
        return mean_score(found, confidence)
    if metric == "enps":
        return enps_of(found, confidence=confidence)
    result = nps_of(found, confidence=confidence)
    return Estimate(
        value=result.nps,
        ci=Interval(*result.ci),
        n=result.n,
        unit=result.unit,
        confidence=confidence,
        method=result.method,
        note=result.note,
    )


def _against(metric: str, rest: Answers, group: Answers, confidence: float) -> Comparison:
    """Return a group minus the rest."""
    if metric == "csat":
        satisfied = group.scores > group.scale[1] - _TOP
        first, second = ((int(part.counts[satisfied].sum()), part.n) for part in (rest, group))
        return difference_of_proportions(first, second, confidence=confidence)
    if metric == "ces":
        samples = (Sample.of(np.repeat(p.scores, p.counts.astype(int))) for p in (rest, group))
        return difference_of_means(*samples, unit="score", confidence=confidence)
    return nps_difference(nps_of(rest), nps_of(group), confidence=confidence)
