"""What customers are expected to bring, never without how well the same method foretold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw
import numpy as np

from cxresearch import engine
from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import in_words
from cxresearch.core.results import Estimate, Interval
from cxresearch.core.table import Column, Estimates, Table
from cxresearch.core.unit_sums import RatioSums
from cxresearch.engine import frames, order_rules
from cxresearch.stats.means.ratios import ratio_of_sums
from cxresearch.stats.purchases import gamma_gamma
from cxresearch.value import summaries
from cxresearch.value.purchase_models import PurchaseModel, delta, log_interval, purchases
from cxresearch.value.rfm_scores import tied_classes
from cxresearch.value.spend_models import SpendModel, spend

if TYPE_CHECKING:
    import pandas as pd
    from narwhals.typing import IntoFrame
    from numpy.typing import NDArray

    from cxresearch.stats.purchases.buy_till_you_die import Model
    from cxresearch.value.seasons import Season

    Array = NDArray[np.float64]

_YEAR = 365.25
_NODES = 6
_SEED = 20_061
_ALL = "all customers"
_PER = 100
_RATES = ("foretold", "came", "came_low", "came_high")
_CLASSES = 10
_UNTESTED = "a forecast is shown only with how well the same method foretold: give holdout"
_NOBODY = "undefined: nobody bought before the cut"
_FORECAST = (
    Column("group", role="name"),
    Column("customers", role="people"),
    Column("purchases", "Purchases expected", unit="", role="estimate"),
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Holdout:
    """What was foretold from the orders before a day, beside what came after it.

    Parameters
    ----------
    ratio : Estimate
        Purchases foretold for the customers known at the cut, over those that came; 1 is right.
    spend_ratio : Estimate
        The same of what they spent.
    deciles : pandas.DataFrame
        The customers in ten classes by what was foretold: `decile` (1 the lowest), `customers`,
        `foretold` and `came` (purchases per customer) with `came_low` and `came_high`.
    rank_correlation : float
        Spearman's, of foretold and actual purchases; nan where one does not vary.
    cut : datetime.date
        The last day that the forecast knows.
    days : int
        How many days after it were foretold.
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
                "holdout_purchases": "Purchases foretold, of those that came",
                "holdout_spend": "Spend foretold, of what was spent",
            },
            caption="What the same method foretold of days that are over",
            n="Customers (n)",
        )

    def table(self) -> Table:
        """Return the customers in ten classes, foretold beside came."""
        return Table(
            frame=self.deciles.assign(**{name: self.deciles[name] * _PER for name in _RATES}),
            columns=[
                Column("decile", "Tenth by forecast"),
                Column("customers", role="people"),
                Column("foretold", "Purchases foretold"),
                Column("came", "Purchases that came", unit="", role="estimate"),
            ],
            caption="Purchases per 100 customers, foretold and come, in {days} after {cut}",
            values={"days": (self.days, "days"), "cut": str(self.cut)},
            within=None,
        )

    def __repr__(self) -> str:
        return repr(self.estimates())


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LifetimeValue:
    """What the customers of today are expected to bring.

    Parameters
    ----------
    total : Estimate
        Of all customers, in the currency.
    frame : pandas.DataFrame
        One row per group: `group`, `customers`, `purchases` and `value` of the group and
        `per_customer`, each with `_low` and `_high`.
    days : float
        How far ahead.
    discount : float
        The discount rate per year.
    margin : float or None
        The share of revenue that is earned; without one, the value is revenue.
    holdout : Holdout, optional
        How well the same method foretold.
    """

    total: Estimate
    frame: pd.DataFrame
    days: float
    discount: float
    margin: float | None
    holdout: Holdout | None = field(default=None)

    @property
    def name(self) -> str:
        """What the value is: revenue where no margin was given."""
        return "Expected revenue" if self.margin is None else "Lifetime value"

    def to_frame(self) -> pd.DataFrame:
        """Return one row per group."""
        return self.frame

    def table(self) -> Table | Missing:
        """Return one row per group; missing where the method was not tried on days that are over.

        The caption says what the holdout found.
        """
        if self.holdout is None:
            return Missing(_UNTESTED)
        unit = self.total.unit
        return Table(
            frame=self.frame,
            columns=[
                *_FORECAST,
                Column("value", self.name, unit=unit, role="estimate"),
                Column("per_customer", "Per customer", unit=unit, role="estimate"),
            ],
            caption=(
                "What customers are expected to bring in {days}, discounted by {discount} a year; "
                "the same method foretold {ratio} of what was spent in {tested}"
            ),
            values={
                "days": (self.days, "days"),
                "discount": (self.discount, "share"),
                "ratio": self.holdout.spend_ratio,
                "tested": (self.holdout.days, "days"),
            },
            within=None,
        )

    def __repr__(self) -> str:
        return repr(self.table())


@documented
def holdout(
    orders: IntoFrame,
    *,
    days: int,
    cut: str | date | None = None,
    model: Model = "mbg",
    season: Season | Mapping[int, float] | Missing | None = None,
    currency: str | None = None,
    confidence: float = 0.95,
) -> Holdout:
    """Foretell days that are over from the orders before them, and hold that against what came.

    Parameters
    ----------
    %(orders)s
    days : int
        How many days are foretold, at least 1.
    cut : str or datetime.date, optional
        The last day that the forecast knows; by default `days` before the last of the orders.
    model : {"mbg", "bg", "pareto"}, default "mbg"
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
    Of the customers known at the cut: sum(foretold) / sum(came), linearised over customers. The
    purchases of customers who are new after the cut are not foretold.

    Examples
    --------
    >>> from cxresearch.value._example import ORDERS
    >>> holdout(ORDERS, days=14).n
    3
    """
    validate.whole("days", days, low=1)
    every, _, last, _ = summaries.kept_days(orders, currency=currency)
    if cut is None:
        known_until = None if last is None else last - timedelta(days=days)
    else:
        known_until = cut if isinstance(cut, date) else validate.day("cut", cut)
    if known_until is None or last is None or known_until + timedelta(days=days) > last:
        raise validate.refused("cut", f"at least {days} days before the last order", str(cut))
    customers = summaries.summary(orders, until=known_until, currency=currency)
    if not customers.n:
        return _nothing(known_until, days, confidence)
    model_ = purchases(customers, model=model, season=season, confidence=confidence)
    money = spend(customers, confidence=confidence)
    foretold = model_.each(model_.horizon(days))
    frame = customers.frame
    worth = foretold * _worth(money, frame)
    came = _came(every, known_until, days).reindex(frame["customer_id"], fill_value=0.0)
    bought, spent = came["bought"].to_numpy(float), came["spent"].to_numpy(float)

    def ratio(of: Array, to: Array) -> Estimate:
        sums = RatioSums.from_arrays(of, to)
        return ratio_of_sums(sums, unit="share", confidence=confidence, low=0.0)

    return Holdout(
        ratio=ratio(foretold, bought),
        spend_ratio=ratio(np.nan_to_num(worth), spent) if np.isfinite(worth).all()
        else replace(ratio(foretold, spent), value=math.nan, note=money.note,
                     ci=Interval(math.nan, math.nan)),
        deciles=_deciles(foretold, bought, confidence),
        rank_correlation=_ranks_agree(foretold, bought),
        cut=known_until,
        days=days,
        n=customers.n,
    )  # fmt: skip


def lifetime_value(
    purchases: PurchaseModel,
    spend: SpendModel,
    *,
    days: float,
    discount: float,
    margin: float | None = None,
    by: Mapping[Any, Any] | pd.Series[Any] | Literal["decile"] | None = None,
    holdout: Holdout | None = None,
) -> LifetimeValue:
    """Estimate what the customers of today will bring in the days ahead, all and by group.

    Parameters
    ----------
    purchases : PurchaseModel
        How often they buy.
    spend : SpendModel
        For how much.
    days : float
        How far ahead, above 0.
    discount : float
        The discount rate per year, from 0: money in a year counts 1 / (1 + discount).
    margin : float, optional
        The share of revenue that is earned, in (0, 1]; without it the answer is expected revenue.
    by : mapping or Series of customer_id to group, or "decile", optional
        The groups; "decile" makes ten by what is expected.
    holdout : Holdout, optional
        How well the same method foretold, from :func:`cxresearch.value.holdout`; without it the
        answer has a frame but no table, so that no page shows it.

    Returns
    -------
    LifetimeValue
        The purchase that made somebody a customer is not in it: it is what is still to come.

    Raises
    ------
    ValueError
        If `days` is not above 0, `discount` is negative, or `margin` is not in (0, 1].

    Notes
    -----
    sum_i margin * m_i * integral of (1 + d)**(-t / year) dE_i(t), with the expected purchases E_i
    and the expected value m_i of one. The interval has the errors of the parameters (delta method)
    and the customers' own chance (simulated).

    Examples
    --------
    >>> from cxresearch.value import spend, summary
    >>> from cxresearch.value import purchases as purchases_of
    >>> from cxresearch.value._example import ORDERS
    >>> customers = summary(ORDERS)
    >>> worth = lifetime_value(purchases_of(customers), spend(customers), days=30, discount=0.1)
    >>> worth.name, worth.total.n
    ('Expected revenue', 3)
    """
    validate.positive("days", days)
    validate.between("discount", discount, 0, math.inf)
    if margin is not None and validate.positive("margin", margin) > 1:
        raise validate.refused("margin", "a share in (0, 1]", margin)
    forecast = _Forecast(purchases, spend, days, discount, margin or 1.0)
    frame = purchases.summary.frame
    groups = np.full(len(frame), _ALL, dtype=object)
    if isinstance(by, str):
        validate.one_of("by", by, ("decile",))
        groups = np.array(
            [f"{tenth:02d}" for tenth in tied_classes(forecast.value(), _CLASSES)], dtype=object
        )
    elif by is not None:
        groups = _groups(frame, by)
    whole = forecast.rows(np.full(len(frame), _ALL, dtype=object)).iloc[0]
    return LifetimeValue(
        total=Estimate(
            value=float(whole["value"]),
            ci=Interval(float(whole["value_low"]), float(whole["value_high"])),
            n=purchases.n,
            unit=spend.unit,
            confidence=purchases.confidence,
            method=f"{purchases.method}, with Gamma-Gamma",
            note=in_words((*purchases.remarks, *spend.remarks), Language("en")),
        ),
        frame=forecast.rows(groups),
        days=days,
        discount=discount,
        margin=margin,
        holdout=holdout,
    )


def geometric_value(
    margin: float,
    *,
    retention: float,
    discount: float,
    first: Literal["now", "after a period"],
) -> float:
    """Return the value of a customer of a contract who stays each period with one chance.

    Parameters
    ----------
    margin : float
        What is earned per period.
    retention : float
        The chance to stay at a renewal, 0-1.
    discount : float
        The discount rate per period, from 0.
    first : {"now", "after a period"}
        When the first margin comes: at once and surely, or after a period if the customer stays.

    Raises
    ------
    ValueError
        If an argument is none of what is allowed, or nothing ends the sum (no loss, no discount).

    Notes
    -----
    m (1 + d) / (1 + d - r) now; m r / (1 + d - r) after a period. One chance for all customers is
    wrong where they differ: those who stay are the loyal ones, and
    :func:`cxresearch.stats.survival.shifted_beta_geometric.shifted_beta_geometric` knows it.

    Examples
    --------
    >>> geometric_value(100, retention=0.8, discount=0.1, first="now").__round__(2)
    366.67
    >>> geometric_value(100, retention=0.8, discount=0.1, first="after a period").__round__(2)
    266.67
    """
    validate.real("margin", margin)
    validate.between("retention", retention, 0, 1)
    validate.between("discount", discount, 0, math.inf)
    validate.one_of("first", first, ("now", "after a period"))
    below = 1 + discount - retention
    if below == 0:
        raise validate.refused("retention", "below 1 where nothing is discounted", retention)
    return margin * ((1 + discount) if first == "now" else retention) / below


@documented
def first_order(orders: IntoFrame, column: str = "channel") -> pd.Series[Any]:
    """Return what the first kept order of each known customer says, such as its channel.

    Parameters
    ----------
    %(orders)s
    column : str, default "channel"
        A column of the orders.

    Returns
    -------
    pandas.Series
        By customer_id, for :func:`cxresearch.value.lifetime_value`.

    Raises
    ------
    %(missing_column)s

    Examples
    --------
    >>> from cxresearch.value._example import ORDERS
    >>> first_order(ORDERS, "revenue").to_dict()
    {'A': 10.0, 'B': 8.0, 'C': 7.0}
    """
    needed = ("customer_id", "revenue", "status", "day", column)
    rows = engine.lazy(frames.lazy(orders, "orders", needed).to_native())
    there = rows.collect_schema().names()
    time = [name for name in ("ts_us", "day", "order_id") if name in there]
    first = (
        rows.filter(frames.KNOWN & order_rules.SALE)
        .group_by("customer_id")
        .agg(found=nw.col(column).first(order_by=time))
    )
    table: pd.DataFrame = first.collect("pandas").to_native().sort_values("customer_id")
    return table.set_index("customer_id")["found"].rename(column)


class _Forecast:
    """Purchases and value ahead of every customer, as functions of the parameters."""

    def __init__(
        self, bought: PurchaseModel, money: SpendModel, days: float, discount: float, margin: float
    ) -> None:
        self.bought, self.money, self.margin = bought, money, margin
        frame = bought.summary.frame
        has_value = "monetary_value" in frame
        self.x = bought.x
        self.mean = frame["monetary_value"].to_numpy(float) if has_value else np.zeros(bought.n)
        self.end = bought.horizon(days)
        nodes, weights = np.polynomial.legendre.leggauss(_NODES)
        at = (nodes + 1) * days / 2
        rate = math.log1p(discount) / _YEAR
        self.last = math.exp(-rate * days)
        falls = weights * days / 2 * rate * np.exp(-rate * at)
        inner = zip(at.tolist(), falls.tolist(), strict=True) if rate else ()
        self.inner = [(bought.horizon(when), weight) for when, weight in inner]

    def discounted(self, logs: Array | None = None) -> Array:
        """Return the discounted purchases of each customer, by parts: no density is needed."""
        found = self.last * self.bought.each(self.end, logs)
        for when, weight in self.inner:
            found = found + weight * self.bought.each(when, logs)
        return found

    def worth(self, logs: Array | None = None) -> Array:
        parameters = self.money.fit.parameters if logs is None else np.exp(logs)
        return self.margin * gamma_gamma.expected_spend(parameters, self.x, self.mean)

    def value(self) -> Array:
        """Return what each customer is expected to bring."""
        return self.discounted() * self.worth()

    def rows(self, groups: NDArray[Any]) -> pd.DataFrame:
        """Return the totals of each group with their intervals."""
        import pandas as pd

        codes, names = pd.factorize(groups, sort=True)
        count = np.bincount(codes, minlength=len(names))
        level = self.bought.confidence
        discounted, worth, plain = self.discounted(), self.worth(), self.bought.each(self.end)

        def summed(each: Array) -> Array:
            return np.bincount(codes, each, minlength=len(names)).astype(float)

        bought, value = summed(plain), summed(discounted * worth)
        own, own_value = self._chance(codes, len(names), plain, discounted, worth)
        spread = self.bought.spread(lambda logs: summed(self.bought.each(self.end, logs))) + own
        money = delta(
            lambda logs: summed(discounted * self.worth(logs)),
            np.log(self.money.fit.parameters),
            self.money.fit.covariance,
        )
        often = self.bought.spread(lambda logs: summed(self.discounted(logs) * worth))
        errors = {"purchases": np.sqrt(spread), "value": np.sqrt(money + often + own_value)}
        found = pd.DataFrame({"group": names, "customers": count})
        for name, totals in (("purchases", bought), ("value", value)):
            ends = [
                log_interval(total, error, level)
                for total, error in zip(totals.tolist(), errors[name].tolist(), strict=True)
            ]
            found[name] = totals
            found[f"{name}_low"] = [end.low for end in ends]
            found[f"{name}_high"] = [end.high for end in ends]
        for end in ("", "_low", "_high"):
            found[f"per_customer{end}"] = found[f"value{end}"] / found["customers"]
        return found

    def _chance(
        self, codes: NDArray[np.intp], size: int, plain: Array, discounted: Array, worth: Array
    ) -> tuple[Array, Array]:
        """Return the variance of each group's purchases and value that is its customers' own."""
        drawn, bought = self.bought.simulated(self.end)
        rng = np.random.default_rng(_SEED)
        known = (self.x[drawn], self.mean[drawn])
        spent = (
            self.margin
            * gamma_gamma.simulated_spend(self.money.fit.parameters, *known, bought, rng)
            if np.isfinite(self.money.fit.parameters).all()
            else np.full(bought.size, math.nan)
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            pace = np.where(plain > 0, discounted / plain, 1.0)[drawn]
        apart = (bought - plain[drawn]) ** 2
        away = (pace * spent - (discounted * worth)[drawn]) ** 2
        times = np.bincount(codes[drawn], minlength=size)
        scale = np.bincount(codes, minlength=size) / np.maximum(times, 1)
        sums = [np.bincount(codes[drawn], each, minlength=size) * scale for each in (apart, away)]
        return sums[0], sums[1]


def _worth(money: SpendModel, frame: pd.DataFrame) -> Array:
    known = (frame["frequency"].to_numpy(float), frame["monetary_value"].to_numpy(float))
    return money.of(*known)


def _came(every: frames.Frame, cut: date, days: int) -> pd.DataFrame:
    end = cut + timedelta(days=days)
    after = every.filter((nw.col("day") > nw.lit(cut)) & (nw.col("day") <= nw.lit(end)))
    sums = after.group_by("customer_id").agg(bought=nw.len(), spent=nw.col("net").sum())
    table = summaries.collected(sums, ["customer_id"], "spent")
    return table.set_index("customer_id").astype(float)


def _deciles(foretold: Array, came: Array, confidence: float) -> pd.DataFrame:
    import pandas as pd

    classes = tied_classes(foretold, _CLASSES)
    rows = []
    for one in np.unique(classes):
        own = classes == one
        sums = RatioSums.from_arrays(came[own], np.ones(int(own.sum())))
        mean = ratio_of_sums(sums, unit="purchases", confidence=confidence, low=0.0)
        rows.append((int(one), int(own.sum()), float(foretold[own].mean()), mean.value, *mean.ci))
    names = ["decile", "customers", "foretold", "came", "came_low", "came_high"]
    return pd.DataFrame(rows, columns=names)


def _ranks_agree(foretold: Array, came: Array) -> float:
    from scipy.stats import rankdata

    if not (np.ptp(foretold) > 0 and np.ptp(came) > 0):
        return math.nan
    return float(np.corrcoef(rankdata(foretold), rankdata(came))[0, 1])


def _groups(frame: pd.DataFrame, by: Any) -> NDArray[Any]:
    """Return the group of each customer; one without any is of a group of its own name."""
    found = frame["customer_id"].map(dict(by)).astype(object)
    return found.where(found.notna(), "unknown").astype(str).to_numpy(dtype=object)


def _nothing(cut: date, days: int, confidence: float) -> Holdout:
    nothing = Estimate(
        value=math.nan, ci=Interval(math.nan, math.nan), n=0, unit="share",
        confidence=confidence, method="linearised over customers", note=_NOBODY,
    )  # fmt: skip
    empty = np.zeros(0)
    return Holdout(
        ratio=nothing,
        spend_ratio=nothing,
        deciles=_deciles(empty, empty, confidence),
        rank_correlation=math.nan,
        cut=cut,
        days=days,
        n=0,
    )
