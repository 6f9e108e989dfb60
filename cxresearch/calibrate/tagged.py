"""Theme shares from a tagger that errs and a few codes, and their changes while it drifts."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cxresearch.calibrate.coverage_page import table
from cxresearch.calibrate.coverages import Coverage
from cxresearch.core.results import Estimate
from cxresearch.stats.shares.corrected_shares import (
    LabelledSample,
    labelled_share,
    prediction_powered,
    rogan_gladen,
    tagged_share,
)
from cxresearch.voc.estimates.changes import Change, changes
from cxresearch.voc.estimates.prevalence import prevalence

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
#: By how many wrong tags can be expected among the codes the coverages are shown.
WRONG = (0, 1, 2, 3, 5, 10)
#: Pairs of periods; a pair takes fifty times as long as a draw of one theme.
PAIRS = 400
#: The texts of a period.
OF_PERIOD = TEXTS // 2
#: The chance that the tagger finds a theme that is not there, before it drifts and after.
DRIFT = (0.02, 0.08)
#: The shares of some themes after a real change: large, middling, small; and of a rare one.
CHANGED = {"comfort": 0.55, "cleanliness": 0.24, "location": 0.25, "value": 0.13}


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
    tags = np.where(truth, rng.random(size) < sensitivity, rng.random(size) >= specificity)
    seen = np.where(np.arange(size) < CODED, truth, np.nan)
    return LabelledSample.of(tags.astype(float), seen)


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


_HEAD = """\

## Theme shares: a tagger that errs, and a few codes

{texts:,} texts of a draw are tagged and {coded} of them, drawn at random, coded. A cell is the
coverage over {draws:,} draws, nominal 0.950; "tagger right" is its sensitivity and specificity,
"wrong tags" how many can be expected among the codes. `naive`, `gold` and `ppi` are to hold the
share among the texts of the draw; `rogan_gladen` and the interval of `ppi` in the long run, by
which periods are compared, that among all texts such as these.

"""
_READING = """
- `ppi` is the default. `naive` is the share tagged, whose interval does not know that the tagger
  errs: it holds for some themes and hardly ever for others, as their errors happen to cancel. It
  is shown beside the others and never read.
- Where fewer than two wrong tags can be expected among the codes (wifi, damaged luggage), hardly
  anything is known of how the tagger errs: the interval covers more than it promises, and says so.
- `rogan_gladen` is for codes that are no random sample. It needs texts of the theme among them: it
  fails where ten or fewer can be expected (long lines, damaged luggage), and says so.

"""
_FIXED = """\
The same with texts that do not change: of {texts:,} the themes and the tags are fixed, and only
which of them are coded is drawn, {draws:,} times. Every share of {shares} with
every sensitivity of {sensitivities}, rate of false alarms of {alarms} and number of
codes of {codes}, by how many wrong tags can be expected among the codes; coverage of `ppi`.

"""
_FIXED_READING = """
- Counts are whole, so a coverage cannot be 0.950 everywhere: from two wrong tags on it is so on
  average, and within a few hundredths of it in each population. Below that it is more.

"""
_PERIODS = """\
Two periods of {texts:,} texts each, {coded} of each coded, with a tagger that comes to find a
theme that is not there in {many:.0%} of the other texts instead of {few:.0%}. Themes as frequent
in both: over {pairs} pairs the kit called a change in any of the {themes} themes in {kit:.1%},
adjusted to at most 5 %; the naive intervals lay apart in {naive:.1%}. With real changes beside the
drift:

"""
_PERIODS_READING = """
- "Called" is the share of the pairs in which the change was called, the right way. In any of the
  themes that had not changed one was called in {others:.1%}.
"""


def section(*, draws: int = DRAWS, pairs: int = PAIRS) -> str:
    """Return the part of the page about theme shares."""
    return (
        _HEAD.format(texts=TEXTS, coded=CODED, draws=draws)
        + _themes(draws)
        + _READING
        + _FIXED.format(
            texts=POPULATION,
            draws=draws,
            shares=_list(SHARES),
            sensitivities=_list(SENSITIVITIES),
            alarms=_list(ALARMS),
            codes=_list(CODES),
        )
        + _populations(fixed_shares(draws=draws))
        + _FIXED_READING
        + _periods(pairs)
    )


def _themes(draws: int) -> str:
    found = {(one.what, one.method): one.mean for one in theme_shares(draws=draws)}
    head = ("theme", "share", "tagger right", "wrong tags", *METHODS)
    rows = (
        (
            *(theme, f"{share:.3g}", f"{sensitivity:.3g} / {specificity:.3g}"),
            f"{expected_wrong(theme):.1f}",
            *(f"{found[theme, method]:.3f}" for method in METHODS),
        )
        for theme, (share, sensitivity, specificity) in THEMES.items()
    )
    return table(head, rows)


def _populations(found: Mapping[int, Sequence[float]]) -> str:
    head = ("wrong tags among the codes", "populations", "mean", "least", "most")
    names = [f"{least} to {end}" for least, end in itertools.pairwise(found)]
    names.append(f"{max(found)} or more")
    rows = (
        (
            *(name, str(len(coverages)), f"{sum(coverages) / len(coverages):.3f}"),
            *(f"{figure(coverages):.3f}" for figure in (min, max)),
        )
        for name, coverages in zip(names, found.values(), strict=True)
    )
    return table(head, rows)


def _periods(pairs: int) -> str:
    found = called(pairs=pairs)
    rows = (
        (theme, f"{THEMES[theme][0]:.3g}", f"{after:.3g}", f"{found.found[theme]:.3f}")
        for theme, after in CHANGED.items()
    )
    few, many = DRIFT
    text = _PERIODS.format(
        texts=OF_PERIOD,
        coded=CODED,
        few=few,
        many=many,
        pairs=pairs,
        themes=len(THEMES),
        kit=found.alike,
        naive=found.naive,
    )
    return (
        text
        + table(["theme", "share before", "after", "called"], rows)
        + _PERIODS_READING.format(others=found.others)
    )


def _list(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)
