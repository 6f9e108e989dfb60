"""Boundaries of several looks against rpact, ldbounds, published tables and simulated paths."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cxresearch.stats.sequential.group_sequential import (
    at_critical,
    classical_boundaries,
    equal_looks,
    exits,
    spending_boundaries,
)
from cxresearch.stats.sequential.sequential_estimates import power_at, sequential_plan

looks = st.lists(st.integers(1, 20), min_size=1, max_size=5, unique=True).map(
    lambda steps: [step / max(steps) for step in sorted(steps)]
)


@pytest.mark.parametrize(
    ("spending", "number", "expected"),
    [
        # R ldbounds 2.0.2: ldBounds(iuse = c(1, 1) or c(2, 2), alpha = c(.025, .025)).
        ("obrien_fleming", 2, [2.96258804272755, 1.96857309487483]),
        ("obrien_fleming", 5,
         [4.87688494877642, 3.35694629147284, 2.680258430255, 2.28978867524403, 2.03099825278193]),
        ("pocock", 2, [2.15699921834468, 2.20094177430561]),
        ("pocock", 5,
         [2.43797668805001, 2.42677349263221, 2.41013987606745, 2.3965800033556, 2.3859063204079]),
    ],
)  # fmt: skip
def test_the_spending_of_ldbounds(spending, number, expected):
    found = spending_boundaries(equal_looks(number), spending=spending)
    assert found.critical == pytest.approx(expected, abs=1e-4)
    assert found.spent[-1] == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("shape", "number", "expected"),
    [
        # R rpact 3.3.4: getDesignGroupSequential(typeOfDesign = "OF" or "P"), one-sided .025.
        ("obrien_fleming", 2, [2.79650968146771, 1.97743095941965]),
        ("obrien_fleming", 5,
         [4.56174232721365, 3.22563893359847, 2.63372316059051, 2.2808711636068, 2.0400731878976]),
        ("pocock", 2, [2.1782720948233] * 2),
        ("pocock", 5, [2.41318028705443] * 5),
    ],
)  # fmt: skip
def test_the_boundaries_of_rpact(shape, number, expected):
    found = classical_boundaries(equal_looks(number), shape=shape)
    assert found.critical == pytest.approx(expected, abs=2e-5)


def test_the_chance_of_five_looks_at_nominal_05():
    # Armitage, McPherson & Rowe (1969), J. R. Stat. Soc. A 132, 235-244: 0.142.
    found = at_critical(equal_looks(5), [1.959964] * 5)
    assert found.spent[-1] == pytest.approx(0.142, abs=5e-4)
    assert found.spent[0] == pytest.approx(0.05)


def test_what_is_spent_by_hand():
    # 2 * 2 (1 - Phi(2.241403 / sqrt(1/2))) and .05 ln(1 + (e - 1) / 2).
    assert spending_boundaries([0.5]).spent[0] == pytest.approx(
        4 * stats.norm.sf(2.241402728 / math.sqrt(0.5))
    )
    pocock = spending_boundaries([0.5], spending="pocock")
    assert pocock.spent[0] == pytest.approx(0.05 * math.log(1 + (math.e - 1) / 2))
    power = spending_boundaries([0.5], spending="power", exponent=2, sides=1)
    assert power.spent[0] == pytest.approx(0.05 / 4)
    assert power.critical[0] == pytest.approx(stats.norm.isf(0.0125))


def test_the_exits_are_a_multivariate_normal():
    times, high = [0.3, 0.7, 1.0], [2.5, 2.2, 2.0]
    covariance = [[math.sqrt(min(s, t) / max(s, t)) for s in times] for t in times]
    # scipy integrates at random points: from one seed, and so many that the error is 1e-7.
    normal = stats.multivariate_normal(
        mean=[math.sqrt(t) for t in times],
        cov=covariance,
        seed=1,
        maxpts=500_000,
        abseps=1e-7,
        releps=1e-7,
    )
    below, above = exits([-z for z in high], high, times, drift=1.0)
    inside = normal.cdf(high, lower_limit=[-z for z in high])
    assert 1 - below.sum() - above.sum() == pytest.approx(inside, abs=1e-6)


@pytest.mark.slow
@given(looks, st.sampled_from(["obrien_fleming", "pocock", "power"]), st.sampled_from([1, 2]))
def test_the_level_is_spent_at_the_end_and_never_more(times, spending, sides):
    found = spending_boundaries(times, spending=spending, sides=sides)
    again = at_critical(times, found.critical, sides=sides)
    if max(found.critical) < 8:
        assert again.spent == pytest.approx(found.spent, abs=1e-7)
    assert again.spent[-1] <= 0.05 + 1e-7


@given(looks)
def test_a_look_does_not_change_those_before_it(times):
    whole = spending_boundaries(times)
    assert spending_boundaries(times[:1]).critical == pytest.approx(whole.critical[:1])


def test_one_look_is_the_plain_test():
    assert spending_boundaries([1.0]).critical[0] == pytest.approx(1.959964)
    assert classical_boundaries([1.0], sides=1).critical[0] == pytest.approx(1.644854, abs=1e-6)
    plan = sequential_plan(spending_boundaries([1.0]))
    assert (plan.maximum, plan.expected) == (pytest.approx(1), pytest.approx(1))
    assert plan.drift == pytest.approx(2.801585, abs=1e-5)
    one_sided = sequential_plan(spending_boundaries([1.0], sides=1))
    assert one_sided.maximum == pytest.approx(1)


def test_many_looks_stay_exact():
    found = spending_boundaries(equal_looks(60))
    assert at_critical(equal_looks(60), found.critical).spent[-1] == pytest.approx(0.05, abs=1e-7)


@pytest.mark.parametrize(
    ("shape", "power", "maximum"),
    # Jennison & Turnbull (2000), tables 2.2 and 2.4, five looks, alpha .05.
    [("pocock", 0.8, 1.229), ("pocock", 0.9, 1.207), ("obrien_fleming", 0.8, 1.028),
     ("obrien_fleming", 0.9, 1.026)],
)  # fmt: skip
def test_the_inflation_of_jennison_and_turnbull(shape, power, maximum):
    plan = sequential_plan(classical_boundaries(equal_looks(5), shape=shape), power=power)
    assert plan.maximum == pytest.approx(maximum, abs=6e-4)
    assert plan.stops[-1] == pytest.approx(power)
    assert plan.expected < 1 < plan.expected_without_effect + 0.3


def test_power_and_mean_units_of_simulated_paths():
    rng = np.random.default_rng(2)
    boundaries = spending_boundaries([0.25, 0.5, 0.8, 1.0], spending="pocock")
    plan = sequential_plan(boundaries, power=0.8)
    times = np.array(boundaries.information)
    steps = np.diff(times, prepend=0)
    paths = rng.normal(plan.drift * steps, np.sqrt(steps), (20000, 4)).cumsum(axis=1)
    crossed = np.abs(paths / np.sqrt(times)) >= boundaries.critical
    first = np.where(crossed.any(axis=1), crossed.argmax(axis=1), 3)
    assert crossed.any(axis=1).mean() == pytest.approx(0.8, abs=0.01)
    assert plan.maximum * times[first].mean() == pytest.approx(plan.expected, abs=0.01)
    assert power_at(boundaries, plan.drift)[0] == pytest.approx(crossed[:, 0].mean(), abs=0.01)


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ([0.5, 0.5], "the smallest step of information must be above 0; got 0.0"),
        ([0.5, 1.2], "information must be between 0 and 1; got 1.2"),
        ([], "the number of looks must be at least 1; got 0"),
    ],
)
def test_bad_looks_are_worded(times, words):
    with pytest.raises(ValueError) as error:
        spending_boundaries(times)
    assert str(error.value) == words


def test_bad_arguments_are_worded():
    with pytest.raises(
        ValueError, match=r"^spending must be one of 'obrien_fleming', .*; got 'x'$"
    ):
        spending_boundaries([1.0], spending="x")
    with pytest.raises(
        ValueError, match=r"^the number of critical values must be one of 2; got 1$"
    ):
        at_critical([0.5, 1.0], [2.0])
    with pytest.raises(ValueError, match=r"^the last information must be one of 1\.0; got 0\.5$"):
        sequential_plan(spending_boundaries([0.5]))
    with pytest.raises(ValueError, match=r"^looks must be at least 1; got 0$"):
        equal_looks(0)
