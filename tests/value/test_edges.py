"""Orders that leave little or nothing to say: each is a note in words, never a crash or a 0."""

from __future__ import annotations

import math

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

from cxresearch import value
from cxresearch.core.missing import Missing
from cxresearch.errors import SchemaError
from tests.value.shops import START, leaving_shop, order, orders

DAYS = [str((START + pd.Timedelta(days=day)).date()) for day in range(28)]
FEW = {
    "guests": orders(*(order(None, day, 10.0) for day in DAYS)),
    "returned": orders(*(order(f"C{day}", day, 10.0, "returned") for day in DAYS)),
    "once": orders(*(order(f"C{day}", day, 10.0) for day in DAYS)),
    "one day": orders(*(order(f"C{i}", DAYS[0], 10.0) for i in range(30))),
    "one order": orders(order("A", DAYS[0], 10.0)),
    "one customer": orders(order("A", DAYS[0], 10.0), order("A", DAYS[9], 10.0)),
    "taken back": orders(*(order(f"C{day}", day, sign * 5.0) for day in DAYS for sign in (1, -1))),
    "nothing": orders(order("A", DAYS[0], 10.0)).iloc[:0],
}


@pytest.mark.parametrize("name", FEW)
def test_few_orders_are_a_note(name):
    shop = FEW[name]
    known = value.summary(shop)
    bought, money = value.purchases(known), value.spend(known)
    tested = value.holdout(shop, days=3)
    worth = value.lifetime_value(bought, money, days=90, discount=0.1, by="decile", holdout=tested)
    for estimate in (bought.alive(), worth.total):
        assert math.isnan(estimate.value)
        assert "undefined" in estimate.note or "no leaving" in estimate.note
    assert math.isnan(tested.spend_ratio.value)
    assert tested.spend_ratio.note.startswith("undefined")
    assert worth.frame["customers"].sum() == known.n
    assert repr(worth.table())
    assert isinstance(value.next_purchase(shop, days=3), Missing)
    assert isinstance(value.season(shop), Missing)
    assert repr(value.retention_triangle(shop))
    assert len(value.rfm(shop, days=3).scores) == known.n


def test_a_week_of_data_has_no_month_and_no_interval():
    week = leaving_shop(1, days=7, arrive=7, alpha=3.0)
    bought = value.purchases(value.summary(week))
    assert bought.at_bound
    assert math.isnan(bought.expected(30).ci.low)
    assert value.retention_triangle(week).frame.empty
    assert len(value.retention_triangle(week, unit="week", periods=1).frame)


def test_customers_who_are_all_alike_have_a_forecast():
    """Where they differ in nothing, the model's parameters have no end, and its forecast has."""
    rng = np.random.default_rng(3)
    rows = []
    for customer in range(300):
        at = float(rng.integers(0, 150))
        while at < 300:
            rows.append((f"C{customer}", START + pd.Timedelta(days=int(at)), 20.0))
            if rng.random() < 0.3:
                break
            at += rng.exponential(30)
    shop = pd.DataFrame(rows, columns=["customer_id", "day", "revenue"])
    known = value.summary(shop.assign(status="completed"), until=START + pd.Timedelta(days=299))
    bought = value.purchases(known)
    ahead = bought.expected(90)
    # A customer still there with certainty buys sum of .7**k * P(Poisson(3) > k) times in 90 days.
    still = 0.7 * bought.alive().value * bought.n
    assert ahead.ci.low < ahead.value < ahead.ci.high
    assert 0.5 * still < ahead.value < 3 * still
    assert all(one.ci.low > 1e-7 for one in bought.parameters.values() if not one.note)


def test_cents_and_fortunes_are_the_same_shop():
    shop = leaving_shop(4, customers=200)
    one = value.spend(value.summary(shop))
    for scale in (1e-4, 1e8):
        other = value.spend(value.summary(shop.assign(revenue=shop["revenue"] * scale)))
        assert other.mean == pytest.approx(one.mean * scale, rel=1e-4)
        assert other.ci.low == pytest.approx(one.ci.low * scale, rel=1e-3)


def test_an_order_that_is_there_twice_in_a_day_is_one_purchase():
    shop = leaving_shop(5, customers=100)
    twice = pd.concat([shop, shop])
    assert value.summary(twice).frame["frequency"].equals(value.summary(shop).frame["frequency"])
    same = value.retention_triangle(twice).frame
    pd.testing.assert_frame_equal(same, value.retention_triangle(shop).frame)
    assert value.lapse_days(twice).value == value.lapse_days(shop).value


def test_a_day_is_that_of_the_clock_on_the_wall():
    """Days come with a time, or in a time zone: the date that is written is the day."""
    shop = leaving_shop(6, customers=60)
    plain = value.summary(shop).frame
    late = shop.assign(day=shop["day"] + pd.Timedelta(hours=23))
    there = shop.assign(day=(shop["day"] + pd.Timedelta(hours=1)).dt.tz_localize("Europe/Rome"))
    for other in (late, there):
        found = value.summary(other).frame
        assert found["frequency"].equals(plain["frequency"])
        assert found["recency"].tolist() == plain["recency"].tolist()


def test_orders_without_a_day_are_left_out_and_counted():
    shop = leaving_shop(6, customers=60)
    lost = shop["customer_id"] == "C00003"
    undated = shop.assign(day=shop["day"].where(~lost))
    known = value.summary(undated)
    assert known.frame.equals(value.summary(shop[~lost]).frame)
    assert known.note == f"orders without a day left out: {lost.sum()}"
    assert "C00003" not in value.rfm(undated, days=30).scores["customer_id"].to_numpy()
    cohorts = value.retention_triangle(undated).frame
    pd.testing.assert_frame_equal(cohorts, value.retention_triangle(shop[~lost]).frame)
    nothing = shop.assign(day=pd.NaT)
    assert value.retention_triangle(nothing).frame.empty
    assert value.summary(nothing, until="2024-12-31").n == 0


def test_customers_may_be_named_by_numbers_and_must_be_named():
    shop = leaving_shop(6, customers=90)
    shop["customer_id"] = shop["customer_id"].str[1:].astype(int).astype(str)
    moments = shop[["customer_id", "day"]].assign(group=np.where(shop.index % 2, "a", "b"))
    numbers = [one.assign(customer_id=one["customer_id"].astype(int)) for one in (shop, moments)]
    asked = {"experience": "a", "beside": "b", "days": 30}
    told = value.worth_of(shop, moments, **asked)
    assert told.spent.value != 0
    for sold, met in [(shop, numbers[1]), (numbers[0], moments), numbers]:
        assert value.worth_of(sold, met, **asked).spent.value == told.spent.value
    known = value.summary(shop)
    bought, money = value.purchases(known.frame.drop(columns="customer_id")), value.spend(known)
    with pytest.raises(SchemaError, match="customer_id"):
        value.lifetime_value(bought, money, days=30, discount=0, by={"C00001": "a"})


def test_currencies_may_be_mixed_where_only_days_count():
    shop = leaving_shop(6, customers=60, days=900)
    mixed = shop.assign(currency=np.where(shop.index % 2, "EUR", "USD"))
    assert value.lapse_days(mixed).value == value.lapse_days(shop).value
    pd.testing.assert_frame_equal(
        value.retention_triangle(mixed).frame, value.retention_triangle(shop).frame
    )
    assert value.season(mixed) == value.season(shop)
    with pytest.raises(ValueError, match="currency must be given where orders are in several"):
        value.summary(mixed)


def test_revenue_without_an_end_is_refused_and_texts_are_read():
    shop = leaving_shop(6, customers=60)
    endless = shop.assign(revenue=shop["revenue"].where(shop.index != 5, math.inf))
    with pytest.raises(ValueError, match="revenue of orders must be finite; got inf"):
        value.summary(endless)
    lines = shop[["order_id"]].assign(sku=np.where(shop.index % 2, "a", "b"))
    plan = value.cross_sell_test(lines, shop, "a", "b")
    texts = shop.assign(revenue=shop["revenue"].astype(str), day=shop["day"].astype(str))
    assert value.cross_sell_test(lines, texts, "a", "b") == plan
    with pytest.raises(SchemaError, match="day: must be times"):
        value.cross_sell_test(lines, shop.assign(day="soon"), "a", "b")


def test_lines_and_orders_may_come_from_different_places():
    shop = leaving_shop(6, customers=60)
    lines = shop[["order_id"]].assign(sku=np.where(shop.index % 2, "a", "b"))
    plan = value.cross_sell_test(lines, shop, "a", "b")
    pairs = value.baskets(lines, shop, least_expected=1.0)
    theirs = duckdb.connect().from_df(shop)
    for orders_ in (theirs, pl.from_pandas(shop)):
        assert value.cross_sell_test(lines, orders_, "a", "b") == plan
        found = value.baskets(lines, orders_, least_expected=1.0)
        pd.testing.assert_frame_equal(found.pairs, pairs.pairs)


ODD = {
    "refunds larger than orders": (
        [order("A", DAYS[0], 10.0), order("A", DAYS[0], -30.0), order("A", DAYS[9], -5.0)],
        0,
        "days of a customer that took back as much as they brought left out: 1",
    ),
    "money back alone": ([order("A", DAYS[0], -10.0)], 0, "no known customer has a net order"),
    "worth nothing": ([order("A", DAYS[0], 0.0)], 0, "no known customer has a net order"),
    "one in the far future": ([order("A", DAYS[0], 1.0), order("A", "2099-01-01", 1.0)], 1, ""),
    "one of ten million": ([order("A", DAYS[0], 1.0), order("A", DAYS[5], 1e7)], 1, ""),
    "unknown revenue": ([order("A", DAYS[0], 1.0), order("A", DAYS[5], math.nan)], 1, ""),
    "every day": ([order("A", day, 1.0) for day in DAYS], 1, ""),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_orders_are_counted_or_left_out_with_a_note(name):
    rows, customers, note = ODD[name]
    shop = orders(*rows)
    known = value.summary(shop)
    assert known.n == customers
    assert note in known.note
    assert np.isfinite(known.frame[["frequency", "recency", "T", "monetary_value"]]).all(axis=None)
    for result in (
        value.cohort_values(shop, days=3),
        value.retention_triangle(shop),
        value.retention_triangle(shop, kind="rolling", unit="week"),
        value.rfm(shop, days=3),
    ):
        assert repr(result)
    lapse = value.lapse_days(shop)
    assert lapse.note or not math.isnan(lapse.value)
    assert len(value.rfm(shop, days=3).scores) == customers


def test_money_that_is_no_number_is_unknown_in_any_library():
    shop = leaving_shop(6, customers=60)
    unknown = shop.assign(revenue=shop["revenue"].where(shop.index % 3 > 0))
    plain = value.summary(unknown).frame
    of_polars = pl.from_pandas(unknown).with_columns(pl.col("revenue").fill_null(float("nan")))
    assert value.summary(of_polars).frame["frequency"].tolist() == plain["frequency"].tolist()
