"""Moments and adjustment for covariates, against statsmodels, tea-tasting and simulated groups."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.core.unit_sums import RatioSums
from cxresearch.stats.means.adjustment import (
    adjusted,
    adjusted_for_lifts,
    explained,
)
from cxresearch.stats.means.estimators import ValueWithVariance, difference, lift
from cxresearch.stats.means.moments import Moments

CONTROL = ([3.0, 5.0, 4.0, 8.0, 6.0], [2.0, 4.0, 5.0, 7.0, 3.0])
TREATMENT = ([6.0, 7.0, 9.0, 4.0], [3.0, 5.0, 7.0, 1.0])

pairs = st.lists(
    st.tuples(st.floats(-100, 100), st.floats(-100, 100)), min_size=3, max_size=30
).map(lambda rows: np.array(rows).T)


def groups(*arms):
    return [Moments.from_arrays(*arm) for arm in arms]


def test_moments_of_numbers_far_from_0():
    # The variance of 0, 1, 3 is 7/3, wherever they lie; equal numbers have none.
    far = Moments.from_arrays([1e9, 1e9 + 1, 1e9 + 3], [0.1, 0.1, 0.1])
    assert far.covariance == pytest.approx(np.array([[7 / 3, 0], [0, 0]]))


def test_moments_by_hand():
    # 1, 2, 3 and 2, 4, 9: means 2 and 5; deviations -1, 0, 1 and -3, -1, 4.
    found = Moments.from_arrays([1, 2, 3], [2, 4, 9])
    assert found.mean.tolist() == [2, 5]
    assert found.scatter.tolist() == [[2, 7], [7, 26]]


@given(pairs)
def test_sums_pooling_and_arrays_give_the_same_moments(rows):
    whole = Moments.from_arrays(*rows)
    summed = Moments.from_sums(rows.shape[1], rows.sum(axis=1), rows @ rows.T)
    parts = Moments.pooled([Moments.from_arrays(*rows[:, :2]), Moments.from_arrays(*rows[:, 2:])])
    scale = 1 + np.abs(rows @ rows.T).max()
    for other in (summed, parts):
        assert other.n == whole.n
        assert other.mean == pytest.approx(whole.mean, abs=1e-9)
        assert other.scatter == pytest.approx(whole.scatter, abs=1e-9 * scale)


def test_a_measurement_that_never_varies_has_no_scatter():
    # Ten times .1, added up one by one, leave a rest of rounding.
    same, other = [0.1] * 10, list(range(10))
    squares = sum(value**2 for value in same)
    assert squares - sum(same) ** 2 / 10 != 0
    cross = sum(a * b for a, b in zip(same, other, strict=True))
    found = Moments.from_sums(10, [sum(same), 45], [[squares, cross], [cross, 285]])
    assert found.scatter.tolist() == [[0, 0], [0, 82.5]]


def test_no_units_have_no_moments():
    found = Moments.from_sums(0, [0], [[0]])
    assert math.isnan(found.sample(0).mean)
    assert math.isnan(found.covariance[0, 0])


def test_cuped_by_hand():
    # theta: slope of y on x over all nine; then plain arithmetic on y - theta * (x - mean x).
    y, x = (np.array(one + other) for one, other in zip(CONTROL, TREATMENT, strict=True))
    theta = np.cov(y, x)[0, 1] / np.var(x, ddof=1)
    left = y - theta * (x - x.mean())
    control, treatment = adjusted(groups(CONTROL, TREATMENT))
    assert control.value == pytest.approx(left[:5].mean())
    assert treatment.value == pytest.approx(left[5:].mean())
    assert control.variance == pytest.approx(left[:5].var(ddof=1) / 5)
    assert (control.df, treatment.df) == (4, 3)


def test_lin_is_the_prediction_of_each_groups_own_regression():
    rng = np.random.default_rng(2)
    x = rng.normal(10, 3, (2, 60))
    extra = rng.normal(0, 1, (2, 60))
    y = np.array([5 + x[0] + rng.normal(0, 1, 60), 6 + 2 * x[1] - extra[1] + rng.normal(0, 1, 60)])
    found = adjusted([Moments.from_arrays(y[a], x[a], extra[a]) for a in (0, 1)], method="lin")
    fits = []
    for a in (0, 1):
        fit = sm.OLS(y[a], sm.add_constant(np.column_stack([x[a], extra[a]]))).fit()
        expected = fit.get_prediction([[1, x.mean(), extra.mean()]])
        assert found[a].value == pytest.approx(expected.predicted_mean[0])
        assert found[a].df == fit.df_resid
        fits.append((fit.params[1:], expected.se_mean[0] ** 2))
    # The difference has, beside the two errors, that of the covariates' means.
    apart = fits[1][0] - fits[0][0]
    means = np.cov(np.array([x.ravel(), extra.ravel()])) / x.size
    variance = fits[0][1] + fits[1][1] + apart @ means @ apart
    assert found[0].variance + found[1].variance == pytest.approx(variance)


def test_covariates_that_repeat_or_never_vary_change_nothing():
    plain = groups(CONTROL, TREATMENT)
    repeated = [
        Moments.from_arrays(y, x, 3 * np.array(x), np.ones(len(x))) for y, x in (CONTROL, TREATMENT)
    ]
    for method in ("cuped", "lin"):
        for one, other in zip(
            adjusted(plain, method=method), adjusted(repeated, method=method), strict=True
        ):
            assert one.value == pytest.approx(other.value)
            assert one.variance == pytest.approx(other.variance)
            assert one.df == other.df


def test_without_covariates_nothing_is_adjusted():
    plain = [Moments.from_arrays(y) for y, _ in (CONTROL, TREATMENT)]
    for method in ("cuped", "lin"):
        for one, group in zip(adjusted(plain, method=method), plain, strict=True):
            expected = ValueWithVariance.of_mean(group.sample(0))
            assert (one.value, one.df) == (expected.value, expected.df)
            assert one.variance == pytest.approx(expected.variance)


def test_a_ratio_without_covariates_is_the_ratio_over_clusters():
    sums = [RatioSums.from_arrays(*arm) for arm in (CONTROL, TREATMENT)]
    for one, expected in zip(adjusted(groups(CONTROL, TREATMENT), ratio=True), sums, strict=True):
        assert one.value == pytest.approx(expected.ratio)
        assert one.variance == pytest.approx(expected.variance)


def test_a_ratio_over_ones_is_the_mean():
    ratio = adjusted([Moments.from_arrays(y, np.ones(len(y)), x) for y, x in
                      (CONTROL, TREATMENT)], ratio=True)  # fmt: skip
    mean = adjusted(groups(CONTROL, TREATMENT))
    for one, other in zip(ratio, mean, strict=True):
        assert one.value == pytest.approx(other.value)
        assert one.variance == pytest.approx(other.variance)


def test_a_ratio_of_nothing_is_nan():
    arms = [
        Moments.from_arrays([1, 2], [0, 0], [3, 4]),
        Moments.from_arrays([1, 2], [1, 1], [3, 5]),
    ]
    assert math.isnan(adjusted(arms, ratio=True)[0].value)


@pytest.mark.parametrize("method", ["cuped", "lin"])
def test_customers_without_history_are_kept(method):
    # With the indicator the answer does not hang on the number put in for what is missing.
    rng = np.random.default_rng(4)
    found = []
    for filler in (0.0, 500.0):
        arms = []
        rng = np.random.default_rng(4)
        for effect in (0.0, 1.0):
            x = np.where(rng.random(200) < 0.3, np.nan, rng.normal(50, 10, 200))
            y = effect + np.where(np.isnan(x), 20.0, x) + rng.normal(0, 2, 200)
            there = ~np.isnan(x)
            values = np.where(there, x, 0.0)
            arms.append(Moments.from_arrays(y, np.where(there, values, filler), there))
        found.append(difference(*adjusted(arms, method=method), unit="EUR"))
    assert found[0].value == pytest.approx(found[1].value)
    assert found[0].ci == pytest.approx(found[1].ci)
    assert found[0].ci.low < 1 < found[0].ci.high
    assert found[0].ci.high - found[0].ci.low < 1


@given(pairs, pairs, st.floats(-5, 5))
def test_adding_to_the_covariate_changes_nothing(first, second, shift):
    plain = adjusted(groups(first, second))
    moved = adjusted(groups((first[0], first[1] + shift), (second[0], second[1] + shift)))
    for one, other in zip(plain, moved, strict=True):
        assert one.value == pytest.approx(other.value, abs=1e-5)


def test_cuped_takes_off_the_squared_correlation():
    rng = np.random.default_rng(6)
    x = rng.normal(0, 1, (2, 20000))
    y = 0.8 * x + 0.6 * rng.normal(0, 1, (2, 20000))
    arms = groups(*zip(y, x, strict=True))
    share = explained(arms)
    assert share == pytest.approx(0.64, abs=0.01)
    plain, less = (
        difference(*pair, unit="EUR")
        for pair in ([ValueWithVariance.of_mean(arm.sample(0)) for arm in arms], adjusted(arms))
    )
    ratio = (less.value / less.statistic) / (plain.value / plain.statistic)
    assert ratio**2 == pytest.approx(1 - share, abs=0.001)


def test_explained_is_the_squared_correlation():
    y, x = CONTROL
    assert explained(groups(CONTROL)) == pytest.approx(np.corrcoef(y, x)[0, 1] ** 2)
    assert math.isnan(explained(groups(([1, 1], [2, 3]))))


@pytest.mark.slow
def test_coverage_where_the_effect_goes_with_the_covariate():
    # 800 experiments with unequal groups; Lin's interval is the shorter one, and both cover.
    rng = np.random.default_rng(12)
    covered, width = {"cuped": 0, "lin": 0}, {"cuped": 0.0, "lin": 0.0}
    for _ in range(800):
        arms = []
        for n, slope in ((60, 0.5), (240, 2.0)):
            x = rng.exponential(1, n)
            arms.append(Moments.from_arrays(slope * (x - 1) + rng.normal(0, 1, n), x))
        for method in covered:
            low, high = difference(*adjusted(arms, method=method), unit="EUR").ci
            covered[method] += low <= 0 <= high
            width[method] += high - low
    assert width["lin"] < width["cuped"]
    assert 0.93 <= covered["cuped"] / 800 <= 0.97
    assert 0.93 <= covered["lin"] / 800 <= 0.97


def test_the_lift_after_cuped_is_asymmetric():
    result = lift(*adjusted(groups(CONTROL, TREATMENT)))
    assert result.ci.high - result.value > result.value - result.ci.low


def test_bad_arguments_are_worded():
    with pytest.raises(ValueError, match=r"^the number of groups must be at least 2; got 1$"):
        adjusted(groups(CONTROL))
    with pytest.raises(ValueError, match=r"^n of group 1 must be at least 1; got 0$"):
        adjusted([Moments.from_sums(0, [0], [[0]]), Moments.from_arrays([1, 2])])
    with pytest.raises(ValueError, match=r"^method must be one of 'cuped', 'lin'; got 'ols'$"):
        adjusted(groups(CONTROL, TREATMENT), method="ols")
    with pytest.raises(ValueError, match=r"^products must be 2 by 2; got shape \(1, 2\)$"):
        Moments.from_sums(2, [1, 2], [[1, 2]])
    with pytest.raises(ValueError, match=r"^measurement 2 must be as long as measurement 1, 2"):
        Moments.from_arrays([1, 2], [1])


def drawn(rng, effect: float, of: str):
    """Return the units of two arms: what is raised by a share of itself, or alike for all."""
    arms = []
    for raised in (0, effect):
        before = rng.gamma(2, 5, 200)
        after = 0.9 * before + rng.normal(1, 1, 200)
        if of == "everybody alike":
            arms.append((after + 10 * raised, before))
        elif of == "a share of one's own":
            arms.append(((1 + raised) * after, before))
        else:
            visits = 1.0 + rng.poisson(2, 200)
            arms.append(((1 + raised) * after * visits, visits, before))
    return groups(*arms)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["cuped", "lin"])
@pytest.mark.parametrize("effect", [0.05, 0.5])
@pytest.mark.parametrize("of", ["everybody alike", "a share of one's own", "ratio"])
def test_coverage_of_a_lift_of_adjusted_means(method: str, effect: float, of: str):
    rng = np.random.default_rng(7)
    held = as_for_a_difference = 0
    for _ in range(600):
        arms = drawn(rng, effect, of)
        (pair,) = adjusted_for_lifts(arms, method=method, ratio=of == "ratio")
        low, high = lift(*pair).ci
        held += low <= effect <= high
        low, high = lift(*adjusted(arms, method=method, ratio=of == "ratio")).ci
        as_for_a_difference += low <= effect <= high
    assert 0.93 <= held / 600 <= 0.97
    # The variances of a difference leave out what the covariates' overall means add or take.
    if effect == 0.5 and of != "ratio":
        assert not 0.93 <= as_for_a_difference / 600 <= 0.97


@pytest.mark.parametrize("method", ["cuped", "lin"])
@pytest.mark.parametrize("ratio", [False, True])
def test_the_variance_of_a_lift_is_that_of_what_each_unit_adds(method: str, ratio: bool):
    rng = np.random.default_rng(11)
    arms = []
    for n, slope in ((400, 1.0), (300, 1.4), (200, 0.7)):
        x = rng.gamma(2, 5, n)
        w = 1.0 + rng.poisson(2, n)
        y = slope * x + rng.normal(3, 2, n)
        arms.append((y * w, w, x) if ratio else (y, x))
    pairs = adjusted_for_lifts(groups(*arms), method=method, ratio=ratio)

    def own(arm):
        """Return the value of each unit around its group, and the group's own value."""
        if not ratio:
            return arm[0] - arm[0].mean(), arm[0].mean()
        level = arm[0].sum() / arm[1].sum()
        return (arm[0] - level * arm[1]) / arm[1].mean(), level

    everybody = np.concatenate([arm[-1] for arm in arms])
    outcome = [np.concatenate([arm[i] for arm in arms]) for i in range(len(arms[0]))]
    one_for_all = np.polyfit(everybody, own(outcome)[0], 1)[0]
    units, centre = [], everybody.mean()
    for arm in arms:
        values, level = own(arm)
        slope = np.polyfit(arm[-1], values, 1)[0] if method == "lin" else one_for_all
        units.append((values, arm[-1], slope, level - slope * (arm[-1].mean() - centre)))
    for place, (control, treatment) in enumerate(pairs, start=1):
        ratio_of_means = units[place][3] / units[0][3]
        assert treatment.value / control.value == pytest.approx(ratio_of_means)
        shared = units[place][2] - ratio_of_means * units[0][2]
        parts = []
        for i, (values, x, slope, _) in enumerate(units):
            weight = {0: -ratio_of_means, place: 1.0}.get(i, 0.0)
            moved = weight * (values - slope * x) / len(x) + shared * x / len(everybody)
            parts.append(len(x) * moved.var(ddof=1))
        got = treatment.variance + ratio_of_means**2 * control.variance
        assert got == pytest.approx(sum(parts), rel=0.01)  # the degrees of freedom differ a little


def test_what_a_lift_needs_changes_no_mean():
    arms = groups(CONTROL, TREATMENT)
    (pair,) = adjusted_for_lifts(arms)
    assert [one.value for one in pair] == [one.value for one in adjusted(arms)]
    assert pair[0].variance != adjusted(arms)[0].variance


def test_several_treatments_have_a_lift_each_over_the_same_control():
    arms = groups(CONTROL, TREATMENT, TREATMENT)
    first, second = adjusted_for_lifts(arms)
    assert first == second
    assert first[0].value == adjusted(arms)[0].value


def test_a_lift_over_nothing_has_nothing_added():
    arms = groups(([0.0, 0], [1.0, 2]), ([0.0, 0], [1.0, 2]))
    assert adjusted_for_lifts(arms) == (adjusted(arms),)


@pytest.mark.parametrize("method", ["cuped", "lin"])
def test_covariates_that_explain_all_leave_no_variance(method: str):
    # y is the covariate itself times a whole number: rounding is not spread, and not below 0.
    x = np.array([0.1, 0.7, 1.3, 2.9, 3.1, 4.7])
    arms = groups((3 * x, x), (3 * x[::-1], x[::-1]))
    for quantity in adjusted(arms, method=method):
        assert quantity.variance == 0
    (pair,) = adjusted_for_lifts(arms, method=method)
    result = lift(*pair)
    assert result.value == pytest.approx(0, abs=1e-12)
    assert math.isnan(result.p_value)
    assert result.note.startswith("no interval")


def test_slopes_that_go_through_every_unit_leave_nothing_to_compare():
    # Two points lie on one line, whatever the groups: 3 to 7 as 1 to 2 says nothing of a group.
    one_each = adjusted(groups(([3.0], [1.0]), ([7.0], [2.0])))
    result = difference(*one_each, unit="EUR")
    assert math.isnan(result.value)
    assert result.note
    # A third unit is off the line.
    control, treatment = adjusted(groups(([3.0, 4.0], [1.0, 4.0]), ([7.0], [2.0])))
    assert not math.isnan(treatment.value - control.value)
    # Nothing is adjusted for what never varies.
    flat = adjusted(groups(([3.0], [1.0]), ([7.0], [1.0])))
    assert [one.value for one in flat] == [3, 7]
