"""Differences of Net Promoter Scores, against R and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cxresearch.core.comparison import NO_DIFFERENCE_POSSIBLE
from cxresearch.survey.nps import NPS_LIKE, nps
from cxresearch.survey.nps_compare import (
    METHODS,
    NO_GROUP,
    NO_PAIRS,
    nps_against,
    nps_difference,
    nps_paired_difference,
    nps_pairwise,
)
from cxresearch.survey.waves import nps_waves

counts = st.tuples(*[st.integers(0, 200)] * 3).filter(lambda c: sum(c) > 1)


def of(*numbers):
    return nps(counts=numbers)


def test_the_wald_difference_is_that_of_r():
    # R NPS 1.1, nps.test(x, y): 55/28/37 against 40/35/25, both 15 points.
    result = nps_difference(of(55, 28, 37), of(40, 35, 25), method="wald")
    assert result.value == 0
    assert result.ci == pytest.approx((-21.8923580611209, 21.8923580611209), abs=1e-9)
    assert result.p_value == 1


@pytest.mark.parametrize(
    ("method", "low", "high"),
    # MOVER of PropCIs scoreci.mp limits, and (3,T)/2 in each group with R NPS's npvar.
    [
        ("mover", -0.08437967404592792, 0.2456023912823253),
        ("adjusted_wald_half", -0.034106553860184005, 0.20571983625806822),
    ],
)
def test_the_difference_near_the_end_of_the_scale(method, low, high):
    result = nps_difference(of(55, 4, 1), of(40, 0, 0), method=method)
    assert result.value == pytest.approx(10)
    assert result.ci == pytest.approx((100 * low, 100 * high), abs=2e-3)


@given(counts, counts, st.sampled_from(sorted(METHODS)))
def test_swapping_the_groups_flips_the_sign(a, b, method):
    one, other = (
        nps_difference(of(*a), of(*b), method=method),
        nps_difference(of(*b), of(*a), method=method),
    )
    assert one.value == pytest.approx(-other.value)
    assert one.ci == pytest.approx((-other.ci.high, -other.ci.low), abs=1e-9)
    assert one.p_value == pytest.approx(other.p_value, nan_ok=True)


def test_the_p_value_by_hand():
    # 0.4 - 0.3 over sqrt((.6 + .2 - .16) / 100 + (.5 + .2 - .09) / 200).
    result = nps_difference(of(100, 60, 40), of(60, 20, 20))
    z = 0.1 / math.sqrt(0.64 / 100 + 0.61 / 200)
    assert result.statistic == pytest.approx(z)
    assert result.p_value == pytest.approx(2 * stats.norm.sf(z))
    assert result.n == 300


def test_more_confidence_is_wider():
    narrow = nps_difference(of(50, 30, 20), of(60, 20, 20), confidence=0.8)
    wide = nps_difference(of(50, 30, 20), of(60, 20, 20), confidence=0.99)
    assert wide.ci.low < narrow.ci.low < narrow.ci.high < wide.ci.high


def test_merging_two_equal_strata_changes_nothing():
    both = [10] * 50 + [8] * 30 + [2] * 20
    merged = nps(both + both, weights=[1] * 200)
    assert nps_difference(merged, of(100, 60, 40)).value == 0
    assert nps_difference(of(5, 5, 5), merged).ci == nps_difference(of(5, 5, 5), of(100, 60, 40)).ci


def test_weighted_groups_use_their_effective_samples():
    # The same shares with 16 effective answers instead of 18.
    weighted = nps([10] * 6 + [8] * 6 + [3] * 6, weights=[2] * 6 + [1] * 12)
    assert nps_difference(weighted, of(5, 5, 5)).ci == pytest.approx(
        nps_difference(of(8, 4, 4), of(5, 5, 5)).ci, abs=1e-9
    )


def test_everybody_answered():
    # Nothing is left to chance in the first group: only the second one's interval remains.
    everybody = nps(counts=(12, 5, 3), population=20)
    other = of(5, 5, 5)
    assert nps_difference(everybody, other).ci == pytest.approx(
        (other.ci.low - 45, other.ci.high - 45)
    )
    half = nps_difference(everybody, everybody, method="adjusted_wald_half")
    assert half.ci == (0, 0)


def test_an_empty_group_has_no_difference():
    result = nps_difference(nps([]), of(1, 2, 3))
    assert math.isnan(result.value)
    assert math.isnan(result.ci.low)
    assert math.isnan(result.p_value)
    assert (result.n, result.note) == (6, NO_GROUP)


def test_unanimous_groups_have_an_interval_but_no_test():
    result = nps_difference(of(0, 10, 0), of(10, 0, 0))
    assert result.value == 100
    assert 0 < result.ci.low < 100
    assert math.isnan(result.p_value)
    assert result.note == NO_DIFFERENCE_POSSIBLE


@pytest.mark.parametrize("method", METHODS)
def test_no_difference_is_beyond_200_points(method):
    low, high = nps_difference(of(0, 0, 3), of(3, 0, 0), method=method).ci
    assert -200 <= low <= high <= 200


def test_two_scales_are_never_compared():
    with pytest.raises(ValueError, match=r"^scale of second must be one of \(0, 10\); got \(1, 10"):
        nps_difference(of(1, 2, 3), nps([9, 1], scale=(1, 10)))
    like = nps([9, 1, 7], scale=(1, 10))
    assert nps_difference(like, like).note == NPS_LIKE


def test_an_unknown_method_is_worded():
    with pytest.raises(ValueError, match=r"^method must be one of 'mover', .*; got 'score'$"):
        nps_difference(of(1, 2, 3), of(1, 2, 3), method="score")


def test_pairs_by_the_t_test_of_scipy():
    rng = np.random.default_rng(5)
    first = rng.integers(0, 11, 80)
    second = np.clip(first + rng.integers(-1, 3, 80), 0, 10)
    before, after = ((x >= 9) * 1 - (x <= 6) * 1 for x in (first, second))
    moves = after - before
    expected = stats.ttest_1samp(moves, 0)
    result = nps_paired_difference(first, second)
    assert result.value == pytest.approx(100 * np.mean(moves))
    assert result.value == pytest.approx(nps(second).nps - nps(first).nps)
    assert result.p_value == pytest.approx(expected.pvalue)
    low, high = expected.confidence_interval()
    assert result.ci == pytest.approx((100 * low, 100 * high))
    assert (result.n, result.df) == (80, 79)


def test_who_did_not_answer_both_times_is_left_out():
    result = nps_paired_difference([9, None, 3, 8], [9, 9, None, 2])
    assert (result.value, result.n) == (-50, 2)


def test_pairs_at_the_edges():
    nobody = nps_paired_difference([None], [9])
    assert math.isnan(nobody.value)
    assert (nobody.n, nobody.note) == (0, NO_PAIRS)
    still = nps_paired_difference([9, 3, 8], [10, 2, 7])
    assert still.value == 0
    assert math.isnan(still.ci.low)
    assert math.isnan(still.p_value)
    assert still.note.startswith("no interval")
    assert nps_paired_difference([9, 3, 8], [1, 2, 7], scale=(1, 10)).note == NPS_LIKE
    with pytest.raises(ValueError, match=r"^second must be as long as first, 1 values; got 2$"):
        nps_paired_difference([1], [1, 2])


def test_every_pair_of_groups_with_holm():
    groups = {"web": of(50, 30, 20), "app": of(60, 20, 20), "store": of(90, 5, 5)}
    table = nps_pairwise(groups)
    assert table[["first", "second"]].to_numpy().tolist() == [
        ["web", "app"],
        ["web", "store"],
        ["app", "store"],
    ]
    alone = nps_difference(groups["app"], groups["store"])
    assert table.loc[2, "difference"] == alone.value
    assert table.loc[2, "p_value"] == alone.p_value
    # Holm: the smallest of three times 3, the next times 2, the largest as it is.
    p = table["p_value"].to_numpy()
    assert table["p_adjusted"].to_list() == pytest.approx([p[0], 3 * p[1], 2 * p[2]])


@pytest.mark.slow
def test_coverage_of_the_difference_where_nearly_all_are_promoters():
    rng = np.random.default_rng(11)
    truth = 100 * ((0.9 - 0.02) - (0.7 - 0.1))
    first = rng.multinomial(40, [0.7, 0.2, 0.1], 400)
    second = rng.multinomial(40, [0.9, 0.08, 0.02], 400)
    covered = [
        low <= truth <= high
        for a, b in zip(first.tolist(), second.tolist(), strict=True)
        for low, high in [nps_difference(of(*a), of(*b)).ci]
    ]
    assert 0.93 <= np.mean(covered) <= 0.985


def test_people_move_by_200_points_at_most():
    moved = nps_paired_difference([9, 3, 9], [3, 9, 9])
    # By hand: moves of -200, 200 and 0; t of 2 degrees of freedom reaches far beyond 200.
    assert 4.303 * 200 / math.sqrt(3) > 200
    assert (moved.value, tuple(moved.ci)) == (0, (-200, 200))
    assert math.isnan(nps_paired_difference([9], [3]).ci.low)


def test_what_is_no_result_is_told():
    found = nps([9, 3])
    with pytest.raises(TypeError, match=r"^first must be a result of nps; got 'list'$"):
        nps_difference([9, 3], found)
    with pytest.raises(TypeError, match=r"^result must be a result of nps; got 'int'$"):
        nps_against(30, 30)
    with pytest.raises(TypeError, match=r"^target must be a number; got '30'$"):
        nps_against(found, "30")
    with pytest.raises(TypeError, match=r"^spring must be a result of nps; got 'list'$"):
        nps_waves({"spring": [9, 3]})
    with pytest.raises(TypeError, match=r"^waves must be results of nps by name; got 'list'$"):
        nps_waves([found])
