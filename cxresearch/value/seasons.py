"""The season of a shop as a clock: where the shop is twice as busy, time runs twice as fast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.missing import Missing
from cxresearch.value import summaries

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame
    from numpy.typing import NDArray

_MONTHS = 12
_YEARS = 2
_TOO_SHORT = "a season needs two whole years of orders, or its weights from you"


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
def season(orders: IntoFrame) -> Season | Missing:
    """Return how busy each month of the calendar is, from at least two whole years of orders.

    Parameters
    ----------
    %(orders)s

    Returns
    -------
    Season or Missing
        Missing with fewer than 24 whole months, where a season cannot be told from a trend.

    Raises
    ------
    %(missing_column)s

    Notes
    -----
    The kept orders of a month per day, over those of the twelve months it is part of, averaged
    over the years; the years end with the last whole month.

    Examples
    --------
    >>> from cxresearch.value._example import ORDERS
    >>> season(ORDERS).why
    'a season needs two whole years of orders, or its weights from you'
    """
    import pandas as pd

    rows, _, _, _ = summaries.kept_days(orders)
    days = rows.group_by("day").agg(orders=nw.len()).collect("pandas").to_native()
    if days.empty:
        return Missing(_TOO_SHORT)
    by_day = days.set_index(pd.to_datetime(days["day"]))["orders"].astype(float)
    first, last = by_day.index.min(), by_day.index.max()
    whole = pd.period_range(first, last, freq="M")
    whole = whole[(whole.start_time >= first) & (whole.end_time.normalize() <= last)]
    years = len(whole) // _MONTHS
    if years < _YEARS:
        return Missing(_TOO_SHORT)
    used = whole[len(whole) - years * _MONTHS :]
    monthly = by_day.groupby(by_day.index.to_period("M")).sum().reindex(used, fill_value=0.0)
    pace = (monthly / used.days_in_month).to_numpy().reshape(years, _MONTHS)
    shares = (pace / pace.mean(axis=1, keepdims=True)).mean(axis=0)
    if not (shares > 0).all():
        return Missing(_TOO_SHORT)
    return Season.of(dict(zip(used[:_MONTHS].month, shares.tolist(), strict=True)))


def as_season(given: Season | Mapping[int, float] | Missing | None) -> Season | None:
    """Return a season that was given in any form; a missing one is none."""
    if given is None or isinstance(given, Missing):
        return None
    return given if isinstance(given, Season) else Season.of(given)
