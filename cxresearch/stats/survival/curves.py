"""How long something lasts when not every end was seen.

An open ticket has not failed to be resolved, and a customer who is still here has not stayed for
ever: their durations are censored. Leaving them out makes everything look shorter than it is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import normal_quantile
from cxresearch.core.documented import documented
from cxresearch.core.results import Estimate, Interval, Result

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

NO_DURATIONS = "undefined: there are no durations"
NOT_REACHED = "undefined: too few ends were seen for the curve to come down to it"
BOUND_NOT_SEEN = "a bound lies beyond what was observed"
NO_ENDS = "no interval: no end was seen"

#: Shares closer than this are one share: the curve is a product of fractions.
_SAME = 1e-9
_LOG_LOG = "Kaplan-Meier, log-log"
_CURVES = ("survival", "low", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalCurve(Result):
    """A Kaplan-Meier curve: the share that lasts longer than each time.

    Parameters
    ----------
    median : float
        The time by which half has ended, in `unit`; nan where it is undefined, and then `note`
        says why.
    ci : Interval
        The interval of the median, in `unit`; a bound that was not seen is nan.
    table : pandas.DataFrame
        One row per distinct duration, in order: `time`, `at_risk` (just before it), `ended`,
        `censored`, `survival` (just after it), `low` and `high` (nan where nothing is left).
    n : int
        The number of durations.
    ended : int
        How many of them are complete.
    unit : str
        The unit of time.
    confidence : float
        Coverage of each interval; they do not hold together for the whole curve.
    method : str
        How the curve and its intervals were found.
    note : str
        What a reader must know before using the median.
    """

    median: float
    ci: Interval
    table: pd.DataFrame
    n: int
    ended: int
    unit: str
    confidence: float
    method: str
    note: str = ""

    def at(self, time: float) -> Estimate:
        """Estimate the share that lasts longer than a time; nan beyond the last duration.

        Examples
        --------
        >>> curve = kaplan_meier([1, 2, 3, 4], [1, 1, 0, 1], unit="days")
        >>> curve.at(2).value
        0.5
        """
        wanted = validate.between("time", time, 0, math.inf)
        before = self.table[self.table["time"] <= wanted]
        beyond = self.n == 0 or wanted > self.table["time"].iloc[-1]
        last = (1.0, 1.0, 1.0) if before.empty else before.iloc[-1][["survival", "low", "high"]]
        value, low, high = (math.nan,) * 3 if beyond else (float(share) for share in last)
        return Estimate(
            value=value,
            ci=Interval(low, high),
            n=self.n,
            unit="share",
            confidence=self.confidence,
            method=self.method,
            note=(NOT_REACHED if self.n else NO_DURATIONS) if beyond else "",
        )

    def at_risk(self, time: float) -> int:
        """Return how many durations are at least as long as a time.

        Examples
        --------
        >>> kaplan_meier([1, 2, 3, 4], [1, 1, 0, 1], unit="days").at_risk(2)
        3
        """
        rows = self.table[self.table["time"] >= validate.real("time", time)]
        return int(rows["ended"].sum() + rows["censored"].sum())

    def quantile(self, q: float) -> Estimate:
        """Estimate the time by which a share has ended; where the curve is flat, the middle.

        Examples
        --------
        >>> kaplan_meier([1, 2, 3, 4, 5], [1, 1, 1, 1, 0], unit="days").quantile(0.7).value
        4.0
        """
        steps = {name: self.table[name].to_numpy() for name in ("time", *_CURVES)}
        return _quantile(steps, q, n=self.n, unit=self.unit, confidence=self.confidence)

    def restricted_mean(self, until: float) -> Estimate:
        """Estimate the mean time until the end or until a horizon, whichever comes first.

        It is the area under the curve, with Greenwood's variance and a normal interval; nan
        where the horizon lies beyond the last duration.

        Examples
        --------
        >>> kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1], unit="days").restricted_mean(3).value
        2.25
        """
        horizon = validate.between("until", until, 0, math.inf)
        value = margin = math.nan
        seen = self.n > 0 and horizon <= self.table["time"].iloc[-1]
        if seen:
            value, variance = _area(self.table[self.table["time"] < horizon], horizon)
            margin = normal_quantile(self.confidence) * math.sqrt(variance) or math.nan
        lacking = NO_ENDS if math.isnan(margin) else ""
        return Estimate(
            value=value,
            ci=Interval(value - margin, value + margin),
            n=self.n,
            unit=self.unit,
            confidence=self.confidence,
            method="area under the Kaplan-Meier curve, normal",
            note=lacking if seen else NOT_REACHED if self.n else NO_DURATIONS,
        )


@documented
def kaplan_meier(
    durations: ArrayLike, ended: ArrayLike, *, unit: str, confidence: float = 0.95
) -> SurvivalCurve:
    """Estimate how long something lasts from complete and censored durations.

    Parameters
    ----------
    durations : array_like of float, shape (n,)
        How long each one was seen, in `unit`, from 0.
    ended : array_like of bool or 0/1, shape (n,)
        Whether its end was seen (1) or it was still going on when last seen (0, censored).
    unit : str
        The unit of time.
    %(confidence)s

    Returns
    -------
    SurvivalCurve
        The curve; its median is nan with a note where fewer than half are known to have ended.

    Raises
    ------
    ValueError
        If a duration is negative or not finite, `ended` is not 0 or 1, or the lengths differ.

    Notes
    -----
    S(t) = product over times u <= t of 1 - d_u / n_u, with d_u ends among n_u at risk; a duration
    censored at u is at risk at u. Interval at each time: S**exp(-+ z se / log S) (log-log), se
    from Greenwood's sum of d / (n (n - d)). Of a quantile: the times at which the bounds of the
    curve come down to it. It takes censoring to have nothing to do with the end: if hard tickets
    are left open on purpose, the curve is too low.

    References
    ----------
    Kaplan & Meier (1958), J. Am. Stat. Assoc. 53, 457-481. Brookmeyer & Crowley (1982),
    Biometrics 38, 29-41. Kalbfleisch & Prentice (2002), The Statistical Analysis of Failure Time
    Data, 2nd ed., section 1.4.

    Examples
    --------
    >>> curve = kaplan_meier([5, 5, 5, 8, 8, 12, 12, 12, 15], [1, 0, 1, 0, 0, 1, 1, 0, 0],
    ...                      unit="days")
    >>> curve.median, round(curve.at(5).value, 4)
    (12.0, 0.7778)
    """
    validate.share("confidence", confidence)
    import pandas as pd

    times, complete = durations_and_ends(durations, ended)
    steps = _steps(times, complete, confidence)
    median = _quantile(steps, 0.5, n=len(times), unit=unit, confidence=confidence)
    return SurvivalCurve(
        median=median.value,
        ci=median.ci,
        table=pd.DataFrame(steps),
        n=median.n,
        ended=int(complete.sum()),
        unit=unit,
        confidence=confidence,
        method=median.method,
        note=median.note,
    )


def quantile_of_durations(
    durations: ArrayLike, ended: ArrayLike, q: float, *, unit: str, confidence: float = 0.95
) -> Estimate:
    """Estimate the time by which a share has ended: :func:`kaplan_meier`'s, without its table.

    Examples
    --------
    >>> quantile_of_durations([1, 2, 3, 4, 5], [1, 1, 1, 1, 0], 0.7, unit="days").value
    4.0
    """
    validate.share("confidence", confidence)
    times, complete = durations_and_ends(durations, ended)
    steps = _steps(times, complete, confidence)
    return _quantile(steps, q, n=len(times), unit=unit, confidence=confidence)


def durations_and_ends(
    durations: ArrayLike, ended: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return checked durations and whether each is complete.

    Raises
    ------
    ValueError
        If a duration is negative or not finite, `ended` is not 0 or 1, or the lengths differ.
    """
    times, complete = validate.arrays(durations=durations, ended=ended)
    if times.size:
        validate.between("durations", float(times.min()), 0, math.inf)
    for value in np.unique(complete).tolist():
        validate.one_of("ended", value, (0.0, 1.0))
    return times, complete == 1


def _steps(
    durations: NDArray[np.float64], complete: NDArray[np.bool_], confidence: float
) -> dict[str, NDArray[Any]]:
    """Return the columns of a curve's table."""
    times, place = np.unique(durations, return_inverse=True)
    ended = np.bincount(place[complete], minlength=times.size)
    all_ = np.bincount(place, minlength=times.size)
    at_risk = all_[::-1].cumsum()[::-1]
    survival = np.cumprod(1 - ended / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):  # nothing is left, or nothing has ended
        error = np.sqrt(np.cumsum(ended / (at_risk * (at_risk - ended))))
        spread = np.exp(normal_quantile(confidence) * error / -np.log(survival))
        low, high = survival**spread, survival ** (1 / spread)
    low, high = (np.where(survival == 1, 1.0, bound) for bound in (low, high))
    low, high = (np.where(survival == 0, np.nan, bound) for bound in (low, high))
    return {
        "time": times,
        "at_risk": at_risk,
        "ended": ended,
        "censored": all_ - ended,
        "survival": survival,
        "low": low,
        "high": high,
    }


def _quantile(
    steps: Mapping[str, NDArray[Any]], q: float, *, n: int, unit: str, confidence: float
) -> Estimate:
    validate.share("q", q)
    value, low, high = (_crossing(steps["time"], steps[name], 1 - q) for name in _CURVES)
    ci = Interval(low, high)
    return Estimate(
        value=value,
        ci=ci,
        n=n,
        unit=unit,
        confidence=confidence,
        method=_LOG_LOG,
        note=_note(n, value, ci),
    )


def _crossing(times: NDArray[Any], curve: NDArray[Any], share: float) -> float:
    """Return when a curve comes down to a share; the middle of the time it stays on it."""
    curve = curve[~np.isnan(curve)]
    reached, passed = curve <= share + _SAME, curve < share - _SAME
    if not reached.any():
        return math.nan
    until = times[passed.argmax()] if passed.any() else times[-1]
    first = times[reached.argmax()]
    on_it = abs(curve[reached.argmax()] - share) <= _SAME
    return float((first + until) / 2 if on_it else first)


def _area(table: pd.DataFrame, horizon: float) -> tuple[float, float]:
    """Return the area under the curve up to a horizon, and its variance."""
    edges = np.r_[0.0, table["time"], horizon]
    areas = np.diff(edges) * np.r_[1.0, table["survival"]]
    after = areas[::-1].cumsum()[::-1][1:]  # from each time to the horizon
    left = table["at_risk"] * (table["at_risk"] - table["ended"])
    parts = (after**2 * table["ended"])[left > 0] / left[left > 0]
    return float(areas.sum()), float(parts.sum())


def _note(n: int, value: float, ci: Interval) -> str:
    if math.isnan(value):
        return NOT_REACHED if n else NO_DURATIONS
    return BOUND_NOT_SEEN if any(math.isnan(bound) for bound in ci) else ""
