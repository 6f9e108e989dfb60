"""What each week says of a series: how far it is from what is expected, and how sure that is."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxresearch.stats.breaks.panels import Panel, divided

Array = NDArray[np.float64]
#: A group on its own, or against the others of the whole.
Against = Literal["own", "rest"]
_STEPS = 12


class Scores(NamedTuple):
    """Observed minus expected of every series and week, its variance, and its third moment."""

    score: Array
    information: Array
    third: Array

    def take(self, kept: NDArray[np.int64] | list[int] | slice) -> Scores:
        """Return the scores of some of the series."""
        return Scores(self.score[kept], self.information[kept], self.third[kept])

    @property
    def residuals(self) -> Array:
        """The scores in standard errors; 0 in a week without information."""
        root = np.sqrt(np.where(self.information > 0, self.information, 1.0))
        return np.where(self.information > 0, self.score / root, 0.0)


def rows(panel: Panel, against: Against) -> range:
    """Return which groups of a panel are series: against the rest, all but the whole."""
    return range(1 if against == "rest" else 0, len(panel.groups))


def scores(panel: Panel, against: Against, expected: Array) -> Scores:
    """Return the scores of the groups of a panel.

    Parameters
    ----------
    panel : Panel
        The measure.
    against : {"own", "rest"}
        What a group is held against.
    expected : ndarray of float, shape (rows, weeks)
        What is expected: the log odds of a share, or its log odds ratio to the rest; the mean in
        standard deviations of one value, or its difference from the rest.

    Notes
    -----
    Against the rest, a share has the count of the group given the week's total of a 2x2 table under
    one odds ratio (Cornfield's mode and variance), so thin weeks need no correction and what moves
    everybody cancels.
    """
    kept = list(rows(panel, against))
    n, sums, sd = panel.n[kept], panel.sums[kept], panel.spread[kept, None]
    skewness = panel.skewness[kept, None]
    if against == "own" and panel.kind == "share":
        share = 1 / (1 + np.exp(-expected))
        information = n * share * (1 - share)
        return Scores(sums - n * share, information, information * (1 - 2 * share))
    if against == "own":
        information = n * (sd > 0)
        score = np.where(sd > 0, divided(sums, sd) - n * expected, 0)
        return Scores(score, information, information * skewness)
    others, other_sums = (panel.n[0] - n).clip(0), panel.sums[0] - sums
    if panel.kind == "share":
        return _stratified(n, sums, others, other_sums, expected)
    information = divided(n * others, n + others) * (sd > 0)
    apart = divided(divided(sums, n) - divided(other_sums, others), sd)
    part = divided(others - n, n + others)
    return Scores(information * (apart - expected), information, information * skewness * part)


def _stratified(n: Array, hits: Array, others: Array, other_hits: Array, expected: Array) -> Scores:
    everybody, total, odds = n + others, hits + other_hits, np.exp(expected)
    b = (n + total) * odds + others - total
    root = np.sqrt((b * b - 4 * (odds - 1) * odds * n * total).clip(0))
    mode = 2 * odds * n * total / np.maximum(b + root, 1e-12)
    cells = (mode, n - mode, total - mode, others - total + mode)
    known = np.min(cells, axis=0) > 1e-9
    information = np.where(known, 1 / sum(1 / np.where(known, cell, 1.0) for cell in cells), 0)
    information = information * everybody / (everybody - 1).clip(1)
    lean = (1 - 2 * divided(n, everybody)) * (1 - 2 * divided(total, everybody))
    return Scores(np.where(known, hits - mode, 0), information, information * lean)


def level(panel: Panel, against: Against) -> Array:
    """Return the constant that fits each series best, shape (rows, weeks), by Fisher scoring."""
    size = len(rows(panel, against))
    constant = np.zeros((size, 1))
    if against == "own" and panel.kind == "share":
        share = (panel.sums.sum(1) + 0.5) / (panel.n.sum(1) + 1)
        constant[:, 0] = np.log(share / (1 - share))
    elif against == "own":
        constant[:, 0] = divided(np.nan_to_num(panel.level), panel.spread)
    for _ in range(_STEPS):
        now = scores(panel, against, constant + np.zeros(panel.weeks))
        step = divided(now.score.sum(1), now.information.sum(1))
        constant = constant + step[:, None].clip(-1, 1)
    return constant + np.zeros(panel.weeks)
