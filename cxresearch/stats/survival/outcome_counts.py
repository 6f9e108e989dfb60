"""How many customers ended a wait at each time, and how: what a curve of incidence needs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.stats.survival._counts import counts

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class OutcomeCounts:
    """How many customers left the wait at each time, and how: all that the estimate needs.

    An engine can count millions of customers into it; one time per row, in any order.

    Parameters
    ----------
    times : array_like of float, shape (k,)
        The times since the start of the wait, from 0, in one unit.
    events, competing, censored : array_like of int, shape (k,)
        How many had the event then, how many had a competing one, which rules the event out, and
        how many were last seen then, still waiting.
    """

    times: ArrayLike
    events: ArrayLike
    competing: ArrayLike
    censored: ArrayLike

    @classmethod
    def from_arrays(cls, durations: ArrayLike, outcomes: ArrayLike) -> OutcomeCounts:
        """Count arrays of shape (n,), one row per customer.

        An outcome is 1 for the event, 2 for a competing one, 0 for one still waiting at the end
        of the duration (censored).

        Raises
        ------
        ValueError
            If an outcome is not 0, 1 or 2, a value is not finite, or the lengths differ.

        Examples
        --------
        >>> counts = OutcomeCounts.from_arrays([1, 3, 3, 4], [1, 2, 1, 0])
        >>> counts.times.tolist(), counts.events.tolist(), counts.censored.tolist()
        ([1.0, 3.0, 4.0], [1, 1, 0], [0, 0, 1])
        """
        waited, how = validate.arrays(durations=durations, outcomes=outcomes)
        for value in np.unique(how).tolist():
            validate.one_of("outcomes", value, (0.0, 1.0, 2.0))
        times, place = np.unique(waited, return_inverse=True)
        censored, events, competing = (
            np.bincount(place[how == outcome], minlength=times.size) for outcome in (0, 1, 2)
        )
        return cls(times=times, events=events, competing=competing, censored=censored)

    def swapped(self) -> OutcomeCounts:
        """Return the same with the two events exchanged, for the curve of the competing one."""
        return OutcomeCounts(
            times=self.times,
            events=self.competing,
            competing=self.events,
            censored=self.censored,
        )

    def sorted(self) -> tuple[NDArray[np.float64], ...]:
        """Return times, events, competing and censored by ascending distinct times.

        Counts at the same time are added up, and times without any left out.

        Raises
        ------
        TypeError
            If a count is not a whole number.
        ValueError
            If a time or a count is negative or not finite, or the lengths differ.

        Examples
        --------
        >>> counts = OutcomeCounts(times=[3, 1], events=[2, 1], competing=[0, 1], censored=[5, 0])
        >>> [column.tolist() for column in counts.sorted()]
        [[1.0, 3.0], [1.0, 2.0], [1.0, 0.0], [0.0, 5.0]]
        """
        columns = counts(events=self.events, competing=self.competing, censored=self.censored)
        times, _ = validate.arrays(times=self.times, events=self.events)
        if times.size:
            validate.between("times", float(times.min()), 0, math.inf)
        kept = sum(columns) > 0
        distinct, place = np.unique(times[kept], return_inverse=True)
        return distinct, *(
            np.bincount(place, weights=column[kept], minlength=distinct.size) for column in columns
        )
