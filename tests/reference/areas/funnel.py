"""Funnels: what a case calls a start, a tie and a window, put in the words of the rules."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from cxresearch.journeys import CountingRules, Funnel, Prepared, funnel, prepare
from tests.reference.areas.shapes import pick

_SECONDS = {
    "min": 60,
    "minute": 60,
    "minutes": 60,
    "s": 1,
    "sec": 1,
    "second": 1,
    "seconds": 1,
    "h": 3600,
    "hour": 3600,
    "hours": 3600,
    "day": 86400,
    "days": 86400,
}


def answer(given: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Count one funnel per key: the key says from which start and with which ties."""
    prepared = _prepared(given)
    users = given.get("users") or sorted({_user(event) for event in given["events"]})
    found: dict[str, Any] = {}
    for key in expected:
        counted = _funnel(prepared, given, key, len(users))
        value = _value(counted, key)
        found[key] = value
    return found


def _prepared(given: dict[str, Any]) -> Prepared:
    origin = pd.Timestamp("2026-05-01")
    rows = [
        {
            "customer_id": str(_user(event)),
            "ts": origin + pd.Timedelta(seconds=_time(event, given))
            if isinstance(_raw_time(event), int | float)
            else pd.Timestamp(_raw_time(event)).tz_convert(None),
            "event": str(pick(event, "step", "event", "page")),
            "seq": pick(event, "seq", "order", default=0),
        }
        for event in given["events"]
    ]
    frame = pd.DataFrame(rows, columns=["customer_id", "ts", "event", "seq"])
    ordered = any("seq" in event for event in given["events"])
    return prepare(frame, tie_break="seq" if ordered else None)


def _user(event: dict[str, Any]) -> Any:
    return pick(event, "user", "customer")


def _raw_time(event: dict[str, Any]) -> Any:
    return pick(event, "minute", "day", "t", "time", default=0)


def _time(event: dict[str, Any], given: dict[str, Any]) -> float:
    """Return seconds; a bare time counts in the unit of the window, minutes without one."""
    units = ("minute", "min", "second", "sec", "hour", "day")
    window = next((name for name in given if name.startswith("window")), "window_min")
    unit = next((name for name in units if name in event), window.rsplit("_", 1)[-1])
    return float(_raw_time(event)) * _SECONDS.get(unit, 60)


def _duration(given: dict[str, Any], what: str) -> float | None:
    """Return the seconds of the first entry called `what`, whose name may end in its unit."""
    for name, value in given.items():
        if name.startswith(what) and isinstance(value, int | float):
            return float(value) * _SECONDS.get(name.rsplit("_", 1)[-1], 60)
    return None


def _funnel(prepared: Prepared, given: dict[str, Any], key: str, users: int) -> Funnel:
    words = f"{key} {pick(given, 'order', default='')}".lower()
    window = _duration(given, "window")
    end = next(
        (
            e
            for n in ("end", "observed", "observation", "censor", "horizon")
            if (e := _duration(given, n)) is not None
        ),
        None,
    )
    order: Any = "ordered"
    later = re.search("strict_time|later|strictly", words)
    rules = CountingRules(
        order=order,
        window_s=window if window and "no_window" not in words else float("inf"),
        window_from="previous" if re.search("previous|between_steps|per_step", words) else "start",
        reentry="first" if "first" in words else "any",
        ties="later" if later else "row order",
        immature="exclude" if "matur" in words else "keep",
    )
    until = None if end is None else pd.Timestamp("2026-05-01") + pd.Timedelta(seconds=end)
    return funnel(
        prepared,
        [step if isinstance(step, str) else tuple(step) for step in given["steps"]],
        rules=rules,
        optional=given.get("optional", []),
        exclude=_listed(pick(given, "exclude", default=[])),
        population=users,
        observed_until=until,
    )


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _value(found: Funnel, key: str) -> Any:
    steps = found.steps
    name = key.lower()
    if "entry_rate" in name or "entered_share" in name:
        return found.entered.value
    if "step_rate" in name or "step_conversion" in name:
        return [step.step_rate.value for step in steps[1:]]
    if re.search("overall|conversion|rate", name):
        return found.rate.value
    return [step.units for step in steps]
