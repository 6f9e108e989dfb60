"""All pairs of several groups: Tukey's range by scipy and by tables, Games and Howell's rule."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from scipy import stats
from scipy.stats import studentized_range

from cxresearch.stats.means.estimators import ValueWithVariance, difference
from cxresearch.stats.multiplicity.simultaneous_intervals import (
    critical_range,
    games_howell,
    range_inside,
)


def groups(*values: float, variance: float = 0.04, df: float = math.inf) -> list[ValueWithVariance]:
    return [ValueWithVariance(n=100, value=value, variance=variance, df=df) for value in values]


@pytest.mark.parametrize(
    ("k", "df", "confidence", "q"),
    [  # Harter (1960), Ann. Math. Stat. 31, 1122-1147.
        (3, 10, 0.95, 3.877),
        (4, 20, 0.95, 3.958),
        (5, 60, 0.99, 4.818),
        (3, math.inf, 0.95, 3.314),
    ],
)
def test_the_critical_range_is_the_tables(k: int, df: float, confidence: float, q: float):
    assert critical_range(k, df=df, confidence=confidence) == pytest.approx(q, abs=1e-3)


@pytest.mark.parametrize(("q", "k", "df"), [(2.5, 3, 4.2), (4.0, 6, 15), (6.0, 4, 300)])
def test_the_probability_is_scipys(q: float, k: int, df: float):
    assert range_inside(q, k, df=df) == pytest.approx(studentized_range.cdf(q, k, df), abs=1e-6)


def test_two_groups_are_welchs_alone():
    pair = groups(10.0, 10.5, df=40)
    (found,) = games_howell(pair, unit="EUR").values()
    alone = difference(*pair, unit="EUR")
    assert found.ci == pytest.approx(alone.ci)
    assert found.p_value == pytest.approx(alone.p_value)


def test_games_and_howell_by_hand():
    # d = 3, v = 0.4 + 0.9, Welch's df 1.3**2 / (0.4**2 / 9 + 0.9**2 / 19), q = 3 sqrt(2 / 1.3).
    three = [
        ValueWithVariance(n=10, value=5.0, variance=0.4, df=9),
        ValueWithVariance(n=20, value=8.0, variance=0.9, df=19),
        ValueWithVariance(n=15, value=5.5, variance=0.2, df=14),
    ]
    found = games_howell(three, unit="EUR")
    df = 1.3**2 / (0.4**2 / 9 + 0.9**2 / 19)
    assert found[0, 1].value == 3
    assert found[0, 1].p_value == pytest.approx(
        studentized_range.sf(3 * math.sqrt(2 / 1.3), 3, df), abs=1e-6
    )
    half = studentized_range.ppf(0.95, 3, df) * math.sqrt(1.3 / 2)
    assert found[0, 1].ci == pytest.approx((3 - half, 3 + half), abs=1e-4)
    assert list(found) == [(0, 1), (0, 2), (1, 2)]
    assert found[1, 2].value == -2.5


def test_a_group_without_a_value_is_not_counted():
    empty = ValueWithVariance(n=0, value=math.nan, variance=math.nan, df=math.nan)
    found = games_howell([*groups(10.0, 10.6, 10.2), empty], unit="EUR")
    alone = games_howell(groups(10.0, 10.6, 10.2), unit="EUR")
    assert found[0, 1].ci == pytest.approx(alone[0, 1].ci)
    assert math.isnan(found[0, 3].value)
    assert found[0, 3].note


def test_wrong_use_is_told():
    with pytest.raises(ValueError, match="the number of groups must be at least 2; got 1"):
        games_howell(groups(1.0), unit="EUR")
    with pytest.raises(ValueError, match="confidence must be strictly between 0 and 1; got 95"):
        games_howell(groups(1.0, 2.0), unit="EUR", confidence=95)


def test_all_intervals_hold_together_as_often_as_they_promise():
    # Four groups of unequal size and spread, no difference: six intervals, one error in twenty.
    rng = np.random.default_rng(6)
    sizes, spreads = (12, 20, 30, 40), (1.0, 2.0, 3.0, 1.5)
    wrong = 0
    for _ in range(600):
        samples = [rng.normal(0, sd, n) for n, sd in zip(sizes, spreads, strict=True)]
        own = [
            ValueWithVariance(n=len(x), value=x.mean(), variance=stats.sem(x) ** 2, df=len(x) - 1)
            for x in samples
        ]
        pairs = [difference(a, b, unit="") for a, b in combinations(own, 2)]
        wrong += any(
            1 - range_inside(math.sqrt(2) * abs(one.statistic), 4, df=one.df) < 0.05
            for one in pairs
            if abs(one.statistic) > 2  # below that no pair of four is clear
        )
    assert 0.03 <= wrong / 600 <= 0.08
