"""The proportional-odds model against R's clm and statsmodels."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.core.comparison import NO_DIFFERENCE_POSSIBLE, NO_GROUP
from cxresearch.stats.ranks.proportional_odds import proportional_odds

answers = st.lists(st.integers(1, 5), min_size=3, max_size=40)
module = sys.modules["cxresearch.stats.ranks.proportional_odds"]
FIRST = np.repeat([1, 2, 3, 4, 5], [5, 10, 20, 40, 25])
SECOND = np.repeat([1, 2, 3, 4, 5], [12, 18, 25, 30, 15])


def test_the_fit_of_r():
    # R ordinal 2022.11.16: clm(answer ~ group); MASS::polr agrees.
    result = proportional_odds(FIRST, SECOND)
    assert result.value == pytest.approx(-0.788684277570825, abs=1e-5)
    assert result.se == pytest.approx(0.259208271183401, abs=1e-5)
    assert result.statistic == pytest.approx(-3.04266632376402, abs=1e-4)
    assert result.p_value == pytest.approx(0.00234492190599202, abs=1e-6)
    assert result.loglik == pytest.approx(-297.234618930055)
    assert result.thresholds == pytest.approx(
        (-2.83198052962894, -1.66863942187427, -0.594835475905198, 1.04404695731099), abs=1e-5
    )
    margin = 1.959963984540054 * result.se
    assert result.ci == pytest.approx((result.value - margin, result.value + margin))
    assert result.odds_ratio == pytest.approx(math.exp(result.value))


def test_two_levels_are_the_odds_ratio_of_a_table():
    # 8 of 20 against 15 of 20 high: log of (15 / 5) / (8 / 12), se of Woolf.
    first, second = np.repeat([0, 1], [12, 8]), np.repeat([0, 1], [5, 15])
    result = proportional_odds(first, second)
    assert result.odds_ratio == pytest.approx(15 / 5 / (8 / 12))
    assert result.se == pytest.approx(math.sqrt(1 / 12 + 1 / 8 + 1 / 5 + 1 / 15), rel=1e-6)


@settings(max_examples=40)
@given(answers, answers)
def test_swapping_the_groups_flips_the_sign(first, second):
    there, back = proportional_odds(first, second), proportional_odds(second, first)
    assert back.value == pytest.approx(-there.value, abs=1e-5, nan_ok=True)
    assert back.loglik == pytest.approx(there.loglik, nan_ok=True)
    mirror = proportional_odds([-a for a in first], [-b for b in second])
    assert mirror.value == pytest.approx(-there.value, abs=1e-5, nan_ok=True)


@settings(max_examples=40)
@given(answers, answers)
def test_nothing_near_by_is_likelier(first, second):
    result = proportional_odds(first, second)
    if result.note:
        return
    levels = sorted({*first, *second})
    counts = np.array([[group.count(level) for level in levels] for group in (first, second)])
    best = np.array([*result.thresholds, result.value])
    for shift in np.vstack([np.eye(best.size), -np.eye(best.size)]) * 0.01:
        assert module._loglik(best + shift, counts) <= result.loglik


@pytest.mark.parametrize(
    ("first", "second", "note"),
    [
        ([], [1, 2], NO_GROUP),
        ([3, 3], [3], NO_DIFFERENCE_POSSIBLE),
        ([1, 2, 3], [3, 4], module.APART),
        ([5, 4], [1, 2], module.APART),
    ],
)
def test_undefined_fits(first, second, note):
    result = proportional_odds(first, second)
    assert all(
        math.isnan(number)
        for number in (result.value, *result.ci, result.p_value, result.loglik, result.odds_ratio)
    )
    assert result.note == note


def test_bad_answers_are_worded():
    with pytest.raises(ValueError, match=r"^first must be finite \(1 of 2 values are not\)"):
        proportional_odds([1, math.inf], [1])


def test_coverage():
    rng = np.random.default_rng(13)
    cuts = np.array([-2.0, -1.0, 0.5, 1.5])
    covered = 0
    for _ in range(300):
        first = np.searchsorted(cuts, rng.logistic(0.0, size=50))
        second = np.searchsorted(cuts, rng.logistic(0.8, size=50))
        low, high = proportional_odds(first, second).ci
        covered += low <= 0.8 <= high
    assert 0.92 <= covered / 300 <= 0.98
