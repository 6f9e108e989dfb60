"""How much each driver matters, and what matters against how well it is done.

The shares of explained variance need correlations only and take many sets of them at once, so
that a bootstrap costs little more than one answer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from math import factorial
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from cxresearch.core import validate
from cxresearch.core.results import parts_in

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from cxresearch.core.languages import Language

Method = Literal["lmg", "johnson", "first", "last", "betasq", "pratt", "car"]
METHODS: tuple[str, ...] = get_args(Method)
#: All subsets of more predictors than this take too long.
MOST_PREDICTORS = 15
#: A predictor of which the others leave less than this part follows from them.
_COLLINEAR = 1e-10
Cut = Literal["mean", "median"]
CONCENTRATE = "fix first"
KEEP_UP = "keep"
LOW_PRIORITY = "minor"
OVERDONE = "overdone"
ON_A_CUT = "on a cut"
UNKNOWN = ""
QUADRANTS = {
    (True, False): CONCENTRATE,
    (True, True): KEEP_UP,
    (False, False): LOW_PRIORITY,
    (False, True): OVERDONE,
}
CUT_AT_MEANS = "cut at the means of importance and performance"
CUT_AT_MEDIANS = "cut at the medians of importance and performance"
TIES = "drivers exactly on a cut are in no quadrant"
LEFT_OUT = "drivers without an importance or a performance are left out"
NOTHING_TO_CUT = "undefined: no driver has both an importance and a performance"
#: Two numbers closer than this, relative to the larger, are the same.
_SAME = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportancePerformance:
    """A map of drivers.

    Parameters
    ----------
    points : pandas.DataFrame
        One row per driver, in the order given: `driver`, `importance`, `performance` and
        `quadrant`: ``"fix first"`` (matters, not done well), ``"keep"``, ``"minor"``,
        ``"overdone"``, ``"on a cut"``, or empty where a number is
        missing.
    importance_cut, performance_cut : float
        Where each axis is cut; nan where there is nothing to cut.
    method : str
        The rule of the cut.
    note : str
        What a reader must know; empty when there is nothing.
    """

    points: pd.DataFrame
    importance_cut: float
    performance_cut: float
    method: str
    note: str = ""

    def note_in(self, language: Language) -> str:
        """Return the note in a language."""
        return parts_in(self.note, language)

    def _repr_html_(self) -> str:
        return self.points.to_html(index=False, float_format="{:.4g}".format)


def importance_performance(
    importance: Mapping[str, float], performance: Mapping[str, float], *, cut: Cut = "mean"
) -> ImportancePerformance:
    """Put each driver in a quadrant of importance against performance.

    Parameters
    ----------
    importance : mapping of str to float
        How much each driver matters, for example its share from
        :func:`cxresearch.survey.driver_analysis.key_drivers`; nan where it is undefined.
    performance : mapping of str to float
        How well each driver is done, all on one scale.
    cut : {"mean", "median"}, default "mean"
        Where each axis is cut.

    Returns
    -------
    ImportancePerformance
        The drivers with their quadrants.

    Raises
    ------
    ValueError
        If the two do not name the same drivers, or `cut` is neither.

    Notes
    -----
    A cut at the mean or median always leaves drivers on both sides: the quadrants rank drivers
    among each other and say nothing absolute. Importances are uncertain; look at their intervals
    before a driver near a cut is moved on. It shows what goes together, not what a change does.

    References
    ----------
    Martilla & James (1977), Importance-performance analysis, Journal of Marketing 41(1), 77-79.

    Examples
    --------
    >>> found = importance_performance(
    ...     {"delivery": 0.6, "price": 0.3, "site": 0.1}, {"delivery": 3, "price": 4, "site": 4.4}
    ... )
    >>> found.points[["driver", "quadrant"]]
         driver   quadrant
    0  delivery  fix first
    1     price   overdone
    2      site   overdone
    """
    import pandas as pd

    validate.one_of("cut", cut, ("mean", "median"))
    validate.one_of("names of performance", sorted(performance), [sorted(importance)])
    points = pd.DataFrame(
        {
            "driver": list(importance),
            "importance": [float(value) for value in importance.values()],
            "performance": [float(performance[name]) for name in importance],
        }
    )
    known = points.dropna()
    across = up = math.nan
    if len(known):
        across, up = known[["importance", "performance"]].agg(cut).to_numpy().tolist()
    points["quadrant"] = [
        _quadrant(matters, done, across, up)
        for matters, done in points[["importance", "performance"]].to_numpy()
    ]
    notes = {
        NOTHING_TO_CUT: not len(known),
        LEFT_OUT: 0 < len(known) < len(points),
        TIES: (points["quadrant"] == ON_A_CUT).any(),
    }
    return ImportancePerformance(
        points=points,
        importance_cut=across,
        performance_cut=up,
        method=CUT_AT_MEANS if cut == "mean" else CUT_AT_MEDIANS,
        note="; ".join(note for note, applies in notes.items() if applies),
    )


def _quadrant(importance: float, performance: float, across: float, up: float) -> str:
    """Return the quadrant of one driver, given where importance and performance are cut."""
    if math.isnan(importance) or math.isnan(performance):
        return UNKNOWN
    if math.isclose(importance, across, rel_tol=_SAME) or math.isclose(
        performance, up, rel_tol=_SAME
    ):
        return ON_A_CUT
    return QUADRANTS[importance > across, performance > up]


def decompose_r2(
    among: ArrayLike, with_outcome: ArrayLike, *, method: Method = "lmg"
) -> NDArray[Any]:
    """Return the part of R2 that each predictor is given.

    Parameters
    ----------
    among : array of float, shape (..., p, p)
        The correlations of the predictors.
    with_outcome : array of float, shape (..., p)
        Their correlations with the outcome.
    method : {"lmg", "johnson", "first", "last", "betasq", "pratt", "car"}
        The rule, see Notes.

    Returns
    -------
    numpy.ndarray, shape (..., p)
        The parts. They sum to R2 for ``"lmg"``, ``"johnson"``, ``"pratt"`` and ``"car"``. Where
        predictors are collinear, ``"betasq"`` and ``"pratt"`` are nan: their slopes have no
        single value.

    Raises
    ------
    ValueError
        If the shapes do not agree, a value is not a correlation, or ``"lmg"`` is asked for more
        than 15 predictors.

    Notes
    -----
    With R among the predictors, r with the outcome and b = R**-1 r:

    - ``"lmg"``: the mean over all orders of entry of what the predictor adds to R2 (Shapley value);
    - ``"johnson"``: sum_k (L_jk**2 (L**-1 r)_k**2) with L = R**1/2, which equals Genizi's rule;
    - ``"first"``: r_j**2, the R2 of the predictor alone;
    - ``"last"``: what it adds to the R2 of all others;
    - ``"betasq"``: b_j**2;  ``"pratt"``: b_j r_j, which may be negative;
    - ``"car"``: (R**-1/2 r)_j**2.

    References
    ----------
    Groemping (2006), Relative importance for linear regression in R: the package relaimpo,
    J. Stat. Softw. 17(1). Johnson (2000), Multivariate Behav. Res. 35, 1-19. Genizi (1993),
    Stat. Sin. 3, 407-420. Zuber & Strimmer (2011), Stat. Appl. Genet. Mol. Biol. 10(1).

    Examples
    --------
    >>> decompose_r2([[1, 0.5], [0.5, 1]], [0.6, 0.3]).round(3).tolist()
    [0.315, 0.045]
    """
    validate.one_of("method", method, METHODS)
    matrix, r = _correlations(among, with_outcome)
    if method == "lmg":
        return _lmg(matrix, r)
    if method in ("johnson", "car"):
        return _by_square_root(matrix, r, method)
    if method == "first":
        first: NDArray[Any] = r**2
        return first
    if method == "last":
        return _last(matrix, r)
    slopes = standardised_slopes(matrix, r)
    found: NDArray[Any] = slopes**2 if method == "betasq" else slopes * r
    return found


def r_squared(among: ArrayLike, with_outcome: ArrayLike) -> NDArray[Any]:
    """Return the explained share of variance, r' R**-1 r, of shape (...); collinear ones add none.

    Examples
    --------
    >>> float(r_squared([[1, 0.5], [0.5, 1]], [0.6, 0.3]).round(3))
    0.36
    """
    matrix, r = _correlations(among, with_outcome)
    left = _augmented(matrix, r)
    for _ in range(r.shape[-1]):
        left = _swept(left)
    explained: NDArray[Any] = 1 - left[..., 0, 0]
    return explained


def standardised_slopes(among: ArrayLike, with_outcome: ArrayLike) -> NDArray[Any]:
    """Return the slopes between standardised variables, R**-1 r; nan where they are collinear.

    Examples
    --------
    >>> standardised_slopes([[1, 0.5], [0.5, 1]], [0.6, 0.4]).round(3).tolist()
    [0.533, 0.133]
    """
    matrix, r = _correlations(among, with_outcome)
    values, vectors = np.linalg.eigh(matrix)
    regular = values[..., :1] > _COLLINEAR
    # Where the matrix is singular the quotient is replaced, so any divisor will do.
    turned = np.einsum("...jk,...j->...k", vectors, r) / np.where(regular, values, 1.0)
    slopes: NDArray[Any] = np.where(regular, np.einsum("...jk,...k->...j", vectors, turned), np.nan)
    return slopes


def inflation(among: ArrayLike) -> NDArray[Any]:
    """Return the variance inflation factors of predictors, of shape (..., p); inf if collinear.

    1 / (1 - R2 of the predictor on the others), the diagonal of R**-1.

    Examples
    --------
    >>> inflation([[1, 0.5], [0.5, 1]]).round(3).tolist()
    [1.333, 1.333]
    """
    matrix, _ = _correlations(among, np.zeros(np.shape(among)[:-1]))
    left = np.stack([_left_by_others(matrix, j) for j in range(matrix.shape[-1])], axis=-1)
    factors: NDArray[Any] = np.where(
        left > _COLLINEAR, 1 / np.where(left > _COLLINEAR, left, 1.0), np.inf
    )
    return factors


def _correlations(among: ArrayLike, with_outcome: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    matrix, r = np.asarray(among, dtype=float), np.asarray(with_outcome, dtype=float)
    validate.one_of("shape of among", matrix.shape, [(*r.shape, r.shape[-1])])
    for name, values in (("among", matrix), ("with_outcome", r)):
        if values.size:
            largest = float(np.abs(values).max())
            validate.between(f"largest correlation of {name}", largest, 0, 1 + _COLLINEAR)
    return matrix, r


def _augmented(matrix: NDArray[Any], r: NDArray[Any]) -> NDArray[Any]:
    """Return the correlations of the predictors and, last, the outcome."""
    p = r.shape[-1]
    whole = np.ones((*r.shape[:-1], p + 1, p + 1))
    whole[..., :p, :p] = matrix
    whole[..., :p, p] = whole[..., p, :p] = r
    return whole


def _swept(left: NDArray[Any]) -> NDArray[Any]:
    """Return the covariances that the first variable leaves of the others."""
    pivot = left[..., :1, :1]
    # A collinear variable explains nothing more, so it takes nothing out.
    per_pivot = np.where(pivot > _COLLINEAR, 1 / np.where(pivot > _COLLINEAR, pivot, 1.0), 0.0)
    column = left[..., 1:, :1]
    rest: NDArray[Any] = left[..., 1:, 1:] - column * per_pivot * np.swapaxes(column, -1, -2)
    return rest


def _all_subsets(matrix: NDArray[Any], r: NDArray[Any]) -> NDArray[Any]:
    """Return the R2 of every subset of predictors, of shape (..., 2**p).

    Bit j of the place says whether predictor j is in. Each predictor doubles the cases, in which
    it is left out or swept out, while the matrix shrinks by one: about 6 * 2**p steps in all.
    """
    cases = _augmented(matrix, r)[..., None, :, :]
    for _ in range(r.shape[-1]):
        cases = np.concatenate([cases[..., 1:, 1:], _swept(cases)], axis=-3)
    explained: NDArray[Any] = 1 - cases[..., 0, 0]
    return explained


def _lmg(matrix: NDArray[Any], r: NDArray[Any]) -> NDArray[Any]:
    p = r.shape[-1]
    name = "number of predictors of 'lmg' ('johnson' takes any number)"
    validate.between(name, p, 0, MOST_PREDICTORS)
    explained = _all_subsets(matrix, r)
    subsets = np.arange(2**p)
    sizes = sum((subsets >> j) & 1 for j in range(p)) + np.zeros(2**p, dtype=int)
    # The part of all orders of entry in which exactly this subset comes before.
    chance = np.array([factorial(k) * factorial(p - k - 1) / factorial(p) for k in range(p)])
    parts = np.empty(r.shape)
    for j in range(p):
        without = subsets[(subsets >> j) & 1 == 0]
        added = explained[..., without | (1 << j)] - explained[..., without]
        parts[..., j] = added @ chance[sizes[without]]
    return parts


def _by_square_root(matrix: NDArray[Any], r: NDArray[Any], method: str) -> NDArray[Any]:
    """Return the parts that go through the uncorrelated variables nearest to the predictors."""
    values, vectors = np.linalg.eigh(matrix)
    kept = values > _COLLINEAR
    roots = np.sqrt(np.where(kept, values, 1.0))
    turned = np.einsum("...jk,...j->...k", vectors, r)
    slopes = np.einsum("...jk,...k->...j", vectors, np.where(kept, turned / roots, 0.0))
    squares: NDArray[Any] = slopes**2
    if method == "car":
        return squares
    loadings = np.einsum("...jk,...k,...lk->...jl", vectors, np.where(kept, roots, 0.0), vectors)
    parts: NDArray[Any] = np.einsum("...jk,...k->...j", loadings**2, squares)
    return parts


def _last(matrix: NDArray[Any], r: NDArray[Any]) -> NDArray[Any]:
    explained = r_squared(matrix, r)
    parts = np.empty(r.shape)
    for j in range(r.shape[-1]):
        others = np.delete(np.arange(r.shape[-1]), j)
        parts[..., j] = explained - r_squared(matrix[..., others[:, None], others], r[..., others])
    return parts


def _left_by_others(matrix: NDArray[Any], j: int) -> NDArray[Any]:
    """Return the part of predictor `j` that the others do not explain."""
    others = np.delete(np.arange(matrix.shape[-1]), j)
    left: NDArray[Any] = 1 - r_squared(matrix[..., others[:, None], others], matrix[..., others, j])
    return left
