"""Sums over independent units: all that a ratio, a mean or a difference needs of the data.

The units are customers, or what else is independent. An engine takes the sums of some columns and
of the products of each two of them over millions of units in one scan; from then on the units are
not needed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any, TypeVar

from cxresearch.core import validate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    #: What each cluster has of a ratio, and what it is a ratio of.
    Side = tuple[NDArray[np.float64], NDArray[np.float64]]

_Item = TypeVar("_Item")

#: A sum of squares below this part of the squares it is the difference of is rounding, not spread.
_ROUNDING = 1e-12
#: The same of squares that are of each cluster's difference.
_ROUNDING_OF_EACH = 1e-26
#: Below this part of them it has lost digits that count.
_CLOSE = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioSums:
    """The sums over clusters from which a ratio and its spread follow.

    Parameters
    ----------
    n : int
        The number of clusters.
    x, y : float
        The sums of the numerator and of the denominator.
    xx, xy, yy : float
        The sums over clusters of their squares and of their product.
    squares : float, optional
        The sum of (x_c - ratio * y_c)**2 where it was taken over the clusters themselves: the
        other sums lose it where the clusters hardly differ for how far they are from 0.

    Examples
    --------
    Two customers: one spent 30 on 2 orders, the other 10 on 1.

    >>> RatioSums.from_arrays([30, 10], [2, 1])
    RatioSums(n=2, x=40.0, y=3.0, xx=1000.0, xy=70.0, yy=5.0)
    """

    n: int
    x: float
    y: float
    xx: float
    xy: float
    yy: float
    squares: float | None = field(default=None, repr=False, compare=False)

    @classmethod
    def from_arrays(cls, x: ArrayLike, y: ArrayLike) -> RatioSums:
        """Return the sums of two arrays of shape (n,), one value per cluster.

        Raises
        ------
        ValueError
            If the arrays differ in length or hold a value that is not finite.
        """
        a, b = validate.arrays(x=x, y=y)
        found = cls(
            n=len(a),
            x=float(a.sum()),
            y=float(b.sum()),
            xx=float(a @ a),
            xy=float(a @ b),
            yy=float(b @ b),
        )
        left = a - found.ratio * b
        return replace(found, squares=float(left @ left)) if found.is_close else found

    @property
    def ratio(self) -> float:
        """The total of the numerator over that of the denominator; nan where the latter is 0."""
        return self.x / self.y if self.y else math.nan

    @property
    def variance(self) -> float:
        """The linearised variance of the ratio; nan with fewer than two clusters.

        It is n / (n - 1) * sum((x_c - ratio * y_c)**2) / y**2.
        """
        if self.n < 2 or not self.y:
            return math.nan
        least = _ROUNDING if self.squares is None else _ROUNDING_OF_EACH
        squares = self._squares if self.squares is None else self.squares
        if squares <= least * self._sizes:
            return 0.0
        return self.n / (self.n - 1) * squares / self.y**2

    @property
    def is_close(self) -> bool:
        """Whether the clusters differ by too little for these sums to tell by how much."""
        if self.n < 2 or not self.y or self.xx == self.xy == self.yy:
            return False
        return self._sizes > 0 and self._squares <= _CLOSE * self._sizes

    @property
    def _squares(self) -> float:
        return self.xx - 2 * self.ratio * self.xy + self.ratio**2 * self.yy

    @property
    def _sizes(self) -> float:
        return self.xx + self.ratio**2 * self.yy


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossSums:
    """The sums over clusters of products between two ratios' numerators and denominators.

    Parameters
    ----------
    n : int
        The number of clusters with a part in either ratio.
    xx, xy, yx, yy : float
        The sums over clusters of first times second: numerator and numerator, numerator and
        denominator, denominator and numerator, denominator and denominator.
    """

    n: int
    xx: float
    xy: float
    yx: float
    yy: float

    @classmethod
    def from_arrays(cls, first: Side, second: Side) -> CrossSums:
        """Return the sums of what each cluster has in either ratio, numerator and denominator."""
        (x1, y1), (x2, y2) = first, second
        return cls(
            n=int(((y1 > 0) | (y2 > 0)).sum()),
            xx=float(x1 @ x2),
            xy=float(x1 @ y2),
            yx=float(y1 @ x2),
            yy=float(y1 @ y2),
        )


@dataclass(frozen=True, slots=True)
class UnitSums:
    """The number of clusters, and the sums over them of columns and of products of two columns.

    `sums` has each by its name: a column, :func:`product` of two, :func:`is_part` of one.
    """

    n: int
    sums: dict[str, float]

    @classmethod
    def of(cls, row: dict[str, Any]) -> UnitSums:
        """Return the sums in a row with `n` and each by its name; a sum over no rows is 0."""
        return cls(int(row["n"]), {name: float(row[name] or 0) for name in row if name != "n"})

    @classmethod
    def from_arrays(cls, **columns: ArrayLike) -> UnitSums:
        """Return the sums of arrays of shape (n,), one value per cluster.

        Raises
        ------
        ValueError
            If the arrays differ in length or hold a value that is not finite.
        """
        found = dict(zip(columns, validate.arrays(**columns), strict=True))
        sums = {name: float(one.sum()) for name, one in found.items()}
        sums |= {is_part(name): float((one != 0).sum()) for name, one in found.items()}
        sums |= {product(a, b): float(found[a] @ found[b]) for a, b in pairs(sorted(found))}
        return cls(len(next(iter(found.values()))), sums)

    def with_others(self, count: int, column: str) -> UnitSums:
        """Return the sums with so many more clusters, that have 1 in a column, else nothing."""
        more = {column: count, product(column, column): count, is_part(column): count}
        sums = {name: value + more.get(name, 0) for name, value in self.sums.items()}
        return UnitSums(self.n + count, sums)

    def clusters(self, column: str) -> int:
        """Return the number of clusters whose sum of a column is not 0."""
        return int(self.sums[is_part(column)])

    def product(self, a: str, b: str) -> float:
        """Return the sum over clusters of two columns' product."""
        return self.sums[product(*sorted((a, b)))]

    def ratio(self, x: str, y: str) -> RatioSums:
        """Return the sums for the ratio of two columns."""
        return RatioSums(
            n=self.n,
            x=self.sums[x],
            y=self.sums[y],
            xx=self.product(x, x),
            xy=self.product(x, y),
            yy=self.product(y, y),
        )

    def cross(self, first: tuple[str, str], second: tuple[str, str]) -> CrossSums:
        """Return the products between two ratios, each given as numerator and denominator."""
        (x1, y1), (x2, y2) = first, second
        return CrossSums(
            n=self.n,
            xx=self.product(x1, x2),
            xy=self.product(x1, y2),
            yx=self.product(y1, x2),
            yy=self.product(y1, y2),
        )

    def __add__(self, other: UnitSums) -> UnitSums:
        sums = {name: value + other.sums[name] for name, value in self.sums.items()}
        return UnitSums(self.n + other.n, sums)


def product(a: str, b: str) -> str:
    """Return the name of the sum of two columns' product."""
    return f"{a} * {b}"


def is_part(column: str) -> str:
    """Return the name of the number of units that have something in a column."""
    return f"{column} is not 0"


def pairs(items: Iterable[_Item]) -> list[tuple[_Item, _Item]]:
    """Return each two of some columns, or places, of which there is a product: squares included."""
    return list(combinations_with_replacement(items, 2))
