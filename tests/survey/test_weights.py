"""Means of weighted answers against statsmodels' sandwich errors, by hand and by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.stats.means import ratios
from cxresearch.survey.weighting import post_stratify, rake
from cxresearch.survey.weights import Weights, effective_n, weighted_mean

answers = st.lists(
    st.tuples(st.sampled_from([-1.0, 0.0, 1.0]), st.floats(0.1, 10)), min_size=2, max_size=40
)


def sandwich(y, w, **options):
    return sm.WLS(y, np.ones(len(y)), weights=w).fit(**options)


@given(answers)
def test_it_is_the_robust_error_of_a_weighted_regression_on_a_constant(pairs):
    y, w = np.array(pairs).T
    result = weighted_mean(y, w, unit="points")
    assert result.value == pytest.approx(np.average(y, weights=w))
    fitted = sandwich(y, w, cov_type="HC1")
    assert result.se == pytest.approx(float(fitted.bse[0]), abs=1e-9)
    if result.se:
        low, high = sandwich(y, w, cov_type="HC1", use_t=True).conf_int()[0]
        assert result.ci == pytest.approx((low, high), abs=1e-8)


def test_answers_of_one_customer_are_one_unit():
    rng = np.random.default_rng(5)
    who = rng.integers(0, 30, 200)
    y = rng.normal(size=30)[who] + rng.normal(size=200)
    w = rng.uniform(0.5, 2, 200)
    result = weighted_mean(y, w, unit="points", clusters=[f"c{i}" for i in who])
    fitted = sandwich(y, w, cov_type="cluster", cov_kwds={"groups": who})
    assert result.n == 30
    assert result.se == pytest.approx(float(fitted.bse[0]))


def test_post_strata_take_their_differences_out_of_the_variance():
    # By hand: strata a (1, 3) and b (10, 12, 14), half of the population each, so the weights are
    # 5/4 and 5/6, the mean (2 + 12) / 2 = 7 and the residuals -1, 1 and -2, 0, 2. The variance is
    # 5/4 * ((5/4)**2 * 2 + (5/6)**2 * 8) / 5**2 = 5/4 * (3.125 + 5.5556) / 25 = 0.43403.
    weights = post_stratify(list("aabbb"), {"a": 0.5, "b": 0.5})
    result = weighted_mean([1, 3, 10, 12, 14], weights, unit="points")
    assert result.value == pytest.approx(7)
    assert result.se == pytest.approx(math.sqrt(0.4340278))
    plain = weighted_mean([1, 3, 10, 12, 14], weights.weights, unit="points")
    assert plain.value == result.value
    assert plain.se > 3 * result.se


def test_raked_residuals_are_those_of_a_regression_on_both_margins():
    rng = np.random.default_rng(8)
    n = 300
    sex, area = rng.integers(0, 2, n), rng.integers(0, 3, n)
    base = rng.uniform(0.5, 2, n)
    y = sex + area + rng.normal(size=n)
    weights = rake(
        {"sex": sex, "area": area},
        {"sex": {0: 0.4, 1: 0.6}, "area": {0: 0.5, 1: 0.3, 2: 0.2}},
        base=base,
    )
    design = np.column_stack([np.ones(n), sex, area == 1, area == 2]).astype(float)
    residuals = y - sm.WLS(y, design, weights=base).fit().predict(design)
    influence = weights.weights * residuals / n
    expected = math.sqrt(n / (n - 1) * ((influence - influence.mean()) ** 2).sum())
    assert weighted_mean(y, weights, unit="points").se == pytest.approx(expected, rel=1e-9)


def test_equal_weights_are_no_weights():
    y = np.array([1.0, 0, 0, -1, 1, 1])
    result = weighted_mean(y, np.full(6, 3.0), unit="points")
    assert result.se == pytest.approx(y.std(ddof=1) / math.sqrt(6))
    assert result.deff == pytest.approx(1)
    assert result.n_eff == pytest.approx(6)


def test_the_design_effect_is_the_variance_over_that_of_a_simple_sample():
    y, w = np.array([1.0, 0, -1, 1]), np.array([1.0, 2, 1, 1])
    # The weighted variance n/(n-1) sum(w e**2) / sum(w) is 4/3 * 0.56 + ..., over n.
    simple = 4 / 3 * np.average((y - 0.2) ** 2, weights=w) / 4
    assert weighted_mean(y, w, unit="points").deff == pytest.approx(0.1536 / simple)


def test_a_small_population_leaves_less_doubt():
    y, w = [1, 0, -1, 1], [1, 2, 1, 1]
    free = weighted_mean(y, w, unit="points")
    half = weighted_mean(y, w, unit="points", population=8)
    assert half.se == pytest.approx(free.se * math.sqrt(0.5))
    everyone = weighted_mean(y, w, unit="points", population=4)
    assert everyone.se == 0
    with pytest.raises(ValueError, match=r"^population must be at least 4; got 3$"):
        weighted_mean(y, w, unit="points", population=3)


@given(answers, st.floats(0.01, 100))
def test_the_scale_of_the_weights_and_the_order_of_rows_do_not_matter(pairs, factor):
    y, w = np.array(pairs).T
    one = weighted_mean(y, w, unit="points")
    other = weighted_mean(y[::-1], factor * w[::-1], unit="points")
    assert one.value == pytest.approx(other.value, abs=1e-9)
    assert one.se == pytest.approx(other.se, abs=1e-9)
    assert one.n_eff == pytest.approx(other.n_eff)


def test_more_confidence_is_wider():
    y, w = [1, 0, -1, 1], [1, 2, 1, 1]
    some, more = (weighted_mean(y, w, unit="points", confidence=c).ci for c in (0.9, 0.99))
    assert more.low < some.low < some.high < more.high


@pytest.mark.parametrize(
    ("y", "w", "note"),
    [
        ([], [], ratios.NO_DENOMINATOR),
        ([1, 0], [0, 0], ratios.NO_DENOMINATOR),
        ([1], [2], ratios.ONE_CLUSTER),
        ([0.1, 0.1, 0.1], [1, 2, 3], ratios.NO_SPREAD),
    ],
)
def test_what_is_undefined_says_why(y, w, note):
    result = weighted_mean(y, w, unit="points")
    assert result.note == note
    assert all(math.isnan(bound) for bound in result.ci)
    assert math.isnan(result.deff)


def test_strata_that_say_everything_leave_no_spread():
    weights = post_stratify(list("aabbb"), {"a": 0.5, "b": 0.5})
    assert weighted_mean([0.1, 0.1, 0.7, 0.7, 0.7], weights, unit="share").note == ratios.NO_SPREAD


def test_bad_weights_are_worded():
    with pytest.raises(ValueError, match=r"^smallest weight must be between 0 and inf; got -1\.0$"):
        weighted_mean([1, 0], [2, -1], unit="points")
    with pytest.raises(ValueError, match=r"^weights must be as long as values, 2 values; got 3$"):
        weighted_mean([1, 0], [1, 1, 1], unit="points")
    with pytest.raises(ValueError, match=r"^clusters must be as long as values, 2 values; got 1$"):
        weighted_mean([1, 0], [1, 1], unit="points", clusters=["a"])
    with pytest.raises(ValueError, match=r"^values must be finite \(1 of 2 values are not\)"):
        weighted_mean([1, math.nan], [1, 1], unit="points")


def test_weights_are_an_array_and_one_row():
    weights = post_stratify(list("aabbb"), {"a": 0.5, "b": 0.5})
    assert np.asarray(weights).tolist() == weights.weights.tolist()
    row = weights.to_frame().iloc[0]
    assert (row["n"], row["method"], row["note"]) == (5, "post-stratification", "")
    assert row["smallest"] == pytest.approx(5 / 6)
    assert row["largest"] == pytest.approx(5 / 4)
    assert row["deff"] * row["n_eff"] == pytest.approx(5)
    assert "<table" in weights._repr_html_()


def test_the_effective_n_of_nothing_is_undefined():
    assert math.isnan(effective_n([]))
    assert math.isnan(effective_n([0, 0]))
    none = Weights(weights=np.array([]), base=np.array([]), margins=(), method="none")
    assert math.isnan(none.deff)


def test_post_stratified_intervals_hold_the_truth():
    # A population of which 30 % are "new" with a mean of -0.2, the others have 0.4; the new ones
    # answer twice as often. The truth is 0.22.
    rng = np.random.default_rng(11)
    held = 0
    for _ in range(800):
        new = rng.random(150) < 0.6 / 1.3
        y = np.where(
            new,
            rng.choice([-1, 0, 1], 150, p=[0.5, 0.2, 0.3]),
            rng.choice([-1, 0, 1], 150, p=[0.2, 0.2, 0.6]),
        )
        weights = post_stratify(new, {True: 0.3, False: 0.7})
        ci = weighted_mean(y, weights, unit="points").ci
        held += ci.low <= 0.22 <= ci.high
    assert 0.93 <= held / 800 <= 0.97


@pytest.mark.parametrize("power", [-990, 990])
def test_very_large_and_small_weights_are_proportions_too(power):
    y, w = [3.0, 1.0, 4.0, 1.0], np.array([1.0, 2.0, 0.5, 0.0])
    far = weighted_mean(y, np.ldexp(w, power), unit="points")
    assert far == weighted_mean(y, w, unit="points")
    assert effective_n(np.ldexp(w, power)) == 3.5**2 / 5.25
