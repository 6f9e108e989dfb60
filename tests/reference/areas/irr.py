"""Agreement of coders: alpha, kappas, AC1, percent."""

from __future__ import annotations

import re
from typing import Any

from cxresearch.stats.agreement.coefficients import (
    cohen_kappa,
    fleiss_kappa,
    krippendorff_alpha,
    percent_agreement,
)
from tests.reference.areas.shapes import pick

Table = list[list[Any]]
LEVELS = ("nominal", "ordinal", "interval", "ratio")
WEIGHTS = {
    "quadratic": "quadratic",
    "squared": "quadratic",
    "linear": "linear",
    "equal": "linear",
    "unweighted": "none",
}


def answer(given: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Answer a case by the codes it gives: two coders, several, or counts of codes per unit."""
    codes = _codes(given)
    is_fleiss = "counts" in given or "fleiss" in str(given.get("method", "")).lower()
    found = {}
    for key in expected:
        value = _answer(_plain(key), codes, given, is_fleiss=is_fleiss)
        found[key] = value
    return found


def _answer(key: str, codes: Table, given: dict[str, Any], *, is_fleiss: bool) -> Any:
    """Return what a key asks for; None where the kit does not answer it."""
    level = next((level for level in LEVELS if level in key), None)
    asked = f"{key} {_plain(str(given.get('method', '')))}"
    if level or "alpha" in asked or "kripp" in asked:
        level = level or given.get("level", "nominal")
        return _part(krippendorff_alpha(codes, level=level, **_options(given)), key)
    if re.search("percent|raw|^p_?o$|^agree", key) and "kappa" not in key:
        share = percent_agreement(codes, of="units").value
        in_percent = "percent" in key and pick(given, "unit", default="") == "percent"
        return 100 * share if in_percent else share
    if is_fleiss or "fleiss" in key or len(codes[0]) > 2:
        return _part(fleiss_kappa(codes, **_options(given)), key)
    return _part(
        cohen_kappa(*zip(*codes, strict=True), weights=_weights(key, given), **_options(given)), key
    )


def _part(found: Any, key: str) -> Any:
    if re.search("(^|_)z($|_)|statistic", key):
        return found.statistic
    return list(found.ci) if "ci" in key.split("_") else found.value


def _codes(given: dict[str, Any]) -> Table:
    """Return a row per unit and a column per coder."""
    counts = pick(given, "counts")
    if counts is not None:
        return [[code for code, n in enumerate(row) for _ in range(n)] for row in counts]
    pick(given, "table")
    by_unit = pick(given, "units_by_coders")
    if by_unit is not None:
        return by_unit
    by_coder = pick(given, "coders")
    names = [("a", "b"), ("rater1", "rater2"), ("r1", "r2"), ("coder1", "coder2"), ("x", "y")]
    pair = next(pair for pair in names if set(pair) <= given.keys())
    by_coder = [given[name] for name in pair]
    columns = list(by_coder.values()) if isinstance(by_coder, dict) else by_coder
    return [list(unit) for unit in zip(*columns, strict=True)]


def _weights(key: str, given: dict[str, Any]) -> Any:
    asked = f"{key} {given.get('weights', '')} {given.get('weight', '')}".lower()
    return next((name for word, name in WEIGHTS.items() if word in asked), "none")


def _options(given: dict[str, Any]) -> dict[str, Any]:
    categories = pick(given, "categories")
    return {"categories": categories} if isinstance(categories, list) else {}


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]+", "_", name.lower())
