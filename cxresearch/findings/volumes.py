"""How many come: orders, visits and tickets a week, where far fewer or more come than ever.

Counts have a season that one year does not teach, so no scan of their level keeps its promise. A
fall is said only where little more than half of what came before is left, both of the lowest level
of a year and of the last weeks, which no season explains.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cxresearch.core.remarks import Amount, Remark
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
#: The last level counts for no more than if it were so many times the lowest, squared.
_PEAK = 1.3
#: Tickets are held against the orders of so many weeks, up to their own.
TICKETS, BEHIND = "count:tickets", 3
#: Fewer in the last level than this part of the highest level of eight weeks are worth watching,
#: where they are fewer than this part of the same weeks a year ago, or there was no such year.
_FADED, _THAN_A_YEAR_AGO = 0.5, 0.65
#: A group of fewer a week is not looked at.
_FEWEST = 8.0


#: What is counted, with how the names of the measures begin whose units it is.
_COUNTED: tuple[tuple[tuple[str, ...], Measure], ...] = (
    (
        ("step:", "visits:"),
        Measure(
            name="count:visits",
            what=Remark("Visits a week"),
            kind="volume",
            unit="",
            better="more",
            stage="awareness",
            outcome="count:orders",
            is_scanned=False,
        ),
    ),
    (
        ("order_value",),
        Measure(
            name="count:orders",
            what=Remark("Orders a week"),
            kind="volume",
            unit="",
            better="more",
            stage="purchase",
            place=1,
            outcome="count:orders",
            is_scanned=False,
        ),
    ),
    (
        ("ticket:",),
        Measure(
            name=TICKETS,
            what=Remark("Tickets a week"),
            kind="contact",
            unit="",
            better="less",
            stage="service",
            is_scanned=False,
        ),
    ),
)


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
    for beginnings, measure in _COUNTED:
        wholes = [
            one
            for (name, group), one in series.items()
            if group == WHOLE and name.startswith(beginnings)
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
        is_ticket = name == TICKETS
        if group[0] in apart or (is_ticket and group != WHOLE) or not _is_large(one, group):
            continue
        came = _beside_orders(one.x, counted) if is_ticket else one.x
        fell, rose = far_from_all(came, -1), far_from_all(came, 1) if is_ticket else []
        for found in (*fell, *rose):
            yield Alarm(
                series=one,
                start=found.start,
                low=found.start,
                high=found.start,
                end=found.end,
                z=found.z,
                p=0.0,
            )


def _beside_orders(tickets: Floats, counted: Mapping[Key, Series]) -> Floats:
    """Return how many tickets had come with as many orders every week, or as many visits."""
    for name in ("count:orders", "count:visits"):
        base = counted.get((name, WHOLE))
        if base is not None and base.x.any():
            # A ticket comes some weeks after its order.
            usual = np.convolve(base.x, np.ones(BEHIND))[: base.x.size]
            usual /= np.minimum(np.arange(base.x.size) + 1, BEHIND)
            scaled: Floats = tickets * base.x.mean() / np.maximum(usual, 0.1 * base.x.mean())
            return scaled
    return tickets


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
    far = np.zeros(count.size, bool)
    found = []
    begun = int(np.flatnonzero(count)[0]) if count.any() else count.size
    for week in range(begun, count.size):
        usual = count[begun:week][~far[begun:week]]
        if far[week] or usual.size < _LEAST:
            continue
        levels = np.convolve(usual[-_YEAR:], np.full(_LEVEL, 1 / _LEVEL), "valid")
        level = _level(levels.min() if way < 0 else levels.max(), usual[-_LAST:].mean(), way)
        one = _run(count, week, level, way, _dispersion(usual))
        if one is not None:
            found.append(one)
            far[week : one.end] = True
    return found


def faded(counted: Mapping[Key, Series], *, covered: Collection[str] = ()) -> Iterator[Remark]:
    """Yield that far fewer come than once did, where a season may be why: no finding, but watched.

    Parameters
    ----------
    counted : mapping of (measure, group) to Series
        From :func:`counts`.
    covered : collection of str
        The measures that have a finding.
    """
    for name in ("count:visits", "count:orders"):
        one = counted.get((name, WHOLE))
        if one is None or name in covered or (levels := _faded_to(one.x)) is None:
            continue
        most, now = (Amount(level, digits=0) for level in levels)
        yield Remark(
            "{what}: {most} at their most, {now} in the last weeks; it may be the season",
            {"what": one.measure.what, "most": most, "now": now},
        )


def _faded_to(count: Floats) -> tuple[float, float] | None:
    """Return the highest level of the last year and the last one, where it is far below.

    Examples
    --------
    A hundred a week, and in four months two fifths of it.

    >>> count = np.concatenate([np.linspace(40, 100, 26), np.linspace(100, 40, 17), [40.0] * 4])
    >>> [round(one) for one in _faded_to(count)]
    [96, 40]
    >>> _faded_to(np.linspace(40, 100, 52)) is None
    True
    """
    known = count[np.flatnonzero(count)[0] :] if count.any() else count[:0]
    if known.size < _LEAST:
        return None
    now = float(known[-_LEVEL:].mean())
    levels = np.convolve(known[-_YEAR:], np.full(_LAST, 1 / _LAST), "valid")
    most, error = float(levels.max()), math.sqrt(_dispersion(known) * levels.max() / _LEVEL)
    if now >= _FADED * most or most - now < _SURE_Z * error:
        return None
    before = known[-_YEAR - _LEVEL : -_YEAR]
    is_season = before.size == _LEVEL and now >= _THAN_A_YEAR_AGO * before.mean()
    return None if is_season else (most, now)


def _level(extreme: float, last: float, way: int) -> float:
    """Return what a week is held against: after a peak its end is no fall, nor the reverse."""
    level = math.sqrt(extreme * last)
    return min(level, extreme * _PEAK) if way < 0 else max(level, extreme / _PEAK)


def _run(count: Floats, start: int, level: float, way: int, dispersion: float) -> Stretch | None:
    """Return the far weeks from one on that chance does not explain; one other may be within."""
    past = count * _EACH > level if way > 0 else count < _EACH * level
    if not past[start]:
        return None
    end = start + 1
    while end < count.size and past[end : end + 2].any():
        end += 1
    while not past[end - 1]:
        end -= 1
    came, length = float(count[start:end].sum()), end - start
    # The lowest of many levels is below the usual one: it is not taken as uncertain again.
    z = (came - level * length) / math.sqrt(dispersion * max(level, 1) * length)
    part = came / max(level * length, 1)
    if length < _WEEKS or abs(z) < _SURE_Z or _ALL < part < 1 / _ALL:
        return None
    return Stretch(start, end if end < count.size else None, z)


def _dispersion(usual: Floats) -> float:
    """Return by how much more counts vary from week to week than by chance, at least 1."""
    if usual.size < _LEAST:
        return 1.0
    steps = np.diff(usual) ** 2 / np.maximum(usual[1:] + usual[:-1], 1.0)
    return max(1.0, float(np.median(steps)) / 0.455)  # the median of chi-squared, 1 degree
