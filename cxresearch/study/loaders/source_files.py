"""Open the files of a table: how each is read, which columns it lacks, and how each is cast."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cxresearch.errors import SchemaError
from cxresearch.study import schema
from cxresearch.study.loaders import (
    casting,
    decimal_marks,
    export_reading,
    headings,
    row_steps,
    workbooks,
)
from cxresearch.study.loaders.casting import Cast
from cxresearch.study.loaders.export_reading import FileRead
from cxresearch.study.loaders.formats import MAPPED, ONLINE_RETAIL, Format
from cxresearch.study.loaders.row_faults import CastFile
from cxresearch.study.loaders.rules import Setting
from cxresearch.study.sources import Made

if TYPE_CHECKING:
    import duckdb

    from cxresearch.study.sources import Join, Source, Written

FORMATS = {"mapped": MAPPED, "online_retail": ONLINE_RETAIL}


@dataclass(frozen=True, slots=True)
class Job:
    """One table being loaded."""

    connection: duckdb.DuckDBPyConnection
    wanted: schema.Table
    sources: Sequence[Source]
    paths: Mapping[str, Path]
    setting: Setting

    @property
    def form(self) -> Format:
        """The export format of the files."""
        return FORMATS[self.sources[0].loader]

    @property
    def rows(self) -> schema.Table:
        """The contract of a row of the files."""
        return self.form.row_contract(self.wanted)


def open_all(job: Job, scratch: Path, files: list[CastFile]) -> None:
    """Read the files of a table, and add each to `files` once it is known how it is cast.

    Raises
    ------
    SchemaError
        With all that is wrong with any of the files.
    """
    lacking: list[str] = []
    unsure: list[str] = []
    refused: list[SchemaError] = []
    offset = number = 0
    for source in job.sources:
        for given in source.file:
            try:
                for read in _read(job, source, given, scratch, number):
                    number += 1
                    casts = [_cast_of(job, column, source, read) for column in job.rows.columns]
                    lacking += [] if source.steps else _lacking(job, source, read)
                    files.append(CastFile(read, casts, offset, source))
                    numbers = _numbers(job, source, casts)
                    unsure += decimal_marks.faults(job.connection, read, numbers)
                    offset += read.rows
            except SchemaError as error:
                number += 1
                refused.append(error)
    if len(refused) == 1 and not lacking and not unsure:
        raise refused[0]
    if lacking or unsure or refused:
        told = [fault for error in refused for fault in _of_table(job, error)]
        raise SchemaError(job.wanted.name, [*dict.fromkeys(told), *lacking, *unsure])


def _of_table(job: Job, error: SchemaError) -> list[str]:
    """Return the faults of a file as those of its table: each says which file it is of."""
    what = error.what
    of_file = what != job.wanted.name
    return [f"{what}: {one}" if of_file and what not in one else one for one in error.faults]


def _read(job: Job, source: Source, given: str, scratch: Path, number: int) -> Iterator[FileRead]:
    """Yield what a file of a source gives, its rows as the source says."""

    def joined(join: Join) -> FileRead:
        other = f"joined_{len(made)}_{number}"
        made.append(other)
        read = one(join, join.file, job.paths[join.file], other)
        if unsure := list(decimal_marks.faults(job.connection, read, _summed(join, read))):
            raise SchemaError(job.wanted.name, unsure)
        return read

    def one(written: Written, name: str, path: Path, table: str) -> FileRead:
        return export_reading.read(
            job.connection, path, written, name=name, table=table, scratch=scratch
        )

    made: list[str] = []
    try:
        for name, path in workbooks.members(job.paths[given], source, given, scratch):
            read = one(source, name, path, f"raw_{number}")
            read = replace(read, before=f"{name} " if number else "")
            ahead = row_steps.foreseen(read, source)
            if source.steps and (lacking := _lacking(job, source, ahead)):
                raise SchemaError(job.wanted.name, lacking)
            yield row_steps.apply(job.connection, read, source, joined)
            number += 1
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise SchemaError(given, [f"the file cannot be read: {error}"]) from error


def _summed(join: Join, read: FileRead) -> list[Cast]:
    """Return the texts that a join adds up and of which nobody names the decimal mark."""
    if join.decimal is not None or join.thousands == ",":
        return []
    there = [column for name in join.sum if (column := read.column(name)) is not None]
    texts = [one for one in there if one.kind == "VARCHAR"]
    raws = {one.name: f"nullif(trim({one.field}), '')" for one in texts}
    return [
        Cast(one.name, raws[one.name], "NULL", "NULL", written=one.field, text=True)
        for one in texts
    ]


def _numbers(job: Job, source: Source, casts: Sequence[Cast]) -> list[Cast]:
    """Return the numbers that are written as text by a decimal mark that nobody names."""

    def named(column: str) -> bool:
        own = source.of(column)
        return own.decimal is not None or own.thousands == ","

    numbers = {column.name for column in job.rows.columns if column.kind in {"number", "count"}}
    texts = [cast for cast in casts if cast.text and cast.column in numbers]
    return [cast for cast in texts if not named(cast.column)]


def _how(job: Job, source: Source, column: schema.Column) -> Made:
    """Return how a column is made: the manifest's word decides, then the profile's."""
    name = column.name
    if how := source.columns.get(name) or source.offered.get(name):
        return how
    return Made(first_of=[name, *job.form.aliases.get(name, ())])


def _cast_of(
    job: Job, column: schema.Column, source: Source, read: export_reading.FileRead
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
        mark=read.mark,
    )
    if how.divided_by is not None:
        if column.kind != "number":
            fault = f"{column.name}: divided_by is of numbers; {column.name} is a {column.kind}"
            raise SchemaError(job.wanted.name, [fault])
        cast = casting.divided(cast, how.divided_by)
    if how.plus is not None and (added := read.first(how.plus)):
        text = f"nullif(trim({added.field}::VARCHAR), '')"
        cast = casting.later(cast, text, source, how.unit)
        found = replace(found, name=f"{added.name} after {found.name}")
    return replace(cast, given=found.name)


def _found(
    source: Source, column: schema.Column, how: Made, read: export_reading.FileRead
) -> export_reading.RawColumn | None:
    if column.name in source.columns or column.name in source.offered:
        named = source.values.get(column.name, {})
        return row_steps.made(how, read, [text for text, to in named.items() if not to])
    if source.offered and not column.required:  # a profile says all that its export gives
        return None
    # Of several names under which a format gives a column one is meant, not the first filled.
    return read.first(how.names)


def _lacking(job: Job, source: Source, read: export_reading.FileRead) -> list[str]:
    """Return a fault for each column that is required, or named in the manifest, and not there."""
    absent: list[tuple[str, str]] = []
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
    absent += row_steps.absent(read, source)
    return [
        row_steps.lacks(read, one, name, all_names=not i) for i, (one, name) in enumerate(absent)
    ]
