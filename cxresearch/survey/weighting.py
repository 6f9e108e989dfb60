"""Weights that make the answers agree with a known population: post-stratification and raking."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core import validate
from cxresearch.engine import frames
from cxresearch.errors import WeightingError
from cxresearch.survey.weights import Weights

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

CAPPED = "the largest weights were held at the cap"
#: Published shares are rounded; a sum further from 1 than this is a fault, not rounding.
_ROUNDING_OF_SHARES = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class _Margin:
    """The answers by level, and the share each level must have."""

    name: str
    levels: list[Any]
    codes: NDArray[Any]
    shares: NDArray[Any]

    def shares_of(self, weights: NDArray[Any]) -> NDArray[Any]:
        """Return the weight on each level, per answer."""
        share: NDArray[Any] = np.bincount(self.codes, weights) / len(weights)
        return share


def post_stratify(
    strata: ArrayLike, targets: Mapping[Any, float], *, base: ArrayLike | None = None
) -> Weights:
    """Return weights that give each stratum of the answers its share of the population.

    Parameters
    ----------
    strata : array, shape (n,)
        The stratum of each answer.
    targets : mapping of stratum to float
        The share of each stratum in the population, above 0, together 1.
    base : array of float, shape (n,), optional
        Weights to start from, above 0; by default equal ones.

    Returns
    -------
    Weights
        The weights, with mean 1.

    Raises
    ------
    WeightingError
        If a stratum has no answers or no target, or the shares do not sum to 1: all at once.
    ValueError
        If a base weight is not above 0.

    Notes
    -----
    w_i = base_i * target_h * n / sum(base in h). Equal weights result where the answers already
    have the population's shares.

    References
    ----------
    Holt & Smith (1979), Post stratification, J. R. Stat. Soc. A 142, 33-46.

    Examples
    --------
    >>> weights = post_stratify(["new", "new", "new", "old"], {"new": 0.5, "old": 0.5})
    >>> weights.weights.round(3).tolist(), round(weights.n_eff, 2)
    ([0.667, 0.667, 0.667, 2.0], 3.0)
    """
    margins = _margins({"strata": strata}, {"strata": targets})
    start = _start(base, len(margins[0].codes))
    weights = _one_round(start, margins)
    return _finished(weights, start, margins, method="post-stratification")


def rake(
    margins: Mapping[str, ArrayLike] | frames.AnyFrame,
    targets: Mapping[str, Mapping[Any, float]],
    *,
    base: ArrayLike | None = None,
    cap: float | None = None,
    tolerance: float = 1e-9,
    rounds: int = 1000,
) -> Weights:
    """Return weights that give each level of every margin its share of the population.

    Parameters
    ----------
    margins : frame, or mapping of str to array, shape (n,)
        For each margin (age, region, ...) the level of each answer.
    targets : mapping of str to mapping of level to float
        For each margin the share of each level in the population, above 0, together 1.
    base : array of float, shape (n,), optional
        Weights to start from, above 0; by default equal ones.
    cap : float, optional
        The largest weight allowed, in mean weights, above 1; by default none is too large. The
        targets are met under the cap, or the call fails.
    tolerance : float, default 1e-9
        How far a share may be from its target.
    rounds : int, default 1000
        How many rounds over the margins may be taken.

    Returns
    -------
    Weights
        The weights, with mean 1.

    Raises
    ------
    WeightingError
        If a level has no answers or no target, shares do not sum to 1, or margin and target do
        not name each other (all at once); or if the targets are not met after all rounds.
    ValueError
        If an option is out of its range.

    Notes
    -----
    Iterative proportional fitting: each round multiplies the weights in each level by target over
    present share, margin by margin, then cuts them to the cap. It uses no combination of levels
    of two margins, so it cannot correct for one that answers differently.

    References
    ----------
    Deming & Stephan (1940), Ann. Math. Stat. 11, 427-444. Deville, Sarndal & Sautory (1993),
    Generalized raking procedures in survey sampling, J. Am. Stat. Assoc. 88, 1013-1020.

    Examples
    --------
    >>> weights = rake(
    ...     {"sex": ["f", "f", "m", "m", "f"], "area": ["n", "s", "n", "s", "s"]},
    ...     {"sex": {"f": 0.5, "m": 0.5}, "area": {"n": 0.5, "s": 0.5}},
    ... )
    >>> weights.weights.round(3).tolist()
    [1.036, 0.732, 1.464, 1.036, 0.732]
    """
    validate.share("tolerance", tolerance)
    validate.whole("rounds", rounds, low=1)
    most = math.inf if cap is None else validate.between("cap", cap, 1, math.inf)
    found = _margins(frames.columns(margins, "margins"), targets)
    start = _start(base, len(found[0].codes))
    weights = start
    for _ in range(rounds):
        weights = np.minimum(_one_round(weights, found), most)
        if max(abs(m.shares_of(weights) - m.shares).max() for m in found) <= tolerance:
            note = CAPPED if weights.max() >= most else ""
            return _finished(weights, start, found, method="raking", note=note)
    raise WeightingError(f"raking in {rounds} rounds", _misses(weights, found, tolerance, cap))


def _one_round(weights: NDArray[Any], margins: list[_Margin]) -> NDArray[Any]:
    for margin in margins:
        weights = weights * (margin.shares / margin.shares_of(weights))[margin.codes]
    return weights


def _finished(
    weights: NDArray[Any],
    base: NDArray[Any],
    margins: list[_Margin],
    *,
    method: str,
    note: str = "",
) -> Weights:
    return Weights(
        weights=weights,
        base=base,
        margins=tuple(margin.codes for margin in margins),
        method=method,
        note=note,
    )


def _start(base: ArrayLike | None, n: int) -> NDArray[Any]:
    """Return the weights to start from, with mean 1."""
    if base is None:
        return np.ones(n)
    _, start = validate.arrays(answers=np.ones(n), base=base)
    validate.between("smallest base weight", float(start.min()), math.ulp(0), math.inf)
    scaled: NDArray[Any] = start / start.mean()
    return scaled


def _margins(
    margins: Mapping[str, ArrayLike], targets: Mapping[str, Mapping[Any, float]]
) -> list[_Margin]:
    """Return the margins with their targets, or tell every fault of both."""
    import pandas as pd

    faults = [f"{name}: no targets" for name in margins if name not in targets]
    faults += [f"{name}: targets, but no answers" for name in targets if name not in margins]
    found = []
    lengths = {}
    for name in (name for name in margins if name in targets):
        codes, uniques = pd.factorize(pd.Series(margins[name], dtype=object))
        lengths[name] = len(codes)
        levels = uniques.tolist()
        own = _faults_of_shares(targets[name], levels)
        if missing := int((codes < 0).sum()):
            own.append(f"{missing} of {len(codes)} answers have no level")
        faults += [f"{name}: {fault}" for fault in own]
        if not own:
            shares = np.array([targets[name][level] for level in levels], dtype=float)
            shares = shares / shares.sum()
            found.append(_Margin(name=name, levels=levels, codes=codes, shares=shares))
    if len(set(lengths.values())) > 1:
        faults.append(f"the margins differ in length: {lengths}")
    if not margins and not targets:
        faults.append("there is no margin")
    if faults:
        raise WeightingError("weighting", faults)
    return found


def _faults_of_shares(shares: Mapping[Any, float], levels: list[Any]) -> list[str]:
    """Return what is wrong with the target shares of one margin."""
    faults = [f"{level!r} has answers, but no target" for level in levels if level not in shares]
    faults += [f"{level!r} has a target, but no answers" for level in shares if level not in levels]
    wrong = {level: share for level, share in shares.items() if not share > 0}
    faults += [f"the target of {level!r} is {share}, not above 0" for level, share in wrong.items()]
    total = math.fsum(shares.values())
    if not abs(total - 1) <= _ROUNDING_OF_SHARES:
        faults.append(f"the targets sum to {total:.6g}, not 1")
    return faults


def _misses(
    weights: NDArray[Any], margins: list[_Margin], tolerance: float, cap: float | None
) -> list[str]:
    """Return which shares are not met, and what may help."""
    faults = [
        f"{margin.name}: {level!r} is at {share:.4f}, its target is {target:.4f}"
        for margin in margins
        for level, share, target in zip(
            margin.levels, margin.shares_of(weights), margin.shares, strict=True
        )
        if abs(share - target) > tolerance
    ]
    helps = "fewer levels, or more rounds" if cap is None else f"a cap above {cap:g}"
    return [*faults, f"{helps} may help"]
