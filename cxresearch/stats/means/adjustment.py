"""The mean of each group, had all groups the same covariates: CUPED and Lin's regression.

What customers did before an experiment explains much of what they do in it, and chance has given
the variants customers that differ in it. Both methods take that out; the covariates must date
from before the assignment. Everything here needs only the moments of each group.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from cxresearch.core import validate
from cxresearch.stats.means.estimators import ValueWithVariance
from cxresearch.stats.means.moments import Moments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Method = Literal["cuped", "lin"]

#: What a result says of each method.
LABELS: dict[Method, str] = {
    "cuped": "CUPED, Welch's t",
    "lin": "regression adjustment (Lin), Welch's t",
}
#: A direction of the covariates that holds less than this part of their spread is none.
_RANK = 1e-10
#: Slopes that differ by less than this part of them are the same.
_ROUNDING = 1e-12


def adjusted(
    groups: Sequence[Moments], *, method: Method = "cuped", ratio: bool = False
) -> tuple[ValueWithVariance, ...]:
    """Return the mean, or the ratio of totals, of each group, adjusted for covariates.

    Parameters
    ----------
    groups : sequence of Moments
        Of each variant, control first: the outcome (for a ratio: its numerator and then its
        denominator), then the covariates. A covariate that some units lack is put as 0 for them,
        with a second one that is 1 where it is there.
    method : {"cuped", "lin"}
        One slope for all groups (CUPED), or one for each (Lin), which is never worse in large
        groups and better where the effect goes with the covariate or the groups differ in size.
    ratio : bool, default False
        Whether the outcome is a ratio of totals.

    Returns
    -------
    tuple of ValueWithVariance
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
    arms, covariates = _arms(groups, method=method, ratio=ratio)
    centre = np.mean([arm.slopes for arm in arms], axis=0)
    apart = [_apart(arm.slopes, centre) for arm in arms]
    return tuple(
        replace(arm.quantity, variance=arm.quantity.variance + 2 * _uncertain(covariates, slopes))
        for arm, slopes in zip(arms, apart, strict=True)
    )


def adjusted_for_lifts(
    groups: Sequence[Moments], *, method: Method = "cuped", ratio: bool = False
) -> tuple[tuple[ValueWithVariance, ValueWithVariance], ...]:
    """Return the adjusted means of the control and of each treatment, as their lift needs them.

    The covariates' overall means move all groups: alike in a difference of one slope, where that
    cancels, and not in a ratio, where it may add to the chance of a group or take from it.

    Parameters
    ----------
    groups, method, ratio
        As in :func:`adjusted`.

    Returns
    -------
    tuple of (ValueWithVariance, ValueWithVariance)
        The control and the treatment, for each treatment in order. The values are those of
        :func:`adjusted`; the variances are those of two independent numbers with the same ratio
        and the same chance in it.

    Raises
    ------
    ValueError
        As :func:`adjusted` does.

    Notes
    -----
    The lift moves as m_t - R m_c does, R = m_t / m_c. By a unit i of group g that is
    c_g (y_i - b_g' x_i) / n_g + d' x_i / n, with c = -R for the control, 1 for the treatment and
    0 for any other, d = b_t - R b_c and n units in all. Every group is independent, so its share
    of the variance is n_g times the variance of that over its units; Lin's residuals go with no
    covariate, which leaves c_g**2 times the variance of :func:`adjusted` and d' cov(x) d / n.

    References
    ----------
    Deng, Knoblich & Lu (2018), KDD (delta method). Negi & Wooldridge (2021), Econom. Rev. 40,
    504-534 (uncertain means).

    Examples
    --------
    >>> control = Moments.from_arrays([3, 5, 4, 8], [2, 4, 5, 7])
    >>> treatment = Moments.from_arrays([6, 7, 9, 4], [3, 5, 7, 1])
    >>> [round(one.variance, 2) for one in adjusted([control, treatment])]
    [0.26, 0.02]
    >>> [round(one.variance, 2) for one in adjusted_for_lifts([control, treatment])[0]]
    [0.31, 0.05]
    """
    (control, *treatments), covariates = _arms(groups, method=method, ratio=ratio)
    return tuple(_pair(control, one, covariates, method=method) for one in treatments)


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
    validate.whole("the number of units", sum(group.n for group in groups), low=1)
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


@dataclass(frozen=True, slots=True, eq=False)
class _Arm:
    """A group's outcome and covariates, its slopes, and its mean adjusted by them.

    The variance is that given the covariates' means over all units.
    """

    moments: Moments
    slopes: Array
    quantity: ValueWithVariance


def _arms(groups: Sequence[Moments], *, method: Method, ratio: bool) -> tuple[list[_Arm], Moments]:
    """Return the groups adjusted, and the moments of the covariates over all units."""
    validate.one_of("method", method, tuple(LABELS))
    validate.whole("the number of groups", len(groups), low=2)
    for place, group in enumerate(groups, start=1):
        validate.whole(f"n of group {place}", group.n, low=1)
    pooled = Moments.pooled(groups)
    covariates = _covariates(pooled, ratio=ratio)
    whole = _linearised(pooled) if ratio else pooled
    one_for_all = _slopes(whole)
    # Slopes that go through every unit leave nothing that is the groups'.
    is_defined = method == "lin" or pooled.n - len(groups) >= _inverse(whole)[1]
    arms = []
    for group in groups:
        moments = _linearised(group) if ratio else group
        slopes = _slopes(moments) if method == "lin" else one_for_all
        away = moments.mean[1:] - covariates.mean
        residual = moments.combined([[1.0, *-slopes]]).sample(0)
        quantity = ValueWithVariance(
            n=group.n,
            value=_level(group, ratio=ratio) - float(slopes @ away) if is_defined else math.nan,
            variance=residual.variance_of_mean,
            df=group.n - 1,
        )
        if method == "lin":
            quantity = _predicted(moments, away, quantity)
        arms.append(_Arm(moments, slopes, quantity))
    return arms, covariates


def _predicted(moments: Moments, away: Array, quantity: ValueWithVariance) -> ValueWithVariance:
    """Return the mean with the variance that the group's own regression has so far away."""
    inverse, rank = _inverse(moments)
    df = moments.n - 1 - rank
    if df < 1:
        return replace(quantity, variance=math.nan, df=df)
    residual = quantity.variance * quantity.df / df
    farther = 1 + moments.n * float(away @ inverse @ away)
    return replace(quantity, variance=residual * farther, df=df)


def _pair(
    control: _Arm, treatment: _Arm, covariates: Moments, *, method: Method
) -> tuple[ValueWithVariance, ValueWithVariance]:
    """Return a control and a treatment with the variances that their lift needs."""
    own = control.quantity, treatment.quantity
    if not own[0].value or not own[1].value:
        return own  # there is no lift, or it is -1 and has no logarithm
    ratio = own[1].value / own[0].value
    shared = _apart(treatment.slopes, ratio * control.slopes)
    if method == "lin":
        farther = own[1].variance + _uncertain(covariates, shared)
        return own[0], replace(own[1], variance=farther)
    n = covariates.n
    others = (n - own[0].n - own[1].n) / n * _uncertain(covariates, shared)
    first, second = (
        _variance(arm, weight, shared / n) for arm, weight in ((control, -ratio), (treatment, 1.0))
    )
    return (
        replace(own[0], variance=first / ratio**2),
        replace(own[1], variance=second + others),
    )


def _variance(arm: _Arm, weight: float, shared: Array) -> float:
    """Return the variance of what a group's units add, each by its residual and its covariates."""
    n = arm.moments.n
    row = np.array([weight / n, *(shared - weight / n * arm.slopes)])
    return n**2 * arm.moments.combined([row]).sample(0).variance_of_mean


def _apart(slopes: Array, others: Array) -> Array:
    """Return how far slopes are apart; what differs by rounding does not."""
    return np.where(np.isclose(slopes, others, rtol=_ROUNDING, atol=0), 0.0, slopes - others)


def _uncertain(covariates: Moments, slopes: Array) -> float:
    """Return the variance that the covariates' means over all units have along slopes."""
    return float(slopes @ (covariates.covariance / covariates.n) @ slopes)
