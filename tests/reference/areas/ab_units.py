"""Experiments given unit by unit: a mean or a ratio, adjusted for what was before or not."""

from __future__ import annotations

from typing import Any

import numpy as np

from cxresearch.stats.means.adjustment import adjusted
from cxresearch.stats.means.estimators import difference
from cxresearch.stats.means.moments import Moments
from tests.reference.areas.ab_shapes import Case, lifted, tested
from tests.reference.areas.shapes import confidence, pick


def per_unit(given: Case, expected: Case) -> Case:
    """Answer for one row per unit: a mean or a ratio, adjusted or not, or a share."""
    arms = np.array(given["variant"])
    control, treatment = (arms == name for name in sorted(set(arms.tolist())))
    columns = {
        name: np.array(values, dtype=float)
        for name, values in given.items()
        if name != "variant" and isinstance(values, list) and (len(values) == arms.size)
    }
    outcome, denominator, covariates = _roles(given, columns, expected)
    names = [name for name in (outcome, denominator, *covariates) if name]
    groups = [
        Moments.from_arrays(*(columns[name][arm] for name in names)) for arm in (control, treatment)
    ]
    method = "lin" if "lin" in str(given.get("method", "")).lower() else "cuped"
    pair = adjusted(groups, ratio=denominator is not None, method=method)
    found = tested(difference(*pair, unit="", confidence=confidence(given)))
    found |= {"control": pair[0].value, "treatment": pair[1].value}
    return found | lifted(*pair, given, expected, found)


def _roles(
    given: Case, columns: dict[str, Any], expected: Case
) -> tuple[str, str | None, list[str]]:
    """Return which columns are the outcome, its denominator and the covariates.

    A case may say so; where it does not, the column whose control mean is the expected one is the
    outcome, and a covariate is what was measured before.
    """
    pick(given, "value", "y")
    pick(given, "denominator")
    covariate = pick(given, "x")
    [covariate] if isinstance(covariate, str) else covariate or []
    before = [name for name in columns if "pre" in name or "cov" in name]
    others = [name for name in columns if name not in before]
    arms = np.array(given["variant"])
    first = arms == min(arms.tolist())
    level, far = (expected["control"], {})
    for top in others:
        mean = columns[top][first].mean()
        far[top, None, ()] = abs(mean - level)
        for bottom in others:
            if bottom != top and columns[bottom][first].sum():
                ratio = columns[top][first].sum() / columns[bottom][first].sum()
                far[top, bottom, ()] = abs(ratio - level)
        for name in before:
            sets = [
                Moments.from_arrays(columns[top][arm], columns[name][arm])
                for arm in (first, ~first)
            ]
            far[top, None, (name,)] = abs(adjusted(sets)[0].value - level)
    top, bottom, with_name = min(far, key=lambda roles: far[roles])
    return (top, bottom, list(with_name))
    return (others[-1], None, before)
