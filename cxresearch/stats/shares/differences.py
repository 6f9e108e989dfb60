"""How far two shares are apart, of independent units or of clusters with units in both groups.

The visits of a customer are alike, and a customer may visit on a phone and on a desktop: then the
customer is the independent unit, and one who is in both groups is compared with herself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

from cxresearch.core import validate
from cxresearch.core.comparison import (
    NO_DIFFERENCE_POSSIBLE,
    NO_GROUP,
    Comparison,
    normal_quantile,
    two_sided,
)
from cxresearch.core.documented import documented
from cxresearch.core.results import SHARE_DIFFERENCE, Estimate, Interval
from cxresearch.core.unit_sums import CrossSums, RatioSums
from cxresearch.stats.means.ratios import ONE_CLUSTER, correlation_of_ratios
from cxresearch.stats.shares.proportions import clustered_proportion, proportion

Method = Literal["newcombe", "miettinen_nurminen", "agresti_caffo", "wald"]
Test = Literal["pooled_z", "miettinen_nurminen", "fisher"]

_METHODS: dict[str, str] = {
    "newcombe": "Newcombe, from two Wilson intervals",
    "miettinen_nurminen": "Miettinen-Nurminen score",
    "agresti_caffo": "Agresti-Caffo",
    "wald": "Wald difference, which covers too little at small n",
}
_TESTS: dict[str, str] = {
    "pooled_z": "z test, pooled",
    "miettinen_nurminen": "Miettinen-Nurminen score test",
    "fisher": "Fisher's exact test",
}

#: The width at which a search for a bound ends.
_WIDTH = 1e-13

METHOD = "MOVER of Wilson intervals on the effective sample sizes of the clusters"
TEST = "score test with clusters"

#: A variance below this part of what it is the difference of is rounding.
_ROUNDING = 1e-12


@documented
def difference_of_proportions(
    first: tuple[int, int],
    second: tuple[int, int],
    *,
    confidence: float = 0.95,
    method: Method = "newcombe",
    test: Test | None = None,
) -> Comparison:
    """Estimate the second share minus the first, of two independent groups.

    Parameters
    ----------
    first, second : tuple of int
        Successes and units of each group.
    %(confidence)s
    method : {"newcombe", "miettinen_nurminen", "agresti_caffo", "wald"}
        The interval.
    test : {"pooled_z", "miettinen_nurminen", "fisher"}, optional
        The test of no difference; by default the pooled z test, or the interval's own with
        ``"miettinen_nurminen"``.

    Returns
    -------
    Comparison
        The difference, -1 to 1, with the units of both groups as `n`; nan with a note where a
        group is empty. The p-value is nan with a note where all units are alike.

    Raises
    ------
    %(successes_error)s

    Notes
    -----
    Newcombe: d - sqrt((p2 - l2)**2 + (u1 - p1)**2) to d + sqrt((u2 - p2)**2 + (p1 - l1)**2) with
    Wilson's l and u. Miettinen-Nurminen: the differences D with |d - D| <= z * se(D), se from the
    shares that fit D best, times N / (N - 1). Agresti-Caffo: Wald with one success and one
    failure more in each group. Cut at -1 and 1.

    References
    ----------
    Newcombe (1998), Stat. Med. 17, 873-890, method 10. Miettinen & Nurminen (1985), Stat. Med. 4,
    213-226. Agresti & Caffo (2000), Am. Stat. 54, 280-288.

    Examples
    --------
    >>> result = difference_of_proportions((48, 80), (56, 70))
    >>> round(result.value, 4), [round(bound, 4) for bound in result.ci], round(result.p_value, 4)
    (0.2, [0.0524, 0.3339], 0.008)
    """
    validate.share("confidence", confidence)
    validate.one_of("method", method, tuple(_METHODS))
    chosen = test or ("miettinen_nurminen" if method == "miettinen_nurminen" else "pooled_z")
    validate.one_of("test", chosen, tuple(_TESTS))
    for name, counts in (("first", first), ("second", second)):
        x, n = validate.pair(name, counts)
        validate.whole(f"units of {name}", n)
        validate.between(f"successes of {name}", validate.whole(f"successes of {name}", x), 0, n)
    defined = bool(first[1] and second[1])
    statistic, p_value = _test(first, second, chosen) if defined else (math.nan, math.nan)
    spread = 0 < first[0] + second[0] < first[1] + second[1]
    return Comparison(
        value=second[0] / second[1] - first[0] / first[1] if defined else math.nan,
        ci=_interval(first, second, confidence, method)
        if defined
        else Interval(math.nan, math.nan),
        n=first[1] + second[1],
        unit=SHARE_DIFFERENCE,
        confidence=confidence,
        method=_METHODS[method],
        note="" if defined and spread else NO_DIFFERENCE_POSSIBLE if defined else NO_GROUP,
        statistic=statistic,
        p_value=p_value,
        test=_TESTS[chosen],
    )


def mover(first: Estimate, second: Estimate, *, correlation: float = 0.0) -> Interval:
    """Return the interval of the second value minus the first from those of the two.

    The intervals must be of one confidence (MOVER: the method of variance estimates recovery);
    `correlation` is that of the two values, 0 where they are independent.

    Notes
    -----
    d - sqrt(a**2 + b**2 - 2 r a b) with a = v2 - l2 and b = u1 - v1, to d + the same with
    a = u2 - v2 and b = v1 - l1.

    References
    ----------
    Zou & Donner (2008), Stat. Med. 27, 1693-1702. Zou (2007), Psychol. Methods 12, 399-413
    (correlated values).

    Examples
    --------
    >>> low, high = mover(proportion(48, 80), proportion(56, 70))
    >>> round(low, 4), round(high, 4)
    (0.0524, 0.3339)
    """
    d = second.value - first.value
    below = second.value - second.ci.low, first.ci.high - first.value
    above = second.ci.high - second.value, first.value - first.ci.low
    low, high = (
        math.sqrt(max(a**2 + b**2 - 2 * correlation * a * b, 0.0)) for a, b in (below, above)
    )
    return Interval(d - low, d + high)


def score_bounds(d: float, excess: Callable[[float], float]) -> Interval:
    """Return where `excess` turns positive below and above the difference `d`, within -1 and 1.

    `excess` is at most 0 at `d` and changes its sign once on either side; the bounds are found by
    halving.
    """

    def bound(end: float) -> float:
        inside, outside = d, end
        if excess(end) <= 0:
            return end
        while abs(outside - inside) > _WIDTH:
            middle = (inside + outside) / 2
            if excess(middle) <= 0:
                inside = middle
            else:
                outside = middle
        return inside

    return Interval(bound(-1.0), bound(1.0))


@documented
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
    %(confidence)s

    Returns
    -------
    Comparison
        The difference, -1 to 1, with `n` clusters in either group; nan with a note where a group
        has no units. The p-value is nan with a note where all units are alike.

    Raises
    ------
    %(confidence_error)s

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


def _interval(
    first: tuple[int, int], second: tuple[int, int], confidence: float, method: Method
) -> Interval:
    if method == "newcombe":
        return mover(
            proportion(*first, confidence=confidence), proportion(*second, confidence=confidence)
        )
    z = normal_quantile(confidence)
    if method == "miettinen_nurminen":
        d = second[0] / second[1] - first[0] / first[1]
        return score_bounds(
            d, lambda trial: (d - trial) ** 2 - z**2 * _score_variance(first, second, trial)
        )
    added = 1 if method == "agresti_caffo" else 0
    (p1, n1), (p2, n2) = (
        ((x + added) / (n + 2 * added), n + 2 * added) for x, n in (first, second)
    )
    margin = z * math.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    return Interval(max(p2 - p1 - margin, -1.0), min(p2 - p1 + margin, 1.0))


def _test(first: tuple[int, int], second: tuple[int, int], test: str) -> tuple[float, float]:
    """Return the statistic and the p-value of no difference; nan where all units are alike."""
    (x1, n1), (x2, n2) = first, second
    pooled = (x1 + x2) / (n1 + n2)
    variance = pooled * (1 - pooled) * (1 / n1 + 1 / n2)
    if not variance:
        return math.nan, math.nan
    if test == "miettinen_nurminen":
        variance *= (n1 + n2) / (n1 + n2 - 1)
    z = (x2 / n2 - x1 / n1) / math.sqrt(variance)
    return z, _fisher(x1, n1, x2, n2) if test == "fisher" else two_sided(z)


def _fisher(x1: int, n1: int, x2: int, n2: int) -> float:
    from scipy.stats import fisher_exact

    return float(fisher_exact([[x1, n1 - x1], [x2, n2 - x2]]).pvalue)


def _score_variance(first: tuple[int, int], second: tuple[int, int], d: float) -> float:
    """Return the variance of p2 - p1 at the shares that fit the difference `d` best.

    The shares solve the cubic of Miettinen and Nurminen's appendix in closed form.
    """
    (x1, n1), (x2, n2) = first, second
    n, x = n1 + n2, x1 + x2
    c2 = (n2 + 2 * n1) * d - n - x
    c1 = (n1 * d - n - 2 * x1) * d + x
    c0 = x1 * d * (1 - d)
    q = (c2 / (3 * n)) ** 3 - c1 * c2 / (6 * n**2) + c0 / (2 * n)
    spread = max((c2 / (3 * n)) ** 2 - c1 / (3 * n), 0.0)
    p = math.copysign(math.sqrt(spread), q)
    ratio = q / p**3 if p else 0.0
    angle = (math.pi + math.acos(min(max(ratio, -1.0), 1.0))) / 3
    first_share = min(max(2 * p * math.cos(angle) - c2 / (3 * n), 0.0), 1.0)
    second_share = min(max(first_share + d, 0.0), 1.0)
    plain = first_share * (1 - first_share) / n1 + second_share * (1 - second_share) / n2
    return plain * n / (n - 1)


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
