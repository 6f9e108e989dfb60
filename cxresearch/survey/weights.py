"""What weights cost, and means of weighted answers with an error that knows how they were made."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.results import Estimate, Interval
from cxresearch.engine import frames
from cxresearch.stats.means.ratios import NO_SPREAD, why_undefined
from cxresearch.stats.shares.proportions import wilson

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

SHARE = "weighted share, Wilson score on the effective sample size, t"
#: Sweeps over the margins until residuals stand still; one margin needs a single sweep.
_SWEEPS = 200
_STILL = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weights:
    """One weight per answer, and how the weights were made.

    It can be given wherever an array of weights is asked for.

    Parameters
    ----------
    weights : numpy.ndarray
        Of shape (n,), positive, with mean 1, in the order of the answers.
    base : numpy.ndarray
        Of shape (n,): the weights before.
    margins : tuple of numpy.ndarray
        Each of shape (n,): the level of every answer, as a number from 0, in each margin whose
        shares were made to agree with a target.
    method : str
        How the weights were made.
    note : str
        What a reader must know before using them.
    """

    weights: NDArray[Any]
    base: NDArray[Any]
    margins: tuple[NDArray[Any], ...]
    method: str
    note: str = ""

    @property
    def n(self) -> int:
        """The number of answers."""
        return len(self.weights)

    @property
    def n_eff(self) -> float:
        """The number of unweighted answers that would say as much (Kish)."""
        return effective_n(self.weights)

    @property
    def deff(self) -> float:
        """What the weights alone multiply a variance by (Kish): `n` over `n_eff`."""
        return self.n / self.n_eff if self.n else math.nan

    def to_frame(self) -> pd.DataFrame:
        """Return one row: `n`, `n_eff`, `deff`, `smallest`, `largest`, `method`, `note`."""
        import pandas as pd

        row = {
            "n": self.n,
            "n_eff": self.n_eff,
            "deff": self.deff,
            "smallest": float(self.weights.min(initial=math.inf)),
            "largest": float(self.weights.max(initial=-math.inf)),
            "method": self.method,
            "note": self.note,
        }
        return pd.DataFrame([row])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.weights, dtype=dtype, copy=copy is not False)

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(index=False, float_format="{:.4g}".format)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedMean(Estimate):
    """A mean of weighted answers.

    Parameters
    ----------
    se : float
        Its linearised standard error, in `unit`; nan where it is undefined.
    deff : float
        Its design effect: its variance over that of as many answers drawn at random.
    n_eff : float
        The number of unweighted answers that would say as much (Kish).

    See Also
    --------
    cxresearch.core.results.Estimate : The other fields.
    """

    se: float
    deff: float
    n_eff: float


def effective_n(weights: ArrayLike) -> float:
    """Return Kish's effective number of answers, sum(w)**2 / sum(w**2); nan without weight.

    Raises
    ------
    ValueError
        If a weight is negative or not finite.

    References
    ----------
    Kish (1965), Survey Sampling, section 11.7.

    Examples
    --------
    >>> effective_n([1, 1, 1, 1]), round(effective_n([2, 1, 1]), 3)
    (4.0, 2.667)
    """
    w = _not_negative(weights)
    return float(w.sum() ** 2 / (w @ w)) if w.any() else math.nan


@documented
def weighted_mean(
    values: ArrayLike,
    weights: Weights | ArrayLike,
    *,
    unit: str,
    clusters: ArrayLike | None = None,
    population: int | None = None,
    confidence: float = 0.95,
) -> WeightedMean:
    """Estimate the mean of weighted answers.

    Parameters
    ----------
    values : array of float, shape (n,)
        The answers; +1, 0 and -1 for a net promoter score on -1 to 1.
    weights : Weights or array of float, shape (n,)
        What each answer stands for, not how often it was given. From :class:`Weights` the error
        also learns what agreeing with the targets took out of the variance.
    unit : str
        The unit of the answers.
    clusters : array, shape (n,), optional
        Who gave each answer, when some gave several; by default nobody did. An answer without a
        name is of a person of its own.
    population : int, optional
        How many independent units could have answered; the variance is then reduced by the part
        that did. By default it is endless.
    %(confidence)s

    Returns
    -------
    WeightedMean
        The mean, with `n` independent units; nan with a note where there is no weight, and an
        interval of nan with a note where there are fewer than two units or no spread.

    Raises
    ------
    ValueError
        If a value is not finite, a weight is negative, the arrays differ in length, or the
        population is smaller than the number of units.

    Notes
    -----
    sum(w y) / sum(w). With e_i = y_i less the mean, or less its base-weighted regression on the
    margins for weights made to agree with targets, and u_i = w_i e_i / sum(w) summed within each
    of m clusters, the variance is (1 - m / population) m / (m - 1) sum((u_c - mean(u))**2). It is
    that of ``svymean`` in R's survey package, also after ``postStratify`` there, and after
    ``rake`` where the base weights are equal; where they are not, R's regression on the margins
    takes every answer alike, and its error is a little different. Answers of weight 0 are
    nobody's. Weights learnt from the sample itself are taken as known. The interval is the mean
    -+ t_{m-1} times the error: with few answers in some level it is too short. That of a share
    (`unit` is "share" and no value is outside 0-1) is Wilson's on the effective sample size
    p (1 - p) / variance, with t; where all answers are 0, or 1, that size is Kish's.

    References
    ----------
    Lumley (2004), Analysis of complex survey samples, J. Stat. Softw. 9(8). Deville & Sarndal
    (1992), Calibration estimators in survey sampling, J. Am. Stat. Assoc. 87, 376-382.

    Examples
    --------
    >>> result = weighted_mean([1, 0, -1, 1], [1, 2, 1, 1], unit="points")
    >>> result.value, round(result.se, 4), round(result.n_eff, 2)
    (0.2, 0.3919, 3.57)
    """
    validate.share("confidence", confidence)
    y, w = validate.arrays(values=values, weights=np.asarray(weights))
    w = _not_negative(w)
    there = w > 0
    who = np.arange(len(y)) if clusters is None else _codes(clusters, len(y))
    _, who = np.unique(who[there], return_inverse=True)
    units = int(who.max(initial=-1)) + 1
    if population is not None:
        validate.whole("population", population, low=units)
    value = float(w @ y / w.sum()) if w.any() else math.nan
    # Answers that are all alike leave rounding, not spread.
    still = _STILL * float(np.abs(y).max(initial=0))
    moves = influence(weights, (y - value)[:, None], there, still=still)[there, 0]
    error = _error_of_mean(moves, who, units)
    apart = (y - value)[there]
    drawn = float(w[there] @ apart**2 / w.sum()) / (len(apart) - 1) if error > 0 else math.nan
    se = error * math.sqrt(1 - units / population) if population else error
    note = why_undefined(value, units) or ("" if se else NO_SPREAD)
    ci, method = _t_interval(value, se, units, confidence), "weighted mean, linearised, t"
    if unit == "share" and y.size and 0 <= y.min() <= y.max() <= 1:
        share = share_at(value, se**2, units, alike=effective_n(w), confidence=confidence)
        if not math.isnan(share.low):
            ci, method, note = share, SHARE, ""
    return WeightedMean(
        value=value,
        ci=ci,
        n=units,
        unit=unit,
        confidence=confidence,
        method=method,
        note=note,
        se=se,
        deff=error**2 / drawn,
        n_eff=effective_n(w),
    )


def influence(
    weights: Weights | ArrayLike,
    apart: NDArray[Any],
    there: NDArray[Any],
    *,
    still: float = _STILL,
) -> NDArray[Any]:
    """Return how much each answer moves weighted means over some of the answers.

    Parameters
    ----------
    weights : Weights or array of float, shape (n,)
        The weights of all answers.
    apart : array of float, shape (n, k)
        How far each is from each mean; anything where there is no answer.
    there : array of bool, shape (n,)
        Which answers the means are over.
    still : float
        What is not above it is rounding.

    Notes
    -----
    w_i e_i / sum(w of those there). An answer that is not there has e_i = 0, and yet moves a mean
    where the weights agree with targets: what is left by the regression on the margins.
    """
    w = near_1(np.asarray(weights, dtype=float))
    left = np.where(there[:, None], apart, 0.0)
    if isinstance(weights, Weights):
        some = w > 0
        margins = tuple(np.unique(one[some], return_inverse=True)[1] for one in weights.margins)
        for column in range(left.shape[1]):
            left[some, column] = _residuals(left[some, column], weights.base[some], margins, still)
    moves: NDArray[Any] = w[:, None] * np.where(np.abs(left) <= still, 0.0, left)
    total = float(w @ there)
    return moves / total if total else np.full_like(moves, np.nan)


def share_at(p: float, variance: float, n: int, *, alike: float, confidence: float) -> Interval:
    """Return Wilson's interval of a weighted share on the sample size that has its variance.

    Parameters
    ----------
    p, variance : float
        The share and its linearised variance.
    n : int
        The number of independent units.
    alike : float
        The sample size where every answer is 0 or every one is 1, which has no variance.
    confidence : float
        Coverage of the interval, strictly between 0 and 1.

    References
    ----------
    Korn & Graubard (1998), Survey Methodology 24, 193-201.

    Examples
    --------
    >>> [round(end, 3) for end in share_at(1.0, 0.0, 10, alike=8.0, confidence=0.95)]
    [0.61, 1.0]
    """
    from scipy.special import stdtrit

    p = round(p) if math.isclose(p, round(p), rel_tol=0, abs_tol=_STILL) else p
    if n < 2 or not variance >= 0 or (not variance and p not in (0, 1)):
        return Interval(math.nan, math.nan)
    size = p * (1 - p) / variance if variance else alike
    return wilson(p, size, float(stdtrit(n - 1, (1 + confidence) / 2)))


def _error_of_mean(moves: NDArray[Any], who: NDArray[Any], m: int) -> float:
    """Return the standard error of a weighted mean over `m` clusters; nan with fewer than two."""
    if m < 2:
        return math.nan
    influence = np.bincount(who, moves)
    return math.sqrt(m / (m - 1) * float(((influence - influence.mean()) ** 2).sum()))


def _residuals(
    values: NDArray[Any], base: NDArray[Any], margins: tuple[NDArray[Any], ...], still: float
) -> NDArray[Any]:
    """Return what the levels of the margins leave of the values, by base-weighted least squares."""
    left = values
    for _ in range(_SWEEPS if margins else 0):
        before = left
        for codes in margins:
            means = np.bincount(codes, base * left) / np.bincount(codes, base)
            left = left - means[codes]
        if np.allclose(left, before, rtol=0, atol=still):
            break
    return left


def _codes(clusters: ArrayLike, n: int) -> NDArray[Any]:
    codes = frames.customer_codes(np.asarray(clusters, dtype=object))
    if len(codes) != n:
        # The rule and its words are those of any two arrays.
        validate.arrays(values=[0.0] * n, clusters=[0.0] * len(codes))
    return codes


def near_1(weights: NDArray[Any]) -> NDArray[Any]:
    """Return weights in the same proportions, the largest from 1/2 to 1, without any rounding.

    The squares of very large or small ones would be infinite or 0.

    Examples
    --------
    >>> near_1(np.array([2.0, 8.0])).tolist()
    [0.125, 0.5]
    """
    found: NDArray[Any] = np.ldexp(weights, -int(np.frexp(weights.max(initial=0.0))[1]))
    return found


def _not_negative(weights: ArrayLike) -> NDArray[Any]:
    (w,) = validate.arrays(weights=weights)
    if w.size:
        validate.between("smallest weight", float(w.min()), 0, math.inf)
    return near_1(w)


def _t_interval(value: float, se: float, n: int, confidence: float) -> Interval:
    from scipy.special import stdtrit

    if not se > 0:
        return Interval(math.nan, math.nan)
    margin = float(stdtrit(n - 1, (1 + confidence) / 2)) * se
    return Interval(value - margin, value + margin)
