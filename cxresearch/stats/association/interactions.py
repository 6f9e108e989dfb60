"""Whether an effect differs between segments: the test that "significant here, not there" is not.

Two segments are compared by :func:`cxresearch.stats.means.difference` of their effects (a
difference of differences); several by Cochran's Q.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cxresearch.core import validate
from cxresearch.core.comparison import GroupTest, chi_square_tail
from cxresearch.core.documented import documented
from cxresearch.core.results import Interval
from cxresearch.stats.means.estimators import ValueWithVariance, why_unknown
from cxresearch.stats.means.sample_means import t_interval

ONE_SEGMENT = "no test: it needs the effect in at least two segments"
SEGMENTS_LEFT_OUT = "segments without an effect or its variance are left out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heterogeneity(GroupTest):
    """A test that an effect is the same in every segment.

    Parameters
    ----------
    i_squared : float
        The share of the differences between the segments that chance does not explain, 0-1.
    pooled : float
        The effect that the segments share if they share one, weighted by precision.
    pooled_ci : Interval
        Its interval at `confidence`.
    confidence : float
        The coverage of `pooled_ci`.

    See Also
    --------
    cxresearch.core.comparison.GroupTest : The other fields.
    """

    i_squared: float
    pooled: float
    pooled_ci: Interval
    confidence: float


@documented
def homogeneity(effects: Sequence[ValueWithVariance], *, confidence: float = 0.95) -> Heterogeneity:
    """Test whether an effect is the same in every segment (Cochran's Q).

    Parameters
    ----------
    effects : sequence of ValueWithVariance
        The effect in each segment; the segments have no units in common.
    confidence : float, default 0.95
        Coverage of the pooled effect's interval, strictly between 0 and 1.

    Returns
    -------
    Heterogeneity
        Q with one degree of freedom less than segments; nan with a note where fewer than two
        segments have an effect with a variance.

    Raises
    ------
    %(confidence_error)s

    Notes
    -----
    Q = sum(w (d - pooled)**2), w = 1 / variance, pooled = sum(w d) / sum(w);
    I**2 = max(0, (Q - df) / Q). It finds little where the segments are small.

    References
    ----------
    Cochran (1954), Biometrics 10, 101-129. Higgins & Thompson (2002), Stat. Med. 21, 1539-1558.

    Examples
    --------
    >>> segments = [ValueWithVariance(n=50, value=value, variance=1.0) for value in (1.0, 2.0, 6.0)]
    >>> result = homogeneity(segments)
    >>> round(result.statistic, 2), result.df, round(result.p_value, 4)
    (14.0, 2, 0.0009)
    """
    validate.share("confidence", confidence)
    kept = [effect for effect in effects if not why_unknown(effect)]
    weights = [1 / effect.variance for effect in kept]
    total = sum(weights)
    pooled = (
        sum(w * one.value for w, one in zip(weights, kept, strict=True)) / total
        if kept
        else (math.nan)
    )
    df = len(kept) - 1
    q = math.nan
    if df > 0:
        q = sum(w * (one.value - pooled) ** 2 for w, one in zip(weights, kept, strict=True))
    left_out = SEGMENTS_LEFT_OUT if len(kept) < len(effects) else ""
    return Heterogeneity(
        statistic=q,
        df=max(df, 0),
        p_value=chi_square_tail(q, df),
        n=sum(one.n for one in kept),
        method="Cochran's Q",
        note=ONE_SEGMENT if df < 1 else left_out,
        i_squared=max(0.0, (q - df) / q) if q > 0 else 0.0 if q == 0 else math.nan,
        pooled=pooled,
        pooled_ci=t_interval(pooled, 1 / total if kept else math.nan, math.inf, confidence),
        confidence=confidence,
    )
