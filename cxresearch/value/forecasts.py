"""What customers are expected to bring, never without how well the same method predicted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cxresearch.core import validate
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Remark, in_words
from cxresearch.core.results import Estimate, Interval
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.engine import frames
from cxresearch.stats.purchases import gamma_gamma
from cxresearch.stats.purchases.delta_method import delta, log_interval, slopes_of, variances
from cxresearch.value import purchase_models, spend_models
from cxresearch.value.holdouts import Holdout
from cxresearch.value.purchase_models import PurchaseModel
from cxresearch.value.rfm_scores import tied_classes
from cxresearch.value.spend_models import SpendModel

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_YEAR = 365.25
_NODES = 6
#: Repeat customers that a group needs for models of its own.
_FEWEST = 100
_SEED = 20_061
_ALL = "all customers"
_NO_GROUP = "unknown"
_CLASSES = 10
_UNTESTED = (
    "a forecast is shown only with how well the same method predicted past days: give holdout"
)
_FORECAST = (
    Column("group", role="name"),
    Column("customers", role="people"),
    Column("purchases", "Purchases expected", unit="", role="estimate"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected(Estimate):
    """What customers are expected to bring; its remarks are what its note says.

    See Also
    --------
    cxresearch.core.results.Estimate : The other fields.
    """

    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LifetimeValue(Tabular):
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
        How well the same method predicted.
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
        named: Any = [Remark("unknown") if one == _NO_GROUP else one for one in self.frame["group"]]
        return Table(
            frame=self.frame.assign(group=named),
            columns=[
                *_FORECAST,
                Column("value", self.name, unit=unit, role="estimate"),
                Column("per_customer", "Per customer", unit=unit, role="estimate"),
            ],
            caption=(
                "What customers are expected to bring in {days}, discounted by {discount} a year; "
                "over the past {tested}, the same method predicted {ratio} of actual spend"
            ),
            values={
                "days": (self.days, "days"),
                "discount": (self.discount, "share"),
                "ratio": self.holdout.spend_ratio,
                "tested": (self.holdout.days, "days"),
            },
            within=None,
        )


def lifetime_value(
    purchases: PurchaseModel,
    spend: SpendModel,
    *,
    days: float,
    discount: float,
    margin: float | None = None,
    by: Mapping[Any, Any] | pd.Series[Any] | Literal["decile"] | None = None,
    pooled: bool = False,
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
    pooled : bool, default False
        Whether the model of all predicts each group: for groups made of what customers bought
        later, such as RFM classes. Otherwise a group known from the start, such as a segment or a
        channel, has models of its own where it is large enough.
    holdout : Holdout, optional
        How well the same method predicted, from :func:`cxresearch.value.holdout`; without it the
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
    and the customers' own chance (simulated). The model of all draws each customer towards the mean
    of all, and so predicts too little of a good group: one with 100 repeat customers, of whom
    leaving is seen, is fitted on its own, and groups need not add up to the total. One in which
    all bought again, or none, is made of what was bought, and has the model of all.

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
            [f"{tenth:02d}" for tenth in tied_classes(forecast.ranked(), _CLASSES)], dtype=object
        )
    elif by is not None:
        groups = _groups(frame, by)
    remarks = (*purchases.remarks, *spend.remarks)
    whole = forecast.rows(np.full(len(frame), _ALL, dtype=object)).reindex([0]).iloc[0]
    return LifetimeValue(
        total=Expected(
            value=float(whole["value"]),
            ci=Interval(float(whole["value_low"]), float(whole["value_high"])),
            n=purchases.n,
            unit=spend.unit,
            confidence=purchases.confidence,
            method=f"{purchases.method}, with Gamma-Gamma",
            note=in_words(remarks, Language("en")),
            remarks=remarks,
        ),
        frame=forecast.rows(groups) if pooled or isinstance(by, str) else forecast.apart(groups),
        days=days,
        discount=discount,
        margin=margin,
        holdout=holdout,
    )


class _Forecast:
    """Purchases and value ahead of every customer, as functions of the parameters."""

    def __init__(
        self, bought: PurchaseModel, money: SpendModel, days: float, discount: float, margin: float
    ) -> None:
        self.bought, self.money, self.margin = bought, money, margin
        self.days, self.discount = days, discount
        frame = bought.summary.frame
        has_value = "monetary_value" in frame
        self.x = bought.rows[0][bought.kind]
        self.mean = frame["monetary_value"].to_numpy(float) if has_value else np.zeros(bought.n)
        self.end = bought.horizon(days)
        nodes, weights = np.polynomial.legendre.leggauss(_NODES)
        rate = math.log1p(discount) / _YEAR
        at = (nodes + 1) * days / 2 if rate else np.zeros(0)
        ends = [*map(bought.horizon, at.tolist()), self.end]
        self.ends = np.array(ends)[:, np.newaxis]
        # By parts: no density is needed.
        falls = weights[: at.size] * days / 2 * rate * np.exp(-rate * at)
        self.weights = np.append(falls, math.exp(-rate * days))

    def ahead(self, logs: Array | None = None) -> Array:
        """Return the purchases of each customer, and with them the same discounted."""
        each = self.bought.each(self.ends, logs)
        return np.array([each[-1], np.einsum("k,kn->n", self.weights, each)])

    @cached_property
    def now(self) -> Array:
        """The same by the fitted model, shape (2, n)."""
        return self.ahead()

    @cached_property
    def slopes(self) -> Array:
        """How they change with the logarithms of the model's parameters, shape (4, 2, n)."""
        logs = self.bought.logs
        if not np.isfinite(self.bought.fit.covariance).all():
            return np.full((logs.size, *self.now.shape), math.nan)
        return slopes_of(self.ahead, logs)

    def worth(self, logs: Array | None = None) -> Array:
        parameters = self.money.fit.parameters if logs is None else np.exp(logs)
        return self.margin * gamma_gamma.expected_spend(parameters, self.x, self.mean)

    def ranked(self) -> Array:
        """Return what customers are ranked by: what they bring, or buy where that is not known."""
        worth = self.worth()
        return np.asarray(np.nan_to_num(self.now[1] * (worth if np.isfinite(worth).all() else 1)))

    def rows(self, groups: NDArray[Any]) -> pd.DataFrame:
        """Return the totals of each group with their intervals."""
        import pandas as pd

        codes, names = pd.factorize(groups, sort=True)
        count = np.bincount(codes, minlength=len(names))
        level = self.bought.confidence
        worth, (plain, discounted) = self.worth(), self.now

        def summed(each: Array) -> Array:
            return np.bincount(codes, each, minlength=len(names)).astype(float)

        bought, value = summed(plain), summed(discounted * worth)
        own, own_value = self._chance(codes, len(names), plain, discounted, worth)
        slopes = [
            [summed(of_plain), summed(of_discounted * worth)]
            for of_plain, of_discounted in self.slopes
        ]
        money = delta(
            lambda logs: summed(discounted * self.worth(logs)),
            np.log(self.money.fit.parameters),
            self.money.fit.covariance,
        )
        often, paid = variances(np.array(slopes), self.bought.fit.covariance)
        errors = {"purchases": np.sqrt(often + own), "value": np.sqrt(money + paid + own_value)}
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

    def apart(self, groups: NDArray[Any]) -> pd.DataFrame:
        """Return the totals of each group by models of its own where it is large enough."""
        import pandas as pd

        rows = self.rows(groups)
        parts = []
        for place, name in enumerate(rows["group"]):
            own = self._own(groups == name)
            group = np.full(0 if own is None else own.bought.n, name, dtype=object)
            parts.append(rows.iloc[[place]] if own is None else own.rows(group))
        return pd.concat(parts, ignore_index=True) if parts else rows

    def _own(self, mine: NDArray[np.bool_]) -> _Forecast | None:
        """Return the forecast of some customers by models fitted to them; None if they are few."""
        if not _FEWEST <= int((mine & (self.x > 0)).sum()) < int(mine.sum()):
            return None
        every, level = self.bought.summary, self.bought.confidence
        frame = every.frame[mine].reset_index(drop=True)
        customers = replace(every, frame=frame, n=len(frame))
        bought = purchase_models.purchases(
            customers, model=self.bought.model, season=self.bought.season, confidence=level
        )
        money = spend_models.spend(customers, confidence=self.money.confidence)
        if not (np.isfinite(bought.fit.covariance).all() and math.isfinite(money.ci.low)):
            return None
        return _Forecast(bought, money, self.days, self.discount, self.margin)

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


def _groups(frame: pd.DataFrame, by: Any) -> NDArray[Any]:
    """Return the group of each customer; one without any is of a group of its own name."""
    frames.lazy(frame, "summary", ("customer_id",))
    named = {str(customer): group for customer, group in dict(by).items()}
    found = frame["customer_id"].astype(str).map(named).astype(object)
    return found.where(found.notna(), _NO_GROUP).astype(str).to_numpy(dtype=object)
