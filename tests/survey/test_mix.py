"""A change of a score, split into who answers and what they say."""

from __future__ import annotations

import numpy as np
import pytest

from cxresearch.stats.means.ratios import NO_SPREAD
from cxresearch.survey.mix import Side, change_of, difference_from_raw
from cxresearch.survey.weighting import post_stratify

SHARES = {"a": 0.5, "b": 0.5}


def side(a, b, people=None):
    values = np.array([*a, *b], dtype=float)
    strata = ["a"] * len(a) + ["b"] * len(b)
    who = np.array(people or [f"{id(values)}-{i}" for i in range(len(values))], dtype=object)
    return Side(
        values=values,
        who=who,
        is_used=np.ones(len(values), dtype=bool),
        weights=post_stratify(strata, SHARES),
        unit="points",
    )


def test_only_the_mix_moves():
    # Group a always says 100, group b 0: three of four are a, then one of four.
    first, second = side([100] * 3, [0]), side([100], [0] * 3)
    found = change_of(first, second)
    parts = found.total.value, found.same_mix.value, found.who_answers.value
    assert parts == pytest.approx((-50, 0, -50))


def test_only_satisfaction_moves():
    found = change_of(side([100, 0], [100, 0]), side([100, 100], [100, 100]))
    assert found.total.value == found.same_mix.value == 50
    assert found.who_answers.value == pytest.approx(0)


def test_the_parts_add_up_and_a_raw_score_is_above_its_weighted_one():
    first, second = side([100, 0, 100], [0, -100]), side([100], [100, 0, -100, 0])
    found = change_of(first, second)
    assert found.total.value == pytest.approx(found.same_mix.value + found.who_answers.value)
    # 20 raw; weighted (66.7 + (-50)) / 2 = 8.33.
    assert difference_from_raw(first).value == pytest.approx(20 - (200 / 3 - 50) / 2)


def test_the_interval_is_that_of_customers_left_out_one_by_one():
    rng = np.random.default_rng(3)
    people = [f"c{i % 60}" for i in range(160)]
    a, b = rng.normal(20, 60, 100), rng.normal(-20, 60, 60)
    whole = side(a, b, people)
    found = difference_from_raw(whole)
    strata = np.array(["a"] * 100 + ["b"] * 60)

    def statistic(kept):
        means = [whole.values[kept & (strata == one)].mean() for one in "ab"]
        return whole.values[kept].mean() - np.mean(means)

    left = np.array([statistic(whole.who != one) for one in sorted(set(people))])
    jackknife = np.sqrt(59 / 60 * ((left - left.mean()) ** 2).sum())
    width = (found.ci.high - found.ci.low) / 2 / 2.0010
    assert width == pytest.approx(jackknife, rel=0.05)
    assert (found.n, found.people) == (160, 60)


def test_who_answers_twice_counts_once():
    people = [f"c{i}" for i in range(40)]
    values = [100.0, -100.0] * 20
    same = change_of(side(values, values, people * 2), side(values, values, people * 2))
    assert same.total.value == 0
    assert np.isnan(same.total.ci.low)  # the same people said the same: nothing varies
    assert same.total.note == NO_SPREAD
    others = change_of(side(values, values), side(values, values))
    assert others.total.ci.low < 0 < others.total.ci.high


def test_the_interval_holds_what_is_only_the_mix():
    rng = np.random.default_rng(8)
    held = 0
    for _ in range(300):
        sides = []
        for share in (0.7, 0.3):  # of those who answer are of group a; a is 40 points above b
            n = rng.binomial(200, share)
            draw = [rng.choice([100, -100], size, p=[p, 1 - p])
                    for size, p in ((n, 0.7), (200 - n, 0.5))]  # fmt: skip
            sides.append(side(*draw))
        found = change_of(*sides).who_answers
        held += found.ci.low <= 40 * (0.3 - 0.7) <= found.ci.high
    assert 0.92 <= held / 300 <= 0.98
