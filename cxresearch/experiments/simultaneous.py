"""Which variants are compared with which, and all of them with one confidence together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from cxresearch.core.comparison import Comparison, two_sided_t
from cxresearch.stats.multiplicity.simultaneous_intervals import dunnett, games_howell

if TYPE_CHECKING:
    from cxresearch.stats.means.estimators import ValueWithVariance
    from cxresearch.study.plans import Compare

#: How differences are read together where neither Dunnett nor Games and Howell can.
BONFERRONI = "Bonferroni"
#: The places of two variants, the one that is compared with first.
Pair = tuple[int, int]
#: A comparison as one of several, and the confidence that it has by itself.
Together = tuple[Comparison | None, float]


def pairs_of(variants: Sequence[str], compare: Compare) -> list[Pair]:
    """Return the places of the variants that are compared: with the control first, then the rest.

    Examples
    --------
    >>> pairs_of(["control", "b", "c"], "all_pairs")
    [(0, 1), (0, 2), (1, 2)]
    """
    pairs = list(combinations(range(len(variants)), 2))
    return pairs if compare == "all_pairs" else pairs[: len(variants) - 1]


def together(
    unit: str,
    quantities: Sequence[ValueWithVariance] | None,
    pairs: Sequence[Pair],
    alone: Callable[[Pair, float], Comparison],
    confidence: float,
) -> list[Together]:
    """Return each pair with one confidence for all of them, and the confidence it has by itself.

    Parameters
    ----------
    unit : str
        The unit of the metric.
    quantities : sequence of ValueWithVariance or None
        Each variant's value, the control first; none where only :func:`alone` knows it.
    pairs : sequence of (int, int)
        What is compared.
    alone : callable
        A pair and a confidence to their comparison.
    confidence : float
        The chance that all intervals hold.

    Returns
    -------
    list of (Comparison or None, float)
        For each pair; none where it cannot be tested, or is the only one that can.

    Notes
    -----
    Dunnett's for comparisons with the control, Games and Howell's for all pairs. Where a variance
    is unknown or 0, so that these cannot be, Bonferroni's: each at 1 - (1 - confidence) / m.
    """
    tested = [pair for pair in pairs if not math.isnan(alone(pair, confidence).p_value)]
    if len(tested) < 2:
        return [(None, confidence) for _ in pairs]
    there = {place for pair in tested for place in pair}
    if quantities and all(quantities[place].variance > 0 for place in there):
        if any(i for i, _ in pairs):
            found = games_howell(quantities, unit=unit, confidence=confidence)
        else:
            with_control = dunnett(quantities[0], quantities[1:], unit=unit, confidence=confidence)
            found = {(0, j): one for j, one in enumerate(with_control, start=1)}
        return [
            (found[i, j], _by_itself(found[i, j], quantities[j].minus(quantities[i]).se))
            if (i, j) in tested
            else (None, confidence)
            for i, j in pairs
        ]
    level = 1 - (1 - confidence) / len(tested)
    return [
        (_bonferroni(alone(pair, level), confidence, len(tested)), level)
        if pair in tested
        else (None, confidence)
        for pair in pairs
    ]


def _by_itself(at_once: Comparison, se: float) -> float:
    """Return the confidence of an interval of that width, were it the only one."""
    return 1 - two_sided_t((at_once.ci.high - at_once.ci.low) / 2 / se, at_once.df)


def _bonferroni(alone: Comparison, confidence: float, count: int) -> Comparison:
    return replace(
        alone,
        confidence=confidence,
        method=f"{alone.method}, {BONFERRONI}",
        p_value=min(count * alone.p_value, 1.0),
    )
