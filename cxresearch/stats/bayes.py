"""What may be true of variants and effects, and what choosing one may cost, after Bayes.

Every number is a formula or an integral by quadrature: no random numbers, the same answer every
time. Stopping when a chance passes 95 % does not keep the chance of a false alarm at 5 %.

Contender
    One variant: its number, and how it stands among the others.
beta_binomial
    Compare shares.
normal_contenders
    Compare means, ratios or any numbers whose estimates are normal, under a flat prior.
Posterior
    What may be true of the effect of a treatment.
normal_posterior
    Return what may be true of an effect whose estimate is normal.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import normal_quantile
from cxresearch.core.results import Estimate, Interval
from cxresearch.stats.means.estimators import ValueWithVariance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


__all__ = [
    "Contender",
    "Posterior",
    "beta_binomial",
    "normal_contenders",
    "normal_posterior",
]

NO_POSTERIOR = "undefined: the data have no value or no variance, and the prior says nothing"
#: Points of each piece of a quadrature, and how many pieces the range is cut into.
_POINTS, _PIECES = 24, 80
#: Beyond so many standard deviations of the posterior there is nothing to add.
_FAR = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior(Estimate):
    """What may be true of the effect of a treatment.

    Parameters
    ----------
    chance_to_win : float
        The chance that the effect is above 0.
    loss_of_control, loss_of_treatment : float
        What keeping the control, and what choosing the treatment, may cost on average, in `unit`.
    prior : str
        What was taken as likely before the data.

    See Also
    --------
    cxresearch.core.results.Estimate : The other fields; `value` is the posterior mean.
    """

    chance_to_win: float
    loss_of_control: float
    loss_of_treatment: float
    prior: str


def normal_posterior(
    effect: ValueWithVariance,
    *,
    unit: str,
    prior: tuple[float, float] | None = None,
    confidence: float = 0.95,
) -> Posterior:
    """Return what may be true of an effect whose estimate is normal.

    Parameters
    ----------
    effect : ValueWithVariance
        Treatment minus control, absolute or relative; higher is better.
    unit : str
        Its unit.
    prior : tuple of float, optional
        Mean and standard deviation of a normal prior of the effect; a flat one by default.
    confidence : float, default 0.95
        The posterior chance of the interval.

    Returns
    -------
    Posterior
        The posterior mean, with the losses of either choice; nan with a note where neither data
        nor prior say anything.

    Raises
    ------
    ValueError
        If the prior's standard deviation is not above 0, or `confidence` is out of range.

    Notes
    -----
    With posterior mean m and standard deviation s, the loss of control is E max(effect, 0) =
    m Phi(m / s) + s phi(m / s), that of treatment the same less m.

    References
    ----------
    Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., section 2.5. Stucchio (2015), Bayesian
    A/B testing at VWO (expected loss).

    Examples
    --------
    >>> result = normal_posterior(ValueWithVariance(n=900, value=2.0, variance=1.0), unit="EUR")
    >>> round(result.chance_to_win, 4), round(result.loss_of_treatment, 4)
    (0.9772, 0.0085)
    """
    from scipy.special import ndtr

    validate.share("confidence", confidence)
    mean, variance, words = _updated(effect, prior)
    sd = math.sqrt(variance)
    margin = normal_quantile(confidence) * sd
    chance = float(ndtr(mean / sd))
    gain = mean * chance + sd * math.exp(-((mean / sd) ** 2) / 2) / math.sqrt(2 * math.pi)
    return Posterior(
        value=mean,
        ci=Interval(mean - margin, mean + margin),
        n=effect.n,
        unit=unit,
        confidence=confidence,
        method="posterior, normal",
        note=NO_POSTERIOR if math.isnan(mean) else "",
        chance_to_win=chance,
        loss_of_control=gain,
        loss_of_treatment=gain - mean,
        prior=words,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender(Estimate):
    """One variant: its number, and how it stands among the others.

    Parameters
    ----------
    probability_best : float
        The chance that no other variant is better, 0-1.
    expected_loss : float
        By how much the best variant is better than this one, on average over what may be true, in
        `unit`: what choosing it may cost.
    prior : str
        What was taken as likely before the data.

    See Also
    --------
    cxresearch.core.results.Estimate : The other fields; `value` is the posterior mean.
    """

    probability_best: float
    expected_loss: float
    prior: str


def beta_binomial(
    variants: Sequence[tuple[int, int]],
    *,
    prior: tuple[float, float] = (1.0, 1.0),
    confidence: float = 0.95,
) -> tuple[Contender, ...]:
    """Compare shares.

    Parameters
    ----------
    variants : sequence of tuple of int
        Successes and units of each variant.
    prior : tuple of float, default (1, 1)
        The parameters of the beta prior of every variant's share; (1, 1) takes all shares as
        alike.
    confidence : float, default 0.95
        The posterior chance of each interval, equal tails.

    Returns
    -------
    tuple of Contender
        One per variant, in order, in shares.

    Raises
    ------
    ValueError
        If there are fewer than two variants, a count is out of range, or a parameter is not above
        0.

    Notes
    -----
    With f_i and F_i of Beta(a + x_i, b + n_i - x_i): P(i is best) is the integral of f_i times
    all other F_j; the expected loss is the integral of 1 - the product of all F_j, less mean i.

    References
    ----------
    Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., chapter 2. Stucchio (2015), Bayesian A/B
    testing at VWO.

    Examples
    --------
    >>> control, treatment = beta_binomial([(1436, 14677), (1523, 14520)])
    >>> round(treatment.probability_best, 3), round(treatment.expected_loss, 6)
    (0.977, 3e-05)
    """
    from scipy.special import betainc, betaincinv, betaln

    validate.share("confidence", confidence)
    validate.whole("the number of variants", len(variants), low=2)
    a, b = (validate.positive("prior", one) for one in validate.pair("prior", prior))
    tails = (1 - confidence) / 2, (1 + confidence) / 2
    beliefs, intervals = [], []
    for x, n in (validate.pair("a variant", counts) for counts in variants):
        validate.between("successes", validate.whole("successes", x), 0, validate.whole("units", n))
        p, q = a + x, b + n - x

        def density(at: Array, p: float = p, q: float = q) -> Array:
            log = (p - 1) * np.log(at) + (q - 1) * np.log1p(-at) - betaln(p, q)
            return np.asarray(np.exp(log))

        def below(at: Array, p: float = p, q: float = q) -> Array:
            return np.asarray(betainc(p, q, at))

        sd = math.sqrt(p * q / ((p + q) ** 2 * (p + q + 1)))
        beliefs.append(_Belief(density, below, p / (p + q), sd))
        intervals.append(Interval(*(float(betaincinv(p, q, tail)) for tail in tails)))
    return _contenders(
        beliefs,
        intervals,
        [n for _, n in variants],
        unit="share",
        confidence=confidence,
        method="posterior, beta",
        prior=f"Beta({a:g}, {b:g})",
        limits=(0.0, 1.0),
    )


def normal_contenders(
    variants: Sequence[ValueWithVariance], *, unit: str, confidence: float = 0.95
) -> tuple[Contender, ...]:
    """Compare means, ratios or any numbers whose estimates are normal, under a flat prior.

    Parameters
    ----------
    variants : sequence of ValueWithVariance
        Each variant's estimate; higher is better.
    unit : str
        Their unit.
    confidence : float, default 0.95
        The posterior chance of each interval.

    Returns
    -------
    tuple of Contender
        One per variant, in order.

    Raises
    ------
    ValueError
        If there are fewer than two variants, or one has no variance.

    Examples
    --------
    >>> arms = [ValueWithVariance(n=900, value=value, variance=1.0) for value in (50.0, 52.0)]
    >>> round(normal_contenders(arms, unit="EUR")[1].probability_best, 4)
    0.9214
    """
    from scipy.special import ndtr

    validate.share("confidence", confidence)
    validate.whole("the number of variants", len(variants), low=2)
    z = normal_quantile(confidence)
    beliefs, intervals = [], []
    for one in variants:
        mean, sd = (
            validate.real("value", one.value),
            validate.positive("variance", one.variance) ** 0.5,
        )

        def density(at: Array, mean: float = mean, sd: float = sd) -> Array:
            return np.asarray(np.exp(-(((at - mean) / sd) ** 2) / 2) / sd / math.sqrt(2 * math.pi))

        def below(at: Array, mean: float = mean, sd: float = sd) -> Array:
            return np.asarray(ndtr((at - mean) / sd))

        beliefs.append(_Belief(density, below, mean, sd))
        intervals.append(Interval(mean - z * sd, mean + z * sd))
    return _contenders(
        beliefs,
        intervals,
        [one.n for one in variants],
        unit=unit,
        confidence=confidence,
        method="posterior, normal",
        prior="flat",
        limits=(-math.inf, math.inf),
    )


def _updated(
    effect: ValueWithVariance, prior: tuple[float, float] | None
) -> tuple[float, float, str]:
    """Return mean and variance of the posterior, and the prior in words."""
    known = effect.variance > 0 and not math.isnan(effect.value)
    if prior is None:
        words = "flat"
        return (effect.value, effect.variance, words) if known else (math.nan, math.nan, words)
    mean, sd = validate.pair("prior", prior)
    centre, spread = validate.real("prior mean", mean), validate.positive("prior sd", sd)
    words = f"Normal({centre:g}, {spread:g})"
    if not known:
        return centre, spread**2, words
    weights = 1 / effect.variance, 1 / spread**2
    mean = (weights[0] * effect.value + weights[1] * centre) / sum(weights)
    return mean, 1 / sum(weights), words


@dataclass(frozen=True, slots=True)
class _Belief:
    """A posterior of one variant: its density, its distribution function, where it lies."""

    density: Callable[[Array], Array]
    below: Callable[[Array], Array]
    mean: float
    sd: float


def _contenders(
    beliefs: Sequence[_Belief],
    intervals: Sequence[Interval],
    sizes: Sequence[int],
    *,
    unit: str,
    confidence: float,
    method: str,
    prior: str,
    limits: tuple[float, float],
) -> tuple[Contender, ...]:
    at, weight, start = _points(beliefs, limits)
    below = np.array([belief.below(at) for belief in beliefs])
    # E max = where the points start + the integral of the chance that the best is above.
    best = start + float(weight @ (1 - below.prod(axis=0)))
    return tuple(
        Contender(
            value=belief.mean,
            ci=ci,
            n=n,
            unit=unit,
            confidence=confidence,
            method=method,
            probability_best=float(
                weight @ (belief.density(at) * np.delete(below, i, axis=0).prod(axis=0))
            ),
            expected_loss=max(best - belief.mean, 0.0),
            prior=prior,
        )
        for i, (belief, ci, n) in enumerate(zip(beliefs, intervals, sizes, strict=True))
    )


def _points(beliefs: Sequence[_Belief], limits: tuple[float, float]) -> tuple[Array, Array, float]:
    """Return points and weights of a quadrature over all the posteriors, and where it starts.

    The pieces are cut at every posterior's own standard deviations, so that a narrow one beside a
    wide one is seen.
    """
    cuts = np.concatenate(
        [one.mean + one.sd * np.linspace(-_FAR, _FAR, _PIECES + 1) for one in beliefs]
    )
    cuts = np.unique(np.clip(cuts, *limits))
    node, unit_weight = np.polynomial.legendre.leggauss(_POINTS)
    half = np.diff(cuts)[:, None] / 2
    at = cuts[:-1, None] + half * (node + 1)
    return at.ravel(), (half * unit_weight).ravel(), float(cuts[0])
