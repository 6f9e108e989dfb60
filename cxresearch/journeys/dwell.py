"""How long customers stay: at each touchpoint, and on the whole way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.results import Result
from cxresearch.journeys._labels import labelled
from cxresearch.journeys._times import MEANS, QUARTILES, means, quartiles, timed, with_numbers
from cxresearch.journeys.counting_rules import CountingRules, Unit
from cxresearch.journeys.view import View, grouped
from cxresearch.stats.means.ratios import LINEARISED

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.journeys.prepared import Prepared


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Times(Result):
    """How long things take, in seconds.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per thing timed: its keys; `count`, and how many of those stand apart; the
        quartiles `q1_s`, `median_s` and `q3_s`; `mean_s` with `ci_low` and `ci_high`, over `n`
        customers.
    rules : CountingRules
        How things are counted.
    confidence : float
        The coverage that each interval promises, 0-1.
    method : str
        The name of the method behind the intervals.
    note : str
        What a reader must know before using it.
    """

    frame: pd.DataFrame
    rules: CountingRules
    confidence: float
    method: str
    note: str = ""

    def to_frame(self) -> pd.DataFrame:
        """Return the table."""
        return self.frame.copy()


def dwell(
    prepared: Prepared,
    *,
    unit: Unit = "session",
    labels: Mapping[str, str] | None = None,
    by: str | None = None,
    confidence: float = 0.95,
) -> Times:
    """Time how long units stay at each event: until the next one.

    Parameters
    ----------
    prepared : Prepared
        The prepared events.
    unit : {"customer", "session", "order"}, default "session"
        What a journey is.
    labels : mapping of str to str, optional
        What to time instead of events, the touchpoint or stage of each, for instance.
    by : str, optional
        A carried column; every one of its values at the event has times of its own.
    confidence : float, default 0.95
        Coverage of the intervals, strictly between 0 and 1.

    Returns
    -------
    Times
        Per `event`: `count`, of which `last` are their unit's last, so that nobody knows how long
        they took; and the times of the others.

    Raises
    ------
    ValueError
        If an argument is none of what is allowed, or `labels` leaves an event out.
    SchemaError
        If orders are asked for and the events carry no `order_id`.

    Notes
    -----
    The last event of a unit is often the longest looked at: the times are those of the events that
    led on. The interval of the mean takes customers as independent.

    Examples
    --------
    >>> from cxresearch.journeys._example import PREPARED
    >>> dwell(PREPARED).frame[["event", "count", "last", "median_s"]]
      event  count  last  median_s
    0   buy      1     1       NaN
    1  cart      2     1     240.0
    2  view      3     1     450.0
    """
    rules = CountingRules(unit=unit, order="strict")
    steps, names = labelled(prepared, unit, labels)
    view = View(
        counted=steps.with_columns(last=nw.col("next_event").is_null()),
        based=steps,
        keys=("event",),
        base=(),
        rules=rules,
        across="event",
        prepared=prepared,
        names={"event": names},
    )
    return _times(view, by, "last", confidence)


def durations(
    prepared: Prepared,
    *,
    unit: Unit = "session",
    by: str | None = None,
    confidence: float = 0.95,
) -> Times:
    """Time units from their first event to their last.

    Parameters
    ----------
    prepared : Prepared
        The prepared events.
    unit : {"customer", "session", "order"}, default "session"
        What a journey is.
    by : str, optional
        A carried column; its value at a unit's first event says to which group the unit belongs.
    confidence : float, default 0.95
        Coverage of the intervals, strictly between 0 and 1.

    Returns
    -------
    Times
        One row (or one per value of `by`): `count` units, of which `single` have one event only
        and last 0 seconds; and the times of all.

    Raises
    ------
    ValueError
        If an argument is none of what is allowed.
    SchemaError
        If orders are asked for and the events carry no `order_id`.

    Examples
    --------
    >>> from cxresearch.journeys._example import PREPARED
    >>> durations(PREPARED).frame[["count", "single", "median_s", "mean_s"]]
       count  single  median_s  mean_s
    0      3       1     540.0   380.0
    """
    rules = CountingRules(unit=unit)
    steps = prepared.steps(unit)
    starts = steps.filter(nw.col("step") == 1)
    whole = steps.group_by("customer_id", "unit").agg(
        to_next_us=nw.col("ts_us").max() - nw.col("ts_us").min(), events=nw.len()
    )
    view = View(
        counted=whole.with_columns(single=nw.col("events") == 1),
        based=starts,
        keys=(),
        base=(),
        rules=rules,
        across="",
        prepared=prepared,
        starts=starts,
    )
    return _times(view, by, "single", confidence)


def _times(view: View, by: str | None, apart: str, confidence: float) -> Times:
    """Return the times of a view, with a count of the rows that a flag sets apart."""
    import pandas as pd

    validate.share("confidence", confidence)
    view = view.split(by) if by else view
    ones = view.counted.with_columns(nw.when(nw.col(apart)).then(1).otherwise(0).alias(apart))
    counted = grouped(ones, view.keys, nw.col(apart).sum(), count=nw.len())
    rows = [
        {**view.named(row), **{name: int(row[name] or 0) for name in ("count", apart)}}
        for row in counted
    ]
    table = pd.DataFrame(rows, columns=[*view.keys, "count", apart])
    table = with_numbers(table, view, quartiles(view, timed(view)), QUARTILES)
    table = with_numbers(table, view, means(view, confidence=confidence), MEANS)
    return Times(
        frame=table.sort_values(list(view.keys), ignore_index=True) if view.keys else table,
        rules=view.rules,
        confidence=confidence,
        method=LINEARISED,
    )
