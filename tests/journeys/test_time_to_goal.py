"""Waits end as a plain walk along each customer's events says, and truncation biases none."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.core import phrasing
from cxresearch.core.languages import Language
from cxresearch.engine.windows import Months
from cxresearch.journeys import Prepared, prepare
from cxresearch.journeys.time_to_goal import time_to_goal
from cxresearch.stats.survival.aalen_johansen import OutcomeCounts
from cxresearch.stats.survival.incidence import cumulative_incidence
from tests.journeys import plain
from tests.journeys.logs import DEVICES, ENGINES, Engine, full_logs, in_engine, random_log

DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
BEGIN = datetime(2026, 5, 1)


def days(*events: str) -> Prepared:
    """Return events written as ``"A 0.5 view"``: customer, days since the first of May, event."""
    rows = [event.split() for event in events]
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "event"])
    frame["ts"] = pd.Timestamp(BEGIN) + pd.to_timedelta(frame.pop("day").astype(float), unit="D")
    return prepare(frame)


def until(day: float) -> datetime:
    return BEGIN + timedelta(days=day)


def ended(
    steps: list[plain.Step], drop: tuple[str, ...], silent_us: int | None, end_us: int
) -> tuple[int, int, int] | None:
    """Return how one customer's wait from view to buy ended, how long it was, and its start."""
    start = None
    for place, step in enumerate(steps):
        if step.ts_us > end_us:
            break
        if start is None:
            if step.event != "view":
                continue
            start = step.ts_us
        elif step.event == "buy":
            return 1, step.ts_us - start, start
        elif step.event in drop:
            return 2, step.ts_us - start, start
        following = steps[place + 1].ts_us if place + 1 < len(steps) else math.inf
        out_us = math.inf if silent_us is None else step.ts_us + silent_us
        if out_us <= end_us and out_us < following:
            return 2, out_us - start, start
    return None if start is None else (0, end_us - start, start)


@pytest.mark.slow
@settings(max_examples=20)
@given(
    log=full_logs(customers=8, events=120),
    drop=st.sampled_from([(), ("pay",), ("pay", "home")]),
    silent_hours=st.sampled_from([None, 0.5, 1, 3]),
    cut=st.sampled_from([None, 3, 8]),
)
def test_waits_end_as_a_plain_walk_says(
    log: pd.DataFrame, drop: tuple[str, ...], silent_hours: float | None, cut: int | None
):
    prepared = prepare(log)
    observed = None if cut is None else datetime(2026, 3, 28, 22) + timedelta(hours=cut)
    end_us = prepared.tally.last_us
    if observed is not None:
        end_us = int(observed.replace(tzinfo=UTC).timestamp()) * 1_000_000
    silent_us = None if silent_hours is None else int(silent_hours * HOUR_US)
    units = plain.units_of(prepared, "customer").values()
    waits = [one for steps in units if (one := ended(steps, drop, silent_us, end_us))]
    result = time_to_goal(
        prepared,
        start="view",
        goal="buy",
        drop_off=drop,
        silent_days=silent_hours and silent_hours / 24,
        observed_until=observed,
        horizon_days=0.1,
    )
    counted = (result.on_the_way, result.arrived, result.dropped_out)
    assert counted == tuple(sum(one[0] == k for one in waits) for k in range(3))
    assert all(left == right for _, left, right in result.checks())
    hours = [math.ceil(waited / HOUR_US) / 24 for _, waited, _ in waits]
    counts = OutcomeCounts.from_arrays(hours, [how for how, _, _ in waits])
    expected = cumulative_incidence(counts, unit="days")
    pd.testing.assert_frame_equal(result.arrival.table, expected.table)
    swapped = cumulative_incidence(counts.swapped(), unit="days")
    pd.testing.assert_frame_equal(result.drop_out.table, swapped.table)
    took = [waited for how, waited, _ in waits if how == 1]
    mean = sum(took) / len(took) / DAY_US if took else math.nan
    assert result.mean_of_arrived_days == pytest.approx(mean, nan_ok=True)


def test_the_first_start_and_the_first_goal_after_it_count():
    prepared = days("A 0 buy", "A 1 view", "A 2 view", "A 4 buy", "A 5 buy", "B 1 buy", "C 9 home")
    result = time_to_goal(prepared, start="view", goal="buy", horizon_days=5)
    assert (result.n, result.arrived) == (1, 1)
    assert result.median.value == 3
    assert result.share.value == 1
    assert result.mean_of_arrived_days == 3


def test_a_goal_may_be_the_start_come_again():
    prepared = days("A 0 buy", "A 3 buy", "B 1 buy")
    result = time_to_goal(prepared, start="buy", goal="buy", horizon_days=3)
    assert (result.n, result.arrived, result.on_the_way) == (2, 1, 1)


@pytest.mark.parametrize(
    ("events", "observed", "counted"),
    [
        # Silence of more than two days ends the wait two days after the last event.
        (["A 0 view", "A 1 home"], 3.0, (0, 0, 1)),
        # It is not over yet: she is still on her way.
        (["A 0 view", "A 1 home"], 2.9, (1, 0, 0)),
        # Exactly two days is no silence; the purchase comes in time.
        (["A 0 view", "A 2 buy"], 9.0, (0, 1, 0)),
        # She came back, but had dropped out on the third day.
        (["A 0 view", "A 2.1 buy"], 9.0, (0, 0, 1)),
        # Any event breaks the silence.
        (["A 0 view", "A 1 home", "A 2.1 buy"], 9.0, (0, 1, 0)),
        # What happened after the goal is nothing to it.
        (["A 0 view", "A 1 buy"], 9.0, (0, 1, 0)),
        # Silence before she set out is none.
        (["A 0 home", "A 5 view", "A 6 buy"], 9.0, (0, 1, 0)),
    ],
)
def test_silence_is_dropping_out(events: list[str], observed: float, counted: tuple[int, int, int]):
    result = time_to_goal(
        days(*events, "Z 0 buy"),
        start="view",
        goal="buy",
        silent_days=2,
        observed_until=until(observed),
    )
    assert (result.on_the_way, result.arrived, result.dropped_out) == counted


def test_who_came_back_after_dropping_out_is_told():
    prepared = days("A 0 view", "A 5 buy", "B 0 view", "C 0 view", "C 1 buy", "C 9 home")
    result = time_to_goal(prepared, start="view", goal="buy", silent_days=2, horizon_days=9)
    assert (result.arrived, result.dropped_out, result.reached_later) == (1, 2, 1)
    assert result.mature
    assert result.note == "lost for inactivity, but reached the goal later: 1"
    told = result.note_in(Language("it"))
    assert told == "persi per inattività e arrivati all'obiettivo più tardi: 1"


def test_a_median_that_is_not_reached_is_said_so():
    prepared = days("A 0 view", "A 1 buy", "B 0 view", "C 0 view", "C 9 home")
    result = time_to_goal(prepared, start="view", goal="buy", silent_days=2, horizon_days=9)
    said = phrasing.plain("{median}", {"median": result.median_or_why_not}, Language("en"))
    assert said == "Not reached (fewer than half get there)"
    reached = time_to_goal(prepared, start="view", goal=["buy", "home"], horizon_days=9)
    assert reached.median_or_why_not == reached.median


@pytest.mark.parametrize("wrong", ["2026-05-02", pd.NaT])
def test_the_end_of_observation_must_be_a_moment(wrong):
    prepared = days("A 0 view", "A 1 buy")
    said = f"observed_until must be a datetime; got {wrong!r}"
    with pytest.raises(TypeError, match=said):
        time_to_goal(prepared, start="view", goal="buy", observed_until=wrong)


def test_an_event_can_end_the_wait():
    prepared = days("A 0 view", "A 1 cancel", "A 2 buy", "B 0 view", "B 1 buy", "B 2 cancel")
    result = time_to_goal(
        prepared, start=["view"], goal=["buy"], drop_off=["cancel"], horizon_days=2
    )
    assert (result.arrived, result.dropped_out) == (1, 1)
    assert (result.share.value, result.dropped_share.value) == (0.5, 0.5)
    assert result.restricted_mean.value == 1.5  # (1 + 2) / 2: who drops out counts the horizon


def test_groups_are_those_of_the_start():
    log = random_log(4, customers=40, events=600)
    prepared = prepare(log)
    result = time_to_goal(prepared, start="view", goal="buy", horizon_days=0.1, by="device")
    steps = prepared.steps("customer").collect().to_pandas().sort_values("step")
    views = steps[steps["event"] == prepared.code("view")]
    first = views.groupby("customer_id")["device"].first().value_counts()
    assert {name: one.n for name, one in result.groups.items()} == first.to_dict()
    assert sorted(result.groups) == sorted(DEVICES)
    table = result.to_frame()
    assert table["group"].tolist() == ["(all)", *sorted(DEVICES)]
    assert table.loc[0, "arrived"] == table.loc[1:, "arrived"].sum()


def test_months_are_cohorts_and_the_young_are_not_mature():
    prepared = days(
        *("A 0 view", "A 40 home", "B 30.95 view", "C 45 view", "D 60 home"),
        "E 0 buy",  # who never set out
    )
    zones = {
        zone: time_to_goal(prepared, start="view", goal="buy", by="month", time_zone=zone)
        for zone in ("UTC", "Europe/Rome")
    }
    # 31 May, 22:48 in UTC is already June in Rome.
    assert {name: one.n for name, one in zones["UTC"].groups.items()} == {
        "2026-05": 2,
        "2026-06": 1,
    }
    rome = zones["Europe/Rome"].groups
    assert {name: one.n for name, one in rome.items()} == {"2026-05": 1, "2026-06": 2}
    assert [rome[month].mature for month in rome] == [True, False]
    assert rome["2026-05"].note == ""
    assert rome["2026-06"].note == "the latest were followed for less than the horizon"


def test_months_follow_one_another_over_new_year_and_the_change_of_clocks():
    first, last = (
        int(datetime(*day, tzinfo=UTC).timestamp()) * 1_000_000
        for day in ((2025, 12, 31, 23), (2026, 4, 1))
    )
    months = Months.between(first, last, "Europe/Rome")
    assert months.names == ("2026-01", "2026-02", "2026-03", "2026-04")
    hours = np.diff(months.begin_us) / HOUR_US
    assert hours.tolist() == [31 * 24, 28 * 24, 31 * 24 - 1]


@pytest.mark.parametrize("resolution", ["minute", "hour", "day"])
def test_times_are_rounded_up(resolution: str):
    prepared = days("A 0 view", "A 1.0001 buy")
    result = time_to_goal(prepared, start="view", goal="buy", resolution=resolution)
    expected = {"minute": 1 + 1 / 1440, "hour": 1 + 1 / 24, "day": 2.0}
    assert result.median.value == pytest.approx(expected[resolution])


def shop(seed: int, customers: int = 4_000) -> pd.DataFrame:
    """Return views spread over 60 days; half of all buy, after 10 days on average."""
    rng = np.random.default_rng(seed)
    start = rng.uniform(0, 60, customers)
    buys = rng.random(customers) < 0.5
    wait = rng.exponential(10, customers)
    frame = pd.DataFrame({"customer_id": np.arange(customers), "day": start, "event": "view"})
    bought = frame.assign(day=start + wait, event="buy")[buys]
    both = pd.concat([frame, bought], ignore_index=True)
    both["ts"] = pd.Timestamp(BEGIN) + pd.to_timedelta(both.pop("day"), unit="D")
    return both


@pytest.mark.slow
def test_truncating_observation_leaves_the_incidence_and_shortens_the_naive_mean():
    truth = 0.5 * (1 - math.exp(-1.5))  # half of all, within 15 days
    found = {}
    for cut in (20, 60, 200):
        runs = [
            time_to_goal(
                prepare(shop(seed)),
                start="view",
                goal="buy",
                horizon_days=15,
                observed_until=until(cut),
            )
            for seed in range(6)
        ]
        shares = [one.share.value for one in runs]
        assert np.mean(shares) == pytest.approx(truth, abs=0.02)
        found[cut] = np.mean([one.mean_of_arrived_days for one in runs])
    assert found[20] < 6 < found[60] < found[200]
    assert found[200] == pytest.approx(10, abs=0.4)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_counts_the_same(engine: Engine):
    log = random_log(3)
    rows = [
        time_to_goal(
            prepare(frame), start="view", goal="buy", silent_days=0.1, by="channel"
        ).to_frame()
        for frame in (log, in_engine(log, engine))
    ]
    pd.testing.assert_frame_equal(*rows)


def test_nobody_who_set_out_is_told():
    shop = days("A 0 buy", "B 9 view", "C 9 home")
    result = time_to_goal(shop, start="view", goal="buy", by="month", observed_until=until(5))
    assert (result.n, result.groups) == (0, {})
    assert math.isnan(result.share.value)
    assert result.share.note == "undefined: there is nobody to follow"
    assert "set out" in next(result.checks())[0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"horizon_days": 0}, "horizon_days must be above 0; got 0"),
        ({"silent_days": -1}, "silent_days must be above 0; got -1"),
        ({"resolution": "week"}, "resolution must be one of 'minute', 'hour', 'day'; got 'week'"),
        ({"drop_off": ("buy", "x")}, "drop_off must be no goal; got 'buy'"),
        ({"by": "size"}, "by must be one of 'month'; got 'size'"),
        ({"confidence": 1}, "confidence must be strictly between 0 and 1; got 1"),
    ],
)
def test_a_bad_argument_is_named(options: dict[str, object], words: str):
    with pytest.raises(ValueError, match=words):
        time_to_goal(days("A 0 view", "A 1 buy"), start="view", goal="buy", **options)


def test_a_start_or_goal_that_never_happened_is_refused_and_a_drop_off_is_told():
    shop = days("A 0 view", "A 1 buy")
    with pytest.raises(ValueError, match=r"^goal must be .* got 'bye' \(nearest: 'buy'\)$"):
        time_to_goal(shop, start="view", goal=("buy", "bye"))
    with pytest.raises(ValueError, match=r"^start must be .* got 'views' \(nearest: 'view'\)$"):
        time_to_goal(shop, start="views", goal="buy")
    result = time_to_goal(shop, start="view", goal="buy", drop_off="bye")
    assert "events that never happened: bye" in result.note
