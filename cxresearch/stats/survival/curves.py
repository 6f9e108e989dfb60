"""How long something lasts when not every end was seen, and how much faster ends come in a group.

An open ticket has not failed to be resolved, and a customer who is still here has not stayed for
ever: their durations are censored. Leaving them out makes everything look shorter than it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import normal_quantile
from cxresearch.core.documented import documented
from cxresearch.core.results import Estimate, Interval, Result

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

NO_DURATIONS = "undefined: there are no durations"
NOT_REACHED = "undefined: too few ends were seen for the curve to come down to it"
BOUND_NOT_SEEN = "a bound lies beyond what was observed"
NO_ENDS = "no interval: no end was seen"

#: Shares closer than this are one share: the curve is a product of fractions.
_SAME = 1e-9
_CURVES = ("survival", "low", "high")

COX = "Cox's partial likelihood, Efron's ties, Wald"
ONE_SIDED = "no interval: every end that can be compared is of one group"
NOT_COMPARABLE = "undefined: no end was seen while both groups were at risk"

_STEPS, _STILL = 100, 1e-12


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
        validate.share("q", q)
        value, low, high = (_crossing(self.table, name, 1 - q) for name in _CURVES)
        return Estimate(
            value=value,
            ci=Interval(low, high),
            n=self.n,
            unit=self.unit,
            confidence=self.confidence,
            method=self.method,
            note=_note(self.n, value, Interval(low, high)),
        )

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
    times, complete = durations_and_ends(durations, ended)
    table = _table(times, complete, confidence)
    median, low, high = (_crossing(table, name, 0.5) for name in _CURVES)
    return SurvivalCurve(
        median=median,
        ci=Interval(low, high),
        table=table,
        n=len(times),
        ended=int(complete.sum()),
        unit=unit,
        confidence=confidence,
        method="Kaplan-Meier, log-log",
        note=_note(len(times), median, Interval(low, high)),
    )


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


@documented
def hazard_ratio(
    first: tuple[ArrayLike, ArrayLike],
    second: tuple[ArrayLike, ArrayLike],
    *,
    confidence: float = 0.95,
) -> Estimate:
    """Estimate the hazard of the second group over that of the first.

    Parameters
    ----------
    first, second : pair of array_like, each of shape (n,)
        The durations and whether each end was seen, as in
        :func:`cxresearch.stats.survival.kaplan_meier`.
    %(confidence)s

    Returns
    -------
    Estimate
        The ratio, above 1 where ends come sooner in the second group, with both groups as `n`; 0
        or infinite without an interval where all ends are of one group, nan with a note where
        nothing can be compared.

    Raises
    ------
    ValueError
        If a duration is negative or not finite, an end is not 0 or 1, or `confidence` is not
        strictly between 0 and 1.

    Notes
    -----
    exp(b -+ z / sqrt(I)), where b makes Cox's partial likelihood largest and I is its information
    there; of ends at one time each takes its share of those before it out of the risk (Efron).
    It is one number for the whole time only where the hazards are in one proportion; curves that
    cross have none.

    References
    ----------
    Cox (1972), J. R. Stat. Soc. B 34, 187-220. Efron (1977), J. Am. Stat. Assoc. 72, 557-565.

    Examples
    --------
    >>> slow, fast = ([2, 4, 6, 8], [1, 1, 1, 0]), ([1, 2, 3, 5], [1, 1, 1, 1])
    >>> found = hazard_ratio(slow, fast)
    >>> round(found.value, 2), [round(end, 2) for end in found.ci]
    (3.26, [0.58, 18.23])
    """
    validate.share("confidence", confidence)
    groups = [durations_and_ends(*group) for group in (first, second)]
    ends_of_second, risks = _risks(groups)
    n = sum(len(durations) for durations, _ in groups)
    value, error, note = math.nan, math.nan, NOT_COMPARABLE
    if risks.size and 0 < ends_of_second < risks.shape[1]:
        log, error = _maximum(ends_of_second, risks)
        value, note = math.exp(log), ""
    elif risks.size:
        value, note = (math.inf if ends_of_second else 0.0), ONE_SIDED
    ci = Interval(math.nan, math.nan)
    if not note:
        margin = normal_quantile(confidence) * error
        ci = Interval(math.exp(log - margin), math.exp(log + margin))
    return Estimate(
        value=value, ci=ci, n=n, unit="ratio", confidence=confidence, method=COX, note=note
    )


def _table(
    durations: NDArray[np.float64], complete: NDArray[np.bool_], confidence: float
) -> pd.DataFrame:
    import pandas as pd

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
    return pd.DataFrame(
        {
            "time": times,
            "at_risk": at_risk,
            "ended": ended,
            "censored": all_ - ended,
            "survival": survival,
            "low": low,
            "high": high,
        }
    )


def _crossing(table: pd.DataFrame, name: str, share: float) -> float:
    """Return when a curve comes down to a share; the middle of the time it stays on it."""
    curve, times = table[name].to_numpy(), table["time"].to_numpy()
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


def _risks(groups: list[tuple[Array, NDArray[np.bool_]]]) -> tuple[int, Array]:
    """Return the ends of the second group, and how many of each group are at risk at every end.

    Only ends with both groups at risk count. Of ends at one time each later one has its share of
    the earlier ones taken out.
    """
    ends = [np.sort(durations[ended]) for durations, ended in groups]
    times, counts = np.unique(np.concatenate(ends), return_counts=True)
    order = np.concatenate([np.arange(count) for count in counts]) if times.size else times
    rows = np.repeat(np.arange(len(times)), counts)
    risks, seen = [], []
    for (durations, _), own in zip(groups, ends, strict=True):
        at_risk = len(durations) - np.searchsorted(np.sort(durations), times, side="left")
        at_once = np.searchsorted(own, times, "right") - np.searchsorted(own, times, "left")
        gone = order / counts[rows] * at_once[rows]
        risks.append(at_risk[rows] - gone)
        seen.append(np.where(at_risk > 0, at_once, 0))
    both = np.logical_and(*(risk > 0 for risk in risks)) if rows.size else rows.astype(bool)
    with_both = np.zeros(len(times), dtype=bool)
    with_both[rows[both]] = True
    return int(seen[1][with_both].sum()), np.array(risks, dtype=float)[:, both]


def _maximum(ends_of_second: int, risks: Array) -> tuple[float, float]:
    """Return the logarithm of the ratio that makes the likelihood largest, and its error."""
    log = 0.0
    for _ in range(_STEPS):
        weighted = risks[1] * math.exp(log)
        share = weighted / (weighted + risks[0])
        information = float((share * (1 - share)).sum())
        step = (ends_of_second - float(share.sum())) / information
        log += min(max(step, -1.0), 1.0)
        if abs(step) < _STILL:
            break
    return log, 1 / math.sqrt(information)
