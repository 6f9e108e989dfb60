"""The units of numbers, and the intervals that are in them."""

from __future__ import annotations

from typing import NamedTuple

#: The unit of a difference of two shares, 0.05 for five percentage points: five per cent would
#: be read as a relative change.
SHARE_DIFFERENCE = "share difference"


class Interval(NamedTuple):
    """A closed interval, in the unit of the estimate it belongs to."""

    low: float
    high: float


def difference_unit(unit: str) -> str:
    """Return the unit of the difference of two values in a unit.

    Examples
    --------
    >>> difference_unit("share"), difference_unit("EUR")
    ('share difference', 'EUR')
    """
    return SHARE_DIFFERENCE if unit == "share" else unit
