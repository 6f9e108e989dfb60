"""The series of a panel looked at, each with its noise and largest z; some looked at again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.results import Estimate, Interval, difference_unit
from cxresearch.stats.breaks.break_effects import (
    METHOD,
    Series,
    estimate,
    fit,
    scored_series,
    series,
    shape_of,
)
from cxresearch.stats.breaks.break_windows import Windowed, Windows, windowed, windows
from cxresearch.stats.breaks.panels import Panel, divided
from cxresearch.stats.breaks.week_noise import (
    Against,
    Noise,
    Scores,
    averaged,
    evidence,
    level,
    likelihoods,
    noise,
    rows,
    scores,
)
from cxresearch.stats.breaks.week_seasons import busyness, season_covariance
from cxresearch.stats.multiplicity.p_values import adjusted

Array = NDArray[np.float64]

#: What a series needs: weeks with data, people, and for a share events.
WEEKS, PEOPLE, EVENTS = 16, 30, 10
#: The age, in weeks, of the step of which it is said how small it could have been seen.
AGE = 8
#: Breaks from here on are taken out of the weeks from which the noise is learnt; so are those
#: without which the weeks are so much likelier (log), and which are then so many standard errors.
_CLEAR, _LIKELIER, _SURE = 3.5, 3.0, 6.0
_ROUNDS = 3


def weeks_of(given: Sequence[Panel]) -> int:
    """Return how many weeks panels have, 0 where there is no panel.

    Raises
    ------
    ValueError
        If they differ.
    """
    weeks = {one.weeks for one in given}
    if len(weeks) > 1:
        raise validate.refused("panels", "of the same weeks", sorted(weeks))
    return weeks.pop() if weeks else 0


def why_thin(panel: Panel, against: Against) -> dict[int, str]:
    """Return for each series of a panel, by its row, why it is not judged; empty where it is."""
    found = {}
    for row in rows(panel, against):
        n, sums = panel.n[row], panel.sums[row]
        sides = [(n, sums)]
        if against == "rest":
            sides.append(((panel.n[0] - n).clip(0), panel.sums[0] - sums))
        found[row] = next((why for side in sides if (why := _why(panel, *side))), "")
    return found


def _why(panel: Panel, n: Array, sums: Array) -> str:
    if (n > 0).sum() < WEEKS:
        return f"fewer than {WEEKS} weeks with data"
    if n.sum() < PEOPLE:
        return f"fewer than {PEOPLE} people"
    if panel.kind == "share" and min(sums.sum(), (n - sums).sum()) < EVENTS:
        return f"fewer than {EVENTS} people with the outcome, or without it"
    if panel.kind == "mean" and panel.spread[0] == 0:
        return "all values are the same"
    return ""


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """The series of a panel that are judged, against one thing.

    Parameters
    ----------
    panel : Panel
        The measure.
    against : {"own", "rest"}
        What its groups are held against.
    rows : ndarray of int, shape (s,)
        Their rows of the panel.
    expected : ndarray of float, shape (s, weeks)
        The level of each.
    noise : Noise
        Their noise, clear breaks taken out.
    z : ndarray of float, shape (s,)
        The largest standardised change of all windows of weeks.
    recent : ndarray of float, shape (s,)
        The information on a step that is 8 weeks old.
    """

    panel: Panel
    against: Against
    rows: NDArray[np.int64]
    expected: Array
    noise: Noise
    z: Array
    recent: Array

    @property
    def weight(self) -> Array:
        """The weight of each series: the root of its share of the people."""
        people = self.panel.n[self.rows].sum(1) / max(self.panel.n[0].sum(), 1.0)
        root: Array = np.sqrt(people)
        return root

    def series(self, place: int) -> Series:
        """Return one of the series."""
        alone, own = self.panel.row(int(self.rows[place])), self.noise.take([place])
        return Series(alone, len(alone.groups) - 1, self.against, own, self.expected[place])


def looks_at(panel: Panel, against: Against, kept: NDArray[np.int64], season: Array) -> Looks:
    """Return the series of some rows of a panel with their noise and their largest z.

    A break inflates the noise in which it is looked for. So where the largest z is clear, or would
    be sure by the noise of the weeks without its change, that change is taken out, the noise learnt
    anew, and the series looked at again. Taken out of every series, chance's largest changes would
    make the noise look small.
    """
    levels, places = level(panel, against), kept - rows(panel, against)[0]
    scored = scores(panel, against, levels).take(places)
    seen, root = windows(panel.weeks), np.sqrt(scored.information)
    residuals = scored.residuals
    likelihood = likelihoods(residuals, scored.information)
    learnt = averaged(likelihood, season)
    z, recent, todo = np.zeros(kept.size), np.zeros(kept.size), np.arange(kept.size)
    for _ in range(_ROUNDS):
        some, now = scored.take(todo), learnt.take(todo)
        inverse = now.precision(some.information)
        found = windowed(seen, some, residuals[todo], inverse, now.dispersion)
        z[todo] = found.z[np.arange(todo.size), found.best]
        recent[todo] = found.information[:, seen.first == panel.weeks - AGE][:, 0]
        clear = np.abs(z[todo]) > _CLEAR
        taken = _changes(seen, found, some, clear) * root[todo]
        without = likelihoods(residuals[todo] - taken, some.information)
        own, calm = likelihood.copy(), likelihood.copy()
        own[todo] = without
        likelier = evidence(without) - evidence(likelihood[todo]) > _LIKELIER
        calm[todo[likelier]] = without[likelier]
        quiet = averaged(calm, season, own).take(todo)
        # Wander and season only make a change less sure than counting alone does.
        most = np.sqrt((taken**2).sum(1) / quiet.dispersion)
        for place in np.flatnonzero(~clear & likelier & (most > _SURE)).tolist():
            clear[place] = _size(taken[place], some.take([place]), quiet.take([place])) > _SURE
        likelihood[todo[clear]] = without[clear]
        todo = todo[clear]
        if not todo.size:
            break
        learnt = learnt.updated(todo, averaged(likelihood, season))
    return Looks(panel, against, kept, levels[places], learnt, z, recent)


def _changes(seen: Windows, found: Windowed, scored: Scores, clear: NDArray[np.bool_]) -> Array:
    """Return the change of each series and week that is taken out of it.

    Where the largest z is not clear, the weeks may wander only because they hold a break: there it
    is the change that would stand out most if no week wandered.
    """
    inside, total = seen.sums(scored.information), scored.information.sum(1, keepdims=True)
    known, score = inside * (total - inside) / total.clip(1e-12), seen.sums(scored.score)
    plain = np.where(found.z != 0, np.abs(score) / np.sqrt(known.clip(1e-12)), 0.0)
    each, best = np.arange(clear.size), np.where(clear, found.best, plain.argmax(1))
    sizes = divided(
        np.where(clear[:, None], found.score, score),
        np.where(clear[:, None], found.information, known),
    )[each, best]
    weeks = np.array([seen.weeks(one, scored.score.shape[1]) for one in best])
    return sizes[:, None] * weeks  # type: ignore[no-any-return]


def _size(taken: Array, scored: Scores, own: Noise) -> float:
    """Return how many standard errors a change is, that the level of some weeks is taken to be."""
    return math.sqrt(max(float(taken @ own.weighed(scored.information, taken[:, None])[:, 0]), 0.0))


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


@documented
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
    %(confidence)s

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
    weeks = weeks_of(given)
    validate.between("start", start, 1, max(weeks - 1, 1))
    until = weeks if end is None else int(validate.between("end", end, start + 1, weeks))
    shape = shape_of(start, until, 1, weeks)
    season = season_covariance(busyness(given), against)
    found = [
        _second(panel, row, against, season, shape, start, why, confidence)
        for panel in given
        for row, why in why_thin(panel, against).items()
        if group is None or panel.groups[row] == group
    ]
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
        value=math.nan,
        ci=unknown,
        n=int(panel.n[row, inside].sum()),
        unit=unit,
        confidence=confidence,
        method=METHOD,
        note=f"undefined: {why}",
    )
    z = p_value = math.nan
    if not why:
        quiet = Noise(np.ones(1), np.zeros((1, panel.weeks)), season)
        one = series(panel, row, against, quiet)
        left = scored_series(one, fit(one, shape[None]).expected)
        one = one._replace(noise=noise(left.residuals, left.information, season))
        fitted = fit(one, shape[None])
        change = estimate(one, fitted, start, inside, confidence)
        z = float(fitted.change[0] / math.sqrt(fitted.covariance[0, 0]))
        p_value = 2 * float(stdtr(panel.weeks / 2, -abs(z)))
    return SecondLook(
        measure=panel.measure,
        group=panel.groups[row],
        against=against,
        before=before,
        during=during,
        change=change,
        z=z,
        p_value=p_value,
    )
