"""One meaning of "within": an event at the very end of a window is inside in every room."""

from __future__ import annotations

import pandas as pd
import pytest

from cxresearch import engine, journeys, voc
from cxresearch.experiments.metric_columns import Known, with_outcomes
from cxresearch.study.plans import Metric

DAY_US = 24 * 60 * 60 * 1_000_000
START_US = 1_767_225_600_000_000
#: How long after the end of seven days something comes, in microseconds; whether it is within them.
AT_THE_END = [(-1, True), (0, True), (1, False)]
#: Long after, so that every window has been observed to its end.
LATER_US = 100 * DAY_US


def log(*moments_us: tuple[str, int], last_us: int = LATER_US) -> pd.DataFrame:
    """Return events of customer A at some times after the start, and one of another at the end."""
    rows = [("A", name, START_US + after) for name, after in moments_us]
    rows.append(("B", "view", START_US + last_us))
    return pd.DataFrame(rows, columns=["customer_id", "event", "ts_us"])


@pytest.mark.parametrize(("past_us", "inside"), AT_THE_END)
def test_an_event_at_the_end_of_seven_days_counts_in_every_room(past_us: int, inside: bool):
    after = 7 * DAY_US + past_us
    events = log(("view", 0), ("buy", after))
    prepared = journeys.prepare(events)
    rules = journeys.CountingRules(window_s=journeys.days(7))
    for steps in ({"order": "ordered"}, {"order": "strict"}, {"order": "any"}):
        own = journeys.CountingRules(window_s=rules.window_s, **steps)
        assert journeys.funnel(prepared, ["view", "buy"], rules=own).steps[1].units == inside
    lifts = journeys.lifts(prepared, "buy", unit="customer", window_s=rules.window_s)
    assert lifts.followed == inside
    text = pd.DataFrame({"text_id": ["t"], "customer_id": ["A"], "ts_us": [START_US]})
    own = events[events["customer_id"] == "A"].iloc[1:]
    answer = own.assign(metric="nps", score=9.0)
    assert voc.nearest_score(text, answer, "nps", days=7).notna().item() == inside
    bought = events[events["event"] != "view"]
    orders = pd.concat([bought, events.iloc[-1:]])[["customer_id", "ts_us"]]
    assert voc.bought_again(text, orders, days=7).item() == inside
    ticket = own.rename(columns={"ts_us": "opened_us"}).assign(resolved_us=None, outcome="open")
    assert voc.contacts(text, ticket, days=7)["contacted"].item() == inside
    assert outcome(events, days=7) == inside


@pytest.mark.parametrize(("past_us", "known"), [(-1, False), (0, True), (1, True)])
def test_a_window_counts_in_every_room_once_its_last_moment_was_observed(past_us: int, known: bool):
    events = log(("view", 0), ("buy", DAY_US), last_us=7 * DAY_US + past_us)
    prepared = journeys.prepare(events)
    rules = journeys.CountingRules(window_s=journeys.days(7))
    found = journeys.funnel(prepared, ["view", "buy"], rules=rules)
    assert found.steps[0].units == known
    lifts = journeys.lifts(prepared, "buy", unit="customer", window_s=rules.window_s)
    assert lifts.starts == known
    progress = journeys.time_to_goal(prepared, start="view", goal="buy", horizon_days=7)
    only_a = events[events["customer_id"] == "A"]
    assert not progress.mature  # the customer of the last event was not followed
    followed = journeys.time_to_goal(
        journeys.prepare(only_a),
        start="view",
        goal="buy",
        horizon_days=7,
        observed_until=pd.Timestamp(START_US + 7 * DAY_US + past_us, unit="us").to_pydatetime(),
    )
    assert followed.mature == known
    text = pd.DataFrame({"text_id": ["t"], "customer_id": ["A"], "ts_us": [START_US]})
    orders = events[["customer_id", "ts_us"]].iloc[1:]
    assert voc.bought_again(text, orders, days=7).notna().item() == known
    assert (outcome(events, days=7) is not None) == known


def outcome(events: pd.DataFrame, *, days: float) -> bool | None:
    """Return whether customer A, exposed at the start, bought in time; None if not known."""
    plan = {"name": "bought", "role": "secondary", "kind": "proportion", "of": "buy", "days": days}
    customers = pd.DataFrame({"customer_id": ["A"], "exposed_us": [START_US]})
    rows = engine.lazy(events)
    until_us = int(events["ts_us"].max()) + 1
    (row,) = (
        with_outcomes(
            engine.lazy(customers),
            {"events": Known(rows, until_us)},
            [Metric.model_validate(plan)],
            start_us=START_US,
            currency="EUR",
        )
        .collect()
        .rows(named=True)
    )
    return None if row["bought"] is None or row["bought"] != row["bought"] else bool(row["bought"])
