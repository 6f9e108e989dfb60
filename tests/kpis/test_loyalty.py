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
    assert "the data do not cover two complete periods" in result.note
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


@pytest.mark.parametrize("function", [kpis.churn_rate, kpis.retention_rate])
def test_a_period_has_at_least_a_month(function):
    with pytest.raises(ValueError, match=r"^months must be at least 1; got 0$"):
        function(SHOP, months=0)


ENDS = "2026-06-30"
#: A first order with the days after it at which the customer orders again.
FOLLOWED = orders(
    [
        {"customer_id": customer, "day": day, "revenue": 10.0}
        for customer, days in {
            "on the last day": ("2026-01-10", "2026-04-10"),  # 90 days
            "a day late": ("2026-01-11", "2026-04-12"),  # 91
            "never": ("2026-01-20",),
            "twice on a day": ("2026-02-02", "2026-02-02"),
            "late, then soon": ("2026-02-03", "2026-06-01", "2026-06-02"),
            "just followed": ("2026-04-01",),  # the last whose days are over
            "not yet over": ("2026-04-02", "2026-04-03"),
        }.items()
        for day in days
    ]
    + [{"day": "2026-01-01", "revenue": 1.0}, {"day": ENDS, "revenue": 1.0}]
).assign(ts_us=lambda rows: rows["day"].astype("datetime64[us]").astype("int64"))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_second_order_counts_within_the_days_of_those_whose_days_are_over(engine):
    result = kpis.second_order_rate(in_engine(FOLLOWED, engine), days=90)
    assert (result.value, result.n) == (pytest.approx(2 / 6), 6)
    assert result.ci == pytest.approx(proportion(2, 6).ci)
    assert result.note.startswith("within 90 days of the first order; a month named is that of")
    months = kpis.by_month(result).set_index("month")
    found = months.loc[["2026-01", "2026-02", "2026-04"], "value"].tolist()
    assert found == pytest.approx([1 / 3, 1 / 2, 0])
    assert months["complete"].to_dict() == {
        "2026-01": True, "2026-02": True, "2026-03": True, "2026-04": False, "2026-05": False,
        "2026-06": False,
    }  # fmt: skip


def test_a_month_is_whole_when_the_days_of_its_last_customer_are_over():
    # 90 days after 31 March are 29 June: the day after it has to be in the data.
    for end, is_whole in (("2026-06-30", True), ("2026-06-29", False)):
        shop = FOLLOWED[FOLLOWED["day"] <= "2026-06-02"]
        shop = orders([*shop.to_dict("records"), {"day": end, "revenue": 1.0}])
        months = kpis.by_month(kpis.second_order_rate(shop)).set_index("month")
        assert months.loc["2026-03", "complete"] == is_whole


def test_a_cancelled_second_order_is_none():
    frame = FOLLOWED.copy()
    frame.loc[frame["day"] == "2026-04-10", "status"] = "cancelled"
    assert kpis.second_order_rate(frame).value == pytest.approx(1 / 6)


def test_without_a_customer_followed_for_as_long_there_is_no_rate():
    for frame in (FOLLOWED[FOLLOWED["day"] < "2026-03-01"], FOLLOWED.iloc[:0]):
        assert math.isnan(kpis.second_order_rate(frame).value)
        assert not kpis.by_month(kpis.second_order_rate(frame))["complete"].any()
    with pytest.raises(ValueError, match=r"^days must be at least 1; got 0$"):
        kpis.second_order_rate(FOLLOWED, days=0)
