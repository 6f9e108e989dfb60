"""How often intervals hold the truth: over every outcome of a survey, or over seeded draws."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from cxresearch.core.results import Interval
from cxresearch.core.unit_sums import RatioSums
from cxresearch.stats.means.ratios import ratio_of_sums
from cxresearch.stats.ranks.quantiles import quantile
from cxresearch.stats.shares.proportions import proportion
from cxresearch.survey.nps import NpsResult, nps
from cxresearch.survey.nps_compare import Method as DifferenceMethod
from cxresearch.survey.nps_compare import nps_difference
from cxresearch.survey.nps_intervals import LABELS, Array, Method, limits
from cxresearch.survey.ratings import csat
from cxresearch.survey.weighting import post_stratify, rake
from cxresearch.survey.weights import Weights, weighted_mean

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

SEED = 2026
DRAWS = 2000
#: Draws where one takes milliseconds.
_FEWER_DRAWS = 1000

#: Pairs of groups: alike, usual, one near the end of the scale, far apart.
PAIRS: tuple[tuple[Shares, Shares], ...] = (
    ((0.5, 0.3, 0.2), (0.5, 0.3, 0.2)),
    ((0.5, 0.3, 0.2), (0.6, 0.25, 0.15)),
    ((0.7, 0.2, 0.1), (0.98, 0.01, 0.01)),
    ((0.1, 0.2, 0.7), (0.9, 0.08, 0.02)),
)

#: The strata of the post-stratified survey: share of the customers, share of those who answer,
#: and their NPS shares. Loyal customers answer more often, and better.
STRATA: dict[str, tuple[float, float, Shares]] = {
    "new": (0.6, 0.3, (0.4, 0.3, 0.3)),
    "loyal": (0.4, 0.7, (0.75, 0.2, 0.05)),
}

#: The same by two margins, such as age and channel, of which only the margins are known.
CELLS: dict[tuple[str, str], tuple[float, float, Shares]] = {
    ("young", "web"): (0.35, 0.25, (0.4, 0.3, 0.3)),
    ("young", "shop"): (0.15, 0.1, (0.5, 0.3, 0.2)),
    ("old", "web"): (0.25, 0.2, (0.6, 0.25, 0.15)),
    ("old", "shop"): (0.25, 0.45, (0.7, 0.2, 0.1)),
}

#: The spread of the logarithm of an order's value, and of a customer's level of spending.
_ORDER_SPREAD, _CUSTOMER_SPREAD = 0.6, 0.4
_ORDER_VALUE = 60.0
#: The spread of the logarithm of a response time, whose median is an hour.
_WAIT_SPREAD, _WAIT_MEDIAN = 1.2, 3600.0


@dataclass(frozen=True, slots=True)
class Coverage:
    """How often an interval held the truth.

    Parameters
    ----------
    what : str
        The quantity and its setting.
    method : str
        The name of the interval's method.
    n : int
        The number of independent units in a sample.
    mean, least : float
        The mean coverage over the settings, and that of the worst; equal where there is one.
    draws : int
        How many samples were drawn per setting; 0 where every outcome was enumerated.
    """

    what: str
    method: str
    n: int
    mean: float
    least: float
    draws: int = 0

    @property
    def error(self) -> float:
        """The Monte Carlo standard error of a coverage; 0 where every outcome was enumerated.

        Examples
        --------
        >>> round(Coverage("share", "Wilson", 50, 0.95, 0.95, draws=1900).error, 4)
        0.005
        """
        return math.sqrt(self.mean * (1 - self.mean) / self.draws) if self.draws else 0.0


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


def nps_differences(
    *,
    sizes: Sequence[int] = (20, 50, 100),
    method: DifferenceMethod = "mover",
    draws: int = _FEWER_DRAWS,
) -> list[Coverage]:
    """Return the coverage of the difference of two NPS, mean and least over :data:`PAIRS`."""
    return [
        _over_settings(
            "NPS difference",
            method,
            n,
            draws,
            [_difference_holds(first, second, n, method) for first, second in PAIRS],
        )
        for n in sizes
    ]


def order_values(*, sizes: Sequence[int] = (50, 200, 1000), draws: int = DRAWS) -> list[Coverage]:
    """Return the coverage of the mean order value over n customers with orders of their own."""

    def holds(n: int, rng: np.random.Generator) -> bool:
        orders = 1 + rng.poisson(0.8, n)
        who = np.repeat(np.arange(n), orders)
        level = _mean_one(rng, _CUSTOMER_SPREAD, n)
        values = _ORDER_VALUE * level[who] * _mean_one(rng, _ORDER_SPREAD, len(who))
        sums = RatioSums.from_arrays(np.bincount(who, values), orders)
        return _holds(ratio_of_sums(sums, unit="EUR", low=0.0).ci, _ORDER_VALUE)

    return _each_size("Order value", "ratio of sums over customers, t", sizes, draws, holds)


def response_times(*, sizes: Sequence[int] = (50, 200, 1000), draws: int = DRAWS) -> list[Coverage]:
    """Return the coverage of the 90th percentile of skewed response times."""
    truth = _WAIT_MEDIAN * float(np.exp(_WAIT_SPREAD * 1.2815515655446004))

    def holds(n: int, rng: np.random.Generator) -> bool:
        times = _WAIT_MEDIAN * np.exp(rng.normal(0, _WAIT_SPREAD, n))
        return _holds(quantile(times, 0.9, unit="s").ci, truth)

    return _each_size("p90 response time", "order statistics, binomial", sizes, draws, holds)


def post_stratified(
    *, sizes: Sequence[int] = (50, 200), draws: int = _FEWER_DRAWS
) -> list[Coverage]:
    """Return the coverage of an NPS and a CSAT post-stratified to :data:`STRATA`."""
    targets = {name: share for name, (share, _, _) in STRATA.items()}
    truth = sum(share * (p - d) for share, _, (p, _, d) in STRATA.values())

    def answers(n: int, rng: np.random.Generator) -> tuple[list[str], list[int]]:
        names = list(STRATA)
        # Both strata answer at least twice; a survey without one of them cannot be weighted.
        first = int(np.clip(rng.binomial(n, STRATA[names[0]][1]), 2, n - 2))
        sizes = dict(zip(names, (first, n - first), strict=True))
        scores = [
            rng.choice([9, 7, 0], size=size, p=STRATA[name][2]) for name, size in sizes.items()
        ]
        return [name for name in names for _ in range(sizes[name])], np.concatenate(scores).tolist()

    def linearised(n: int, rng: np.random.Generator) -> bool:
        strata, scores = answers(n, rng)
        values = [{9: 1.0, 7: 0.0, 0: -1.0}[score] for score in scores]
        mean = weighted_mean(values, post_stratify(strata, targets), unit="points")
        return _holds(mean.ci, truth)

    def without_margins(n: int, rng: np.random.Generator) -> bool:
        strata, scores = answers(n, rng)
        weights = np.asarray(post_stratify(strata, targets))
        return _holds(nps(scores, weights=weights).ci, 100 * truth)

    def with_margins(n: int, rng: np.random.Generator) -> bool:
        strata, scores = answers(n, rng)
        return _holds(nps(scores, weights=post_stratify(strata, targets)).ci, 100 * truth)

    def satisfied(n: int, rng: np.random.Generator) -> bool:
        strata, scores = answers(n, rng)
        happy = [5 if score == 9 else 1 for score in scores]
        return _holds(csat(happy, weights=post_stratify(strata, targets)).ci, promoters)

    promoters = sum(share * p for share, _, (p, _, _) in STRATA.values())
    what = "Post-stratified NPS"
    return [
        *_each_size(what, "weighted mean, linearised, t", sizes, draws, linearised),
        *_each_size(what, "score, weights alone", sizes, draws, without_margins),
        *_each_size(what, "score, weights with margins", sizes, draws, with_margins),
        *_each_size(
            "Post-stratified CSAT", "Wilson, weights with margins", sizes, draws, satisfied
        ),
    ]


def raked(*, sizes: Sequence[int] = (50, 200), draws: int = _FEWER_DRAWS) -> list[Coverage]:
    """Return the coverage of an NPS and a CSAT raked to two margins of :data:`CELLS`."""
    goals = [_margin(0), _margin(1)]
    truth = sum(share * (p - d) for share, _, (p, _, d) in CELLS.values())
    promoters = sum(share * p for share, _, (p, _, _) in CELLS.values())

    def answers(n: int, rng: np.random.Generator) -> tuple[list[int], Weights]:
        while True:  # a survey without one of the levels cannot be raked
            cells = rng.choice(len(CELLS), n, p=[often for _, often, _ in CELLS.values()])
            names = [list(CELLS)[cell] for cell in cells]
            margins = [[name[place] for name in names] for place in range(2)]
            if all(
                len(set(margin)) == len(goal) for margin, goal in zip(margins, goals, strict=True)
            ):
                break
        scores = [int(rng.choice([9, 7, 0], p=CELLS[name][2])) for name in names]
        both = {str(place): margin for place, margin in enumerate(margins)}
        return scores, rake(both, {str(place): goal for place, goal in enumerate(goals)})

    def score(n: int, rng: np.random.Generator) -> bool:
        scores, weights = answers(n, rng)
        return _holds(nps(scores, weights=weights).ci, 100 * truth)

    def satisfied(n: int, rng: np.random.Generator) -> bool:
        scores, weights = answers(n, rng)
        happy = [5 if score == 9 else 1 for score in scores]
        return _holds(csat(happy, weights=weights).ci, promoters)

    return [
        *_each_size("Raked NPS", "score, weights with margins", sizes, draws, score),
        *_each_size("Raked CSAT", "Wilson, weights with margins", sizes, draws, satisfied),
    ]


def _margin(place: int) -> dict[str, float]:
    """Return the population's share of each level of one margin of :data:`CELLS`."""
    shares: dict[str, float] = {}
    for name, (share, _, _) in CELLS.items():
        shares[name[place]] = shares.get(name[place], 0.0) + share
    return shares


def _difference_holds(
    first: Shares, second: Shares, n: int, method: DifferenceMethod
) -> Callable[[np.random.Generator], bool]:
    truth = 100 * ((second[0] - second[2]) - (first[0] - first[2]))

    def holds(rng: np.random.Generator) -> bool:
        one, other = (_result(*rng.multinomial(n, shares).tolist()) for shares in (first, second))
        return _holds(nps_difference(one, other, method=method).ci, truth)

    return holds


@cache
def _result(promoters: int, passives: int, detractors: int) -> NpsResult:
    return nps(counts=(promoters, passives, detractors))


def _each_size(
    what: str,
    method: str,
    sizes: Sequence[int],
    draws: int,
    holds: Callable[[int, np.random.Generator], bool],
) -> list[Coverage]:
    found = []
    for n in sizes:

        def of_size(rng: np.random.Generator, n: int = n) -> bool:
            return holds(n, rng)

        found.append(_over_settings(what, method, n, draws, [of_size]))
    return found


def _over_settings(
    what: str,
    method: str,
    n: int,
    draws: int,
    settings: Sequence[Callable[[np.random.Generator], bool]],
) -> Coverage:
    covered = []
    for place, holds in enumerate(settings):
        rng = np.random.default_rng([SEED, n, place])
        covered.append(float(np.mean([holds(rng) for _ in range(draws)])))
    return Coverage(what, method, n, float(np.mean(covered)), float(np.min(covered)), draws)


def _holds(ci: Interval, truth: float) -> bool:
    return bool(ci.low <= truth <= ci.high)


def _mean_one(rng: np.random.Generator, spread: float, size: int) -> np.ndarray:
    """Return log-normal numbers whose mean is 1."""
    return np.exp(rng.normal(-(spread**2) / 2, spread, size))
