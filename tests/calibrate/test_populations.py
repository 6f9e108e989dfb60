"""Populations: their truth against plain sums, and samples that are theirs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cxresearch.calibrate.scenes import Population, answering, buyers, returning, spenders, visitors

ALL = {
    "buyers": buyers(0.3),
    "spenders": spenders(),
    "visitors": visitors(),
    "returning": returning(),
    "some new": returning(some_new=True),
    "answering": answering(),
}


@pytest.mark.parametrize("name", ALL)
def test_the_shares_are_shares(name):
    population = ALL[name]
    assert len(population.shares) == len(population.kinds)
    assert population.shares.min() >= 0
    assert population.shares.sum() == pytest.approx(1)


def test_the_moments_by_hand():
    population = Population(
        np.array([[0.0, 1.0], [2.0, 1.0], [4.0, 3.0]]), np.array([0.5, 0.3, 0.2])
    )
    x, y = 0.3 * 2 + 0.2 * 4, 0.5 + 0.3 + 0.2 * 3
    assert population.mean == pytest.approx([x, y])
    xy = 0.3 * 2 + 0.2 * 12
    assert population.covariance[0, 1] == pytest.approx(xy - x * y)
    # The linearised ratio, customer by customer.
    ratio = x / y
    parts = [(0, 1, 0.5), (2, 1, 0.3), (4, 3, 0.2)]
    assert population.unit_variance == pytest.approx(
        sum(share * (a - ratio * b) ** 2 for a, b, share in parts) / y**2
    )


def test_what_is_explained_is_the_squared_correlation():
    population = returning()
    both = population.covariance
    assert population.explained == pytest.approx(both[0, 1] ** 2 / both[0, 0] / both[1, 1])
    # A Poisson number whose mean varies, twice: what varies over the mean is what they share.
    keen = np.array([0.5, 2.0, 6.0])
    assert both[0, 1] == pytest.approx(keen.var(), rel=0.01)
    assert population.explained == pytest.approx(
        (keen.var() / (keen.var() + keen.mean())) ** 2, rel=0.02
    )


def test_customers_without_a_history():
    population = returning(some_new=True)
    there = population.kinds[:, 2]
    assert set(there.tolist()) == {0.0, 1.0}
    assert population.shares[there == 0].sum() == pytest.approx(0.25)
    assert not population.kinds[there == 0, 1].any()


def test_visitors_order_at_the_shares_of_their_kinds():
    population = visitors()
    sessions = 0.4 * 1 + 0.25 * 2 + 0.2 * 4 + 0.15 * 10
    assert population.mean == pytest.approx([sessions * (0.05 + 0.35) / 2, sessions])


@pytest.mark.parametrize(("effect", "expected"), [(0.0, 30.0), (6.0, 36.0)])
def test_an_nps_moves_by_its_effect(effect, expected):
    population = answering(effect)
    assert population.mean[0] / population.mean[1] == pytest.approx(expected)


def test_effects():
    population = visitors()
    more = population.plus(0.02, along=1)
    assert more.mean[0] / more.mean[1] == pytest.approx(
        population.mean[0] / population.mean[1] + 0.02
    )
    assert population.plus(3.0).mean - population.mean == pytest.approx([3.0, 0.0])
    assert population.plus(3.0).covariance == pytest.approx(population.covariance)


@pytest.mark.parametrize("name", ALL)
def test_samples_are_those_of_the_population(name):
    population, n, runs = ALL[name], 50, 400
    samples = list(population.samples(np.random.default_rng(1), n, runs))
    assert {one.n for one in samples} == {n}
    means = np.array([one.mean for one in samples])
    errors = np.sqrt(np.diag(population.covariance) / (n * runs))
    assert (abs(means.mean(axis=0) - population.mean) <= 4.5 * errors + 1e-12).all()
    spread = np.mean([one.covariance[0, 0] for one in samples])
    assert spread == pytest.approx(population.covariance[0, 0], rel=0.15)


def test_a_sample_is_what_its_customers_would_give():
    population = Population(np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([0.5, 0.5]))
    (one,) = population.samples(np.random.default_rng(3), 7, 1)
    threes = round((one.mean[0] * 7 - 7) / 2)
    x, y = [1.0] * (7 - threes) + [3.0] * threes, [2.0] * (7 - threes) + [5.0] * threes
    assert one.covariance == pytest.approx(np.cov(x, y))
    assert one.mean[1] == pytest.approx(math.fsum(y) / 7)
