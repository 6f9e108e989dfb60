"""Time between stages and moments of truth, counted by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxresearch.engine.windows import DAY_US
from cxresearch.journey_map.arrivals import time_between
from cxresearch.journey_map.feelings import moments_of_truth
from cxresearch.journey_map.lanes import _decides

LAST = 200 * DAY_US


def days(*given: float) -> list[float]:
    return [one * DAY_US for one in given]


def test_who_has_not_got_there_is_censored_and_who_was_there_before_is_left_out():
    # Of four who can be followed three got there, after 10, 20 and 30 days; one was seen for 200.
    # The fifth was there before: no time to wait for.
    reached = pd.DataFrame(
        {"a": days(0, 0, 0, 0, 100), "b": [*days(10, 20, 30), np.nan, *days(50)]}
    )
    median, share, within = time_between(reached, "a", "b", LAST, confidence=0.95)
    assert (median.value, median.n) == (pytest.approx(25, abs=5), 4)
    assert share.value == pytest.approx(0.75)
    assert share.ci.low < 0.75 < share.ci.high
    assert within == 90


def test_a_week_of_data_tells_of_a_week_and_not_of_90_days():
    reached = pd.DataFrame({"a": days(193, 193, 194, 195), "b": days(195, np.nan, 196, np.nan)})
    _, share, within = time_between(reached, "a", "b", LAST, confidence=0.95)
    assert within == 7
    assert 0 < share.value < 1


def test_nobody_to_follow_is_undefined():
    reached = pd.DataFrame({"a": [np.nan], "b": [np.nan]})
    median, share, _ = time_between(reached, "a", "b", LAST, confidence=0.95)
    assert np.isnan(median.value)
    assert share.n == 0
    assert share.note


def answers(touchpoint: str, counts: dict[bool, tuple[int, int]]) -> pd.DataFrame:
    rows = [
        (f"{touchpoint}{satisfied}{place}", touchpoint, satisfied, place < again)
        for satisfied, (again, n) in counts.items()
        for place in range(n)
    ]
    return pd.DataFrame(rows, columns=["customer_id", "touchpoint", "satisfied", "again"])


def test_the_first_moment_has_the_largest_lower_bound():
    given = pd.concat(
        [
            answers("few", {True: (7, 10), False: (3, 10)}),
            answers("many", {True: (600, 1000), False: (300, 1000)}),
        ]
    )
    found = moments_of_truth(given, min_cell=5, confidence=0.95)
    assert [one.touchpoint for one in found] == ["many", "few"]
    assert found[0].difference.value == pytest.approx(0.3)
    assert "buy again 30.0 percentage points more often" in str(_decides(found[0]))


def test_what_chance_explains_is_no_link():
    given = answers("chat", {True: (52, 100), False: (50, 100)})
    (found,) = moments_of_truth(given, min_cell=5, confidence=0.95)
    assert "no link shown" in str(_decides(found))


def test_fewer_than_min_cell_on_a_side_are_not_told_of():
    given = answers("chat", {True: (52, 100), False: (2, 4)})
    assert moments_of_truth(given, min_cell=5, confidence=0.95) == []
