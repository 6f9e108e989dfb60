"""Satisfaction: top boxes, means, and answers on ordered scales."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from cxresearch.stats.differences import difference_of_proportions
from cxresearch.stats.means import Sample, difference_of_means, mean, paired_difference
from cxresearch.stats.ordinal import superiority
from cxresearch.stats.paired import difference_of_paired_proportions
from cxresearch.stats.proportional_odds import proportional_odds
from cxresearch.stats.proportions import proportion
from cxresearch.stats.quantiles import median
from cxresearch.stats.rank_tests import kruskal_wallis, signed_rank
from tests.reference.areas.shapes import called, confidence, groups, pick

#: What an interval of one share is called in a case; the first that is found in the key wins.
INTERVALS = {
    "wilson_cc": "wilson_cc",
    "wilson_continuity": "wilson_cc",
    "prop_test": "wilson_cc",
    "wilson": "wilson",
    "score": "wilson",
    "jeffreys": "jeffreys",
    "bayes": "jeffreys",
    "clopper": "clopper_pearson",
    "exact": "clopper_pearson",
    "agresti": "agresti_coull",
    "wald": "wald",
    "asymptotic": "wald",
    "normal": "wald",
}
#: The same for a difference of two.
DIFFERENCES = {
    "newcomb": "newcombe",
    "wilson": "newcombe",
    "miettinen": "miettinen_nurminen",
    "score": "miettinen_nurminen",
    "caffo": "agresti_caffo",
    "wald": "wald",
    "ci": "newcombe",
}


def answer(given: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Answer a case by what it gives: counts of one share, of two, pairs, or whole answers."""
    units = pick(given, "n", "total", "trials", "responses")
    count = pick(given, "successes", "x", "top_box", "satisfied", "top2")
    if isinstance(count, int) and isinstance(units, int):
        return _one_share(count, units, given, expected)
    if "x1" in given or "successes1" in given:
        return _two_shares(given, expected)
    if {"b", "c"} <= given.keys() or "only_first" in given:
        return _changed(given)
    if {"before", "after"} & given.keys() or given.get("paired"):
        return _paired(given)
    if pick(given, "mean", "mean1", "mean_t", "mean_a") is not None:
        return _from_summaries(given)
    found = groups(given)
    if not found:
        raise NotImplementedError(f"csat: {sorted(given)}")
    return _one_group(found[0], given, expected) if len(found) == 1 else _groups(found, given)


def _one_share(x: int, n: int, given: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in expected:
        name = f"{key} {given.get('method', '')}" if key in ("ci", "interval") else key
        method = next((m for word, m in INTERVALS.items() if word in _plain(name)), "wilson")
        clip = "unclipped" not in key
        result = proportion(x, n, confidence=confidence(given), method=method, clip=clip)
        is_value = re.fullmatch("p|p_hat|value|estimate|proportion|share|csat|top_?2?_?box", key)
        scale = 100 if key == "csat_percent" else 1
        if is_value or scale == 100:
            found[key] = scale * result.value
        elif key.endswith(("_low", "_lower", "_lcl")):
            found[key] = result.ci.low
        elif key.endswith(("_high", "_upper", "_ucl")):
            found[key] = result.ci.high
        else:
            found[key] = list(result.ci)
    return found


def _two_shares(given: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Answer with the first group less the second, as the cases have it."""
    x1, x2 = pick(given, "x1", "successes1"), pick(given, "x2", "successes2")
    one, two = (x1, given["n1"]), (x2, given["n2"])
    if str(given.get("diff", "p1-p2")).replace(" ", "") == "p2-p1":
        one, two = two, one
    coverage = confidence(given)
    plain = difference_of_proportions(two, one, confidence=coverage)
    exact = difference_of_proportions(two, one, confidence=coverage, test="fisher")
    found: dict[str, Any] = {
        "diff": plain.value,
        "difference": plain.value,
        "z": plain.statistic,
        "z_pooled": plain.statistic,
        "p": plain.p_value,
        "p_value": plain.p_value,
        "p_pooled": plain.p_value,
        "chi2": plain.statistic**2,
        "fisher_p": exact.p_value,
        "p_fisher": exact.p_value,
    }
    for key in expected.keys() - found.keys():
        method = next((m for word, m in DIFFERENCES.items() if word in _plain(key)), None)
        if method:
            found[key] = list(
                difference_of_proportions(two, one, confidence=coverage, method=method).ci
            )
    return found


def _changed(given: dict[str, Any]) -> dict[str, Any]:
    """Answer for pairs counted as b (first only) and c (second only)."""
    b, c = pick(given, "b", "only_first"), pick(given, "c", "only_second")
    n = pick(given, "n", "total", default=b + c + given.get("a", 0) + given.get("d", 0))
    tests = {
        name: difference_of_paired_proportions(b, c, n, confidence=confidence(given), test=name)
        for name in ("mcnemar", "mcnemar_cc", "exact", "mid_p")
    }
    plain = tests["mcnemar"]
    found = {
        "diff": plain.value,
        "chi2": plain.statistic**2,
        "statistic": plain.statistic**2,
        "z": plain.statistic,
        "p": plain.p_value,
        "p_value": plain.p_value,
        "chi2_cc": tests["mcnemar_cc"].statistic ** 2,
        "p_cc": tests["mcnemar_cc"].p_value,
        "p_corrected": tests["mcnemar_cc"].p_value,
        "chi2_corrected": tests["mcnemar_cc"].statistic ** 2,
        "ci": list(plain.ci),
    }
    found |= {f"p_{name}": result.p_value for name, result in tests.items()}
    return (
        found
        | {f"{name}_p": result.p_value for name, result in tests.items()}
        | called(list(plain.ci), "tango", "tango_ci", "score_ci", "tango_score")
    )


def _paired(given: dict[str, Any]) -> dict[str, Any]:
    first = np.array(pick(given, "before", "first", "x", "a"), dtype=float)
    second = np.array(pick(given, "after", "second", "y", "b"), dtype=float)
    t = paired_difference(first, second, unit="points", confidence=confidence(given))
    plain, corrected = (signed_rank(first, second, continuity=c) for c in (False, True))
    change = second - first
    ranks = _ranks(np.abs(change[change != 0]))
    rises = float(ranks[change[change != 0] > 0].sum())
    return {
        **_test(t, t.value),
        "mean_diff": t.value,
        "diff": t.value,
        "ci": list(t.ci),
        "W": rises,
        "V": rises,
        "W_plus": rises,
        "W_minus": float(ranks.sum()) - rises,
        "n_nonzero": plain.n,
        "n_used": plain.n,
        "p_wilcoxon": plain.p_value,
        "wilcoxon_p": plain.p_value,
        "p_no_continuity": plain.p_value,
        "p_uncorrected": plain.p_value,
        "p_continuity": corrected.p_value,
        "p_corrected": corrected.p_value,
        "z": math.copysign(math.sqrt(plain.statistic), rises - ranks.sum() / 2),
    }


def _from_summaries(given: dict[str, Any]) -> dict[str, Any]:
    def sample(*tails: str) -> Sample | None:
        for tail in tails:
            if f"mean{tail}" in given:
                sd = pick(given, f"sd{tail}", f"s{tail}")
                return Sample(n=given[f"n{tail}"], mean=given[f"mean{tail}"], sd=sd)
        return None

    first, second = sample("", "1", "_1", "_t", "_a"), sample("2", "_2", "_c", "_b")
    if first is None:
        raise NotImplementedError(f"csat: {sorted(given)}")
    if second is None:
        return _mean(first, given)
    return _welch(first, second, given)


def _one_group(
    values: np.ndarray, given: dict[str, Any], expected: dict[str, Any]
) -> dict[str, Any]:
    found = _mean(Sample.of(values), given)
    middle = median(values, unit="points", confidence=confidence(given))
    found |= {"median": middle.value, "median_ci": list(middle.ci)}
    top = pick(given, "scale_max", "max", "points", default=len(given.get("counts", [])) or None)
    for key in expected:
        boxes = re.match(r"top_?(\d)?_?box", key)
        if boxes and top:
            least = top - int(boxes[1] or 1) + 1
            share = proportion(
                int((values >= least).sum()), values.size, confidence=confidence(given)
            )
            found[key] = list(share.ci) if "ci" in key or "wilson" in key else share.value
    return found


def _mean(sample: Sample, given: dict[str, Any]) -> dict[str, Any]:
    result = mean(sample, unit="points", confidence=confidence(given))
    se = sample.sd / math.sqrt(sample.n) if sample.n else math.nan
    return {
        "mean": result.value,
        "n": result.n,
        "sd": sample.sd,
        "se": se,
        "df": sample.n - 1,
        **called(list(result.ci), "ci", "t_ci", "ci_t", "mean_ci"),
    }


def _welch(first: Sample, second: Sample, given: dict[str, Any]) -> dict[str, Any]:
    """Answer with the first group less the second, as R's t.test has it."""
    coverage = confidence(given)
    welch = difference_of_means(second, first, unit="points", confidence=coverage)
    student = difference_of_means(
        second, first, unit="points", confidence=coverage, equal_variances=True
    )
    return {
        **_test(welch, welch.value),
        "diff": welch.value,
        "se": welch.value / welch.statistic if welch.value else math.nan,
        **called(list(welch.ci), "ci", "welch_ci", "ci_diff"),
        "welch_p": welch.p_value,
        "welch_t": welch.statistic,
        "welch_df": welch.df,
        "student_p": student.p_value,
        "student_t": student.statistic,
    }


def _groups(found: list[np.ndarray], given: dict[str, Any]) -> dict[str, Any]:
    kruskal = kruskal_wallis(found)
    answered: dict[str, Any] = {
        "H": kruskal.statistic,
        "kruskal_H": kruskal.statistic,
        "kruskal_h": kruskal.statistic,
        "chi2": kruskal.statistic,
        "df": kruskal.df,
        "p_kruskal": kruskal.p_value,
        "kruskal_p": kruskal.p_value,
    }
    if len(found) > 2:
        return answered | {"p": kruskal.p_value, "p_value": kruskal.p_value,
                           "statistic": kruskal.statistic}  # fmt: skip
    first, second = found
    welch = _welch(Sample.of(first), Sample.of(second), given)
    by_rank = _ranked(first, second, given)
    logit = proportional_odds(first, second, confidence=confidence(given))
    by_odds = {
        "log_odds_ratio": logit.value,
        "beta": logit.value,
        "odds_ratio": logit.odds_ratio,
        "se": logit.se,
        "z": logit.statistic,
        "p": logit.p_value,
        "thresholds": list(logit.thresholds),
        "loglik": logit.loglik,
        "ci": list(logit.ci),
    }
    method = _plain(str(given.get("method", "")) + " " + str(given.get("test", "")))
    # What one key means depends on the method the case is of.
    if "welch" in method or re.search(r"\bt\b|t_test", method):
        return answered | by_rank | welch
    if "odds" in method or "logit" in method or "clm" in method:
        return answered | by_rank | by_odds
    asked_for_odds = any(name.startswith("counts_g") for name in given)
    return answered | welch | (by_rank | by_odds if asked_for_odds else by_odds | by_rank)


def _ranked(first: np.ndarray, second: np.ndarray, given: dict[str, Any]) -> dict[str, Any]:
    """Answer with U and the superiority of the first group, as R and scipy have them."""
    coverage = confidence(given)
    plain, corrected, munzel = (
        superiority(second, first, confidence=coverage, **options)
        for options in ({}, {"continuity": True}, {"test": "brunner_munzel"})
    )
    return {
        **called(plain.u, "U", "W", "u", "w", "U1", "u1"),
        "U2": first.size * second.size - plain.u,
        "z": plain.statistic,
        **called(plain.p_value, "p", "p_value", "p_no_cc", "p_no_continuity",
                      "p_uncorrected", "p_mann_whitney", "mann_whitney_p", "p_asymptotic"),
        **called(corrected.p_value, "p_cc", "p_continuity", "p_corrected"),
        **called(plain.value, "probability_of_superiority", "prob_superiority", "ps",
                      "superiority", "A", "vda", "auc"),
        **called(plain.cliffs_delta, "cliffs_delta", "cliff_delta", "delta",
                      "rank_biserial"),
        **called(abs(munzel.statistic), "bm_abs_statistic"),
        # Brunner and Munzel's statistic in R and scipy is of the second group against the first.
        **called(-munzel.statistic, "bm_statistic", "brunner_munzel_statistic", "bm_stat",
                      "brunner_munzel"),
        **called(munzel.df, "bm_df", "brunner_munzel_df"),
        **called(munzel.p_value, "bm_p", "brunner_munzel_p", "p_brunner_munzel"),
        "ci": list(plain.ci),
    }  # fmt: skip


def _test(result: Any, value: float) -> dict[str, Any]:
    return {"estimate": value, "t": result.statistic, "df": result.df, "p": result.p_value,
            "p_value": result.p_value}  # fmt: skip


def _ranks(values: np.ndarray) -> np.ndarray:
    from scipy.stats import rankdata

    return rankdata(values)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower())
