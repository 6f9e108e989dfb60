"""Worst-case bounds by hand: the silent ones all at one end."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.core.results import Interval
from cxresearch.survey import nonresponse
from cxresearch.survey.nonresponse import worst_case

SHARE = {"low": 0, "high": 1, "unit": "share"}
POINTS = {"low": -100, "high": 100, "unit": "points"}


@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 60))
def test_the_bounds_are_all_silent_ones_at_one_end(yes, no, silent):
    answered, invited = yes + no, yes + no + silent
    found = worst_case(yes / answered, answered=answered, invited=invited, **SHARE)
    assert found.bounds == pytest.approx((yes / invited, (yes + silent) / invited))
    assert (found.n, found.invited, found.note) == (answered, invited, "")


def test_of_a_score_in_points():
    # 200 of 1,000 answered: (200 * 40 -+ 800 * 100) / 1000.
    found = worst_case(
        40, answered=200, invited=1000, ci=Interval(30, 50), confidence=0.9, **POINTS
    )
    assert found.bounds == pytest.approx((-72, 88))
    assert found.ci == pytest.approx((-74, 90))
    assert found.to_dict()["bounds_low"] == pytest.approx(-72)
    assert found.confidence == 0.9


def test_when_all_answered_nothing_is_left_open():
    found = worst_case(0.3, answered=7, invited=7, ci=Interval(0.1, 0.6), **SHARE)
    assert found.bounds == (0.3, 0.3)
    assert found.ci == (0.1, 0.6)


@pytest.mark.parametrize("invited", [0, 5])
def test_when_nobody_answered_everything_is(invited):
    found = worst_case(math.nan, answered=0, invited=invited, ci=Interval(0, 1), **SHARE)
    assert math.isnan(found.value)
    assert found.bounds == (0, 1)
    assert all(math.isnan(bound) for bound in found.ci)
    assert found.note == nonresponse.NO_BOUND


def test_without_an_interval_there_is_none():
    found = worst_case(0.3, answered=3, invited=7, **SHARE)
    assert all(math.isnan(bound) for bound in found.ci)


def test_bad_calls_are_worded():
    with pytest.raises(ValueError, match=r"^answered must be between 0 and 5; got 6$"):
        worst_case(0.3, answered=6, invited=5, **SHARE)
    with pytest.raises(ValueError, match=r"^value must be between 0 and 1; got 30$"):
        worst_case(30, answered=3, invited=5, **SHARE)
    with pytest.raises(ValueError, match=r"^high must be between 1 and inf; got 0$"):
        worst_case(0.3, answered=3, invited=5, low=1, high=0, unit="share")
    with pytest.raises(ValueError, match=r"^confidence must be strictly between 0 and 1; got 95$"):
        worst_case(0.3, answered=3, invited=5, confidence=95, **SHARE)
