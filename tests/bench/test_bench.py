"""The benches are right: every tool answers the same, and the page says what was measured."""

from __future__ import annotations

import sys
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from tests.bench import journeys, measured, page
from tests.bench.journeys import log
from tests.bench.journeys.tools import BY_HAND, KIT, POLARS

SIZE = 0.02


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What a small run finds; it fails where two tools do not agree."""
    quick = (replace(tool, repeats=1) for tool in (BY_HAND, KIT, POLARS))
    return journeys.run(SIZE, tmp_path_factory.mktemp("bench"), tuple(quick))


def test_every_task_of_every_tool_is_measured(found):
    assert {name: set(tasks) for name, tasks in found.items()} == {
        tool.name: set(tool.tasks) for tool in (BY_HAND, KIT, POLARS)
    }
    measures = [one for tasks in found.values() for one in tasks.values()]
    assert all(one["cpu_s"] > 0 and one["seconds"] > 0 for one in measures)
    assert all(20 < one["peak_mb"] < 2_000 for one in measures)


def test_the_page_has_a_row_for_each(found):
    text = journeys.section({SIZE: found})
    assert "### 0.02 million events" in text
    measured_rows = sum(len(tasks) for tasks in found.values())
    assert text.count("\n| ") == 1 + 6 + 1 + measured_rows + 2
    assert f"| sort | DuckDB by hand | {found['DuckDB by hand']['sort']['seconds']:.2f} |" in text


def test_tools_that_do_not_agree_are_found():
    assert journeys.same([["a", "b", 2]], [["a", "b", 2]], within=0)
    assert journeys.same([["a", 1.0]], [["a", 1.5]], within=0.5)
    for other in ([["a", "b", 3]], [["a", "b", 2], ["a", "c", 1]], []):
        assert not journeys.same(other, [["a", "b", 2]], within=0.5)


def test_a_log_is_that_of_its_seed_and_as_long_as_asked(tmp_path):
    for name in ("one", "other"):
        log.write(30_000, tmp_path / name)
    one, other = (pq.read_table(tmp_path / name) for name in ("one", "other"))
    assert len(one) == 30_000
    assert one == other
    assert set(one["event"].to_pylist()) == set(log.EVENTS)


PROGRAM = """
from tests.bench import measured
def tasks(log, folder):
    return {"sum": lambda: sum(range(3_000_000)), "hold": lambda: len(bytearray(300_000_000))}
measured.main(tasks)
"""


def test_what_a_task_takes_is_measured_in_its_own_process():
    program = [sys.executable, "-c", PROGRAM, "log", "folder", "sum", "hold"]
    found = measured.run(program, env={})
    assert found["sum"].answer == 4_499_998_500_000
    assert 0 < found["sum"].cpu_s < 30
    assert found["sum"].peak_mb < 200 < 280 < found["hold"].peak_mb


def test_a_task_that_fails_says_why():
    with pytest.raises(RuntimeError, match="no such thing"):
        measured.run([sys.executable, "-c", "raise SystemExit('no such thing')"], env={})


def test_a_table_of_the_page():
    assert page.table(["task", "by", "s"], [("a", "b", "1.0")]).splitlines() == [
        "| task | by | s |",
        "| --- | --- | ---: |",
        "| a | b | 1.0 |",
    ]
