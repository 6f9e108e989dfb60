"""Theme shares from a tagger that errs and a few codes: coverage, and changes that are none."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from cxresearch.calibrate.measured import Coverage
from cxresearch.results import Estimate
from cxresearch.stats.guesses import Guessed, guessed_share, seen_share
from cxresearch.stats.prediction_powered import prediction_powered
from cxresearch.stats.rogan_gladen import rogan_gladen
from cxresearch.voc.changes import changes
from cxresearch.voc.prevalence import prevalence

SEED = 2026
DRAWS = 1000
#: Pairs of periods; a pair takes a hundred times as long as a draw.
PAIRS = 200
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
#: The chance that the tagger finds a theme that is not there, before it drifts and after.
DRIFT = (0.02, 0.08)

METHODS: dict[str, Callable[[Guessed], Estimate]] = {
    "naive": guessed_share,
    "gold": seen_share,
    "rogan_gladen": rogan_gladen,
    "ppi": prediction_powered,
    "ppi_tuned": partial(prediction_powered, tuned=True),
}


def theme_shares(*, draws: int = DRAWS) -> list[Coverage]:
    """Return the coverage of every method for every theme."""
    held = {(theme, method): 0 for theme in THEMES for method in METHODS}
    for place, (theme, (share, _, _)) in enumerate(THEMES.items()):
        rng = np.random.default_rng([SEED, place])
        for _ in range(draws):
            units = _drawn(rng, *THEMES[theme])
            for method, estimate in METHODS.items():
                low, high = estimate(units).ci
                held[theme, method] += low <= share <= high
    return [
        Coverage(theme, method, CODED, count / draws, count / draws, draws)
        for (theme, method), count in held.items()
    ]


def false_changes(*, pairs: int = PAIRS) -> tuple[float, float]:
    """Return how often any change is called between periods alike, when the tagger drifts.

    Returns
    -------
    tuple of float
        By the kit, and by the naive shares: those whose intervals do not overlap.
    """
    rng = np.random.default_rng(SEED)
    called, naive = 0, 0
    for _ in range(pairs):
        tags, gold = zip(*(_period(rng, period) for period in (0, 1)), strict=True)
        labels = np.repeat(["before", "after"], TEXTS // 2)
        found = prevalence(pd.concat(tags), pd.concat(gold), by=labels)
        called += any(one.called != "no" for one in changes(found, "before", "after"))
        naive += any(
            found.of(theme, "before").naive.ci.high < found.of(theme, "after").naive.ci.low
            for theme in THEMES
        )
    return called / pairs, naive / pairs


def section(*, draws: int = DRAWS, pairs: int = PAIRS) -> str:
    """Return the part of the page about theme shares."""
    from cxresearch.calibrate.page import row

    found = {(one.what, one.method): one.mean for one in theme_shares(draws=draws)}
    lines = [row("theme", "share", "tagger right", *METHODS), row(*["---"] * (3 + len(METHODS)))]
    lines += [
        row(
            theme,
            f"{share:.3g}",
            f"{sensitivity:.3g} / {specificity:.3g}",
            *(f"{found[theme, method]:.3f}" for method in METHODS),
        )
        for theme, (share, sensitivity, specificity) in THEMES.items()
    ]
    kit, naive = false_changes(pairs=pairs)
    return (
        _HEAD.format(texts=TEXTS, coded=CODED, draws=draws)
        + "".join(lines)
        + _READING.format(
            pairs=pairs, kit=kit, naive=naive, few=DRIFT[0], many=DRIFT[1], themes=len(THEMES)
        )
    )


def _drawn(
    rng: np.random.Generator, share: float, sensitivity: float, specificity: float
) -> Guessed:
    truth = rng.random(TEXTS) < share
    tagged = np.where(truth, rng.random(TEXTS) < sensitivity, rng.random(TEXTS) >= specificity)
    seen = np.where(np.arange(TEXTS) < CODED, truth, np.nan)
    return Guessed.of(tagged.astype(float), seen)


def _period(rng: np.random.Generator, period: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tags and the codes of one period; the truth is the same in both."""
    index = [f"{period} {place}" for place in range(TEXTS // 2)]
    shares = np.array([share for share, _, _ in THEMES.values()])
    sensitivities = np.array([sensitivity for _, sensitivity, _ in THEMES.values()])
    truth = rng.random((TEXTS // 2, len(THEMES))) < shares
    chance = rng.random(truth.shape)
    tagged = np.where(truth, chance < sensitivities, chance < DRIFT[period])
    tags, codes = (
        pd.DataFrame(table, index=index, columns=list(THEMES)) for table in (tagged, truth)
    )
    return tags, codes.iloc[:CODED].astype(float)


_HEAD = """\

## Theme shares: a tagger that errs, and a few codes

{texts:,} texts of a draw are tagged and {coded} of them, drawn at random, coded. A cell is the
coverage over {draws:,} draws, nominal 0.950; "tagger right" is its sensitivity and specificity.

"""
_READING = """
- `ppi` is the default. `naive` is the share tagged, whose interval does not know that the tagger
  errs: it is shown beside the others and never read.
- Where the tagger errs in fewer than three of the codes the spread of its errors cannot be known;
  the interval is then put together from Wilson's, and covers more than it promises rather than
  less (wifi, damaged luggage).
- `rogan_gladen` is for codes that are no random sample. It needs texts of the theme among them: it
  fails where ten or fewer can be expected (long lines, damaged luggage), and says so.
- Two periods alike, with a tagger that comes to find a theme that is not there in {many:.0%} of
  the other texts instead of {few:.0%}: over {pairs} pairs the kit called a change in any of the
  {themes} themes in {kit:.1%}, adjusted to at most 5 %; the naive intervals lay apart in
  {naive:.1%}.
"""
