"""Effect sizes against statsmodels, published figures, plain correlations and simulated groups."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import Table2x2

from cxresearch.core.comparison import NO_GROUP
from cxresearch.stats.association import association_measures
from cxresearch.stats.association.association_measures import (
    cliffs_delta,
    odds_ratio,
    phi_coefficient,
    risk_ratio,
)
from cxresearch.stats.ranks.rank_tests import NO_INTERVAL, superiority_of_counts
from cxresearch.stats.shares.differences import difference_of_proportions

FROM_SHARES = (risk_ratio, odds_ratio, phi_coefficient)
group = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
filled = st.integers(2, 60).flatmap(lambda n: st.tuples(st.integers(1, n - 1), st.just(n)))
table = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8)


def units(x, n):
    return [1] * x + [0] * (n - x)


def test_a_published_table():
    # Aspirin and heart attacks, Physicians' Health Study: 104 of 11,037 with, 189 of 11,034
    # without. Agresti (2007), An Introduction to Categorical Data Analysis, 2nd ed., sections 2.2
    # and 2.3: 1.83 (1.44 to 2.33) and 1.82 (1.43 to 2.30).
    aspirin, placebo = (104, 11_037), (189, 11_034)
    odds, risk = odds_ratio(aspirin, placebo), risk_ratio(aspirin, placebo)
    assert (odds.value, *odds.ci) == pytest.approx((1.83, 1.44, 2.33), abs=0.01)
    assert (risk.value, *risk.ci) == pytest.approx((1.82, 1.43, 2.30), abs=0.01)
    assert (odds.n, odds.unit, odds.note) == (22_071, "", "")


@given(filled, filled, st.floats(0.5, 0.99))
def test_ratios_are_those_of_statsmodels(first, second, confidence):
    cells = np.array([[x, n - x] for x, n in (second, first)])
    theirs = Table2x2(cells)
    for ours, value, bounds in (
        (risk_ratio, theirs.riskratio, theirs.riskratio_confint),
        (odds_ratio, theirs.oddsratio, theirs.oddsratio_confint),
    ):
        result = ours(first, second, confidence=confidence)
        assert result.value == pytest.approx(value)
        assert result.ci == pytest.approx(bounds(1 - confidence))


@given(filled, filled)
def test_phi_is_the_correlation(first, second):
    result = phi_coefficient(first, second)
    outcome = units(*first) + units(*second)
    member = [0] * first[1] + [1] * second[1]
    assert result.value == pytest.approx(np.corrcoef(outcome, member)[0, 1], abs=1e-12)
    assert result.statistic == pytest.approx(result.value * math.sqrt(result.n))


def phi_of(shares):
    (a, b), (c, d) = shares
    return (d * a - b * c) / math.sqrt((a + b) * (c + d) * (a + c) * (b + d))


@given(filled, filled)
def test_its_interval_is_the_delta_method(first, second):
    # Slopes of Fisher's transform of phi by each cell of the multinomial, by small changes.
    n = first[1] + second[1]
    shares = np.array([[first[1] - first[0], first[0]], [second[1] - second[0], second[0]]]) / n
    slopes = []
    for place in np.ndindex(2, 2):
        change = np.zeros((2, 2))
        change[place] = 1e-6
        up, down = (math.atanh(phi_of(shares + sign * change)) for sign in (1, -1))
        slopes.append((up - down) / 2e-6)
    flat, slope = shares.ravel(), np.array(slopes)
    error = math.sqrt((flat @ slope**2 - (flat @ slope) ** 2) / n)
    centre = math.atanh(phi_of(shares))
    expected = math.tanh(centre - 1.959964 * error), math.tanh(centre + 1.959964 * error)
    assert phi_coefficient(first, second).ci == pytest.approx(expected, abs=1e-5)


@given(table)
def test_delta_counts_pairs(rows):
    first, second = ([pair[place] for pair in rows] for place in (0, 1))
    low, high = (np.repeat(np.arange(len(rows)), counts) for counts in (first, second))
    result = cliffs_delta(first, second)
    if low.size and high.size:
        assert result.value == pytest.approx(np.sign(high[None, :] - low[:, None]).mean())
        share = superiority_of_counts(first, second)
        assert result.ci == pytest.approx([2 * bound - 1 for bound in share.ci], nan_ok=True)
        assert result.p_value == pytest.approx(share.p_value, nan_ok=True)
    else:
        assert math.isnan(result.value)
        assert result.note == NO_GROUP


@pytest.mark.parametrize("effect", FROM_SHARES)
@given(first=group, second=group)
def test_they_hold_their_estimates_and_the_test_of_the_difference(effect, first, second):
    result = effect(first, second)
    gap = difference_of_proportions(first, second)
    assert not result.ci.low > result.value
    assert not result.ci.high < result.value
    assert result.p_value == pytest.approx(gap.p_value, nan_ok=True)
    middle = 0 if effect is phi_coefficient else 1
    if not math.isnan(result.value):
        assert np.sign(round(result.value - middle, 9)) == np.sign(round(gap.value, 9))
    assert bool(result.note) == math.isnan(result.ci.low)
    assert bool(result.note) or result.ci.low < result.ci.high


@pytest.mark.parametrize("effect", [risk_ratio, odds_ratio])
@given(first=filled, second=filled)
def test_swapping_the_groups_inverts_a_ratio(effect, first, second):
    there, back = effect(first, second), effect(second, first)
    assert back.value == pytest.approx(1 / there.value)
    assert back.ci == pytest.approx((1 / there.ci.high, 1 / there.ci.low))


@given(filled, filled)
def test_swapping_the_groups_turns_phi_round(first, second):
    there, back = phi_coefficient(first, second), phi_coefficient(second, first)
    assert back.value == pytest.approx(-there.value)
    assert back.ci == pytest.approx((-there.ci.high, -there.ci.low), nan_ok=True)


def test_cells_of_zero_have_a_rule():
    nan = math.nan
    cases = [
        # first, second, risk ratio and its note, odds ratio and its note
        ((0, 10), (3, 10), nan, association_measures.NO_BASE, nan, association_measures.NO_BASE),
        ((3, 10), (0, 10), 0, association_measures.NO_DOUBT, 0, association_measures.NO_DOUBT),
        (
            (3, 10),
            (10, 10),
            10 / 3,
            association_measures.NO_DOUBT,
            nan,
            association_measures.NO_LIMIT,
        ),
        ((10, 10), (3, 10), 0.3, association_measures.NO_DOUBT, nan, association_measures.NO_LIMIT),
        ((10, 10), (0, 10), 0, association_measures.NO_DOUBT, nan, association_measures.NO_LIMIT),
        ((0, 10), (0, 10), nan, association_measures.NO_BASE, nan, association_measures.NO_BASE),
        ((0, 0), (3, 10), nan, NO_GROUP, nan, NO_GROUP),
        ((3, 10), (0, 0), nan, NO_GROUP, nan, NO_GROUP),
    ]
    for first, second, risk, risk_note, odds, odds_note in cases:
        for result, value, note in (
            (risk_ratio(first, second), risk, risk_note),
            (odds_ratio(first, second), odds, odds_note),
        ):
            assert result.value == pytest.approx(value, nan_ok=True), (first, second)
            assert result.note == note
            assert math.isnan(result.ci.low) == math.isnan(result.ci.high) == bool(note)


def test_everybody_in_both_groups():
    everybody = risk_ratio((10, 10), (7, 7))
    assert (everybody.value, everybody.note) == (1, association_measures.NO_DOUBT)
    assert odds_ratio((10, 10), (7, 7)).note == association_measures.NO_LIMIT


def test_edges_of_phi_and_delta():
    complete = phi_coefficient((0, 10), (7, 7))
    assert (complete.value, complete.note) == (pytest.approx(1), association_measures.COMPLETE)
    assert math.isnan(complete.ci.low)
    assert phi_coefficient((10, 10), (7, 7)).note == association_measures.ALL_ALIKE
    for empty in (phi_coefficient((0, 0), (0, 0)), phi_coefficient((0, 0), (1, 2))):
        assert math.isnan(empty.value)
        assert empty.note == NO_GROUP
    apart = cliffs_delta([4, 0], [0, 4])
    assert (apart.value, apart.note) == (1, NO_INTERVAL)
    assert cliffs_delta([], []).note == NO_GROUP


def test_bad_arguments_are_worded():
    for effect in FROM_SHARES:
        with pytest.raises(ValueError, match=r"^successes of second must be between 0 and 3; got"):
            effect((1, 2), (4, 3))
    with pytest.raises(ValueError, match=r"^second must be as long as first, 2 values; got 1$"):
        cliffs_delta([1, 2], [1])


def test_coverage():
    rng, runs, n, p1, p2 = np.random.default_rng(21), 2000, 300, 0.1, 0.2
    shares = np.array([[1 - p1, p1], [1 - p2, p2]]) / 2
    truths = {
        risk_ratio: p2 / p1,
        odds_ratio: p2 * (1 - p1) / (p1 * (1 - p2)),
        phi_coefficient: phi_of(shares),
    }
    draws = rng.multinomial(2 * n, shares.ravel(), runs).tolist()
    for effect, truth in truths.items():
        intervals = [effect((x1, f1 + x1), (x2, f2 + x2)).ci for f1, x1, f2, x2 in draws]
        covered = np.mean([low <= truth <= high for low, high in intervals])
        assert 0.93 <= covered <= 0.97, effect
