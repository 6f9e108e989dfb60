"""What each cohort of new customers went on to spend: whether newer customers are worth as much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.results import as_columns, interval_columns
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.core.unit_sums import RatioSums
from cxresearch.stats.means.ratios import ratio_of_sums
from cxresearch.stats.shares.proportions import proportion
from cxresearch.value.customer_days import collected, customer_days

if TYPE_CHECKING:
    import pandas as pd
    from narwhals.typing import IntoFrame
    from numpy.typing import NDArray

#: What :func:`spend_after` gives: the share who bought, and the spend per customer.
SPEND_AFTER = tuple(interval_columns("bought_again", "spent"))


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CohortValues(Tabular):
    """What new customers spent in as many days after their first one, by quarter.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per quarter: `cohort` (such as 2026 Q1), `customers` followed so long,
        `bought_again` (the share) and `spent` (per customer, after the first day), each with
        `_low` and `_high`.
    days : int
        How many days each customer was followed.
    too_new : int
        The customers who came too late to be followed so long: they are in no row.
    currency : str
        Of `spent`.
    """

    frame: pd.DataFrame
    days: int
    too_new: int
    currency: str

    def to_frame(self) -> pd.DataFrame:
        """Return one row per quarter."""
        return self.frame

    def table(self) -> Table:
        """Return one row per quarter."""
        return Table(
            frame=self.frame,
            columns=[
                Column("cohort", "New in", role="code"),
                Column("customers", role="people"),
                Column("bought_again", "Bought again", unit="share", role="estimate"),
                Column("spent", "Spent per customer", unit=self.currency, role="estimate"),
            ],
            caption=(
                "New customers of each quarter, by what they spent in the {days} after their "
                "first; {count} customers are too new"
            ),
            values={"days": (self.days, "days"), "count": self.too_new},
            within=None,
            nothing="No customer was followed for {days}; {count} are too new.",
        )


@documented
def cohort_values(
    orders: IntoFrame,
    *,
    days: int = 180,
    currency: str | None = None,
    confidence: float = 0.95,
) -> CohortValues:
    """Return what the new customers of each quarter spent in the days after their first one.

    Parameters
    ----------
    %(orders)s
    days : int, default 180
        How many days after the first one, at least 1. Only customers who were seen so long count:
        quarters are followed alike, and may be compared.
    currency : str, optional
        As in :func:`cxresearch.value.summary`.
    %(confidence)s

    Returns
    -------
    CohortValues
        The first day is not in what was spent. Who bought before the data begin is among the new
        customers of the first quarters.

    Raises
    ------
    %(missing_column)s
    ValueError
        If `days` is below 1, or orders are in several currencies and `currency` is not given.

    Notes
    -----
    Mean over customers with its t interval; Wilson interval of the share.

    Examples
    --------
    >>> from cxresearch.value._example import ORDERS
    >>> shown = cohort_values(ORDERS, days=14).frame
    >>> shown[["cohort", "customers", "bought_again", "spent"]]
        cohort  customers  bought_again     spent
    0  2024 Q1          3      0.666667  9.666667
    """
    import pandas as pd

    validate.whole("days", days, low=1)
    validate.share("confidence", confidence)
    known = customer_days(orders, currency=currency)
    table = collected(known.kept, ["customer_id", "day"], "net")
    bought = table.assign(day=pd.to_datetime(table["day"]))
    bought["first"] = bought.groupby("customer_id", sort=False)["day"].transform("min")
    since = (bought["day"] - bought["first"]).dt.days
    bought["later"] = bought["net"].where((since > 0) & (since <= days), 0.0)
    each = bought.groupby("customer_id", sort=False).agg(
        first=("first", "first"), spent=("later", "sum")
    )
    latest = pd.Timestamp(known.last or 0) - pd.Timedelta(days=days)
    followed = each[each["first"] <= latest]
    quarter = followed["first"].dt.to_period("Q")
    rows = []
    for cohort, own in followed.groupby(quarter)["spent"]:
        name = {"cohort": f"{cohort.year} Q{cohort.quarter}", "customers": len(own)}
        rows.append(name | spend_after(own.to_numpy(float), known.currency, confidence))
    return CohortValues(
        frame=pd.DataFrame(rows, columns=["cohort", "customers", *SPEND_AFTER]),
        days=days,
        too_new=len(each) - len(followed),
        currency=known.currency,
    )


def spend_after(spent: NDArray[np.float64], currency: str, confidence: float) -> dict[str, float]:
    """Return what customers spent after a day: the columns :data:`SPEND_AFTER`.

    Parameters
    ----------
    spent : ndarray of float, shape (n,)
        What each customer spent after it, in `currency`.
    currency : str
        Its currency.
    confidence : float
        Coverage of the intervals.
    """
    again = proportion(int((spent > 0).sum()), spent.size, confidence=confidence)
    sums = RatioSums.from_arrays(spent, np.ones(spent.size))
    mean = ratio_of_sums(sums, unit=currency, confidence=confidence, low=0.0)
    return as_columns("bought_again", again) | as_columns("spent", mean)
