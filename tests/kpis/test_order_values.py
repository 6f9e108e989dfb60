"""The value of a usual order, and how far drawing other customers would move it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import trim_mean

from cxresearch import kpis
from cxresearch.kpis.order_values import usual_order_values
from cxresearch.stats.ranks.resampling import MEAN, bootstrap
from tests.kpis.shop import ENGINES, in_engine, orders, random_orders

ORDERS = random_orders(9)
SALES = ORDERS[
    (ORDERS["status"].isna() | (ORDERS["status"] == "completed"))
    & (ORDERS["revenue"] > 0)
    & (ORDERS["currency"] != "USD")
]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_median_of_the_sales(engine):
    result = kpis.median_order_value(in_engine(ORDERS, engine), currency="EUR")
    units = ("c" + SALES["customer_id"]).fillna("o" + SALES["order_id"])
    expected = bootstrap(SALES["revenue"], np.median, unit="EUR", clusters=units, draws=1000)
    assert result.value == pytest.approx(SALES["revenue"].median())
    assert result.ci == pytest.approx(expected.ci)
    assert result.n == units.nunique()


@pytest.mark.parametrize("share", [0, 0.05, 0.2])
def test_the_trimmed_mean_is_that_of_scipy(share):
    result = kpis.trimmed_order_value(ORDERS, currency="EUR", share=share)
    assert result.value == pytest.approx(trim_mean(SALES["revenue"], share))
    assert result.ci.low < result.value < result.ci.high
    assert f"of every hundred orders: {100 * share:g}" in result.note


def test_the_two_together_are_those_asked_for_alone():
    together = usual_order_values(ORDERS, currency="EUR")
    alone = [
        ask(ORDERS, currency="EUR") for ask in (kpis.median_order_value, kpis.trimmed_order_value)
    ]
    assert [one.estimate for one in together] == [one.estimate for one in alone]
    months = [[kpis.by_month(one) for one in both] for both in (together, alone)]
    assert all(map(pd.DataFrame.equals, *months))


def test_one_huge_order_moves_the_mean_and_not_the_median():
    frame = orders([{"customer_id": f"c{i}", "revenue": 20.0 + i} for i in range(40)])
    huge = frame.copy()
    huge.loc[39, "revenue"] = 1e6
    mean, median = kpis.average_order_value, kpis.median_order_value
    assert mean(huge, currency="EUR").value > 500 * mean(frame, currency="EUR").value
    assert median(huge, currency="EUR").value == median(frame, currency="EUR").value
    # A draw takes the huge order more than four times once in 270 draws.
    assert kpis.trimmed_order_value(huge, currency="EUR", share=0.1).ci.high < 100


def test_customers_with_many_like_orders_widen_the_interval():
    rng = np.random.default_rng(1)
    rows = [
        {"customer_id": f"c{c}", "revenue": taste}
        for c, taste in enumerate(rng.lognormal(3, 1, 30))
        for _ in range(10)
    ]
    together = kpis.median_order_value(orders(rows), currency="EUR").ci
    apart = kpis.median_order_value(
        orders([{**row, "customer_id": None} for row in rows]), currency="EUR"
    ).ci
    assert together.high - together.low > 2 * (apart.high - apart.low)


def test_months_and_their_change():
    result = kpis.median_order_value(ORDERS, currency="EUR")
    months = kpis.by_month(result).set_index("month")
    for month, row in months.iterrows():
        mine = SALES[SALES["day"].dt.strftime("%Y-%m") == month]
        assert row["value"] == pytest.approx(mine["revenue"].median())
    moved = kpis.change(result)
    before, last = months.loc[months["complete"], "value"].iloc[-2:]
    assert moved.value == pytest.approx(last - before)
    assert moved.ci.low < moved.value < moved.ci.high


def test_no_sales_have_no_median():
    result = kpis.median_order_value(ORDERS.iloc[:0], currency="EUR")
    assert math.isnan(result.value)
    assert result.note == "undefined: there is nothing to draw from"


def test_half_of_the_orders_cannot_be_left_out_at_either_end():
    with pytest.raises(ValueError, match=r"^share must be between 0 and 0.49; got 0.5$"):
        kpis.trimmed_order_value(ORDERS, currency="EUR", share=0.5)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_mean_by_bootstrap_is_the_mean(engine):
    result = kpis.average_order_value(in_engine(ORDERS, engine), currency="EUR", method="bootstrap")
    plain = kpis.average_order_value(ORDERS, currency="EUR")
    assert (result.value, result.n) == (pytest.approx(plain.value), plain.n)
    assert result.method == MEAN
    assert result.note == plain.note
    # Of sums of gammas over 110 customers, nearly symmetric: the two intervals agree.
    assert result.ci == pytest.approx(plain.ci, rel=0.02)


def test_the_mean_by_bootstrap_has_months():
    result = kpis.average_order_value(ORDERS, currency="EUR", method="bootstrap")
    plain = kpis.average_order_value(ORDERS, currency="EUR")
    drawn, known = kpis.by_month(result), kpis.by_month(plain)
    assert drawn["value"].to_numpy() == pytest.approx(known["value"].to_numpy())
    assert kpis.change(result).value == pytest.approx(kpis.change(plain).value)


def test_an_unknown_interval_is_told():
    with pytest.raises(ValueError, match=r"^method must be one of"):
        kpis.average_order_value(ORDERS, currency="EUR", method="normal")


@pytest.mark.parametrize("currency", ["euro", "€", "eur"])
def test_a_currency_that_is_none_is_refused(currency):
    with pytest.raises(ValueError, match="currency must be a code of ISO 4217, such as EUR"):
        kpis.average_order_value(ORDERS, currency=currency)


@pytest.mark.parametrize("engine", ENGINES)
def test_order_values_far_from_0_vary_as_those_near_it(engine):
    kept = ORDERS.assign(revenue=ORDERS["revenue"].abs().round() + 1, status="completed")
    near, far = (
        kpis.average_order_value(
            in_engine(kept.assign(revenue=kept["revenue"] + away), engine), currency="EUR"
        )
        for away in (0, 1e9)
    )
    assert far.ci == pytest.approx([end + 1e9 for end in near.ci], abs=0.01)
    assert kpis.change(far).ci == pytest.approx(kpis.change(near).ci, abs=0.01)
    months = [kpis.by_month(one)["value_low"] for one in (near, far)]
    assert (months[1] - 1e9).tolist() == pytest.approx(months[0].tolist(), abs=0.01)
    same = kpis.average_order_value(
        in_engine(kept.assign(revenue=1e9 + 0.1), engine), currency="EUR"
    )
    assert all(map(math.isnan, same.ci))
