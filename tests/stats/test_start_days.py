"""The day on which a share began to be another holds as often as it says."""

from __future__ import annotations

import numpy as np
import pytest

from cxresearch.stats.breaks import start_day


def test_a_week_of_none_before_a_week_of_many_is_before_it() -> None:
    # 43 weeks of 1 %, then 20 %: the scan's log odds said the week of 0 of 44.
    hits = [0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 7, 8, 10, 9, 8]
    found = start_day(hits, [44] * 18, low=8, high=16, is_rise=True)
    assert found is not None
    assert abs(found.day - 84) <= 3
    assert found.low <= 84 <= found.high < 91


def test_a_fall_is_the_mirror_of_a_rise() -> None:
    n = np.full(30, 40.0)
    hits = np.array([1.0] * 20 + [10.0] * 10)
    up = start_day(hits, n, low=10, high=28, is_rise=True)
    assert start_day(n - hits, n, low=10, high=28, is_rise=False) == up


@pytest.mark.parametrize(("n", "after", "width"), [(40, 0.2, 20), (40, 0.08, 60), (300, 0.08, 20)])
def test_the_days_hold_the_day_and_are_few_where_many_come(
    n: int, after: float, width: float
) -> None:
    rng = np.random.default_rng(3)
    held, widths, off = 0, [], []
    for _ in range(200):
        day = int(rng.integers(7 * 20, 7 * 40))
        part = ((np.arange(7 * 52) - day + 1).clip(0, 1)).reshape(52, 7).mean(1)
        share = 0.015 + part * (after - 0.015)
        found = start_day(rng.binomial(n, share), [n] * 52, low=10, high=50, is_rise=True)
        assert found is not None
        held += found.low <= day <= found.high
        widths.append(found.high - found.low)
        off.append(abs(found.day - day))
    # 190 of 200, and three standard errors of as many draws.
    assert held >= 180
    assert np.median(widths) <= width
    assert np.median(off) <= width / 6


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        ([1] * 9, [40] * 9, 0, 8),  # no week of 8 before it and one in it
        ([1] * 20 + [9] * 10, [40] * 20 + [0] + [40] * 9, 15, 25),  # a week of nobody
        ([1] * 30, [40] * 30, 28, 29),  # nothing rose
    ],
)
def test_where_no_day_can_be_told_there_is_none(
    hits: list[int], n: list[int], low: int, high: int
) -> None:
    assert start_day(hits, n, low=low, high=high, is_rise=True) is None


def test_confidence_is_a_share() -> None:
    with pytest.raises(ValueError, match="confidence must be"):
        start_day([1] * 30, [40] * 30, low=9, high=20, is_rise=True, confidence=1.0)
