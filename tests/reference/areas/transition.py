"""Transitions: who goes on from which page to which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cxresearch.journeys import Cells, prepare, transitions
from tests.reference.areas.shapes import pick

_TIMES = {"t": 10**6, "ts": 10**6, "time": 10**6, "second": 10**6, "minute": 60 * 10**6}
_NAMES = {
    **dict.fromkeys(("user", "case"), "customer_id"),
    **dict.fromkeys(("page", "step"), "event"),
    "session": "session_id",
}
_TIES = ("seq", "order")
_NO_TIMEOUT = 10**9


def answer(given: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Count the transitions of a case under each convention that its expected answer names."""
    return {key: _answer(given, key, like) for key, like in expected.items()}


def _answer(given: Mapping[str, Any], key: str, like: Any) -> Any:
    log = _log(given)
    asked = " ".join([key, *(name for name, value in given.items() if value is True)])
    tie = next((name for name in _TIES if name in log), None)
    prepared = prepare(
        log,
        sessions="given" if "session_id" in log else "gap",
        gap_minutes=float(pick(given, "timeout_min", "gap_min", default=_NO_TIMEOUT)),
        tie_break=None if "input_order" in asked else tie,
    )
    ends = any(word in asked for word in ("start", "exit", "end")) or "start" in str(like)
    found = transitions(
        prepared,
        start_exit=ends and "without_start" not in asked,
        collapse_loops=any(word in asked for word in ("collapse", "no_loop", "without_loop")),
        intervals=False,
        times=False,
    )
    shares = any(word in asked for word in ("prob", "share", "rate"))
    return _nested(found, "share" if shares else "count", like)


def _log(given: Mapping[str, Any]) -> pd.DataFrame:
    events = pd.DataFrame(pick(given, "events"))
    log = events.rename(columns={old: new for old, new in _NAMES.items() if old in events})
    time = next(name for name in _TIMES if name in log)
    moments = log[time] * _TIMES[time]
    named = log.drop(columns=time).astype({"customer_id": str, "event": str})
    return named.assign(ts_us=moments.astype("int64"))


def _nested(found: Cells, column: str, like: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Return one column by source and target, for the cells of the expected answer."""
    value = {
        (_plain(row["source"]), _plain(row["target"])): row[column]
        for row in found.frame.to_dict("records")
    }
    return {
        source: {target: value.get((_plain(source), _plain(target)), 0) for target in targets}
        for source, targets in like.items()
    }


def _plain(name: str) -> str:
    """Return an event's name, the start and the exit being spelled in many ways."""
    inner = name.strip("()<>_").lower()
    return {"start": "(start)", "exit": "(exit)", "end": "(exit)"}.get(inner, name)
