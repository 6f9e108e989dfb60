"""Key drivers: importances, their shares, and what is read beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from cxresearch.survey.driver_analysis import key_drivers

RULES = {
    **dict.fromkeys(("lmg",), "lmg"),
    **dict.fromkeys(("dominance",), "lmg"),
    **dict.fromkeys(("johnson", "genizi", "johnson_relative_weights"), "johnson"),
    **dict.fromkeys(("relative_weights",), "johnson"),
    **dict.fromkeys(("first",), "first"),
    **dict.fromkeys(("last",), "last"),
    **dict.fromkeys(("betasq",), "betasq"),
    **dict.fromkeys(("pratt",), "pratt"),
    **dict.fromkeys(("car",), "car"),
}
SHARES = ("_share", "_rela", "_rel")
COLUMNS = {
    **dict.fromkeys(("vif",), "vif"),
    **dict.fromkeys(("beta", "betas"), "slope"),
    **dict.fromkeys(("standardised_beta",), "slope"),
    **dict.fromkeys(("correlation",), "correlation"),
}
Measure = Callable[[str], tuple[float, pd.DataFrame]]


def answer(given: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Return the keys of `expected` that the kit answers."""
    measure = _of_answers(given)
    return {key: _one(key.lower(), measure) for key in expected}


def _one(key: str, measure: Measure) -> Any:
    """Return what one key asks for; None where the kit has no answer."""
    if key in ("order", "names", "predictors"):
        return measure("first")[1]["driver"].tolist()
    if key in ("r2", "rsq", "r_squared", "total", "sum_lmg", "lmg_sum"):
        return measure("first")[0]
    if key in COLUMNS:
        return measure("first")[1][COLUMNS[key]].tolist()
    ending = next((ending for ending in SHARES if key.endswith(ending)), "")
    rule = RULES.get(key.removesuffix(ending))
    found = measure(rule)[1]["share" if ending else "importance"]
    return (found * (100 if ending in ("_pct", "_percent") else 1)).tolist()


def _of_answers(given: dict[str, Any]) -> Measure:
    """Return the measure of a case that gives answers, in itself or in a file."""
    outcome, x = (_first(given, "y", "outcome"), _first(given, "X", "x", "predictors", "drivers"))
    weights = _first(given, "weights", "w")

    def measure(rule: str) -> tuple[float, pd.DataFrame]:
        found = key_drivers(outcome, x, method=rule, weights=weights, resamples=0)
        return (found.r2, found.drivers)

    return measure


def _first(given: dict[str, Any], *keys: str) -> Any:
    return next((given[key] for key in keys if key in given), None)
