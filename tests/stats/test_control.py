"""The control chart against the textbook's definitions, written out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.stats.control import shewhart
from cxresearch.stats.control.shewhart import individuals

series = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60)


def test_by_hand():
    # Moving ranges 2, 1, 2, 1, 15, 14, 1: mean 36 / 7; sigma = that / 1.128.
    chart = individuals([10, 12, 11, 9, 10, 25, 11, 10], unit="orders")
    sigma = 36 / 7 / 1.128
    assert chart.centre == 12.25
    assert chart.sigma == pytest.approx(sigma)
    assert chart.ci == pytest.approx((12.25 - 3 * sigma, 12.25 + 3 * sigma))
    assert math.isnan(chart.points["moving_range"][0])
    assert chart.points["moving_range"].tolist()[1:] == [2, 1, 2, 1, 15, 14, 1]
    assert (chart.n, chart.unit, chart.note) == (8, "orders", "")


def test_a_point_beyond_the_limits_signals():
    values = [10, 11, 10, 11, 10, 11, 10, 40, 10, 11, 10, 11]
    signals = individuals(values, unit="orders").points["signal"].tolist()
    assert signals == [shewhart.BEYOND_LIMITS if value == 40 else "" for value in values]


def test_the_eighth_point_on_one_side_signals_and_those_after_it():
    low, high = [0.0, 9.0] * 5, [11.0, 20.0] * 4  # the mean lies between 9 and 11
    signals = individuals(low + high, unit="orders").points["signal"].tolist()
    expected = [""] * 7 + [shewhart.RUN] * 3 + [""] * 7 + [shewhart.RUN]
    assert signals == expected


def test_a_point_on_the_centre_ends_a_run():
    # Seven above, one on the centre (0), one above: no run of eight.
    values = [1, 2, 1, 2, 1, 2, 1, 0, 2, -12, 0]
    chart = individuals(values, unit="orders")
    assert chart.centre == 0
    assert shewhart.RUN not in chart.points["signal"].tolist()


def test_a_series_without_change_signals_nothing():
    chart = individuals([5, 5, 5, 5, 5, 5, 5, 5, 5], unit="orders")
    assert chart.ci == (5, 5)
    assert set(chart.points["signal"]) == {""}


@pytest.mark.parametrize("values", [[], [4.0]])
def test_fewer_than_two_points_are_undefined(values):
    chart = individuals(values, unit="orders")
    assert math.isnan(chart.centre)
    assert math.isnan(chart.sigma)
    assert all(math.isnan(limit) for limit in chart.ci)
    assert chart.note == shewhart.TOO_FEW_POINTS
    assert chart.points["value"].tolist() == values
    assert set(chart.points["signal"]) <= {""}


def test_bad_values_are_worded():
    with pytest.raises(ValueError, match=r"^values must be finite \(1 of 3 values are not\)"):
        individuals([1.0, math.nan, 2.0], unit="orders")
    with pytest.raises(ValueError, match=r"^values must be flat; got '2 dimensions'$"):
        individuals([[1.0, 2.0]], unit="orders")


@given(series, st.floats(-1e3, 1e3))
def test_moving_the_series_moves_the_chart(values, shift):
    plain = individuals(values, unit="orders")
    moved = individuals(np.array(values) + shift, unit="orders")
    assert moved.centre == pytest.approx(plain.centre + shift, abs=1e-6)
    assert moved.sigma == pytest.approx(plain.sigma, rel=1e-6, abs=1e-6)


@given(series)
def test_the_mirror_has_mirrored_limits(values):
    plain = individuals(values, unit="orders")
    mirror = individuals([-value for value in values], unit="orders")
    assert mirror.ci == pytest.approx((-plain.ci.high, -plain.ci.low), abs=1e-9)


def test_stable_series_rarely_leave_the_limits():
    # With known sigma 0.27 % of points would; limits from 25 points themselves let through more.
    rng = np.random.default_rng(2)
    charts = [individuals(rng.normal(100, 10, 25), unit="orders") for _ in range(400)]
    beyond = sum((chart.points["signal"] == shewhart.BEYOND_LIMITS).sum() for chart in charts)
    assert 0.002 <= beyond / (400 * 25) <= 0.008


def test_its_row_leaves_the_points_out():
    row = individuals([1, 2], unit="orders").to_dict()
    assert list(row) == [
        "centre", "ci_low", "ci_high", "sigma", "n", "unit", "confidence", "method", "note"
    ]  # fmt: skip
