"""Labels of events, given again by walking each customer's events in plain Python."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.errors import SchemaError
from cxresearch.journeys import (
    Prepared,
    compare,
    entries,
    prepare,
    step_matrix,
    transition_view,
    transitions,
    with_behaviour,
    with_groups,
    with_period,
)
from tests.journeys.logs import ENGINES, in_engine, logs, random_log
from tests.journeys.plain import journeys


def rows_of(prepared: Prepared, *columns: str) -> pd.DataFrame:
    found = prepared.frame.collect().to_native().to_pandas()
    ordered = found.sort_values(["customer_id", "journey_step"], ignore_index=True)
    return ordered[list(columns)] if columns else ordered


def labels_of(prepared: Prepared, column: str = "behaviour") -> list[str | None]:
    return [None if pd.isna(label) else label for label in rows_of(prepared, column)[column]]


def walked(prepared: Prepared, purchase: str, loyal: int) -> list[str]:
    """Return the label of every event as of its own moment, in the order of customers and time."""
    labels = []
    for _, events in rows_of(prepared).groupby("customer_id"):
        orders, sessions = 0, set()
        for row in events.itertuples():
            if not pd.isna(row.session):
                sessions.add(row.session)
            label = "first visit" if len(sessions) <= 1 else "returning"
            labels.append("loyal" if orders >= loyal else label)
            orders += prepared.events[row.event] == purchase
    return labels


@pytest.mark.slow
@given(logs(), st.sampled_from(["gap", "given"]), st.integers(1, 3))
@settings(max_examples=20)
def test_labels_are_those_of_a_plain_walk(log, sessions, loyal):
    if "home" not in set(log["event"]):
        return
    prepared = prepare(log, sessions=sessions)
    found = with_behaviour(prepared, purchase="home", loyal_orders=loyal)
    assert labels_of(found) == walked(prepared, "home", loyal)


@pytest.mark.slow
@given(logs(), st.sampled_from(["gap", "given"]), st.sampled_from(["event", "session"]), st.data())
@settings(max_examples=25)
def test_what_comes_later_changes_no_earlier_label(log, sessions, as_of, data):
    """No peeking: without the rows from some moment on, the others are labelled the same."""
    log = log.sort_values("ts", kind="stable", ignore_index=True)
    cut = data.draw(st.integers(0, max(len(log) - 1, 0)))
    earlier = log[log["ts"] < log["ts"].iloc[cut]] if len(log) else log
    if "home" not in set(earlier["event"]):
        return
    labelled = [
        rows_of(
            with_behaviour(prepare(one, sessions=sessions), purchase="home", as_of=as_of),
            "customer_id",
            "ts_us",
            "behaviour",
        )
        for one in (earlier, log)
    ]
    known, whole = labelled
    moment = earlier["ts"].max().value // 1000
    kept = whole[whole["ts_us"] <= moment].reset_index(drop=True)
    pd.testing.assert_frame_equal(known, kept)


def test_an_order_counts_from_the_event_after_it():
    found = with_behaviour(
        journeys("A: view buy view", "A: view buy", "A: view"), purchase="buy", loyal_orders=2
    )
    assert labels_of(found) == [*["first visit"] * 3, "returning", "returning", "loyal"]


def test_a_session_has_the_label_of_its_first_event():
    prepared = journeys("A: view buy view", "A: view")
    found = [
        labels_of(with_behaviour(prepared, purchase="buy", loyal_orders=1, as_of=as_of))
        for as_of in ("event", "session")
    ]
    assert found[0] == ["first visit", "first visit", "loyal", "loyal"]
    assert found[1] == ["first visit", "first visit", "first visit", "loyal"]


def test_events_in_no_session_have_their_own_label():
    log = pd.DataFrame(
        {
            "customer_id": "A",
            "ts_us": range(4),
            "event": ["email", "view", "buy", "delivery"],
            "session_id": [None, "s", "s", None],
        }
    )
    prepared = prepare(log, sessions="given")
    found = with_behaviour(prepared, purchase="buy", loyal_orders=1, as_of="session")
    assert labels_of(found) == ["first visit", "first visit", "first visit", "loyal"]


def test_as_of_a_moment_events_before_it_have_no_label():
    prepared = journeys("A: view buy", "B: view", "A: view", "B: buy", "C: view")
    noon = datetime(2026, 5, 3, 12, tzinfo=timezone(timedelta(hours=2)))
    found = with_behaviour(prepared, purchase="buy", loyal_orders=1, as_of=noon)
    assert labels_of(found) == [None, None, "loyal", None, "returning", "first visit"]


def test_every_view_can_be_split_and_compared_by_behaviour():
    log = random_log(1, customers=30, events=1500)
    found = with_behaviour(prepare(log), purchase="buy")
    labels = {"first visit", "returning", "loyal"}
    assert set(transitions(found, by="behaviour").frame["behaviour"]) == labels
    assert set(step_matrix(found, by="behaviour").frame["behaviour"]) == labels
    view = transition_view(found)
    both = compare(view, by="behaviour", first="first visit", second="loyal")
    assert both.n_both > 0
    whole = transitions(prepare(log), intervals=False, times=False).frame
    parts = transitions(found, by="behaviour", intervals=False, times=False).frame
    summed = parts.groupby(["source", "target"])["count"].sum()
    assert summed.to_dict() == whole.set_index(["source", "target"])["count"].to_dict()


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_gives_the_same(engine):
    log = random_log(3)
    there, here = (
        labels_of(with_behaviour(prepare(one), purchase="home", as_of="session"))
        for one in (in_engine(log, engine), log)
    )
    assert there == here


def test_an_event_at_the_moment_of_change_lies_after_it():
    prepared = journeys("A: view cart", minutes=1.0)
    for change in (datetime(2026, 5, 1, 10, 1), datetime(2026, 5, 1, 10, 1, tzinfo=UTC)):
        assert labels_of(with_period(prepared, change), "period") == ["before", "after"]


@pytest.mark.parametrize("wrong", ["2026-05-02", pd.NaT, None])
def test_a_moment_must_be_one(wrong):
    prepared = journeys("A: view")
    with pytest.raises(TypeError, match=f"change must be a datetime; got {wrong!r}"):
        with_period(prepared, wrong)


def test_a_missing_time_is_no_moment():
    with pytest.raises(TypeError, match="as_of must be a datetime; got NaT"):
        with_behaviour(journeys("A: view"), purchase="view", as_of=pd.NaT)


def test_customers_are_in_their_group_from_their_moment_on():
    prepared = journeys("A: view cart", "B: view", "C: view")
    moment = rows_of(prepared, "ts_us")["ts_us"].iloc[1]
    groups = pd.DataFrame(
        {"customer_id": ["A", "B", "D"], "variant": ["x", "y", "x"], "from_us": moment}
    )
    whole = with_groups(prepared, groups, "variant")
    since = with_groups(prepared, groups, "variant", since_us="from_us")
    assert labels_of(whole, "variant") == ["x", "x", "y", None]
    assert labels_of(since, "variant") == [None, "x", "y", None]
    assert since.tally == prepared.tally


def test_a_column_of_that_name_is_replaced_and_the_others_stay():
    prepared = prepare(random_log(4))
    groups = pd.DataFrame({"customer_id": ["c1"], "device": ["watch"]})
    found = with_groups(with_period(prepared, datetime(2026, 3, 29)), groups, "device")
    assert set(found.carried) == {*prepared.carried, "period"}
    assert entries(found, by="device").frame["device"].unique().tolist() == ["(none)", "watch"]
    kept = [name for name in prepared.frame.collect_schema().names() if name != "device"]
    pd.testing.assert_frame_equal(rows_of(found, *kept), rows_of(prepared, *kept))


def test_the_table_is_sorted_as_prepared_ones_are():
    found = with_behaviour(prepare(random_log(5)), purchase="home", as_of="session")
    written = pd.read_parquet(found.table)
    ordered = written.sort_values(["customer_id", "journey_step"], ignore_index=True)
    pd.testing.assert_frame_equal(written, ordered)


def test_the_table_goes_with_its_owner():
    found = with_period(journeys("A: view"), datetime(2026, 5, 1, tzinfo=UTC))
    table = found.table
    assert table.exists()
    del found
    assert not table.exists()


def test_groups_may_be_a_relation_of_another_connection():
    with duckdb.connect() as connection:
        groups = connection.sql("SELECT 'A' AS customer_id, 'new' AS variant")
        found = with_groups(journeys("A: view", "B: view"), groups, "variant")
    assert entries(found, by="variant").frame["variant"].tolist() == ["(none)", "new"]


def test_no_column_of_journeys_is_replaced():
    groups = pd.DataFrame({"customer_id": ["A"], "event": [1]})
    with pytest.raises(ValueError, match="column must be no name that journeys use; got 'event'"):
        with_groups(journeys("A: view"), groups, "event")


def test_bad_groups_are_named():
    prepared = journeys("A: view")
    twice = pd.DataFrame({"customer_id": ["A", "A"], "variant": ["x", "y"]})
    with pytest.raises(SchemaError, match="customer_id: must come once each; 'A' does not"):
        with_groups(prepared, twice, "variant")
    with pytest.raises(SchemaError, match="segment: no such column; it has customer_id, variant"):
        with_groups(prepared, twice, "segment")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"purchase": "buy"}, "purchase must be among the events that happened; got 'buy' .*"),
        ({"loyal_orders": 0}, "loyal_orders must be at least 1; got 0"),
        ({"as_of": "unit"}, "as_of must be one of 'event', 'session'; got 'unit'"),
    ],
)
def test_a_bad_argument_is_named(options, words):
    with pytest.raises(ValueError, match=f"^{words}$"):
        with_behaviour(journeys("A: view"), **{"purchase": "view", **options})
