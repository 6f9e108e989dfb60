"""What an experience is worth: what customers spend after it, beside customers like them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import normal_quantile
from cxresearch.core.documented import documented
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Remark, in_words
from cxresearch.core.results import Estimate, Interval, with_unit
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.core.unit_sums import RatioSums
from cxresearch.engine import frames
from cxresearch.errors import SchemaError
from cxresearch.stats.association.regression import clustered_variance, least_squares
from cxresearch.stats.means.ratios import ratio_of_sums
from cxresearch.value import summaries
from cxresearch.value.customer_days import collected, customer_days

if TYPE_CHECKING:
    import pandas as pd
    from narwhals.typing import IntoFrame
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Codes = NDArray[np.intp]

_ASSOCIATION = (
    "these customers may differ in ways that their earlier orders do not show: an association"
)
_DIFFERED = (
    "the two groups already spent differently before, and nothing known of them explains it: the "
    "comparison cannot be trusted"
)
_NO_PAST = "nobody had bought before, so nothing shows whether the two groups were alike"
_SHORT = "cases followed for less than {days} days left out: {count}"
_NO_GROUP = "too few customers in one of the two groups were followed for {days} days"
_ALL_ALIKE = "undefined: it is the same for all"
_FEWEST = 10
#: The days that say how often an experience is met now.
_RECENT = 91
_COLUMNS = (
    Column("outcome"),
    Column("naive", "Plain difference", role="estimate", signed=True),
    Column("adjusted", "Adjusted difference", role="estimate", signed=True),
    Column("n", "Customers (n)", role="people"),
)

_BESIDE = (
    Column("experience", "After"),
    Column("spent", "Spent more or less", role="estimate", signed=True),
    Column("alike", "Same spend before"),
    Column("n", "Customers (n)", role="people"),
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Worth(Tabular):
    """What customers did after an experience, beside those who did not have it.

    Parameters
    ----------
    spent : Estimate
        The difference in kept spend per customer in the days after, adjusted.
    returned : Estimate
        The difference in the share who bought, adjusted.
    placebo : Estimate
        The difference in spend before the experience, adjusted by what came before that: it should
        be 0, since no experience changes the past.
    naive_spent, naive_returned, naive_placebo : Estimate
        The plain differences.
    met_spent, others_spent : Estimate
        Kept spend per customer and moment in the days after, of each group.
    days : int
        How many days after.
    experience, beside : str
        The two groups.
    met, others : int
        Their customers.
    a_month : float
        How many moments of the experience there are in a month, of the last thirteen weeks.
    remarks : tuple of Remark
        What a reader must know before using it.
    """

    spent: Estimate
    returned: Estimate
    placebo: Estimate
    naive_spent: Estimate
    naive_returned: Estimate
    naive_placebo: Estimate
    met_spent: Estimate
    others_spent: Estimate
    days: int
    experience: str
    beside: str
    met: int
    others: int
    a_month: float
    remarks: tuple[Remark, ...]

    @property
    def note(self) -> str:
        """The remarks in English."""
        return in_words(self.remarks, Language("en"))

    @property
    def monthly(self) -> Estimate:
        """What those who meet it in a month spend less, or more, in the days after; adjusted."""
        low, high = (end * self.a_month for end in self.spent.ci)
        return replace(self.spent, value=self.spent.value * self.a_month, ci=Interval(low, high))

    @property
    def is_credible(self) -> bool:
        """Whether the groups spent alike before it, as far as can be seen."""
        low, high = self.placebo.ci
        return low <= 0 <= high

    def table(self) -> Table:
        """Return the outcomes and the placebo, plain and adjusted."""
        import pandas as pd

        rows = [
            ("Spent per customer", self.naive_spent, self.spent),
            ("Bought again", self.naive_returned, self.returned),
            ("Spent before (should be 0)", self.naive_placebo, self.placebo),
        ]
        frame = pd.DataFrame(
            [
                {"outcome": Remark(name), "n": self.met}
                | with_unit("naive", one)
                | with_unit("adjusted", two)
                for name, one, two in rows
            ]
        )
        return Table(
            frame=frame,
            columns=_COLUMNS,
            caption="After {experience}, against {beside}: the next {days}",
            values={
                "experience": _as_message(self.experience),
                "beside": _as_message(self.beside),
                "days": (self.days, "days"),
            },
        )


def side_by_side(worths: Sequence[Worth | Missing]) -> list[Table | Missing]:
    """Return a table of several experiences, one row each, and why others could not be compared.

    Parameters
    ----------
    worths : sequence of Worth or Missing
        From :func:`worth_of`, all of as many days.
    """
    import pandas as pd

    there = [one for one in worths if isinstance(one, Worth)]
    missing: list[Table | Missing] = [one for one in worths if isinstance(one, Missing)]
    if not there:
        return missing
    rows = [
        {
            "experience": _as_message(one.experience),
            "n": one.met,
            "alike": Remark("yes" if one.is_credible else "no"),
        }
        | with_unit("spent", one.spent)
        for one in there
    ]
    table = Table(
        frame=pd.DataFrame(rows),
        columns=_BESIDE,
        caption=(
            "What a customer spends in the {days} after an experience, beside customers "
            "without it, adjusted"
        ),
        values={"days": (there[0].days, "days")},
        within=None,
    )
    return [table, *missing]


@documented
def worth_of(
    orders: IntoFrame,
    moments: IntoFrame,
    *,
    experience: str,
    beside: str,
    days: int = 180,
    currency: str | None = None,
    confidence: float = 0.95,
) -> Worth | Missing:
    """Compare what customers spend after an experience with customers who did not have it.

    Parameters
    ----------
    %(orders)s
    moments : frame
        One row per moment: `customer_id`, `day` and `group`; where a customer has both groups on
        one day, the experience counts. The group must be known by the end of that day: what is
        known later is no moment of it.
    experience, beside : str
        The groups to compare, as `group` has them.
    days : int, default 180
        How many days after the moment's own are looked at, and how many before it are adjusted
        for, at least 1.
    currency : str, optional
        As in :func:`cxresearch.value.summary`.
    %(confidence)s

    Returns
    -------
    Worth or Missing
        Missing where either group has fewer than ten customers who were followed so long.

    Raises
    ------
    %(missing_column)s
    ValueError
        If `days` is below 1.

    Notes
    -----
    Least squares on the group, spend and days of purchase in as many days before and in those
    before them, the time since the first order, and the month of the moment; errors clustered by
    customer, who may have several moments. Orders of the moment's own day are on neither side. The
    placebo is the spend before it, adjusted for that of the days before those.

    Examples
    --------
    >>> from cxresearch.value._example import ORDERS
    >>> few = ORDERS[["customer_id", "day"]].assign(group="late")
    >>> worth_of(ORDERS, few, experience="late", beside="on time", days=7).why
    'too few customers in one of the two groups were followed for {days} days'
    """
    import pandas as pd

    validate.whole("days", days, low=1)
    own_days = customer_days(orders, currency=currency)
    found, last = own_days.currency, own_days.last
    if last is None:
        return Missing(_NO_GROUP, {"days": days})
    needed = ("customer_id", "day", "group")
    rows = frames.lazy(moments, "moments", needed).filter(frames.KNOWN).select(*needed)
    table: pd.DataFrame = rows.collect("pandas").to_native()
    try:
        table["day"] = pd.to_datetime(table["day"]).dt.tz_localize(None)
    except (ValueError, TypeError) as error:
        raise SchemaError("moments", [f"day: must be days; {error}"]) from error
    if pd.api.types.is_numeric_dtype(table["customer_id"]):  # as the ids of orders are read
        table["customer_id"] = table["customer_id"].astype("int64")
    table["customer_id"] = table["customer_id"].astype(str)
    table = table[table["group"].isin([experience, beside])]
    table = table.assign(met=table["group"] == experience).sort_values(
        ["customer_id", "day", "met"], ascending=[True, True, False]
    )
    table = table.drop_duplicates(["customer_id", "day"])
    over = table["day"] + pd.Timedelta(days=days) <= pd.Timestamp(last)
    followed = table[over].reset_index(drop=True)
    met = followed["met"].to_numpy(float)
    whose, _ = pd.factorize(followed["customer_id"])
    people = followed.groupby("met")["customer_id"].nunique().reindex([False, True], fill_value=0)
    if people.min() < _FEWEST:
        return Missing(_NO_GROUP, {"days": days})
    bought = collected(own_days.kept, ["customer_id", "day"], "net")
    bought["day"] = pd.to_datetime(bought["day"])
    own = _windows(followed, bought, days)
    months = pd.get_dummies(followed["day"].dt.to_period("M"), drop_first=True).to_numpy(float)
    before = np.column_stack([_known(own, "before"), _known(own, "earlier"), months])
    earlier = np.column_stack([_known(own, "earlier"), months])
    outcomes = {
        "spent": (own["spent_after"], before, found),
        "returned": ((own["days_after"] > 0).astype(float), before, "share difference"),
        "placebo": (own["spent_before"], earlier, found),
    }
    compared = {}
    for name, (outcome, known, unit) in outcomes.items():
        y = outcome.to_numpy(float)
        compared[name] = _difference(y, met, known, whose, unit, confidence)
        compared[f"naive_{name}"] = _difference(y, met, known[:, :0], whose, unit, confidence)
    spent = own["spent_after"].to_numpy(float)
    for name, inside in (("met_spent", met > 0), ("others_spent", met == 0)):
        _, each = np.unique(whose[inside], return_inverse=True)
        sums = RatioSums.from_arrays(np.bincount(each, spent[inside]), np.bincount(each))
        compared[name] = ratio_of_sums(sums, unit=found, confidence=confidence, low=0.0)
    low, high = compared["placebo"].ci
    remarks = [Remark(_ASSOCIATION)]
    if math.isnan(low):
        remarks.insert(0, Remark(_NO_PAST))
    elif low > 0 or high < 0:
        remarks.insert(0, Remark(_DIFFERED))
    if not over.all():
        remarks.append(Remark(_SHORT, {"days": days, "count": int((~over).sum())}))
    return Worth(
        **compared,
        days=days,
        experience=experience,
        beside=beside,
        met=int(people[True]),
        others=int(people[False]),
        a_month=_in_a_month(table, pd.Timestamp(last)),
        remarks=tuple(remarks),
    )


def _windows(moments_: pd.DataFrame, bought: pd.DataFrame, days: int) -> pd.DataFrame:
    """Return each moment with the spend and the days of purchase after, before, and before that."""
    import pandas as pd

    joined = moments_[["customer_id", "day"]].reset_index().merge(
        bought.rename(columns={"day": "bought"}), on="customer_id"
    )  # fmt: skip
    apart = (joined["bought"] - joined["day"]).dt.days
    spans = {
        "after": (apart > 0) & (apart <= days),
        "before": (apart < 0) & (apart >= -days),
        "earlier": (apart < -days) & (apart >= -2 * days),
    }
    found = pd.DataFrame(index=moments_.index)
    for name, inside in spans.items():
        own = joined[inside].groupby("index")["net"]
        found[f"spent_{name}"] = own.sum().reindex(found.index, fill_value=0.0)
        found[f"days_{name}"] = own.size().reindex(found.index, fill_value=0)
    for name, limit in (("before", 0), ("earlier", -days)):
        oldest = apart[apart < limit].groupby(joined["index"]).min()
        found[f"known_{name}"] = (limit - oldest).reindex(found.index, fill_value=0)
    return found


def _in_a_month(moments_: pd.DataFrame, last: pd.Timestamp) -> float:
    """Return how many moments of the experience there are in a month of the last weeks."""
    days: int = min(_RECENT, (last - moments_["day"].min()).days + 1)
    ago = (last - moments_["day"]).dt.days
    is_recent = moments_["met"] & (ago >= 0) & (ago < days)
    return float(is_recent.sum()) / days * summaries.DAYS["month"]


def _known(own: pd.DataFrame, when: str) -> Array:
    names = [f"spent_{when}", f"days_{when}", f"known_{when}"]
    plain = own[names].to_numpy(float)
    return np.column_stack([np.log1p(plain), plain[:, 0], plain[:, 2] > 0])


def _difference(
    y: Array, met: Array, known: Array, whose: Codes, unit: str, confidence: float
) -> Estimate:
    """Return how far an outcome differs; nan where it is the same for all."""
    fit = least_squares(y, np.column_stack([met, known]))
    variance = clustered_variance(fit.influence[:, 0], whose, columns=fit.columns)
    value, margin = float(fit.slopes[0]), normal_quantile(confidence) * math.sqrt(variance)
    if np.ptp(y) == 0:
        value = margin = math.nan
    return Estimate(
        value=value,
        ci=Interval(value - margin, value + margin),
        n=np.unique(whose).size,
        unit=unit,
        confidence=confidence,
        method="least squares, errors clustered by customer",
        people=np.unique(whose[met > 0]).size,
        note="" if math.isfinite(value) else _ALL_ALIKE,
    )


def _as_message(group: str) -> Remark:
    """Return a group's name, which may be the kit's own and then has a translation."""
    return Remark(group.replace("{", "{{").replace("}", "}}"))
