"""What is watched of contacts between shop and customer: tickets, messages, advertising."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch import engine
from cxresearch.core.remarks import Remark
from cxresearch.engine import frames
from cxresearch.engine.windows import DAY_US
from cxresearch.findings.measures import Measure
from cxresearch.findings.traits import grouped
from cxresearch.findings.watched_series import Units, Watched, units_of
from cxresearch.findings.weeks import Weeks

if TYPE_CHECKING:
    from cxresearch.study import Study

#: Within how many days a ticket must be solved.
_DAYS_TO_SOLVE = 7


def contact_units(study: Study, weeks: Weeks) -> Iterator[Units]:
    """Yield what is measured of tickets, messages and advertising.

    Parameters
    ----------
    study : Study
        The study.
    weeks : Weeks
        Its weeks; a ticket is in the week in which it was opened.
    """
    if study.has("tickets"):
        yield _tickets(study, weeks)
    if study.has("messages"):
        yield _messages(study, weeks)
    if study.has("marketing", "clicks") and study.has("marketing", "impressions"):
        yield _advertising(study, weeks)


def _tickets(study: Study, weeks: Weeks) -> Units:
    tickets = frames.without_blanks(study.frame("tickets"), frames.IDS).with_columns(
        nw.coalesce(nw.col("customer_id"), nw.col("ticket_id")).alias(frames.CLUSTER),
        week=weeks.of_day(nw.col("day")),
    )
    wait_us = nw.col("first_response_us") - nw.col("opened_us")
    usual = _usual_waits(tickets.with_columns(wait=wait_us))
    long_us = nw.lit(max(usual.values(), default=0))
    for channel, limit in usual.items():
        long_us = nw.when(nw.col("channel").fill_null("") == channel).then(limit).otherwise(long_us)
    # A ticket of the last days may still be answered, or solved, in time.
    old = frames.indicator(nw.col("week") < weeks.count - 1)
    solved_us = nw.col("resolved_us") - nw.col("opened_us")
    unsolved = frames.indicator(solved_us.is_null() | (solved_us > _DAYS_TO_SOLVE * DAY_US))
    one = nw.lit(1.0)
    every = _measure("every", Remark("Tickets"), "share")
    watched: list[Watched] = [(replace(every, is_scanned=False), one, one)]
    if study.has("tickets", "first_response"):
        # One that waits for its answer is late as soon as it has waited longer than usual.
        is_late = frames.one(wait_us.is_null() | (wait_us > long_us))
        base = nw.max_horizontal(old, frames.one(~wait_us.is_null()))
        what = Remark("Tickets answered later than nine in ten of their channel")
        watched.append((_measure("late", what, "share"), is_late * base, base))
    if study.has("tickets", "resolved"):
        watched.append(
            (
                _measure(
                    "unsolved",
                    Remark("Tickets not solved in {days} days", {"days": _DAYS_TO_SOLVE}),
                    "share",
                ),
                unsolved * old,
                old,
            )
        )
    if study.has("tickets", "reopened"):
        again = frames.indicator(nw.col("reopened").fill_null(value=False))
        watched.append((_measure("reopened", Remark("Tickets reopened"), "share"), again, one))
    return units_of(tickets, watched, grouped(study, "tickets"))


def _usual_waits(tickets: frames.Frame) -> dict[str, int]:
    """Return within how many microseconds nine in ten tickets of each channel are answered."""
    known = tickets.filter(nw.col("wait") >= 0).with_columns(by=nw.col("channel").fill_null(""))
    found = engine.quantiles(known.select("by", "wait"), ["by"], "wait", {"late": 0.9})
    return {str(row["by"]): int(row["late"]) for row in frames.rows(found)}


def _measure(name: str, what: Remark, unit: str) -> Measure:
    return Measure(
        name=f"ticket:{name}",
        kind="contact",
        what=what,
        unit=unit,
        better="less",
        stage="service",
        touchpoint="customer service",
    )


def _messages(study: Study, weeks: Weeks) -> Units:
    groups = grouped(study, "messages")
    kinds = nw.col("kind")
    sent = (
        frames.without_blanks(study.frame("messages"), frames.IDS)
        .group_by("message_id")
        .agg(
            nw.col("ts_us").min().alias("sent_us"),
            nw.col("customer_id").min().alias("customer_id"),
            *[nw.col(name).min().alias(name) for name in groups],
            **{
                kind: frames.one(kinds == kind).max()
                for kind in ("sent", "clicked", "unsubscribed")
            },
        )
    )
    rows = sent.with_columns(
        nw.coalesce(nw.col("customer_id"), nw.col("message_id")).alias(frames.CLUSTER),
        week=weeks.of_moment(nw.col("sent_us")),
    )
    watched = [
        (
            Measure(
                name=f"message:{kind}",
                kind="contact",
                what=what,
                unit="share",
                better=better,  # type: ignore[arg-type]
                stage="awareness",
                touchpoint="newsletter",
            ),
            nw.col(kind) * nw.col("sent"),
            nw.col("sent"),
        )
        for kind, what, better in (
            ("clicked", Remark("Messages clicked"), "more"),
            ("unsubscribed", Remark("Messages followed by an unsubscribe"), "less"),
        )
    ]
    return units_of(rows, watched, groups)


def _advertising(study: Study, weeks: Weeks) -> Units:
    rows = study.frame("marketing").with_columns(
        nw.col("day").cast(nw.String).alias(frames.CLUSTER),
        customer_id=nw.lit(None, dtype=nw.String),
        week=weeks.of_day(nw.col("day")),
    )
    measure = Measure(
        name="click_through",
        kind="contact",
        what=Remark("Impressions that are clicked"),
        unit="share",
        better="more",
        stage="awareness",
        counts="days",
    )
    x, y = nw.col("clicks").fill_null(0), nw.col("impressions").fill_null(0)
    return units_of(rows, [(measure, x, y)], grouped(study, "marketing"))
