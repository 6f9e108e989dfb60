"""How much more often a goal follows an event than it follows any moment of a journey."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.languages import Language
from cxresearch.core.remarks import Remark, in_words
from cxresearch.core.results import Interval, Result, as_columns
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.core.unit_sums import CrossSums, RatioSums
from cxresearch.engine import frames
from cxresearch.engine.windows import is_over, within
from cxresearch.journeys.counting_rules import CountingRules, Unit
from cxresearch.journeys.prepared import KEY, require
from cxresearch.stats.means.ratios import ratio_of_ratios
from cxresearch.stats.shares.proportions import clustered_proportion

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.journeys.prepared import Prepared

#: The moment of a goal that never comes.
_NO_MORE = 2**62
_COLUMNS = (
    *("event", "starts", "customers"),
    *("rate", "rate_low", "rate_high"),
    *("lift", "lift_low", "lift_high"),
)
_PRODUCTS = {
    "xx": ("x", "x"),
    "xy": ("x", "y"),
    "yy": ("y", "y"),
    "all_xx": ("all_x", "x"),
    "all_xy": ("all_x", "y"),
    "all_yx": ("all_y", "x"),
    "all_yy": ("all_y", "y"),
}
_SHOWN = (
    Column("event", role="name"),
    Column("starts", "Times it happened"),
    Column("customers", role="people"),
    Column("rate", "Followed", unit="share", role="estimate"),
    Column("lift", "Lift over any event", unit="", role="estimate"),
)
_CAPTION = "How often {goal} follows each event in a session, against any event"
_NOT_CAUSE = Remark("what comes before a goal need not bring it about")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Lifts(Tabular, Result):
    """Lifts, from :func:`lifts`; as a result it is the base rate they are relative to.

    Parameters
    ----------
    base : float
        The share of all starts that the goal follows, with `ci`.
    ci : Interval
        Its interval.
    n : int
        The customers with a start.
    unit : str
        ``"share"``.
    confidence : float
        Coverage of the intervals, 0-1.
    method : str
        The name of the method behind `ci`.
    note : str
        What a reader must know before using the numbers.
    goal : str
        The event that follows or not.
    starts, followed : int
        All starts, and those that the goal follows.
    rules : CountingRules
        The unit and the window.
    frame : pandas.DataFrame
        One row per event, the highest lift first: `event`, its `starts` and of how many
        `customers`, the `rate` at which the goal follows them, and the `lift`, that rate over the
        base, each with its interval (`rate_low`, `rate_high`, `lift_low`, `lift_high`).
    """

    base: float
    ci: Interval
    n: int
    unit: str
    confidence: float
    method: str
    note: str
    goal: str
    starts: int
    followed: int
    rules: CountingRules
    frame: pd.DataFrame
    remarks: tuple[Remark, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row per event."""
        return self.frame.copy()

    def table(self) -> Table:
        """Return one row per event."""
        return Table(frame=self.frame, columns=_SHOWN, caption=_CAPTION, values={"goal": self.goal})

    def checks(self) -> Iterator[tuple[str, float, float]]:
        """Yield what must agree: the starts of all events are all starts, at one base rate."""
        yield "starts of all events = starts", int(self.frame["starts"].sum()), self.starts
        followed = round((self.frame["starts"] * self.frame["rate"]).sum())
        yield f"starts followed by {self.goal} = of the base", followed, self.followed


@documented
def lifts(
    prepared: Prepared,
    goal: str,
    *,
    unit: Unit = "session",
    window_s: float = math.inf,
    confidence: float = 0.95,
) -> Lifts:
    """Compare how often a goal follows each event with how often it follows any event.

    A start is an event; the goal follows it when it comes after it in the same unit, within the
    window. The rate of an event is the share of its starts that are followed; the base is that
    share of all starts, whatever their event: the same window, unit and population, from a moment
    taken at random. (A windowed rate over a base without a window is too small by as much as the
    window leaves out, and can turn a lift above 1 into one below.)

    Parameters
    ----------
    %(prepared)s
    goal : str
        The event that follows or not.
    unit : {"session", "customer", "order"}, default "session"
        Within what it must follow.
    window_s : float, default inf
        The time it has, in seconds; the end of it belongs to it. Starts whose window ends after
        the last event of all are left out of the rates and of the base alike.
    %(confidence)s

    Returns
    -------
    Lifts
        The base, and per event its rate and its lift.

    Raises
    ------
    ValueError
        If `goal` never happened, or an argument is none of what is allowed.

    Notes
    -----
    rate = followed starts / starts, lift = rate / base, both of sums over customers
    (:func:`cxresearch.stats.shares.proportions.clustered_proportion`,
    :func:`cxresearch.stats.means.ratios`). Events at the same moment follow
    one another in the order of the prepared table.

    Examples
    --------
    >>> from cxresearch.journeys._example import PREPARED
    >>> found = lifts(PREPARED, "buy")
    >>> round(found.base, 2)
    0.33
    >>> found.frame[["event", "starts", "rate", "lift"]].round(2)
      event  starts  rate  lift
    0  cart       2  0.50   1.5
    1  view       3  0.33   1.0
    2   buy       1  0.00   0.0
    """
    import pandas as pd

    validate.share("confidence", confidence)
    rules = CountingRules(unit=unit, window_s=window_s)
    require("goal", [goal], prepared.events)
    rows = frames.rows(_sums(_starts(prepared, goal, rules)))
    whole = _base(rows)
    base = clustered_proportion(whole, confidence=confidence)
    table = pd.DataFrame(
        [_row(prepared, row, whole, confidence) for row in rows], columns=list(_COLUMNS)
    )
    remarks = (*([Remark(base.note)] if base.note else []), *prepared.remarks, _NOT_CAUSE)
    return Lifts(
        base=base.value,
        ci=base.ci,
        n=base.n,
        unit=base.unit,
        confidence=confidence,
        method=base.method,
        note=in_words(remarks, Language("en")),
        goal=goal,
        starts=int(whole.y),
        followed=int(whole.x),
        rules=rules,
        frame=table.sort_values(["lift", "event"], ascending=[False, True], ignore_index=True),
        remarks=remarks,
    )


def _starts(prepared: Prepared, goal: str, rules: CountingRules) -> frames.Frame:
    """Return one row per customer and event: its `starts`, and how many of them are `followed`."""
    events, goals = prepared.coded_steps(rules.unit), nw.col("event") == prepared.code(goal)
    window = rules.window_us
    if window is None:
        # Measured: a third of the time that finding the next goal of each event takes.
        last = events.filter(goals).group_by(*KEY).agg(cx_last=nw.col("journey_step").max())
        events = events.join(last, on=list(KEY), how="left")
        follows = nw.col("journey_step") < nw.col("cx_last")
    else:
        events = _with_next(events, goals)
        events = events.filter(is_over(nw.col("ts_us"), window, prepared.tally.last_us))
        follows = within(nw.col("goal_us") - nw.col("ts_us"), window)
    marked = events.with_columns(followed=frames.one(follows))
    return marked.group_by("customer_id", "event").agg(
        starts=nw.len().cast(nw.Float64), followed=nw.col("followed").sum().cast(nw.Float64)
    )


def _with_next(events: frames.Frame, goals: nw.Expr) -> frames.Frame:
    """Add `goal_us`: the moment of the next goal after each event of its unit."""

    def along(expression: nw.Expr) -> nw.Expr:
        return expression.over(*KEY, order_by="journey_step")

    here = events.with_columns(goal_us=nw.when(goals).then("ts_us").otherwise(_NO_MORE))
    soonest = here.with_columns(along(nw.col("goal_us").cum_min(reverse=True)))
    return soonest.with_columns(along(nw.col("goal_us").shift(-1)).fill_null(_NO_MORE))


def _sums(cells: frames.Frame) -> frames.Frame:
    """Return per event the sums over customers: of its followed starts x, its starts y, and more.

    Those are the products of x and y with one another and with the customer's sums over all
    events. Each customer is `counted` at one event, so that these add up to the customers.
    """
    own = cells.rename({"followed": "x", "starts": "y"}).with_columns(
        all_x=nw.col("x").sum().over("customer_id"),
        all_y=nw.col("y").sum().over("customer_id"),
        counted=frames.indicator(nw.col("event") == nw.col("event").min().over("customer_id")),
    )
    products = own.with_columns(
        **{name: nw.col(a) * nw.col(b) for name, (a, b) in _PRODUCTS.items()}
    )
    return products.group_by("event").agg(
        nw.len().alias("customers"), nw.col("x", "y", "counted", *_PRODUCTS).sum()
    )


def _base(rows: list[dict[str, Any]]) -> RatioSums:
    """Return the sums of the base: the starts of all events are those of the customer."""

    def total(name: str) -> float:
        return float(sum(row[name] for row in rows))

    return RatioSums(
        n=int(total("counted")),
        x=total("x"),
        y=total("y"),
        xx=total("all_xx"),
        xy=total("all_xy"),
        yy=total("all_yy"),
    )


def _row(
    prepared: Prepared, row: dict[str, Any], whole: RatioSums, confidence: float
) -> dict[str, Any]:
    own = {name: row[name] for name in ("x", "y", "xx", "xy", "yy")}
    sums = RatioSums(n=int(row["customers"]), **own)
    cross = CrossSums(n=whole.n, **{name: row[f"all_{name}"] for name in ("xx", "xy", "yx", "yy")})
    rate = clustered_proportion(sums, confidence=confidence)
    lift = ratio_of_ratios(whole, sums, cross, confidence=confidence)
    return {
        "event": prepared.events[int(row["event"])],
        "starts": int(row["y"]),
        "customers": int(row["customers"]),
        **as_columns("rate", rate),
        **as_columns("lift", lift),
    }
