"""How much more often a goal follows an event, by a walk through each unit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.core.languages import Language
from cxresearch.core.unit_sums import CrossSums, RatioSums
from cxresearch.journeys import lifts, prepare
from cxresearch.stats.means.ratios import ratio_of_ratios
from cxresearch.stats.shares.proportions import clustered_proportion
from tests.journeys.logs import ENGINES, in_engine, logs, random_log
from tests.journeys.test_funnel import log

#: Per customer and event: how many starts, and how many of them the goal follows.
Counts = dict[tuple[str, str], list[int]]


def walked(prepared: Any, goal: str, unit: Any, window_s: float) -> Counts:
    """Return the starts of each customer and event, looked at one by one."""
    units: dict[tuple[str, object], list[tuple[int, str]]] = {}
    for row in prepared.steps(unit).sort("journey_step").collect().rows(named=True):
        events = units.setdefault((row["customer_id"], row["unit"]), [])
        events.append((row["ts_us"], prepared.events[row["event"]]))
    found: Counts = {}
    for (customer, _), events in units.items():
        for place, (start, event) in enumerate(events):
            if window_s < math.inf and start + window_s * 1_000_000 > prepared.tally.last_us:
                continue
            later = [at for at, name in events[place + 1 :] if name == goal]
            pair = found.setdefault((customer, event), [0, 0])
            pair[0] += any(at - start <= window_s * 1_000_000 for at in later)
            pair[1] += 1
    return found


def test_a_goal_follows_the_events_before_it_in_the_unit():
    shop = log("A: view 0, cart 5, buy 9, view 10", "B: view 0, cart 1")
    found = lifts(shop, "buy")
    assert (found.starts, found.followed, found.base, found.n) == (6, 2, pytest.approx(1 / 3), 2)
    table = found.frame.set_index("event")
    assert table["starts"].to_dict() == {"cart": 2, "view": 3, "buy": 1}
    assert table["rate"].to_dict() == pytest.approx({"cart": 1 / 2, "view": 1 / 3, "buy": 0})
    assert table["lift"].to_dict() == pytest.approx({"cart": 1.5, "view": 1, "buy": 0})


def test_it_must_follow_within_the_window_whose_end_belongs_to_it():
    shop = log("A: view 0, cart 5, buy 10", "B: home 60")
    assert lifts(shop, "buy", window_s=600).followed == 2
    assert lifts(shop, "buy", window_s=599).followed == 1


def test_starts_whose_window_was_not_observed_are_in_neither_rate():
    shop = log("A: view 0, buy 5", "B: view 51, buy 52", "C: view 55, home 60")
    found = lifts(shop, "buy", window_s=600)
    assert (found.starts, found.followed) == (2, 1)


def test_a_window_does_not_turn_a_lift_around():
    # A cart doubles the chance of a purchase, whatever the window; a windowed rate over a base
    # without one (0.3 over 0.45) would say that it lowers it.
    lines = []
    for k in range(20):
        lines.append(f"cart{k}: cart 0, buy {10 if k < 6 else 100 if k < 12 else 400}")
        lines.append(f"home{k}: home 0, buy {10 if k < 3 else 100 if k < 6 else 400}")
    shop = log(*lines, "late: home 999")
    unwindowed = {"cart": 12 / 20, "home": 6 / 20}
    wrong = (6 / 20) / (sum(unwindowed.values()) / 2)
    found = lifts(shop, "buy", unit="customer", window_s=30 * 60).frame.set_index("event")["lift"]
    assert wrong < 1 < found["cart"]
    assert found["cart"] == pytest.approx(2 * found["home"])


@settings(max_examples=25)
@given(
    logs(customers=6, events=60),
    st.sampled_from(["session", "customer"]),
    st.sampled_from([math.inf, 600, 1800]),
)
def test_against_a_walk_through_each_unit(events: pd.DataFrame, unit: Any, window_s: float):
    prepared = prepare(events)
    if "buy" not in prepared.events:
        return
    found = lifts(prepared, "buy", unit=unit, window_s=window_s)
    counts = walked(prepared, "buy", unit, window_s)
    assert found.starts == sum(starts for _, starts in counts.values())
    assert found.followed == sum(followed for followed, _ in counts.values())
    per_event = {name: np.zeros(2) for _, name in counts}
    for (_, name), pair in counts.items():
        per_event[name] += pair
    rates = {name: followed / starts for name, (followed, starts) in per_event.items()}
    assert found.frame.set_index("event")["rate"].to_dict() == pytest.approx(rates)


def test_the_intervals_are_clustered_by_customer():
    prepared = prepare(random_log(9, customers=30, events=700))
    found = lifts(prepared, "buy", confidence=0.9)
    counts = walked(prepared, "buy", "session", math.inf)
    customers = sorted({customer for customer, _ in counts})
    totals = np.array(
        [sum(np.array(pair) for (c, _), pair in counts.items() if c == one) for one in customers]
    )
    base = RatioSums.from_arrays(*totals.T)
    assert found.ci == pytest.approx(clustered_proportion(base, confidence=0.9).ci)
    own = np.array([counts.get((one, "cart"), [0, 0]) for one in customers])
    some = own[own[:, 1] > 0]
    (x1, y1), (x2, y2) = totals.T, own.T
    cross = CrossSums(n=len(customers), xx=x1 @ x2, xy=x1 @ y2, yx=y1 @ x2, yy=y1 @ y2)
    rate = clustered_proportion(RatioSums.from_arrays(*some.T), confidence=0.9)
    lift = ratio_of_ratios(base, RatioSums.from_arrays(*some.T), cross, confidence=0.9)
    row = found.frame.set_index("event").loc["cart"]
    assert row["customers"] == len(some)
    assert row[["rate_low", "rate_high"]].tolist() == pytest.approx(list(rate.ci))
    assert row[["lift_low", "lift_high"]].tolist() == pytest.approx(list(lift.ci))


def test_all_engines_give_the_same():
    events = random_log(5, customers=20, events=300)
    found = [lifts(prepare(in_engine(events, engine)), "buy").to_frame() for engine in ENGINES]
    for other in found[1:]:
        pd.testing.assert_frame_equal(other, found[0])


def test_it_says_that_it_is_not_the_cause():
    found = lifts(log("A: view 0, buy 1"), "buy")
    assert found.note.endswith("what comes before a goal need not bring it about")
    assert found.note_in(Language("it")).endswith("non ne è necessariamente la causa")


def test_no_start_was_observed_to_its_end():
    found = lifts(log("A: view 0, buy 1"), "buy", window_s=3600)
    assert math.isnan(found.base)
    assert found.frame.empty
    assert found.note.startswith("undefined: there is nothing to divide by")


def test_bad_calls_are_said():
    shop = log("A: view 0, buy 1")
    with pytest.raises(ValueError, match="goal must be among the events that happened; got 'cart'"):
        lifts(shop, "cart")
    with pytest.raises(ValueError, match="window_s must be above 0; got 0"):
        lifts(shop, "buy", window_s=0)
    with pytest.raises(ValueError, match="confidence must be strictly between 0 and 1; got 2"):
        lifts(shop, "buy", confidence=2)
