"""Whatever the files hold, every row is accepted or rejected, and the count says so."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxresearch import engine
from cxresearch.errors import ReconciliationError, SchemaError
from cxresearch.study import schema
from cxresearch.study.loaders import loading
from cxresearch.study.loaders.outcome import Loaded
from cxresearch.study.sources import Source
from tests.study.loaders.conftest import SETTING

HEADER = ["order_id", "ts", "revenue", "customer_id"]


def test_all_lacking_columns_of_all_files_are_listed(bench):
    files = {"a.csv": "order_id,Revenue\n", "b.csv": "ts,revenue\n"}
    with pytest.raises(SchemaError) as caught:
        bench("orders", files, columns={"status": "State"})
    assert str(caught.value).splitlines() == [
        "orders has 5 faults:",
        "  a.csv lacks 'ts' for ts; it has: order_id, Revenue",
        "  a.csv lacks 'revenue' for revenue (did you mean 'Revenue'?)",
        "  a.csv lacks 'State' for status",
        "  b.csv lacks 'order_id' for order_id; it has: ts, revenue",
        "  b.csv lacks 'State' for status",
    ]


def test_a_mapped_column_wins_over_one_of_the_canonical_name(orders):
    text = "order_id,ts,revenue,net\nA1,2026-01-05,9,7\n"
    assert orders(text, columns={"revenue": "net"}).rows["revenue"].tolist() == [7.0]


def test_a_constant_wins_over_the_file(orders):
    text = "order_id,ts,revenue,currency\nA1,2026-01-05,9,USD\n"
    outcome = orders(text, constants={"currency": "EUR", "items": 2})
    assert outcome.rows[["currency", "items"]].to_numpy().tolist() == [["EUR", 2]]


def test_a_constant_that_cannot_be_read_rejects_every_row(orders):
    text = "order_id,ts\nA1,2026-01-05\nA2,2026-01-05\n"
    assert orders(text, constants={"revenue": "much"}).found()["not_a_number", "revenue"] == 2


@pytest.mark.parametrize("name", schema.TABLES)
def test_every_table_has_its_columns_in_order_and_of_their_kind(bench, name: str):
    table = schema.table(name)
    outcome = bench(name, {"x.csv": ",".join(table.required) + "\n"})
    expected: list[str] = []
    for column in table.columns:
        expected += [column.name, f"{column.name}_us"] if column.kind == "time" else [column.name]
    assert list(outcome.rows) == expected + (["day"] if table.times else [])


def test_the_day_is_the_local_one_of_the_first_time(bench):
    text = "order_id,ts,revenue\nA1,2026-07-05 22:30:00Z,1\nA2,2026-01-05 22:30:00Z,1\n"
    rome = replace(SETTING, time_zone="Europe/Rome")
    got = bench("orders", {"o.csv": text}, setting=rome).rows
    assert got["day"].astype(str).tolist() == ["2026-07-06", "2026-01-05"]
    stamps = [pd.Timestamp("2026-07-05 22:30"), pd.Timestamp("2026-01-05 22:30")]
    assert got["ts_us"].tolist() == [stamp.value // 1000 for stamp in stamps]


def test_a_source_has_its_own_time_zone(bench):
    rome = replace(SETTING, time_zone="Europe/Rome")
    text = "order_id,ts,revenue\nA1,2026-07-05 12:00,1\n"
    assert bench("orders", {"o.csv": text}, setting=rome).rows["ts"].dt.hour.tolist() == [10]
    got = bench("orders", {"o.csv": text}, setting=rome, time_zone="UTC").rows
    assert got["ts"].dt.hour.tolist() == [12]


def test_files_of_one_table_may_have_different_columns(bench):
    one = "order_id,ts,revenue,status\nA1,2026-01-05,x,returned\n"
    two = "revenue,order_id,ts\n5,A2,2026-01-05\nx,A3,2026-01-05\n"
    outcome = bench("orders", {"a.csv": one, "b.csv": two})
    assert outcome.rows[["order_id", "revenue"]].to_numpy().tolist() == [["A2", 5.0]]
    assert outcome.rejected["file"].tolist() == ["a.csv", "b.csv"]


@pytest.mark.parametrize("view", ["{rows} LIMIT 1", "{rows} UNION ALL {rows}"])
def test_a_table_that_does_not_add_up_is_never_given_out(orders, monkeypatch, view: str):
    text = "order_id,ts,revenue\nA1,2026-01-05,1\nA2,2026-01-05,1\n"
    assert orders(text).counts() == [(2, 2, 0)]
    find = loading._find_faults

    def find_and_spoil(job: Any, files: Any) -> None:
        find(job, files)
        spoilt = view.format(rows="SELECT * FROM cast_rows")
        job.connection.execute(f"CREATE OR REPLACE TEMP VIEW rows AS {spoilt}")

    monkeypatch.setattr(loading, "_find_faults", find_and_spoil)
    with pytest.raises(ReconciliationError, match="orders: rows in must be rows accepted plus"):
        orders(text)


def load(folder: Path, files: Sequence[str]) -> tuple[Loaded, bytes, bytes]:
    """Load texts as the orders; return what was found, accepted and rejected."""
    names = [f"{number}.csv" for number in range(len(files))]
    for name, text in zip(names, files, strict=True):
        (folder / name).write_text(text, "utf-8", newline="")
    accepted, rejected = folder / "accepted.parquet", folder / "rejected.csv"
    with engine.connect() as connection:
        found = loading.load(
            connection,
            "orders",
            [Source(file=names)],
            {name: folder / name for name in names},
            setting=SETTING,
            accepted=accepted,
            rejected=rejected,
            scratch=folder,
        )
    return found, accepted.read_bytes(), rejected.read_bytes()


ids = st.sampled_from(["A", "B", "C", "", " A ", "=x", "é\n", '"', "D;E"])
times = st.sampled_from(["2026-01-05", "2026-01-05 10:00:00Z", "5/1/26", "", "never"])
revenues = st.sampled_from(["1", "-2.5", "0", "", "1,5", "nan", "1e400"])
persons = st.sampled_from(["", "p", "q\r\nr"])
records = st.one_of(
    st.tuples(ids, times, revenues, persons).map(list),
    st.lists(ids, min_size=2, max_size=6),
)
tables = st.lists(records, max_size=12)


def written(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *rows])
    return text.getvalue()


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.lists(tables, min_size=1, max_size=3))
def test_rows_in_are_rows_accepted_plus_rows_rejected(files: list[list[list[str]]]):
    texts = [written(rows) for rows in files]
    with tempfile.TemporaryDirectory() as folder:
        found, accepted, _ = load(Path(folder), texts)
        kept = pd.read_parquet(io.BytesIO(accepted))
        rejected = pd.read_csv(Path(folder) / "rejected.csv")
    # The csv module says how many records there are; what a good one is, is told again here.
    assert [count.rows_in for count in found.files] == [len(rows) for rows in files]
    for count in found.files:
        assert count.rows_in == count.rows_accepted + count.rows_rejected
        places = rejected[rejected["file"] == count.file].groupby(["line"]).size()
        assert len(places) == count.rows_rejected
    assert sum(count.rows_accepted for count in found.files) == len(kept) == found.rows
    good = {
        row[0].strip(" \t\r\n")
        for rows in files
        for row in rows
        if len(row) == len(HEADER)
        and row[0].strip()
        and row[1].startswith("2026")
        and row[2] in {"1", "-2.5", "0"}
    }
    assert set(kept["order_id"]) == good
    assert kept["order_id"].is_unique


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(st.lists(tables, min_size=1, max_size=3))
def test_loading_twice_gives_the_same_bytes(files: list[list[list[str]]]):
    texts = [written(rows) for rows in files]
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        assert load(Path(one), texts) == load(Path(two), texts)


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(tables, tables)
def test_the_order_of_files_decides_only_which_duplicate_is_kept(one, two):
    texts = [written(one), written(two)]
    with tempfile.TemporaryDirectory() as folder:
        there, kept, _ = load(Path(folder), texts)
        back, turned, _ = load(Path(folder), texts[::-1])
    ids = [set(pd.read_parquet(io.BytesIO(data))["order_id"]) for data in (kept, turned)]
    assert ids[0] == ids[1]
    rules = [
        {(f.rule, f.column, f.rows) for f in found.findings if f.action == "reject"}
        for found in (there, back)
    ]
    assert rules[0] == rules[1]


def test_large_tables_are_written_the_same_however_many_threads(tmp_path: Path, monkeypatch):
    rows = [[f"A{i}", "2026-01-05", str(i % 97), ""] for i in range(150_000)]
    text = written(rows)
    monkeypatch.setenv("CX_THREADS", "1")
    alone = load(tmp_path, [text])
    monkeypatch.setenv("CX_THREADS", "4")
    together = load(tmp_path, [text])
    assert alone == together


def test_texts_get_their_canonical_names(orders):
    text = (
        "order_id,ts,revenue,stato\nA1,2026-01-05,9,Annullato\nA2,2026-01-05,9, Completato \n"
        "A3,2026-01-05,9,returned\nA4,2026-01-05,9,boh\nA5,2026-01-05,9,\n"
    )
    names = {"status": {"Annullato": "cancelled", "Completato": "completed"}}
    outcome = orders(text, columns={"status": "stato"}, values=names)
    assert outcome.rows["status"].fillna("").tolist() == ["cancelled", "completed", "returned", ""]
    assert outcome.found()["not_allowed", "status"] == 1


def test_names_are_given_before_a_text_is_read(orders):
    text = "order_id,ts,revenue\nA1,2026-01-05,gratis\nA2,2026-01-05,l'uno\n"
    outcome = orders(text, values={"revenue": {"gratis": "0", "l'uno": "1"}})
    assert outcome.rows["revenue"].tolist() == [0.0, 1.0]


@pytest.mark.slow
def test_rows_stay_in_the_order_of_their_file(orders):
    # Several of the blocks in which a database keeps and writes rows; each ninth row is rejected.
    prices = ("x" if i % 9 == 0 else "1" for i in range(300_000))
    text = "".join(f"A{i},2026-01-05,{price}\n" for i, price in enumerate(prices))
    outcome = orders("order_id,ts,revenue\n" + text)
    kept = [f"A{i}" for i in range(300_000) if i % 9]
    assert outcome.rows["order_id"].tolist() == kept
