"""The map of drivers holds its numbers, in the reader's language, and says them in words."""

from __future__ import annotations

import math

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt

from cxresearch.plots.importance_map import importance_map, in_words
from cxresearch.survey.importance import importance_performance

mpl.use("agg")


@pytest.fixture(autouse=True)
def _no_figure_left_open():
    with plt.rc_context():
        yield
    plt.close("all")


@pytest.fixture
def found():
    return importance_performance(
        {"price": 0.3, "delivery": 0.6, "site": math.nan},
        {"price": 4.2, "delivery": 3.1, "site": 4.0},
    )


def test_the_points_and_the_cuts_are_those_of_the_result(found):
    axes = importance_map(found, performance="mean rating")
    assert axes.collections[0].get_offsets().tolist() == [[4.2, 0.3], [3.1, 0.6]]
    across, up = axes.lines
    assert set(across.get_ydata()) == {found.importance_cut}
    assert set(up.get_xdata()) == {found.performance_cut}
    said = [text.get_text() for text in axes.texts]
    assert said[:2] == ["price", "delivery"]
    assert "concentrate here" in said
    assert (axes.get_xlabel(), axes.get_ylabel()) == (
        "mean rating",
        "share of what the drivers explain",
    )


def test_the_words_are_in_the_readers_language(found):
    axes = importance_map(found, performance="mean rating", lang="it")
    axes.figure.canvas.draw()
    said = [text.get_text() for text in axes.texts]
    assert "intervenire qui" in said
    assert any("," in label.get_text() for label in axes.get_xticklabels())
    assert axes.get_ylabel() == "quota di quanto i fattori spiegano"


def test_nothing_known_is_an_empty_map():
    axes = importance_map(importance_performance({}, {}), performance="mean rating")
    assert len(axes.lines) == 0
    assert axes.collections[0].get_offsets().size == 0


def test_the_most_important_driver_is_said_first(found):
    assert in_words(found, performance="mean rating") == (
        "Importance against performance (mean rating). "
        "delivery (concentrate here): importance 60.0%, performance 3.1. "
        "price (possible overkill): importance 30.0%, performance 4.2."
    )
    assert "delivery (intervenire qui): importanza 60,0%, prestazione 3,1." in in_words(
        found, performance="mean rating", lang="it"
    )


def test_a_language_there_is_not_is_told(found):
    for shown in (importance_map, in_words):
        with pytest.raises(ValueError, match=r"^lang must be one of 'en', 'it'; got 'fr'$"):
            shown(found, performance="mean rating", lang="fr")
