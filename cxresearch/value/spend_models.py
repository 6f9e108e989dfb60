"""What a purchase of each customer is worth."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.languages import Language
from cxresearch.core.remarks import Amount, Remark, in_words
from cxresearch.core.results import Interval, Result
from cxresearch.engine import frames
from cxresearch.stats.purchases import gamma_gamma
from cxresearch.stats.purchases.delta_method import delta, log_interval
from cxresearch.value import summaries

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from cxresearch.value.summaries import Summary

_NO_SPEND = "undefined: fewer than two customers bought again"
_ALIKE = "no interval: the data do not tell the parameters apart"
_TIED = (
    "those who buy more often also spend more or less per purchase (correlation {correlation}), "
    "which the model takes to be unrelated"
)
_INFINITE = "undefined: purchases differ so much that a customer's mean has no end"
_TOO_TIED = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendModel(Result):
    """A fitted Gamma-Gamma model of spend.

    Parameters
    ----------
    mean : float
        The expected value of a purchase of a customer of whom nothing is known, p v / (q - 1).
    ci : Interval
        Its interval, of the logarithm by the delta method.
    p, q, v : float
        The parameters.
    correlation : float
        Of frequency and value over repeat customers; the model takes it to be 0.
    loglik : float
        The logarithm of the likelihood at its maximum.
    n : int
        The repeat customers behind it.
    unit : str
        The currency.
    confidence : float
        The coverage of `ci`.
    method : str
        How it was fitted.
    remarks : tuple of Remark
        What a reader must know before using it.
    note : str
        The remarks in English.
    """

    mean: float
    ci: Interval
    p: float
    q: float
    v: float
    correlation: float
    loglik: float
    n: int
    unit: str
    confidence: float
    method: str
    remarks: tuple[Remark, ...] = ()
    note: str = ""
    fit: gamma_gamma.SpendFit = field(repr=False, compare=False)

    def of(self, frequency: NDArray[np.float64], value: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the expected value of a purchase of each customer."""
        return gamma_gamma.expected_spend(self.fit.parameters, frequency, value)


@documented
def spend(summary: Summary | pd.DataFrame, *, confidence: float = 0.95) -> SpendModel:
    """Fit the Gamma-Gamma model to what customers spend on a purchase.

    Parameters
    ----------
    summary : Summary or pandas.DataFrame
        The customers, from :func:`cxresearch.value.summary`, or a frame with `frequency` and
        `monetary_value`.
    %(confidence)s

    Returns
    -------
    SpendModel
        nan with a note where fewer than two customers bought again.

    Raises
    ------
    %(missing_column)s
    %(confidence_error)s

    Examples
    --------
    >>> from cxresearch.value._example import ORDERS
    >>> spend(summaries.summary(ORDERS)).n
    2
    """
    validate.share("confidence", confidence)
    frame = summary if not isinstance(summary, summaries.Summary) else summary.frame
    unit = summary.currency if isinstance(summary, summaries.Summary) else ""
    frames.lazy(frame, "summary", ("frequency", "monetary_value"))
    x, value = (frame[name].to_numpy(float) for name in ("frequency", "monetary_value"))
    fit = gamma_gamma.fit_spend(x, value)
    remarks: list[Remark] = [] if math.isfinite(fit.loglik) else [Remark(_NO_SPEND)]
    p, q, v = fit.parameters.tolist()
    mean, error = math.nan, math.nan
    if q > 1:
        mean = p * v / (q - 1)
        error = math.sqrt(delta(_mean, np.log(fit.parameters), fit.covariance)[0])
    elif not remarks:
        remarks.append(Remark(_INFINITE))
    if math.isnan(error) and not remarks:
        remarks.append(Remark(_ALIKE))
    again = (x > 0) & (value > 0)
    varies = again.sum() > 2 and np.ptp(x[again]) > 0 and np.ptp(value[again]) > 0
    tied = float(np.corrcoef(x[again], value[again])[0, 1]) if varies else math.nan
    if abs(tied) > _TOO_TIED:
        remarks.append(Remark(_TIED, {"correlation": Amount(tied, "", 2)}))
    return SpendModel(
        mean=mean,
        ci=log_interval(mean, error, confidence),
        p=p,
        q=q,
        v=v,
        correlation=tied,
        loglik=fit.loglik,
        n=fit.n,
        unit=unit,
        confidence=confidence,
        method="Gamma-Gamma, maximum likelihood",
        remarks=tuple(remarks),
        note=in_words(remarks, Language("en")),
        fit=fit,
    )


def _mean(logs: NDArray[np.float64]) -> NDArray[np.float64]:
    p, q, v = np.exp(logs)
    return np.array([p * v / (q - 1)])
