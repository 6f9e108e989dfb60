"""One number of one group with its sampling variance; the difference and the lift of two groups.

A share, a mean, a ratio of totals, a quantile, each adjusted or not: once a group's number has a
variance and degrees of freedom, all else follows by one rule.
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
from typing import Literal

from cxresearch.core.comparison import two_sided_t
from cxresearch.core.results import Interval
from cxresearch.stats.means.sample_means import t_interval

NO_NUMBER = "undefined: one group has no value"
NO_VARIANCE = "no interval: the values of a group are too few, or all the same"
WELCH = "Welch's t"
Method = Literal["log", "delta", "fieller"]
_LIFTS: dict[Method, str] = {
    "log": "lift, log-normal, t",
    "delta": "lift, linear delta method, t",
    "fieller": "lift, Fieller, t",
}
NO_LIFT = "undefined: a lift needs a control above 0"
NO_LOG = "no interval: a lift to 0 or below has no logarithm"
OPEN_LIFT = "no interval: the control is not shown to differ from 0"


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

    @property
    def statistic(self) -> float:
        """The value in standard errors; nan where these are 0 or unknown."""
        return self.value / self.se if self.variance > 0 else math.nan

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


#: The number of a group of which nothing is known.
NOTHING_KNOWN = ValueWithVariance(n=0, value=math.nan, variance=math.nan)


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


def lift(
    control: ValueWithVariance,
    treatment: ValueWithVariance,
    *,
    confidence: float = 0.95,
    method: Method = "log",
) -> Comparison:
    """Estimate by what share treatment is above control, of two independent groups.

    Parameters
    ----------
    control, treatment : ValueWithVariance
        The two groups' estimates.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.
    method : {"log", "delta", "fieller"}
        The interval and the test: of the logarithm, an interval that is not symmetric and never
        passes -1; of the linear delta method, symmetric; Fieller's, exact for normal estimates,
        whose test is that of the difference.

    Returns
    -------
    Comparison
        The lift, a share (0.05 is 5 % more); nan with a note where the control is not above 0; no
        interval with a note where the method has none.

    Raises
    ------
    ValueError
        If `method` is not one of them, or `confidence` is not strictly between 0 and 1.

    Notes
    -----
    With r = m2 / m1. log: r exp(-+ t sqrt(v1 / m1**2 + v2 / m2**2)) - 1, Welch's degrees of
    freedom from the two terms. delta: r - 1 -+ t sqrt(v2 + r**2 v1) / m1, Welch's degrees of
    freedom of the difference. fieller: the R - 1 with (m2 - R m1)**2 <= t**2 (v2 + R**2 v1).

    References
    ----------
    Fieller (1954), J. R. Stat. Soc. B 16, 175-185. Deng, Knoblich & Lu (2018), KDD.

    Examples
    --------
    >>> control = ValueWithVariance.of_proportion(1436, 14677)
    >>> result = lift(control, ValueWithVariance.of_proportion(1523, 14520))
    >>> round(result.value, 4), [round(end, 4) for end in result.ci]
    (0.0721, [0.0012, 0.1479])
    """
    validate.share("confidence", confidence)
    validate.one_of("method", method, tuple(_LIFTS))
    linear = relative(control, treatment)
    # The test is of the number that the interval is made of, on its own scale.
    tested = {
        "log": _logarithm(control, treatment),
        "delta": linear,
        "fieller": treatment.minus(control),
    }[method]
    note = NO_LIFT if math.isnan(linear.value) else why_unknown(treatment.minus(control))
    if not note and math.isnan(tested.value):
        note = NO_LOG
    if not note and not tested.variance > 0:
        note = NO_VARIANCE
    ci = Interval(math.nan, math.nan)
    if not note:
        ci = _ends(control, treatment, tested, method, confidence)
        note = OPEN_LIFT if math.isnan(ci.low) else ""
    known = not note or note == OPEN_LIFT
    if ci.low == ci.high:  # the treatment is 0 without any variance, and so is its lift
        ci, note = Interval(math.nan, math.nan), NO_VARIANCE
    statistic = tested.value / tested.se if known else math.nan
    return Comparison(
        value=linear.value,
        ci=ci,
        n=linear.n,
        unit="share",
        confidence=confidence,
        method=_LIFTS[method],
        note=note,
        statistic=statistic,
        p_value=two_sided_t(statistic, tested.df),
        test="t test",
        df=tested.df if known else math.nan,
    )


def relative(control: ValueWithVariance, treatment: ValueWithVariance) -> ValueWithVariance:
    """Return the lift as a quantity, its variance by the linear delta method.

    Its value is nan where the control is not above 0.

    Examples
    --------
    >>> half = ValueWithVariance(n=10, value=2.0, variance=0.01)
    >>> more = relative(half, ValueWithVariance(n=10, value=3.0, variance=0.04))
    >>> round(more.value, 6), round(more.variance, 6)
    (0.5, 0.015625)
    """
    between = treatment.minus(control)
    if not control.value > 0:
        return ValueWithVariance(n=between.n, value=math.nan, variance=math.nan, df=math.nan)
    ratio = treatment.value / control.value
    variance = (treatment.variance + ratio**2 * control.variance) / control.value**2
    return ValueWithVariance(n=between.n, value=ratio - 1, variance=variance, df=between.df)


def _logarithm(control: ValueWithVariance, treatment: ValueWithVariance) -> ValueWithVariance:
    """Return the logarithm of the ratio; nan where it has none."""
    n = control.n + treatment.n
    if not (control.value > 0 and treatment.value > 0):
        return ValueWithVariance(n=n, value=math.nan, variance=math.nan, df=math.nan)
    parts = [(one.variance / one.value**2, one.df) for one in (control, treatment)]
    return ValueWithVariance(
        n=n,
        value=math.log(treatment.value / control.value),
        variance=sum(variance for variance, _ in parts),
        df=welch_df(parts),
    )


def _ends(
    control: ValueWithVariance,
    treatment: ValueWithVariance,
    tested: ValueWithVariance,
    method: Method,
    confidence: float,
) -> Interval:
    """Return the interval of the lift; nan where Fieller's has no end."""
    if method == "fieller":
        return _fieller(control, treatment, tested.df, confidence)
    ends = t_interval(tested.value, tested.variance, tested.df, confidence)
    return Interval(*map(math.expm1, ends)) if method == "log" else ends


def _fieller(
    control: ValueWithVariance, treatment: ValueWithVariance, df: float, confidence: float
) -> Interval:
    """Return where the quadratic in R is not above 0, less 1; nan where that has no end."""
    from scipy.special import stdtrit

    square = float(stdtrit(df, (1 + confidence) / 2)) ** 2
    m1, m2 = control.value, treatment.value
    a = m1**2 - square * control.variance
    c = m2**2 - square * treatment.variance
    inside = (m1 * m2) ** 2 - a * c
    if a <= 0 or inside < 0:
        return Interval(math.nan, math.nan)
    root = math.sqrt(inside)
    return Interval((m1 * m2 - root) / a - 1, (m1 * m2 + root) / a - 1)
