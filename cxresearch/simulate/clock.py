"""When things happen in the shop: season, weekday and hour in Rome, as UTC seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd

from cxresearch.simulate.draws import Flags, Floats, Ints

TIME_ZONE = "Europe/Rome"
DAY_S = 86_400
HOUR_S = 3_600
YEAR_DAYS = 365
#: The days of the usual study, three years from 2023-11-01; planted days are counted in it.
STUDY_DAYS = 1_096

_HOUR_WEIGHT = (
    *(1.2, 0.6, 0.3, 0.2, 0.2, 0.4, 1.0, 2.2, 3.6, 4.8, 5.4, 5.6),
    *(5.8, 6.2, 5.4, 5.0, 5.2, 5.6, 5.8, 6.0, 7.2, 8.6, 7.0, 3.6),
)


@dataclass(frozen=True, slots=True)
class Season:
    """How busy a day is: by month from January, by weekday from Monday, and on days of its own.

    December and the sales of January and July are busy, August is quiet. `black_friday` holds
    from the last Friday of November to Monday, `after_christmas` from 24 to 31 December.
    """

    month: tuple[float, ...] = (1.15, 0.85, 0.90, 0.95, 1.0, 0.95, 1.10, 0.60, 1.0, 1.05, 1.20, 1.4)
    weekday: tuple[float, ...] = (1.05, 1.0, 1.0, 1.0, 0.95, 0.90, 1.10)
    black_friday: float = 2.4
    after_christmas: float = 0.6

    def weights(self, days: pd.DatetimeIndex) -> Floats:
        """Return how busy each day is."""
        weights = np.array(self.month)[days.month - 1] * np.array(self.weekday)[days.day_of_week]
        friday = days - pd.to_timedelta((days.day_of_week + 3) % 7, unit="D")
        black = (friday.month == 11) & (friday.day >= 23) & (friday.day <= 29)
        weights[black & np.isin(days.day_of_week, (4, 5, 6, 0))] *= self.black_friday
        weights[(days.month == 12) & (days.day >= 24)] *= self.after_christmas
        return np.asarray(weights, dtype=float)


@dataclass(frozen=True, slots=True)
class Clock:
    """The days a study covers, in the shop's own time zone.

    Parameters
    ----------
    start : datetime.date
        The first day.
    days : int
        How many days.
    season : Season
        How busy each is.
    """

    start: date
    days: int
    season: Season = Season()

    @property
    def end_s(self) -> int:
        """The first second after the study, in UTC seconds since 1970."""
        return self.midnight(self.days)

    def day(self, of_study: int) -> int:
        """Return the day of this study that stands for a day of the usual one."""
        return round(of_study * self.days / STUDY_DAYS)

    def date(self, day: int) -> date:
        """Return the date of a day of this study."""
        return self.start + timedelta(days=day)

    def midnight(self, day: int) -> int:
        """Return when a day of this study begins, in UTC seconds since 1970."""
        return int(pd.Timestamp(self.date(day), tz=TIME_ZONE).timestamp())

    def begins(self, of_study: int) -> int:
        """Return when the day begins that stands for a day of the usual study."""
        return self.midnight(self.day(of_study))

    def within(self, seconds: Ints, first: int, last: int) -> Flags:
        """Return which times fall in the days from `first` to `last` of the usual study."""
        return (seconds >= self.begins(first)) & (seconds < self.begins(last + 1))

    @property
    def midnights(self) -> Ints:
        """When each day begins, and the end of the last."""
        return _midnights(self)

    @property
    def busy(self) -> Floats:
        """Years of usual trade up to each midnight: the clock that purchases run on."""
        return _busy(self)

    def time_of_day(self, u: Floats) -> Ints:
        """Return seconds after midnight at which people shop, from numbers between 0 and 1."""
        edges = np.concatenate([[0.0], np.cumsum(_HOUR_WEIGHT)])
        return np.interp(u, edges / edges[-1], np.arange(25) * HOUR_S).astype(np.int64)


@cache
def _midnights(clock: Clock) -> Ints:
    days = pd.date_range(clock.start, periods=clock.days + 1, tz=TIME_ZONE)
    seconds = days.tz_convert("UTC").tz_localize(None).to_numpy("datetime64[s]")
    return np.asarray(seconds.astype(np.int64))


@cache
def _busy(clock: Clock) -> Floats:
    weights = clock.season.weights(pd.date_range(clock.start, periods=clock.days))
    usual = clock.season.weights(pd.date_range("2023-11-01", periods=STUDY_DAYS)).mean()
    return np.concatenate([[0.0], np.cumsum(weights / usual / YEAR_DAYS)])


def utc_times(seconds: Ints | Floats) -> pd.Series[pd.Timestamp]:
    """Return UTC seconds as a pandas column of times; a negative second is no time.

    Examples
    --------
    >>> utc_times(np.array([0, -1]))[0].isoformat()
    '1970-01-01T00:00:00+00:00'
    """
    micros = (np.asarray(seconds).astype(np.int64) * 1_000_000).astype("datetime64[us]")
    micros[np.asarray(seconds) < 0] = np.datetime64("NaT")
    return pd.Series(micros).dt.tz_localize("UTC")
