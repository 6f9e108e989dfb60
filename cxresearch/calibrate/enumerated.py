"""Coverage over every outcome a survey of n people can have: exact, without chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxresearch.calibrate.measured import Coverage
from cxresearch.stats.shares.proportions import proportion
from cxresearch.survey.nps_intervals import LABELS, Array, Method, limits

Shares = tuple[float, float, float]

#: Shares of promoters, passives and detractors, from the usual to the ends of the scale.
VECTORS: tuple[Shares, ...] = (
    (0.5, 0.3, 0.2),
    (0.7, 0.2, 0.1),
    (1 / 3, 1 / 3, 1 / 3),
    (0.1, 0.2, 0.7),
    (0.9, 0.08, 0.02),
    (0.98, 0.01, 0.01),
    (0.05, 0.9, 0.05),
    (0.02, 0.96, 0.02),
    (0.5, 0.0, 0.5),
    (0.6, 0.4, 0.0),
)
SIZES = (20, 50, 100, 500)
#: Shares of satisfied customers.
SATISFIED = (0.05, 0.2, 0.5, 0.8, 0.95)

#: The largest sample for which a method without a closed form is enumerated.
_LARGEST: dict[Method, int] = {"bootstrap": 100, "dirichlet": 20, "dirichlet_uniform": 20}
#: A truth this near to the end of an interval is in it: only rounding is between them.
_ROUNDING = 1e-9


def nps_coverages(
    *, sizes: Sequence[int] = SIZES, methods: Sequence[Method] = tuple(LABELS)
) -> list[Coverage]:
    """Return the coverage of every NPS interval, mean and least over :data:`VECTORS`."""
    return [
        Coverage(
            what="NPS",
            method=method,
            n=n,
            mean=float(np.mean(found)),
            least=float(np.min(found)),
        )
        for method in methods
        for n in sizes
        if n <= _LARGEST.get(method, n)
        for found in [nps_coverage(n, method=method)]
    ]


def nps_coverage(
    n: int, *, method: Method, vectors: Sequence[Shares] = VECTORS, confidence: float = 0.95
) -> list[float]:
    """Return the exact coverage of one NPS interval for each vector of shares.

    Examples
    --------
    >>> [round(share, 3) for share in nps_coverage(20, method="wald", vectors=[(0.98, 0.01, 0.01)])]
    [0.332]
    """
    counts = outcomes(n)
    low, high = limits(*counts, method=method, confidence=confidence)
    covered = []
    for shares in vectors:
        truth = shares[0] - shares[2]
        holds = (low <= truth + _ROUNDING) & (truth - _ROUNDING <= high)
        covered.append(float(probabilities(counts, shares) @ holds))
    return covered


def outcomes(n: int) -> tuple[Array, Array, Array]:
    """Return every number of promoters, passives and detractors that n people can be.

    Examples
    --------
    >>> [len(part) for part in outcomes(500)]
    [125751, 125751, 125751]
    """
    promoters, detractors = np.triu_indices(n + 1)
    detractors = n - detractors
    return (
        promoters.astype(float),
        (n - promoters - detractors).astype(float),
        detractors.astype(float),
    )


def probabilities(counts: tuple[Array, Array, Array], shares: Shares) -> Array:
    """Return the multinomial probability of each outcome."""
    from scipy.special import gammaln, xlogy

    n = counts[0][0] + counts[1][0] + counts[2][0]
    log = np.full(len(counts[0]), gammaln(n + 1))
    for count, share in zip(counts, shares, strict=True):
        log += xlogy(count, share) - gammaln(count + 1)
    return np.asarray(np.exp(log))


def csat_coverages(*, sizes: Sequence[int] = SIZES) -> list[Coverage]:
    """Return the coverage of Wilson's interval, mean and least over :data:`SATISFIED`."""
    from scipy.special import bdtr

    found = []
    for n in sizes:
        ends = np.array([proportion(x, n).ci for x in range(n + 1)])
        covered = []
        for share in SATISFIED:
            holds = (ends[:, 0] <= share + _ROUNDING) & (share - _ROUNDING <= ends[:, 1])
            chance = np.diff(bdtr(np.arange(n + 1), n, share), prepend=0.0)
            covered.append(float(chance @ holds))
        found.append(
            Coverage("CSAT", "Wilson score", n, float(np.mean(covered)), float(np.min(covered)))
        )
    return found
