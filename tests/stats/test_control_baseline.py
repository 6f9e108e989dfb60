"""A trend or a season is told from a level that changed, and a stable series is a level."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.stats.control.baselines import baseline
from cxresearch.stats.control.shewhart import individuals

RNG = np.random.default_rng(11)
NOISE = RNG.normal(0, 1, 36)
MONTHS = np.arange(36)
WAVE = 5 * np.sin(2 * np.pi * MONTHS / 12)
DECEMBER = np.where(MONTHS % 12 == 11, 12.0, 0.0)


@pytest.mark.parametrize(
    ("series", "kind"),
    [
        (100 + NOISE, "level"),
        (100 + NOISE[:12], "level"),
        (100 + NOISE + np.where(MONTHS >= 20, 8, 0), "level"),  # it changed for good
        (100 + NOISE + np.where((MONTHS >= 20) & (MONTHS < 24), 8, 0), "level"),  # and back
        (100 + NOISE[:22] + np.where(MONTHS[:22] == 15, 20, 0), "level"),  # one month
        (100 + NOISE + 0.5 * MONTHS, "line"),
        (100 + NOISE[:22] + 0.7 * MONTHS[:22], "line"),
        (100 + NOISE[:22] - 0.7 * MONTHS[:22], "line"),
        (100 + NOISE + WAVE, "season"),
        (100 + NOISE[:22] + WAVE[:22], "season"),
        (100 + NOISE + WAVE + 0.5 * MONTHS, "season"),
        (100 + NOISE + DECEMBER, "season"),
    ],
)
def test_what_is_planted_is_found(series, kind):
    assert baseline(series, period=12).kind == kind


def test_a_growing_shop_does_not_signal_month_after_month():
    series = 100 + NOISE[:22] + 2 * MONTHS[:22]
    around_mean = individuals(series, unit="EUR").signalled
    assert around_mean.value >= 16
    usual = baseline(series, period=12)
    chart = individuals(series, unit="EUR", around=usual.fitted)
    assert chart.signalled.value == 0
    shocked = series + np.where(MONTHS[:22] == 15, 9, 0)
    chart = individuals(shocked, unit="EUR", around=baseline(shocked, period=12).fitted)
    assert np.flatnonzero(chart.points["signal"]).tolist() == [15]


def test_the_limits_lie_around_the_line_by_hand():
    # Deviations 1, -1, 1, -1 from 10, 20, 30, 40: moving ranges of 2.
    chart = individuals([11, 19, 31, 39], unit="EUR", around=[10, 20, 30, 40])
    assert chart.sigma == pytest.approx(2 / 1.128)
    assert chart.points["moving_range"].tolist()[1:] == [2, 2, 2]
    assert chart.points["low"].tolist() == pytest.approx(
        [centre - 6 / 1.128 for centre in (10, 20, 30, 40)]
    )
    assert (chart.centre, chart.ci.high) == (40, pytest.approx(40 + 6 / 1.128))


def test_the_least_squares_by_numpy():
    series = 100 + NOISE[:22] + 0.7 * MONTHS[:22]
    slope, start = np.polyfit(MONTHS[:22], series, 1)
    np.testing.assert_allclose(baseline(series).fitted, start + slope * MONTHS[:22])


def test_the_bic_of_levels_by_trying_every_change():
    # A line that just beats, and one that just does not beat, the best three levels by 6.
    n = 14
    time = np.arange(n)

    def gain(series):
        def error(parts):
            return sum(((part - part.mean()) ** 2).sum() for part in parts)

        changes = [(i, j) for i in range(1, n) for j in range(i + 1, n)]
        errors = {
            1: error([series]),
            3: min(error([series[:i], series[i:]]) for i in range(1, n)),
            5: min(error([series[:i], series[i:j], series[j:]]) for i, j in changes),
        }
        levels = min(n * math.log(e / n) + k * math.log(n) for k, e in errors.items())
        line = ((series - np.polyval(np.polyfit(time, series, 1), time)) ** 2).sum()
        return levels - n * math.log(line / n) - 2 * math.log(n)

    kinds = set()
    for slope in np.linspace(0, 1.2, 40):
        series = NOISE[:n] + slope * time
        kind = baseline(series).kind
        assert kind == ("line" if gain(series) > 6 else "level")
        kinds.add(kind)
    assert kinds == {"level", "line"}


def test_a_stable_series_is_seldom_taken_for_more():
    rng = np.random.default_rng(5)
    kinds = [
        baseline(rng.normal(50, 5, n), period=12).kind for n in (12, 24, 36) for _ in range(150)
    ]
    assert kinds.count("level") / len(kinds) > 0.95


@pytest.mark.parametrize("series", [[], [5.0], [5.0] * 30, [1, 2, 3]])
def test_too_little_to_tell_is_a_level(series):
    found = baseline(series, period=12)
    assert found.kind == "level"
    assert len(found.fitted) == len(series)


@given(st.lists(st.floats(-1e6, 1e6), min_size=12, max_size=30), st.floats(0.1, 10))
def test_the_unit_does_not_matter(series, factor):
    there = baseline([value * factor for value in series], period=12)
    assert there.fitted.shape == (len(series),)
    if np.ptp(series) > 1e-3:
        assert np.isfinite(there.fitted).all()


def test_a_season_needs_two_points_at_least():
    with pytest.raises(ValueError, match="period must be at least 2; got 1"):
        baseline([1.0, 2.0], period=1)
