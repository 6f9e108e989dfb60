"""Whether one group is not worse than another by more than a margin, or within one of it.

A guardrail asks not "is there a difference" but "is the harm, if any, small enough". A p-value
above .05 of no difference does not answer that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison
from cxresearch.stats.means.estimators import ValueWithVariance, why_unknown
from cxresearch.stats.means.sample_means import t_interval

Better = Literal["higher", "lower"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginTest(Comparison):
    """A difference read against a margin.

    Parameters
    ----------
    margin : float
        The largest difference that does no harm, in `unit`.
    holds : bool
        Whether the data show that the difference is inside it; False is "not shown", which is not
        "shown to be outside".

    See Also
    --------
    cxresearch.core.comparison.Comparison : The other fields; `p_value` is one-sided.
    """

    margin: float
    holds: bool


def non_inferiority(
    effect: ValueWithVariance,
    *,
    margin: float,
    better: Better = "higher",
    unit: str,
    confidence: float = 0.95,
) -> MarginTest:
    """Test whether treatment is not worse than control by the margin or more.

    Parameters
    ----------
    effect : ValueWithVariance
        Treatment minus control, absolute or relative
        (:meth:`~cxresearch.stats.means.ValueWithVariance.minus`,
        :func:`cxresearch.stats.means.relative`).
    margin : float
        The margin, above 0, in `unit`.
    better : {"higher", "lower"}
        Which side of the metric is the good one.
    unit : str
        The unit of the effect and of the margin.
    confidence : float, default 0.95
        One minus the chance to pass a treatment that is worse by just the margin.

    Returns
    -------
    MarginTest
        The effect with its two-sided interval at 2 `confidence` - 1, whose bad end decides.

    Raises
    ------
    ValueError
        If `margin` is not above 0, or `confidence` is not above one half and below 1.

    Notes
    -----
    t = (d + margin) / se where higher is better, (margin - d) / se where lower is; the p-value is
    its upper tail.

    References
    ----------
    Wellek (2010), Testing Statistical Hypotheses of Equivalence and Noninferiority, 2nd ed.

    Examples
    --------
    >>> effect = ValueWithVariance(n=2000, value=-0.002, variance=0.004**2)
    >>> result = non_inferiority(effect, margin=0.01, unit="share")
    >>> result.holds, round(result.p_value, 4)
    (True, 0.0228)
    """
    validate.one_of("better", better, ("higher", "lower"))
    sign = 1.0 if better == "higher" else -1.0
    return _read(
        effect,
        [sign * effect.value + validate.positive("margin", margin)],
        margin=margin,
        unit=unit,
        confidence=confidence,
        method="non-inferiority, one-sided t",
    )


def equivalence(
    effect: ValueWithVariance, *, margin: float, unit: str, confidence: float = 0.95
) -> MarginTest:
    """Test whether treatment is within the margin of control, to either side (TOST).

    Parameters
    ----------
    effect, margin, unit, confidence
        As in :func:`non_inferiority`.

    Returns
    -------
    MarginTest
        The effect with its two-sided interval at 2 `confidence` - 1, which decides by lying
        within the margin; the p-value is the larger of the two one-sided ones.

    Raises
    ------
    ValueError
        If `margin` is not above 0, or `confidence` is not above one half and below 1.

    References
    ----------
    Schuirmann (1987), J. Pharmacokinet. Biopharm. 15, 657-680.

    Examples
    --------
    >>> effect = ValueWithVariance(n=2000, value=-0.002, variance=0.004**2)
    >>> equivalence(effect, margin=0.01, unit="share").holds
    True
    """
    validate.positive("margin", margin)
    return _read(
        effect,
        [margin + effect.value, margin - effect.value],
        margin=margin,
        unit=unit,
        confidence=confidence,
        method="equivalence, two one-sided t tests",
    )


def _read(
    effect: ValueWithVariance,
    distances: list[float],
    *,
    margin: float,
    unit: str,
    confidence: float,
    method: str,
) -> MarginTest:
    """Return the test whose statistic is the smallest distance to a margin, in standard errors."""
    from scipy.special import stdtr

    level = validate.share("2 confidence - 1", 2 * validate.share("confidence", confidence) - 1)
    note = why_unknown(effect)
    statistic = math.nan if note else min(distances) / effect.se
    p_value = float(stdtr(effect.df, -statistic))
    return MarginTest(
        value=effect.value,
        ci=t_interval(effect.value, effect.variance, effect.df, level),
        n=effect.n,
        unit=unit,
        confidence=level,
        method=method,
        note=note,
        statistic=statistic,
        p_value=p_value,
        test="one-sided t test",
        df=effect.df,
        margin=float(margin),
        holds=p_value < 1 - confidence,
    )
