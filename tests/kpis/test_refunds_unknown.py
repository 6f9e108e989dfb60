"""What was undone is undefined where nothing says what became of an order."""

from __future__ import annotations

import math

import pytest

from cxresearch import kpis
from cxresearch.core.catalogues import catalogue
from cxresearch.kpis import _orders
from tests.kpis.shop import orders

SILENT = [{"customer_id": "a", "revenue": 10}, {"customer_id": "b", "revenue": 5}]


@pytest.mark.parametrize(
    ("indicator", "given"),
    [
        (kpis.cancellation_rate, {}),
        (kpis.return_rate, {}),
        (kpis.refund_rate, {"currency": "EUR"}),
    ],
)
def test_orders_that_name_no_status_leave_it_undefined(indicator, given):
    silent = orders(SILENT).assign(status=None)
    result = indicator(silent, **given)
    assert math.isnan(result.value)
    assert _orders.NO_END in result.note
    told = indicator(silent.assign(status=["completed", None]), **given)
    assert told.value == 0
    assert _orders.NO_END not in told.note


def test_net_revenue_says_that_it_may_hold_what_was_undone():
    silent = orders(SILENT).assign(status=None)
    assert _orders.NO_END in kpis.net_revenue(silent, currency="EUR").note
    assert kpis.gross_revenue(silent, currency="EUR").note == ""


def test_a_document_that_takes_money_back_says_what_became_of_it():
    frame = orders([*SILENT, {"customer_id": "a", "revenue": -5}]).assign(status=None)
    assert kpis.refund_rate(frame, currency="EUR").value == pytest.approx(5 / 15)


def test_the_reason_is_said_in_italian():
    assert _orders.NO_END in catalogue("it")


@pytest.mark.parametrize("by", [None, "customer_id"])
def test_a_refund_does_not_say_which_status_it_had(by):
    frame = orders([*SILENT, {"customer_id": "a", "revenue": -5}]).assign(status=None)
    for indicator in (kpis.cancellation_rate, kpis.return_rate):
        result = indicator(frame, by=by)
        for one in (result, *result.groups.values()):
            assert math.isnan(one.value)
            assert _orders.NO_END in one.note
    named = frame.assign(status=[None, None, "returned"])
    assert kpis.return_rate(named).value == pytest.approx(1 / 2)
    assert kpis.cancellation_rate(named).value == 0
