"""The time from step to step, by hand and from all ways."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from cxresearch.journeys import Contract, funnel, prepare, step_times
from tests.journeys.logs import random_log
from tests.journeys.test_funnel import log

STEPS = ["view", "cart", "buy"]


def medians(shop: Any, steps: Any = STEPS, **rules: Any) -> list[float]:
    contract = {name: rules.pop(name) for name in list(rules) if name != "hold"}
    return step_times(funnel(shop, steps, contract=Contract(**contract), **rules))[
        "median_s"
    ].tolist()


def test_it_runs_from_the_last_time_before_to_the_first_time_there():
    assert medians(log("A: view 0, view 4, cart 5, cart 6, buy 9")) == [60, 180]


def test_it_is_of_those_who_went_on_alone():
    shop = log("A: view 0, cart 2, buy 3", "B: view 0, cart 4", "C: view 0")
    table = step_times(funnel(shop, STEPS))
    assert table.columns.tolist() == [*("before", "step", "units", "q1_s", "median_s", "q3_s")]
    assert table["units"].tolist() == [2, 1]
    assert table["q1_s"].tolist() == [150, 60]
    assert table["q3_s"].tolist() == [210, 60]


def test_a_way_out_of_its_window_has_no_time():
    shop = log("A: view 0, cart 30, view 60, cart 65", "B: home 120")
    assert medians(shop, ["view", "cart"], window_s=600) == [300]


def test_one_right_after_the_other_it_is_from_the_event_before():
    shop = log("A: view 0, home 1, view 2, cart 5, buy 6")
    assert medians(shop, order="strict") == [180, 60]


def test_in_a_held_page_it_is_the_first_of_any():
    shop = log("A: view 0, view 2, cart 5, cart 9", page=["x", "y", "x", "y"])
    assert medians(shop, ["view", "cart"], hold="page") == [300]


def test_where_nobody_went_on_there_is_none():
    table = step_times(funnel(log("A: view 0", "Z: cart 0"), ["view", "cart"]))
    assert table["units"].tolist() == [0]
    assert math.isnan(table["median_s"].item())


@pytest.mark.parametrize("ties", ["row order", "later"])
def test_against_a_walk_through_each_unit(ties: Any):
    shop = prepare(random_log(8, customers=25, events=500))
    table = step_times(funnel(shop, ["view", "cart"], contract=Contract(ties=ties)))
    units: dict[str, list[tuple[str, int]]] = {}
    for row in shop.steps("customer").sort("journey_step").collect().rows(named=True):
        events = units.setdefault(row["customer_id"], [])
        events.append((shop.events[row["event"]], row["ts_us"]))
    waits = [wait for events in units.values() if (wait := walk(events, ties)) is not None]
    assert table["units"].item() == len(waits)
    expected = np.quantile(waits, [0.25, 0.5, 0.75]) / 1_000_000
    assert table.iloc[0, 3:].tolist() == pytest.approx(expected.tolist())


def walk(events: list[tuple[str, int]], ties: str) -> int | None:
    for place, (name, moment) in enumerate(events):
        views = [
            at
            for other, at in events[:place]
            if other == "view" and (at < moment or ties == "row order")
        ]
        if name == "cart" and views:
            return moment - max(views)
    return None


def test_in_any_order_there_is_no_step_before():
    found = funnel(log("A: view 0", "Z: cart 0, buy 1"), STEPS, contract=Contract(order="any"))
    with pytest.raises(ValueError, match="funnel must be of steps in order; got order 'any'"):
        step_times(found)
