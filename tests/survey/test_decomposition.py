"""Parts of R2 against their definitions: orders of entry, regressions, orthogonal variables."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.survey import importance
from cxresearch.survey.importance import (
    METHODS,
    decompose_r2,
    inflation,
    r_squared,
    standardised_slopes,
)


def sample(seed, p=4, n=60):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, p)) + rng.normal(size=(n, 1))
    return x, x @ rng.normal(size=p) + 2 * rng.normal(size=n)


def correlations(x, y):
    whole = np.corrcoef(np.column_stack([x, y]).T)
    return whole[:-1, :-1], whole[:-1, -1]


def plain_r2(x, y, subset):
    design = np.column_stack([np.ones(len(y)), x[:, list(subset)]])
    residuals = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return 1 - residuals @ residuals / ((y - y.mean()) ** 2).sum()


samples = st.integers(0, 1000).map(sample)


@pytest.mark.slow
@given(samples)
def test_lmg_is_the_mean_addition_over_all_orders(data):
    x, y = data
    expected = np.zeros(4)
    for order in permutations(range(4)):
        for place, j in enumerate(order):
            expected[j] += plain_r2(x, y, order[: place + 1]) - plain_r2(x, y, order[:place])
    assert decompose_r2(*correlations(x, y)) == pytest.approx(expected / 24, abs=1e-10)


@given(samples)
def test_r2_last_slopes_and_inflation_are_those_of_regressions(data):
    x, y = data
    among, r = correlations(x, y)
    whole = plain_r2(x, y, range(4))
    assert r_squared(among, r) == pytest.approx(whole)
    last = [whole - plain_r2(x, y, [k for k in range(4) if k != j]) for j in range(4)]
    assert decompose_r2(among, r, method="last") == pytest.approx(last, abs=1e-10)
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    slopes = np.linalg.lstsq(z, (y - y.mean()) / y.std(), rcond=None)[0]
    assert standardised_slopes(among, r) == pytest.approx(slopes)
    assert decompose_r2(among, r, method="betasq") == pytest.approx(slopes**2)
    assert decompose_r2(among, r, method="pratt") == pytest.approx(slopes * r)
    others = [1 / (1 - plain_r2(x, x[:, j], [k for k in range(4) if k != j])) for j in range(4)]
    assert inflation(among) == pytest.approx(others)


@given(samples)
def test_johnson_goes_through_the_nearest_uncorrelated_variables(data):
    # Johnson (2000): with z = P S Q', the nearest orthogonal variables are P Q'.
    x, y = data
    among, r = correlations(x, y)
    z = (x - x.mean(axis=0)) / (x.std(axis=0) * math.sqrt(len(x)))
    left, _, right = np.linalg.svd(z, full_matrices=False)
    apart = left @ right
    slopes = apart.T @ ((y - y.mean()) / (y.std() * math.sqrt(len(y))))
    loadings = z.T @ apart
    assert decompose_r2(among, r, method="johnson") == pytest.approx(loadings**2 @ slopes**2)
    assert decompose_r2(among, r, method="car") == pytest.approx(slopes**2)


@given(samples)
def test_the_parts_of_four_rules_sum_to_r2(data):
    among, r = correlations(*data)
    for method in ("lmg", "johnson", "pratt", "car"):
        assert decompose_r2(among, r, method=method).sum() == pytest.approx(
            float(r_squared(among, r))
        )


@pytest.mark.parametrize("method", METHODS)
def test_uncorrelated_predictors_get_their_squared_correlations(method):
    parts = decompose_r2(np.eye(3), [0.6, -0.3, 0], method=method)
    assert parts == pytest.approx([0.36, 0.09, 0])


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_predictors_does_not_matter(method):
    among, r = correlations(*sample(3))
    turned = [2, 0, 3, 1]
    parts = decompose_r2(among, r, method=method)
    other = decompose_r2(among[np.ix_(turned, turned)], r[turned], method=method)
    assert other == pytest.approx(parts[turned])


@pytest.mark.parametrize("method", METHODS)
def test_many_sets_at_once_are_each_alone(method):
    sets = [correlations(*sample(seed)) for seed in range(3)]
    among, r = (np.array(part) for part in zip(*sets, strict=True))
    together = decompose_r2(among, r, method=method)
    assert together.shape == (3, 4)
    for parts, (one, other) in zip(together, sets, strict=True):
        assert parts == pytest.approx(decompose_r2(one, other, method=method))


def test_two_equal_predictors_share_what_they_explain():
    among, r = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]]), np.array([0.6, 0.6, 0.3])
    assert r_squared(among, r) == pytest.approx(0.45)
    for method in ("lmg", "johnson", "car"):
        assert decompose_r2(among, r, method=method) == pytest.approx([0.18, 0.18, 0.09])
    assert decompose_r2(among, r, method="last") == pytest.approx([0, 0, 0.09])
    for method in ("betasq", "pratt"):
        assert np.isnan(decompose_r2(among, r, method=method)).all()
    assert inflation(among).tolist() == [math.inf, math.inf, 1]


def test_no_predictor_explains_nothing():
    assert decompose_r2(np.ones((0, 0)), []).tolist() == []
    assert float(r_squared(np.ones((0, 0)), [])) == 0


def test_bad_correlations_are_worded():
    rule = r"^shape of among must be one of \(3, 3\); got \(2, 2\)$"
    with pytest.raises(ValueError, match=rule):
        decompose_r2(np.eye(2), [0.1, 0.2, 0.3])
    rule = r"^largest correlation of with_outcome must be between 0 and 1\.0\d*; got 1\.5$"
    with pytest.raises(ValueError, match=rule):
        decompose_r2(np.eye(2), [0.1, 1.5])
    with pytest.raises(ValueError, match=r"^method must be one of 'lmg', .*; got 'shap'$"):
        decompose_r2(np.eye(2), [0.1, 0.2], method="shap")


def test_too_many_predictors_are_for_johnson():
    rule = (
        r"^number of predictors of 'lmg' \('johnson' takes any number\) must be between 0 and 15;"
    )
    p = importance.MOST_PREDICTORS + 1
    with pytest.raises(ValueError, match=rule):
        decompose_r2(np.eye(p), np.full(p, 0.1))
    assert decompose_r2(np.eye(p), np.full(p, 0.1), method="johnson").sum() == pytest.approx(0.16)
