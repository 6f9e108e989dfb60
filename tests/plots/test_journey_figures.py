"""The figures of journeys hold their numbers, in the reader's language, and say them in words."""

from __future__ import annotations

import math

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import same_color

from cxresearch import journeys, plots
from cxresearch.core import figure
from cxresearch.core.languages import Language
from cxresearch.core.missing import Missing
from cxresearch.plots import heat_map, journey_figures, theme
from tests.journeys.logs import random_log

mpl.use("agg")


@pytest.fixture(autouse=True)
def _no_figure_left_open():
    with plt.rc_context():
        yield
    plt.close("all")


LABELS = {"view": "Scheda", "mobile": "Telefono"}
ITALIAN = Language("it", LABELS)


@pytest.fixture(scope="module")
def prepared():
    return journeys.prepare(random_log(3, customers=60, events=900))


@pytest.fixture(scope="module")
def found(prepared):
    rules = journeys.CountingRules(unit="session")
    return journeys.funnel(prepared, ["view", "cart", "buy"], rules=rules, by="device")


CELLS = pd.DataFrame([[0.5, math.nan], [-0.021, 0.25]], index=["view", "cart"], columns=["a", "b"])


def said(axes):
    axes.figure.canvas.draw()
    return [text.get_text() for text in axes.texts]


def test_a_funnel_has_a_bar_an_interval_and_a_number_for_each_step(found):
    axes = plots.funnel(found).axes()
    assert [bar.get_width() for bar in axes.patches] == [step.rate.value for step in found.steps]
    intervals = [line.get_xdata().tolist() for line in axes.lines]
    assert intervals == [list(step.rate.ci) for step in found.steps]
    numbers = [f"{step.rate.value:.1%}" for step in found.steps]
    left = [f"−{step.lost:,} leave ({1 - step.step_rate.value:.0%})" for step in found.steps[1:]]
    assert said(axes) == numbers + left
    assert axes.yaxis_inverted()
    assert axes.get_xlabel() == "share of the sessions that started"


def test_no_tick_of_a_funnel_is_above_the_whole(found):
    with figure.narrow():
        small = plots.funnel(found).axes()
    for axes in (plots.funnel(found).axes(), small):
        assert axes.get_xticks()[-1] == 1.0
        assert axes.get_xlim()[1] > 1.0  # there is room for what is written beside the bars


def test_a_funnel_says_what_its_units_are(prepared):
    shown = plots.funnel(journeys.funnel(prepared, ["view", "cart"]))
    assert repr(shown) == "<Figure: Between view and cart 22% leave>"
    assert shown.axes().get_xlabel() == "share of the customers that started"


def test_a_funnel_in_words_calls_its_steps_by_their_labels(found):
    shown = plots.funnel(found)
    words = shown.describe(shown.data, ITALIAN)
    assert words.startswith("Funnel: quota delle sessioni iniziali. Scheda: 100,0% (intervallo")
    axes = shown.draw(shown.data, ITALIAN)
    assert axes.get_yticklabels()[0].get_text() == "Scheda"


def test_a_heat_map_writes_its_cells_and_frames_what_is_significant():
    marked = pd.DataFrame([[True, False], [False, False]], index=CELLS.index, columns=CELLS.columns)
    axes = heat_map.draw(CELLS, Language("en"), label="Share", significant=marked)
    assert said(axes) == ["50*", "−2.1", "25"]
    (frame,) = axes.patches
    assert frame.get_xy() == (-0.47, -0.45)
    assert same_color(frame.get_edgecolor(), theme.SIGNAL)
    (mesh,) = axes.collections
    assert np.array_equal(mesh.get_array().filled(np.nan), CELLS.to_numpy(), equal_nan=True)
    assert axes.yaxis_inverted()
    assert not axes.images


def test_what_a_heat_map_writes_and_what_it_writes_on_stay_as_they_are_on_a_dark_page():
    axes = heat_map.draw(CELLS, Language("en"), label="Share")
    names = [artist.get_gid() for artist in (*axes.collections, *axes.texts)]
    assert len(set(names)) == 1 + 3
    assert all(name.startswith(figure.AS_DRAWN) for name in names)
    assert axes.title.get_gid() is None


def test_differences_have_a_sign_and_are_as_dark_on_either_side():
    axes = heat_map.draw(CELLS, Language("en"), label="Difference", signed=True)
    assert said(axes) == ["+50", "−2.1", "+25"]
    (image,) = axes.collections
    assert (image.norm.vmin, image.norm.vcenter, image.norm.vmax) == (-0.5, 0, 0.5)


def test_a_heat_map_in_words_names_the_largest_cells():
    marked = CELLS > 0.3
    words = heat_map.describe(CELLS, Language("en"), label="Share", significant=marked)
    assert words == (
        "Share: 2 rows by 2 columns. Largest: view, a: 50; cart, b: 25; cart, a: −2.1. "
        "Marked as significant: 1."
    )
    assert "(uscita)" in heat_map.describe(
        CELLS.rename(index={"view": "(exit)"}), Language("it"), label="x"
    )


def test_a_heat_map_says_what_its_rows_and_columns_are():
    axes = heat_map.draw(CELLS, Language("it"), label="Share", down="From", across="To")
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("Da", "A")
    words = heat_map.describe(CELLS, Language("en"), label="Share", down="From", across="To")
    assert "Rows: From; columns: To." in words


def test_a_heat_map_of_nothing_is_empty():
    nothing = pd.DataFrame()
    assert said(heat_map.draw(nothing, Language("en"), label="Share")) == []
    assert (
        heat_map.describe(nothing, Language("en"), label="Share") == "Share: 0 rows by 0 columns."
    )


def test_a_difference_about_few_people_is_not_drawn(prepared):
    compared = journeys.compare_transitions(
        prepared, by="device", first="desktop", second="mobile", fdr=0.9
    )
    shown = plots.transition_differences(compared)
    assert said(shown.draw(shown.shown(10_000), Language())) == []


def test_groups_that_are_not_there_are_missing_in_table_figure_and_number(prepared):
    compared = journeys.compare_transitions(prepared, by="device", first="desktop", second="tv")
    assert isinstance(compared, Missing)
    assert plots.transition_differences(compared) is compared
    assert compared.found is compared
    by = prepared.column("colour")
    unknown = journeys.compare_transitions(prepared, by=by, first="desktop", second="mobile")
    assert unknown.words(Language()) == "the events have no column colour"
    without = journeys.funnel(prepared, ["view", "cart"], by=by)
    assert isinstance(without.by_group(), Missing)


def bands(axes):
    return list(zip(axes.collections, theme.HUES[:2], strict=True))


def progress(prepared, **asked):
    return journeys.time_to_goal(
        prepared, start="view", goal="buy", horizon_days=1, by="device", **asked
    )


def test_the_curves_are_those_of_the_two_groups_that_are_compared(prepared):
    result = progress(prepared, silent_days=0.5)
    shown = plots.time_to_goal(result, groups=("desktop", "mobile"))
    axes = shown.axes()
    curves = result.curves()
    for line, group in zip(axes.lines, ["desktop", "mobile"], strict=True):
        own = curves[curves["group"] == group]
        assert line.get_ydata().tolist() == own["incidence"].tolist()
    first, second = axes.lines
    assert first.get_linestyle() != second.get_linestyle()
    assert [same_color(band.get_edgecolor(), hue) for band, hue in bands(axes)] == [True, True]
    ends = curves.groupby("group").tail(1).set_index("group")["incidence"]
    assert shown.values["share"] == (ends["desktop"], "share")
    assert shown.values["other"] == (ends["mobile"], "share")
    italian = shown.draw(shown.data, ITALIAN)
    assert [text.get_text() for text in italian.get_legend().get_texts()] == ["desktop", "Telefono"]


def test_all_groups_are_drawn_where_one_of_two_is_not_there(prepared):
    result = progress(prepared, silent_days=0.5)
    shown = plots.time_to_goal(result, groups=("desktop", "tv"))
    assert set(shown.data["group"]) == set(result.groups)
    assert "compared" not in shown.title


def test_of_several_groups_the_title_says_what_is_shown(prepared):
    assert repr(plots.time_to_goal(progress(prepared))) == (
        "<Figure: Share of the customers who reach buy, by days since their first view>"
    )


def test_the_differences_of_two_groups_are_ranked_and_know_which_way_is_good(prepared):
    compared = journeys.compare_transitions(
        prepared, by="device", first="desktop", second="mobile", fdr=0.9
    )
    found = compared.significant
    assert len(found)
    rows = plots.transition_differences(compared, ["view", "cart", "buy"]).data
    assert rows["difference"].abs().is_monotonic_decreasing
    assert len(rows) == min(len(found), 8)
    for _, row in rows.iterrows():
        good = -1 if row["target"] == "(exit)" else int(row["target"] in ("view", "cart", "buy"))
        is_clear = good and (row["ci_low"] > 0 or row["ci_high"] < 0)
        is_better = row["difference"] * good > 0
        assert row["tone"] == ("" if not is_clear else "better" if is_better else "worse")


def test_to_come_to_an_error_is_bad():
    assert [journey_figures._good(one, ["buy"]) for one in ("buy", "payment_error", "chat")] == [
        1,
        -1,
        0,
    ]


def test_curves_in_words_say_where_each_group_ends(prepared):
    result = progress(prepared, silent_days=0.5)
    words = plots.time_to_goal(result).alt()
    last = result.curves().groupby("group").tail(1).iloc[0]
    assert f"{last['group']}: after {last['time']} " in words
    assert f"{last['incidence']:.1%} (interval" in words


@pytest.mark.parametrize("rows", [0, None], ids=["nothing", "all hidden"])
def test_nothing_is_drawn_of_nothing(prepared, found, rows):
    figures = [
        plots.funnel(found),
        plots.time_to_goal(progress(prepared)),
    ]
    for shown in figures:
        data = shown.data[:0] if rows == 0 else shown.shown(10_000)
        axes = shown.draw(data, Language())
        axes.figure.canvas.draw()
        assert (len(axes.patches), len(axes.lines), len(axes.texts)) == (0, 0, 0)
