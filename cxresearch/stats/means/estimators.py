"""One number of one group with its sampling variance, and how far two groups are apart by it.

A share, a mean, a ratio of totals, a quantile, each adjusted or not: once a group's number has a
variance and degrees of freedom, the difference of two groups follows by one rule (and their lift,
in :mod:`cxresearch.stats.means.relative_lifts`). A
:class:`ValueWithVariance` holds no more than that, so groups of any size are compared from their
sums.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison, normal_quantile, welch_df
from cxresearch.core.results import Estimate
from cxresearch.stats.means.sample_means import t_comparison

if TYPE_CHECKING:
    from cxresearch.core.unit_sums import RatioSums
    from cxresearch.stats.means.sample_means import Sample

NO_NUMBER = "undefined: one group has no value"
NO_VARIANCE = "no interval: the values of a group are too few, or all the same"
WELCH = "Welch's t"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueWithVariance:
    """An estimate with its sampling variance.

    Parameters
    ----------
    n : int
        The number of independent units behind it.
    value : float
        The estimate; nan where it is undefined.
    variance : float
        Its squared standard error; nan where it is unknown.
    df : float, default inf
        The degrees of freedom of `variance`.

    Examples
    --------
    >>> ValueWithVariance.of_proportion(20, 100).se
    0.04
    """

    n: int
    value: float
    variance: float
    df: float = math.inf

    @property
    def se(self) -> float:
        """The standard error."""
        return math.sqrt(self.variance)

    @classmethod
    def of_proportion(cls, successes: int, n: int, *, df: float = math.inf) -> ValueWithVariance:
        """Return a share with variance p (1 - p) / n.

        Raises
        ------
        ValueError
            If a count is negative, or there are more successes than units.
        """
        validate.whole("n", n)
        validate.between("successes", validate.whole("successes", successes), 0, n)
        p = successes / n if n else math.nan
        return cls(n=n, value=p, variance=p * (1 - p) / n if n else math.nan, df=df)

    @classmethod
    def of_mean(cls, sample: Sample) -> ValueWithVariance:
        """Return a mean with variance sd**2 / n and n - 1 degrees of freedom."""
        value = sample.mean if sample.n else math.nan
        return cls(n=sample.n, value=value, variance=sample.variance_of_mean, df=sample.n - 1)

    @classmethod
    def of_ratio(cls, sums: RatioSums) -> ValueWithVariance:
        """Return a ratio of totals with the variance of the delta method over clusters."""
        return cls(n=sums.n, value=sums.ratio, variance=sums.variance, df=sums.n - 1)

    @classmethod
    def of_estimate(cls, estimate: Estimate) -> ValueWithVariance:
        """Return an estimate with the variance that the width of its interval tells.

        The variance is ((high - low) / 2 z)**2, z being the normal quantile of its confidence.

        References
        ----------
        Deng, Knoblich & Lu (2018), Applying the delta method in metric analytics, KDD, section 4
        (quantiles).
        """
        width = (estimate.ci.high - estimate.ci.low) / 2
        variance = (width / normal_quantile(estimate.confidence)) ** 2
        return cls(n=estimate.n, value=estimate.value, variance=variance)

    def minus(self, other: ValueWithVariance) -> ValueWithVariance:
        """Return this less an independent other."""
        parts = [(self.variance, self.df), (other.variance, other.df)]
        return ValueWithVariance(
            n=self.n + other.n,
            value=self.value - other.value,
            variance=self.variance + other.variance,
            df=welch_df(parts),
        )


def difference(
    control: ValueWithVariance,
    treatment: ValueWithVariance,
    *,
    unit: str,
    confidence: float = 0.95,
    method: str = WELCH,
) -> Comparison:
    """Estimate treatment minus control, of two independent groups.

    Parameters
    ----------
    control, treatment : ValueWithVariance
        The two groups' estimates.
    unit : str
        The unit of both.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.
    method : str
        What the result says of the method; the arithmetic is Welch's in any case.

    Returns
    -------
    Comparison
        The difference, with the units of both groups as `n`; nan with a note where a group has no
        value, and no interval and no test with a note where the variance is unknown or 0.

    Raises
    ------
    ValueError
        If `confidence` is not strictly between 0 and 1.

    Notes
    -----
    d -+ t_df sqrt(v1 + v2), df = (v1 + v2)**2 / (v1**2 / df1 + v2**2 / df2).

    References
    ----------
    Welch (1947), Biometrika 34, 28-35. For ratios: Deng, Knoblich & Lu (2018), KDD.

    Examples
    --------
    >>> from cxresearch.core.unit_sums import RatioSums
    >>> control = ValueWithVariance.of_ratio(RatioSums.from_arrays([1, 0, 2, 1], [3, 1, 4, 2]))
    >>> treatment = ValueWithVariance.of_ratio(RatioSums.from_arrays([2, 1, 3, 1], [3, 2, 4, 1]))
    >>> result = difference(control, treatment, unit="share")
    >>> round(result.value, 2), [round(end, 2) for end in result.ci]
    (0.3, [0.06, 0.54])
    """
    validate.share("confidence", confidence)
    between = treatment.minus(control)
    return t_comparison(
        between.value,
        between.variance,
        between.df,
        n=between.n,
        unit=unit,
        confidence=confidence,
        method=method,
        note=why_unknown(between),
    )


def why_unknown(quantity: ValueWithVariance) -> str:
    """Return why a quantity or its interval is undefined; empty where neither is."""
    if math.isnan(quantity.value):
        return NO_NUMBER
    return "" if quantity.variance > 0 else NO_VARIANCE
