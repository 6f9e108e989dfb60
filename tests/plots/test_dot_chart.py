"""Numbers with their intervals: where they lie, what is better and worse, and what is cut off."""

from __future__ import annotations

import math

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import same_color

from cxresearch.core.figure import narrow
from cxresearch.core.languages import Language
from cxresearch.plots import dot_chart, theme

mpl.use("agg")
ROWS = pd.DataFrame(
    {
        "name": ["mobile", "desktop", "tablet"],
        "value": [0.05, -0.01, math.nan],
        "low": [0.02, -0.04, math.nan],
        "high": [0.08, 0.02, math.nan],
        "tone": ["worse", "", "better"],
        "said": ["more", "less", "none"],
    }
)


@pytest.fixture(autouse=True)
def _no_figure_left_open():
    with plt.rc_context():
        yield
    plt.close("all")


@pytest.mark.parametrize(
    ("ends", "good", "expected"),
    [
        ((0.1, 0.05, 0.2), 1, "better"),
        ((0.1, 0.05, 0.2), -1, "worse"),
        ((-0.1, -0.2, -0.05), -1, "better"),
        ((0.1, -0.05, 0.2), 1, ""),
        ((0.1, 0.0, 0.2), 1, ""),
        ((0.1, math.nan, math.nan), 1, ""),
    ],
)
def test_a_tone_knows_which_way_is_good(ends, good, expected) -> None:
    assert dot_chart.tone(*ends, good=good) == expected


def test_a_row_has_its_interval_its_colour_and_its_words() -> None:
    axes = dot_chart.draw(ROWS, Language(), unit="share", label="Effect")
    ends = [one.get_paths()[0].vertices[:, 0].tolist() for one in axes.collections]
    assert ends == [[0.02, 0.08], [-0.04, 0.02]]
    assert same_color(axes.collections[0].get_color()[0], theme.WORSE)
    assert same_color(axes.collections[1].get_color()[0], theme.NEUTRAL)
    assert [dot.get_marker() for dot in axes.lines[-2:]] == ["D", "o"]  # told without colours
    assert [text.get_text() for text in axes.texts] == ["more", "less"]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["mobile", "desktop"]
    assert axes.yaxis_inverted()


def test_one_interval_far_wider_than_all_others_runs_out_of_the_picture() -> None:
    wide = pd.concat([ROWS.head(2)] * 2 + [ROWS.head(1).assign(low=-6.0, high=6.0)])
    axes = dot_chart.draw(wide, Language(), unit="share", label="x")
    # 1.5 times the second widest, and a little room for the arrows of the one that goes on.
    assert axes.get_xlim() == pytest.approx((-0.1272, 0.1272))
    arrows = {line.get_marker(): line.get_xydata()[0] for line in axes.lines[-2:]}
    assert set(arrows) == {"<", ">"}
    assert [place for _, place in arrows.values()] == [len(wide) - 1] * 2


def test_a_mark_near_the_end_is_whole_and_one_beyond_it_is_not_drawn() -> None:
    value = [0.01, 0.02, 0.03, 0.9]
    rows = pd.DataFrame({"name": list("abcd"), "value": value, "tone": "", "said": ""})
    rows = rows.assign(low=[0.0, 0.01, 0.02, 0.5], high=[0.02, 0.03, 0.04, 1.4])
    axes = dot_chart.draw(rows, Language(), unit="share", label="x")
    marks = [line for line in axes.lines if line.get_marker() == "o"]
    assert [mark.get_clip_on() for mark in marks] == [False, False, False, True]


def test_it_is_narrow_for_a_phone() -> None:
    with narrow():
        axes = dot_chart.draw(ROWS, Language(), unit="share", label="Effect")
    assert axes.figure.get_figwidth() == theme.NARROW_WIDTH
    wide = dot_chart.draw(ROWS, Language(), unit="share", label="Effect")
    assert wide.figure.get_figwidth() == theme.FIGURE_SIZE[0]


def test_every_colour_that_is_drawn_is_named() -> None:
    axes = dot_chart.draw(ROWS, Language(), unit="share", label="Effect")
    named = {one.get_text() for one in axes.get_legend().get_texts()}
    assert named == {"worse, beyond chance", "may be chance"}  # the better one has no value


def test_on_a_phone_a_long_name_is_whole_and_points_are_short() -> None:
    long = "Errori di pagamento (guardrail)"
    rows = ROWS.assign(name=[long, "b", "c"], said="+8.6 percentage points")
    with narrow():
        axes = dot_chart.draw(rows, Language(), unit="share", label="Effect")
        usual = dot_chart.draw(ROWS, Language(), unit="share", label="Effect")
    name = axes.get_yticklabels()[0].get_text()
    assert name.split("\n") == ["Errori di", "pagamento", "(guardrail)"]
    assert {text.get_text() for text in axes.texts} == {"+8.6 pp"}
    assert axes.figure.get_figheight() > usual.figure.get_figheight()
    wide = dot_chart.draw(rows, Language(), unit="share", label="Effect")
    assert {text.get_text() for text in wide.texts} == {"+8.6 percentage points"}


def test_in_words() -> None:
    words = dot_chart.describe(ROWS, Language("it"), unit="share", label="Effect")
    assert words == (
        "Effect, con intervalli. mobile: 5,0% (intervallo 2,0%–8,0%). "
        "desktop: −1,0% (intervallo da −4,0% a 2,0%)."
    )
