"""What became of the customers who wrote: the nearest score, the next order, the support."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.core import validate
from cxresearch.engine import frames, windows
from cxresearch.voc.text.raw_text import is_missing

if TYPE_CHECKING:
    import pandas as pd
    from narwhals.typing import IntoFrame

_TEXT = ("text_id", "customer_id", "ts_us")


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
    SchemaError
        If a column is missing.
    ValueError
        If `days` is not above 0.

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
    texts = frames.lazy(feedback, "feedback", _TEXT).select(*_TEXT)
    answers = frames.lazy(surveys, "surveys", ("customer_id", "ts_us", "metric", "score"))
    asked = answers.filter(frames.KNOWN, nw.col("metric") == metric).select(
        "customer_id", "score", answered_us=nw.col("ts_us")
    )
    apart = nw.col("answered_us") - nw.col("ts_us")
    near = texts.join(asked, on="customer_id", how="inner").with_columns(apart=apart.abs())
    found: dict[object, tuple[int, int, float]] = {}
    for row in frames.rows(near.filter(windows.within(nw.col("apart"), reach))):
        one = row["apart"], -row["answered_us"], float(row["score"])
        found[row["text_id"]] = min(found.get(row["text_id"], one), one)
    return _by_text(texts, {text: score for text, (_, _, score) in found.items()}, metric)


def bought_again(
    feedback: IntoFrame | frames.Frame, orders: IntoFrame | frames.Frame, *, days: float = 90.0
) -> pd.Series[float]:
    """Return for each text whether its customer ordered within some days after it.

    Parameters
    ----------
    feedback : frame of any kind
        `text_id`, `customer_id` and `ts_us`.
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
    SchemaError
        If a column is missing.
    ValueError
        If `days` is not above 0.

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
    texts = frames.lazy(feedback, "feedback", _TEXT).select(*_TEXT)
    ordered = frames.lazy(orders, "orders", ("customer_id", "ts_us")).select(
        "customer_id", ordered_us=nw.col("ts_us")
    )
    (last,) = frames.rows(ordered.select(end=nw.col("ordered_us").max()))
    end_us = last["end"] or 0
    bought = ordered.filter(frames.KNOWN)
    after = nw.col("ordered_us") - nw.col("ts_us")
    again = texts.join(bought, on="customer_id", how="inner").filter(
        after > 0, windows.within(after, reach)
    )
    came = {row["text_id"] for row in frames.rows(again.select("text_id").unique())}
    found = {
        row["text_id"]: float(row["text_id"] in came)
        for row in frames.rows(texts)
        if not is_missing(row["customer_id"]) and windows.is_over(row["ts_us"], reach, end_us)
    }
    return _by_text(texts, found, "bought_again")


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
    feedback : frame of any kind
        `text_id`, `customer_id` and `ts_us`.
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
    SchemaError
        If a column is missing.
    ValueError
        If `days` is not above 0.

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
    texts = frames.lazy(feedback, "feedback", _TEXT).select(*_TEXT)
    needed = ("customer_id", "opened_us", "resolved_us", "outcome")
    asked = frames.lazy(tickets, "tickets", needed).filter(frames.KNOWN).select(*needed)
    after = nw.col("opened_us") - nw.col("ts_us")
    near = texts.join(asked, on="customer_id", how="inner").filter(windows.within(after, reach))
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


def _by_text(texts: frames.Frame, found: dict[object, float], name: str) -> pd.Series[float]:
    import pandas as pd

    ids = sorted(row["text_id"] for row in frames.rows(texts.select("text_id")))
    values = [found.get(text, math.nan) for text in ids]
    return pd.Series(values, index=pd.Index(ids, name="text_id"), name=name, dtype=float)
