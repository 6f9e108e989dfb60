"""Which ways customers take: how their journeys open, and what leads to an event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.table import Column, Table, Tabular
from cxresearch.engine import frames
from cxresearch.journeys._path_numbers import PathNumbers, TakenPaths, first_of, longest_path
from cxresearch.journeys.cells import Cells, View, cells, counts
from cxresearch.journeys.counting_rules import CountingRules, Unit
from cxresearch.journeys.prepared import KEY, labelled_steps

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
    _taken: TakenPaths = field(repr=False)

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
            yield from self._numbers.checks(self._taken.rows)


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
    taken = TakenPaths.of(numbers, until, kept=intervals)
    best = _most_frequent(taken.rows, top)
    view = _view(numbers, until, taken.rows, best, unit)
    if by is None and not intervals:
        table = _count_table(view, best)
    else:
        view = view.split(by)
        table = (cells if intervals else counts)(view, confidence=confidence).frame
    return Paths.of(
        view,
        _others_last(table, by),
        confidence=confidence,
        until=until,
        _numbers=numbers,
        _taken=taken,
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
    taken = TakenPaths.of(numbers, until, kept=False).rows
    return _view(numbers, until, taken, _most_frequent(taken, top), unit)


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


def _most_frequent(taken: frames.Frame, top: int) -> dict[int, int]:
    """Return how many units take each of the most frequent paths, of equal ones the smallest."""
    validate.whole("top", top, low=1)
    counted = taken.group_by("path").agg(count=nw.len())
    best = counted.sort("count", "path", descending=[True, False]).head(top)
    return {int(row["path"]): int(row["count"]) for row in frames.rows(best)}


def _view(
    numbers: PathNumbers,
    until: str | None,
    taken: frames.Frame,
    best: Mapping[int, int],
    unit: Unit,
) -> View:
    starts = numbers.steps.filter(nw.col("step") == 1)
    units = starts if until is None else first_of(numbers.steps, numbers.names.index(until))
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
        starts=starts,
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


def without_loops(steps: frames.Frame) -> frames.Frame:
    """Return the steps, an event that comes again right after itself being one of them."""
    last_of_run = nw.col("next_event").is_null() | (nw.col("next_event") != nw.col("event"))
    number = nw.col("step").cum_count().over(*KEY, order_by="step")
    return steps.filter(last_of_run).with_columns(step=number)
