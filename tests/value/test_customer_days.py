"""What each day of a customer keeps where money goes back later, re-derived order by order."""

from __future__ import annotations

from collections import defaultdict

import hypothesis.strategies as st
import pandas as pd
import polars as pl
import pytest
from hypothesis import given

from cxresearch import kpis, value
from cxresearch.core.languages import Language
from cxresearch.core.remarks import in_words
from cxresearch.value.customer_days import CustomerDays, customer_days
from tests.value.shops import order, orders


def kept(found: CustomerDays) -> dict[tuple[str, str], float]:
    rows = found.kept.collect().to_pandas()
    return {(row.customer_id, str(row.day)[:10]): row.net for row in rows.itertuples(index=False)}


def said(found: CustomerDays) -> str:
    return in_words(found.remarks, Language("en"))


def test_a_refund_on_another_day_comes_off_the_last_money_before_it():
    shop = orders(
        order("A", "2024-01-01", 60),
        order("A", "2024-01-05", 40),
        order("A", "2024-01-09", -50),
        order("A", "2024-01-20", 30),
    )
    found = customer_days(shop)
    # 40 of the 50 are those of the 5th, which is a purchase no more, and 10 those of the 1st.
    assert kept(found) == {("A", "2024-01-01"): 50, ("A", "2024-01-20"): 30}
    assert said(found) == "days of a customer that took back as much as they brought left out: 1"


def test_so_does_what_a_day_with_an_order_takes_back_beyond_it():
    shop = orders(
        order("A", "2024-01-01", 60), order("A", "2024-01-05", 10), order("A", "2024-01-05", -30)
    )
    assert kept(customer_days(shop)) == {("A", "2024-01-01"): 40}


def test_what_goes_back_of_money_from_before_the_data_is_said():
    shop = orders(
        order("A", "2024-01-02", -25), order("A", "2024-01-09", 40), order("B", "2024-01-01", 5)
    )
    found = customer_days(shop)
    assert kept(found) == {("A", "2024-01-09"): 40, ("B", "2024-01-01"): 5}
    assert said(found) == "customers refunded more than they had brought: 1"


def test_a_refund_is_of_the_returned_order_where_the_customer_has_one():
    shop = orders(
        order("A", "2024-01-01", 60),
        order("A", "2024-01-05", 40, "returned"),
        order("A", "2024-01-09", -40),
    )
    found = customer_days(shop)
    assert kept(found) == {("A", "2024-01-01"): 60}
    assert "refunds of customers with cancelled or returned orders, taken as of these: 1" in said(
        found
    )


def test_what_customers_keep_adds_up_to_the_net_revenue():
    shop = orders(
        order("A", "2024-01-01", 60),
        order("A", "2024-02-05", 40.1),
        order("A", "2024-03-09", -50.35),
        order("B", "2024-01-01", 10),
        order("B", "2024-01-03", -10),
    )
    named = shop.assign(order_id=shop.index.astype(str), ts=pd.to_datetime(shop["day"]))
    net = kpis.net_revenue(named, currency="EUR").value
    assert sum(kept(customer_days(shop)).values()) == pytest.approx(net)
    assert value.summary(shop).n == 1  # B bought nothing in the end


def last_in_first_out(rows: list[tuple[str, str, float]]) -> dict[tuple[str, str], float]:
    """Go through each customer's days in time, and take each refund off what lies on top."""
    by_day: dict[tuple[str, str], float] = defaultdict(float)
    for customer, day, amount in rows:
        by_day[customer, day] += amount
    sold = {(customer, day) for customer, day, amount in rows if amount > 0}
    piles: dict[str, list[tuple[tuple[str, str], float]]] = defaultdict(list)
    for (customer, day), amount in sorted(by_day.items()):
        pile = piles[customer]
        if amount > 0:
            pile.append(((customer, day), amount))
        left = -amount
        while left > 0 and pile:
            key, there = pile.pop()
            if there > left:
                pile.append((key, there - left))
            left -= there
    return {key: amount for pile in piles.values() for key, amount in pile if key in sold}


moves = st.tuples(
    st.sampled_from("AB"),
    st.integers(1, 6).map("2024-01-{:02}".format),
    st.integers(-40, 40).filter(bool).map(float),
)


@given(st.lists(moves, min_size=1, max_size=12))
def test_each_day_keeps_what_a_pile_of_money_would(rows):
    shop = orders(*(order(*row) for row in rows))
    assert kept(customer_days(shop)) == pytest.approx(last_in_first_out(rows))


def test_the_order_of_rows_and_the_library_do_not_matter():
    rows = [("A", f"2024-01-{day:02}", 7.5 * (day % 5) - 9) for day in range(1, 29)]
    shop = orders(*(order(*row) for row in rows))
    mixed = shop.sample(frac=1, random_state=3)
    assert kept(customer_days(shop)) == kept(customer_days(mixed))
    assert kept(customer_days(shop)) == kept(customer_days(pl.from_pandas(shop)))
