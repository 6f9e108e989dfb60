"""Whether orders arrive when they were promised, and who comes back after one that is late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison
from cxresearch.core.documented import documented
from cxresearch.core.remarks import Sentence
from cxresearch.core.results import Estimate, as_columns
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.engine import frames, order_rules
from cxresearch.engine.windows import DAY_US
from cxresearch.kpis._due import Due, collected
from cxresearch.kpis.kpi import Kpi
from cxresearch.stats.shares.differences import difference_of_proportions
from cxresearch.stats.shares.proportions import proportion
from cxresearch.study import plain_frames

if TYPE_CHECKING:
    import pandas as pd

_AGAIN = (
    Column("arrived", "First delivery"),
    Column("customers", role="people"),
    Column("again", "Order again", unit="share", role="estimate"),
    Column("difference", "Late minus on time", "share difference", "estimate", signed=True),
    Column("p_value", "p", role="p"),
)


@documented
def on_time_rate(
    deliveries: frames.AnyFrame,
    orders: frames.AnyFrame | None = None,
    *,
    confidence: float = 0.95,
) -> Kpi:
    """Return the share of orders that arrive on the day they were promised for, or before.

    Parameters
    ----------
    deliveries : frame
        A study's deliveries: one row per parcel.
    orders : frame, optional
        Its orders, which say whose each is and which were cancelled; without them every order is
        a customer of its own.
    %(confidence)s

    Returns
    -------
    Kpi
        A share of the orders whose promised day is over, with `n` customers. An order that has not
        come by then is late; one promised for a day that the data do not reach is left out, also
        where it has come, as only early ones could have. A month has the orders promised for it.

    Raises
    ------
    %(missing_column)s

    Notes
    -----
    An order is late from a whole day after the moment promised. Customers are the independent units
    (:func:`cxresearch.stats.shares.clustered_proportion`).

    Examples
    --------
    Two came on the day, one three days late, and one has not come.

    >>> from cxresearch.kpis._example import DELIVERIES
    >>> on_time_rate(DELIVERIES).value
    0.5
    """
    return Due.of(deliveries, orders).on_time(confidence)


@documented
def days_late(
    deliveries: frames.AnyFrame,
    orders: frames.AnyFrame | None = None,
    *,
    q: float = 0.5,
    confidence: float = 0.95,
) -> Kpi:
    """Return how many days late an order comes that is late.

    Parameters
    ----------
    deliveries, orders : frame
        As in :func:`on_time_rate`.
    q : float, default 0.5
        The share of the late orders that have come by then, strictly between 0 and 1.
    %(confidence)s

    Returns
    -------
    Kpi
        Days after the moment promised, with `n` late orders. One that has not come is late by at
        least as long as the data reach: it is censored, not left out.

    Raises
    ------
    %(missing_column)s
    ValueError
        If `q` is not strictly between 0 and 1.

    Examples
    --------
    >>> from cxresearch.kpis._example import DELIVERIES
    >>> days_late(DELIVERIES).value
    3.0
    """
    validate.share("q", q)
    return Due.of(deliveries, orders).days_late(q, confidence)


@documented
def deliveries_by(
    deliveries: frames.AnyFrame,
    by: str,
    orders: frames.AnyFrame | None = None,
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return the share on time and the days late of each carrier, method, region or month.

    Parameters
    ----------
    deliveries, orders : frame
        As in :func:`on_time_rate`.
    by : str
        A column of the deliveries, or ``"month"``, the one promised for. Orders without a value are
        left out.
    %(confidence)s

    Returns
    -------
    pandas.DataFrame
        One row per group: the group under the name of `by`, `orders`, `customers`, `late` orders,
        `on_time` with its interval, `days_late` (the median of the late ones) with its interval.

    Raises
    ------
    %(missing_column)s

    Examples
    --------
    >>> from cxresearch.kpis._example import DELIVERIES
    >>> found = deliveries_by(DELIVERIES, "carrier")
    >>> found[["carrier", "orders", "late", "on_time"]].round(2)
      carrier  orders  late  on_time
    0   Ponte       1     1     0.00
    1    Vela       3     1     0.67
    """
    return Due.of(deliveries, orders, by).by(by, confidence)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AfterDelivery(Tabular):
    """Who orders again after the first delivery, by whether it was late.

    Parameters
    ----------
    on_time, late : Estimate
        The share of the customers who order again within the days chosen.
    difference : Comparison
        Late minus on time.
    days : int
        The days.
    """

    on_time: Estimate
    late: Estimate
    difference: Comparison
    days: int

    @property
    def sentence(self) -> Sentence:
        """Who orders again, and by how much the late ones are apart."""
        return Sentence(
            "After a late first delivery {late} of customers order again within {days}, after one "
            "on time {on_time}: a difference of {difference}.",
            {
                "late": self.late,
                "days": (self.days, "days"),
                "on_time": self.on_time,
                "difference": self.difference,
            },
        )

    def table(self) -> Table:
        """Return one row per side."""
        import pandas as pd

        apart = as_columns("difference", self.difference) | {"p_value": self.difference.p_value}
        rows = [
            {"arrived": side, **as_columns("again", one), "customers": one.n, **more}
            for side, one, more in (("on time", self.on_time, {}), ("late", self.late, apart))
        ]
        return Table(
            frame=pd.DataFrame(rows),
            columns=_AGAIN,
            caption="Customers who order again within {days} of their first delivery",
            values={"days": (self.days, "days")},
            within=None,
        )


@documented
def again_after(
    deliveries: frames.AnyFrame,
    orders: frames.AnyFrame,
    *,
    days: int = 90,
    confidence: float = 0.95,
) -> AfterDelivery:
    """Return who orders again after the first delivery, late or on time.

    Parameters
    ----------
    deliveries, orders : frame
        A study's deliveries and orders.
    days : int, default 90
        How long a customer has, from the delivery on, at least 1.
    %(confidence)s

    Returns
    -------
    AfterDelivery
        Shares of customers, whose first delivery counts; those whose days are not over are left
        out.

    Raises
    ------
    %(missing_column)s
    ValueError
        If `days` is below 1.

    Notes
    -----
    One delivery of each customer, so that customers are independent and late ones are not those of
    frequent buyers. Newcombe's interval of the difference. An association: carriers and seasons are
    not held.

    References
    ----------
    Newcombe (1998), Stat. Med. 17, 873-890.
    """
    reach_us = validate.whole("days", days, low=1) * DAY_US
    due = Due.of(deliveries, orders).rows
    bought = _kept(orders)
    end_us = int(bought["ts_us"].max()) if len(bought) else 0
    known = due[due["is_known"] & due["delivered_us"].notna()]
    first = known.sort_values(["delivered_us", "order_id"]).drop_duplicates("customer")
    first = first[first["delivered_us"] + reach_us <= end_us]
    pairs = first.merge(bought, on="customer_id", suffixes=("", "_bought"))
    since = pairs["ts_us_bought"] - pairs["delivered_us"]
    again = set(pairs.loc[(since > 0) & (since <= reach_us), "customer"])
    returned = first["customer"].isin(again).to_numpy()
    late = first["late"].to_numpy()
    counts = [(int(returned[side].sum()), int(side.sum())) for side in (~late, late)]
    sides = [proportion(*one, confidence=confidence) for one in counts]
    return AfterDelivery(
        on_time=sides[0],
        late=sides[1],
        difference=difference_of_proportions(counts[0], counts[1], confidence=confidence),
        days=days,
    )


def _kept(orders: frames.AnyFrame) -> pd.DataFrame:
    """Return when known customers placed an order that they kept."""
    needed = ["customer_id", "ts_us", "status", "revenue"]
    rows = plain_frames.lazy(orders, "orders", needed).filter(frames.KNOWN, order_rules.SALE)
    return collected(rows.select("ts_us", "customer_id"))
