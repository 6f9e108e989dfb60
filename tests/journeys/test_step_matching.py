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

from cxresearch.journeys import CountingRules, Prepared, prepare
from cxresearch.journeys import _funnel_units as roads
from cxresearch.journeys._funnel_units import FunnelSpec
from tests.journeys import ways

START = pd.Timestamp("2026-05-01 10:00")
STEPS = (
    ("view", "cart", "buy"),
    ("home", ("view", "cart"), "pay"),
    ("view", "view", "cart"),
    (("home", "view"), ("view", "cart"), "cart"),
    ("home", "view", "cart", "pay"),
)


def counting_rules() -> st.SearchStrategy[CountingRules]:
    return st.builds(
        CountingRules,
        unit=st.sampled_from(["customer", "session", "order"]),
        order=st.sampled_from(["ordered", "ordered", "strict"]),
        window_s=st.sampled_from([math.inf, 300, 600, 900]),
        window_from=st.sampled_from(["start", "previous"]),
        reentry=st.sampled_from(["any", "first"]),
        ties=st.sampled_from(["row order", "later"]),
        immature=st.sampled_from(["exclude", "keep"]),
    )


def gathering() -> st.SearchStrategy[CountingRules]:
    return st.builds(
        CountingRules,
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


def route_of(seed: int, rules: CountingRules, chosen: dict[str, Any]) -> FunnelSpec:
    others = {name: value for name, value in chosen.items() if name != "steps"}
    return FunnelSpec.of(
        crowded(seed), chosen["steps"], rules=rules, by=None, observed_until=None, **others
    )


def found(frame: Any, route: FunnelSpec) -> dict[ways.Key, set[int]]:
    named = route.prepared.named(frame, route.rules.unit)
    return {
        (row["customer_id"], row["unit"]): {
            k for k in range(len(route.steps)) if row[roads.column(k)]
        }
        for row in named.collect().rows(named=True)
    }


SEEDS = st.integers(0, 3)


@pytest.mark.slow
@settings(max_examples=60)
@given(SEEDS, counting_rules(), st.sampled_from(STEPS).flatmap(options))
def test_units_come_as_far_as_their_best_way(
    seed: int, rules: CountingRules, chosen: dict[str, Any]
):
    route = route_of(seed, rules, chosen)
    assert found(roads.units(route), route) == ways.reached(route)


@settings(max_examples=20)
@given(SEEDS, gathering(), st.sampled_from(STEPS[:2]).flatmap(options))
def test_in_any_order_units_come_as_far_as_their_best_choice(
    seed: int, rules: CountingRules, chosen: dict[str, Any]
):
    route = route_of(seed, rules, chosen)
    assert found(roads.units(route), route) == ways.reached(route)


@pytest.mark.slow
@settings(max_examples=20)
@given(SEEDS, st.sampled_from(["row order", "later"]), st.sampled_from(STEPS).flatmap(options))
def test_both_roads_of_steps_in_order_agree(seed: int, ties: Any, chosen: dict[str, Any]):
    route = route_of(seed, CountingRules(ties=ties), chosen)
    again = roads.count_again(route)
    assert again is not None
    assert found(roads.units(route), route) == found(again, route)


@pytest.mark.parametrize("rules", [CountingRules(window_s=60), CountingRules(order="strict")])
def test_there_is_no_other_road_for_other_rules(rules: CountingRules):
    events = pd.DataFrame({"customer_id": ["A", "Z"], "ts": START, "event": ["view", "buy"]})
    route = FunnelSpec.of(
        prepare(events),
        ["view", "buy"],
        rules=rules,
        optional=(),
        exclude=(),
        hold=None,
        by=None,
        observed_until=None,
    )
    assert roads.count_again(route) is None
