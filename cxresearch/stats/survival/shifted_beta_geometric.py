"""How many customers of a contract stay from period to period, and how many will.

The shifted-beta-geometric model: every customer has a chance of their own to leave at each
renewal. The least loyal leave first, so the retention rate rises by itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import normal_quantile
from cxresearch.core.documented import documented
from cxresearch.core.results import Interval, Result

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

NO_MODEL = "undefined: it needs at least two periods, and both customers who left and who stayed"
NO_MAXIMUM = (
    "alpha and beta have no maximum: all customers leave at one rate, or who leaves is settled "
    "at the start"
)

#: A likelihood this near to that of one rate for all does not fix alpha and beta.
_FLAT = 1e-3
#: With a sum of alpha and beta below this, every customer surely leaves at once or never does.
_SETTLED = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionModel(Result):
    """A fitted shifted-beta-geometric model.

    Parameters
    ----------
    mean_churn : float
        The mean chance of leaving at a renewal of the customers at the start, 0-1:
        alpha / (alpha + beta); nan where it is undefined, and then `note` says why.
    ci : Interval
        Its interval, of the logit by the delta method.
    alpha, beta : float
        The parameters of the beta distribution of that chance; a sum below 2 says that the
        customers differ much.
    loglik : float
        The logarithm of the likelihood at its maximum.
    n : int
        The customers at the start.
    unit : str
        ``"share"``.
    confidence : float
        The coverage of `ci`.
    method : str
        How the model was fitted.
    note : str
        What a reader must know before using it.
    """

    mean_churn: float
    ci: Interval
    alpha: float
    beta: float
    loglik: float
    n: int
    unit: str
    confidence: float
    method: str
    note: str = ""

    def survival(self, period: int) -> float:
        """Return the share of the customers at the start who are still there after a period.

        It is B(alpha, beta + period) / B(alpha, beta).

        Examples
        --------
        >>> fit = shifted_beta_geometric([1000, 631, 468, 382, 326, 289, 262, 241])
        >>> round(fit.survival(8), 3)
        0.22
        """
        from scipy.special import betaln

        t = validate.whole("period", period)
        return math.exp(betaln(self.alpha, self.beta + t) - betaln(self.alpha, self.beta))

    def retention(self, period: int) -> float:
        """Return the share of the customers before a renewal who stay at it, from period 1.

        It is (beta + period - 1) / (alpha + beta + period - 1).

        Examples
        --------
        >>> fit = shifted_beta_geometric([1000, 631, 468, 382, 326, 289, 262, 241])
        >>> round(fit.retention(1), 3), round(fit.retention(7), 3)
        (0.627, 0.911)
        """
        before = validate.whole("period", period, low=1) - 1
        return (self.beta + before) / (self.alpha + self.beta + before)

    def expected_lifetime(self, discount: float) -> float:
        """Return the discounted number of periods of a new customer, the first one counted full.

        It is the sum of survival(t) / (1 + discount)**t from t = 0: 2F1(1, beta; alpha + beta;
        1 / (1 + discount)), the value of a customer who pays 1 at the start of each period.

        Examples
        --------
        >>> fit = shifted_beta_geometric([1000, 631, 468, 382, 326, 289, 262, 241])
        >>> round(fit.expected_lifetime(0.1), 2)
        3.69
        """
        from scipy.special import hyp2f1

        rate = validate.positive("discount", discount)
        return float(hyp2f1(1, self.beta, self.alpha + self.beta, 1 / (1 + rate)))


@documented
def shifted_beta_geometric(survivors: ArrayLike, *, confidence: float = 0.95) -> RetentionModel:
    """Fit the shifted-beta-geometric model to the survivors of one cohort.

    Parameters
    ----------
    survivors : array_like of int, shape (periods + 1,)
        The customers at the start, and those still there after each period.
    %(confidence)s

    Returns
    -------
    RetentionModel
        Undefined with a note with fewer than two periods, or where no one left or no one stayed.
        With another note where alpha and beta have no maximum; the churn still holds.

    Raises
    ------
    ValueError
        If a count is negative or not finite, or there are more survivors than the period before.

    Notes
    -----
    The maximum of sum(lost_t * log P(t)) + survivors * log S(T), with P(t) =
    B(alpha + 1, beta + t - 1) / B(alpha, beta) and S(t) = B(alpha, beta + t) / B(alpha, beta). It
    is for contracts, where a customer who leaves says so; a shop's customers just stay silent.

    References
    ----------
    Fader & Hardie (2007), How to project customer retention, J. Interact. Mark. 21, 76-90.

    Examples
    --------
    Their regular customers.

    >>> fit = shifted_beta_geometric([1000, 631, 468, 382, 326, 289, 262, 241])
    >>> round(fit.alpha, 3), round(fit.beta, 3), round(fit.loglik, 1)
    (0.704, 1.182, -1680.3)
    """
    validate.share("confidence", confidence)
    counts = _survivor_counts(survivors)
    n = int(counts[0]) if counts.size else 0
    alpha = beta = loglik = mean = math.nan
    ci, note = Interval(math.nan, math.nan), NO_MODEL
    if counts.size > 2 and counts[0] > counts[-1] and counts[1] > 0:
        alpha, beta, loglik, covariance = _estimates(counts)
        mean = alpha / (alpha + beta)
        ci = _logit_interval(alpha, beta, covariance, confidence)
        is_fixed = loglik - _loglik_of_one_rate(counts) > _FLAT and alpha + beta > _SETTLED
        note = "" if is_fixed else NO_MAXIMUM
    return RetentionModel(
        mean_churn=mean,
        ci=ci,
        alpha=alpha,
        beta=beta,
        loglik=loglik,
        n=n,
        unit="share",
        confidence=confidence,
        method="shifted-beta-geometric, maximum likelihood",
        note=note,
    )


def geometric_value(
    margin: float,
    *,
    retention: float,
    discount: float,
    first: Literal["now", "after a period"],
) -> float:
    """Return the value of a customer of a contract who stays each period with one chance.

    Parameters
    ----------
    margin : float
        What is earned per period.
    retention : float
        The chance to stay at a renewal, 0-1.
    discount : float
        The discount rate per period, from 0.
    first : {"now", "after a period"}
        When the first margin comes: at once and surely, or after a period if the customer stays.

    Raises
    ------
    ValueError
        If an argument is none of what is allowed, or nothing ends the sum (no loss, no discount).

    Notes
    -----
    m (1 + d) / (1 + d - r) now; m r / (1 + d - r) after a period. One chance for all customers is
    wrong where they differ: those who stay are the loyal ones, and :func:`shifted_beta_geometric`
    knows it.

    Examples
    --------
    >>> geometric_value(100, retention=0.8, discount=0.1, first="now").__round__(2)
    366.67
    >>> geometric_value(100, retention=0.8, discount=0.1, first="after a period").__round__(2)
    266.67
    """
    validate.real("margin", margin)
    validate.between("retention", retention, 0, 1)
    validate.between("discount", discount, 0, math.inf)
    validate.one_of("first", first, ("now", "after a period"))
    below = 1 + discount - retention
    if below == 0:
        raise validate.refused("retention", "below 1 where nothing is discounted", retention)
    return margin * ((1 + discount) if first == "now" else retention) / below


def _survivor_counts(survivors: ArrayLike) -> NDArray[np.float64]:
    (counts,) = validate.arrays(survivors=survivors)
    for before, after in zip(counts[:-1].tolist(), counts[1:].tolist(), strict=True):
        validate.between("survivors", after, 0, before)
    return counts


def _loglik(logs: NDArray[np.float64], counts: NDArray[np.float64]) -> float:
    """Return the log-likelihood at the logarithms of alpha and beta."""
    from scipy.special import betaln

    alpha, beta = np.exp(logs)
    t = np.arange(1, counts.size)
    whole = betaln(alpha, beta)
    left = -np.diff(counts) @ (betaln(alpha + 1, beta + t - 1) - whole)
    return float(left + counts[-1] * (betaln(alpha, beta + t[-1]) - whole))


def _loglik_of_one_rate(counts: NDArray[np.float64]) -> float:
    """Return the log-likelihood where all customers leave at one rate (the geometric law)."""
    lost, stays = counts[0] - counts[-1], counts[1:].sum()
    rate = lost / (lost + stays)
    return float(lost * math.log(rate) + stays * math.log1p(-rate))


def _estimates(
    counts: NDArray[np.float64],
) -> tuple[float, float, float, NDArray[np.float64]]:
    """Return alpha, beta, the log-likelihood, and the covariance of the logarithms of the two."""
    from scipy.optimize import minimize
    from statsmodels.tools.numdiff import approx_hess

    bounds = [(-12.0, 20.0)] * 2
    best = minimize(
        lambda logs: -_loglik(logs, counts) / counts[0],
        np.zeros(2),
        method="Nelder-Mead",
        bounds=bounds,
        options={"xatol": 1e-9, "fatol": 1e-12},
    ).x
    alpha, beta = np.exp(best).tolist()
    covariance = np.linalg.pinv(-approx_hess(best, _loglik, args=(counts,)))
    return alpha, beta, _loglik(best, counts), covariance


def _logit_interval(
    alpha: float, beta: float, covariance: NDArray[np.float64], confidence: float
) -> Interval:
    """Return the interval of alpha / (alpha + beta), whose logit is log alpha - log beta."""
    from scipy.special import expit

    gradient = np.array([1.0, -1.0])
    error = math.sqrt(max(float(gradient @ covariance @ gradient), 0.0))
    margin = normal_quantile(confidence) * error
    centre = math.log(alpha / beta)
    return Interval(float(expit(centre - margin)), float(expit(centre + margin)))
