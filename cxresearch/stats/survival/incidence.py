"""By when something has happened, when some are still on their way and others have dropped out.

A customer who has not bought yet may still buy: leaving her out makes buying look quick, and
counting her as a no makes it look rare. One who has dropped out for good will not buy: taking her
for one who is still on her way makes it look more common than it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxresearch.core import validate
from cxresearch.core.comparison import normal_quantile
from cxresearch.core.documented import documented
from cxresearch.core.results import Estimate, Interval, Result
from cxresearch.stats.shares.proportions import wilson
from cxresearch.stats.survival import aalen_johansen
from cxresearch.stats.survival.aalen_johansen import OutcomeCounts
from cxresearch.stats.survival.curves import BOUND_NOT_SEEN

if TYPE_CHECKING:
    import pandas as pd

NO_CUSTOMERS = "undefined: there is nobody to follow"
NOT_FOLLOWED = "undefined: nobody was followed that long"
NOT_REACHED = "undefined: the event was seen too rarely for the curve to come up to it"
FEW_FOLLOWED = "few were followed that long"
#: What may be wrong with a curve at a time, the worst first.
NO_SPREAD = "no interval: nothing varies up to that time"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidenceCurve(Result):
    """A cumulative incidence curve: the share of all that has had the event by each time.

    Parameters
    ----------
    median : float
        The time by which half of all have had the event, in `unit`; nan where it is undefined,
        and then `note` says why.
    ci : Interval
        The interval of the median, in `unit`; a bound that was not seen is nan.
    table : pandas.DataFrame
        One row per distinct time, in order: `time`; `at_risk` (waiting and in sight just before
        it); `events`, `competing` and `censored` at it; `incidence` just after it with its
        standard `error`, `low` and `high`; `waiting`, the share with neither event; `followed`,
        how many customers were, or would have been but for an event, in sight that long.
    n : int
        The number of customers.
    events, competing : int
        How many of them were seen to have the event, and a competing one.
    mature_until : float
        The last time up to which enough customers were followed, in `unit`; infinite where
        nobody was left to wait for, nan where there were never enough.
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
    events: int
    competing: int
    mature_until: float
    unit: str
    confidence: float
    method: str
    note: str = ""

    @property
    def seen_until(self) -> float:
        """The last time at which the curve is known; infinite where nobody is still waiting."""
        if not self.n:
            return math.nan
        time, waiting = (self.table[name].iloc[-1] for name in ("time", "waiting"))
        return float(time) if waiting > 0 else math.inf

    def at(self, time: float) -> Estimate:
        """Estimate the share that has had the event by a time; nan past those followed longest.

        Examples
        --------
        >>> counts = OutcomeCounts.from_arrays([1, 2, 3, 4], [1, 2, 0, 1])
        >>> cumulative_incidence(counts, unit="days").at(1).value
        0.25
        """
        wanted = validate.between("time", time, 0, math.inf)
        before = self.table["time"].searchsorted(wanted, side="right")
        value, low, high = math.nan, math.nan, math.nan
        if wanted <= self.seen_until:
            # Until the first time all were in sight, and none had the event.
            first = (0.0, *wilson(0, self.n, normal_quantile(self.confidence)))
            names = ("incidence", "low", "high")
            last = [self.table[name].iloc[before - 1] for name in names] if before else first
            value, low, high = map(float, last)
        return Estimate(
            value=value,
            ci=Interval(low, high),
            n=self.n,
            unit="share",
            confidence=self.confidence,
            method=self.method,
            note=self.note_at(wanted),
        )

    def at_risk(self, time: float) -> int:
        """Return how many were waiting and in sight just before a time.

        Examples
        --------
        >>> counts = OutcomeCounts.from_arrays([1, 2, 3, 4], [1, 2, 0, 1])
        >>> cumulative_incidence(counts, unit="days").at_risk(2)
        3
        """
        place = self.table["time"].searchsorted(validate.real("time", time))
        return int(self.table["at_risk"].iloc[place]) if place < len(self.table) else 0

    def quantile(self, q: float) -> Estimate:
        """Estimate the first time by which a share of all has had the event.

        Examples
        --------
        >>> counts = OutcomeCounts.from_arrays([1, 2, 3, 4], [1, 2, 0, 1])
        >>> cumulative_incidence(counts, unit="days").quantile(0.25).value
        1.0
        """
        value, ci, note = _reach_time(self.table, validate.share("q", q), self.mature_until)
        return Estimate(
            value=value,
            ci=ci,
            n=self.n,
            unit=self.unit,
            confidence=self.confidence,
            method=self.method,
            note=note,
        )

    def restricted_mean(self, until: float) -> Estimate:
        """Estimate the mean time until the event or until a horizon, whichever comes first.

        It is the area above the curve, the integral of 1 - F from 0 to the horizon: one who
        drops out counts the whole horizon, since her event never comes. The interval is normal,
        cut at 0 and at the horizon; nan where nobody was followed that long.

        Examples
        --------
        >>> counts = OutcomeCounts.from_arrays([1, 2, 3, 4], [1, 2, 1, 1])
        >>> cumulative_incidence(counts, unit="days").restricted_mean(4).value
        3.0
        """
        horizon = validate.positive("until", until)
        value, error = self.area_above(horizon)
        margin = normal_quantile(self.confidence) * error or math.nan
        ci = Interval(value - margin, value + margin)
        return Estimate(
            value=value,
            ci=ci if math.isnan(margin) else Interval(max(ci.low, 0.0), min(ci.high, horizon)),
            n=self.n,
            unit=self.unit,
            confidence=self.confidence,
            method="area above the Aalen-Johansen curve, normal",
            note=NO_SPREAD if error == 0 else self.note_at(horizon),
        )

    def area_above(self, until: float) -> tuple[float, float]:
        """Return the restricted mean and its standard error; of nan where it is undefined.

        Examples
        --------
        >>> counts = OutcomeCounts.from_arrays([1, 2, 3, 4], [1, 1, 1, 1])
        >>> value, error = cumulative_incidence(counts, unit="days").area_above(2)
        >>> value, round(error, 4)
        (1.75, 0.2165)
        """
        if not validate.positive("until", until) <= self.seen_until:
            return math.nan, math.nan
        value, variance = aalen_johansen.area_above(self.table, until)
        return value, math.sqrt(variance)

    def note_at(self, time: float) -> str:
        """Return what is wrong with the curve at a time, if anything."""
        if not self.n:
            return NO_CUSTOMERS
        if time > self.seen_until:
            return NOT_FOLLOWED
        return "" if time <= self.mature_until else FEW_FOLLOWED


@documented
def cumulative_incidence(
    counts: OutcomeCounts, *, unit: str, confidence: float = 0.95, min_followed: int = 20
) -> IncidenceCurve:
    """Estimate by when an event comes, for all and not only for those it has come to.

    Parameters
    ----------
    counts : OutcomeCounts
        How many had the event, a competing one, or were last seen waiting, at each time. One row
        of what was counted is one independent customer: several waits of one customer make the
        intervals too narrow, so count each customer's first.
    unit : str
        The unit of time.
    %(confidence)s
    min_followed : int, default 20
        The least number followed that long for a time to count as mature.

    Returns
    -------
    IncidenceCurve
        The curve; its median is nan with a note where it does not come up to half.

    Raises
    ------
    TypeError
        If a count is not a whole number.
    ValueError
        If a time or a count is negative or not finite, or the lengths differ.

    Notes
    -----
    F(t) = sum over times u <= t of S(u-) d_u / n_u, with d_u events among n_u at risk and S the
    share with neither event (Kaplan-Meier of both); who is censored at u is at risk at u, and
    events and competing ones at one time share the risk set. Variance by the delta method from
    the multinomial outcomes at each time: without competing events Greenwood's, without censoring
    F (1 - F) / n. Interval: 1 - (1 - F)**exp(-+ z se / ((1 - F) log(1 - F))) (log-log of 1 - F);
    where F is 0 or 1 Wilson's, of the number followed. Of a quantile: the first times at which
    the upper and the lower bound reach it. Followed: n_u / S(u-), which only censoring lowers. It
    takes censoring to have nothing to do with what is to come, as when the data just end.

    References
    ----------
    Aalen & Johansen (1978), Scand. J. Stat. 5, 141-150. Dinse & Larson (1986), Biometrika 73,
    379-386. Marubini & Valsecchi (1995), Analysing Survival Data from Clinical Trials and
    Observational Studies, chapter 10.

    Examples
    --------
    Of ten who put something into a cart, four bought, three gave up, three may still buy.

    >>> counts = OutcomeCounts(times=[1, 2, 5, 9], events=[2, 1, 1, 0],
    ...                        competing=[1, 0, 2, 0], censored=[0, 1, 0, 2])
    >>> curve = cumulative_incidence(counts, unit="days")
    >>> result = curve.at(5)
    >>> round(result.value, 3), [round(bound, 3) for bound in result.ci]
    (0.42, [0.181, 0.774])
    """
    validate.share("confidence", confidence)
    validate.whole("min_followed", min_followed, low=1)
    table = aalen_johansen.curve(*counts.sorted(), z=normal_quantile(confidence))
    mature_until = aalen_johansen.mature_until(table, min_followed)
    median, ci, note = _reach_time(table, 0.5, mature_until)
    return IncidenceCurve(
        median=median,
        ci=ci,
        table=table,
        n=int(table["at_risk"].max()) if len(table) else 0,
        events=int(table["events"].sum()),
        competing=int(table["competing"].sum()),
        mature_until=mature_until,
        unit=unit,
        confidence=confidence,
        method="Aalen-Johansen, log-log",
        note=note,
    )


def _reach_time(table: pd.DataFrame, q: float, mature_until: float) -> tuple[float, Interval, str]:
    """Return the first time at which the curve reaches a share, its interval, and a note."""
    value, low, high = (
        aalen_johansen.first_time(table, name, q) for name in ("incidence", "high", "low")
    )
    if math.isnan(value):
        note = NO_CUSTOMERS if table.empty else NOT_REACHED
    elif math.isnan(low) or math.isnan(high):
        note = BOUND_NOT_SEEN
    else:
        note = "" if value <= mature_until else FEW_FOLLOWED
    return value, Interval(low, high), note
