"""What an analysis needs to know of several measurements of the same units: their moments.

One unit (a customer) has several numbers: an outcome, the denominator of a ratio, what it did
before the experiment. An engine takes the sums and the sums of products over millions of units in
one scan; from then on the units are not needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.stats.means.sample_means import Sample

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

#: A sum of squared deviations below this part of the sum of squares is rounding, not spread.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moments:
    """The number, the means and the scatter of several measurements of the same units.

    Parameters
    ----------
    n : int
        The number of units.
    mean : ndarray of float, shape (k,)
        The mean of each measurement.
    scatter : ndarray of float, shape (k, k)
        The sums over units of products of deviations from the means.

    Examples
    --------
    >>> both = Moments.from_arrays([1, 2, 3], [2, 4, 9])
    >>> both.mean, both.covariance
    (array([2., 5.]), array([[ 1. ,  3.5],
           [ 3.5, 13. ]]))
    """

    n: int
    mean: Array
    scatter: Array

    @classmethod
    def from_arrays(cls, *measurements: ArrayLike) -> Moments:
        """Return the moments of arrays of shape (n,), one per measurement, units in one order.

        Raises
        ------
        ValueError
            If the arrays differ in length or hold a value that is not finite.
        """
        names = [f"measurement {place}" for place in range(1, len(measurements) + 1)]
        columns = np.array(validate.arrays(**dict(zip(names, measurements, strict=True))))
        n = columns.shape[1]
        mean = columns.mean(axis=1) if n else np.full(len(names), np.nan)
        centred = columns - mean[:, None]
        varies = columns.min(axis=1) < columns.max(axis=1) if n else np.zeros(len(names), bool)
        return cls(n=n, mean=mean, scatter=_of_those(varies, centred @ centred.T))

    @classmethod
    def from_sums(cls, n: int, sums: ArrayLike, products: ArrayLike) -> Moments:
        """Return the moments from sums over units.

        Parameters
        ----------
        n : int
            The number of units.
        sums : array_like of float, shape (k,)
            The sum of each measurement.
        products : array_like of float, shape (k, k)
            The sums of the products of each two, squares on the diagonal. Where a mean is many
            times the standard deviation, take a constant off the measurement first.

        Raises
        ------
        ValueError
            If `n` is negative, or `products` is not k by k.

        Examples
        --------
        >>> Moments.from_sums(3, [6, 15], [[14, 37], [37, 101]]).scatter
        array([[ 2.,  7.],
               [ 7., 26.]])
        """
        (total,) = validate.arrays(sums=sums)
        square = np.asarray(products, dtype=float)
        if square.shape != (total.size, total.size):
            raise ValueError(
                f"products must be {total.size} by {total.size}; got shape {square.shape}"
            )
        if not validate.whole("n", n):
            return cls(n=0, mean=np.full(total.size, np.nan), scatter=np.zeros_like(square))
        scatter = square - np.outer(total, total) / n
        return cls(n=n, mean=total / n, scatter=_cleaned(scatter, np.diag(square)))

    @classmethod
    def pooled(cls, groups: Iterable[Moments]) -> Moments:
        """Return the moments of all units of several groups together.

        Examples
        --------
        >>> parts = [Moments.from_arrays([1, 2]), Moments.from_arrays([6])]
        >>> Moments.pooled(parts).mean, Moments.pooled(parts).scatter
        (array([3.]), array([[14.]]))
        """
        kept = [group for group in groups if group.n]
        n = sum(group.n for group in kept)
        mean = np.sum([group.n * group.mean for group in kept], axis=0) / n
        scatter = np.sum(
            [
                group.scatter + group.n * np.outer(group.mean - mean, group.mean - mean)
                for group in kept
            ],
            axis=0,
        )
        return cls(n=n, mean=mean, scatter=scatter)

    @property
    def covariance(self) -> Array:
        """The covariances with n - 1, shape (k, k); nan with fewer than two units."""
        return self.scatter / (self.n - 1) if self.n > 1 else np.full(self.scatter.shape, np.nan)

    def sample(self, place: int) -> Sample:
        """Return what is known of one measurement, counted from 0."""
        variance = float(self.covariance[place, place])
        return Sample(n=self.n, mean=float(self.mean[place]), sd=variance**0.5)

    def combined(self, weights: ArrayLike) -> Moments:
        """Return the moments of weighted sums of the measurements.

        Parameters
        ----------
        weights : array_like of float, shape (m, k)
            One row per new measurement.

        Examples
        --------
        >>> Moments.from_arrays([1, 2, 3], [2, 4, 9]).combined([[-1, 1]]).mean
        array([3.])
        """
        matrix = np.asarray(weights, dtype=float)
        scatter = matrix @ self.scatter @ matrix.T
        # What cancels leaves rounding, which may even be below 0.
        parts = np.abs(matrix) @ np.abs(self.scatter) @ np.abs(matrix).T
        return Moments(n=self.n, mean=matrix @ self.mean, scatter=_cleaned(scatter, np.diag(parts)))


def _cleaned(scatter: Array, squares: Array) -> Array:
    """Return the scatter without what is rounding: a measurement that never varies has none."""
    return _of_those(np.diag(scatter) > _ROUNDING * squares, scatter)


def _of_those(varies: NDArray[np.bool_], scatter: Array) -> Array:
    """Return the scatter with nothing for a measurement that does not vary."""
    return np.where(np.outer(varies, varies), scatter, 0.0)
