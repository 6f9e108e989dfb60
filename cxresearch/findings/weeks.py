"""The weeks of a study: seven local days each, counted back from its last day."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import narwhals as nw

from cxresearch.engine import frames
from cxresearch.engine.windows import DAY_US

if TYPE_CHECKING:
    from cxresearch.study import Study

#: The tables whose days say how far the data reach.
_DATED = ("events", "orders", "surveys", "feedback", "tickets", "deliveries", "messages")
_EPOCH = date(1970, 1, 1)
#: The days of a week.
DAYS = 7
_HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Weeks:
    """Whole weeks up to a last day, so that the last week is as long as the others.

    Parameters
    ----------
    last_day : date
        The last local day of the last week.
    count : int
        How many weeks.
    time_zone : str
        The IANA time zone in which days begin and end.

    Examples
    --------
    >>> weeks = Weeks(date(2026, 3, 31), 2, "Europe/Rome")
    >>> weeks.first_day, weeks.start(1)
    (datetime.date(2026, 3, 18), datetime.date(2026, 3, 25))
    """

    last_day: date
    count: int
    time_zone: str

    @classmethod
    def between(cls, first: date, last: date, time_zone: str) -> Weeks:
        """Return the whole weeks from a first day on to a last one; of fewer days the one week."""
        return cls(last, max(1, ((last - first).days + 1) // DAYS), time_zone)

    @property
    def first_day(self) -> date:
        """The first local day of the first week."""
        return self.start(0)

    def start(self, week: int) -> date:
        """Return the first local day of a week, counted from 0; of the count, the day after all."""
        return self.last_day + timedelta(days=1 - DAYS * (self.count - week))

    def week(self, day: date) -> int:
        """Return the week of a day; below 0 before the first."""
        return (day - self.first_day).days // DAYS

    @property
    def end_us(self) -> int:
        """The moment at which the last week ends, in microseconds since 1970 (UTC)."""
        end = datetime.combine(self.start(self.count), time(), ZoneInfo(self.time_zone))
        return round(end.timestamp()) * 1_000_000

    def of_moment(self, us: nw.Expr) -> nw.Expr:
        """Return the week of a moment in microseconds since 1970 (UTC); below 0 before the first.

        Parameters
        ----------
        us : narwhals.Expr
            The moments.
        """
        changes = _offsets(self.first_day, self.last_day, self.time_zone)
        local = us + changes[0][1]
        for since, offset in changes[1:]:
            local = nw.when(us >= since).then(us + offset).otherwise(local)
        return _times(DAYS * DAY_US, local - self._first_us).cast(nw.Int64)

    def of_day(self, day: nw.Expr) -> nw.Expr:
        """Return the week of a local day."""
        before = day.dt.year().cast(nw.Int64) - 1
        leap_days = _times(4, before) - _times(100, before) + _times(400, before)
        ordinal = before * 365 + leap_days + day.dt.ordinal_day()
        return _times(DAYS, ordinal - self.first_day.toordinal()).cast(nw.Int64)

    def is_inside(self, week: nw.Expr) -> nw.Expr:
        """Return whether a week is one of these."""
        return (week >= 0) & (week < self.count)

    @property
    def _first_us(self) -> int:
        return (self.first_day - _EPOCH).days * DAY_US


def weeks_of(study: Study) -> Weeks | None:
    """Return the whole weeks that a study's tables cover; None where none has a day.

    Parcels alone cover the days from the first promised one to the last that one came on.
    """
    rows = study.summary()
    if rows.empty:
        return None
    dated = rows[rows["table"].isin(_DATED)].dropna(subset=["first_day"])
    if not dated.empty:
        first, last = (
            date(day.year, day.month, day.day)
            for day in (dated["first_day"].min(), dated["last_day"].max())
        )
    elif study.has("deliveries", "promised"):
        came = nw.coalesce(nw.col("delivered_us"), nw.col("promised_us"))
        (ends,) = frames.rows(
            study.frame("deliveries").select(first=nw.col("promised_us").min(), last=came.max())
        )
        first, last = (
            datetime.fromtimestamp(us / 1_000_000, tz=ZoneInfo(study.time_zone)).date()
            for us in (ends["first"], ends["last"])
        )
    else:
        return None
    as_of = study.manifest.as_of
    return Weeks.between(first, date.fromisoformat(as_of) if as_of else last, study.time_zone)


def _times(size: int, number: nw.Expr) -> nw.Expr:
    """Return how many times a size goes into whole numbers; exact, as these are below 2**53.

    ``//`` of Narwhals writes the number nine times for DuckDB, and a week holds it twice.
    """
    return (number / size).floor()


def _offsets(first: date, last: date, time_zone: str) -> list[tuple[int, int]]:
    """Return since which microsecond (UTC) which offset from UTC holds, the first from ever."""
    zone = ZoneInfo(time_zone)

    def offset_us(hour: int) -> int:
        moment = datetime.fromtimestamp(hour * 3600, tz=UTC).astimezone(zone)
        offset = moment.utcoffset()
        assert offset is not None, "a moment with a zone has an offset"
        return round(offset.total_seconds() * 1_000_000)

    begin = ((first - _EPOCH).days - 1) * 24
    hours = range(begin, ((last - _EPOCH).days + 2) * 24)
    found = [(hours[0] * _HOUR_US, offset_us(hours[0]))]
    for day in hours[24::24]:
        now = offset_us(day)
        if now != found[-1][1]:
            inside = range(day - 24, day + 1)
            at = inside[bisect.bisect_left(inside, True, key=lambda hour: offset_us(hour) == now)]
            found.append((at * _HOUR_US, now))
    return found
