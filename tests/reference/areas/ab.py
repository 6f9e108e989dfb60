"""Experiments: two variants and several, sample ratio, power, looks, and the Bayesian reading."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cxresearch.stats.bayes import normal_posterior
from cxresearch.stats.means.estimators import ValueWithVariance, difference, relative
from cxresearch.stats.means.sample_means import difference_of_means
from cxresearch.stats.means.strata import mantel_haenszel, stratified
from cxresearch.stats.sequential.confidence_sequences import confidence_sequence
from cxresearch.stats.shares.differences import difference_of_proportions
from cxresearch.stats.shares.sample_ratio import sample_ratio, sequential_sample_ratio
from tests.reference.areas import ab_plans
from tests.reference.areas.ab_shapes import (
    Case,
    counts_of,
    has_counts,
    has_means,
    lifted,
    quantities_of,
    samples_of,
    tested,
)
from tests.reference.areas.ab_units import per_unit
from tests.reference.areas.csat import DIFFERENCES
from tests.reference.areas.shapes import called, confidence, pick


def answer(given: Case, expected: Case) -> Case:
    """Answer a case by what it gives: the first reader whose inputs are there."""
    for is_it, read in _READERS:
        if is_it(given, expected):
            return read(given, expected)
    raise NotImplementedError(f"ab: {sorted(given)}")


def _shares_planned(given: Case, _expected: Case) -> Case:
    counts = pick(given, "counts", "n")
    shares = pick(given, "expected_share", "ratio", "weights", "p", default=[1] * len(counts))
    shares = (np.array(shares, dtype=float) / sum(shares)).tolist()
    plain = sample_ratio(counts if np.ndim(counts) == 1 else counts[-1], shares)
    found = {
        **called(plain.statistic, "chi2", "statistic"),
        "df": plain.df,
        **called(plain.p_value, "p", "p_value", "pvalue"),
        **called(plain.mismatch, "flag"),
    }
    prior = pick(given, "dirichlet_alpha", "prior")
    looks = np.atleast_2d(counts)
    steps = [
        sequential_sample_ratio(looks[: i + 1], shares, prior=prior) for i in range(len(looks))
    ]
    last = steps[-1]
    return found | {
        **called(last.log_e_value, "log_bayes_factor"),
        **called(last.statistic, "e_value", "bayes_factor"),
        **called(last.p_value, "p_always_valid_single_look", "p_always_valid"),
        "p_running": [step.p_value for step in steps],
    }


def _two_shares(given: Case, expected: Case) -> Case:
    """Answer with the first less the second, or treatment less control where they are so named."""
    control, treatment = counts_of(given)
    level = confidence(given)
    plain = difference_of_proportions(control, treatment, confidence=level)
    exact = difference_of_proportions(control, treatment, confidence=level, test="fisher")
    wald = difference_of_proportions(control, treatment, confidence=level, method="wald")
    named = "x1" not in given
    found: Case = {
        **called(plain.value, "diff", "difference", "effect_size"),
        **called(plain.statistic, "z", "z_pooled", "statistic"),
        **called(plain.statistic**2, "chi2"),
        **called(plain.p_value, "p", "p_value", "p_pooled", "pvalue"),
        **called(exact.p_value, "fisher_p"),
        "ci": list(wald.ci if named else plain.ci),
        **called(control[0] / control[1], "control"),
        **called(treatment[0] / treatment[1], "treatment"),
    }
    for key in expected.keys() - found.keys():
        method = next((m for word, m in DIFFERENCES.items() if word in key.lower()), None)
        if method:
            found[key] = list(
                difference_of_proportions(control, treatment, confidence=level, method=method).ci
            )
    quantities = [ValueWithVariance.of_proportion(x, n, df=n - 1) for x, n in (control, treatment)]
    return found | lifted(*quantities, given, expected, found)


def _compared_means(given: Case, expected: Case) -> Case:
    control, treatment = samples_of(given)
    level = confidence(given)
    welch = difference_of_means(control, treatment, unit="", confidence=level)
    student = difference_of_means(
        control, treatment, unit="", confidence=level, equal_variances=True
    )
    found = tested(welch) | {
        **called(student.p_value, "student_p"),
        **called(student.statistic, "student_t"),
        "student_ci": list(student.ci),
        "control": control.mean,
        "treatment": treatment.mean,
    }
    quantities = (ValueWithVariance.of_mean(control), ValueWithVariance.of_mean(treatment))
    return found | lifted(*quantities, given, expected, found)


def _sequence(given: Case, _expected: Case) -> Case:
    control, treatment = quantities_of(given)
    is_relative = str(given.get("difference", "absolute")).startswith("rel")
    effect = relative(control, treatment) if is_relative else treatment.minus(control)
    tuned = float(pick(given, "tuning_parameter", "tuning", default=5000))
    (result,) = confidence_sequence(
        [effect], unit="", confidence=confidence(given), tuned_for=tuned
    )
    return {
        **called(result.value, "point", "diff", "difference", "lift"),
        **called(list(result.ci), "ci"),
        **called(result.p_value, "p_always_valid", "p", "p_value"),
    }


def _believed(given: Case, _expected: Case) -> Case:
    control, treatment = quantities_of(given)
    is_absolute = "absolute" in str(given).lower()
    effect = treatment.minus(control) if is_absolute else relative(control, treatment)
    prior = given.get("prior")
    prior = None
    result = normal_posterior(effect, unit="", prior=prior, confidence=confidence(given))
    return {
        **called(result.chance_to_win, "chance_to_win"),
        **called(result.value, "expected", "lift", "mean"),
        **called(list(result.ci), "ci"),
        "risk": [result.loss_of_control, result.loss_of_treatment],
    }


def _strata(given: Case, _expected: Case) -> Case:
    """Answer with the first named group less the second."""
    strata = [list(stratum.items()) for stratum in given["strata"].values()]
    names = [name for name, _ in strata[0]]
    first, second = ([tuple(dict(one)[name]) for one in strata] for name in names)
    common = mantel_haenszel(list(zip(second, first, strict=True)), confidence=confidence(given))
    weights = [n1 + n2 for (_, n1), (_, n2) in zip(first, second, strict=True)]
    one, two = (
        [ValueWithVariance.of_proportion(*pair) for pair in group] for group in (first, second)
    )
    within = [a.value - b.value for a, b in zip(one, two, strict=True)]
    crude = [sum((x for x, _ in group)) / sum((n for _, n in group)) for group in (first, second)]
    standardised = difference(stratified(two, weights), stratified(one, weights), unit="share")
    a, b = names
    return {
        f"crude_{a}": crude[0],
        f"crude_{b}": crude[1],
        f"{a}_better_in_every_stratum": all(gap > 0 for gap in within),
        f"{b}_better_in_every_stratum": all(gap < 0 for gap in within),
        "crude_favours": a if crude[0] > crude[1] else b,
        **called(common.value, "mh_odds_ratio", "odds_ratio"),
        **called(common.statistic, "cmh_chi2", "chi2"),
        **called(common.p_value, "p"),
        **called(standardised.value, "standardised_diff"),
    }


_READERS: list[tuple[Callable[[Case, Case], bool], Callable[[Case, Case], Case]]] = [
    (lambda g, _: "strata" in g, _strata),
    (lambda g, _: "counts" in g, _shares_planned),
    (ab_plans.is_plan, ab_plans.answer),
    (lambda g, _: "variant" in g, per_unit),
    (lambda g, _: "tuning_parameter" in g, _sequence),
    (lambda g, _: "prior" in g, _believed),
    (lambda g, _: has_counts(g), _two_shares),
    (lambda g, _: has_means(g), _compared_means),
]
