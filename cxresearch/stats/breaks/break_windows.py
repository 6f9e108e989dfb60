"""The windows of weeks that a break may fill, and how far scores inside them are from chance."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from cxresearch.stats.breaks.panels import divided
from cxresearch.stats.breaks.week_noise import Scores

Array = NDArray[np.float64]

#: Weeks with data that a break needs: before it, and in it where it goes on.
BEFORE, INSIDE = 8, 2
#: How many weeks an episode lasts, and at most.
_LENGTHS = (1, 2, 3, 4, 6, 9, 14, 22, 35)
LONGEST = _LENGTHS[-1]
_LEAST_BEFORE, _LEAST_INSIDE = 8.0, 2.0
_TAIL, _DRAWS, _SEED = 3.5, 20_000, 1


class Windows(NamedTuple):
    """First week and end (exclusive) of each window."""

    first: NDArray[np.int64]
    end: NDArray[np.int64]

    def sums(self, values: Array) -> Array:
        """Return the sums of the last axis over each window."""
        total = np.cumsum(values, axis=-1)
        total = np.concatenate([np.zeros((*values.shape[:-1], 1)), total], axis=-1)
        return total[..., self.end] - total[..., self.first]

    def square_sums(self, values: Array) -> Array:
        """Return the sums of matrices (s, weeks, weeks) over each window times itself.

        A window that ends before the last week grows from one week by its next, up to the longest;
        one that reaches the last week grows from there by the week before.
        """
        series, weeks, _ = values.shape
        is_open = self.end == weeks
        length = (self.end - self.first)[~is_open]
        later = np.triu(np.ones((weeks, weeks)), 1)
        added = np.einsum("sii->si", values) + np.einsum("sij,ij->si", values, later)
        added += np.einsum("sji,ij->si", values, later)
        to_end = np.cumsum(added[:, ::-1], axis=1)[:, ::-1]
        grown = np.zeros((int(length.max(initial=0)) + 1, series, weeks))
        added = np.zeros((series, weeks))
        for size in range(1, len(grown)):
            starts = weeks - size + 1
            added = added[:, -starts:] + np.diagonal(values, 1 - size, axis1=1, axis2=2)
            if size > 1:
                added += np.diagonal(values, size - 1, axis1=1, axis2=2)
            np.add(grown[size - 1, :, :starts], added, out=grown[size, :, :starts])
        found = np.empty((series, self.first.size))
        found[:, is_open] = to_end[:, self.first[is_open]]
        found[:, ~is_open] = grown[length, :, self.first[~is_open]].T
        return found

    def weeks(self, which: int, weeks: int) -> NDArray[np.bool_]:
        """Return which weeks are inside one window."""
        week = np.arange(weeks)
        inside: NDArray[np.bool_] = (week >= self.first[which]) & (week < self.end[which])
        return inside


@lru_cache
def windows(weeks: int) -> Windows:
    """Return the windows that are looked at: to the end of the series, and some that end before.

    Examples
    --------
    >>> windows(52).first.size, windows(52).end.min()
    (325, np.int64(9))
    """
    steps = [(first, weeks) for first in range(BEFORE, weeks - INSIDE + 1)]
    gone = [
        (first, first + length)
        for length in _LENGTHS
        for first in range(BEFORE, weeks - length - INSIDE)
    ]
    first, end = np.array([*steps, *gone], dtype=np.int64).reshape(-1, 2).T
    return Windows(first, end)


@lru_cache
def looks(weeks: int) -> float:
    """Return how many single tests the windows of one series are worth, far out in the tail.

    Windows overlap, so they are worth fewer than there are. P(largest |z| of all windows > 3.5),
    over that of one z, of 20,000 series of noise with a fixed seed.
    """
    rng = np.random.default_rng(_SEED)
    seen = windows(weeks)
    shape = np.array([seen.weeks(one, weeks) for one in range(seen.first.size)], dtype=float)
    shape -= shape.mean(1, keepdims=True)
    shape /= np.sqrt((shape**2).sum(1, keepdims=True))
    shape = shape.astype(np.float32)
    beyond = 0
    for _ in range(20):
        noise = rng.standard_normal((weeks, _DRAWS // 20), dtype=np.float32)
        beyond += int((np.abs(shape @ noise).max(0) > _TAIL).sum())
    return max(beyond / _DRAWS / (2 * float(ndtr(-_TAIL))), 1.0)


class Windowed(NamedTuple):
    """What the windows say of each series, shape (s, windows).

    Parameters
    ----------
    score, information : ndarray of float
        Their ratio is the change inside the window; 1 / information is its variance.
    z : ndarray of float
        The change in standard errors, less where counts are few and lean to one side; 0 where the
        window has too little data.
    """

    score: Array
    information: Array
    z: Array

    @property
    def best(self) -> NDArray[np.int64]:
        """The window that stands out most in each series."""
        return np.abs(self.z).argmax(1)  # type: ignore[no-any-return]


def windowed(
    seen: Windows, scored: Scores, residuals: Array, inverse: Array, dispersion: Array
) -> Windowed:
    """Return what the windows say of series.

    Parameters
    ----------
    seen : Windows
        The windows.
    scored : Scores
        The scores of the series.
    residuals : ndarray of float, shape (s, weeks)
        The residuals that are looked at, those of `scored` where nothing is taken out of them.
    inverse : ndarray of float, shape (s, weeks, weeks)
        The inverse covariance of the residuals, from `Noise.precision`.
    dispersion : ndarray of float, shape (s,)
        The variance of counts over that of independent units.
    """
    information = scored.information
    root = np.sqrt(information)
    score = seen.sums(root * (inverse @ residuals[:, :, None])[:, :, 0])
    known = seen.square_sums(in_changes(inverse, root))
    inside = seen.sums(information)
    outside = information.sum(1, keepdims=True) - inside
    measured = seen.sums((information > 0).astype(float))
    before = np.cumsum(information > 0, axis=1)[:, seen.first - 1]
    asked = np.minimum(seen.end - seen.first, INSIDE)
    enough = (measured >= asked) & (before >= BEFORE) & (known > 1e-9)
    enough &= (inside > _LEAST_INSIDE) & (outside > _LEAST_BEFORE)
    z = np.where(enough, score / np.sqrt(np.where(enough, known, 1.0)), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(enough, 1 / inside + 1 / outside, 1.0)
        lean = np.where(enough, (1 / inside - 1 / outside) / np.sqrt(parts), 0.0)
    third = divided(scored.third.sum(1), information.sum(1))[:, None]
    spread = dispersion[:, None]
    counting = (known * spread * parts).clip(0, 1)  # the part of the variance that is counting
    skewness = third * lean * (2 * spread - 1) / np.sqrt(spread) * counting**1.5
    return Windowed(score, known, np.where(enough, less_skewed(z, skewness), 0.0))


def in_changes(inverse: Array, root: Array) -> Array:
    """Return the inverse covariance of changes, from that of residuals and roots of information."""
    found = inverse * root[:, :, None]
    found *= root[:, None, :]
    return found


def less_skewed(z: Array, skewness: Array) -> Array:
    """Return z as the signed root of a Poisson deviance of the same skewness; nearly normal.

    With x = z * skewness it is sign(z) sqrt(2 ((1 + x) log(1 + x) - x)) / |skewness|.

    Examples
    --------
    Eight events where one is expected: z = 7 is no seven standard errors.

    >>> less_skewed(np.array([7.0]), np.array([1.0])).round(2)
    array([4.39])
    """
    skewed = np.abs(skewness) > 1e-4
    x = np.where(skewed, z * skewness, 0.0).clip(-1 + 1e-9)
    deviance = 2 * ((1 + x) * np.log1p(x) - x)
    root = np.sqrt(deviance.clip(0)) / np.where(skewed, np.abs(skewness), 1.0)
    return np.where(skewed, np.sign(z) * root, z)
