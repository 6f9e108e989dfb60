"""A few planned looks at an experiment, with one chance of a false alarm for all of them together.

Looking five times at a test of level .05 and stopping at the first success finds an effect that is
not there in 14 of 100 experiments. The boundaries here spend the .05 over the looks. At information
t the statistic is normal with mean drift * sqrt(t) and variance 1, and its steps on the scale
z sqrt(t) are independent: the density of those still inside is carried from look to look by
quadrature (Armitage, McPherson & Rowe 1969, J. R. Stat. Soc. A 132, 235-244).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from cxresearch.core import validate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


Spending = Literal["obrien_fleming", "pocock", "power"]
Shape = Literal["obrien_fleming", "pocock"]
#: A boundary is at most this: the chance to cross it is below 1e-15.
_HIGHEST = 8.0
_SPENDING: dict[Spending, str] = {
    "obrien_fleming": "Lan-DeMets, O'Brien-Fleming type",
    "pocock": "Lan-DeMets, Pocock type",
    "power": "Lan-DeMets, power family",
}
_SHAPES: dict[Shape, str] = {"obrien_fleming": "O'Brien-Fleming", "pocock": "Pocock"}
#: The power of the information that a classical boundary falls with (Wang & Tsiatis 1987).
_EXPONENTS: dict[Shape, float] = {"obrien_fleming": -0.5, "pocock": 0.0}
#: Beyond so many standard deviations from its mean the statistic is never.
_FAR = 9.0
#: Points of the quadrature: at least so many, and so many per standard deviation of a step.
_LEAST_POINTS, _POINTS_PER_STEP = 64, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundaries:
    """How large the statistic must be at each look for the experiment to stop.

    Parameters
    ----------
    information : tuple of float
        The share of the planned units that has been seen at each look, rising, at most 1.
    critical : tuple of float
        The z statistic that stops it at each look.
    spent : tuple of float
        The chance of a false alarm at or before each look, on all sides together.
    sides : {2, 1}
        Whether a large negative statistic stops it too.
    confidence : float
        One minus the chance of a false alarm at any look.
    method : str
        The name of the boundaries.
    """

    information: tuple[float, ...]
    critical: tuple[float, ...]
    spent: tuple[float, ...]
    sides: Literal[1, 2]
    confidence: float
    method: str

    @property
    def lower(self) -> tuple[float, ...]:
        """The lower boundaries; minus infinity where only one side stops it."""
        return tuple(-z if self.sides == 2 else -math.inf for z in self.critical)


def spending_boundaries(
    information: Sequence[float],
    *,
    confidence: float = 0.95,
    spending: Spending = "obrien_fleming",
    exponent: float = 1.0,
    sides: Literal[1, 2] = 2,
) -> Boundaries:
    """Return boundaries for looks that need be neither equal nor known beforehand.

    Parameters
    ----------
    information : sequence of float
        The share of the planned units seen at each look so far, rising, above 0, at most 1.
    confidence : float, default 0.95
        One minus the chance of a false alarm at any look.
    spending : {"obrien_fleming", "pocock", "power"}
        How early the chance of a false alarm is spent: hardly any at first; about evenly; as
        information ** `exponent`.
    exponent : float, default 1
        Of the power family.
    sides : {2, 1}
        Whether both directions stop the experiment; each side spends half.

    Returns
    -------
    Boundaries
        Those of a look depend on the looks before it only, so a look can be added as it comes.

    Raises
    ------
    ValueError
        If the information does not rise from above 0 to at most 1, or an option is out of range.

    Notes
    -----
    With a the chance of one side: 2 (1 - Phi(z_{a/2} / sqrt(t))); a ln(1 + (e - 1) t); a t**rho.

    References
    ----------
    Lan & DeMets (1983), Biometrika 70, 659-663. Jennison & Turnbull (2000), Group Sequential
    Methods, chapters 7 and 19.

    Examples
    --------
    >>> [round(z, 2) for z in spending_boundaries([0.2, 0.4, 0.6, 0.8, 1.0]).critical]
    [4.88, 3.36, 2.68, 2.29, 2.03]
    """
    validate.share("confidence", confidence)
    validate.one_of("spending", spending, tuple(_SPENDING))
    validate.one_of("sides", sides, (1, 2))
    validate.positive("exponent", exponent)
    times = _rising(information)
    one_side = (1 - confidence) / sides
    spent = [_spent(spending, one_side, t, exponent) for t in times]
    critical: list[float] = []
    inside = START
    before = 0.0
    for t, now in zip(times, spent, strict=True):
        z = _crossed_with(now - before, inside, t)
        critical.append(z)
        inside = inside.at(-z if sides == 2 else -math.inf, z, t, 0.0)
        before = now
    return Boundaries(
        information=times,
        critical=tuple(critical),
        spent=tuple(sides * one for one in spent),
        sides=sides,
        confidence=confidence,
        method=_SPENDING[spending],
    )


def classical_boundaries(
    information: Sequence[float],
    *,
    shape: Shape = "obrien_fleming",
    confidence: float = 0.95,
    sides: Literal[1, 2] = 2,
) -> Boundaries:
    """Return the boundaries of O'Brien and Fleming, or of Pocock, for looks planned beforehand.

    Parameters
    ----------
    information : sequence of float
        The share of the planned units seen at each look, rising to 1.
    shape : {"obrien_fleming", "pocock"}
        Falling with the square root of the information, or the same at every look.
    confidence, sides
        As in :func:`spending_boundaries`.

    Raises
    ------
    ValueError
        If the information does not rise from above 0 to at most 1, or an option is out of range.

    Notes
    -----
    C t**-1/2 and C, with C such that the chance of a false alarm is 1 - confidence.

    References
    ----------
    O'Brien & Fleming (1979), Biometrics 35, 549-556. Pocock (1977), Biometrika 64, 191-199.

    Examples
    --------
    Jennison & Turnbull (2000), tables 2.1 and 2.3: 2.413 and 2.040.

    >>> looks = [0.2, 0.4, 0.6, 0.8, 1.0]
    >>> round(classical_boundaries(looks, shape="pocock").critical[-1], 3)
    2.413
    >>> round(classical_boundaries(looks).critical[-1], 3)
    2.04
    """
    from scipy.optimize import brentq

    validate.share("confidence", confidence)
    validate.one_of("shape", shape, tuple(_SHAPES))
    validate.one_of("sides", sides, (1, 2))
    times = _rising(information)

    def boundaries(constant: float) -> Boundaries:
        critical = tuple(constant * t ** _EXPONENTS[shape] for t in times)
        return at_critical(times, critical, sides=sides, method=_SHAPES[shape])

    constant = brentq(
        lambda c: boundaries(c).spent[-1] - (1 - confidence), 0.1, _HIGHEST, xtol=1e-10
    )
    return boundaries(float(constant))


def at_critical(
    information: Sequence[float],
    critical: Sequence[float],
    *,
    sides: Literal[1, 2] = 2,
    method: str = "given boundaries",
) -> Boundaries:
    """Return given boundaries with the chance of a false alarm that they have.

    Raises
    ------
    ValueError
        If the information does not rise from above 0 to at most 1, or the lengths differ.

    Examples
    --------
    >>> five = at_critical([0.2, 0.4, 0.6, 0.8, 1.0], [1.96] * 5)
    >>> round(five.spent[-1], 3)
    0.142
    """
    times = _rising(information)
    validate.one_of("the number of critical values", len(critical), [len(times)])
    lower = [-z if sides == 2 else -math.inf for z in critical]
    below, above = exits(lower, critical, times, drift=0.0)
    spent = (below + above).cumsum()
    return Boundaries(
        information=times,
        critical=tuple(float(z) for z in critical),
        spent=tuple(float(one) for one in spent),
        sides=sides,
        confidence=1 - float(spent[-1]),
        method=method,
    )


def equal_looks(looks: int) -> tuple[float, ...]:
    """Return the information at so many looks, each after as many units as the one before.

    Examples
    --------
    >>> equal_looks(4)
    (0.25, 0.5, 0.75, 1.0)
    """
    return tuple(look / looks for look in range(1, validate.whole("looks", looks, low=1) + 1))


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


def _rising(information: Sequence[float]) -> tuple[float, ...]:
    given = validate.listed("information", information)
    times = tuple(validate.between("information", t, 0, 1) for t in given)
    validate.whole("the number of looks", len(times), low=1)
    steps = [t - s for s, t in zip((0.0, *times), times, strict=False)]
    validate.positive("the smallest step of information", min(steps))
    return times


def _spent(spending: Spending, one_side: float, t: float, exponent: float) -> float:
    from scipy.special import ndtr, ndtri

    functions: dict[Spending, Callable[[], float]] = {
        "obrien_fleming": lambda: 2 * float(ndtr(ndtri(one_side / 2) / math.sqrt(t))),
        "pocock": lambda: one_side * math.log1p((math.e - 1) * t),
        "power": lambda: one_side * t**exponent,
    }
    return functions[spending]()


def _crossed_with(chance: float, inside: Inside, t: float) -> float:
    """Return the boundary that paths still inside cross upwards with the given chance."""
    from scipy.optimize import brentq

    if inside.beyond(_HIGHEST, t, 0.0) >= chance:
        return _HIGHEST
    return float(
        brentq(lambda z: inside.beyond(z, t, 0.0) - chance, -_HIGHEST, _HIGHEST, xtol=1e-11)
    )


@lru_cache(maxsize=256)
def _legendre(points: int) -> tuple[Array, Array]:
    return np.polynomial.legendre.leggauss(points)
