"""Posterior chances and losses against closed forms, gbstats and drawn posteriors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from cxresearch.stats import bayes
from cxresearch.stats.bayes import beta_binomial, normal_contenders, normal_posterior
from cxresearch.stats.means.estimators import ValueWithVariance, relative

CONTROL = ValueWithVariance.of_proportion(1436, 14677)
TREATMENT = ValueWithVariance.of_proportion(1523, 14520)

counts = st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def closed_form(control, treatment):
    """Return P(treatment > control) under uniform priors: the sum of Miller (2014)."""
    (x1, n1), (x2, n2) = control, treatment
    a1, b1, a2, b2 = 1 + x1, 1 + n1 - x1, 1 + x2, 1 + n2 - x2
    i = np.arange(a2)
    log = (
        special.betaln(a1 + i, b2 + b1) - np.log(b2 + i)
        - special.betaln(1 + i, b2) - special.betaln(a1, b1)
    )  # fmt: skip
    return float(np.exp(log).sum())


@given(counts, counts)
def test_the_chance_is_the_closed_form(control, treatment):
    found = beta_binomial([control, treatment])
    assert found[1].probability_best == pytest.approx(closed_form(control, treatment), abs=1e-9)
    assert sum(one.probability_best for one in found) == pytest.approx(1)


def test_by_hand():
    # Nothing seen against 1 of 1: P(q > p) with q of density 2 q is the integral of 2 q * q = 2/3;
    # E max(p, q) = 1 - integral of x * x**2 = 3/4; the means are 1/2 and 2/3.
    first, second = beta_binomial([(0, 0), (1, 1)])
    assert second.probability_best == pytest.approx(2 / 3)
    assert first.expected_loss == pytest.approx(3 / 4 - 1 / 2)
    assert second.expected_loss == pytest.approx(3 / 4 - 2 / 3)
    assert second.value == pytest.approx(2 / 3)
    assert second.ci == pytest.approx((math.sqrt(0.025), math.sqrt(0.975)))


def test_the_prior_is_the_one_that_is_said():
    informed = beta_binomial([(5, 10), (6, 10)], prior=(50, 50))
    assert informed[0].value == pytest.approx(55 / 110)
    assert informed[0].prior == "Beta(50, 50)"


@pytest.mark.parametrize(
    "variants",
    [[(5, 10), (50, 100), (6000, 12000)], [(0, 1000), (1000, 1000)], [(1, 10), (3, 12), (2, 9)]],
)
def test_a_narrow_posterior_beside_a_wide_one_is_seen(variants):
    rng = np.random.default_rng(2)
    draws = np.array([rng.beta(1 + x, 1 + n - x, 400_000) for x, n in variants])
    best = draws.max(axis=0)
    for place, one in enumerate(beta_binomial(variants)):
        assert one.probability_best == pytest.approx(np.mean(draws[place] == best), abs=0.005)
        assert one.expected_loss == pytest.approx(np.mean(best - draws[place]), abs=0.001)


@given(st.lists(counts, min_size=2, max_size=4))
def test_the_order_of_the_variants_does_not_matter(variants):
    there, back = beta_binomial(variants), beta_binomial(variants[::-1])
    for one, other in zip(there, back[::-1], strict=True):
        assert one.probability_best == pytest.approx(other.probability_best, abs=1e-9)
        assert one.expected_loss == pytest.approx(other.expected_loss, abs=1e-9)
        assert one.ci == other.ci


def test_the_effect_of_gbstats():
    # gbstats 0.8.0: EffectBayesianABTest(relative, proper = False).
    result = normal_posterior(relative(CONTROL, TREATMENT), unit="share")
    assert result.chance_to_win == pytest.approx(0.9730351932895919, abs=1e-10)
    assert result.ci == pytest.approx((-0.0012172947783277571, 0.14532272614952255), abs=1e-10)
    assert result.loss_of_control == pytest.approx(0.07243745328173186, abs=1e-10)
    assert result.loss_of_treatment == pytest.approx(0.00038473759613445654, abs=1e-10)
    assert result.prior == "flat"


def test_two_normal_contenders_are_their_difference():
    control, treatment = normal_contenders([CONTROL, TREATMENT], unit="share")
    effect = normal_posterior(TREATMENT.minus(CONTROL), unit="share")
    assert treatment.probability_best == pytest.approx(effect.chance_to_win)
    assert treatment.expected_loss == pytest.approx(effect.loss_of_treatment)
    assert control.expected_loss == pytest.approx(effect.loss_of_control)


def test_a_prior_pulls_by_precision():
    # Data 2 with variance 1, prior 0 with variance 1: mean 1, variance 1/2.
    data = ValueWithVariance(n=900, value=2.0, variance=1.0)
    result = normal_posterior(data, unit="EUR", prior=(0, 1))
    assert result.value == pytest.approx(1)
    assert result.ci.high - 1 == pytest.approx(1.959964 * math.sqrt(0.5))
    assert result.prior == "Normal(0, 1)"
    # A prior of 4 with variance 1/4 weighs four times as much: (2 + 16) / 5.
    assert normal_posterior(data, unit="EUR", prior=(4, 0.5)).value == pytest.approx(3.6)
    assert result.chance_to_win == pytest.approx(stats.norm.cdf(math.sqrt(2)))


@given(st.floats(-3, 3), st.floats(0.01, 4))
def test_the_losses_are_integrals_of_the_posterior(mean, variance):
    result = normal_posterior(ValueWithVariance(n=9, value=mean, variance=variance), unit="EUR")
    grid = np.linspace(mean - 10 * variance**0.5, mean + 10 * variance**0.5, 20001)
    density = stats.norm.pdf(grid, mean, variance**0.5)
    gain = np.trapezoid(np.maximum(grid, 0) * density, grid)
    assert result.loss_of_control == pytest.approx(gain, abs=1e-5)
    assert result.loss_of_control - result.loss_of_treatment == pytest.approx(mean, abs=1e-9)


def test_no_data_leave_the_prior_and_no_prior_leaves_nothing():
    empty = ValueWithVariance.of_proportion(0, 0)
    nothing = normal_posterior(empty, unit="share")
    assert nothing.note == bayes.NO_POSTERIOR
    assert math.isnan(nothing.chance_to_win)
    assert math.isnan(nothing.ci.low)
    prior = normal_posterior(empty, unit="share", prior=(0, 0.1))
    assert (prior.value, prior.chance_to_win) == (0, 0.5)


def test_bad_arguments_are_worded():
    with pytest.raises(ValueError, match=r"^the number of variants must be at least 2; got 1$"):
        beta_binomial([(1, 2)])
    with pytest.raises(ValueError, match=r"^successes must be between 0 and 2; got 3$"):
        beta_binomial([(1, 2), (3, 2)])
    with pytest.raises(ValueError, match=r"^prior must be above 0; got 0$"):
        beta_binomial([(1, 2), (1, 2)], prior=(0, 1))
    with pytest.raises(ValueError, match=r"^prior sd must be above 0; got 0$"):
        normal_posterior(CONTROL, unit="share", prior=(0, 0))
    with pytest.raises(ValueError, match=r"^variance must be above 0; got 0"):
        normal_contenders([CONTROL, ValueWithVariance.of_proportion(0, 9)], unit="share")


def test_the_interval_covers_shares_drawn_from_the_prior():
    rng = np.random.default_rng(3)
    covered = 0
    for share in rng.uniform(0, 1, 500):
        x = int(rng.binomial(40, share))
        one, _ = beta_binomial([(x, 40), (3, 9)])
        covered += one.ci.low <= share <= one.ci.high
    assert 0.93 <= covered / 500 <= 0.975
