"""By what share one group is above another: the relative difference of two quantities."""

from __future__ import annotations

import math
from typing import Literal

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison, two_sided_t, welch_df
from cxresearch.core.results import Interval
from cxresearch.stats.means.estimators import ValueWithVariance, why_unknown
from cxresearch.stats.means.sample_means import t_interval

Method = Literal["log", "delta", "fieller"]

_METHODS: dict[Method, str] = {
    "log": "lift, log-normal, t",
    "delta": "lift, linear delta method, t",
    "fieller": "lift, Fieller, t",
}
NO_LIFT = "undefined: a lift needs a control above 0"
NO_LOG = "no interval: a lift to 0 or below has no logarithm"
OPEN_LIFT = "no interval: the control cannot be told from 0"


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
    validate.one_of("method", method, tuple(_METHODS))
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
    ci = Interval(math.nan, math.nan)
    if not note:
        ci = _ends(control, treatment, tested, method, confidence)
        note = OPEN_LIFT if math.isnan(ci.low) else ""
    known = not note or note == OPEN_LIFT
    statistic = tested.value / tested.se if known else math.nan
    return Comparison(
        value=linear.value,
        ci=ci,
        n=linear.n,
        unit="share",
        confidence=confidence,
        method=_METHODS[method],
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
