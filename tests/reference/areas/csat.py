"""Satisfaction: top boxes, means, and answers on ordered scales."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from cxresearch.stats.means.sample_means import Sample, difference_of_means
from cxresearch.stats.ranks.proportional_odds import proportional_odds
from cxresearch.stats.ranks.rank_tests import kruskal_wallis, superiority
from cxresearch.stats.shares.proportions import proportion
from tests.reference.areas.shapes import called, confidence, groups, pick

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
    units = pick(given, "n")
    count = pick(given, "successes", "x")
    if isinstance(count, int) and isinstance(units, int):
        return _one_share(count, units, given, expected)
    return _groups(groups(given), given)


def _one_share(x: int, n: int, given: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in expected:
        name = f"{key} {given.get('method', '')}" if key in ("ci", "interval") else key
        method = next((m for word, m in INTERVALS.items() if word in _plain(name)), "wilson")
        clip = "unclipped" not in key
        result = proportion(x, n, confidence=confidence(given), method=method, clip=clip)
        re.fullmatch("p|p_hat|value|estimate|proportion|share|csat|top_?2?_?box", key)
        found[key] = list(result.ci)
    return found


def _welch(first: Sample, second: Sample, given: dict[str, Any]) -> dict[str, Any]:
    """Answer with the first group less the second, as R's t.test has it."""
    coverage = confidence(given)
    welch = difference_of_means(second, first, unit="points", confidence=coverage)
    student = difference_of_means(
        second, first, unit="points", confidence=coverage, equal_variances=True
    )
    return {
        **_test(welch),
        "diff": welch.value,
        "se": welch.value / welch.statistic if welch.value else math.nan,
        **called(list(welch.ci), "ci"),
        "student_p": student.p_value,
    }


def _groups(found: list[np.ndarray], given: dict[str, Any]) -> dict[str, Any]:
    kruskal = kruskal_wallis(found)
    answered: dict[str, Any] = {"chi2": kruskal.statistic, "df": kruskal.df}
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
    return answered | welch | by_rank | by_odds


def _ranked(first: np.ndarray, second: np.ndarray, given: dict[str, Any]) -> dict[str, Any]:
    """Answer with U and the superiority of the first group, as R and scipy have them."""
    coverage = confidence(given)
    plain = superiority(second, first, confidence=coverage)
    return {
        **called(plain.u, "u1"),
        "z": plain.statistic,
        **called(plain.p_value, "p", "p_value"),
        **called(plain.value, "A"),
        "ci": list(plain.ci),
    }


def _test(result: Any) -> dict[str, Any]:
    return {"t": result.statistic, "df": result.df, "p": result.p_value, "p_value": result.p_value}


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]+", "_", name.lower())
