"""When things happen in the shop: season, weekday and hour in Rome, as UTC seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from cxresearch.simulate.arrays import Flags, Floats, Ints
from cxresearch.simulate.planted import YEAR_DAYS

TIME_ZONE = "Europe/Rome"
DAY_S = 86_400

_MONTH_WEIGHT = (0.95, 0.85, 0.90, 0.95, 1.0, 0.95, 0.90, 0.60, 1.0, 1.05, 1.20, 1.40)
_WEEKDAY_WEIGHT = (1.05, 1.0, 1.0, 1.0, 0.95, 0.90, 1.10)
_HOUR_WEIGHT = (
    *(1.2, 0.6, 0.3, 0.2, 0.2, 0.4, 1.0, 2.2, 3.6, 4.8, 5.4, 5.6),
    *(5.8, 6.2, 5.4, 5.0, 5.2, 5.6, 5.8, 6.0, 7.2, 8.6, 7.0, 3.6),
)
_BLACK_FRIDAY_WEIGHT = 2.4
_AFTER_CHRISTMAS_WEIGHT = 0.6


@dataclass(frozen=True, slots=True)
class Clock:
    """The days a study covers, in the shop's own time zone.

    Parameters
    ----------
    start : datetime.date
        The first day.
    days : int
        How many days.
    """

    start: date
    days: int

    @property
    def years(self) -> float:
        """How many years of 365 days the study lasts."""
        return self.days / YEAR_DAYS

    @property
    def end_s(self) -> int:
        """The first second after the study, in UTC seconds since 1970."""
        return self.midnight(self.days)

    def day(self, of_year: int) -> int:
        """Return the day of this study that stands for a day of a full year."""
        return round(of_year * self.years)

    def date(self, day: int) -> date:
        """Return the date of a day of this study."""
        return self.start + timedelta(days=day)

    def midnight(self, day: int) -> int:
        """Return when a day of this study begins, in UTC seconds since 1970."""
        return int(pd.Timestamp(self.date(day), tz=TIME_ZONE).timestamp())

    def within(self, seconds: Ints, first: int, last: int) -> Flags:
        """Return which times fall in the days from `first` to `last` of a full year."""
        begin, end = self.midnight(self.day(first)), self.midnight(self.day(last + 1))
        return (seconds >= begin) & (seconds < end)

    def draw(self, rng: np.random.Generator, n: int) -> Ints:
        """Return `n` times at which people shop, in UTC seconds since 1970."""
        weights = _day_weights(pd.date_range(self.start, periods=self.days))
        day = rng.choice(self.days, size=n, p=weights / weights.sum())
        hours = np.array(_HOUR_WEIGHT)
        hour = rng.choice(24, size=n, p=hours / hours.sum())
        local = pd.Timestamp(self.start).to_datetime64().astype("datetime64[s]") + (
            day * DAY_S + hour * 3600 + rng.integers(0, 3600, size=n)
        ).astype("timedelta64[s]")
        return _utc_seconds(local)


def _day_weights(days: pd.DatetimeIndex) -> Floats:
    """Return how busy each day is: Black Friday to Monday, before Christmas, August."""
    weights = np.array(_MONTH_WEIGHT)[days.month - 1] * np.array(_WEEKDAY_WEIGHT)[days.day_of_week]
    friday = days - pd.to_timedelta((days.day_of_week + 3) % 7, unit="D")
    black = (friday.month == 11) & (friday.day >= 23) & (friday.day <= 29)
    weights[black & np.isin(days.day_of_week, (4, 5, 6, 0))] *= _BLACK_FRIDAY_WEIGHT
    weights[(days.month == 12) & (days.day >= 24)] *= _AFTER_CHRISTMAS_WEIGHT
    return np.asarray(weights, dtype=float)


def _utc_seconds(local: npt.NDArray[np.datetime64]) -> Ints:
    times = pd.DatetimeIndex(local).tz_localize(
        TIME_ZONE, ambiguous=np.ones(len(local), dtype=bool), nonexistent="shift_forward"
    )
    return times.tz_convert("UTC").tz_localize(None).to_numpy("datetime64[s]").astype(np.int64)


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
