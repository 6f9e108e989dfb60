"""Least squares with clusters: statsmodels says the same, and the edges are told."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm

from cxresearch.stats.association.regression import clustered_variance, least_squares


@pytest.fixture
def data():
    rng = np.random.default_rng(31)
    clusters = rng.integers(0, 60, 400)
    x = np.column_stack([rng.random(400) < 0.3, rng.normal(size=400), rng.random(400) < 0.1])
    y = 5 - 2 * x[:, 0] + 0.5 * x[:, 1] + rng.normal(size=60)[clusters] + rng.normal(size=400)
    return y, x.astype(float), clusters


def test_it_is_the_regression_of_statsmodels(data):
    y, x, clusters = data
    fit = least_squares(y, x)
    other = sm.OLS(y, sm.add_constant(x)).fit(cov_type="cluster", cov_kwds={"groups": clusters})
    assert fit.slopes == pytest.approx(other.params[1:])
    for place in range(3):
        variance = clustered_variance(fit.influence[:, place], clusters, columns=fit.columns)
        assert math.sqrt(variance) == pytest.approx(other.bse[place + 1])


def test_alone_it_is_the_difference_of_two_means(data):
    y, x, _ = data
    group = x[:, 0] == 1
    fit = least_squares(y, x[:, :1])
    assert fit.slopes[0] == pytest.approx(y[group].mean() - y[~group].mean())


def test_the_interval_holds_the_truth_with_clusters():
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(400):
        clusters = np.repeat(np.arange(50), 6)
        x = np.repeat(rng.normal(size=50), 6) + rng.normal(size=300)
        y = 2 * x + rng.normal(size=50)[clusters] + rng.normal(size=300)
        fit = least_squares(y, x[:, None])
        se = math.sqrt(clustered_variance(fit.influence[:, 0], clusters, columns=2))
        held += abs(fit.slopes[0] - 2) < 2.01 * se
    assert 0.92 <= held / 400 <= 0.97


def test_columns_that_say_nothing_new_are_nan():
    x = np.array([[1, 0, 2, 1], [0, 0, 0, 0], [1, 0, 2, 0], [0, 0, 0, 1]], dtype=float)
    fit = least_squares([1, 2, 3, 5], x)
    assert np.isnan(fit.slopes).tolist() == [False, True, True, False]
    assert np.isnan(fit.influence[:, 1]).all()
    assert fit.columns == 3


def test_too_few_have_no_variance():
    assert math.isnan(clustered_variance(np.array([0.1, -0.1]), [0, 0]))
    assert math.isnan(clustered_variance(np.array([0.1, -0.1]), [0, 1], columns=2))
    assert math.isnan(clustered_variance(np.array([]), []))
    assert np.isnan(least_squares([], np.empty((0, 2))).slopes).all()


def test_the_words_of_errors():
    with pytest.raises(ValueError, match="the number of rows of x must be one of 2; got 1"):
        least_squares([1, 2], [[1]])
    with pytest.raises(ValueError, match="x must be finite"):
        least_squares([1, 2], [[1], [math.nan]])
