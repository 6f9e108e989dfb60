"""Who came to the shop: what is one visit, where from, and how many ended in a purchase."""

from __future__ import annotations

from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from cxresearch import engine
from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.remarks import Remark
from cxresearch.core.unit_sums import RatioSums
from cxresearch.engine import frames
from cxresearch.engine.frames import stable
from cxresearch.kpis.kpi import Kpi, in_groups, kpi, over_all
from cxresearch.kpis.series import MONTH, Coverage, Ratio, share_of_clusters
from cxresearch.stats.shares.proportions import clustered_proportion
from cxresearch.study import plain_frames

if TYPE_CHECKING:
    import pandas as pd

Unit = Literal["session", "customer"]
#: What identifies one unit; a session's name may be used again for another customer.
UNITS: dict[Unit, tuple[str, ...]] = {
    "session": ("customer_id", "session_id"),
    "customer": ("customer_id",),
}
_NEEDED = ("event", "ts_us", "day", "customer_id", "session_id")
#: The channel of a session whose first event has none.
UNKNOWN = "unknown"
_NO_CUSTOMER = "events without a customer left out: {count}"
_NO_SESSION = "events without a session left out: {count}"
_NOT_LOGGED = "not measured, since no event is named: {names}"
_NEEDS_SESSION = Remark("needs session_id, which no event has")


@documented
def conversion_rate(
    events: frames.AnyFrame,
    *,
    purchase: str,
    unit: Unit = "session",
    by: str | None = None,
    confidence: float = 0.95,
) -> Kpi:
    """Return the share of sessions (or visitors) with a purchase.

    Parameters
    ----------
    events : frame
        A study's events; those without a session are no visit, are left out and
        counted in the note.
    purchase : str
        The event that buys.
    unit : {"session", "customer"}, default "session"
        What is counted: sessions, or customers with at least one session (visitors).
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        A share of sessions or of visitors, with `n` customers; nan with a note where no event is
        named so. By customer a month counts those who visited in it and bought in it.

    Raises
    ------
    %(missing_column)s
    %(not_allowed)s

    Notes
    -----
    The sessions of one customer are alike, so the interval is that of sessions in clusters
    (:func:`cxresearch.stats.shares.clustered_proportion`). By customer the rate grows with
    the length of the period.

    Examples
    --------
    >>> from cxresearch.kpis._example import EVENTS
    >>> conversion_rate(EVENTS, purchase="purchase").value
    0.5
    >>> round(conversion_rate(EVENTS, purchase="purchase", unit="customer").value, 2)
    0.67
    """
    validate.one_of("unit", unit, UNITS)
    every = plain_frames.lazy(events, "events", _NEEDED)
    _, unmeasured = logged(every, purchase)

    def within(rows: frames.AnyFrame) -> Kpi:
        found = plain_frames.lazy(rows, "events", ["event"])
        found = none_of(found) if unmeasured else found
        return _converted(found, purchase, unit, unmeasured, confidence)

    if by is None:
        return within(every)
    return in_groups(within, events, "events", by, unit=UNITS[unit], needed=_NEEDED)


def _converted(
    every: frames.Frame,
    purchase: str,
    unit: Unit,
    unmeasured: tuple[Remark, ...],
    confidence: float,
) -> Kpi:
    visits, remarks = with_session(every)
    remarks = (*unmeasured, *remarks)
    marked = visits.with_columns(
        month=MONTH, converted=frames.indicator(nw.col("event") == purchase)
    )
    coverage = partial(Coverage.of, every)
    if unit == "session":
        sessions = _units(marked, "customer_id", "session_id")
        rate = Ratio(sessions, "converted", "visit", "share", clustered_proportion, coverage)
        definition = "The share of sessions with a purchase."
        return over_all(rate, definition, *remarks, confidence=confidence)
    by_month = _units(marked.with_columns(period=nw.col("month")), "customer_id", "period")
    visitors = engine.materialised(by_month)
    rate = Ratio(visitors, "converted", "visit", "share", share_of_clusters, coverage)
    sums = frames.moments(_units(visitors, "customer_id"), ["converted", "visit"])
    whole = share_of_clusters(sums.ratio("converted", "visit"), confidence=confidence)
    definition = "The share of visitors (customers with a session) with a purchase in the period."
    return kpi(whole, definition, *remarks, series=rate)


@documented
def traffic_share(
    events: frames.AnyFrame, *, channel: str, by: str | None = None, confidence: float = 0.95
) -> Kpi:
    """Return the share of sessions that came through one channel.

    Parameters
    ----------
    events : frame
        A study's events, with their `channel`; those without a session are left out
        and counted in the note.
    channel : str
        The channel of a session's first event; ``"unknown"`` for none.
    %(by)s
    %(confidence)s

    Returns
    -------
    Kpi
        A share of sessions, with `n` customers.

    Raises
    ------
    %(missing_column)s

    Examples
    --------
    >>> from cxresearch.kpis._example import EVENTS
    >>> traffic_share(EVENTS, channel="email").value
    1.0
    """
    if by is not None:
        again = partial(traffic_share, channel=channel, confidence=confidence)
        return in_groups(again, events, "events", by, unit=("customer_id", "session_id"))
    every = plain_frames.lazy(events, "events", [*_NEEDED, "channel"])
    cells, remarks = _by_channel_and_month(every)
    through = frames.indicator(nw.col("channel") == channel)
    marked = cells.with_columns(through=nw.col("visit") * through)
    share = Ratio(
        rows=marked,
        x="through",
        y="visit",
        unit="share",
        estimate=clustered_proportion,
        reach=partial(Coverage.of, every),
    )
    definition = "The share of sessions whose first event came through the channel."
    return over_all(share, definition, *remarks, confidence=confidence)


@documented
def traffic_sources(events: frames.AnyFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Return where the sessions came from.

    Parameters
    ----------
    events : frame
        A study's events, with their `channel`; those without a session are left out.
    %(confidence)s

    Returns
    -------
    pandas.DataFrame
        One row per channel, the largest first: `channel` (that of a session's first event,
        ``"unknown"`` for none), `sessions`, their `share` with `share_low` and `share_high`, and
        the number of `customers` who came through it.

    Raises
    ------
    %(missing_column)s

    Notes
    -----
    Each share has its own interval, the customers being the independent units; the shares add up
    to 1, so the intervals are not for comparing two channels with each other.

    Examples
    --------
    >>> from cxresearch.kpis._example import EVENTS
    >>> traffic_sources(EVENTS)[["channel", "sessions", "share", "customers"]]
      channel  sessions  share  customers
    0   email         4    1.0          3
    """
    import pandas as pd

    every = plain_frames.lazy(events, "events", [*_NEEDED, "channel"])
    rows = frames.rows(_sums_by_channel(_by_channel_and_month(every)[0]))
    # The channels of a customer add up to all their sessions, so x to y and xy to yy.
    n, y, yy = (sum(row[name] for row in rows) for name in ("first", "x", "xy"))
    found = []
    for row in sorted(rows, key=lambda row: (-row["x"], row["channel"])):
        sums = RatioSums(n=int(n), x=row["x"], y=y, xx=row["xx"], xy=row["xy"], yy=yy)
        share = clustered_proportion(sums, confidence=confidence)
        shown = map(stable, (share.value, *share.ci))
        found.append([row["channel"], int(row["x"]), *shown, row["customers"]])
    columns = ["channel", "sessions", "share", "share_low", "share_high", "customers"]
    return pd.DataFrame(found, columns=columns)


def with_customer(events: frames.Frame, *asked: str) -> tuple[frames.Frame, tuple[Remark, ...]]:
    """Return the events (of some names) that have a customer, and a remark on those with none."""
    anonymous = _met(events, asked)["anonymous"]
    remark = (Remark(_NO_CUSTOMER, {"count": anonymous}),) if anonymous else ()
    return _named(events, asked).filter(frames.KNOWN), remark


def with_session(events: frames.Frame, *asked: str) -> tuple[frames.Frame, tuple[Remark, ...]]:
    """Return the events (of some names) with a customer and a session, and remarks on the rest."""
    met = _met(events, asked)
    remarks = [Remark(_NO_CUSTOMER, {"count": met["anonymous"]})] if met["anonymous"] else []
    if met["without"]:
        some = Remark(_NO_SESSION, {"count": met["without"]})
        remarks.append(some if met["with_one"] else _NEEDS_SESSION)
    kept = _named(events, asked).filter(frames.KNOWN & ~nw.col("session_id").is_null())
    return kept, tuple(remarks)


def logged(events: frames.Frame, *asked: str) -> tuple[frames.Frame, tuple[Remark, ...]]:
    """Return the events, or none of them and a remark where one that is asked for has no row.

    A name that no event has would make a rate of 0 or of 1, which looks like an answer. The
    remark has the names that are most like it.
    """
    known = [str(row["event"]) for row in _names(events)]
    missing = [name for name in asked if name not in known]
    if not missing or not known:
        return events, ()
    said = []
    for name in missing:
        near = get_close_matches(name, sorted(known), n=1)
        said.append(f"{name} ({near[0]}?)" if near else name)
    return none_of(events), (Remark(_NOT_LOGGED, {"names": ", ".join(said)}),)


def _names(events: frames.Frame) -> list[dict[str, Any]]:
    """Return each name of an event, and how many rows of it lack a customer, or a session."""

    def counted() -> list[dict[str, Any]]:
        has_session = "session_id" in events.collect_schema().names()
        missing = nw.col("session_id").is_null() if has_session else frames.KNOWN
        kinds = {
            "anonymous": ~frames.KNOWN,
            "without": frames.KNOWN & missing,
            "with_one": frames.KNOWN & ~missing,
        }
        marked = events.with_columns(**{kind: frames.indicator(of) for kind, of in kinds.items()})
        return frames.rows(marked.group_by("event").agg(nw.col(*kinds).sum()))

    return frames.once(events, "names", counted)


def _met(events: frames.Frame, asked: tuple[str, ...]) -> dict[str, int]:
    """Return how many events (of some names) lack a customer, lack a session, or lack neither."""
    met = [row for row in _names(events) if not asked or row["event"] in asked]
    kinds = ("anonymous", "without", "with_one")
    return {kind: int(sum(row[kind] for row in met)) for kind in kinds}


def _named(events: frames.Frame, asked: tuple[str, ...]) -> frames.Frame:
    return events.filter(nw.col("event").is_in(asked)) if asked else events


def none_of(events: frames.Frame) -> frames.Frame:
    """Return no row of some events."""
    return events.filter(nw.col("event") != nw.col("event"))


def _units(marked: frames.Frame, *keys: str) -> frames.Frame:
    """Return one row per unit with whether it converted, and the month it began in."""
    units = marked.group_by(*keys).agg(nw.col("converted").max(), nw.col("month").min())
    return units.with_columns(nw.col("customer_id").alias(frames.CLUSTER), visit=nw.lit(1.0))


def _arrivals(visits: frames.Frame) -> frames.Frame:
    """Return one row per session: its customer, its month, and the channel of its first event.

    Of first events at the same moment the first channel by name counts, so that the answer does
    not depend on the order of the rows.
    """
    keys = ("customer_id", "session_id")
    moments = visits.group_by(*keys).agg(nw.col("ts_us").min())
    first = visits.join(moments, on=[*keys, "ts_us"], how="semi").with_columns(month=MONTH)
    arrivals = first.group_by(*keys).agg(nw.col("channel", "month").min())
    return arrivals.with_columns(
        nw.col("customer_id").alias(frames.CLUSTER),
        nw.when(nw.col("channel").is_null())
        .then(nw.lit(UNKNOWN))
        .otherwise(nw.col("channel"))
        .alias("channel"),
    )


def _by_channel_and_month(
    every: frames.Frame,
) -> tuple[frames.Frame, tuple[Remark, ...]]:
    """Return the sessions (`visit`) of each customer by channel and month, and what is left out."""
    visits, remarks = with_session(every)

    def made() -> frames.Frame:
        arrivals = _arrivals(visits).with_columns(visit=nw.lit(1.0))
        cells = arrivals.group_by(frames.CLUSTER, "channel", "month").agg(nw.col("visit").sum())
        return engine.materialised(cells)

    return frames.once(every, "arrivals", made), remarks


def _sums_by_channel(arrivals: frames.Frame) -> frames.Frame:
    """Return one row per channel with its part of the sums: x its sessions, y a customer's own.

    A customer is `first` in one of their channels, the least by name.
    """
    cells = arrivals.group_by(frames.CLUSTER, "channel").agg(nw.col("visit").sum().alias("x"))
    own = cells.with_columns(
        y=nw.col("x").sum().over(frames.CLUSTER),
        least=nw.col("channel").min().over(frames.CLUSTER),
    )
    by_channel = own.with_columns(
        xx=nw.col("x") * nw.col("x"),
        xy=nw.col("x") * nw.col("y"),
        first=frames.indicator(nw.col("channel") == nw.col("least")),
    )
    return by_channel.group_by("channel").agg(
        nw.col("x", "xx", "xy", "first").sum(), nw.len().alias("customers")
    )
