"""What a change is worth in a month, by hand."""

import math

import pytest

from cxresearch.core.remarks import Remark
from cxresearch.core.results import Estimate, Interval
from cxresearch.findings.worth import WEEKS_A_MONTH, orders_lost, per_order, unknown


def estimate(value, half, unit="share difference"):
    return Estimate(
        value=value,
        ci=Interval(value - half, value + half),
        n=100,
        unit=unit,
        confidence=0.95,
        method="by hand",
    )


def test_orders_lost_by_hand():
    found = orders_lost(estimate(-0.1, 0.02), 400, estimate(50.0, 5.0, "EUR"))
    assert found.value == pytest.approx(-0.1 * 400 * 50)
    half = 400 * math.sqrt((0.1 * 5) ** 2 + (50 * 0.02) ** 2)
    assert found.ci == pytest.approx((-2000 - half, -2000 + half))
    assert found.unit == "EUR"


def test_no_more_is_lost_than_could_be_bought():
    # 30 % fewer buy, of 400 units: before they were at most 30 % more than the 10 % of now.
    found = orders_lost(estimate(-0.3, 0.9), 400, estimate(50.0, 0.0, "EUR"), share=0.1)
    assert found.ci.low == pytest.approx(-(0.1 + 0.3) * 400 * 50)


def test_a_change_of_the_order_value_counts_once_an_order():
    found = per_order(estimate(-2.0, 1.0, "EUR"), 300)
    assert found.value == -600
    assert found.ci == (-900, -300)


def test_what_is_not_known_says_why():
    found = unknown("EUR", 0.95, Remark("not known: no later purchase is linked to it"))
    assert math.isnan(found.value)
    assert found.note == "not known: no later purchase is linked to it"
    nothing = orders_lost(estimate(math.nan, math.nan), 400, estimate(50.0, 1.0, "EUR"))
    assert math.isnan(nothing.value)
    assert nothing.note


def test_a_month_has_four_weeks_and_a_third():
    assert pytest.approx(4.348, abs=0.001) == WEEKS_A_MONTH
