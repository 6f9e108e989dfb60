"""Every series of a study looked at for breaks at once, with false alarms held over all of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from cxresearch.core import validate
from cxresearch.core.results import Estimate, Interval, difference_unit
from cxresearch.stats.breaks import break_windows
from cxresearch.stats.breaks.break_effects import (
    Break,
    Series,
    describe,
    estimate,
    fit,
    in_unit,
    series,
    shape_of,
)
from cxresearch.stats.breaks.panels import Panel
from cxresearch.stats.breaks.week_noise import Noise, busyness, noise, season_covariance
from cxresearch.stats.breaks.week_scores import Against, level, rows, scores
from cxresearch.stats.multiplicity.p_values import adjusted

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

METHOD = "scan of all windows of weeks, Bonferroni weighted by people"
#: What a series needs: weeks with data, people, and for a share events.
_WEEKS, _PEOPLE, _EVENTS = 26, 30, 10
#: Breaks from here on are taken out of the weeks from which the noise is learnt.
_CLEAR = 3.5
#: No series is said to break more often.
_MOST = 3
#: A step of this age, seen with this probability, is what could have been seen.
_AGE, _POWER = 8, 0.8
#: Of what is worth watching, this share may be chance.
_CHANCE = 0.2


@dataclass(frozen=True, slots=True)
class TooThin:
    """A series that is not judged, and why."""

    measure: str
    group: str
    against: Against
    why: str


@dataclass(frozen=True, slots=True)
class Detectable:
    """How small a break could have been seen: a step 8 weeks old, found in 80 of 100 shops.

    Parameters
    ----------
    measure, group : str
        The series.
    against : {"own", "rest"}
        What the group is compared with.
    rise, fall : float
        The smallest change upwards and downwards, in `unit`.
    unit : str
        The unit of both.
    """

    measure: str
    group: str
    against: Against
    rise: float
    fall: float
    unit: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found.

    Parameters
    ----------
    breaks : tuple of Break
        What chance does not explain, the least probable first.
    watch : tuple of Break
        What is no finding but worth watching: one in five of `breaks` and `watch` is expected to be
        chance (Benjamini-Hochberg).
    judged : int
        How many series were looked at.
    too_thin : tuple of TooThin
        Those that were not.
    detectable : tuple of Detectable
        How small a break could have been seen in each series.
    weeks : int
        How many weeks were looked at.
    confidence : float
        A stable shop has no break at all with this probability.
    method : str
        The name of the method.
    """

    breaks: tuple[Break, ...]
    watch: tuple[Break, ...]
    judged: int
    too_thin: tuple[TooThin, ...]
    detectable: tuple[Detectable, ...]
    weeks: int
    confidence: float
    method: str = METHOD

    def to_frame(self) -> pd.DataFrame:
        """Return one row per break, the change as `change`, `change_low` and `change_high`."""
        import pandas as pd

        names = [field.name for field in fields(Break) if field.name not in ("change", "way_back")]
        lines = [
            {name: getattr(one, name) for name in names}
            | {"change": one.change.value, "change_low": one.change.ci.low}
            | {"change_high": one.change.ci.high, "unit": one.change.unit, "n": one.change.n}
            for one in self.breaks
        ]
        more = ["change", "change_low", "change_high", "unit", "n"]
        return pd.DataFrame(lines, columns=[*names, *more])


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """The series of one panel with their noise, and how far their best windows are from chance."""

    panel: Panel
    against: Against
    rows: NDArray[np.int64]
    noise: Noise
    z: Array
    recent: Array
    weight: Array

    def series(self, place: int) -> Series:
        one = slice(place, place + 1)
        own = Noise(self.noise.dispersion[one], self.noise.wander[one], self.noise.season)
        return series(self.panel, int(self.rows[place]), self.against, own)


def scan(panels: Iterable[Panel], *, confidence: float = 0.95) -> Scan:
    """Look for breaks in every group of every measure, on its own and against the rest.

    Parameters
    ----------
    panels : iterable of Panel
        The measures, all over the same weeks; the largest is taken for the visits, which say what
        weeks are busy.
    confidence : float, default 0.95
        A shop in which nothing breaks has no break found with this probability, over all series;
        and the coverage of the intervals; strictly between 0 and 1.

    Returns
    -------
    Scan
        The breaks, what is worth watching, what was not judged, and what could have been seen.

    Raises
    ------
    ValueError
        If the panels differ in their weeks, or `confidence` is out of range.

    Notes
    -----
    A break is a window of weeks whose scores (observed minus expected) add up to more than
    counting, wander, growth and season of that series allow:
    z = x'P e / sqrt(x'P x) with P the inverse covariance of the weeks, the level fitted. The
    probability of the largest |z| of a series is that of one (Student's t) times the number of
    tests that its windows are worth; over series it is Bonferroni's, weighted by the square root
    of the share of people in the group, so that large groups have more of the level.
    See ``docs/decisions/017`` for what was measured and what lost.

    References
    ----------
    Andrews (1993), Econometrica 61, 821-856 (tests for a break at an unknown time); Genovese,
    Roeder & Wasserman (2006), Biometrika 93, 509-524 (weighted Bonferroni).

    Examples
    --------
    Of 500 payments a week 5 fail, and 30 from week 40 on; other weeks vary by one.

    >>> asked = [[500] * 52]
    >>> failed = [[5 + week % 2 + 25 * (week >= 40) for week in range(52)]]
    >>> found = scan([Panel.shares("payment error", ["all"], asked, failed)])
    >>> one = found.breaks[0]
    >>> one.start, one.shape, one.state, round(one.before, 3), round(one.during, 3)
    (40, 'step', 'open', 0.011, 0.061)
    """
    given = tuple(panels)
    validate.share("confidence", confidence)
    weeks = _weeks(given)
    looked, thin = _looks(given)
    total = sum(float(one.weight.sum()) for one in looked)
    tests = break_windows.looks(weeks) if looked else 1.0
    found: list[Break] = []
    rest: list[tuple[float, float, _Look, int]] = []
    could: list[Detectable] = []
    for one in looked:
        for place, z in enumerate(one.z):
            alone = min(1.0, tests * _chance(z, weeks))
            p_value = min(1.0, alone * total / one.weight[place])
            could.append(
                _detectable(one, place, (1 - confidence) * one.weight[place] / total / tests)
            )
            if p_value > 1 - confidence:
                rest.append((alone, p_value, one, place))
                continue
            scale = tests * total / one.weight[place]
            found += _breaks(one.series(place), z, scale, confidence)
    expected = adjusted([0.0] * len(found) + [one[0] for one in rest], method="bh")
    watch = [
        describe(one.series(place), z=float(one.z[place]), p_value=p_value, confidence=confidence)[
            0
        ]
        for chance, (_, p_value, one, place) in zip(expected[len(found) :], rest, strict=True)
        if chance <= _CHANCE
    ]
    return Scan(
        breaks=tuple(sorted(found, key=lambda one: (one.p_value, -abs(one.z)))),
        watch=tuple(sorted(watch, key=lambda one: -abs(one.z))),
        judged=len(could),
        too_thin=tuple(thin),
        detectable=tuple(could),
        weeks=weeks,
        confidence=confidence,
    )


def _weeks(given: Sequence[Panel]) -> int:
    weeks = {one.weeks for one in given}
    if len(weeks) > 1:
        raise validate.refused("panels", "of the same weeks", sorted(weeks))
    return weeks.pop() if weeks else 0


def _looks(given: Sequence[Panel]) -> tuple[list[_Look], list[TooThin]]:
    looked, thin = [], []
    for panel in given:
        for against in ("own", "rest"):
            why = _why_thin(panel, against)
            kept = [row for row, reason in why.items() if not reason]
            thin += [
                TooThin(panel.measure, panel.groups[row], against, reason)
                for row, reason in why.items()
                if reason
            ]
            if kept:
                season = season_covariance(busyness(given), against)
                looked.append(_look(panel, against, np.array(kept), season))
    return looked, thin


def _why_thin(panel: Panel, against: Against) -> dict[int, str]:
    """Return for each series why it is not judged; empty where it is."""
    found = {}
    for row in rows(panel, against):
        n, sums = panel.n[row], panel.sums[row]
        sides = [(n, sums)]
        if against == "rest":
            sides.append(((panel.n[0] - n).clip(0), panel.sums[0] - sums))
        found[row] = next((why for side in sides if (why := _why(panel, *side))), "")
    return found


def _why(panel: Panel, n: Array, sums: Array) -> str:
    if (n > 0).sum() < _WEEKS:
        return f"fewer than {_WEEKS} weeks with data"
    if n.sum() < _PEOPLE:
        return f"fewer than {_PEOPLE} people"
    if panel.kind == "share" and min(sums.sum(), (n - sums).sum()) < _EVENTS:
        return f"fewer than {_EVENTS} people with the outcome, or without it"
    if panel.kind == "mean" and panel.spread[0] == 0:
        return "all values are the same"
    return ""


def _look(panel: Panel, against: Against, kept: NDArray[np.int64], season: Array) -> _Look:
    weeks = panel.weeks
    here = kept - rows(panel, against)[0]
    scored = scores(panel, against, level(panel, against))
    scored = type(scored)(*(part[here] for part in scored))
    seen, root = break_windows.windows(weeks), np.sqrt(scored.information)
    residuals, taken = scored.residuals, np.zeros((len(here), weeks))
    found = noise(residuals, scored.information, season)
    dispersion, wander = found.dispersion.copy(), found.wander.copy()
    z, recent = np.zeros(len(here)), np.zeros(len(here))
    todo = np.arange(len(here))
    for _ in range(3):
        some = type(scored)(*(part[todo] for part in scored))
        now = Noise(dispersion[todo], wander[todo], season)
        inverse = now.precision(some.information)
        windowed = break_windows.windowed(seen, some, residuals[todo], inverse, now.dispersion)
        best = windowed.best
        each = np.arange(len(todo))
        z[todo] = windowed.z[each, best]
        recent[todo] = windowed.information[:, seen.first == weeks - _AGE][:, 0]
        clear = np.abs(z[todo]) > _CLEAR
        size = windowed.score[each, best] / windowed.information[each, best].clip(1e-12)
        inside = np.array([seen.weeks(one, weeks) for one in best])
        taken[todo] = np.where(clear[:, None], size[:, None] * inside * root[todo], 0.0)
        todo = todo[clear]
        if not todo.size:
            break
        found = noise(residuals - taken, scored.information, season)
        dispersion[todo], wander[todo] = found.dispersion[todo], found.wander[todo]
    people = panel.n[kept].sum(1) / max(panel.n[0].sum(), 1.0)
    final = Noise(dispersion, wander, season)
    return _Look(panel, against, kept, final, z, recent, np.sqrt(people))


def _chance(z: float, weeks: int) -> float:
    """Return the two-sided probability of one z."""
    return 2 * float(stdtr(4 * weeks, -abs(z)))


def _detectable(one: _Look, place: int, level_: float) -> Detectable:
    known = one.recent[place]
    limit = -float(stdtrit(4 * one.panel.weeks, level_ / 2)) + float(stdtrit(1e9, _POWER))
    least = limit / math.sqrt(known) if known > 0 else math.nan
    row = int(one.rows[place])
    ends = in_unit(one.panel, row, np.array([least, -least]), np.ones(one.panel.weeks, bool))
    unit = difference_unit(one.panel.unit)
    return Detectable(one.panel.measure, one.panel.groups[row], one.against, *ends, unit)


def _breaks(one: Series, z: float, scale: float, confidence: float) -> list[Break]:
    """Return the breaks of a series whose largest z is one: each taken out, the rest looked at."""
    weeks = one.panel.weeks
    found: list[Break] = []
    while len(found) < _MOST:
        p_value = min(1.0, scale * _chance(z, weeks))
        if p_value > 1 - confidence:
            break
        made, fitted = describe(one, z=float(z), p_value=p_value, confidence=confidence)
        found.append(made)
        one = one._replace(expected=fitted.expected)
        z = _next(one)
    return found


def _next(one: Series) -> float:
    table = np.broadcast_to(one.expected, (len(rows(one.panel, one.against)), one.panel.weeks))
    scored = scores(one.panel, one.against, table)
    scored = type(scored)(*(part[-1:] for part in scored))
    inverse = one.noise.precision(scored.information)
    seen = break_windows.windows(one.panel.weeks)
    left = break_windows.windowed(seen, scored, scored.residuals, inverse, one.noise.dispersion)
    return float(left.z[0, left.best[0]])


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondLook:
    """A series tested for a change at a date that another series gave.

    Parameters
    ----------
    measure, group : str
        The series.
    against : {"own", "rest"}
        What the group is compared with.
    before, during : float
        The value before the change and in it.
    change : Estimate
        How much it changed.
    z : float
        The change in standard errors; nan where the series is too thin.
    p_value : float
        Two-sided, adjusted by Holm over all series that are looked at, 0-1; nan likewise.
    """

    measure: str
    group: str
    against: Against
    before: float
    during: float
    change: Estimate
    z: float
    p_value: float


def at(
    panels: Iterable[Panel],
    start: int,
    *,
    end: int | None = None,
    group: str | None = None,
    against: Against = "own",
    confidence: float = 0.95,
) -> tuple[SecondLook, ...]:
    """Test series for a change in weeks that are given, not searched for.

    Parameters
    ----------
    panels : iterable of Panel
        The measures.
    start : int
        The first week of the change, counted from 0, at least 1.
    end : int, optional
        The first week after it; by default it reaches the last week.
    group : str, optional
        Only this group; by default every group.
    against : {"own", "rest"}
        Against its own past, or against the others of the whole as well.
    confidence : float, default 0.95
        Coverage of the intervals, strictly between 0 and 1.

    Returns
    -------
    tuple of SecondLook
        One per series, in the order given; nan with a note where a series is too thin.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    The weeks must come from elsewhere: of weeks that were chosen by looking at a series, its own
    p-value is far too small.

    Examples
    --------
    >>> paid = [[200 - 40 * (week >= 40) + week % 3 for week in range(52)]]
    >>> panel = Panel.shares("purchase", ["all"], [[400] * 52], paid)
    >>> look, = at([panel], 40)
    >>> round(look.change.value, 3), look.p_value < 0.001
    (-0.1, True)
    """
    given = tuple(panels)
    validate.share("confidence", confidence)
    validate.one_of("against", against, ("own", "rest"))
    weeks = _weeks(given)
    validate.between("start", start, 1, max(weeks - 1, 1))
    until = weeks if end is None else int(validate.between("end", end, start + 1, weeks))
    shape = shape_of(start, until, 1, weeks)
    found = []
    for panel in given:
        season = season_covariance(busyness(given), against)
        for row, why in _why_thin(panel, against).items():
            if group is None or panel.groups[row] == group:
                found.append(_second(panel, row, against, season, shape, start, why, confidence))
    p_values = adjusted([one.p_value for one in found], method="holm")
    return tuple(replace(one, p_value=float(p)) for one, p in zip(found, p_values, strict=True))


def _second(
    panel: Panel,
    row: int,
    against: Against,
    season: Array,
    shape: Array,
    start: int,
    why: str,
    confidence: float,
) -> SecondLook:
    inside, unit = shape > 0, difference_unit(panel.unit)
    before = panel.between(row, np.arange(panel.weeks) < start)
    during = panel.between(row, inside)
    unknown = Interval(math.nan, math.nan)
    change = Estimate(
        value=math.nan, ci=unknown, n=int(panel.n[row, inside].sum()), unit=unit,
        confidence=confidence, method=METHOD, note=f"undefined: {why}",
    )  # fmt: skip
    z = p_value = math.nan
    if not why:
        quiet = series(panel, row, against, _no_noise(panel.weeks, season))
        taken = fit(quiet, shape[None])
        table = np.broadcast_to(taken.expected, (len(rows(quiet.panel, against)), panel.weeks))
        left = scores(quiet.panel, against, table)
        learnt = noise(left.residuals[-1:], left.information[-1:], season)
        one = quiet._replace(noise=learnt)
        fitted = fit(one, shape[None])
        change = estimate(one, fitted, start, inside, confidence)
        z = float(fitted.change[0] / math.sqrt(fitted.covariance[0, 0]))
        df = panel.weeks / 2
        p_value = 2 * float(stdtr(df, -abs(z)))
    return SecondLook(
        measure=panel.measure, group=panel.groups[row], against=against, before=before,
        during=during, change=change, z=z, p_value=p_value,
    )  # fmt: skip


def _no_noise(weeks: int, season: Array) -> Noise:
    return Noise(np.ones(1), np.zeros((1, weeks)), season)
