"""By what factor the odds of a higher answer differ between two groups."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import (
    NO_DIFFERENCE_POSSIBLE,
    NO_GROUP,
    Comparison,
    normal_quantile,
    two_sided,
)
from cxresearch.core.documented import documented
from cxresearch.core.results import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

APART = "undefined: the groups share no more than one answer, so the odds have no limit"

_STEPS = 100
_DONE = 1e-10
_SHIFT = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdinalLogit(Comparison):
    """A fitted proportional-odds model of two groups.

    `value` is the logarithm of the odds ratio of a higher answer in the second group; below 0
    the second group answers lower.

    Parameters
    ----------
    odds_ratio : float
        Its exponential.
    thresholds : tuple of float
        The logits of answering at most each level but the last in the first group.
    loglik : float
        The logarithm of the likelihood at its maximum.
    se : float
        The standard error of `value`.

    See Also
    --------
    cxresearch.core.comparison.Comparison : The other fields.
    """

    odds_ratio: float
    thresholds: tuple[float, ...]
    loglik: float
    se: float


@documented
def proportional_odds(
    first: ArrayLike, second: ArrayLike, *, confidence: float = 0.95
) -> OrdinalLogit:
    """Estimate the log odds ratio of a higher answer in the second group.

    Parameters
    ----------
    first, second : array_like of float, shape (n,)
        The answers of two independent groups; only their order counts.
    %(confidence)s

    Returns
    -------
    OrdinalLogit
        Undefined with a note where a group is empty, all answers are the same, or the groups
        hardly overlap.

    Raises
    ------
    ValueError
        If an answer is not finite.

    Notes
    -----
    logit P(Y <= j) = threshold_j - value * g, g = 0 in the first group and 1 in the second: the
    sign of R's clm and polr, and the opposite of models with a plus. Maximum likelihood, the
    interval and the test by Wald from the observed information. It takes the odds ratio to be
    the same at every level; where one group answers at both ends it misleads.

    References
    ----------
    McCullagh (1980), J. R. Stat. Soc. B 42, 109-142. Agresti (2010), Analysis of Ordinal
    Categorical Data, 2nd ed., section 3.3.

    Examples
    --------
    >>> result = proportional_odds([3, 4, 2, 5, 3, 4], [5, 4, 5, 3, 5, 4])
    >>> round(result.value, 3), round(result.odds_ratio, 2), round(result.p_value, 3)
    (1.683, 5.38, 0.144)
    """
    validate.share("confidence", confidence)
    (a,), (b,) = validate.arrays(first=first), validate.arrays(second=second)
    value = se = loglik = math.nan
    thresholds: tuple[float, ...] = ()
    note = _note(a, b)
    if not note:
        levels = np.unique(np.r_[a, b])
        counts = np.array([(group[:, None] == levels).sum(axis=0) for group in (a, b)], dtype=float)
        best = _estimates(counts)
        value, thresholds = float(best[-1]), tuple(best[:-1].tolist())
        loglik, se = _loglik(best, counts), _standard_error(best, counts)
    margin = normal_quantile(confidence) * se
    return OrdinalLogit(
        value=value,
        ci=Interval(value - margin, value + margin),
        n=a.size + b.size,
        unit="log odds",
        confidence=confidence,
        method="proportional odds, maximum likelihood, Wald",
        note=note,
        statistic=value / se,
        p_value=two_sided(value / se),
        test="Wald z test",
        odds_ratio=math.exp(value),
        thresholds=thresholds,
        loglik=loglik,
        se=se,
    )


def _note(a: NDArray[np.float64], b: NDArray[np.float64]) -> str:
    if not (a.size and b.size):
        return NO_GROUP
    if a.min() == a.max() == b.min() == b.max():
        return NO_DIFFERENCE_POSSIBLE
    return APART if a.max() <= b.min() or b.max() <= a.min() else ""


def _shares(
    parameters: NDArray[np.float64], group: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the model's share of each level in a group, and its slope by each parameter."""
    from scipy.special import expit

    at_most = expit(parameters[:-1] - parameters[-1] * group)
    slope = at_most * (1 - at_most)
    by_parameter = np.column_stack([np.diag(slope), -group * slope])
    edge = np.zeros((1, parameters.size))
    return np.diff(at_most, prepend=0.0, append=1.0), np.diff(
        np.vstack([edge, by_parameter, edge]), axis=0
    )


def _loglik(parameters: NDArray[np.float64], counts: NDArray[np.float64]) -> float:
    """Return the log-likelihood; minus infinity where thresholds are out of order."""
    found = 0.0
    for group in (0, 1):
        shares, _ = _shares(parameters, group)
        if (shares <= 0).any():
            return -math.inf
        found += float(counts[group] @ np.log(shares))
    return found


def _score(
    parameters: NDArray[np.float64], counts: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the slope of the log-likelihood and its expected information."""
    slope, information = np.zeros(parameters.size), np.zeros((parameters.size,) * 2)
    for group in (0, 1):
        shares, by_parameter = _shares(parameters, group)
        slope += counts[group] / shares @ by_parameter
        information += counts[group].sum() * (by_parameter.T / shares) @ by_parameter
    return slope, information


def _estimates(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the thresholds and the log odds ratio of the largest likelihood, by scoring."""
    from scipy.special import logit

    at_most = counts.sum(axis=0).cumsum()[:-1] / counts.sum()
    best = np.r_[logit(at_most), 0.0]
    for _ in range(_STEPS):
        slope, information = _score(best, counts)
        step = np.linalg.solve(information, slope)
        while _loglik(best + step, counts) < _loglik(best, counts) and np.abs(step).max() > _DONE:
            step = step / 2
        best = best + step
        if np.abs(step).max() <= _DONE:
            break
    return np.asarray(best)


def _standard_error(best: NDArray[np.float64], counts: NDArray[np.float64]) -> float:
    """Return the standard error of the log odds ratio from the observed information."""
    shifts = np.eye(best.size) * _SHIFT
    curvature = np.array(
        [(_score(best + s, counts)[0] - _score(best - s, counts)[0]) / (2 * _SHIFT) for s in shifts]
    )
    return math.sqrt(float(np.linalg.inv(-curvature)[-1, -1]))
