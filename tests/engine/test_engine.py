from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import narwhals as nw
import pandas as pd
import pyarrow as pa
import pytest

from cxresearch import engine


def test_a_connection_reckons_in_utc_with_the_threads_it_is_given(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("CX_THREADS", "1")
    with engine.connect() as connection:
        settings = connection.execute(
            "SELECT current_setting('TimeZone'), current_setting('threads')"
        )
        assert settings.fetchall() == [("UTC", 1)]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("CX_THREADS", "two", "CX_THREADS must be a whole number of at least 1; got 'two'"),
        ("CX_THREADS", "0", "CX_THREADS must be a whole number of at least 1; got '0'"),
        ("CX_MEMORY", "lots", "CX_MEMORY must be a size such as 3GB; got 'lots'"),
        ("CX_MEMORY", "10", "CX_MEMORY must be a size such as 3GB; got '10'"),
    ],
)
def test_a_variable_that_makes_no_sense_is_named(monkeypatch, name: str, value: str, words: str):
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=words):
        engine.connect()


def test_a_connection_may_live_in_a_file(tmp_path: Path):
    with engine.connect(tmp_path / "x.duckdb") as connection:
        connection.execute("CREATE TABLE x AS SELECT 1")
    assert (tmp_path / "x.duckdb").is_file()


#: More than fits into what `small_engine` allows.
SORT = "CREATE TABLE x AS SELECT hash(i) AS a, i AS b FROM range(3_000_000) t(i) ORDER BY a"


@pytest.fixture
def small_engine(monkeypatch, tmp_path: Path) -> Path:
    """The folder for temporary files, empty, of an engine that may hold little in memory."""
    monkeypatch.setenv("CX_MEMORY", "40MB")
    monkeypatch.setenv("CX_THREADS", "1")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


@pytest.mark.slow
def test_what_does_not_fit_in_memory_goes_to_files_that_go_with_the_connections(small_engine):
    spill = small_engine / f"cxresearch-spill-{os.getuid()}"
    with engine.connect() as one, engine.connect() as other:
        for connection in (one, other):
            connection.execute(SORT)
            assert list(spill.glob("*.tmp"))
        one.close()
        assert other.execute("SELECT count(DISTINCT a) FROM x").fetchall() == [(3_000_000,)]
    assert [path for path in small_engine.rglob("*") if path.is_file()] == []


@pytest.mark.slow
def test_the_files_of_a_killed_process_go_with_the_next(small_engine):
    lines = ("import os", "from cxresearch import engine", "connection = engine.connect()")
    program = "\n".join([*lines, f"connection.execute({SORT!r})", "os.kill(os.getpid(), 9)"])
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    assert list(small_engine.glob("cxresearch-spill-*/*.tmp"))
    with engine.connect() as connection:
        connection.execute(SORT)
    assert [path for path in small_engine.rglob("*") if path.is_file()] == []


def test_materialised_rows_are_computed_once():
    drawn = nw.from_native(engine.backends.shared().sql("SELECT random() AS x FROM range(5)"))
    kept = engine.materialised(drawn)
    first, again = (kept.collect().to_arrow().to_pylist() for _ in range(2))
    assert first == again
    assert drawn.collect().to_arrow().to_pylist() != drawn.collect().to_arrow().to_pylist()


@pytest.mark.parametrize("own", [True, False])
def test_a_relation_is_written_whatever_its_connection(tmp_path: Path, own: bool):
    from cxresearch.engine import backends

    connection = backends.shared() if own else engine.connect()
    rows = connection.from_arrow(pa.table({"a": [3, 1, 2]}))
    engine.write(rows.filter("a < 3"), tmp_path / "rows.parquet")
    assert engine.scan(tmp_path / "rows.parquet").collect()["a"].to_list() == [1, 2]


def test_a_scan_is_lazy_and_reads_one_file(tmp_path: Path):
    pd.DataFrame({"a": [1, 2]}).to_parquet(tmp_path / "x[1].parquet")
    pd.DataFrame({"a": [9, 9, 9]}).to_parquet(tmp_path / "x1.parquet")
    frame = engine.scan(tmp_path / "x[1].parquet")
    assert frame.collect_schema().names() == ["a"]
    assert frame.collect().to_native().to_pydict() == {"a": [1, 2]}


@pytest.mark.parametrize("keys", [[], ["a"], ["a", "the b"]])
def test_quantiles_are_those_of_pandas(keys: list[str]):
    table = pd.DataFrame(
        {
            "a": [1, 1, 1, 2, 2, 2, 2, 3],
            "the b": ["x", "x", "y", "x", "x", "x", "y", "y"],
            "n": [4, None, 10, 1, 2, 7, 9, None],
        }
    )
    shares = {"low": 0.25, "middle": 0.5, "the most": 1.0}
    found = engine.quantiles(engine.lazy(table), keys, "n", shares).collect().to_pandas()
    own = table.groupby(keys)["n"] if keys else table["n"]
    figures = {"count": own.size() if keys else len(own)}
    figures |= {name: own.quantile(share) for name, share in shares.items()}
    expected = pd.DataFrame(figures, index=None if keys else [0])
    plain = expected.reset_index() if keys else expected
    pd.testing.assert_frame_equal(
        found.sort_values(keys, ignore_index=True) if keys else found, plain, check_dtype=False
    )
