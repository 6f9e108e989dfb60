"""Where heavy work on tables runs: DuckDB, behind Narwhals frames."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import narwhals as nw


def connect(database: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Return a new DuckDB connection that reckons in UTC.

    ``CX_THREADS`` limits its threads, so that reports built side by side share the machine.

    Parameters
    ----------
    database : Path, optional
        A file, so that what does not fit in memory goes there; in memory by default.
    """
    import duckdb

    connection = duckdb.connect(str(database) if database else ":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    threads = os.environ.get("CX_THREADS")
    if threads:
        connection.execute(f"SET threads = {int(threads)}")
    return connection


@cache
def _shared() -> duckdb.DuckDBPyConnection:
    return connect()


def scan(path: Path) -> nw.LazyFrame[Any]:
    """Return a lazy frame over a Parquet file; nothing is read until it is collected."""
    import narwhals as nw

    return nw.from_native(_shared().read_parquet(one_file(path)))


def one_file(path: Path) -> str:
    """Return a path as DuckDB reads it, where ``*``, ``?`` and ``[`` stand for many files.

    Examples
    --------
    >>> one_file(Path("orders[1].csv"))
    'orders[[]1].csv'
    """
    return re.sub(r"[*?[]", r"[\g<0>]", str(path))


def quoted(name: str) -> str:
    """Return a column or table name as an SQL identifier.

    Examples
    --------
    >>> print(quoted("Order ID"))
    "Order ID"
    """
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """Return a value as an SQL literal.

    Examples
    --------
    >>> literal("l'ordine"), literal(None), literal(2.5)
    ("'l''ordine'", 'NULL', '2.5')
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"
