"""What counts as one visit, the rule that abandonment, conversion and traffic share."""

from __future__ import annotations

from typing import Literal

import narwhals as nw

from cxresearch import frames
from cxresearch.remarks import Remark

Unit = Literal["session", "customer"]

#: What identifies one unit; a session's name may be used again for another customer.
UNITS: dict[Unit, tuple[str, ...]] = {
    "session": ("customer_id", "session_id"),
    "customer": ("customer_id",),
}

_NO_SESSION = "events without a session left out: {count}"
_NEEDS_SESSION = Remark("needs session_id, which no event has")


def with_session(events: frames.Frame) -> tuple[frames.Frame, tuple[Remark, ...]]:
    """Return the events that have a session, and a remark on those that have none."""
    missing = nw.col("session_id").is_null()
    without, with_one = frames.count(events, missing), frames.count(events, ~missing)
    if not without:
        return events, ()
    remark = Remark(_NO_SESSION, {"count": without}) if with_one else _NEEDS_SESSION
    return events.filter(~missing), (remark,)
