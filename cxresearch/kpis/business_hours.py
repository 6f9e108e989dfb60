"""How long something took in the hours in which somebody was there to do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxresearch import _checks

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_DAY_S = 86_400
_WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessHours:
    """The hours in which a service works.

    Parameters
    ----------
    time_zone : str
        The IANA time zone the hours are in.
    opens, closes : int
        The hours of the day at which work begins and ends, 0 to 24.
    weekdays : tuple of int, default Monday to Friday
        The days of work, Monday being 0.
    holidays : tuple of str
        Days without work, such as ``"2026-12-25"``.

    Raises
    ------
    ValueError
        If the time zone or a holiday is none, the hours are not in order, or there is no weekday.

    Examples
    --------
    From Friday 17:00 to Monday 10:00 in Rome there are two hours of work.

    >>> import pandas as pd
    >>> hours = BusinessHours(time_zone="Europe/Rome", opens=9, closes=18)
    >>> ends = [pd.Timestamp(t, tz="Europe/Rome") for t in ("2026-01-09 17:00", "2026-01-12 10:00")]
    >>> start_us, end_us = (end.value // 1000 for end in ends)
    >>> hours.seconds([start_us], [end_us])
    array([7200.])
    """

    time_zone: str
    opens: int = 9
    closes: int = 18
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    holidays: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        from zoneinfo import available_timezones

        if self.time_zone not in available_timezones():
            raise ValueError(f"time_zone must be an IANA time zone; got {self.time_zone!r}")
        _checks.between("opens", _checks.whole("opens", self.opens), 0, 23)
        _checks.between("closes", _checks.whole("closes", self.closes), self.opens + 1, 24)
        _checks.whole("len(weekdays)", len(self.weekdays), low=1)
        for weekday in self.weekdays:
            _checks.between("weekdays", _checks.whole("weekdays", weekday), 0, _WEEK - 1)
        for holiday in self.holidays:
            _checks.day("holidays", holiday)

    def seconds(self, start_us: ArrayLike, end_us: ArrayLike) -> NDArray[Any]:
        """Return the seconds of work between two times, element by element.

        Parameters
        ----------
        start_us, end_us : array_like of int, shape (n,)
            Epoch microseconds, UTC. What begins outside the hours waits for the next opening.

        Returns
        -------
        numpy.ndarray of float, shape (n,)
            Never more than the time that passed. The clock of the time zone decides, so hours
            that include the night in which it changes are an hour off once.
        """
        worked: NDArray[Any] = self._worked(end_us) - self._worked(start_us)
        return worked

    def _worked(self, moment_us: ArrayLike) -> NDArray[Any]:
        """Return the seconds of work from the beginning of 1970 to each moment."""
        import numpy as np
        import pandas as pd

        moments = pd.to_datetime(np.asarray(moment_us, dtype="int64"), unit="us", utc=True)
        local = moments.tz_convert(self.time_zone).tz_localize(None).to_numpy("datetime64[us]")
        day = local.astype("datetime64[D]")
        calendar = np.busdaycalendar(
            weekmask=[weekday in self.weekdays for weekday in range(_WEEK)],
            holidays=np.array(self.holidays, dtype="datetime64[D]"),
        )
        opens, closes = (hour * _DAY_S / 24 for hour in (self.opens, self.closes))
        whole_days = np.busday_count(np.datetime64("1970-01-01"), day, busdaycal=calendar)
        clock = (local - day) / np.timedelta64(1, "s")
        today = np.where(
            np.is_busday(day, busdaycal=calendar), np.clip(clock, opens, closes) - opens, 0.0
        )
        return whole_days * (closes - opens) + today
