"""The figure of shares holds what is known, what was only tagged, and says both in words."""

from __future__ import annotations

import math

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from cxresearch.core.languages import Language
from cxresearch.plots import theme_figures

mpl.use("agg")

SHARES = pd.DataFrame(
    {
        "name": ["delivery", "store"],
        "value": [0.2, math.nan],
        "low": [0.18, math.nan],
        "high": [0.23, math.nan],
        "naive": [0.25, 0.04],
    }
)


@pytest.fixture(autouse=True)
def _no_figure_left_open():
    with plt.rc_context():
        yield
    plt.close("all")


def test_what_was_tagged_is_hollow_beside_what_is_known():
    axes = theme_figures.draw_shares(SHARES, Language("en"), label="Share of the texts")
    known, naive = axes.lines
    assert known.get_xdata().tolist() == [0.2]
    assert known.get_ydata().tolist() == [0]
    assert naive.get_xdata().tolist() == [0.25, 0.04]
    assert naive.get_markerfacecolor() == "none"
    ends = [path.vertices[:, 0].tolist() for path in axes.collections[0].get_paths()]
    assert ends == [[0.18, 0.23]]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["delivery", "store"]
    assert axes.get_xlim()[0] == 0
    assert axes.yaxis_inverted()


def test_where_nobody_looked_there_is_no_interval():
    axes = theme_figures.draw_shares(SHARES.iloc[1:], Language("en"), label="Share of the texts")
    (naive,) = axes.lines
    assert naive.get_ydata().tolist() == [0]
    assert not axes.collections
    (legend,) = axes.get_legend().get_texts()
    assert legend.get_text() == "as tagged (naive)"


def test_in_words():
    assert theme_figures.describe_shares(SHARES, Language("en"), label="Share of the texts") == (
        "Share of the texts, with intervals. "
        "delivery: 20.0% (interval 18.0% to 23.0%), as tagged 25.0%. store: as tagged 4.0%."
    )


def test_in_italian():
    axes = theme_figures.draw_shares(SHARES, Language("it"), label="Share of the texts")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "corretta per gli errori di etichettatura",
        "come etichettata (grezza)",
    ]
    assert "come etichettata 25,0%" in theme_figures.describe_shares(
        SHARES, Language("it"), label="Share of the texts"
    )


def test_the_words_of_an_error():
    with pytest.raises(ValueError, match="lang must be one of"):
        theme_figures.draw_shares(SHARES, Language("fr"), label="Share")
