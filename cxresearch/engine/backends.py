"""Where heavy work on tables runs, DuckDB or Spark, and how SQL writes names and values."""

from __future__ import annotations

import os
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cxresearch.core import validate

if TYPE_CHECKING:
    import duckdb
    from pyspark.sql import SparkSession


Name = Literal["duckdb", "spark"]
NAMES: tuple[Name, ...] = ("duckdb", "spark")

#: What an engine may hold in memory before it spills.
_MEMORY = "3GB"
#: Into how many parts Spark cuts a table on this machine; its own 200 are for a cluster.
_PARTS = "16"


def name() -> Name:
    """Return the engine that ``CX_ENGINE`` names; DuckDB where it is not set.

    Raises
    ------
    ValueError
        If it names another.
    """
    named = os.environ.get("CX_ENGINE") or "duckdb"
    validate.one_of("CX_ENGINE", named, NAMES)
    return "spark" if named == "spark" else "duckdb"


def connect(database: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Return a new DuckDB connection whose times are in UTC.

    ``CX_THREADS`` limits its threads, so that reports built side by side share the machine, and
    ``CX_MEMORY`` its memory (3GB where it is not set); what does not fit goes to temporary files,
    all in one folder, for DuckDB clears there what a killed process left.

    Parameters
    ----------
    database : Path, optional
        A file, so that what does not fit in memory goes there; in memory by default.

    Raises
    ------
    ValueError
        If one of the two is no number of threads or no size.
    """
    import duckdb

    connection = duckdb.connect(str(database) if database else ":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    # On Windows each user's temporary folder is their own.
    user = os.getuid() if hasattr(os, "getuid") else 0
    spill = Path(tempfile.gettempdir()) / f"cxresearch-spill-{user}"
    connection.execute(f"SET temp_directory = {literal(spill)}")
    connection.execute(f"SET memory_limit = {literal(_memory())}")
    if threads := _threads():
        connection.execute(f"SET threads = {threads}")
    return connection


def _memory() -> str:
    named = os.environ.get("CX_MEMORY") or _MEMORY
    if not re.fullmatch(r"\d+(\.\d+)? ?[KMGT]i?B", named, re.IGNORECASE):
        raise validate.refused("CX_MEMORY", "a size such as 3GB", named)
    return named


def _threads() -> str:
    """Return how many threads are allowed; empty for as many as the machine has cores."""
    named = os.environ.get("CX_THREADS") or ""
    if named and not re.fullmatch(r"[1-9]\d*", named):
        raise validate.refused("CX_THREADS", "a whole number of at least 1", named)
    return named


@cache
def shared() -> duckdb.DuckDBPyConnection:
    """Return the one connection of this process."""
    return connect()


def spark() -> SparkSession:
    """Return the Spark session at work; where there is none, one is started.

    It works on this machine, within ``CX_THREADS`` and ``CX_MEMORY``, unless ``CX_SPARK_MASTER``
    names another master. A session that was there is left as it is.

    Raises
    ------
    ModuleNotFoundError
        If Spark is not installed; ``make spark`` adds it.
    """
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("CX_ENGINE is spark, which `make spark` installs") from error
    return SparkSession.getActiveSession() or _start_spark()


def _start_spark() -> SparkSession:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("cxresearch")
    master = os.environ.get("CX_SPARK_MASTER")
    if not master:
        master = f"local[{_threads() or '*'}]"
        builder = builder.config("spark.sql.shuffle.partitions", _PARTS)
    options: dict[str, Any] = {
        "spark.driver.memory": _memory().lower().rstrip("ib"),  # Java writes 2GB and 2GiB as 2g
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }
    return builder.master(master).config(map=options).getOrCreate()


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
