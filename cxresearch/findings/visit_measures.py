"""What is watched of visits: errors, steps, waits, contacts and what follows a purchase."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch import engine, journeys
from cxresearch.core.remarks import Remark
from cxresearch.engine import frames
from cxresearch.findings.measures import Measure
from cxresearch.findings.traits import grouped
from cxresearch.findings.watched_series import MOST_VALUES, Units, Watched, units_of
from cxresearch.findings.weeks import Weeks
from cxresearch.journeys.error_events import tells_of_error

if TYPE_CHECKING:
    from cxresearch.journeys import Prepared
    from cxresearch.study import Study

_SEARCH = re.compile(r"search|ricerca|cerca|find|query|suche|buscar|recherche", re.IGNORECASE)
#: How many events without a vocabulary are watched: the most frequent.
_MOST_EVENTS = 20
#: A wait longer than this is a visitor who has gone.
_LONGEST_WAIT_US = 300_000_000
#: An error belongs to the event that most visits with it have before it, if so many of them do.
_GOES_WITH = 0.8
#: How many of all visits buy.
_BUYS = "buys"
#: What comes in more of the visits is a step.
_RARE = 0.2
_EVERY = nw.lit(1.0)
#: The page of an event; that of a visit is the one on which it enters the funnel.
_PAGE = "page"


@dataclass(frozen=True, slots=True)
class _Visits:
    """The visits of a study: one row each, with when each event first and last came.

    Parameters
    ----------
    study : Study
        The study.
    prepared : Prepared
        Its prepared events.
    events : tuple of str
        The events that are watched, in the order of the vocabulary.
    groups : tuple of str
        The columns that tell visits apart.
    """

    study: Study
    prepared: Prepared
    events: tuple[str, ...]
    groups: tuple[str, ...]

    @classmethod
    def of(cls, study: Study) -> _Visits:
        """Return the visits of a study that has events."""
        prepared = journeys.prepare_study(study)
        known = [event for event in study.manifest.touchpoints if event in prepared.events]
        carried = [name for name in grouped(study, "events") if name in prepared.carried]
        events = known or _most_frequent(prepared)
        return cls(study, prepared, tuple(events), tuple(carried))

    @property
    def funnel(self) -> list[str]:
        """The steps of the study's funnel that ever came."""
        return [event for event in self.study.manifest.funnel if event in self.prepared.events]

    @property
    def errors(self) -> list[str]:
        """The events that tell of an error, by their names or their labels."""
        return [
            event
            for event in self.events
            if event not in self.funnel and tells_of_error(event, *self._labels(event))
        ]

    @property
    def aside(self) -> list[str]:
        """The events of the purchase that are no step of the funnel, and no errors."""
        return [
            event
            for event in self.events
            if self.role(event) == "purchase"
            and event not in self.funnel
            and event not in self.errors
        ]

    def _labels(self, event: str) -> list[str]:
        known = self.study.manifest.touchpoints.get(event)
        return [*(known.label or {}).values()] if known else []

    @property
    def waits(self) -> list[str]:
        """The events after which customers want to go on at once: searches, steps of the purchase.

        The last step is none: nobody has to go on from there.
        """
        return [
            event
            for event in self.events
            if event not in self.errors
            and (
                _SEARCH.search(event)
                or (self.role(event) == "purchase" and event not in self.funnel[-1:])
            )
        ]

    @property
    def shopping(self) -> nw.Expr:
        """Whether a visit came to shop at all."""
        early = self.study.manifest.stages[:3]
        known = [event for event in self.events if self.stage(event) in early]
        return nw.max_horizontal(*[self.has(event) for event in known or self.events])

    def stage(self, event: str) -> str:
        """Return the stage of an event; empty where the study names none."""
        known = self.study.manifest.touchpoints.get(event)
        return known.stage if known else ""

    def role(self, event: str) -> str:
        """Return which of the default stages that of an event stands for; empty if for none."""
        return self.study.manifest.role(self.stage(event))

    def touchpoint(self, event: str) -> str:
        """Return the touchpoint of an event; empty where the study names none."""
        known = self.study.manifest.touchpoints.get(event)
        return known.touchpoint if known else ""

    def has(self, event: str) -> nw.Expr:
        """Return whether a visit has an event."""
        return frames.indicator(~self.first(event).is_null())

    def goes_on(self, event: str, after: str) -> nw.Expr:
        """Return whether a step of the funnel comes after an event."""
        came = nw.col(f"last_{self.prepared.code(after)}") >= self.first(event)
        return self.has(event) * frames.indicator(came)

    def first(self, event: str) -> nw.Expr:
        """Return when an event first came."""
        return nw.col(f"first_{self.prepared.code(event)}")

    def measure(self, name: str, event: str, **named: Any) -> Measure:
        """Return a measure that stands where an event does."""
        return Measure(
            name=name,
            stage=self.stage(event),
            touchpoint=self.touchpoint(event),
            place=self.events.index(event),
            **named,
        )

    def outcome(self, event: str) -> str:
        """Return the measure of how many visits with an event buy in the end; empty for none."""
        buys = event in self.events and bool(self.funnel) and event != self.funnel[-1]
        return f"buys:{event}" if buys else ""

    def rows(self) -> frames.Frame:
        """Return one row per visit; they are made once, to be read twice."""
        seen: dict[str, nw.Expr] = {}
        for event in dict.fromkeys([*self.events, *self.funnel]):
            code = self.prepared.code(event)
            moment = nw.when(nw.col("event") == code).then(nw.col("ts_us"))
            seen[f"first_{code}"] = moment.min()
            if event in self.funnel:
                seen[f"last_{code}"] = moment.max()
        for event in self.waits:
            code = self.prepared.code(event)
            # The least of a value and of none is the value: who goes no further does not wait.
            # An event that is there twice at one moment is no step after itself.
            is_again = (nw.col("next_event") == code) & (nw.col("to_next_us") == 0)
            goes_on = (nw.col("event") == code) & ~nw.col("to_next_us").is_null() & ~is_again
            wait = nw.min_horizontal(nw.col("to_next_us"), nw.lit(_LONGEST_WAIT_US))
            seen |= {
                f"wait_{code}": nw.when(goes_on).then(wait).sum(),
                f"waits_{code}": frames.one(goes_on).sum(),
            }
        traits = {name: nw.col(name).min() for name in self.groups}
        if _PAGE in traits and self.funnel:
            traits[_PAGE] = self._first_page().min()
        visits = self.prepared.steps("session").group_by("customer_id", "unit")
        return engine.materialised(
            visits.agg(nw.col("ts_us").min().alias("begun"), **traits, **seen)
        )

    def _first_page(self) -> nw.Expr:
        """Return the page on which a visit enters the funnel: what it came for.

        Of many pages the most frequent are groups, of which a visit with several has one.
        """
        entered = nw.col("event") == self.prepared.code(self.funnel[0])
        pages = self.prepared.frame.filter(entered, ~nw.col(_PAGE).is_null())
        counted = pages.group_by(_PAGE).agg(n=nw.len()).sort("n", _PAGE, descending=[True, False])
        names = [row[_PAGE] for row in frames.rows(counted.head(MOST_VALUES))]
        return nw.when(entered & nw.col(_PAGE).is_in(names)).then(nw.col(_PAGE))


def _most_frequent(prepared: Prepared) -> list[str]:
    counted = frames.rows(prepared.frame.group_by("event").agg(n=nw.len()))
    rows = sorted(counted, key=lambda row: (-row["n"], row["event"]))
    return [prepared.events[row["event"]] for row in rows[:_MOST_EVENTS]]


def visit_units(study: Study, weeks: Weeks) -> Iterator[Units]:
    """Yield the visits of a study with what is measured of each; none where it has no events.

    Parameters
    ----------
    study : Study
        The study.
    weeks : Weeks
        Its weeks; a visit is in the week in which it begins.
    """
    if not study.has("events"):
        return
    visits = _Visits.of(study)
    rows = visits.rows()
    watched = [
        *_steps(visits),
        *_errors(visits, rows),
        *_waits(visits),
        *_contacts(visits),
    ]
    watched += _outcomes(visits, [measure for measure, _, _ in watched])
    if watched:
        yield units_of(
            rows.with_columns(
                nw.col("customer_id").alias(frames.CLUSTER), week=weeks.of_moment(nw.col("begun"))
            ),
            watched,
            visits.groups,
        )


def _steps(visits: _Visits) -> Iterator[Watched]:
    """Yield how many go on from each step to the next, and from a search to the first step."""
    funnel = visits.funnel
    searches = [event for event in visits.events if _SEARCH.search(event) and event not in funnel]
    if funnel:
        measure = visits.measure(
            f"step:>{funnel[0]}",
            funnel[0],
            kind="step",
            outcome=_BUYS,
            what=Remark("Visits that come to {next}", {"next": funnel[0]}),
            unit="share",
            better="more",
            not_by=("channel", _PAGE),
        )
        yield measure, visits.has(funnel[0]) * visits.shopping, visits.shopping
    pairs = [(*pair, pair[1]) for pair in pairwise(funnel)]
    pairs += [(event, funnel[0], event) for event in searches if funnel]
    for first, after, at in pairs:
        measure = visits.measure(
            f"step:{first}>{after}",
            at,
            kind="step",
            outcome=visits.outcome(first),
            what=Remark("Conversion from {first} to {next}", {"first": first, "next": after}),
            unit="share",
            better="more",
        )
        yield measure, visits.goes_on(first, after), visits.has(first)


def _errors(visits: _Visits, rows: frames.Frame) -> Iterator[Watched]:
    """Yield how often each error comes, among the visits that got as far as where it comes.

    So for what is rare beside the way to the purchase: nobody said what it is.
    """
    bases = _bases(visits, rows)
    for event in [*visits.errors, *visits.aside]:
        base, share = bases.get(event, ("", 0.0))
        is_error = event in visits.errors
        if not is_error and (not base or share > _RARE):
            continue
        what = (
            Remark("{event} among visits with {base}", {"event": event, "base": base})
            if base
            else Remark("Visits with {event}", {"event": event})
        )
        measure = visits.measure(
            f"error:{event}" if is_error else f"visits:{event}",
            event,
            kind="error" if is_error else "step",
            outcome=visits.outcome(base) if base else "",
            what=what,
            unit="share",
            better="less" if is_error else "",
        )
        of_all = visits.has(base) if base else visits.shopping
        yield measure, visits.has(event) * of_all, of_all


def _bases(visits: _Visits, rows: frames.Frame) -> dict[str, tuple[str, float]]:
    """Return, for each error, the event that its visits have before it, and the error's share.

    Of those that nearly all visits with the error have before it, one of the same touchpoint is
    the nearest, else the rarest.
    """
    errors = [*visits.errors, *visits.aside]
    others = [event for event in visits.events if event not in visits.errors]
    if not errors or not others:
        return {}
    asked = {f"n_{place}": visits.has(event).sum() for place, event in enumerate(others)}
    for number, error in enumerate(errors):
        asked[f"all_{number}"] = visits.has(error).sum()
        for place, event in enumerate(others):
            before = frames.indicator(visits.first(event) <= visits.first(error))
            asked[f"before_{number}_{place}"] = before.sum()
    (row,) = frames.rows(rows.select(**asked))
    found = {}
    for number, error in enumerate(errors):
        near = [
            (visits.touchpoint(event) != visits.touchpoint(error), row[f"n_{place}"], event)
            for place, event in enumerate(others)
            if event != error
            and row[f"before_{number}_{place}"] >= _GOES_WITH * max(row[f"all_{number}"], 1)
        ]
        if near:
            _, size, base = min(near)
            found[error] = (base, row[f"all_{number}"] / max(size, 1))
    return found


def _waits(visits: _Visits) -> Iterator[Watched]:
    for event in visits.waits:
        code = visits.prepared.code(event)
        measure = visits.measure(
            f"wait:{event}",
            event,
            kind="wait",
            outcome=visits.outcome(event),
            what=Remark("Seconds from {event} to the next step", {"event": event}),
            unit="s",
            better="less" if _SEARCH.search(event) else "",
        )
        yield measure, nw.col(f"wait_{code}").fill_null(0) / 1_000_000, nw.col(f"waits_{code}")


def _contacts(visits: _Visits) -> Iterator[Watched]:
    """Yield how many visits have each event of service; without a vocabulary, each event."""
    has_words = bool(visits.study.manifest.touchpoints)
    for event in visits.events:
        if event in visits.errors or event in visits.funnel:
            continue
        if visits.role(event) == "service":
            what, kind = Remark("{event}, of all visits", {"event": event}), "contact"
        elif not has_words:
            what, kind = Remark("Visits with {event}", {"event": event}), "step"
        else:
            continue
        # How a visit came says what it is for: a share of all visits has no place in a channel,
        # but where no step is known there is nothing nearer.
        measure = visits.measure(
            f"visits:{event}",
            event,
            kind=kind,
            what=what,
            unit="share",
            better="",
            not_by=("channel", _PAGE) if has_words or visits.funnel else (_PAGE,),
        )
        yield measure, visits.has(event), _EVERY


def _outcomes(visits: _Visits, measures: Sequence[Measure]) -> Iterator[Watched]:
    """Yield how many visits with an event buy in the end, where another measure asks for it."""
    asked = {measure.outcome for measure in measures}
    if len(visits.funnel) > 1:
        measure = visits.measure(
            _BUYS,
            visits.funnel[0],
            kind="step",
            what=Remark("Visits that end in a purchase"),
            unit="share",
            better="more",
            is_scanned=False,
            is_total=True,
        )
        yield measure, visits.has(visits.funnel[-1]) * visits.shopping, visits.shopping
    for event in visits.events:
        name = visits.outcome(event)
        if not name or name not in asked:
            continue
        measure = visits.measure(
            name,
            event,
            kind="step",
            what=Remark("Visits with {event} that end in a purchase", {"event": event}),
            unit="share",
            better="more",
            outcome=name,
            is_scanned=event == visits.funnel[0],
            is_total=True,
        )
        yield measure, visits.goes_on(event, visits.funnel[-1]), visits.has(event)
