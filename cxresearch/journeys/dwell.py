"""How long customers stay, at each touchpoint and on the whole way: quartiles and means."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch import engine
from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.results import Result
from cxresearch.core.unit_sums import RatioSums
from cxresearch.engine import frames
from cxresearch.journeys.cells import View, aggregate, floats, totals
from cxresearch.journeys.counting_rules import CountingRules, Unit
from cxresearch.journeys.prepared import labelled_steps
from cxresearch.stats.means.ratios import LINEARISED, ratio_of_sums

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.journeys.prepared import Prepared

#: Where each quartile of a number of seconds lies.
QUARTILES = {"q1_s": 0.25, "median_s": 0.5, "q3_s": 0.75}
MEANS = ("n", "mean_s", "ci_low", "ci_high")
_SUMS = ("x", "y", "xx", "xy", "yy")
_SECOND_US = 1_000_000
#: Some numbers of each cell, by its keys.
ByCell = dict[tuple[Any, ...], dict[str, Any]]


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


@documented
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
    %(prepared)s
    %(journey_unit)s
    labels : mapping of str to str, optional
        What to time instead of events, the touchpoint or stage of each, for instance.
    by : str, optional
        A carried column; every one of its values at the event has times of its own.
    %(confidence)s

    Returns
    -------
    Times
        Per `event`: `count`, of which `last` are their unit's last, so that nobody knows how long
        they took; and the times of the others.

    Raises
    ------
    %(journey_errors)s

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
    steps, names = labelled_steps(prepared, unit, labels)
    view = View(
        counted=steps.with_columns(last=nw.col("next_event").is_null()),
        based=steps,
        keys=("event",),
        rules=rules,
        prepared=prepared,
        names={"event": names},
    )
    return _times(view, by, "last", confidence)


@documented
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
    %(prepared)s
    %(journey_unit)s
    by : str, optional
        A carried column; its value at a unit's first event says to which group the unit belongs.
    %(confidence)s

    Returns
    -------
    Times
        One row (or one per value of `by`): `count` units, of which `single` have one event only
        and last 0 seconds; and the times of all.

    Raises
    ------
    %(not_allowed)s
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
    steps = prepared.coded_steps(unit)
    starts = steps.filter(nw.col("step") == 1)
    whole = steps.group_by("customer_id", "unit").agg(
        to_next_us=nw.col("ts_us").max() - nw.col("ts_us").min(), events=nw.len()
    )
    view = View(
        counted=whole.with_columns(single=nw.col("events") == 1),
        based=starts,
        keys=(),
        rules=rules,
        prepared=prepared,
        starts=starts,
    )
    return _times(view, by, "single", confidence)


def _times(view: View, by: str | None, apart: str, confidence: float) -> Times:
    """Return the times of a view, with a count of the rows that a flag sets apart."""
    import pandas as pd

    validate.share("confidence", confidence)
    view = view.split(by)
    ones = view.counted.with_columns(frames.one(nw.col(apart)).alias(apart))
    counted = aggregate(ones, view.keys, nw.col(apart).sum(), count=nw.len())
    rows = [
        {**view.named(row), **{name: int(row[name] or 0) for name in ("count", apart)}}
        for row in counted
    ]
    table = pd.DataFrame(rows, columns=[*view.keys, "count", apart])
    table = with_numbers(table, view, quartiles(view, time_rows(view)), QUARTILES)
    table = with_numbers(table, view, means(view, confidence=confidence), MEANS)
    return Times(
        frame=table.sort_values(list(view.keys), ignore_index=True) if view.keys else table,
        rules=view.rules,
        confidence=confidence,
        method=LINEARISED,
    )


def time_rows(view: View) -> list[dict[str, Any]]:
    """Return, per cell, the `count` of things and the quartiles of `to_next_us`, in one pass."""
    return frames.rows(engine.quantiles(view.counted, view.keys, "to_next_us", QUARTILES))


def quartiles(view: View, rows: Iterable[dict[str, Any]]) -> ByCell:
    """Return the quartiles of :func:`time_rows` in seconds."""
    return {view.cell(row): {name: seconds(row[name]) for name in QUARTILES} for row in rows}


def means(view: View, *, confidence: float) -> ByCell:
    """Return the mean of `to_next_us` in seconds, with its interval, over `n` customers."""
    known = view.counted.filter(~nw.col("to_next_us").is_null())
    customers = known.group_by("customer_id", *view.keys)
    sums = floats(customers.agg(nw.col("to_next_us").sum().alias("x"), y=nw.len()), "x", "y")
    x, y = nw.col("x") / _SECOND_US, nw.col("y")
    products = sums.with_columns(x=x, xx=x * x, xy=x * y, yy=y * y)
    found = totals(products, view.keys, *_SUMS)
    return {view.cell(row): _mean(row, confidence) for row in found}


def with_numbers(
    table: pd.DataFrame, view: View, numbers: ByCell, names: Iterable[str]
) -> pd.DataFrame:
    """Return a table with the numbers of each cell; where nothing was timed, `n` is 0, else nan."""
    cells = zip(*(table[key] for key in view.keys), strict=True) if view.keys else [()] * len(table)
    found = [numbers.get(cell, {}) for cell in cells]
    nothing = dict.fromkeys(names, math.nan) | {"n": 0}
    return table.assign(**{name: [(nothing | one)[name] for one in found] for name in names})


def seconds(time_us: float | None) -> float:
    """Return microseconds in seconds; nan where there are none."""
    return math.nan if time_us is None else float(time_us) / _SECOND_US


def _mean(row: dict[str, Any], confidence: float) -> dict[str, float]:
    sums = RatioSums(n=row["n"], **{name: float(row[name]) for name in _SUMS})
    found = ratio_of_sums(sums, unit="s", confidence=confidence, low=0.0)
    return {
        "n": found.n,
        "mean_s": frames.stable(found.value),
        "ci_low": frames.stable(found.ci.low),
        "ci_high": frames.stable(found.ci.high),
    }
