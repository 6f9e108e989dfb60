"""Which finding comes first: the open ones by the lower bound of what they cost in a month."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cxresearch.core.comparison import normal_quantile
from cxresearch.core.results import Estimate
from cxresearch.findings.finding import Finding

_STATES = ("open", "standing", "unsure", "past")
_DRAWS = 4000


def ranked(findings: Sequence[Finding]) -> tuple[list[Finding], list[int]]:
    """Return findings in their order, and the rank of each, from 1.

    Open findings come before those that are past, what costs before what is good news, known
    worth before unknown; among them the one that costs at least the most comes first. Open
    findings whose costs the data cannot tell apart have the same rank.
    """
    order = sorted(findings, key=_key)
    ranks: list[int] = []
    for place, one in enumerate(order):
        first = order[ranks[-1] - 1] if ranks else one
        alike = bool(ranks) and _alike(first, one)
        ranks.append(ranks[-1] if alike else place + 1)
    return order, ranks


def in_the_top(findings: Sequence[Finding], *, top: int = 3, seed: int = 2026) -> list[float]:
    """Return how probable it is that each finding is among the costliest.

    Costs are drawn as normal, independent values; nan for a finding whose worth is not known.
    """
    costs = [-one.worth.value for one in findings]
    known = np.array([not math.isnan(cost) for cost in costs])
    if not known.any():
        return [math.nan] * len(costs)
    rng = np.random.default_rng(seed)
    sds = np.array([_sd(one.worth) for one in findings])
    drawn = np.array(costs)[known] + rng.standard_normal((_DRAWS, known.sum())) * sds[known]
    place = (-drawn).argsort(axis=1).argsort(axis=1)
    shares = iter((place < top).mean(axis=0))
    return [float(next(shares)) if one else math.nan for one in known]


def _key(one: Finding) -> tuple[int, bool, bool, float, float]:
    least = -one.worth.ci.high
    unknown = math.isnan(least)
    return (
        _STATES.index(one.state),
        one.is_bad is False,
        unknown,
        0.0 if unknown else -least,
        -abs(_clearness(one.change)),
    )


def _alike(one: Finding, other: Finding) -> bool:
    if one.state != other.state or not one.is_open:
        return False
    apart = one.worth.value - other.worth.value
    doubt = math.hypot(_half(one.worth), _half(other.worth))
    return not math.isnan(apart) and abs(apart) <= doubt


def _half(estimate: Estimate) -> float:
    return (estimate.ci.high - estimate.ci.low) / 2


def _sd(estimate: Estimate) -> float:
    return _half(estimate) / normal_quantile(estimate.confidence)


def _clearness(estimate: Estimate) -> float:
    half = _half(estimate)
    return estimate.value / half if half > 0 else 0.0
