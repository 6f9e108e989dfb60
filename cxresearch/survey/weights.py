"""What weights cost, and means of weighted answers with an error that knows how they were made."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cxresearch import _checks, frames
from cxresearch.results import Estimate, Interval
from cxresearch.stats.ratios import NO_SPREAD, why_undefined

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

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
        import numpy as np

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
    cxresearch.results.Estimate : The other fields.
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
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

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
    that of ``svymean`` in R's survey package, also after ``postStratify`` and ``rake`` there.
    Weights learnt from the sample itself are taken as known. The interval is the mean -+ t_{m-1}
    times the error: with few answers in some level it is too short.

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
    import numpy as np

    _checks.share("confidence", confidence)
    y, w = _checks.arrays(values=values, weights=np.asarray(weights))
    _not_negative(w)
    if isinstance(weights, Weights):
        base, margins = weights.base, weights.margins
    else:
        base, margins = w, ()
    who = np.arange(len(y)) if clusters is None else _codes(clusters, len(y))
    units = len(np.unique(who))
    if population is not None:
        _checks.whole("population", population, low=units)
    value = float(w @ y / w.sum()) if w.any() else math.nan
    apart = y - value
    # Answers that are all alike leave rounding, not spread.
    still = _STILL * float(np.abs(y).max(initial=0))
    error = _error_of_mean(w, _residuals(apart, base, margins, still), who, units)
    drawn = float(w @ apart**2 / w.sum()) / (len(y) - 1) if error > 0 else math.nan
    se = error * math.sqrt(1 - units / population) if population else error
    return WeightedMean(
        value=value,
        ci=_t_interval(value, se, units, confidence),
        n=units,
        unit=unit,
        confidence=confidence,
        method="weighted mean, linearised, t",
        note=why_undefined(value, units) or ("" if se else NO_SPREAD),
        se=se,
        deff=error**2 / drawn,
        n_eff=effective_n(w),
    )


def _error_of_mean(w: NDArray[Any], residuals: NDArray[Any], who: NDArray[Any], m: int) -> float:
    """Return the standard error of a weighted mean over `m` clusters; nan with fewer than two."""
    import numpy as np

    if m < 2 or not w.any():
        return math.nan
    influence = np.bincount(who, w * residuals / w.sum())
    return math.sqrt(m / (m - 1) * float(((influence - influence.mean()) ** 2).sum()))


def _residuals(
    values: NDArray[Any], base: NDArray[Any], margins: tuple[NDArray[Any], ...], still: float
) -> NDArray[Any]:
    """Return what the levels of the margins leave of the values, by base-weighted least squares.

    What is not above `still` is rounding and becomes 0.
    """
    import numpy as np

    left = values
    for _ in range(_SWEEPS if margins else 0):
        before = left
        for codes in margins:
            means = np.bincount(codes, base * left) / np.bincount(codes, base)
            left = left - means[codes]
        if np.allclose(left, before, rtol=0, atol=still):
            break
    settled: NDArray[Any] = np.where(np.abs(left) <= still, 0.0, left)
    return settled


def _codes(clusters: ArrayLike, n: int) -> NDArray[Any]:
    import numpy as np

    codes = frames.customer_codes(np.asarray(clusters, dtype=object))
    if len(codes) != n:
        # The rule and its words are those of any two arrays.
        _checks.arrays(values=[0.0] * n, clusters=[0.0] * len(codes))
    return codes


def _not_negative(weights: ArrayLike) -> NDArray[Any]:
    (w,) = _checks.arrays(weights=weights)
    if w.size:
        _checks.between("smallest weight", float(w.min()), 0, math.inf)
    return w


def _t_interval(value: float, se: float, n: int, confidence: float) -> Interval:
    from scipy.special import stdtrit

    if not se > 0:
        return Interval(math.nan, math.nan)
    margin = float(stdtrit(n - 1, (1 + confidence) / 2)) * se
    return Interval(value - margin, value + margin)
