"""What may be true of an effect after the data, and what either choice may cost, after Bayes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cxresearch.core import validate
from cxresearch.core.comparison import normal_quantile
from cxresearch.core.results import Estimate, Interval
from cxresearch.stats.means.estimators import ValueWithVariance

NO_POSTERIOR = "undefined: the data have no value or no variance, and the prior says nothing"


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
    mean, variance, told = _updated(effect, prior)
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
        prior=told,
    )


def _updated(
    effect: ValueWithVariance, prior: tuple[float, float] | None
) -> tuple[float, float, str]:
    """Return mean and variance of the posterior, and the prior in words."""
    known = effect.variance > 0 and not math.isnan(effect.value)
    if prior is None:
        told = "flat"
        return (effect.value, effect.variance, told) if known else (math.nan, math.nan, told)
    centre, spread = validate.real("prior mean", prior[0]), validate.positive("prior sd", prior[1])
    told = f"Normal({centre:g}, {spread:g})"
    if not known:
        return centre, spread**2, told
    weights = 1 / effect.variance, 1 / spread**2
    mean = (weights[0] * effect.value + weights[1] * centre) / sum(weights)
    return mean, 1 / sum(weights), told
