"""An experiment run many times over, without an effect and with the one it was planned for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cxresearch.core.comparison import Comparison

SEED = 2026
#: A p-value below this finds something.
LEVEL = 0.05

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


def _finds(one: Comparison, scene: Scene) -> bool:
    up = scene.effect > scene.null
    return one.p_value < LEVEL and (one.value > scene.truth(scene.null)) == up


def _coverage(runs: Sequence[Family], scene: Scene, effect: float) -> float:
    if not scene.covers:
        return math.nan
    truth = scene.truth(effect)
    held = [all(one.ci.low <= truth <= one.ci.high for one in family) for family in runs]
    return float(np.mean(held))
