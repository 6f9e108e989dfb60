"""Weights that meet their targets, against plain fitting of tables and by their faults."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxresearch.errors import WeightingError
from cxresearch.survey import weighting
from cxresearch.survey.weighting import post_stratify, rake

SEX = ["f", "f", "m", "m", "f", "m", "f"]
AREA = ["n", "s", "n", "s", "s", "n", "n"]
TARGETS = {"sex": {"f": 0.4, "m": 0.6}, "area": {"n": 0.7, "s": 0.3}}


def share_of(labels, level, weights):
    return np.average([label == level for label in labels], weights=weights)


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=50), st.floats(0.1, 5))
def test_each_stratum_gets_its_share_alike(strata, factor):
    found = sorted(set(strata))
    targets = {level: (i + 1) / sum(range(1, len(found) + 1)) for i, level in enumerate(found)}
    weights = post_stratify(strata, targets, base=np.full(len(strata), factor))
    assert weights.weights.mean() == pytest.approx(1)
    for level, target in targets.items():
        assert share_of(strata, level, weights) == pytest.approx(target)
        inside = weights.weights[np.array(strata) == level]
        assert inside == pytest.approx(np.full(len(inside), target * len(strata) / len(inside)))


def test_answers_that_match_already_keep_equal_weights():
    weights = post_stratify(["a", "b", "b", "a"], {"a": 0.5, "b": 0.5})
    assert weights.weights.tolist() == [1, 1, 1, 1]
    assert (weights.n_eff, weights.deff) == (4, 1)


def test_merging_two_strata_of_equal_weight_changes_nothing():
    split = post_stratify(list("aabbcc"), {"a": 0.2, "b": 0.2, "c": 0.6})
    merged = post_stratify(list("aaaacc"), {"a": 0.4, "c": 0.6})
    assert split.weights == pytest.approx(merged.weights)


def test_raking_is_fitting_a_table_to_its_margins():
    # The plainer road: rows and columns of the table of counts, scaled in turn a fixed 200 times.
    table = np.array([[2.0, 2.0], [2.0, 1.0]])  # f and m by n and s
    fitted = table / 7
    for _ in range(200):
        fitted *= (np.array([0.4, 0.6]) / fitted.sum(axis=1))[:, None]
        fitted *= np.array([0.7, 0.3]) / fitted.sum(axis=0)
    expected = [
        (7 * fitted / table)["fm".index(s), "ns".index(a)] for s, a in zip(SEX, AREA, strict=True)
    ]
    weights = rake({"sex": SEX, "area": AREA}, TARGETS)
    assert weights.weights == pytest.approx(expected, abs=1e-7)
    assert weights.method == "raking"
    assert len(weights.margins) == 2


def test_raking_keeps_the_ratios_of_the_base_within_a_cell():
    base = np.array([2.0, 1, 1, 1, 3, 1, 1])
    weights = rake({"sex": SEX, "area": AREA}, TARGETS, base=base)
    assert share_of(SEX, "f", weights) == pytest.approx(0.4)
    assert share_of(AREA, "s", weights) == pytest.approx(0.3)
    assert weights.weights[4] / weights.weights[1] == pytest.approx(3)
    assert weights.base.mean() == pytest.approx(1)


def test_one_margin_is_post_stratification():
    raked = rake({"sex": SEX}, {"sex": TARGETS["sex"]})
    assert raked.weights == pytest.approx(post_stratify(SEX, TARGETS["sex"]).weights)


def test_a_cap_is_kept_and_the_targets_are_met():
    rng = np.random.default_rng(2)
    a, b = rng.integers(0, 3, 500), rng.integers(0, 2, 500)
    margins = {"a": a, "b": b}
    targets = {"a": {0: 0.6, 1: 0.2, 2: 0.2}, "b": {0: 0.3, 1: 0.7}}
    free = rake(margins, targets)
    cap = 0.97 * free.weights.max()
    capped = rake(margins, targets, cap=cap)
    assert free.note == ""
    assert capped.note == weighting.CAPPED
    assert capped.weights.max() <= cap
    assert share_of(a, 0, capped) == pytest.approx(0.6, abs=1e-8)
    assert share_of(b, 1, capped) == pytest.approx(0.7, abs=1e-8)


def test_a_cap_that_cannot_be_kept_is_told():
    with pytest.raises(WeightingError) as error:
        rake({"sex": ["f", "m", "m", "m"]}, {"sex": {"f": 0.8, "m": 0.2}}, cap=2, rounds=50)
    # f cannot weigh more than 2 of 2 + 3 * 0.2667.
    assert error.value.what == "raking in 50 rounds"
    assert error.value.faults[0].startswith("sex: 'f' is at 0.5000, its target is 0.8000")
    assert error.value.faults[-1] == "a cap above 2 may help"


def test_targets_that_contradict_the_answers_do_not_converge():
    # Everybody who is "x" is "1": their shares cannot differ.
    with pytest.raises(WeightingError, match="fewer levels, or more rounds may help"):
        rake(
            {"a": ["x", "y"], "b": ["1", "2"]},
            {"a": {"x": 0.5, "y": 0.5}, "b": {"1": 0.3, "2": 0.7}},
            rounds=20,
        )


def test_all_faults_are_told_at_once():
    with pytest.raises(WeightingError) as error:
        rake(
            {"sex": ["f", "m", None], "age": [1, 2, 3, 4], "wave": [1, 1, 1]},
            {"sex": {"f": 0.5, "x": 0.6}, "age": {1: 0.5, 2: 0.5, 3: 0.0, 4: math.nan}, "area": {}},
        )
    assert error.value.faults == (
        "wave: no targets",
        "area: targets, but no answers",
        "sex: 'm' has answers, but no target",
        "sex: 'x' has a target, but no answers",
        "sex: the targets sum to 1.1, not 1",
        "sex: 1 of 3 answers have no level",
        "age: the target of 3 is 0.0, not above 0",
        "age: the target of 4 is nan, not above 0",
        "age: the targets sum to nan, not 1",
        "the margins differ in length: {'sex': 3, 'age': 4}",
    )


def test_nothing_to_weight_is_a_fault():
    with pytest.raises(WeightingError, match="there is no margin"):
        rake({}, {})
    with pytest.raises(WeightingError, match="'a' has a target, but no answers"):
        post_stratify([], {"a": 1.0})


def test_bad_options_are_worded():
    with pytest.raises(ValueError, match=r"^cap must be between 1 and inf; got 0\.5$"):
        rake({"sex": SEX}, {"sex": TARGETS["sex"]}, cap=0.5)
    with pytest.raises(ValueError, match=r"^rounds must be at least 1; got 0$"):
        rake({"sex": SEX}, {"sex": TARGETS["sex"]}, rounds=0)
    with pytest.raises(ValueError, match=r"^tolerance must be strictly between 0 and 1; got 1$"):
        rake({"sex": SEX}, {"sex": TARGETS["sex"]}, tolerance=1)
    with pytest.raises(ValueError, match=r"^smallest base weight must be between .*; got 0\.0$"):
        post_stratify(["a", "a"], {"a": 1.0}, base=[1, 0])
    with pytest.raises(ValueError, match=r"^base must be as long as answers, 2 values; got 1$"):
        post_stratify(["a", "a"], {"a": 1.0}, base=[1])


@pytest.mark.parametrize(
    "frame", [pd.DataFrame, pl.DataFrame, lambda rows: pd.DataFrame(rows, dtype="category")]
)
def test_margins_may_be_the_columns_of_a_frame(frame):
    plain = rake({"sex": SEX, "area": AREA}, TARGETS)
    found = rake(frame({"sex": SEX, "area": AREA}), TARGETS)
    assert found.weights.tolist() == plain.weights.tolist()
    with pytest.raises(TypeError, match=r"^margins must be a frame"):
        rake([SEX, AREA], TARGETS)
