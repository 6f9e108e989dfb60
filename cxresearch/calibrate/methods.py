"""The methods that read an experiment once, each on the customers it is for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from cxresearch.calibrate.scenes import (
    Array,
    Family,
    Population,
    Scene,
    answering,
    buyers,
    returning,
    seeded,
    spenders,
    visitors,
)
from cxresearch.core.comparison import Comparison
from cxresearch.core.unit_sums import RatioSums
from cxresearch.stats.means import adjustment, estimators
from cxresearch.stats.means.cluster_randomised import ClusterTotals, difference_of_clusters
from cxresearch.stats.means.estimators import ValueWithVariance, difference
from cxresearch.stats.means.margins import MarginTest, equivalence, non_inferiority
from cxresearch.stats.means.moments import Moments
from cxresearch.stats.multiplicity import p_values
from cxresearch.stats.multiplicity.simultaneous_intervals import dunnett
from cxresearch.stats.power.designs import Design, PlannedMetric, design_effect
from cxresearch.stats.power.sample_sizes import detectable_effect, power, sample_size
from cxresearch.stats.ranks.quantiles import difference_of_quantiles, median
from cxresearch.stats.shares.differences import difference_of_proportions

#: The customers of the stores of a variant, and how alike those of one store are.
_STORES = {
    "": (40, 50, 60, 70, 80, 90, 100, 110, 120, 130),
    ", very uneven": (20, 30, 40, 50, 60, 80, 100, 130, 170, 220),
}
_ALIKE = 0.05
#: The customers of a treatment that has an effect.
Treated = Callable[[float], Population]
Read = Callable[[Moments, Moments], Comparison]

#: The share of customers who buy.
SHARE = 0.1
#: How many runs where one takes a tenth of a millisecond.
FEWER = 10_000
_MARGIN = 0.02


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


def shares() -> list[Scene]:
    """Return the difference of two shares, in large groups and in smaller ones."""

    def pooled(a: Moments, b: Moments) -> Comparison:
        return difference_of_proportions(_counts(a), _counts(b))

    def score(a: Moments, b: Moments) -> Comparison:
        return difference_of_proportions(_counts(a), _counts(b), method="miettinen_nurminen")

    metric = PlannedMetric.proportion(SHARE)
    found = []
    for method, n, read, runs in (
        ("pooled z test, Newcombe interval", 2000, pooled, 20_000),
        ("pooled z test, Newcombe interval", 300, pooled, 20_000),
        ("Miettinen-Nurminen score", 300, score, FEWER),
    ):
        effect = detectable_effect(metric, n)
        scene = Scene(
            method=method,
            setting=f"share {SHARE:g}, {n} and {n}",
            draw=_drawn(buyers(SHARE), lambda effect: buyers(SHARE + effect), (n, n), read),
            effect=effect,
            promised=power(metric, effect, n),
            runs=runs,
        )
        found.append(scene)
    return found


def means() -> list[Scene]:
    """Return the difference of two means of skewed values, and the lift by each of its methods."""
    customers, sizes = spenders(), (500, 1500)
    level, sd = float(customers.mean[0]), float(customers.covariance[0, 0]) ** 0.5
    setting = "skewed spending, {} and {}".format(*sizes)
    metric, design = PlannedMetric.mean(sd, unit="EUR"), Design(treatment_per_control=3.0)
    effect = detectable_effect(metric, sizes[0], design)

    def welch(a: Moments, b: Moments) -> Comparison:
        return difference(mean_of(a), mean_of(b), unit="EUR")

    scene = Scene(
        method="Welch's t",
        setting=setting,
        draw=_drawn(customers, customers.plus, sizes, welch),
        effect=effect,
        promised=power(metric, effect, sizes[0], design),
    )
    found = [scene]
    for method in ("log", "delta", "fieller"):

        def read(a: Moments, b: Moments, method: estimators.Method = method) -> Comparison:
            return estimators.lift(mean_of(a), mean_of(b), method=method)

        found.append(
            replace(
                scene,
                method=f"lift, {method}",
                draw=_drawn(customers, customers.plus, sizes, read),
                truth=lambda effect: effect / level,
                runs=FEWER,
            )
        )
    return found


def ratio(method: str, read: Read) -> Scene:
    """Return a ratio of totals of customers who were assigned, read in a way of one's own."""
    customers, n = visitors(), 2000
    metric = PlannedMetric(
        baseline=float(customers.mean[0] / customers.mean[1]),
        variance=customers.unit_variance,
        unit="share",
    )
    effect = detectable_effect(metric, n)
    return Scene(
        method=method,
        setting=f"orders per session, {n} and {n}",
        draw=_drawn(customers, lambda effect: customers.plus(effect, along=1), (n, n), read),
        effect=effect,
        promised=power(metric, effect, n),
    )


def nps() -> Scene:
    """Return the difference of two Net Promoter Scores."""
    n = 400
    metric = PlannedMetric(baseline=30.0, variance=answering().unit_variance, unit="points")
    effect = detectable_effect(metric, n)
    return Scene(
        method="NPS, delta method over customers",
        setting=f"some answer twice, {n} and {n}",
        draw=_drawn(answering(), answering, (n, n), by_customer),
        effect=effect,
        promised=power(metric, effect, n),
    )


def adjusted() -> list[Scene]:
    """Return the differences adjusted for what customers did before."""
    plain, some_new = returning(), returning(some_new=True)
    # Those who did more before gain more; Lin's adjustment is for that, and for unequal groups.
    uneven = float(some_new.mean[1])
    return [
        _with_covariates("CUPED", "a month before", plain, plain.plus, (1000, 1000)),
        _with_covariates("CUPED", "some without history", some_new, some_new.plus, (1000, 1000)),
        _with_covariates(
            "Lin's adjustment",
            "effect grows with history",
            some_new,
            lambda effect: some_new.plus(effect / uneven, along=1),
            (2000, 500),
        ),
    ]


def margins() -> list[Scene]:
    """Return the tests against a margin; an alarm is false where the harm is just the margin."""
    metric, design = PlannedMetric.proportion(SHARE), Design(margin=_MARGIN)
    n = sample_size(metric, 0.0, design).control

    def worse_at_most(effect: ValueWithVariance) -> MarginTest:
        return non_inferiority(effect, margin=_MARGIN, unit="share")

    def as_good(effect: ValueWithVariance) -> MarginTest:
        return equivalence(effect, margin=_MARGIN, unit="share")

    def scene(method: str, read: Callable[[ValueWithVariance], MarginTest]) -> Scene:
        def compared(a: Moments, b: Moments) -> Comparison:
            first, second = (ValueWithVariance.of_proportion(*_counts(one)) for one in (a, b))
            return read(second.minus(first))

        return Scene(
            method=method,
            setting=f"margin {_MARGIN:g}, {n} and {n}",
            draw=_drawn(buyers(SHARE), lambda effect: buyers(SHARE + effect), (n, n), compared),
            effect=0.0,
            promised=power(metric, 0.0, n, design),
            null=-_MARGIN,
        )

    return [
        scene("non-inferiority", worse_at_most),
        replace(scene("equivalence", as_good), promised=math.nan, runs=FEWER),
    ]


def by_customer(a: Moments, b: Moments) -> Comparison:
    """Return the difference of two ratios, the customer being the independent unit."""
    first, second = (ValueWithVariance.of_ratio(_ratio_sums(one)) for one in (a, b))
    return difference(first, second, unit="share")


def by_session(a: Moments, b: Moments) -> Comparison:
    """Return the same as if every session were independent, which it is not."""
    first, second = (
        ValueWithVariance.of_proportion(*(round(one.n * mean) for mean in one.mean))
        for one in (a, b)
    )
    return difference(first, second, unit="share")


def mean_of(sample: Moments) -> ValueWithVariance:
    """Return the mean of the first measurement."""
    return ValueWithVariance.of_mean(sample.sample(0))


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


def _with_covariates(
    method: str, setting: str, customers: Population, treated: Treated, sizes: tuple[int, int]
) -> Scene:
    name: adjustment.Method = "cuped" if method == "CUPED" else "lin"
    metric = PlannedMetric.mean(float(customers.covariance[0, 0]) ** 0.5, unit="events")
    design = Design(
        treatment_per_control=sizes[1] / sizes[0], variance_explained=customers.explained
    )
    effect = detectable_effect(metric, sizes[0], design)

    def read(a: Moments, b: Moments) -> Comparison:
        first, second = adjustment.adjusted([a, b], method=name)
        return difference(first, second, unit="events")

    return Scene(
        method=method,
        setting=f"{setting}, {sizes[0]} and {sizes[1]}",
        draw=_drawn(customers, treated, sizes, read),
        effect=effect,
        promised=power(metric, effect, sizes[0], design),
        runs=FEWER,
    )


def _drawn(
    control: Population, treated: Treated, sizes: tuple[int, int], read: Read
) -> Callable[[np.random.Generator, float, int], Iterator[Family]]:
    """Return how to run an experiment on samples of two populations."""

    def draw(rng: np.random.Generator, effect: float, runs: int) -> Iterator[Family]:
        first = control.samples(rng, sizes[0], runs)
        second = treated(effect).samples(rng, sizes[1], runs)
        for a, b in zip(first, second, strict=True):
            yield (read(a, b),)

    return draw


def _counts(sample: Moments) -> tuple[int, int]:
    return round(sample.n * float(sample.mean[0])), sample.n


def _ratio_sums(sample: Moments) -> RatioSums:
    x, y = (sample.n * sample.mean[:2]).tolist()
    squares = sample.scatter[:2, :2] + sample.n * np.outer(sample.mean[:2], sample.mean[:2])
    (xx, xy), (_, yy) = squares.tolist()
    return RatioSums(n=sample.n, x=x, y=y, xx=xx, xy=xy, yy=yy)
