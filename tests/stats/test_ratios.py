"""Ratios over clusters against plain arithmetic, statsmodels, and simulated shops."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from cxresearch.core.unit_sums import CrossSums, RatioSums
from cxresearch.stats.means import ratios
from cxresearch.stats.means.ratios import difference_of_ratios, ratio_of_sums

# Five customers: what they spent, and on how many orders.
SPENT = [30.0, 10.0, 55.0, 20.0, 90.0]
ORDERS = [2.0, 1.0, 3.0, 1.0, 4.0]

clusters = st.lists(st.tuples(st.floats(0, 1e4), st.integers(1, 20)), min_size=2, max_size=40).map(
    lambda pairs: tuple(np.array(pairs, dtype=float).T)
)


def cross_sums(x1, y1, x2, y2):
    return CrossSums(n=len(x1), xx=x1 @ x2, xy=x1 @ y2, yx=y1 @ x2, yy=y1 @ y2)


def test_by_hand():
    # ratio 205 / 11 = 18.6364; residuals -7.2727, -8.6364, -0.9091, 1.3636, 15.4545;
    # their squares sum to 369.0083... variance 5/4 * that / 121.
    residuals = [x - 205 / 11 * y for x, y in zip(SPENT, ORDERS, strict=True)]
    variance = 5 / 4 * sum(r * r for r in residuals) / 11**2
    margin = 2.7764451051977987 * math.sqrt(variance)  # t, 4 degrees of freedom, 97.5 %
    result = ratio_of_sums(RatioSums.from_arrays(SPENT, ORDERS), unit="EUR")
    assert result.value == pytest.approx(205 / 11)
    assert result.ci == pytest.approx((205 / 11 - margin, 205 / 11 + margin))
    assert (result.n, result.unit, result.confidence, result.note) == (5, "EUR", 0.95, "")


def test_it_is_the_cluster_robust_interval_of_statsmodels():
    # The mean of single orders with errors clustered by customer: the same ratio and, with
    # statsmodels' factor n / (n - 1) * (N - 1) / (N - k) and k = 1, the same standard error.
    rng = np.random.default_rng(5)
    sizes = rng.integers(1, 6, 200)
    customer = np.repeat(np.arange(200), sizes)
    value = rng.gamma(2, 30, 200)[customer] + rng.normal(0, 5, customer.size)
    fit = sm.OLS(value, np.ones(value.size)).fit(
        cov_type="cluster", cov_kwds={"groups": customer}, use_t=True
    )
    result = ratio_of_sums(
        RatioSums.from_arrays(np.bincount(customer, value), sizes), unit="EUR", confidence=0.9
    )
    assert result.value == pytest.approx(fit.params[0])
    assert result.ci == pytest.approx(tuple(fit.conf_int(0.1)[0]), rel=1e-9)


def test_one_unit_per_cluster_is_the_t_interval_of_a_mean():
    expected = scipy_stats.t.interval(0.95, 4, np.mean(SPENT), scipy_stats.sem(SPENT))
    result = ratio_of_sums(RatioSums.from_arrays(SPENT, [1] * 5), unit="EUR")
    assert result.ci == pytest.approx(expected)


@given(clusters, st.floats(0.1, 100))
def test_scaling_the_numerator_scales_everything(pair, factor):
    x, y = pair
    plain = ratio_of_sums(RatioSums.from_arrays(x, y), unit="EUR")
    scaled = ratio_of_sums(RatioSums.from_arrays(factor * x, y), unit="EUR")
    assert scaled.value == pytest.approx(factor * plain.value)
    assert scaled.ci == pytest.approx(
        tuple(factor * bound for bound in plain.ci), rel=1e-6, abs=1e-6, nan_ok=True
    )


@given(clusters)
def test_order_does_not_matter_and_more_confidence_is_wider(pair):
    x, y = pair
    forth = ratio_of_sums(RatioSums.from_arrays(x, y), unit="EUR")
    back = ratio_of_sums(RatioSums.from_arrays(x[::-1], y[::-1]), unit="EUR", confidence=0.99)
    assert back.value == pytest.approx(forth.value)
    if not forth.note:
        assert back.ci.low < forth.ci.low <= forth.value <= forth.ci.high < back.ci.high


@pytest.mark.parametrize(
    ("x", "y", "value", "note"),
    [
        ([], [], math.nan, ratios.NO_DENOMINATOR),
        ([0, 0], [0, 0], math.nan, ratios.NO_DENOMINATOR),
        ([30], [2], 15, ratios.ONE_CLUSTER),
        ([30, 15], [2, 1], 15, ratios.NO_SPREAD),
        ([0.1, 0.2, 0.3], [1, 2, 3], 0.1, ratios.NO_SPREAD),
    ],
)
def test_what_is_undefined_is_nan_with_a_note(x, y, value, note):
    result = ratio_of_sums(RatioSums.from_arrays(x, y), unit="EUR")
    assert result.value == pytest.approx(value, nan_ok=True)
    assert all(math.isnan(bound) for bound in result.ci)
    assert result.note == note


def test_the_interval_is_cut_at_the_smallest_possible_value():
    sums = RatioSums.from_arrays([1, 0, 0], [1, 1, 1])
    assert ratio_of_sums(sums, unit="share").ci.low < 0
    cut = ratio_of_sums(sums, unit="share", low=0)
    assert cut.ci.low == 0
    assert cut.ci.high == ratio_of_sums(sums, unit="share").ci.high


def test_an_interval_holds_its_ratio_also_below_the_smallest_possible_value():
    sums = RatioSums.from_arrays([-1, -2, -4], [10, 10, 10])  # costs that a file has the wrong way
    assert ratio_of_sums(sums, unit="EUR", low=0).ci.low <= sums.ratio


def test_bad_arguments_are_worded():
    with pytest.raises(ValueError, match=r"^y must be as long as x, 2 values; got 1$"):
        RatioSums.from_arrays([1, 2], [1])
    with pytest.raises(ValueError, match=r"^x must be finite \(1 of 2 values are not\); got nan$"):
        RatioSums.from_arrays([1, math.nan], [1, 2])
    with pytest.raises(ValueError, match=r"^confidence must be strictly between 0 and 1; got 95$"):
        ratio_of_sums(RatioSums.from_arrays(SPENT, ORDERS), unit="EUR", confidence=95)


def test_a_difference_over_separate_clusters_adds_the_variances():
    x, y = np.array(SPENT), np.array(ORDERS)
    half = np.array([1, 1, 0, 0, 0])
    first, second = (RatioSums.from_arrays(x * k, y * k) for k in (half, 1 - half))
    cross = cross_sums(x * half, y * half, x * (1 - half), y * (1 - half))
    result = difference_of_ratios(first, second, cross, unit="EUR")
    assert result.value == pytest.approx(165 / 8 - 40 / 3)
    margin = scipy_stats.t.ppf(0.975, 4) * math.sqrt(first.variance + second.variance)
    assert result.ci == pytest.approx((result.value - margin, result.value + margin))


@given(clusters, st.integers(0, 2**32 - 1))
def test_a_difference_is_that_of_the_linearised_values(pair, seed):
    x1, y1 = pair
    rng = np.random.default_rng(seed)
    x2, y2 = x1 + rng.gamma(1, 10, x1.size), rng.integers(1, 5, x1.size).astype(float)
    first, second = RatioSums.from_arrays(x1, y1), RatioSums.from_arrays(x2, y2)
    result = difference_of_ratios(first, second, cross_sums(x1, y1, x2, y2), unit="EUR")
    linear = (x2 - second.ratio * y2) / y2.sum() - (x1 - first.ratio * y1) / y1.sum()
    n = x1.size
    margin = scipy_stats.t.ppf(0.975, n - 1) * math.sqrt(n / (n - 1) * (linear @ linear))
    scale = max(first.ratio, second.ratio)
    assert result.ci.high - result.value == pytest.approx(margin, rel=1e-4, abs=1e-6 * scale)


def test_swapping_the_groups_flips_the_difference():
    x1, y1 = np.array(SPENT), np.array(ORDERS)
    x2, y2 = x1[::-1] * 2, y1
    first, second = RatioSums.from_arrays(x1, y1), RatioSums.from_arrays(x2, y2)
    there = difference_of_ratios(first, second, cross_sums(x1, y1, x2, y2), unit="EUR")
    back = difference_of_ratios(second, first, cross_sums(x2, y2, x1, y1), unit="EUR")
    assert there.value == pytest.approx(-back.value)
    assert there.ci == pytest.approx((-back.ci.high, -back.ci.low))


def test_a_difference_of_a_ratio_with_nothing_is_undefined():
    some, none = RatioSums.from_arrays(SPENT, ORDERS), RatioSums.from_arrays([0] * 5, [0] * 5)
    result = difference_of_ratios(some, none, CrossSums(n=5, xx=0, xy=0, yx=0, yy=0), unit="EUR")
    assert math.isnan(result.value)
    assert math.isnan(result.ci.low)
    assert result.note == ratios.NO_DENOMINATOR


def test_coverage_where_the_orders_of_a_customer_are_alike():
    # 300 customers with 1 to 30 orders, whose values hang on the customer and little else, and
    # whose number of orders goes with their value: 1,000 shops with a known order value.
    rng = np.random.default_rng(11)
    level, covered, naive = 50.0, 0, 0
    truth = level * (0.5 * 1.5 * 20 + 0.5 * 0.5 * 5) / (0.5 * 20 + 0.5 * 5)
    for _ in range(1000):
        often = rng.random(300) < 0.5
        y = rng.integers(np.where(often, 10, 0), np.where(often, 31, 11))  # 20 or 5 on average
        mean = level * np.where(often, 1.5, 0.5) * rng.gamma(4, 1 / 4, 300)
        x = rng.normal(mean * y, 5 * np.sqrt(y))
        low, high = ratio_of_sums(RatioSums.from_arrays(x, y), unit="EUR").ci
        covered += low <= truth <= high
        # As if every order were independent, given its customer's mean.
        spread = math.sqrt((y @ (mean - x.sum() / y.sum()) ** 2 / y.sum() + 25) / y.sum())
        naive += abs(x.sum() / y.sum() - truth) <= 1.96 * spread
    assert 0.93 <= covered / 1000 <= 0.965
    assert naive / 1000 < 0.6
