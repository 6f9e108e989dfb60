"""The counting rules: what is counted, in which order, within which time, for whom.

Every view of a journey (funnel, transitions, paths, drop-off, lift) counts by one of these, so
numbers that must agree are counted the same way, and :func:`reconcile` checks that they do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from cxresearch.core import validate
from cxresearch.core.remarks import Amount, Remark
from cxresearch.errors import ReconciliationError

if TYPE_CHECKING:
    import pandas as pd

Unit = Literal["customer", "session", "order"]
UNITS: tuple[Unit, ...] = ("customer", "session", "order")
Order = Literal["ordered", "strict", "any"]
WindowFrom = Literal["start", "previous"]
Reentry = Literal["any", "first"]
Ties = Literal["row order", "later"]
Immature = Literal["exclude", "keep"]

_DAY_S = 86_400
_UNITS_S = {"days": _DAY_S, "hours": 3_600}
_ORDERED: dict[Order, Remark] = {
    "ordered": Remark("steps in order"),
    "strict": Remark("steps one right after the other"),
    "any": Remark("steps in any order"),
}
_WITHIN: dict[WindowFrom, str] = {
    "start": "within {time} of the start",
    "previous": "within {time} of the step before",
}
_ENTERED: dict[Reentry, Remark] = {
    "any": Remark("from any entry"),
    "first": Remark("from the first entry"),
}
_TIED: dict[Ties, Remark] = {
    "row order": Remark("tied events in the order of the rows, oldest first"),
    "later": Remark("a step only at a later moment than the one before"),
}
_UNOBSERVED: dict[Immature, Remark] = {
    "exclude": Remark("entries whose window was not observed to its end left out"),
    "keep": Remark("entries whose window was not observed to its end kept"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingRules:
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
        it in the order of the prepared table (that of the rows, read from their oldest end), or
        must be later.
    immature : {"exclude", "keep"}, default "exclude"
        What becomes of entries whose window ends after the last moment that was observed: left out
        of the base and counted apart, or kept (which makes every rate too small).

    Raises
    ------
    ValueError
        If an argument is none of what is allowed.

    Examples
    --------
    >>> from cxresearch.core.languages import Language
    >>> words = CountingRules(order="any", reentry="first").remark.words(Language("en")).split("; ")
    >>> words[:3]
    ['customers', 'steps in any order', 'no window']
    >>> words[3:]
    ['from the first entry', 'tied events in the order of the rows, oldest first']
    """

    unit: Unit = "customer"
    order: Order = "ordered"
    window_s: float = math.inf
    window_from: WindowFrom = "start"
    reentry: Reentry = "any"
    ties: Ties = "row order"
    immature: Immature = "exclude"

    def __post_init__(self) -> None:
        validate.one_of("unit", self.unit, UNITS)
        validate.one_of("order", self.order, _ORDERED)
        if self.window_s != math.inf:
            validate.positive("window_s", self.window_s)
        validate.one_of("window_from", self.window_from, _WITHIN)
        validate.one_of("reentry", self.reentry, _ENTERED)
        validate.one_of("ties", self.ties, _TIED)
        validate.one_of("immature", self.immature, _UNOBSERVED)

    @property
    def window_us(self) -> int | None:
        """The window in microseconds; None for no window."""
        return None if self.window_s == math.inf else round(self.window_s * 1_000_000)

    @property
    def remark(self) -> Remark:
        """All the rules in a few words, for reports."""
        parts = [
            Remark(f"{self.unit}s"),
            _ORDERED[self.order],
            self._window,
            _ENTERED[self.reentry],
            _TIED[self.ties],
            *([] if self.window_us is None else [_UNOBSERVED[self.immature]]),
        ]
        names = [f"part_{number}" for number, _ in enumerate(parts)]
        message = "; ".join(f"{{{name}}}" for name in names)
        return Remark(message, dict(zip(names, parts, strict=True)))

    @property
    def _window(self) -> Remark:
        if self.window_us is None:
            return Remark("no window")
        whole = (
            unit for unit, s in _UNITS_S.items() if self.window_s > s and self.window_s % s == 0
        )
        unit = next(whole, "s")
        length = Amount(self.window_s / _UNITS_S.get(unit, 1), unit)
        return Remark(_WITHIN[self.window_from], {"time": length})


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
    return validate.positive("number", number) * _DAY_S


class Checked(Protocol):
    """A result that says what must agree of it."""

    def checks(self) -> Iterator[tuple[str, float, float]]:
        """Yield what must agree: what it is, and the two numbers."""


def reconcile(*results: Checked) -> pd.DataFrame:
    """Check that the numbers of results that must agree do; a report calls it, and fails if not.

    Parameters
    ----------
    *results : Checked
        Funnels, paths, transitions and all other results of journeys with `checks()`.

    Returns
    -------
    pandas.DataFrame
        One row per check: `result` (its kind), `what`, `left`, `right` and `agrees`, all true.

    Raises
    ------
    TypeError
        If a result has no checks.
    ReconciliationError
        If numbers differ; all that do are listed.

    Examples
    --------
    >>> from cxresearch.journeys import funnel
    >>> from cxresearch.journeys._example import PREPARED
    >>> reconcile(funnel(PREPARED, ["view", "buy"]))[["what", "left", "right"]].head(2)
                                              what  left  right
    0  customers = customers of the prepared table     3      3
    1       customers at view = rows of their list     3      3
    """
    import pandas as pd

    rows = [row for result in results for row in _rows(result)]
    columns = ["result", "what", "left", "right", "agrees"]
    table = pd.DataFrame(rows, columns=columns)
    faults = [
        f"{kind}: {what}: {left} and {right}"
        for kind, what, left, right, agrees in rows
        if not agrees
    ]
    if faults:
        raise ReconciliationError("\n  ".join(["numbers that must agree do not:", *faults]))
    return table


def _rows(result: Checked) -> Iterator[tuple[str, str, float, float, bool]]:
    if not hasattr(result, "checks"):
        raise TypeError(f"results must have checks; got {result!r}")
    for what, left, right in result.checks():
        yield type(result).__name__, what, left, right, left == right
