"""The funnel of the simulated shop: its counts, its rates and its payment error are found."""

from __future__ import annotations

import pandas as pd
import pytest

from cxresearch import simulate
from cxresearch.journeys import (
    CountingRules,
    Prepared,
    compare,
    funnel,
    funnel_view,
    prepare,
)

STEPS = ["view_product", "add_to_cart", "begin_checkout", "purchase"]
BY_SESSION = CountingRules(unit="session")
CHECKOUT = ["begin_checkout", "purchase"]


@pytest.fixture(scope="module")
def shop() -> simulate.Shop:
    """A shop where nothing happens but the payment error."""
    off = dict.fromkeys(simulate.Planted().switchable(), False)
    return simulate.shop(seed=1, effects={**off, "payment_error": True})


@pytest.fixture(scope="module")
def prepared(shop: simulate.Shop) -> Prepared:
    return prepare(shop.tables["events"], sessions="given")


@pytest.mark.slow
def test_each_step_is_counted_as_it_was_simulated(shop: simulate.Shop, prepared: Prepared):
    found = funnel(prepared, STEPS, rules=BY_SESSION)
    realised = shop.truth["realised"]["funnel_visits"]
    assert {step.name: step.units for step in found.steps} == {k: realised[k] for k in STEPS}


def test_the_planted_rates_are_inside_their_intervals(prepared: Prepared):
    planted = simulate.Planted().funnel
    found = funnel(prepared, STEPS, rules=BY_SESSION, by="device")
    devices = {group.name: group.steps for group in found.groups}
    for device, rate in zip(("desktop", "mobile", "tablet"), planted.add_to_cart, strict=True):
        ci = devices[device][1].step_rate.ci
        assert ci.low <= rate <= ci.high
    ci = found.steps[2].step_rate.ci
    assert ci.low <= planted.begin_checkout <= ci.high


@pytest.mark.slow
def test_the_payment_error_and_its_size_are_found(shop: simulate.Shop):
    events, first = shop.tables["events"], shop.truth["periods"]["payment_error"]["first"]
    chances = shop.truth["expected"]["purchase_given_checkout"]
    after = events["ts"] >= pd.Timestamp(first, tz="Europe/Rome")
    for when, size in ((after, chances["mobile_with_the_error"] - chances["usual"]), (~after, 0)):
        prepared = prepare(events[when], sessions="given")
        found = funnel(prepared, CHECKOUT, rules=BY_SESSION, by="device")
        view = funnel_view(found)
        (row,) = compare(view, by="device", first="desktop", second="mobile").frame.to_dict(
            "records"
        )
        assert row["ci_low"] <= size <= row["ci_high"]
        assert row["significant"] == (size != 0)


def test_the_sessions_of_a_customer_are_alike_and_the_interval_knows(prepared: Prepared):
    found = funnel(prepared, STEPS, rules=BY_SESSION)
    rate = found.steps[1].rate
    naive = (rate.value * (1 - rate.value) / found.steps[0].units) ** 0.5 * 2 * 1.96
    assert rate.ci.high - rate.ci.low > 1.25 * naive
