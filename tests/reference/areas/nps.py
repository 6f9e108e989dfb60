"""Net Promoter Scores. The cases have them between -1 and 1, the kit in points."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

import numpy as np

from cxresearch.stats.multiplicity import adjusted
from cxresearch.survey import nps_intervals
from cxresearch.survey.nps import NpsResult, nps
from cxresearch.survey.nps_compare import nps_difference, nps_paired_difference
from cxresearch.survey.nps_planning import (
    nps_detectable_difference,
    nps_difference_sample_size,
    nps_margin,
    nps_sample_size,
)
from tests.reference.areas import nps_weighted

GROUPS = ("promoters", "passives", "detractors")
#: What a name in a case is called in the kit; the first that is found in it wins.
METHODS = {
    "wilson": "mover_wilson",
    "mover": "mover_wilson",
    "3u": "adjusted_wald_3u",
    "4t": "adjusted_wald_4t",
    "4_t": "adjusted_wald_4t",
    "1_0_1": "adjusted_wald_101",
    "101": "adjusted_wald_101",
    "3_u": "adjusted_wald_3u",
    "adj": "adjusted_wald",
    "3t": "adjusted_wald",
    "goodman": "goodman",
    "chi2": "goodman",
    "wald_t": "wald_t",
    "t_interval": "wald_t",
    "wald": "wald",
    "normal": "wald",
    "boot": "bootstrap",
    "infinite_b": "bootstrap",
    "uniform": "dirichlet_uniform",
    "dirichlet_1_1": "dirichlet_uniform",
    "dirichlet111": "dirichlet_uniform",
    "dirichlet": "dirichlet",
    "jeffreys": "dirichlet",
    "bayes": "dirichlet",
    "score": "score",
    "tango": "score",
    "iterative": "score",
}
#: What names a standard error with n - 1 in its variance.
SAMPLE_FORMS = ("se_t", "n_minus_1", "nm1", "s2", "sample", "survey", "unbiased")
PLANS = ("margin", "moe", "margin_of_error", "mde", "effect", "delta", "difference", "power")
FIRST = ("group_a", "a", "before", "first", "wave_1", "wave1", "x", "control", "pre", "previous")
SECOND = ("group_b", "b", "after", "second", "wave_2", "wave2", "y", "treatment", "post", "current")


def answer(given: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Return the keys of `expected` that the kit answers."""
    try:
        found = _answered(given, expected)
    except ValueError:
        found = dict.fromkeys(("error", "raises", "rejected", "invalid"), True)
        if not set(expected) & set(found):
            raise
    return {key: found[key] for key in expected if key in found}


def _answered(given: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    level = float(given.get("conf", given.get("confidence", given.get("conf_level", 0.95))))
    if any(isinstance(given.get(name), int | float) for name in PLANS) and "n" not in _kind(given):
        return _planned(given, expected, level)
    if nps_weighted.is_weighted(given):
        return nps_weighted.answered(given, expected, level)
    pair = _pair(given)
    if pair and _is_paired(given, pair):
        return _moved(*pair, given, level)
    if pair:
        return _compared(*pair, given, expected, level)
    if isinstance(given.get("groups"), dict | list):
        return _all_pairs(given["groups"], level)
    return _single(given, expected, level)


def _kind(given: dict[str, Any]) -> str:
    """Return "n" where the case is about answers that were given, not about a plan."""
    has_answers = any(name in given for name in (*GROUPS[1:], "scores", "group_a", "counts"))
    return "n" if has_answers else ""


def method_of(name: str, otherwise: str) -> str:
    """Return the kit's name of the method that a text of a case names."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower())
    return next((kit for part, kit in METHODS.items() if part in plain), otherwise)


def result_of(answers: Any, **options: Any) -> NpsResult:
    """Return the NPS of counts under any names, of one answer each, or of counts by score."""
    if isinstance(answers, dict):
        if "scores" in answers:
            return nps(_scores(answers["scores"]), **options)
        if set(GROUPS) <= set(answers):
            return nps(counts={name: answers[name] for name in GROUPS}, **options)
        by_letter = {name[0].lower() + name[1:2]: number for name, number in answers.items()}
        if {"pr", "pa", "de"} <= set(by_letter):
            return nps(counts=[by_letter[name] for name in ("pr", "pa", "de")], **options)
        return nps(np.repeat([int(score) for score in answers], list(answers.values())), **options)
    return nps(_scores(answers), **options)


def _scores(values: Any) -> list[Any]:
    """Return answers as scores; where they are 1, 0 and -1 already, one score of each kind."""
    there = [value for value in values if value is not None]
    if -1 in there:
        return [{1: 9, 0: 7, -1: 0}.get(value) for value in values]
    return list(values)


def _scale(given: dict[str, Any]) -> tuple[int, int]:
    scale = given.get("scale", (given.get("scale_min", 0), given.get("scale_max", 10)))
    if isinstance(scale, str):
        scale = [int(end) for end in re.findall(r"\d+", scale)]
    return int(scale[0]), int(scale[1])


def _single(given: dict[str, Any], expected: dict[str, Any], level: float) -> dict[str, Any]:
    counts = given.get("counts", given.get("score_counts"))
    answers = given if set(GROUPS) <= set(given) else counts
    if isinstance(answers, list):
        # Three numbers are promoters, passives, detractors; more are a count for every score.
        low = _scale(given)[0]
        answers = (
            dict(zip(GROUPS, answers, strict=True))
            if len(answers) == len(GROUPS)
            else {low + place: count for place, count in enumerate(answers)}
        )
    if answers is None:
        answers = next(
            given[name] for name in ("scores", "answers", "values", "x") if name in given
        )
    options: dict[str, Any] = {"confidence": level, "scale": _scale(given)}
    population = given.get("population", given.get("N"))
    if population:
        options["population"] = int(population)
    method = method_of(str(given.get("method", "")), "wald" if population else "score")
    found = _described(result_of(answers, **options), method)
    for key in expected:
        if key in found:
            continue
        if any(word in key for word in ("ci", "low", "upp", "high", "width", "margin")) or (
            isinstance(expected[key], list)
        ):
            chosen = method_of(key, method)
            found[key] = _ends(key, _limits(answers, chosen, options))
        elif any(word in key for word in SAMPLE_FORMS):
            found[key] = result_of(answers, method="wald_t", **options).standard_error / 100
    return found


def _described(result: NpsResult, method: str) -> dict[str, Any]:
    shares = np.array([[result.shares[place]] for place in range(3)])
    size = result.n
    centre, error = nps_intervals.centre_and_error(*(shares * size), method=method)
    is_plain = method not in nps_intervals.PSEUDO_ANSWERS
    se = result.standard_error / 100 if is_plain else float(error[0])
    if is_plain and method == "wald_t":
        se = float(error[0])
    point = result.nps / 100
    variance = float(nps_intervals.variance(*(shares * size))[0])
    return {
        **dict.fromkeys(("nps", "nps_raw", "raw", "estimate", "point", "value"), point),
        **dict.fromkeys(("nps_points", "points", "score_points"), result.nps),
        **dict.fromkeys(("centre", "center"), float(centre[0])),
        **dict.fromkeys(("se", "standard_error", "se_fpc", "fpc_se"), se),
        **dict.fromkeys(("var", "variance", "npvar"), variance),
        "var_nps": se**2,
        **{name: getattr(result, name) for name in (*GROUPS, "n", "missing")},
        "n_missing": result.missing,
        "n_valid": result.n,
        **{f"p_{name[:-1]}": share for name, share in zip(GROUPS, result.shares, strict=True)},
        **{f"share_{name}": share for name, share in zip(GROUPS, result.shares, strict=True)},
    }


def _limits(answers: Any, method: str, options: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Return the interval between -1 and 1, and as it is before it is cut there."""
    result = result_of(answers, method=method, **options)
    cut = (result.ci.low / 100, result.ci.high / 100)
    if method not in nps_intervals.PSEUDO_ANSWERS and method not in nps_intervals.WALD_METHODS:
        return {"cut": cut, "whole": cut}
    counts = [np.array([share * result.n]) for share in result.shares]
    centre, error = (float(x[0]) for x in nps_intervals.centre_and_error(*counts, method=method))
    if method in nps_intervals.WALD_METHODS:
        error = result.standard_error / 100
    times = nps_intervals.multiplier(method, options["confidence"], np.array([float(result.n)]))
    margin = float(np.ravel(times)[0]) * error
    return {"cut": cut, "whole": (centre - margin, centre + margin)}


def _ends(key: str, limits: dict[str, tuple[float, float]]) -> Any:
    low, high = limits["cut" if "_clipped" in f"_{key.replace('unclipped', '')}" else "whole"]
    if "width" in key:
        return high - low
    if "half_width" in key or "halfwidth" in key or "margin" in key:
        return (high - low) / 2
    if "low" in key:
        return low
    if "upp" in key or "high" in key:
        return high
    return [low, high]


def _pair(given: dict[str, Any]) -> tuple[Any, Any] | None:
    for first, second in zip(FIRST, SECOND, strict=True):
        if first in given and second in given:
            return given[first], given[second]
    if "pairs" in given:
        first, second = zip(*given["pairs"], strict=True)
        return list(first), list(second)
    if "table" in given:
        # Rows are the first answer, columns the second: promoter, passive, detractor.
        kinds = (9, 7, 0)
        cells = [
            ((kinds[i], kinds[j]), count)
            for i, row in enumerate(given["table"])
            for j, count in enumerate(row)
        ]
        both = [pair for pair, count in cells for _ in range(int(count))]
        return [one for one, _ in both], [other for _, other in both]
    groups = given.get("groups")
    if isinstance(groups, dict | list) and len(groups) == 2:
        first, second = groups.values() if isinstance(groups, dict) else groups
        return first, second
    return None


def _is_paired(given: dict[str, Any], pair: tuple[Any, Any]) -> bool:
    if not isinstance(pair[0], list):
        return False
    said = f"{given.get('method', '')} {given.get('design', '')}".lower()
    named = any(name in given for name in ("pairs", "table", "before", "pre"))
    return named or bool(given.get("paired")) or "paired" in said


def _moved(first: list[Any], second: list[Any], given: dict[str, Any], level: float) -> Any:
    if str(given.get("difference", "")).startswith(("a-b", "first-", "before-")):
        first, second = second, first
    moved = nps_paired_difference(_scores(first), _scores(second), confidence=level)
    low, high = (end / 100 for end in moved.ci)
    error = moved.value / moved.statistic / 100 if moved.statistic else None
    return {
        **dict.fromkeys(("diff", "difference", "mean_diff", "estimate"), moved.value / 100),
        **{key: [low, high] for key in ("ci", "ci_diff", "t_ci", "ci_t")},
        **dict.fromkeys(("p", "p_value", "p_t"), moved.p_value),
        **dict.fromkeys(("t", "statistic", "t_stat"), moved.statistic),
        **dict.fromkeys(("se", "se_diff"), error),
        **dict.fromkeys(("n", "n_pairs"), moved.n),
        "df": moved.df,
        **dict.fromkeys(("nps_a", "nps_before", "nps_first"), nps(_scores(first)).nps / 100),
        **dict.fromkeys(("nps_b", "nps_after", "nps_second"), nps(_scores(second)).nps / 100),
    }


def _compared(
    a: Any, b: Any, given: dict[str, Any], expected: dict[str, Any], level: float
) -> dict[str, Any]:
    one, other = result_of(a), result_of(b)
    said = str(given.get("difference", "a-b")).replace(" ", "").lower()
    first, second = (one, other) if said in ("b-a", "second-first") else (other, one)
    method = _difference_method(str(given.get("method", "")), "mover")
    wald = nps_difference(first, second, method="wald", confidence=level)
    error = float(np.hypot(one.standard_error, other.standard_error)) / 100
    found = {
        "nps_a": one.nps / 100,
        "nps_b": other.nps / 100,
        **dict.fromkeys(("diff", "difference", "estimate"), wald.value / 100),
        "abs_diff": abs(wald.value) / 100,
        **dict.fromkeys(("se", "se_diff"), error),
        **dict.fromkeys(("z", "statistic"), wald.statistic),
        **dict.fromkeys(("p", "p_value", "p_wald"), wald.p_value),
    }
    for key in expected:
        if key in found or ("ci" not in key and not isinstance(expected[key], list)):
            continue
        chosen = _difference_method(key, method)
        # The reference software reports how far apart, whichever is the higher.
        swapped = "abs" in key and wald.value < 0
        pair = (second, first) if swapped else (first, second)
        ends = nps_difference(*pair, method=chosen, confidence=level).ci
        found[key] = [ends.low / 100, ends.high / 100]
    return found


def _difference_method(name: str, otherwise: str) -> Any:
    plain = name.lower()
    if "half" in plain or "adj" in plain:
        return "adjusted_wald_half"
    if "mover" in plain or "score" in plain or "tango" in plain:
        return "mover"
    return "wald" if "wald" in plain else otherwise


def _all_pairs(groups: Any, level: float) -> dict[str, Any]:
    results = [result_of(one) for one in (groups.values() if isinstance(groups, dict) else groups)]
    found = [nps_difference(a, b, confidence=level) for a, b in combinations(results, 2)]
    p_values = [one.p_value for one in found]
    return {
        **{key: [result.nps / 100 for result in results] for key in ("nps", "nps_groups")},
        **{key: [one.value / 100 for one in found] for key in ("diffs", "differences")},
        **dict.fromkeys(("p", "p_values"), p_values),
        **{
            name: adjusted(p_values, method=method).tolist()
            for method in ("holm", "bh", "hochberg", "by", "bonferroni")
            for name in (f"p_{method}", method, f"p_adjusted_{method}")
        },
    }


def _planned(given: dict[str, Any], expected: dict[str, Any], level: float) -> dict[str, Any]:
    def points(value: float) -> float:
        return value * 100 if value <= 2 else value

    def said(*names: str) -> Any:
        return next((given[name] for name in names if given.get(name) is not None), None)

    shares = {
        "promoters": said("p_promoter", "p_promoters", "promoter_share", "promoters", "p"),
        "detractors": said("p_detractor", "p_detractors", "detractor_share", "detractors", "d"),
    }
    shares = {name: share for name, share in shares.items() if share is not None}
    margin = said("margin", "moe", "margin_of_error")
    effect = said("mde", "difference", "effect", "delta")
    population, size = said("population", "N"), said("n", "n_per_group")
    power = {"power": said("power")} if said("power") is not None else {}
    found: dict[str, Any] = {}
    if effect is not None:
        options = {"confidence": level, **power}
        need = nps_difference_sample_size(points(effect), **shares, **options)
        found |= dict.fromkeys(("n", "n_per_group", "n_per_arm", "n_each"), need)
        found["n_total"] = 2 * need
        worst = nps_difference_sample_size(points(effect), **options)
        found |= dict.fromkeys(("n_worst_case", "n_per_group_worst_case"), worst)
    elif margin is not None:
        found["n_infinite"] = nps_sample_size(points(margin), **shares, confidence=level)
        found["n_worst_case"] = nps_sample_size(points(margin), confidence=level)
        found["n"] = nps_sample_size(
            points(margin), **shares, population=population, confidence=level
        )
        found["n_fpc"] = found["n_finite"] = found["n"]
        for key in expected:
            for people in re.findall(r"^n_(?:population|pop|N)_?(\d+)$", key):
                found[key] = nps_sample_size(
                    points(margin), **shares, population=int(people), confidence=level
                )
    elif size is not None:
        detectable = nps_detectable_difference(size, size, **shares, **power, confidence=level)
        found |= dict.fromkeys(("mde", "mde_diff"), detectable / 100)
        wide = nps_margin(size, **shares, population=population, confidence=level)
        found |= dict.fromkeys(("margin", "moe"), wide / 100)
    return found
