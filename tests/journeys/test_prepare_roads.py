"""The prepared table of random logs, re-derived row by row, on every road and in every engine."""

from __future__ import annotations

import itertools
import tempfile
from dataclasses import replace
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch import engine
from cxresearch.journeys import _input, prepare
from cxresearch.journeys.prepare import write_partitioned, write_sorted
from cxresearch.journeys.prepared import Prepared
from tests.journeys.logs import ENGINES, in_engine, logs, random_log, rows_of

GAP_US = 30 * 60_000_000


def plain_rows(log: pd.DataFrame, sessions: str = "gap", tie_break: str | None = None) -> list:
    """Return the prepared table of a log as plain Python finds it, one customer after the other."""
    names = sorted(log["event"].unique())
    if runs_backwards(log):
        log = log.iloc[::-1]
    prepared = []
    session_numbers = itertools.count(1)
    for customer in sorted(log["customer_id"].unique()):
        own = log[log["customer_id"] == customer].sort_values(
            ["ts", tie_break] if tie_break else "ts", kind="stable", na_position="first"
        )
        journey = [
            {
                "customer_id": customer,
                "ts_us": row.ts.value // 1000,
                "event": names.index(row.event),
                "journey_step": step,
                "label": row.session_id if isinstance(row.session_id, str) else None,
                **{name: plain(getattr(row, name)) for name in _input.CARRIED if name in log},
            }
            for step, row in enumerate(own.itertuples(), start=1)
        ]
        link(journey, "journey_next", "to_journey_next_us")
        if sessions == "gap":
            label_by_gap(journey)
        numbers: dict[Any, int] = {}
        for row in journey:
            if row["label"] is not None and row["label"] not in numbers:
                numbers[row["label"]] = next(session_numbers)
        for label, number in numbers.items():
            visit = [row for row in journey if row["label"] == label]
            link(visit, "session_next", "to_session_next_us")
            for step, row in enumerate(visit, start=1):
                row |= {"session": number, "step": step, "last": step == len(visit)}
        prepared += journey
    if sessions == "gap":
        return [without(row, "label", "session_next", "to_session_next_us") for row in prepared]
    keys = ("session", "step", "last", "session_next", "to_session_next_us")
    return [dict.fromkeys(keys) | without(row, "label") for row in prepared]


def runs_backwards(log: pd.DataFrame) -> bool:
    """Return whether nine in ten steps from row to row go back in time.

    Those within a customer decide; where there are none or they go both ways, those of all rows.
    """
    rows = list(zip(log["customer_id"], log["ts"], strict=True))
    steps = [(a[0] == b[0], a[1] > b[1]) for a, b in itertools.pairwise(rows) if a[1] != b[1]]
    for back in ([one for own, one in steps if own], [one for _, one in steps]):
        if back and max(sum(back), len(back) - sum(back)) >= 0.9 * len(back):
            return sum(back) > len(back) / 2
    return False


def plain(value: Any) -> Any:
    return None if pd.isna(value) else value


def without(row: dict, *names: str) -> dict:
    return {name: value for name, value in row.items() if name not in names}


def link(rows: list[dict], after: str, to_after_us: str) -> None:
    for one, following in itertools.zip_longest(rows, rows[1:]):
        one[after] = following and following["event"]
        one[to_after_us] = following and following["ts_us"] - one["ts_us"]


def label_by_gap(journey: list[dict]) -> None:
    label = 0
    for row, before in zip(journey, [None, *journey], strict=False):
        label += before is not None and row["ts_us"] - before["ts_us"] > GAP_US
        row["label"] = label


@settings(max_examples=40)
@given(log=logs(), engine=st.sampled_from(ENGINES), sessions=st.sampled_from(["gap", "given"]))
def test_the_table_is_what_plain_python_finds(log, engine, sessions):
    prepared = prepare(in_engine(log, engine), sessions=sessions)
    assert rows_of(prepared) == plain_rows(log, sessions)


@settings(max_examples=20)
@given(log=logs(customers=3), sessions=st.sampled_from(["gap", "given"]), data=st.data())
def test_ties_are_broken_as_plain_python_does(log, sessions, data):
    places = st.one_of(st.none(), st.integers(0, 3))
    log["place"] = pd.array(
        data.draw(st.lists(places, min_size=len(log), max_size=len(log))), "Int64"
    )
    prepared = prepare(log, sessions=sessions, tie_break="place")
    assert rows_of(prepared) == plain_rows(log, sessions, "place")


@settings(max_examples=20)
@given(log=logs(), tie_break=st.sampled_from([None, "channel"]))
def test_both_roads_lead_to_one_table(log, tie_break, tmp_path_factory):
    folder = tmp_path_factory.mktemp("roads")
    how = _input.How(sessions="gap", gap_us=GAP_US, tie_break=tie_break, carry=None)
    rows = _input.read(log, how)
    tables = []
    for road in (write_sorted, write_partitioned):
        table = folder / f"{road.__name__}.parquet"
        road(rows, table)
        tables.append(Prepared.read(table, rows, None))
    streamed, windowed = tables
    assert rows_of(streamed) == rows_of(windowed)
    assert replace(streamed, table=windowed.table) == windowed
    assert streamed.frame.collect_schema() == windowed.frame.collect_schema()


@settings(max_examples=20)
@given(log=logs(), other=logs(customers=2), sessions=st.sampled_from(["gap", "given"]))
def test_another_customer_changes_no_ones_journey(log, other, sessions):
    other["customer_id"] = "another " + other["customer_id"]
    mixed = pd.concat([other, log]).sort_values("ts", kind="stable")
    both = prepare(mixed, sessions=sessions)
    alone = prepare(log.sort_values("ts", kind="stable"), sessions=sessions)
    assert journeys(both, log) == journeys(alone, log)


def journeys(prepared: Prepared, log: pd.DataFrame) -> list[dict]:
    """Return the rows of a log's customers, with events by name and sessions numbered anew."""
    names = dict(enumerate(prepared.events)) | {None: None}
    coded = {"event", "journey_next", "session_next"}
    sessions: dict[int | None, int | None] = {None: None}
    return [
        {name: names[value] if name in coded else value for name, value in row.items()}
        | {"session": sessions.setdefault(row["session"], len(sessions))}
        for row in rows_of(prepared)
        if row["customer_id"] in set(log["customer_id"])
    ]


@settings(max_examples=20)
@given(log=logs(), unit=st.sampled_from(["customer", "session", "order"]))
def test_steps_are_those_of_each_unit(log, unit):
    prepared = prepare(log)
    steps = prepared.steps(unit).sort("customer_id", "journey_step").collect().to_pandas()
    label = {"customer": "customer_id", "session": "session", "order": "order_id"}[unit]
    rows = pd.DataFrame(plain_rows(log), columns=[*without(dict.fromkeys(rows_names(prepared)))])
    rows = rows[rows[label].notna()]
    by_unit = rows.groupby(["customer_id", label], sort=False)
    assert steps["step"].tolist() == (by_unit.cumcount() + 1).tolist()
    after = by_unit["event"].shift(-1)
    assert steps["next_event"].astype("Int32").tolist() == after.astype("Int32").tolist()
    later = by_unit["ts_us"].shift(-1) - rows["ts_us"]
    assert steps["to_next_us"].astype("Int64").tolist() == later.astype("Int64").tolist()
    assert steps["event"].tolist() == rows["event"].tolist()
    assert steps["channel"].tolist() == rows["channel"].tolist()
    pairs = zip(steps["customer_id"], steps["unit"], strict=True)
    assert len(set(pairs)) == by_unit.ngroups


def rows_names(prepared: Prepared) -> list[str]:
    return prepared.frame.collect_schema().names()


@settings(max_examples=20)
@given(
    log=logs(),
    sessions=st.sampled_from(["gap", "given"]),
    unit=st.sampled_from(["customer", "session", "order"]),
)
def test_customers_as_codes_are_those_with_names(log, sessions, unit):
    prepared = prepare(log, sessions=sessions)
    named = prepared.named(prepared.coded_steps(unit), unit)
    found, steps = (
        rows.sort("customer_id", "journey_step").collect().to_pandas()
        for rows in (named, prepared.steps(unit))
    )
    pd.testing.assert_frame_equal(found[list(steps)], steps)


def test_rows_stay_in_their_order_however_a_file_is_cut_and_read(tmp_path):
    """Two hundred thousand events at one moment: only their order in the file tells them apart."""
    n = 200_000
    rng = np.random.default_rng(5)
    log = pl.DataFrame(
        {
            "customer_id": rng.integers(0, 50, n),
            "ts_us": np.zeros(n, dtype=np.int64),
            "event": rng.choice(["a", "b", "c"], n),
            "place": np.arange(n),
        }
    )
    path = tmp_path / "log.parquet"
    pq.write_table(log.to_arrow(), path, row_group_size=5_000)
    expected = log.sort("customer_id", "place")["place"].to_list()
    with duckdb.connect() as connection:
        connection.execute("SET threads = 4")
        sources = [
            connection.read_parquet(str(path)),
            log.lazy(),
            log.to_arrow().combine_chunks(),
            pq.ParquetFile(path).read(),
        ]
        for source in sources:
            prepared = prepare(source, carry=["place"])
            found = prepared.frame.collect().to_native()["place"].to_pylist()
            assert found == expected


def test_a_connection_that_keeps_no_order_spoils_none():
    log = random_log(11, customers=400, events=30_000, ties=False)
    expected = rows_of(prepare(log))
    with duckdb.connect() as connection:
        connection.execute("SET preserve_insertion_order = false; SET threads = 4")
        relation = connection.from_arrow(pl.from_pandas(log).to_arrow())
        assert rows_of(prepare(relation)) == expected


def test_a_carried_text_comes_back_as_it_was_however_many_values_it_has():
    n = 2_000
    rng = np.random.default_rng(3)
    odd = np.array(["it's", "", "a\0b", 'say "hi"', "è", None], dtype=object)
    log = pd.DataFrame(
        {
            "customer_id": rng.integers(0, 9, n),
            "ts_us": rng.permutation(n),
            "event": "view",
            "page": odd[rng.integers(0, len(odd), n)],
            "order_id": [f"order {k % 300}" for k in range(n)],
            "channel": pd.array([None] * n, dtype="string"),
        }
    )
    prepared = prepare(log)
    found = prepared.frame.collect().to_pandas()
    expected = log.sort_values(["customer_id", "ts_us"])
    for column in ("page", "order_id", "channel"):
        texts = (table[column].astype(object) for table in (found, expected))
        one, other = (texts_of.where(texts_of.notna(), None).tolist() for texts_of in texts)
        assert one == other, column


MILLION = """
    SELECT (hash(i) % 100_000)::INTEGER AS customer_id, hash(i + 1) % 3 AS session_id,
        (hash(i + 2) % 100_000_000_000)::BIGINT AS ts_us, 'e' || hash(i + 3) % 7 AS event
    FROM range(1_000_000) AS numbers(i)"""


@pytest.mark.slow
@pytest.mark.parametrize("sessions", ["gap", "given"])
def test_a_table_larger_than_memory_is_the_same(sessions, monkeypatch, tmp_path):
    with engine.connect() as connection:
        expected = prepare(connection.sql(MILLION), sessions=sessions)
    monkeypatch.setenv("CX_MEMORY", "40MB")
    monkeypatch.setenv("CX_THREADS", "1")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with engine.connect() as connection:
        prepared = prepare(connection.sql(MILLION), sessions=sessions)
        assert list(tmp_path.glob("cxresearch-spill-*")), "it fitted into memory"
    assert prepared.frame.collect().to_native() == expected.frame.collect().to_native()
    del prepared
    assert list(tmp_path.iterdir()) == []
