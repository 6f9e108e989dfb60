"""What a funnel follows: its steps, and which ways through them count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import narwhals as nw

from cxresearch.core import validate
from cxresearch.engine.windows import observed_us, within
from cxresearch.journeys.counting_rules import CountingRules
from cxresearch.journeys.prepared import Prepared, require

if TYPE_CHECKING:
    from datetime import datetime

#: One event, or several of which any will do.
Step = str | Sequence[str]

#: The plural noun of what is counted.
NOUNS: dict[str, Literal["customers", "sessions", "orders"]] = {
    "customer": "customers",
    "session": "sessions",
    "order": "orders",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelSpec:
    """The steps of a funnel and the rules by which a unit's way through them counts.

    Parameters
    ----------
    prepared : Prepared
        The events.
    rules : CountingRules
        How they are counted.
    steps : tuple of tuple of str
        The events of each step; any of them will do.
    optional : frozenset of int
        The places of the steps that need not be reached to go on.
    exclude : tuple of str
        The events that must not come on the way.
    hold : str or None
        The carried column that is the same all the way.
    by : str or None
        The carried column whose value at the unit's first entry is the unit's group.
    observed_until_us : int
        The end of observation, in microseconds since 1970.
    """

    prepared: Prepared
    rules: CountingRules
    steps: tuple[tuple[str, ...], ...]
    optional: frozenset[int]
    exclude: tuple[str, ...]
    hold: str | None
    by: str | None
    observed_until_us: int

    def __post_init__(self) -> None:
        events = {event for step in self.steps for event in step}
        validate.whole("the number of steps", len(self.steps), low=2)
        if 0 in self.optional:
            raise ValueError(f"optional must be no first step; got {self.name(0)!r}")
        if clash := sorted(events & set(self.exclude)):
            raise ValueError(f"exclude must be events of no step; got {clash[0]!r}")
        for argument in ("hold", "by"):
            column = getattr(self, argument)
            if column is not None:
                validate.one_of(argument, column, self.prepared.carried)
        if self.rules.order == "any":
            validate.one_of("window_from in any order", self.rules.window_from, ("start",))
            if any(set(a) & set(b) for a, b in combinations(self.steps, 2)):
                raise ValueError(f"steps in any order must share no event; got {self.names!r}")
        require("steps", [event for step in self.steps for event in step], self.prepared.events)

    @classmethod
    def of(
        cls,
        prepared: Prepared,
        steps: Sequence[Step],
        *,
        rules: CountingRules,
        optional: Iterable[Step],
        exclude: Iterable[str],
        hold: str | None,
        by: str | None,
        observed_until: datetime | None,
    ) -> FunnelSpec:
        """Return the route that the arguments of :func:`cxresearch.journeys.funnel` describe."""
        followed = tuple(map(_events, validate.listed("steps", steps)))
        names = tuple(map(_name, followed))
        passed = [_name(_events(step)) for step in validate.listed("optional", optional)]
        skipped = [validate.one_of("optional", name, names) for name in passed]
        return cls(
            prepared=prepared,
            rules=rules,
            steps=followed,
            optional=frozenset(k for k, name in enumerate(names) if name in skipped),
            exclude=validate.listed("exclude", exclude),
            hold=hold,
            by=by,
            observed_until_us=observed_us(observed_until, prepared.tally.last_us),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the steps."""
        return tuple(map(self.name, range(len(self.steps))))

    def name(self, k: int) -> str:
        """Return the name of a step: its events."""
        return _name(self.steps[k])

    @property
    def required(self) -> tuple[int, ...]:
        """The places of the steps that must be reached to go on."""
        return tuple(k for k in range(len(self.steps)) if k not in self.optional)

    def before(self, k: int) -> int:
        """Return the step from which one comes to step `k`: the last required one before it."""
        return max(j for j in self.required if j < k)

    def sources(self, k: int) -> Sequence[int]:
        """Return the steps of which one must come last before step `k`.

        One right after the other, an optional step can stand between; else it is passed over.
        """
        before = self.before(k)
        return range(before, k) if self.rules.order == "strict" else (before,)

    @property
    def last_start_us(self) -> int | None:
        """The last moment of an entry whose time was observed to its end; None where any counts.

        With a window between steps the whole way has as many windows as required steps after the
        entry, and one more where an optional step comes last.
        """
        window = self.rules.window_us
        if window is None or self.rules.immature == "keep":
            return None
        last = len(self.steps) - 1
        hops = sum(1 for j in self.required if j < last) if self.from_previous else 1
        return self.observed_until_us - hops * window

    @property
    def from_previous(self) -> bool:
        """Whether the window runs from each step to the next."""
        return self.rules.window_from == "previous"

    def at(self, k: int) -> nw.Expr:
        """Return whether an event is one of step `k`."""
        return self.is_one_of(self.steps[k])

    def is_one_of(self, events: Iterable[str]) -> nw.Expr:
        """Return whether an event is one of `events`."""
        return nw.col("event").is_in([self.prepared.code(event) for event in events])

    def in_time(self, since_us: nw.Expr) -> nw.Expr:
        """Return whether an event is within the window of a moment; true without a window."""
        window = self.rules.window_us
        return nw.lit(True) if window is None else within(nw.col("ts_us") - since_us, window)


def _events(step: Step) -> tuple[str, ...]:
    events = (step,) if isinstance(step, str) else tuple(step)
    if not events:
        raise ValueError("steps must each have an event; got ()")
    return tuple(validate.filled("the event of a step", event) for event in events)


def _name(events: Sequence[str]) -> str:
    return " / ".join(events)
