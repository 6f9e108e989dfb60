"""The chance that a statistic looked at several times crosses a boundary, look by look.

The statistic at information t is normal with mean drift * sqrt(t) and variance 1, and its steps on
the scale z sqrt(t) are independent. The density of those still inside is carried from look to look
by quadrature (Armitage, McPherson & Rowe 1969, J. R. Stat. Soc. A 132, 235-244).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

#: Beyond so many standard deviations from its mean the statistic is never.
_FAR = 9.0
#: Points of the quadrature: at least so many, and so many per standard deviation of a step.
_LEAST_POINTS, _POINTS_PER_STEP = 64, 6


@dataclass(frozen=True, slots=True)
class Inside:
    """Where the statistic is at one look among the paths that crossed nothing before.

    `score` is z sqrt(t) at the points of the quadrature, `mass` the chance that each stands for.
    """

    information: float
    score: Array
    mass: Array

    def beyond(self, z: float, information: float, drift: float) -> float:
        """Return the chance to be above `z` at a later look."""
        from scipy.special import ndtr

        step = information - self.information
        mean = self.score + drift * step
        return float(self.mass @ ndtr((mean - z * math.sqrt(information)) / math.sqrt(step)))

    def up_to(self, z: float, information: float, drift: float) -> float:
        """Return the chance to be at or below `z` at a later look."""
        from scipy.special import ndtr

        step = information - self.information
        mean = self.score + drift * step
        return float(self.mass @ ndtr((z * math.sqrt(information) - mean) / math.sqrt(step)))

    def at(self, low: float, high: float, information: float, drift: float) -> Inside:
        """Return the same at a later look, for the paths between `low` and `high` there."""
        step, root = information - self.information, math.sqrt(information)
        low = max(low * root, drift * information - _FAR * root)
        high = min(high * root, drift * information + _FAR * root)
        if high <= low:
            return Inside(information, np.zeros(1), np.zeros(1))
        points = max(_LEAST_POINTS, math.ceil(_POINTS_PER_STEP * (high - low) / math.sqrt(step)))
        node, weight = _legendre(points)
        score = low + (high - low) * (node + 1) / 2
        away = (score[:, None] - self.score - drift * step) / math.sqrt(step)
        density = np.exp(-(away**2) / 2) @ self.mass / math.sqrt(2 * math.pi * step)
        return Inside(information, score, density * weight * (high - low) / 2)


#: Before the first look every path is at 0.
START = Inside(0.0, np.zeros(1), np.ones(1))


def exits(
    low: Sequence[float], high: Sequence[float], information: Sequence[float], *, drift: float
) -> tuple[Array, Array]:
    """Return the chance to cross the lower and the upper boundary at each look, for the first time.

    Examples
    --------
    Five looks at a test of nominal level .05.

    >>> below, above = exits([-1.96] * 5, [1.96] * 5, [0.2, 0.4, 0.6, 0.8, 1.0], drift=0.0)
    >>> round(float(below.sum() + above.sum()), 3)
    0.142
    """
    inside = START
    below, above = np.zeros(len(high)), np.zeros(len(high))
    for look, (a, b, t) in enumerate(zip(low, high, information, strict=True)):
        below[look] = inside.up_to(a, t, drift)
        above[look] = inside.beyond(b, t, drift)
        inside = inside.at(a, b, t, drift)
    return below, above


@lru_cache(maxsize=256)
def _legendre(points: int) -> tuple[Array, Array]:
    return np.polynomial.legendre.leggauss(points)
