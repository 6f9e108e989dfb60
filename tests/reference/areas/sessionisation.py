"""Sessions: how many, how large, how long; our rule is that a longer gap ends one."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from cxresearch.journeys import Prepared, prepare
from tests.reference.areas.shapes import called, pick

_MICROSECOND_MIN = 1 / 60000000


def answer(given: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Prepare the events and count; a key that ends in ``_if_gap_ge`` asks for the other rule."""
    limit = float(pick(given, "timeout_min", "gap_min", "timeout", default=30))
    zone = ZoneInfo(pick(given, "tz", default="UTC"))
    ours = _answers(_prepared(given, limit, zone), zone)
    other = _answers(_prepared(given, limit - _MICROSECOND_MIN, zone), zone)
    found = {f"{key}_if_gap_gt": value for key, value in ours.items()}
    found |= {f"{key}_if_gap_ge": value for key, value in other.items()}
    found |= ours
    return {key: found[key] for key in expected if key in found}


def _prepared(given: dict[str, Any], limit: float, zone: ZoneInfo) -> Prepared:
    events = given["events"]
    ids = any("event_id" in event or "id" in event for event in events)
    ordered = any("seq" in event for event in events)
    rows = [
        {
            "customer_id": str(pick(event, "user", "customer", default="u")),
            "ts": _moment(pick(event, "t", "time", "minute", default=0), zone),
            "event": str(pick(event, "event", "page", "step", default="event")),
            **({"event_id": str(pick(event, "event_id"))} if ids else {}),
            **({"seq": event["seq"]} if ordered else {}),
        }
        for event in events
    ]
    frame = pd.DataFrame(rows)
    return prepare(frame, gap_minutes=limit, tie_break="seq" if ordered else None)


def _moment(time: Any, zone: ZoneInfo) -> pd.Timestamp:
    """Return a moment in UTC; a number counts minutes, a time without an offset is of the zone."""
    moment = pd.Timestamp(time)
    return (moment.tz_localize(zone) if moment.tz is None else moment).tz_convert("UTC")


def _answers(prepared: Prepared, zone: ZoneInfo) -> dict[str, Any]:
    rows = pd.DataFrame(prepared.steps("session").collect().rows(named=True))
    rows = rows.sort_values(["customer_id", "journey_step"])
    by_session = rows.groupby("unit", sort=False)
    sizes = by_session.size().tolist()
    spans = (by_session["ts_us"].max() - by_session["ts_us"].min()) / 1000000
    starts = pd.to_datetime(by_session["ts_us"].min(), unit="us", utc=True).dt.tz_convert(zone)
    gaps = rows.groupby("customer_id")["ts_us"].diff().dropna() / 60000000
    rows.groupby("customer_id")["unit"].nunique()
    days = [day.isoformat() for day in starts.dt.date]
    spans.tolist()
    one = len(sizes) == 1
    return {
        **called(prepared.tally.sessions, "sessions", "n_sessions"),
        **called(sizes, "sizes"),
        **called(prepared.tally.events, "events"),
        **called(gaps.tolist()[0] if len(gaps) == 1 else gaps.tolist(), "gap_min"),
        **called(days[0] if one else days, "day"),
        **called([prepared.events[code] for code in rows["event"]], "order", "path"),
    }
