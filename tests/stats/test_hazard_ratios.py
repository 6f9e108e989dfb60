"""Hazard ratios against R's survival and statsmodels, and where there is none."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.stats.survival.hazards import NOT_COMPARABLE, ONE_SIDED, hazard_ratio

# The leukaemia of R survival (aml): weeks, and whether each relapsed.
MAINTAINED = ([9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161], [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0])
CONTROL = ([5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45], [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1])


def test_the_hazard_ratio_of_r():
    # R survival: coxph(Surv(time, status) ~ x, aml): coef 0.9155, se 0.5119, so exp(coef) 2.498
    # with 0.916 to 6.813.
    found = hazard_ratio(MAINTAINED, CONTROL)
    assert found.value == pytest.approx(2.498, abs=5e-4)
    assert tuple(found.ci) == pytest.approx((0.916, 6.813), abs=1e-3)
    assert (found.n, found.unit, found.note) == (23, "ratio", "")


@pytest.mark.parametrize("steps", [0, 2, 6])
def test_ties_are_those_of_statsmodels(steps: int):
    rng = np.random.default_rng(steps)
    durations = rng.exponential(1, 120) * np.repeat([1.0, 0.6], 60)
    if steps:
        durations = np.ceil(durations * steps)
    ended = rng.random(120) < 0.8
    group = np.repeat([0.0, 1.0], 60)
    fit = sm.PHReg(durations, group[:, None], status=ended.astype(int), ties="efron").fit()
    found = hazard_ratio((durations[:60], ended[:60]), (durations[60:], ended[60:]))
    assert found.value == pytest.approx(math.exp(fit.params[0]), rel=1e-6)
    assert tuple(found.ci) == pytest.approx(tuple(np.exp(fit.conf_int()[0])), rel=1e-6)


def test_by_hand():
    # Ends at 1 (second; 2 and 2 at risk), 2 (first; 2 and 1), 3 (second; 1 and 1): the score
    # 2 - 2r / (2r + 2) - r / (r + 2) - r / (r + 1) is 0 where 2r**2 = 2r + 4 - 2 / ..., solved here
    # on a grid.
    first, second = ([2, 4], [1, 1]), ([1, 3], [1, 1])
    r = np.exp(np.linspace(-3, 3, 600_001))
    score = 2 - r / (r + 1) - r / (r + 2) - r / (r + 1)
    assert hazard_ratio(first, second).value == pytest.approx(r[np.abs(score).argmin()], rel=1e-4)


durations = st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=2, max_size=25)


@settings(max_examples=60)
@given(durations, durations)
def test_turned_around_it_is_one_over(one, other):
    first, second = (tuple(zip(*group, strict=True)) for group in (one, other))
    found, turned = hazard_ratio(first, second), hazard_ratio(second, first)
    if math.isnan(found.value):
        assert math.isnan(turned.value)
        assert found.note == turned.note == NOT_COMPARABLE
    elif found.note == ONE_SIDED:
        assert {found.value, turned.value} == {0, math.inf}
        assert math.isnan(found.ci.low)
    else:
        assert found.value * turned.value == pytest.approx(1, rel=1e-6)
        assert found.ci.low * turned.ci.high == pytest.approx(1, rel=1e-6)


def test_where_there_is_none():
    assert hazard_ratio(([1, 2], [0, 0]), ([3, 4], [0, 0])).note == NOT_COMPARABLE
    assert hazard_ratio(([], []), ([3, 4], [1, 1])).note == NOT_COMPARABLE
    only = hazard_ratio(([5, 6], [0, 0]), ([3, 4], [1, 1]))
    assert (only.value, only.note) == (math.inf, ONE_SIDED)


def test_coverage():
    rng = np.random.default_rng(4)
    held = 0
    for _ in range(400):
        groups = []
        for rate in (1.0, 1.7):
            times, censored = rng.exponential(1 / rate, 80), rng.exponential(1.5, 80)
            groups.append((np.minimum(times, censored), times <= censored))
        low, high = hazard_ratio(*groups).ci
        held += low <= 1.7 <= high
    assert 0.925 <= held / 400 <= 0.975


def test_bad_arguments_are_worded():
    with pytest.raises(ValueError, match=r"^confidence must be"):
        hazard_ratio(MAINTAINED, CONTROL, confidence=1.0)
