"""Whether a Net Promoter Score is above or below a number set before, such as 0 or a target."""

from __future__ import annotations

import math
from dataclasses import replace

from cxresearch.core import validate
from cxresearch.core.comparison import NO_DIFFERENCE_POSSIBLE, Comparison, two_sided
from cxresearch.core.results import Interval
from cxresearch.stats.shares.paired import tango_statistic
from cxresearch.survey.nps import NO_ANSWERS, NpsResult
from cxresearch.survey.nps_compare import scored
from cxresearch.survey.nps_sample import POINTS

TEST = "score z (Tango)"


def nps_against(result: NpsResult, target: float = 0.0, *, confidence: float = 0.95) -> Comparison:
    """Estimate how far an NPS is from a target, and test whether it is there.

    Parameters
    ----------
    result : NpsResult
        A result of :func:`cxresearch.survey.nps`.
    target : float, default 0
        The number it is held against, in points, between -100 and 100. It was set before the
        answers came: the NPS of other answers has a chance of its own, for which
        :func:`cxresearch.survey.nps_difference` is.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Comparison
        The NPS minus the target, in points, with its score interval and the two-sided p-value of
        the same test; nan with a note where there are no answers, and
        no test where all are passives and the target is 0.

    Raises
    ------
    ValueError
        If `target` is not strictly between -100 and 100, or `confidence` between 0 and 1.

    Notes
    -----
    z = (t - t0) / sqrt(v0 / n), t0 being the target and v0 the variance of one answer that is
    most likely where the NPS is t0; n is the effective size of weighted answers or of a finite
    population. The interval leaves the target out just where p is below 1 - confidence.

    References
    ----------
    Tango (1998), Stat. Med. 17, 891-908.

    Examples
    --------
    >>> from cxresearch.survey import nps
    >>> found = nps_against(nps(counts=(12, 5, 3)), 10)
    >>> found.value, [round(end, 1) for end in found.ci], round(found.p_value, 3)
    (35.0, [-2.6, 60.5], 0.066)
    """
    validate.share("confidence", confidence)
    if not -POINTS < target < POINTS:
        raise validate.refused("target", "strictly between -100 and 100", target)
    own = scored(result, confidence)
    promoters, _, detractors = (share * result.effective_n for share in result.shares)
    statistic = math.nan
    if math.isfinite(result.effective_n):
        at = target / POINTS
        statistic = tango_statistic(detractors, promoters, result.effective_n, at)
    found = Comparison(
        value=result.nps - target,
        ci=Interval(own.ci.low - target, own.ci.high - target),
        n=result.n,
        unit="points",
        confidence=confidence,
        method="score (Tango)",
        note=result.note,
        statistic=statistic,
        p_value=two_sided(statistic),
        test=TEST,
    )
    if result.n:
        if math.isfinite(statistic) or math.isinf(result.effective_n):
            return found
        note = "; ".join(part for part in (found.note, NO_DIFFERENCE_POSSIBLE) if part)
        return replace(found, note=note)
    return replace(found, ci=Interval(math.nan, math.nan), note=NO_ANSWERS)
