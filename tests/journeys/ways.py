"""Every way of a unit through the steps of a funnel, searched for one by one in plain Python.

No running maximum and no chain of minima: a way is a list of events, and all are tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from cxresearch.journeys import Prepared
from cxresearch.journeys._funnel_units import FunnelSpec


@dataclass(frozen=True)
class Event:
    """One event of a unit."""

    name: str
    ts_us: int
    at: int
    held: object = None


Key = tuple[str, object]


def reached(route: FunnelSpec) -> dict[Key, set[int]]:
    """Return the steps that each unit with an entry reached."""
    entered = {
        key: events
        for key, events in units(route.prepared, route).items()
        if any(event.name in route.steps[0] for event in events)
    }
    return {key: steps_reached(events, route) for key, events in entered.items()}


def units(prepared: Prepared, route: FunnelSpec) -> dict[Key, list[Event]]:
    """Return the events of each unit in order; those without a value of the held column not."""
    found: dict[Key, list[Event]] = {}
    rows = prepared.steps(route.rules.unit).collect().rows(named=True)
    for row in sorted(rows, key=lambda row: row["journey_step"]):
        held = row[route.hold] if route.hold else "all"
        if held is None:
            continue
        event = Event(prepared.events[row["event"]], row["ts_us"], row["journey_step"], held)
        found.setdefault((row["customer_id"], row["unit"]), []).append(event)
    return found


def steps_reached(events: list[Event], route: FunnelSpec) -> set[int]:
    """Return the steps that a unit with these events reached."""
    entries = [event for event in events if event.name in route.steps[0]]
    if route.rules.reentry == "first":
        entries = entries[:1]
    if route.last_start_us is not None:
        entries = [event for event in entries if event.ts_us <= route.last_start_us]
    found: set[int] = set()
    for entry in entries:
        alike = [event for event in events if event.held == entry.held]
        if route.rules.order == "any":
            found |= set(_together(alike, alike.index(entry), route))
        else:
            found |= set(_onwards(alike, [(0, alike.index(entry))], route))
    return found


def _onwards(events: list[Event], way: list[tuple[int, int]], route: FunnelSpec) -> Iterator[int]:
    """Yield the steps that a way comes to, and all ways on from it."""
    step, place = way[-1]
    yield step
    for k in range(step + 1, len(route.steps)):
        if not _may_follow(step, k, route):
            continue
        for later in range(place + 1, len(events)):
            if events[later].name in route.steps[k] and _counts(events, way, later, route):
                yield from _onwards(events, [*way, (k, later)], route)


def _may_follow(step: int, k: int, route: FunnelSpec) -> bool:
    """Return whether step `k` may be the next after a step: none required lies between."""
    if any(j not in route.optional for j in range(step + 1, k)):
        return False
    return step not in route.optional or route.rules.order == "strict"


def _counts(events: list[Event], way: list[tuple[int, int]], later: int, route: FunnelSpec) -> bool:
    start, last = way[0][1], way[-1][1]
    rules = route.rules
    if rules.order == "strict" and later != last + 1:
        return False
    if rules.ties == "later" and events[later].ts_us == events[last].ts_us:
        return False
    if any(event.name in route.exclude for event in events[start:later]):
        return False
    since = start if rules.window_from == "start" else last
    return events[later].ts_us - events[since].ts_us <= rules.window_s * 1_000_000


def _together(events: list[Event], entry: int, route: FunnelSpec) -> Iterator[int]:
    """Yield the steps that are reached with an entry, whatever their order."""
    for k in range(len(route.steps)):
        needed = [j for j in range(1, k + 1) if j == k or j not in route.optional]
        choices = [
            [i for i, event in enumerate(events) if event.name in route.steps[j]] for j in needed
        ]
        for chosen in product([entry], *choices):
            span = events[min(chosen) : max(chosen) + 1]
            short = span[-1].ts_us - span[0].ts_us <= route.rules.window_s * 1_000_000
            if short and not any(event.name in route.exclude for event in span):
                yield k
                break
