"""Breaks of what is asked in waves: a survey of four weeks a year has no weeks to follow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from cxresearch.core.results import Estimate, Interval, difference_unit
from cxresearch.stats.breaks.break_effects import Break
from cxresearch.stats.breaks.panels import Panel, divided

Array = NDArray[np.float64]
METHOD = "difference of waves, scaled by how waves differ"

#: Waves before a break, and in all: fewer are not judged. People in a wave.
_BEFORE, _LEAST, _PEOPLE = 3, 5, 10
#: How far waves differ beyond counting is learnt from the waves, and as if from so many more in
#: which the variance is this many times that of counting.
_PRIOR_WAVES, _PRIOR_VARIANCE = 4, 1.2
#: An episode has at most so many waves.
_LONGEST = 2


class _Waves(NamedTuple):
    """The first week of each wave of a series, the week after it, its people and their sum."""

    first: NDArray[np.int64]
    end: NDArray[np.int64]
    n: Array
    sums: Array


class _Window(NamedTuple):
    """The waves from one on, before another, and how far they are from the others."""

    first: int
    end: int
    change: float
    error: float
    p_value: float

    @property
    def z(self) -> float:
        """The change in standard errors."""
        return self.change / self.error


def is_in_waves(panel: Panel) -> bool:
    """Return whether a measure has data in less than half of the weeks between first and last.

    Examples
    --------
    >>> asked = [[90.0, 80.0] + [0.0] * 11] * 4
    >>> is_in_waves(Panel.shares("late", ["all"], [sum(asked, [])], [sum(asked, [])]))
    True
    """
    known = np.flatnonzero(panel.n[0] > 0)
    return bool(known.size and 2 * known.size < known[-1] - known[0] + 1)


def wave_breaks(
    panels: Sequence[Panel], level: float, confidence: float
) -> tuple[list[Break], int]:
    """Return the breaks of measures that are asked in waves, and how many series were judged.

    A wave, or all from one wave on, is held against the others: z is the difference of their
    values in standard errors of counting, times the root of how much more waves differ.

    Parameters
    ----------
    panels : sequence of Panel
        The measures.
    level : float
        How probable any break is where nothing breaks (Bonferroni over all windows and series).
    confidence : float
        The coverage of the intervals.
    """
    looked = []
    for panel in panels:
        for row in range(len(panel.groups)):
            waves = _waves(panel, row)
            if len(waves.n) >= _LEAST:
                looked.append((panel, row, waves, _windows(panel, row, waves)))
    tests = sum(len(windows) for *_, windows in looked)
    found = []
    for panel, row, waves, windows in looked:
        best = min(windows, key=lambda one: one.p_value, default=None)
        if best is not None and tests * best.p_value <= level:
            found.append(_described(panel, row, waves, best, tests, confidence))
    return found, len(looked)


def _waves(panel: Panel, row: int) -> _Waves:
    """Return the bouts of weeks with data of the whole, an empty week between two apart at most."""
    known = np.flatnonzero(panel.n[0] > 0)
    apart = np.flatnonzero(np.diff(known) > 2)
    first, last = known[np.append(0, apart + 1)], known[np.append(apart, known.size - 1)]
    n, sums = (
        np.array([table[row, a : b + 1].sum() for a, b in zip(first, last, strict=True)])
        for table in (panel.n, panel.sums)
    )
    kept = n >= _PEOPLE
    return _Waves(first[kept], last[kept] + 1, n[kept], sums[kept])


def _windows(panel: Panel, row: int, waves: _Waves) -> list[_Window]:
    count = len(waves.n)
    ends = [(first, count) for first in range(_BEFORE, count)]
    ends += [
        (first, first + length)
        for length in range(1, _LONGEST + 1)
        for first in range(1, count - length)
        if count - length >= _BEFORE
    ]
    value = divided(waves.sums, waves.n)
    whole = waves.sums.sum() / waves.n.sum()
    variance = whole * (1 - whole) if panel.kind == "share" else float(panel.spread[row]) ** 2
    return [_window(waves, value, variance, *one) for one in ends if variance > 0]


def _window(waves: _Waves, value: Array, variance: float, first: int, end: int) -> _Window:
    inside = np.zeros(len(value), bool)
    inside[first:end] = True
    sides = [(waves.n[side], value[side]) for side in (inside, ~inside)]
    means = [float(np.average(values, weights=n)) for n, values in sides]
    squares = sum(
        float((n * (values - mean) ** 2).sum())
        for (n, values), mean in zip(sides, means, strict=True)
    )
    free = len(value) - 2 + _PRIOR_WAVES
    spread = (squares / variance + _PRIOR_WAVES * _PRIOR_VARIANCE) / free
    parts = sum(1 / float(n.sum()) for n, _ in sides)
    error = math.sqrt(variance * max(spread, 1.0) * parts)
    change = means[0] - means[1]
    return _Window(first, end, change, error, 2 * float(stdtr(free, -abs(change / error))))


def _described(
    panel: Panel, row: int, waves: _Waves, one: _Window, tests: int, confidence: float
) -> Break:
    inside = slice(one.first, one.end)
    start, last = int(waves.first[one.first]), one.end == len(waves.n)
    week = np.arange(panel.weeks)
    reach = float(stdtrit(len(waves.n) - 2 + _PRIOR_WAVES, 0.5 + confidence / 2)) * one.error
    return Break(
        measure=panel.measure,
        group=panel.groups[row],
        against="own",
        start=start,
        start_weeks=(int(waves.end[one.first - 1]), start),
        end=None if last else int(waves.end[one.end - 1]),
        shape="step" if last else "episode",
        before=panel.between(row, week < start),
        during=float(waves.sums[inside].sum() / waves.n[inside].sum()),
        last=float(waves.sums[-1] / waves.n[-1]),
        change=Estimate(
            value=one.change,
            ci=Interval(one.change - reach, one.change + reach),
            n=int(waves.n[inside].sum()),
            unit=difference_unit(panel.unit),
            confidence=confidence,
            method=METHOD,
        ),
        state="open" if last else "past",
        way_back=Interval(math.nan, math.nan),
        z=one.z,
        p_value=min(1.0, tests * one.p_value),
    )
