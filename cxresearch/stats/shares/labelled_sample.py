"""Units with a property that a machine guessed for all of them and people saw in a few."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.results import Estimate, Interval
from cxresearch.core.unit_sums import RatioSums
from cxresearch.stats.shares.proportions import METHOD as SEEN
from cxresearch.stats.shares.proportions import clustered_proportion, rare_share_interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

NOT_SEEN = "undefined: nobody looked at any of them"

#: A part of the units not looked at below this is rounding: all were.
_ALL_SEEN = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class LabelledSample:
    """Units with a guess each, of which people looked at some.

    Parameters
    ----------
    guesses : ndarray of float, shape (n,)
        1 where the machine says that the unit has the property, else 0.
    labels : ndarray of float, shape (n,)
        1 or 0, what people saw; nan where nobody looked.
    weights : ndarray of float, shape (n,)
        Of the units looked at, one over the chance with which each was drawn, up to a factor; 0 of
        the others.
    clusters : ndarray of int, shape (n,)
        The independent unit that each belongs to, numbered from 0.
    """

    guesses: Array
    labels: Array
    weights: Array
    clusters: NDArray[np.int_]

    @classmethod
    def of(
        cls,
        guesses: ArrayLike,
        labels: ArrayLike,
        *,
        weights: ArrayLike | None = None,
        clusters: ArrayLike | None = None,
    ) -> LabelledSample:
        """Return the units of arrays of shape (n,).

        Raises
        ------
        ValueError
            If the lengths differ, a guess is neither 0 nor 1, what was seen is neither 0, 1 nor
            nan, or the weight of a unit looked at is not above 0.
        """
        (guess,) = validate.arrays(guesses=guesses)
        found = validate.answers("labels", labels, 0, 1)
        validate.one_of("the length of labels", found.size, (guess.size,))
        if not ((guess == 0) | (guess == 1)).all():
            raise ValueError("guesses must be 0 or 1")
        weight = np.ones(guess.size) if weights is None else np.asarray(weights, dtype=float)
        validate.one_of("the length of weights", weight.size, (guess.size,))
        looked = ~np.isnan(found)
        if not (np.isfinite(weight[looked]) & (weight[looked] > 0)).all():
            raise ValueError("weights must be above 0 and finite where people looked")
        units = np.arange(guess.size)
        if clusters is not None:
            names = np.asarray(clusters)
            validate.one_of("the length of clusters", names.size, (guess.size,))
            units = np.unique(names, return_inverse=True)[1]
        return cls(guess, found, np.where(looked, weight, 0.0), units)

    @property
    def looked_at(self) -> NDArray[np.bool_]:
        """Whether people looked at each unit."""
        return ~np.isnan(self.labels)

    @property
    def n(self) -> int:
        """The number of independent units that people looked at."""
        return len(np.unique(self.clusters[self.looked_at]))


def tagged_share(units: LabelledSample, *, confidence: float = 0.95) -> Estimate:
    """Estimate the share of units that the machine says have the property, which may be biased.

    Examples
    --------
    >>> tagged_share(LabelledSample.of([1, 0, 0, 0], [1, 1, None, None])).value
    0.25
    """
    return clustered_proportion(
        sums_over_clusters(units, units.guesses, 1.0), confidence=confidence
    )


@documented
def labelled_share(
    units: LabelledSample,
    *,
    among: NDArray[np.bool_] | None = None,
    long_run: bool = False,
    confidence: float = 0.95,
) -> Estimate:
    """Estimate the share from the units that people looked at alone.

    Parameters
    ----------
    units : LabelledSample
        The units; those looked at are a random sample of them, or one with known chances.
    among : ndarray of bool, shape (n,), optional
        Of which units the share is; by default of all.
    long_run : bool, default False
        Whether the share is that among all units such as these, not among these.
    %(confidence)s

    Returns
    -------
    Estimate
        The share, 0-1, with `n` independent units looked at; nan with a note where nobody looked
        at any of them.

    Raises
    ------
    %(confidence_error)s

    Notes
    -----
    The interval is :func:`cxresearch.stats.shares.rare_share_interval` on the effective
    sample size p (1 - p) / variance, the variance being that of the weighted share over clusters;
    where all seen are alike, on (sum w)**2 / sum w**2, summed over clusters. Where some units have
    clusters in common it is shortened by the squared ratio of Student's t with so many units and
    with so many clusters. Of the share among these units it is divided by the part of them that
    nobody looked at, as the others are known.

    References
    ----------
    Korn & Graubard (1998), Survey Methodology 24, 193-201. Cochran (1977), Sampling Techniques,
    3rd ed., chapter 2 (the part that nobody looked at).

    Examples
    --------
    >>> labelled_share(LabelledSample.of([1, 0, 0, 0], [1, 1, 0, None])).value
    0.6666666666666666
    """
    validate.share("confidence", confidence)
    of_all = np.ones(len(units.guesses), dtype=bool) if among is None else among
    looked = units.looked_at & of_all
    if not looked.any():
        return undefined_share(units, NOT_SEEN, SEEN, confidence)
    weights = np.where(looked, units.weights, 0.0)
    sums = sums_over_clusters(units, np.where(looked, units.labels, 0.0), weights)
    left = 1.0 if long_run else 1 - weights.sum() ** 2 / (weights @ weights) / of_all.sum()
    ci = Interval(sums.ratio, sums.ratio)
    if left > _ALL_SEEN:
        size = _effective_size(sums, int(looked.sum()), confidence) / left
        ci = rare_share_interval(sums.ratio, size, confidence)
    return cut_share(sums.ratio, ci, sums.n, confidence, method=SEEN)


def _effective_size(sums: RatioSums, units: int, confidence: float) -> float:
    """Return of how many independent units a share in clusters is worth."""
    from scipy.special import stdtrit

    p, clusters = sums.ratio, sums.n
    if not sums.variance > 0:
        size = sums.y**2 / sums.yy
    else:
        size = p * (1 - p) / (sums.variance * (clusters - 1) / clusters)
    if clusters == units:
        return size
    quantile = (1 + confidence) / 2
    t_units, t_clusters = (float(stdtrit(max(df - 1, 1), quantile)) for df in (units, clusters))
    return size * (t_units / t_clusters) ** 2


def sums_over_clusters(units: LabelledSample, x: Array, y: Array | float) -> RatioSums:
    """Return the sums over clusters of two columns, the first weighted by the second."""
    weight = np.broadcast_to(np.asarray(y, dtype=float), x.shape)
    size = int(units.clusters.max(initial=-1)) + 1
    below = np.bincount(units.clusters, weight, minlength=size)
    above = np.bincount(units.clusters, weight * x, minlength=size)
    return RatioSums.from_arrays(above[below > 0], below[below > 0])


def cut_share(
    value: float, ci: Interval, n: int, confidence: float, *, method: str, note: str = ""
) -> Estimate:
    """Return a share with its interval, both cut to 0-1."""
    return Estimate(
        value=min(max(value, 0.0), 1.0),
        ci=Interval(min(max(ci.low, 0.0), 1.0), min(max(ci.high, 0.0), 1.0)),
        n=n,
        unit="share",
        confidence=confidence,
        method=method,
        note=note,
    )


def undefined_share(units: LabelledSample, note: str, method: str, confidence: float) -> Estimate:
    """Return a share that is undefined, with the reason."""
    return Estimate(
        value=math.nan,
        ci=Interval(math.nan, math.nan),
        n=units.n,
        unit="share",
        confidence=confidence,
        method=method,
        note=note,
    )
