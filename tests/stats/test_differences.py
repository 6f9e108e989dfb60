"""Differences of two groups' shares against published values and a plainer search."""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar
from scipy.special import ndtri

from cxresearch.core.comparison import NO_DIFFERENCE_POSSIBLE
from cxresearch.stats.shares import differences
from cxresearch.stats.shares.differences import difference_of_proportions, mover
from cxresearch.stats.shares.proportions import proportion

METHODS = get_args(differences.Method)
group = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("method", "low", "high"),
    # R PropCIs 0.3.0: diffscoreci, wald2ci(adjust = "AC"); R 4.2.2 prop.test(correct = FALSE).
    # Newcombe (1998), Stat. Med. 17, 873-890, table II prints 0.0524 and 0.3339 for his method 10.
    [
        ("newcombe", 0.0524314724023649, 0.333872654036906),
        ("miettinen_nurminen", 0.0528296947479248, 0.338173007965088),
        ("agresti_caffo", 0.0524529266380537, 0.335758455475767),
        ("wald", 0.0575048991490372, 0.342495100850963),
    ],
)
def test_published_intervals(method, low, high):
    result = difference_of_proportions((48, 80), (56, 70), method=method)
    assert result.value == pytest.approx(0.2)
    assert result.ci == pytest.approx((low, high), abs=1e-6)
    assert (result.n, result.unit, result.note) == (150, "share difference", "")


def test_published_p_values():
    # R 4.2.2 prop.test(c(56, 48), c(70, 80), correct = FALSE), fisher.test.
    result = difference_of_proportions((48, 80), (56, 70))
    assert result.statistic == pytest.approx(2.65017195125853)
    assert result.p_value == pytest.approx(0.00804508136819656)
    exact = difference_of_proportions((48, 80), (56, 70), test="fisher")
    assert exact.p_value == pytest.approx(0.0125211297492092)


def plain_score_variance(first, second, d):
    """Return n / (n - 1) times the variance at the shares found by a numeric search."""
    (x1, n1), (x2, n2) = first, second

    def loss(p):
        terms = [(x1, p), (n1 - x1, 1 - p), (x2, p + d), (n2 - x2, 1 - p - d)]
        return -sum(x * math.log(max(share, 1e-300)) for x, share in terms if x)

    inner = {"xatol": 1e-12}
    low, high = max(0.0, -d), min(1.0, 1 - d)
    p = minimize_scalar(loss, bounds=(low, high), method="bounded", options=inner).x
    plain = p * (1 - p) / n1 + (p + d) * (1 - p - d) / n2
    return plain * (n1 + n2) / (n1 + n2 - 1)


@pytest.mark.parametrize(
    ("first", "second"), [((3, 10), (9, 10)), ((30, 310), (45, 300)), ((1, 8), (5, 31))]
)
def test_miettinen_nurminen_by_numeric_search(first, second):
    d = second[0] / second[1] - first[0] / first[1]
    z = ndtri(0.975)

    def excess(trial):
        return abs(d - trial) - z * math.sqrt(plain_score_variance(first, second, trial))

    expected = brentq(excess, -1 + 1e-6, d), brentq(excess, d, 1 - 1e-6)
    result = difference_of_proportions(first, second, method="miettinen_nurminen")
    assert result.ci == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("confidence", [0.8, 0.9, 0.99])
def test_miettinen_nurminen_agrees_with_its_own_test(confidence):
    for second in range(21):
        result = difference_of_proportions(
            (7, 20), (second, 20), method="miettinen_nurminen", confidence=confidence
        )
        holds_zero = result.ci.low <= 0 <= result.ci.high
        assert holds_zero == (result.p_value > 1 - confidence)


@pytest.mark.parametrize("method", METHODS)
@given(first=group, second=group)
def test_swapping_the_groups_flips_the_sign(method, first, second):
    there = difference_of_proportions(first, second, method=method)
    back = difference_of_proportions(second, first, method=method)
    assert back.value == -there.value
    assert back.ci == pytest.approx((-there.ci.high, -there.ci.low), abs=1e-9)
    assert back.p_value == pytest.approx(there.p_value, nan_ok=True)
    assert -1 <= there.ci.low <= there.ci.high <= 1


@pytest.mark.parametrize("method", METHODS)
@given(first=group, second=group)
def test_more_confidence_is_wider(method, first, second):
    narrow = difference_of_proportions(first, second, method=method, confidence=0.8).ci
    wide = difference_of_proportions(first, second, method=method, confidence=0.99).ci
    assert wide.low <= narrow.low + 1e-9
    assert wide.high >= narrow.high - 1e-9


@pytest.mark.parametrize("method", ["newcombe", "miettinen_nurminen"])
def test_extremes_keep_a_width(method):
    low, high = difference_of_proportions((0, 10), (10, 10), method=method).ci
    assert low < high == 1
    low, high = difference_of_proportions((0, 10), (0, 20), method=method).ci
    assert low < 0 < high


def test_groups_alike_throughout_have_no_test():
    result = difference_of_proportions((10, 10), (7, 7))
    assert (result.value, result.note) == (0, NO_DIFFERENCE_POSSIBLE)
    assert math.isnan(result.p_value)


def test_an_empty_group_has_no_difference():
    result = difference_of_proportions((0, 0), (3, 5))
    assert math.isnan(result.value)
    assert math.isnan(result.ci.low)
    assert math.isnan(result.p_value)
    assert result.note == differences.NO_GROUP


def test_mover_of_two_estimates_of_any_kind():
    # 0.5 (0.4 to 0.7) against 0.6 (0.5 to 0.65): roots of 0.1^2 + 0.2^2 and of 0.05^2 + 0.1^2.
    base = proportion(1, 2)

    def estimate(value, low, high):
        return base.__class__(
            value=value, ci=base.ci.__class__(low, high), n=2, unit="share", confidence=0.95,
            method="given",
        )  # fmt: skip

    low, high = mover(estimate(0.5, 0.4, 0.7), estimate(0.6, 0.5, 0.65))
    assert low == pytest.approx(0.1 - math.sqrt(0.05))
    assert high == pytest.approx(0.1 + math.sqrt(0.0125))


def test_bad_arguments_are_worded():
    with pytest.raises(ValueError, match=r"^successes of second must be between 0 and 3; got 4$"):
        difference_of_proportions((1, 2), (4, 3))
    with pytest.raises(TypeError, match=r"^units of first must be a whole number; got 2\.5$"):
        difference_of_proportions((1, 2.5), (1, 3))
    with pytest.raises(ValueError, match=r"^method must be one of 'newcombe', .*; got 'exact'$"):
        difference_of_proportions((1, 2), (1, 3), method="exact")
    with pytest.raises(ValueError, match=r"^test must be one of 'pooled_z', .*; got 'z'$"):
        difference_of_proportions((1, 2), (1, 3), test="z")


def exact_coverage(method, n, p1, p2):
    """Return the chance of the pairs of counts whose interval holds the true difference."""
    chance = [
        np.array([math.comb(n, x) * p**x * (1 - p) ** (n - x) for x in range(n + 1)])
        for p in (p1, p2)
    ]
    return sum(
        chance[0][x] * chance[1][y]
        for x in range(n + 1)
        for y in range(n + 1)
        if (ci := difference_of_proportions((x, n), (y, n), method=method).ci).low
        <= p2 - p1 + 1e-12
        and ci.high >= p2 - p1 - 1e-12
    )


def test_exact_coverage_at_15_units_each():
    pairs = [(0.1, 0.1), (0.3, 0.5), (0.9, 0.95), (0.05, 0.4)]
    newcombe = [exact_coverage("newcombe", 15, *pair) for pair in pairs]
    wald = [exact_coverage("wald", 15, *pair) for pair in pairs]
    assert min(newcombe) >= 0.93
    assert min(wald) < 0.9
