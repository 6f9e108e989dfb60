"""Where prepared tables are kept, what makes another one, and what is left when all is done."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from cxresearch.core.disk import Cache
from cxresearch.journeys import prepare
from tests.journeys.logs import random_log, rows_of


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache", "the events")


def kept_in(cache: Cache) -> list[str]:
    return sorted(path.name for path in cache.folder.iterdir())


def test_a_second_call_reads_the_table_and_not_the_events(cache):
    log = random_log(1)
    made = prepare(log, cache=cache)
    table = made.table.stem
    assert kept_in(cache) == [f"{table}.json", f"{table}.parquet"]
    again = prepare(None, cache=cache)  # what is not read need not be there
    assert again == made
    assert rows_of(again) == rows_of(prepare(log))


def test_options_make_tables_that_stand_beside_each_other(cache):
    log = random_log(1)
    options = [
        {},
        {"gap_minutes": 5},
        {"sessions": "given"},
        {"tie_break": "channel"},
        {"carry": []},
        {"carry": ["device"]},
    ]
    tables = [prepare(log, cache=cache, **one).table for one in options]
    assert len(set(tables)) == len(options)
    assert len(kept_in(cache)) == 2 * len(options)
    assert [prepare(None, cache=cache, **one).table for one in options] == tables


def test_other_events_take_the_place_of_the_old_ones(cache):
    prepare(random_log(1), cache=cache)
    prepare(random_log(1), cache=cache, gap_minutes=5)
    (cache.folder / "events-1.parquet").touch()  # what others keep there is theirs
    made = prepare(random_log(2), cache=Cache(cache.folder, "other events"))
    table = made.table.stem
    assert kept_in(cache) == ["events-1.parquet", f"{table}.json", f"{table}.parquet"]


def test_a_table_without_its_record_is_made_anew(cache):
    log = random_log(1)
    table = prepare(log, cache=cache).table
    table.with_suffix(".json").unlink()
    table.write_bytes(b"half a file")
    assert rows_of(prepare(log, cache=cache)) == rows_of(prepare(log))


def test_what_a_killed_process_left_is_not_read_and_goes(cache):
    program = f"""
import duckdb
from pathlib import Path
from cxresearch.core.disk import Cache
from cxresearch.journeys import prepare
many = "FROM (SELECT range AS ts_us FROM range(9_000_000))"
events = duckdb.sql("SELECT ts_us % 999 AS customer_id, ts_us, 'a' AS event " + many)
prepare(events, cache=Cache(Path({str(cache.folder)!r}), {cache.key!r}))"""
    process = subprocess.Popen([sys.executable, "-c", program])
    while not list(cache.folder.glob(".journeys-*/*.parquet")):
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.005)
    process.kill()
    process.wait()
    assert [name for name in kept_in(cache) if not name.startswith(".journeys-")] == []
    log = random_log(1)
    table = prepare(log, cache=cache).table.stem
    assert kept_in(cache) == [f"{table}.json", f"{table}.parquet"]
    assert rows_of(prepare(None, cache=cache)) == rows_of(prepare(log))


def test_a_table_that_is_kept_nowhere_goes_with_what_holds_it(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    prepared = prepare(random_log(1))
    assert prepared.table.is_file()
    del prepared
    assert list(tmp_path.iterdir()) == []
