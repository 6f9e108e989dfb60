"""How far two shares of units are apart when the units come in clusters, some in both groups.

The visits of a customer are alike, and a customer may visit on a phone and on a desktop: the
customer is the independent unit, and one who is in both groups is compared with herself.
"""

from __future__ import annotations

import math

from cxresearch.core import validate
from cxresearch.core.comparison import NO_DIFFERENCE_POSSIBLE, NO_GROUP, Comparison, two_sided
from cxresearch.core.results import SHARE_DIFFERENCE, Interval
from cxresearch.core.unit_sums import CrossSums, RatioSums
from cxresearch.stats.means.ratios import ONE_CLUSTER, correlation_of_ratios
from cxresearch.stats.shares.differences import mover
from cxresearch.stats.shares.proportions import clustered_proportion

METHOD = "MOVER of Wilson intervals on the effective sample sizes of the clusters"
TEST = "score test with clusters"

#: A variance below this part of what it is the difference of is rounding.
_ROUNDING = 1e-12


def difference_of_clustered_shares(
    first: RatioSums, second: RatioSums, cross: CrossSums, *, confidence: float = 0.95
) -> Comparison:
    """Estimate the second share minus the first, when a cluster may have units in both groups.

    Parameters
    ----------
    first, second : RatioSums
        The sums over the clusters of a group of its units with the property (x) and of all its
        units (y).
    cross : CrossSums
        The products between them, first times second, over the clusters in either group; zeros
        where no cluster is in both.
    confidence : float, default 0.95
        Coverage of the interval, strictly between 0 and 1.

    Returns
    -------
    Comparison
        The difference, -1 to 1, with `n` clusters in either group; nan with a note where a group
        has no units. The p-value is nan with a note where all units are alike.

    Raises
    ------
    ValueError
        If `confidence` is not strictly between 0 and 1.

    Notes
    -----
    The interval is MOVER's, from the two Wilson intervals on effective sample sizes and the
    correlation of the two shares. The test is a score test, z = d / sqrt(v), with p the share of
    both groups together. v is the larger of two: sum_c (e2_c - e1_c)**2, e_c = (x_c - p y_c) / y;
    and p (1 - p) (sum_g (y_g + r (yy_g - y_g)) / y_g**2 - 2 r yy_12 / (y_1 y_2)), r being the
    correlation of two units of a cluster, found in both groups together. The first alone finds too
    much where a small group has few of the property by chance, the second where the units of a
    cluster are less alike across the groups than within them. With one unit per cluster and groups
    of one size both are the pooled z test.

    References
    ----------
    Zou (2007), Psychol. Methods 12, 399-413. Boos (1992), Am. Stat. 46, 327-333. Guo, Pan,
    Connett, Hannan & French (2005), Stat. Med. 24, 3479-3495 (the score test with few clusters).
    Donner & Klar (1994), Am. J. Epidemiol. 140, 279-289 (one correlation for both groups).

    Examples
    --------
    Of three customers each, who bought in how many of their visits.

    >>> phone = RatioSums.from_arrays([1, 0, 1], [3, 2, 4])
    >>> desktop = RatioSums.from_arrays([2, 1, 2], [3, 1, 3])
    >>> apart = CrossSums(n=6, xx=0, xy=0, yx=0, yy=0)
    >>> result = difference_of_clustered_shares(phone, desktop, apart)
    >>> round(result.value, 2), [round(end, 2) for end in result.ci], round(result.p_value, 2)
    (0.49, [0.01, 0.74], 0.05)
    """
    validate.share("confidence", confidence)
    shares = [clustered_proportion(sums, confidence=confidence) for sums in (first, second)]
    defined = bool(first.y and second.y)
    statistic = _score(first, second, cross) if defined else math.nan
    lacking = not defined or min(first.n, second.n) < 2
    alike = 0.0 if lacking else correlation_of_ratios(first, second, cross)
    return Comparison(
        value=shares[1].value - shares[0].value,
        ci=Interval(math.nan, math.nan) if lacking else mover(*shares, correlation=alike),
        n=cross.n,
        unit=SHARE_DIFFERENCE,
        confidence=confidence,
        method=METHOD,
        note=_note(defined, lacking, statistic),
        statistic=statistic,
        p_value=two_sided(statistic),
        test=TEST,
    )


def _note(defined: bool, lacking: bool, statistic: float) -> str:
    if not defined:
        return NO_GROUP
    if lacking:
        return ONE_CLUSTER
    return NO_DIFFERENCE_POSSIBLE if math.isnan(statistic) else ""


def _score(first: RatioSums, second: RatioSums, cross: CrossSums) -> float:
    """Return the score statistic; nan where every unit is alike."""
    p = (first.x + second.x) / (first.y + second.y)
    if not 0 < p < 1:
        return math.nan
    squares = [s.xx - 2 * p * s.xy + p**2 * s.yy for s in (first, second)]
    both = cross.xx - p * (cross.xy + cross.yx) + p**2 * cross.yy
    own = squares[0] / first.y**2 + squares[1] / second.y**2
    variance = own - 2 * both / (first.y * second.y)
    if variance <= _ROUNDING * own:
        return math.nan
    shared = _shared_variance(first, second, cross, p, sum(squares) + 2 * both)
    return (second.ratio - first.ratio) / math.sqrt(max(variance, shared))


def _shared_variance(
    first: RatioSums, second: RatioSums, cross: CrossSums, p: float, squares: float
) -> float:
    """Return the variance of the difference if any two units of a cluster are equally alike."""
    units = first.y + second.y
    pairs = first.yy + second.yy + 2 * cross.yy - units
    alone = p * (1 - p)
    alike = max((squares / alone - units) / pairs, 0.0) if pairs > 0 else 0.0
    own = sum((s.y + alike * (s.yy - s.y)) / s.y**2 for s in (first, second))
    return alone * (own - 2 * alike * cross.yy / (first.y * second.y))
