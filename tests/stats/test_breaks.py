"""Breaks in many weekly series: a plainer road to each number, hand cases, edges, false alarms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from cxresearch.calibrate.breaks_page import planted
from cxresearch.calibrate.stable_shops import shop
from cxresearch.stats.breaks import Panel, at, scan
from cxresearch.stats.breaks.break_effects import Series, _candidates, scored_series, shape_of
from cxresearch.stats.breaks.break_windows import (
    Windows,
    less_skewed,
    looks,
    windowed,
    windows,
)
from cxresearch.stats.breaks.week_noise import (
    Noise,
    Scores,
    level,
    noise,
    scores,
)
from cxresearch.stats.breaks.week_seasons import Busyness, busyness, season_covariance

WEEKS = 52
NO_SEASON = np.zeros((WEEKS, WEEKS))


def steps(before: int, during: int, *, first: int, end: int = WEEKS, asked: int = 500) -> Panel:
    """Return the panel of one share that is a little uneven, with a change in some weeks."""
    week = np.arange(WEEKS)
    hits = np.where((week >= first) & (week < end), during, before) + week % 3 - 1
    return Panel.shares("error", ["all"], [[asked] * WEEKS], [hits])


def wander(rng, shape, sd, correlation):
    noisy = rng.normal(0, sd, shape)
    for week in range(1, shape[-1]):
        fresh = math.sqrt(1 - correlation**2) * noisy[..., week]
        noisy[..., week] = correlation * noisy[..., week - 1] + fresh
    return noisy


# --- the parts ------------------------------------------------------------------------------------


def test_z_is_that_of_generalised_least_squares_with_the_window_as_a_column():
    rng = np.random.default_rng(1)
    information = rng.uniform(5, 60, (2, WEEKS))
    score = rng.normal(size=(2, WEEKS)) * np.sqrt(information)
    scored = Scores(score, information, np.zeros_like(score))
    lags = np.array([0.01, 0.04])[:, None] * 0.6 ** np.arange(WEEKS)
    season = season_covariance(Busyness(*rng.uniform(0, 0.5, (2, WEEKS))), "own")
    own = Noise(np.array([1.3, 1.0]), lags, season)
    seen = windows(WEEKS)
    precision = own.precision(information)
    found = windowed(seen, scored, scored.residuals, precision, own.dispersion)
    for series in range(2):
        apart = np.abs(np.arange(WEEKS)[:, None] - np.arange(WEEKS))
        cov = np.diag(own.dispersion[series] / information[series]) + lags[series][apart] + season
        y = score[series] / information[series]
        for which in (0, 20, 100, 200):
            x = np.column_stack([np.ones(WEEKS), seen.weeks(which, WEEKS)])
            variance = np.linalg.inv(x.T @ np.linalg.solve(cov, x))
            change = variance @ x.T @ np.linalg.solve(cov, y)
            assert found.z[series, which] == pytest.approx(change[1] / math.sqrt(variance[1, 1]))
            assert 1 / found.information[series, which] == pytest.approx(variance[1, 1])
    columns = rng.normal(size=(WEEKS, 3))
    assert own.weighed(information[:1], columns) == pytest.approx(precision[0] @ columns)


def test_a_group_against_the_rest_has_the_moments_of_the_hypergeometric():
    panel = Panel.shares("late", ["all", "a"], [[50, 40], [20, 10]], [[9, 3], [6, 0]])
    found = scores(panel, "rest", np.zeros((1, 2)))
    for week, (everybody, group, total, hits) in enumerate([(50, 20, 9, 6), (40, 10, 3, 0)]):
        exact = hypergeom(everybody, total, group)
        assert found.score[0, week] == pytest.approx(hits - exact.mean())
        # Cornfield's variance is exact under an odds ratio of 1
        assert found.information[0, week] == pytest.approx(exact.var())


def test_the_level_of_a_group_against_the_rest_is_the_odds_ratio_where_it_is_the_same():
    whole, group = np.full(30, 300), np.full(30, 100)
    panel = Panel.shares("late", ["all", "a"], [whole, group], [whole * 0.3, group * 0.5])
    odds_ratio = 1.0 / ((90 - 50) / (200 - 40))
    assert level(panel, "rest")[0] == pytest.approx(math.log(odds_ratio), abs=1e-6)


def test_scores_of_means_are_in_standard_deviations_of_one_value():
    panel = Panel.means("csat", ["all"], [[2, 2]], [[2, 6]], [[4, 20]], unit="points")
    # values 0, 2 and 2, 4: mean 2, variance 2
    assert panel.spread[0] == pytest.approx(math.sqrt(2))
    assert level(panel, "own")[0] == pytest.approx(2 / math.sqrt(2))
    found = scores(panel, "own", level(panel, "own"))
    assert found.score[0] == pytest.approx([-2 / math.sqrt(2), 2 / math.sqrt(2)])


def test_sums_over_windows_are_those_of_a_loop():
    rng = np.random.default_rng(2)
    matrix = rng.normal(size=(1, 12, 12))
    seen = Windows(np.array([0, 3, 5]), np.array([4, 12, 6]))
    for which, (a, b) in enumerate([(0, 4), (3, 12), (5, 6)]):
        assert seen.square_sums(matrix)[0, which] == pytest.approx(matrix[0, a:b, a:b].sum())
        assert seen.sums(matrix)[0, 1, which] == pytest.approx(matrix[0, 1, a:b].sum())


def test_the_z_of_a_ramp_is_that_of_its_shape():
    rng = np.random.default_rng(3)
    panel = Panel.shares("late", ["all"], [[300] * WEEKS], [rng.binomial(300, 0.2, WEEKS)])
    season = season_covariance(Busyness(*rng.uniform(0, 0.5, (2, WEEKS))), "own")
    own = Noise(np.array([1.3]), 0.01 * 0.6 ** np.arange(WEEKS)[None], season)
    one = Series(panel, 0, "own", own, level(panel, "own")[0])
    tried = _candidates(one, None, one.expected)
    scored = scored_series(one, one.expected)
    for which in np.flatnonzero(tried.rise > 1)[::7]:
        column = tried.shapes(which, WEEKS)[:, None] * np.sqrt(scored.information.T)
        weighed = own.weighed(scored.information, column)[:, 0]
        z = weighed @ scored.residuals[0] / math.sqrt(weighed @ column[:, 0])
        assert tried.z[which] == pytest.approx(z)


def test_few_events_are_less_sure_than_their_z():
    # 8 where 1 is expected, by hand: sqrt(2 (8 log 8 - 7))
    assert less_skewed(np.array([7.0]), np.array([1.0]))[0] == pytest.approx(4.3899, abs=1e-4)
    # 0 where 4 are expected: sqrt(2 * 4)
    assert less_skewed(np.array([-2.0]), np.array([0.5]))[0] == pytest.approx(-math.sqrt(8))
    assert less_skewed(np.array([3.0]), np.array([0.0]))[0] == 3.0


@given(st.floats(-20, 20), st.floats(-2, 2))
def test_the_root_keeps_the_sign_and_is_odd(z, skewness):
    one, other = less_skewed(np.array([z, -z]), np.array([skewness, -skewness]))
    assert one == -other
    assert math.copysign(1, one) == math.copysign(1, z) or one == 0
    if z * skewness > 0:
        assert abs(one) <= abs(z) + 1e-9


def test_windows_leave_weeks_beside_them_and_are_worth_fewer_tests_than_there_are():
    seen = windows(WEEKS)
    assert seen.first.min() == 8
    assert (seen.end - seen.first)[seen.end == WEEKS].min() == 2
    assert (seen.end - seen.first)[seen.end < WEEKS].min() == 1
    assert 40 < looks(WEEKS) < seen.first.size
    assert looks(WEEKS) < looks(104)


@pytest.mark.parametrize(("sd", "correlation"), [(0.1, 0.0), (0.1, 0.6)])
def test_the_wander_of_series_is_learnt(sd, correlation):
    rng = np.random.default_rng(3)
    information = np.full((40, WEEKS), 400.0)
    slow = wander(rng, (40, WEEKS), sd, correlation)
    counting = rng.normal(0, math.sqrt(1.3), (40, WEEKS))
    found = noise(slow * np.sqrt(information) + counting, information, NO_SEASON)
    # of a wander without correlation, 52 weeks cannot say what is wander and what is counting
    total = found.dispersion + 400 * found.wander[:, 0]
    assert np.median(total) == pytest.approx(1.3 + 4, rel=0.2)
    neighbours = np.median(found.wander[:, 1]) / 0.01
    assert neighbours == pytest.approx(correlation, abs=0.2)


def test_a_series_that_wanders_more_is_not_drawn_to_its_siblings():
    rng = np.random.default_rng(4)
    information = np.full((20, WEEKS), 4_000.0)
    sd = np.where(np.arange(20) == 0, 0.2, 0.05)
    slow = sd[:, None] * rng.normal(size=(20, WEEKS))
    residuals = slow * np.sqrt(information) + rng.normal(size=(20, WEEKS))
    found = np.sqrt(noise(residuals, information, NO_SEASON).wander[:, 0])
    assert found[0] > 0.12
    assert np.median(found[1:]) == pytest.approx(0.05, rel=0.2)


def test_weeks_without_data_say_nothing_of_the_noise():
    rng = np.random.default_rng(5)
    information = np.full((1, WEEKS), 50.0)
    residuals = rng.normal(0, math.sqrt(1.7), (1, WEEKS))
    padded = np.concatenate([np.zeros((1, 30)), residuals], axis=1)
    wide = np.concatenate([np.zeros((1, 30)), information], axis=1)
    short = noise(residuals, information, NO_SEASON)
    long = noise(padded, wide, np.zeros((82, 82)))
    assert long.dispersion == pytest.approx(short.dispersion)
    assert long.wander[0, :WEEKS] == pytest.approx(short.wander[0])


def test_busy_weeks_are_those_whose_visits_are_unusual():
    visits = 1_000 * 1.2 ** (np.arange(WEEKS) / WEEKS)
    visits[30:33] *= 2
    visits[45] = 0
    panel = Panel.shares("x", ["all"], [visits], [visits / 2])
    small = Panel.shares("y", ["all"], [np.arange(WEEKS)], [np.zeros(WEEKS)])
    busy = busyness([small, panel])
    assert busy.near[29:34] == pytest.approx(math.log(2), abs=0.05)
    assert np.delete(busy.near, np.arange(29, 34)).max() < 0.05
    assert busy.alone.max() < 0.05


def test_a_holiday_is_a_week_unlike_both_its_neighbours():
    visits = np.full(WEEKS, 1_000.0)
    visits[[15, 33]] = 780, 1_500
    visits[40:] = 2_000
    visits[16] = 0
    busy = busyness([Panel.shares("x", ["all"], [visits], [visits / 2])])
    assert busy.alone[15] == pytest.approx(-math.log(0.78))
    assert busy.alone[33] == pytest.approx(math.log(1.5))
    assert np.delete(busy.alone, [15, 33]).max() == 0
    found = season_covariance(busy, "own")
    smooth = season_covariance(busy._replace(alone=np.zeros(WEEKS)), "own")
    assert np.diag(found - smooth)[15] == pytest.approx((0.35 * math.log(0.78)) ** 2)
    assert np.count_nonzero(found - smooth) == 2


def test_a_wander_between_two_that_are_tried_is_learnt():
    """Of long series at large traffic the wander is known to a few per cent, whatever it is."""
    rng = np.random.default_rng(3)
    for sd in (0.042, 0.06, 0.083):
        information = np.full((32, 156), 20_000.0)
        residuals = wander(rng, (32, 156), sd, 0.6) * np.sqrt(information)
        residuals += rng.normal(0, math.sqrt(1.3), residuals.shape)
        learnt = np.sqrt(noise(residuals, information, np.zeros((156, 156))).wander[:, 0])
        assert learnt.mean() == pytest.approx(sd, rel=0.06)


def test_a_season_comes_back_after_a_year_and_is_larger_in_busy_weeks():
    calm = Busyness(np.zeros(120), np.zeros(120))
    near = np.zeros(120)
    near[[20, 72]] = 0.6
    busy = calm._replace(near=near)
    found = season_covariance(busy, "own") - season_covariance(calm, "own")
    assert found[20, 20] == pytest.approx((0.35 * 0.6) ** 2)
    assert found[20, 72] == pytest.approx(found[20, 20], rel=0.02)
    assert found[20, 46] == pytest.approx(0, abs=1e-9)
    whole = season_covariance(busy, "own")
    assert np.linalg.eigvalsh(whole).min() > -1e-9


@pytest.mark.parametrize(
    ("arguments", "weeks"),
    [((2, 4, 1), [0, 0, 1, 1, 0]), ((1, 5, 2), [0, 0.5, 1, 1, 1]), ((0, 5, 1), [1] * 5)],
)
def test_a_shape_says_how_much_of_a_change_is_there(arguments, weeks):
    assert shape_of(*arguments, 5).tolist() == weeks


# --- a scan ---------------------------------------------------------------------------------------


def test_a_step_is_dated_sized_and_open():
    one = scan([steps(25, 60, first=40)]).breaks[0]
    assert (one.start, one.end, one.shape, one.state) == (40, None, "step", "open")
    assert one.start_weeks[0] <= 40 <= one.start_weeks[1]
    assert one.before == pytest.approx(0.05, abs=1e-3)
    assert one.during == pytest.approx(0.12, abs=1e-9)
    assert one.last == pytest.approx((59 + 60 + 61 + 59) / 2_000)
    assert one.change.unit == "share difference"
    assert one.change.value == pytest.approx(0.07, abs=0.005)
    assert one.change.n == 12 * 500
    # with counts alone 0.07 has a standard error of 0.0049: 12 weeks of 500 against 40 of them
    # (half-width 0.0101, t with 26 df); growth and wander that a shop may have make it wider
    assert 0.0202 < one.change.ci.high - one.change.ci.low < 0.04
    assert one.z > 10
    assert one.p_value < 1e-9


@pytest.mark.parametrize(("before", "during"), [(400, 0), (100, 500)])
def test_a_share_that_falls_to_nobody_or_rises_to_all_is_dated_to_the_week(before, during):
    week = np.arange(WEEKS)
    uneven = np.where(week >= 40, during, before + week % 3 - 1)
    (one,) = scan([Panel.shares("paid", ["all"], [[500] * WEEKS], [uneven])]).breaks
    assert (one.start, one.start_weeks, one.shape) == (40, (40, 40), "step")
    assert one.during == during / 500


def test_what_went_is_an_episode_and_past():
    one = scan([steps(25, 60, first=20, end=26)]).breaks[0]
    assert (one.start, one.end, one.shape, one.state) == (20, 26, "episode", "past")
    assert one.way_back.low < 1 < one.way_back.high
    assert one.last == pytest.approx(one.before, abs=2e-3)


def test_a_step_that_has_gone_half_back_is_neither_open_nor_past():
    week = np.arange(WEEKS)
    hits = np.select([week >= 48, week >= 36], [43, 60], 25)
    one = scan([Panel.shares("error", ["all"], [[500] * WEEKS], [hits])]).breaks[0]
    assert one.state == "unsure"
    assert one.way_back.low < 0.5 < one.way_back.high


def test_a_ramp_is_one():
    week = np.arange(WEEKS)
    hits = np.round(100 + 300 * ((week - 25) / 20).clip(0, 1))
    one = scan([Panel.shares("error", ["all"], [[2_000] * WEEKS], [hits])]).breaks[0]
    assert one.shape == "ramp"
    assert one.start_weeks[0] <= 26 <= one.start_weeks[1]
    assert one.during > 0.19


def test_a_series_may_break_twice():
    week = np.arange(WEEKS)
    hits = 25 + 50 * ((week >= 12) & (week < 16)) + 60 * (week >= 40)
    found = scan([Panel.shares("error", ["all"], [[500] * WEEKS], [hits])]).breaks
    assert sorted((one.start, one.end) for one in found) == [(12, 16), (40, None)]


def test_against_the_rest_what_hits_everybody_is_no_break():
    week = np.arange(WEEKS)
    share = np.where(week >= 30, 0.2, 0.1)
    n = np.array([[3_000] * WEEKS, [1_000] * WEEKS])
    found = scan([Panel.shares("late", ["all", "a"], n, n * share)]).breaks
    assert {(one.group, one.against) for one in found} == {("all", "own"), ("a", "own")}


def test_a_break_of_one_group_is_seen_against_the_rest_through_a_shift_of_all():
    rng = np.random.default_rng(6)
    week = np.arange(WEEKS)
    slow = wander(rng, (WEEKS,), 0.25, 0.6)
    odds = np.exp(slow + np.array([[0.0], [-0.5]]) * (week >= 30))
    n = np.full((2, WEEKS), 2_000)
    hits = rng.binomial(n, odds / (1 + odds))
    panel = Panel.shares("purchase", ["all", "b"], [n.sum(0), n[1]], [hits.sum(0), hits[1]])
    one = scan([panel]).breaks[0]
    assert (one.group, one.against, one.start) == ("b", "rest", 30)
    assert one.change.ci.low < -0.12 < one.change.ci.high


def test_a_mean_breaks_in_its_unit():
    rng = np.random.default_rng(7)
    week = np.arange(WEEKS)
    values = rng.normal(4 - 0.8 * (week >= 44)[:, None], 1, (WEEKS, 60))
    panel = Panel.means("csat", ["all"], [[60] * WEEKS], [values.sum(1)], [(values**2).sum(1)],
                        unit="points")  # fmt: skip
    one = scan([panel]).breaks[0]
    assert (one.start, one.change.unit) == (44, "points")
    assert one.change.ci.low < -0.8 < one.change.ci.high
    assert one.during - one.before == pytest.approx(one.change.value, abs=0.1)


@pytest.mark.parametrize("is_amount", [True, False])
def test_a_few_long_waits_are_less_sure_where_values_are_amounts(is_amount):
    n = np.full((1, WEEKS), 4.0)
    sums = np.where(np.arange(WEEKS) == 40, 4 * 160.0, 4 * 50.0) + np.arange(WEEKS) % 3
    squares = sums**2 / n + n * 45.0**2
    panel = Panel.means("wait", ["all"], n, sums[None], squares, unit="s", is_amount=is_amount)
    # A gamma with a mean of 53 and a standard deviation of 50 leans far to the right.
    assert panel.skewness == pytest.approx([2 * panel.spread[0] / panel.level[0] * is_amount])
    found = scan([panel])
    assert bool(found.breaks) is not is_amount


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1_000), st.floats(0.1, 100), st.floats(-50, 50))
def test_the_unit_of_a_mean_does_not_matter(seed, times, plus):
    rng = np.random.default_rng(seed)
    values = rng.normal(0, 1, (WEEKS, 20)) + 3 * (np.arange(WEEKS) >= 30)[:, None]

    def of(values):
        sums, squares = values.sum(1), (values**2).sum(1)
        return scan([Panel.means("x", ["all"], [[20] * WEEKS], [sums], [squares], unit="s")])

    one, other = of(values).breaks[0], of(values * times + plus).breaks[0]
    assert (one.start, one.shape) == (other.start, other.shape)
    assert other.z == pytest.approx(one.z, rel=1e-4)
    assert other.change.value == pytest.approx(times * one.change.value, rel=1e-4)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1_000))
def test_a_share_and_what_it_lacks_break_alike(seed):
    rng = np.random.default_rng(seed)
    n = rng.integers(100, 300, (1, WEEKS))
    hits = rng.binomial(n, np.where(np.arange(WEEKS) >= 33, 0.5, 0.3))
    one = scan([Panel.shares("x", ["all"], n, hits)]).breaks[0]
    other = scan([Panel.shares("x", ["all"], n, n - hits)]).breaks[0]
    assert other.z == pytest.approx(-one.z)
    assert other.change.value == pytest.approx(-one.change.value)
    assert other.start == one.start


# --- edges ----------------------------------------------------------------------------------------


def test_nothing_is_found_in_nothing():
    found = scan([])
    assert (found.breaks, found.judged, found.too_thin, found.weeks) == ((), 0, (), 0)
    assert found.to_frame().empty


@pytest.mark.parametrize(
    ("n", "hits", "why"),
    [
        ([500], [5], "fewer than 16 weeks with data"),
        ([0] * WEEKS, [0] * WEEKS, "fewer than 16 weeks with data"),
        ([500] * 15, [50] * 15, "fewer than 16 weeks with data"),
        ([500] * WEEKS, [0] * WEEKS, "fewer than 10 people with the outcome, or without it"),
        ([500] * WEEKS, [500] * WEEKS, "fewer than 10 people with the outcome, or without it"),
        ([1] * 28 + [0] * 24, [1, 0] * 14 + [0] * 24, "fewer than 30 people"),
    ],
)
def test_a_thin_series_is_named_and_not_judged(n, hits, why):
    found = scan([Panel.shares("error", ["all"], [n], [hits])])
    assert (found.breaks, found.judged) == ((), 0)
    assert [(one.measure, one.group, one.against, one.why) for one in found.too_thin] == [
        ("error", "all", "own", why)
    ]


def test_values_that_are_all_the_same_are_not_judged():
    n = np.full((1, WEEKS), 10)
    found = scan([Panel.means("csat", ["all"], n, 4 * n, 16 * n, unit="points")])
    assert [one.why for one in found.too_thin] == ["all values are the same"]


def test_a_group_that_is_the_whole_has_no_rest():
    n, hits = [[500] * WEEKS] * 2, [[50] * WEEKS] * 2
    found = scan([Panel.shares("late", ["all", "same"], n, hits)])
    assert [(one.group, one.against) for one in found.too_thin] == [("same", "rest")]
    assert found.judged == 2


def test_a_series_with_the_same_count_every_week_does_not_break():
    found = scan([Panel.shares("late", ["all"], [[500] * WEEKS], [[50] * WEEKS])])
    assert (found.breaks, found.watch, found.judged) == ((), (), 1)


def test_weeks_without_data_are_passed_over():
    panel = steps(25, 60, first=40)
    n, hits = panel.n.copy(), panel.sums.copy()
    n[0, [5, 20, 44]] = np.nan
    hits[0, 21] = np.nan
    one = scan([Panel.shares("error", ["all"], n, hits)]).breaks[0]
    assert (one.start, one.state) == (40, "open")
    assert one.change.n == 11 * 500


def test_a_young_series_needs_eight_weeks_of_its_own_before_a_break():
    panel = steps(25, 60, first=40)
    n, hits = panel.n.copy(), panel.sums.copy()
    n[0, :24] = np.nan
    assert scan([Panel.shares("error", ["all"], n, hits)]).breaks[0].start == 40
    ramp = 25 + 8 * (np.arange(WEEKS) - 28).clip(0, 8)
    found = scan([Panel.shares("error", ["all"], n, [ramp])])
    assert found.breaks
    assert all(one.start >= 32 for one in found.breaks)


# --- over all series ------------------------------------------------------------------------------


def test_a_large_group_has_more_of_the_level_than_a_small_one():
    n = np.array([[1_000] * WEEKS, [90] * WEEKS])
    hits = (n * 0.3).round()
    found = scan([Panel.shares("x", ["all", "small"], n, hits)])
    rise = {(one.group, one.against): one.rise for one in found.detectable}
    assert rise["all", "own"] < rise["small", "own"] / 2
    # with a level of .05 among three series the whole has 1 / 1.6 of it, and a small one .3 / 1.6
    alone = scan([Panel.shares("x", ["all"], n[:1], hits[:1])]).detectable[0].rise
    assert 1 < rise["all", "own"] / alone < 1.05


def test_more_series_raise_the_limit():
    one = steps(25, 26, first=40)
    few, many = scan([one]), scan([one] * 50)
    assert few.detectable[0].rise < many.detectable[0].rise


def test_what_could_have_been_seen_is_seen_in_80_of_100_shops():
    rng = np.random.default_rng(8)
    n = np.full((1, WEEKS), 400)

    def drawn(share):
        return Panel.shares("x", ["all"], n, rng.binomial(n, share))

    rise = np.median([scan([drawn(0.2)]).detectable[0].rise for _ in range(10)])
    share = np.where(np.arange(WEEKS) >= WEEKS - 8, 0.2 + rise, 0.2)
    seen = np.mean([len(scan([drawn(share)]).breaks) > 0 for _ in range(60)])
    assert 0.65 < seen < 0.97


def test_stable_shops_do_not_alarm():
    for seed, (visits, correlation, season) in enumerate([(1_900, 0.6, 0.1), (100_000, 0.3, 0.05)]):
        rng = np.random.default_rng([9, seed])
        panels = shop(rng, visits=visits, correlation=correlation, device_season=season)
        found = scan(panels)
        assert found.breaks == ()
        assert found.judged + len(found.too_thin) == 16 * (32 + 31)


def test_a_payment_error_of_two_weeks_is_found_at_small_traffic():
    one, state = planted()["the same, last 2 weeks"]
    found = scan(shop(np.random.default_rng(10), breaks=[one])).breaks
    assert {each.measure for each in found} == {"payment_error"}
    first = found[0]
    assert (first.group, first.start, first.state) == ("d1", 50, state)
    assert first.change.ci.low < 0.21 < first.change.ci.high + 0.1


def test_watch_lists_what_is_no_finding():
    rng = np.random.default_rng(11)
    n = np.full((1, WEEKS), 400)
    share = np.where(np.arange(WEEKS) >= 30, 0.235, 0.2)
    weak = [Panel.shares(f"w{i}", ["all"], n, rng.binomial(n, share)) for i in range(6)]
    still = [Panel.shares(f"s{i}", ["all"], n, rng.binomial(n, 0.2)) for i in range(10)]
    found = scan([*weak, *still])
    watched = {one.measure for one in found.watch}
    assert watched
    assert not watched & {one.measure for one in found.breaks}
    assert all(one.p_value > 0.05 for one in found.watch)
    assert all(one.p_value <= 0.05 for one in found.breaks)


def test_a_frame_has_a_row_per_break():
    found = scan([steps(25, 60, first=40)])
    frame = found.to_frame()
    assert frame[["measure", "start", "state", "unit"]].to_numpy().tolist() == [
        ["error", 40, "open", "share difference"]
    ]
    assert frame["change_low"][0] < frame["change"][0] < frame["change_high"][0]


# --- a second look --------------------------------------------------------------------------------


def test_at_a_given_date_holm_counts_the_series_that_are_looked_at():
    rng = np.random.default_rng(12)
    n = np.full((1, WEEKS), 400)
    share = np.where(np.arange(WEEKS) >= 40, 0.24, 0.2)
    weak = Panel.shares("weak", ["all"], n, rng.binomial(n, share))
    still = [Panel.shares(f"s{i}", ["all"], n, rng.binomial(n, 0.2)) for i in range(4)]
    (alone,) = at([weak], 40)
    among = at([weak, *still], 40)[0]
    assert among.p_value == pytest.approx(5 * alone.p_value)
    assert among.change == alone.change
    assert alone.change.ci.low < 0.04 < alone.change.ci.high
    assert alone.p_value < 0.01


def test_a_second_look_at_a_thin_series_is_undefined_and_says_why():
    thin = Panel.shares("thin", ["all"], [[500] * WEEKS], [[0] * WEEKS])
    (look,) = at([thin], 40)
    assert math.isnan(look.z)
    assert math.isnan(look.p_value)
    assert math.isnan(look.change.value)
    assert look.change.note.startswith("undefined: fewer than 10 people with the outcome")


def test_a_second_look_may_be_at_one_group_and_at_an_episode():
    week = np.arange(WEEKS)
    inside = (week >= 20) & (week < 26)
    n = np.array([[3_000] * WEEKS, [1_000] * WEEKS])
    hits = np.array([300 + 100 * inside, 100 + 100 * inside]) + week % 2
    panel = Panel.shares("late", ["all", "a"], n, hits)
    (look,) = at([panel], 20, end=26, group="a", against="rest")
    assert (look.group, look.change.n) == ("a", 6_000)
    assert look.change.value == pytest.approx(0.1, abs=0.01)


def test_p_values_at_a_given_date_are_as_small_as_they_say():
    rng = np.random.default_rng(13)
    n = np.full((1, WEEKS), 300)
    p_values = []
    for _ in range(100):
        slow = 0.2 * np.exp(wander(rng, (WEEKS,), 0.1, 0.3))
        panel = Panel.shares("x", ["all"], n, rng.binomial(n, slow))
        p_values.append(at([panel], 30)[0].p_value)
    assert np.mean(np.array(p_values) < 0.05) <= 0.09


# --- bad arguments --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "hits", "words"),
    [
        ([1, 2], [1, 2], "n must be groups x weeks, all of one shape; got (2,)"),
        ([[1, 2]], [[1]], "hits must be groups x weeks, all of one shape; got (1, 1)"),
        ([[1, math.inf]], [[1, 1]], "n must be finite or nan; got inf"),
        ([[1, -1]], [[0, 0]], "n must be 0 or more; got -1.0"),
        ([[1, 1]], [[0, -2]], "hits must be 0 or more; got -2.0"),
        ([[1, 1]], [[0, 2]], "misses must be 0 or more; got -1.0"),
    ],
)
def test_a_table_that_is_none_is_refused(n, hits, words):
    with pytest.raises(ValueError) as caught:
        Panel.shares("x", ["all"], n, hits)
    assert str(caught.value) == words


def test_groups_are_named_once_and_are_parts_of_the_whole():
    two = [[1, 1], [1, 1]]
    with pytest.raises(ValueError, match="groups must be 2 names; got"):
        Panel.shares("x", ["all"], two, two)
    with pytest.raises(ValueError, match="groups must be names that differ; got"):
        Panel.shares("x", ["all", "all"], two, two)
    with pytest.raises(ValueError, match="n must be at most that of the whole"):
        Panel.shares("x", ["all", "a"], [[1, 1], [1, 2]], [[0, 0], [0, 0]])


def test_panels_are_of_the_same_weeks_and_arguments_in_range():
    one, other = steps(25, 60, first=40), Panel.shares("y", ["all"], [[5]], [[1]])
    with pytest.raises(ValueError, match=r"panels must be of the same weeks; got \[1, 52\]"):
        scan([one, other])
    with pytest.raises(ValueError, match="confidence must be"):
        scan([one], confidence=95)
    with pytest.raises(ValueError, match="start must be between 1 and 51; got 0"):
        at([one], 0)
    with pytest.raises(ValueError, match="end must be between 41 and 52; got 40"):
        at([one], 40, end=40)
    with pytest.raises(ValueError, match="against must be"):
        at([one], 40, against="others")


@pytest.mark.parametrize(("first", "weeks"), [(20, 52), (30, 52), (44, 52), (20, 36)])
def test_an_episode_is_not_taken_for_a_wander_of_the_weeks(first, weeks):
    """Seven weeks at .19 in place of .30, of 500 a week: nine standard errors of counting."""
    rng = np.random.default_rng(1)
    week = np.arange(weeks)
    share = np.where((week >= first) & (week < first + 7), 0.19, 0.30)
    for _ in range(8):
        asked = rng.poisson(500, weeks)
        panel = Panel.shares("purchase", ["all"], [asked], [rng.binomial(asked, share)])
        found = scan([panel]).breaks
        assert [abs(one.start - first) <= 1 for one in found[:1]] == [True]


@pytest.mark.parametrize("first", [23, 30, 32])
def test_an_episode_that_all_siblings_hold_is_not_taken_for_their_wander(first):
    """The same in two groups and their whole: what the siblings say of the noise holds it too."""
    rng = np.random.default_rng(2)
    share = np.where((np.arange(52) >= first) & (np.arange(52) < first + 7), 0.19, 0.30)
    for _ in range(4):
        asked = rng.poisson(250, (2, 52))
        hits = rng.binomial(asked, share)
        groups = ["all", "one", "other"]
        both = [np.vstack([each.sum(0), each]) for each in (asked, hits)]
        found = scan([Panel.shares("purchase", groups, *both)]).breaks
        assert {one.group for one in found} >= {"all"}
        assert all(abs(one.start - first) <= 1 for one in found if one.group == "all")
