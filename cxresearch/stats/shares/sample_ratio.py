"""Whether the variants got the shares of the units that the plan gave them (sample-ratio mismatch).

Where they did not, something took units out of one variant and not of the other, and no result of
the experiment can be trusted. Count what was assigned (customers), not what followed (sessions).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import GroupTest, chi_square_tail

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

NO_UNITS = "no test: no units were assigned"
FEW_EXPECTED = "a variant expects fewer than 5 units: the p-value is rough"

#: A p-value below this is a mismatch: the check runs often, and a false alarm stops everything.
LEVEL = 0.001
#: Below this many expected units in a variant chi-square is not trusted.
_FEW = 5
#: The largest number of outcomes that are counted out.
_OUTCOMES = 200_000
#: Shares whose sum is this far from 1 were not meant to sum to 1.
_ROUNDING = 1e-9
#: Probabilities this near to each other are equal but for rounding.
_TIE = 1 + 1e-7


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRatio(GroupTest):
    """The test of the planned shares.

    Parameters
    ----------
    level : float
        The p-value below which the shares are taken as not those of the plan.
    mismatch : bool
        Whether `p_value` is below it; False where there is no p-value.
    log_e_value : float
        With the sequential test, the logarithm of the evidence against the planned shares; nan
        otherwise.

    See Also
    --------
    cxresearch.core.comparison.GroupTest : The other fields.
    """

    level: float
    mismatch: bool
    log_e_value: float = math.nan


def sample_ratio(
    counts: Sequence[int], shares: Sequence[float], *, level: float = LEVEL
) -> SampleRatio:
    """Test the shares of the variants once, at the end.

    Parameters
    ----------
    counts : sequence of int, length k
        How many units each variant got.
    shares : sequence of float, length k
        The planned share of each, 0-1, summing to 1.
    level : float, default 0.001
        The p-value below which they do not agree.

    Returns
    -------
    SampleRatio
        Chi-square with k - 1 degrees of freedom; the exact multinomial test where a variant
        expects fewer than 5 units, or a note where that has too many outcomes to count out. Nan
        with a note where there are no units.

    Raises
    ------
    ValueError
        If the lengths differ, there are fewer than two variants, a count is negative, a share is
        not strictly between 0 and 1, or the shares do not sum to 1.

    Notes
    -----
    sum((count - n share)**2 / (n share)). Exact: the probability of all outcomes that are no more
    likely than the one seen.

    References
    ----------
    Fabijan et al. (2019), Diagnosing sample ratio mismatch in online controlled experiments, KDD.

    Examples
    --------
    >>> result = sample_ratio([821588, 815482], [0.5, 0.5])
    >>> round(result.statistic, 2), f"{result.p_value:.1e}", result.mismatch
    (22.77, '1.8e-06', True)
    """
    planned = _shares(shares)
    seen = _counts(counts, planned.size)
    n = int(seen.sum())
    expected = n * planned
    statistic = float((((seen - expected) ** 2) / expected).sum()) if n else math.nan
    few = bool(n and expected.min() < _FEW)
    exact = few and math.comb(n + seen.size - 1, seen.size - 1) <= _OUTCOMES
    p_value = _exact(seen, planned) if exact else chi_square_tail(statistic, seen.size - 1)
    note = FEW_EXPECTED if few and not exact else ""
    return SampleRatio(
        statistic=statistic,
        df=seen.size - 1,
        p_value=p_value,
        n=n,
        method="exact multinomial test" if exact else "chi-square test of the planned shares",
        note=note if n else NO_UNITS,
        level=validate.share("level", level),
        mismatch=p_value < level,
    )


def sequential_sample_ratio(
    counts: ArrayLike,
    shares: Sequence[float],
    *,
    prior: Sequence[float] | None = None,
    level: float = LEVEL,
) -> SampleRatio:
    """Test the shares of the variants as often as one likes while the units come in.

    Parameters
    ----------
    counts : array_like of int, shape (k,) or (looks, k)
        How many units each variant had got, at one look or at each in order.
    shares : sequence of float, length k
        The planned share of each, 0-1, summing to 1.
    prior : sequence of float, length k, optional
        The Dirichlet prior of the true shares where they are not the planned ones; 1 for each by
        default (every share alike). A large one near the planned shares finds small mismatches.
    level : float, default 0.001
        The p-value below which they do not agree; the chance of a false alarm at any look.

    Returns
    -------
    SampleRatio
        The e-value at the last look and its logarithm, and the smallest p-value of all looks.

    Raises
    ------
    ValueError
        If the lengths differ, counts fall from one look to the next, a count is negative, or a
        share or a prior is out of range.

    Notes
    -----
    The e-value is the Bayes factor B(prior + counts) / B(prior) / prod(share**count), B being the
    multivariate beta function; the p-value is the smallest min(1, 1 / e) so far. Under the planned
    shares the e-value exceeds 1 / level with a chance of at most the level, however often one
    looks.

    References
    ----------
    Lindon & Malek (2022), Anytime-valid inference for multinomial count data, NeurIPS.

    Examples
    --------
    >>> looks = [[60, 40], [130, 70], [280, 120]]
    >>> result = sequential_sample_ratio(looks, [0.5, 0.5])
    >>> round(result.log_e_value, 1), result.mismatch
    (30.1, True)
    """
    from scipy.special import gammaln, xlogy

    planned = _shares(shares)
    looks = np.atleast_2d(np.asarray(counts))
    seen = np.array([_counts(look.tolist(), planned.size) for look in looks])
    validate.between("the fewest new units", float(np.diff(seen, axis=0).min(initial=0)), 0,
                    math.inf)  # fmt: skip
    (alpha,) = validate.arrays(prior=np.ones(planned.size) if prior is None else prior)
    validate.one_of("the length of prior", alpha.size, [planned.size])
    validate.positive("the smallest prior", float(alpha.min()))
    n = seen.sum(axis=1)
    log_e = (
        (gammaln(alpha + seen) - gammaln(alpha)).sum(axis=1)
        + gammaln(alpha.sum())
        - gammaln(alpha.sum() + n)
        - xlogy(seen, planned).sum(axis=1)
    )
    p_value = float(np.exp(-max(0.0, float(log_e.max()))))
    last = float(log_e[-1])
    return SampleRatio(
        statistic=float(np.exp(min(last, 700.0))),
        df=planned.size - 1,
        p_value=p_value if n[-1] else math.nan,
        n=int(n[-1]),
        method="Dirichlet-multinomial e-value, valid at any look",
        note="" if n[-1] else NO_UNITS,
        level=validate.share("level", level),
        mismatch=p_value < level,
        log_e_value=last,
    )


def _shares(shares: Sequence[float]) -> Array:
    validate.whole("the number of shares", len(shares), low=2)
    planned = np.array([validate.share("shares", share) for share in shares])
    validate.between("the sum of shares", float(planned.sum()), 1 - _ROUNDING, 1 + _ROUNDING)
    return planned


def _counts(counts: Sequence[int], length: int) -> Array:
    validate.one_of("the number of counts", len(counts), [length])
    return np.array([validate.whole("counts", count) for count in counts], dtype=float)


def _exact(seen: Array, planned: Array) -> float:
    """Return the chance of an outcome that is no more likely than the one seen."""
    from scipy.special import gammaln

    n, k = int(seen.sum()), seen.size
    # Every way to put k - 1 bars among n units is one outcome.
    bars = np.array(list(itertools.combinations(range(n + k - 1), k - 1)))
    ends = np.hstack([np.full((len(bars), 1), -1), bars, np.full((len(bars), 1), n + k - 1)])
    outcomes = np.diff(ends, axis=1) - 1

    def log_chance(x: Array) -> Array:
        return np.asarray(gammaln(n + 1) + (x * np.log(planned) - gammaln(x + 1)).sum(axis=-1))

    chances = np.exp(log_chance(outcomes))
    return min(float(chances[chances <= np.exp(log_chance(seen)) * _TIE].sum()), 1.0)
