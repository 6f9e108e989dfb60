"""How often journeys go in circles: events that come again, and ways there and right back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.core.documented import documented
from cxresearch.engine import frames
from cxresearch.journeys.cells import Cells, View, cells
from cxresearch.journeys.counting_rules import CountingRules, Unit
from cxresearch.journeys.prepared import KEY, labelled_steps

if TYPE_CHECKING:
    from cxresearch.journeys.prepared import Prepared


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Loops(Cells):
    """The units that go in circles, per event of those that have it.

    Besides what the table of cells has, `mean_again` is how often it comes again on average over
    all units that have the event.

    Parameters
    ----------
    view : View
        What was counted.

    See Also
    --------
    cxresearch.journeys.cells.Cells : The other fields.
    """

    view: View = field(repr=False)

    def checks(self) -> Iterator[tuple[str, int, int]]:
        """Yield what must agree: of each event the base, and the units that have it."""
        units = frames.rows(self.view.based.group_by("event").agg(n=nw.len()))
        having = {self.view.names["event"][int(row["event"])]: int(row["n"]) for row in units}
        for event, of in self.frame[["event", "of"]].drop_duplicates().itertuples(index=False):
            yield f"base of {event} = units that have it", int(of), having[event]


@documented
def repeats(
    prepared: Prepared,
    *,
    unit: Unit = "session",
    labels: Mapping[str, str] | None = None,
    confidence: float = 0.95,
) -> Loops:
    """Count the units in which an event comes again, of those that have it.

    Parameters
    ----------
    %(prepared)s
    %(journey_unit)s
    %(labels)s
    %(confidence)s

    Returns
    -------
    Loops
        Per `event` that ever comes again.

    Raises
    ------
    %(not_allowed)s

    Examples
    --------
    >>> from cxresearch.journeys._example import EVENTS
    >>> from cxresearch.journeys import prepare
    >>> again = prepare(EVENTS.replace({"event": {"buy": "view"}}))
    >>> repeats(again).frame[["event", "count", "of", "mean_again"]].round(2)
      event  count  of  mean_again
    0  view      1   3        0.33
    """
    steps, names = labelled_steps(prepared, unit, labels)
    times = steps.group_by(*KEY, "event").agg(again=nw.len() - 1)
    view = View(
        counted=times.filter(nw.col("again") > 0),
        based=times,
        keys=("event",),
        base=("event",),
        rules=CountingRules(unit=unit),
        prepared=prepared,
        names={"event": names},
        once=True,
    )
    return _loops(view, confidence)


@documented
def back_and_forth(
    prepared: Prepared,
    *,
    unit: Unit = "session",
    labels: Mapping[str, str] | None = None,
    confidence: float = 0.95,
) -> Loops:
    """Count the units that go from an event to another and right back, of those that have it.

    Parameters
    ----------
    prepared, unit, labels, confidence
        As of :func:`repeats`.

    Returns
    -------
    Loops
        Per `event` and the other one that is gone to, `by`.

    Raises
    ------
    %(not_allowed)s

    Examples
    --------
    >>> from cxresearch.journeys._example import EVENTS
    >>> from cxresearch.journeys import prepare
    >>> again = prepare(EVENTS.replace({"event": {"buy": "view"}}))
    >>> back_and_forth(again).frame[["event", "by", "count", "of"]]
      event    by  count  of
    0  view  cart      1   3
    """
    steps, names = labelled_steps(prepared, unit, labels)
    second_next = nw.col("next_event").shift(-1).over(*KEY, order_by="step")
    moves = steps.with_columns(second_next=second_next, by=nw.col("next_event"))
    back = moves.filter(
        nw.col("event") == nw.col("second_next"), nw.col("event") != nw.col("next_event")
    )
    view = View(
        counted=back.group_by(*KEY, "event", "by").agg(again=nw.len()),
        based=frames.distinct(steps, *KEY, "event"),
        keys=("event", "by"),
        base=("event",),
        rules=CountingRules(unit=unit),
        prepared=prepared,
        names={"event": names, "by": names},
        once=True,
    )
    return _loops(view, confidence)


def _loops(view: View, confidence: float) -> Loops:
    table = cells(view, confidence=confidence).frame
    summed = frames.rows(view.counted.group_by(*view.keys).agg(nw.col("again").sum()))
    again = {tuple(view.named(row).values()): int(row["again"]) for row in summed}
    total = [again[key] for key in table[list(view.keys)].itertuples(index=False, name=None)]
    table = table.assign(mean_again=total / table["of"])
    return Loops.of(view, table, confidence=confidence, view=view)
