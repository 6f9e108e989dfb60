"""The arithmetic of Aalen and Johansen's estimate: counts at distinct times in, curves out.

Every figure is a function of the chances h1 and h2 of the event and of a competing one among the
n at risk at each time, so its variance is the sum over times of
(g1**2 h1 + g2**2 h2 - (g1 h1 + g2 h2)**2) / n, with g1 and g2 its slopes by h1 and by h2.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

#: Shares closer than this are one share: the curve is a sum of products of fractions.
_SAME = 1e-9


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
