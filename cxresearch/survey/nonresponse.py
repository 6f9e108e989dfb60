"""Who did not answer: weights learnt from behaviour, and how far the silent could move a result."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.results import Interval, Result
from cxresearch.engine import frames
from cxresearch.errors import WeightingError
from cxresearch.survey.weighting import post_stratify
from cxresearch.survey.weights import Weights

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

Method = Literal["classes", "inverse"]
NOBODY_ANSWERED = "undefined: nobody answered"
EVERYBODY_ANSWERED = "everybody answered: nothing to weight for"
MERGED = "classes of behaviour in which nobody answered were joined to their neighbours"
NO_BOUND = "nothing is certain: nobody answered"
#: The precision of the slopes' normal prior: too weak to move an estimate that is well defined,
#: enough for one where a behaviour tells who answered without fail.
_RIDGE = 0.01
_NEWTON_STEPS = 100
_LONGEST_STEP = 2.0
_CONVERGED = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds(Result):
    """Between what the answer of everybody invited must lie, whatever the silent ones think.

    Parameters
    ----------
    value : float
        The answer of those who answered, in `unit`; nan where nobody did.
    bounds : Interval
        The answer of everybody, if all silent ones gave the lowest and if all gave the highest.
    ci : Interval
        The bounds of the ends of the interval of `value`: doubt of sampling added.
    n : int
        How many answered.
    invited : int
        How many were invited.
    unit : str
        The unit.
    confidence : float
        Coverage of the interval of `value`, 0-1; that of `ci` is at least as large.
    method : str
        The name of the method.
    note : str
        What a reader must know; empty when there is nothing.
    """

    value: float
    bounds: Interval
    ci: Interval
    n: int
    invited: int
    unit: str
    confidence: float
    method: str
    note: str = ""


@documented
def response_propensity(
    answered: ArrayLike, behaviour: Mapping[str, ArrayLike] | frames.AnyFrame
) -> NDArray[Any]:
    """Estimate how likely each invited customer was to answer, given the behaviour.

    Parameters
    ----------
    %(answered)s

    Returns
    -------
    numpy.ndarray, shape (n,)
        The probabilities, strictly between 0 and 1; the share of answers where all or none
        answered.

    Raises
    ------
    %(answered_error)s
    WeightingError
        If the estimate does not converge.

    Notes
    -----
    Logistic regression on standardised behaviour by Newton's method, with a normal prior of
    precision 0.01 on the slopes: it hardly moves them, and keeps them finite where a behaviour
    tells who answered without fail.

    References
    ----------
    Little (1986), Survey nonresponse adjustments for estimates of means, Int. Stat. Rev. 54,
    139-157.

    Examples
    --------
    >>> chance = response_propensity([1, 1, 0, 1, 0, 0], {"orders": [5, 3, 3, 4, 1, 0]})
    >>> bool(chance[0] > chance[1] > chance[5])
    True
    """
    known, design = _design(answered, behaviour)
    p = design.shape[1]
    if known.all() or not known.any():
        return known.astype(float)
    penalty = np.diag([0.0] + [_RIDGE] * (p - 1))
    slopes = np.zeros(p)
    slopes[0] = math.log(known.mean() / (1 - known.mean()))
    for _ in range(_NEWTON_STEPS):
        chance = 1 / (1 + np.exp(-design @ slopes))
        gradient = design.T @ (known - chance) - penalty @ slopes
        curvature = (design.T * (chance * (1 - chance))) @ design + penalty
        step = np.linalg.solve(curvature, gradient)
        length = float(np.abs(step).max())
        if length < _CONVERGED:
            fitted: NDArray[Any] = chance
            return fitted
        # Long steps overshoot where behaviour is very skewed.
        slopes = slopes + step * min(1.0, _LONGEST_STEP / length)
    raise WeightingError("response propensity", [f"no convergence in {_NEWTON_STEPS} steps"])


@documented
def response_weights(
    answered: ArrayLike,
    behaviour: Mapping[str, ArrayLike] | frames.AnyFrame,
    *,
    method: Method = "classes",
    classes: int = 5,
) -> Weights:
    """Return weights that make those who answered stand for everybody invited.

    Parameters
    ----------
    %(answered)s
    method : {"classes", "inverse"}, default "classes"
        ``"classes"`` weights each class of alike propensity by invited over answered;
        ``"inverse"`` weights each answer by one over its propensity, which a wrong model and
        small propensities can spoil.
    classes : int, default 5
        How many classes of equal size the invited are cut into.

    Returns
    -------
    Weights
        One weight per customer who answered, in their order, with mean 1.

    Raises
    ------
    %(answered_error)s

    Notes
    -----
    They remove what behaviour explains of the difference between those who answered and the
    others, and nothing else: customers who are alike in behaviour and differ in what they think
    stay as they are. See :func:`worst_case` for how much that could be.

    References
    ----------
    Little (1986), Int. Stat. Rev. 54, 139-157. Rosenbaum & Rubin (1984), J. Am. Stat. Assoc. 79,
    516-524, for five classes.

    Examples
    --------
    Loyal customers answer three times as often.

    >>> weights = response_weights([1, 1, 1, 0, 1, 0, 0, 0], {"orders": [2] * 4 + [0] * 4})
    >>> weights.weights.round(3).tolist()
    [0.667, 0.667, 0.667, 2.0]
    """
    validate.one_of("method", method, ("classes", "inverse"))
    validate.whole("classes", classes, low=1)
    propensity = response_propensity(answered, behaviour)
    known, _ = _design(answered, behaviour)
    n = int(known.sum())
    if n in (0, len(known)):
        note = EVERYBODY_ANSWERED if n else NOBODY_ANSWERED
        name = "response classes" if method == "classes" else "inverse response propensity"
        return Weights(weights=np.ones(n), base=np.ones(n), margins=(), method=name, note=note)
    if method == "inverse":
        inverse = 1 / propensity[known]
        return Weights(
            weights=inverse / inverse.mean(),
            base=np.ones(n),
            margins=(),
            method="inverse response propensity",
        )
    cut = _classes(propensity, classes)
    joined = _joined(cut, known)
    invited = np.bincount(joined) / len(joined)
    weights = post_stratify(joined[known], dict(enumerate(invited.tolist())))
    note = MERGED if joined.max() < cut.max() else ""
    return replace(weights, method="response classes", note=note)


@documented
def who_answered(
    answered: ArrayLike,
    behaviour: Mapping[str, ArrayLike] | frames.AnyFrame,
    *,
    weights: Weights | ArrayLike | None = None,
) -> pd.DataFrame:
    """Compare those who answered with those who did not, by what is known of both.

    Parameters
    ----------
    %(answered)s
    weights : Weights or array of float, optional
        The weights of those who answered, in their order.

    Returns
    -------
    pandas.DataFrame
        One row per behaviour: `behaviour`; the means `answered`, `not_answered` and `invited`;
        `standardised_difference`, answered less not answered; with weights also `weighted`, the
        weighted mean of those who answered, and `gap`, that less the mean of the invited in the
        same standard deviations. Undefined is nan.

    Raises
    ------
    %(answered_error)s

    Notes
    -----
    The difference is divided by sqrt((s1**2 + s0**2) / 2); above 0.1 it is often taken as not
    small.

    References
    ----------
    Austin (2009), Balance diagnostics, Statistics in Medicine 28, 3083-3107.

    Examples
    --------
    >>> who_answered([1, 1, 0, 0], {"orders": [4, 2, 1, 1]})
      behaviour  answered  not_answered  invited  standardised_difference
    0    orders       3.0           1.0      2.0                      2.0
    """
    import pandas as pd

    known, _ = _design(answered, behaviour)
    rows = []
    for name, values in frames.columns(behaviour, "behaviour").items():
        x = np.asarray(values, dtype=float)
        (some, others), spread = (x[known], x[~known]), _pooled_spread(x[known], x[~known])
        row: dict[str, Any] = {
            "behaviour": str(name),
            "answered": _mean(some),
            "not_answered": _mean(others),
            "invited": _mean(x),
            "standardised_difference": (_mean(some) - _mean(others)) / spread,
        }
        if weights is not None:
            _, w = validate.arrays(answered=some, weights=np.asarray(weights))
            validate.between("smallest weight", float(w.min(initial=0.0)), 0, math.inf)
            row["weighted"] = float(w @ some / w.sum()) if w.any() else math.nan
            row["gap"] = (row["weighted"] - row["invited"]) / spread
        rows.append(row)
    return pd.DataFrame(rows)


def worst_case(
    value: float,
    *,
    answered: int,
    invited: int,
    low: float,
    high: float,
    unit: str,
    ci: Interval | None = None,
    confidence: float = 0.95,
) -> Bounds:
    """Return between what the answer of everybody invited must lie.

    Parameters
    ----------
    value : float
        The mean, share or score of those who answered, in `unit`; nan where nobody did.
    answered, invited : int
        How many answered, and how many were invited.
    low, high : float
        The lowest and highest value one answer can have: 0 and 1 for a share, -100 and 100 for a
        net promoter score in points.
    unit : str
        The unit.
    ci : Interval, optional
        The interval of `value`.
    confidence : float, default 0.95
        Its coverage, strictly between 0 and 1.

    Returns
    -------
    Bounds
        The bounds; they hold whatever the reason for silence, so they are wide.

    Raises
    ------
    ValueError
        If `value` is not from `low` to `high`, or more answered than were invited.

    Notes
    -----
    With response rate r: r * value + (1 - r) * low to r * value + (1 - r) * high.

    References
    ----------
    Manski (1989), Anatomy of the selection problem, J. Hum. Resour. 24, 343-360. Horowitz &
    Manski (1998), J. Econometrics 84, 37-58.

    Examples
    --------
    An NPS of +40 from a fifth of the invited.

    >>> worst_case(40, answered=200, invited=1000, low=-100, high=100, unit="points").bounds
    Interval(low=-72.0, high=88.0)
    """
    validate.share("confidence", confidence)
    validate.whole("invited", invited)
    validate.between("answered", validate.whole("answered", answered), 0, invited)
    validate.between("high", high, low, math.inf)
    mean = validate.between("value", value, low, high) if answered else math.nan
    rate = answered / invited if invited else 0.0

    def outer(below: float, above: float) -> Interval:
        silent = (1 - rate) * low, (1 - rate) * high
        return Interval(rate * below + silent[0], rate * above + silent[1])

    bounds = outer(mean, mean) if answered else Interval(float(low), float(high))
    doubt = Interval(math.nan, math.nan) if ci is None or not answered else outer(*ci)
    return Bounds(
        value=mean,
        bounds=bounds,
        ci=doubt,
        n=answered,
        invited=invited,
        unit=unit,
        confidence=confidence,
        method="worst-case bounds (Manski)",
        note="" if answered else NO_BOUND,
    )


def _design(
    answered: ArrayLike, behaviour: Mapping[str, ArrayLike] | frames.AnyFrame
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return who answered, and a constant beside the standardised behaviour."""
    given = frames.columns(behaviour, "behaviour")
    validate.whole("number of behaviours", len(given), low=1)
    columns = {f"behaviour {name}": np.asarray(values) for name, values in given.items()}
    known, *values = validate.arrays(answered=answered, **columns)
    for value in np.unique(known):
        validate.one_of("answered", float(value), (0.0, 1.0))
    return known.astype(bool), np.column_stack([np.ones(len(known)), *map(_standardised, values)])


def _standardised(values: NDArray[Any]) -> NDArray[Any]:
    """Return values with mean 0 and spread 1; zeros where they are all alike."""
    if not len(values) or np.ptp(values) <= _CONVERGED * np.abs(values).max():
        return np.zeros(len(values))
    scaled: NDArray[Any] = (values - values.mean()) / values.std()
    return scaled


def _classes(propensity: NDArray[Any], classes: int) -> NDArray[Any]:
    """Return the class of each, from 0, by quantiles; equal propensities are in one class."""
    edges = np.quantile(propensity, np.arange(1, classes) / classes)
    places = np.searchsorted(edges, propensity)
    return np.unique(places, return_inverse=True)[1]


def _joined(classes: NDArray[Any], answered: NDArray[Any]) -> NDArray[Any]:
    """Return the classes, those without an answer joined to the next above, or else below."""
    with_answers = np.flatnonzero(np.bincount(classes, answered))
    next_above = np.searchsorted(with_answers, np.arange(classes.max() + 1))
    joined: NDArray[Any] = np.minimum(next_above, len(with_answers) - 1)[classes]
    return joined


def _mean(values: NDArray[Any]) -> float:
    return float(values.mean()) if len(values) else math.nan


def _pooled_spread(some: NDArray[Any], others: NDArray[Any]) -> float:
    """Return the root of the mean of two variances; nan where it is 0 or undefined."""
    if min(len(some), len(others)) < 2:
        return math.nan
    variance = (some.var(ddof=1) + others.var(ddof=1)) / 2
    return math.sqrt(variance) if variance > 0 else math.nan
