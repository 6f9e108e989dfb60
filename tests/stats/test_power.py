"""Sample size, power and MDE against R, other modules of the kit, and simulated experiments."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.power import TTestIndPower

from cxresearch.stats.means.estimators import ValueWithVariance
from cxresearch.stats.means.margins import non_inferiority
from cxresearch.stats.means.sample_means import Sample
from cxresearch.stats.multiplicity.simultaneous_intervals import inside
from cxresearch.stats.power import sample_sizes as module
from cxresearch.stats.power.designs import Design, PlannedMetric, design_effect
from cxresearch.stats.power.sample_sizes import detectable_effect, power, sample_size
from cxresearch.survey.nps_planning import nps_detectable_difference, nps_difference_sample_size

UNIT = PlannedMetric.mean(1, unit="EUR")


def test_shares_of_r():
    # R, help(power.prop.test): n = 50, p1 = .50, p2 = .75 has power 0.740; power .90 needs 76.7.
    half = PlannedMetric.proportion(0.5)
    assert power(half, 0.25, 50) == pytest.approx(0.7401659, abs=1e-6)
    size = sample_size(half, 0.25, Design(power=0.9))
    assert size.exact == pytest.approx(76.7, abs=0.05)
    assert (size.control, size.treatment, size.n) == (77, 77, 154)


def test_means_of_r():
    # R, help(power.t.test): n = 20, delta = 1: 0.8689528; power .90: 22.02110; one-sided 17.84713.
    assert power(UNIT, 1, 20) == pytest.approx(0.8689528, abs=1e-7)
    assert sample_size(UNIT, 1, Design(power=0.9)).exact == pytest.approx(22.02110, abs=1e-4)
    one_sided = sample_size(UNIT, 1, Design(power=0.9, sides=1))
    assert one_sided.exact == pytest.approx(17.84713, abs=1e-4)
    # R 4.2.2: power.t.test(n = 3000, sd = 25, power = .8).
    found = detectable_effect(PlannedMetric.mean(25, unit="EUR"), 3000)
    assert found == pytest.approx(1.80870805922445, abs=1e-5)


@given(st.floats(0.1, 2), st.integers(5, 200), st.floats(0.25, 4))
def test_unequal_means_of_statsmodels(effect, n, ratio):
    # One tail only: statsmodels' one-sided power at half the level.
    expected = TTestIndPower().power(effect, n, 0.025, ratio=ratio, alternative="larger")
    found = power(UNIT, effect, n, Design(treatment_per_control=ratio))
    assert found == pytest.approx(expected, abs=1e-6)


def test_an_nps_is_planned_as_the_survey_room_does():
    metric = PlannedMetric.nps(0.5, 0.2)
    assert metric.baseline == pytest.approx(30)
    assert sample_size(metric, 10).control == nps_difference_sample_size(
        10, promoters=0.5, detractors=0.2
    )
    assert detectable_effect(metric, 958) == pytest.approx(
        nps_detectable_difference(958, 958, promoters=0.5, detractors=0.2)
    )


def test_by_hand():
    # (1.959964 + .841621)**2 * 4 * (1 + 1 / 2) / .25 with twice as many in the treatment.
    metric = PlannedMetric.of(ValueWithVariance(n=400, value=2.0, variance=0.01), unit="orders")
    size = sample_size(metric, 0.5, Design(treatment_per_control=2))
    assert size.exact == pytest.approx(2.801585**2 * 4 * 1.5 / 0.25, rel=1e-5)
    assert size.treatment == math.ceil(2 * size.exact)


def test_unequal_shares_by_hand():
    # 1,000 at .1 and 500 at .13: the test pools 165 of 1,500.
    null = math.sqrt(0.11 * 0.89 * (1 / 1000 + 1 / 500))
    alternative = math.sqrt(0.1 * 0.9 / 1000 + 0.13 * 0.87 / 500)
    expected = stats.norm.cdf((0.03 - 1.959963984540054 * null) / alternative)
    design = Design(treatment_per_control=0.5)
    assert power(PlannedMetric.proportion(0.1), 0.03, 1000, design) == pytest.approx(expected)


def test_dunnett_knows_how_much_the_treatments_share():
    # Half as many units in each treatment: the control has 1 / (1 + 2) of a difference's variance.
    design = Design(treatments=3, treatment_per_control=0.5)
    found = inside(design.critical_value(), [math.sqrt(1 / 3)] * 3)
    assert found == pytest.approx(0.95)
    one_sided = Design(treatments=3, sides=1).critical_value()
    assert inside(one_sided, [math.sqrt(1 / 2)] * 3, sides=1) == pytest.approx(0.95)


def test_covariates_and_clusters_scale_the_units():
    metric = PlannedMetric.of(ValueWithVariance(n=100, value=2.0, variance=0.5), unit="orders")
    plain = sample_size(metric, 0.5).exact
    less = sample_size(metric, 0.5, Design(variance_explained=0.36)).exact
    more = sample_size(metric, 0.5, Design(design_effect=1.95)).exact
    assert (less / plain, more / plain) == (pytest.approx(0.64), pytest.approx(1.95))
    assert design_effect(20, 0.05) == pytest.approx(1.95)
    assert design_effect(20, 0.05, size_variation=1) == pytest.approx(1 + 39 * 0.05)
    assert design_effect(1, 1) == 1


def test_several_treatments_cost_units_and_dunnett_fewer_than_bonferroni():
    metric = PlannedMetric.proportion(0.1)
    sizes = [
        sample_size(metric, 0.01, Design(treatments=3, correction=correction)).exact
        for correction in ("none", "dunnett", "bonferroni")
    ]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) == 3
    z = stats.norm.isf(0.025 / 3) / stats.norm.isf(0.025)
    assert Design(treatments=3, correction="bonferroni").critical_value() == pytest.approx(
        z * stats.norm.isf(0.025)
    )
    assert sample_size(metric, 0.01, Design(treatments=3)).n == 4 * math.ceil(sizes[1])


def test_a_quantile_by_hand():
    # Exponential with mean 1: the density at the median is 1/2, one unit's variance .25 / .25.
    metric = PlannedMetric.quantile(0.5, density=0.5, unit="s")
    assert metric.variance == 1
    assert sample_size(metric, 0.2).exact == pytest.approx(2 * 2.801585**2 / 0.04, rel=1e-5)


@given(st.floats(0.05, 0.9), st.floats(0.005, 0.05), st.floats(0.5, 0.95))
def test_size_power_and_mde_agree(share, effect, wanted):
    metric, design = PlannedMetric.proportion(share), Design(power=wanted)
    size = sample_size(metric, effect, design)
    assert power(metric, effect, size.exact, design) == pytest.approx(wanted, abs=1e-6)
    assert detectable_effect(metric, size.exact, design) == pytest.approx(effect, rel=1e-5)


@given(st.floats(0.05, 0.95), st.floats(0.01, 0.04))
def test_down_from_a_share_is_up_from_its_rest(share, effect):
    down = sample_size(PlannedMetric.proportion(share), -effect).exact
    up = sample_size(PlannedMetric.proportion(1 - share), effect).exact
    assert down == pytest.approx(up)
    n = 5000
    assert detectable_effect(PlannedMetric.proportion(share), n, direction="down") == pytest.approx(
        -detectable_effect(PlannedMetric.proportion(1 - share), n), nan_ok=True
    )


def test_a_share_has_no_room_for_a_large_effect():
    assert math.isnan(detectable_effect(PlannedMetric.proportion(0.1), 10, direction="down"))


def test_an_effect_too_small_for_any_number_says_so():
    size = sample_size(PlannedMetric.mean(1e6, unit="EUR"), 1e-3)
    assert size.note == module.NOT_REACHED
    assert size.n == 0
    assert math.isnan(size.exact)


def test_a_large_effect_needs_two_units():
    assert (
        sample_size(PlannedMetric.of(ValueWithVariance(n=2, value=0, variance=1e-9), unit="s"), 1).n
        == 4
    )


def test_a_history_of_a_skewed_ratio_has_its_own_unit_variance():
    values = np.random.default_rng(1).gamma(1, 10, 500)
    metric = PlannedMetric.of(ValueWithVariance.of_mean(Sample.of(values)), unit="EUR")
    assert metric.variance == pytest.approx(values.var(ddof=1))


def test_bad_arguments_are_worded():
    metric = PlannedMetric.proportion(0.9)
    with pytest.raises(ValueError, match=r"^effect must be above 0; got 0"):
        sample_size(metric, 0)
    with pytest.raises(ValueError, match=r"^effect \+ margin must be above 0; got -0\.1"):
        sample_size(metric, -0.2, Design(margin=0.1))
    with pytest.raises(ValueError, match=r"^baseline \+ effect must be between 0 and 1; got 1\.1"):
        power(metric, 0.2, 100)
    with pytest.raises(ValueError, match=r"^n_control must be between 2 and inf; got 1$"):
        power(metric, 0.05, 1)
    with pytest.raises(ValueError, match=r"^design\.margin must be one of None; got 0\.1$"):
        detectable_effect(metric, 100, Design(margin=0.1))
    with pytest.raises(ValueError, match=r"^n times the variance of history must be .*; got nan$"):
        PlannedMetric.of(ValueWithVariance.of_proportion(0, 0), unit="share")
    with pytest.raises(ValueError, match=r"^correlation must be between 0 and 1; got 2"):
        design_effect(20, 2)
    with pytest.raises(ValueError, match=r"^promoters \+ detractors must be between 0 and 1; got"):
        PlannedMetric.nps(0.7, 0.4)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"power": 1}, "power must be strictly between 0 and 1; got 1"),
        ({"sides": 3}, "sides must be one of 1, 2; got 3"),
        ({"treatments": 0}, "treatments must be at least 1; got 0"),
        ({"variance_explained": 1.0}, "variance_explained must be between 0 and 0.999999; got 1.0"),
        ({"margin": 0}, "margin must be above 0; got 0"),
        ({"correction": "holm"}, "correction must be one of 'dunnett', "),
    ],
)
def test_a_bad_design_is_worded(bad, words):
    with pytest.raises(ValueError) as error:
        Design(**bad)
    assert str(error.value).startswith(words)


def test_the_promise_is_kept():
    # 4,000 experiments of the size asked for: the pooled z test finds the effect in .8 of them.
    rng = np.random.default_rng(5)
    size = sample_size(PlannedMetric.proportion(0.1), 0.03, Design(treatment_per_control=0.5))
    n1, n2 = size.control, size.treatment
    x1, x2 = rng.binomial(n1, 0.1, 4000), rng.binomial(n2, 0.13, 4000)
    pooled = (x1 + x2) / (n1 + n2)
    z = (x2 / n2 - x1 / n1) / np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    assert np.mean(z > 1.959964) == pytest.approx(0.8, abs=0.02)


def test_the_promise_of_a_guardrail_is_kept():
    rng = np.random.default_rng(6)
    metric, design = PlannedMetric.proportion(0.1), Design(margin=0.02)
    n = sample_size(metric, 0.0, design).control
    passed = 0
    for x1, x2 in rng.binomial(n, 0.1, (1500, 2)).tolist():
        effect = ValueWithVariance.of_proportion(x2, n).minus(
            ValueWithVariance.of_proportion(x1, n)
        )
        passed += non_inferiority(effect, margin=0.02, unit="share").holds
    assert passed / 1500 == pytest.approx(0.8, abs=0.03)
