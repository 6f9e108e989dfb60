"""How waits ended, counted by time, and Aalen and Johansen's curve of incidence from it.

Every figure is a function of the chances h1 and h2 of the event and of a competing one among the
n at risk at each time, so its variance is the sum over times of
(g1**2 h1 + g2**2 h2 - (g1 h1 + g2 h2)**2) / n, with g1 and g2 its slopes by h1 and by h2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    Numbers = NDArray[np.float64]

#: Shares closer than this are one share: the curve is a sum of products of fractions.
_SAME = 1e-9


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class OutcomeCounts:
    """How many customers left the wait at each time, and how: all that the estimate needs.

    An engine can count millions of customers into it; one time per row, in any order.

    Parameters
    ----------
    times : array_like of float, shape (k,)
        The times since the start of the wait, from 0, in one unit.
    events, competing, censored : array_like of int, shape (k,)
        How many had the event then, how many had a competing one, which rules the event out, and
        how many were last seen then, still waiting.
    """

    times: ArrayLike
    events: ArrayLike
    competing: ArrayLike
    censored: ArrayLike

    @classmethod
    def from_arrays(cls, durations: ArrayLike, outcomes: ArrayLike) -> OutcomeCounts:
        """Count arrays of shape (n,), one row per customer.

        An outcome is 1 for the event, 2 for a competing one, 0 for one still waiting at the end
        of the duration (censored).

        Raises
        ------
        ValueError
            If an outcome is not 0, 1 or 2, a value is not finite, or the lengths differ.

        Examples
        --------
        >>> counts = OutcomeCounts.from_arrays([1, 3, 3, 4], [1, 2, 1, 0])
        >>> counts.times.tolist(), counts.events.tolist(), counts.censored.tolist()
        ([1.0, 3.0, 4.0], [1, 1, 0], [0, 0, 1])
        """
        waited, how = validate.arrays(durations=durations, outcomes=outcomes)
        for value in np.unique(how).tolist():
            validate.one_of("outcomes", value, (0.0, 1.0, 2.0))
        times, place = np.unique(waited, return_inverse=True)
        censored, events, competing = (
            np.bincount(place[how == outcome], minlength=times.size) for outcome in (0, 1, 2)
        )
        return cls(times=times, events=events, competing=competing, censored=censored)

    def swapped(self) -> OutcomeCounts:
        """Return the same with the two events exchanged, for the curve of the competing one."""
        return OutcomeCounts(
            times=self.times,
            events=self.competing,
            competing=self.events,
            censored=self.censored,
        )

    def sorted(self) -> tuple[NDArray[np.float64], ...]:
        """Return times, events, competing and censored by ascending distinct times.

        Counts at the same time are added up, and times without any left out.

        Raises
        ------
        TypeError
            If a count is not a whole number.
        ValueError
            If a time or a count is negative or not finite, or the lengths differ.

        Examples
        --------
        >>> counts = OutcomeCounts(times=[3, 1], events=[2, 1], competing=[0, 1], censored=[5, 0])
        >>> [column.tolist() for column in counts.sorted()]
        [[1.0, 3.0], [1.0, 2.0], [1.0, 0.0], [0.0, 5.0]]
        """
        columns = validate.counts(
            events=self.events, competing=self.competing, censored=self.censored
        )
        times, _ = validate.arrays(times=self.times, events=self.events)
        if times.size:
            validate.between("times", float(times.min()), 0, math.inf)
        kept = sum(columns) > 0
        distinct, place = np.unique(times[kept], return_inverse=True)
        return distinct, *(
            np.bincount(place, weights=column[kept], minlength=distinct.size) for column in columns
        )


def curve(
    times: Numbers, events: Numbers, competing: Numbers, censored: Numbers, *, z: float
) -> pd.DataFrame:
    """Return the curve at distinct ascending times with at least one customer each.

    `z` is the normal quantile of the intervals.
    """
    import pandas as pd

    at_risk = (events + competing + censored)[::-1].cumsum()[::-1]
    any_chance = (events + competing) / at_risk
    waiting = np.cumprod(1 - any_chance)
    before = np.r_[1.0, waiting[:-1]]
    none = events.cumsum() == 0
    every = (competing.cumsum() == 0) & (waiting == 0)
    incidence = np.where(every, 1.0, np.cumsum(before * events / at_risk))
    followed = at_risk / before
    error = _errors(incidence, events / at_risk, any_chance, before, at_risk)
    low, high = _bounds(incidence, np.where(none | every, 0.0, error), z)
    edge = z**2 / (followed + z**2)  # how far Wilson's interval reaches from 0 and from 1
    return pd.DataFrame(
        {
            "time": times,
            "at_risk": at_risk.astype("int64"),
            "events": events.astype("int64"),
            "competing": competing.astype("int64"),
            "censored": censored.astype("int64"),
            "incidence": incidence,
            "error": np.where(none | every, 0.0, error),
            "low": np.where(every, 1 - edge, low),
            "high": np.where(none, edge, high),
            "waiting": waiting,
            "followed": followed,
        }
    )


def area_above(table: pd.DataFrame, until: float) -> tuple[float, float]:
    """Return the area above the curve up to a horizon, the integral of 1 - F, and its variance."""
    rows = table[table["time"] < until]
    times, incidence = rows["time"].to_numpy(), rows["incidence"].to_numpy()
    parts = np.diff(np.r_[0.0, times, until]) * np.r_[0.0, incidence]
    left = until - times
    # What the curve gains from each time to the horizon over staying where it was.
    gain = parts[::-1].cumsum()[::-1][1:] - incidence * left
    at_risk = rows["at_risk"].to_numpy()
    event, other = (rows[name].to_numpy() / at_risk for name in ("events", "competing"))
    by_other = gain * _over_stay(event + other)
    by_event = by_other - np.r_[1.0, rows["waiting"].to_numpy()][:-1] * left
    mean = by_event * event + by_other * other
    variance = (by_event**2 * event + by_other**2 * other - mean**2) / at_risk
    return float(until - parts.sum()), max(float(variance.sum()), 0.0)


def first_time(table: pd.DataFrame, name: str, share: float) -> float:
    """Return the first time at which a column comes up to a share; nan where it never does."""
    times = table.loc[table[name] >= share - _SAME, "time"]
    return float(times.iloc[0]) if len(times) else math.nan


def mature_until(table: pd.DataFrame, min_followed: int) -> float:
    """Return the last time up to which that many were followed; infinite if nobody waits on."""
    enough = table[table["followed"] >= min_followed]
    if enough.empty:
        return math.nan
    last = enough.iloc[-1]
    return float(last["time"]) if last["waiting"] > 0 else math.inf


def _errors(
    incidence: Numbers, chance: Numbers, any_chance: Numbers, before: Numbers, at_risk: Numbers
) -> Numbers:
    """Return the standard error of the curve at each of its times.

    By the chances at u the slopes of F(t) are S(u-) - G / (1 - h) and -G / (1 - h), G being
    F(t) - F(u); the square is written out, so that running sums give all times at once.
    """
    step = before * chance / at_risk
    spread = any_chance * _over_stay(any_chance) / at_risk
    variance = (
        np.cumsum(before * step * (1 - chance))
        - 2 * (incidence * np.cumsum(step) - np.cumsum(incidence * step))
        + incidence**2 * np.cumsum(spread)
        - 2 * incidence * np.cumsum(incidence * spread)
        + np.cumsum(incidence**2 * spread)
    )
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))


def _over_stay(any_chance: Numbers) -> Numbers:
    """Return 1 / (1 - h); 0 where nobody stays, since nothing changes the curve after that."""
    stay = 1 - any_chance
    return np.divide(1.0, stay, out=np.zeros_like(stay), where=stay > 0)


def _bounds(incidence: Numbers, error: Numbers, z: float) -> tuple[Numbers, Numbers]:
    """Return the log-log interval of 1 - F turned round; no width where the error is 0."""
    inside = error > 0
    log_left = np.log1p(-incidence, out=np.zeros_like(incidence), where=inside)
    size = np.divide(z * error, (incidence - 1) * log_left, out=np.zeros_like(error), where=inside)
    with np.errstate(over="ignore"):  # nearly nothing is known, and the bound is 0 or 1
        low, high = -np.expm1(log_left * np.exp(-size)), -np.expm1(log_left * np.exp(size))
    return np.where(inside, low, incidence), np.where(inside, high, incidence)
