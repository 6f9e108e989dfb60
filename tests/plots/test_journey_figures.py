"""The figures of journeys hold their numbers, in the reader's language, and say them in words."""

from __future__ import annotations

import math

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import same_color

from cxresearch.core import figure
from cxresearch.plots import flow, funnel, graph, heat_map, incidence, theme

mpl.use("agg")


@pytest.fixture(autouse=True)
def _no_figure_left_open():
    with plt.rc_context():
        yield
    plt.close("all")


STEPS = pd.DataFrame(
    {
        "step": ["view", "cart", "buy"],
        "rate": [1.0, 0.4, 0.125],
        "rate_low": [math.nan, 0.35, 0.1],
        "rate_high": [math.nan, 0.45, 0.15],
    }
)
EDGES = pd.DataFrame(
    {
        "source": ["view", "view", "cart", "cart"],
        "target": ["view", "cart", "buy", "(exit)"],
        "count": [10, 20, 5, 15],
        "share": [1 / 3, 2 / 3, 0.25, 0.75],
    }
)
FLOWS = pd.DataFrame(
    {
        "step": [1, 1, 1, 2],
        "source": ["view", "view", "home", "cart"],
        "target": ["cart", "(exit)", "cart", "buy"],
        "count": [3, 5, 2, 4],
    }
)
CURVES = pd.DataFrame(
    {
        "group": ["mobile", "mobile", "desktop", "desktop"],
        "time": [0, 10, 0, 10],
        "incidence": [0.0, 0.3, 0.0, 0.5],
        "incidence_low": [0.0, 0.25, 0.0, 0.4],
        "incidence_high": [0.0, 0.35, 0.0, 0.6],
    }
)
CELLS = pd.DataFrame([[0.5, math.nan], [-0.021, 0.25]], index=["view", "cart"], columns=["a", "b"])


def said(axes):
    axes.figure.canvas.draw()
    return [text.get_text() for text in axes.texts]


def test_a_funnel_has_a_bar_an_interval_and_a_number_for_each_step():
    axes = funnel.draw(STEPS, label="visitors")
    assert [bar.get_width() for bar in axes.patches] == [1.0, 0.4, 0.125]
    intervals = [line.get_xdata().tolist() for line in axes.lines]
    assert intervals[1:] == [[0.35, 0.45], [0.1, 0.15]]
    assert said(axes) == ["100.0%", "40.0%", "12.5%"]
    assert axes.yaxis_inverted()
    assert axes.get_xlabel() == "visitors"


def test_a_funnel_in_words():
    words = funnel.in_words(STEPS, label="visitors", lang="it")
    assert words.startswith("Funnel: visitors.")
    assert "cart: 40,0% (intervallo" in words


def test_a_heat_map_writes_its_cells_and_frames_what_is_significant():
    marked = pd.DataFrame([[True, False], [False, False]], index=CELLS.index, columns=CELLS.columns)
    axes = heat_map.draw(CELLS, label="Share", significant=marked)
    assert said(axes) == ["50*", "-2.1", "25"]
    (frame,) = axes.patches
    assert frame.get_xy() == (-0.47, -0.45)
    assert same_color(frame.get_edgecolor(), theme.SIGNAL)
    (mesh,) = axes.collections
    assert np.array_equal(mesh.get_array().filled(np.nan), CELLS.to_numpy(), equal_nan=True)
    assert axes.yaxis_inverted()
    assert not axes.images


def test_what_a_heat_map_writes_and_what_it_writes_on_stay_as_they_are_on_a_dark_page():
    axes = heat_map.draw(CELLS, label="Share")
    names = [artist.get_gid() for artist in (*axes.collections, *axes.texts)]
    assert len(set(names)) == 1 + 3
    assert all(name.startswith(figure.AS_DRAWN) for name in names)
    assert axes.title.get_gid() is None


def test_differences_have_a_sign_and_are_as_dark_on_either_side():
    axes = heat_map.draw(CELLS, label="Difference", signed=True)
    assert said(axes) == ["+50", "-2.1", "+25"]
    (image,) = axes.collections
    assert (image.norm.vmin, image.norm.vcenter, image.norm.vmax) == (-0.5, 0, 0.5)


def test_a_heat_map_in_words_names_the_largest_cells():
    marked = CELLS > 0.3
    words = heat_map.in_words(CELLS, label="Share", significant=marked)
    assert words == (
        "Share: 2 rows by 2 columns. Largest: view, a: 50; cart, b: 25; cart, a: -2.1. "
        "Marked as significant: 1."
    )
    assert "(uscita)" in heat_map.in_words(
        CELLS.rename(index={"view": "(exit)"}), label="x", lang="it"
    )


def test_a_heat_map_says_what_its_rows_and_columns_are():
    axes = heat_map.draw(CELLS, label="Share", down="From", across="To", lang="it")
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("Da", "A")
    words = heat_map.in_words(CELLS, label="Share", down="From", across="To")
    assert "Rows: From; columns: To." in words


def test_a_heat_map_of_nothing_is_empty():
    nothing = pd.DataFrame()
    assert said(heat_map.draw(nothing, label="Share")) == []
    assert heat_map.in_words(nothing, label="Share") == "Share: 0 rows by 0 columns."


def test_a_graph_has_an_arrow_for_each_transition_and_the_widest_is_the_most_frequent():
    axes = graph.draw(EDGES)
    widths = [patch.get_linewidth() for patch in axes.patches]
    assert widths == pytest.approx([0.6 + 5 * n / 20 for n in (20, 15, 10, 5)])
    assert {"view", "cart", "buy", "(exit)", "67%", "75%", "33%", "25%"} == set(said(axes))


def test_a_graph_draws_and_names_no_more_than_can_be_told_apart():
    many = pd.DataFrame(
        {
            "source": [f"e{n:02d}" for n in range(40)],
            "target": "home",
            "count": range(40, 0, -1),
            "share": 1.0,
        }
    )
    assert len(graph.draw(many).patches) == graph.MOST_ARROWS
    words = graph.in_words(many)
    assert words.startswith(f"Graph of the {graph.MOST_ARROWS} most frequent of 40 transitions.")
    assert "From e00 to home: 40, 100.0% of all that followed e00, ends included." in words


def test_the_bars_of_a_flow_are_what_goes_through_them():
    axes = flow.draw(FLOWS)
    bars = [patch for patch in axes.patches if hasattr(patch, "get_height")]
    heights = sorted(round(bar.get_height(), 6) for bar in bars)
    # Step 1: view 8 and home 2 of ten; step 2: (exit) 5, and cart 4 that go on; step 3: buy 4.
    assert heights == [0.2, 0.4, 0.4, 0.5, 0.8]
    assert len(axes.patches) - len(bars) == len(FLOWS)
    assert {"view", "home", "cart", "(exit)", "buy"} == set(said(axes))


def test_a_flow_in_words():
    words = flow.in_words(FLOWS)
    assert words.startswith("Flow of journeys over their first steps. Step 1: 5 went from view")


def bands(axes):
    return list(zip(axes.collections, theme.HUES[:2], strict=True))


def test_the_curves_of_an_incidence_are_those_of_the_groups():
    axes = incidence.draw(CURVES, label="share that bought")
    mobile, desktop = axes.lines
    assert mobile.get_ydata().tolist() == [0.0, 0.3]
    assert desktop.get_ydata().tolist() == [0.0, 0.5]
    assert mobile.get_linestyle() != desktop.get_linestyle()
    assert [same_color(band.get_edgecolor(), hue) for band, hue in bands(axes)] == [True, True]
    assert all(band.get_linewidth() > 0 for band, _ in bands(axes))
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["mobile", "desktop"]


def test_an_incidence_in_words_says_where_each_group_ends():
    words = incidence.in_words(CURVES, label="share that bought")
    assert "mobile: after 10 days, 30.0% (interval 25.0% to 35.0%)." in words
    assert "desktop: after 10 days, 50.0%" in words


@pytest.mark.parametrize(
    ("draw", "frame"),
    [
        (lambda frame: funnel.draw(frame, label="x"), STEPS[:0]),
        (graph.draw, EDGES[:0]),
        (flow.draw, FLOWS[:0]),
        (lambda frame: incidence.draw(frame, label="x"), CURVES[:0]),
    ],
)
def test_nothing_is_drawn_of_nothing(draw, frame):
    axes = draw(frame)
    axes.figure.canvas.draw()
    assert (len(axes.patches), len(axes.lines), len(axes.texts)) == (0, 0, 0)
