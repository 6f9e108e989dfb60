"""Where heavy work on tables runs: DuckDB, or Spark where ``CX_ENGINE=spark``, behind Narwhals."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cxresearch import _checks
from cxresearch.sql import literal, one_file, quoted

if TYPE_CHECKING:
    import duckdb
    import narwhals as nw
    from narwhals.typing import IntoFrame
    from pyspark.sql import SparkSession

Name = Literal["duckdb", "spark"]
NAMES: tuple[Name, ...] = ("duckdb", "spark")

#: What an engine may hold in memory before it spills.
_MEMORY = "3GB"
#: How DuckDB packs what is kept between two steps.
_PACKED = (
    "FORMAT parquet, COMPRESSION lz4_raw, PARQUET_VERSION v2, WRITE_BLOOM_FILTER false, "
    "DICTIONARY_SIZE_LIMIT 1000"
)
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
    _checks.one_of("CX_ENGINE", named, NAMES)
    return "spark" if named == "spark" else "duckdb"


def connect(database: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Return a new DuckDB connection that reckons in UTC.

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
    spill = Path(tempfile.gettempdir()) / f"cxresearch-spill-{os.getuid()}"
    connection.execute(f"SET temp_directory = {literal(spill)}")
    connection.execute(f"SET memory_limit = {literal(_memory())}")
    if threads := _threads():
        connection.execute(f"SET threads = {threads}")
    return connection


def _memory() -> str:
    named = os.environ.get("CX_MEMORY") or _MEMORY
    if not re.fullmatch(r"\d+(\.\d+)? ?[KMGT]i?B", named, re.IGNORECASE):
        raise _checks.refused("CX_MEMORY", "a size such as 3GB", named)
    return named


def _threads() -> str:
    """Return how many threads there may be; nothing for as many as the machine has cores."""
    named = os.environ.get("CX_THREADS") or ""
    if named and not re.fullmatch(r"[1-9]\d*", named):
        raise _checks.refused("CX_THREADS", "a whole number of at least 1", named)
    return named


@cache
def _shared() -> duckdb.DuckDBPyConnection:
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
    return SparkSession.getActiveSession() or _started()


def _started() -> SparkSession:
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


def scan(path: Path, *, on: Name | None = None) -> nw.LazyFrame[Any]:
    """Return a lazy frame over a Parquet file; nothing is read until it is collected.

    Parameters
    ----------
    path : Path
        The file, or a folder of files that Spark wrote.
    on : {"duckdb", "spark"}, optional
        The engine that reads it; the one ``CX_ENGINE`` names by default.
    """
    if (on or name()) == "spark":
        return _lazy(spark().read.parquet(str(path)))
    return _lazy(_shared().read_parquet(one_file(path)))


def lazy(frame: IntoFrame) -> nw.LazyFrame[Any]:
    """Return a frame of any kind as one of DuckDB or of Spark, whichever it is in or is asked for.

    Raises
    ------
    TypeError
        If it is no frame that Narwhals knows.
    """
    import narwhals as nw

    found = nw.from_native(frame)
    if found.implementation.is_spark_like():
        return found.lazy()
    if name() == "duckdb" and found.implementation.is_duckdb():
        return found.lazy()
    table = _in_utc(_arrow(found))
    if name() == "spark":
        return _lazy(spark().createDataFrame(table))
    return _lazy(_shared().from_arrow(table))


def _lazy(native: Any) -> nw.LazyFrame[Any]:
    import narwhals as nw

    found: nw.LazyFrame[Any] = nw.from_native(native)
    return found


def _arrow(frame: nw.DataFrame[Any] | nw.LazyFrame[Any]) -> Any:
    import narwhals as nw

    return (frame.collect("pyarrow") if isinstance(frame, nw.LazyFrame) else frame).to_arrow()


def _in_utc(table: Any) -> Any:
    """Return an Arrow table with its times in UTC, to the microsecond; one without a zone is UTC.

    Spark would take that to be of its session's zone, and what is finer is not known everywhere.
    """
    import pyarrow as pa

    kinds = {field.name: field.type for field in table.schema}
    times = {name for name, kind in kinds.items() if pa.types.is_timestamp(kind)}
    kinds |= dict.fromkeys(times, pa.timestamp("us", "UTC"))
    return table.cast(pa.schema(list(kinds.items())), safe=False)


def numbered(
    frame: nw.LazyFrame[Any], columns: Mapping[str, str], *, time: str
) -> nw.LazyFrame[Any]:
    """Return some columns under new names, the time as `ts_us`, and each row's number as `cx_row`.

    Narwhals has neither on engines that speak SQL, so each is asked in its own words. On Spark the
    numbers leave gaps, and rows are in the order of its partitions.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        Of DuckDB or Spark.
    columns : mapping
        The new name of each column and its own.
    time : str
        A timestamp (one without a zone is UTC), or whole microseconds since 1970.
    """
    kind = frame.collect_schema()[time]
    if frame.implementation.is_spark_like():
        return _numbered_by_spark(frame, columns, time, kind)
    moment = quoted(time)
    if not kind.is_integer():
        moment = f"epoch_us({moment})"  # null where it is infinite
    parts = [f"{quoted(own)} AS {quoted(new)}" for new, own in columns.items()]
    sql = ", ".join([*parts, f"{moment}::BIGINT AS ts_us", "row_number() OVER () AS cx_row"])
    return _lazy(frame.to_native().project(sql))


def _numbered_by_spark(
    frame: nw.LazyFrame[Any], columns: Mapping[str, str], time: str, kind: Any
) -> nw.LazyFrame[Any]:
    from pyspark.sql import functions as f

    moment = f.col(time)
    if not kind.is_integer():
        # Spark would take a time without a zone to be of the session's own.
        moment = f.concat(moment.cast("string"), f.lit("Z")) if kind.time_zone is None else moment
        moment = f.unix_micros(moment.cast("timestamp"))
    chosen = [f.col(own).alias(new) for new, own in columns.items()]
    number = f.monotonically_increasing_id().alias("cx_row")
    return _lazy(frame.to_native().select(*chosen, moment.cast("long").alias("ts_us"), number))


def with_row_before(frame: nw.LazyFrame[Any], columns: Sequence[str]) -> nw.LazyFrame[Any]:
    """Return a frame with columns of the row before, as the rows came: `x` also as `x_before`.

    Spark reads a table in parts, whose first rows have no row before them.
    """
    if frame.implementation.is_spark_like():
        from pyspark.sql import Window
        from pyspark.sql import functions as f

        own = Window.partitionBy(f.spark_partition_id()).orderBy(f.monotonically_increasing_id())
        before = {f"{name}_before": f.lag(name).over(own) for name in columns}
        return _lazy(frame.to_native().withColumns(before))
    parts = [f"lag({quoted(name)}) OVER () AS {quoted(name + '_before')}" for name in columns]
    return _lazy(frame.to_native().project(", ".join(["*", *parts])))


def digested(frame: nw.LazyFrame[Any], column: str, *, salt: str, name: str) -> nw.LazyFrame[Any]:
    """Return a frame with a digest of a column, the same in every engine: 32 hexadecimal digits.

    Narwhals has none, so each engine is asked in its own words.
    """
    if frame.implementation.is_spark_like():
        from pyspark.sql import functions as f

        text = f.concat(f.lit(salt), f.col(column).cast("string"))
        return _lazy(frame.to_native().withColumn(name, f.md5(text)))
    text_sql = f"{literal(salt)} || {quoted(column)}::VARCHAR"
    return _lazy(frame.to_native().project(f"*, md5({text_sql}) AS {quoted(name)}"))


def quantiles(
    frame: nw.LazyFrame[Any], keys: Sequence[str], column: str, shares: Mapping[str, float]
) -> nw.LazyFrame[Any]:
    """Return, per value of the keys, the `count` of rows and quantiles of a column.

    Narwhals has them one by one; an engine that is asked for all at once, in its own words, keeps
    the values once. It halves the time and takes a third of the memory.

    Parameters
    ----------
    frame : narwhals.LazyFrame
        Of DuckDB or Spark.
    keys : sequence of str
        The columns to group by; none for one row.
    column : str
        What the quantiles are of, between two values by a straight line; what is missing is left
        out of them.
    shares : mapping of str to float
        The name of each quantile and the share of values below it, 0-1.
    """
    native, places = frame.to_native(), list(shares.values())
    if frame.implementation.is_spark_like():
        from pyspark.sql import functions as f

        found = native.groupBy(*keys).agg(
            f.count("*").alias("count"), f.percentile(column, places).alias("cx_q")
        )
        named = [f.col("cx_q")[k].alias(name) for k, name in enumerate(shares)]
        return _lazy(found.select(*keys, "count", *named))
    groups = ", ".join(map(quoted, keys))
    counted = "count(*) AS count"
    parts = [*map(quoted, keys), counted, f"quantile_cont({quoted(column)}, {places}) AS cx_q"]
    found = native.aggregate(", ".join(parts), groups)
    quartered = [f"cx_q[{k}] AS {quoted(name)}" for k, name in enumerate(shares, start=1)]
    return _lazy(found.project(", ".join([*map(quoted, keys), "count", *quartered])))


def write(native: Any, path: Path) -> None:
    """Write a relation of DuckDB or a frame of Spark as Parquet, in its order.

    Spark writes a folder of files. What is kept between two steps is read often and sent nowhere,
    so it is packed lightly; the second version of Parquet packs numbers that grow. A dictionary is
    tried up to a thousand values: for a column of numbers it takes as long as all the rest.
    """
    if hasattr(native, "write_parquet"):
        target = literal(str(path))
        native.query("cx_written", f"COPY (SELECT * FROM cx_written) TO {target} ({_PACKED})")
    else:
        native.write.parquet(str(path))
