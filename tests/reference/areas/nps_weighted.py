"""Weighted Net Promoter Scores of the reference cases: given weights, strata, raked margins."""

from __future__ import annotations

from typing import Any

import numpy as np

from cxresearch.stats.comparison import normal_quantile
from cxresearch.survey.nps import nps
from cxresearch.survey.weighting import post_stratify, rake
from cxresearch.survey.weights import Weights, effective_n, weighted_mean

GROUPS = ("promoters", "passives", "detractors")
ANSWERS = ("values", "scores", "v", "x", "y", "answers", "nps_values", "score", "value")
WEIGHTS = ("weights", "w", "weight", "base_weights")
STRATA = ("strata", "stratum", "groups", "cells", "segments")
TARGETS = ("targets", "population_shares", "population", "shares", "pop_shares", "target_shares")
TARGETS += ("population_counts", "population_margins", "pop", "margins")


def is_weighted(given: dict[str, Any]) -> bool:
    """Return whether a case is about weights."""
    strata = _first(given, STRATA)
    tables = [one for one in _items(strata) if isinstance(one, dict)]
    return (
        isinstance(_first(given, WEIGHTS), list)
        or (isinstance(strata, list) and isinstance(_first(given, TARGETS), dict))
        or any(_size(one) is not None for one in tables)
        or isinstance(given.get("margins"), dict)
        or "row_targets" in given
        or (bool(tables) and isinstance(_first(given, TARGETS), dict))
    )


def answered(given: dict[str, Any], expected: dict[str, Any], level: float) -> dict[str, Any]:
    """Return what the kit says of a weighted case, under every name it may be asked by."""
    if "row_targets" in given:
        return _raked_table(given)
    values, weights = _weighted(given)
    population = given.get("population", given.get("N"))
    mean = weighted_mean(
        values,
        weights,
        unit="points",
        clusters=_first(given, ("clusters", "cluster", "psu", "respondent")),
        population=population if isinstance(population, int) else None,
        confidence=level,
    )
    each = np.asarray(weights)
    plain = nps(_scores(values), weights=each, confidence=level)
    z = normal_quantile(level)
    wald = [mean.value - z * mean.se, mean.value + z * mean.se]
    score = [end / 100 for end in plain.ci]
    uses_t = "t" in str(given.get("method", "")).lower().split("_")
    return {
        **dict.fromkeys(("nps", "nps_weighted", "weighted_nps", "mean", "estimate"), mean.value),
        **dict.fromkeys(("nps_post", "nps_raked", "nps_poststratified"), mean.value),
        **dict.fromkeys(("nps_unweighted", "unweighted", "unweighted_nps"), float(values.mean())),
        "nps_raw": float(values.mean()),
        **dict.fromkeys(
            ("se", "se_linearised", "se_linearized", "se_taylor", "se_svymean"), mean.se
        ),
        **dict.fromkeys(("var", "variance"), mean.se**2),
        **dict.fromkeys(("ci", "ci_wald"), list(mean.ci) if uses_t else wald),
        **dict.fromkeys(("ci_z", "ci_normal", "wald_ci"), wald),
        **{key: list(mean.ci) for key in ("ci_t", "t_ci")},
        **dict.fromkeys(("score_ci", "ci_score", "ci_score_n_eff"), score),
        **dict.fromkeys(("n_eff", "kish_n_eff", "n_eff_kish", "ess", "neff"), effective_n(each)),
        **dict.fromkeys(("deff", "design_effect"), mean.deff),
        **dict.fromkeys(("deff_kish", "kish_deff", "weff"), len(each) / effective_n(each)),
        "weights": _normed(each, expected.get("weights")),
        "max_weight": float((each / each.mean()).max()),
        "n": len(values),
        **_shares(values, each),
    }


def _weighted(given: dict[str, Any]) -> tuple[Any, Any]:
    strata, targets = _first(given, STRATA), _first(given, TARGETS)
    values = _first(given, ANSWERS)
    if values is not None:
        values = _values(values)
    base = _first(given, WEIGHTS)
    labels = given.get("margins") if isinstance(given.get("margins"), dict) else None
    columns = given.get("variables", given.get("sample", labels))
    if isinstance(columns, list):
        columns = {name: [row[name] for row in columns] for name in columns[0]}
    if isinstance(columns, dict) and isinstance(targets, dict):
        if values is None:
            name = next(name for name in ANSWERS if name in columns)
            values = _values(columns[name])
        rows = {name: columns[name] for name in targets}
        goals = {name: _as_shares(goal) for name, goal in targets.items()}
        return values, rake(rows, goals, base=base)
    if values is not None and isinstance(strata, list) and isinstance(targets, dict):
        return values, post_stratify(strata, _as_shares(targets), base=base)
    if values is not None:
        return values, np.asarray(base, dtype=float)
    return _of_tables(strata, targets)


def _of_tables(strata: Any, targets: Any) -> tuple[Any, Weights]:
    """Return the answers of strata given as counts, weighted to the population's shares."""
    names = list(strata) if isinstance(strata, dict) else list(range(len(strata)))
    tables = _items(strata)
    values = [v for one in tables for v in np.repeat([1.0, 0.0, -1.0], [one[g] for g in GROUPS])]
    labels = [
        name
        for name, one in zip(names, tables, strict=True)
        for _ in range(sum(one[group] for group in GROUPS))
    ]
    if isinstance(targets, dict):
        goals = targets
    else:
        goals = {name: _size(one) for name, one in zip(names, tables, strict=True)}
    return np.array(values), post_stratify(labels, _as_shares(goals))


def _raked_table(given: dict[str, Any]) -> dict[str, Any]:
    """Return a table of counts raked to the totals of its rows and of its columns."""
    table = np.array(given.get("table", given.get("counts", given.get("sample"))), dtype=float)
    rows, columns = np.indices(table.shape)
    margins = {"row": rows.ravel().tolist(), "column": columns.ravel().tolist()}
    targets = [given["row_targets"], given.get("col_targets", given.get("column_targets"))]
    goals = {
        name: _as_shares(dict(enumerate(target)))
        for name, target in zip(margins, targets, strict=True)
    }
    weights = np.asarray(rake(margins, goals, base=table.ravel()))
    fitted = (weights / weights.sum() * float(np.sum(targets[0]))).reshape(table.shape)
    return {
        **dict.fromkeys(("fitted", "raked", "table", "result", "cells"), fitted.tolist()),
        **dict.fromkeys(("weights", "cell_weights"), (fitted / table).tolist()),
    }


def _first(given: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((given[name] for name in names if name in given), None)


def _items(strata: Any) -> list[Any]:
    if isinstance(strata, dict):
        return list(strata.values())
    return strata if isinstance(strata, list) else []


def _size(table: dict[str, Any]) -> Any:
    names = ("share", "population_share", "pop_share", "population", "N", "target", "weight")
    return _first(table, names)


def _as_shares(sizes: Any) -> dict[Any, float]:
    total = sum(sizes.values())
    return {name: size / total for name, size in sizes.items()}


def _values(answers: list[Any]) -> Any:
    """Return 1, 0 or -1 for each answer; scores on 0-10 are told by one outside those."""
    array = np.asarray(answers, dtype=float)
    if set(array.tolist()) <= {-1.0, 0.0, 1.0}:
        return array
    if set(array.tolist()) <= {-100.0, 0.0, 100.0}:
        return array / 100
    return np.where(array >= 9, 1.0, np.where(array <= 6, -1.0, 0.0))


def _scores(values: Any) -> list[int]:
    return [{1.0: 9, 0.0: 7, -1.0: 0}[value] for value in values.tolist()]


def _normed(weights: Any, wanted: Any) -> Any:
    """Return the weights with the sum of those they are held against; only proportions count."""
    total = sum(wanted) if isinstance(wanted, list) else len(weights)
    return (weights / weights.sum() * total).tolist()


def _shares(values: Any, weights: Any) -> dict[str, float]:
    parts = {
        name: float(weights[values == v].sum() / weights.sum())
        for name, v in zip(GROUPS, (1.0, 0.0, -1.0), strict=True)
    }
    return {f"p_{name[:-1]}": share for name, share in parts.items()} | {
        f"share_{name}": share for name, share in parts.items()
    }
