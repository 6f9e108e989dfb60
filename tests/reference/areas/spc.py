"""Control charts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cxresearch.stats.control import BEYOND_LIMITS, ControlChart, individuals
from cxresearch.stats.control_counts import p_chart, u_chart
from cxresearch.stats.control_drift import cusum, ewma
from tests.reference.areas.shapes import called, pick


def answer(given: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Answer a case by what it gives and asks for."""
    kind = str(pick(given, "chart", "type", "method", default="")).lower()
    counts = pick(given, "defectives", "successes", "nonconforming", "D")
    if counts is not None or kind.startswith(("p", "laney")):
        counts = counts if counts is not None else pick(given, "x", "counts")
        return _of_shares(counts, pick(given, "n", "sizes", "size"), given, expected)
    exposure = pick(given, "exposure", "area", "opportunities")
    if exposure is not None or kind in ("u", "u-chart", "c", "c-chart"):
        counts = pick(given, "x", "counts", "defects")
        sizes = exposure if exposure is not None else pick(given, "n", "sizes", default=1)
        return _shown(u_chart(counts, sizes, unit="rate"))
    values = pick(given, "x", "values", "series", "y")
    basis = {
        "target": pick(given, "target", "center", "centre", "mean", "mu0"),
        "sigma": pick(given, "sd", "sigma", "std_dev", "std.dev"),
    }
    if "lambda" in given or kind == "ewma" or "z" in expected:
        chart = ewma(values, unit="units", weight=given.get("lambda", 0.2),
                     width=pick(given, "L", "nsigmas", default=3.0), **basis)  # fmt: skip
        averages = chart.points["average"].tolist()
        return _shown(chart) | {"z": averages, "ewma": averages}
    if kind == "cusum" or {"k", "h", "se_shift", "decision_interval"} & given.keys():
        return _sums(values, given, basis)
    chart = individuals(values, unit="units")
    return _shown(chart) | {
        "mr_bar": float(np.nanmean(chart.points["moving_range"])),
        "mean_mr": float(np.nanmean(chart.points["moving_range"])),
    }


def _of_shares(
    counts: Any, n: Any, given: dict[str, Any], expected: dict[str, Any]
) -> dict[str, Any]:
    plain, laney = p_chart(counts, n), p_chart(counts, n, laney=True)
    asked = str(given).lower() + " ".join(expected).lower()
    found = _shown(laney if "laney" in asked and "laney_lcl" not in expected else plain)
    found |= {f"laney_{key}": value for key, value in _shown(laney).items()}
    # Per point only where the limits differ, as qcc has them.
    if not isinstance(expected.get("lcl"), list) and isinstance(n, int | float):
        found |= {"lcl": plain.ci.low, "ucl": plain.ci.high}
    sigmas = (laney.points["high"] - laney.centre) / (plain.points["high"] - plain.centre)
    return found | {"sigma_z": laney.sigma / plain.sigma if plain.sigma else float(sigmas.iloc[0])}


def _sums(values: Any, given: dict[str, Any], basis: dict[str, Any]) -> dict[str, Any]:
    slack = given.get("k", given.get("se_shift", 1.0) / 2)
    decision = pick(given, "h", "decision_interval", default=5.0)
    chart = cusum(values, unit="units", slack=slack, decision=decision, **basis)
    above, below = chart.points["above"], chart.points["below"]
    return _shown(chart) | {
        **called(above.tolist(), "pos", "upper", "cpos", "c_plus", "C_plus", "high"),
        **called(below.tolist(), "neg", "lower", "cneg"),
        **called((-below).abs().tolist(), "c_minus", "C_minus", "low"),
        **called(_places(above > decision), "violations_upper", "upper_1based"),
        **called(_places(below < -decision), "violations_lower", "lower_1based"),
        "first_signal_1based": next(iter(_places(np.maximum(above, -below) > decision)), None),
    }


def _shown(chart: ControlChart) -> dict[str, Any]:
    points = chart.points
    own = "low" in points
    out = _places(points["signal"] == BEYOND_LIMITS)
    sigma = chart.sigma if not math.isnan(chart.sigma) else None
    return {
        **called(chart.centre, "center", "centre", "cl", "mean", "p_bar", "u_bar"),
        **called(sigma, "sigma", "sd", "std_dev", "sigma_hat"),
        "lcl": points["low"].tolist() if own else chart.ci.low,
        "ucl": points["high"].tolist() if own else chart.ci.high,
        **called(out, "beyond_limits_1based", "violations_1based", "out_1based"),
        **called([place - 1 for place in out], "beyond_limits", "beyond_limits_0based"),
        "first_signal_1based": next(iter(out), None),
        "n_beyond": len(out),
    }


def _places(found: Any) -> list[int]:
    return [int(place) + 1 for place in np.flatnonzero(found)]
