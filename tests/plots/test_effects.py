"""The figures of effects hold their numbers, in the reader's language, and say them in words."""

from __future__ import annotations

import math

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch import plots
from cxresearch.experiments import MetricColumns
from cxresearch.experiments.monitoring import Monitoring
from cxresearch.plots import _axes

mpl.use("agg")

DAYS = pd.DataFrame(
    {
        "day": pd.to_datetime(["2026-02-01", "2026-02-02", "2026-02-03", "2026-02-04"]),
        "value": [math.nan, 0.2, 0.1, 0.05],
        "low": [math.nan, -0.9, 0.02, -0.01],
        "high": [math.nan, 1.3, 0.18, 0.11],
    }
)


class Seen(Monitoring):
    """Days as they are, in place of those of a trial."""

    def to_frame(self):
        return self.sequence


def daily(rows):
    metric = MetricColumns(name="bought", kind="proportion")
    return plots.daily_effect(
        Seen(metric=metric, variant="new", days=(1, 2), sequence=rows, looks=(), posterior=None)
    )


@pytest.fixture(autouse=True)
def _no_figure_left_open():
    with plt.rc_context():
        yield
    plt.close("all")


def test_an_effect_by_day_is_drawn_on_the_scale_of_the_later_days():
    axes = daily(DAYS).axes()
    _, line = axes.lines
    assert line.get_ydata().tolist() == [0.2, 0.1, 0.05]
    assert axes.get_ylim() == pytest.approx(_axes.padded(-0.9, 1.3))
    later = daily(pd.concat([DAYS] + [DAYS[3:]] * 20)).axes()
    assert later.get_ylim() == pytest.approx(_axes.padded(-0.01, 0.11))


def test_days_are_written_as_the_language_does_with_each_year_once():
    days = pd.date_range("2025-12-15", "2026-02-20")
    rows = pd.DataFrame({"day": days, "value": 0.1, "low": 0.0, "high": 0.2})
    for lang, expected in (
        ("en", ["15 Dec\n2025", "29 Dec", "12 Jan\n2026", "26 Jan", "9 Feb"]),
        ("it", ["15 dic\n2025", "29 dic", "12 gen\n2026", "26 gen", "9 feb"]),
    ):
        axes = daily(rows).axes(lang)
        assert [tick.get_text() for tick in axes.get_xticklabels()] == expected
    one = daily(rows[:1]).axes()
    assert [tick.get_text() for tick in one.get_xticklabels()] == ["15 Dec\n2025"]


def test_the_title_says_since_when_the_interval_excludes_zero():
    assert "still includes zero" in repr(daily(DAYS))
    clear = daily(DAYS.drop(index=3))
    assert repr(clear) == "<Figure: Bought in new: the interval excludes zero since 3 Feb 2026>"


def test_an_effect_by_day_in_words_says_when_it_was_clear():
    words = daily(DAYS).alt()
    assert words == (
        "In new: Difference by day, to 4 Feb 2026: "
        "then 5.0 percentage points (interval −1.0 percentage points to 11.0 percentage points). "
        "It first differs from no effect on 3 Feb 2026."
    )
    unclear = daily(DAYS.drop(index=2)).alt()
    assert unclear.endswith("It differs from no effect on no day.")


def test_no_days_are_said_to_be_none():
    words = daily(DAYS[:1]).alt()
    assert words == "In new: Difference: there is no day to show."
    assert len(daily(DAYS[:0]).axes().lines[1].get_xdata()) == 0
