"""Comparisons within strata against R, statsmodels and plain arithmetic."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import StratifiedTable

from cxresearch.stats.means import strata
from cxresearch.stats.means.estimators import ValueWithVariance, difference
from cxresearch.stats.means.sample_means import Sample
from cxresearch.stats.means.strata import is_reversed, mantel_haenszel, stratified

#: Charig et al. (1986), Br. Med. J. 292, 879-882: small and large kidney stones, B then A.
KIDNEY = [((234, 270), (81, 87)), ((55, 80), (192, 263))]

tables = st.lists(
    st.tuples(*[st.integers(5, 40).flatmap(
        lambda n: st.tuples(st.integers(1, n - 1), st.just(n)))] * 2),
    min_size=1, max_size=4,
)  # fmt: skip


def test_kidney_stones_of_r():
    # R 4.2.2: mantelhaen.test(correct = FALSE).
    result = mantel_haenszel(KIDNEY)
    assert result.value == pytest.approx(1.44684662494262)
    assert result.statistic == pytest.approx(2.43385551557614)
    assert result.p_value == pytest.approx(0.118740529709799)
    assert result.n == 700


@given(tables)
def test_the_odds_ratio_of_statsmodels(counts):
    arrays = [np.array([[x2, n2 - x2], [x1, n1 - x1]]) for (x1, n1), (x2, n2) in counts]
    expected = StratifiedTable(arrays)
    result = mantel_haenszel(counts)
    assert result.value == pytest.approx(expected.oddsratio_pooled)
    assert result.ci == pytest.approx(expected.oddsratio_pooled_confint())
    assert result.statistic == pytest.approx(expected.test_null_odds().statistic, abs=1e-9)


@given(tables)
def test_swapping_the_groups_inverts_the_odds(counts):
    there, back = mantel_haenszel(counts), mantel_haenszel([(b, a) for a, b in counts])
    assert back.value == pytest.approx(1 / there.value)
    assert back.ci == pytest.approx((1 / there.ci.high, 1 / there.ci.low))
    assert back.p_value == pytest.approx(there.p_value)


@pytest.mark.parametrize("counts", [[], [((0, 5), (0, 5))], [((0, 0), (3, 5))], [((0, 5), (5, 5))]])
def test_odds_without_limit_are_undefined(counts):
    result = mantel_haenszel(counts)
    assert result.note == strata.NO_ODDS
    assert math.isnan(result.value)
    assert math.isnan(result.ci.low)


def test_the_standardised_difference_by_hand():
    # 357 / 700 (81 / 87 - 234 / 270) + 343 / 700 (192 / 263 - 55 / 80).
    b, a = ([ValueWithVariance.of_proportion(*stratum[g]) for stratum in KIDNEY] for g in (0, 1))
    result = difference(*(stratified(group, [357, 343]) for group in (b, a)), unit="share")
    assert result.value == pytest.approx(0.0536712173856038)


def test_a_stratified_mean_by_hand():
    # Weights 1/4 and 3/4: 2.5 and variance 4 / 16 + 9 / 16.
    parts = [
        ValueWithVariance(n=10, value=1.0, variance=4.0, df=9),
        ValueWithVariance(n=5, value=3.0, variance=1.0, df=4),
    ]
    result = stratified(parts, [1, 3])
    assert (result.n, result.value) == (15, 2.5)
    assert result.variance == pytest.approx(13 / 16)
    assert result.df == pytest.approx((13 / 16) ** 2 / ((1 / 4) ** 2 / 9 + (9 / 16) ** 2 / 4))


def test_a_stratum_without_units_is_undefined_unless_it_does_not_count():
    parts = [ValueWithVariance.of_proportion(3, 10), ValueWithVariance.of_proportion(0, 0)]
    assert math.isnan(stratified(parts, [1, 1]).value)
    assert stratified(parts, [1, 0]).value == 0.3


def test_simpson_is_seen():
    within = [81 / 87 - 234 / 270, 192 / 263 - 55 / 80]
    assert is_reversed(273 / 350 - 289 / 350, within)
    assert not is_reversed(0.1, within)
    assert not is_reversed(-0.1, [0.1, -0.2])
    assert not is_reversed(-0.1, [0.1, 0.0])
    assert not is_reversed(-0.1, [])


def test_bad_arguments_are_worded():
    one = [ValueWithVariance.of_proportion(3, 10)]
    with pytest.raises(ValueError, match=r"^the sum of weights must be above 0; got 0"):
        stratified(one, [0])
    with pytest.raises(ValueError, match=r"^weights must be between 0 and inf; got -1"):
        stratified([*one, *one], [2, -1])
    with pytest.raises(
        ValueError, match=r"^successes of treatment must be between 0 and 2; got 3$"
    ):
        mantel_haenszel([((1, 2), (3, 2))])


def test_coverage_where_the_mix_differs():
    # The treatment has more of the stratum that buys anyway: crude misleads, stratified covers.
    rng = np.random.default_rng(5)
    covered = crude_covered = 0
    for _ in range(800):
        groups = [
            [Sample.of(rng.normal(mean, 1, n)) for mean, n in ((0.0, first), (2.0, 200 - first))]
            for first in (150, 50)
        ]
        ends = [
            stratified([ValueWithVariance.of_mean(s) for s in group], [200, 200])
            for group in groups
        ]
        low, high = difference(*ends, unit="EUR").ci
        covered += low <= 0 <= high
        crude = [sum(s.n * s.mean for s in group) / 200 for group in groups]
        crude_covered += abs(crude[1] - crude[0]) < 0.5
    assert 0.93 <= covered / 800 <= 0.97
    assert crude_covered == 0
