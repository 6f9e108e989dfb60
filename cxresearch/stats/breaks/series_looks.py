"""The series of a panel, those too thin set apart, each with its noise and its largest z."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxresearch.core import validate
from cxresearch.stats.breaks.break_effects import Series, series
from cxresearch.stats.breaks.break_windows import windowed, windows
from cxresearch.stats.breaks.panels import Panel
from cxresearch.stats.breaks.week_noise import Noise, averaged, likelihoods
from cxresearch.stats.breaks.week_scores import Against, level, rows, scores

Array = NDArray[np.float64]

#: What a series needs: weeks with data, people, and for a share events.
WEEKS, PEOPLE, EVENTS = 16, 30, 10
#: The age, in weeks, of the step of which it is said how small it could have been seen.
AGE = 8
#: Breaks from here on are taken out of the weeks from which the noise is learnt.
_CLEAR = 3.5
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
        own = self.noise.take([place])
        return series(self.panel, int(self.rows[place]), self.against, own)


def looks_at(panel: Panel, against: Against, kept: NDArray[np.int64], season: Array) -> Looks:
    """Return the series of some rows of a panel with their noise and their largest z.

    A break inflates the noise in which it is looked for. So where the largest z is clear, that
    change is taken out, the noise learnt anew, and the series looked at again. Taken out of every
    series, chance's largest changes would make the noise look small.
    """
    scored = scores(panel, against, level(panel, against)).take(kept - rows(panel, against)[0])
    seen, root = windows(panel.weeks), np.sqrt(scored.information)
    residuals = scored.residuals
    likelihood = likelihoods(residuals, scored.information)
    learnt = averaged(likelihood, season)
    z, recent, todo = np.zeros(kept.size), np.zeros(kept.size), np.arange(kept.size)
    for _ in range(_ROUNDS):
        some, now = scored.take(todo), learnt.take(todo)
        inverse = now.precision(some.information)
        found = windowed(seen, some, residuals[todo], inverse, now.dispersion)
        each, best = np.arange(todo.size), found.best
        z[todo] = found.z[each, best]
        recent[todo] = found.information[:, seen.first == panel.weeks - AGE][:, 0]
        change = found.score[each, best] / found.information[each, best].clip(1e-12)
        inside = np.array([seen.weeks(one, panel.weeks) for one in best])
        clear = np.abs(z[todo]) > _CLEAR
        taken = np.where(clear[:, None], change[:, None] * inside * root[todo], 0.0)
        likelihood[todo] = likelihoods(residuals[todo] - taken, some.information)
        todo = todo[clear]
        if not todo.size:
            break
        learnt = learnt.updated(todo, averaged(likelihood, season))
    return Looks(panel, against, kept, learnt, z, recent)
