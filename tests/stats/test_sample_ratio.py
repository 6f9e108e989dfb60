"""The sample-ratio tests against R, scipy, plain enumeration and simulated assignments."""

from __future__ import annotations

import itertools
import math
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cxresearch.stats.shares.sample_ratio import sample_ratio, sequential_sample_ratio

module = sys.modules["cxresearch.stats.shares.sample_ratio"]


@pytest.mark.parametrize(
    ("counts", "shares", "chi2", "p"),
    [
        # R 4.2.2: chisq.test(p = ).
        ([821588, 815482], [0.5, 0.5], 22.7743688418944, 1.82179287261919e-06),
        ([900, 100, 105], [0.8, 0.1, 0.1], 1.56108597285068, 0.45815717062846),
    ],
)
def test_chi_square_of_r(counts, shares, chi2, p):
    result = sample_ratio(counts, shares)
    assert result.statistic == pytest.approx(chi2)
    assert result.p_value == pytest.approx(p)
    assert result.mismatch == (p < 0.001)
    assert (result.df, result.n) == (len(counts) - 1, sum(counts))


def test_few_units_are_counted_out():
    # 6 and 0 of 6 at .8 and .2: P(6) = .8**6 = .262144; P(5) is larger; P(4) = .24576 is not.
    result = sample_ratio([6, 0], [0.8, 0.2])
    expected = 1 - 6 * 0.8**5 * 0.2
    assert result.p_value == pytest.approx(expected)
    assert result.method == "exact multinomial test"


@given(st.integers(0, 20), st.integers(1, 20), st.sampled_from([0.1, 0.3, 0.5]))
def test_two_variants_are_the_binomial_test_of_scipy(x, others, share):
    n = x + others
    if n * share >= 5:
        return
    expected = stats.binomtest(x, n, share).pvalue
    assert sample_ratio([x, n - x], [share, 1 - share]).p_value == pytest.approx(expected)


def test_three_variants_are_a_plain_enumeration():
    seen, shares = (7, 1, 2), (0.5, 0.3, 0.2)
    chances = {
        counts: stats.multinomial(10, shares).pmf(counts)
        for counts in itertools.product(range(11), repeat=3)
        if sum(counts) == 10
    }
    expected = sum(p for p in chances.values() if p <= chances[seen] * (1 + 1e-9))
    assert sample_ratio(seen, shares).p_value == pytest.approx(expected)


def test_the_e_value_of_lindon_and_malek():
    # The closed form with scipy's gammaln, counts 520, 260, 220 and a uniform prior.
    result = sequential_sample_ratio([520, 260, 220], [0.5, 0.25, 0.25])
    assert result.log_e_value == pytest.approx(-3.667701708284312)
    assert result.statistic == pytest.approx(0.025535089643282837)
    assert result.p_value == 1


def test_the_e_value_is_a_bayes_factor():
    # Two variants: the mean likelihood over the prior, by numeric integration.
    share = np.linspace(0.0005, 0.9995, 1000)
    prior = stats.beta(3, 2).pdf(share)
    mean = np.mean(prior * stats.binom(40, share).pmf(30))
    expected = mean / stats.binom(40, 0.5).pmf(30)
    result = sequential_sample_ratio([30, 10], [0.5, 0.5], prior=[3, 2])
    assert result.statistic == pytest.approx(expected, rel=1e-4)


def test_the_smallest_p_of_all_looks_stays():
    looks = [[60, 20], [70, 70]]
    first = sequential_sample_ratio(looks[:1], [0.5, 0.5])
    both = sequential_sample_ratio(looks, [0.5, 0.5])
    assert both.p_value == first.p_value == pytest.approx(1 / first.statistic)
    assert both.log_e_value < first.log_e_value


@given(st.lists(st.integers(1, 300), min_size=2, max_size=5))
def test_the_order_of_the_variants_does_not_matter(counts):
    shares = (np.arange(1, len(counts) + 1) / sum(range(1, len(counts) + 1))).tolist()
    for test in (sample_ratio, sequential_sample_ratio):
        there, back = test(counts, shares), test(counts[::-1], shares[::-1])
        assert back.p_value == pytest.approx(there.p_value)


def test_too_many_outcomes_are_not_counted_out_and_that_is_said():
    result = sample_ratio([500, 496, 3], [0.5, 0.499, 0.001])
    assert result.method == "chi-square test of the planned shares"
    assert result.note == module.FEW_EXPECTED
    assert sample_ratio([6, 0], [0.8, 0.2]).note == ""


def test_no_units_have_no_test():
    for test in (sample_ratio, sequential_sample_ratio):
        result = test([0, 0], [0.5, 0.5])
        assert result.note == module.NO_UNITS
        assert math.isnan(result.p_value)
        assert not result.mismatch


@pytest.mark.parametrize(
    ("counts", "shares", "words"),
    [
        ([1, 2], [0.5, 0.4], "the sum of shares must be between 0.999999999 and 1.000000001"),
        ([1, 2], [1.0, 0.0], "shares must be strictly between 0 and 1; got 1.0"),
        ([1, 2, 3], [0.5, 0.5], "the number of counts must be one of 2; got 3"),
        ([1], [0.5], "the number of shares must be at least 2; got 1"),
        ([-1, 2], [0.5, 0.5], "counts must be at least 0; got -1"),
    ],
)
def test_bad_arguments_are_worded(counts, shares, words):
    for test in (sample_ratio, sequential_sample_ratio):
        with pytest.raises(ValueError) as error:
            test(counts, shares)
        assert str(error.value).startswith(words)


def test_units_never_become_fewer_and_a_prior_fits():
    with pytest.raises(
        ValueError, match=r"^the fewest new units must be between 0 and inf; got -5"
    ):
        sequential_sample_ratio([[10, 10], [5, 20]], [0.5, 0.5])
    with pytest.raises(ValueError, match=r"^the length of prior must be one of 2; got 1$"):
        sequential_sample_ratio([10, 10], [0.5, 0.5], prior=[1])
    with pytest.raises(ValueError, match=r"^the smallest prior must be above 0; got 0"):
        sequential_sample_ratio([10, 10], [0.5, 0.5], prior=[1, 0])


def test_looking_all_the_time_keeps_the_level():
    # 400 right assignments of 2,000 units, looked at after every 20: at .05 the sequential test
    # alarms in at most 5 of 100, chi-square in far more.
    rng = np.random.default_rng(3)
    shares, alarms, naive = [0.5, 0.25, 0.25], 0, 0
    for _ in range(400):
        looks = rng.multinomial(20, shares, 100).cumsum(axis=0)
        alarms += sequential_sample_ratio(looks, shares, level=0.05).mismatch
        expected = looks.sum(axis=1, keepdims=True) * shares
        chi2 = ((looks - expected) ** 2 / expected).sum(axis=1)
        naive += bool((chi2 > stats.chi2.isf(0.05, 2)).any())
    assert alarms / 400 <= 0.05
    assert naive / 400 > 0.2
