"""The Net Promoter Score: its point, its weights, its scale, and what it refuses."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.core.languages import Language
from cxresearch.survey.nps import (
    EFFECTIVE,
    NO_ANSWERS,
    NPS_LIKE,
    ONE_ANSWER,
    finite_population_factor,
    nps,
)

scores = st.lists(st.integers(0, 10), min_size=1, max_size=60)


def values(given):
    given = np.asarray(given)
    return (given >= 9) * 1.0 - (given <= 6)


@given(scores)
def test_the_point_is_the_raw_nps(given_scores):
    result = nps(given_scores)
    assert result.nps == pytest.approx(100 * values(given_scores).mean())
    assert result.standard_error == pytest.approx(
        100 * values(given_scores).std() / math.sqrt(len(given_scores))
    )
    assert result.promoters + result.passives + result.detractors == result.n == len(given_scores)
    assert result.ci.low <= result.nps + 1e-9
    assert result.nps - 1e-9 <= result.ci.high


def test_thirty_five_more_promoters_of_250_are_exactly_14_points():
    assert nps(counts=(95, 95, 60)).nps == 14.0


@given(scores, st.randoms())
def test_the_order_of_the_answers_says_nothing(given_scores, random):
    shuffled = given_scores[:]
    random.shuffle(shuffled)
    assert nps(shuffled) == nps(given_scores)


@pytest.mark.slow
@given(scores, st.floats(0.1, 10))
def test_equal_weights_are_no_weights(given_scores, weight):
    assert nps(given_scores, weights=[1] * len(given_scores)) == nps(given_scores)
    scaled = nps(given_scores, weights=[weight] * len(given_scores))
    assert scaled.ci == pytest.approx(nps(given_scores).ci)
    assert scaled.note == nps(given_scores).note


def test_counts_are_answers():
    given_scores = [9] * 12 + [8] * 5 + [2] * 3
    assert nps(counts=(12, 5, 3)) == nps(given_scores)
    assert nps(counts={"detractors": 3, "promoters": 12, "passives": 5}) == nps(given_scores)


@pytest.mark.parametrize(
    "given_scores",
    [
        [9, None, 3, math.nan],
        np.array([9, np.nan, 3, np.nan]),
        pd.Series([9, None, 3, None], dtype="Int64"),
        pd.Series([9, None, 3, None]),
    ],
)
def test_a_missing_answer_is_counted_apart(given_scores):
    result = nps(given_scores)
    assert (result.n, result.missing, result.passives, result.nps) == (2, 2, 0, 0.0)


@pytest.mark.parametrize("given_scores", [[], [None, None]])
def test_nobody_answered(given_scores):
    result = nps(given_scores)
    assert math.isnan(result.nps)
    assert all(math.isnan(end) for end in result.ci)
    assert (result.n, result.missing, result.note) == (0, len(given_scores), NO_ANSWERS)
    assert result == nps(given_scores)
    assert math.isnan(nps([], method="wald").nps)


def test_ten_tens_are_not_certain():
    result = nps([10] * 10)
    assert result.nps == 100
    assert result.ci.low == pytest.approx(44.4934, abs=1e-4)
    assert result.ci.high == 100


def test_one_answer():
    assert nps([10]).ci.low == pytest.approx(-58.69, abs=0.01)
    result = nps([10], method="wald_t")
    assert math.isnan(result.ci.low)
    assert result.note == ONE_ANSWER


def test_weights_by_hand():
    # 3, 9, 10, 7 with weights 1, 2, 1, 1: (2 + 1 - 1) / 5 = 0.4; residuals -1.4, .6, .6, -.4.
    result = nps([3, 9, 10, 7], weights=[1, 2, 1, 1], method="wald")
    squares = 1 * 1.4**2 + 4 * 0.6**2 + 1 * 0.6**2 + 1 * 0.4**2
    error = math.sqrt(4 / 3 * squares / 25)
    assert result.nps == pytest.approx(40)
    assert result.shares == pytest.approx((0.6, 0.2, 0.2))
    assert (result.promoters, result.passives, result.detractors) == (2, 1, 1)
    assert result.standard_error == pytest.approx(100 * error)
    assert result.effective_n == pytest.approx(25 / 7)
    # The variance of the same shares in a simple random sample is 0.8 - 0.16.
    assert result.design_effect == pytest.approx(error**2 / (0.64 / 3))
    assert result.ci.low == pytest.approx(100 * (0.4 - 1.959963984540054 * error))
    assert result.note == EFFECTIVE


def test_a_weighted_score_interval_is_that_of_the_effective_sample():
    # Kish: 18 people, 6 of weight 2: (6 * 2 + 12)**2 / (6 * 4 + 12) = 16.
    given_scores = [10] * 6 + [8] * 6 + [3] * 6
    weighted = nps(given_scores, weights=[2] * 6 + [1] * 12)
    assert weighted.effective_n == pytest.approx(16)
    assert weighted.ci == pytest.approx(nps(counts=(8, 4, 4)).ci, abs=1e-9)


def test_a_weight_of_nought_takes_its_answer_out():
    with_it, without = nps([9, 8, 1], weights=[1, 2, 0]), nps([9, 8], weights=[1, 2])
    assert (with_it.nps, with_it.ci, with_it.missing) == (without.nps, without.ci, 1)


def test_a_finite_population():
    # 20 of 100 answered: sqrt(0.5475 / 20 * 80 / 99) by hand, or with s**2, * 20 / 19 * 80 / 100.
    plain = nps(counts=(12, 5, 3), population=100, method="wald")
    assert plain.standard_error == pytest.approx(100 * math.sqrt(0.5475 / 20 * 80 / 99))
    less_one = nps(counts=(12, 5, 3), population=100, method="wald_t")
    assert less_one.standard_error == pytest.approx(100 * math.sqrt(0.5475 / 19 * 80 / 100))
    assert nps(counts=(12, 5, 3), population=10**9).ci == pytest.approx(nps(counts=(12, 5, 3)).ci)
    everybody = nps(counts=(12, 5, 3), population=20)
    assert everybody.ci == pytest.approx((45, 45))
    assert everybody.standard_error == 0
    low, high = nps(counts=(12, 5, 3), population=40).ci
    assert nps(counts=(12, 5, 3)).ci.low < low < 45 < high < nps(counts=(12, 5, 3)).ci.high


def test_another_scale_is_labelled_and_not_rescaled():
    from_one = nps([1, 6, 7, 9, 10], scale=(1, 10))
    assert (from_one.promoters, from_one.passives, from_one.detractors) == (2, 1, 2)
    assert from_one.note == NPS_LIKE
    assert from_one.nps == nps([1, 6, 7, 9, 10]).nps
    # The same spread over all scores is another number: 2/10 - 6/10 against 2/11 - 7/11.
    assert nps(range(1, 11), scale=(1, 10)).nps == pytest.approx(-40)
    assert nps(range(11)).nps == pytest.approx(-500 / 11)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"scores": [0, 5], "scale": (1, 10)},
            r"^scores must be whole numbers from 1 to 10 \(1 of 2 are not\); got 0\.0$",
        ),
        (
            {"scores": [9, 11, 7.5, -1]},
            r"^scores must be whole numbers from 0 to 10 \(3 of 4 are not\); got 11\.0$",
        ),
        ({"scores": [1], "scale": (0, 5)}, r"^scale must be one of \(0, 10\), \(1, 10\); got"),
        ({"scores": [1], "method": "student"}, r"^method must be one of 'score'"),
        ({"scores": [1], "confidence": 95}, r"^confidence must be strictly between 0 and 1; got"),
        ({"scores": [1], "weights": [-1]}, r"^weights must be between 0 and inf; got -1\.0$"),
        ({"scores": [1, 2], "weights": [1]}, r"^weights must be as long as scores, 2 values"),
        ({"counts": (1, 2)}, r"^counts must be one of \('promoters', 'passives', 'detractors'\)"),
        ({"counts": (1, -2, 3)}, r"^passives must be at least 0; got -2$"),
        ({"counts": (1, 2, 3), "population": 5}, r"^population must be at least 6; got 5$"),
        (
            {"scores": [9, 1], "weights": [1, 2], "method": "bootstrap"},
            r"^method must be one of .*; got 'bootstrap'$",
        ),
    ],
)
def test_what_it_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        nps(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, r"^nps takes either scores or counts$"),
        ({"scores": [1], "counts": (1, 2, 3)}, r"^nps takes either scores or counts$"),
        ({"counts": (1, 2, 3), "weights": [1]}, r"^nps takes weights with scores, not with counts"),
        ({"scores": ["9", "1 - 2 times"]}, r"^scores must be numbers; got '1 - 2 times'$"),
        ({"scores": [True]}, r"^scores must be numbers; got True$"),
        ({"scores": [9, "ten", None]}, r"^scores must be numbers; got 'ten'$"),
        ({"counts": (1.5, 2, 3)}, r"^promoters must be a whole number; got 1\.5$"),
    ],
)
def test_what_it_cannot_read(arguments, message):
    with pytest.raises(TypeError, match=message):
        nps(**arguments)


def test_a_result_is_one_row():
    row = nps([3, 9, 10, 7]).to_frame()
    assert len(row) == 1
    assert row["nps"][0] == 25
    assert (row["promoters_share"][0], row["scale"][0]) == (0.5, "0-10")
    assert "shares" not in row


def test_the_note_is_said_in_italian():
    result = nps([3, 9, 10], scale=(1, 10), weights=[1, 2, 3])
    italian = result.note_in(Language("it"))
    assert italian != result.note
    assert italian.count("; ") == result.note.count("; ") == 1


def test_the_finite_population_factors():
    factor = finite_population_factor
    assert factor(20, 100, with_less_one=True) == 0.8
    assert factor(20, 100, with_less_one=False) == pytest.approx(80 / 99)


def test_a_scale_is_its_two_ends_however_they_are_given():
    scores = [10, 9, 3, 8]
    assert nps(scores, scale=[0, 10]) == nps(scores)
    assert nps(scores, scale=np.array([1, 10])).scale == (1, 10)
    for wrong in (None, "0-10", (0,)):
        with pytest.raises(ValueError, match=r"^scale must be its lowest and its highest score"):
            nps(scores, scale=wrong)


def test_one_number_is_no_counts():
    with pytest.raises(TypeError, match=r"^counts must be 3, or one for each of 11 scores; got 5$"):
        nps(counts=5)


@pytest.mark.parametrize("power", [-990, 990])
def test_weights_have_no_size_only_proportions(power):
    scores, weights = [10, 9, 3, 8, 6, 10], np.array([1.0, 2.0, 0.5, 3.0, 1.0, 0.0])
    assert nps(scores, weights=np.ldexp(weights, power)) == nps(scores, weights=weights)
