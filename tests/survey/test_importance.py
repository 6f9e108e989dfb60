"""The map of importance and performance by hand, with its ties and gaps."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.core.languages import Language
from cxresearch.survey import importance
from cxresearch.survey.importance import importance_performance

IMPORTANCE = {"a": 0.4, "b": 0.3, "c": 0.2, "d": 0.1}
PERFORMANCE = {"a": 2, "b": 5, "c": 3, "d": 4}


def test_each_quadrant_by_hand():
    # Cut at 0.25 and 3.5.
    found = importance_performance(IMPORTANCE, PERFORMANCE)
    assert found.importance_cut == pytest.approx(0.25)
    assert found.performance_cut == pytest.approx(3.5)
    assert found.points["quadrant"].tolist() == [
        "fix first",
        "keep",
        "minor",
        "overdone",
    ]
    assert (found.method, found.note) == (importance.CUT_AT_MEANS, "")


def test_the_median_is_another_cut_and_says_so():
    skewed = {**IMPORTANCE, "a": 4.0}
    assert importance_performance(skewed, PERFORMANCE).points["quadrant"][1] == "overdone"
    found = importance_performance(skewed, PERFORMANCE, cut="median")
    assert found.importance_cut == pytest.approx(0.25)
    assert found.points["quadrant"][1] == "keep"
    assert found.method == importance.CUT_AT_MEDIANS


def test_what_is_on_a_cut_is_named():
    found = importance_performance(
        {"a": 0.3, "b": 0.2, "c": 0.1}, {"a": 1, "b": 2, "c": 4}, cut="mean"
    )
    assert found.points["quadrant"].tolist() == [
        "fix first",
        "on a cut",
        "overdone",
    ]
    assert found.note == importance.TIES


def test_what_is_near_a_cut_is_on_one_side_of_it():
    found = importance_performance({"a": 0.2501, "b": 0.2499}, {"a": 3.001, "b": 2.999})
    assert found.points["quadrant"].tolist() == ["keep", "minor"]


def test_what_is_unknown_is_left_out_of_the_cut():
    found = importance_performance(
        {**IMPORTANCE, "e": math.nan}, {**PERFORMANCE, "e": 100}, cut="mean"
    )
    assert found.performance_cut == pytest.approx(3.5)
    assert found.points["quadrant"].tolist()[4] == ""
    assert found.note == importance.LEFT_OUT


@pytest.mark.parametrize("drivers", [{}, {"a": math.nan}])
def test_nothing_known_has_no_cut(drivers):
    found = importance_performance(drivers, drivers)
    assert math.isnan(found.importance_cut)
    assert math.isnan(found.performance_cut)
    assert found.note == importance.NOTHING_TO_CUT


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(1, 5)), min_size=2, max_size=8),
    st.floats(0.5, 3),
)
def test_order_and_scale_of_the_drivers_do_not_matter(pairs, factor):
    first = {f"d{i}": pair[0] for i, pair in enumerate(pairs)}
    second = {f"d{i}": pair[1] for i, pair in enumerate(pairs)}
    one = importance_performance(first, second).points.set_index("driver")["quadrant"]
    turned = dict(reversed(first.items()))
    scaled = {name: factor * value for name, value in second.items()}
    other = importance_performance(turned, scaled).points.set_index("driver")["quadrant"]
    assert other.to_dict() == one.to_dict()


def test_the_words_are_translated():
    found = importance_performance({"a": 0.1, "b": math.nan}, {"a": 1, "b": 1})
    assert found.note == f"{importance.LEFT_OUT}; {importance.TIES}"
    italian = Language("it")
    said = [
        italian.text(word) for word in (*found.note.split("; "), *importance.QUADRANTS.values())
    ]
    assert not set(said) & {importance.LEFT_OUT, importance.TIES, *importance.QUADRANTS.values()}
    assert found.note_in(italian) == "; ".join(said[:2])
    assert italian.text(found.method) != found.method
    assert "<table" in found._repr_html_()


def test_bad_calls_are_worded():
    rule = r"^names of performance must be one of \['a', 'b'\]; got \['a', 'c'\]$"
    with pytest.raises(ValueError, match=rule):
        importance_performance({"b": 1, "a": 1}, {"a": 1, "c": 1})
    with pytest.raises(ValueError, match=r"^cut must be one of 'mean', 'median'; got 'scale'$"):
        importance_performance({}, {}, cut="scale")
