"""The sections of a page about customer value: each takes an open study."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Amount, Remark, Sentence
from cxresearch.core.results import Estimate, Interval
from cxresearch.core.table import Estimates
from cxresearch.value import (
    affinities,
    cohort_spend,
    experience_moments,
    experiences,
    forecasts,
    holdouts,
    next_orders,
    purchase_models,
    retention,
    rfm_scores,
    seasons,
    spend_models,
    summaries,
)

if TYPE_CHECKING:
    from cxresearch.core.table import Table
    from cxresearch.stats.purchases.buy_till_you_die import Model
    from cxresearch.study import Study

#: Each experience with the groups that :func:`cxresearch.value.moments` makes of it.
_GROUPS: dict[experience_moments.Experience, tuple[str, str]] = {
    "late_delivery": ("a late delivery", "a delivery on time"),
    "payment_error": ("a payment error", "no payment error"),
    "unsolved_ticket": ("an unsolved ticket", "a solved ticket"),
    "low_score": ("a low score", "a higher score"),
}
_NO_ORDERS = "the study has no orders"
_NO_CATEGORIES = "the study has no order lines with a category"
_TOO_FEW = "too few customers bought again to tell what today's customers will spend"
_NO_LINES = "the study has no orders with their lines"
_MODELS = (
    "who is still a customer depends on the model: {one} if customers leave at any time "
    "(Pareto/NBD, used on this page), {other} if they leave after a purchase (MBG/NBD)"
)
#: The model that the page takes, and the one beside it.
_TAKEN: tuple[Model, Model] = ("pareto", "mbg")
_YEAR = (
    "Today's customers are expected to spend {value} in a year; the same method predicted {ratio} "
    "of past spend."
)
_AHEAD = (
    "Today's customers are expected to spend {value} in {days}; the same method predicted {ratio} "
    "of past spend."
)
_FAILED = "The forecast cannot be used: tested on past days, it predicted {ratio} of the spend."
#: A forecast whose share of past spend is surely outside of these is wrong by a fifth or more.
_CLOSE = Interval(0.8, 1.25)
_DAYS_OF_A_YEAR = (365, 366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a study's customers are expected to bring, and how well it is predicted.

    Parameters
    ----------
    bought, beside : PurchaseModel
        How often they buy: where they leave at any time (Pareto/NBD), and after a purchase
        (MBG/NBD).
    spent : SpendModel
        For how much.
    tested : Holdout
        What the same method predicted of days that are over.
    worth, by_channel, by_product : LifetimeValue
        What they will bring, in tenths, by the channel of the first order and by the category of
        the product that it has most of; the last is missing where the study has no categories.
    season : Season or Missing
        The clock of the model, or why there is none.
    """

    bought: purchase_models.PurchaseModel
    beside: purchase_models.PurchaseModel
    spent: spend_models.SpendModel
    tested: holdouts.Holdout
    worth: forecasts.LifetimeValue
    by_channel: forecasts.LifetimeValue
    by_product: forecasts.LifetimeValue | Missing
    season: seasons.Season | Missing

    def estimates(self) -> Estimates:
        """Return the numbers of the page under the names they are recorded by."""
        return Estimates(
            rows={
                "expected_value": self.worth.total,
                "still_customers": self.bought.alive(),
                "expected_purchases": self.bought.expected(self.worth.days),
            },
            names={
                "expected_value": self.worth.name,
                "still_customers": "Still customers, by the model",
                "expected_purchases": "Purchases expected",
            },
            caption="What today's customers are expected to do"
            if self.holds
            else "Not to be used: a forecast that failed the test on past days",
            n="Customers (n)",
        )

    @property
    def holds(self) -> bool:
        """Whether the test on past days leaves it possible that it is less than a fifth off."""
        low, high = self.tested.spend_ratio.ci
        return not (high < _CLOSE.low or low > _CLOSE.high)

    def per_customer(self) -> Estimate | Missing:
        """Return what a customer of today brings on average, where it holds and is of 12 months."""
        total = self.worth.total
        if not self.holds:
            return Missing("the forecast failed the test on past days")
        if self.worth.days not in _DAYS_OF_A_YEAR or not total.n:
            return Missing("the value of the next 12 months is not predicted")
        ends = Interval(*(end / total.n for end in total.ci))
        return replace(total, value=total.value / total.n, ci=ends)

    def headline(self) -> Sentence:
        """Return the answer in twenty words: what they bring, or that it cannot be told."""
        if not self.holds:
            return Sentence(_FAILED, {"ratio": self.tested.spend_ratio})
        values = {"value": self.worth.total, "ratio": self.tested.spend_ratio}
        if self.worth.days in _DAYS_OF_A_YEAR:
            return Sentence(_YEAR, values)
        return Sentence(_AHEAD, values | {"days": (self.worth.days, "days")})

    def remarks(self) -> list[Remark]:
        """Return what a reader must know before using the forecast."""
        remarks = [*self.bought.summary.remarks, *self.bought.remarks, *self.spent.remarks]
        if isinstance(self.season, Missing):
            remarks.append(Remark(self.season.why))
        shares = {
            name: Amount(model.alive().value, "share")
            for name, model in (("one", self.bought), ("other", self.beside))
        }
        if not any(math.isnan(share.value) for share in shares.values()):
            remarks.append(Remark(_MODELS, shares))
        return remarks


def forecast(
    study: Study,
    *,
    days: float,
    tested: int,
    discount: float,
    margin: float | None = None,
    confidence: float = 0.95,
) -> Forecast | Missing:
    """Return what a study's customers are expected to bring, and how well it is predicted.

    Parameters
    ----------
    study : Study
        The study.
    days : float
        How far ahead.
    tested : int
        How many of the last days the method is tried on.
    discount : float
        The discount rate per year.
    margin : float, optional
        The share of revenue that is earned.
    confidence : float, default 0.95
        Coverage of the intervals, strictly between 0 and 1.

    Returns
    -------
    Forecast or Missing
        Missing where the forecast has no interval or could not be tried on past days.
    """
    if not study.has("orders"):
        return Missing(_NO_ORDERS)
    orders, currency = _frame(study, "orders"), study.currency
    customers = summaries.summary(orders, currency=currency)
    if not customers.n or customers.until is None:
        return Missing("no known customer has a net order")
    # The season of the days before the cut alone; where there is none, the forecast has none too.
    before = seasons.season(orders, until=customers.until - timedelta(days=tested))
    busy = before if isinstance(before, Missing) else seasons.season(orders)
    bought, beside = (
        purchase_models.purchases(customers, model=model, season=busy, confidence=confidence)
        for model in _TAKEN
    )
    spent = spend_models.spend(customers, confidence=confidence)
    held = holdouts.holdout(
        orders,
        days=tested,
        season=before,
        currency=currency,
        confidence=confidence,
    )
    options: dict[str, Any] = {
        "days": days, "discount": discount, "margin": margin, "holdout": held,
    }  # fmt: skip
    by_product: forecasts.LifetimeValue | Missing = Missing(_NO_CATEGORIES)
    if study.has("order_lines", "category"):
        product = summaries.first_product(_frame(study, "order_lines"), orders)
        by_product = forecasts.lifetime_value(bought, spent, by=product, **options)
    worth = forecasts.lifetime_value(bought, spent, by="decile", **options)
    if any(map(math.isnan, (*worth.total.ci, held.spend_ratio.value))):
        return Missing(_TOO_FEW)
    return Forecast(
        bought=bought,
        beside=beside,
        spent=spent,
        tested=held,
        worth=worth,
        by_channel=forecasts.lifetime_value(
            bought, spent, by=summaries.first_order(orders), **options
        ),
        by_product=by_product,
        season=busy,
    )


def staying(
    study: Study, *, kind: retention.Kind = "classic", confidence: float = 0.95
) -> retention.RetentionTriangle | Missing:
    """Return the retention of a study's cohorts by month."""
    if not study.has("orders"):
        return Missing(_NO_ORDERS)
    return retention.retention_triangle(_frame(study, "orders"), kind=kind, confidence=confidence)


def newcomers(
    study: Study, *, days: int = 180, confidence: float = 0.95
) -> cohort_spend.CohortValues | Missing:
    """Return what the new customers of each quarter of a study went on to spend."""
    if not study.has("orders"):
        return Missing(_NO_ORDERS)
    return cohort_spend.cohort_values(
        _frame(study, "orders"), days=days, currency=study.currency, confidence=confidence
    )


def lapsed_after(study: Study, *, confidence: float = 0.95) -> retention.Lapse | Missing:
    """Return after how many days without an order a study's customers are lapsed.

    Missing where that has no interval.
    """
    if not study.has("orders"):
        return Missing(_NO_ORDERS)
    found = retention.lapse_days(_frame(study, "orders"), confidence=confidence)
    if any(map(math.isnan, (found.value, *found.ci))):
        return Missing("too few customers came back to tell after how long one is lapsed")
    return found


def scored(study: Study, *, days: int, confidence: float = 0.95) -> rfm_scores.Rfm | Missing:
    """Return a study's customers by recency, frequency and monetary value."""
    if not study.has("orders"):
        return Missing(_NO_ORDERS)
    orders = _frame(study, "orders")
    return rfm_scores.rfm(orders, days=days, currency=study.currency, confidence=confidence)


def buying_next(
    study: Study, *, days: int, confidence: float = 0.95
) -> next_orders.NextPurchase | Missing:
    """Return who of a study's customers buys in the next days, and how well that is predicted."""
    if not study.has("orders"):
        return Missing(_NO_ORDERS)
    orders = _frame(study, "orders")
    return next_orders.next_purchase(
        orders, days=days, currency=study.currency, confidence=confidence
    )


def experience_of(
    study: Study, name: experience_moments.Experience, *, days: int = 180, confidence: float = 0.95
) -> experiences.Worth | Missing:
    """Return what one experience of a study's customers is worth."""
    if not study.has("orders"):
        return Missing(_NO_ORDERS)
    moments = experience_moments.moments(study, name)
    if isinstance(moments, Missing):
        return moments
    met, beside = _GROUPS[name]
    return experiences.worth_of(
        _frame(study, "orders"),
        moments,
        experience=met,
        beside=beside,
        days=days,
        currency=study.currency,
        confidence=confidence,
    )


def experiences_of(
    study: Study, *, days: int = 180, confidence: float = 0.95
) -> list[experiences.Worth | Missing]:
    """Return what each experience that a study knows of is worth."""
    return [experience_of(study, name, days=days, confidence=confidence) for name in _GROUPS]


def together(study: Study, *, confidence: float = 0.95) -> Table | Missing:
    """Return which products of a study's customers go together beyond the size of baskets."""
    if not (study.has("order_lines") and study.has("orders")):
        return Missing(_NO_LINES)
    lines, orders = _frame(study, "order_lines"), _frame(study, "orders")
    found = affinities.baskets(lines, orders, confidence=confidence)
    return found if isinstance(found, Missing) else found.table()


def _frame(study: Study, table: str) -> Any:
    frame: Any = study.frame(table)
    return frame
