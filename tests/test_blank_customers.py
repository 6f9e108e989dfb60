"""A blank customer is nobody in every room: each gives what it gives where the id is missing."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cxresearch import kpis, survey, voc
from cxresearch.engine import frames
from cxresearch.experiments._example import EXPOSURES, PLAN
from cxresearch.experiments.exposures import RowCounts, first_exposures
from cxresearch.kpis._example import EVENTS, ORDERS, TICKETS

BLANKS = ["", " ", "  \t", "\u00a0", "\u2003\u202f", "\u200b", None, math.nan]


def with_ids(rows: pd.DataFrame, blank: object, places: list[int]) -> pd.DataFrame:
    """Return rows whose customer at some places is blank."""
    ids = rows["customer_id"].astype(object).to_list()
    ids = [blank if place in places else one for place, one in enumerate(ids)]
    return rows.assign(customer_id=pd.Series(ids, index=rows.index, dtype=object))


def numbers_of(orders: pd.DataFrame, events: pd.DataFrame, tickets: pd.DataFrame) -> list[Any]:
    found = [
        kpis.repeat_purchase_rate(orders),
        kpis.average_order_value(orders, currency="EUR"),
        kpis.tickets_per_order(tickets, orders),
        kpis.cart_abandonment(events, cart="add_to_cart", purchase="purchase"),
        kpis.cart_abandonment(events, cart="add_to_cart", purchase="purchase", unit="customer"),
        kpis.conversion_rate(events, purchase="purchase"),
        kpis.conversion_rate(events, purchase="purchase", unit="customer"),
        kpis.traffic_share(events, channel="email"),
    ]
    return [(one.value, *one.ci, one.n, one.note) for one in found]


def numbers_where(blank: object) -> list[Any]:
    """Return the indicators of orders, visits and tickets some of whose customers are blank."""
    tables = [(ORDERS, [0, 1, 2]), (EVENTS, [0, 2]), (TICKETS, [0, 1])]
    return numbers_of(*(with_ids(rows, blank, places) for rows, places in tables))


@pytest.fixture(scope="module")
def missing() -> list[Any]:
    return numbers_where(None)


@pytest.mark.slow
@pytest.mark.parametrize("blank", BLANKS, ids=ascii)
def test_indicators_are_those_of_missing_ids(blank: object, missing: list[Any]):
    np.testing.assert_equal(numbers_where(blank), missing)


def test_an_event_of_nobody_is_no_visit_and_no_cart():
    guests = with_ids(EVENTS, " ", [0, 1])  # the only cart that was bought at once
    carts = kpis.cart_abandonment(guests, cart="add_to_cart", purchase="purchase")
    assert (carts.value, carts.n) == (1.0, 2)
    assert "events without a customer left out: 2" in carts.note
    visitors = kpis.conversion_rate(guests, purchase="purchase", unit="customer")
    assert (visitors.value, visitors.n) == (0.5, 2)


@pytest.fixture(scope="module")
def without_guests() -> tuple[int, RowCounts]:
    """How many customers the example has, and what is counted of them."""
    customers, tally = first_exposures(EXPOSURES, PLAN, time_zone="UTC")
    return len(customers.collect()), tally


@pytest.mark.parametrize("blank", BLANKS, ids=ascii)
def test_nobody_is_in_an_experiment(blank: object, without_guests: tuple[int, RowCounts]):
    guests = pd.concat([EXPOSURES, with_ids(EXPOSURES.iloc[[0, 2]], blank, [0, 1])])
    customers, tally = first_exposures(guests, PLAN, time_zone="UTC")
    count, without = without_guests
    assert tally.without_customer == 2
    assert replace(tally, without_customer=0) == without
    assert len(customers.collect()) == count


@pytest.mark.parametrize("blank", BLANKS, ids=ascii)
def test_answers_of_nobody_are_of_persons_of_their_own(blank: object):
    answers = pd.DataFrame({"customer_id": list("AABBCD"), "score": [9, 9, 3, 4, 8, 10]}).assign(
        metric="nps", scale_min=0, scale_max=10, touchpoint=None
    )
    found, expected = (
        survey.overall(with_ids(answers, one, [0, 1, 2, 3]), "nps") for one in (blank, None)
    )
    assert (found.n, found.value, found.ci) == (6, expected.value, expected.ci)


@pytest.mark.parametrize("blank", BLANKS, ids=ascii)
def test_weighted_answers_of_nobody_are_of_persons_of_their_own(blank: object):
    answers = pd.DataFrame({"customer_id": list("AABBCD"), "score": [9, 9, 3, 4, 8, 10]}).assign(
        metric="nps", scale_min=0, scale_max=10, touchpoint=None
    )
    weights = [1.0, 2.0, 1.0, 1.5, 1.0, 2.5]
    found, expected = (
        survey.overall(with_ids(answers, one, [0, 1, 2, 3]), "nps", weights=weights)
        for one in (blank, None)
    )
    assert (found.n, found.value, found.ci) == (6, expected.value, expected.ci)


@pytest.mark.parametrize("blank", BLANKS, ids=ascii)
def test_a_text_of_nobody_has_no_score_no_order_and_no_contact(blank: object):
    texts = pd.DataFrame({"text_id": ["a", "b"], "customer_id": [blank, "C"], "ts_us": [0, 0]})
    day = 86_400_000_000
    others = pd.DataFrame({"customer_id": [blank, "C", "D"], "ts_us": [day, day, 200 * day]})
    answers = others.assign(metric="nps", score=[1.0, 9.0, 5.0])
    scores = voc.nearest_score(texts, answers, "nps")
    assert math.isnan(scores["a"])
    assert scores["b"] == 9
    again = voc.bought_again(texts, others)
    assert math.isnan(again["a"])
    assert again["b"] == 1
    asked = others.rename(columns={"ts_us": "opened_us"}).assign(resolved_us=None, outcome="x")
    assert voc.contacts(texts, asked)["contacted"].to_list() == [False, True]


def test_customers_of_a_list_are_numbered_and_nobody_is_one_by_himself():
    codes = frames.customer_codes(["A", *BLANKS, "B", "A", pd.NA])
    assert codes[0] == codes[-2]
    assert len(set(codes)) == 2 + len(BLANKS) + 1
