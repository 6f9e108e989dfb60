"""Every rule of the prepared table, on events small enough to be worked out by hand."""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest

from cxresearch import journeys
from cxresearch.errors import SchemaError
from cxresearch.journeys import prepare
from cxresearch.journeys._input import RESERVED
from tests.journeys.logs import rows_of


def log(*rows: tuple[str, str, str], **columns: object) -> pd.DataFrame:
    """Return events written as (customer, time, event)."""
    frame = pd.DataFrame(rows, columns=["customer_id", "ts", "event"])
    frame["ts"] = pd.to_datetime(frame["ts"], format="ISO8601").dt.as_unit("us")
    return frame.assign(**columns)


def visit(*times: str) -> pd.DataFrame:
    """Return events `a`, `b`, `c`, ... of one customer at some times of the first of May."""
    return log(*(("A", f"2026-05-01 {time}", "abcdefgh"[i]) for i, time in enumerate(times)))


def told(prepared, *columns: str) -> list[tuple]:
    """Return some columns of a prepared table, its events by name."""
    names = dict(enumerate(prepared.events)) | {None: None}
    rows = rows_of(prepared)
    coded = {"event", "journey_next", "session_next"}
    return [tuple(names[row[c]] if c in coded else row[c] for c in columns) for row in rows]


def test_what_the_table_says_of_two_visits():
    prepared = prepare(visit("10:00", "10:10", "10:50"))
    assert rows_of(prepared) == [
        {
            "customer_id": "A",
            "ts_us": 1_777_629_600_000_000,  # 20,574 days of 86,400 seconds and ten hours
            "event": 0,
            "session": 1,
            "step": 1,
            "last": False,
            "journey_step": 1,
            "journey_next": 1,
            "to_journey_next_us": 600_000_000,
        },
        {
            "customer_id": "A",
            "ts_us": 1_777_630_200_000_000,
            "event": 1,
            "session": 1,
            "step": 2,
            "last": True,
            "journey_step": 2,
            "journey_next": 2,
            "to_journey_next_us": 2_400_000_000,
        },
        {
            "customer_id": "A",
            "ts_us": 1_777_632_600_000_000,
            "event": 2,
            "session": 2,
            "step": 1,
            "last": True,
            "journey_step": 3,
            "journey_next": None,
            "to_journey_next_us": None,
        },
    ]
    assert prepared.events == ("a", "b", "c")
    assert prepared.tally.first_us == 1_777_629_600_000_000
    assert prepared.tally.last_us == 1_777_632_600_000_000
    counts = (prepared.tally.events, prepared.tally.sessions, prepared.tally.customers)
    assert counts == (3, 2, 1)


@pytest.mark.parametrize(
    ("second", "sessions"), [("10:29:59.999999", 1), ("10:30:00", 1), ("10:30:00.000001", 2)]
)
def test_a_gap_of_exactly_half_an_hour_is_within_the_session(second, sessions):
    assert prepare(visit("10:00", second)).tally.sessions == sessions


def test_the_gap_may_be_another():
    events = visit("10:00", "10:05", "10:11")
    assert prepare(events, gap_minutes=5).tally.sessions == 2
    assert prepare(events, gap_minutes=4.999).tally.sessions == 3


def test_a_session_lasts_as_long_as_no_gap_is_too_long():
    assert prepare(visit("10:00", "10:30", "11:00", "11:30")).tally.sessions == 1


def test_midnight_ends_no_session():
    events = log(("A", "2026-05-01 23:50", "a"), ("A", "2026-05-02 00:10", "b"))
    assert told(prepare(events), "session", "step") == [(1, 1), (1, 2)]


@pytest.mark.parametrize(
    ("before", "after", "sessions"),
    [
        # In Rome the clocks go from 02:00 to 03:00: ten minutes pass, not seventy.
        ("2026-03-29 01:55+01:00", "2026-03-29 03:05+02:00", 1),
        # The clocks go back from 03:00 to 02:00: seventy minutes pass, not ten.
        ("2026-10-25 02:55+02:00", "2026-10-25 03:05+01:00", 2),
    ],
)
def test_the_change_of_clocks_neither_ends_nor_prolongs_a_session(before, after, sessions):
    times = [pd.Timestamp(one).tz_convert("Europe/Rome") for one in (before, after)]
    events = pd.DataFrame({"customer_id": "A", "ts": times, "event": ["a", "b"]})
    assert prepare(events).tally.sessions == sessions


def test_times_of_every_zone_are_moments():
    moment = pd.Timestamp("2026-05-01 10:00", tz="UTC")
    seen = set()
    for zone in ("UTC", "Europe/Rome", "America/New_York", "Asia/Kathmandu"):
        frame = pd.DataFrame({"customer_id": "A", "ts": [moment.tz_convert(zone)], "event": "a"})
        seen |= {prepare(frame).tally.first_us, prepare(pl.from_pandas(frame)).tally.first_us}
    seen.add(prepare(visit("10:00")).tally.first_us)  # without a zone it is UTC
    seen.add(prepare(visit("10:00").assign(ts_us=moment.value // 1000)).tally.first_us)
    assert seen == {1_777_629_600_000_000}


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_of_every_fineness(unit):
    events = visit("10:00", "10:10")
    events["ts"] = events["ts"].dt.as_unit(unit)
    assert told(prepare(events), "to_journey_next_us") == [(600_000_000,), (None,)]


def test_the_order_of_the_rows_does_not_matter_where_no_two_are_at_the_same_moment():
    events = visit("10:00", "10:10", "10:50", "11:00")
    late = events.iloc[[3, 1, 0, 2]]
    assert rows_of(prepare(late)) == rows_of(prepare(events))


def test_ties_stay_in_the_order_of_the_rows():
    events = visit("10:00", "10:00", "10:00")
    assert told(prepare(events), "event", "journey_step") == [("a", 1), ("b", 2), ("c", 3)]
    turned = events.iloc[::-1]
    assert told(prepare(turned), "event", "journey_step") == [("c", 1), ("b", 2), ("a", 3)]


@pytest.mark.parametrize("sessions", ["gap", "given"])
def test_ties_may_be_broken_by_a_column_and_what_is_missing_comes_first(sessions):
    events = visit("09:59", "10:00", "10:00", "10:00", "10:00")
    events = events.assign(place=[9, 3, 1, None, 1], session_id="s")
    prepared = prepare(events, sessions=sessions, tie_break="place")
    assert [event for (event,) in told(prepared, "event")] == ["a", "d", "c", "e", "b"]
    assert prepared.tally.tied == 1  # the two of place 1, which the column does not tell apart


def test_a_copy_by_event_id_is_left_out_and_the_first_that_came_is_kept():
    events = visit("10:00", "10:01", "10:02", "10:03", "10:04")
    events["event_id"] = ["x", "y", "x", None, None]
    prepared = prepare(events.iloc[[2, 0, 1, 3, 4]])
    assert told(prepared, "event") == [("b",), ("c",), ("d",), ("e",)]
    assert (prepared.tally.rows_in, prepared.tally.events, prepared.tally.copies) == (5, 4, 1)


def test_without_an_event_id_nothing_is_a_copy():
    events = pd.concat([visit("10:00")] * 3)
    for one in (events, events.assign(event_id=None), events.assign(event_id=pd.NA)):
        assert prepare(one).tally.events == 3
        assert prepare(one).tally.copies == 0
    assert prepare(events.assign(event_id="x").iloc[:0]).tally.copies == 0


def test_a_row_that_is_left_out_is_counted_once_by_the_first_reason():
    events = log(("A", "2026-05-01 10:00", "a"), *[("A", "2026-05-01 10:01", "b")] * 5)
    events.loc[1, "customer_id"] = None
    events.loc[2, "ts"] = pd.NaT
    events.loc[3, "event"] = None
    events.loc[4, ["customer_id", "event"]] = None
    events.loc[5, ["ts", "event"]] = None
    tally = prepare(events).tally
    assert tally.rows_in == 6
    assert tally.without_customer == 2
    assert tally.without_time == 2
    assert tally.without_event == 1
    assert (tally.copies, tally.events) == (0, 1)


def test_a_copy_of_a_row_that_is_left_out_is_none():
    events = visit("10:00", "10:01").assign(event_id="x")
    events.loc[0, "customer_id"] = None
    assert told(prepare(events), "event") == [("b",)]


def test_no_events_make_an_empty_table():
    for sessions in ("gap", "given"):
        prepared = prepare(visit("10:00").assign(session_id="s").iloc[:0], sessions=sessions)
        assert rows_of(prepared) == []
        assert prepared.events == ()
        assert prepared.tally.events == prepared.tally.sessions == prepared.tally.first_us == 0
        assert prepared.steps("session").collect().shape[0] == 0


def test_an_infinite_time_is_no_time():
    with duckdb.connect() as connection:
        times = "unnest([TIMESTAMP 'infinity', '-infinity', '2026-05-01'])"
        events = connection.sql(f"SELECT 'A' AS customer_id, 'a' AS event, {times} AS ts")
        prepared = prepare(events)
    assert (prepared.tally.without_time, prepared.tally.events) == (2, 1)


def test_sessions_of_single_events():
    assert told(prepare(visit("10:00", "11:00")), "session", "step", "last") == [
        (1, 1, True),
        (2, 1, True),
    ]


def test_given_sessions_may_overlap_and_belong_to_one_customer():
    events = log(
        ("A", "2026-05-01 10:00", "a"),
        ("A", "2026-05-01 10:01", "b"),
        ("A", "2026-05-01 10:02", "c"),
        ("A", "2026-05-01 15:00", "d"),
        ("B", "2026-05-01 10:00", "e"),
        session_id=["x", "y", "x", "y", "x"],
    )
    prepared = prepare(events, sessions="given")
    columns = ("event", "session", "step", "last", "session_next", "to_session_next_us")
    assert told(prepared, *columns, "journey_next") == [
        ("a", 1, 1, False, "c", 120_000_000, "b"),
        ("b", 2, 1, False, "d", 17_940_000_000, "c"),
        ("c", 1, 2, True, None, None, "d"),
        ("d", 2, 2, True, None, None, None),
        ("e", 3, 1, True, None, None, None),
    ]
    assert prepared.tally.sessions == 3


def test_an_event_without_a_given_session_is_on_the_journey_but_in_no_session():
    events = visit("10:00", "10:01", "10:02").assign(session_id=["x", None, "x"])
    prepared = prepare(events, sessions="given")
    columns = ("session", "step", "last", "session_next", "journey_step")
    assert told(prepared, *columns) == [
        (1, 1, False, "c", 1),
        (None, None, None, None, 2),
        (1, 2, True, None, 3),
    ]
    assert (prepared.tally.sessions, prepared.tally.without_session) == (1, 1)
    assert prepared.steps("session").collect().shape[0] == 2
    assert prepared.steps("customer").collect().shape[0] == 3


def test_events_are_coded_by_their_names_whatever_their_type():
    names = [10, 2, 1]
    events = visit("10:00", "10:10", "10:20").assign(event=names, session_id="s")
    category = events.assign(event=pd.Categorical(["z", "a", "É'\""], ["z", "É'\"", "a"]))
    for sessions in ("gap", "given"):
        prepared = prepare(events, sessions=sessions)
        assert prepared.events == ("1", "10", "2")
        assert told(prepared, "event") == [("10",), ("2",), ("1",)]
        prepared = prepare(category, sessions=sessions)
        assert prepared.events == ("a", "z", "É'\"")
        assert told(prepared, "event") == [("z",), ("a",), ("É'\"",)]


def test_what_is_carried_along():
    events = visit("10:00").assign(channel="web", revenue=2.5, size="L", row=7, label="x", after=1)
    assert prepare(events).carried == ("channel", "revenue")
    chosen = prepare(events, carry=["size", "row", "label", "after", "size"])
    assert chosen.carried == ("size", "row", "label", "after")
    assert told(chosen, *chosen.carried) == [("L", 7, "x", 1)]
    assert prepare(events, carry=[]).carried == ()


def test_every_fault_of_the_events_is_told_at_once():
    events = visit("10:00").assign(ts=5, Step=1).drop(columns="event")
    with pytest.raises(SchemaError) as caught:
        prepare(events, sessions="given", tie_break="place", carry=["Step", "size"])
    assert str(caught.value).splitlines() == [
        "events has 6 faults:",
        "  event: no such column; it has customer_id, ts, Step",
        "  session_id: no such column; it has customer_id, ts, Step",
        "  size: no such column; it has customer_id, ts, Step",
        "  place: no such column; it has customer_id, ts, Step",
        "  Step: cannot be carried under this name, which journeys use; rename it",
        "  ts: must be a timestamp; it is Int64; "
        'read it first, as with pandas.to_datetime(events["ts"], utc=True, unit="s")',
    ]


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ({"ts": [dt.date(2026, 5, 1)]}, "ts: must be a timestamp; it is Date"),
        ({"ts_us": [1.5]}, "ts_us: must be whole microseconds since 1970; it is Float64"),
        ({}, "ts: no such column, nor ts_us; it has customer_id, event"),
    ],
)
def test_a_time_that_is_none_is_refused(times, words):
    events = pd.DataFrame({"customer_id": ["A"], "event": ["a"], **times})
    with pytest.raises(SchemaError) as caught:
        prepare(events)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"sessions": "day"}, "sessions must be one of 'gap', 'given'; got 'day'"),
        ({"gap_minutes": 0}, "gap_minutes must be above 0; got 0"),
    ],
)
def test_a_bad_argument_is_refused(arguments, words):
    with pytest.raises(ValueError) as caught:
        prepare(visit("10:00"), **arguments)
    assert str(caught.value) == words


def columns_made(tree: ast.AST) -> Iterator[str]:
    """Yield the names that columns are given in a module."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            if call.func.attr in ("with_columns", "select", "agg"):
                yield from (keyword.arg for keyword in call.keywords if keyword.arg)
            elif call.func.attr == "alias" and isinstance(call.args[0], ast.Constant):
                yield call.args[0].value


def test_no_carried_column_can_have_the_name_of_one_that_a_view_makes():
    # The labels are for the reader to carry; a group is what he asked to be told apart.
    free = {"behaviour", "period", "group"}
    for path in Path(journeys.__file__).parent.glob("*.py"):
        made = set(columns_made(ast.parse(path.read_text("utf-8")))) - free
        assert {name for name in made if not name.startswith("cx_")} <= RESERVED, path.name


def test_one_text_is_no_list_of_columns():
    with pytest.raises(TypeError, match="carry must be a list, not one text; got 'device'"):
        prepare(visit("10:00"), carry="device")


def test_a_column_that_no_engine_takes_does_not_matter_where_it_is_not_needed():
    events = visit("10:00", "10:01").assign(notes=["a", 1])
    assert prepare(events).tally.events == 2
    with pytest.raises(SchemaError, match="it has customer_id, ts, event, notes"):
        prepare(events, carry=["size"])
