"""What counts as one visit, the rule that abandonment, conversion and traffic share."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Literal

import narwhals as nw

from cxresearch.core.remarks import Remark
from cxresearch.engine import frames

Unit = Literal["session", "customer"]

#: What identifies one unit; a session's name may be used again for another customer.
UNITS: dict[Unit, tuple[str, ...]] = {
    "session": ("customer_id", "session_id"),
    "customer": ("customer_id",),
}

_NO_CUSTOMER = "events without a customer left out: {count}"
_NO_SESSION = "events without a session left out: {count}"
_NOT_LOGGED = "not measured, since no event is named: {names}"
_NEEDS_SESSION = Remark("needs session_id, which no event has")


def with_customer(events: frames.Frame) -> tuple[frames.Frame, tuple[Remark, ...]]:
    """Return the events that name their customer, and a remark on those that do not."""
    without = frames.count(events, ~frames.KNOWN)
    remark = (Remark(_NO_CUSTOMER, {"count": without}),) if without else ()
    return events.filter(frames.KNOWN), remark


def with_session(events: frames.Frame) -> tuple[frames.Frame, tuple[Remark, ...]]:
    """Return the events that have a customer and a session, and remarks on those that have none."""
    missing = nw.col("session_id").is_null()
    seen = frames.counts(
        events,
        anonymous=~frames.KNOWN,
        without=frames.KNOWN & missing,
        with_one=frames.KNOWN & ~missing,
    )
    remarks = [Remark(_NO_CUSTOMER, {"count": seen["anonymous"]})] if seen["anonymous"] else []
    if seen["without"]:
        some = Remark(_NO_SESSION, {"count": seen["without"]})
        remarks.append(some if seen["with_one"] else _NEEDS_SESSION)
    return events.filter(frames.KNOWN & ~missing), tuple(remarks)


def logged(events: frames.Frame, *asked: str) -> tuple[frames.Frame, tuple[Remark, ...]]:
    """Return the events, or none of them and a remark where one that is asked for has no row.

    A name that no event has would make a rate of 0 or of 1, which looks like an answer. The
    remark has the names that are most like it.
    """
    seen = frames.counts(events, **{name: nw.col("event") == name for name in asked})
    missing = [name for name in asked if not seen[name]]
    if not missing:
        return events, ()
    known = [str(row["event"]) for row in frames.rows(events.select("event").unique())]
    if not known:
        return events, ()
    said = []
    for name in missing:
        near = get_close_matches(name, sorted(known), n=1)
        said.append(f"{name} ({near[0]}?)" if near else name)
    return events.filter(nw.col("event") != nw.col("event")), (
        Remark(_NOT_LOGGED, {"names": ", ".join(said)}),
    )
