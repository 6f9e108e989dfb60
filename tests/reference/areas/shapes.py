"""What the inputs of cases look like, read once for every area."""

from __future__ import annotations

import re
from typing import Any

import numpy as np


def pick(given: dict[str, Any], *names: str, default: Any = None) -> Any:
    """Return the value of the first name a case has."""
    return next((given[name] for name in names if given.get(name) is not None), default)


def confidence(given: dict[str, Any]) -> float:
    """Return the coverage asked for: directly, in percent, or as alpha."""
    if "alpha" in given and "conf" not in given:
        return 1 - float(given["alpha"])
    asked = float(pick(given, "conf", default=0.95))
    return asked / 100 if asked > 1 else asked


def answers(counts: list[int]) -> np.ndarray:
    """Return counts by level, from 1, as single answers."""
    return np.repeat(np.arange(1, len(counts) + 1), counts)


def groups(given: dict[str, Any]) -> list[np.ndarray]:
    """Return the answers of each group of a case, in its order, from values or from counts."""
    nested = pick(given, "data", "counts")
    named = nested if isinstance(nested, dict) else None
    named = {
        name: values
        for name, values in given.items()
        if isinstance(values, list) and (not name.startswith(("scale", "levels", "labels")))
    }
    by_count = "counts" in given or "table" in given
    return [
        answers(values) if by_count or re.search("count|freq|n_by", name) else np.array(values)
        for name, values in named.items()
    ]


def called(value: Any, *names: str) -> dict[str, Any]:
    """Return one value under every name a case may have for it."""
    return dict.fromkeys(names, value)
