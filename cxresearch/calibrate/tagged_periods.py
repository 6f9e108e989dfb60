"""Changes of theme shares between two periods, when the tagger drifts meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxresearch.calibrate.tagged import CODED, SEED, TEXTS, THEMES
from cxresearch.voc.estimates.changes import Change, changes
from cxresearch.voc.estimates.prevalence import prevalence

#: Pairs of periods; a pair takes fifty times as long as a draw of one theme.
PAIRS = 400
#: The texts of a period.
OF_PERIOD = TEXTS // 2

#: The chance that the tagger finds a theme that is not there, before it drifts and after.
DRIFT = (0.02, 0.08)
#: The shares of some themes after a real change: large, middling, small; and of a rare one.
CHANGED = {"comfort": 0.55, "cleanliness": 0.24, "location": 0.25, "value": 0.13}


@dataclass(frozen=True, slots=True)
class Called:
    """How often changes were called, as shares of the pairs of periods.

    Parameters
    ----------
    alike : float
        That any was called in any theme, though the themes are as frequent in both periods.
    naive : float
        That naive intervals of any theme lay apart in the same pairs.
    found : dict of str to float
        Of the themes of :data:`CHANGED`, that the change was called, the right way.
    others : float
        That any was called in one of the other themes in those pairs.
    """

    alike: float
    naive: float
    found: dict[str, float]
    others: float


def called(*, pairs: int = PAIRS) -> Called:
    """Return how often changes are called between periods alike, and between others."""
    rng = np.random.default_rng(SEED)
    before = {theme: share for theme, (share, _, _) in THEMES.items()}
    alike, naive, others, found = 0, 0, 0, dict.fromkeys(CHANGED, 0)
    for _ in range(pairs):
        same = _pair(rng, before, before)
        alike += any(one.called != "no" for one in same)
        naive += any(one.first.naive.ci.high < one.second.naive.ci.low for one in same)
        real = _pair(rng, before, before | CHANGED)
        others += any(one.called != "no" for one in real if one.theme not in CHANGED)
        for one in real:
            if one.theme in CHANGED:
                up = CHANGED[one.theme] > before[one.theme]
                found[one.theme] += one.called == ("up" if up else "down")
    shares = {theme: count / pairs for theme, count in found.items()}
    return Called(alike / pairs, naive / pairs, shares, others / pairs)


def _pair(
    rng: np.random.Generator, before: Mapping[str, float], after: Mapping[str, float]
) -> tuple[Change, ...]:
    """Return what is said of two periods in which the themes have these shares."""
    tags, codes = zip(*(_period(rng, *one) for one in enumerate((before, after))), strict=True)
    labels = np.repeat(["before", "after"], OF_PERIOD)
    return changes(prevalence(pd.concat(tags), pd.concat(codes), by=labels), "before", "after")


def _period(
    rng: np.random.Generator, period: int, shares: Mapping[str, float]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tags of the texts of a period, and the codes of some."""
    index = [f"{period} {place}" for place in range(OF_PERIOD)]
    sensitivities = np.array([THEMES[theme][1] for theme in shares])
    truth = rng.random((OF_PERIOD, len(shares))) < np.array(list(shares.values()))
    chance = rng.random(truth.shape)
    tagged = np.where(truth, chance < sensitivities, chance < DRIFT[period])
    tags, codes = (
        pd.DataFrame(table, index=index, columns=list(shares)) for table in (tagged, truth)
    )
    return tags, codes.iloc[:CODED].astype(float)
