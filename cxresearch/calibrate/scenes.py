"""An experiment run many times over, without an effect and with the one it was planned for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, ndtri

from cxresearch.core.comparison import Comparison
from cxresearch.stats.means.moments import Moments

SEED = 2026
#: A p-value below this finds something.
LEVEL = 0.05
Array = NDArray[np.float64]
#: How often customers do something within a month, by how keen they are; a third are of each.
_KEEN = (0.5, 2.0, 6.0)
_MOST = 14
#: How many sessions customers have, and the share of these with an order, by kind of customer.
_SESSIONS = {1: 0.4, 2: 0.25, 4: 0.2, 10: 0.15}
_ORDERING = (0.05, 0.35)
#: The share of customers without a history.
_NEW = 0.25
#: Promoters, passives, and detractors; the share of customers who answered twice, alike.
_ANSWERS = (0.5, 0.3, 0.2)
_TWICE = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """The kinds of customers there are.

    Parameters
    ----------
    kinds : ndarray of float, shape (c, k)
        The k measurements of a customer of each of the c kinds.
    shares : ndarray of float, shape (c,)
        The share of each kind; they sum to 1.
    """

    kinds: Array
    shares: Array

    @property
    def mean(self) -> Array:
        """The mean of each measurement."""
        return np.asarray(self.shares @ self.kinds)

    @property
    def covariance(self) -> Array:
        """The covariances of the measurements, shape (k, k)."""
        centred = self.kinds - self.mean
        return np.asarray(centred.T * self.shares @ centred)

    @property
    def unit_variance(self) -> float:
        """The variance of one customer in the ratio of the first two totals, linearised."""
        weights = np.array([1.0, -self.mean[0] / self.mean[1]]) / self.mean[1]
        return float(weights @ self.covariance[:2, :2] @ weights)

    @property
    def explained(self) -> float:
        """The share of the first measurement's variance that the others explain linearly."""
        both = self.covariance
        slopes = np.linalg.solve(both[1:, 1:], both[1:, 0])
        return float(slopes @ both[1:, 0] / both[0, 0])

    def plus(self, effect: float, *, along: int | None = None) -> Population:
        """Return the population with more of the first measurement.

        Every customer has `effect` more, or so many times its own measurement number `along`.
        """
        moved = self.kinds.copy()
        moved[:, 0] += effect * (1.0 if along is None else moved[:, along])
        return Population(moved, self.shares)

    def totals(self, rng: np.random.Generator, n: int, size: int | tuple[int, ...]) -> Array:
        """Return the totals of samples of `n` customers, shape (*size, k)."""
        return np.asarray(rng.multinomial(n, self.shares, size) @ self.kinds)

    def samples(self, rng: np.random.Generator, n: int, runs: int) -> Iterator[Moments]:
        """Yield what is known of each of so many samples of `n` customers."""
        k = self.kinds.shape[1]
        products = (self.kinds[:, :, None] * self.kinds[:, None, :]).reshape(-1, k * k)
        sums = rng.multinomial(n, self.shares, runs) @ np.hstack([self.kinds, products])
        for row in sums:
            yield Moments.from_sums(n, row[:k], row[k:].reshape(k, k))


#: What one experiment says: one comparison, or several that are judged together.
Family = Sequence[Comparison]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """An experiment that can be run as often as one likes.

    Parameters
    ----------
    method : str
        The name of the method.
    setting : str
        Who takes part.
    draw : callable
        Gives what so many runs say, of a generator, the effect and the number of runs.
    effect : float
        The effect it was planned for; nan where nothing was.
    promised : float
        The power that was promised for it; nan where none was.
    null : float, default 0
        The effect at which a p-value below :data:`LEVEL` is a false alarm.
    truth : callable
        What the estimate is of, given the effect; the effect itself by default.
    covers : bool, default True
        Whether its intervals are the method's own.
    runs : int
        How often it is run.
    """

    method: str
    setting: str
    draw: Callable[[np.random.Generator, float, int], Iterator[Family]]
    effect: float = math.nan
    promised: float = math.nan
    null: float = 0.0
    truth: Callable[[float], float] = float
    covers: bool = True
    runs: int = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """How often a method is right.

    Parameters
    ----------
    method, setting : str
        As in :class:`Scene`.
    runs : int
        The runs without an effect, and as many with one.
    false_alarms : float
        The share of the runs without an effect in which anything was found.
    coverage, coverage_with_effect : float
        The share of the runs in which all intervals held the truth; nan where there is none.
    power, promised : float
        The share of the planned effects that were found, and what the plan said.
    """

    method: str
    setting: str
    runs: int
    false_alarms: float
    coverage: float
    coverage_with_effect: float
    power: float
    promised: float


def reliability(scene: Scene, *, runs: int | None = None) -> Reliability:
    """Run a scene and count.

    Parameters
    ----------
    scene : Scene
        The experiment.
    runs : int, optional
        How often; the scene's own number by default.
    """
    count = runs or scene.runs
    without = list(scene.draw(seeded(scene.method, scene.setting, "null"), scene.null, count))
    found = [any(one.p_value < LEVEL for one in family) for family in without]
    power = coverage_with_effect = math.nan
    if not math.isnan(scene.effect):
        those = list(scene.draw(seeded(scene.method, scene.setting, "effect"), scene.effect, count))
        power = float(np.mean([_finds(one, scene) for family in those for one in family]))
        coverage_with_effect = _coverage(those, scene, scene.effect)
    return Reliability(
        method=scene.method,
        setting=scene.setting,
        runs=count,
        false_alarms=float(np.mean(found)),
        coverage=_coverage(without, scene, scene.null),
        coverage_with_effect=coverage_with_effect,
        power=power,
        promised=scene.promised,
    )


def seeded(*words: str) -> np.random.Generator:
    """Return a generator of its own for what the words name."""
    return np.random.default_rng([SEED, *"/".join(words).encode()])


def error(share: float, runs: int) -> float:
    """Return the Monte Carlo standard error of a share of so many runs.

    Examples
    --------
    >>> round(error(0.05, 20_000), 4)
    0.0015
    """
    return math.sqrt(share * (1 - share) / runs)


def buyers(share: float) -> Population:
    """Return customers of whom a share buys.

    Examples
    --------
    >>> buyers(0.1).mean, buyers(0.1).covariance.round(2)
    (array([0.1]), array([[0.09]]))
    """
    return Population(np.array([[1.0], [0.0]]), np.array([share, 1 - share]))


def spenders() -> Population:
    """Return customers who spend nothing, or an amount that is much for a few."""
    places = (np.arange(_SPENDERS) + 0.5) / _SPENDERS
    amounts = _AMOUNT * np.exp(_SPREAD * ndtri(places))
    shares = np.append(np.full(_SPENDERS, _SPENDING / _SPENDERS), 1 - _SPENDING)
    return Population(np.append(amounts, 0.0)[:, None], shares)


def visitors() -> Population:
    """Return customers with their orders and their sessions, of which they have few or many."""
    kinds, shares = [], []
    for sessions, often in _SESSIONS.items():
        orders = np.arange(sessions + 1)
        ways = np.exp(gammaln(sessions + 1) - gammaln(orders + 1) - gammaln(sessions - orders + 1))
        for share in _ORDERING:
            kinds += [(float(x), float(sessions)) for x in orders]
            chances = ways * share**orders * (1 - share) ** (sessions - orders)
            shares.append(often / len(_ORDERING) * chances)
    return Population(np.array(kinds), np.concatenate(shares))


def returning(*, some_new: bool = False) -> Population:
    """Return customers with what they do in a month, and what they did in the one before.

    With `some_new`, some have no history; a third measurement says who has.
    """
    times = np.arange(_MOST + 1)
    pairs = np.array([(after, before) for after in times for before in times], dtype=float)
    shares = np.zeros(len(pairs))
    for keen in _KEEN:
        chances = np.exp(times * np.log(keen) - gammaln(times + 1))
        chances /= chances.sum() * len(_KEEN) ** 0.5
        shares += np.outer(chances, chances).ravel()
    if not some_new:
        return Population(pairs, shares)
    known = np.column_stack([pairs, np.ones(len(pairs))])
    unknown = np.column_stack([pairs[:, 0], np.zeros((len(pairs), 2))])
    return Population(
        np.vstack([known, unknown]), np.concatenate([(1 - _NEW) * shares, _NEW * shares])
    )


def answering(effect: float = 0.0) -> Population:
    """Return customers with the points of their answers and their number.

    An `effect` in points makes detractors promoters.
    """
    moved = effect / 200
    promoters, passives, detractors = _ANSWERS
    answers = np.array([promoters + moved, passives, detractors - moved])
    points = np.array([100.0, 0.0, -100.0])
    once, twice = (np.column_stack([times * points, np.full(3, times)]) for times in (1.0, 2.0))
    return Population(
        np.vstack([once, twice]), np.concatenate([(1 - _TWICE) * answers, _TWICE * answers])
    )


def _finds(one: Comparison, scene: Scene) -> bool:
    up = scene.effect > scene.null
    return one.p_value < LEVEL and (one.value > scene.truth(scene.null)) == up


def _coverage(runs: Sequence[Family], scene: Scene, effect: float) -> float:
    if not scene.covers:
        return math.nan
    truth = scene.truth(effect)
    held = [all(one.ci.low <= truth <= one.ci.high for one in family) for family in runs]
    return float(np.mean(held))


#: What is spent: a log-normal amount, by so many kinds of customers, or nothing.
_SPENDERS, _SPENDING = 20, 0.6
_AMOUNT, _SPREAD = 60.0, 0.6
