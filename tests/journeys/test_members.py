"""The list behind a number has that many rows, and the right ones."""

from __future__ import annotations

from typing import Any

import pytest

from cxresearch.journeys import CountingRules, funnel, members, prepare
from tests.journeys import ways
from tests.journeys.logs import random_log
from tests.journeys.test_funnel import log

STEPS = ["view", "cart", "buy"]


def listed(found: Any, *args: Any, **rules: Any) -> list[ways.Key]:
    rows = members(found, *args, **rules).collect().rows(named=True)
    return sorted((row["customer_id"], row["unit"]) for row in rows)


@pytest.mark.parametrize("rules", [CountingRules(unit="session"), CountingRules(window_s=1200)])
def test_they_are_the_units_that_a_search_finds(rules: CountingRules):
    found = funnel(prepare(random_log(7, customers=20, events=400)), STEPS, rules=rules)
    reached = ways.reached(found.route)
    for k, step in enumerate(found.steps):
        at = sorted(key for key, steps in reached.items() if k in steps)
        assert listed(found, step.name) == listed(found, k + 1) == at
        assert len(at) == step.units
        if k:
            lost = sorted(
                key for key, steps in reached.items() if k - 1 in steps and k not in steps
            )
            assert listed(found, k + 1, lost=True) == lost
            assert len(lost) == step.lost


def test_they_come_with_the_moment_of_their_first_entry():
    shop = log("A: home 0, view 5, view 8", "Z: cart 0")
    (row,) = members(funnel(shop, ["view", "cart"]), "view").collect().rows(named=True)
    assert row["entry_us"] == shop.tally.first_us + 5 * 60_000_000


def test_those_of_one_group():
    shop = log("A: view 0", "B: view 0", "C: view 0", "Z: cart 0", device=["x", "y", "x", "y"])
    found = funnel(shop, ["view", "cart"], by="device")
    assert [key for key, _ in listed(found, "cart", lost=True, group="x")] == ["A", "C"]


@pytest.mark.parametrize(
    ("args", "rules", "words"),
    [
        (["home"], {}, "step must be one of 'view', 'cart', 'buy'; got 'home'"),
        ([4], {}, "step must be one of 1, 2, 3; got 4"),
        ([0], {}, "step must be one of 1, 2, 3; got 0"),
        ([1], {"lost": True}, "step must come after the entry where lost is asked for; got 1"),
        ([1], {"group": "x"}, "group must be one of those there are, and there is none; got 'x'"),
    ],
)
def test_what_is_not_there_cannot_be_listed(args: list[Any], rules: dict[str, Any], words: str):
    with pytest.raises(ValueError, match=words):
        members(funnel(log("A: view 0", "Z: cart 0, buy 1"), STEPS), *args, **rules)


def test_a_step_is_a_name_or_a_place():
    with pytest.raises(TypeError, match=r"step must be a whole number; got 1\.5"):
        members(funnel(log("A: view 0", "Z: cart 0, buy 1"), STEPS), 1.5)  # type: ignore[arg-type]
