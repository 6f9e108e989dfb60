"""Retention: durations with censoring, contracts, and cohorts."""

from __future__ import annotations

import math
from typing import Any

from cxresearch.stats.survival.curves import SurvivalCurve, kaplan_meier
from cxresearch.stats.survival.shifted_beta_geometric import shifted_beta_geometric
from tests.reference.areas.shapes import called, confidence, pick


def answer(given: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Answer a case by what it gives: survivors of a cohort, or durations of one or more groups."""
    survivors = next((v for k, v in given.items() if k.startswith("survivors")), None)
    if survivors is not None:
        return _projected(survivors, given, expected)
    times, ends = pick(given, "time", "t"), pick(given, "event", "events")
    return _curve((times, ends), given, expected)


def _curve(
    group: tuple[Any, Any], given: dict[str, Any], expected: dict[str, Any]
) -> dict[str, Any]:
    curve = kaplan_meier(*group, unit="units", confidence=confidence(given))
    ends = curve.table.loc[curve.table["ended"] > 0, "time"].tolist()
    at = pick(given, "at", default=ends)
    shares = [curve.at(time) for time in at]
    until = pick(given, "tau", default=curve.table["time"].iloc[-1])
    area = curve.restricted_mean(until)
    lows, highs = ([s.ci.low for s in shares], [s.ci.high for s in shares])
    errors = [_error(curve, time) for time in at]
    found = {
        **called([s.value for s in shares], "survival", "surv"),
        **called([curve.at_risk(t) for t in at], "at_risk_at_t", "at_risk"),
        **called(lows, "lower", "ci_lower"),
        **called(highs, "upper", "ci_upper"),
        **called([list(s.ci) for s in shares], "ci"),
        **called(errors, "se"),
        "median": curve.median,
        **called(list(curve.ci), "median_ci"),
        "median_lower": curve.ci.low,
        "median_upper": curve.ci.high,
        "times": ends,
        "n": curve.n,
        "events": curve.ended,
        **called(area.value, "rmst"),
        **called(_half_width(area), "rmst_se"),
    }
    for key in expected.keys() - found.keys():
        if key.startswith("q") and key[1:].isdigit():
            found[key] = curve.quantile(int(key[1:]) / 100).value
    return found


def _error(curve: SurvivalCurve, time: float) -> float:
    """Return Greenwood's standard error behind a bound of the curve."""
    share = curve.at(time)
    if not 0 < share.value < 1:
        return 0.0 if share.value == 1 else math.nan
    from scipy.special import ndtri

    spread = math.log(math.log(share.ci.low) / math.log(share.value))
    z = float(ndtri((1 + share.confidence) / 2))
    return spread / z * share.value * -math.log(share.value)


def _half_width(area: Any) -> float:
    from scipy.special import ndtri

    return (area.ci.high - area.value) / float(ndtri((1 + area.confidence) / 2))


def _projected(
    survivors: list[int], given: dict[str, Any], expected: dict[str, Any]
) -> dict[str, Any]:
    fit = shifted_beta_geometric(survivors, confidence=confidence(given))
    found: dict[str, Any] = {
        "alpha": fit.alpha,
        "beta": fit.beta,
        "loglik": fit.loglik,
        **called(fit.mean_churn, "mean_churn", "churn"),
    }
    for key in expected.keys() - found.keys():
        words = key.replace("-", "_").split("_")
        span = [
            int(word.removeprefix("year")) for word in words if word.removeprefix("year").isdigit()
        ]
        years = range(span[0], span[-1] + 1)
        curve = fit.retention if "retention" in key else fit.survival
        values = [curve(year) for year in years]
        found[key] = values if len(span) > 1 or isinstance(expected[key], list) else values[0]
    life = fit.expected_lifetime(pick(given, "d"))
    found |= called(life, "del")
    return found
