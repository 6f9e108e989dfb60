from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cxresearch import engine


@pytest.mark.parametrize(
    "value", ["plain", "l'ordine", '"', "'; DROP TABLE x; --", "\\", "%", "", None, 2.5, -3, True]
)
def test_a_literal_comes_back_as_it_was(value: object):
    with engine.connect() as connection:
        assert connection.execute(f"SELECT {engine.literal(value)}").fetchall() == [(value,)]


@pytest.mark.parametrize("name", ["Order ID", 'a"b', "'", "select", "é", "a.b"])
def test_a_quoted_name_names_its_column(name: str):
    with engine.connect() as connection:
        connection.execute(f"CREATE TABLE x AS SELECT 1 AS {engine.quoted(name)}")
        assert connection.execute("DESCRIBE x").fetchall()[0][0] == name


def test_a_connection_reckons_in_utc_with_the_threads_it_is_given(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("CX_THREADS", "1")
    with engine.connect() as connection:
        settings = connection.execute(
            "SELECT current_setting('TimeZone'), current_setting('threads')"
        )
        assert settings.fetchall() == [("UTC", 1)]


def test_a_connection_may_live_in_a_file(tmp_path: Path):
    with engine.connect(tmp_path / "x.duckdb") as connection:
        connection.execute("CREATE TABLE x AS SELECT 1")
    assert (tmp_path / "x.duckdb").is_file()


def test_a_scan_is_lazy_and_reads_one_file(tmp_path: Path):
    pd.DataFrame({"a": [1, 2]}).to_parquet(tmp_path / "x[1].parquet")
    pd.DataFrame({"a": [9, 9, 9]}).to_parquet(tmp_path / "x1.parquet")
    frame = engine.scan(tmp_path / "x[1].parquet")
    assert frame.collect_schema().names() == ["a"]
    assert frame.collect().to_native().to_pydict() == {"a": [1, 2]}
