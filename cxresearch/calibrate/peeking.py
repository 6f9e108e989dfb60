"""Experiments that are looked at more than once: false alarms, power, and what they say."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxresearch.calibrate.scenes import LEVEL, seeded
from cxresearch.stats.means.estimators import ValueWithVariance, difference
from cxresearch.stats.power.designs import PlannedMetric
from cxresearch.stats.power.sample_sizes import sample_size
from cxresearch.stats.sequential.confidence_sequences import confidence_sequence
from cxresearch.stats.sequential.group_sequential import (
    Boundaries,
    at_critical,
    classical_boundaries,
    equal_looks,
    spending_boundaries,
)
from cxresearch.stats.sequential.sequential_estimates import sequential_estimate, sequential_plan
from cxresearch.stats.shares.sample_ratio import LEVEL as RATIO_LEVEL
from cxresearch.stats.shares.sample_ratio import sample_ratio, sequential_sample_ratio

Array = NDArray[np.float64]

#: The conversion without an effect, and the effect that is planned for.
SHARE, EFFECT = 0.1, 0.02
LOOKS = 5
#: The critical value of one look.
_ONE_LOOK = 1.959963984540054
#: Who looks all the time does so from so many units of a variant to so many, at each per cent more.
_FIRST, _LAST, _GROWTH = 500, 20_000, 1.01
#: Runs where all are counted at once; where each takes milliseconds; and of one sample ratio.
_RUNS, _FEW, _MANY = 20_000, 1_500, 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Peeking:
    """How a rule to stop early works.

    Parameters
    ----------
    rule : str
        The name of the rule.
    looks : int
        How often one looks.
    runs : int
        How many experiments.
    false_alarms : float
        The share of those without an effect in which it was found at any look.
    at_most : float
        The chance of that which the rule promises.
    power, promised : float
        The share of the planned effects found, and what the plan said; nan where it says nothing.
    units, expected : float
        The mean units with the planned effect, over those of an experiment with one look, and
        what the plan said.
    """

    rule: str
    looks: int
    runs: int
    false_alarms: float
    at_most: float
    power: float = math.nan
    promised: float = math.nan
    units: float = math.nan
    expected: float = math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What an experiment that may stop early says of the effect at its end.

    Parameters
    ----------
    method : str
        The name of the estimate.
    runs : int
        How many experiments, each with the planned effect.
    coverage : float
        The share of the intervals that hold it.
    too_large : float
        The share of the estimates above it; one half is right.
    """

    method: str
    runs: int
    coverage: float
    too_large: float


def five_looks(*, runs: int = _RUNS) -> list[Peeking]:
    """Return how looking five times works, by every rule, and by that of one look."""
    times = equal_looks(LOOKS)
    planned = [
        spending_boundaries(times),
        spending_boundaries(times, spending="pocock"),
        classical_boundaries(times),
        classical_boundaries(times, shape="pocock"),
    ]
    one_look = at_critical(times, [_ONE_LOOK] * LOOKS, method="p < .05 at any look")
    return [*(_planned(one, runs) for one in planned), _without_plan(one_look, runs)]


def at_the_end(*, runs: int = _FEW) -> list[Ending]:
    """Return what experiments with five looks say of the effect once they have ended."""
    boundaries = spending_boundaries(equal_looks(LOOKS), spending="pocock")
    rng = seeded("at the end")
    n = _units(sequential_plan(boundaries).maximum)
    right, plain = [], []
    for looks in _effects(rng, runs, np.diff(_grown(n), prepend=0), EFFECT):
        last = _stops(np.array([one.statistic for one in looks]), boundaries)
        effect = looks[last]
        right.append(sequential_estimate(boundaries, effect, look=last + 1, unit="share"))
        none = ValueWithVariance(n=0, value=0.0, variance=0.0)
        plain.append(difference(none, effect, unit="share"))
    return [
        Ending(
            method=method,
            runs=runs,
            coverage=float(np.mean([one.ci.low <= EFFECT <= one.ci.high for one in found])),
            too_large=float(np.mean([one.value > EFFECT for one in found])),
        )
        for method, found in (
            ("median-unbiased, stage-wise interval", right),
            ("as if nobody had looked before", plain),
        )
    ]


def all_the_time(*, runs: int = _FEW) -> list[Peeking]:
    """Return how looking all the time works, by the confidence sequence and by one look's rule."""
    grown = _FIRST * _GROWTH ** np.arange(math.log(_LAST / _FIRST, _GROWTH))
    steps = np.diff(grown.astype(int), prepend=0)
    rng = seeded("all the time")
    sequence, fixed = [], []
    for looks in _effects(rng, runs, steps, 0.0):
        sequence.append(confidence_sequence(looks, unit="share")[-1].p_value < LEVEL)
        fixed.append(any(abs(one.value) > _ONE_LOOK * one.se for one in looks))
    return [
        Peeking(
            rule=rule,
            looks=len(steps),
            runs=runs,
            false_alarms=float(np.mean(found)),
            at_most=at_most,
        )
        for rule, found, at_most in (
            ("confidence sequence", sequence, LEVEL),
            ("p < .05 at any look", fixed, math.nan),
        )
    ]


def sample_ratios(*, runs: int = _MANY) -> list[Peeking]:
    """Return how often the sample-ratio tests find a mismatch that is not there."""
    rng = seeded("sample ratio")
    shares, few = [0.5, 0.5], max(runs // 25, 1)
    once = rng.multinomial(10_000, shares, runs)
    looks = rng.multinomial(100, shares, (few, 100)).cumsum(axis=1)
    at_once = [sample_ratio(one.tolist(), shares).mismatch for one in once]
    at_any = [sequential_sample_ratio(one, shares, level=LEVEL).mismatch for one in looks]
    return [
        Peeking(
            rule="sample ratio, chi-square",
            looks=1,
            runs=runs,
            false_alarms=float(np.mean(at_once)),
            at_most=RATIO_LEVEL,
        ),
        Peeking(
            rule="sample ratio, e-value",
            looks=looks.shape[1],
            runs=few,
            false_alarms=float(np.mean(at_any)),
            at_most=LEVEL,
        ),
    ]


def _planned(boundaries: Boundaries, runs: int) -> Peeking:
    plan = sequential_plan(boundaries)
    z, stopped = _run(boundaries, plan.maximum, EFFECT, runs)
    used = np.array(boundaries.information)[stopped] * plan.maximum
    nothing, at = _run(boundaries, plan.maximum, 0.0, runs)
    critical = np.array(boundaries.critical)
    return Peeking(
        rule=boundaries.method,
        looks=LOOKS,
        runs=runs,
        false_alarms=float(np.mean(np.abs(nothing) >= critical[at])),
        at_most=1 - boundaries.confidence,
        power=float(np.mean(z >= critical[stopped])),
        promised=plan.power,
        units=float(used.mean()),
        expected=plan.expected,
    )


def _without_plan(boundaries: Boundaries, runs: int) -> Peeking:
    """Return how looking works for who planned for one look."""
    z, stopped = _run(boundaries, 1.0, 0.0, runs)
    return Peeking(
        rule=boundaries.method,
        looks=LOOKS,
        runs=runs,
        false_alarms=float(np.mean(np.abs(z) >= np.array(boundaries.critical)[stopped])),
        at_most=1 - boundaries.confidence,
    )


def _run(
    boundaries: Boundaries, maximum: float, effect: float, runs: int
) -> tuple[Array, NDArray[np.int64]]:
    """Return the statistic at which each experiment ended, and at which look."""
    rng = seeded(boundaries.method, f"{effect:g}")
    n = _grown(_units(maximum))
    steps = np.diff(n, prepend=0)
    control, treatment = (
        rng.binomial(steps, share, (runs, LOOKS)).cumsum(axis=1) / n
        for share in (SHARE, SHARE + effect)
    )
    variance = (control * (1 - control) + treatment * (1 - treatment)) / n
    z = (treatment - control) / np.sqrt(variance)
    stopped = np.array([_stops(one, boundaries) for one in z])
    return z[np.arange(runs), stopped], stopped


def _stops(z: Array, boundaries: Boundaries) -> int:
    """Return at which look, from 0, an experiment ends."""
    crossed = np.abs(z) >= np.array(boundaries.critical)
    return int(crossed.argmax()) if crossed.any() else len(z) - 1


def _units(maximum: float) -> int:
    """Return the units of a variant, for so many times those of one look."""
    size = sample_size(PlannedMetric.proportion(SHARE), EFFECT)
    return math.ceil(size.exact * maximum)


def _grown(n: int) -> NDArray[np.int64]:
    return np.asarray(np.ceil(n * np.array(equal_looks(LOOKS))), dtype=np.int64)


def _effects(
    rng: np.random.Generator, runs: int, steps: NDArray[np.int64], effect: float
) -> Iterator[list[ValueWithVariance]]:
    """Yield the effect at every look of each experiment, for the new units at each."""
    sizes = steps.cumsum().tolist()
    for _ in range(runs):
        control, treatment = (
            rng.binomial(steps, share).cumsum().tolist() for share in (SHARE, SHARE + effect)
        )
        yield [
            ValueWithVariance.of_proportion(y, n).minus(ValueWithVariance.of_proportion(x, n))
            for x, y, n in zip(control, treatment, sizes, strict=True)
        ]
