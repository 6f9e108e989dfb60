from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import narwhals as nw
import pandas as pd
import pytest

import cxresearch as cx
from cxresearch.core import disk
from cxresearch.engine import frames
from cxresearch.errors import ManifestError, MissingTableError, SchemaError
from cxresearch.study import Study, opening

MANIFEST = """
title: {en: "Shop <b>", it: Negozio}
currency: EUR
time_zone: Europe/Rome
language: it
tables:
  orders: {file: [a.csv, b.csv]}
  order_lines: {file: lines.csv}
"""
A = "order_id,ts,revenue,customer_id\nA1,2026-07-05 22:30:00Z,10,p\nA2,never,5,p\n"
B = "order_id,ts,revenue,customer_id\nB1,2026-07-01 12:00:00,20,\nA1,2026-07-01,1,p\n"
LINES = "order_id,sku,quantity,price\n"


@pytest.fixture
def folder(project: Path) -> Path:
    """The folder of a small study."""
    path = project / "data" / "shop"
    path.mkdir()
    for name, text in {"study.yaml": MANIFEST, "a.csv": A, "b.csv": B, "lines.csv": LINES}.items():
        (path / name).write_text(text)
    return path


def kept(folder: Path) -> dict[str, bytes]:
    """What is in the cache of a study."""
    return {path.name: path.read_bytes() for path in (folder / ".cache").iterdir()}


@pytest.mark.usefixtures("folder")
def test_a_study_is_what_its_manifest_says():
    shop = cx.open_study("shop")
    assert (shop.name, shop.title, shop.currency) == ("shop", "Negozio", "EUR")
    assert (shop.time_zone, shop.language) == ("Europe/Rome", "it")
    assert shop.tables == ("orders", "order_lines")
    assert shop.has("orders")
    assert not shop.has("events")


def test_a_customer_of_no_width_is_none_in_the_rows_and_in_what_is_made_of_them(folder: Path):
    unseen = "A3,2026-07-06 10:00:00Z,7,\N{ZERO WIDTH SPACE}\n"
    (folder / "a.csv").write_text(A + unseen, "utf-8")
    orders = cx.open_study("shop").frame("orders")
    named = orders.with_columns(customer_id=nw.lit(" "))
    known = [frames.without_blanks(one, frames.IDS) for one in (orders, orders.head(9), named)]
    counts = [one.select(nw.col("customer_id").count()).collect().item() for one in known]
    assert counts == [1, 1, 0]


def test_rows_without_blanks_are_taken_as_they_are(folder: Path):
    (folder / "b.csv").write_text(B.replace(",20,", ",20,q"))
    orders = cx.open_study("shop").frame("orders")
    assert frames.without_blanks(orders, frames.IDS) is orders
    some = orders.filter(nw.col("revenue") > 10)
    assert frames.without_blanks(some, frames.IDS) is some
    spaces = orders.with_columns(customer_id=nw.lit(" "))
    cleared = frames.without_blanks(spaces, frames.IDS).collect()
    assert cleared["customer_id"].is_null().all()


@pytest.mark.usefixtures("folder")
def test_what_is_asked_of_all_rows_of_a_study_is_asked_once():
    shop = cx.open_study("shop")
    asked: list[str] = []

    def rows_of(rows: frames.AnyFrame, what: str) -> int:
        return frames.once(rows, what, lambda: asked.append(what) or len(asked))

    assert [rows_of(shop.frame("orders"), "rows") for _ in range(2)] == [1, 1]
    assert rows_of(shop.frame("orders"), "customers") == 2
    some = shop.frame("orders").filter(nw.col("revenue") > 10)
    assert [rows_of(some, "rows") for _ in range(2)] == [3, 4]
    assert rows_of(cx.open_study("shop").frame("orders"), "rows") == 5


@pytest.mark.usefixtures("folder")
def test_a_study_has_a_column_where_a_row_has_a_value_in_it():
    shop = cx.open_study("shop")
    assert shop.has("orders", "order_id")
    assert not shop.has("orders", "currency")
    assert not shop.has("events", "session_id")
    with pytest.raises(ValueError, match="column must be one of 'order_id'"):
        shop.has("orders", "colour")


@pytest.mark.usefixtures("folder")
def test_a_study_is_shown_in_one_short_line():
    assert repr(cx.open_study("shop")) == "<Study 'shop' with orders, order_lines>"


@pytest.mark.usefixtures("folder")
def test_frames_counts_findings_and_quarantine():
    shop = cx.open_study("shop")
    orders = shop.frame("orders").collect().to_pandas()
    assert orders["order_id"].tolist() == ["A1", "B1"]
    assert orders["day"].astype(str).tolist() == ["2026-07-06", "2026-07-01"]
    assert shop.counts().to_numpy().tolist() == [
        ["orders", "a.csv", 2, 1, 1, 0],
        ["orders", "b.csv", 2, 1, 1, 0],
        ["order_lines", "lines.csv", 0, 0, 0, 0],
    ]
    assert shop.findings().drop(columns="of").to_numpy().tolist() == [
        ["orders", "duplicate_key", "reject", "order_id", 1, ""],
        ["orders", "not_a_time", "reject", "ts", 1, "never"],
        ["orders", "anonymous", "flag", "customer_id", 1, ""],
    ]
    rejected = shop.quarantine("orders")
    assert rejected[["file", "line", "rule"]].to_numpy().tolist() == [
        ["a.csv", 3, "not_a_time"],
        ["b.csv", 3, "duplicate_key"],
    ]
    assert shop.quarantine("order_lines").empty


def test_the_quarantine_lies_in_the_study_too(folder: Path):
    cx.open_study("shop").loaded("orders")
    shown = pd.read_csv(folder / "quarantine" / "orders.csv")
    assert shown["rule"].tolist() == ["not_a_time", "duplicate_key"]


@pytest.mark.usefixtures("folder")
def test_a_notebook_shows_its_tables():
    shop = cx.open_study("shop")
    summary = shop.summary().set_index("table")
    assert summary.loc["orders", ["rows", "rows_in", "rows_rejected"]].tolist() == [2, 4, 2]
    assert [str(day) for day in summary.loc["orders", ["first_day", "last_day"]]] == [
        "2026-07-01",
        "2026-07-06",
    ]
    assert summary.loc["order_lines", "rows"] == 0
    html = cx.open_study("shop")._repr_html_()
    assert "<td>orders</td>" in html


def test_birthdays_are_no_days_that_a_table_covers(folder: Path):
    (folder / "people.csv").write_text("source,record_id,birthdate\ncrm,1,1970-01-01\n")
    (folder / "study.yaml").write_text(MANIFEST + "  customers: {file: people.csv}\n")
    summary = cx.open_study("shop").summary().set_index("table")
    assert summary.loc["customers", "rows"] == 1
    assert summary.loc["customers", ["first_day", "last_day"]].isna().all()


def test_a_title_is_text(folder: Path):
    (folder / "study.yaml").write_text(MANIFEST.replace("language: it", "language: en"))
    html = cx.open_study("shop")._repr_html_()
    assert "Shop &lt;b&gt;" in html
    assert "<b>" not in html


@pytest.mark.usefixtures("folder")
def test_what_is_not_there():
    shop = cx.open_study("shop")
    with pytest.raises(MissingTableError) as caught:
        shop.frame("events")
    assert str(caught.value) == ("study 'shop' has no table 'events'; it has: orders, order_lines")
    with pytest.raises(ValueError, match="table must be one of 'events', "):
        shop.frame("order")
    with pytest.raises(ManifestError, match="the studies are: shop"):
        cx.open_study("other")


def test_all_missing_files_are_listed(folder: Path):
    (folder / "a.csv").unlink()
    (folder / "b.csv").unlink()
    with pytest.raises(SchemaError) as caught:
        cx.open_study("shop").frame("orders")
    assert caught.value.faults == (
        "file a.csv is neither in data/shop/ nor in the folder named in CX_RAW",
        "file b.csv is neither in data/shop/ nor in the folder named in CX_RAW",
    )


def test_files_are_found_in_cx_raw(folder: Path, project: Path, monkeypatch):
    (project / "raw").mkdir()
    (folder / "a.csv").rename(project / "raw" / "a.csv")
    monkeypatch.setenv("CX_RAW", str(project / "raw"))
    assert cx.open_study("shop").loaded("orders").rows == 2


def test_every_file_read_is_noted(folder: Path):
    cx.open_study("shop").frame("orders")
    assert {folder / name for name in ("study.yaml", "a.csv", "b.csv")} <= set(disk.noted_reads())


def test_a_second_opening_reads_the_cache(folder: Path, monkeypatch):
    cx.open_study("shop").counts()
    before = kept(folder)
    monkeypatch.setattr(Study, "_fill_cache", None)
    again = cx.open_study("shop")
    assert again.loaded("orders").rows == 2
    assert again.frame("orders").collect().shape[0] == 2
    assert kept(folder) == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("a.csv", "10,p", "11,p"),
        ("study.yaml", "currency: EUR", "currency: USD"),
        ("study.yaml", "Europe/Rome", "Europe/Paris"),
        ("study.yaml", "[a.csv, b.csv]", "[b.csv, a.csv]"),
        ("study.yaml", "[a.csv, b.csv]}", "[a.csv, b.csv], constants: {channel: web}}"),
    ],
)
def test_what_decides_the_content_decides_the_name(folder: Path, file: str, old: str, new: str):
    cx.open_study("shop").loaded("orders")
    before = set(kept(folder))
    text = (folder / file).read_text()
    (folder / file).write_text(text.replace(old, new))
    assert text != (folder / file).read_text()
    cx.open_study("shop").loaded("orders")
    after = set(kept(folder))
    assert len(after) == len(before) == 3
    assert not after & before


def test_new_loader_code_gives_a_new_name(folder: Path, monkeypatch):
    cx.open_study("shop").loaded("orders")
    before = set(kept(folder))
    monkeypatch.setattr(opening, "_loader_code", lambda: "another")
    cx.open_study("shop").loaded("orders")
    assert not set(kept(folder)) & before


def test_what_does_not_decide_the_content_does_not(folder: Path):
    cx.open_study("shop").loaded("orders")
    before = kept(folder)
    (folder / "study.yaml").write_text(MANIFEST.replace("Negozio", "Bottega"))
    os.utime(folder / "a.csv")
    cx.open_study("shop").loaded("orders")
    assert kept(folder) == before


def test_an_open_study_goes_on_as_it_found_its_files(folder: Path):
    shop = cx.open_study("shop")
    shop.loaded("orders")
    (folder / "a.csv").write_text(A.replace("10,p", "11,p"))
    assert shop.frame("orders").collect().to_pandas()["revenue"].tolist() == [10.0, 20.0]


def test_a_cache_that_lost_its_rows_is_filled_again(folder: Path):
    cx.open_study("shop").loaded("orders")
    (next((folder / ".cache").glob("*.parquet"))).unlink()
    with pytest.warns(match=r"data/shop/\.cache/orders-\w+\.json .* are made anew"):
        cx.open_study("shop").loaded("orders")
    assert cx.open_study("shop").frame("orders").collect().shape[0] == 2


def test_a_load_that_fails_leaves_nothing(folder: Path):
    (folder / "a.csv").write_text("order_id\n")
    with pytest.raises(SchemaError, match=r"a\.csv lacks 'ts'"):
        cx.open_study("shop").loaded("orders")
    assert kept(folder) == {}
    assert not (folder / "quarantine").exists()


LOAD = "import cxresearch as cx; print(cx.open_study('shop').loaded('orders').rows)"


@pytest.mark.slow
def test_two_processes_that_load_at_once_both_succeed(folder: Path):
    command = [sys.executable, "-c", LOAD]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=120)[0].strip() for process in started]
    assert [process.returncode for process in started] == [0, 0]
    assert said == ["2", "2"]
    assert len(kept(folder)) == 3


@pytest.mark.slow
def test_a_load_that_is_killed_leaves_no_half_cache(folder: Path):
    stuck = textwrap.dedent(
        """
        import time
        from cxresearch.study.loaders import quarantine
        quarantine.write = lambda *a: (print("stuck", flush=True), time.sleep(600))
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-c", stuck + LOAD], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "stuck"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    (left,) = (folder / ".cache").iterdir()
    assert left.is_dir()
    assert cx.open_study("shop").frame("orders").collect().shape[0] == 2
    assert len(kept(folder)) == 3
