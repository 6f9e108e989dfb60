"""Every view of journeys says the same on Spark as on DuckDB."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pandas as pd
import pytest

from cxresearch import journeys
from cxresearch.journeys import CountingRules, Prepared
from tests.journeys.logs import random_log
from tests.journeys.test_spark import on_duckdb

pytestmark = pytest.mark.spark

STEPS = ["home", "view", "buy"]


def compared(prepared: Prepared) -> pd.DataFrame:
    view = journeys.transition_view(prepared)
    return journeys.compare(view, by="device", first="desktop", second="mobile").frame


def funnelled(**options: object) -> Callable[[Prepared], pd.DataFrame]:
    rules = CountingRules(**options)
    return lambda prepared: journeys.funnel(prepared, STEPS, rules=rules).to_frame()


def counted(prepared: Prepared) -> pd.DataFrame:
    """Return how many rows each list behind a funnel has."""
    found = journeys.funnel(prepared, STEPS)
    sizes = [len(journeys.members(found, k).collect()) for k in (1, 2, 3)]
    return pd.DataFrame({"rows": sizes})


VIEWS: dict[str, Callable[[Prepared], pd.DataFrame]] = {
    "transitions of sessions": lambda p: journeys.transitions(p).frame,
    "transitions of orders": lambda p: journeys.transitions(p, unit="order", by="channel").frame,
    "transitions without loops": lambda p: journeys.transitions(p, collapse_loops=True).frame,
    "comparison": compared,
    "step matrix": lambda p: journeys.step_matrix(p, steps=4).frame,
    "flow": lambda p: journeys.flow(p).frame,
    "entries": lambda p: journeys.entries(p, by="device").frame,
    "exits": lambda p: journeys.exits(p).frame,
    "dwell": lambda p: journeys.dwell(p).to_frame(),
    "durations": lambda p: journeys.durations(p).to_frame(),
    "paths": lambda p: journeys.paths(p, 4).frame,
    "paths of customers": lambda p: journeys.paths(p, 3, unit="customer", until="buy").frame,
    "patterns": lambda p: journeys.patterns(p, ["home->[^cart]*->buy", "view->view"]).to_frame(),
    "repeats": lambda p: journeys.repeats(p).to_frame(),
    "back and forth": lambda p: journeys.back_and_forth(p).to_frame(),
    "funnel in order": funnelled(),
    "funnel right after another": funnelled(order="strict", unit="session"),
    "funnel in any order": funnelled(order="any", window_s=7_200.0),
    "funnel within a window": funnelled(window_s=5_400.0, window_from="previous", ties="later"),
    "funnel of first entries": funnelled(reentry="first", window_s=3_600.0),
    "lists behind a funnel": counted,
    "lifts": lambda p: journeys.lifts(p, "buy", window_s=3_600.0).to_frame(),
    "progress": lambda p: journeys.time_to_goal(p, start="home", goal="buy").to_frame(),
    "drivers": lambda p: journeys.drivers(p, "buy", unit="customer", common=3).to_frame(),
    "behaviour": lambda p: (
        journeys.entries(journeys.with_behaviour(p, purchase="buy"), by="behaviour").frame
    ),
    "period": lambda p: (
        journeys.entries(
            journeys.with_period(p, datetime(2026, 3, 29, 6, tzinfo=UTC)), by="period"
        ).frame
    ),
    "reconciliation": lambda p: journeys.reconcile(
        journeys.transitions(p), journeys.paths(p), journeys.funnel(p, STEPS)
    ),
}


@pytest.fixture(scope="module")
def tables(spark) -> Iterator[tuple[Prepared, Prepared]]:
    """One log with many ties, prepared on Spark and on DuckDB."""
    assert spark
    log = random_log(8, customers=60, events=900)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CX_ENGINE", "spark")
        yield journeys.prepare(log), on_duckdb(log)


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_is_the_same(tables, name):
    found, expected = (VIEWS[name](one) for one in tables)
    assert len(expected)
    pd.testing.assert_frame_equal(found, expected, rtol=1e-9)
