"""What the cases of experiments give of two variants, and how a comparison answers them."""

from __future__ import annotations

import math
from typing import Any

from cxresearch.core.comparison import Comparison
from cxresearch.stats.means.estimators import ValueWithVariance, lift, relative
from cxresearch.stats.means.sample_means import Sample
from tests.reference.areas.shapes import called, confidence, pick

Case = dict[str, Any]


def tested(result: Comparison) -> Case:
    """Return a comparison under every name a case may have for its parts."""
    return {
        **called(result.value, "diff", "difference", "effect_size", "effect"),
        **called(result.statistic, "t", "statistic", "z"),
        "df": result.df,
        **called(result.p_value, "p", "p_value", "pvalue"),
        **called(list(result.ci), "ci"),
        "effect_size_ci_lower": result.ci.low,
        "effect_size_ci_upper": result.ci.high,
        "se": result.value / result.statistic if result.statistic else math.nan,
    }


def lifted(
    control: ValueWithVariance, treatment: ValueWithVariance, given: Case, expected: Case, had: Case
) -> Case:
    """Answer what is asked of the relative effect, by the interval the case is of."""
    level = confidence(given)
    asked = " ".join([*given, *map(str, given.values()), *expected]).lower()
    method = "fieller" if "fieller" in asked else "log" if "log" in asked else "delta"
    result = lift(control, treatment, confidence=level, method=method)
    log = lift(control, treatment, confidence=level, method="log")
    found: Case = {
        **called(result.value, "lift", "relative", "rel_effect_size"),
        "rel_effect_size_ci_lower": log.ci.low,
        "rel_effect_size_ci_upper": log.ci.high,
    }
    if "lift" in expected and "diff" not in expected and ("difference" not in expected):
        found |= {"ci": list(result.ci), **called(result.p_value, "p", "p_value")}
        found["se"] = relative(control, treatment).se
    return {key: value for key, value in found.items() if key not in had or key in expected}


def counts_of(given: Case) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the successes and units of control and treatment; of a pair, the second and first."""
    if "x1" in given or "successes1" in given:
        one = (pick(given, "x1"), given["n1"])
        two = (pick(given, "x2"), given["n2"])
        swapped = str(given.get("diff", "p1-p2")).replace(" ", "") == "p2-p1"
        return (one, two) if swapped else (two, one)
    control, treatment = arms_of(given)
    return tuple(
        (pick(arm, "x", "successes", "conversions"), arm["n"]) for arm in (control, treatment)
    )


def arms_of(given: Case) -> tuple[Any, Any]:
    """Return what a case gives of control and of treatment."""
    control = pick(given, "control", "a", "A")
    treatment = pick(given, "treatment", "t1", "b", "B", "variant")
    return (control, treatment)


def samples_of(given: Case) -> tuple[Sample, Sample]:
    control, treatment = arms_of(given)
    if isinstance(control, list):
        return (Sample.of(control), Sample.of(treatment))
    found = []
    for tails in (("_c", "_control", "2"), ("_t", "_treatment", "1")):
        tail = next(tail for tail in tails if f"mean{tail}" in given)
        found.append(sample_of({name: given[f"{name}{tail}"] for name in ("n", "mean", "sd")}))
    return (found[0], found[1])


def sample_of(arm: Case) -> Sample:
    n = arm["n"]
    sd = pick(arm, "sd") or math.sqrt(pick(arm, "var", default=0.0))
    return Sample(n=n, mean=arm["mean"], sd=sd)


def quantities_of(given: Case) -> tuple[ValueWithVariance, ValueWithVariance]:
    """Return control and treatment as shares or as means, whichever the case gives."""
    return tuple((ValueWithVariance.of_proportion(x, n, df=n - 1) for x, n in counts_of(given)))
    control, treatment = samples_of(given)
    return (ValueWithVariance.of_mean(control), ValueWithVariance.of_mean(treatment))


def has_counts(given: Case) -> bool:
    control = arms_of(given)[0]
    in_arms = isinstance(control, dict) and {"x", "successes", "conversions"} & control.keys()
    return bool(in_arms) or "x1" in given or "successes1" in given


def has_means(given: Case) -> bool:
    control = arms_of(given)[0]
    return isinstance(control, list | dict) or any(name.startswith("mean") for name in given)
