"""Load export files into one canonical table: every row is accepted, or rejected with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cxresearch.engine.backends import literal, quoted
from cxresearch.errors import ReconciliationError
from cxresearch.study import schema
from cxresearch.study.loaders import (
    casting,
    export_reading,
    quarantine,
    row_faults,
    source_files,
    time_casts,
)
from cxresearch.study.loaders.outcome import FileCount, Finding, Loaded
from cxresearch.study.loaders.row_faults import CastFile
from cxresearch.study.loaders.rules import Setting, rules
from cxresearch.study.loaders.source_files import Job

if TYPE_CHECKING:
    import duckdb

    from cxresearch.study.sources import Source

#: How accepted rows are packed: lightly, for they are read often and sent nowhere.
_PACKED = (
    "FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2, WRITE_BLOOM_FILTER false, "
    "DICTIONARY_SIZE_LIMIT 1000"
)


def load(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    sources: Sequence[Source],
    paths: Mapping[str, Path],
    *,
    setting: Setting,
    accepted: Path,
    rejected: Path,
    scratch: Path,
) -> Loaded:
    """Load one canonical table from its export files.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        An empty database of its own.
    table : str
        The canonical table that is wanted.
    sources : sequence of Source
        Where its rows come from, and how the files are written.
    paths : Mapping of str to Path
        Where each file is that the sources name.
    setting : Setting
        What the rules need to know of the study.
    accepted : Path
        Where the accepted rows are written, as Parquet: the canonical columns, each time ``x``
        also as ``x_us`` (microseconds since 1970, UTC), and ``day``, the study's local day.
    rejected : Path
        Where the rejected rows are written, as CSV, each with its reason.
    scratch : Path
        An empty folder for what is only needed while loading.

    Returns
    -------
    Loaded
        The counts of each file and what each rule found.

    Raises
    ------
    SchemaError
        If a file lacks columns the table cannot do without; all of them are listed.
    ReconciliationError
        If rows in are not rows accepted, rejected and left out on purpose.
    """
    import duckdb

    job = Job(connection, schema.table(table), sources, paths, setting)
    files: list[CastFile] = []
    try:
        return _loaded(job, scratch, files, accepted=accepted, rejected=rejected)
    except duckdb.Error:
        for file in files:
            if damaged := export_reading.damage(file.read, paths.get(file.read.name)):
                raise damaged from None
        raise


def _loaded(
    job: Job, scratch: Path, files: list[CastFile], *, accepted: Path, rejected: Path
) -> Loaded:
    """Load the table, adding each file to `files` once it is open."""
    _cast(job, scratch, files)
    _find_faults(job, files)
    written = _write_accepted(job, accepted)
    quarantine.write(job.connection, files, rejected, job.rows)
    counts = tuple(_count(job, file) for file in files)
    loaded = Loaded(
        job.wanted.name,
        job.rows.row,
        counts,
        tuple(_findings(job, files)),
        written,
        tuple(row_faults.rejections(job.connection, job.rows)),
    )
    _reconcile(job, loaded)
    return loaded


def _cast(job: Job, scratch: Path, files: list[CastFile]) -> None:
    """Make ``cast_rows``, the rows of all files with the columns of their contract.

    Its ``_id`` is a row's number over all files; its ``_broken`` has a bit for each rule of its
    file that casting it found broken.
    """
    source_files.open_all(job, scratch, files)
    union = " UNION ALL ".join(map(_select_cast, files))
    mended = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in job.form.expressions.items())
    star = f"* REPLACE ({mended})" if mended else "*"
    job.connection.execute(f"CREATE TEMP TABLE cast_rows AS SELECT {star} FROM ({union})")


def _rows_of(job: Job, of: str) -> int:
    return int(job.connection.execute(f"SELECT count(*) FROM {of}").fetchall()[0][0])


#: Numbers of which there is one for all rows of a key.
_NOT_ADDED = {"rating"}


def _shape_of(job: Job) -> str | None:
    """Return the SQL that makes the canonical table of accepted rows; none where they are it."""
    if any(source.add_up for source in job.sources):
        return _added_up(job.wanted)
    return job.form.shape.get(job.wanted.name)


def _added_up(table: schema.Table) -> str:
    """Return SQL for the accepted rows of which those of one key are added up.

    Of the turns of a conversation the words follow each other, each with who says them.
    """
    chosen = []
    turn = "concat_ws(': ', upper(speaker[1]) || speaker[2:], text)"
    for column in table.columns:
        name = quoted(column.name)
        if column.name in table.key:
            chosen.append(name)
        elif column.kind in {"number", "count"} and column.name not in _NOT_ADDED:
            chosen.append(f"sum({name}) AS {name}")
        elif (table.name, column.name) == ("feedback", "text"):
            chosen.append(f"string_agg({turn}, chr(10) ORDER BY ts, _id) AS text")
        elif (table.name, column.name) != ("feedback", "speaker"):
            first = f"first({name} ORDER BY _id) FILTER ({name} IS NOT NULL)"
            chosen.append(f"{first} AS {name}")
    key = ", ".join(map(quoted, table.key))
    return f"SELECT {', '.join(chosen)} FROM rows GROUP BY {key} ORDER BY min(_id)"


def _select_cast(file: CastFile) -> str:
    """Return SQL for the cast rows of one file; each step is reckoned once."""
    columns = [(quoted(cast.column), cast) for cast in file.casts]
    raw = ", ".join(f"{cast.raw} AS {casting.raw_of(cast.column)}" for cast in file.casts)
    raw += "".join(f", {cast.added}" for cast in file.casts if cast.added)
    parsed = ", ".join(f"{cast.parsed} AS {casting.parsed_of(cast.column)}" for cast in file.casts)
    values = ", ".join(f"{cast.value} AS {name}" for name, cast in columns)
    names = ", ".join(name for name, _ in columns)
    return (
        f"SELECT {file.offset} + {export_reading.ROW} AS _id, {names}, "
        f"{row_faults.broken_bits(file.casts)} AS _broken FROM (SELECT *, {values} "
        f"FROM (SELECT *, {parsed} "
        f"FROM (SELECT {export_reading.ROW}, {raw} FROM {file.read.table})))"
    )


def _find_faults(job: Job, files: Sequence[CastFile]) -> None:
    """Fill ``faults`` and make ``rows``, the view of the rows that nothing rejects.

    What flags a row is looked for among those alone: a flag counts rows that were kept.
    """
    row_faults.create(job.connection, "faults")
    for file in files:
        row_faults.find_cast_faults(job.connection, file, "reject", "cast_rows")
    row_faults.reject_questions(job.connection, files, job.rows)
    row_faults.find_contract_faults(job.connection, job.rows)
    broken = [*rules(job.rows, job.setting), *job.form.rules]
    rejecting = [rule for rule in broken if rule.action == "reject"]
    row_faults.find_broken_rules(job.connection, rejecting, "cast_rows", "faults")
    if not any(source.add_up for source in job.sources):
        row_faults.find_duplicates(job.connection, job.rows)
    row_faults.part_rejected(job.connection)
    job.connection.execute("CREATE TEMP VIEW rows AS SELECT * FROM cast_rows")
    for file in files:
        row_faults.find_cast_faults(job.connection, file, "flag", "rows")
    added_up = any(source.add_up for source in job.sources)
    row_faults.find_alike(job.connection, files, job.rows, added_up=added_up)
    flagging = [rule for rule in broken if rule.action == "flag"]
    row_faults.find_broken_rules(job.connection, flagging, "rows", "faults")


def _write_accepted(job: Job, accepted: Path) -> int:
    """Make ``shaped``, the canonical table, write it, and return how many rows were written.

    Rows that are shaped come in any order; the others stay in the order of their files. A
    dictionary is tried up to a thousand values, as where the engine writes.
    """
    shape = _shape_of(job)
    if shape is None:
        job.connection.execute("CREATE TEMP VIEW shaped AS SELECT * FROM rows")
        order = ""
    else:
        order = "ORDER BY _id"
        _shape(job, shape)
    target = literal(str(accepted))
    columns = ", ".join(_written_columns(job))
    job.connection.execute(f"COPY (SELECT {columns} FROM shaped {order}) TO {target} ({_PACKED})")
    return _rows_of(job, f"read_parquet({target})")


def _shape(job: Job, shape: str) -> None:
    """Make the table ``shaped`` of accepted rows; a column that is not made of them is null."""
    job.connection.execute(
        f"CREATE TEMP TABLE shaped AS SELECT row_number() OVER () AS _id, * FROM ({shape})"
    )
    given = {name for name, *_ in job.connection.execute("DESCRIBE shaped").fetchall()}
    for column in job.wanted.columns:
        if column.name not in given:
            kind = casting.DUCKDB_TYPES[column.kind]
            job.connection.execute(f"ALTER TABLE shaped ADD COLUMN {quoted(column.name)} {kind}")


def _written_columns(job: Job) -> list[str]:
    chosen = []
    for column in job.wanted.columns:
        name = quoted(column.name)
        chosen.append(f"{name}::{casting.DUCKDB_TYPES[column.kind]} AS {name}")
        if column.kind == "time":
            chosen.append(f"epoch_us({name}) AS {quoted(column.name + '_us')}")
    dated = [column for column in job.wanted.columns if column.kind in {"time", "date"}]
    if dated and dated[0].kind == "time":
        local = time_casts.to_local(quoted(dated[0].name), job.setting.time_zone)
        chosen.append(f"({local})::DATE AS day")
    elif dated:
        chosen.append(f"{quoted(dated[0].name)} AS day")
    return chosen


def _count(job: Job, file: CastFile) -> FileCount:
    last = file.offset + file.read.rows
    rejected, left_out = (
        _rows_of(
            job,
            f"(SELECT DISTINCT _id FROM faults WHERE action = {literal(action)} "
            f"AND _id > {file.offset} AND _id <= {last})",
        )
        for action in ("reject", "leave out")
    )
    unreadable = file.read.unreadable
    return FileCount(
        file.read.name,
        rows_in=file.read.rows + file.read.left_out + unreadable,
        rows_accepted=file.read.rows - rejected - left_out,
        rows_rejected=rejected + unreadable,
        rows_left_out=file.read.left_out + left_out,
    )


def _findings(job: Job, files: Sequence[CastFile]) -> list[Finding]:
    """Return what was found in the files' rows, and in the table they were shaped into."""
    found = []
    unreadable = sum(file.read.unreadable for file in files)
    if unreadable:
        of = job.rows.row
        found.append(Finding(quarantine.UNREADABLE, "reject", "", of, unreadable, ""))
    found += row_faults.findings(job.connection, "rows", job.rows, "faults", files)
    if _shape_of(job) is not None:
        flags = [rule for rule in rules(job.wanted, job.setting) if rule.action == "flag"]
        row_faults.create(job.connection, "flags")
        row_faults.find_broken_rules(job.connection, flags, "shaped", "flags")
        found += row_faults.findings(job.connection, "shaped", job.wanted, "flags", ())
    return found


def _reconcile(job: Job, loaded: Loaded) -> None:
    """Check the count contract against the rows themselves, not against the sums above."""
    kept = _rows_of(job, "rows")
    counted = sum(count.rows_accepted for count in loaded.files)
    whole = all(
        c.rows_in == c.rows_accepted + c.rows_rejected + c.rows_left_out for c in loaded.files
    )
    alike = loaded.rows == kept or _shape_of(job) is not None
    if kept != counted or not whole or not alike:
        raise ReconciliationError(
            f"{loaded.table}: rows in must be rows accepted plus rows rejected "
            "plus rows left out; "
            f"{kept} rows kept, {loaded.rows} written, counted as {loaded.files}"
        )
