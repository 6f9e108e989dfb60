"""Paths are counted as a plain walk along each unit counts them."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from itertools import groupby

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch.journeys import Prepared, prepare
from cxresearch.journeys.counting_rules import UNITS, Unit
from cxresearch.journeys.paths import OTHERS, longest_path, path_view, paths
from tests.journeys import plain
from tests.journeys.logs import ENGINES, Engine, in_engine, logs, random_log


def written(names: list[str], length: int, until: str | None, *, collapse: bool) -> str | None:
    """Return a unit's path; None for a unit that never comes to `until`."""
    events = [name for name, _ in groupby(names)] if collapse else names
    if until is None:
        return " -> ".join([*events[:length], *(["..."] if len(events) > length else [])])
    if until not in events:
        return None
    before = events[: events.index(until)]
    more = ["..."] if len(before) > length else []
    return " -> ".join([*more, *before[-length:], until])


def by_hand(
    prepared: Prepared, unit: Unit, length: int, until: str | None, *, collapse: bool
) -> dict[str, list[plain.Key]]:
    """Return the units of each path."""
    found = defaultdict(list)
    for key, steps in plain.units_of(prepared, unit).items():
        path = written([step.event for step in steps], length, until, collapse=collapse)
        if path is not None:
            found[path].append(key)
    return found


def test_short_journeys_end_early_and_long_ones_go_on():
    prepared = plain.journeys("A: view cart buy", "A: view cart", "B: view cart", "C: view")
    table = paths(prepared, 2).frame
    assert table["path"].tolist() == ["view -> cart", "view", "view -> cart -> ..."]
    assert table["count"].tolist() == [2, 1, 1]
    assert table["customers"].tolist() == [2, 1, 1]
    assert table["share"].tolist() == [0.5, 0.25, 0.25]


def test_what_is_not_shown_is_among_the_others():
    prepared = plain.journeys("A: view cart", "A: view cart", "A: cart", "B: view", "C: buy")
    result = paths(prepared, 3, top=1)
    assert result.frame["path"].tolist() == ["view -> cart", OTHERS]
    assert result.frame["count"].tolist() == [2, 3]
    assert result.frame["customers"].tolist() == [1, 3]
    assert result.frame["share"].sum() == 1
    assert result.frame[["of", "n"]].to_numpy().tolist() == [[5, 3], [5, 3]]


def test_paths_that_lead_to_an_event_end_before_it_first_comes():
    prepared = plain.journeys(
        "A: home view cart buy buy", "B: cart buy", "C: buy view buy", "D: view"
    )
    result = paths(prepared, 2, until="buy")
    assert result.frame["path"].tolist() == ["buy", "cart -> buy", "... -> view -> cart -> buy"]
    assert result.frame["of"].tolist() == [3] * 3
    assert result.frame["share"].tolist() == [1 / 3] * 3


def test_an_event_right_after_itself_is_one_step_where_loops_collapse():
    prepared = plain.journeys("A: view view cart cart view", "B: view cart view view")
    table = paths(prepared, 4, collapse_loops=True).frame
    assert table["path"].tolist() == ["view -> cart -> view"]
    assert paths(prepared, 2, collapse_loops=True).frame["path"].tolist() == ["view -> cart -> ..."]
    assert paths(prepared, 1, collapse_loops=True, until="cart").frame["path"].tolist() == [
        "view -> cart"
    ]


@pytest.mark.slow
@settings(max_examples=25)
@given(
    log=logs(),
    unit=st.sampled_from(UNITS),
    length=st.integers(1, 5),
    until=st.sampled_from([None, "buy", "home"]),
    collapse=st.booleans(),
)
def test_paths_are_those_of_a_plain_walk(
    log: pd.DataFrame, unit: Unit, length: int, until: str | None, collapse: bool
):
    prepared = prepare(log)
    if until not in (None, *prepared.events):
        return  # refused: see the test of an event that never happened
    expected = by_hand(prepared, unit, length, until, collapse=collapse)
    everyone = [key for keys in expected.values() for key in keys]
    result = paths(prepared, length, unit=unit, top=10_000, until=until, collapse_loops=collapse)
    counts = dict(zip(result.frame["path"], result.frame["count"], strict=True))
    assert counts == {path: len(keys) for path, keys in expected.items()}
    assert set(result.frame["of"]) <= {len(everyone)}
    assert set(result.frame["n"]) <= {len({customer for customer, _ in everyone})}
    assert all(left == right for _, left, right in result.checks())
    for row in result.frame.itertuples():
        assert row.customers == len({customer for customer, _ in expected[row.path]})
        there = (row.share, row.ci_low, row.ci_high)
        assert there == pytest.approx(plain.share(expected[row.path], everyone), nan_ok=True)


def test_of_equal_paths_the_first_by_the_alphabet_is_shown():
    prepared = plain.journeys("A: view", "B: buy", "C: cart")
    assert paths(prepared, 2, top=2).frame["path"].tolist() == ["buy", "cart", OTHERS]


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_counts_the_same(engine: Engine):
    log = random_log(3, ties=True)
    tables = [paths(prepare(frame), 3).frame for frame in (log, in_engine(log, engine))]
    pd.testing.assert_frame_equal(*tables)


def test_the_counts_can_be_had_alone():
    prepared = prepare(random_log(5))
    alone, whole = (paths(prepared, 3, top=5, intervals=one).frame for one in (False, True))
    pd.testing.assert_frame_equal(alone, whole[list(alone)])
    assert list(alone) == ["path", "count", "of", "share"]


def test_groups_by_a_carried_column_have_shares_of_their_own():
    log = random_log(6)
    prepared = prepare(log)
    result = paths(prepared, 2, top=3, by="device")
    starts = prepared.steps("session").collect().to_pandas().query("step == 1")
    sizes = starts["device"].value_counts().to_dict()
    assert result.frame.groupby("device")["count"].sum().to_dict() == sizes
    assert result.frame.groupby("device")["share"].sum().tolist() == pytest.approx([1, 1])
    assert result.frame.groupby("device")["path"].last().tolist() == [OTHERS, OTHERS]
    alone = paths(prepared, 2, top=3, by="device", intervals=False)
    pd.testing.assert_frame_equal(alone.frame, result.frame[list(alone.frame)])


def test_labels_are_counted_instead_of_events():
    labels = {"view": "shop", "home": "shop", "buy": "till"}
    prepared = plain.journeys("A: home view buy", "B: view buy")
    table = paths(prepared, labels=labels, collapse_loops=True).frame
    assert table["path"].tolist() == ["shop -> till"]
    until = paths(prepared, labels=labels, until="till").frame
    assert until["path"].tolist() == ["shop -> till", "shop -> shop -> till"]


def test_checks_find_a_path_that_was_lost():
    result = paths(plain.journeys("A: view cart", "B: view"), 2)
    assert result.frame["count"].sum() == 2
    assert [left == right for _, left, right in result.checks()] == [True] * 3
    broken = replace(result, frame=result.frame.iloc[:1])
    assert next(broken.checks()) == ("units of all paths = units", 1, 2)


def test_checks_name_the_step():
    checks = list(paths(plain.journeys("A: view cart", "B: view"), 2).checks())
    assert checks[1:] == [
        ("paths through view at step 1 = such events there", 2, 2),
        ("paths through cart at step 2 = such events there", 1, 1),
    ]


def test_without_events_there_is_nothing_to_count():
    empty = prepare(random_log(0).iloc[:0])
    for intervals in (True, False):
        result = paths(empty, intervals=intervals)
        assert len(result.frame) == 0
        assert list(result.checks()) == []


def test_paths_to_what_never_happened_are_refused_with_the_nearest_name():
    seen = plain.journeys("A: view > buy")
    with pytest.raises(ValueError, match=r"^until must be among the events that happened; "):
        paths(seen, until="purchase")
    with pytest.raises(ValueError, match=r"got 'Buyy' \(nearest: 'buy'\)$"):
        path_view(seen, until="Buyy")


def test_one_customer_has_no_interval():
    row = paths(plain.journeys("A: view", "A: cart")).frame.iloc[0]
    assert row["share"] == 0.5
    assert math.isnan(row["ci_low"])
    assert math.isnan(row["ci_high"])


def test_the_table_is_shown_escaped_and_given_as_a_copy():
    result = paths(plain.journeys("A: <b>view</b>"))
    assert "&lt;b&gt;view&lt;/b&gt;" in result._repr_html_()
    copy = result.to_frame()
    copy.loc[0, "count"] = 99
    assert result.frame.loc[0, "count"] == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"length": 0}, "length must be between 1 and 38; got 0"),
        ({"length": 39}, "length must be between 1 and 38; got 39"),
        ({"length": 1.5}, "length must be a whole number; got 1.5"),
        ({"top": 0}, "top must be at least 1; got 0"),
        ({"unit": "visit"}, "unit must be one of 'customer', 'session', 'order'; got 'visit'"),
        ({"confidence": 1}, "confidence must be strictly between 0 and 1; got 1"),
    ],
)
def test_a_bad_argument_is_named(options: dict[str, object], words: str):
    with pytest.raises((ValueError, TypeError), match=words):
        paths(plain.journeys("A: view cart"), **options)


def test_the_longest_path_still_fits():
    names = [f"e{k:02}" for k in range(40)]
    prepared = plain.journeys("A: " + " ".join(names[::-1]))
    most = longest_path(len(names))
    result = paths(prepared, most)
    assert result.frame["path"].tolist() == [" -> ".join([*names[: -most - 1 : -1], "..."])]
    assert 2 * 41**most < 2**63


def test_a_customer_more_changes_no_other_path():
    log = random_log(9, customers=12, events=120)
    more = random_log(10, customers=1, events=9).assign(customer_id="new")
    before, alone, together = (
        paths(prepare(one), 4, unit="customer", top=99).frame.set_index("path")["count"]
        for one in (log, more, pd.concat([log, more]))
    )
    assert together.to_dict() == before.add(alone, fill_value=0).to_dict()
