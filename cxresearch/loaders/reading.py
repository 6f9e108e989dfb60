"""Read one export file into DuckDB: every readable row, and every line that is not one."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cxresearch.engine import literal
from cxresearch.errors import SchemaError

if TYPE_CHECKING:
    import duckdb

    from cxresearch.manifest import Source

ROW = "_row"
_DELIMITERS = (",", ";", "\t", "|")
_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class FileRead:
    """One export file as a DuckDB table.

    Parameters
    ----------
    name : str
        The file's name, as the manifest gives it.
    table : str
        The DuckDB table with its readable rows and their number in ``_row``, from 1.
    types : Mapping of str to str
        The file's columns with their DuckDB types; all VARCHAR where the file is text.
    rows : int
        The number of readable rows.
    unreadable : list of tuple
        Line number, reason and text of each line that could not be read as a row.
    """

    name: str
    table: str
    types: Mapping[str, str]
    rows: int
    unreadable: list[tuple[int, str, str]]


def read(
    connection: duckdb.DuckDBPyConnection, path: Path, source: Source, *, name: str, table: str
) -> FileRead:
    """Read a CSV, TSV (either gzipped or not) or Parquet file into `table`.

    Text is not interpreted: every column arrives as written, so that what a number or a time
    means is decided in one place.

    Raises
    ------
    SchemaError
        If a text file has no header, or its header names a column twice.
    """
    if path.suffix == ".parquet":
        scan, unreadable = f"read_parquet({literal(str(path))})", []
    else:
        columns, delimiter = _header(path, source, name)
        scan = _csv_scan(path, source, columns, delimiter)
    connection.execute(
        f"CREATE TABLE {table} AS SELECT row_number() OVER () AS {ROW}, * FROM {scan}"
    )
    if path.suffix != ".parquet":
        unreadable = _unreadable(connection)
    described = connection.execute(f"DESCRIBE {table}").fetchall()
    rows = connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
    types = {column: kind for column, kind, *_ in described if column != ROW}
    return FileRead(name, table, types, int(rows), unreadable)


def _header(path: Path, source: Source, name: str) -> tuple[list[str], str]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding=source.encoding, errors="replace", newline="") as file:
        first = file.readline().removeprefix(_BOM)
    if not first.strip():
        raise SchemaError(name, ["the file has no header line"])
    delimiter = source.delimiter or max(_DELIMITERS, key=first.count)
    columns = [column.strip() for column in next(csv.reader([first], delimiter=delimiter))]
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise SchemaError(name, [f"the header names {column!r} twice" for column in twice])
    return columns, delimiter


def _csv_scan(path: Path, source: Source, columns: list[str], delimiter: str) -> str:
    kinds = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in columns)
    return (
        f"read_csv({literal(str(path))}, columns={{{kinds}}}, delim={literal(delimiter)}, "
        f"header=true, auto_detect=false, quote='\"', escape='\"', "
        f"encoding={literal(source.encoding)}, store_rejects=true)"
    )


def _unreadable(connection: duckdb.DuckDBPyConnection) -> list[tuple[int, str, str]]:
    """Return the lines DuckDB refused in the last scan; one line may have several errors."""
    return connection.execute(
        "SELECT line, string_agg(DISTINCT lower(error_type::VARCHAR), ', '), any_value(csv_line) "
        "FROM reject_errors "
        "WHERE scan_id = (SELECT max(scan_id) FROM reject_scans) GROUP BY line ORDER BY line"
    ).fetchall()
