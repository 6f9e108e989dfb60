"""Non-response weights against statsmodels, by hand, and on a shop whose silent ones are known."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from cxresearch.errors import WeightingError
from cxresearch.survey import nonresponse
from cxresearch.survey.nonresponse import response_propensity, response_weights, who_answered
from cxresearch.survey.weights import weighted_mean


def shop(seed, n=3000):
    """Return who answered, their behaviour, and what everybody thinks: loyal ones more, of all."""
    rng = np.random.default_rng(seed)
    orders = rng.poisson(np.exp(rng.normal(0.5, 0.6, n)))
    visits = rng.poisson(5, n)
    answered = rng.random(n) < 1 / (1 + np.exp(1.8 - 0.5 * np.minimum(orders, 6)))
    happy = rng.random(n) < 0.25 + 0.1 * np.minimum(orders, 6)
    return answered, {"orders": orders, "visits": visits}, happy.astype(float)


def test_the_propensity_is_that_of_a_logistic_regression():
    answered, behaviour, _ = shop(1)
    design = sm.add_constant(pd.DataFrame(behaviour).astype(float))
    expected = sm.Logit(answered.astype(float), design).fit(disp=False).predict(design)
    assert response_propensity(answered, behaviour) == pytest.approx(expected.to_numpy(), abs=2e-5)


def test_classes_weigh_invited_over_answered_by_hand():
    # Three classes of alike propensity: 3 of 3, 2 of 3 and 1 of 4 answered, of 10 invited. So
    # each answer stands for 1, 1.5 and 4, and the mean of the six is 10 / 6.
    orders = [9] * 3 + [5] * 3 + [1] * 4
    answered = [1, 1, 1, 0, 1, 1, 1, 0, 0, 0]
    weights = response_weights(answered, {"orders": orders}, classes=3)
    assert weights.weights == pytest.approx(np.array([1, 1, 1, 1.5, 1.5, 4]) * 6 / 10)
    assert weights.method == "response classes"
    assert weights.note == ""


def test_inverse_weights_are_one_over_the_propensity():
    answered, behaviour, _ = shop(2)
    weights = response_weights(answered, behaviour, method="inverse")
    chance = response_propensity(answered, behaviour)[answered]
    assert weights.weights * chance == pytest.approx(
        np.full(answered.sum(), weights.weights[0] * chance[0])
    )
    assert weights.weights.mean() == pytest.approx(1)
    assert weights.margins == ()


@pytest.mark.parametrize("method", ["classes", "inverse"])
def test_a_planted_bias_is_taken_out(method):
    answered, behaviour, happy = shop(3, 20_000)
    truth, raw = happy.mean(), happy[answered].mean()
    weights = response_weights(answered, behaviour, method=method)
    weighted = weighted_mean(happy[answered], weights, unit="share").value
    assert raw - truth > 0.06
    assert abs(weighted - truth) < 0.015


def test_a_class_without_answers_joins_its_neighbour():
    # Nobody without an order answered: they are taken together with those who have one.
    orders = [0] * 4 + [1] * 4 + [5] * 4
    answered = [0] * 4 + [1, 0, 1, 0] + [1, 1, 1, 0]
    weights = response_weights(answered, {"orders": orders}, classes=3)
    assert weights.note == nonresponse.MERGED
    # 8 invited by 2 answers, 4 invited by 3: 4 and 4/3, of mean 12 / 5.
    assert weights.weights == pytest.approx(np.array([4, 4, 4 / 3, 4 / 3, 4 / 3]) * 5 / 12)


def test_the_highest_class_without_answers_joins_the_one_below():
    # In the middle all answered, so the slope is positive but nobody of the few at the top did.
    orders = np.r_[np.zeros(10), np.ones(10), np.full(2, 1.5)]
    answered = np.r_[np.zeros(8), np.ones(12), np.zeros(2)]
    weights = response_weights(answered, {"orders": orders}, classes=20)
    assert weights.note == nonresponse.MERGED
    assert weights.weights.mean() == pytest.approx(1)
    assert weights.n == 12


def test_behaviour_that_tells_without_fail_stays_finite():
    chance = response_propensity([0, 0, 0, 1, 1, 1], {"orders": [0, 0, 0, 9, 9, 9]})
    assert np.isfinite(chance).all()
    assert (chance[:3] < 0.05).all()
    assert (chance[3:] > 0.95).all()


def test_very_skewed_behaviour_converges():
    rng = np.random.default_rng(7)
    spent = np.exp(rng.normal(3, 3, 2000))
    chance = response_propensity(rng.random(2000) < 0.1, {"spent": spent})
    assert ((chance > 0) & (chance < 1)).all()


def test_a_fit_that_does_not_converge_is_told(monkeypatch):
    monkeypatch.setattr(nonresponse, "_NEWTON_STEPS", 1)
    with pytest.raises(WeightingError, match="no convergence in 1 steps"):
        response_propensity([0, 1, 1], {"orders": [0, 1, 2]})


def test_behaviour_that_is_constant_or_told_twice_changes_nothing():
    answered, behaviour, _ = shop(4)
    plain = response_propensity(answered, behaviour)
    more = {**behaviour, "same": np.full(len(answered), 0.1), "again": 2 * behaviour["orders"]}
    assert response_propensity(answered, more) == pytest.approx(plain, abs=1e-3)


@pytest.mark.parametrize("method", ["classes", "inverse"])
@pytest.mark.parametrize(
    ("answered", "note"),
    [
        ([1, 1, 1], nonresponse.EVERYBODY_ANSWERED),
        ([0, 0, 0], nonresponse.NOBODY_ANSWERED),
        ([], nonresponse.NOBODY_ANSWERED),
    ],
)
def test_all_or_none_leave_nothing_to_learn(answered, note, method):
    weights = response_weights(answered, {"orders": range(len(answered))}, method=method)
    assert weights.note == note
    assert weights.weights.tolist() == [1.0] * sum(answered)
    assert response_propensity(answered, {"orders": range(len(answered))}).tolist() == answered


def test_who_answered_is_plain_pandas():
    answered, behaviour, _ = shop(5)
    table = who_answered(answered, behaviour).set_index("behaviour")
    frame = pd.DataFrame(behaviour)
    groups = frame.groupby(answered)
    means, variances = groups.mean(), groups.var()
    expected = (means.loc[True] - means.loc[False]) / np.sqrt(variances.mean())
    assert table["standardised_difference"].to_dict() == pytest.approx(expected.to_dict())
    assert table["answered"].to_dict() == pytest.approx(means.loc[True].to_dict())
    assert table["not_answered"].to_dict() == pytest.approx(means.loc[False].to_dict())
    assert table["invited"].to_dict() == pytest.approx(frame.mean().to_dict())
    assert list(table) == ["answered", "not_answered", "invited", "standardised_difference"]


def test_the_weights_close_the_gap():
    answered, behaviour, _ = shop(6)
    weights = response_weights(answered, behaviour)
    table = who_answered(answered, behaviour, weights=weights).set_index("behaviour")
    assert table.loc["orders", "standardised_difference"] > 0.5
    assert abs(table.loc["orders", "gap"]) < 0.05
    orders = behaviour["orders"][answered]
    assert table.loc["orders", "weighted"] == pytest.approx(np.average(orders, weights=weights))


@pytest.mark.parametrize("answered", [[1, 1, 1], [0, 0, 0], [1, 0, 0]])
def test_differences_without_two_on_each_side_are_undefined(answered):
    table = who_answered(answered, {"orders": [1, 2, 3]})
    assert math.isnan(table.loc[0, "standardised_difference"])
    assert table.loc[0, "invited"] == 2


def test_bad_calls_are_worded():
    rule = r"^behaviour orders must be as long as answered, 2 values; got 1$"
    with pytest.raises(ValueError, match=rule):
        response_weights([1, 0], {"orders": [1]})
    with pytest.raises(ValueError, match=r"^answered must be one of 0\.0, 1\.0; got 2\.0$"):
        who_answered([1, 2], {"orders": [1, 2]})
    with pytest.raises(ValueError, match=r"^number of behaviours must be at least 1; got 0$"):
        response_weights([1, 0], {})
    with pytest.raises(ValueError, match=r"^classes must be at least 1; got 0$"):
        response_weights([1, 0], {"orders": [1, 2]}, classes=0)
    with pytest.raises(ValueError, match=r"^weights must be as long as answered, 1 values; got 2$"):
        who_answered([1, 0], {"orders": [1, 2]}, weights=[1, 1])


@pytest.mark.parametrize("write", [str, float, bool, np.int8])
def test_who_answered_may_be_written_in_any_way(write):
    answered, behaviour = [1, 1, 1, 0, 1, 0, 0, 0], {"orders": [2] * 4 + [0] * 4}
    # Half of all: of the four with orders 3 answered (4/3 each), of those without 1 (4 each).
    given = [write(one) for one in answered]
    weights = response_weights(given, behaviour)
    assert weights.weights == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2])
    assert len(response_weights(given, behaviour, method="inverse").weights) == 4


def test_nobody_has_less_than_no_weight():
    with pytest.raises(ValueError, match=r"^smallest weight must be between 0 and inf; got -1.0$"):
        who_answered([1, 1, 0], {"orders": [1, 2, 3]}, weights=[-1, 2])
