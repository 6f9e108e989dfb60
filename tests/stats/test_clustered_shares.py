"""Differences of shares over clusters, against formulas written out and simulated clusters."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportions_ztest

from cxresearch.core.unit_sums import CrossSums, RatioSums
from cxresearch.stats.shares.differences import difference_of_clustered_shares, mover
from cxresearch.stats.shares.proportions import clustered_proportion


def compared(x1, y1, x2, y2, **options):
    """Compare two groups, given what each customer has in each; 0 of 0 is not in the group."""
    x1, y1, x2, y2 = (np.asarray(values, dtype=float) for values in (x1, y1, x2, y2))
    sums = [RatioSums.from_arrays(x[y > 0], y[y > 0]) for x, y in ((x1, y1), (x2, y2))]
    cross = CrossSums(
        n=int(((y1 > 0) | (y2 > 0)).sum()), xx=x1 @ x2, xy=x1 @ y2, yx=y1 @ x2, yy=y1 @ y2
    )
    return difference_of_clustered_shares(*sums, cross, **options)


def apart(first, second, **options):
    """Compare two groups without a customer in both."""
    (x1, y1), (x2, y2) = first, second
    none1, none2 = np.zeros(len(x1)), np.zeros(len(x2))
    return compared([*x1, *none2], [*y1, *none2], [*none1, *x2], [*none1, *y2], **options)


@st.composite
def both_groups(draw, least=2):
    n = draw(st.integers(least, 12))
    units = st.lists(st.integers(1, 6), min_size=n, max_size=n)
    y = [np.array(draw(units), dtype=float) for _ in range(2)]
    x = [np.array([draw(st.integers(0, int(one))) for one in of], dtype=float) for of in y]
    return x[0], y[0], x[1], y[1]


def test_with_one_unit_each_and_groups_of_one_size_it_is_the_pooled_z_test():
    first, second = np.repeat([1, 0], [12, 38]), np.repeat([1, 0], [23, 27])
    ones = np.ones(50)
    found = apart((first, ones), (second, ones))
    z, p = proportions_ztest([23, 12], [50, 50])
    assert found.statistic == pytest.approx(z)
    assert found.p_value == pytest.approx(p)
    assert found.n == 100


def test_the_statistic_is_the_larger_of_two_variances_written_out():
    x1, y1 = np.array([1, 0, 1, 2, 0]), np.array([3, 2, 4, 2, 1])
    x2, y2 = np.array([2, 1, 3, 0]), np.array([3, 1, 3, 2])
    p = 10 / 21
    own = sum((x1 - p * y1) ** 2) / 12**2 + sum((x2 - p * y2) ** 2) / 9**2
    pairs = [*y1 * (y1 - 1), *y2 * (y2 - 1)]
    alike = (sum((x1 - p * y1) ** 2) + sum((x2 - p * y2) ** 2)) / (p * (1 - p)) - 21
    alike = max(alike / sum(pairs), 0)
    shared = p * (1 - p) * ((12 + alike * sum(y1 * (y1 - 1))) / 12**2)
    shared += p * (1 - p) * ((9 + alike * sum(y2 * (y2 - 1))) / 9**2)
    found = apart((x1, y1), (x2, y2))
    assert alike > 0
    assert found.statistic == pytest.approx((6 / 9 - 4 / 12) / math.sqrt(max(own, shared)))


def test_a_customer_in_both_groups_is_compared_with_herself():
    x1, y1 = np.array([1, 0, 2, 3, 1, 0]), np.array([2, 2, 3, 3, 2, 1])
    x2, y2 = np.array([2, 1, 3, 3, 1, 0]), np.array([2, 3, 3, 4, 1, 1])
    p = 17 / 27
    residuals = (x2 - p * y2) / 14 - (x1 - p * y1) / 13
    found = compared(x1, y1, x2, y2)
    assert found.n == 6
    assert abs(found.statistic) <= (10 / 14 - 7 / 13) / math.sqrt(sum(residuals**2)) + 1e-12
    alone = apart((x1, y1), (x2, y2))
    assert found.value == pytest.approx(alone.value)
    assert found.p_value < alone.p_value
    assert found.ci.high - found.ci.low < alone.ci.high - alone.ci.low


def test_the_interval_is_that_of_the_two_shares():
    first, second = ([1, 0, 1, 2], [3, 2, 4, 2]), ([2, 1, 3], [3, 1, 3])
    shares = [clustered_proportion(RatioSums.from_arrays(*one)) for one in (first, second)]
    assert apart(first, second).ci == pytest.approx(mover(*shares))


@given(both_groups())
def test_swapping_the_groups_flips_the_sign(groups):
    x1, y1, x2, y2 = groups
    one, other = compared(x1, y1, x2, y2), compared(x2, y2, x1, y1)
    assert one.value == pytest.approx(-other.value)
    assert one.p_value == pytest.approx(other.p_value, nan_ok=True)
    assert one.ci == pytest.approx((-other.ci.high, -other.ci.low), nan_ok=True)


@given(both_groups())
def test_the_interval_holds_the_difference(groups):
    found = compared(*groups)
    assert found.ci.low - 1e-9 <= found.value <= found.ci.high + 1e-9


@given(both_groups())
def test_more_confidence_is_wider(groups):
    x1, y1, x2, y2 = groups
    narrow, wide = (apart((x1, y1), (x2, y2), confidence=c) for c in (0.8, 0.99))
    assert wide.ci.low <= narrow.ci.low + 1e-9
    assert wide.ci.high >= narrow.ci.high - 1e-9


@given(both_groups())
def test_the_same_twice_has_no_difference_and_no_test(groups):
    x, y, _, _ = groups
    found = compared(x, y, x, y)
    assert found.value == 0
    assert math.isnan(found.p_value)
    assert found.note == "no test: within each group all values are the same"


@pytest.mark.parametrize(
    ("second", "note"),
    [
        (([], []), "undefined: one group has no units"),
        (([1], [2]), "no interval: it needs at least two independent units"),
        (([2, 1], [2, 1]), "no test: within each group all values are the same"),
    ],
)
def test_what_is_undefined_says_so(second, note):
    found = apart(([3, 1], [3, 1]), second)
    assert found.note == note
    assert math.isnan(found.value) == (not second[0])
    assert math.isnan(found.ci.low) == (len(second[0]) < 2)


def test_confidence_is_a_share():
    with pytest.raises(ValueError, match=r"^confidence must be strictly between 0 and 1; got 95$"):
        apart(([1, 0], [1, 1]), ([1, 0], [1, 1]), confidence=95)


@pytest.mark.parametrize(("n1", "n2", "p"), [(60, 60, 0.3), (500, 50, 0.05), (30, 300, 0.5)])
def test_chance_is_seldom_taken_for_a_difference(n1, n2, p):
    """Also where the small group has few of the property, which the score alone gets wrong."""
    rng = np.random.default_rng(2026)

    def drawn(n):
        y = 1 + rng.poisson(2, n)
        return rng.binomial(y, rng.beta(2 * p, 2 * (1 - p), n)), y

    found = [apart(drawn(n1), drawn(n2)) for _ in range(600)]
    p_values = np.array([one.p_value for one in found])
    held = np.mean([one.ci.low <= 0 <= one.ci.high for one in found])
    assert np.mean(p_values <= 0.05) <= 0.06
    assert np.mean(p_values <= 0.005) <= 0.01
    assert 0.92 <= held <= 0.97


def test_a_customer_less_alike_across_groups_than_within_raises_no_alarm():
    """Visits of a customer on one device are alike, those on two devices are not."""
    rng = np.random.default_rng(7)
    p_values = []
    for _ in range(500):
        y = 1 + rng.poisson(6, (2, 60))
        x = rng.binomial(y, rng.beta(0.5, 1.5, (2, 60)))
        p_values.append(compared(x[0], y[0], x[1], y[1]).p_value)
    assert np.mean(np.array(p_values) <= 0.05) <= 0.065
