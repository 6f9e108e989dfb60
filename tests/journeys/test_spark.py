"""Journeys on Spark: the same code gives the same tables and the same counts as on DuckDB."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pandas as pd
import polars as pl
import pytest

from cxresearch import engine
from cxresearch.core.disk import Cache
from cxresearch.journeys import prepare
from tests.journeys.logs import random_log, rows_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


@pytest.fixture
def on_spark(spark, monkeypatch) -> SparkSession:
    """The engine is Spark, as CX_ENGINE says."""
    monkeypatch.setenv("CX_ENGINE", "spark")
    return spark


def on_duckdb(log: pd.DataFrame, **options):
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("CX_ENGINE", raising=False)
        return prepare(log, **options)


LOGS = {
    "ties": random_log(1, customers=25, events=400),
    "no ties": random_log(2, customers=25, events=400, ties=False),
    "one event": random_log(3, customers=1, events=1),
    "no event": random_log(4, events=0),
}


@pytest.mark.usefixtures("on_spark")
@pytest.mark.parametrize("sessions", ["gap", "given"])
@pytest.mark.parametrize("name", LOGS)
def test_prepared_tables_are_the_same(name, sessions):
    found = prepare(LOGS[name], sessions=sessions, tie_break="channel")
    expected = on_duckdb(LOGS[name], sessions=sessions, tie_break="channel")
    assert (found.on, expected.on) == ("spark", "duckdb")
    assert found.table.is_dir()
    assert rows_of(found) == rows_of(expected)
    assert found.tally == expected.tally
    assert found.events == expected.events
    assert found.frame.collect_schema() == expected.frame.collect_schema()


@pytest.mark.usefixtures("on_spark")
@pytest.mark.parametrize("unit", ["customer", "session", "order"])
def test_steps_are_the_same(unit):
    log = LOGS["ties"]
    found, expected = (
        one.steps(unit).drop("unit").sort("customer_id", "journey_step").collect().rows(named=True)
        for one in (prepare(log), on_duckdb(log))
    )
    assert [str(row) for row in found] == [str(row) for row in expected]


@pytest.mark.usefixtures("on_spark")
def test_rows_stay_in_their_order_where_nothing_else_tells_them_apart():
    log = random_log(5, customers=3, events=200).assign(ts=pd.Timestamp("2026-05-01"))
    assert rows_of(prepare(log)) == rows_of(on_duckdb(log))


# Either side of the hour that Rome leaves out, and of the one it has twice.
MOMENTS = pd.DatetimeIndex(
    pd.to_datetime(
        [
            "2026-03-29 00:50",
            "2026-03-29 01:10",
            "2026-03-29 02:30",
            "2026-10-25 00:30",
            "2026-10-25 00:59:59.999999",
            "2026-10-25 01:30",
        ],
        format="ISO8601",
    )
)
MOMENTS_US = [moment.value // 1000 for moment in MOMENTS]


def moments_in(frame: object) -> list[int]:
    """Return the times of a frame as the engine counts them."""
    numbered = engine.with_row_numbers(engine.lazy(frame), {}, time="ts")
    assert numbered.implementation.is_spark_like()
    return numbered.sort("cx_row").collect().to_native()["ts_us"].to_pylist()


@pytest.mark.usefixtures("on_spark")
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Rome", "Asia/Kathmandu"])
@pytest.mark.parametrize("unit", ["us", "ns"])
def test_times_are_moments_whatever_the_zone_of_the_session(zone, unit):
    times = MOMENTS.tz_localize("UTC").tz_convert(zone).as_unit(unit)
    assert moments_in(pd.DataFrame({"ts": times})) == MOMENTS_US


@pytest.mark.parametrize(("kind", "mark"), [("timestamp", "Z"), ("timestamp_ntz", "")])
def test_a_frame_of_spark_stays_there_whatever_the_engine(spark, kind, mark):
    """What Spark itself calls a time without a zone is taken to be UTC, as everywhere."""
    text = pd.DataFrame({"ts": MOMENTS.astype("str") + mark})
    frame = spark.createDataFrame(pl.from_pandas(text).to_arrow())
    assert moments_in(frame.withColumn("ts", frame["ts"].cast(kind))) == MOMENTS_US


@pytest.mark.usefixtures("on_spark")
def test_copies_and_rows_that_are_left_out_are_the_same():
    log = LOGS["ties"].assign(event_id=[f"e{i % 300}" if i % 7 else None for i in range(400)])
    for place, column in enumerate(("customer_id", "ts", "event")):
        log.loc[place * 11 : place * 11 + 4, column] = None
    found, expected = prepare(log), on_duckdb(log)
    assert found.tally == expected.tally
    assert min(found.tally.without_customer, found.tally.without_time, found.tally.copies) > 0
    assert rows_of(found) == rows_of(expected)


@pytest.mark.usefixtures("on_spark")
def test_a_study_is_read_and_its_journeys_are_kept_apart(tmp_path):
    path = tmp_path / "events.parquet"
    LOGS["ties"].to_parquet(path)
    cache = Cache(tmp_path / "cache", "the events")
    found = prepare(engine.scan(path), cache=cache)
    assert found.on == "spark"
    assert prepare(None, cache=cache) == found
    expected = on_duckdb(LOGS["ties"], cache=cache)
    assert expected.table != found.table
    assert found.table.exists()
    assert rows_of(found) == rows_of(expected)


@pytest.mark.usefixtures("spark")  # not to use it, but to be skipped with the others
def test_where_there_is_no_session_one_is_started_and_leaves_nothing(tmp_path):
    zone = 'spark.conf.get("spark.sql.session.timeZone")'
    lines = ("from cxresearch import engine", "spark = engine.spark()")
    program = "\n".join(
        [*lines, f"print({zone}, spark.sparkContext.master, spark.range(3).count())"]
    )
    settings = {"CX_ENGINE": "spark", "CX_THREADS": "1", "CX_MEMORY": "1GiB"}
    folders = {"TMPDIR": str(tmp_path / "tmp"), "SPARK_LOCAL_DIRS": str(tmp_path / "tmp")}
    (tmp_path / "tmp").mkdir()
    (tmp_path / "work").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | settings | folders | {"PYTHONPATH": os.pathsep.join(sys.path)},
        cwd=tmp_path / "work",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["UTC", "local[1]", "3"]
    assert list((tmp_path / "work").iterdir()) == []
    assert list((tmp_path / "tmp").iterdir()) == []
