"""How large a mean is, and how far two means are apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison, two_sided_t, welch_df
from cxresearch.core.results import Estimate, Interval, difference_unit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

NO_VALUES = "undefined: there are no values"
ONE_VALUE = "no interval: it needs at least two values"
NO_SPREAD = "no interval: every value is the same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What an interval of a mean needs to know of a sample.

    Parameters
    ----------
    n : int
        How many values there are.
    mean, sd : float
        Their mean and their standard deviation with n - 1; nan where they are undefined.

    Examples
    --------
    >>> Sample.of([1.0, 2.0, 3.0])
    Sample(n=3, mean=2.0, sd=1.0)
    """

    n: int
    mean: float
    sd: float

    @classmethod
    def of(cls, values: ArrayLike) -> Sample:
        """Return the sample of values of shape (n,).

        Raises
        ------
        ValueError
            If `values` is not flat or holds a value that is not finite.
        """
        (array,) = validate.arrays(values=values)
        alike = array.size > 1 and array.min() == array.max()
        return cls(
            n=array.size,
            mean=float(array.mean()) if array.size else math.nan,
            # Equal values have no spread; rounding of their mean must not give them one.
            sd=0.0 if alike else float(array.std(ddof=1)) if array.size > 1 else math.nan,
        )

    @property
    def variance_of_mean(self) -> float:
        """The squared standard error of the mean; nan with fewer than two values."""
        return self.sd**2 / self.n if self.n > 1 else math.nan


def mean(values: ArrayLike | Sample, *, unit: str, confidence: float = 0.95) -> Estimate:
    """Estimate the mean of independent measurements.

    Parameters
    ----------
    values : array_like of float, shape (n,), or Sample
        The measurements, in `unit`, or what is known of them.
    unit : str
        Their unit.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Estimate
        The mean; nan with a note without values, and an interval of nan with a note where there
        are fewer than two values or no spread.

    Raises
    ------
    ValueError
        If a value is not finite, or `confidence` is not strictly between 0 and 1.

    Notes
    -----
    mean -+ t_{n-1} * sd / sqrt(n). With fewer than about 30 values, or values crowded at one end
    of a scale, it covers too little: show the distribution beside it, or use the bootstrap-t of
    :func:`cxresearch.stats.ranks.bootstrap`.

    References
    ----------
    Student (1908), Biometrika 6, 1-25.

    Examples
    --------
    >>> result = mean([4, 5, 7, 6, 5, 3], unit="points")
    >>> result.value, [round(bound, 2) for bound in result.ci]
    (5.0, [3.52, 6.48])
    """
    validate.share("confidence", confidence)
    sample = values if isinstance(values, Sample) else Sample.of(values)
    return Estimate(
        value=sample.mean if sample.n else math.nan,
        ci=t_interval(sample.mean, sample.variance_of_mean, sample.n - 1, confidence),
        n=sample.n,
        unit=unit,
        confidence=confidence,
        method="mean, Student's t",
        note=_why(sample),
    )


def difference_of_means(
    first: ArrayLike | Sample,
    second: ArrayLike | Sample,
    *,
    unit: str,
    confidence: float = 0.95,
    equal_variances: bool = False,
) -> Comparison:
    """Estimate the second mean minus the first, of two independent groups.

    Parameters
    ----------
    first, second : array_like of float, shape (n,), or Sample
        The measurements of each group, in `unit`, or what is known of them.
    unit : str
        Their unit.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.
    equal_variances : bool, default False
        Whether the groups are taken to have one variance (Student's test instead of Welch's).

    Returns
    -------
    Comparison
        The difference, with the values of both groups as `n`; nan with a note where a group is
        empty, and no interval and no test with a note where a group has one value or neither
        group has spread.

    Raises
    ------
    ValueError
        If a value is not finite, or `confidence` is not strictly between 0 and 1.

    Notes
    -----
    d -+ t_df * sqrt(v1 + v2), v = sd**2 / n, with Welch's
    df = (v1 + v2)**2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1)).

    References
    ----------
    Welch (1947), Biometrika 34, 28-35.

    Examples
    --------
    >>> result = difference_of_means([4, 5, 7, 6], [7, 8, 6, 9], unit="points")
    >>> result.value, [round(bound, 2) for bound in result.ci], round(result.p_value, 3)
    (2.0, [-0.23, 4.23], 0.071)
    """
    validate.share("confidence", confidence)
    a, b = (group if isinstance(group, Sample) else Sample.of(group) for group in (first, second))
    if equal_variances:
        variance, df = _pooled(a, b)
    else:
        variance = a.variance_of_mean + b.variance_of_mean
        df = welch_df([(group.variance_of_mean, group.n - 1) for group in (a, b)])
    return t_comparison(
        b.mean - a.mean if a.n and b.n else math.nan,
        variance,
        df,
        n=a.n + b.n,
        unit=unit,
        confidence=confidence,
        method="difference of means, Student's t" if equal_variances else "Welch's t",
        note=_why(min(a, b, key=lambda sample: sample.n)) if min(a.n, b.n) < 2 else "",
    )


def paired_difference(
    first: ArrayLike, second: ArrayLike, *, unit: str, confidence: float = 0.95
) -> Comparison:
    """Estimate the mean of second minus first, of the same units measured twice.

    Parameters
    ----------
    first, second : array_like of float, shape (n,)
        The measurements of each unit, in `unit`, in one order.
    unit : str
        Their unit.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Comparison
        The difference, with `n` units; nan with a note without units, and no interval and no
        test with a note where there are fewer than two or all changed alike.

    Raises
    ------
    ValueError
        If a value is not finite or the lengths differ.

    Notes
    -----
    The interval and the test of :func:`mean` for the differences of each unit.

    Examples
    --------
    >>> result = paired_difference([4, 5, 7, 6], [5, 7, 8, 8], unit="points")
    >>> result.value, [round(bound, 2) for bound in result.ci], round(result.p_value, 3)
    (1.5, [0.58, 2.42], 0.014)
    """
    validate.share("confidence", confidence)
    a, b = validate.arrays(first=first, second=second)
    change = Sample.of(np.subtract(b, a))
    return t_comparison(
        change.mean,
        change.variance_of_mean,
        change.n - 1,
        n=change.n,
        unit=unit,
        confidence=confidence,
        method="paired t",
        note=_why(change),
    )


def t_comparison(
    value: float,
    variance: float,
    df: float,
    *,
    n: int,
    unit: str,
    confidence: float,
    method: str,
    note: str,
) -> Comparison:
    """Return an estimated difference with its variance as a comparison by Student's t."""
    statistic = value / math.sqrt(variance) if variance > 0 else math.nan
    return Comparison(
        value=value,
        ci=t_interval(value, variance, df, confidence),
        n=n,
        unit=difference_unit(unit),
        confidence=confidence,
        method=method,
        note=note or ("" if variance > 0 else NO_SPREAD),
        statistic=statistic,
        p_value=two_sided_t(statistic, df) if variance > 0 else math.nan,
        test="t test",
        df=df if variance > 0 else math.nan,
    )


def _pooled(a: Sample, b: Sample) -> tuple[float, float]:
    df = a.n + b.n - 2
    if min(a.n, b.n) < 2:
        return math.nan, math.nan
    pooled = ((a.n - 1) * a.sd**2 + (b.n - 1) * b.sd**2) / df
    return pooled * (1 / a.n + 1 / b.n), df


def t_interval(value: float, variance: float, df: float, confidence: float) -> Interval:
    """Return the interval by Student's t of an estimate with a variance; nan without spread.

    Examples
    --------
    >>> [round(end, 2) for end in t_interval(5.0, 1.0, 5, 0.95)]
    [2.43, 7.57]
    """
    from scipy.special import stdtrit

    if not variance > 0:
        return Interval(math.nan, math.nan)
    margin = float(stdtrit(df, (1 + confidence) / 2)) * math.sqrt(variance)
    return Interval(value - margin, value + margin)


def _why(sample: Sample) -> str:
    if sample.n < 2:
        return ONE_VALUE if sample.n else NO_VALUES
    return "" if sample.sd else NO_SPREAD
