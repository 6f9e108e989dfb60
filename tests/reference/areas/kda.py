"""Key drivers: importances, their shares, and what is read beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from cxresearch.survey.decomposition import (
    decompose_r2,
    inflation,
    r_squared,
    standardised_slopes,
)
from cxresearch.survey.drivers import key_drivers

#: The kit's name of each rule of importance, under the names other software has for it.
RULES = {
    **dict.fromkeys(("lmg", "shapley", "shapley_values", "shapley_r2", "general_dominance"), "lmg"),
    **dict.fromkeys(("dominance", "average_dominance", "kruskal"), "lmg"),
    **dict.fromkeys(("johnson", "genizi", "johnson_relative_weights"), "johnson"),
    **dict.fromkeys(("relative_weights", "johnson_weights", "raw_relative_weights"), "johnson"),
    **dict.fromkeys(("first", "squared_correlation", "r2_alone"), "first"),
    **dict.fromkeys(("last", "usefulness", "incremental_r2"), "last"),
    **dict.fromkeys(("betasq", "beta_squared", "beta_sq"), "betasq"),
    **dict.fromkeys(("pratt", "hoffman", "product_measure"), "pratt"),
    **dict.fromkeys(("car", "car_scores_squared", "car_squared"), "car"),
}
SHARES = ("_shares", "_share", "_rela", "_rel", "_normalised", "_normalized", "_pct", "_percent")
#: The columns of the kit's table of drivers, under the names cases may have for them.
COLUMNS = {
    **dict.fromkeys(("vif", "vifs", "variance_inflation"), "vif"),
    **dict.fromkeys(("beta", "betas", "slopes", "beta_std", "std_beta"), "slope"),
    **dict.fromkeys(("standardised_beta", "standardized_beta", "standardized_betas"), "slope"),
    **dict.fromkeys(("correlation", "correlations", "cor", "corr", "r_xy", "rxy"), "correlation"),
}
#: R2 and the table of drivers by one rule.
Measure = Callable[[str], tuple[float, pd.DataFrame]]


def answer(given: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Return the keys of `expected` that the kit answers."""
    measure = _of_matrix(given) if _has_matrix(given) else _of_answers(given)
    answered: dict[str, Any] = {}
    for key, wanted in expected.items():
        value = _one(key.lower(), measure)
        if isinstance(wanted, dict) and isinstance(value, list):
            value = dict(zip(measure("first")[1]["driver"], value, strict=True))
        if value is not None:
            answered[key] = value
    return answered


def _one(key: str, measure: Measure) -> Any:
    """Return what one key asks for; None where the kit has no answer."""
    if key in ("order", "names", "predictors"):
        return measure("first")[1]["driver"].tolist()
    if key in ("r2", "rsq", "r_squared", "total", "sum_lmg", "lmg_sum"):
        return measure("first")[0]
    if key in COLUMNS:
        return measure("first")[1][COLUMNS[key]].tolist()
    if key.startswith("rank"):
        rule = RULES.get(key.removeprefix("ranking").removeprefix("rank").strip("_") or "lmg")
        if rule is None:
            return None
        ordered = measure(rule)[1].sort_values("importance", ascending=False, kind="stable")
        return ordered["driver"].tolist()
    ending = next((ending for ending in SHARES if key.endswith(ending)), "")
    rule = RULES.get(key.removesuffix(ending))
    if rule is None:
        return None
    found = measure(rule)[1]["share" if ending else "importance"]
    return (found * (100 if ending in ("_pct", "_percent") else 1)).tolist()


def _has_matrix(given: dict[str, Any]) -> bool:
    return _first(given, "R", "Rxx", "R_xx", "corr", "correlation_matrix") is not None


def _of_matrix(given: dict[str, Any]) -> Measure:
    """Return the measure of a case that gives correlations, not answers."""
    among = np.array(_first(given, "R", "Rxx", "R_xx", "corr", "correlation_matrix"), dtype=float)
    r = _first(given, "r", "rxy", "r_xy", "Rxy", "corr_y")
    if r is None:  # the outcome is the first of the whole matrix
        among, r = among[1:, 1:], among[0, 1:]
    r = np.array(r, dtype=float)

    def measure(rule: str) -> tuple[float, pd.DataFrame]:
        parts = decompose_r2(among, r, method=rule)
        columns = {
            "driver": _names(given, len(r)),
            "importance": parts,
            "share": parts / parts.sum(),
            "correlation": r,
            "slope": standardised_slopes(among, r),
            "vif": inflation(among),
        }
        return float(r_squared(among, r)), pd.DataFrame(columns)

    return measure


def _of_answers(given: dict[str, Any]) -> Measure:
    """Return the measure of a case that gives answers, in itself or in a file."""
    outcome, x = _first(given, "y", "outcome"), _first(given, "X", "x", "predictors", "drivers")
    if outcome is None or x is None:
        raise NotImplementedError("key drivers of other input")
    if "file" in given:
        table = pd.read_csv(given["file"])
        outcome, x = table[outcome], table[list(x)]
    elif not isinstance(x, dict):
        rows = np.array(x, dtype=float)
        rows = rows if len(rows) == len(outcome) else rows.T
        x = dict(zip(_names(given, rows.shape[1]), rows.T, strict=True))
    weights = _first(given, "weights", "w")

    def measure(rule: str) -> tuple[float, pd.DataFrame]:
        found = key_drivers(outcome, x, method=rule, weights=weights, resamples=0)
        return found.r2, found.drivers

    return measure


def _names(given: dict[str, Any], p: int) -> list[str]:
    return _first(given, "names", "order", "labels") or [f"x{j + 1}" for j in range(p)]


def _first(given: dict[str, Any], *keys: str) -> Any:
    return next((given[key] for key in keys if key in given), None)
