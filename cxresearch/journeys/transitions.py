"""From which event customers go on to which, how surely and after how long, also step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.engine import frames
from cxresearch.journeys.cells import Cells, View, cells, counts
from cxresearch.journeys.counting_rules import CountingRules, Unit
from cxresearch.journeys.dwell import QUARTILES, quartiles, time_rows, with_numbers
from cxresearch.journeys.prepared import labelled_steps

if TYPE_CHECKING:
    from cxresearch.journeys.prepared import Prepared

#: Where a unit comes from before its first event, and goes to after its last.
START, EXIT = "(start)", "(exit)"
#: What stands for them where events are codes.
START_CODE, EXIT_CODE = -1, -2
#: What a transition is a share of: all that leave its source, or all that come to its target.
Base = Literal["source", "target"]
Place = Literal["online", "offline"]
PLACES: tuple[Place, ...] = ("online", "offline")
#: When the column that splits a view counts: at each event, or at the first event of the unit.
At = Literal["event", "start"]


@documented
def transitions(
    prepared: Prepared,
    *,
    unit: Unit = "session",
    start_exit: bool = True,
    collapse_loops: bool = False,
    base: Base = "source",
    labels: Mapping[str, str] | None = None,
    by: str | None = None,
    at: At = "event",
    intervals: bool = True,
    times: bool = True,
    confidence: float = 0.95,
) -> Cells:
    """Count from which event units go on to which.

    Parameters
    ----------
    %(prepared)s
    %(journey_unit)s
    start_exit : bool, default True
        Whether a unit goes from ``"(start)"`` to its first event, and from its last to
        ``"(exit)"``.
    collapse_loops : bool, default False
        Whether an event that comes again at once is one stay; the time to the next event is then
        that from the last of them.
    base : {"source", "target"}, default "source"
        Whether a transition is a share of all that leave its source, or of all that come to its
        target.
    %(labels)s
    by : str, optional
        A carried column; every one of its values has transitions of its own.
    at : {"event", "start"}, default "event"
        Whether that is the value at the event that is left (at ``"(start)"`` the one that is
        entered), or at the first event of the unit.
    intervals, times : bool, default True
        Whether to infer, and to time; counts alone are cheap.
    %(confidence)s

    Returns
    -------
    Cells
        Per `source` and `target`; with `times` also the quartiles of the time between the two in
        seconds, `q1_s`, `median_s` and `q3_s` (nan from the start and to the exit).

    Raises
    ------
    %(journey_errors)s

    Notes
    -----
    The intervals take customers as independent, not sessions or events. A quartile counts every
    passage once, so that a customer with many weighs more.

    Examples
    --------
    >>> from cxresearch.journeys._example import PREPARED
    >>> found = transitions(PREPARED)
    >>> found.matrix("count").loc["view"].to_dict()
    {'buy': 0, 'cart': 2, 'view': 0, '(exit)': 1}
    >>> found.frame[["source", "target", "share", "ci_low", "ci_high", "n"]].round(2).tail(2)
      source  target  share  ci_low  ci_high  n
    4   view    cart   0.67    0.04     0.99  3
    5   view  (exit)   0.33    0.01     0.96  3
    """
    validate.share("confidence", confidence)
    view = transition_view(
        prepared,
        unit=unit,
        start_exit=start_exit,
        collapse_loops=collapse_loops,
        base=base,
        labels=labels,
        at=at,
    )
    view = view.split(by)
    rows = time_rows(view) if times else None
    if intervals:
        found = cells(view, confidence=confidence)
    else:
        found = counts(view, rows, confidence=confidence)
    if rows is None:
        return found
    return replace(found, frame=with_numbers(found.frame, view, quartiles(view, rows), QUARTILES))


@documented
def place_transitions(
    prepared: Prepared,
    places: Mapping[str, Place],
    *,
    by: str | None = None,
    confidence: float = 0.95,
) -> Cells:
    """Count how customers go on online and offline, along their whole journeys.

    Parameters
    ----------
    %(prepared)s
    places : mapping of str to {"online", "offline"}
        Where each event happens.
    by : str, optional
        A carried column; every one of its values has transitions of its own.
    %(confidence)s

    Returns
    -------
    Cells
        As of :func:`transitions`, with places for events, from event to event: neither start nor
        exit.

    Raises
    ------
    ValueError
        If `places` leaves an event out, or has another place.

    Examples
    --------
    >>> from cxresearch.journeys._example import PREPARED
    >>> where = {"view": "online", "cart": "online", "buy": "offline"}
    >>> place_transitions(PREPARED, where).matrix("count").loc["online"].to_dict()
    {'offline': 1, 'online': 2}
    """
    for event, place in places.items():
        validate.one_of(f"the place of {event}", place, PLACES)
    return transitions(
        prepared,
        unit="customer",
        start_exit=False,
        labels=places,
        by=by,
        confidence=confidence,
    )


@documented
def flow(
    prepared: Prepared,
    *,
    steps: int = 4,
    unit: Unit = "session",
    labels: Mapping[str, str] | None = None,
    by: str | None = None,
    confidence: float = 0.95,
) -> Cells:
    """Count how many units go, at each of their first steps, from which event to which.

    Parameters
    ----------
    %(prepared)s
    steps : int, default 4
        How many steps are left; the flow ends at the one after.
    %(journey_unit)s
    %(labels)s
    by : str, optional
        A carried column; its value at a unit's first event says in which flow the unit is.
    %(confidence)s

    Returns
    -------
    Cells
        Per `step`, `source` and `target`, `share` being that of the units at the source at that
        step; a unit whose last event it was goes from there to ``"(exit)"``.

    Raises
    ------
    %(journey_errors)s

    Examples
    --------
    >>> from cxresearch.journeys._example import PREPARED
    >>> flow(PREPARED, steps=2).to_frame()[["step", "source", "target", "count", "of"]]
       step source  target  count  of
    0     1   view    cart      2   3
    1     1   view  (exit)      1   3
    2     2   cart     buy      1   2
    3     2   cart  (exit)      1   2
    """
    validate.whole("steps", steps, low=1)
    stepped, names = labelled_steps(prepared, unit, labels)
    starts = stepped.filter(nw.col("step") == 1)
    moves = stepped.filter(nw.col("step") <= steps).with_columns(
        source=nw.col("event").cast(nw.Int32),
        target=nw.col("next_event").fill_null(EXIT_CODE).cast(nw.Int32),
    )
    view = View(
        counted=moves,
        based=moves,
        keys=("step", "source", "target"),
        base=("step", "source"),
        rules=CountingRules(unit=unit, order="strict"),
        prepared=prepared,
        names={"source": names, "target": {**names, EXIT_CODE: EXIT}},
        once=True,
        starts=starts,
    )
    return cells(view.split(by), confidence=confidence)


def transition_view(
    prepared: Prepared,
    *,
    unit: Unit = "session",
    start_exit: bool = True,
    collapse_loops: bool = False,
    base: Base = "source",
    labels: Mapping[str, str] | None = None,
    at: At = "event",
) -> View:
    """Return transitions as a view, to compare groups with :func:`cxresearch.journeys.compare`.

    The arguments are those of :func:`transitions`.

    Raises
    ------
    ValueError
        If an argument is none of what is allowed, or `labels` leaves an event out.
    """
    validate.one_of("base", base, get_args(Base))
    validate.one_of("at", at, get_args(At))
    rules = CountingRules(unit=unit, order="strict")
    steps, names = labelled_steps(prepared, unit, labels)
    moves = _moves(steps, start_exit=start_exit)
    if collapse_loops:
        moves = moves.filter(nw.col("source") != nw.col("target"))
    return View(
        counted=moves,
        based=moves,
        keys=("source", "target") if base == "source" else ("target", "source"),
        base=(base,),
        rules=rules,
        across="target",
        prepared=prepared,
        names={"source": {START_CODE: START, **names}, "target": {**names, EXIT_CODE: EXIT}},
        starts=steps.filter(nw.col("step") == 1) if at == "start" else None,
    )


def _moves(steps: frames.Frame, *, start_exit: bool) -> frames.Frame:
    """Return one row per move from a source to a target, with the time it took."""
    if not start_exit:
        within = steps.filter(~nw.col("next_event").is_null())
        return within.with_columns(source="event", target="next_event")
    target = nw.col("next_event").fill_null(EXIT_CODE).cast(nw.Int32)
    left = steps.with_columns(source=nw.col("event").cast(nw.Int32), target=target)
    begun = steps.filter(nw.col("step") == 1).with_columns(
        source=nw.lit(START_CODE, dtype=nw.Int32),
        target=nw.col("event").cast(nw.Int32),
        to_next_us=nw.lit(None, dtype=nw.Int64),
    )
    return nw.concat([left, begun])
