"""Who buys in the next days: a logistic model of an earlier window, tried on a later one."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import normal_quantile
from cxresearch.core.documented import documented
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Remark
from cxresearch.core.results import Estimate, Interval
from cxresearch.core.table import Column, Estimates, Table, Tabular
from cxresearch.stats.association.regression import logistic_regression
from cxresearch.stats.ranks.rank_tests import superiority
from cxresearch.stats.shares.proportions import proportion
from cxresearch.value import summaries
from cxresearch.value.customer_days import CustomerDays, collected, customer_days, cut_day
from cxresearch.value.holdouts import CLASSES, by_decile
from cxresearch.value.purchase_models import purchases
from cxresearch.value.rfm_scores import tied_classes

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from narwhals.typing import IntoFrame
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

#: What is known of a customer at a cut, each as the logarithm of one more, and what it is called.
FEATURES = {
    "orders": "orders so far",
    "recent_orders": "orders in the last window",
    "days_since_last": "days since the last order",
    "days_since_first": "days since the first order",
    "active_days": "days from the first order to the last",
    "spend_per_order": "spend per order",
}
_NAMES = {
    "auc": "A buyer is ranked above a non-buyer (AUC)",
    "brier": "Mean squared error (Brier score)",
    "brier_of_one_rate": "The same, with one probability for all",
    "slope": "Calibration slope (ideal: 1)",
    "observed": "Bought in the later window",
    "predicted": "Predicted for it",
}
_FEWEST = 10
_TOO_FEW = "too few customers bought, or did not, in one of the two windows"
_EDGE = 1e-6
#: A wider interval of a log odds ratio says nothing.
_WIDEST = 14.0


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class NextPurchase(Tabular):
    """How well the next purchases are predicted, on a window that no model has seen.

    Parameters
    ----------
    model : {"logistic", "boosting"}
        Which was better; boosting only where it beats the logistic model on the later window.
    scores : Estimates
        AUC, Brier score (and that of one chance for all), calibration slope, shares.
    compared : pandas.DataFrame
        One row per model tried: `model`, `auc` with its ends, `brier`, `slope`.
    reasons : pandas.DataFrame
        One row per feature: `feature`, `odds_ratio` per standard deviation with its ends: an
        association, and no cause.
    calibration : pandas.DataFrame
        Ten classes by the chance predicted: `decile`, `customers`, `predicted`, `actual` (the share
        who bought) with its ends.
    today : pandas.DataFrame
        Ten classes of today's customers: `decile`, `customers`, `predicted` (the mean chance).
    days : int
        How long a window is.
    cuts : tuple of datetime.date
        The last days that training and test know.
    n : int
        The customers of the later window.
    """

    model: str
    scores: Estimates
    compared: pd.DataFrame
    reasons: pd.DataFrame
    calibration: pd.DataFrame
    today: pd.DataFrame
    days: int
    cuts: tuple[date, date]
    n: int
    listed: pd.DataFrame = field(compare=False)

    def table(self) -> Table:
        """Return the deciles of the later window, predicted beside actual."""
        return Table(
            frame=self.calibration,
            columns=[
                Column("decile", "Tenth of the prediction"),
                Column("customers", role="people"),
                Column("predicted", "Predicted", unit="share"),
                Column("actual", "Bought", unit="share", role="estimate"),
            ],
            caption="Customers who buy in {days}: predicted, and actual in the later period",
            values={"days": (self.days, "days")},
            within=None,
        )

    def comparison(self) -> Table:
        """Return the models that were tried."""
        return Table(
            frame=self.compared.assign(n=self.n),
            columns=[
                Column("model", role="name"),
                Column("auc", "AUC", unit="", role="estimate"),
                Column("brier", "Brier score"),
                Column("slope", "Calibration slope"),
                Column("n", role="people", is_shown=False),
            ],
            caption="Models tried on the later window; a lower Brier score is better",
        )

    def associations(self) -> Table:
        """Return what goes with buying again."""
        return Table(
            frame=self.reasons.assign(
                n=self.n, feature=self.reasons["feature"].map(lambda one: Remark(FEATURES[one]))
            ),
            columns=[
                Column("feature"),
                Column("odds_ratio", "Odds ratio per standard deviation", unit="", role="estimate"),
                Column("n", role="people", is_shown=False),
            ],
            caption="What goes with buying again; an association, not a cause",
        )

    def write_list(self, path: Path) -> None:
        """Write today's customers with their chance, for a campaign: to be kept out of reports.

        Parameters
        ----------
        path : Path
            A CSV file, in the study's own folder.
        """
        self.listed.to_csv(path, index=False)

    def __repr__(self) -> str:
        return repr(self.scores)


@documented
def next_purchase(
    orders: IntoFrame,
    *,
    days: int = 90,
    cut: str | date | None = None,
    train_cut: str | date | None = None,
    boosting: bool = False,
    currency: str | None = None,
    confidence: float = 0.95,
) -> NextPurchase | Missing:
    """Predict who buys in the next days, and say how well.

    Parameters
    ----------
    %(orders)s
    days : int, default 90
        How long a window is, at least 1.
    cut : str or datetime.date, optional
        The last day that the test knows; by default `days` before the last.
    train_cut : str or datetime.date, optional
        The last day that the training knows; by default `days` before `cut`. The window after it
        must end by `cut`: tried on the days it was trained on, a model looks better than it
        is, and so it would on customers drawn at random from the same window.
    boosting : bool, default False
        Whether gradient boosting is tried too.
    currency : str, optional
        As in :func:`cxresearch.value.summary`.
    %(confidence)s

    Returns
    -------
    NextPurchase or Missing
        Missing where either window has too few who bought, or who did not.

    Raises
    ------
    %(missing_column)s
    ValueError
        If a window overlaps another or ends after the last order.

    Notes
    -----
    Features are made of orders placed by the cut, whatever became of them, since that may be known
    only later; the outcome is a kept order after it. Scales and coefficients come from the earlier
    window. Slope: of a logistic regression of the outcome on the logit of the forecast.
    """
    validate.whole("days", days, low=1)
    known = customer_days(orders, currency=currency)
    last = known.last
    if last is None:
        return Missing(_TOO_FEW)
    test = cut_day("cut", cut, last, days)
    train = cut_day("train_cut", train_cut, test, days, before="cut")
    rows = placed(known)
    kept = collected(known.kept, ["customer_id", "day"])
    earlier, later, now = (features(rows, at, days) for at in (train, test, last))
    y_train, y = (
        bought_after(kept, one, at, days) for one, at in ((earlier, train), (later, test))
    )
    if min(y_train.sum(), len(y_train) - y_train.sum(), y.sum(), len(y) - y.sum()) < _FEWEST:
        return Missing(_TOO_FEW)
    fitted = _Logistic.of(earlier, y_train)
    tried = {"logistic": fitted.chance(later), **_by_purchases(orders, test, days, later, currency)}
    if boosting:
        tried["boosting"] = _boosted(earlier, y_train, later)
    brier = {name: float(np.mean((y - p) ** 2)) for name, p in tried.items()}
    best = "boosting" if boosting and brier["boosting"] < brier["logistic"] else "logistic"
    if boosting and best == "logistic":
        del tried["boosting"]
    # The model for today knows the later window too.
    chance = _boosted(later, y, now) if best == "boosting" else _Logistic.of(later, y).chance(now)
    listed = now[["customer_id"]].assign(chance=chance).sort_values("chance", ignore_index=True)
    return NextPurchase(
        model=best,
        scores=_scores(y, tried[best], float(y_train.mean()), confidence),
        compared=compared(y, tried, confidence),
        reasons=fitted.reasons(confidence),
        calibration=by_decile(
            tried[best],
            lambda own: proportion(int(y[own].sum()), int(own.sum()), confidence=confidence),
        ),
        today=_today(chance),
        days=days,
        cuts=(train, test),
        n=len(y),
        listed=listed,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Logistic:
    """A logistic regression on standardised features."""

    centre: Array
    scale: Array
    weights: Array
    covariance: Array

    @classmethod
    def of(cls, customers: pd.DataFrame, bought: Array) -> _Logistic:
        plain = _matrix(customers)
        centre, scale = plain.mean(axis=0), plain.std(axis=0)
        scale = np.where(scale > 0, scale, 1.0)
        weights, covariance = logistic_regression((plain - centre) / scale, bought)
        return cls(centre, scale, weights, covariance)

    def chance(self, customers: pd.DataFrame) -> Array:
        from scipy.special import expit

        x = (_matrix(customers) - self.centre) / self.scale
        return np.asarray(expit(self.weights[0] + x @ self.weights[1:]))

    def reasons(self, confidence: float) -> pd.DataFrame:
        import pandas as pd

        z = normal_quantile(confidence) * np.sqrt(np.diag(self.covariance))[1:]
        z = np.where(z < _WIDEST, z, math.nan)
        slopes = self.weights[1:]
        return pd.DataFrame(
            {
                "feature": [*FEATURES],
                "odds_ratio": np.exp(slopes),
                "odds_ratio_low": np.exp(slopes - z),
                "odds_ratio_high": np.exp(slopes + z),
            }
        )


def placed(days: CustomerDays) -> pd.DataFrame:
    """Return what each customer placed on each day, whatever became of it."""
    import pandas as pd

    table = collected(days.placed, ["customer_id", "day"], "spent")
    return table.assign(day=pd.to_datetime(table["day"]))


def features(placed: pd.DataFrame, cut: date, days: int) -> pd.DataFrame:
    """Return what is known of each customer at a cut, from the rows up to it."""
    import pandas as pd

    at = pd.Timestamp(cut)
    known = placed[placed["day"] <= at]
    recent = known["day"] > at - pd.Timedelta(days=days)
    each = (
        known.assign(recent=recent)
        .groupby("customer_id")
        .agg(
            orders=("day", "size"),
            recent_orders=("recent", "sum"),
            last=("day", "max"),
            first=("day", "min"),
            spent=("spent", "sum"),
        )
        .reset_index()
    )
    each["days_since_last"] = (at - each["last"]).dt.days
    each["days_since_first"] = (at - each["first"]).dt.days
    each["active_days"] = each["days_since_first"] - each["days_since_last"]
    each["spend_per_order"] = each["spent"] / each["orders"]
    return each[["customer_id", *FEATURES]]


def bought_after(kept: pd.DataFrame, customers: pd.DataFrame, cut: date, days: int) -> Array:
    """Return whether each customer has a kept order in the window that begins after the cut."""
    import pandas as pd

    day = pd.to_datetime(kept["day"])
    at = pd.Timestamp(cut)
    inside = (day > at) & (day <= at + pd.Timedelta(days=days))
    buyers = kept.loc[inside, "customer_id"]
    return np.asarray(customers["customer_id"].isin(buyers), dtype=float)


def _by_purchases(
    orders: IntoFrame, cut: date, days: int, customers: pd.DataFrame, currency: str | None
) -> dict[str, Array]:
    """Return chances by the model of repeat purchases; the mean for those it does not know."""
    bought = purchases(summaries.summary(orders, until=cut, currency=currency))
    frame = bought.customers(days)
    chance = customers["customer_id"].map(frame.set_index("customer_id")["buys_again"])
    return {bought.title: chance.fillna(chance.mean()).to_numpy(float)}


def _matrix(customers: pd.DataFrame) -> Array:
    return np.asarray(np.log1p(customers[[*FEATURES]].to_numpy(float)))


def _boosted(earlier: pd.DataFrame, bought: Array, later: pd.DataFrame) -> Array:
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(max_iter=100, learning_rate=0.1, random_state=0)
    return np.asarray(model.fit(_matrix(earlier), bought).predict_proba(_matrix(later))[:, 1])


def _auc(y: Array, chance: Array, confidence: float) -> tuple[float, Interval]:
    ranked = superiority(chance[y == 0], chance[y == 1], confidence=confidence)
    return ranked.value, ranked.ci


def _slope(y: Array, chance: Array, confidence: float) -> tuple[float, Interval]:
    from scipy.special import logit

    logits = logit(np.clip(chance, _EDGE, 1 - _EDGE))[:, None]
    if np.ptp(logits) == 0:
        return math.nan, Interval(math.nan, math.nan)
    weights, covariance = logistic_regression(logits, y)
    slope, margin = float(weights[1]), normal_quantile(confidence) * math.sqrt(covariance[1, 1])
    return slope, Interval(slope - margin, slope + margin)


def _scores(y: Array, chance: Array, base: float, confidence: float) -> Estimates:
    def estimate(value: float, ci: Interval, method: str, unit: str = "") -> Estimate:
        return Estimate(
            value=value, ci=ci, n=len(y), unit=unit, confidence=confidence, method=method
        )

    def mean(each: Array, unit: str = "") -> Estimate:
        margin = normal_quantile(confidence) * float(each.std(ddof=1)) / math.sqrt(len(each))
        value = float(each.mean())
        return estimate(value, Interval(value - margin, value + margin), "mean, normal", unit)

    return Estimates(
        rows={
            "auc": estimate(*_auc(y, chance, confidence), "Mann-Whitney, Brunner-Munzel"),
            "brier": mean((y - chance) ** 2),
            "brier_of_one_rate": mean((y - base) ** 2),
            "slope": estimate(*_slope(y, chance, confidence), "logistic regression on the logit"),
            "observed": proportion(int(y.sum()), len(y), confidence=confidence),
            "predicted": mean(chance, "share"),
        },
        names=_NAMES,
        caption="How well the next purchases are predicted, in a later period",
        n="Customers (n)",
    )


def compared(y: Array, tried: dict[str, Array], confidence: float) -> pd.DataFrame:
    """Return one row per model tried: how its chances agree with who bought."""
    import pandas as pd

    rows = []
    for name, chance in tried.items():
        auc, ends = _auc(y, chance, confidence)
        slope, _ = _slope(y, chance, confidence)
        rows.append((name, auc, *ends, float(np.mean((y - chance) ** 2)), slope))
    return pd.DataFrame(rows, columns=["model", "auc", "auc_low", "auc_high", "brier", "slope"])


def _today(chance: Array) -> pd.DataFrame:
    import pandas as pd

    each = pd.DataFrame({"decile": tied_classes(chance, CLASSES), "predicted": chance})
    grouped = each.groupby("decile")["predicted"]
    return grouped.agg(customers="size", predicted="mean").reset_index()
