"""The counting contract: what is counted, in which order, within which time, for whom.

Every view of a journey (funnel, transitions, paths, drop-off, lift) counts by one of these, so
numbers that must agree are counted the same way, and :func:`cxresearch.journeys.reconcile` checks
that they do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from cxresearch import _checks

Unit = Literal["customer", "session", "order"]
UNITS: tuple[Unit, ...] = ("customer", "session", "order")
Order = Literal["ordered", "strict", "any"]
ORDERS: tuple[Order, ...] = ("ordered", "strict", "any")
WindowFrom = Literal["start", "previous"]
WINDOW_FROM: tuple[WindowFrom, ...] = ("start", "previous")
Reentry = Literal["any", "first"]
REENTRIES: tuple[Reentry, ...] = ("any", "first")
Ties = Literal["row order", "later"]
TIES: tuple[Ties, ...] = ("row order", "later")
Immature = Literal["exclude", "keep"]
IMMATURE: tuple[Immature, ...] = ("exclude", "keep")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """How journeys are counted.

    Parameters
    ----------
    unit : {"customer", "session", "order"}, default "customer"
        What is counted once, however many events it has. Intervals always take the customer as
        the independent unit.
    order : {"ordered", "strict", "any"}, default "ordered"
        Whether step k + 1 must come after step k, must be the very next event, or all steps count
        in whatever order they come.
    window_s : float, default inf
        The time a unit has, in seconds; the end of it belongs to it.
    window_from : {"start", "previous"}, default "start"
        Whether the window runs from the entry into the first step, or from each step to the next.
    reentry : {"any", "first"}, default "any"
        Whether any of a unit's entries may be the start of its way, or only the first.
    ties : {"row order", "later"}, default "row order"
        Whether an event at the same moment as the step before may follow it, where it comes after
        it in the order of the prepared table, or must be later.
    immature : {"exclude", "keep"}, default "exclude"
        What becomes of entries whose window ends after the last moment that was observed: left out
        of the base and counted apart, or kept (which makes every rate too small).

    Raises
    ------
    ValueError
        If an argument is none of what is allowed.

    Examples
    --------
    >>> Contract(window_s=3600).words
    'customers, steps in order, within 3600 s of the start, any entry'
    """

    unit: Unit = "customer"
    order: Order = "ordered"
    window_s: float = math.inf
    window_from: WindowFrom = "start"
    reentry: Reentry = "any"
    ties: Ties = "row order"
    immature: Immature = "exclude"

    def __post_init__(self) -> None:
        _checks.one_of("unit", self.unit, UNITS)
        _checks.one_of("order", self.order, ORDERS)
        if self.window_s != math.inf:
            _checks.positive("window_s", self.window_s)
        _checks.one_of("window_from", self.window_from, WINDOW_FROM)
        _checks.one_of("reentry", self.reentry, REENTRIES)
        _checks.one_of("ties", self.ties, TIES)
        _checks.one_of("immature", self.immature, IMMATURE)

    @property
    def window_us(self) -> int | None:
        """The window in microseconds; None for no window."""
        return None if self.window_s == math.inf else round(self.window_s * 1_000_000)

    @property
    def words(self) -> str:
        """The contract in a few words, as reports show it."""
        within = ""
        if self.window_us is not None:
            since = {"start": "the start", "previous": "the step before"}[self.window_from]
            within = f", within {self.window_s:g} s of {since}"
        order = {
            "ordered": "in order",
            "strict": "one right after the other",
            "any": "in any order",
        }
        return f"{self.unit}s, steps {order[self.order]}{within}, {self.reentry} entry"


def days(number: float) -> float:
    """Return a number of days as the seconds of a window.

    Raises
    ------
    ValueError
        If it is not above 0.

    Examples
    --------
    >>> days(7)
    604800.0
    """
    return _checks.positive("number", number) * 86_400
