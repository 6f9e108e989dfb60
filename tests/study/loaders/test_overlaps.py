"""Exports that overlap: a row that two files have counts twice where no key tells it apart."""

from __future__ import annotations

import pytest

LINES = "order_id,sku,quantity,price\n"
EVENTS = "customer_id,ts,event,event_id\n"
COSTS = "date,channel,cost,clicks\n"
FIRST, SECOND = "A1,S1,1,10\nA2,S1,1,10\n", "A2,S1,1,10\nA2,S1,1,10\nA3,S1,1,10\n"


def test_lines_of_overlapping_files_are_flagged(bench):
    outcome = bench("order_lines", {"a.csv": LINES + FIRST, "b.csv": LINES + SECOND})
    assert outcome.found() == {("row_in_two_files", "order_id"): 2}
    assert len(outcome.rows) == 5


def test_a_line_that_comes_twice_in_one_file_is_two(bench):
    assert bench("order_lines", {"a.csv": LINES + FIRST + FIRST}).found() == {}


def test_events_without_an_id_are_flagged_and_others_are_duplicates(bench):
    day = "2026-01-05 10:00"
    a = f"{EVENTS}u,{day},view,\nv,{day},view,1\n"
    outcome = bench("events", {"a.csv": a, "b.csv": a})
    assert outcome.found() == {
        ("row_in_two_files", "customer_id"): 1,
        ("duplicate_key", "event_id"): 1,
    }


@pytest.mark.parametrize(
    ("add_up", "found"), [(True, "row_in_two_files"), (False, "duplicate_key")]
)
def test_costs_that_are_added_up(bench, add_up: bool, found: str):
    day = "2026-01-05,meta,3,1\n"
    files = {"a.csv": COSTS + day, "b.csv": COSTS + day + "2026-01-06,meta,3,1\n"}
    outcome = bench("marketing", files, add_up=add_up)
    assert outcome.found() == {(found, "date"): 1}


def test_a_day_of_zeros_in_two_files_adds_nothing(bench):
    files = dict.fromkeys(["a.csv", "b.csv"], COSTS + "2026-01-05,meta,0,\n")
    assert bench("marketing", files, add_up=True).found() == {}
