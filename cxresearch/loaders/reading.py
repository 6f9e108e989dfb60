"""Read one export file into DuckDB: every readable row, and every line that is not one.

A text file is first copied as plain UTF-8 with one kind of line end (:mod:`records`), so that
compression, encodings, mixed line ends and stray quotes are behind us, and so that DuckDB can be
held to a count of the records that is not its own.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

from cxresearch.errors import ReconciliationError, SchemaError
from cxresearch.loaders import records
from cxresearch.sql import literal, one_file

if TYPE_CHECKING:
    import duckdb

    from cxresearch.manifest import Source

ROW = "_row"
LINE = "_line"
_DELIMITERS = (",", ";", "\t", "|")
_LONGEST_HEADER = 100_000
#: Names to :mod:`codecs` how bytes that Windows-1252 does not define are read.
_KEPT = "cxresearch.kept_byte"
#: The codec of each encoding, and what becomes of bytes that it does not know. A byte order mark
#: is no part of the first column's name; bytes that are not UTF-8 pass through, and their rows are
#: refused later. What is called Latin-1 is read as Windows-1252, as browsers do: they differ only
#: where Latin-1 has control characters, and Windows the euro sign, dashes and curly quotes.
_CODECS = {
    "utf-8": ("utf-8-sig", "surrogateescape"),
    "cp1252": ("cp1252", _KEPT),
    "latin-1": ("cp1252", _KEPT),
    "utf-16": ("utf-16", "strict"),
}


@dataclass(frozen=True, slots=True)
class RawColumn:
    """One column of a file.

    Parameters
    ----------
    name : str
        Its name in the file.
    field : str
        Its name in DuckDB, which no name in a file can clash with.
    kind : str
        Its DuckDB type; VARCHAR where the file is text.
    """

    name: str
    field: str
    kind: str


@dataclass(frozen=True, slots=True)
class FileRead:
    """One export file as two DuckDB tables.

    Parameters
    ----------
    name : str
        The file's name, as the manifest gives it.
    table : str
        The table of its readable rows, with their number in ``_row``, from 1, and the line of
        the file they begin on in ``_line``, null where the file has no lines.
    columns : sequence of RawColumn
        The file's columns.
    rows : int
        The number of readable rows.
    unreadable : int
        The number of pieces that could not be read as a row.
    """

    name: str
    table: str
    columns: Sequence[RawColumn]
    rows: int
    unreadable: int

    @property
    def unreadable_table(self) -> str:
        """The table of what could not be read: line, reason, text."""
        return unreadable_of(self.table)

    def first(self, names: Sequence[str]) -> RawColumn | None:
        """Return the column that has the first of `names` the file knows, if any."""
        columns = {column.name: column for column in self.columns}
        return next((columns[name] for name in names if name in columns), None)


def unreadable_of(table: str) -> str:
    """Return the name of the table of what could not be read, given that of the rows."""
    return f"{table}_unreadable"


def read(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    source: Source,
    *,
    name: str,
    table: str,
    scratch: Path,
) -> FileRead:
    """Read a CSV, TSV (either gzipped or not) or Parquet file into `table`.

    Text is not interpreted: every column arrives as written, so that what a number or a time
    means is decided in one place.

    Raises
    ------
    SchemaError
        If the file is damaged, has no header, or its header names a column twice.
    ReconciliationError
        If the reader did not account for every record of a text file.
    """
    import duckdb

    try:
        if path.suffix == ".parquet":
            columns = _read_parquet(connection, path, table)
        else:
            columns = _read_text(connection, path, source, name, table, scratch / f"{table}.csv")
    except (duckdb.Error, OSError, EOFError, zlib.error, UnicodeError, csv.Error) as error:
        reason = str(error).partition("\n")[0]
        raise SchemaError(name, [f"the file cannot be read: {reason}"]) from error
    rows = _count(connection, table)
    return FileRead(name, table, columns, rows, _count(connection, unreadable_of(table)))


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def _read_parquet(connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> list[RawColumn]:
    scan = f"read_parquet({literal(one_file(path))})"
    described = connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()
    columns = [RawColumn(name, f"c{i}", kind) for i, (name, kind, *_) in enumerate(described)]
    fields = ", ".join(column.field for column in columns)
    connection.execute(
        f"CREATE VIEW {table} AS SELECT row_number() OVER () AS {ROW}, NULL::BIGINT AS {LINE}, "
        f"{fields} FROM {scan} AS file({fields})"
    )
    _create_unreadable(connection, table)
    return columns


def _read_text(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    source: Source,
    name: str,
    table: str,
    plain: Path,
) -> list[RawColumn]:
    with (
        _opened(path, source) as file,
        plain.open("w", encoding="utf-8", errors="surrogateescape", newline="\n") as out,
    ):
        header, delimiter, first = _header(file, source, name)
        cut = records.cut(file, out, delimiter=delimiter, first=first)
    columns = [RawColumn(column, f"c{i}", "VARCHAR") for i, column in enumerate(header)]
    fields = [LINE, *(column.field for column in columns)]
    kinds = ", ".join(f"{literal(field)}: 'VARCHAR'" for field in fields)
    connection.execute(
        f"CREATE TABLE {table} AS SELECT row_number() OVER () AS {ROW}, "
        f"* REPLACE ({LINE}::BIGINT AS {LINE}) "
        f"FROM read_csv({literal(one_file(plain))}, columns={{{kinds}}}, auto_detect=false, "
        f"header=false, delim={literal(delimiter)}, quote='\"', escape='\"', store_rejects=true)"
    )
    _create_unreadable(connection, table)
    _add_refused(connection, table, plain, delimiter)
    refused = _count(connection, unreadable_of(table))
    if (rows := _count(connection, table)) + refused != cut.records:
        raise ReconciliationError(
            f"{name}: the file has {cut.records} records, "
            f"but {rows} rows were read and {refused} refused"
        )
    _add_unreadable(connection, table, cut.unreadable)
    plain.unlink()
    return columns


@contextmanager
def _opened(path: Path, source: Source) -> Iterator[TextIO]:
    opener = gzip.open if path.suffix == ".gz" else open
    codec, errors = _CODECS[source.encoding]
    with opener(path, "rt", encoding=codec, errors=errors) as text:
        yield cast("TextIO", text)


def _kept_byte(error: UnicodeError) -> tuple[str, int]:
    """Read a byte as the control character of its number: five have no letter in Windows-1252.

    One of them stops no file; the rule ``broken_encoding`` flags its row.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error(_KEPT, _kept_byte)


def _header(file: TextIO, source: Source, name: str) -> tuple[list[str], str, int]:
    """Return the names of the columns, the delimiter, and the number of the line that follows."""
    text = file.readline()
    while text.count('"') % 2 and len(text) < _LONGEST_HEADER and (more := file.readline()):
        text += more
    if not text.strip():
        raise SchemaError(name, ["the file has no header line"])
    if text.count('"') % 2:
        raise SchemaError(name, ["the header has a quote that is not closed"])
    unquoted = re.sub('"[^"]*"', "", text)
    delimiter = source.delimiter or max(_DELIMITERS, key=unquoted.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True)
    columns = [column.strip() for column in next(reader)]
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    if twice:
        raise SchemaError(name, [f"the header names {column!r} twice" for column in twice])
    return columns, delimiter, text.count("\n") + 1


def _create_unreadable(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    connection.execute(
        f"CREATE TABLE {unreadable_of(table)} (line BIGINT, reason VARCHAR, text VARCHAR)"
    )


def _add_refused(
    connection: duckdb.DuckDBPyConnection, table: str, plain: Path, delimiter: str
) -> None:
    """Add the records DuckDB refused; one record may have several errors."""
    led = literal(rf"^(\d+){re.escape(delimiter)}(.*)$")
    connection.execute(
        f"INSERT INTO {unreadable_of(table)} "
        f"SELECT regexp_extract(any_value(csv_line), {led}, 1, 's')::BIGINT, "
        "string_agg(DISTINCT lower(error_type::VARCHAR), ', ' ORDER BY lower(error_type::VARCHAR)),"
        f" regexp_extract(any_value(csv_line), {led}, 2, 's') "
        "FROM reject_errors JOIN reject_scans USING (scan_id, file_id) "
        f"WHERE file_path = {literal(str(plain))} GROUP BY line"
    )


def _add_unreadable(
    connection: duckdb.DuckDBPyConnection, table: str, found: Sequence[records.Unreadable]
) -> None:
    import pandas as pd

    # Bytes that are no UTF-8 cannot be stored as text.
    texts = [one.text.encode("utf-8", "replace").decode() for one in found]
    frame = pd.DataFrame(
        {"line": [one.line for one in found], "reason": [one.reason for one in found]}
    )
    connection.register("found", frame.assign(text=texts))
    connection.execute(f"INSERT INTO {unreadable_of(table)} SELECT line, reason, text FROM found")
    connection.unregister("found")
