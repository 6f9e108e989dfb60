"""Transitions, counted again from plain lists, and their intervals over simulated customers."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.core.unit_sums import RatioSums
from cxresearch.journeys import (
    Prepared,
    compare,
    place_transitions,
    prepare,
    transition_view,
    transitions,
)
from cxresearch.journeys.counting_rules import UNITS, Unit
from cxresearch.stats.shares.proportions import clustered_proportion, proportion
from tests.journeys.logs import ENGINES, Engine, in_engine, logs, random_log
from tests.journeys.plain import journeys, units_of

LABELS = {"home": "look", "view": "look", "cart": "want", "pay": "buy", "buy": "buy"}


def moves_of(
    prepared: Prepared, unit: Unit, labels: dict[str, str], *, ends: bool, collapse: bool
) -> list[tuple[str, object, str, str, float]]:
    """Return every move: customer, unit, source, target, and the seconds it took (or nan)."""
    moves = []
    for (customer, key), steps in units_of(prepared, unit).items():
        way = [(labels[step.event], step.ts_us) for step in steps]
        if ends:
            way = [("(start)", None), *way, ("(exit)", None)]
        for (source, left), (target, come) in pairwise(way):
            if not (collapse and source == target):
                known = left is not None and come is not None
                took = (come - left) / 1e6 if known else math.nan
                moves.append((customer, key, source, target, took))
    return moves


def rows_by_cell(table: pd.DataFrame) -> dict[tuple[str, str], dict[str, float]]:
    return {(row["source"], row["target"]): row for row in table.to_dict("records")}


def by_hand(moves: list[tuple[str, object, str, str, float]], base: int) -> dict:
    """Return what is expected of every cell from one list per cell; `base` is 0 for the source."""
    counted, of = defaultdict(Counter), defaultdict(Counter)
    units, times = defaultdict(set), defaultdict(list)
    for customer, unit, *cell, took in moves:
        counted[tuple(cell)][customer] += 1
        of[cell[base]][customer] += 1
        units[tuple(cell)].add((customer, unit))
        times[tuple(cell)] += [] if math.isnan(took) else [took]
    expected = {}
    for cell, customers in counted.items():
        members = sorted(of[cell[base]])
        x, y = [customers[c] for c in members], [of[cell[base]][c] for c in members]
        share = clustered_proportion(RatioSums.from_arrays(x, y))
        there = times[cell]
        quartiles = np.quantile(there, [0.25, 0.5, 0.75]) if there else [math.nan] * 3
        expected[cell] = {
            "count": sum(x),
            "of": sum(y),
            "share": share.value,
            "ci_low": share.ci.low,
            "ci_high": share.ci.high,
            "n": len(members),
            "units": len(units[cell]),
            "customers": len(customers),
            **dict(zip(("q1_s", "median_s", "q3_s"), quartiles, strict=True)),
        }
    return expected


@pytest.mark.slow
@given(
    logs(), st.sampled_from(UNITS), st.booleans(), st.booleans(), st.sampled_from([0, 1]),
    st.sampled_from([None, LABELS]),
)  # fmt: skip
@settings(max_examples=25)
def test_transitions_are_those_of_a_plain_walk(log, unit, ends, collapse, base, labels):
    prepared = prepare(log)
    found = transitions(
        prepared,
        unit=unit,
        start_exit=ends,
        collapse_loops=collapse,
        base=("source", "target")[base],
        labels=labels,
    )
    moves = moves_of(
        prepared, unit, labels or {name: name for name in LABELS}, ends=ends, collapse=collapse
    )
    expected = by_hand(moves, base)
    cells = rows_by_cell(found.frame)
    assert set(cells) == set(expected)
    for cell, numbers in expected.items():
        got = {name: cells[cell][name] for name in numbers}
        assert got == pytest.approx(numbers, nan_ok=True), cell
    assert all(left == right for _, left, right in found.checks())


def test_a_visit_comes_from_the_start_and_goes_to_the_exit():
    found = transitions(journeys("A: view cart view", "B: view"))
    assert found.matrix("count").to_dict("index") == {
        "(start)": {"cart": 0, "view": 2, "(exit)": 0},
        "cart": {"cart": 0, "view": 1, "(exit)": 0},
        "view": {"cart": 1, "view": 0, "(exit)": 2},
    }


def test_the_shares_of_a_group_are_those_it_is_compared_by():
    prepared = prepare(random_log(4, customers=40, events=900))
    table = transitions(prepared, by="device", times=False).frame
    found = rows_by_cell(table[table["device"] == "mobile"])
    view = transition_view(prepared)
    compared = compare(view, by="device", first="mobile", second="desktop").frame
    for cell, row in rows_by_cell(compared[compared["count_first"] > 0]).items():
        assert found[cell]["share"] == pytest.approx(row["share_first"])


def test_a_unit_with_one_event_moves_nowhere_without_start_and_exit():
    found = transitions(journeys("A: view"), start_exit=False)
    assert found.frame.empty
    assert list(found.checks()) == []


def test_an_event_that_comes_again_at_once_is_one_stay_where_loops_collapse():
    found = transitions(journeys("A: view view cart cart view"), collapse_loops=True)
    cells = rows_by_cell(found.frame)
    assert {cell: row["count"] for cell, row in cells.items()} == {
        ("(start)", "view"): 1,
        ("view", "cart"): 1,
        ("cart", "view"): 1,
        ("view", "(exit)"): 1,
    }
    assert cells["view", "cart"]["median_s"] == 60


def test_ties_go_by_the_column_that_is_named_else_by_the_rows():
    log = pd.DataFrame(
        {
            "customer_id": "a",
            "ts": pd.to_datetime(["2026-05-01 10:00"] * 2 + ["2026-05-01 10:01"]),
            "event": ["X", "Y", "Z"],
            "seq": [2, 1, 3],
        }
    )
    inside = {"start_exit": False, "intervals": False, "times": False}
    by_column = transitions(prepare(log, tie_break="seq"), **inside).frame
    by_rows = transitions(prepare(log), **inside).frame
    assert by_column[["source", "target"]].to_numpy().tolist() == [["X", "Z"], ["Y", "X"]]
    assert by_rows[["source", "target"]].to_numpy().tolist() == [["X", "Y"], ["Y", "Z"]]


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_every_engine_gives_the_same(engine: Engine):
    log = random_log(3)
    there = transitions(prepare(in_engine(log, engine)), by="device").frame
    pd.testing.assert_frame_equal(there, transitions(prepare(log), by="device").frame)


def test_sessions_of_an_export_may_overlap():
    log = random_log(8)
    prepared = prepare(log, sessions="given")
    moves = moves_of(
        prepared, "session", {name: name for name in LABELS}, ends=True, collapse=False
    )
    expected = {cell: row["count"] for cell, row in by_hand(moves, 0).items()}
    found = rows_by_cell(transitions(prepared).frame)
    assert {cell: row["count"] for cell, row in found.items()} == expected


def test_a_customer_more_changes_no_other_count():
    log = random_log(2)
    other = random_log(9, customers=1, events=20).assign(customer_id="new", channel="new")
    found = transitions(prepare(log), by="channel", at="start").frame
    more = transitions(prepare(pd.concat([other, log])), by="channel", at="start").frame
    kept = more[more["channel"] != "new"].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, found)


def test_a_value_counts_at_the_event_that_is_left_or_at_the_start():
    log = random_log(4).assign(channel=lambda frame: frame["channel"].where(frame.index % 7 > 0))
    prepared = prepare(log)
    rows = prepared.steps("session").collect().to_native().to_pandas()
    rows = rows.sort_values(["customer_id", "unit", "step"])
    first = rows.groupby("unit")["channel"].transform(lambda values: values.iloc[0])
    for at, value in (("event", rows["channel"]), ("start", first)):
        left = rows.assign(value=value.fillna("(none)"), target=rows["next_event"].fillna(-1))
        expected = left.groupby(["value", "event", "target"]).size()
        table = transitions(prepared, by="channel", at=at, times=False).frame
        moved = table[table["source"] != "(start)"]
        keys = zip(
            moved["channel"],
            moved["source"].map(prepared.code),
            moved["target"].map(lambda name: -1 if name == "(exit)" else prepared.code(name)),
            strict=True,
        )
        assert dict(zip(keys, moved["count"], strict=True)) == expected.to_dict()
        assert "(none)" in set(table["channel"])


def test_counts_and_times_can_be_had_alone():
    prepared = prepare(random_log(5))
    whole = transitions(prepared, by="device").frame
    counted = transitions(prepared, by="device", intervals=False, times=False).frame
    timed = transitions(prepared, by="device", intervals=False).frame
    assert list(counted) == ["device", "source", "target", "count", "of", "share"]
    pd.testing.assert_frame_equal(counted, whole[list(counted)])
    pd.testing.assert_frame_equal(timed, whole[list(timed)])


def test_intervals_hold_the_truth_though_visits_of_a_customer_are_alike():
    """400 logs at once, as one column: customers with a taste of their own for going on."""
    rng = np.random.default_rng(2026)
    truth, runs, customers = 0.3, 400, 60
    taste = rng.beta(truth, 1 - truth, (runs, customers))
    visits = 1 + rng.poisson(4, (runs, customers))
    who = np.repeat(np.arange(runs * customers), visits.ravel())
    went_on = rng.random(who.size) < taste.ravel()[who]
    place = np.concatenate([np.arange(size) for size in visits.ravel()])
    views = pd.DataFrame({"customer": who, "ts_us": place * 10**10, "event": "view"})
    carts = views[went_on].assign(event="cart", ts_us=lambda frame: frame["ts_us"] + 10**6)
    log = pd.concat([views, carts], ignore_index=True)
    log["run"] = (log["customer"] // customers).astype(str)
    log["customer_id"] = log["customer"].astype(str)
    prepared = prepare(log[["customer_id", "ts_us", "event", "run"]], carry=["run"])
    table = transitions(prepared, by="run", times=False).frame
    cell = table[(table["source"] == "view") & (table["target"] == "cart")]
    assert len(cell) == runs
    held = ((cell["ci_low"] <= truth) & (truth <= cell["ci_high"])).mean()
    naive = [proportion(row["count"], row["of"]).ci for _, row in cell.iterrows()]
    assert 0.93 <= held <= 0.97
    assert np.mean([ci.low <= truth <= ci.high for ci in naive]) < 0.8


def test_places_are_counted_along_the_whole_journey():
    prepared = journeys("A: view cart", "A: store", "B: store view")
    places = {"view": "online", "cart": "online", "store": "offline"}
    found = place_transitions(prepared, places)
    assert found.matrix("count").to_dict("index") == {
        "offline": {"offline": 0, "online": 1},
        "online": {"offline": 1, "online": 1},
    }
    assert found.rules.unit == "customer"
    assert rows_by_cell(found.frame)["online", "offline"]["median_s"] == 86_400 - 60


def test_one_share_is_an_estimate():
    found = transitions(journeys("A: view cart", "B: view", "C: view cart"))
    row = rows_by_cell(found.frame)["view", "cart"]
    share = found.estimate(source="view", target="cart")
    assert (share.value, *share.ci, share.n) == (row["share"], row["ci_low"], row["ci_high"], 3)
    assert (share.unit, share.confidence, share.note) == ("share", 0.95, "")


def test_a_move_that_never_was_has_a_share_of_zero_and_an_interval():
    found = transitions(journeys(*(f"{name}: view cart" for name in "ABCDE")))
    never = found.estimate(source="view", target="(exit)")
    assert never.value == never.ci.low == 0
    assert never.ci.high == pytest.approx(proportion(0, 5).ci.high, abs=0.2)
    assert never.n == 5


def test_one_customer_has_no_interval():
    share = transitions(journeys("A: view cart")).estimate(source="view", target="cart")
    assert share.value == 1
    assert math.isnan(share.ci.low)
    assert share.note == "no interval: it needs at least two independent units"


def test_checks_find_a_count_that_was_lost():
    found = transitions(journeys("A: view cart", "B: view"))
    assert list(found.checks()) == [
        ("targets of source (start)", 2, 2),
        ("targets of source cart", 1, 1),
        ("targets of source view", 2, 2),
    ]
    lost = replace(found, frame=found.frame.iloc[:-1])
    assert [left == right for _, left, right in lost.checks()] == [True, True, False]


def test_a_matrix_is_in_the_order_of_the_names_also_in_groups():
    log = random_log(6)
    wide = transitions(prepare(log), by="device").matrix("median_s")
    names = sorted(set(log["event"]))
    assert list(wide.columns) == [*names, "(exit)"]
    assert list(wide.index) == [
        (device, name) for device in ("desktop", "mobile") for name in ("(start)", *names)
    ]
    assert wide["(exit)"].isna().all()


def test_the_table_is_given_as_a_copy_and_shown():
    found = transitions(journeys("A: view"))
    copy = found.to_frame()
    copy.loc[0, "count"] = 7
    assert found.frame.loc[0, "count"] == 1
    assert "(start)" in found._repr_html_()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"unit": "visit"}, "unit must be one of 'customer', 'session', 'order'; got 'visit'"),
        ({"base": "both"}, "base must be one of 'source', 'target'; got 'both'"),
        ({"at": "end"}, "at must be one of 'event', 'start'; got 'end'"),
        ({"by": "device"}, "by must be one of those there are, and there is none; got 'device'"),
        ({"confidence": 95}, "confidence must be strictly between 0 and 1; got 95"),
        ({"labels": {"view": "look"}}, "labels must name every event; got none for buy, cart"),
    ],
)
def test_a_bad_argument_is_named(options, words):
    with pytest.raises(ValueError, match=f"^{words}$"):
        transitions(journeys("A: view cart buy"), **options)


def test_a_cell_and_a_column_must_be_there():
    found = transitions(journeys("A: view cart"))
    with pytest.raises(ValueError, match=r"^target must be one of 'view', '\(exit\)', 'cart'; got"):
        found.estimate(source="view", target="chat")
    with pytest.raises(ValueError, match=r"^source must be one of .*; got None$"):
        found.estimate(target="view")
    with pytest.raises(ValueError, match=r"^values must be one of 'count', .*; got 'shares'$"):
        found.matrix("shares")
    with pytest.raises(ValueError, match=r"^intervals must be one of True; got False$"):
        transitions(journeys("A: view"), intervals=False).estimate(source="view", target="(exit)")


def test_a_place_is_online_or_offline():
    words = "the place of view must be one of 'online', 'offline'; got 'web'"
    with pytest.raises(ValueError, match=f"^{words}$"):
        place_transitions(journeys("A: view"), {"view": "web"})
