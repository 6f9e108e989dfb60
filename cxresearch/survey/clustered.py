"""Survey metrics of people who may have answered several times, and how far two are apart.

The answers of one customer are alike, so they tell less than as many answers of different people.
Every interval and test here is the plain one at the size that the answers are worth.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from cxresearch.core import validate
from cxresearch.core.comparison import Comparison, normal_quantile, two_sided, two_sided_t
from cxresearch.core.results import Estimate, Interval, difference_unit
from cxresearch.stats.means.ratios import ONE_CLUSTER, correlation_of_ratios
from cxresearch.stats.means.sample_means import t_interval
from cxresearch.stats.shares.differences import mover
from cxresearch.stats.shares.proportions import wilson
from cxresearch.survey import nps_intervals
from cxresearch.survey._people import TOP, Group, Split
from cxresearch.survey.enps import guarded
from cxresearch.survey.nps import SCALES, nps_of
from cxresearch.survey.nps_sample import POINTS
from cxresearch.survey.ratings import mean_score, top_box

CLUSTERED = "the answers of one customer are alike: the interval counts customers, not answers"

#: A design effect below this is taken as chance: several answers each never make an interval
#: shorter than that of as many people.
LEAST_DESIGN_EFFECT = 1.0

METHODS = {
    "nps": "score (Tango) on the effective sample size of the customers",
    "enps": "score (Tango) on the effective sample size of the customers",
    "csat": "Wilson score on the effective sample size of the customers",
    "ces": "mean, t, on the effective sample size of the customers",
}
UNITS = {"nps": "points", "enps": "points", "csat": "share", "ces": "score"}
DIFFERENCES = {
    "nps": "MOVER of score intervals",
    "csat": "MOVER of Wilson intervals",
    "ces": "Welch's t",
}


def effective_size(group: Group, confidence: float) -> float:
    """Return how many answers of different people would tell as much.

    Notes
    -----
    n / deff * (t_{n-1} / t_{people-1})**2, where deff is the linearised variance of the mean over
    people over that over answers, at least 1; n / people where every answer is alike. It is n
    where everybody answered once, and nan where all answers are of one person.

    References
    ----------
    Korn & Graubard (1998), Survey Methodology 24, 193-201.
    """
    from scipy.special import stdtrit

    n, people = group.each.n, group.people.n
    if people == n:
        return float(n)
    if people < 2:
        return math.nan
    alone = group.each.variance
    effect = group.people.variance / alone if alone else n / people
    quantiles = [float(stdtrit(size - 1, (1 + confidence) / 2)) for size in (n, people)]
    return n / max(effect, LEAST_DESIGN_EFFECT) * (quantiles[0] / quantiles[1]) ** 2


def level(metric: str, group: Group, confidence: float) -> Estimate:
    """Return a survey metric with its interval over people; `n` counts answers.

    Raises
    ------
    ValueError
        If an NPS has another scale than 0-10 or 1-10.
    """
    plain = _plain(metric, group, confidence)
    people = group.people.n
    if people < group.each.n:
        ends = _ends(metric, group, plain, confidence)
        note = ONE_CLUSTER if people < 2 else CLUSTERED
        notes = "; ".join(part for part in (plain.note, note) if part)
        plain = replace(plain, ci=ends, method=METHODS[metric], note=notes)
    return guarded(plain, people) if metric == "enps" else plain


def against_rest(metric: str, split: Split, confidence: float) -> Comparison:
    """Return a group minus the other answers to its question; a person may be in both.

    Notes
    -----
    The interval is MOVER's with the correlation of the two linearised means over people, or
    Welch's for a CES, with the same covariance; each side at its effective size.

    References
    ----------
    Zou (2007), Psychological Methods 12, 399-413 (correlated estimates).
    """
    first, second = (level(metric, part, confidence) for part in (split.rest, split.group))
    alike = correlation_of_ratios(split.rest.people, split.group.people, split.cross)
    v1, v2 = _variances(metric, split, confidence)
    variance = v1 + v2 - 2 * alike * math.sqrt(v1 * v2)
    d = second.value - first.value
    statistic = d / math.sqrt(variance) if variance > 0 else math.nan
    df = _welch_df((v1, split.rest), (v2, split.group)) if metric == "ces" else math.inf
    if metric == "ces":
        ends = t_interval(d, variance, df, confidence)
    else:
        ends = mover(first, second, correlation=alike)
    return Comparison(
        value=d,
        ci=ends,
        n=first.n + second.n,
        unit=difference_unit(second.unit),
        confidence=confidence,
        method=DIFFERENCES[metric],
        statistic=statistic,
        p_value=two_sided_t(statistic, df) if metric == "ces" else two_sided(statistic),
        test="t test" if metric == "ces" else "z test, over people",
        df=df,
    )


def _plain(metric: str, group: Group, confidence: float) -> Estimate:
    """Return the metric as if every answer were of another person."""
    found = group.answers
    if metric == "csat":
        return top_box(found, TOP, confidence)
    if metric == "ces":
        return mean_score(found, confidence)
    validate.one_of("scale", found.scale, SCALES)
    result = nps_of(found, confidence=confidence)
    return Estimate(
        value=result.nps,
        ci=result.ci,
        n=result.n,
        unit=result.unit,
        confidence=confidence,
        method=result.method,
        note=result.note,
    )


def _ends(metric: str, group: Group, plain: Estimate, confidence: float) -> Interval:
    """Return the interval of a metric at the effective size of its answers."""
    size = effective_size(group, confidence)
    if math.isnan(size):
        return Interval(math.nan, math.nan)
    if metric == "csat":
        return wilson(plain.value, size, normal_quantile(confidence))
    if metric == "ces":
        least, most = group.answers.scale
        variance = group.each.variance * group.each.n / size
        ends = t_interval(plain.value, variance, group.each.n - 1, confidence)
        return Interval(max(ends.low, float(least)), min(ends.high, float(most)))
    result = nps_of(group.answers, confidence=confidence)
    counts = (np.array([share * size]) for share in result.shares)
    low, high = nps_intervals.limits(*counts, method="score", confidence=confidence)
    return Interval(POINTS * float(low[0]), POINTS * float(high[0]))


def _variances(metric: str, split: Split, confidence: float) -> tuple[float, float]:
    """Return the variances of the two values where they do not differ, for the test."""
    parts = split.rest, split.group
    first, second = (effective_size(part, confidence) for part in parts)
    if metric == "ces":
        v1, v2 = (part.each.variance * part.each.n for part in parts)
    elif metric == "csat":
        share = sum(part.each.x for part in parts) / sum(part.each.y for part in parts)
        v1 = v2 = share * (1 - share)
    else:
        v1, v2 = (POINTS**2 * _spread(part) for part in parts)
    return v1 / first, v2 / second


def _spread(part: Group) -> float:
    """Return the variance of the values of the answers, over n."""
    return max(part.each.xx / part.each.y - part.each.ratio**2, 0.0)


def _welch_df(*parts: tuple[float, Group]) -> float:
    below = sum(v**2 / (part.each.n - 1) if part.each.n > 1 else math.nan for v, part in parts)
    return sum(v for v, _ in parts) ** 2 / below if below > 0 else math.nan
