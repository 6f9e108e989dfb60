"""What share of units has a property that a machine guessed for all and people saw in a few.

The guesses are many and wrong in part; the looked-at few are right and too few. Together they say
more than either: the guesses give the level, the few say by how much it is off.
"""

from __future__ import annotations

import math

import numpy as np

from cxresearch import _checks
from cxresearch.results import Estimate, Interval
from cxresearch.stats.guesses import (
    NOT_SEEN,
    Guessed,
    cut_share,
    guessed_share,
    sums_over_clusters,
    undefined_share,
)
from cxresearch.stats.proportions import clustered_proportion

ONE_SEEN = "no interval: people must have looked at two independent units at least"
NOT_TUNED = "the guesses are taken at full weight: too few of those looked at have the property"

PPI = "prediction-powered inference, t"
TUNED = "prediction-powered inference with tuned weight, t"
BY_GUESS = "prediction-powered inference, Wilson score for each guess"

#: With fewer errors found than this their spread is not known: the interval is built from
#: Wilson's for either guess. Measured, see docs/validity.md.
_FEWEST_ERRORS = 3
#: How many of those looked at must have the property, and lack it, before the weight is tuned.
_FEWEST_TO_TUNE = 15


def prediction_powered(
    units: Guessed, *, tuned: bool = False, confidence: float = 0.95
) -> Estimate:
    """Estimate the share from all guesses and from what people saw of some.

    Parameters
    ----------
    units : Guessed
        The units; those looked at are a random sample of them, or one with known chances.
    tuned : bool, default False
        Whether the guesses get the weight that makes the interval shortest, which helps where they
        are poor; only with 15 units looked at that have the property and 15 that do not.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Estimate
        The share among units such as these, with `n` independent units looked at; nan with a note
        where nobody looked. It is cut to 0-1.

    Raises
    ------
    ValueError
        If `confidence` is not strictly between 0 and 1.

    Notes
    -----
    s = k mean(guess) + sum_seen w (seen - k guess) / sum_seen w with k = 1, or tuned
    cov(seen, guess) / var(guess). The interval is s -+ t sqrt(v), v being the sum over clusters of
    squared influences, in which a unit has its part as a guess and, if looked at, as an error.
    Where fewer than three errors were seen v cannot be known: s is then
    q a + (1 - q) b, q the share of guesses, a and b the shares seen where the guess is 1 and 0,
    and the interval is put together from theirs (MOVER). Units drawn for a look because they
    seemed interesting are no sample.

    References
    ----------
    Angelopoulos, Bates, Fannjiang, Jordan & Zrnic (2023), Science 382, 669-674. Angelopoulos,
    Duchi & Zrnic (2023), arXiv:2311.01453 (the tuned weight). Egami, Hinck, Stewart & Wei (2023),
    NeurIPS (weights). Zou & Donner (2008), Stat. Med. 27, 1693-1702 (MOVER).

    Examples
    --------
    Half of 1,000 texts are tagged; of 100 looked at, 5 tagged ones are not of the theme.

    >>> guesses = [1, 0] * 500
    >>> seen = [0, 0] * 5 + [1, 0] * 45 + [None] * 900
    >>> result = prediction_powered(Guessed.of(guesses, seen))
    >>> round(result.value, 3), [round(end, 3) for end in result.ci]
    (0.45, [0.398, 0.502])
    """
    from scipy.special import stdtrit

    _checks.share("confidence", confidence)
    n = units.n
    if n < 2:
        return undefined_share(units, NOT_SEEN if not n else ONE_SEEN, PPI, confidence)
    looked = units.looked_at
    errors = int((units.seen[looked] != units.guesses[looked]).sum())
    if errors < _FEWEST_ERRORS:
        return _by_guess(units, confidence)
    weight = _tuned_weight(units) if tuned else 1.0
    value, variance = _corrected(units, weight if weight is not None else 1.0)
    margin = float(stdtrit(n - 1, (1 + confidence) / 2)) * math.sqrt(variance)
    return cut_share(
        value,
        Interval(value - margin, value + margin),
        n,
        confidence,
        method=TUNED if tuned and weight is not None else PPI,
        note=NOT_TUNED if weight is None else "",
    )


def _tuned_weight(units: Guessed) -> float | None:
    """Return the weight of the guesses that makes the variance least, 0-1; None with few units."""
    looked = units.looked_at
    seen, guess, weight = units.seen[looked], units.guesses[looked], units.weights[looked]
    have = int(seen.sum())
    if min(have, len(seen) - have) < _FEWEST_TO_TUNE:
        return None
    centre = guess - np.average(guess, weights=weight)
    spread = float(weight @ centre**2)
    return min(max(float(weight @ (centre * seen)) / spread, 0.0), 1.0) if spread else 0.0


def _corrected(units: Guessed, weight: float) -> tuple[float, float]:
    """Return the share and its variance, the guesses taken at a weight."""
    looked = units.looked_at
    errors = np.where(looked, np.nan_to_num(units.seen) - weight * units.guesses, 0.0)
    design = np.where(looked, units.weights, 0.0) / units.weights[looked].sum()
    level, off = float(units.guesses.mean()), float(design @ errors)
    influence = weight * (units.guesses - level) / len(units.guesses)
    influence = influence + design * (errors - off)
    sums = np.bincount(units.clusters, influence)
    n = units.n
    return weight * level + off, n / (n - 1) * float(sums @ sums)


def _by_guess(units: Guessed, confidence: float) -> Estimate:
    """Estimate from the share seen for either guess, which needs no errors to have been seen."""
    looked = units.looked_at
    guessed = guessed_share(units, confidence=confidence)
    parts = []
    for guess in (1.0, 0.0):
        of_guess = looked & (units.guesses == guess)
        seen = np.where(of_guess, units.seen, 0.0)
        share = clustered_proportion(
            sums_over_clusters(units, seen, of_guess * units.weights), confidence=confidence
        )
        # A guess that nobody looked at may be right always or never.
        ends = share.ci if share.n > 1 else Interval(0.0, 1.0)
        parts.append((guess if math.isnan(share.value) else share.value, ends))
    (yes, of_yes), (no, of_no) = parts
    q = guessed.value
    value = q * yes + (1 - q) * no
    of_level = (yes - no) * (guessed.ci.high - guessed.ci.low) / 2
    low = math.hypot(q * (yes - of_yes.low), (1 - q) * (no - of_no.low), of_level)
    high = math.hypot(q * (of_yes.high - yes), (1 - q) * (of_no.high - no), of_level)
    return cut_share(
        value, Interval(value - low, value + high), units.n, confidence, method=BY_GUESS
    )
