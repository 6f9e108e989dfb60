"""Load export files into one canonical table: every row is accepted, or rejected with a reason."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cxresearch.engine.backends import literal, quoted
from cxresearch.errors import ReconciliationError, SchemaError
from cxresearch.study import schema
from cxresearch.study.loaders import (
    amount_texts,
    casting,
    decimal_marks,
    export_reading,
    headings,
    quarantine,
    row_faults,
    row_steps,
    time_casts,
    workbooks,
)
from cxresearch.study.loaders.casting import Cast
from cxresearch.study.loaders.export_reading import FileRead
from cxresearch.study.loaders.formats import MAPPED, ONLINE_RETAIL, Format
from cxresearch.study.loaders.outcome import FileCount, Finding, Loaded
from cxresearch.study.loaders.row_faults import CastFile
from cxresearch.study.loaders.rules import Setting, rules
from cxresearch.study.sources import Made

if TYPE_CHECKING:
    import duckdb

    from cxresearch.study.sources import Join, Source, Written

#: How accepted rows are packed: lightly, for they are read often and sent nowhere.
_PACKED = (
    "FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2, WRITE_BLOOM_FILTER false, "
    "DICTIONARY_SIZE_LIMIT 1000"
)
FORMATS = {"mapped": MAPPED, "online_retail": ONLINE_RETAIL}


@dataclass(frozen=True, slots=True)
class _Job:
    """One table being loaded."""

    connection: duckdb.DuckDBPyConnection
    wanted: schema.Table
    sources: Sequence[Source]
    paths: Mapping[str, Path]
    setting: Setting

    @property
    def form(self) -> Format:
        return FORMATS[self.sources[0].loader]

    @property
    def shape(self) -> str | None:
        """The SQL that makes the canonical table of the accepted rows; none where they are it."""
        if any(source.add_up for source in self.sources):
            return _added_up(self.wanted)
        return self.form.shape.get(self.wanted.name)

    @property
    def rows(self) -> schema.Table:
        """The contract of a row of the files."""
        return self.form.row_contract(self.wanted)

    def count(self, of: str) -> int:
        return int(self.connection.execute(f"SELECT count(*) FROM {of}").fetchall()[0][0])


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

    job = _Job(connection, schema.table(table), sources, paths, setting)
    files: list[CastFile] = []
    try:
        return _loaded(job, scratch, files, accepted=accepted, rejected=rejected)
    except duckdb.Error:
        for file in files:
            if damaged := export_reading.damage(file.read, paths.get(file.read.name)):
                raise damaged from None
        raise


def _loaded(
    job: _Job, scratch: Path, files: list[CastFile], *, accepted: Path, rejected: Path
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


def _cast(job: _Job, scratch: Path, files: list[CastFile]) -> None:
    """Make ``cast_rows``, the rows of all files with the columns of their contract.

    Its ``_id`` is a row's number over all files; its ``_broken`` has a bit for each rule of its
    file that casting it found broken.
    """
    lacking: list[str] = []
    unsure: list[str] = []
    offset = 0
    for source in job.sources:
        for read in _read(job, source, scratch, len(files)):
            casts = [_cast_of(job, column, source, read) for column in job.rows.columns]
            lacking += _lacking(job, source, read)
            files.append(CastFile(read, casts, offset, source))
            unsure += decimal_marks.faults(job.connection, read, _numbers(job, source, casts))
            offset += read.rows
    if lacking or unsure:
        raise SchemaError(job.wanted.name, [*lacking, *unsure])
    union = " UNION ALL ".join(map(_select_cast, files))
    mended = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in job.form.expressions.items())
    star = f"* REPLACE ({mended})" if mended else "*"
    job.connection.execute(f"CREATE TEMP TABLE cast_rows AS SELECT {star} FROM ({union})")


def _read(job: _Job, source: Source, scratch: Path, number: int) -> Iterator[FileRead]:
    """Yield each file of a source, its rows as the source says."""

    def joined(join: Join) -> FileRead:
        other = f"joined_{len(made)}_{number}"
        made.append(other)
        return one(join, join.file, job.paths[join.file], other)

    def one(written: Written, name: str, path: Path, table: str) -> FileRead:
        return export_reading.read(
            job.connection, path, written, name=name, table=table, scratch=scratch
        )

    made: list[str] = []
    for given in source.file:
        try:
            for name, path in workbooks.members(job.paths[given], source, given, scratch):
                read = one(source, name, path, f"raw_{number}")
                yield row_steps.apply(job.connection, read, source, joined)
                number += 1
        except (ValueError, OSError, zipfile.BadZipFile) as error:
            raise SchemaError(given, [f"the file cannot be read: {error}"]) from error


#: Numbers of which there is one for all rows of a key.
_NOT_ADDED = {"rating"}


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


def _numbers(job: _Job, source: Source, casts: Sequence[Cast]) -> list[Cast]:
    """Return the numbers that are written as text by a decimal mark that nobody names."""

    def named(column: str) -> bool:
        own = source.of(column)
        return own.decimal is not None or own.thousands == ","

    numbers = {column.name for column in job.rows.columns if column.kind in {"number", "count"}}
    texts = [cast for cast in casts if cast.text and cast.column in numbers]
    return [cast for cast in texts if not named(cast.column)]


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


def _how(job: _Job, source: Source, column: schema.Column) -> Made:
    """Return how a column is made: the manifest's word decides, then the profile's."""
    name = column.name
    if how := source.columns.get(name) or source.offered.get(name):
        return how
    return Made(first_of=[name, *job.form.aliases.get(name, ())])


def _cast_of(
    job: _Job, column: schema.Column, source: Source, read: export_reading.FileRead
) -> casting.Cast:
    source = source.of(column.name)
    if read.cells and any("%" in one for one in source.time_format or ()):
        both = [*(source.time_format or ()), *workbooks.DATES]
        source = source.model_copy(update={"time_format": both})
    zone = source.time_zone or job.setting.time_zone
    if column.name in source.constants and column.name not in read.given:
        value = source.constants[column.name]
        cast = casting.constant(column, value, source, time_zone=zone)
        return replace(cast, given=f"constants.{column.name}")
    how = _how(job, source, column)
    found = read.given.get(column.name) or _found(source, column, how, read)
    if found is None:
        return replace(casting.absent(column), given=how.names[0])
    if source.time_zone is None:
        zone = headings.time_zone(found.name) or zone
    field = found.field
    if source.melt and column.name == "response_id" and column.name not in read.given:
        field = f"nullif(trim({field}::VARCHAR), '') || _again"
    cast = casting.cast(
        column,
        field,
        found.kind,
        source,
        time_zone=zone,
        padded=read.padded or field != found.field,
        currency=job.setting.currency,
        heading=found.name,
    )
    if how.divided_by is not None:
        if column.kind != "number":
            fault = f"{column.name}: divided_by is of numbers; {column.name} is a {column.kind}"
            raise SchemaError(job.wanted.name, [fault])
        cast = casting.divided(cast, how.divided_by)
    if how.plus is not None and (added := read.first(how.plus)):
        amount = amount_texts.number(f"nullif(trim({added.field}::VARCHAR), '')", source)
        cast = casting.later(cast, amount, how.unit)
    return replace(cast, given=found.name)


def _found(
    source: Source, column: schema.Column, how: Made, read: export_reading.FileRead
) -> export_reading.RawColumn | None:
    if column.name in source.columns or column.name in source.offered:
        return row_steps.made(how, read)
    if source.offered and not column.required:  # a profile says all that its export gives
        return None
    # Of several names under which a format gives a column one is meant, not the first filled.
    return read.first(how.names)


def _lacking(job: _Job, source: Source, read: export_reading.FileRead) -> list[str]:
    """Return a fault for each column that is required, or named in the manifest, and not there."""
    absent = []
    for column in job.rows.columns:
        name = column.name
        if name in read.given or name in source.constants:
            continue
        if how := source.columns.get(name):
            absent += [(one, name) for one in row_steps.lacking(how, read)]
        elif column.required:
            how = _how(job, source, column)
            if not any(read.column(one) for one in how.names):
                absent.append((how.names[0], name))
    return [
        row_steps.lacks(read, one, name, all_names=not i) for i, (one, name) in enumerate(absent)
    ]


def _find_faults(job: _Job, files: Sequence[CastFile]) -> None:
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
    flagging = [rule for rule in broken if rule.action == "flag"]
    row_faults.find_broken_rules(job.connection, flagging, "rows", "faults")


def _write_accepted(job: _Job, accepted: Path) -> int:
    """Make ``shaped``, the canonical table, write it, and return how many rows were written.

    Rows that are shaped come in any order; the others stay in the order of their files. A
    dictionary is tried up to a thousand values, as where the engine writes.
    """
    shape = job.shape
    if shape is None:
        job.connection.execute("CREATE TEMP VIEW shaped AS SELECT * FROM rows")
        order = ""
    else:
        order = "ORDER BY _id"
        _shape(job, shape)
    target = literal(str(accepted))
    columns = ", ".join(_written_columns(job))
    job.connection.execute(f"COPY (SELECT {columns} FROM shaped {order}) TO {target} ({_PACKED})")
    return job.count(f"read_parquet({target})")


def _shape(job: _Job, shape: str) -> None:
    """Make the table ``shaped`` of accepted rows; a column that is not made of them is null."""
    job.connection.execute(
        f"CREATE TEMP TABLE shaped AS SELECT row_number() OVER () AS _id, * FROM ({shape})"
    )
    given = {name for name, *_ in job.connection.execute("DESCRIBE shaped").fetchall()}
    for column in job.wanted.columns:
        if column.name not in given:
            kind = casting.DUCKDB_TYPES[column.kind]
            job.connection.execute(f"ALTER TABLE shaped ADD COLUMN {quoted(column.name)} {kind}")


def _written_columns(job: _Job) -> list[str]:
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


def _count(job: _Job, file: CastFile) -> FileCount:
    last = file.offset + file.read.rows
    rejected = job.count(
        "(SELECT DISTINCT _id FROM faults WHERE action = 'reject' "
        f"AND _id > {file.offset} AND _id <= {last})"
    )
    unreadable = file.read.unreadable
    return FileCount(
        file.read.name,
        rows_in=file.read.rows + file.read.left_out + unreadable,
        rows_accepted=file.read.rows - rejected,
        rows_rejected=rejected + unreadable,
        rows_left_out=file.read.left_out,
    )


def _findings(job: _Job, files: Sequence[CastFile]) -> list[Finding]:
    """Return what was found in the files' rows, and in the table they were shaped into."""
    found = []
    unreadable = sum(file.read.unreadable for file in files)
    if unreadable:
        of = job.rows.row
        found.append(Finding(quarantine.UNREADABLE, "reject", "", of, unreadable, ""))
    found += row_faults.findings(job.connection, "rows", job.rows, "faults", files)
    if job.shape is not None:
        flags = [rule for rule in rules(job.wanted, job.setting) if rule.action == "flag"]
        row_faults.create(job.connection, "flags")
        row_faults.find_broken_rules(job.connection, flags, "shaped", "flags")
        found += row_faults.findings(job.connection, "shaped", job.wanted, "flags", ())
    return found


def _reconcile(job: _Job, loaded: Loaded) -> None:
    """Check the count contract against the rows themselves, not against the sums above."""
    kept = job.count("rows")
    counted = sum(count.rows_accepted for count in loaded.files)
    whole = all(
        c.rows_in == c.rows_accepted + c.rows_rejected + c.rows_left_out for c in loaded.files
    )
    alike = loaded.rows == kept or job.shape is not None
    if kept != counted or not whole or not alike:
        raise ReconciliationError(
            f"{loaded.table}: rows in must be rows accepted plus rows rejected "
            "plus rows left out; "
            f"{kept} rows kept, {loaded.rows} written, counted as {loaded.files}"
        )
