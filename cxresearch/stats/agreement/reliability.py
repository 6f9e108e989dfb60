"""Codes that several coders gave to the same units, and intervals from drawing units again."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cxresearch.core import validate
from cxresearch.core.results import Estimate, Interval

Array = NDArray[np.float64]
#: Takes sums over units, in the last axis, and returns a number for each of the other axes.
Coefficient = Callable[[Array], Array]
#: The same, and returns the agreement seen and by chance.
Shares = Callable[[Array], tuple[Array, Array]]

NO_PAIRS = "undefined: no unit has two codes"
NO_VARIATION = "undefined: every code is the same, so nothing is left to agree on beyond chance"
TOO_FEW = "no interval: it needs at least two units with two codes"
NO_SPREAD = "no interval: every draw gives the same value"
BOOTSTRAP = "bootstrap over units, percentile"

#: A chance agreement this near to 1 leaves nothing above it; draws this near are the same.
_NOTHING = 1e-12

_MISSING = -1
#: Draws are made in parts, so that many units need no more memory.
_CELLS = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement(Estimate):
    """How far coders agree.

    Parameters
    ----------
    coefficient : str
        Which measure it is.
    observed, expected : float
        The agreement seen and the one expected by chance, 0-1; nan where the coefficient is not
        made of them.
    categories : tuple
        The codes, in order.
    statistic, p_value : float
        The z test that agreement is no more than chance, two-sided; nan where there is none.

    See Also
    --------
    cxresearch.core.results.Estimate : The other fields; `n` counts the units compared.
    """

    coefficient: str
    observed: float
    expected: float
    categories: tuple[Any, ...]
    statistic: float = math.nan
    p_value: float = math.nan


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes as numbers: a row per unit, a column per coder, -1 where one is missing.

    Parameters
    ----------
    numbers : ndarray of int, shape (units, coders)
        Places in `categories`.
    categories : tuple
        The codes, in order.
    """

    numbers: NDArray[np.int64]
    categories: tuple[Any, ...]

    @classmethod
    def read(cls, codes: ArrayLike, categories: Sequence[Any] | None = None) -> Codes:
        """Return codes as numbers.

        Raises
        ------
        ValueError
            If `codes` is no table, or holds a code that is not one of `categories`.
        TypeError
            If the codes have no order of their own and none is given.
        """
        import pandas as pd

        table = np.asarray(codes, dtype=object)
        if table.ndim != 2:
            raise ValueError(
                f"codes must be a row per unit and a column per coder; got {table.ndim} dimensions"
            )
        there = ~pd.isna(table)
        used = set(table[there].tolist())
        if categories is None:
            ordered = tuple(_sorted(used))
        else:
            ordered = validate.listed("categories", categories)
            for code in used:
                validate.one_of("codes", code, ordered)
        place = {code: number for number, code in enumerate(ordered)}
        numbers = np.full(table.shape, _MISSING, dtype=np.int64)
        numbers[there] = [place[code] for code in table[there].tolist()]
        return cls(numbers, ordered)

    def with_at_least(self, coders: int) -> Codes:
        """Return the units that have codes of so many coders."""
        enough = (self.numbers != _MISSING).sum(axis=1) >= coders
        return Codes(self.numbers[enough], self.categories)

    @property
    def n(self) -> int:
        """The number of units."""
        return int(self.numbers.shape[0])

    @property
    def counts(self) -> Array:
        """How many coders gave each unit each code: shape (units, categories)."""
        places = np.arange(len(self.categories))
        counts = (self.numbers[:, :, None] == places).sum(axis=1)
        return np.asarray(counts, dtype=float)


def _sorted(codes: set[Any]) -> list[Any]:
    try:
        return sorted(codes)
    except TypeError:
        raise TypeError("codes must be of one kind, or their order given as categories") from None


def agreeing_pairs(counts: Array) -> Array:
    """Return the share of pairs of coders that agree on each unit; nan without a pair."""
    coders = counts.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((counts * (counts - 1)).sum(axis=1) / (coders * (coders - 1)))


def percentile_interval(
    parts: Array, coefficient: Coefficient, *, confidence: float, draws: int, rng: int
) -> Interval:
    """Return the percentile interval of a coefficient over draws of whole units.

    It is of two nan with fewer than two units, or where every draw gives the same value.

    Parameters
    ----------
    parts : ndarray, shape (units, k)
        What each unit adds to the sums.
    coefficient : callable
        Of the sums, in the last axis; nan where undefined.
    confidence, draws, rng
        As everywhere.
    """
    n = len(parts)
    found: list[Array] = []
    if n > 1:
        generator = np.random.default_rng(rng)
        # Units alike are one kind; a draw of units is how often it has each kind.
        kinds, counts = np.unique(parts, axis=0, return_counts=True)
        size = max(1, _CELLS // max(kinds.shape))
        for start in range(0, draws, size):
            often = generator.multinomial(n, counts / n, size=min(size, draws - start))
            found.append(coefficient(often @ kinds))
    values = np.concatenate(found) if found else np.array([])
    values = values[~np.isnan(values)]
    # The same value in every draw, but for the last digits.
    if not values.size or np.ptp(values) < _NOTHING:
        return Interval(math.nan, math.nan)
    low, high = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(low), float(high))


def estimate(
    coefficient: str,
    read: Codes,
    parts: Array,
    shares: Shares,
    confidence: float,
    draws: int,
    rng: int,
) -> Agreement:
    """Return a coefficient of agreement with its interval.

    Parameters
    ----------
    coefficient : str
        Its name.
    read : Codes
        The units that could be compared.
    parts : ndarray, shape (units, k)
        What each unit adds to the sums.
    shares : callable
        Of the sums, the agreement seen and by chance.
    confidence, draws, rng
        As in :func:`cxresearch.stats.agreement.krippendorff_alpha`.

    Raises
    ------
    ValueError
        If `confidence` is not strictly between 0 and 1, or `draws` is under 100.
    """
    validate.share("confidence", confidence)
    validate.whole("draws", draws, low=100)

    def beyond(sums: Array) -> Array:
        seen, by_chance = shares(sums)
        left = 1 - by_chance
        is_left = left > _NOTHING
        return np.where(is_left, (seen - by_chance) / np.where(is_left, left, 1), math.nan)

    value, seen, by_chance = math.nan, math.nan, math.nan
    ci = Interval(math.nan, math.nan)
    if read.n:
        totals = parts.sum(axis=0)
        value = float(beyond(totals))
        seen, by_chance = map(float, shares(totals))
    if not math.isnan(value):
        ci = percentile_interval(parts, beyond, confidence=confidence, draws=draws, rng=rng)
    return Agreement(
        value=value,
        ci=ci,
        n=read.n,
        unit="",
        confidence=confidence,
        method=BOOTSTRAP,
        note=note_of(read.n, value, ci),
        coefficient=coefficient,
        observed=seen,
        expected=by_chance,
        categories=read.categories,
    )


def note_of(n: int, value: float, ci: Interval) -> str:
    """Return what a reader must know of a coefficient of `n` units; empty where nothing."""
    if not n:
        return NO_PAIRS
    if math.isnan(value):
        return NO_VARIATION
    if n == 1:
        return TOO_FEW
    return NO_SPREAD if math.isnan(ci.low) else ""
