"""Key drivers by plain correlations, planted truths, and what happens where data are poor."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from cxresearch.core.languages import Language
from cxresearch.survey import driver_analysis as drivers
from cxresearch.survey.driver_analysis import key_drivers
from cxresearch.survey.importance import METHODS, decompose_r2

RNG = np.random.default_rng(4)
COMMON = RNG.normal(size=200)
X = {
    "delivery": COMMON + RNG.normal(size=200),
    "price": COMMON + RNG.normal(size=200),
    "site": RNG.normal(size=200),
}
Y = 2 * X["delivery"] - X["site"] + RNG.normal(size=200)


def column(found, name):
    return found.drivers[name].to_numpy()


@pytest.mark.parametrize("method", METHODS)
def test_it_is_the_decomposition_of_the_plain_correlations(method):
    whole = pd.DataFrame({"y": Y, **X}).corr().to_numpy()
    expected = decompose_r2(whole[1:, 1:], whole[0, 1:], method=method)
    found = key_drivers(Y, X, method=method, resamples=0)
    assert column(found, "importance") == pytest.approx(expected)
    assert column(found, "share") == pytest.approx(expected / expected.sum())
    assert column(found, "correlation") == pytest.approx(whole[0, 1:])
    assert found.drivers["driver"].tolist() == ["delivery", "price", "site"]
    assert column(found, "slope")[2] < 0 < column(found, "slope")[0]
    assert found.note == drivers.NO_RESAMPLES
    assert np.isnan(column(found, "importance_low")).all()


def test_a_whole_weight_is_an_answer_given_again():
    times = np.random.default_rng(1).integers(0, 4, 200)
    weighted = key_drivers(Y, X, weights=times, resamples=0)
    again = key_drivers(
        np.repeat(Y, times), {name: np.repeat(x, times) for name, x in X.items()}, resamples=0
    )
    assert column(weighted, "importance") == pytest.approx(column(again, "importance"))
    assert column(weighted, "vif") == pytest.approx(column(again, "vif"))


def test_weights_of_one_change_nothing_and_rows_have_no_order():
    plain = key_drivers(Y, X, resamples=20)
    weighted = key_drivers(Y, X, weights=np.full(200, 2.0), resamples=20)
    assert column(weighted, "importance_low") == pytest.approx(column(plain, "importance_low"))
    turned = key_drivers(Y[::-1], pd.DataFrame(X)[::-1], resamples=0)
    assert column(turned, "importance") == pytest.approx(column(plain, "importance"))


def test_the_scale_of_an_item_does_not_matter():
    plain = key_drivers(Y, X, resamples=0)
    scaled = key_drivers(5 - 3 * Y, {name: 1e6 + 10 * x for name, x in X.items()}, resamples=0)
    assert column(scaled, "importance") == pytest.approx(column(plain, "importance"))
    assert column(scaled, "correlation") == pytest.approx(-column(plain, "correlation"))


def test_equal_seeds_give_equal_intervals_and_more_confidence_is_wider():
    one, same, other = (key_drivers(Y, X, resamples=50, seed=seed) for seed in (1, 1, 2))
    assert one.drivers.equals(same.drivers)
    assert one.ci == same.ci
    assert one.ci != other.ci
    wide = key_drivers(Y, X, resamples=50, seed=1, confidence=0.99)
    assert (column(wide, "share_low") <= column(one, "share_low")).all()
    assert (column(wide, "importance_high") >= column(one, "importance_high")).all()
    assert (column(one, "importance_low") < column(one, "importance")).all()
    assert (column(one, "importance") < column(one, "importance_high")).all()
    assert one.ci.low < one.r2 < one.ci.high


def test_the_intervals_are_the_middle_of_the_resamples():
    found = key_drivers(Y, X, resamples=60, seed=3, confidence=0.8)
    rng = np.random.default_rng(3)
    parts, explained = [], []
    for _ in range(60):
        drawn = rng.integers(200, size=200)
        whole = pd.DataFrame({"y": Y, **X}).iloc[drawn].corr().to_numpy()
        parts.append(decompose_r2(whole[1:, 1:], whole[0, 1:]))
        explained.append(parts[-1].sum())
    low, high = np.quantile(parts, [0.1, 0.9], axis=0)
    assert column(found, "importance_low") == pytest.approx(low)
    assert column(found, "importance_high") == pytest.approx(high)
    assert found.ci == pytest.approx(tuple(np.quantile(explained, [0.1, 0.9])))
    shares = np.array(parts) / np.array(explained)[:, None]
    assert column(found, "share_low") == pytest.approx(np.quantile(shares, 0.1, axis=0))


def test_the_resamples_are_weighted_too():
    # The second half of the answers, in which nothing goes together, weighs nothing.
    outcome = np.r_[Y[:100], Y[:100][::-1]]
    halves = {name: np.r_[x[:100], x[100:]] for name, x in X.items()}
    found = key_drivers(outcome, halves, weights=np.repeat([1, 0], 100), resamples=100)
    assert found.r2 == pytest.approx(
        key_drivers(Y[:100], {name: x[:100] for name, x in X.items()}, resamples=0).r2
    )
    assert found.ci.low > 0.8
    assert key_drivers(outcome, halves, resamples=100).ci.high < 0.8


def test_answers_of_one_respondent_are_drawn_together():
    # Every answer ten times over says no more than once, if the respondent is known.
    often = {name: np.repeat(x, 10) for name, x in X.items()}
    who = [f"r{i}" for i in np.repeat(np.arange(200), 10)]
    once = key_drivers(Y, X, resamples=50)
    known = key_drivers(np.repeat(Y, 10), often, respondents=who, resamples=50)
    unknown = key_drivers(np.repeat(Y, 10), often, resamples=50)
    assert known.ci.high - known.ci.low == pytest.approx(once.ci.high - once.ci.low, rel=0.35)
    assert unknown.ci.high - unknown.ci.low < 0.6 * (once.ci.high - once.ci.low)


def test_missing_answers_are_left_out_and_counted():
    y, x = list(Y), {name: list(values) for name, values in X.items()}
    y[3], x["price"][7], x["site"][7] = None, math.nan, None
    found = key_drivers(y, x, resamples=0)
    kept = np.delete(np.arange(200), [3, 7])
    whole = key_drivers(Y[kept], {name: values[kept] for name, values in X.items()}, resamples=0)
    assert (found.n, found.missing) == (198, 2)
    assert column(found, "importance") == pytest.approx(column(whole, "importance"))


def test_a_constant_driver_is_left_out_and_named_by_nan():
    found = key_drivers(Y, {"same": np.full(200, 0.1), **X}, resamples=10)
    rest = key_drivers(Y, X, resamples=10)
    assert found.note == drivers.CONSTANT
    assert found.drivers.loc[0, "importance":].isna().all()
    assert found.drivers.loc[1:, "importance"].tolist() == rest.drivers["importance"].tolist()
    assert found.r2 == rest.r2


def test_collinear_drivers_share_and_have_no_slope():
    x = {**X, "again": 2 * X["delivery"] + 1}
    found = key_drivers(Y, x, resamples=10)
    assert found.note == drivers.COLLINEAR
    assert found.r2 == pytest.approx(key_drivers(Y, X, resamples=0).r2)
    assert column(found, "importance")[0] == pytest.approx(column(found, "importance")[3])
    assert np.isnan(column(found, "slope")).all()
    assert np.isinf(column(found, "vif")[[0, 3]]).all()
    assert column(found, "vif")[1] < 10


@pytest.mark.parametrize(
    ("y", "x", "note"),
    [
        ([], {"a": []}, drivers.TOO_FEW),
        ([1.0], {"a": [2.0]}, drivers.TOO_FEW),
        ([1.0, 2, 3], {"a": [1, 2, 4], "b": [3, 1, 1]}, drivers.TOO_FEW),
        (
            [1.0, None, None, 3, 4],
            {"a": [1, 2, 3, 5, 9], "b": [1, 2, 3, 1, 9]},
            drivers.TOO_FEW,
        ),
        ([4.0] * 9, {"a": range(9)}, drivers.NO_SPREAD),
        (range(9), {"a": [0.1] * 9}, drivers.NO_DRIVER),
    ],
)
def test_what_is_undefined_says_why(y, x, note):
    found = key_drivers(y, x)
    assert found.note == note
    assert math.isnan(found.r2)
    assert all(math.isnan(bound) for bound in found.ci)
    assert found.drivers.drop(columns="driver").isna().all(axis=None)


def test_a_driver_that_is_rarely_used_survives_its_resamples():
    # Half of the resamples have no 1 at all: there the driver explains nothing.
    y, rare = np.arange(12.0), np.eye(12)[0]
    found = key_drivers(y, {"rare": rare, "time": y + np.tile([0, 1], 6)}, resamples=40)
    assert column(found, "importance_low")[0] == 0
    assert np.isfinite(column(found, "importance_high")).all()


def test_notes_are_said_in_italian_part_by_part():
    found = key_drivers(Y, {"same": np.zeros(200), **X, "again": X["site"]}, resamples=0)
    assert found.note == f"{drivers.CONSTANT}; {drivers.COLLINEAR}; {drivers.NO_RESAMPLES}"
    said = found.note_in(Language("it")).split("; ")
    assert len(said) == 3
    assert not set(said) & set(found.note.split("; "))
    assert Language("it").text(found.method) != found.method


def test_the_row_has_no_table_in_it():
    found = key_drivers(Y, X, resamples=10)
    assert "drivers" not in found.to_dict()
    assert found.to_frame().loc[0, ["n", "missing", "unit"]].tolist() == [200, 0, "share"]


def test_bad_calls_are_worded():
    with pytest.raises(ValueError, match=r"^number of predictors must be at least 1; got 0$"):
        key_drivers(Y, {})
    rule = r"^driver a must be as long as outcome, 200 values; got 2$"
    with pytest.raises(ValueError, match=rule):
        key_drivers(Y, {"a": [1, 2]})
    with pytest.raises(TypeError, match=r"^driver a must be numbers; got"):
        key_drivers([1, 2], {"a": ["good", "bad"]})
    with pytest.raises(ValueError, match=r"^smallest weight must be between 0 and inf; got -1\.0$"):
        key_drivers(Y, X, weights=np.r_[-1, np.ones(199)])
    with pytest.raises(ValueError, match=r"^number of predictors of 'lmg' .*; got 16$"):
        key_drivers(Y, {f"x{i}": RNG.normal(size=200) for i in range(16)}, resamples=0)


@pytest.mark.slow
def test_intervals_hold_the_planted_importances():
    # Correlated drivers with known correlations have known parts; 300 shops of 250 answers.
    among = np.array([[1, 0.5, 0.3], [0.5, 1, 0.3], [0.3, 0.3, 1]])
    slopes = np.array([0.5, 0.3, 0.3])
    r = among @ slopes
    truth = decompose_r2(among, r)
    root, noise = np.linalg.cholesky(among), math.sqrt(1 - slopes @ r)
    rng = np.random.default_rng(6)
    held = np.zeros(3)
    for i in range(300):
        x = rng.normal(size=(250, 3)) @ root.T
        y = x @ slopes + noise * rng.normal(size=250)
        found = key_drivers(y, dict(zip("abc", x.T, strict=True)), resamples=150, seed=i)
        held += (column(found, "importance_low") <= truth) & (
            truth <= column(found, "importance_high")
        )
    assert (held / 300 > 0.91).all()
    assert (held / 300 < 0.98).all()
