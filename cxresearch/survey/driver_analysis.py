"""Which parts of the experience go with the outcome, and how much of it each one accounts for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.results import Interval, Result
from cxresearch.engine import frames
from cxresearch.survey import importance

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

TOO_FEW = "undefined: there are too few complete answers for so many drivers"
NO_SPREAD = "undefined: every outcome is the same"
NO_DRIVER = "undefined: on every driver all answers are the same"
CONSTANT = "drivers on which every answer is the same are left out"
COLLINEAR = "some drivers follow entirely from the others and have no slope of their own"
NO_RESAMPLES = "no interval: there were no resamples"
#: A spread below this part of the largest value is rounding.
_ROUNDING = 1e-12
#: How many subsets are held at once in the bootstrap.
_SUBSETS_AT_ONCE = 2**20
_METHOD_NAMES = {
    "lmg": "LMG (Shapley) shares of R2",
    "johnson": "Johnson's relative weights",
    "first": "squared correlation",
    "last": "usefulness beyond all others",
    "betasq": "squared standardised slope",
    "pratt": "Pratt's product",
    "car": "CAR scores",
}
_COLUMNS = (
    *("importance", "importance_low", "importance_high"),
    *("share", "share_low", "share_high"),
    *("correlation", "slope", "vif"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drivers(Result):
    """The drivers of an outcome.

    Parameters
    ----------
    r2 : float
        The share of the outcome's variance that all drivers explain, 0-1; nan where it is
        undefined, and then `note` says why.
    ci : Interval
        Its bootstrap interval.
    drivers : pandas.DataFrame
        One row per driver, in the order given: `driver`; `importance`, its part of `r2`, and its
        interval in `importance_low` and `importance_high`; `share`, that part over the sum of all,
        with `share_low` and `share_high`; `correlation` with the outcome; `slope`, between
        standardised variables with the others held; and `vif`, its variance inflation factor.
        The importance has no sign: read it beside the other two. A driver that is constant has nan.
    n : int
        The number of complete answers.
    missing : int
        The number of answers left out because something in them is missing.
    unit : str
        ``"share"``.
    confidence : float
        Coverage of each interval, 0-1.
    method : str
        The rule of importance and of the interval.
    note : str
        What a reader must know before using the numbers.
    """

    r2: float
    ci: Interval
    drivers: pd.DataFrame
    n: int
    missing: int
    unit: str
    confidence: float
    method: str
    note: str = ""


@documented
def key_drivers(
    outcome: ArrayLike,
    predictors: Mapping[str, ArrayLike] | frames.AnyFrame,
    *,
    method: importance.Method = "lmg",
    weights: ArrayLike | None = None,
    respondents: ArrayLike | None = None,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> Drivers:
    """Estimate how much of an outcome's variance each driver accounts for in a linear model.

    Parameters
    ----------
    outcome : array of float, shape (n,)
        The outcome of each answer, for example a likelihood to recommend; may be missing.
    predictors : mapping of str to array of float, shape (n,), or frame
        The drivers by name; values may be missing. An answer with anything missing is left out
        and counted.
    method : {"lmg", "johnson", "first", "last", "betasq", "pratt", "car"}
        The rule, see :func:`cxresearch.survey.importance.decompose_r2`. ``"lmg"`` takes up to
        15 drivers; ``"johnson"`` takes any number and is near it.
    weights : array of float, shape (n,), optional
        What each answer stands for, not negative; by default all the same.
    respondents : array, shape (n,), optional
        Who gave each answer, when some gave several: they are resampled with all their answers.
    %(confidence)s
    resamples : int, default 1000
        Bootstrap samples behind the intervals; 0 for no intervals.
    seed : int, default 0
        The seed of the bootstrap.

    Returns
    -------
    Drivers
        The explained share of variance and the drivers; nan with a note where the outcome is
        constant or there are too few answers for so many drivers.

    Raises
    ------
    TypeError
        If a value is no number.
    ValueError
        If the arrays differ in length, a weight is negative, there is no driver, or there are
        more than 15 with ``"lmg"``.

    Notes
    -----
    Percentile intervals of a bootstrap of respondents, weights taken as known. An importance
    cannot be negative, so the interval of an unimportant driver lies above 0. In simulated surveys
    of 60 and of 250 answers, 95 % intervals held the true importance in 91 to 96 %. Drivers go
    together with the outcome; that improving one would move it is not shown.

    References
    ----------
    Groemping (2006), J. Stat. Softw. 17(1). Efron & Tibshirani (1993), chapter 13.

    Examples
    --------
    >>> found = key_drivers(
    ...     [9, 8, 3, 6, 10, 2, 7, 5],
    ...     {"delivery": [5, 4, 1, 3, 5, 2, 4, 2], "price": [3, 4, 3, 2, 4, 2, 3, 4]},
    ...     resamples=0,
    ... )
    >>> round(found.r2, 3)
    0.941
    >>> found.drivers[["driver", "share", "correlation"]].round(2)
         driver  share  correlation
    0  delivery   0.82         0.94
    1     price   0.18         0.53
    """
    validate.one_of("method", method, importance.METHODS)
    validate.share("confidence", confidence)
    validate.whole("resamples", resamples)
    validate.whole("seed", seed)
    drivers = frames.columns(predictors, "predictors")
    validate.whole("number of predictors", len(drivers), low=1)
    answers = _complete_answers(outcome, drivers, weights, respondents)
    note = _undefined_note(answers)
    frame = _blank(answers.names)
    r2, ci = math.nan, Interval(math.nan, math.nan)
    if not note:
        whole = _correlations(answers.varying, answers.weights)
        draws = _resampled(answers, resamples, seed)
        r2, ci, columns = _estimates(whole, draws, method, confidence)
        for column, values in columns.items():
            frame.loc[answers.varies[1:], column] = values
        note = "; ".join(_remarks(answers, columns["vif"], resamples))
    return Drivers(
        r2=r2,
        ci=ci,
        drivers=frame,
        n=len(answers.table),
        missing=answers.missing,
        unit="share",
        confidence=confidence,
        method=f"{_METHOD_NAMES[method]}, percentile bootstrap",
        note=note,
    )


def _undefined_note(answers: _Complete) -> str:
    """Return why there is no answer; empty where there is one."""
    # As many parameters as answers explain everything and say nothing.
    if (answers.weights > 0).sum() <= answers.varies[1:].sum() + 1:
        return TOO_FEW
    if not answers.varies[0]:
        return NO_SPREAD
    return "" if answers.varies[1:].any() else NO_DRIVER


def _remarks(answers: _Complete, vif: NDArray[Any], resamples: int) -> list[str]:
    remarks = {
        CONSTANT: not answers.varies.all(),
        COLLINEAR: bool(np.isinf(vif).any()),
        NO_RESAMPLES: not resamples,
    }
    return [remark for remark, applies in remarks.items() if applies]


def _blank(names: list[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({"driver": names, **dict.fromkeys(_COLUMNS, math.nan)})


def _estimates(
    whole: NDArray[Any], draws: NDArray[Any], method: importance.Method, confidence: float
) -> tuple[float, Interval, dict[str, NDArray[Any]]]:
    """Return R2 with its interval, and the columns of the drivers that vary."""
    among, r = whole[1:, 1:], whole[0, 1:]
    parts = importance.decompose_r2(among, r, method=method)
    at_once = max(1, _SUBSETS_AT_ONCE // 2 ** min(len(r), importance.MOST_PREDICTORS))
    chunks = [draws[i : i + at_once] for i in range(0, max(1, len(draws)), at_once)]
    resampled_parts = np.concatenate(
        [importance.decompose_r2(c[:, 1:, 1:], c[:, 0, 1:], method=method) for c in chunks]
    )
    low, high = _middle(resampled_parts, confidence)
    share_low, share_high = _middle(_shares(resampled_parts), confidence)
    r2 = float(importance.r_squared(among, r))
    r2_low, r2_high = _middle(importance.r_squared(draws[:, 1:, 1:], draws[:, 0, 1:]), confidence)
    columns = (parts, low, high, _shares(parts), share_low, share_high, r)
    slopes, vif = importance.standardised_slopes(among, r), importance.inflation(among)
    found = dict(zip(_COLUMNS, (*columns, slopes, vif), strict=True))
    return r2, Interval(float(r2_low), float(r2_high)), found


def _shares(parts: NDArray[Any]) -> NDArray[Any]:
    """Return each part over the sum of its row; nan where nothing is explained."""
    sums = parts.sum(axis=-1, keepdims=True)
    shares: NDArray[Any] = np.where(sums != 0, parts / np.where(sums != 0, sums, 1.0), np.nan)
    return shares


def _middle(draws: NDArray[Any], confidence: float) -> NDArray[Any]:
    """Return the ends of the middle `confidence` of the draws; nan where there are none.

    A resample whose rule is undefined (collinear by chance, for two of them) is left out.
    """
    tail = (1 - confidence) / 2
    ends: NDArray[Any] = np.full((2, *draws.shape[1:]), np.nan)
    good = np.isfinite(draws).all(axis=tuple(range(1, draws.ndim)))
    if good.any():
        ends = np.quantile(draws[good], [tail, 1 - tail], axis=0)
    return ends


@dataclass(frozen=True, slots=True, kw_only=True)
class _Complete:
    """The complete answers: the outcome in the first column, the drivers in the others."""

    names: list[str]
    table: NDArray[Any]
    varies: NDArray[Any]
    weights: NDArray[Any]
    who: NDArray[Any]
    missing: int

    @property
    def varying(self) -> NDArray[Any]:
        """The columns that are not constant."""
        return self.table[:, self.varies]


def _complete_answers(
    outcome: ArrayLike,
    predictors: Mapping[str, ArrayLike],
    weights: ArrayLike | None,
    respondents: ArrayLike | None,
) -> _Complete:
    """Return the answers in which nothing is missing."""
    import pandas as pd

    columns = {"outcome": outcome, **{f"driver {name}": x for name, x in predictors.items()}}
    given = {name: pd.Series(values, dtype=object) for name, values in columns.items()}
    arrays = validate.arrays(**{name: x.where(x.notna(), 0.0) for name, x in given.items()})
    whole = np.logical_and.reduce([x.notna().to_numpy() for x in given.values()])
    table = np.column_stack(arrays)[whole]
    w = np.ones(len(whole)) if weights is None else np.asarray(weights)
    who = np.arange(len(whole)) if respondents is None else pd.factorize(pd.Series(respondents))[0]
    _, w, who = validate.arrays(outcome=np.zeros(len(whole)), weights=w, respondents=who)
    if w.size:
        validate.between("smallest weight", float(w.min()), 0, math.inf)
    used = table[w[whole] > 0]
    spread = np.ptp(used, axis=0) if len(used) else np.zeros(table.shape[1])
    return _Complete(
        names=[str(name) for name in predictors],
        table=table,
        varies=spread > _ROUNDING * np.abs(table).max(axis=0, initial=0),
        weights=w[whole],
        who=np.unique(who[whole], return_inverse=True)[1],
        missing=int((~whole).sum()),
    )


def _correlations(table: NDArray[Any], weights: NDArray[Any]) -> NDArray[Any]:
    """Return the weighted correlations of columns; one that is constant goes with nothing."""
    centred = table - weights @ table / weights.sum()
    covariance = (centred * weights[:, None]).T @ centred
    spread = np.sqrt(np.diag(covariance))
    constant = spread <= _ROUNDING * math.sqrt(weights.sum()) * np.abs(table).max(axis=0)
    per_spread = np.where(constant, 0.0, 1 / np.where(constant, 1.0, spread))
    found = covariance * per_spread * per_spread[:, None]
    np.fill_diagonal(found, 1.0)
    clipped: NDArray[Any] = np.clip(found, -1.0, 1.0)
    return clipped


def _resampled(answers: _Complete, resamples: int, seed: int) -> NDArray[Any]:
    """Return the correlations of bootstrap samples, of shape (resamples, p + 1, p + 1)."""
    rng = np.random.default_rng(seed)
    table, people = answers.varying, int(answers.who.max()) + 1
    draws = np.empty((resamples, table.shape[1], table.shape[1]))
    for i in range(resamples):
        times = np.bincount(rng.integers(people, size=people), minlength=people)
        draws[i] = _correlations(table, answers.weights * times[answers.who])
    return draws
