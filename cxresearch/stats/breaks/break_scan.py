"""Every series of a study looked at for breaks at once, with false alarms held over all of them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri, stdtr, stdtrit

from cxresearch.core import validate
from cxresearch.core.one_thread import one_thread
from cxresearch.core.results import difference_unit
from cxresearch.stats.breaks.break_effects import Break, Series, describe, in_unit, scored_series
from cxresearch.stats.breaks.break_windows import looks, windowed, windows
from cxresearch.stats.breaks.panels import Panel
from cxresearch.stats.breaks.series_looks import Looks, looks_at, weeks_of, why_thin
from cxresearch.stats.breaks.wave_breaks import is_in_waves, wave_breaks
from cxresearch.stats.breaks.week_noise import Against
from cxresearch.stats.breaks.week_seasons import busyness, season_covariance
from cxresearch.stats.multiplicity.p_values import adjusted

if TYPE_CHECKING:
    import pandas as pd

METHOD = "scan of all windows of weeks, Bonferroni weighted by people"
_AGAINST: tuple[Against, ...] = ("own", "rest")
#: The noise of a series is learnt as if from its own weeks so many times, as its siblings share it,
#: and from so many weeks at most: in long series no wander is quite what is tried.
_LEARNT, _AT_MOST = 4, 208
#: No series is said to break more often.
_MOST = 3
#: The probability with which a break that could have been seen is seen.
_POWER = 0.8
#: The part of the false alarms that is left to measures that are asked in waves, if there are any.
_WAVES = 0.2
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
        What is no finding but worth watching, the largest first: of the series without a break,
        those of which one in five is expected to be chance (Benjamini-Hochberg).
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
    A measure that is asked in waves, with data in less than half of its weeks, is looked at wave
    by wave. See ``docs/decisions/018`` for what was measured and what lost.

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
    # The matrices are many and small: threads of BLAS would wait for each other.
    with one_thread():
        return _scanned(given, confidence)


def _scanned(given: tuple[Panel, ...], confidence: float) -> Scan:
    weeks, busy = weeks_of(given), busyness(given)
    looked, thin = [], []
    in_waves = [panel for panel in given if is_in_waves(panel)]
    level = (1 - confidence) * (_WAVES if in_waves else 0.0)
    of_waves, judged = wave_breaks(in_waves, level, confidence)
    for panel in given:
        if panel in in_waves:
            continue
        for against in _AGAINST:
            why = why_thin(panel, against)
            thin += [
                TooThin(panel.measure, panel.groups[row], against, reason)
                for row, reason in why.items()
                if reason
            ]
            kept = np.array([row for row, reason in why.items() if not reason], dtype=np.int64)
            if kept.size:
                looked.append(looks_at(panel, against, kept, season_covariance(busy, against)))
    found = _judged(looked, thin, weeks, confidence, 1 - confidence - level)
    every = sorted([*found.breaks, *of_waves], key=lambda one: (one.p_value, -abs(one.z)))
    return replace(found, breaks=tuple(every), judged=found.judged + judged)


def _judged(
    looked: list[Looks], thin: list[TooThin], weeks: int, confidence: float, level: float
) -> Scan:
    tests = looks(weeks) if looked else 1.0
    total = sum(float(one.weight.sum()) for one in looked)
    found: list[Break] = []
    could: list[Detectable] = []
    rest: list[tuple[float, float, Looks, int]] = []
    for one in looked:
        for place, (z, weight) in enumerate(zip(one.z, one.weight, strict=True)):
            scale = tests * total / weight
            alone, p_value = (min(1.0, of * _chance(z, weeks)) for of in (tests, float(scale)))
            could.append(_detectable(one, place, level / scale))
            if p_value <= level:
                found += _breaks(one.series(place), float(z), scale, confidence, level)
            else:
                rest.append((alone, p_value, one, place))
    expected = adjusted([alone for alone, *_ in rest], method="bh")
    watch = [
        describe(one.series(place), z=float(one.z[place]), p_value=p_value, confidence=confidence)
        for chance, (_, p_value, one, place) in zip(expected, rest, strict=True)
        if chance <= _CHANCE
    ]
    return Scan(
        breaks=tuple(found),
        watch=tuple(sorted((one for one, _ in watch), key=lambda one: -abs(one.z))),
        judged=len(could),
        too_thin=tuple(thin),
        detectable=tuple(could),
        weeks=weeks,
        confidence=confidence,
    )


def _chance(z: float, weeks: int) -> float:
    """Return the two-sided probability of one z: t, as its noise is learnt from the weeks."""
    return 2 * float(stdtr(_learnt(weeks), -abs(z)))


def _learnt(weeks: int) -> int:
    return min(_LEARNT * weeks, _AT_MOST)


def _detectable(one: Looks, place: int, level: float) -> Detectable:
    known, row = one.recent[place], int(one.rows[place])
    limit = float(ndtri(_POWER) - stdtrit(_learnt(one.panel.weeks), level / 2))
    least = limit / math.sqrt(known) if known > 0 else math.nan
    always = np.ones(one.panel.weeks, bool)
    rise, fall = in_unit(one.panel, row, np.array([least, -least]), always)
    unit = difference_unit(one.panel.unit)
    return Detectable(one.panel.measure, one.panel.groups[row], one.against, rise, fall, unit)


def _breaks(one: Series, z: float, scale: float, confidence: float, level: float) -> list[Break]:
    """Return the breaks of a series whose largest z is one: each taken out, the rest looked at."""
    weeks = one.panel.weeks
    found: list[Break] = []
    while len(found) < _MOST and scale * _chance(z, weeks) <= level:
        p_value = scale * _chance(z, weeks)
        made, expected = describe(one, z=z, p_value=p_value, confidence=confidence)
        found.append(made)
        one = one._replace(expected=expected)
        scored = scored_series(one, expected)
        inverse = one.noise.precision(scored.information)
        left = windowed(windows(weeks), scored, scored.residuals, inverse, one.noise.dispersion)
        z = float(left.z[0, left.best[0]])
    return found
