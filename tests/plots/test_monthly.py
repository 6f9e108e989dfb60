"""Figures hold the numbers they were given, and their words are in the reader's language."""

from __future__ import annotations

from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import same_color, to_hex

from cxresearch import plots
from cxresearch.core.results import Interval
from cxresearch.plots import theme
from cxresearch.stats.control.shewhart import BEYOND_LIMITS, individuals

mpl.use("agg")

MONTHS = [f"2025-{month}" for month in (10, 11, 12)] + [f"2026-{m:02d}" for m in range(1, 6)]
VALUES = [100.0, 110.0, 105.0, 95.0, 300.0, 100.0, 108.0, 102.0]


@pytest.fixture(autouse=True)
def _no_figure_left_open():
    with plt.rc_context():
        yield
    plt.close("all")


@pytest.fixture
def chart():
    chart = individuals(VALUES, unit="EUR")
    points = chart.points.assign(month=MONTHS)
    points.loc[4, "signal"] = BEYOND_LIMITS
    return replace(chart, points=points)


@pytest.fixture
def months():
    value = np.array(VALUES)
    return pd.DataFrame(
        {
            "month": MONTHS,
            "net": value,
            "net_low": value - 9,
            "net_high": value + 9,
            "complete": [True] * 7 + [False],
            "new_revenue": value / 2,
            "returning_revenue": value / 3,
            "anonymous_revenue": value / 6,
        }
    )


def words(axes):
    axes.figure.canvas.draw()
    ticks = [*axes.get_xticklabels(), *axes.get_yticklabels()]
    legend = axes.get_legend()
    return [
        *(tick.get_text() for tick in ticks),
        *(text.get_text() for text in axes.texts),
        *(text.get_text() for text in (legend.get_texts() if legend else [])),
        axes.get_ylabel(),
    ]


def test_the_control_chart_draws_points_limits_and_signals(chart):
    axes = plots.control_chart(chart, label="Net revenue").axes()
    line, *rules = axes.lines
    assert line.get_ydata().tolist() == VALUES
    assert [rule.get_ydata()[0] for rule in rules] == [chart.ci.high, chart.centre, chart.ci.low]
    (signals,) = axes.collections
    assert signals.get_offsets().tolist() == [[4.0, 300.0]]
    assert same_color(signals.get_facecolor()[0], theme.SIGNAL)
    assert {"upper limit", "mean", "lower limit", "unusual", "Net revenue"} <= set(words(axes))


def test_the_control_chart_in_italian(chart):
    said = words(plots.control_chart(chart, label="Net revenue").axes("it"))
    assert {"Ricavi netti", "limite superiore", "media", "anomalo"} <= set(said)
    assert {"ott\n2025", "gen\n2026", "mag"} <= set(said)
    assert "300\N{NO-BREAK SPACE}€" in said


def test_a_quiet_chart_has_no_legend(chart):
    quiet = replace(chart, points=chart.points.assign(signal=""))
    assert plots.control_chart(quiet, label="Net revenue").axes().get_legend() is None


def test_the_trend_draws_intervals_and_hollow_part_months(months):
    axes = plots.trend(months, y="net", unit="EUR", label="Net revenue").axes()
    (bars,) = axes.collections
    assert [path[:, 1].tolist() for path in bars.get_segments()] == [
        [value - 9, value + 9] for value in VALUES
    ]
    line, whole, part = axes.lines
    assert line.get_ydata().tolist() == VALUES
    assert whole.get_xdata().tolist() == list(range(7))
    assert part.get_xdata().tolist() == [7]
    assert part.get_markerfacecolor() == "white"
    assert {"complete month", "part month"} <= set(words(axes))


def test_stacked_bars_add_up_and_keep_their_colours(months):
    columns = {kind: f"{kind}_revenue" for kind in ("returning", "new", "anonymous")}
    axes = plots.stacked(months, columns=columns, unit="EUR", label="Revenue").axes("it")
    kinds = {to_hex(theme.colour(kind)): kind for kind in columns}
    bars = {
        kinds[to_hex(one.get_facecolor()[0])]: [bar.get_extents() for bar in one.get_paths()]
        for one in axes.collections
    }
    for kind, column in columns.items():
        assert [bar.height for bar in bars[kind]] == pytest.approx(months[column].tolist())
        assert [bar.x0 for bar in bars[kind]] == pytest.approx(np.arange(len(months)) - 0.4)
        assert [bar.x1 for bar in bars[kind]] == pytest.approx(np.arange(len(months)) + 0.4)
    assert all(bar.y0 == 0 for bar in bars["returning"])
    assert [bar.y1 for bar in bars["anonymous"]] == pytest.approx(VALUES)
    assert axes.get_ylim()[0] == 0
    assert axes.get_ylim()[1] > max(VALUES)
    legend = axes.get_legend()
    shown = {
        text.get_text(): to_hex(handle.get_facecolor())
        for text, handle in zip(legend.get_texts(), legend.get_patches(), strict=True)
    }
    assert shown == {
        "anonimi": to_hex(theme.colour("anonymous")),
        "nuovi": to_hex(theme.colour("new")),
        "di ritorno": to_hex(theme.colour("returning")),
    }


def test_shares_are_per_cent_on_the_axis(months):
    shares = months.assign(net=0.5, net_low=0.25, net_high=0.75)
    said = words(plots.trend(shares, y="net", unit="share", label="Share").axes("it"))
    assert "50%" in said


def test_many_months_are_thinned(months):
    many = pd.concat([months] * 5, ignore_index=True)
    many["month"] = pd.period_range("2022-01", periods=40, freq="M").astype(str)
    axes = plots.trend(many, y="net", unit="EUR", label="Net revenue").axes()
    labels = [tick.get_text() for tick in axes.get_xticklabels()]
    assert labels[:5] == ["Jan\n2022", "Apr", "Jul", "Oct", "Jan\n2023"]


def test_no_whole_month_is_an_empty_figure():
    empty = individuals([], unit="EUR")
    empty = replace(empty, points=empty.points.assign(month=[]))
    axes = plots.control_chart(empty, label="Net revenue").axes()
    assert axes.get_xticks().size == 0
    assert axes.get_ylabel() == "Net revenue"


def test_no_months_are_an_empty_stack(months):
    columns = {"new": "new_revenue"}
    axes = plots.stacked(months.iloc[:0], columns=columns, unit="EUR", label="Revenue").axes()
    assert len(axes.collections) == 0
    assert axes.get_ylabel() == "Revenue"


def test_another_language_is_refused(chart):
    with pytest.raises(ValueError, match=r"^lang must be one of 'en', 'it'; got 'fr'$"):
        plots.control_chart(chart, label="Net revenue").axes("fr")


def test_a_trend_has_limits_along_it_and_a_season_has_none(chart):
    line = np.linspace(90, 130, len(VALUES))
    sloped = individuals(VALUES, unit="EUR", around=line)
    axes = plots.control_chart(
        replace(sloped, points=sloped.points.assign(month=MONTHS)), label="Net revenue"
    ).axes()
    _, high, middle, low = axes.lines
    assert middle.get_ydata().tolist() == line.tolist()
    assert (high.get_ydata() - low.get_ydata()).tolist() == pytest.approx([6 * sloped.sigma] * 8)
    assert "trend" in words(axes)

    seasonal = replace(chart, sigma=np.nan, ci=Interval(np.nan, np.nan))
    axes = plots.control_chart(seasonal, label="Net revenue").axes()
    assert len(axes.lines) == 2  # the values and their mean
    assert "control limits" not in plots.control_chart(seasonal, label="Net revenue").alt()
