"""How many come: orders, visits and tickets a week, where far fewer or more come than ever.

Counts have a season that one year does not teach, so no scan of their level keeps its promise. A
fall is said only where little more than half of what came before is left, both of the lowest level
of a year and of the last weeks, which no season explains.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cxresearch.core.remarks import Remark
from cxresearch.findings.fires import Alarm, Key
from cxresearch.findings.measures import Measure
from cxresearch.findings.watched_series import WHOLE, Floats, Group, Series

#: A level is that of four weeks; the lowest and the highest are of a year, and of 16 weeks at
#: least; the last one is that of eight.
_LEVEL, _YEAR, _LEAST, _LAST = 4, 52, 16, 8
#: Fewer than this part of the lowest and of the last level (their geometric mean) are far fewer:
#: each week, and in all; for so many weeks at least, and this surely. More than its inverse times
#: the highest are far more. A lull of the season is below the last level or the lowest, not both.
_EACH, _ALL, _WEEKS, _SURE_Z = 0.65, 0.5, 2, 5.0
#: A group of fewer a week is not looked at.
_FEWEST = 8.0


def _count(name: str, what: Remark, **named: object) -> Measure:
    return Measure(name=name, what=what, unit="", is_scanned=False, **named)  # type: ignore[arg-type]


#: What is counted, by how the names of the measures begin whose units it is.
_COUNTED: dict[str, Measure] = {
    "step:|visits:": _count(
        "count:visits",
        Remark("Visits a week"),
        kind="volume",
        better="more",
        stage="awareness",
        outcome="count:orders",
    ),
    "order_value": _count(
        "count:orders",
        Remark("Orders a week"),
        kind="volume",
        better="more",
        stage="purchase",
        place=1,
        outcome="count:orders",
    ),
    "ticket:": _count(
        "count:tickets", Remark("Tickets a week"), kind="contact", better="less", stage="service"
    ),
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Weeks in which far fewer, or far more, came than ever before.

    Parameters
    ----------
    start : int
        The first.
    end : int, optional
        The first after them; None where they last.
    z : float
        How many standard errors they are below the lowest level, or above the highest.
    """

    start: int
    end: int | None
    z: float


def counts(series: Mapping[Key, Series]) -> dict[Key, Series]:
    """Return how many visits, orders and tickets come in a week, of all and of each group.

    Parameters
    ----------
    series : mapping of (measure, group) to Series
        Every series; the units of the largest of each kind are counted.
    """
    found: dict[Key, Series] = {}
    for beginnings, measure in _COUNTED.items():
        wholes = [
            one
            for (name, group), one in series.items()
            if group == WHOLE and name.startswith(tuple(beginnings.split("|")))
        ]
        if not wholes:
            continue
        whole = max(wholes, key=lambda one: float(one.y.sum()))
        for (name, group), one in series.items():
            if name == whole.measure.name:
                nothing, every = np.zeros_like(one.y), np.ones_like(one.y)
                sums = np.array([one.sums[0], one.y, every, one.y, nothing, nothing])
                found[measure.name, group] = Series(measure=measure, group=group, sums=sums)
    return found


def alarms_of(counted: Mapping[Key, Series], apart: Sequence[str]) -> Iterator[Alarm]:
    """Yield where far fewer orders or visits came than ever before, and far more tickets.

    Parameters
    ----------
    counted : mapping of (measure, group) to Series
        From :func:`counts`.
    apart : sequence of str
        Columns whose values come and go as a matter of course.
    """
    for (name, group), one in counted.items():
        if group[0] in apart or not _is_large(one, group):
            continue
        ways = (-1, 1) if name == "count:tickets" else (-1,)
        for found in (found for way in ways for found in far_from_all(one.x, way)):
            yield Alarm(
                series=one,
                start=found.start,
                low=found.start - 1,
                high=found.start,
                end=found.end,
                z=found.z,
                p=0.0,
            )


def _is_large(one: Series, group: Group) -> bool:
    """Whether enough come; a group of which nobody is left is said by its silence."""
    seen = one.x[one.x > 0]
    if not seen.size or group == WHOLE:
        return bool(seen.size)
    return bool(np.median(seen) >= _FEWEST and one.x[-2:].any())


def far_from_all(count: Floats, way: int) -> list[Stretch]:
    """Return the weeks in which far fewer (-1) or far more (1) came than in any before.

    Parameters
    ----------
    count : array of shape (weeks,)
        How many came.
    way : {-1, 1}
        Which way.

    Examples
    --------
    Forty a week, then sixteen.

    >>> far_from_all(np.array([40.0] * 30 + [16.0] * 6), -1)[0].start
    30
    """
    usual: list[float] = []
    far: list[tuple[int, float]] = []
    begun = int(np.flatnonzero(count)[0]) if count.any() else count.size
    for week in range(begun, count.size):
        known = np.array(usual[-_YEAR:])
        if known.size >= _LEAST:
            levels = np.convolve(known, np.full(_LEVEL, 1 / _LEVEL), "valid")
            end = math.sqrt((levels.min() if way < 0 else levels.max()) * known[-_LAST:].mean())
            if (_EACH * end - count[week] if way < 0 else count[week] - end / _EACH) > 0:
                far.append((week, end))
                continue
        usual.append(float(count[week]))
    return [one for one in _runs(far, count, _dispersion(np.array(usual))) if one.z * way > 0]


def _runs(far: Sequence[tuple[int, float]], count: Floats, dispersion: float) -> Iterator[Stretch]:
    """Yield the runs of far weeks that chance does not explain; one other week may be within."""
    left = list(far)
    while left:
        start, level = left[0]
        last = start
        while left and left[0][0] <= last + 2:
            last = left.pop(0)[0]
        came, length = float(count[start : last + 1].sum()), last + 1 - start
        # The lowest of many levels is below the usual one: it is not taken as uncertain again.
        z = (came - level * length) / math.sqrt(dispersion * max(level, 1) * length)
        part = came / max(level * length, 1)
        if length >= _WEEKS and abs(z) > _SURE_Z and not _ALL < part < 1 / _ALL:
            yield Stretch(start, last + 1 if last + 1 < count.size else None, z)


def _dispersion(usual: Floats) -> float:
    """Return by how much more counts vary from week to week than by chance, at least 1."""
    if usual.size < _LEAST:
        return 1.0
    steps = np.diff(usual) ** 2 / np.maximum(usual[1:] + usual[:-1], 1.0)
    return max(1.0, float(np.median(steps)) / 0.455)  # the median of chi-squared, 1 degree
