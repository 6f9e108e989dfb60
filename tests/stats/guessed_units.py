"""Units with guesses for all of which some were looked at, drawn from known shares."""

from __future__ import annotations

import math

import numpy as np

from cxresearch.stats.shares.corrected_shares import LabelledSample

NAN = math.nan

#: Share with the property, sensitivity and specificity of the guesses.
COMMON = [(0.4, 0.8, 0.9), (0.2, 0.7, 0.97), (0.1, 0.5, 0.98), (0.1, 0.8, 0.9), (0.02, 0.6, 0.97)]
#: The same where fewer than two wrong guesses can be expected among 200.
FEW_ERRORS = [(0.01, 0.6, 0.998), (0.01, 0.9, 0.999), (0.015, 0.7, 0.999), (0.05, 0.98, 0.999)]


def drawn(rng, kind, units=3000, looked=200):
    """Return guesses for all, what was seen of the first few, and the truth."""
    share, sensitivity, specificity = kind
    truth = rng.random(units) < share
    guess = np.where(truth, rng.random(units) < sensitivity, rng.random(units) > specificity)
    seen = np.where(np.arange(units) < looked, truth, NAN)
    return guess.astype(float), seen, truth


def coverage(kind, method, draws=1000, *, of_these=True, **options):
    """Return how often the interval holds the share among these units, or that of the source."""
    rng = np.random.default_rng([26, int(kind[0] * 1000), draws])
    held = 0
    for _ in range(draws):
        guess, seen, truth = drawn(rng, kind)
        ci = method(LabelledSample.of(guess, seen), **options).ci
        held += ci.low <= (truth.mean() if of_these else kind[0]) <= ci.high
    return held / draws
