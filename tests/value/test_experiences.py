from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cxresearch import value
from cxresearch.core.missing import Missing
from cxresearch.errors import SchemaError

DAY0 = pd.Timestamp("2024-01-01")
LANDMARK = 200


def shop_of(seed: int, *, effect: float = 0.0, select: float = 0.0, n: int = 800):
    """Customers who spend at a level of their own; who meets it, and what it does, is planted.

    With `select` the big spenders meet it more often; `effect` is taken off each order after it.
    """
    rng = np.random.default_rng(seed)
    level = rng.gamma(3, 10, n)
    chance = 1 / (1 + np.exp(-(select * (np.log(level) - np.log(30)))))
    met = rng.random(n) < chance * 0.5
    rows = []
    for customer in range(n):
        for day in range(0, 400, 40):
            spent = level[customer] * rng.gamma(5) / 5 + 5
            after = day > LANDMARK
            rows.append(
                (customer, day + rng.integers(0, 39), spent - effect * met[customer] * after)
            )
    orders = pd.DataFrame(rows, columns=["customer_id", "at", "revenue"])
    orders["day"] = DAY0 + pd.to_timedelta(orders.pop("at"), unit="D")
    orders["customer_id"] = "C" + orders["customer_id"].astype(str)
    moments = pd.DataFrame(
        {
            "customer_id": [f"C{i}" for i in range(n)],
            "day": DAY0 + pd.Timedelta(days=LANDMARK),
            "group": np.where(met, "late", "on time"),
        }
    )
    return orders[orders["revenue"] > 0], moments


def compared(orders, moments, **options):
    return value.worth_of(orders, moments, experience="late", beside="on time", days=150, **options)


def test_a_planted_loss_is_found_where_the_plain_comparison_is_wrong():
    found = compared(*shop_of(2, effect=4.0, select=0.7))
    # 2.8 orders of those it bears on fall into the days after.
    assert found.spent.ci.low < -11.2 < found.spent.ci.high < 0
    assert found.naive_spent.value > found.spent.value + 5
    assert found.is_credible
    assert found.met + found.others == 800


def test_no_effect_is_none_and_its_placebo_too():
    found = compared(*shop_of(2, select=0.7))
    assert found.spent.ci.low < 0 < found.spent.ci.high
    assert found.naive_spent.ci.low > 0
    assert found.placebo.ci.low < 0 < found.placebo.ci.high


def test_groups_that_differed_before_are_told():
    orders, moments = shop_of(3)
    late = set(moments.loc[moments["group"] == "late", "customer_id"])
    shortly_before = orders["day"].between("2024-03-01", "2024-07-10")
    orders.loc[shortly_before & orders["customer_id"].isin(late), "revenue"] += 30
    found = compared(orders, moments)
    assert not found.is_credible
    assert "the comparison cannot be trusted" in found.note


def test_a_past_without_orders_says_nothing():
    orders, moments = shop_of(4)
    found = compared(orders[orders["day"] > DAY0 + pd.Timedelta(days=LANDMARK)], moments)
    assert math.isnan(found.placebo.value)
    assert not found.is_credible
    assert found.note.startswith("nobody had bought before, so nothing shows")


def test_moments_not_followed_to_the_end_are_left_out_and_counted():
    orders, moments = shop_of(5)
    moments.loc[:9, "day"] = orders["day"].max() - pd.Timedelta(days=149)
    found = compared(orders, moments)
    assert "cases followed for less than 150 days left out: 10" in found.note
    assert found.spent == replace(compared(orders, moments[10:]).spent, note=found.spent.note)


def test_the_days_own_orders_are_on_neither_side():
    orders, moments = shop_of(6)
    own = moments[["customer_id", "day"]].assign(revenue=1000.0 * (moments["group"] == "late") + 1)
    again = compared(pd.concat([orders, own]), moments)
    assert again.spent.value == pytest.approx(compared(orders, moments).spent.value)


def test_too_few_are_missing():
    orders, moments = shop_of(7)
    few = moments[(moments["group"] == "on time") | (moments.index < 12)]
    assert isinstance(compared(orders, few), Missing)


def test_a_day_that_is_none_is_named():
    orders, moments = shop_of(1)
    with pytest.raises(SchemaError, match="day: must be days; "):
        compared(orders, moments.assign(day="someday"))
