"""Put a reference case to the kit: case in, a dict with the keys of its expected answer out."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

#: The area and the names of the input of every case that is known.
SHAPES = {
    ("ab", "alpha", "control", "difference", "treatment", "tuning_parameter"),
    ("ab", "alpha", "n_per_arm", "power", "sd"),
    ("ab", "alpha_two_sided", "looks", "spacing"),
    ("ab", "conf", "diff", "n1", "n2", "x1", "x2"),
    ("ab", "control", "prior", "treatment"),
    ("ab", "control", "t1"),
    ("ab", "control", "treatment"),
    ("ab", "counts", "dirichlet_alpha", "expected_share"),
    ("ab", "counts", "expected_share"),
    ("ab", "looks", "nominal_alpha"),
    ("ab", "mean_c", "mean_t", "n_c", "n_t", "sd_c", "sd_t"),
    ("ab", "n1", "n2", "x1", "x2"),
    ("ab", "orders", "rev_pre", "revenue", "sessions", "variant"),
    ("ab", "strata"),
    ("clv", "file"),
    ("clv", "file", "filter"),
    ("clv", "observation_end", "transactions", "unit"),
    ("csat", "conf", "n", "successes"),
    ("csat", "counts_g0", "counts_g1"),
    ("funnel", "events", "steps", "users", "window_min"),
    ("funnel", "events", "steps", "window_min"),
    ("irr", "a", "b"),
    ("irr", "counts"),
    ("irr", "units_by_coders"),
    ("kda", "X", "y"),
    ("nps", "conf", "detractors", "method", "passives", "promoters"),
    ("nps", "conf", "difference", "group_a", "group_b"),
    ("nps", "conf", "group_a", "group_b", "method"),
    ("nps", "conf", "margin", "p_detractor", "p_promoter", "population"),
    ("retention", "at", "event", "time"),
    ("retention", "d", "survivors_start_to_year7"),
    ("sessionisation", "events", "timeout_min"),
    ("sessionisation", "events", "timeout_min", "tz"),
    ("spc", "L", "lambda", "sd", "target", "x"),
    ("spc", "defectives", "n"),
    ("transition", "events"),
}


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """Return the kit's answer to a case.

    A key the kit does not answer is left out, so that it shows as missing, never as right.

    Raises
    ------
    NotImplementedError
        If the case's area is not built yet, or no case of this shape has been seen: a guess at
        what its names mean would be held against the kit.
    """
    if (case["area"], *sorted(case["input"])) not in SHAPES:
        raise NotImplementedError(f"{case['area']}: {sorted(case['input'])}")
    home = f"tests.reference.areas.{case['area']}"
    if find_spec(home) is None:
        raise NotImplementedError(case["area"])
    answered: dict[str, Any] = import_module(home).answer(case["input"], case["expected"])
    return answered
