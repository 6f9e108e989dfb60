"""Theme shares from a tagger that errs and a few codes: how often the intervals hold."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from cxresearch.calibrate.coverages import Coverage
from cxresearch.core.results import Estimate
from cxresearch.stats.shares.labelled_sample import LabelledSample, labelled_share, tagged_share
from cxresearch.stats.shares.prediction_powered import prediction_powered
from cxresearch.stats.shares.rogan_gladen import rogan_gladen

SEED = 2026
DRAWS = 2000
#: The texts of a draw, and how many of them are coded.
TEXTS, CODED = 3000, 200

#: Themes from common to rare: their share, and the tagger's sensitivity and specificity.
THEMES: dict[str, tuple[float, float, float]] = {
    "comfort": (0.37, 0.76, 0.84),
    "amenities": (0.28, 0.85, 0.94),
    "location": (0.2, 0.87, 0.95),
    "staff": (0.19, 0.9, 0.975),
    "cleanliness": (0.14, 0.9, 0.98),
    "other": (0.12, 0.3, 0.86),
    "value": (0.065, 0.75, 0.97),
    "long lines": (0.022, 0.3, 0.98),
    "wifi": (0.022, 0.95, 0.998),
    "damaged luggage": (0.009, 0.6, 0.995),
}

#: Methods of the share of the texts at hand, and of that in the long run.
AT_HAND: dict[str, Callable[[LabelledSample], Estimate]] = {
    "naive": tagged_share,
    "gold": labelled_share,
    "ppi": prediction_powered,
}
LONG_RUN: dict[str, Callable[[LabelledSample], Estimate]] = {
    "rogan_gladen": rogan_gladen,
    "ppi, long run": partial(prediction_powered, long_run=True),
}
METHODS = (*AT_HAND, *LONG_RUN)

#: Populations of texts of which some are coded: the shares, the tagger's sensitivities and its
#: rates of false alarms, and the numbers of codes, each with each.
POPULATION = 4000
SHARES = (0.005, 0.01, 0.03, 0.1, 0.3)
SENSITIVITIES = (0.5, 0.85, 0.95)
ALARMS = (0.002, 0.01, 0.05)
CODES = (100, 200)
#: By how many wrong tags can be expected among the codes the coverages are told.
WRONG = (0, 1, 2, 3, 5, 10)


def expected_wrong(theme: str) -> float:
    """Return how many wrong tags can be expected among the codes of a theme."""
    share, sensitivity, specificity = THEMES[theme]
    return CODED * (share * (1 - sensitivity) + (1 - share) * (1 - specificity))


def theme_shares(*, draws: int = DRAWS) -> list[Coverage]:
    """Return the coverage of every method for every theme.

    The first methods must hold the share among the texts of the draw, the others that in the long
    run, from which the texts were drawn.
    """
    held = {(theme, method): 0 for theme in THEMES for method in METHODS}
    for place, (theme, (share, *right)) in enumerate(THEMES.items()):
        rng = np.random.default_rng([SEED, place])
        for _ in range(draws):
            truth = rng.random(TEXTS) < share
            units = _coded(rng, truth, *right)
            for methods, true_share in ((AT_HAND, truth.mean()), (LONG_RUN, share)):
                for method, estimate in methods.items():
                    low, high = estimate(units).ci
                    held[theme, method] += low <= true_share <= high
    return [
        Coverage(theme, method, CODED, count / draws, count / draws, draws)
        for (theme, method), count in held.items()
    ]


def fixed_shares(*, draws: int = DRAWS) -> dict[int, list[float]]:
    """Return the coverages of the default in many populations of texts, by few or many wrong tags.

    The texts, their tags and their themes are fixed, and which of them are coded is drawn: what
    happens to one who codes texts that are there.

    Returns
    -------
    dict
        By the numbers of :data:`WRONG`, the coverages of the populations in which so many wrong
        tags or more can be expected among the codes, but fewer than the next number.
    """
    rng = np.random.default_rng(SEED)
    found: dict[int, list[float]] = {least: [] for least in WRONG}
    for share, sensitivity, alarm, coded in itertools.product(SHARES, SENSITIVITIES, ALARMS, CODES):
        have = round(POPULATION * share)
        hits, alarms = round(have * sensitivity), round((POPULATION - have) * alarm)
        cells = np.array([hits, have - hits, alarms, POPULATION - have - alarms])
        expected = coded * (cells[1] + cells[2]) / POPULATION
        least = max(one for one in found if one <= expected)
        found[least].append(_coverage(rng, cells, coded, draws))
    return found


def _coverage(rng: np.random.Generator, cells: NDArray[np.int_], coded: int, draws: int) -> float:
    """Return how often the interval holds the share of texts that are in the first two cells."""
    codes, times = np.unique(
        rng.multivariate_hypergeometric(cells, coded, size=draws), axis=0, return_counts=True
    )
    truth, held = cells[:2].sum() / cells.sum(), 0
    for outcome, count in zip(codes, times, strict=True):
        low, high = prediction_powered(_in_cells(cells, outcome)).ci
        held += count * (low <= truth <= high)
    return float(held / draws)


def _in_cells(cells: NDArray[np.int_], coded: NDArray[np.int_]) -> LabelledSample:
    """Return texts of which so many are hits, misses, false alarms and rightly without a tag."""
    counts = np.ravel(np.column_stack([coded, cells - coded]))
    seen = np.repeat([1, np.nan, 1, np.nan, 0, np.nan, 0, np.nan], counts)
    return LabelledSample.of(np.repeat([1, 1, 0, 0, 1, 1, 0, 0], counts), seen)


def _coded(
    rng: np.random.Generator, truth: NDArray[np.bool_], sensitivity: float, specificity: float
) -> LabelledSample:
    """Return the tags of texts in random order, of which the first are coded."""
    size = len(truth)
    tagged = np.where(truth, rng.random(size) < sensitivity, rng.random(size) >= specificity)
    seen = np.where(np.arange(size) < CODED, truth, np.nan)
    return LabelledSample.of(tagged.astype(float), seen)
