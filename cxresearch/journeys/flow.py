"""How units go on from each of their first steps to the next, for a picture of the flow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.core import validate
from cxresearch.journeys._labels import labelled
from cxresearch.journeys.cells import Cells, cells
from cxresearch.journeys.counting_rules import CountingRules, Unit
from cxresearch.journeys.transitions import EXIT, EXIT_CODE
from cxresearch.journeys.view import View

if TYPE_CHECKING:
    from cxresearch.journeys.prepared import Prepared


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
    prepared : Prepared
        The prepared events.
    steps : int, default 4
        How many steps are left; the flow ends at the one after.
    unit : {"customer", "session", "order"}, default "session"
        What a journey is.
    labels : mapping of str to str, optional
        What to count instead of events, the touchpoint or stage of each, for instance.
    by : str, optional
        A carried column; its value at a unit's first event says in which flow the unit is.
    confidence : float, default 0.95
        Coverage of the intervals, strictly between 0 and 1.

    Returns
    -------
    Cells
        Per `step`, `source` and `target`, `share` being that of the units at the source at that
        step; a unit whose last event it was goes from there to ``"(exit)"``.

    Raises
    ------
    ValueError
        If an argument is none of what is allowed, or `labels` leaves an event out.
    SchemaError
        If orders are asked for and the events carry no `order_id`.

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
    stepped, names = labelled(prepared, unit, labels)
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
        across="target",
        prepared=prepared,
        names={"source": names, "target": {**names, EXIT_CODE: EXIT}},
        starts=starts,
    )
    return cells(view.split(by) if by else view, confidence=confidence)
