"""The time zones that there are."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones


@cache
def time_zones() -> frozenset[str]:
    """Return the names of the IANA list; the folders of the machine are read once.

    Examples
    --------
    >>> "Europe/Rome" in time_zones(), "Rome" in time_zones()
    (True, False)
    """
    return frozenset(available_timezones())
