"""CSAT and CES, against scipy and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cxresearch.stats.means.ratios import NO_SPREAD
from cxresearch.stats.shares.proportions import proportion
from cxresearch.survey.ratings import NO_ANSWERS, ONE_WEIGHT, ces, csat

scores = st.lists(st.integers(1, 5), min_size=2, max_size=50)


@given(scores)
def test_csat_is_a_wilson_share_and_a_t_mean(given_scores):
    result = csat(given_scores)
    satisfied = sum(score >= 4 for score in given_scores)
    assert result.csat == satisfied / len(given_scores)
    assert result.ci == proportion(satisfied, len(given_scores)).ci
    assert result.mean == pytest.approx(np.mean(given_scores))
    if len(set(given_scores)) > 1:
        low, high = stats.ttest_1samp(given_scores, 0).confidence_interval()
        assert result.mean_ci == pytest.approx((max(low, 1), min(high, 5)))


@given(scores)
def test_equal_weights_are_no_weights(given_scores):
    assert csat(given_scores, weights=[1] * len(given_scores)) == csat(given_scores)


def test_ces_is_the_mean_with_the_top_beside_it():
    given_scores = [7, 6, 7, 5, 2, 6, 4, 7]
    result = ces(given_scores, confidence=0.9)
    low, high = stats.ttest_1samp(given_scores, 0).confidence_interval(0.9)
    assert result.ces == 5.5
    assert result.ci == pytest.approx((low, high))
    assert result.top_share == 5 / 8
    assert result.top_ci == proportion(5, 8, confidence=0.9).ci
    assert (result.unit, result.scale) == ("score", "1-7")


def test_the_top_boxes_of_another_scale():
    assert csat([1, 5, 6, 7], scale=(1, 7), top=3).csat == 0.75
    assert csat([1, 5, 6, 7], scale=(1, 7), top=1).csat == 0.25


def test_weights_by_hand():
    # (2 * 5 + 1 + 1 * 3) / 4 = 3.5; n / (n - 1) sum((w (y - 3.5))**2) / 16 = 3/2 * 15.5 / 16.
    result = ces([5, 1, 3], weights=[2, 1, 1])
    assert result.ces == 3.5
    t = 4.302652729911275  # Student's t, 2 degrees of freedom, 97.5 %
    error = math.sqrt(1.5 * (3**2 + 2.5**2 + 0.5**2) / 16)
    assert result.ci == pytest.approx((max(1, 3.5 - t * error), min(7, 3.5 + t * error)))
    weighted = csat([5, 1, 3], weights=[2, 1, 1])
    assert weighted.csat == 0.5
    assert "effective sample size" in weighted.method


@pytest.mark.parametrize("given_scores", [[], [None, math.nan]])
def test_nobody_answered(given_scores):
    satisfied, effort = csat(given_scores), ces(given_scores)
    assert math.isnan(satisfied.csat)
    assert math.isnan(satisfied.mean)
    assert math.isnan(effort.ces)
    assert math.isnan(effort.top_share)
    assert satisfied.note == effort.note == NO_ANSWERS
    assert satisfied.missing == len(given_scores)


def test_all_alike():
    assert csat([5, 5, 5]).ci.low < 0.5
    assert csat([5, 5, 5]).csat == 1
    effort = ces([7, 7, 7])
    assert (effort.ces, effort.note) == (7, NO_SPREAD)
    assert math.isnan(effort.ci.low)


@pytest.mark.parametrize("call", [csat, ces])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scores": [0]}, r"^scores must be whole numbers from 1 to \d \(1 of 1 are not\); got 0"),
        ({"scores": [1], "top": 0}, r"^top must be at least 1; got 0$"),
        ({"scores": [1], "top": 7}, r"^scores of the scale must be at least 8; got \d$"),
        ({"scores": [1], "confidence": 2}, r"^confidence must be strictly between 0 and 1; got 2"),
    ],
)
def test_what_they_refuse(call, arguments, message):
    with pytest.raises(ValueError, match=message):
        call(**arguments)


def test_a_result_is_one_row():
    row = csat([5, 4, 1]).to_dict()
    assert {"csat", "ci_low", "mean", "mean_ci_low", "top"} <= set(row)


@pytest.mark.parametrize("function", [csat, ces])
def test_where_one_answer_has_all_the_weight_that_is_said(function):
    result = function([5, 4, 1, 3], weights=[1e9, 1, 1, 1])
    assert math.isnan(result.ci.low)
    assert result.note == ONE_WEIGHT
    # Four answers of which one is all: as many as one.
    assert function([5, 5, 5, 5], weights=[4, 1, 1, 1]).note in ("", NO_SPREAD)


@pytest.mark.parametrize("power", [-990, 990])
def test_weights_have_no_size_only_proportions(power):
    scores, weights = [5, 4, 1, 3], np.array([1.0, 3.0, 0.5, 2.0])
    for function in (csat, ces):
        assert function(scores, weights=np.ldexp(weights, power)) == function(
            scores, weights=weights
        )


def test_a_scale_has_two_ends():
    with pytest.raises(ValueError, match=r"^scale must be its lowest and its highest score"):
        csat([5, 4], scale=(5,))
    assert csat([5, 4, 1], scale=[1, 5]) == csat([5, 4, 1])
