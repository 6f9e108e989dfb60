"""What a change of who answers makes of a score."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core.documented import documented
from cxresearch.core.missing import or_missing
from cxresearch.core.results import Estimate
from cxresearch.core.unit_formats import difference_unit
from cxresearch.engine import frames
from cxresearch.stats.means.ratios import NO_SPREAD
from cxresearch.stats.means.sample_means import t_interval
from cxresearch.survey.weights import Weights, influence

if TYPE_CHECKING:
    from numpy.typing import NDArray

METHOD = "linearised over customers, t"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Side:
    """Answers to one question over some time, and what they stand for.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        What each answer counts, in `unit`.
    who : ndarray of object, shape (n,)
        The customer of each; one without is of a person of its own.
    is_used : ndarray of bool, shape (n,)
        Which answers have a weight, m of them.
    weights : Weights
        The weight of each of the m.
    unit : str
        The unit.
    """

    values: NDArray[Any]
    who: NDArray[Any]
    is_used: NDArray[Any]
    weights: Weights
    unit: str

    @property
    def raw(self) -> tuple[float, NDArray[Any]]:
        """The mean of all answers, and how far each answer moves it."""
        mean = float(self.values.mean())
        return mean, (self.values - mean) / len(self.values)

    @property
    def weighted(self) -> tuple[float, NDArray[Any]]:
        """The weighted mean, and how far each answer moves it."""
        w, y = self.weights.weights, self.values[self.is_used]
        mean = float(w @ y / w.sum())
        moves = np.zeros(len(self.values))
        there = np.ones(len(y), dtype=bool)
        moves[self.is_used] = influence(self.weights, (y - mean)[:, None], there)[:, 0]
        return mean, moves


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How a score changed, and how much of that is only who answered.

    Parameters
    ----------
    total : Estimate
        The change of the raw score.
    same_mix : Estimate
        The change with the same mix of customers in both, that of the population.
    who_answers : Estimate
        The rest of the change: who answered.
    """

    total: Estimate
    same_mix: Estimate
    who_answers: Estimate


@or_missing
@documented
def difference_from_raw(side: Side, *, confidence: float = 0.95) -> Estimate:
    """Return by how much the raw mean exceeds the weighted one.

    Parameters
    ----------
    side : Side
        The answers.
    %(confidence)s

    Notes
    -----
    sum(y) / n - sum(w y) / sum(w), its variance from how far each customer moves the difference:
    both means are of the same people, so it is known better than either.
    """
    raw, of_raw = side.raw
    weighted, of_weighted = side.weighted
    moves, who = of_raw - of_weighted, frames.customer_codes(side.who)
    return _estimate(raw - weighted, moves, who, side.unit, confidence)


@or_missing
@documented
def change_of(first: Side, second: Side, *, confidence: float = 0.95) -> Change:
    """Return how much a score changed, and how much of that is only who answered.

    Parameters
    ----------
    first, second : Side
        The answers before and after.
    %(confidence)s

    Notes
    -----
    The total is the change of the raw means, the change at the same mix that of the means weighted
    to one population (direct standardisation), and what is left is due to who answered: the total
    is the sum of the two. Who moves which part is added up over both times for each customer.

    References
    ----------
    Kitagawa (1955), Components of a difference between two rates, J. Am. Stat. Assoc. 50,
    1168-1194.
    """
    who = frames.customer_codes(np.concatenate([first.who, second.who]))

    def moved(one: tuple[float, Any], other: tuple[float, Any]) -> tuple[float, NDArray[Any]]:
        return other[0] - one[0], np.concatenate([-one[1], other[1]])

    total, of_total = moved(first.raw, second.raw)
    same, of_same = moved(first.weighted, second.weighted)
    parts = ((total, of_total), (same, of_same), (total - same, of_total - of_same))
    made = [_estimate(value, moves, who, first.unit, confidence) for value, moves in parts]
    return Change(total=made[0], same_mix=made[1], who_answers=made[2])


def _estimate(
    value: float, moves: NDArray[Any], who: NDArray[Any], unit: str, confidence: float
) -> Estimate:
    by_person = np.bincount(who, moves)
    people = len(by_person)
    variance = math.nan
    if people > 1:
        variance = people / (people - 1) * float(((by_person - by_person.mean()) ** 2).sum())
    return Estimate(
        value=value,
        ci=t_interval(value, variance, people - 1, confidence),
        n=len(moves),
        unit=difference_unit(unit),
        confidence=confidence,
        method=METHOD,
        note="" if variance > 0 else NO_SPREAD,
        people=people,
    )
