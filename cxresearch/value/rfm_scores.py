"""Recency, frequency and monetary value in classes, judged by what customers did afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.languages import UNDEFINED
from cxresearch.core.remarks import Remark
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.value.cohort_spend import SPEND_AFTER, spend_after
from cxresearch.value.customer_days import collected, customer_days

if TYPE_CHECKING:
    import pandas as pd
    from narwhals.typing import IntoFrame
    from numpy.typing import NDArray

_SAID = {
    "recency": "days since the last order",
    "frequency": "days with an order",
    "monetary": "spend so far",
}
_LETTERS = ("recency", "frequency", "monetary")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Rfm(Tabular):
    """The scores of today's customers, and what scores of an earlier day predicted.

    Parameters
    ----------
    scores : pandas.DataFrame
        One row per customer of today: `customer_id` with the scores `recency`, `frequency` and
        `monetary`, 1 to the number of classes, the highest the best.
    judged : pandas.DataFrame
        One row per score and class at the earlier cut: `score`, `scored` (the class), `customers`,
        `bought_again` (the share who bought in the days after) and `spent` (per customer then),
        both with their ends.
    cut : datetime.date
        The earlier day.
    days : int
        How many days after it were looked at.
    currency : str
        Of `spent`.
    """

    scores: pd.DataFrame
    judged: pd.DataFrame
    cut: date | None
    days: int
    currency: str

    def to_frame(self) -> pd.DataFrame:
        """Return what followed each class of the earlier day."""
        return self.judged

    def table(self) -> Table:
        """Return what followed each class of the earlier day."""
        return Table(
            frame=self.judged.assign(
                score=self.judged["score"].map(lambda one: Remark(_SAID[one]))
            ),
            columns=[
                Column("score"),
                Column("scored", "Class"),
                Column("customers", role="people"),
                Column("bought_again", "Bought in the days after", unit="share", role="estimate"),
                Column("spent", "Spent then, per customer", unit=self.currency, role="estimate"),
            ],
            caption=(
                "Recency, frequency and monetary value on {cut}, by what followed in {days}; "
                "5 is the best"
            ),
            values={"cut": self.cut or UNDEFINED, "days": (self.days, "days")},
            within=["score"],
        )


@documented
def rfm(
    orders: IntoFrame,
    *,
    days: int = 90,
    classes: int = 5,
    currency: str | None = None,
    confidence: float = 0.95,
) -> Rfm:
    """Score customers by recency, frequency and monetary value, and judge the scores.

    Parameters
    ----------
    %(orders)s
    days : int, default 90
        The scores are judged on the last so many days, from an earlier cut: by what followed them,
        never by the spend that made them.
    classes : int, default 5
        How many classes, at least 2.
    currency : str, optional
        As in :func:`cxresearch.value.summary`.
    %(confidence)s

    Returns
    -------
    Rfm

    Raises
    ------
    %(missing_column)s
    %(not_allowed)s

    Notes
    -----
    The class of a customer is that of the mean rank of all who tie with them, so that equal
    customers are never in two classes; of frequency, which ties a lot, some classes may be empty.
    Frequency counts days with a kept order, monetary value is what they brought in all.

    Examples
    --------
    >>> from cxresearch.value._example import ORDERS
    >>> rfm(ORDERS, days=14, classes=2).scores.recency.tolist()
    [2, 1, 2]
    """
    import pandas as pd

    validate.whole("days", days, low=1)
    validate.whole("classes", classes, low=2)
    bought = customer_days(orders, currency=currency)
    found, last = bought.currency, bought.last
    table = collected(bought.kept, ["customer_id", "day"], "net")
    table["day"] = pd.to_datetime(table["day"])
    cut = None if last is None else last - timedelta(days=days)
    judged = []
    if cut is not None and last is not None:
        is_after = (table["day"] > pd.Timestamp(cut)).to_numpy()
        earlier = _scored(table[~is_after], cut, classes)
        after = table[is_after].groupby("customer_id")["net"].sum()
        earlier["spent"] = earlier["customer_id"].map(after).fillna(0.0)
        for letter in _LETTERS:
            for scored, own in earlier.groupby(letter):
                name = {"score": letter, "scored": scored, "customers": len(own)}
                judged.append(name | spend_after(own["spent"].to_numpy(float), found, confidence))
    names = ["score", "scored", "customers", *SPEND_AFTER]
    return Rfm(
        scores=_scored(table, last, classes),
        judged=pd.DataFrame(judged, columns=names),
        cut=cut,
        days=days,
        currency=found,
    )


def _scored(table: pd.DataFrame, until: date | None, classes: int) -> pd.DataFrame:
    import pandas as pd

    each = (
        table.groupby("customer_id")
        .agg(last=("day", "max"), frequency=("day", "size"), monetary=("net", "sum"))
        .reset_index()
    )
    silent = (pd.Timestamp(until) - each["last"]).dt.days if until else each["last"]
    return pd.DataFrame(
        {
            "customer_id": each["customer_id"],
            "recency": tied_classes(-silent.to_numpy(float), classes),
            "frequency": tied_classes(each["frequency"].to_numpy(float), classes),
            "monetary": tied_classes(each["monetary"].to_numpy(float), classes),
        }
    )


def tied_classes(values: NDArray[np.float64], classes: int) -> NDArray[np.int64]:
    """Return classes of about equal size, 1 the lowest, in which equal values are together.

    Examples
    --------
    >>> tied_classes(np.array([1.0, 1.0, 1.0, 1.0, 7.0]), 5).tolist()
    [3, 3, 3, 3, 5]
    """
    from scipy.stats import rankdata

    ranks = rankdata(values)
    return np.asarray(np.ceil(ranks / max(values.size, 1) * classes), dtype=np.int64)
