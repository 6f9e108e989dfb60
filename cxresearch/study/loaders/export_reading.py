"""Read one export file into DuckDB: every readable row, and every line that is not one.

A text file is first copied as plain UTF-8 with one kind of line end (:mod:`plain`) and, where not
each line is one record, cut into records (:mod:`records`), so that compression, encodings, mixed
line ends and stray quotes are behind us, and so that DuckDB can be held to a count of the records
that is not its own.
"""

from __future__ import annotations

import csv
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from cxresearch.engine.backends import literal, one_file
from cxresearch.errors import ReconciliationError, SchemaError
from cxresearch.study.loaders import (
    csv_records,
    json_records,
    mails,
    nested,
    spss,
    transcripts,
    workbooks,
)
from cxresearch.study.loaders.amount_texts import TYPED
from cxresearch.study.loaders.header_records import header
from cxresearch.study.loaders.plain import lines, reading

if TYPE_CHECKING:
    import duckdb

    from cxresearch.study.sources import Written

#: What is said of lines above the rows, for files that can have none: SPSS knows its columns.
NO_TITLES = {"skip_rows": 0, "header_has": [], "header_rows": 1}
#: What old Excel files begin with, and new ones that have a password.
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
#: What an archive begins with; one that is whole is opened before its format is asked.
_ARCHIVE = b"PK\x03\x04"
ROW = "_row"
LINE = "_line"
#: How much is shown of what a library says of a file it cannot read.
_LONGEST_REASON = 200


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
    delimiter : str
        What stands between two fields; empty where the file is no text.
    padded : bool
        Whether a text may have blanks around it.
    left_out : int
        The number of rows in which nothing stands, as spreadsheets write them below their last,
        and of those that the manifest leaves out on purpose; `rows` are the others.
    given : Mapping of str to RawColumn
        Canonical columns that the rows have been given, whatever the file calls them.
    cells : bool
        Whether its texts were cells, of which some may have been dates.
    mark : str
        What follows an amount that was typed as a text, where others may have been numbers.
    record : str
        SQL for the number of the record that a row is of.
    before : str
        What stands before that number in ``#row``: nothing in the first file of a table, in the
        others the file's name, so that no two rows of a table have the same.
    """

    name: str
    table: str
    columns: Sequence[RawColumn]
    rows: int
    unreadable: int
    delimiter: str = ""
    padded: bool = True
    left_out: int = 0
    given: Mapping[str, RawColumn] = field(default_factory=dict)
    cells: bool = False
    mark: str = ""
    record: str = ROW
    before: str = ""

    @property
    def unreadable_table(self) -> str:
        """The table of what could not be read: line, reason, text."""
        return unreadable_of(self.table)

    def column(self, name: str) -> RawColumn | None:
        """Return a column by its name; of a name such as ``a.b`` what a nested column has there.

        One that ends with ``*`` is the first that begins like that; ``#row`` is a record's number.
        """
        columns = {column.name: column for column in self.columns}
        if name in columns:
            return columns[name]
        if name == "#row":
            return RawColumn(name, f"({literal(self.before)} || {self.record})", "VARCHAR")
        if name.endswith("*"):
            return next((one for one in self.columns if one.name.startswith(name[:-1])), None)
        parts = name.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            outer = columns.get(".".join(parts[:cut]))
            if outer is not None:
                return RawColumn(name, nested.at(outer.field, outer.kind, parts[cut:]), "VARCHAR")
        return None

    def first(self, names: Sequence[str]) -> RawColumn | None:
        """Return the column that has the first of `names` the file knows, if any."""
        found = (self.column(name) for name in names)
        return next((one for one in found if one is not None), None)


def unreadable_of(table: str) -> str:
    """Return the name of the table of what could not be read, given that of the rows."""
    return f"{table}_unreadable"


def read(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    source: Written,
    *,
    name: str,
    table: str,
    scratch: Path,
) -> FileRead:
    """Read a CSV, TSV, JSON (each gzipped or not), XLSX, ODS, SAV or Parquet file.

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

    blank = 0
    try:
        form = source.format or file_format(path)
        if form == "parquet":
            columns, delimiter, padded = _read_parquet(connection, path, table), "", True
        elif form in {"json", "jsonl"}:
            plain = scratch / f"{table}.jsonl"
            bad = json_records.write(path, source, name, plain, lines_of=form == "jsonl")
            columns, delimiter, padded = _read_json(connection, table, plain), "", True
            _create_unreadable(connection, table)
            _add_unreadable(connection, table, bad)
        else:
            sheet = scratch / f"{table}_sheet.csv"
            if form in {"xlsx", "ods"}:
                path = workbooks.as_text(path, source, sheet)
            elif form == "sav":
                path = spss.as_text(path, source, sheet)
                source = source.model_copy(update=NO_TITLES)
            elif form in {"whatsapp", "transcript"}:
                path = transcripts.as_text(path, source, name, sheet, form=form)
            elif form == "mail":
                path = mails.as_text(path, sheet)
            if path == sheet:
                source = source.model_copy(update={"delimiter": ",", "encoding": "utf-8"})
            text = _read_text(connection, path, source, name, table, scratch)
            columns, delimiter, padded = text.columns, text.delimiter, text.cut.padded
            blank = _without_blanks(connection, table, columns)
    except (duckdb.Error, OSError, EOFError, zlib.error, ValueError, csv.Error) as error:
        raise _unreadable(name, path, error) from error
    finally:
        (scratch / f"{table}_sheet.csv").unlink(missing_ok=True)
        (scratch / f"{table}.jsonl").unlink(missing_ok=True)
    rows = _count(connection, table)
    unreadable = _count(connection, unreadable_of(table))
    cells = form in {"xlsx", "ods", "sav"}
    mark = TYPED if cells or form in {"json", "jsonl"} else ""
    return FileRead(
        name, table, columns, rows, unreadable, delimiter, padded, blank, cells=cells, mark=mark
    )


def _without_blanks(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[RawColumn]
) -> int:
    """Take out the rows in which nothing stands between the delimiters; return their number.

    The others are numbered again: a row's number is one of as many as there are.
    """
    nothing = " AND ".join(f"{column.field} IS NULL" for column in columns)
    ((count,),) = connection.execute(f"DELETE FROM {table} WHERE {nothing}").fetchall()
    if count:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * REPLACE "
            f"(row_number() OVER (ORDER BY {ROW}) AS {ROW}) FROM {table} ORDER BY {ROW}"
        )
    return int(count)


def file_format(path: Path) -> str:
    """Return the format of a file by its first bytes, else by its name.

    Raises
    ------
    ValueError
        If it is of a kind that the kit does not read.
    """
    with path.open("rb") as file:
        began = file.read(8)
    names = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    ending = names[-1] if names else ""
    if began.startswith(b"PAR1") or ending == ".parquet":
        return "parquet"
    if began.startswith(spss.BEGINNINGS) or ending in {".sav", ".zsav"}:
        return "sav"
    if workbook := workbooks.kind(path):
        return workbook
    if began.startswith(_ARCHIVE):
        inner = "a workbook" if ending in {".xlsx", ".ods"} else "an archive"
        raise ValueError(f"it begins as {inner} and is cut off or damaged; export it again")
    if began.startswith(_OLD_OFFICE) or ending in {".xlsb", ".ods"} or _is_web_page(path):
        raise ValueError("a file of this kind is not read; save it as .xlsx or .csv")
    by_name = {".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl"}
    by_name |= dict.fromkeys(mails.SUFFIXES, "mail")
    return by_name.get(ending) or transcripts.kind(path) or "csv"


def _is_web_page(path: Path) -> bool:
    """Return whether a file is a table of a web page, as some tools write what they call .xls."""
    with path.open("rb") as file:
        began = file.read(1_000).lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    return began.startswith((b"<html", b"<!doctype html", b"<table", b"<head", b"<meta", b"<?xml"))


def _read_json(connection: duckdb.DuckDBPyConnection, table: str, plain: Path) -> list[RawColumn]:
    """Make the table of the JSON records of a file: a column for each key, nested ones as text."""
    scan = json_records.scan(plain)
    found = connection.execute(
        f"SELECT key FROM (SELECT unnest(json_keys(record)) AS key, nth FROM {scan}) "
        "GROUP BY key ORDER BY min(nth), key"
    ).fetchall()
    columns = [RawColumn(key, f"c{i}", "VARCHAR") for i, (key,) in enumerate(found)]
    fields = "".join(
        f", {nested.key('record', column.name)} AS {column.field}" for column in columns
    )
    connection.execute(
        f"CREATE TEMP TABLE {table} AS SELECT row_number() OVER (ORDER BY nth) AS {ROW}, "
        f"line AS {LINE}{fields} FROM {scan}"
    )
    return columns


def _unreadable(name: str, path: Path, error: Exception) -> SchemaError:
    """Return the kit's own error for a file that a library cannot read."""
    reason = str(error).partition("\n")[0].replace(str(path), path.name)
    return SchemaError(name, [f"the file cannot be read: {reason[:_LONGEST_REASON]}"])


def damage(read: FileRead, path: Path | None) -> SchemaError | None:
    """Return the error of a Parquet file whose values cannot be read; None where they can.

    Its values are read when they are cast, together with those of other files.
    """
    import duckdb

    try:
        if path is None or file_format(path) != "parquet":
            return None
    except (OSError, ValueError):
        return None
    scan = f"read_parquet({literal(one_file(path))})"
    try:
        with duckdb.connect() as connection:  # another one: an error may end the first
            connection.execute(f"SELECT bit_xor(hash(COLUMNS(*))) FROM {scan}").fetchall()
    except duckdb.Error as error:
        return _unreadable(read.name, path, error)
    return None


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


@dataclass(frozen=True, slots=True)
class _Text:
    """A text file made plain: the records that are at `plain`, and how they were made."""

    plain: Path
    columns: list[RawColumn]
    delimiter: str
    first: int
    cut: csv_records.Cut


def _read_text(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    source: Written,
    name: str,
    table: str,
    scratch: Path,
) -> _Text:
    """Read a text file: as it is where each line is one record and a row, else record by record."""
    text = _make_plain(path, source, name, scratch / f"{table}.csv", led=False)
    if text and _read_records(connection, table, text) == text.cut.records:
        _create_unreadable(connection, table)
    else:
        text = _make_plain(path, source, name, scratch / f"{table}_led.csv", led=True)
        rows = _read_records(connection, table, text)
        _create_unreadable(connection, table)
        _add_refused(connection, table, text)
        refused = _count(connection, unreadable_of(table))
        if rows + refused != text.cut.records:
            raise ReconciliationError(
                f"{name}: the file has {text.cut.records} records, "
                f"but {rows} rows were read and {refused} refused"
            )
        _add_unreadable(connection, table, text.cut.unreadable)
    return text


@overload
def _make_plain(
    path: Path, source: Written, name: str, plain: Path, *, led: Literal[True]
) -> _Text: ...


@overload
def _make_plain(
    path: Path, source: Written, name: str, plain: Path, *, led: Literal[False]
) -> _Text | None: ...


def _make_plain(path: Path, source: Written, name: str, plain: Path, *, led: bool) -> _Text | None:
    """Write the records of a file to `plain`; None where they can only be led by their lines."""
    with reading(name, path.stat().st_size) as done, plain.open("wb") as out:
        blocks = lines(path, source.encoding, done=done)
        names, delimiter, first, rest = header(blocks, source, name)
        if led:
            cut = csv_records.cut(rest, out, delimiter=delimiter, first=first)
        elif (copied := csv_records.copy(rest, out, delimiter=delimiter)) is None:
            plain.unlink()
            return None
        else:
            cut = copied
    columns = [RawColumn(column, f"c{i}", "VARCHAR") for i, column in enumerate(names)]
    return _Text(plain, columns, delimiter, first, cut)


def _read_records(connection: duckdb.DuckDBPyConnection, table: str, text: _Text) -> int:
    """Make the table of the rows of a plain file, remove the file, and return their number."""
    fields = [column.field for column in text.columns]
    number = "row_number() OVER ()"
    line = f"{LINE}::BIGINT" if text.cut.led else f"{number} + {text.first - 1}"
    kinds = ", ".join(
        f"{literal(field)}: 'VARCHAR'" for field in [*([LINE] if text.cut.led else []), *fields]
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS "
        f"SELECT {number} AS {ROW}, {line} AS {LINE}, {', '.join(fields)} "
        f"FROM read_csv({literal(one_file(text.plain))}, columns={{{kinds}}}, auto_detect=false, "
        f"header=false, delim={literal(text.delimiter)}, quote='\"', escape='\"', "
        "store_rejects=true, parallel=false)"  # numbered in their order, one thread is faster
    )
    text.plain.unlink()
    return _count(connection, table)


def _create_unreadable(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    connection.execute(
        f"CREATE TABLE {unreadable_of(table)} (line BIGINT, reason VARCHAR, text VARCHAR)"
    )


def _add_refused(connection: duckdb.DuckDBPyConnection, table: str, text: _Text) -> None:
    """Add the records DuckDB refused; one record may have several errors."""
    led = literal(rf"^(\d+){re.escape(text.delimiter)}(.*)$")
    connection.execute(
        f"INSERT INTO {unreadable_of(table)} "
        f"SELECT regexp_extract(any_value(csv_line), {led}, 1, 's')::BIGINT, "
        "string_agg(DISTINCT lower(error_type::VARCHAR), ', ' ORDER BY lower(error_type::VARCHAR)),"
        f" regexp_extract(any_value(csv_line), {led}, 2, 's') "
        "FROM reject_errors JOIN reject_scans USING (scan_id, file_id) "
        f"WHERE file_path = {literal(str(text.plain))} GROUP BY line"
    )


def _add_unreadable(
    connection: duckdb.DuckDBPyConnection, table: str, found: Sequence[csv_records.Unreadable]
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
