"""Ranks of values of which some are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def midranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rank of each value, from 1; ties share the mean of theirs.

    Examples
    --------
    >>> midranks(np.array([7.0, 3.0, 7.0])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[place])


def ties(values: NDArray[np.float64]) -> float:
    """Return sum(t**3 - t) over the sizes of the ties."""
    _, counts = np.unique(values, return_counts=True)
    sizes = counts.astype(float)
    return float((sizes**3 - sizes).sum())
