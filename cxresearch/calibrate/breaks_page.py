"""The part of the page about breaks: false alarms in stable shops, and what is found in others.

``python -m cxresearch.calibrate.breaks_page`` looks at the shops, one to three CPU seconds each;
those that are in ``docs/break_shops.jsonl`` are not looked at again. Where the scan changes, its
lines there are to be deleted.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cxresearch.calibrate.coverage_page import kept_lines, row
from cxresearch.calibrate.stable_shops import PlantedBreak, shop
from cxresearch.core import disk
from cxresearch.stats.breaks import Break, Panel, scan

Array = NDArray[np.float64]

#: Weeks, visits in the first week, and how many stable shops are looked at.
_STABLE = (
    *((52, visits, 200) for visits in (1_900, 19_000, 100_000)),
    *((weeks, visits, 60) for weeks in (104, 156) for visits in (1_900, 19_000)),
    *((weeks, 100_000, 200) for weeks in (104, 156)),
)
_BROKEN = 40
#: How often stable shops may alarm.
_PROMISED = 0.05
_SEED = 20_261_129
_WEEKS, _AGE = 52, 22
#: A planted measure is one of these groups: everybody, or the one device.
_WHOLE, _MOBILE = "all", "d1"

_HEAD = """
## Breaks: false alarms, and what is found

Shops of 16 measures in 32 overlapping groups, about 1,000 series, with growth, two peaks a year,
holidays, counts that vary 1.3 times as much as binomial ones, and a wander of the weeks: each shop
draws its correlation from 0 to .6 and the standard deviation of the devices' own seasons from 0 to
.1 (log odds); every fourth has the largest of both. A false alarm is any break in any series of a
shop in which nothing breaks; 0.050 is promised. The error is the Monte Carlo standard error, of a
share of 0.050 where no shop alarms.

"""
_POWER = """
Below, one break is planted {age} weeks before the end of {weeks} weeks unless it says otherwise, in
some shops. It is found where any group of the measure breaks. Dates and changes are those of the
planted group, where it is found there: the median distance from the true week, and how often the
intervals of 95 % hold the true week and the true change.

"""
_READING = """
- The limit is Bonferroni's over series that overlap, and the season and the growth that a shop may
  have are allowed for in all of them: stable shops alarm less often than promised.
- Shops are looked at again when the scan changes, as many as there was time for.
- With 1,900 visits a week only large breaks are found: a share of one device must move by some 17
  points, or a rare error become common. `Scan.detectable` says it for every series.
- A ramp is dated where it has become clear, and its weeks are many.
- A change near the limit is found because chance enlarged it, so its interval is a little short.
- Where the state is not right it is nearly always "unsure": 4 weeks do not say it yet.
- Shops with far larger seasons alarm in their first year (`docs/decisions/018`).
"""


@dataclass(frozen=True, slots=True)
class Alarms:
    """How often stable shops alarm.

    Parameters
    ----------
    weeks : int
        How many weeks the shops have.
    visits : int
        Visits of the first week.
    breaks : tuple of int
        How many breaks each shop was said to have.
    series : int
        The fewest series that were judged in a shop.
    """

    weeks: int
    visits: int
    breaks: tuple[int, ...]
    series: int

    @property
    def share(self) -> float:
        """The share of shops with any alarm.

        Examples
        --------
        >>> Alarms(52, 1900, (0, 0, 3, 0), 900).share
        0.25
        """
        return sum(one > 0 for one in self.breaks) / len(self.breaks)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one planted break, a value per shop.

    Parameters
    ----------
    what : str
        The break.
    visits : int
        Visits of the first week.
    found : tuple of bool
        Whether the planted measure broke in any group.
    weeks_off : tuple of int
        Where it broke in the planted group: the distance from the true week.
    held_week, held_change, right_state : tuple of bool
        There, whether the start's weeks held the true one, the interval the true change, and
        whether the state was right.
    """

    what: str
    visits: int
    found: tuple[bool, ...]
    weeks_off: tuple[int, ...]
    held_week: tuple[bool, ...]
    held_change: tuple[bool, ...]
    right_state: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class _Change:
    """A change of a size, from a week, for some weeks, reached in some weeks."""

    size: float
    first: int
    length: int
    rise: int

    def change(self, week: Array) -> Array:
        """Return the change of each week."""
        inside = (week >= self.first) & (week < self.first + self.length)
        grown: Array = ((week - self.first + 1) / self.rise).clip(0, 1)
        return self.size * inside * grown


def planted(weeks: int = _WEEKS) -> dict[str, tuple[PlantedBreak, str]]:
    """Return breaks by name, each with the state that it is in at the end."""
    start = weeks - _AGE

    def step(size: float, first: int = start, length: int = weeks) -> _Change:
        return _Change(size, first, length, 1)

    ramp = _Change(-0.408, start, weeks, 12)
    error, late = step(3.33), step(2.75, start, 4)
    eight, short = step(-0.408), step(-0.408, start, 6)
    new_error, new_eight = step(3.33, weeks - 2), step(-0.408, weeks - 2)
    rows: list[tuple[str, str, _Change, bool, str]] = [
        ("payment error 1 to 22 %, mobile", "payment_error", error, True, "open"),
        ("the same, last 2 weeks", "payment_error", new_error, True, "open"),
        ("late parcels 6 to 50 %, 4 weeks, all", "late", late, False, "past"),
        ("late parcels 6 to 12 %, all", "late", step(0.76), False, "open"),
        ("purchase -8 points, mobile", "purchase", eight, True, "open"),
        ("purchase -4 points, mobile", "purchase", step(-0.213), True, "open"),
        ("purchase -8 points in 12 weeks, mobile", "purchase", ramp, True, "open"),
        ("purchase -8 points for 6 weeks, mobile", "purchase", short, True, "past"),
        ("purchase -8 points, last 2 weeks, mobile", "purchase", new_eight, True, "open"),
        ("NPS -10, all", "nps", step(-10.0), False, "open"),
    ]
    return {
        name: (PlantedBreak(measure, shape.change, mobile, shape.first), state)
        for name, measure, shape, mobile, state in rows
    }


def stable(weeks: int, visits: int, number: int) -> dict[str, Any]:
    """Return how often a shop in which nothing breaks is said to break, of how many series."""
    found = scan(_shop((0, weeks, visits, number), weeks, visits))
    return {"breaks": len(found.breaks), "series": found.judged}


def broken(what: str, visits: int, number: int) -> dict[str, Any]:
    """Return what is found of a break that is planted in a shop, as named by `Found`."""
    one, state = planted()[what]
    panels = _shop((1, visits, number), _WEEKS, visits, [one])
    breaks = [each for each in scan(panels).breaks if each.measure == one.measure]
    group = _MOBILE if one.mobile else _WHOLE
    there = next((each for each in breaks if each.group == group), None)
    if there is None:
        return {"found": bool(breaks)}
    panel = next(panel for panel in panels if panel.measure == one.measure)
    true_change = float(one.change(np.arange(_WEEKS))[-1 if state == "open" else one.start])
    change, truth = there.change.ci, _in_unit(panel, there, true_change)
    return {
        "found": True,
        "weeks_off": abs(there.start - one.start),
        "held_week": there.start_weeks[0] <= one.start <= there.start_weeks[1],
        "held_change": bool(change.low <= truth <= change.high),
        "right_state": there.state == state,
    }


def look_at(path: Path) -> None:
    """Look at shops, and append what is found to a file, one a line; those in it are passed over.

    Of every kind some come first, so that a run that is stopped has as great a part of each.
    """
    known = {(one["of"], one["visits"], one["shop"]) for one in kept_lines(path)}
    kinds: list[tuple[int | str, int, int]] = [*_STABLE]
    kinds += [(what, visits, _BROKEN) for what, visits in _planted_at()]
    asked = [
        (number / count, of, visits, number)
        for of, visits, count in kinds
        for number in range(count)
        if (of, visits, number) not in known
    ]
    for _, of, visits, number in sorted(asked, key=lambda one: one[0]):
        seen = stable(of, visits, number) if isinstance(of, int) else broken(of, visits, number)
        line = json.dumps({"of": of, "visits": visits, "shop": number, **seen})
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def _planted_at() -> Iterator[tuple[str, int]]:
    """Yield each planted break with the visits of the shops in which it is."""
    for what in planted():
        yield from ((what, 1_900), (what, 19_000))


def _in_unit(panel: Panel, found: Break, change: float) -> float:
    """Return a true change of log odds as one of the share before it; that of a score as it is."""
    if panel.kind == "mean":
        return change
    odds = found.before / (1 - found.before) * math.exp(change)
    return odds / (1 + odds) - found.before


def _shop(
    seed: Sequence[int], weeks: int, visits: int, breaks: Sequence[PlantedBreak] = ()
) -> list[Panel]:
    rng = np.random.default_rng([_SEED, *seed])
    correlation, season = rng.uniform(0, 0.6), rng.uniform(0, 0.1)
    if seed[-1] % 4 == 0:
        correlation, season = 0.6, 0.1
    return shop(
        rng,
        weeks=weeks,
        visits=visits,
        correlation=correlation,
        device_season=season,
        breaks=breaks,
    )


def section(path: Path) -> str:
    """Return the part of the page about breaks, from the shops in a file."""
    lines: dict[tuple[int | str, int], list[dict[str, Any]]] = {}
    for one in kept_lines(path):
        lines.setdefault((one["of"], one["visits"]), []).append(one)
    calm = [(weeks, visits) for weeks, visits, _ in sorted(_STABLE) if (weeks, visits) in lines]
    alarms = [alarms_of(weeks, visits, lines[weeks, visits]) for weeks, visits in calm]
    found = [found_of(*one, lines[one]) for one in _planted_at() if one in lines]
    return (
        _HEAD
        + alarms_table(alarms)
        + _POWER.format(age=_AGE, weeks=_WEEKS)
        + found_table(found)
        + _READING
    )


def alarms_of(weeks: int, visits: int, lines: Sequence[dict[str, Any]]) -> Alarms:
    """Return how often some shops in which nothing breaks alarm."""
    breaks = tuple(one["breaks"] for one in lines)
    return Alarms(weeks, visits, breaks, min(one["series"] for one in lines))


def found_of(what: str, visits: int, lines: Sequence[dict[str, Any]]) -> Found:
    """Return what is found of a break that is planted in some shops."""
    there = [one for one in lines if "weeks_off" in one]
    places = (
        tuple(one[name] for one in there)
        for name in ("weeks_off", "held_week", "held_change", "right_state")
    )
    return Found(what, visits, tuple(one["found"] for one in lines), *places)


def alarms_table(found: Iterable[Alarms]) -> str:
    """Return one row per length and traffic.

    Examples
    --------
    >>> print(alarms_table([Alarms(52, 1900, (0, 0, 3, 0), 900)]))
    | weeks | visits a week | shops | series at least | any alarm | error | breaks a shop |
    | --- | --- | --- | --- | --- | --- | --- |
    | 52 | 1900 | 4 | 900 | 0.250 | 0.217 | 0.75 |
    <BLANKLINE>
    """
    head = ("weeks", "visits a week", "shops", "series at least", "any alarm", "error")
    lines = [row(*head, "breaks a shop"), row(*["---"] * 7)]
    for one in found:
        shops = len(one.breaks)
        share = one.share or _PROMISED
        error = math.sqrt(share * (1 - share) / shops)
        numbers = (one.weeks, one.visits, shops, one.series)
        shares = (f"{one.share:.3f}", f"{error:.3f}", f"{sum(one.breaks) / shops:.2f}")
        lines.append(row(*map(str, numbers), *shares))
    return "".join(lines)


def found_table(found: Iterable[Found]) -> str:
    """Return one row per break and traffic; a dash where it was not found in the planted group.

    Examples
    --------
    >>> one = Found("late", 1900, (True, True, False, True), (0, 1), (True, True), (True, False),
    ...             (True, True))
    >>> print(found_table([one]).splitlines()[-1])
    | late | 1900 | 4 | 0.75 | 2 | 0.5 | 1.00 | 0.50 | 1.00 |
    """
    head = ("break", "visits a week", "shops", "found", "in its group", "weeks off", "week held")
    lines = [row(*head, "change held", "state right"), row(*["---"] * 9)]
    for one in found:
        places = (one.held_week, one.held_change, one.right_state)
        off = f"{np.median(one.weeks_off):.1f}" if one.weeks_off else "-"
        shares = (f"{np.mean(held):.2f}" if held else "-" for held in places)
        share = f"{np.mean(one.found):.2f}"
        counts = (str(one.visits), str(len(one.found)), share, str(len(one.weeks_off)))
        lines.append(row(one.what, *counts, off, *shares))
    return "".join(lines)


def file() -> Path:
    """Return where what was found is kept."""
    return disk.project_root() / "docs" / "break_shops.jsonl"


if __name__ == "__main__":
    look_at(file())
