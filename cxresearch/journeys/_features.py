"""What units do before they come to a goal, or without coming to it: the features of drivers.

Every feature is a share of units: those that have an event; of these, those that have it again,
and those that come to it soon; of those with two events, those that come to one of them first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch import engine
from cxresearch.core import disk
from cxresearch.engine import frames
from cxresearch.journeys._pairs import PairSums, pair_sums
from cxresearch.journeys._path_numbers import KEY
from cxresearch.journeys.contract import Contract, Unit
from cxresearch.journeys.view import View

if TYPE_CHECKING:
    from cxresearch.journeys.prepared import Prepared

#: Whether a unit came to the goal, and what it is then.
OUTCOME, OTHER, CONVERTED = "outcome", "other", "converted"
#: Which half of the customers a unit belongs to.
HALF, FIRST, SECOND = "half", "first", "second"
#: How many events a unit has before the goal, as one of a few classes.
LENGTH = "length"

#: Where the classes of length begin.
_LENGTHS = (1, 2, 3, 5, 9, 17, 33)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Features:
    """The units and what each did before the goal, written once and read for every feature.

    Parameters
    ----------
    prepared : Prepared
        The prepared events, with the outcome among the columns that make groups.
    unit : {"customer", "session", "order"}
        What a journey is.
    units : narwhals.LazyFrame
        One row per unit: what identifies it, its outcome, half and length, and `start_us`.
    found : narwhals.LazyFrame
        One row per unit and event before the goal: the same, the `event`, how many `times`, its
        `first_step`, and `after_us`, the time from the unit's start to the first.
    """

    prepared: Prepared
    unit: Unit
    units: frames.Frame
    found: frames.Frame
    _home: disk.OwnFolder

    @classmethod
    def of(cls, prepared: Prepared, goal: str, *, unit: Unit, seed: int) -> Features:
        """Look at what happened before each unit's first goal, and at all where there is none."""
        home = disk.OwnFolder("cxresearch-drivers-")
        steps = prepared.steps(unit)
        units_table, found_table = (home.path / f"{name}.parquet" for name in ("units", "found"))
        engine.write(_units(steps, prepared.code(goal), seed).to_native(), units_table)
        units = engine.scan(units_table, on=prepared.on)
        before = steps.join(units, on=list(KEY)).filter(nw.col("step") <= nw.col("events"))
        own = [*KEY, OUTCOME, HALF, LENGTH]
        found = before.group_by(*own, "event").agg(
            times=nw.len(),
            first_step=nw.col("step").min(),
            after_us=(nw.col("ts_us") - nw.col("start_us")).min(),
        )
        engine.write(found.to_native(), found_table)
        return cls(
            prepared=replace(prepared, carried=(*prepared.carried, OUTCOME)),
            unit=unit,
            units=units,
            found=engine.scan(found_table, on=prepared.on),
            _home=home,
        )

    def within(self, half: str) -> Features:
        """Return the features of one half of the customers."""
        own = nw.col(HALF) == half
        return replace(self, units=self.units.filter(own), found=self.found.filter(own))

    def present(self) -> list[PairSums]:
        """Return the units that have an event, of all units."""
        return self._sums(self.found, self.units, "event", base=())

    def at_same_length(self) -> dict[str, float]:
        """Return, per event, the share of others that would have it were they as long.

        It is the mean over classes of length of the share of others, each class weighing as many
        as converted in it (direct standardisation); classes without others are left out.
        """
        units = {
            (row[LENGTH], row[OUTCOME]): int(row["n"])
            for row in frames.rows(self.units.group_by(LENGTH, OUTCOME).agg(n=nw.len()))
        }
        weights = {
            length: units.get((length, CONVERTED), 0) / others
            for (length, outcome), others in units.items()
            if outcome == OTHER
        }
        whole = sum(weights[length] * units[length, OTHER] for length in weights)
        others = self.found.filter(nw.col(OUTCOME) == OTHER)
        shares = dict.fromkeys(self.prepared.events, 0.0 if whole else math.nan)
        for row in frames.rows(others.group_by(LENGTH, "event").agg(n=nw.len())):
            name = self.prepared.events[int(row["event"])]
            shares[name] += weights[row[LENGTH]] * int(row["n"]) / whole if whole else 0.0
        return shares

    def again(self) -> list[PairSums]:
        """Return the units that have an event again, of those that have it."""
        return self._sums(self.found.filter(nw.col("times") > 1), self.found, "event")

    def soon(self) -> list[PairSums]:
        """Return the units that come to an event no later than half of those that have it."""
        medians = frames.rows(
            self.found.group_by("event").agg(
                nw.col("after_us").quantile(0.5, interpolation="linear").alias("median")
            )
        )
        soon = [
            (nw.col("event") == row["event"]) & (nw.col("after_us") <= row["median"])
            for row in medians
        ]
        if not soon:
            return []
        early = self.found.filter(nw.any_horizontal(*soon, ignore_nulls=False))
        return self._sums(early, self.found, "event")

    def order(self, common: int) -> list[PairSums]:
        """Return the units that come to one of two events first, of those with both.

        Only pairs of so many of the most common events are looked at.
        """
        counted = self.found.group_by("event").agg(n=nw.len())
        most = counted.sort("n", "event", descending=[True, False]).head(common)
        # No row has the code -1, and an engine knows no empty list.
        chosen = [-1, *(int(row["event"]) for row in frames.rows(most))]
        own = self.found.filter(nw.col("event").is_in(chosen))
        other = own.select(*KEY, other="event", other_step="first_step")
        both = own.join(other, on=list(KEY)).filter(nw.col("event") < nw.col("other"))
        first = both.filter(nw.col("first_step") < nw.col("other_step"))
        return self._sums(first, both, "event", "other")

    def _sums(
        self,
        counted: frames.Frame,
        based: frames.Frame,
        *keys: str,
        base: Sequence[str] | None = None,
    ) -> list[PairSums]:
        """Return the sums of features in both outcomes; by default the keys are the base too."""
        names = dict(enumerate(self.prepared.events))
        view = View(
            counted=counted,
            based=based,
            keys=keys,
            base=tuple(keys if base is None else base),
            contract=Contract(unit=self.unit),
            across=keys[-1],
            prepared=self.prepared,
            names={"event": names, "other": names},
            once=True,
        )
        return pair_sums(view, OUTCOME, (OTHER, CONVERTED))


def _units(steps: frames.Frame, goal: int, seed: int) -> frames.Frame:
    """Return one row per unit, with the `events` it has before the goal."""
    of_units = steps.group_by(*KEY).agg(
        goal_step=nw.when(nw.col("event") == goal).then(nw.col("step")).min(),
        steps=nw.col("step").max(),
        start_us=nw.col("ts_us").min(),
    )
    converted = ~nw.col("goal_step").is_null()
    events = nw.when(converted).then(nw.col("goal_step") - 1).otherwise(nw.col("steps"))
    length = nw.sum_horizontal(
        *(nw.when(nw.col("events") >= least).then(1).otherwise(0) for least in _LENGTHS)
    )
    in_first = nw.col("digest").str.slice(0, 1).is_in(list("01234567"))
    halved = engine.digested(of_units, "customer_id", salt=f"{seed}:", name="digest")
    return halved.with_columns(
        events=events,
        outcome=nw.when(converted).then(nw.lit(CONVERTED)).otherwise(nw.lit(OTHER)),
        half=nw.when(in_first).then(nw.lit(FIRST)).otherwise(nw.lit(SECOND)),
    ).select(*KEY, OUTCOME, HALF, "events", "start_us", length=length)
