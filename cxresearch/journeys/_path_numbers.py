"""Paths as numbers, whose digits are events, to the base of how many kinds there are."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch import engine
from cxresearch.core import disk
from cxresearch.engine import frames
from cxresearch.journeys.prepared import KEY, require

if TYPE_CHECKING:
    from cxresearch.journeys.prepared import Prepared

#: A number must fit in 64 bits.
_LARGEST = 2**62


def longest_path(events: int) -> int:
    """Return how many steps a path may have, where there are so many kinds of events.

    Examples
    --------
    >>> longest_path(27), longest_path(1000)
    (12, 6)
    """
    return int(math.log(_LARGEST / 2, events + 1)) if events else 60


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PathNumbers:
    """The paths of units.

    Parameters
    ----------
    prepared : Prepared
        The events; held because a temporary table goes with it.
    steps : narwhals.LazyFrame
        The steps of the units, as its `steps` gives them.
    names : tuple of str
        The name of each code.
    length : int
        How many steps a path has at most.
    """

    prepared: Prepared
    steps: frames.Frame
    names: tuple[str, ...]
    length: int

    @property
    def base(self) -> int:
        """What the digits of a number are to the base of."""
        return len(self.names) + 1

    def openings(self) -> frames.Frame:
        """Return the first steps of each unit as its `path`."""
        inside = self.steps.filter(nw.col("step") <= self.length)
        more = (nw.col("step") == self.length) & ~nw.col("next_event").is_null()
        return self._numbers(inside, place=self.length - nw.col("step"), more=more)

    def endings(self, goal: int) -> frames.Frame:
        """Return the last steps before each unit first comes to an event as its `path`."""
        reached = first_of(self.steps, goal).rename({"step": "goal_step"})
        with_goal = self.steps.join(reached, on=list(KEY))
        place = nw.col("goal_step") - nw.col("step") - 1
        inside = with_goal.filter(place >= -1, place < self.length)
        more = (place == self.length - 1) & (nw.col("step") > 1)
        return self._numbers(inside, place=place, more=more)

    def read(self, number: int) -> tuple[list[str], bool]:
        """Return the events of a path, and whether the unit has more.

        Examples
        --------
        >>> from cxresearch.journeys._example import PREPARED
        >>> steps = PREPARED.steps("session")
        >>> numbers = PathNumbers(prepared=PREPARED, steps=steps, names=("a", "b"), length=3)
        >>> numbers.read(2 * (1 * 3**2 + 2 * 3) + 1)
        (['a', 'b'], True)
        """
        rest, more = divmod(number, 2)
        events = []
        while rest:
            rest, digit = divmod(rest, self.base)
            events += [self.names[digit - 1]] if digit else []
        return events[::-1], bool(more)

    def checks(self, openings: frames.Frame) -> Iterator[tuple[str, int, int]]:
        """Yield, per step and event, the units whose opening passes it and the events there."""
        through, events = self._through(openings), self._events()
        for step, code in sorted(through.keys() | events.keys()):
            what = f"paths through {self.names[code]} at step {step} = such events there"
            yield what, through.get((step, code), 0), events.get((step, code), 0)

    def _numbers(self, inside: frames.Frame, *, place: nw.Expr, more: nw.Expr) -> frames.Frame:
        """Return the number of each unit; a step whose place is no digit adds nothing."""
        digit = (nw.col("event") + 1).cast(nw.Int64)
        parts = [
            nw.when(place == k).then(digit * (2 * self.base**k)).otherwise(0)
            for k in range(self.length)
        ]
        part = nw.sum_horizontal(*parts, frames.one(more))
        written = inside.with_columns(part=part).group_by(*KEY).agg(nw.col("part").sum())
        return written.select(*KEY, path=nw.col("part").cast(nw.Int64))

    def _through(self, openings: frames.Frame) -> dict[tuple[int, int], int]:
        """Return, per step and code, the units whose opening passes it there."""
        home = disk.OwnFolder("cxresearch-paths-")
        table = home.path / "paths.parquet"
        engine.write(openings.group_by("path").agg(n=nw.len()).to_native(), table)
        taken = engine.scan(table, on=self.prepared.on)
        digits = [
            taken.select("n", step=nw.lit(step), event=nw.col("path") // weight % self.base - 1)
            for step in range(1, self.length + 1)
            for weight in [2 * self.base ** (self.length - step)]
        ]
        passed = nw.concat(digits).filter(nw.col("event") >= 0)
        return _by_step(passed.group_by("step", "event").agg(nw.col("n").sum()))

    def _events(self) -> dict[tuple[int, int], int]:
        """Return, per step and code, the events there."""
        inside = self.steps.filter(nw.col("step") <= self.length)
        return _by_step(inside.group_by("step", "event").agg(n=nw.len()))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TakenPaths:
    """The path of every unit that takes one, in a file that goes with it where it is kept."""

    rows: frames.Frame
    _home: disk.OwnFolder | None = None

    @classmethod
    def of(cls, numbers: PathNumbers, until: str | None, *, kept: bool) -> TakenPaths:
        """Return the openings, or the ways to an event; to read them several times they are kept.

        Raises
        ------
        ValueError
            If the event never happened.
        """
        if until is None:
            rows = numbers.openings()
        else:
            require("until", [until], numbers.names)
            rows = numbers.endings(numbers.names.index(until))
        if not kept:
            return cls(rows=rows)
        home = disk.OwnFolder("cxresearch-paths-")
        table = home.path / "taken.parquet"
        engine.write(rows.to_native(), table)
        return cls(rows=engine.scan(table, on=numbers.prepared.on), _home=home)


def first_of(steps: frames.Frame, event: int) -> frames.Frame:
    """Return the units that come to an event, and the `step` at which they first do."""
    return steps.filter(nw.col("event") == event).group_by(*KEY).agg(nw.col("step").min())


def _by_step(counted: frames.Frame) -> dict[tuple[int, int], int]:
    rows = frames.rows(counted)
    return {(int(row["step"]), int(row["event"])): int(row["n"]) for row in rows}
