"""A wrong scale is an error or said; labels are read as their numbers; what is rejected is not
'nobody'."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from cxresearch.errors import SchemaError
from cxresearch.survey import by_group, ces, csat, enps, nps, nps_paired_difference, overall
from cxresearch.survey.answers import (
    NONE_ABOVE_5,
    NONE_ABOVE_7,
    OTHER_SCALE,
    TWO_SCALES,
    answers,
    doubts,
    look_short,
)

RATINGS = [5, 4, 5, 3, 4, 5, 2, 5, 4, 1, 5, 4]


def surveys(scores, *, metric="nps", low=0, high=10, **more):
    return pd.DataFrame(
        {
            "metric": metric,
            "score": scores,
            "scale_min": low,
            "scale_max": high,
            "customer_id": [None] * len(scores),
            "touchpoint": [None] * len(scores),
        }
        | more
    )


@pytest.mark.parametrize("scale", [(0, 10), (1, 10)])
def test_ratings_from_1_to_5_are_no_nps(scale):
    message = rf"^scores must be answers on {scale[0]}-10 .*; got 12 answers, none above 5, as on"
    for door in (nps, enps):
        with pytest.raises(ValueError, match=message):
            door(RATINGS, scale=scale)
    with pytest.raises(ValueError, match=r"^second must be answers on"):
        nps_paired_difference([9] * 12, RATINGS, scale=scale)


def test_ratings_declared_as_0_to_10_have_no_nps_in_a_study():
    frame = surveys(RATINGS, place=["a"] * 6 + ["b"] * 6)
    whole = overall(frame)
    assert math.isnan(whole.value)
    assert math.isnan(whole.ci.low)
    assert (whole.n, whole.note) == (12, OTHER_SCALE)
    table = by_group(frame, "place")
    assert table["value"].isna().all()
    assert table["p_value"].isna().all()
    assert (table["note"] == OTHER_SCALE).all()
    weighted = by_group(frame, "place", weights=np.linspace(1, 2, 12))
    assert weighted["value"].isna().all()
    assert math.isnan(overall(frame, weights=np.linspace(1, 2, 12)).value)


def test_a_group_of_detractors_among_others_is_a_group_of_detractors():
    frame = surveys([*RATINGS, *[9, 10, 8, 7] * 5], place=["a"] * 12 + ["b"] * 20)
    table = by_group(frame, "place").set_index("place")
    assert table.loc["a", "value"] == -100
    assert table.loc["a", "note"] == NONE_ABOVE_5


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ([0] * 40, [NONE_ABOVE_5]),  # everybody alike: an NPS of -100, and a remark
        ([3, 4, 5], []),
        ([1, 2, 3, 4, 5], [NONE_ABOVE_5]),
        ([5], []),
        ([0, 5], []),
        ([0, 1, 2, 3, 4, 5] * 5, [NONE_ABOVE_5]),
        ([1, 2, 3, 4, 5, 6, 7] * 3, [NONE_ABOVE_7]),
        (list(range(1, 6)) * 8 + list(range(1, 11)) * 4, [TWO_SCALES]),
        ([4, 5, 5, 4, 3] * 8 + [9, 10, 10, 8, 7] * 8, [TWO_SCALES]),
        # Usual answers, a bump in the middle, many unhappy customers, every score alike.
        ([10] * 30 + [9] * 20 + [8] * 20 + [7] * 12 + [6] * 6 + [5] * 8 + [3, 2, 0, 0], []),
        (
            [0] * 30 + [1] * 8 + [2] * 8 + [3] * 8 + [4] * 5 + [5] * 12 + [6] * 6 + [7] * 8 + [10],
            [],
        ),
        (list(range(11)) * 5, []),
    ],
)
def test_what_is_said_of_a_scale(scores, said):
    assert doubts(answers(scores, scale=(0, 10))) == said
    if not look_short(answers(scores, scale=(0, 10))):
        assert [note for note in nps(scores).note.split("; ") if "check" in note] == said


def test_sixty_answers_with_a_0_and_none_above_5_are_of_another_scale():
    scores = [0, 1, 2, 3, 4, 5] * 10
    with pytest.raises(ValueError, match="none above 5"):
        nps(scores)
    assert nps(counts=[10] * 6 + [0] * 5).nps == -100
    assert nps(counts=[10] * 6 + [0] * 5).note == NONE_ABOVE_5
    assert nps(counts=(0, 0, 60)).note == ""


def test_ratings_on_a_longer_scale_are_said():
    for door in (csat, ces):
        assert door(RATINGS, scale=(1, 7)).note == NONE_ABOVE_5
        assert door(RATINGS, scale=(1, 7), weights=np.linspace(1, 2, 12)).note == NONE_ABOVE_5
        assert door(RATINGS, scale=(1, 5)).note == ""
        assert door([*RATINGS, 7], scale=(1, 7)).note == ""
    assert overall(surveys(RATINGS, metric="csat", low=1, high=10), "csat").note == NONE_ABOVE_5


@pytest.mark.parametrize("ends", [("0 - Not at all likely", "10 - Extremely likely"),
                                  ("0: per niente", "Estremamente probabile (10)"),
                                  ("0", "10 \N{EN DASH} Estremamente probabile")])  # fmt: skip
def test_labels_are_their_numbers(ends):
    written = [ends[0], "3", "7", "9", ends[1], None, " "]
    result = nps(written)
    assert result.nps == nps([0, 3, 7, 9, 10]).nps
    assert (result.n, result.missing) == (5, 2)
    assert enps([*written, *written, *written], threshold=10).value == result.nps
    assert csat(["1 - Bad", 2, "5 - Good"]).csat == csat([1, 2, 5]).csat
    assert nps_paired_difference(written, written).n == 5


@pytest.mark.parametrize("wrong", ["Not at all likely", "1 - 2 times", "10/10", "9.5", "-1", "5 %"])
def test_a_text_without_its_number_is_refused_with_all_others(wrong):
    with pytest.raises(TypeError, match=r"^scores must be numbers; got"):
        nps([wrong, 9, 10])


def test_texts_in_a_study_are_refused_together():
    frame = surveys(["Not at all likely", "9", "Extremely likely"])
    message = r"score: must be numbers; 2 rows are not: 'Extremely likely', 'Not at all likely'"
    for door in (overall, by_group):
        with pytest.raises(SchemaError, match=message):
            door(frame)


def test_labels_in_a_study_are_read_as_their_numbers():
    frame = surveys(["0 - Not at all likely", "9", "10 - Extremely likely"])
    numbers = surveys([0, 9, 10])
    assert overall(frame) == overall(numbers)
    pd.testing.assert_frame_equal(by_group(frame), by_group(numbers))


def test_counts_of_each_score_are_the_scores():
    each = [3, 0, 1, 2, 0, 4, 5, 9, 12, 14, 20]
    scores = np.repeat(np.arange(11), each)
    assert nps(counts=each) == nps(scores)
    assert nps(counts=each[1:], scale=(1, 10)) == nps(scores[3:], scale=(1, 10))
    with pytest.raises(ValueError, match=r"^counts of 4 must be"):
        nps(counts=[1, 1, 1, 1, -1, 1, 1, 1, 1, 1, 1])
    with pytest.raises(
        ValueError, match=r"^counts must be 3, or one for each of 11 scores; got 10$"
    ):
        nps(counts=[1] * 10)


def test_no_answers_is_not_nobody_answered():
    # They may all have been rejected.
    for note in (nps([]).note, csat([]).note, overall(surveys([])).note):
        assert note == "undefined: there are no answers to count"
