"""How far units come, against a search of all their ways."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.journeys import Contract, Prepared, prepare
from cxresearch.journeys import _step_matching as roads
from cxresearch.journeys._funnel_spec import FunnelSpec
from tests.journeys import ways

START = pd.Timestamp("2026-05-01 10:00")
STEPS = (
    ("view", "cart", "buy"),
    ("home", ("view", "cart"), "pay"),
    ("view", "view", "cart"),
    (("home", "view"), ("view", "cart"), "cart"),
    ("home", "view", "cart", "pay"),
)


def contracts() -> st.SearchStrategy[Contract]:
    return st.builds(
        Contract,
        unit=st.sampled_from(["customer", "session", "order"]),
        order=st.sampled_from(["ordered", "ordered", "strict"]),
        window_s=st.sampled_from([math.inf, 300, 600, 900]),
        window_from=st.sampled_from(["start", "previous"]),
        reentry=st.sampled_from(["any", "first"]),
        ties=st.sampled_from(["row order", "later"]),
        immature=st.sampled_from(["exclude", "keep"]),
    )


def gathering() -> st.SearchStrategy[Contract]:
    return st.builds(
        Contract,
        unit=st.sampled_from(["customer", "session"]),
        order=st.just("any"),
        window_s=st.sampled_from([math.inf, 300, 600, 900]),
        reentry=st.sampled_from(["any", "first"]),
        immature=st.sampled_from(["exclude", "keep"]),
    )


def options(steps: tuple[Any, ...]) -> st.SearchStrategy[dict[str, Any]]:
    named = {event for step in steps for event in ([step] if isinstance(step, str) else step)}
    others = sorted({"home", "view", "cart", "pay", "buy"} - named)
    return st.fixed_dictionaries(
        {
            "steps": st.just(steps),
            "optional": st.sets(st.sampled_from(steps[1:])).filter(
                lambda chosen: steps[0] not in chosen
            ),
            "exclude": st.sets(st.sampled_from(others), max_size=1) if others else st.just(()),
            "hold": st.sampled_from([None, None, "device", "order_id"]),
        }
    )


@cache
def crowded(seed: int) -> Prepared:
    """Return many short journeys whose events crowd on few moments, five minutes apart."""
    rng = np.random.default_rng(seed)
    rows = 900
    events = pd.DataFrame(
        {
            "customer_id": [f"c{c}" for c in rng.integers(0, 90, rows)],
            "ts": START + pd.to_timedelta(5 * rng.integers(0, 12, rows), unit="min"),
            "event": rng.choice(["home", "view", "cart", "pay", "buy"], rows),
            "device": rng.choice(["desktop", "mobile", None], rows),
            "order_id": rng.choice(["o1", "o2", None], rows),
        }
    )
    return prepare(events, gap_minutes=5, carry=["device", "order_id"])


def route_of(seed: int, contract: Contract, chosen: dict[str, Any]) -> FunnelSpec:
    rules = {name: value for name, value in chosen.items() if name != "steps"}
    return FunnelSpec.of(
        crowded(seed), chosen["steps"], contract=contract, by=None, observed_until=None, **rules
    )


def found(frame: Any, steps: int) -> dict[ways.Key, set[int]]:
    return {
        (row["customer_id"], row["unit"]): {k for k in range(steps) if row[roads.column(k)]}
        for row in frame.collect().rows(named=True)
    }


SEEDS = st.integers(0, 3)


@pytest.mark.slow
@settings(max_examples=60)
@given(SEEDS, contracts(), st.sampled_from(STEPS).flatmap(options))
def test_units_come_as_far_as_their_best_way(seed: int, contract: Contract, chosen: dict[str, Any]):
    route = route_of(seed, contract, chosen)
    assert found(roads.units(route), len(route.steps)) == ways.reached(route)


@settings(max_examples=20)
@given(SEEDS, gathering(), st.sampled_from(STEPS[:2]).flatmap(options))
def test_in_any_order_units_come_as_far_as_their_best_choice(
    seed: int, contract: Contract, chosen: dict[str, Any]
):
    route = route_of(seed, contract, chosen)
    assert found(roads.units(route), len(route.steps)) == ways.reached(route)


@pytest.mark.slow
@settings(max_examples=20)
@given(SEEDS, st.sampled_from(["row order", "later"]), st.sampled_from(STEPS).flatmap(options))
def test_both_roads_of_steps_in_order_agree(seed: int, ties: Any, chosen: dict[str, Any]):
    route = route_of(seed, Contract(ties=ties), chosen)
    again = roads.recounted(route)
    assert again is not None
    assert found(roads.units(route), len(route.steps)) == found(again, len(route.steps))


@pytest.mark.parametrize("contract", [Contract(window_s=60), Contract(order="strict")])
def test_there_is_no_other_road_for_other_contracts(contract: Contract):
    events = pd.DataFrame({"customer_id": ["A", "Z"], "ts": START, "event": ["view", "buy"]})
    route = FunnelSpec.of(
        prepare(events),
        ["view", "buy"],
        contract=contract,
        optional=(),
        exclude=(),
        hold=None,
        by=None,
        observed_until=None,
    )
    assert roads.recounted(route) is None
