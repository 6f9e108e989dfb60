"""Personas by hand: who has lapsed, what sets them apart after all comparisons."""

from __future__ import annotations

import numpy as np
import pytest

from cxresearch.core.remarks import Remark
from cxresearch.findings.measures import Measure
from cxresearch.findings.watched_series import Series
from cxresearch.journey_map.behaviours import assigned, lapsed_after
from cxresearch.journey_map.personas import TRAIT, _differences

WEEKS = 10


def test_lapsed_is_longer_ago_than_nine_in_ten_of_those_who_came_back():
    # Ten came back, on days 10 to 100, and ten never did, seen for 400 days: of those who came
    # back nine had on day 90. The plain curve never comes down to 0.1.
    gaps = np.r_[np.arange(10.0, 101, 10), np.full(10, 400.0)]
    came = np.arange(20) < 10
    assert lapsed_after(gaps, came).value == pytest.approx(90, abs=10)
    assert lapsed_after(gaps, came).value < 101


def test_where_nobody_came_back_nobody_has_lapsed():
    limit = lapsed_after(np.array([5.0, 300]), np.array([False, False]))
    assert np.isnan(limit.value)
    assert limit.note
    groups = assigned(np.array([1, 1]), np.array([5.0, 300]), limit.value)
    assert groups.tolist() == ["new", "new"]


def test_without_orders_there_is_no_limit():
    assert np.isnan(lapsed_after(np.array([]), np.array([], dtype=bool)).value)


@pytest.mark.parametrize(
    ("orders", "since", "group"),
    [(1, 90, "new"), (1, 90.5, "lapsed"), (2, 3, "returning"), (3, 3, "loyal"), (8, 91, "lapsed")],
)
def test_a_customer_is_of_one_group(orders, since, group):
    assert assigned(np.array([orders]), np.array([float(since)]), 90.0).tolist() == [group]


def measured(name: str, shares: dict[str, float], n: float = 40) -> dict:
    measure = Measure(name=name, kind="step", what=Remark(name), unit="share", better="more")
    found = {}
    for persona, share in shares.items():
        y = np.full(WEEKS, n)
        x = y * share
        group = (TRAIT, persona)
        found[name, group] = Series(measure=measure, group=group, sums=np.array([y, x, y, x, x, y]))
    return found


def test_a_clear_difference_stands_and_has_its_sign():
    series = measured("buys", {"new": 0.2, "loyal": 0.5})
    found = _differences(series, ["new", "loyal"], WEEKS, 0.95)
    (loyal,), (new,) = found["loyal"], found["new"]
    assert (loyal.own, loyal.others) == (0.5, 0.2)
    assert loyal.difference.value == pytest.approx(0.3)
    assert new.difference.value == pytest.approx(-0.3)


def test_one_of_many_small_differences_is_chance():
    # Each of the first 20 pairs is alike; the last has p = 0.02 alone, and 42 are compared.
    series = {}
    for place in range(20):
        series |= measured(f"alike{place}", {"new": 0.5, "loyal": 0.5})
    apart = measured("apart", {"new": 0.5, "loyal": 0.582})
    assert _differences(apart, ["new", "loyal"], WEEKS, 0.95)
    assert _differences(series | apart, ["new", "loyal"], WEEKS, 0.95) == {}


@pytest.mark.parametrize(
    "name", ["again", "returned", "step:pay>buy", "buys:pay", "category:shoes"]
)
def test_what_makes_the_groups_is_no_difference_of_theirs(name):
    apart = measured(name, {"new": 0.1, "loyal": 0.9})
    assert _differences(apart, ["new", "loyal"], WEEKS, 0.95, sale="buy") == {}


def test_few_and_those_who_all_say_the_same_are_not_compared():
    # Three who are all satisfied have a variance of 0, and no interval by a normal approximation.
    for own, n in ((1.0, 40), (0.5, 2)):
        series = measured("csat", {"new": own}, n=n) | measured("csat", {"loyal": 0.9})
        assert _differences(series, ["new", "loyal"], WEEKS, 0.95) == {}
