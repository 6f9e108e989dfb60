"""The shifted-beta-geometric model against Fader and Hardie, and on simulated customers."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest

from cxresearch.stats.survival.shifted_beta_geometric import shifted_beta_geometric

# Fader & Hardie (2007), table 1: survivors of 1000 regular and 1000 high end customers.
sbg = sys.modules["cxresearch.stats.survival.shifted_beta_geometric"]
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]


@pytest.mark.parametrize(
    ("survivors", "alpha", "beta", "loglik"),
    [(REGULAR, 0.704, 1.182, -1680.3), (HIGH_END, 0.668, 3.806, -1611.2)],
)
def test_the_published_fit(survivors, alpha, beta, loglik):
    fit = shifted_beta_geometric(survivors)
    assert fit.alpha == pytest.approx(alpha, abs=1e-3)
    assert fit.beta == pytest.approx(beta, abs=1e-3)
    assert fit.loglik == pytest.approx(loglik, abs=0.05)
    assert (fit.n, fit.unit, fit.note) == (1000, "share", "")


def test_the_projection_of_r():
    # R 4.2.2: optim(BFGS) on the likelihood of Fader & Hardie (2007).
    fit = shifted_beta_geometric(REGULAR)
    expected = [0.220085, 0.204411, 0.191190, 0.179865, 0.170038]
    assert [fit.survival(t) for t in range(8, 13)] == pytest.approx(expected, abs=1e-5)
    assert fit.retention(1) == pytest.approx(0.626706, abs=1e-5)
    assert fit.retention(12) == pytest.approx(0.945362, abs=1e-5)
    assert fit.mean_churn == pytest.approx(0.373294, abs=1e-5)


def test_the_curves_fit_together():
    fit = shifted_beta_geometric(HIGH_END)
    assert fit.survival(0) == 1
    for t in range(1, 9):
        assert fit.retention(t) == pytest.approx(fit.survival(t) / fit.survival(t - 1))
    assert fit.mean_churn == pytest.approx(1 - fit.survival(1))
    life = sum(fit.survival(t) / 1.1**t for t in range(400))
    assert fit.expected_lifetime(0.1) == pytest.approx(life)


def test_no_parameters_near_by_are_likelier():
    fit = shifted_beta_geometric(HIGH_END)
    for up in (0.99, 1.01):
        for other in (0.99, 1, 1.01):
            logs = np.log([fit.alpha * up, fit.beta * other])
            assert sbg._loglik(logs, np.array(HIGH_END, dtype=float)) < fit.loglik


@pytest.mark.parametrize("survivors", [[], [5], [5, 3], [5, 5, 5], [5, 0, 0]])
def test_too_little_for_a_model(survivors):
    fit = shifted_beta_geometric(survivors)
    assert math.isnan(fit.mean_churn)
    assert math.isnan(fit.alpha)
    assert math.isnan(fit.ci.low)
    assert fit.note == sbg.NO_MODEL


@pytest.mark.parametrize(
    ("survivors", "churn"), [([1024, 512, 256, 128, 64], 0.5), ([10, 9, 9, 9], 0.1)]
)
def test_parameters_without_a_maximum_are_told(survivors, churn):
    fit = shifted_beta_geometric(survivors)
    assert fit.mean_churn == pytest.approx(churn, abs=2e-3)
    assert fit.note == sbg.NO_MAXIMUM


def test_bad_counts_are_worded():
    with pytest.raises(ValueError, match=r"^survivors must be between 0 and 5\.0; got 6\.0$"):
        shifted_beta_geometric([9, 5, 6])


def test_coverage_of_the_churn():
    rng = np.random.default_rng(12)
    covered = 0
    for _ in range(200):
        stays = 1 - rng.beta(1.0, 3.0, 400)
        survivors = [400]
        here = np.ones(400, dtype=bool)
        for _ in range(6):
            here &= rng.random(400) < stays
            survivors.append(int(here.sum()))
        fit = shifted_beta_geometric(survivors)
        covered += fit.ci.low <= 0.25 <= fit.ci.high
    assert 0.9 <= covered / 200 <= 0.99
