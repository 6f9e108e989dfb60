"""What customers did after they wrote, and whether support turned a bad experience."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw
import numpy as np

from cxresearch import engine
from cxresearch.core import validate
from cxresearch.core.comparison import Comparison
from cxresearch.core.documented import documented
from cxresearch.core.results import Estimate, Interval, as_columns, difference_unit, fields_of
from cxresearch.engine import frames, windows
from cxresearch.errors import SchemaError
from cxresearch.study import plain_frames
from cxresearch.voc.estimates.associations import METHOD, associations
from cxresearch.voc.estimates.prevalence import customer_numbers, mean_over_customers
from cxresearch.voc.texts.raw_text import is_missing

if TYPE_CHECKING:
    import pandas as pd
    from narwhals.typing import IntoFrame


Experience = Literal["no problem", "no contact", "not resolved", "resolved"]
REFERENCE = "this is the group that the others are compared with"
#: From the worst to the best that can be hoped for.
_ORDER = ("not resolved", "no contact", "resolved", "no problem")
_TEXT = ("text_id", "customer_id", "ts_us")


@documented
def nearest_score(
    feedback: IntoFrame | frames.Frame,
    surveys: IntoFrame | frames.Frame,
    metric: str,
    *,
    days: float = 7.0,
) -> pd.Series[float]:
    """Return for each text the score that its customer gave nearest in time.

    Parameters
    ----------
    feedback : frame of any kind
        `text_id`, `customer_id` and `ts_us`, as ``shop.frame("feedback")`` has them.
    surveys : frame of the same kind
        `customer_id`, `ts_us`, `metric` and `score`.
    metric : str
        The metric: nps, csat, ces or enps.
    days : float, default 7
        How far the answer may be from the text, before it or after it.

    Returns
    -------
    pandas.Series of float
        By `text_id`, in order; nan where there is no such answer. Of answers equally near, the
        later one.

    Raises
    ------
    %(missing_column)s
    %(days_not_positive)s

    Examples
    --------
    >>> import pandas as pd
    >>> texts = pd.DataFrame({"text_id": ["a"], "customer_id": ["C"], "ts_us": [0]})
    >>> answers = pd.DataFrame(
    ...     {"customer_id": ["C"], "ts_us": [60_000_000], "metric": ["nps"], "score": [9.0]})
    >>> nearest_score(texts, answers, "nps").to_dict()
    {'a': 9.0}
    """
    reach = windows.of_days(validate.positive("days", days))
    texts = _texts(feedback)
    answers = plain_frames.lazy(surveys, "surveys", ("customer_id", "ts_us", "metric", "score"))
    asked = answers.filter(frames.KNOWN, nw.col("metric") == metric).select(
        "customer_id", "score", answered_us=nw.col("ts_us")
    )
    apart = nw.col("answered_us") - nw.col("ts_us")
    left, right = engine.alike(texts, asked)
    near = left.join(right, on="customer_id", how="inner").with_columns(apart=apart.abs())
    found: dict[object, tuple[int, int, float]] = {}
    for row in frames.rows(near.filter(windows.within(nw.col("apart"), reach))):
        one = row["apart"], -row["answered_us"], float(row["score"])
        found[row["text_id"]] = min(found.get(row["text_id"], one), one)
    return _by_text(texts, {text: score for text, (_, _, score) in found.items()}, metric)


@documented
def bought_again(
    feedback: IntoFrame | frames.Frame, orders: IntoFrame | frames.Frame, *, days: float = 90.0
) -> pd.Series[float]:
    """Return for each text whether its customer ordered within some days after it.

    Parameters
    ----------
    feedback
        As in :func:`nearest_score`.
    orders : frame of the same kind
        `customer_id` and `ts_us`; leave out orders that were cancelled.
    days : float, default 90
        How long the customer is given.

    Returns
    -------
    pandas.Series of float
        By `text_id`, in order: 1 or 0; nan where the customer is not known, or the orders end
        before the days are over. One less it is churn.

    Raises
    ------
    %(missing_column)s
    %(days_not_positive)s

    Examples
    --------
    >>> import pandas as pd
    >>> day = 86_400_000_000
    >>> texts = pd.DataFrame({"text_id": ["a", "b"], "customer_id": ["C", "D"], "ts_us": [0, 0]})
    >>> orders = pd.DataFrame({"customer_id": ["C", "E"], "ts_us": [5 * day, 40 * day]})
    >>> bought_again(texts, orders, days=30).to_dict()
    {'a': 1.0, 'b': 0.0}
    """
    reach = windows.of_days(validate.positive("days", days))
    texts = _texts(feedback)
    ordered = plain_frames.lazy(orders, "orders", ("customer_id", "ts_us")).select(
        "customer_id", ordered_us=nw.col("ts_us")
    )
    (last,) = frames.rows(ordered.select(end=nw.col("ordered_us").max()))
    end_us = last["end"] or 0
    bought = ordered.filter(frames.KNOWN)
    after = nw.col("ordered_us") - nw.col("ts_us")
    left, right = engine.alike(texts, bought)
    again = left.join(right, on="customer_id", how="inner").filter(
        after > 0, windows.within(after, reach)
    )
    came = {row["text_id"] for row in frames.rows(frames.distinct(again, "text_id"))}
    found = {
        row["text_id"]: float(row["text_id"] in came)
        for row in frames.rows(texts)
        if not is_missing(row["customer_id"]) and windows.is_over(row["ts_us"], reach, end_us)
    }
    return _by_text(texts, found, "bought_again")


@documented
def contacts(
    feedback: IntoFrame | frames.Frame,
    tickets: IntoFrame | frames.Frame,
    *,
    days: float = 14.0,
    unsolved: Sequence[str] = ("no_solution",),
) -> pd.DataFrame:
    """Return for each text whether its customer turned to support, and whether that solved it.

    Parameters
    ----------
    feedback
        As in :func:`nearest_score`.
    tickets : frame of the same kind
        `customer_id`, `opened_us`, `resolved_us` and `outcome`.
    days : float, default 14
        Up to how long after the text a contact belongs to it; a text that began the contact has
        its time.
    unsolved : sequence of str, optional
        Outcomes of tickets that were closed without a solution.

    Returns
    -------
    pandas.DataFrame
        By `text_id`, in order: `contacted`, and `resolved`, which is true where the first such
        contact was resolved with a solution.

    Raises
    ------
    %(missing_column)s
    %(days_not_positive)s

    Examples
    --------
    >>> import pandas as pd
    >>> texts = pd.DataFrame({"text_id": ["a", "b"], "customer_id": ["C", "D"], "ts_us": [0, 0]})
    >>> asked = pd.DataFrame({"customer_id": ["C"], "opened_us": [60], "resolved_us": [90],
    ...                       "outcome": ["refunded"]})
    >>> contacts(texts, asked).to_numpy().tolist()
    [[True, True], [False, False]]
    """
    import pandas as pd

    reach = windows.of_days(validate.positive("days", days))
    texts = _texts(feedback)
    needed = ("customer_id", "opened_us", "resolved_us", "outcome")
    asked = plain_frames.lazy(tickets, "tickets", needed).filter(frames.KNOWN).select(*needed)
    after = nw.col("opened_us") - nw.col("ts_us")
    left, right = engine.alike(texts, asked)
    near = left.join(right, on="customer_id", how="inner").filter(windows.within(after, reach))
    firsts: dict[object, tuple[int, bool]] = {}
    for row in frames.rows(near):
        is_open = is_missing(row["resolved_us"]) or row["outcome"] in unsolved
        one = row["opened_us"], not is_open
        firsts[row["text_id"]] = min(firsts.get(row["text_id"], one), one)
    ids = sorted(row["text_id"] for row in frames.rows(texts.select("text_id")))
    columns = {
        "contacted": [text in firsts for text in ids],
        "resolved": [text in firsts and firsts[text][1] for text in ids],
    }
    return pd.DataFrame(columns, index=pd.Index(ids, name="text_id"))


def _texts(feedback: IntoFrame | frames.Frame) -> frames.Frame:
    """Return whose each text is and of when.

    Raises
    ------
    SchemaError
        If a column is missing, or the id of a text.
    """
    texts = plain_frames.lazy(feedback, "feedback", _TEXT).select(*_TEXT)
    if missing := frames.count(texts, nw.col("text_id").is_null()):
        raise SchemaError("feedback", [f"text_id: must be given; {missing:,} rows have none"])
    return texts


def _by_text(texts: frames.Frame, found: dict[object, float], name: str) -> pd.Series[float]:
    import pandas as pd

    ids = sorted(row["text_id"] for row in frames.rows(texts.select("text_id")))
    values = [found.get(text, math.nan) for text in ids]
    return pd.Series(values, index=pd.Index(ids, name="text_id"), name=name, dtype=float)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery(Comparison):
    """The outcome of customers after one kind of experience, against a reference.

    `value` is the adjusted difference from the reference, nan for the reference itself.

    Parameters
    ----------
    group : str
        The experience.
    mean : Estimate
        The mean outcome after it, not adjusted.

    See Also
    --------
    cxresearch.core.comparison.Comparison : The other fields.
    """

    group: str
    mean: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Return the fields in order, the group first; the mean becomes three columns."""
        row: dict[str, Any] = {"group": self.group}
        row |= Comparison.to_dict(self)
        return row | as_columns("mean", self.mean)


def experiences(
    negative: Iterable[bool], contacted: Iterable[bool], resolved: Iterable[bool]
) -> list[Experience]:
    """Return what each customer lived through, from whether it was bad and what support did.

    Parameters
    ----------
    negative, contacted, resolved : iterable of bool, length n
        Whether the experience was bad (by its sentiment, its rating or its theme), whether there
        was a contact with support after it, and whether that solved it.

    Examples
    --------
    >>> experiences([False, True, True, True], [True, False, True, True], [True] * 3 + [False])
    ['no problem', 'no contact', 'resolved', 'not resolved']
    """
    found: list[Experience] = []
    for bad, asked, solved in zip(negative, contacted, resolved, strict=True):
        if not bad:
            found.append("no problem")
        elif not asked:
            found.append("no contact")
        else:
            found.append("resolved" if solved else "not resolved")
    return found


def service_recovery(
    groups: Sequence[str],
    outcome: Iterable[float],
    *,
    unit: str,
    reference: str = "no contact",
    covariates: pd.DataFrame | None = None,
    clusters: Iterable[Any] | None = None,
    confidence: float = 0.95,
) -> tuple[Recovery, ...]:
    """Estimate whether support turned bad experiences.

    Parameters
    ----------
    groups : sequence of str, length n
        What each customer lived through, as :func:`experiences` returns it.
    outcome, unit
        A later score or purchase, nan where there is none, and its unit.
    reference : str, default "no contact"
        The group that the others are compared with.
    covariates, clusters, confidence
        As in :func:`associations`.

    Returns
    -------
    tuple of Recovery
        One per group that is there, the worst experience first. Who contacts support is not drawn
        by chance and is not like who keeps silent: "resolved" above "no contact" shows recovery
        only where it is above "not resolved" as well. "resolved" above "no problem" would be the
        service recovery paradox.

    Raises
    ------
    ValueError
        If the reference is not among the groups, or the lengths differ.

    References
    ----------
    de Matos, Henrique & Rossi (2007), Service recovery paradox: a meta-analysis, J. Serv. Res. 10,
    60-77.
    """
    import pandas as pd

    labels = np.array(list(groups), dtype=object)
    values = np.array(list(outcome), dtype=float)
    validate.one_of("the length of outcome", values.size, (labels.size,))
    there = [one for one in _ORDER if one in labels]
    there += sorted(set(labels) - set(_ORDER))
    validate.one_of("reference", reference, there)
    customers = customer_numbers(clusters, labels.size)
    others = {one: labels == one for one in there if one != reference}
    against = pd.DataFrame(others, index=range(labels.size))
    found = associations(
        against,
        values,
        unit=unit,
        covariates=covariates,
        clusters=customers,
        confidence=confidence,
    )
    compared: dict[str, Comparison] = {one.feature: one for one in found}
    return tuple(
        _recovery(
            group,
            mean_over_customers(
                values[labels == group],
                customers[labels == group],
                unit=unit,
                confidence=confidence,
            ),
            compared.get(group),
        )
        for group in there
    )


def recovery_gain(
    groups: Sequence[str],
    outcome: Iterable[float],
    *,
    unit: str,
    covariates: pd.DataFrame | None = None,
    clusters: Iterable[Any] | None = None,
    confidence: float = 0.95,
) -> Recovery | None:
    """Estimate how much better those fare whose matter support solved than whose it did not.

    Both turned to support, so the difference is not due to who asks for support.

    Parameters
    ----------
    groups, outcome, unit, covariates, clusters, confidence
        As in :func:`service_recovery`.

    Returns
    -------
    Recovery or None
        "resolved" minus "not resolved"; None where one of the two is not there. Recovery is seen
        where its interval is above 0.

    Examples
    --------
    >>> lived = ["resolved", "not resolved"] * 40
    >>> found = recovery_gain(lived, [1, 0, 0, 1, 1, 0, 1, 0] * 10, unit="share")
    >>> round(found.value, 2), found.ci.low > 0
    (0.5, True)
    >>> recovery_gain(["resolved", "no contact"], [1, 0], unit="share") is None
    True
    """
    if not {"resolved", "not resolved"} <= set(groups):
        return None
    found = service_recovery(
        groups,
        outcome,
        unit=unit,
        reference="not resolved",
        covariates=covariates,
        clusters=clusters,
        confidence=confidence,
    )
    return next(one for one in found if one.group == "resolved")


def _recovery(group: str, mean: Estimate, compared: Comparison | None) -> Recovery:
    if compared is not None:
        same = fields_of(compared, Comparison) | {"people": mean.n}
        return Recovery(**same, group=group, mean=mean)
    return Recovery(
        value=math.nan,
        ci=Interval(math.nan, math.nan),
        n=mean.n,
        unit=difference_unit(mean.unit),
        confidence=mean.confidence,
        method=METHOD,
        note=REFERENCE,
        statistic=math.nan,
        p_value=math.nan,
        test="t test",
        group=group,
        mean=mean,
    )


def recovery_table(found: Sequence[Recovery]) -> pd.DataFrame:
    """Return one row per experience, the worst first.

    Returns
    -------
    pandas.DataFrame
        `group`, `mean` with `mean_low` and `mean_high`, `n` customers of whom the mean is, and
        the difference from the reference as `value` with `value_low` and `value_high`.
    """
    import pandas as pd

    rows = [one.to_dict() | {"n": one.mean.n} | as_columns("value", one) for one in found]
    columns = ["group", "n", "mean", "mean_low", "mean_high", "value", "value_low", "value_high"]
    return pd.DataFrame(rows)[columns]
