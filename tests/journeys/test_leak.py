"""The biggest leak and what may be behind it, by hand and by a plainer road."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cxresearch.i18n import Language
from cxresearch.journeys import Contract, Funnel, biggest_leak, funnel, prepare, revenue_behind
from cxresearch.stats.means import paired_difference
from cxresearch.stats.proportions import clustered_proportion
from cxresearch.stats.ratios import CrossSums, RatioSums, difference_of_ratios, ratio_of_sums
from tests.journeys import ways
from tests.journeys.logs import random_log
from tests.journeys.test_funnel import log

STEPS = ["view", "cart", "buy"]


def of_customers(found: Funnel, keep: Any) -> np.ndarray:
    """Return, per customer with an entrant, how many of the units have what `keep` asks for."""
    totals: dict[str, int] = {}
    for (customer, _), steps in ways.reached(found.route).items():
        if 0 in steps:
            totals[customer] = totals.get(customer, 0) + int(keep(steps))
    return np.array(list(totals.values()))


def test_the_leak_is_where_most_units_are_lost():
    shop = log("A: view 0, cart 1, buy 2", "B: view 0, cart 1", "C: view 0, cart 1", "D: view 0")
    leak = biggest_leak(funnel(shop, STEPS))
    assert (leak.before, leak.step) == ("cart", "buy")
    assert (leak.lost.value, leak.lost.unit, leak.value, leak.n) == (2, "customers", 0.5, 4)
    assert leak.lead.value == 0.25


def test_of_equal_leaks_it_is_the_first():
    shop = log("A: view 0, cart 1, buy 2", "B: view 0, cart 1", "C: view 0")
    assert biggest_leak(funnel(shop, STEPS)).step == "cart"


def test_an_optional_step_loses_nobody():
    shop = log("A: view 0, buy 2", "B: view 0, buy 1", "C: view 0")
    leak = biggest_leak(funnel(shop, STEPS, optional=["cart"]))
    assert (leak.before, leak.step, leak.lost.value) == ("view", "buy", 1)
    assert math.isnan(leak.lead.value)
    assert leak.lead.note == "undefined: there is no other step at which units are lost"


def test_its_share_is_clustered_by_customer_and_the_lost_units_are_that_share():
    found = funnel(
        prepare(random_log(3, customers=40, events=900)),
        STEPS,
        contract=Contract(unit="session"),
        confidence=0.9,
    )
    leak = biggest_leak(found)
    k = found.route.names.index(leak.step)
    lost = of_customers(found, lambda steps: k - 1 in steps and k not in steps)
    entered = of_customers(found, lambda steps: 0 in steps)
    plain = clustered_proportion(RatioSums.from_arrays(lost, entered), confidence=0.9)
    assert (leak.value, leak.ci, leak.n) == (plain.value, pytest.approx(plain.ci), plain.n)
    assert leak.lost.value == pytest.approx(lost.sum())
    assert leak.lost.ci == pytest.approx([bound * entered.sum() for bound in plain.ci])


def test_the_lead_is_paired_within_customers():
    # Of customers who are the units themselves it is a plain paired difference of means.
    found = funnel(prepare(random_log(4, customers=60, events=900)), STEPS)
    at_cart = of_customers(found, lambda steps: 1 not in steps)
    at_buy = of_customers(found, lambda steps: 1 in steps and 2 not in steps)
    first, second = sorted((at_cart, at_buy), key=np.sum)
    plain = paired_difference(first, second, unit="share")
    lead = biggest_leak(found).lead
    assert lead.value == pytest.approx(plain.value)
    assert lead.ci == pytest.approx(plain.ci)


def test_where_a_customer_loses_sessions_at_both_places_the_lead_knows():
    contract = Contract(unit="session")
    found = funnel(prepare(random_log(4, customers=12, events=900)), STEPS, contract=contract)
    entered = of_customers(found, lambda steps: 0 in steps)
    at_cart = of_customers(found, lambda steps: 0 in steps and 1 not in steps)
    at_buy = of_customers(found, lambda steps: 1 in steps and 2 not in steps)
    first, second = sorted((at_cart, at_buy), key=np.sum)
    assert first @ second > 0
    cross = CrossSums(
        n=len(entered),
        xx=first @ second,
        xy=first @ entered,
        yx=entered @ second,
        yy=entered @ entered,
    )
    plain = difference_of_ratios(
        RatioSums.from_arrays(first, entered),
        RatioSums.from_arrays(second, entered),
        cross,
        unit="share",
    )
    assert biggest_leak(found).lead.ci == pytest.approx(plain.ci)


def test_nobody_entered():
    leak = biggest_leak(funnel(log("A: home 0"), STEPS))
    assert all(map(math.isnan, (leak.value, leak.lost.value, leak.lead.value)))
    assert leak.note == "undefined: there is nothing to divide by"


def test_its_row_names_the_steps():
    row = biggest_leak(funnel(log("A: view 0", "B: view 0, cart 1"), STEPS)).to_dict()
    assert list(row)[:4] == ["before", "step", "lost", "value"]
    assert (row["before"], row["step"], row["lost"]) == ("view", "cart", 1)


def shop_with_money() -> Funnel:
    shop = log(
        "A: view 0, cart 1, buy 2, buy 3",
        "B: view 0, cart 1, buy 2",
        "C: view 0, cart 1",
        "D: view 0",
        "E: view 0",
        "F: buy 0",
        revenue=[None, None, 30.0, 10.0, None, None, 50.0, None, None, None, None, 999.0],
    )
    return funnel(shop, STEPS)


def test_revenue_is_what_the_completed_spent_each_time_for_each_one_lost():
    found = shop_with_money()
    worth = revenue_behind(found, biggest_leak(found), currency="EUR")
    # A spent 30 and 10, B 50; F never entered. Two were lost before the cart.
    plain = ratio_of_sums(RatioSums.from_arrays([40, 50], [2, 1]), unit="EUR")
    assert (worth.each.value, worth.each.ci) == (30, plain.ci)
    assert (worth.value, worth.unit, worth.n) == (60, "EUR", 2)
    assert worth.ci == pytest.approx([2 * bound for bound in plain.ci])
    assert worth.note.startswith("at most: if each of the lost had completed once")
    assert worth.note_in(Language("it")).startswith("al massimo")
    assert "remarks" not in worth.to_dict()


def test_without_revenue_nothing_is_said_of_it():
    found = funnel(log("A: view 0, cart 1, buy 2"), STEPS)
    worth = revenue_behind(found, biggest_leak(found), currency="EUR")
    assert math.isnan(worth.value)
    assert worth.note == "undefined: the events carry no such column"
    empty = funnel(log("A: view 0, cart 1, buy 2", revenue=pd.array([None] * 3, "Float64")), STEPS)
    worth = revenue_behind(empty, biggest_leak(empty), currency="EUR")
    assert math.isnan(worth.value)
    assert worth.note == "undefined: no event of the last step has a revenue"


def test_one_buyer_gives_no_interval():
    shop = log("A: view 0, buy 2", "B: view 0", revenue=[None, 30.0, None])
    found = funnel(shop, ["view", "buy"])
    worth = revenue_behind(found, biggest_leak(found), currency="EUR")
    assert worth.value == 30
    assert math.isnan(worth.ci.low)
    assert worth.note.endswith("no interval: it needs at least two independent units")


def test_money_has_a_currency():
    found = shop_with_money()
    with pytest.raises(ValueError, match="currency must be a text that is not empty; got ''"):
        revenue_behind(found, biggest_leak(found), currency="")


def test_a_leak_of_nobody_can_be_shown():
    leak = biggest_leak(funnel(log("A: cart 0"), STEPS))
    assert math.isnan(leak.to_dict()["lost"])
    assert leak.note
    assert "nan" in leak.to_frame().to_string().casefold()


def test_a_funnel_of_optional_steps_has_no_leak():
    found = funnel(log("A: view 0, cart 1"), ["view", "cart"], optional=["cart"])
    with pytest.raises(ValueError, match=r"funnel must be of two steps that are not optional; got"):
        biggest_leak(found)
