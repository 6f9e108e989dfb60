"""Moments as numbers, the months they lie in, and what "within 7 days" means everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, overload
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    import narwhals as nw

DAY_US = 86_400_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECONDS = 1_000_000


def of_days(days: float) -> int:
    """Return a number of days in microseconds.

    Examples
    --------
    >>> of_days(7)
    604800000000
    """
    return round(days * DAY_US)


def within(since_us: nw.Expr, window_us: int) -> nw.Expr:
    """Return whether something comes within a time after a moment: at the moment, or at its end.

    Parameters
    ----------
    since_us : narwhals.Expr
        How long after the moment it comes, in microseconds; before it is negative.
    window_us : int
        The time.

    Examples
    --------
    >>> import narwhals as nw
    >>> import pandas as pd
    >>> since = nw.from_native(pd.DataFrame({"us": [-1, 0, 5, 6]}))
    >>> since.select(inside=within(nw.col("us"), 5))["inside"].to_list()
    [False, True, True, False]
    """
    return (since_us >= 0) & (since_us <= window_us)


@overload
def is_over(start_us: int, window_us: int, last_us: int) -> bool: ...


@overload
def is_over(start_us: nw.Expr, window_us: int, last_us: int) -> nw.Expr: ...


def is_over(start_us: int | nw.Expr, window_us: int, last_us: int) -> bool | nw.Expr:
    """Return whether a time that starts at a moment has been observed to its end.

    Parameters
    ----------
    start_us : int or narwhals.Expr
        Where it starts, in microseconds.
    window_us : int
        The time.
    last_us : int
        The last moment that was observed.

    Examples
    --------
    >>> is_over(10, 5, 15), is_over(10, 5, 14)
    (True, False)
    """
    return start_us <= last_us - window_us


@dataclass(frozen=True, slots=True, kw_only=True)
class Months:
    """The months from a first moment to a last one, as they begin in a time zone.

    Parameters
    ----------
    names : tuple of str
        The months, as ``"2026-05"``.
    begin_us : tuple of int
        Where each begins, in microseconds since 1970 (UTC).
    """

    names: tuple[str, ...]
    begin_us: tuple[int, ...]

    @classmethod
    def between(cls, first_us: int, last_us: int, time_zone: str) -> Months:
        """Return the months.

        Examples
        --------
        >>> Months.between(0, 40 * 86_400_000_000, "Europe/Rome").names
        ('1970-01', '1970-02')
        """
        zone = ZoneInfo(time_zone)
        first = datetime.fromtimestamp(first_us / _MICROSECONDS, zone)
        begin = datetime(first.year, first.month, 1, tzinfo=zone)
        names, begins = [], []
        while microseconds("begin", begin) <= last_us:
            names.append(f"{begin:%Y-%m}")
            begins.append(microseconds("begin", begin))
            begin = begin.replace(year=begin.year + begin.month // 12, month=begin.month % 12 + 1)
        return cls(names=tuple(names), begin_us=tuple(begins))

    def number(self, moment: str) -> nw.Expr:
        """Return the place among the months of a column of microseconds."""
        import narwhals as nw

        begun = [nw.when(nw.col(moment) >= begin).then(1).otherwise(0) for begin in self.begin_us]
        return nw.sum_horizontal(*begun) - 1


def microseconds(name: str, moment: datetime) -> int:
    """Return a moment in microseconds since 1970; one without a zone is UTC.

    Raises
    ------
    TypeError
        If it is no moment, such as a text or a missing time; `name` is the argument it came as.

    Examples
    --------
    >>> microseconds("change", datetime(1970, 1, 2))
    86400000000
    """
    # A missing time of pandas is a datetime too, one that differs from itself.
    if not isinstance(moment, datetime) or moment != moment:
        raise TypeError(f"{name} must be a datetime; got {moment!r}")
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    since = aware - _EPOCH
    return (since.days * 86_400 + since.seconds) * _MICROSECONDS + since.microseconds


def observed_us(observed_until: datetime | None, last_us: int) -> int:
    """Return the end of observation in microseconds since 1970, by default the last event's.

    Examples
    --------
    >>> observed_us(None, 5), observed_us(datetime(1970, 1, 2), 5)
    (5, 86400000000)
    """
    return last_us if observed_until is None else microseconds("observed_until", observed_until)


def month_number(day: date) -> int:
    """Return the month of a day as one number, by which months are counted and subtracted.

    Examples
    --------
    >>> month_number(date(2026, 10, 3)) - month_number(date(2025, 12, 31))
    10
    """
    return int(day.year * 12 + day.month - 1)


def months_of(day: nw.Expr) -> nw.Expr:
    """Return the months of days, numbered as :func:`month_number` does."""
    import narwhals as nw

    return day.dt.year().cast(nw.Int64) * 12 + day.dt.month().cast(nw.Int64) - 1


def month_name(month: int) -> str:
    """Return a numbered month as ISO 8601 writes it.

    Examples
    --------
    >>> month_name(month_number(date(2026, 10, 3)))
    '2026-10'
    """
    return f"{month // 12:04d}-{month % 12 + 1:02d}"
