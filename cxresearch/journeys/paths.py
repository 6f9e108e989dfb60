"""Which ways customers take: how their journeys open, and what leads to an event."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch import engine
from cxresearch.core import disk, validate
from cxresearch.core.documented import documented
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.engine import frames
from cxresearch.journeys.cells import Cells, View, cells, counts
from cxresearch.journeys.counting_rules import CountingRules, Unit
from cxresearch.journeys.prepared import KEY, labelled_steps, require

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.journeys.prepared import Prepared

#: All paths that are not shown one by one.
OTHERS = "(others)"
ARROW = " -> "
#: Stands for the steps of a unit that a path does not show.
MORE = "..."
_OTHERS = -1
_SHARES: dict[Unit, str] = {
    "customer": "Share of customers",
    "session": "Share of sessions",
    "order": "Share of orders",
}
_OPENINGS: dict[Unit, str] = {
    "customer": "The most common first steps of a journey, up to {steps}",
    "session": "The most common first steps of a session, up to {steps}",
    "order": "The most common first steps of an order, up to {steps}",
}
_LEADING = "The most frequent paths to {goal}"
#: A number must fit in 64 bits.
_LARGEST = 2**62


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Paths(Tabular, Cells):
    """The most frequent paths, the most frequent first, then ``"(others)"``.

    Parameters
    ----------
    until : str or None
        The event the paths lead to; None where they are how units open.

    See Also
    --------
    cxresearch.journeys.cells.Cells : The other fields.
    """

    until: str | None
    _numbers: PathNumbers = field(repr=False)

    def table(self) -> Table:
        """Return one row per path."""
        units = self.rules.unit
        return Table(
            frame=self.frame,
            columns=(
                Column("path", "Path"),
                Column("count", f"{units.capitalize()}s"),
                Column("share", _SHARES[units], unit="share", role="estimate", ends="ci"),
                Column("customers", role="people"),
            ),
            caption=_LEADING if self.until else _OPENINGS[units],
            values={"goal": self.until} if self.until else {"steps": self._numbers.length},
        )

    def checks(self) -> Iterator[tuple[str, int, int]]:
        """Yield what must agree: what it is, and the two numbers.

        The units of all paths are the units; of all openings, as many pass an event at a step as
        there are of these events at that step.
        """
        for _, left, right in Cells.checks(self) if len(self.frame) else ():
            yield "units of all paths = units", left, right
        if self.until is None:
            yield from self._numbers.checks()


@documented
def paths(
    prepared: Prepared,
    length: int = 6,
    *,
    unit: Unit = "session",
    top: int = 20,
    collapse_loops: bool = False,
    labels: Mapping[str, str] | None = None,
    until: str | None = None,
    by: str | None = None,
    intervals: bool = True,
    confidence: float = 0.95,
) -> Paths:
    """Count the most frequent ways in which units open, or that lead to an event.

    Parameters
    ----------
    %(prepared)s
    length : int, default 6
        How many steps to look at. A unit with more of them is shown with ``...`` in their place.
    %(journey_unit)s
    top : int, default 20
        How many paths to show; the rest is ``"(others)"``, so that the shares add up to 1.
    collapse_loops : bool, default False
        Whether an event that comes again right after itself is one step with it.
    %(labels)s
    until : str, optional
        An event (or label) that happened: of the units that come to it, the steps before they
        first do.
    by : str, optional
        A carried column; every value it has at a unit's first event has shares of its own.
    intervals : bool, default True
        Whether to infer; counts alone are cheap.
    %(confidence)s

    Returns
    -------
    Paths
        Per `path` its `share` of all units, or of all that come to `until`.

    Raises
    ------
    ValueError
        If an argument is none of what is allowed; if a path of that length does not fit in 64
        bits, with so many kinds of events: use `labels`, or fewer steps.

    Notes
    -----
    The intervals take customers as independent, not sessions. They do not hold together for all
    paths, and are not for comparing two of them.

    Examples
    --------
    >>> from cxresearch.journeys._example import PREPARED
    >>> paths(PREPARED, 2).frame[["path", "count", "share"]].round(2)
                      path  count  share
    0                 view      1   0.33
    1         view -> cart      1   0.33
    2  view -> cart -> ...      1   0.33
    """
    validate.share("confidence", confidence)
    numbers = _numbers(prepared, length, unit, labels, collapse_loops=collapse_loops)
    best = _most_frequent(numbers, until, top)
    view = _view(numbers, until, best, unit)
    if by is None and not intervals:
        table = _count_table(view, best)
    else:
        view = view.split(by)
        table = (cells if intervals else counts)(view, confidence=confidence).frame
    return Paths.of(
        view, _others_last(table, by), confidence=confidence, until=until, _numbers=numbers
    )


def path_view(
    prepared: Prepared,
    length: int = 6,
    *,
    unit: Unit = "session",
    top: int = 20,
    collapse_loops: bool = False,
    labels: Mapping[str, str] | None = None,
    until: str | None = None,
) -> View:
    """Return paths as a view, to compare groups with :func:`cxresearch.journeys.compare`.

    The arguments are those of :func:`paths`.

    Raises
    ------
    ValueError
        As :func:`paths` does.
    """
    numbers = _numbers(prepared, length, unit, labels, collapse_loops=collapse_loops)
    return _view(numbers, until, _most_frequent(numbers, until, top), unit)


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

    def checks(self) -> Iterator[tuple[str, int, int]]:
        """Yield, per step and event, the units whose opening passes it and the events there."""
        through, events = self._through(), self._events()
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

    def _through(self) -> dict[tuple[int, int], int]:
        """Return, per step and code, the units whose opening passes it there."""
        home = disk.OwnFolder("cxresearch-paths-")
        table = home.path / "paths.parquet"
        engine.write(self.openings().group_by("path").agg(n=nw.len()).to_native(), table)
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


def _numbers(
    prepared: Prepared,
    length: int,
    unit: Unit,
    labels: Mapping[str, str] | None,
    *,
    collapse_loops: bool,
) -> PathNumbers:
    steps, names = labelled_steps(prepared, unit, labels)
    longest = longest_path(len(names))
    validate.between("length", validate.whole("length", length), 1, longest)
    return PathNumbers(
        prepared=prepared,
        steps=without_loops(steps) if collapse_loops else steps,
        names=tuple(names.values()),
        length=length,
    )


def _most_frequent(numbers: PathNumbers, until: str | None, top: int) -> dict[int, int]:
    """Return how many units take each of the most frequent paths, of equal ones the smallest."""
    validate.whole("top", top, low=1)
    if until is not None:
        require("until", [until], numbers.names)
    counted = _taken(numbers, until)[0].group_by("path").agg(count=nw.len())
    best = counted.sort("count", "path", descending=[True, False]).head(top)
    return {int(row["path"]): int(row["count"]) for row in frames.rows(best)}


def _taken(numbers: PathNumbers, until: str | None) -> tuple[frames.Frame, frames.Frame]:
    """Return the path of every unit that takes one, and all units that could."""
    if until is None:
        return numbers.openings(), numbers.steps.filter(nw.col("step") == 1)
    goal = numbers.names.index(until)
    return numbers.endings(goal), first_of(numbers.steps, goal)


def _view(numbers: PathNumbers, until: str | None, best: Mapping[int, int], unit: Unit) -> View:
    taken, units = _taken(numbers, until)
    # An engine has no list without a member: no path is written as -2.
    own = nw.when(nw.col("path").is_in([*best, -2])).then(nw.col("path")).otherwise(_OTHERS)
    words = {number: _words(numbers, number, until) for number in best}
    return View(
        counted=taken.with_columns(path=own),
        based=units.select(*KEY),
        keys=("path",),
        rules=CountingRules(unit=unit),
        prepared=numbers.prepared,
        names={"path": {**words, _OTHERS: OTHERS}},
        once=True,
        starts=numbers.steps.filter(nw.col("step") == 1),
    )


def _count_table(view: View, best: Mapping[int, int]) -> pd.DataFrame:
    """Return the table of counts alone, which need not be counted again."""
    import pandas as pd

    (found,) = frames.rows(view.based.select(of=nw.len()))
    of = int(found["of"])
    rest = of - sum(best.values())
    every = {**best, **({_OTHERS: rest} if rest else {})}
    rows = [(view.names["path"][number], n, of, n / of) for number, n in every.items()]
    return pd.DataFrame(rows, columns=["path", "count", "of", "share"])


def _words(numbers: PathNumbers, number: int, until: str | None) -> str:
    """Return a path as it is read."""
    events, goes_on = numbers.read(number)
    unseen = [MORE] if goes_on else []
    return ARROW.join([*events, *unseen] if until is None else [*unseen, *events, until])


def _others_last(table: pd.DataFrame, by: str | None) -> pd.DataFrame:
    keys = [*([by] if by else []), "others"]
    marked = table.assign(others=table["path"] == OTHERS)
    return marked.sort_values(keys, kind="stable", ignore_index=True).drop(columns="others")


def _by_step(counted: frames.Frame) -> dict[tuple[int, int], int]:
    rows = frames.rows(counted)
    return {(int(row["step"]), int(row["event"])): int(row["n"]) for row in rows}


def first_of(steps: frames.Frame, event: int) -> frames.Frame:
    """Return the units that come to an event, and the `step` at which they first do."""
    return steps.filter(nw.col("event") == event).group_by(*KEY).agg(nw.col("step").min())


def without_loops(steps: frames.Frame) -> frames.Frame:
    """Return the steps, an event that comes again right after itself being one of them."""
    last_of_run = nw.col("next_event").is_null() | (nw.col("next_event") != nw.col("event"))
    number = nw.col("step").cum_count().over(*KEY, order_by="step")
    return steps.filter(last_of_run).with_columns(step=number)
