"""Net Promoter Scores. The cases have them between -1 and 1, the kit in points."""

from __future__ import annotations

from typing import Any

import numpy as np

from cxresearch.survey import nps_intervals
from cxresearch.survey.nps import NpsResult, nps
from cxresearch.survey.nps_compare import nps_difference
from cxresearch.survey.nps_planning import nps_sample_size

GROUPS = ("promoters", "passives", "detractors")


def answer(given: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Return the keys of `expected` that the kit answers."""
    level = given["conf"]
    if "margin" in given:
        found = _planned(given, level)
    elif "group_a" in given:
        found = _compared(given, level)
    else:
        found = _single(given, level)
    return {key: found[key] for key in expected if key in found}


def _planned(given: dict[str, Any], level: float) -> dict[str, Any]:
    margin = 100 * given["margin"]
    usual: dict[str, Any] = {"promoters": given["p_promoter"], "detractors": given["p_detractor"]}
    return {
        "n_infinite": nps_sample_size(margin, **usual),
        "n_population_5000": nps_sample_size(margin, population=5000, **usual),
        "n_worst_case": nps_sample_size(margin, confidence=level),
    }


def _compared(given: dict[str, Any], level: float) -> dict[str, Any]:
    """Return the first group minus the second; the kit has the second minus the first."""
    a, b = (_of(given[name]) for name in ("group_a", "group_b"))
    error = float(np.hypot(a.standard_error, b.standard_error)) / 100
    wald, mover, half = (
        nps_difference(b, a, method=method, confidence=level)
        for method in ("wald", "mover", "adjusted_wald_half")
    )
    return {
        "nps_a": a.nps / 100,
        "nps_b": b.nps / 100,
        "abs_diff": abs(wald.value) / 100,
        "diff": wald.value / 100,
        "se_diff": error,
        "ci_abs_diff": [end / 100 for end in wald.ci],
        "p_value": wald.p_value,
        "mover_of_score_ci": [end / 100 for end in mover.ci],
        "adjusted_wald_half_ci": [end / 100 for end in half.ci],
    }


def _single(given: dict[str, Any], level: float) -> dict[str, Any]:
    method = {
        "score": "score",
        "adjusted_wald_3T": "adjusted_wald",
        "percentile bootstrap": "bootstrap",
    }[given["method"]]
    result = _of(given, method=method, confidence=level)
    ci = [end / 100 for end in result.ci]
    found = {"nps_raw": result.nps / 100, "ci": ci, "ci_infinite_B": ci, "ci_clipped": ci}
    if method != "adjusted_wald":
        return found
    counts = [np.array([float(given[name])]) for name in GROUPS]
    centre, error = (float(x[0]) for x in nps_intervals.centre_and_error(*counts, method=method))
    times = float(nps_intervals.multiplier(method, level, np.array([float(result.n)])))
    unclipped = [centre - times * error, centre + times * error]
    return found | {"centre": centre, "se": error, "ci_unclipped": unclipped}


def _of(counts: dict[str, Any], **options: Any) -> NpsResult:
    return nps(counts={name: counts[name] for name in GROUPS}, **options)
