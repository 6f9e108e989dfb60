"""How long something took in the hours in which somebody was there to do it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from cxresearch.core import validate
from cxresearch.core.remarks import Remark
from cxresearch.core.time_zones import time_zones

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Blocks = dict[int, tuple[tuple[int, int], ...]]

#: The days of a week as hours are written, and as a reader says them.
_NAMES = {
    "mon": Remark("Mon"),
    "tue": Remark("Tue"),
    "wed": Remark("Wed"),
    "thu": Remark("Thu"),
    "fri": Remark("Fri"),
    "sat": Remark("Sat"),
    "sun": Remark("Sun"),
}
_DAYS = tuple(_NAMES)
_DAY_MINUTES = 24 * 60
_CLOCK = r"(\d{1,2}):([0-5]\d)"
_BLOCK = re.compile(rf"\s*{_CLOCK}\s*[-\u2013]\s*{_CLOCK}\s*")
_TIME = re.compile(_CLOCK)
_DAY = re.compile(rf"\b({'|'.join(_DAYS)})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessHours:
    """The hours in which a service works.

    Parameters
    ----------
    time_zone : str
        The IANA time zone the hours are in.
    opens, closes : int or str
        When work begins and ends on each of the `weekdays`: a whole hour, 0 to 24, or a time like
        ``"8:30"``.
    weekdays : tuple of int, default Monday to Friday
        The days of work, Monday being 0.
    holidays : tuple of str
        Days without work, like ``"2026-12-25"``.
    week : mapping of str to str, optional
        Hours that differ from day to day, or with a break, instead of the three above: a day or
        a span of days (``"mon"`` ... ``"sun"``, ``"mon-fri"``) and its blocks of work, separated
        by commas. Days that are not named are days without work.

    Raises
    ------
    ValueError
        If the time zone, a day or a time is none, the blocks of a day overlap or are not in
        order, a day is named twice, or there is no day of work.

    Examples
    --------
    From Friday 17:00 to Monday 10:00 in Rome there are two hours of work, and on Saturday morning
    four more.

    >>> import pandas as pd
    >>> ends = [pd.Timestamp(t, tz="Europe/Rome") for t in ("2026-01-09 17:00", "2026-01-12 10:00")]
    >>> start_us, end_us = (end.value // 1000 for end in ends)
    >>> BusinessHours(time_zone="Europe/Rome", opens=9, closes=18).seconds([start_us], [end_us])
    array([7200.])
    >>> shop = {"mon-fri": "9:00-13:00, 15:30-19:30", "sat": "9:00-13:00"}
    >>> BusinessHours(time_zone="Europe/Rome", week=shop).seconds([start_us], [end_us]) / 3600
    array([7.5])
    """

    time_zone: str
    opens: int | str = 9
    closes: int | str = 18
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    holidays: tuple[str, ...] = ()
    week: Mapping[str, str] | None = field(default=None, hash=False)
    _blocks: Blocks = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.time_zone not in time_zones():
            raise ValueError(f"time_zone must be an IANA time zone; got {self.time_zone!r}")
        for holiday in self.holidays:
            validate.day("holidays", holiday)
        blocks = self._same_every_day() if self.week is None else _of_week(self.week)
        object.__setattr__(self, "_blocks", blocks)

    def seconds(self, start_us: ArrayLike, end_us: ArrayLike) -> NDArray[Any]:
        """Return the seconds of work between two times, element by element.

        Parameters
        ----------
        start_us, end_us : array_like of int, shape (n,)
            Epoch microseconds, UTC. What begins outside the hours waits for the next opening.

        Returns
        -------
        numpy.ndarray of float, shape (n,)
            Never more than the time that passed: a block over the night in which the clock
            changes is an hour shorter or longer, as it is for those who work in it.
        """
        import numpy as np

        starts, ends = (np.asarray(moments, dtype="int64") for moments in (start_us, end_us))
        if not starts.size:
            return np.zeros(starts.shape)
        earliest, latest = min(starts.min(), ends.min()), max(starts.max(), ends.max())
        opened, closed = self._open_between(int(earliest), int(latest))
        worked: NDArray[Any] = _worked(ends, opened, closed) - _worked(starts, opened, closed)
        return worked

    def _same_every_day(self) -> Blocks:
        opens, closes = _minutes("opens", self.opens), _minutes("closes", self.closes)
        if closes <= opens:
            raise ValueError(f"closes must be after opens, {self.opens!r}; got {self.closes!r}")
        validate.whole("len(weekdays)", len(self.weekdays), low=1)
        for weekday in self.weekdays:
            validate.between("weekdays", validate.whole("weekdays", weekday), 0, len(_DAYS) - 1)
        return dict.fromkeys(self.weekdays, ((opens, closes),))

    def _open_between(
        self, earliest_us: int, latest_us: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return when each block of work begins and ends, in epoch microseconds and in order."""
        import numpy as np
        import pandas as pd

        span = pd.to_datetime(np.array([earliest_us, latest_us]), unit="us", utc=True)
        local = span.tz_convert(self.time_zone).tz_localize(None).to_numpy("datetime64[D]")
        days = np.arange(local[0] - 1, local[1] + 2)
        days = days[~np.isin(days, np.array(self.holidays, dtype="datetime64[D]"))]
        weekday = (days.astype("int64") + 3) % len(_DAYS)  # 1970-01-01 was a Thursday
        found = [
            np.stack([self._utc(of_day, opens, first=True), self._utc(of_day, closes, first=False)])
            for day, blocks in self._blocks.items()
            for opens, closes in blocks
            for of_day in [days[weekday == day]]
        ]
        opened, closed = np.concatenate(found, axis=1)
        order = np.argsort(opened)
        opened, closed = opened[order], closed[order]
        # In the hour that the clock shows twice, two blocks may overlap.
        opened[1:] = np.maximum(opened[1:], closed[:-1])
        return opened, closed

    def _utc(self, days: NDArray[Any], minute: int, *, first: bool) -> NDArray[np.int64]:
        """Return a time of these days as epoch microseconds.

        A time that the clock skips is the moment it skips at; of one that it shows twice, the
        first opens and the second closes.
        """
        import numpy as np
        import pandas as pd

        clock = days.astype("datetime64[us]") + np.timedelta64(minute, "m")
        zoned = pd.DatetimeIndex(clock).tz_localize(
            self.time_zone, ambiguous=np.full(len(days), first), nonexistent="shift_forward"
        )
        return zoned.tz_convert("UTC").tz_localize(None).to_numpy("datetime64[us]").astype("int64")


def hours_said(hours: str) -> Remark:
    """Return opening hours as a reader says them, their days in the reader's language.

    Parameters
    ----------
    hours : str
        As for :func:`cxresearch.kpis.waits_by_hours`.

    Examples
    --------
    >>> from cxresearch.core.languages import Language
    >>> said = hours_said("mon-fri 9:00-18:00; sat 9:00-12:00")
    >>> str(said), said.words(Language("it"))
    ('Mon–Fri 9:00–18:00; Sat 9:00–12:00', 'lun–ven 9:00–18:00; sab 9:00–12:00')
    """
    parts = _DAY.split(hours.replace("-", "\N{EN DASH}"))
    message = "".join(
        f"{{day{place}}}" if place % 2 else part.replace("{", "{{").replace("}", "}}")
        for place, part in enumerate(parts)
    )
    days = enumerate(parts[1::2])
    return Remark(message, {f"day{2 * n + 1}": _NAMES[day.lower()] for n, day in days})


def _worked(
    moments_us: NDArray[np.int64], opened: NDArray[np.int64], closed: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the seconds of work from the first block to each moment."""
    import numpy as np

    lasted = np.concatenate([[0], np.cumsum(closed - opened)])
    block = np.searchsorted(opened, moments_us, side="right")
    # What is left of the block that a moment is in, or 0 after its end.
    rest = np.concatenate([[0], closed])[block] - moments_us
    left = np.where(block > 0, np.maximum(rest, 0), 0)
    seconds: NDArray[np.float64] = (lasted[block] - left) / 1e6
    return seconds


def _of_week(week: Mapping[str, str]) -> Blocks:
    """Return the blocks of each day of a week as it is written."""
    found: Blocks = {}
    for days, text in week.items():
        blocks = tuple(_block(days, part) for part in str(text).split(","))
        for (_, closes), (opens, _) in pairwise(blocks):
            if opens < closes:
                raise ValueError(
                    f"week must list the blocks of a day in order, without overlap; got {text!r}"
                )
        for day in _days(days):
            if day in found:
                raise ValueError(f"week must name each day once; got {_DAYS[day]!r} twice")
            found[day] = blocks
    if not found:
        raise ValueError("week must name at least one day of work; got none")
    return found


def _days(text: str) -> range:
    first, _, last = str(text).strip().lower().partition("-")
    names = [name.strip() for name in (first, last or first)]
    if not all(name in _DAYS for name in names) or _DAYS.index(names[0]) > _DAYS.index(names[1]):
        allowed = ", ".join(_DAYS)
        raise ValueError(f"week must have days of {allowed}, or 'mon-fri'; got {text!r}")
    return range(_DAYS.index(names[0]), _DAYS.index(names[1]) + 1)


def _block(days: str, text: str) -> tuple[int, int]:
    match = _BLOCK.fullmatch(text)
    if match:
        hour, minute, end_hour, end_minute = map(int, match.groups())
        opens, closes = 60 * hour + minute, 60 * end_hour + end_minute
        if opens < closes <= _DAY_MINUTES:
            return opens, closes
    raise ValueError(f"week must have blocks like '9:00-13:00'; got {text!r} for {days!r}")


def _minutes(name: str, value: int | str) -> int:
    """Return a time of the day in minutes from midnight."""
    if isinstance(value, str):
        match = _TIME.fullmatch(value.strip())
        minutes = 60 * int(match[1]) + int(match[2]) if match else -1
        if not 0 <= minutes <= _DAY_MINUTES:
            raise ValueError(f"{name} must be a whole hour or a time like '8:30'; got {value!r}")
        return minutes
    return 60 * int(validate.between(name, validate.whole(name, value), 0, 24))
