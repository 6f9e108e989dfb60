"""Quantities, their differences and lifts, against scipy, statsmodels and simulated groups."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.core.unit_sums import RatioSums
from cxresearch.stats.means import estimators
from cxresearch.stats.means import estimators as relative_lifts
from cxresearch.stats.means.estimators import ValueWithVariance, difference, lift, relative
from cxresearch.stats.means.sample_means import Sample, difference_of_means
from cxresearch.stats.ranks.quantiles import median
from cxresearch.stats.shares.differences import difference_of_proportions

CONTROL = ValueWithVariance.of_proportion(1436, 14677, df=14676)
TREATMENT = ValueWithVariance.of_proportion(1523, 14520, df=14519)

estimates = st.builds(
    ValueWithVariance,
    n=st.integers(10, 1000),
    value=st.floats(1, 100),
    variance=st.floats(0.01, 4),
    df=st.floats(5, 1000),
)


def test_a_difference_of_means_is_welchs():
    first, second = Sample.of([4, 5, 7, 6]), Sample.of([7, 8, 6, 9, 12])
    expected = difference_of_means(first, second, unit="EUR")
    result = difference(
        ValueWithVariance.of_mean(first), ValueWithVariance.of_mean(second), unit="EUR"
    )
    assert result.to_dict() | {"method": ""} == expected.to_dict() | {"method": ""}


def test_a_difference_of_shares_is_walds():
    result = difference(
        ValueWithVariance.of_proportion(48, 80),
        ValueWithVariance.of_proportion(56, 70),
        unit="share",
    )
    expected = difference_of_proportions((48, 80), (56, 70), method="wald")
    assert result.ci == pytest.approx(expected.ci)
    assert result.df == math.inf


def test_a_ratio_has_the_error_of_its_customers_not_of_its_sessions():
    # statsmodels: sessions regressed on the variant, errors clustered by customer.
    rng = np.random.default_rng(3)
    sessions = rng.integers(1, 8, 300)
    who, arm = np.repeat(np.arange(300), sessions), np.arange(300) % 2
    orders = (rng.random(who.size) < rng.beta(1, 4, 300)[who]).astype(float)
    fit = sm.OLS(orders, sm.add_constant(arm[who].astype(float))).fit(
        cov_type="cluster", cov_kwds={"groups": who, "use_correction": False}
    )
    total = np.bincount(who, orders)
    pair = [
        ValueWithVariance.of_ratio(RatioSums.from_arrays(total[arm == a], sessions[arm == a]))
        for a in (0, 1)
    ]
    result = difference(*pair, unit="share")
    assert result.value == pytest.approx(fit.params[1])
    assert [one.df for one in pair] == [149, 149]
    # The kit has n / (n - 1) with n = 150 customers in each group.
    assert result.value / result.statistic == pytest.approx(fit.bse[1] * math.sqrt(150 / 149))


def test_an_estimate_tells_its_variance_by_its_interval():
    estimate = median(range(100), unit="s")
    half = (estimate.ci.high - estimate.ci.low) / 2
    assert ValueWithVariance.of_estimate(estimate).se == pytest.approx(half / 1.959963984540054)


def test_the_lift_of_gbstats():
    # gbstats 0.8.0: TwoSidedTTest(ProportionStatistic, relative).
    result = lift(CONTROL, TREATMENT, method="delta")
    assert result.value == pytest.approx(0.0720527156855974, abs=1e-12)
    assert result.ci == pytest.approx((-0.0012203377846406877, 0.1453257691558355), abs=1e-12)
    assert result.p_value == pytest.approx(0.053939320637124366, abs=1e-12)


def test_a_log_lift_by_hand():
    # ln 1.5 = .405465; variance .01 / 4 + .09 / 9 = .0125.
    control = ValueWithVariance(n=9, value=2.0, variance=0.01)
    treatment = ValueWithVariance(n=9, value=3.0, variance=0.09)
    margin = 1.959963984540054 * math.sqrt(0.0125)
    result = lift(control, treatment)
    assert result.ci == pytest.approx((1.5 * math.exp(-margin) - 1, 1.5 * math.exp(margin) - 1))
    assert result.statistic == pytest.approx(math.log(1.5) / math.sqrt(0.0125))


@given(estimates, estimates)
def test_fieller_ends_where_the_test_of_that_ratio_does(control, treatment):
    result = lift(control, treatment, method="fieller")
    if result.note == relative_lifts.OPEN_LIFT:
        # The control's own interval holds 0.
        assert abs(control.value) <= 1.2 * 13 * control.se
        return
    from scipy.stats import t

    for end in result.ci:
        gap = treatment.value - (1 + end) * control.value
        error = math.sqrt(treatment.variance + (1 + end) ** 2 * control.variance)
        assert abs(gap / error) == pytest.approx(t.ppf(0.975, result.df), rel=1e-5)


@given(estimates, estimates)
def test_swapping_flips_a_difference_and_inverts_a_log_lift(control, treatment):
    there, back = (difference(*pair, unit="EUR") for pair in
                   ((control, treatment), (treatment, control)))  # fmt: skip
    assert back.ci == pytest.approx((-there.ci.high, -there.ci.low))
    forth, inverse = lift(control, treatment), lift(treatment, control)
    assert (1 + inverse.ci.low) * (1 + forth.ci.high) == pytest.approx(1)
    assert inverse.p_value == pytest.approx(forth.p_value)


@given(estimates, estimates, st.sampled_from(["log", "delta", "fieller"]))
def test_more_confidence_is_wider_and_holds_the_lift(control, treatment, method):
    narrow, wide = (
        lift(control, treatment, method=method, confidence=level) for level in (0.8, 0.95)
    )
    if not wide.note:
        assert wide.ci.low < narrow.ci.low <= narrow.value <= narrow.ci.high < wide.ci.high


@pytest.mark.parametrize(
    ("control", "treatment", "method", "note"),
    [
        ((0, 10), (3, 10), "log", relative_lifts.NO_LIFT),
        ((0, 0), (3, 10), "log", relative_lifts.NO_LIFT),
        ((3, 10), (0, 10), "log", relative_lifts.NO_LOG),
        ((10, 10), (10, 10), "delta", estimators.NO_VARIANCE),
        ((1, 10), (3, 10), "fieller", relative_lifts.OPEN_LIFT),
        ((5, 20), (0, 20), "delta", estimators.NO_VARIANCE),
    ],
)
def test_what_a_lift_lacks_is_nan_with_a_note(control, treatment, method, note):
    result = lift(
        ValueWithVariance.of_proportion(*control),
        ValueWithVariance.of_proportion(*treatment),
        method=method,
    )
    assert result.note == note
    assert math.isnan(result.ci.low)
    assert math.isnan(result.ci.high)
    assert math.isnan(result.p_value) == (note != relative_lifts.OPEN_LIFT)


def test_a_lift_to_nothing_by_fieller_has_a_test_and_no_interval_of_no_width():
    control, nothing = (ValueWithVariance.of_proportion(one, 20) for one in (5, 0))
    result = lift(control, nothing, method="fieller")
    assert (result.value, result.note) == (-1, estimators.NO_VARIANCE)
    assert all(map(math.isnan, result.ci))
    assert result.p_value == difference(control, nothing, unit="share").p_value


def test_a_group_without_units_has_no_difference():
    result = difference(ValueWithVariance.of_proportion(0, 0), TREATMENT, unit="share")
    assert result.note == estimators.NO_NUMBER
    assert math.isnan(result.value)
    assert math.isnan(result.p_value)


def test_a_relative_effect_is_the_linear_lift():
    result = relative(CONTROL, TREATMENT)
    low, high = lift(CONTROL, TREATMENT, method="delta").ci
    assert (high - low) / 2 == pytest.approx(result.se * 1.96, rel=1e-4)


def test_bad_arguments_are_worded():
    with pytest.raises(ValueError, match=r"^method must be one of 'log', 'delta', .*; got 'ln'$"):
        lift(CONTROL, TREATMENT, method="ln")
    with pytest.raises(ValueError, match=r"^successes must be between 0 and 3; got 4$"):
        ValueWithVariance.of_proportion(4, 3)
    with pytest.raises(ValueError, match=r"^confidence must be strictly between 0 and 1; got 95$"):
        difference(CONTROL, TREATMENT, unit="share", confidence=95)


def test_the_intervals_of_a_lift_cover():
    # 1,000 experiments of 400 customers each, with skewed values and a true lift of .1.
    rng = np.random.default_rng(8)
    control = rng.gamma(0.5, 100, (1000, 400))
    treatment = 1.1 * rng.gamma(0.5, 100, (1000, 400))
    covered = dict.fromkeys(("log", "delta", "fieller"), 0)
    for a, b in zip(control, treatment, strict=True):
        pair = [ValueWithVariance.of_mean(Sample.of(values)) for values in (a, b)]
        for method in covered:
            low, high = lift(*pair, method=method).ci
            covered[method] += low <= 0.1 <= high
    assert all(0.93 <= count / 1000 <= 0.97 for count in covered.values()), covered
