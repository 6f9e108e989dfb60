"""With which event units begin, and with which they end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.journeys._labels import labelled
from cxresearch.journeys.cells import Cells, cells
from cxresearch.journeys.counting_rules import CountingRules, Unit
from cxresearch.journeys.view import View

if TYPE_CHECKING:
    from cxresearch.journeys.prepared import Prepared

_FIRST = nw.col("step") == 1
_LAST = nw.col("next_event").is_null()


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
    prepared : Prepared
        The prepared events.
    unit : {"customer", "session", "order"}, default "session"
        What a journey is.
    labels : mapping of str to str, optional
        What to count instead of events, the touchpoint or stage of each, for instance.
    by : str, optional
        A carried column; its value at a unit's first event says to which group the unit belongs.
    confidence : float, default 0.95
        Coverage of the intervals, strictly between 0 and 1.

    Returns
    -------
    Cells
        Per `event`, `share` being that of all units.

    Raises
    ------
    ValueError
        If an argument is none of what is allowed, or `labels` leaves an event out.
    SchemaError
        If orders are asked for and the events carry no `order_id`.

    Examples
    --------
    >>> from cxresearch.journeys._example import PREPARED
    >>> entries(PREPARED).frame[["event", "count", "share"]]
      event  count  share
    0  view      3    1.0
    """
    view = entry_view(prepared, unit=unit, labels=labels)
    return cells(view.split(by) if by else view, confidence=confidence)


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
    ValueError
        If an argument is none of what is allowed, or `labels` leaves an event out.
    SchemaError
        If orders are asked for and the events carry no `order_id`.

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
    return cells(view.split(by) if by else view, confidence=confidence)


def entry_view(
    prepared: Prepared, *, unit: Unit = "session", labels: Mapping[str, str] | None = None
) -> View:
    """Return entries as a view, to compare groups with :func:`cxresearch.journeys.compare`."""
    return _view(prepared, _FIRST, unit, labels)


def exit_view(
    prepared: Prepared, *, unit: Unit = "session", labels: Mapping[str, str] | None = None
) -> View:
    """Return exits as a view, to compare groups with :func:`cxresearch.journeys.compare`."""
    return _view(prepared, _LAST, unit, labels)


def _view(prepared: Prepared, which: nw.Expr, unit: Unit, labels: Mapping[str, str] | None) -> View:
    rules = CountingRules(unit=unit, order="strict")
    steps, names = labelled(prepared, unit, labels)
    starts = steps.filter(_FIRST)
    return View(
        counted=steps.filter(which),
        based=starts,
        keys=("event",),
        base=(),
        rules=rules,
        across="event",
        prepared=prepared,
        names={"event": names},
        once=True,
        starts=starts,
    )
