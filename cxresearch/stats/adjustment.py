"""The mean of each group, had all groups the same covariates: CUPED and Lin's regression.

What customers did before an experiment explains much of what they do in it, and chance has given
the variants customers that differ in it. Both methods take that out; the covariates must date
from before the assignment. Everything here needs only the moments of each group.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from cxresearch import _checks
from cxresearch.stats.moments import Moments
from cxresearch.stats.quantities import Quantity

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

Method = Literal["cuped", "lin"]

#: What a result says of each method.
LABELS: dict[Method, str] = {
    "cuped": "CUPED, Welch's t",
    "lin": "regression adjustment (Lin), Welch's t",
}
#: A direction of the covariates that holds less than this part of their spread is none.
_RANK = 1e-10


def adjusted(
    groups: Sequence[Moments], *, method: Method = "cuped", ratio: bool = False
) -> tuple[Quantity, ...]:
    """Return the mean, or the ratio of totals, of each group, adjusted for covariates.

    Parameters
    ----------
    groups : sequence of Moments
        Of each variant, control first: the outcome (for a ratio: its numerator and then its
        denominator), then the covariates. A covariate that some units lack is put as 0 for them,
        with a second one that is 1 where it is there (:func:`with_indicator`).
    method : {"cuped", "lin"}
        One slope for all groups (CUPED), or one for each (Lin), which is never worse in large
        groups and better where the effect goes with the covariate or the groups differ in size.
    ratio : bool, default False
        Whether the outcome is a ratio of totals.

    Returns
    -------
    tuple of Quantity
        One per group, in order; taken as independent given the covariates' means over all units.

    Raises
    ------
    ValueError
        If `method` is not one of them, there are fewer than two groups, or one has no units.

    Notes
    -----
    m_g - b_g' (x_g - x), x being the covariates' means over all groups. CUPED: b is the slope of
    the outcome on the covariates over all units, the variance that of y - b'x over n, n - 1
    degrees of freedom. Lin: b_g is the slope within the group, the variance
    s**2 (1 / n + (x_g - x)' S_g**-1 (x_g - x)) with the residual variance s**2 on n - 1 - k
    degrees of freedom, which is the prediction of the group's own regression at x, and
    2 (b_g - b)' cov(x) (b_g - b) for the means x being those of a sample: just what the
    difference of two groups needs, a little more than those of several. A ratio R is
    adjusted through its linearised values (u - R w) / mean(w). Covariates that repeat one another
    or never vary count once or not at all.

    References
    ----------
    Deng, Xu, Kohavi & Walker (2013), WSDM (CUPED). Lin (2013), Ann. Appl. Stat. 7, 295-318.
    Negi & Wooldridge (2021), Econom. Rev. 40, 504-534 (uncertain means). Deng, Knoblich & Lu
    (2018), KDD (ratios).

    Examples
    --------
    >>> control = Moments.from_arrays([3, 5, 4, 8], [2, 4, 5, 7])
    >>> treatment = Moments.from_arrays([6, 7, 9, 4], [3, 5, 7, 1])
    >>> [round(one.value, 2) for one in adjusted([control, treatment])]
    [4.8, 6.7]
    """
    _checks.one_of("method", method, tuple(LABELS))
    _checks.whole("the number of groups", len(groups), low=2)
    for place, group in enumerate(groups, start=1):
        _checks.whole(f"n of group {place}", group.n, low=1)
    pooled = Moments.pooled(groups)
    single = [_linearised(group) if ratio else group for group in groups]
    if method == "lin":
        found = _by_own_slopes(single, _covariates(pooled, ratio=ratio))
    else:
        together = _linearised(pooled) if ratio else pooled
        found = [_by_slopes(group, together.mean[1:], _slopes(together)) for group in single]
    return tuple(
        replace(quantity, value=_level(group, ratio=ratio) + quantity.value)
        for group, quantity in zip(groups, found, strict=True)
    )


def adjusted_for_lifts(
    groups: Sequence[Moments], *, method: Method = "cuped", ratio: bool = False
) -> tuple[Quantity, ...]:
    """Return what :func:`adjusted` does, with the variance that a lift over the first group has.

    The covariates' overall means move all groups alike: that cancels in a difference, not in a
    ratio.

    Parameters
    ----------
    groups, method, ratio
        As in :func:`adjusted`.

    Returns
    -------
    tuple of Quantity
        The control as it is; each other group with the variance that is missing added to its own.

    Raises
    ------
    ValueError
        As :func:`adjusted` does.

    Notes
    -----
    (b_g - R b_1)' cov(x) / n (b_g - R b_1), R being the group's mean over the control's and x the
    covariates of all n units: what the linearised ratio of two means has from the uncertainty of
    the point at which both are adjusted. With Lin's slopes it holds a little more than is needed,
    since :func:`adjusted` has allowed for their difference already; with one slope it holds more
    where the effect goes with the covariates, as a large lift of everybody does.

    Examples
    --------
    >>> control = Moments.from_arrays([3, 5, 4, 8], [2, 4, 5, 7])
    >>> treatment = Moments.from_arrays([6, 7, 9, 4], [3, 5, 7, 1])
    >>> plain = adjusted([control, treatment])[1].variance
    >>> round(adjusted_for_lifts([control, treatment])[1].variance - plain, 3)
    0.058
    """
    control, *treatments = adjusted(groups, method=method, ratio=ratio)
    if not control.value:
        return (control, *treatments)
    pooled = Moments.pooled(groups)
    covariates = _covariates(pooled, ratio=ratio)
    own = [_linearised(group) if ratio else group for group in groups]
    one_for_all = _slopes(_linearised(pooled) if ratio else pooled)
    slopes = [_slopes(group) if method == "lin" else one_for_all for group in own]
    found = [control]
    for treatment, slope in zip(treatments, slopes[1:], strict=True):
        apart = slope - treatment.value / control.value * slopes[0]
        shared = float(apart @ (covariates.covariance / covariates.n) @ apart)
        found.append(replace(treatment, variance=treatment.variance + shared))
    return tuple(found)


def with_indicator(covariate: ArrayLike) -> tuple[Array, Array]:
    """Return a covariate that some units lack as two that none lacks.

    Parameters
    ----------
    covariate : array_like of float, shape (n,)
        The values; nan where a unit has none.

    Returns
    -------
    tuple of two ndarray
        The values with 0 for nan, and 1 where there was one, 0 elsewhere.

    Examples
    --------
    >>> with_indicator([12.5, float("nan")])
    (array([12.5,  0. ]), array([1., 0.]))
    """
    values = np.asarray(covariate, dtype=float)
    there = ~np.isnan(values)
    return np.where(there, values, 0.0), there.astype(float)


def explained(groups: Sequence[Moments]) -> float:
    """Return the share of the outcome's variance that the covariates explain, 0-1.

    With one covariate it is the squared correlation over all units, and CUPED takes this share
    off the variance; nan where the outcome does not vary.

    Raises
    ------
    ValueError
        If there are no units.

    Examples
    --------
    >>> round(explained([Moments.from_arrays([3, 5, 4, 8], [2, 4, 5, 7])]), 3)
    0.791
    """
    _checks.whole("the number of units", sum(group.n for group in groups), low=1)
    pooled = Moments.pooled(groups)
    total = float(pooled.scatter[0, 0])
    if not total:
        return math.nan
    return float(_slopes(pooled) @ pooled.scatter[1:, 0]) / total


def _level(group: Moments, *, ratio: bool) -> float:
    """Return the plain mean, or the plain ratio; nan where there is nothing to divide by."""
    if not ratio:
        return float(group.mean[0])
    return float(group.mean[0] / group.mean[1]) if group.mean[1] else math.nan


def _linearised(group: Moments) -> Moments:
    """Return the moments with one outcome, (u - R w) / mean(w), for numerator and denominator.

    Its mean is 0; nan throughout where there is nothing to divide by.
    """
    numerator, denominator = group.mean[:2]
    if not denominator:
        numerator = denominator = np.nan
    kept = group.mean.size - 2
    weights = np.zeros((kept + 1, kept + 2))
    weights[0, :2] = 1 / denominator, -numerator / denominator**2
    weights[1:, 2:] = np.eye(kept)
    return group.combined(weights)


def _covariates(pooled: Moments, *, ratio: bool) -> Moments:
    """Return the moments of the covariates alone."""
    first = 2 if ratio else 1
    return replace(pooled, mean=pooled.mean[first:], scatter=pooled.scatter[first:, first:])


def _slopes(moments: Moments) -> Array:
    """Return the least-squares slopes of the first measurement on the others."""
    return np.asarray(_inverse(moments)[0] @ moments.scatter[1:, 0])


def _inverse(moments: Moments) -> tuple[Array, int]:
    """Return the inverse of the covariates' scatter, without repeats, and its rank."""
    spread = np.sqrt(np.diag(moments.scatter)[1:])
    scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
    scales = np.outer(scale, scale)
    values, vectors = np.linalg.eigh(moments.scatter[1:, 1:] * scales)
    kept = values > _RANK * max(values.size, 1)
    vectors = vectors[:, kept]
    return (vectors / values[kept] @ vectors.T) * scales, int(kept.sum())


def _by_slopes(group: Moments, centre: Array, slopes: Array) -> Quantity:
    """Return how far the adjusted mean is from the plain one, with its variance."""
    residual = group.combined([[1.0, *-slopes]]).sample(0)
    shift = -float(slopes @ (group.mean[1:] - centre))
    return Quantity(n=group.n, value=shift, variance=residual.variance_of_mean, df=group.n - 1)


def _by_own_slopes(groups: Sequence[Moments], covariates: Moments) -> list[Quantity]:
    """Return the same with each group's own slopes, as its own regression predicts at the means.

    The means of the covariates over all units are themselves uncertain, which moves groups of
    different slopes apart.
    """
    slopes = np.array([_slopes(group) for group in groups])
    apart = slopes - slopes.mean(axis=0)
    uncertain = covariates.covariance / covariates.n
    extra = 2 * np.einsum("gi,ij,gj->g", apart, uncertain, apart)
    return [
        _predicted(group, covariates.mean, own, float(more))
        for group, own, more in zip(groups, slopes, extra, strict=True)
    ]


def _predicted(group: Moments, centre: Array, slopes: Array, extra: float) -> Quantity:
    inverse, rank = _inverse(group)
    away = group.mean[1:] - centre
    df = group.n - 1 - rank
    left = float(group.combined([[1.0, *-slopes]]).scatter[0, 0])
    variance = left / df * (1 / group.n + float(away @ inverse @ away)) if df > 0 else math.nan
    return Quantity(n=group.n, value=-float(slopes @ away), variance=variance + extra, df=df)
