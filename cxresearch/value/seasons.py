"""The season of a shop as a clock: where the shop is twice as busy, time runs twice as fast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.missing import Missing
from cxresearch.value.customer_days import customer_days

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame
    from numpy.typing import NDArray

_MONTHS = 12
_YEARS = 2
#: Of the logarithm of the months since the first purchase.
_CUBIC = 3
_ROUNDS, _START, _WIDEST = 15, 0.5, 30.0
_TOO_SHORT = "a season needs two whole years with repeat orders, or its weights from you"


@dataclass(frozen=True, slots=True)
class Season:
    """How busy each month of the calendar is, beside the mean month of a year.

    Parameters
    ----------
    weights : tuple of float, length 12
        From January; their mean is 1.
    """

    weights: tuple[float, ...]

    @classmethod
    def of(cls, weights: Mapping[int, float]) -> Season:
        """Return the season of weights by month, 1-12, on any scale.

        Raises
        ------
        ValueError
            If a month has no weight, or one that is not above 0.

        Examples
        --------
        >>> Season.of(dict.fromkeys(range(1, 13), 5.0) | {12: 17.0}).weights[-1].__round__(3)
        2.833
        """
        for month in range(1, _MONTHS + 1):
            validate.positive(f"season[{month}]", weights.get(month, 0))
        values = [float(weights[month]) for month in range(1, _MONTHS + 1)]
        mean = sum(values) / _MONTHS
        return cls(tuple(value / mean for value in values))

    def elapsed(self, first: Any, last: Any) -> NDArray[np.float64]:
        """Return the days between two days by the season's clock.

        Parameters
        ----------
        first, last : array_like of datetime64
            The days; a part of a day counts.

        Examples
        --------
        >>> busy = Season.of(dict.fromkeys(range(1, 13), 5.0) | {12: 17.0})
        >>> busy.elapsed(["2025-12-01"], ["2025-12-11"]).round(2).tolist()
        [28.33]
        """
        ends = [np.asarray(one, dtype="datetime64[us]").astype(np.int64) for one in (first, last)]
        one_day = 86_400_000_000
        days = [end / one_day for end in ends]
        start = int(np.floor(min(day.min(initial=0.0) for day in days)))
        stop = int(np.ceil(max(day.max(initial=0.0) for day in days))) + 1
        calendar = np.arange(start, stop).astype("datetime64[D]")
        month = calendar.astype("datetime64[M]").astype(int) % _MONTHS
        clock = np.r_[0.0, np.cumsum(np.asarray(self.weights)[month])]
        early, late = (np.interp(day, np.arange(start, stop + 1), clock) for day in days)
        return np.asarray(late - early)


@documented
def season(orders: IntoFrame, *, until: str | date | None = None) -> Season | Missing:
    """Return how busy each month of the calendar is, from at least two whole years of orders.

    Parameters
    ----------
    %(orders)s
    until : str or datetime.date, optional
        The last day that counts, as ISO 8601: that of a holdout's cut; by default the last day.

    Returns
    -------
    Season or Missing
        Missing with fewer than 24 months, where a season cannot be told from a trend, or without
        a repeat purchase in each month of the calendar.

    Raises
    ------
    %(missing_column)s

    Notes
    -----
    The days with a repeat purchase, counted by month of the first purchase and calendar month, are
    Poisson: log(count / days of the month) = own level of the customers who came in one month +
    cubic in log(months since) + month of the calendar. So neither the growth of a shop nor the
    leaving of its customers is taken for a season.

    Examples
    --------
    >>> from cxresearch.value._example import ORDERS
    >>> season(ORDERS).why
    'a season needs two whole years with repeat orders, or its weights from you'
    """
    import pandas as pd

    known = customer_days(orders, until=until, mixed=True)
    rows, last = known.kept, known.last
    starts = rows.group_by("customer_id").agg(first=nw.col("day").min())
    months = rows.join(starts, on="customer_id").with_columns(
        nw.col("first").dt.truncate("1mo"), nw.col("day").dt.truncate("1mo")
    )
    cells = months.group_by("first", "day").agg(bought=nw.len()).collect("pandas").to_native()
    if last is None or cells.empty:
        return Missing(_TOO_SHORT)
    first, bought = (pd.PeriodIndex(cells[name], freq="M") for name in ("first", "day"))
    # The last month counts where it is over; the first has no customer who could come back.
    end = pd.Period(last + timedelta(days=1), freq="M") - 1
    calendar = pd.period_range(first.min(), end, freq="M")
    if len(calendar) < _YEARS * _MONTHS:
        return Missing(_TOO_SHORT)
    counts = np.zeros((len(calendar), len(calendar)))
    places = np.array([calendar.get_indexer(one) for one in (first, bought)])
    inside = (places >= 0).all(axis=0)
    counts[*places[:, inside]] = cells["bought"][inside]
    cohort, month = np.triu_indices(len(calendar), 1)
    repeats = np.bincount(cohort, counts[cohort, month])[cohort] > 0
    cohort, month = cohort[repeats], month[repeats]
    names = calendar.month.to_numpy() - 1
    if np.bincount(names[month], counts[cohort, month], _MONTHS).min() == 0:
        return Missing(_TOO_SHORT)
    age = np.log(month - cohort)
    design = np.c_[
        cohort[:, None] == np.unique(cohort),
        np.power.outer(age - age.mean(), np.arange(1, _CUBIC + 1)),
        names[month][:, None] == np.arange(1, _MONTHS),
    ]
    days = calendar.days_in_month.to_numpy(float)[month]
    logs = _poisson(design, counts[cohort, month], days)[-_MONTHS + 1 :]
    return Season.of(dict(enumerate(np.exp(np.r_[0.0, logs]).tolist(), start=1)))


def _poisson(
    design: NDArray[Any], counts: NDArray[np.float64], exposure: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the coefficients of a log-linear Poisson model, by reweighted least squares."""
    fitted = counts + _START
    for _ in range(_ROUNDS):
        root = np.sqrt(fitted)
        away = np.log(fitted / exposure) + (counts - fitted) / fitted
        found = np.linalg.lstsq(design * root[:, None], away * root, rcond=None)[0]
        fitted = exposure * np.exp(np.clip(design @ found, -_WIDEST, _WIDEST))
    return np.asarray(found)


def as_season(given: Season | Mapping[int, float] | Missing | None) -> Season | None:
    """Return a season that was given in any form; a missing one is none."""
    if given is None or isinstance(given, Missing):
        return None
    return given if isinstance(given, Season) else Season.of(given)
