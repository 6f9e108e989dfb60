"""What is asked of DuckDB and of Spark in their own words, behind Narwhals frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxresearch.engine import backends
from cxresearch.engine.backends import literal, one_file, quoted

if TYPE_CHECKING:
    import narwhals as nw
    import pandas as pd
    from narwhals.typing import IntoFrame

#: How DuckDB packs what is kept between two steps.
_PACKED = (
    "FORMAT parquet, COMPRESSION lz4_raw, PARQUET_VERSION v2, WRITE_BLOOM_FILTER false, "
    "DICTIONARY_SIZE_LIMIT 1000"
)


def scan(path: Path, *, on: backends.Name | None = None) -> nw.LazyFrame[Any]:
    """Return a lazy frame over a Parquet file; nothing is read until it is collected.

    Parameters
    ----------
    path : Path
        The file, or a folder of files that Spark wrote.
    on : {"duckdb", "spark"}, optional
        The engine that reads it; the one ``CX_ENGINE`` names by default.
    """
    if (on or backends.name()) == "spark":
        return _lazy(backends.spark().read.parquet(str(path)))
    return _lazy(backends.shared().read_parquet(one_file(path)))


def scan_runs(
    path: Path, column: str, *, place: str, code: str, on: backends.Name
) -> nw.LazyFrame[Any]:
    """Return the frame of :func:`scan` with a `code` for each value of a column.

    DuckDB groups and joins by numbers faster than by texts, and knows at which row of the file each
    row lies; on Spark, which reads the file in parts, the code is the value itself.

    Parameters
    ----------
    path : Path
        The file, in which the rows of each value lie together.
    column : str
        The column.
    place : str
        The column that numbers the rows of each value from 1.
    code : str
        The name of the code.
    on : {"duckdb", "spark"}
        The engine that reads it.
    """
    if on == "spark":
        import narwhals as nw

        return scan(path, on=on).with_columns(nw.col(column).alias(code))
    rows = backends.shared().read_parquet(one_file(path), file_row_number=True)
    number = f"file_row_number - {quoted(place)} AS {quoted(code)}"
    return _lazy(rows.project(f"* EXCLUDE (file_row_number), {number}"))


def lazy(frame: IntoFrame) -> nw.LazyFrame[Any]:
    """Return any frame as one of DuckDB or of Spark, where it is or as asked for.

    Raises
    ------
    TypeError
        If it is no frame that Narwhals knows.
    """
    import narwhals as nw

    found = nw.from_native(frame)
    if found.implementation.is_spark_like():
        return found.lazy()
    if backends.name() == "duckdb" and found.implementation.is_duckdb():
        return found.lazy()
    table = _in_utc(in_arrow(found))
    if backends.name() == "spark":
        return _lazy(backends.spark().createDataFrame(table))
    return _lazy(backends.shared().from_arrow(table))


def alike(first: nw.LazyFrame[Any], *others: nw.LazyFrame[Any]) -> tuple[nw.LazyFrame[Any], ...]:
    """Return frames that can be joined: where they are of several libraries, all of the engine.

    Examples
    --------
    >>> import narwhals as nw
    >>> import pandas as pd
    >>> left, right = (nw.from_native(pd.DataFrame({"a": [1]})).lazy() for _ in range(2))
    >>> alike(left, lazy(right.to_native()))[0].implementation.is_duckdb()
    True
    """
    every = (first, *others)
    kinds = {frame.implementation for frame in every}
    if len(kinds) > 1:
        return tuple(lazy(frame.to_native()) for frame in every)
    if first.implementation.is_duckdb() and not _are_of_one_connection(every):
        tables = [frame.collect("pyarrow").to_native() for frame in every]
        return tuple(_lazy(backends.shared().from_arrow(table)) for table in tables)
    return every


def _are_of_one_connection(every: Sequence[nw.LazyFrame[Any]]) -> bool:
    """Return whether DuckDB can join some relations: it joins those of one connection only."""
    import duckdb

    first, *others = (frame.to_native() for frame in every)
    try:
        for other in others:
            first.set_alias("cx_first").join(other.set_alias("cx_other"), "true")
    except duckdb.InvalidInputException:
        return False
    return True


def materialised(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return a frame of DuckDB with its rows computed once, to be read several times.

    They are held in memory, so it is for frames that are small by then. Spark plans as it likes.
    """
    if not frame.implementation.is_duckdb():
        return frame
    return _lazy(frame.to_native().materialize())


def _lazy(native: Any) -> nw.LazyFrame[Any]:
    import narwhals as nw

    found: nw.LazyFrame[Any] = nw.from_native(native)
    return found


def in_common_kinds(frame: Any) -> Any:
    """Return a frame with 16-bit numbers as 32-bit ones, and string views of Arrow as texts.

    Neither pandas nor Arrow groups, sorts or joins by them.
    """
    import pyarrow as pa

    if isinstance(frame, pa.Table):
        common = {pa.float16(): pa.float32(), pa.string_view(): pa.string()}
        if not common.keys().isdisjoint(frame.schema.types):
            fields = [field.with_type(common.get(field.type, field.type)) for field in frame.schema]
            return frame.cast(pa.schema(fields))
    elif "pandas" in type(frame).__module__ and frame.columns.is_unique:
        halves = [name for name, kind in frame.dtypes.items() if str(kind) == "float16"]
        return frame.astype(dict.fromkeys(halves, "float32")) if halves else frame
    return frame


def in_arrow(frame: nw.DataFrame[Any] | nw.LazyFrame[Any]) -> Any:
    """Return a frame as an Arrow table; where a column of pandas holds several kinds, as texts."""
    import narwhals as nw

    if frame.implementation.is_pandas():
        return _of_pandas(nw.to_native(frame))
    table = (frame.collect("pyarrow") if isinstance(frame, nw.LazyFrame) else frame).to_arrow()
    return in_common_kinds(table)


def _of_pandas(native: pd.DataFrame) -> Any:
    import pyarrow as pa

    columns = {}
    for name in native.columns:
        values = native[name]
        try:
            columns[str(name)] = pa.Array.from_pandas(values)
        except (pa.ArrowException, OverflowError, UnicodeEncodeError):
            marked = zip(values, values.isna(), strict=True)
            texts = [None if is_missing else _as_text(one) for one, is_missing in marked]
            columns[str(name)] = pa.array(texts, pa.string())
    return in_common_kinds(pa.table(columns))


def _as_text(value: Any) -> str:
    """Return a value as a spreadsheet shows it: a whole number without a point."""
    text = f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)
    return text.encode("utf-8", "replace").decode()  # half a sign is no text


def _in_utc(table: Any) -> Any:
    """Return an Arrow table with its times in UTC, to the microsecond; one without a zone is UTC.

    Spark would take that to be of its session's zone, and what is finer is not known everywhere.
    """
    import pyarrow as pa

    kinds = {field.name: field.type for field in table.schema}
    times = {name for name, kind in kinds.items() if pa.types.is_timestamp(kind)}
    kinds |= dict.fromkeys(times, pa.timestamp("us", "UTC"))
    return table.cast(pa.schema(list(kinds.items())), safe=False)


def with_row_numbers(
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
        return _with_row_numbers_by_spark(frame, columns, time, kind)
    moment = quoted(time)
    if not kind.is_integer():
        moment = f"epoch_us({moment})"  # null where it is infinite
    parts = [f"{quoted(own)} AS {quoted(new)}" for new, own in columns.items()]
    sql = ", ".join([*parts, f"{moment}::BIGINT AS ts_us", "row_number() OVER () AS cx_row"])
    return _lazy(frame.to_native().project(sql))


def _with_row_numbers_by_spark(
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


def with_digest(
    frame: nw.LazyFrame[Any], column: str, *, salt: str, name: str
) -> nw.LazyFrame[Any]:
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
    if not hasattr(native, "write_parquet"):
        native.write.parquet(str(path))
        return
    import duckdb

    target = f"TO {literal(str(path))} ({_PACKED})"
    try:  # DuckDB reads the variable; as a view of its own it would be planned three times more
        backends.shared().execute(f"COPY (SELECT * FROM native) {target}")
    except duckdb.InvalidInputException:  # it is of another connection
        native.query("cx_written", f"COPY (SELECT * FROM cx_written) {target}")
