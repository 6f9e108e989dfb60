"""Months of a study: which there are, and which the data cover from end to end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import narwhals as nw

from cxresearch.engine import frames

_DAY = nw.col("day").dt

#: A month as one whole number, twelve times the year plus the months before it, so that months
#: can be counted and subtracted in any engine.
MONTH = _DAY.year().cast(nw.Int64) * 12 + _DAY.month().cast(nw.Int64) - 1


@dataclass(frozen=True, slots=True)
class Coverage:
    """The months that the rows of a table fall in.

    Parameters
    ----------
    months : range
        Every month from the first row to the last, also one without rows.
    complete : range
        Those that the data reach from the first day to the last. The first and the last month
        are complete only if there is a row on their first or last day: a shop that sells less than
        daily loses them, which is the safe side.
    """

    months: range
    complete: range

    @classmethod
    def of(cls, frame: frames.Frame) -> Coverage:
        """Return the coverage of a frame with a `day`; of no rows it is empty."""
        day = nw.col("day")
        (row,) = frames.rows(frame.select(n=day.count(), first=day.min(), last=day.max()))
        if not row["n"]:
            return cls(range(0), range(0))
        first, last = (date(day.year, day.month, day.day) for day in (row["first"], row["last"]))
        next_day = last + timedelta(days=1)
        months = range(_number(first), _number(last) + 1)
        return cls(
            months=months,
            complete=range(months.start + (first.day > 1), _number(next_day)),
        )

    def within(self, other: Coverage) -> Coverage:
        """Return the months of both tables together, complete where both are."""
        if not self.months or not other.months:
            return Coverage(range(0), range(0))
        start, stop = min(self.months[0], other.months[0]), max(self.months[-1], other.months[-1])
        complete = range(
            max(self.complete.start, other.complete.start),
            min(self.complete.stop, other.complete.stop),
        )
        return Coverage(months=range(start, stop + 1), complete=complete)


def name(month: int) -> str:
    """Return a month as ISO 8601 writes it.

    Examples
    --------
    >>> name(2026 * 12 + 9)
    '2026-10'
    """
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def _number(day: date) -> int:
    return day.year * 12 + day.month - 1
