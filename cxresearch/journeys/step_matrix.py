"""Where units begin, where they are at each step, and where they end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.journeys.cells import Cells, View, cells
from cxresearch.journeys.counting_rules import CountingRules, Unit
from cxresearch.journeys.prepared import labelled_steps
from cxresearch.journeys.transitions import EXIT, EXIT_CODE

if TYPE_CHECKING:
    from cxresearch.journeys.prepared import Prepared

_FIRST = nw.col("step") == 1
_LAST = nw.col("next_event").is_null()


@documented
def step_matrix(
    prepared: Prepared,
    *,
    steps: int = 10,
    unit: Unit = "session",
    labels: Mapping[str, str] | None = None,
    by: str | None = None,
    confidence: float = 0.95,
) -> Cells:
    """Count at which event units are at each of their first steps.

    Parameters
    ----------
    %(prepared)s
    steps : int, default 10
        How many steps are counted; fewer where no unit has so many.
    %(journey_unit)s
    %(labels)s
    by : str, optional
        A carried column; its value at a unit's first event says in which matrix the unit is.
    %(confidence)s

    Returns
    -------
    Cells
        Per `step` and `event`, `share` being that of all units; a unit that has ended is at
        ``"(exit)"``, so that the shares of a step sum to 1.

    Raises
    ------
    %(journey_errors)s

    Examples
    --------
    >>> from cxresearch.journeys._example import PREPARED
    >>> step_matrix(PREPARED).matrix("count")[3].to_dict()
    {'buy': 1, 'cart': 0, 'view': 0, '(exit)': 2}
    """
    view = step_view(prepared, steps=steps, unit=unit, labels=labels)
    return cells(view.split(by), confidence=confidence)


def step_view(
    prepared: Prepared,
    *,
    steps: int = 10,
    unit: Unit = "session",
    labels: Mapping[str, str] | None = None,
) -> View:
    """Return a step matrix as a view, to compare groups with :func:`cxresearch.journeys.compare`.

    The arguments are those of :func:`step_matrix`.

    Raises
    ------
    ValueError
        If an argument is none of what is allowed, or `labels` leaves an event out.
    """
    validate.whole("steps", steps, low=1)
    rules = CountingRules(unit=unit, order="strict")
    stepped, names = labelled_steps(prepared, unit, labels)
    starts = stepped.filter(nw.col("step") == 1)
    counted = stepped.filter(nw.col("step") <= steps)
    # A unit that ended is counted at every later step that any unit has.
    later = counted.select(exit_step="step").unique()
    ended = counted.filter(nw.col("next_event").is_null()).join(later, how="cross")
    gone = ended.filter(nw.col("exit_step") > nw.col("step")).with_columns(
        event=nw.lit(EXIT_CODE, dtype=nw.Int32), step=nw.col("exit_step")
    )
    at_event = counted.with_columns(nw.col("event").cast(nw.Int32))
    return View(
        counted=nw.concat([at_event, gone.drop("exit_step")]),
        based=starts,
        keys=("step", "event"),
        rules=rules,
        across="step",
        prepared=prepared,
        names={"event": {**names, EXIT_CODE: EXIT}},
        once=True,
        starts=starts,
    )


@documented
def entries(
    prepared: Prepared,
    *,
    unit: Unit = "session",
    labels: Mapping[str, str] | None = None,
    by: str | None = None,
    confidence: float = 0.95,
) -> Cells:
    """Count with which event units begin.

    Parameters
    ----------
    %(prepared)s
    %(journey_unit)s
    %(labels)s
    by : str, optional
        A carried column; its value at a unit's first event says to which group the unit belongs.
    %(confidence)s

    Returns
    -------
    Cells
        Per `event`, `share` being that of all units.

    Raises
    ------
    %(journey_errors)s

    Examples
    --------
    >>> from cxresearch.journeys._example import PREPARED
    >>> entries(PREPARED).frame[["event", "count", "share"]]
      event  count  share
    0  view      3    1.0
    """
    view = entry_view(prepared, unit=unit, labels=labels)
    return cells(view.split(by), confidence=confidence)


@documented
def exits(
    prepared: Prepared,
    *,
    unit: Unit = "session",
    labels: Mapping[str, str] | None = None,
    by: str | None = None,
    confidence: float = 0.95,
) -> Cells:
    """Count with which event units end: as :func:`entries`, with the last event for the first.

    Raises
    ------
    %(journey_errors)s

    Examples
    --------
    >>> from cxresearch.journeys._example import PREPARED
    >>> exits(PREPARED).frame[["event", "count", "share"]].round(2)
      event  count  share
    0   buy      1   0.33
    1  cart      1   0.33
    2  view      1   0.33
    """
    view = exit_view(prepared, unit=unit, labels=labels)
    return cells(view.split(by), confidence=confidence)


def entry_view(
    prepared: Prepared, *, unit: Unit = "session", labels: Mapping[str, str] | None = None
) -> View:
    """Return entries as a view, to compare groups with :func:`cxresearch.journeys.compare`."""
    return _end_view(prepared, _FIRST, unit, labels)


def exit_view(
    prepared: Prepared, *, unit: Unit = "session", labels: Mapping[str, str] | None = None
) -> View:
    """Return exits as a view, to compare groups with :func:`cxresearch.journeys.compare`."""
    return _end_view(prepared, _LAST, unit, labels)


def _end_view(
    prepared: Prepared, which: nw.Expr, unit: Unit, labels: Mapping[str, str] | None
) -> View:
    rules = CountingRules(unit=unit, order="strict")
    steps, names = labelled_steps(prepared, unit, labels)
    starts = steps.filter(_FIRST)
    return View(
        counted=steps.filter(which),
        based=starts,
        keys=("event",),
        rules=rules,
        prepared=prepared,
        names={"event": names},
        once=True,
        starts=starts,
    )
