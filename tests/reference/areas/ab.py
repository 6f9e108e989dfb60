"""Experiments: two variants and several, sample ratio, power, looks, and the Bayesian reading."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np

from cxresearch.stats.bayes import beta_binomial
from cxresearch.stats.bayes_effects import normal_posterior
from cxresearch.stats.cluster_differences import ClusterTotals, difference_of_clusters
from cxresearch.stats.confidence_sequences import confidence_sequence
from cxresearch.stats.differences import difference_of_proportions
from cxresearch.stats.lifts import relative
from cxresearch.stats.many_to_one import dunnett
from cxresearch.stats.margins import equivalence, non_inferiority
from cxresearch.stats.means import Sample, difference_of_means
from cxresearch.stats.multiplicity import adjusted as adjusted_p
from cxresearch.stats.quantities import Quantity, difference
from cxresearch.stats.sample_ratio import sample_ratio, sequential_sample_ratio
from cxresearch.stats.strata import is_reversed, mantel_haenszel, stratified
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
    counts = pick(given, "counts", "observed", "n")
    shares = pick(given, "expected_share", "expected_shares", "shares", "ratio", "weights", "p",
                  default=[1] * len(counts))  # fmt: skip
    shares = (np.array(shares, dtype=float) / sum(shares)).tolist()
    plain = sample_ratio(counts if np.ndim(counts) == 1 else counts[-1], shares)
    found = {
        **called(plain.statistic, "chi2", "chisq", "statistic"),
        "df": plain.df,
        **called(plain.p_value, "p", "p_value", "pvalue"),
        **called(plain.mismatch, "flag", "mismatch", "srm", "flagged"),
    }
    prior = pick(given, "dirichlet_alpha", "prior", "alpha_prior")
    if prior is None and "concentration" in given:
        prior = (given["concentration"] * np.array(shares)).tolist()
    looks = np.atleast_2d(counts)
    steps = [
        sequential_sample_ratio(looks[: i + 1], shares, prior=prior) for i in range(len(looks))
    ]
    last = steps[-1]
    return found | {
        **called(last.log_e_value, "log_bayes_factor", "log_e_value", "log_bf"),
        **called(last.statistic, "e_value", "bayes_factor"),
        **called(last.p_value, "p_always_valid_single_look", "p_always_valid", "p_sequential"),
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
        **called(plain.value, "diff", "difference", "effect_size", "absolute_effect"),
        **called(plain.statistic, "z", "z_pooled", "statistic"),
        **called(plain.statistic**2, "chi2", "chisq"),
        **called(plain.p_value, "p", "p_value", "p_pooled", "pvalue"),
        **called(exact.p_value, "fisher_p", "p_fisher"),
        "ci": list(wald.ci if named else plain.ci),
        **called(control[0] / control[1], "control", "p_control", "p2"),
        **called(treatment[0] / treatment[1], "treatment", "p_treatment", "p1"),
    }
    for key in expected.keys() - found.keys():
        method = next((m for word, m in DIFFERENCES.items() if word in key.lower()), None)
        if method:
            found[key] = list(
                difference_of_proportions(control, treatment, confidence=level, method=method).ci
            )
    quantities = [Quantity.of_proportion(x, n, df=n - 1) for x, n in (control, treatment)]
    return found | lifted(*quantities, given, expected, found)


def _compared_means(given: Case, expected: Case) -> Case:
    control, treatment = samples_of(given)
    level = confidence(given)
    welch = difference_of_means(control, treatment, unit="", confidence=level)
    student = difference_of_means(
        control, treatment, unit="", confidence=level, equal_variances=True
    )
    found = tested(welch) | {
        **called(student.p_value, "student_p", "p_student"),
        **called(student.statistic, "student_t", "t_student"),
        "student_ci": list(student.ci),
        "control": control.mean,
        "treatment": treatment.mean,
    }
    quantities = Quantity.of_mean(control), Quantity.of_mean(treatment)
    return found | lifted(*quantities, given, expected, found)


def _sequence(given: Case, _expected: Case) -> Case:
    control, treatment = quantities_of(given)
    is_relative = str(given.get("difference", "absolute")).startswith("rel")
    effect = relative(control, treatment) if is_relative else treatment.minus(control)
    tuned = float(pick(given, "tuning_parameter", "tuned_for", "n_star", "tuning", default=5000))
    (result,) = confidence_sequence(
        [effect], unit="", confidence=confidence(given), tuned_for=tuned
    )
    return {
        **called(result.value, "point", "diff", "difference", "lift", "estimate"),
        **called(list(result.ci), "ci", "cs"),
        **called(result.p_value, "p_always_valid", "p", "p_value"),
    }


def _believed(given: Case, expected: Case) -> Case:
    control, treatment = quantities_of(given)
    told = " ".join([str(given.get("prior", "")), str(given.get("effect", ""))])
    of_shares = isinstance(given.get("prior"), list) or "beta_prior" in given
    if of_shares or re.search("beta|uniform", told.lower()) or "prob_best" in expected:
        return _shares_believed(given)
    is_absolute = "absolute" in str(given).lower()
    effect = treatment.minus(control) if is_absolute else relative(control, treatment)
    prior = given.get("prior")
    if isinstance(prior, dict):
        spread = pick(prior, "sd", "stddev", "std") or math.sqrt(pick(prior, "variance", "var"))
        prior = (float(prior.get("mean", 0.0)), float(spread))
    else:
        prior = None
    result = normal_posterior(effect, unit="", prior=prior, confidence=confidence(given))
    return {
        **called(result.chance_to_win, "chance_to_win", "prob_b_beats_a", "p_better"),
        **called(result.value, "expected", "lift", "mean"),
        **called(list(result.ci), "ci", "credible_interval"),
        "risk": [result.loss_of_control, result.loss_of_treatment],
    }


def _shares_believed(given: Case) -> Case:
    prior = pick(given, "prior", "beta_prior", default=(1, 1))
    if isinstance(prior, dict):
        prior = pick(prior, "a", "alpha", default=1), pick(prior, "b", "beta", default=1)
    elif not isinstance(prior, list | tuple):
        prior = (1, 1)
    control, treatment = beta_binomial(
        counts_of(given), prior=tuple(prior), confidence=confidence(given)
    )
    return {
        **called(treatment.probability_best, "chance_to_win", "prob_b_beats_a", "prob_best",
                 "p_b_gt_a", "probability"),
        "risk": [control.expected_loss, treatment.expected_loss],
        **called(treatment.expected_loss, "expected_loss", "expected_loss_b", "loss_b"),
        **called(control.expected_loss, "expected_loss_a", "loss_a"),
    }  # fmt: skip


def _strata(given: Case, _expected: Case) -> Case:
    """Answer with the first named group less the second."""
    strata = [list(stratum.items()) for stratum in given["strata"].values()]
    names = [name for name, _ in strata[0]]
    first, second = ([tuple(dict(one)[name]) for one in strata] for name in names)
    common = mantel_haenszel(list(zip(second, first, strict=True)), confidence=confidence(given))
    weights = [n1 + n2 for (_, n1), (_, n2) in zip(first, second, strict=True)]
    one, two = ([Quantity.of_proportion(*pair) for pair in group] for group in (first, second))
    within = [a.value - b.value for a, b in zip(one, two, strict=True)]
    crude = [sum(x for x, _ in group) / sum(n for _, n in group) for group in (first, second)]
    standardised = difference(stratified(two, weights), stratified(one, weights), unit="share")
    a, b = names
    return {
        f"crude_{a}": crude[0],
        f"crude_{b}": crude[1],
        f"{a}_better_in_every_stratum": all(gap > 0 for gap in within),
        f"{b}_better_in_every_stratum": all(gap < 0 for gap in within),
        "crude_favours": a if crude[0] > crude[1] else b,
        "reversal": is_reversed(crude[0] - crude[1], within),
        **called(common.value, "mh_odds_ratio", "odds_ratio"),
        **called(list(common.ci), "mh_ci", "odds_ratio_ci"),
        **called(common.statistic, "cmh_chi2", "chi2"),
        **called(common.p_value, "p", "cmh_p"),
        **called(standardised.value, "standardised_diff", "standardized_diff"),
        "standardised_ci": list(standardised.ci),
    }


def _against_margin(given: Case, _expected: Case) -> Case:
    control, treatment = quantities_of(given)
    effect = treatment.minus(control)
    margin, level = abs(float(pick(given, "margin", "delta", "nim"))), confidence(given)
    better = given.get("better", "higher")
    one_way = non_inferiority(effect, margin=margin, unit="", confidence=level, better=better)
    both = equivalence(effect, margin=margin, unit="", confidence=level)
    return {
        **called(effect.value, "diff", "difference"),
        **called(list(one_way.ci), "ci", "ci90"),
        **called(one_way.p_value, "p_noninferiority", "p_non_inferiority", "p"),
        **called(one_way.holds, "non_inferior", "noninferior"),
        **called(both.p_value, "p_tost", "p_equivalence"),
        "equivalent": both.holds,
    }


def _several(given: Case, _expected: Case) -> Case:
    samples = {name: Sample.of(values) for name, values in pick(given, "groups", "arms").items()}
    control, *others = samples.values()
    quantities = [Quantity.of_mean(one) for one in (control, *others)]
    df = sum(one.n - 1 for one in samples.values())
    pooled = sum((one.n - 1) * one.sd**2 for one in samples.values()) / df
    alike = [Quantity(n=q.n, value=q.value, variance=pooled / q.n) for q in quantities]
    results = dunnett(alike[0], alike[1:], unit="", confidence=confidence(given), df=df)
    plain = [difference(quantities[0], one, unit="").p_value for one in quantities[1:]]
    return {
        **called([one.statistic for one in results], "statistic", "t"),
        **called([one.p_value for one in results], "p", "p_value", "p_dunnett", "dunnett_p"),
        **called([list(one.ci) for one in results], "ci", "dunnett_ci"),
        "holm_p": adjusted_p(plain).tolist(),
    }


def _many_p(given: Case, expected: Case) -> Case:
    values = pick(given, "p", "p_values", "pvalues", "pvals")
    names = {"fdr": "bh", "bh": "bh", "by": "by", "holm": "holm", "hochberg": "hochberg",
             "bonferroni": "bonferroni"}  # fmt: skip
    found = {}
    for key in expected:
        word = next((w for w in names if w in f"{key} {given.get('method', '')}".lower()), "holm")
        found[key] = adjusted_p(values, method=names[word]).tolist()
    return found


def _clusters(given: Case, _expected: Case) -> Case:
    cluster = np.unique(given["cluster"], return_inverse=True)[1]
    treated = np.array(pick(given, "treatment", "variant", "arm"))
    y = np.array(pick(given, "y", "outcome", "value"), dtype=float)
    arms = sorted(set(treated.tolist()))
    sizes = np.array([np.bincount(cluster, treated == arm) for arm in arms])
    totals = np.array([np.bincount(cluster, y * (treated == arm)) for arm in arms])
    sums = ClusterTotals(sizes=sizes, totals=totals)
    return tested(difference_of_clusters(sums, unit="", confidence=confidence(given)))


_READERS: list[tuple[Callable[[Case, Case], bool], Callable[[Case, Case], Case]]] = [
    (lambda g, _: "strata" in g, _strata),
    (lambda g, _: bool({"counts", "observed"} & g.keys()), _shares_planned),
    (ab_plans.is_plan, ab_plans.answer),
    (lambda g, _: "cluster" in g, _clusters),
    (lambda g, _: isinstance(g.get("variant"), list), per_unit),
    (lambda g, _: bool({"p", "p_values", "pvalues", "pvals"} & g.keys()), _many_p),
    (lambda g, _: isinstance(pick(g, "groups", "arms"), dict), _several),
    (lambda g, _: bool({"margin", "delta", "nim"} & g.keys()), _against_margin),
    (lambda g, e: "tuning_parameter" in g or any("always" in key for key in e), _sequence),
    (lambda g, e: "prior" in g or bool({"chance_to_win", "risk", "prob_best"} & e.keys()),
     _believed),
    (lambda g, _: has_counts(g), _two_shares),
    (lambda g, _: has_means(g), _compared_means),
]  # fmt: skip
