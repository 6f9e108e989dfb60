"""How soon customers come to the next stage, when some drop out and some are still on their way."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.core.remarks import Remark, in_words
from cxresearch.core.results import as_columns, interval_columns
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.engine import frames
from cxresearch.engine.windows import DAY_US, Months, is_over, observed_us, of_days
from cxresearch.journeys._waits import ARRIVED, DROPPED_OUT, ON_THE_WAY, Wait
from cxresearch.journeys.cells import NONE
from cxresearch.journeys.prepared import never_happened, require
from cxresearch.stats.survival.aalen_johansen import OutcomeCounts
from cxresearch.stats.survival.incidence import IncidenceCurve, cumulative_incidence

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from cxresearch.core.results import Estimate
    from cxresearch.journeys.prepared import Prepared

Resolution = Literal["minute", "hour", "day"]
#: What times are rounded up to, in microseconds.
RESOLUTIONS: dict[Resolution, int] = {
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": DAY_US,
}

IMMATURE = "the latest were followed for less than the horizon"
MONTH = "month"
_REACHED_LATER = "lost for inactivity, but reached the goal later: {n}"
#: The row of a table that is no group.
ALL = "(all)"

_SHOWN = (
    Column("group", "Group"),
    Column("n", "Customers", role="people"),
    Column("arrived", "Arrived"),
    Column("dropped_out", "Left"),
    Column("on_the_way", "Still active"),
    Column("share", "Arrived in time", unit="share", role="estimate"),
    Column("median_days", "Median days", unit="", role="estimate"),
    Column("restricted_mean_days", "Mean days, capped", unit="", role="estimate"),
)
_CAPTION = (
    "Time to {goal}. Left: inactive for {silent} before it. In the mean, a customer without "
    "{goal} within {horizon} counts as {horizon}; no median where fewer than half get there"
)
_WITHOUT_SILENCE = (
    "Time to {goal}. In the mean, a customer without {goal} within {horizon} counts as {horizon}; "
    "no median where fewer than half get there"
)

_NOT_REACHED = "not reached (fewer than half get there)"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class TimeToGoal(Tabular):
    """How soon customers reach a goal from a start, from :func:`time_to_goal`.

    Parameters
    ----------
    start, goal : tuple of str
        The events that begin a wait and that fulfil it.
    silent_days : float or None
        The silence after which a customer has dropped out.
    arrival, drop_out : IncidenceCurve
        The share of all who set out that has arrived, and that has dropped out, by each time in
        days; the two and those still waiting add up to 1.
    horizon_days : float
        The time by which the shares are given.
    arrived, dropped_out, on_the_way : int
        How the waits ended, or that they have not.
    reached_later : int
        Those of `dropped_out` who reached the goal after all, at any time later.
    mean_of_arrived_days : float
        The plain mean time of those who arrived: it is too short, since who takes long is still
        on the way; given to compare.
    mature : bool
        Whether all of them were followed for the whole horizon.
    groups : mapping of str to TimeToGoal
        The same for each group, where groups were asked for.
    remarks : tuple of Remark
        What `note` says.
    """

    start: tuple[str, ...]
    goal: tuple[str, ...]
    silent_days: float | None
    arrival: IncidenceCurve
    drop_out: IncidenceCurve
    horizon_days: float
    arrived: int
    dropped_out: int
    on_the_way: int
    reached_later: int
    mean_of_arrived_days: float
    mature: bool
    groups: Mapping[str, TimeToGoal]
    remarks: tuple[Remark, ...]

    @property
    def n(self) -> int:
        """The customers who set out."""
        return self.arrival.n

    @property
    def share(self) -> Estimate:
        """The share that has arrived by the horizon."""
        return self.arrival.at(self.horizon_days)

    @property
    def dropped_share(self) -> Estimate:
        """The share that has dropped out by the horizon."""
        return self.drop_out.at(self.horizon_days)

    @property
    def median(self) -> Estimate:
        """The days by which half of all have arrived; nan where not that many do."""
        return self.arrival.quantile(0.5)

    @property
    def median_or_why_not(self) -> Estimate | Remark:
        """The median, or that it is not reached, to be put in a sentence."""
        median = self.median
        return Remark(_NOT_REACHED) if math.isnan(median.value) else median

    @property
    def restricted_mean(self) -> Estimate:
        """The mean days until the goal or the horizon; who drops out counts the whole of it."""
        return self.arrival.restricted_mean(self.horizon_days)

    @property
    def note(self) -> str:
        """What a reader must know before using the numbers."""
        return self.note_in(Language("en"))

    def note_in(self, language: Language) -> str:
        """Return the note in a language."""
        return in_words(self.remarks, language)

    def checks(self) -> Iterator[tuple[str, int, int]]:
        """Yield what must agree: what it is, and the two numbers."""
        ended = self.arrived + self.dropped_out + self.on_the_way
        yield "arrived, dropped out and on the way = set out", ended, self.n
        if self.groups:
            yield "groups together = set out", sum(one.n for one in self.groups.values()), self.n

    def to_dict(self) -> dict[str, Any]:
        """Return one flat row: the counts, and every estimate with its interval."""
        counts = ("n", "arrived", "dropped_out", "on_the_way")
        row: dict[str, Any] = {name: getattr(self, name) for name in counts}
        estimates = {
            "share": self.share,
            "dropped_share": self.dropped_share,
            "median_days": self.median,
            "restricted_mean_days": self.restricted_mean,
        }
        for name, found in estimates.items():
            row |= as_columns(name, found)
        return {**row, "horizon_days": self.horizon_days, "mature": self.mature}

    def to_frame(self) -> pd.DataFrame:
        """Return one row for all, and one for each group, as :meth:`to_dict` has it."""
        import pandas as pd

        rows = {ALL: self, **self.groups}
        return pd.DataFrame([{"group": name, **one.to_dict()} for name, one in rows.items()])

    def table(self) -> Table:
        """Return one row for all, and one for each group."""
        values: dict[str, Any] = {
            "goal": " / ".join(self.goal),
            "horizon": (self.horizon_days, "days"),
        }
        caption = _WITHOUT_SILENCE
        if self.silent_days is not None:
            caption, values["silent"] = _CAPTION, (self.silent_days, "days")
        return Table(
            frame=self.to_frame(), columns=_SHOWN, caption=caption, values=values, within=None
        )

    def curves(self) -> pd.DataFrame:
        """Return the share that has arrived by each whole day, for each group, or for all.

        Returns
        -------
        pandas.DataFrame
            Per `group` and `time` (days, to the horizon, as far as anyone was followed):
            `incidence` (0-1), `incidence_low`, `incidence_high`, and the customers `at_risk`.
        """
        import pandas as pd

        rows = [
            (name, day, found.value, *found.ci, one.arrival.at_risk(day))
            for name, one in (self.groups or {ALL: self}).items()
            for day in range(math.floor(self.horizon_days) + 1)
            for found in [one.arrival.at(day)]
            if not math.isnan(found.value)
        ]
        named = ["group", "time", *interval_columns("incidence"), "at_risk"]
        return pd.DataFrame(rows, columns=named)


@documented
def time_to_goal(
    prepared: Prepared,
    *,
    start: str | Sequence[str],
    goal: str | Sequence[str],
    drop_off: str | Sequence[str] = (),
    silent_days: float | None = None,
    horizon_days: float = 30.0,
    observed_until: datetime | None = None,
    by: str | Missing | None = None,
    time_zone: str = "UTC",
    resolution: Resolution = "hour",
    confidence: float = 0.95,
) -> TimeToGoal:
    """Estimate how soon customers come from their first start to their first goal after it.

    Parameters
    ----------
    %(prepared)s
    start, goal, drop_off : str or sequence of str
        The events that begin a wait (each customer's first counts), that fulfil it, and that end
        it without. Of two at the same moment, the one that lies first in the prepared table is
        the earlier.
    silent_days : float, optional
        A customer with no event for longer than this has dropped out that long after
        her last one, if that was observed; coming back later does not undo it. Without it, and
        without `drop_off`, nobody drops out.
    horizon_days : float, default 30
        The time by which shares and the restricted mean are given; choose it beforehand.
    observed_until : datetime, optional
        The last moment that was observed (one without a zone is UTC), by default that of the last
        event of all; what comes later is not looked at.
    by : str, optional
        What makes groups: a carried column, by its value at the start, or ``"month"``, the month
        of the start; there are no groups where it is missing.
    time_zone : str, default "UTC"
        The zone in which months begin.
    resolution : {"minute", "hour", "day"}, default "hour"
        What times are rounded up to.
    %(confidence)s

    Returns
    -------
    TimeToGoal
        The curves, and at the horizon the shares, with the median and the restricted mean; for
        all, and for each group. A group that was not followed for the whole horizon is not
        `mature`.

    Raises
    ------
    ValueError
        If an argument is none of what is allowed, an event of `start` or `goal` never happened, or
        one is both a goal and a drop-off.
    TypeError
        If `observed_until` is no datetime.

    Notes
    -----
    Cumulative incidence with dropping out as a competing event; who is still waiting at the end
    of observation is censored there (:func:`cxresearch.stats.survival.cumulative_incidence`).
    A customer who set out before the data begin starts at the first event that is in them.

    Examples
    --------
    >>> from cxresearch.journeys._example import PREPARED
    >>> found = time_to_goal(PREPARED, start="view", goal="buy", horizon_days=0.5)
    >>> found.n, found.arrived, found.on_the_way, round(found.share.value, 2)
    (3, 1, 2, 0.5)
    """
    validate.share("confidence", confidence)
    validate.positive("horizon_days", horizon_days)
    validate.one_of("resolution", resolution, tuple(RESOLUTIONS))
    if silent_days is not None:
        silent_days = validate.positive("silent_days", silent_days)
    wait = Wait(
        start=_names(start),
        goal=_names(goal),
        drop_off=_names(drop_off),
        silent_days=silent_days,
        end_us=observed_us(observed_until, prepared.tally.last_us),
    )
    require("start", wait.start, prepared.events)
    require("goal", wait.goal, prepared.events)
    both = set(wait.goal) & set(wait.drop_off)
    if both:
        raise validate.refused("drop_off", "no goal", ", ".join(sorted(both)))
    counts = _counts(prepared, wait, RESOLUTIONS[resolution], by or None, time_zone)
    ended = partial(
        _summarise,
        wait=wait,
        horizon_days=float(horizon_days),
        resolution_us=RESOLUTIONS[resolution],
        confidence=confidence,
    )
    groups = sorted({row["group"] for row in counts}) if by else []
    of_groups = {name: ended([row for row in counts if row["group"] == name]) for name in groups}
    found = ended(counts)
    missing = never_happened(wait.drop_off, prepared.events)
    return replace(found, groups=of_groups, remarks=(*missing, *prepared.remarks, *found.remarks))


def _summarise(
    counts: list[dict[str, Any]],
    wait: Wait,
    *,
    horizon_days: float,
    resolution_us: int,
    confidence: float,
) -> TimeToGoal:
    """Return how the waits ended that rows of :func:`_counts` count."""
    ended = {
        outcome: [row["n"] if row["outcome"] == outcome else 0 for row in counts]
        for outcome in (ARRIVED, DROPPED_OUT, ON_THE_WAY)
    }
    outcomes = OutcomeCounts(
        times=[row["time"] * resolution_us / DAY_US for row in counts],
        events=ended[ARRIVED],
        competing=ended[DROPPED_OUT],
        censored=ended[ON_THE_WAY],
    )
    arrived = sum(ended[ARRIVED])
    waited_us = sum(row["waited_us"] for row in counts if row["outcome"] == ARRIVED)
    latest_us = max((row["latest_us"] for row in counts), default=0)
    reached_later = sum(row["reached_later"] for row in counts)
    mature = is_over(latest_us, of_days(horizon_days), wait.end_us)
    curve = partial(cumulative_incidence, unit="days", confidence=confidence)
    return TimeToGoal(
        start=wait.start,
        goal=wait.goal,
        silent_days=wait.silent_days,
        arrival=curve(outcomes),
        drop_out=curve(outcomes.swapped()),
        horizon_days=horizon_days,
        arrived=arrived,
        dropped_out=sum(ended[DROPPED_OUT]),
        on_the_way=sum(ended[ON_THE_WAY]),
        reached_later=reached_later,
        mean_of_arrived_days=waited_us / arrived / DAY_US if arrived else math.nan,
        mature=mature,
        groups={},
        remarks=tuple(_remarks(reached_later, mature=mature or not counts)),
    )


def _counts(
    prepared: Prepared, wait: Wait, resolution_us: int, by: str | None, time_zone: str
) -> list[dict[str, Any]]:
    """Return how many customers of a group ended their wait at each time, and how."""
    tally = prepared.tally
    months = Months.between(tally.first_us, tally.last_us, time_zone) if by == MONTH else None
    if months:
        waits = wait.of_customers(prepared).with_columns(group=months.number("start_us"))
    elif by:
        validate.one_of("by", by, (*prepared.carried, MONTH))
        group = nw.col(by).cast(nw.String).fill_null(NONE)
        waits = wait.of_customers(prepared, by).with_columns(group=group)
    else:
        waits = wait.of_customers(prepared).with_columns(group=nw.lit(ALL))
    rounded_up = (nw.col("waited_us") + (resolution_us - 1)) // resolution_us
    summed = (
        waits.with_columns(time=rounded_up)
        .group_by("group", "time", "outcome")
        .agg(
            nw.len().alias("n"),
            nw.col("waited_us", "reached_later").sum(),
            latest_us=nw.col("start_us").max(),
        )
    )
    rows = [
        {"group": row.pop("group"), **{name: int(value) for name, value in row.items()}}
        for row in frames.rows(summed)
    ]
    return [{**row, "group": months.names[row["group"]]} for row in rows] if months else rows


def _remarks(reached_later: int, *, mature: bool) -> Iterator[Remark]:
    if not mature:
        yield Remark(IMMATURE)
    if reached_later:
        yield Remark(_REACHED_LATER, {"n": reached_later})


def _names(events: str | Sequence[str]) -> tuple[str, ...]:
    return (events,) if isinstance(events, str) else tuple(events)
