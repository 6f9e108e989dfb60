"""Means and their differences against R's t.test, scipy, and simulated samples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cxresearch.stats.means import sample_means
from cxresearch.stats.means.sample_means import Sample, difference_of_means, mean, paired_difference

CONTROL = [12.1, 9.8, 15.3, 8.4, 11, 10.2, 13.7, 9.1, 10.9, 12.5]
TREATMENT = [14.2, 15.9, 9.9, 18.4, 13.1, 20.7, 12.2, 16.6, 11.8, 25.1, 14, 13.3]
sample = st.lists(st.integers(0, 10), min_size=2, max_size=40)


def test_by_hand():
    # Mean 5, sum of squares 10, sd = sqrt(2): 5 -+ 2.570582 * sqrt(2 / 6).
    result = mean([4, 5, 7, 6, 5, 3], unit="points")
    assert result.value == 5
    assert result.ci == pytest.approx(
        (5 - 2.570582 * math.sqrt(1 / 3), 5 + 2.570582 * math.sqrt(1 / 3)), abs=1e-6
    )
    assert (result.n, result.unit, result.note) == (6, "points", "")


def test_welch_of_r():
    # R 4.2.2: t.test(treatment, control).
    result = difference_of_means(CONTROL, TREATMENT, unit="EUR")
    assert result.value == pytest.approx(4.13333333333333)
    assert result.statistic == pytest.approx(2.94938050656227)
    assert result.df == pytest.approx(16.7490746428785)
    assert result.p_value == pytest.approx(0.00907854419733132)
    assert result.ci == pytest.approx((1.1732087109655, 7.09345795570116))


def test_student_of_r():
    # R 4.2.2: t.test(treatment, control, var.equal = TRUE).
    result = difference_of_means(CONTROL, TREATMENT, unit="EUR", equal_variances=True)
    assert result.p_value == pytest.approx(0.0114172552462001)
    assert result.df == 20


def test_what_is_known_of_the_groups_is_enough():
    # R 4.2.2: Welch's formula with pt and qt.
    control = Sample(n=1010, mean=10.01, sd=4.7)
    treatment = Sample(n=950, mean=10.42, sd=5.1)
    result = difference_of_means(control, treatment, unit="EUR")
    assert result.df == pytest.approx(1919.00990454345)
    assert result.p_value == pytest.approx(0.064831447561226)
    assert result.ci == pytest.approx((-0.0252374383714866, 0.845237438371487))


@given(sample, sample, st.floats(0.5, 0.99))
def test_they_are_those_of_scipy(first, second, confidence):
    if len({*first}) < 2 or len({*second}) < 2:
        return
    expected = stats.ttest_ind(second, first, equal_var=False)
    result = difference_of_means(first, second, unit="points", confidence=confidence)
    assert result.ci == pytest.approx(tuple(expected.confidence_interval(confidence)), abs=1e-9)
    assert result.p_value == pytest.approx(expected.pvalue, abs=1e-12)
    one = stats.ttest_1samp(first, 0).confidence_interval(confidence)
    assert mean(first, unit="points", confidence=confidence).ci == pytest.approx(tuple(one))


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10)), min_size=2, max_size=40))
def test_paired_is_that_of_scipy(pairs):
    first, second = zip(*pairs, strict=True)
    result = paired_difference(first, second, unit="points")
    if len({b - a for a, b in pairs}) > 1:
        expected = stats.ttest_rel(second, first)
        assert result.ci == pytest.approx(tuple(expected.confidence_interval()), abs=1e-9)
        assert result.p_value == pytest.approx(expected.pvalue, abs=1e-12)
    back = paired_difference(second, first, unit="points")
    assert back.value == -result.value
    assert back.ci == pytest.approx((-result.ci.high, -result.ci.low), nan_ok=True)


@given(sample, sample)
def test_swapping_the_groups_flips_the_sign(first, second):
    there = difference_of_means(first, second, unit="points")
    back = difference_of_means(second, first, unit="points")
    assert back.value == -there.value
    assert back.ci == pytest.approx((-there.ci.high, -there.ci.low), nan_ok=True)


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ([], sample_means.NO_VALUES),
        ([4], sample_means.ONE_VALUE),
        ([0.1] * 3, sample_means.NO_SPREAD),
    ],
)
def test_too_little_for_an_interval(values, note):
    result = mean(values, unit="points")
    assert math.isnan(result.value) == (not values)
    assert all(math.isnan(bound) for bound in result.ci)
    assert result.note == note


@pytest.mark.parametrize("equal_variances", [False, True])
@pytest.mark.parametrize(
    ("first", "note"),
    [
        ([], sample_means.NO_VALUES),
        ([4], sample_means.ONE_VALUE),
        ([0.1] * 3, sample_means.NO_SPREAD),
    ],
)
def test_too_little_for_a_difference(first, note, equal_variances):
    for result in (
        difference_of_means(first, [0.7, 0.7], unit="points", equal_variances=equal_variances),
        difference_of_means([0.7, 0.7], first, unit="points", equal_variances=equal_variances),
    ):
        assert math.isnan(result.value) == (not first)
        assert all(math.isnan(bound) for bound in (*result.ci, result.p_value, result.statistic))
        assert result.note == note


def test_one_group_with_spread_is_enough():
    # 2 - 3, variance 1 / 3, Student's t with 2 degrees of freedom 4.302653.
    result = difference_of_means([3, 3, 3], [1, 2, 3], unit="points")
    margin = 4.302653 * math.sqrt(1 / 3)
    assert result.ci == pytest.approx((-1 - margin, -1 + margin), abs=1e-6)
    assert (result.df, result.note) == (2, "")


def test_bad_values_are_worded():
    with pytest.raises(ValueError, match=r"^values must be finite \(1 of 2 values are not\)"):
        mean([1, math.nan], unit="points")
    with pytest.raises(ValueError, match=r"^second must be as long as first, 2 values; got 1$"):
        paired_difference([1, 2], [1], unit="points")


def test_coverage_of_a_scale_crowded_at_one_end():
    # A 1-7 scale with mean 5.75, 40 answers.
    rng = np.random.default_rng(7)
    shares = [0.03, 0.02, 0.05, 0.08, 0.17, 0.22, 0.43]
    truth = float(np.dot(range(1, 8), shares))
    draws = rng.choice(np.arange(1, 8), size=(2000, 40), p=shares)
    intervals = [mean(answers, unit="points").ci for answers in draws]
    assert 0.92 <= np.mean([low <= truth <= high for low, high in intervals]) <= 0.97
