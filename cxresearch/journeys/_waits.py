"""How long each customer waited for a goal, and how the wait ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.engine import frames
from cxresearch.engine.windows import of_days

if TYPE_CHECKING:
    from cxresearch.journeys.prepared import Prepared

#: How a wait ended: she is still on her way, has arrived, or has dropped out.
ON_THE_WAY, ARRIVED, DROPPED_OUT = 0, 1, 2

#: After every step there is.
_NEVER = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What customers wait for, from which start, and what ends a wait without it.

    Parameters
    ----------
    start, goal : tuple of str
        The events of which the first begins the wait, and those that fulfil it.
    drop_off : tuple of str
        The events that end it otherwise.
    silent_days : float or None
        A customer without any event for longer than this after her last one has dropped out by
        then, also if she comes back later: nobody could know that she would.
    end_us : int
        The last moment that was observed.
    """

    start: tuple[str, ...]
    goal: tuple[str, ...]
    drop_off: tuple[str, ...]
    silent_days: float | None
    end_us: int

    def of_customers(self, prepared: Prepared, *carried: str) -> frames.Frame:
        """Return one row per customer who set out.

        Its columns are `start_us`, `waited_us`, `outcome`, `reached_later` (1 where she dropped out
        and came to the goal later), and the carried columns at the start.
        """
        steps = prepared.coded_steps("customer").filter(nw.col("ts_us") <= self.end_us)
        begun = steps.filter(_is(prepared, self.start)).group_by("customer_id")
        on_the_way = steps.join(begun.agg(start_step=nw.col("step").min()), on="customer_id")
        since = on_the_way.filter(nw.col("step") >= nw.col("start_step"))
        later = nw.col("step") > nw.col("start_step")
        goal = later & _is(prepared, self.goal)
        out = later & _is(prepared, self.drop_off)
        at_start = nw.when(~later)
        ends = since.group_by("customer_id").agg(
            nw.col("ts_us").min().alias("start_us"),
            goal_step=nw.when(goal).then(nw.col("step")).otherwise(_NEVER).min(),
            goal_us=nw.when(goal).then(nw.col("ts_us")).min(),
            out_step=nw.when(out | self._silent).then(nw.col("step")).otherwise(_NEVER).min(),
            out_us=nw.when(out)
            .then(nw.col("ts_us"))
            .otherwise(nw.when(self._silent).then(nw.col("ts_us") + self._silent_us))
            .min(),
            **{name: at_start.then(nw.col(name)).max() for name in carried},
        )
        return self._with_outcome(ends).select(
            "start_us", "outcome", "waited_us", "reached_later", *carried
        )

    @property
    def _silent_us(self) -> int:
        return of_days(self.silent_days or 0)

    @property
    def _silent(self) -> nw.Expr:
        """Whether a row is followed by a silence that ends the wait, within what was observed."""
        if self.silent_days is None:
            return nw.col("ts_us").is_null()
        seen = nw.col("ts_us") <= self.end_us - self._silent_us
        return seen & (nw.col("to_next_us").is_null() | (nw.col("to_next_us") > self._silent_us))

    def _with_outcome(self, ends: frames.Frame) -> frames.Frame:
        goal, out = nw.col("goal_step"), nw.col("out_step")
        arrived = (goal < _NEVER) & (goal <= out)
        dropped = (out < _NEVER) & (out < goal)
        last = (
            nw.when(arrived)
            .then(nw.col("goal_us"))
            .otherwise(nw.when(dropped).then(nw.col("out_us")).otherwise(self.end_us))
        )
        outcome = (
            nw.when(arrived)
            .then(ARRIVED)
            .otherwise(nw.when(dropped).then(DROPPED_OUT).otherwise(ON_THE_WAY))
        )
        return ends.with_columns(
            outcome=outcome,
            waited_us=last - nw.col("start_us"),
            reached_later=frames.one(dropped & (goal < _NEVER)),
        )


def _is(prepared: Prepared, events: tuple[str, ...]) -> nw.Expr:
    """Return whether a row is one of some events; -1 is the code of none."""
    return nw.col("event").is_in([-1, *(prepared.code(event) for event in events)])
