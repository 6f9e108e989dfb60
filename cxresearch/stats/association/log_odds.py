"""Which of many things are more frequent in one group than in another, when most are rare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class LogOdds:
    """How much more frequent each thing is in the first group than in the second.

    Parameters
    ----------
    value : ndarray, shape (m,)
        The log of the odds ratio; 0 is equally frequent.
    z : ndarray, shape (m,)
        It, in standard errors.
    p_value : ndarray, shape (m,)
        Of its being no more frequent, one-sided.
    """

    value: Array
    z: Array
    p_value: Array


def log_odds(
    first: ArrayLike, second: ArrayLike, sizes: tuple[int, int], *, prior: float = 50.0
) -> LogOdds:
    """Compare how frequent each of many things is in two groups of independent units.

    Parameters
    ----------
    first, second : array_like of int, shape (m,)
        How many units of each group have each thing.
    sizes : tuple of int
        How many units each group has.
    prior : float, default 50
        How many units without a difference are added to each group: the odds ratio of what is
        rare is drawn towards 1.

    Returns
    -------
    LogOdds

    Raises
    ------
    ValueError
        If a group is empty, a count is below 0 or above the size, the lengths differ, or `prior`
        is not above 0.

    Notes
    -----
    With p the share in both groups together and a = prior p, the log-odds of a group are
    log((y + a) / (n - y + prior - a)); the variance of their difference is the sum over groups of
    1 / (y + a) + 1 / (n - y + prior - a). A thing that no unit, or every unit, has is nan.

    References
    ----------
    Monroe, Colaresi & Quinn (2008), Fightin' words, Polit. Anal. 16, 372-403.

    Examples
    --------
    >>> found = log_odds([30, 5], [10, 5], (100, 100))
    >>> found.z.round(2).tolist(), found.p_value.round(4).tolist()
    ([2.84, 0.0], [0.0023, 0.5])
    """
    from scipy.special import ndtr

    y1, y2 = validate.arrays(first=first, second=second)
    n1, n2 = (validate.whole("the size of a group", size, low=1) for size in sizes)
    validate.positive("prior", prior)
    for name, counts, size in (("first", y1, n1), ("second", y2, n2)):
        if ((counts < 0) | (counts > size)).any():
            raise ValueError(f"{name} must be between 0 and {size}")
    p = (y1 + y2) / (n1 + n2)
    there = prior * np.where((p > 0) & (p < 1), p, np.nan)
    with_it = np.stack([y1, y2]) + there
    without = np.array([[n1], [n2]]) - np.stack([y1, y2]) + prior - there
    logits = np.log(with_it / without)
    value = logits[0] - logits[1]
    z = value / np.sqrt((1 / with_it + 1 / without).sum(axis=0))
    return LogOdds(value=value, z=z, p_value=np.asarray(ndtr(-z)))
