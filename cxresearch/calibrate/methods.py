"""The methods that read an experiment once, each on the customers it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from cxresearch.calibrate.populations import Array, buyers, returning, spenders
from cxresearch.calibrate.scenes import Family, Scene, seeded
from cxresearch.calibrate.two_groups import (
    FEWER,
    SHARE,
    adjusted,
    by_customer,
    by_session,
    margins,
    mean_of,
    means,
    nps,
    ratio,
    shares,
)
from cxresearch.stats.means import adjustment
from cxresearch.stats.means.cluster_randomised import ClusterTotals, difference_of_clusters
from cxresearch.stats.means.estimators import ValueWithVariance, difference
from cxresearch.stats.multiplicity import p_values
from cxresearch.stats.multiplicity.simultaneous_intervals import dunnett
from cxresearch.stats.power.designs import Design, PlannedMetric, design_effect
from cxresearch.stats.power.sample_sizes import detectable_effect, power
from cxresearch.stats.ranks.quantiles import difference_of_quantiles, median

#: The customers of the stores of a variant, and how alike those of one store are.
_STORES = {
    "": (40, 50, 60, 70, 80, 90, 100, 110, 120, 130),
    ", very uneven": (20, 30, 40, 50, 60, 80, 100, 130, 170, 220),
}
_ALIKE = 0.05


def methods() -> list[Scene]:
    """Return every method with what it is tried on."""
    return [
        *shares(),
        *means(),
        ratio("delta method over customers", by_customer),
        nps(),
        *adjusted(),
        *(_clustered(how, np.array(sizes, dtype=float)) for how, sizes in _STORES.items()),
        _medians(),
        _many_to_one("Dunnett, all treatments together", _dunnett, correction=True),
        _several_metrics("Holm, all metrics together", corrected=True),
        *margins(),
    ]


def naive() -> list[Scene]:
    """Return what is often done instead, and should not be."""
    return [
        ratio("z test, every session on its own", by_session),
        _several_metrics("each metric on its own", corrected=False),
        _many_to_one("each treatment on its own", _each, correction=False),
    ]


def variance_saved(runs: int = FEWER) -> tuple[float, float]:
    """Return the share of its variance that CUPED takes off a difference, and what it should.

    The first is that of the estimates over the runs, the second the squared correlation.
    """
    customers, rng = returning(), seeded("CUPED", "variance")
    plain, with_history = [], []
    samples = [customers.samples(rng, 1000, runs) for _ in range(2)]
    for control, treatment in zip(*samples, strict=True):
        plain.append(treatment.mean[0] - control.mean[0])
        first, second = adjustment.adjusted([control, treatment])
        with_history.append(second.value - first.value)
    return 1 - float(np.var(with_history) / np.var(plain)), customers.explained


def _clustered(how: str, stores: Array) -> Scene:
    metric = PlannedMetric.mean((1 / (1 - _ALIKE)) ** 0.5, unit="EUR")
    varying = float(stores.std() / stores.mean())
    raised = design_effect(float(stores.mean()), _ALIKE, size_variation=varying)
    units, design = float(stores.sum()), Design(design_effect=raised)
    effect = detectable_effect(metric, units, design)

    def draw(rng: np.random.Generator, effect: float, runs: int) -> Iterator[Family]:
        levels = (_ALIKE / (1 - _ALIKE)) ** 0.5 * rng.standard_normal((runs, 2, len(stores)))
        levels[:, 1] += effect
        totals = stores * levels + np.sqrt(stores) * rng.standard_normal(levels.shape)
        for first, second in totals:
            groups = ClusterTotals.of_groups((stores, first), (stores, second))
            yield (difference_of_clusters(groups, unit="EUR"),)

    return Scene(
        method="clusters, CR2",
        setting=f"{len(stores)} and {len(stores)} stores{how}",
        draw=draw,
        effect=effect,
        promised=power(metric, effect, units, design),
        runs=FEWER,
    )


def _medians() -> Scene:
    n = 500
    metric = PlannedMetric.quantile(0.5, density=0.5, unit="h")  # of an exponential with mean 1
    effect = detectable_effect(metric, n)

    def draw(rng: np.random.Generator, effect: float, runs: int) -> Iterator[Family]:
        for _ in range(runs):
            first, second = rng.exponential(size=(2, n))
            yield (
                difference_of_quantiles(median(first, unit="h"), median(second + effect, unit="h")),
            )

    return Scene(
        method="medians, order statistics",
        setting=f"waiting times, {n} and {n}",
        draw=draw,
        effect=effect,
        promised=power(metric, effect, n),
        runs=FEWER,
    )


def _many_to_one(
    method: str, read: Callable[[Sequence[ValueWithVariance]], Family], *, correction: bool
) -> Scene:
    n, treatments = 3000, 2
    metric = PlannedMetric.proportion(SHARE)
    design = Design(treatments=treatments, correction="dunnett" if correction else "none")
    effect = detectable_effect(metric, n, design)

    def draw(rng: np.random.Generator, effect: float, runs: int) -> Iterator[Family]:
        shares = [SHARE, *[SHARE + effect] * treatments]
        for counts in rng.binomial(n, shares, (runs, len(shares))).tolist():
            yield read([ValueWithVariance.of_proportion(count, n) for count in counts])

    return Scene(
        method=method,
        setting=f"{treatments} treatments, {n} each",
        draw=draw,
        effect=effect,
        promised=power(metric, effect, n, design),
        runs=FEWER,
    )


def _dunnett(groups: Sequence[ValueWithVariance]) -> Family:
    return dunnett(groups[0], groups[1:], unit="share")


def _each(groups: Sequence[ValueWithVariance]) -> Family:
    return [difference(groups[0], one, unit="share") for one in groups[1:]]


def _several_metrics(method: str, *, corrected: bool) -> Scene:
    n, of = 2000, (spenders(), returning(), buyers(SHARE))

    def draw(rng: np.random.Generator, effect: float, runs: int) -> Iterator[Family]:
        pairs = [(metric, metric.plus(effect)) for metric in of]
        groups = [one.samples(rng, n, runs) for pair in pairs for one in pair]
        for drawn in zip(*groups, strict=True):
            found = [mean_of(one) for one in drawn]
            family = [difference(found[i], found[i + 1], unit="") for i in range(0, len(found), 2)]
            values = [one.p_value for one in family]
            if corrected:
                values = p_values.adjusted(values).tolist()
            yield [replace(one, p_value=p) for one, p in zip(family, values, strict=True)]

    return Scene(
        method=method,
        setting=f"{len(of)} metrics, {n} and {n}",
        draw=draw,
        covers=not corrected,
        runs=FEWER,
    )
