"""Two groups within strata: the difference where their mix is the same, and whether it varies.

A variant that got more of the customers who buy anyway looks better than it is, and can look
better while it is worse in every stratum (Simpson's paradox).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cxresearch.core import validate
from cxresearch.core.comparison import (
    Comparison,
    GroupTest,
    chi_square_tail,
    normal_quantile,
    welch_df,
)
from cxresearch.core.documented import documented
from cxresearch.core.results import Interval
from cxresearch.stats.means.estimators import ValueWithVariance, why_unknown
from cxresearch.stats.means.sample_means import t_interval

NO_ODDS = "undefined: the odds of one group are 0 or without limit in every stratum"

#: The successes and the units of control and of treatment in one stratum.
Counts = tuple[tuple[int, int], tuple[int, int]]

ONE_SEGMENT = "no test: it needs the effect in at least two segments"
SEGMENTS_LEFT_OUT = "segments without an effect or its variance are left out"


def stratified(strata: Sequence[ValueWithVariance], weights: Sequence[float]) -> ValueWithVariance:
    """Return a group's number had the strata the given weights.

    Parameters
    ----------
    strata : sequence of ValueWithVariance
        The group's number in each stratum.
    weights : sequence of float
        How much each stratum counts, of any sum: its units in all groups together, or its share
        among all customers. Give every group the same weights.

    Returns
    -------
    ValueWithVariance
        The weighted mean; nan where a stratum that counts has no value.

    Raises
    ------
    ValueError
        If the lengths differ, a weight is negative, or all are 0.

    Notes
    -----
    sum(w_h m_h) / sum(w_h), with variance sum(w_h**2 v_h) / sum(w_h)**2 and Satterthwaite's
    degrees of freedom. The weights are taken as known.

    References
    ----------
    Miratrix, Sekhon & Yu (2013), J. R. Stat. Soc. B 75, 369-396.

    Examples
    --------
    >>> sizes = [(81, 87), (192, 263)]
    >>> stones = [ValueWithVariance.of_proportion(*size) for size in sizes]
    >>> round(stratified(stones, [357, 343]).value, 4)
    0.8325
    """
    validate.arrays(weights=weights)
    validate.one_of("the length of strata", len(strata), (len(weights),))
    total = validate.positive("the sum of weights", float(sum(weights)))
    shares = [validate.between("weights", weight, 0, math.inf) / total for weight in weights]
    pairs = [(w, one) for w, one in zip(shares, strata, strict=True) if w]
    parts = [(w**2 * one.variance, one.df) for w, one in pairs]
    return ValueWithVariance(
        n=sum(one.n for one in strata),
        value=sum(w * one.value for w, one in pairs),
        variance=sum(variance for variance, _ in parts),
        df=welch_df(parts),
    )


def mantel_haenszel(strata: Sequence[Counts], *, confidence: float = 0.95) -> Comparison:
    """Estimate the odds ratio of treatment against control that the strata share.

    Parameters
    ----------
    strata : sequence of two tuples of int
        For each stratum the successes and units of control, then of treatment.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Comparison
        The odds ratio (1 is no difference), with Cochran, Mantel and Haenszel's statistic on one
        degree of freedom; nan with a note where it is undefined.

    Raises
    ------
    ValueError
        If a count is negative, or a group has more successes than units.

    Notes
    -----
    sum(R) / sum(S), with R = x2 (n1 - x1) / n and S = x1 (n2 - x2) / n of each stratum; the
    interval on the logarithm by Robins, Breslow and Greenland. The test, without continuity
    correction, is of (sum(x2 - E x2))**2 / sum(Var x2), given the margins.

    References
    ----------
    Mantel & Haenszel (1959), J. Natl. Cancer Inst. 22, 719-748. Robins, Breslow & Greenland
    (1986), Biometrics 42, 311-323.

    Examples
    --------
    >>> kidney_stones = [((234, 270), (81, 87)), ((55, 80), (192, 263))]
    >>> result = mantel_haenszel(kidney_stones)
    >>> round(result.value, 3), round(result.p_value, 3)
    (1.447, 0.119)
    """
    validate.share("confidence", confidence)
    for stratum in strata:
        two = validate.pair("a stratum", stratum)
        for name, counts in zip(("control", "treatment"), two, strict=True):
            x, n = validate.pair(name, counts)
            validate.whole(f"units of {name}", n)
            validate.between(
                f"successes of {name}", validate.whole(f"successes of {name}", x), 0, n
            )
    # A stratum where one group has no units says nothing of their difference.
    kept = [stratum for stratum in strata if stratum[0][1] and stratum[1][1]]
    log, variance = _log_odds(kept)
    chi2 = _cmh(kept)
    return Comparison(
        value=math.exp(log),
        ci=_exponential(log, variance, confidence),
        n=sum(n1 + n2 for (_, n1), (_, n2) in strata),
        unit="odds ratio",
        confidence=confidence,
        method="Mantel-Haenszel odds ratio, Robins-Breslow-Greenland",
        note=NO_ODDS if math.isnan(log) else "",
        statistic=chi2,
        p_value=chi_square_tail(chi2, 1),
        test="Cochran-Mantel-Haenszel",
        df=1,
    )


def is_reversed(crude: float, within: Sequence[float]) -> bool:
    """Return whether every stratum says the opposite of all strata together.

    Parameters
    ----------
    crude : float
        The difference of the two groups, whatever their mix.
    within : sequence of float
        Their difference within each stratum.

    Examples
    --------
    >>> is_reversed(0.78 - 0.826, [0.931 - 0.867, 0.730 - 0.688])
    True
    """
    return bool(within) and all(crude * one < 0 for one in within)


def _log_odds(strata: Sequence[Counts]) -> tuple[float, float]:
    """Return the logarithm of the common odds ratio and its variance; nan where undefined."""
    sums = dict.fromkeys(("r", "s", "pr", "mixed", "qs"), 0.0)
    for (x1, n1), (x2, n2) in strata:
        n = n1 + n2
        p, q = (x2 + n1 - x1) / n, (x1 + n2 - x2) / n
        r, s = x2 * (n1 - x1) / n, x1 * (n2 - x2) / n
        for name, part in zip(sums, (r, s, p * r, p * s + q * r, q * s), strict=True):
            sums[name] += part
    r, s = sums["r"], sums["s"]
    if not r or not s:
        return math.nan, math.nan
    variance = sums["pr"] / (2 * r**2) + sums["mixed"] / (2 * r * s) + sums["qs"] / (2 * s**2)
    return math.log(r / s), variance


def _cmh(strata: Sequence[Counts]) -> float:
    excess, variance = 0.0, 0.0
    for (x1, n1), (x2, n2) in strata:
        n, x = n1 + n2, x1 + x2
        excess += x2 - n2 * x / n
        variance += n1 * n2 * x * (n - x) / (n**2 * (n - 1))
    return excess**2 / variance if variance else math.nan


def _exponential(log: float, variance: float, confidence: float) -> Interval:
    margin = normal_quantile(confidence) * math.sqrt(variance)
    return Interval(math.exp(log - margin), math.exp(log + margin))


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
    every = validate.listed("effects", effects)
    kept = [effect for effect in every if not why_unknown(effect)]
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
