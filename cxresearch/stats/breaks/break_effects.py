"""One break described: its shape, its weeks, how large it is, and whether it goes on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, stdtrit

from cxresearch.core.results import Estimate, Interval, difference_unit
from cxresearch.stats.breaks.break_windows import (
    BEFORE,
    INSIDE,
    LONGEST,
    Windows,
    in_changes,
    windowed,
)
from cxresearch.stats.breaks.panels import Panel
from cxresearch.stats.breaks.week_noise import Against, Noise, Scores, level, rows, scores

Array = NDArray[np.float64]
Shape = Literal["step", "ramp", "episode"]
State = Literal["open", "past", "unsure"]

METHOD = "generalised least squares, wander of the weeks averaged"
#: The weeks that say whether a break goes on.
LAST = 4
#: Weeks that a break takes to rise: 2 where it began in the midst of a week.
_RAMPS = (2, 4, 8, 12, 20)
_STEPS = 12
#: Weeks in which nobody, or everybody, is left would have no information on when that began: a
#: change is dated as if it led no further than here, in log odds.
_FAR = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A change of the level of one series that chance, season and growth do not explain.

    Parameters
    ----------
    measure, group : str
        The series.
    against : {"own", "rest"}
        Whether the group is compared with its own past, or with the others of the whole as well.
    start : int
        The most probable first week of the change, counted from 0.
    start_weeks : tuple of int
        The first and the last week that may be its start, at `confidence`.
    end : int or None
        The first week after an episode; None where the change reaches the last week.
    shape : {"step", "ramp", "episode"}
        At once and to the end; bit by bit and to the end; or with an end.
    before, during, last : float
        The value before it, in it, and in the last 4 weeks with data; nan where nobody was asked.
    change : Estimate
        How much it changed the value; against the rest, what the rest did is taken off.
    state : {"open", "past", "unsure"}
        Whether the last 4 weeks are nearer to the change than to the level before it; unsure where
        that is not known with `confidence` (one-sided).
    way_back : Interval
        How much of the way back has been gone in the last 4 weeks, 0-1; nan where the change is
        not older than these.
    z : float
        The largest standardised change of all windows of weeks of the series.
    p_value : float
        The probability that any series of a stable shop stands out as much, 0-1.
    """

    measure: str
    group: str
    against: Against
    start: int
    start_weeks: tuple[int, int]
    end: int | None
    shape: Shape
    before: float
    during: float
    last: float
    change: Estimate
    state: State
    way_back: Interval
    z: float
    p_value: float


class Fit(NamedTuple):
    """A series with the changes that were fitted to it.

    Parameters
    ----------
    expected : ndarray of float, shape (weeks,)
        The level with the changes.
    change : ndarray of float, shape (k,)
        The changes, in log odds or standard deviations of one value.
    covariance : ndarray of float, shape (k, k)
        Their covariance.
    """

    expected: Array
    change: Array
    covariance: Array


class Series(NamedTuple):
    """One series with its noise, and what is expected before a change."""

    panel: Panel
    row: int
    against: Against
    noise: Noise
    expected: Array

    @property
    def known(self) -> NDArray[np.bool_]:
        """In which weeks there are units."""
        known: NDArray[np.bool_] = self.panel.n[self.row] > 0
        return known


def series(panel: Panel, row: int, against: Against, noise: Noise) -> Series:
    """Return one group of a panel as a series, without the other groups."""
    alone = panel.row(row)
    return Series(alone, len(alone.groups) - 1, against, noise, level(alone, against)[-1])


def fit(one: Series, shapes: Array) -> Fit:
    """Fit changes of given shapes (k, weeks) to a series by generalised least squares.

    Fisher scoring: the changes move the expected log odds, so counts of any size are fitted.
    """
    expected, change = one.expected, np.zeros(len(shapes))
    covariance = np.full((len(shapes), len(shapes)), np.nan)
    for _ in range(_STEPS):
        scored = scored_series(one, expected)
        information, residuals = scored.information, scored.residuals[0]
        columns = shapes * np.sqrt(information)
        weighed = one.noise.weighed(information, columns.T)
        covariance = np.linalg.pinv(columns @ weighed)
        step = (covariance @ (residuals @ weighed)).clip(-2, 2)
        change = change + step
        left = scored.score[0] - information[0] * (step @ shapes)
        expected = expected + step @ shapes + left.sum() / max(information.sum(), 1e-12)
        if np.abs(step).max() < 1e-6:
            break
    return Fit(expected, change, covariance)


def scored_series(one: Series, expected: Array) -> Scores:
    """Return the scores of a series where this is expected, shape (1, weeks) each."""
    size = len(rows(one.panel, one.against))
    table = np.broadcast_to(expected, (size, expected.size))
    return scores(one.panel, one.against, table).take([-1])


class _Candidates(NamedTuple):
    """What a break may have been: its shape in words and weeks, and how well it fits."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    rise: NDArray[np.int64]
    z: Array

    def shapes(self, which: int, weeks: int) -> Array:
        """Return how much of the change is there in each week, 0-1."""
        return shape_of(int(self.start[which]), int(self.end[which]), int(self.rise[which]), weeks)


def shape_of(start: int, end: int, rise: int, weeks: int) -> Array:
    """Return how much of a change is there in each week.

    Examples
    --------
    >>> shape_of(2, 6, 1, 7), shape_of(1, 7, 4, 7)
    (array([0., 0., 1., 1., 1., 1., 0.]), array([0.  , 0.25, 0.5 , 0.75, 1.  , 1.  , 1.  ]))
    """
    week = np.arange(weeks)
    return np.where(week < end, ((week - start + 1) / rise).clip(0, 1), 0.0)


def describe(one: Series, *, z: float, p_value: float, confidence: float) -> tuple[Break, Array]:
    """Return the break of a series, and what is expected with it, the noise of the series given.

    Steps, episodes and ramps of every start are compared by z squared; an end or a rise costs the
    log of the number of weeks, as in BIC. The start's weeks are those that hold `confidence` of
    exp(z squared / 2), less that cost, over steps and ramps, or over episodes.
    """
    weeks = one.panel.weeks
    tried = _candidates(one, None, one.expected)
    shape = tried.shapes(_best(tried, weeks), weeks)
    fitted = fit(one, shape[None])
    change = fitted.change[0]
    before = fitted.expected - shape * change
    if one.panel.kind == "share":
        was = before[0]
        change = np.clip(was + change, min(was, -_FAR), max(was, _FAR)) - was
    tried = _candidates(one, shape * change, before + shape * change)
    best = _best(tried, weeks)
    start, end = int(tried.start[best]), int(tried.end[best])
    full = tried.shapes(best, weeks)
    if not np.array_equal(full, shape):
        fitted = fit(one, full[None])
    way_back, state = _state(one, full, confidence)
    inside = full > 0.5
    made = Break(
        measure=one.panel.measure,
        group=one.panel.groups[one.row],
        against=one.against,
        start=start,
        start_weeks=_start_weeks(tried, best, weeks, confidence),
        end=end if end < weeks else None,
        shape=_shape(tried, best, weeks),
        before=one.panel.between(one.row, np.arange(weeks) < start),
        during=one.panel.between(one.row, full == full.max()),
        last=one.panel.between(one.row, _last(one)),
        change=estimate(one, fitted, start, inside, confidence),
        state=state,
        way_back=way_back,
        z=z,
        p_value=p_value,
    )
    return made, fitted.expected


def estimate(
    one: Series, fitted: Fit, start: int, inside: NDArray[np.bool_], confidence: float
) -> Estimate:
    """Return the first change of a fit in the unit of the measure, from the level before it."""
    before = np.arange(one.panel.weeks) < start
    change, error = fitted.change[0], math.sqrt(max(fitted.covariance[0, 0], 0))
    reach = quantile(confidence, one.known.sum()) * error
    ends = (change, change - reach, change + reach)
    value, low, high = in_unit(one.panel, one.row, np.array(ends), before)
    return Estimate(
        value=value,
        ci=Interval(low, high),
        n=int(one.panel.n[one.row, inside].sum()),
        unit=difference_unit(one.panel.unit),
        confidence=confidence,
        method=METHOD,
        note="" if math.isfinite(value) else "undefined: nobody was asked before the change",
    )


def in_unit(panel: Panel, row: int, change: Array, before: NDArray[np.bool_]) -> list[float]:
    """Return changes of log odds, or of standard deviations, in the unit of the measure."""
    if panel.kind == "mean":
        return (change * panel.spread[row]).tolist()  # type: ignore[no-any-return]
    n, hits = panel.n[row, before].sum(), panel.sums[row, before].sum()
    if n <= 0:
        return [math.nan] * len(change)
    level = math.log((hits + 0.5) / (n - hits + 0.5))
    return (expit(level + change) - expit(level)).tolist()  # type: ignore[no-any-return]


def quantile(confidence: float, weeks: int) -> float:
    """Return how many standard errors an interval reaches: of t, the noise is from few weeks."""
    return float(stdtrit(max(weeks / 2, 1), 0.5 + confidence / 2))


def _candidates(one: Series, added: Array | None, expected: Array) -> _Candidates:
    weeks = one.panel.weeks
    seen, ramps = _all_windows(weeks), _ramps(weeks)
    scored = scored_series(one, expected)
    inverse = one.noise.precision(scored.information)
    residuals = scored.residuals
    if added is not None:
        residuals = residuals + added * np.sqrt(scored.information)
    flat = windowed(seen, scored, residuals, inverse, one.noise.dispersion)
    z = np.where(flat.z[0] != 0, flat.score[0] / np.sqrt(flat.information[0].clip(1e-12)), 0)
    # A ramp is the mean of the steps that begin in the weeks in which it rises.
    rise, root = ramps.end - ramps.first, np.sqrt(scored.information)
    steps = _to_end(root[0] * (inverse[0] @ residuals[0]), 0)
    up = ramps.sums(steps) / rise
    pairs = _to_end(_to_end(in_changes(inverse, root), 1), 2)
    down = ramps.square_sums(pairs)[0] / rise**2
    before = np.cumsum(scored.information[0] > 0)[ramps.first - 1]
    up = np.where(before >= BEFORE, up, 0.0)
    return _Candidates(
        np.concatenate([seen.first, ramps.first]),
        np.concatenate([seen.end, np.full_like(rise, weeks)]),
        np.concatenate([np.ones_like(seen.first), rise]),
        np.concatenate([z, up / np.sqrt(down.clip(1e-12))]),
    )


def _to_end(values: Array, axis: int) -> Array:
    """Return the sums from each place on to the end."""
    return np.flip(np.cumsum(np.flip(values, axis), axis), axis)


@lru_cache
def _all_windows(weeks: int) -> Windows:
    """Return every window that a step or an episode may fill."""
    pairs = [
        (first, end)
        for first in range(BEFORE, weeks - INSIDE + 1)
        for end in range(first + 1, weeks + 1)
        if (end - first >= INSIDE if end == weeks else end - first <= LONGEST)
    ]
    return Windows(*np.array(pairs, dtype=np.int64).T)


@lru_cache
def _ramps(weeks: int) -> Windows:
    """Return the weeks in which every ramp rises."""
    starts = [
        (first, first + rise)
        for rise in _RAMPS
        for first in range(BEFORE, weeks - rise - INSIDE + 1)
    ]
    return Windows(*np.array(starts, dtype=np.int64).reshape(-1, 2).T)


def _evidence(tried: _Candidates, weeks: int) -> Array:
    """Return z squared of each candidate, less what an end or a rise costs."""
    more = (tried.end < weeks).astype(float) + (tried.rise > 1)
    return tried.z**2 - more * math.log(weeks)


def _best(tried: _Candidates, weeks: int) -> int:
    return int(np.argmax(_evidence(tried, weeks)))


def _shape(tried: _Candidates, best: int, weeks: int) -> Shape:
    if tried.rise[best] > _RAMPS[0]:
        return "ramp"
    return "episode" if tried.end[best] < weeks else "step"


def _start_weeks(tried: _Candidates, best: int, weeks: int, confidence: float) -> tuple[int, int]:
    evidence = _evidence(tried, weeks)
    same = np.sign(tried.z) == np.sign(tried.z[best])
    same &= (tried.end < weeks) == (tried.end[best] < weeks)
    weight = np.where(same, np.exp((evidence - evidence[best]).clip(-700) / 2), 0.0)
    each = np.bincount(tried.start, weight, minlength=weeks)
    order = np.argsort(-each, kind="stable")
    held = np.cumsum(each[order]) / each.sum()
    weeks_held = order[: int(np.searchsorted(held, confidence)) + 1]
    return int(weeks_held.min()), int(weeks_held.max())


def _last(one: Series) -> NDArray[np.bool_]:
    """Return the last weeks with data."""
    last = np.zeros(one.panel.weeks, bool)
    last[np.flatnonzero(one.known)[-LAST:]] = True
    return last


def _state(one: Series, full: Array, confidence: float) -> tuple[Interval, State]:
    """Return how much of the way back has been gone, and whether the break is open or past."""
    last = _last(one)
    during = np.where(last, 0.0, full)
    if not during.any():
        return Interval(math.nan, math.nan), "open"
    fitted = fit(one, np.array([during, last.astype(float)]))
    whole, now = fitted.change
    if abs(whole) < 1e-9:
        return Interval(math.nan, math.nan), "unsure"
    slope = np.array([now / whole**2, -1 / whole])
    error, weeks = math.sqrt(slope @ fitted.covariance @ slope), int(one.known.sum())
    gone, reach = 1 - float(now / whole), quantile(confidence, weeks) * error
    sure = abs(gone - 0.5) > quantile(2 * confidence - 1, weeks) * error
    state: State = "unsure" if not sure else "open" if gone < 0.5 else "past"
    return Interval(gone - reach, gone + reach), state
