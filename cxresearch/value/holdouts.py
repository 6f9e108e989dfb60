"""What an earlier forecast predicted for days that are over, beside what customers did."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.languages import UNDEFINED
from cxresearch.core.missing import Missing
from cxresearch.core.results import Estimate, as_columns, undefined
from cxresearch.core.table import Column, Estimates, Table, Tabular
from cxresearch.core.unit_sums import RatioSums
from cxresearch.engine import frames
from cxresearch.stats.means.ratios import ratio_of_sums
from cxresearch.value import summaries
from cxresearch.value.customer_days import as_day, collected, customer_days, cut_day
from cxresearch.value.purchase_models import purchases
from cxresearch.value.rfm_scores import tied_classes
from cxresearch.value.spend_models import spend

if TYPE_CHECKING:
    import pandas as pd
    from narwhals.typing import IntoFrame
    from numpy.typing import NDArray

    from cxresearch.stats.purchases.buy_till_you_die import Model
    from cxresearch.value.seasons import Season

    Array = NDArray[np.float64]

_PER = 100
_RATES = ("predicted", "actual", "actual_low", "actual_high")
CLASSES = 10
_NOBODY = "undefined: nobody bought before the cut"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Holdout(Tabular):
    """What was predicted from the orders up to a day, beside the orders after it.

    Parameters
    ----------
    ratio : Estimate
        Predicted purchases of the customers known at the cut, over their actual ones; 1 is right.
    spend_ratio : Estimate
        The same of what they spent.
    deciles : pandas.DataFrame
        The customers in ten classes by what was predicted: `decile` (1 the lowest), `customers`,
        `predicted` and `actual` (purchases per customer) with `actual_low` and `actual_high`.
    rank_correlation : float
        Spearman's, of predicted and actual purchases; nan where one does not vary.
    cut : datetime.date
        The last day that the forecast knows.
    days : int
        How many days after it were predicted.
    n : int
        The customers.
    """

    ratio: Estimate
    spend_ratio: Estimate
    deciles: pd.DataFrame
    rank_correlation: float
    cut: date | None
    days: int
    n: int

    def estimates(self) -> Estimates:
        """Return both ratios under the names they are recorded by."""
        return Estimates(
            rows={"holdout_purchases": self.ratio, "holdout_spend": self.spend_ratio},
            names={
                "holdout_purchases": "Predicted purchases, as a share of actual ones",
                "holdout_spend": "Predicted spend, as a share of actual spend",
            },
            caption="The same forecast, made for past days",
            n="Customers (n)",
        )

    def table(self) -> Table:
        """Return the customers in ten classes, predicted beside actual."""
        return Table(
            frame=self.deciles.assign(**{name: self.deciles[name] * _PER for name in _RATES}),
            columns=[
                Column("decile", "Tenth of the prediction"),
                Column("customers", role="people"),
                Column("predicted", "Predicted purchases"),
                Column("actual", "Actual purchases", unit="", role="estimate"),
            ],
            caption="Purchases per 100 customers, predicted and actual, in the {days} after {cut}",
            values={"days": (self.days, "days"), "cut": self.cut or UNDEFINED},
            within=None,
        )

    def __repr__(self) -> str:
        return repr(self.estimates())


@documented
def holdout(
    orders: IntoFrame,
    *,
    days: int,
    cut: str | date | None = None,
    model: Model = "pareto",
    season: Season | Mapping[int, float] | Missing | None = None,
    currency: str | None = None,
    confidence: float = 0.95,
) -> Holdout:
    """Predict days that are over from the orders before them, and compare with what customers did.

    Parameters
    ----------
    %(orders)s
    days : int
        How many days are predicted, at least 1.
    cut : str or datetime.date, optional
        The last day that the forecast knows; by default `days` before the last of the orders.
    model : {"mbg", "bg", "pareto"}, default "pareto"
        As in :func:`cxresearch.value.purchases`.
    season : Season or mapping of int to float, optional
        As in :func:`cxresearch.value.purchases`.
    currency : str, optional
        As in :func:`cxresearch.value.summary`.
    %(confidence)s

    Returns
    -------
    Holdout

    Raises
    ------
    %(missing_column)s
    ValueError
        If fewer than `days` follow the cut, or an argument is none of what is allowed.

    Notes
    -----
    Of the customers known at the cut: sum(predicted) / sum(actual), linearised over customers. The
    purchases of customers who are new after the cut are not predicted.

    Examples
    --------
    >>> from cxresearch.value._example import ORDERS
    >>> holdout(ORDERS, days=14).n
    3
    """
    validate.whole("days", days, low=1)
    every = customer_days(orders, currency=currency)
    last = every.last
    at = None if cut is None else as_day("cut", cut)
    if last is not None:
        at = cut_day("cut", at, last, days)
    customers = summaries.summary(orders, until=at, currency=currency)
    model_ = purchases(customers, model=model, season=season, confidence=confidence)
    money = spend(customers, confidence=confidence)
    frame = customers.frame
    predicted = model_.each(model_.horizon(days)) if customers.n else np.zeros(0)
    known = (frame["frequency"].to_numpy(float), frame["monetary_value"].to_numpy(float))
    after = _after(every.kept, at, days).reindex(frame["customer_id"], fill_value=0.0)
    bought, spent = after["bought"].to_numpy(float), after["spent"].to_numpy(float)

    def ratio(of: Array, to: Array, why: str) -> Estimate:
        fine = bool(np.isfinite(of).all() and of.size)
        sums = RatioSums.from_arrays(of if fine else np.zeros(of.shape), to)
        found = ratio_of_sums(sums, unit="share", confidence=confidence, low=0.0)
        return found if fine else undefined(found, note=why)

    return Holdout(
        ratio=ratio(predicted, bought, model_.note if customers.n else _NOBODY),
        spend_ratio=ratio(predicted * money.of(*known), spent, money.note),
        deciles=by_decile(predicted, lambda own: _mean(bought[own], confidence)),
        rank_correlation=_rank_correlation(predicted, bought),
        cut=at,
        days=days,
        n=customers.n,
    )


def _after(every: frames.Frame, cut: date | None, days: int) -> pd.DataFrame:
    if cut is not None:
        end = cut + timedelta(days=days)
        every = every.filter((nw.col("day") > nw.lit(cut)) & (nw.col("day") <= nw.lit(end)))
    sums = every.group_by("customer_id").agg(bought=nw.len(), spent=nw.col("net").sum())
    table = collected(sums, ["customer_id"], "spent")
    return table.set_index("customer_id").astype(float)


def by_decile(predicted: Array, actual: Callable[[NDArray[np.bool_]], Estimate]) -> pd.DataFrame:
    """Return customers in ten classes by what was predicted, beside what they did.

    Parameters
    ----------
    predicted : ndarray of float, shape (n,)
        What was predicted of each customer; nan counts as 0.
    actual : callable
        What some of the customers did, of an array of bool of shape (n,).

    Returns
    -------
    pandas.DataFrame
        One row per class: `decile`, `customers`, `predicted` (the mean), `actual` with its ends.
    """
    import pandas as pd

    classes = tied_classes(np.nan_to_num(predicted), CLASSES)
    rows = []
    for one in np.unique(classes):
        own = classes == one
        about = {"decile": int(one), "customers": int(own.sum())}
        mean = {"predicted": float(predicted[own].mean())}
        rows.append(about | mean | as_columns("actual", actual(own)))
    return pd.DataFrame(rows, columns=["decile", "customers", *_RATES])


def _mean(bought: Array, confidence: float) -> Estimate:
    sums = RatioSums.from_arrays(bought, np.ones(bought.size))
    return ratio_of_sums(sums, unit="purchases", confidence=confidence, low=0.0)


def _rank_correlation(predicted: Array, actual: Array) -> float:
    from scipy.stats import rankdata

    # Where all predictions, or all actual numbers, are equal, there are no ranks to compare.
    if not (predicted.size and np.ptp(predicted) > 0 and np.ptp(actual) > 0):
        return math.nan
    return float(np.corrcoef(rankdata(predicted), rankdata(actual))[0, 1])
