"""Experiments before they start: how many units, what effect, which boundaries."""

from __future__ import annotations

import math
from typing import Any

from cxresearch.stats.power.designs import Design, PlannedMetric
from cxresearch.stats.power.sample_sizes import detectable_effect
from cxresearch.stats.sequential.group_sequential import (
    at_critical,
    classical_boundaries,
    equal_looks,
    spending_boundaries,
)
from cxresearch.stats.sequential.sequential_estimates import sequential_plan
from tests.reference.areas.shapes import called, pick

Case = dict[str, Any]
_ASKED = {"mde", "power", "n", "n_per_arm", "n_per_group", "sample_size", "n_control", "n_total"}
_TIMES = ("information",)


def is_plan(given: Case, expected: Case) -> bool:
    """Return whether a case asks of looks or of units."""
    if {"looks", *_TIMES} & given.keys():
        return True
    return bool(_ASKED & expected.keys()) and bool(
        {"power", "alpha", "n_per_arm", "effect", "delta", "mde", "sd"} & given.keys()
    )


def answer(given: Case, expected: Case) -> Case:
    """Answer a case of looks, or of units."""
    places = [given.get(name) for name in (*_TIMES, "spacing", "looks")]
    times = next((place for place in places if isinstance(place, list)), None)
    if times is None and "looks" not in given:
        return _units(given, expected)
    return _looks(given, times or equal_looks(given["looks"]))


def _looks(given: Case, times: Any) -> Case:
    sides = 1 if "alpha_one_sided" in given or given.get("sides") == 1 else 2
    alpha = pick(given, "alpha_two_sided", "alpha", "nominal_alpha", default=0.05)
    if "nominal_alpha" in given:
        from scipy.special import ndtri

        naive = at_critical(times, [-float(ndtri(alpha / 2))] * len(times))
        return called(naive.spent[-1], "type1_error")
    options = {"confidence": 1 - alpha, "sides": sides}
    spent = {
        "lan_demets_obf": spending_boundaries(times, **options),
        "lan_demets_pocock": spending_boundaries(times, spending="pocock", **options),
        "alpha_t2": spending_boundaries(times, spending="power", exponent=2, **options),
    }
    rho = float(pick(given, "rho", default=2.0))
    spent["power_family"] = spending_boundaries(times, spending="power", exponent=rho, **options)
    for name in ("spotify", "power", "alpha_spending_power"):
        spent[name] = spent["power_family"]
    kinds = spent | {
        "obrien_fleming": classical_boundaries(times, **options),
        "pocock": classical_boundaries(times, shape="pocock", **options),
    }
    found: Case = {}
    for name, boundaries in kinds.items():
        found |= called(list(boundaries.critical), f"{name}_z", f"{name}_bounds", name)
        found |= called(
            list(boundaries.spent),
            f"{name}_cum_alpha_two_sided",
            f"{name}_cum_alpha",
            f"{name}_spent",
        )
        plan = sequential_plan(boundaries, power=float(given.get("power", 0.8)))
        found[f"{name}_inflation"] = plan.maximum
    asked = str(pick(given, "type", default="obf")).lower()
    by_power = "t^" in asked or "power" in asked
    kind = "pocock" if "poc" in asked else "obf"
    chosen = spent["power_family" if by_power else f"lan_demets_{kind}"]
    return found | called(list(chosen.critical), "z")


def _units(given: Case, _expected: Case) -> Case:
    design = Design(
        confidence=1 - float(given["alpha"])
        if "alpha" in given
        else float(pick(given, "conf", default=0.95)),
        power=float(given.get("power", 0.8)),
        sides=1 if given.get("sides") == 1 or "one" in given.get("alternative", "") else 2,
        treatment_per_control=float(pick(given, "ratio", default=1.0)),
        variance_explained=float(pick(given, "rho", default=0.0)) ** 2,
    )
    metric, _ = _metric(given)
    n = pick(given, "n_per_arm", "n")
    found: Case = {}
    smallest = detectable_effect(metric, n, design)
    found |= called(smallest, "mde")
    found |= called(smallest / metric.baseline, "mde_relative")
    return found


def _metric(given: Case) -> tuple[PlannedMetric, float | None]:
    """Return the metric without an effect, and the effect where the case has one."""
    effect = pick(given, "effect", "mde", "diff")
    pick(given, "p")
    baseline = float(pick(given, "mean", default=math.nan))
    return (PlannedMetric.mean(given["sd"], unit="", baseline=baseline), effect)
