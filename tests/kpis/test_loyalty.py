"""Retention and churn: who is at the start of a period, and what is not yet known."""

from __future__ import annotations

import math

import pytest

from cxresearch import kpis
from cxresearch.core.unit_sums import RatioSums
from cxresearch.stats.shares.proportions import clustered_proportion, proportion
from tests.kpis.shop import ENGINES, in_engine, orders, random_orders


def bought(**months):
    """Return orders of customers by the months of 2026 they bought in; all of it is covered."""
    rows = [
        {"customer_id": customer, "day": f"2026-{month:02d}-15", "revenue": 10.0}
        for customer, of_customer in months.items()
        for month in of_customer
    ]
    return orders(
        [
            *rows,
            {"day": "2026-01-01", "revenue": 1.0},
            {"day": "2026-06-30", "revenue": 1.0},
        ]
    )


SHOP = bought(a=[1, 2, 3, 6], b=[1, 5], c=[2, 3], d=[4])


@pytest.mark.parametrize("engine", ENGINES)
def test_retained_of_those_at_the_start_month_by_month(engine):
    result = kpis.retention_rate(in_engine(SHOP, engine), months=1)
    # At the start of February a, b; March a, c; April a, c; May d; June b.
    by_month = kpis.by_month(result)
    assert by_month["month"].tolist() == ["2026-02", "2026-03", "2026-04", "2026-05", "2026-06"]
    assert by_month["value"].tolist() == [1 / 2, 2 / 2, 0, 0, 0]
    assert by_month["n"].tolist() == [2, 2, 2, 1, 1]
    # By customer: a 2 of 3, b 0 of 2, c 1 of 2, d 0 of 1.
    expected = clustered_proportion(RatioSums.from_arrays([2, 0, 1, 0], [3, 2, 2, 1]))
    assert result.value == pytest.approx(3 / 8)
    assert result.ci == pytest.approx(expected.ci)
    assert result.n == 4


def test_a_customer_is_at_the_start_of_a_quarter_once():
    result = kpis.churn_rate(SHOP, months=3)
    # a, b and c bought in the first quarter; a and b came back in the second.
    assert result.value == pytest.approx(1 / 3)
    assert result.n == 3
    assert result.note.startswith("periods of 3 months; a month named begins the later of the two")
    assert kpis.by_month(result)["month"].tolist() == ["2026-04"]


def test_periods_end_with_the_last_whole_month():
    # Of six months, periods of four leave out the first two, so there is one and no next.
    result = kpis.churn_rate(SHOP, months=4)
    assert math.isnan(result.value)
    assert "the data do not cover two whole periods" in result.note
    assert kpis.by_month(result).empty
    assert math.isnan(kpis.change(result).value)


def test_churn_is_one_minus_retention():
    frame = random_orders(4)
    churn, retention = (f(frame, months=1) for f in (kpis.churn_rate, kpis.retention_rate))
    assert churn.value == pytest.approx(1 - retention.value)
    assert churn.ci == pytest.approx((1 - retention.ci.high, 1 - retention.ci.low))


def test_a_cancelled_order_retains_nobody():
    frame = bought(a=[5, 6], b=[5, 6])
    frame.loc[frame["day"] == "2026-06-15", "status"] = "cancelled"
    assert kpis.retention_rate(frame, months=1).value == 0


@pytest.mark.parametrize("function", [kpis.churn_rate, kpis.retention_rate, kpis.cohort_retention])
def test_a_period_has_at_least_a_month(function):
    with pytest.raises(ValueError, match=r"^months must be at least 1; got 0$"):
        function(SHOP, months=0)


@pytest.mark.parametrize("engine", ENGINES)
def test_cohorts_by_hand(engine):
    table = kpis.cohort_retention(in_engine(SHOP, engine), months=3)
    cells = table.set_index(["cohort", "later"])
    # January: a and b; a came back 1, 2 and 5 months later, b after 4.
    assert cells.loc["2026-01", "customers"].tolist() == [2, 2, 2]
    assert cells.loc["2026-01", "retained"].tolist() == [1, 1, 0]
    assert cells.loc["2026-02", "retained"].tolist() == [1, 0, 0]
    expected = proportion(1, 2)
    assert cells.loc[("2026-01", 1), "share"] == expected.value
    assert cells.loc[("2026-01", 1), "share_high"] == expected.ci.high


def test_what_was_not_observed_is_not_zero_and_its_cohort_is_not_mature():
    cells = kpis.cohort_retention(SHOP, months=3).set_index(["cohort", "later"])
    assert cells.loc["2026-04", "mature"].tolist() == [False] * 3
    assert cells.loc["2026-03", "mature"].tolist() == [True] * 3
    assert cells.loc[("2026-04", 2), "share"] == 0
    assert math.isnan(cells.loc[("2026-04", 3), "share"])
    assert math.isnan(cells.loc[("2026-04", 3), "retained"])


def test_no_orders_are_no_cohorts():
    assert kpis.cohort_retention(SHOP.iloc[:0]).empty
    assert math.isnan(kpis.churn_rate(SHOP.iloc[:0]).value)
