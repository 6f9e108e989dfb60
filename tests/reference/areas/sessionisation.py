"""Sessions: how many, how large, how long; our rule is that a longer gap ends one."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from cxresearch.journeys import Prepared, prepare
from tests.reference.areas.shapes import called, pick

#: The least time the kit tells apart: a gap of at least the limit is one above it less this.
_MICROSECOND_MIN = 1 / 60_000_000


def answer(given: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Prepare the events and count; a key that ends in ``_if_gap_ge`` asks for the other rule."""
    limit = float(pick(given, "timeout_min", "gap_min", "timeout", "gap_minutes", default=30))
    zone = ZoneInfo(pick(given, "tz", "time_zone", "timezone", "zone", default="UTC"))
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
            "customer_id": str(
                pick(event, "user", "customer", "customer_id", "user_id", default="u")
            ),
            "ts": _moment(pick(event, "t", "ts", "time", "timestamp", "minute", default=0), zone),
            "event": str(pick(event, "event", "page", "name", "step", default="event")),
            **({"event_id": str(pick(event, "event_id", "id"))} if ids else {}),
            **({"seq": event["seq"]} if ordered else {}),
        }
        for event in events
    ]
    frame = pd.DataFrame(rows)
    return prepare(frame, gap_minutes=limit, tie_break="seq" if ordered else None)


def _moment(time: Any, zone: ZoneInfo) -> pd.Timestamp:
    """Return a moment in UTC; a number counts minutes, a time without an offset is of the zone."""
    if isinstance(time, int | float):
        return pd.Timestamp("2026-05-01", tz="UTC") + pd.Timedelta(minutes=time)
    moment = pd.Timestamp(time)
    return (moment.tz_localize(zone) if moment.tz is None else moment).tz_convert("UTC")


def _answers(prepared: Prepared, zone: ZoneInfo) -> dict[str, Any]:
    rows = pd.DataFrame(prepared.steps("session").collect().rows(named=True))
    rows = rows.sort_values(["customer_id", "journey_step"])
    by_session = rows.groupby("unit", sort=False)
    sizes = by_session.size().tolist()
    spans = (by_session["ts_us"].max() - by_session["ts_us"].min()) / 1_000_000
    starts = pd.to_datetime(by_session["ts_us"].min(), unit="us", utc=True).dt.tz_convert(zone)
    gaps = rows.groupby("customer_id")["ts_us"].diff().dropna() / 60_000_000
    per_user = rows.groupby("customer_id")["unit"].nunique()
    days = [day.isoformat() for day in starts.dt.date]
    seconds = spans.tolist()
    one = len(sizes) == 1
    return {
        **called(prepared.tally.sessions, "sessions", "n_sessions", "session_count"),
        **called(sizes, "sizes", "session_sizes", "events_per_session", "lengths"),
        **called(prepared.tally.events, "n_events", "events", "events_kept", "unique_events"),
        **called(prepared.tally.copies, "duplicates", "n_duplicates", "copies", "dropped"),
        **called(gaps.tolist()[0] if len(gaps) == 1 else gaps.tolist(), "gap_min", "gaps_min"),
        **called(seconds[0] if one else seconds, "duration_s", "duration_sec", "duration"),
        **called(seconds, "durations_s", "durations", "durations_sec"),
        **called(seconds[0] / 60 if one else [s / 60 for s in seconds], "duration_min"),
        **called([s / 60 for s in seconds], "durations_min"),
        **called(days[0] if one else days, "session_day", "day", "session_date", "date"),
        **called(days, "session_days", "days", "session_dates", "dates"),
        **called(per_user.to_dict(), "sessions_per_user", "per_user", "sessions_by_user"),
        **called(int(sum(size == 1 for size in sizes)), "single_event_sessions", "bounces"),
        **called([prepared.events[code] for code in rows["event"]], "order", "sequence", "path"),
    }
