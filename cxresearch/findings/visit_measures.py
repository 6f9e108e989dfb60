"""What is watched of visits: errors, steps, waits, contacts and what follows a purchase."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch import journeys
from cxresearch.core.remarks import Remark
from cxresearch.engine import frames
from cxresearch.findings.measures import Measure
from cxresearch.findings.traits import grouped
from cxresearch.findings.watched_series import Units, Watched, units_of
from cxresearch.findings.weeks import Weeks

if TYPE_CHECKING:
    from cxresearch.journeys import Prepared
    from cxresearch.study import Study

_ERROR = re.compile(
    r"error|fail|declin|reject|timeout|crash|exception|errore|fallit", re.IGNORECASE
)
_SEARCH = re.compile(r"search|ricerca|find", re.IGNORECASE)
#: How many events without a vocabulary are watched: the most frequent.
_MOST_EVENTS = 20
#: A wait longer than this is a visitor who has gone.
_LONGEST_WAIT_US = 300_000_000
#: An error belongs to the event that most visits with it have too, if so many of them do.
_GOES_WITH = 0.8


def visit_units(study: Study, weeks: Weeks) -> Units | None:
    """Return the visits of a study with what is measured of each; None where it has no events.

    Parameters
    ----------
    study : Study
        The study.
    weeks : Weeks
        Its weeks; a visit is in the week in which it begins.
    """
    if not study.has("events"):
        return None
    prepared = journeys.prepare_study(study)
    carried = [one for one in grouped(study, "events") if one in prepared.carried]
    visits = _visits(prepared, carried)
    counted = list(_measures(study, prepared, visits))
    if not counted:
        return None
    rows = visits.with_columns(
        nw.col("customer_id").alias(frames.CLUSTER), week=weeks.of_moment(nw.col("begun"))
    )
    return units_of(rows, counted, carried)


def _visits(prepared: Prepared, carried: Sequence[str]) -> frames.Frame:
    """Return one row per visit: how often each event came, and when first and last."""
    steps = prepared.steps("session")
    seen: dict[str, nw.Expr] = {}
    for code in range(len(prepared.events)):
        is_it = nw.col("event") == code
        moment = nw.when(is_it).then(nw.col("ts_us"))
        # The least of a value and of none is the value: who goes no further does not wait.
        goes_on = is_it & ~nw.col("to_next_us").is_null()
        wait = nw.min_horizontal(nw.col("to_next_us"), nw.lit(_LONGEST_WAIT_US))
        seen |= {
            f"count_{code}": frames.indicator(is_it).sum(),
            f"first_{code}": moment.min(),
            f"last_{code}": moment.max(),
            f"wait_{code}": nw.when(goes_on).then(wait).sum(),
            f"waits_{code}": frames.indicator(goes_on).sum(),
        }
    return steps.group_by("customer_id", "unit").agg(
        nw.col("ts_us").min().alias("begun"),
        *[nw.col(name).min().alias(name) for name in carried],
        **seen,
    )


def _measures(study: Study, prepared: Prepared, visits: frames.Frame) -> Iterator[Watched]:
    touchpoints = study.manifest.touchpoints
    known = [event for event in touchpoints if event in prepared.events]
    events = known or list(prepared.events)[:_MOST_EVENTS]
    place = {event: number for number, event in enumerate(events)}
    stage = {event: touchpoints[event].stage for event in known}
    point = {event: touchpoints[event].touchpoint for event in known}

    def has(event: str) -> nw.Expr:
        return frames.indicator(nw.col(f"count_{prepared.code(event)}") > 0)

    def then(first: str, after: str) -> nw.Expr:
        """Whether one event comes after another."""
        came = nw.col(f"last_{prepared.code(after)}") >= nw.col(f"first_{prepared.code(first)}")
        return frames.indicator(came)

    def measure(name: str, event: str, **named: object) -> Measure:
        return Measure(
            name=name,
            stage=stage.get(event, ""),
            touchpoint=point.get(event, ""),
            place=place[event],
            **named,  # type: ignore[arg-type]
        )

    funnel = [event for event in study.manifest.funnel if event in prepared.events]
    outcomes: set[str] = set()

    def outcome(event: str) -> str:
        """Name how many visits with an event buy in the end."""
        if not funnel or event == funnel[-1] or event not in place:
            return ""
        outcomes.add(event)
        return f"buys:{event}"

    shopping = [e for e in known if stage[e] in study.manifest.stages[:3]] or events
    came = nw.max_horizontal(*[has(event) for event in shopping])
    for first, after in itertools.pairwise(funnel):
        yield (
            measure(
                f"step:{first}>{after}",
                after,
                kind="step",
                outcome=outcome(first),
                what=Remark("The step from {first} to {next}", {"first": first, "next": after}),
                unit="share",
                better="more",
            ),
            has(first) * then(first, after),
            has(first),
        )
    together = _together(prepared, visits, [e for e in events if _ERROR.search(e)], events)
    for event in events:
        if _ERROR.search(event):
            base = together.get(event)
            yield (
                measure(
                    f"error:{event}",
                    event,
                    kind="error",
                    outcome=outcome(base) if base else "",
                    what=Remark("{event} among visits with {base}", {"event": event, "base": base})
                    if base
                    else Remark("Visits with {event}", {"event": event}),
                    unit="share",
                    better="less",
                ),
                has(event) * (has(base) if base else came),
                has(base) if base else came,
            )
            continue
        if _SEARCH.search(event) and funnel and event != funnel[0]:
            yield (
                measure(
                    f"step:{event}>{funnel[0]}",
                    event,
                    kind="step",
                    outcome=outcome(event),
                    what=Remark(
                        "The step from {first} to {next}", {"first": event, "next": funnel[0]}
                    ),
                    unit="share",
                    better="more",
                ),
                has(event) * then(event, funnel[0]),
                has(event),
            )
        if _SEARCH.search(event) or (stage.get(event) == "purchase" and event not in funnel[-1:]):
            code = prepared.code(event)
            yield (
                measure(
                    f"wait:{event}",
                    event,
                    kind="wait",
                    outcome=outcome(event),
                    what=Remark("Seconds from {event} to the next step", {"event": event}),
                    unit="s",
                    better="less" if _SEARCH.search(event) else "",
                ),
                nw.col(f"wait_{code}").fill_null(0) / 1_000_000,
                nw.col(f"waits_{code}"),
            )
        if stage.get(event) == "service" and event not in funnel:
            yield (
                measure(
                    f"contact:{event}",
                    event,
                    kind="contact",
                    what=Remark("{event}, of all visits", {"event": event}),
                    unit="share",
                    better="",
                ),
                has(event),
                nw.lit(1.0),
            )
        if not known and event not in funnel:
            yield (
                measure(
                    f"visit:{event}",
                    event,
                    kind="step",
                    what=Remark("Visits with {event}", {"event": event}),
                    unit="share",
                    better="",
                ),
                has(event),
                nw.lit(1.0),
            )
    for event in sorted(outcomes, key=place.__getitem__):
        yield (
            measure(
                f"buys:{event}",
                event,
                kind="step",
                what=Remark("Visits with {event} that end in a purchase", {"event": event}),
                unit="share",
                better="more",
                outcome=f"buys:{event}",
                is_scanned=event == funnel[0],
                is_total=True,
            ),
            has(event) * then(event, funnel[-1]),
            has(event),
        )


def _together(
    prepared: Prepared, visits: frames.Frame, errors: Sequence[str], events: Sequence[str]
) -> dict[str, str]:
    """Return, for each error, the event that its visits have before it."""
    others = [event for event in events if event not in errors]
    asked, total = {}, {}
    for error in errors:
        first = nw.col(f"first_{prepared.code(error)}")
        total[error] = frames.indicator(~first.is_null()).sum()
        for event in others:
            before = nw.col(f"first_{prepared.code(event)}") <= first
            asked[f"{prepared.code(error)}_{prepared.code(event)}"] = frames.indicator(before).sum()
    if not errors:
        return {}
    seen = {f"all_{prepared.code(event)}": _has(prepared, event) for event in others}
    named = {f"total_{prepared.code(error)}": sums for error, sums in total.items()}
    (row,) = frames.rows(visits.select(**asked, **seen, **named))
    found = {}
    for error in errors:
        of_error = row[f"total_{prepared.code(error)}"] or 0
        # Of those that nearly all visits with the error have before it, the rarest is the nearest.
        near = [
            (row[f"all_{prepared.code(event)}"], event)
            for event in others
            if (row[f"{prepared.code(error)}_{prepared.code(event)}"] or 0)
            >= _GOES_WITH * max(of_error, 1)
        ]
        if near:
            found[error] = min(near)[1]
    return found


def _has(prepared: Prepared, event: str) -> nw.Expr:
    return frames.indicator(nw.col(f"count_{prepared.code(event)}") > 0).sum()
