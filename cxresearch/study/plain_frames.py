"""Any data frame with a table's columns, with what the kit adds to them when it loads a file.

A frame that somebody read with pandas has ``ts``, perhaps as text, and neither ``ts_us`` nor
``day`` nor the columns that the schema makes optional. They are added here; what a text cannot be
read as is a fault and never a missing value.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch.core import validate
from cxresearch.engine import backends, dialects, frames
from cxresearch.engine.backends import literal, quoted
from cxresearch.errors import SchemaError
from cxresearch.study import schema
from cxresearch.study.loaders import casting, time_casts
from cxresearch.study.sources import Source

if TYPE_CHECKING:
    import duckdb

    from cxresearch.study.schema import Column, Table

#: How many values of a fault are shown.
_SHOWN = 3
#: What DuckDB calls a column in which nothing is known.
_NOTHING = '"NULL"'
_TIME = r"DATE|TIMESTAMP.*"
#: What the values of a column are, by the form of its type in DuckDB.
_WORDS = {
    r".*\]|STRUCT\(.*|MAP\(.*|UNION\(.*": "lists",
    r"BLOB|BIT": "bytes",
    r"VARCHAR|UUID": "texts",
    r"BOOLEAN": "yes or no",
    r"(U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|DOUBLE|FLOAT|DECIMAL.*)": "numbers",
    _TIME: "times",
    r"TIME.*": "times of a day",
    r"INTERVAL": "durations",
}
_PLURALS = {
    "text": "texts",
    "number": "numbers",
    "count": "whole numbers",
    "time": "times",
    "date": "days",
    "flag": "yes or no",
}
#: What a column of each kind may be read from.
_READ_FROM = {
    "text": {"texts", "numbers", "times", "yes or no"},
    "number": {"numbers", "texts"},
    "count": {"numbers", "texts"},
    "time": {"times", "texts", "numbers"},
    "date": {"times", "texts", "numbers"},
    "flag": {"yes or no", "numbers", "texts"},
}
_TIMES_READ = "; times are read as 2026-01-31 10:00; read others with pandas.to_datetime(format=)"
_NUMBERS_READ = "; numbers are read as 1234.50; read others with pandas.read_csv(decimal=',')"
_HINTS = {
    "time": _TIMES_READ,
    "date": _TIMES_READ,
    "number": _NUMBERS_READ,
    "count": _NUMBERS_READ,
}


def lazy(
    frame: frames.AnyFrame, table: str, needed: Iterable[str], named: Iterable[str] = ()
) -> frames.Frame:
    """Return any frame as a lazy one that has some columns of a canonical table.

    Parameters
    ----------
    frame : frame
        A frame of any library with the table's columns; times without a zone are UTC, and ``day``
        is the day of the table's first time in its own zone.
    table : str
        The canonical table.
    needed : iterable of str
        The columns; of those that the frame lacks, optional ones are empty and ``x_us`` and
        ``day`` are made of the times.
    named : iterable of str, optional
        Those of them that the caller chose, which are never empty for want of the column.

    Raises
    ------
    TypeError
        If it is no frame.
    SchemaError
        If it lacks a column that cannot be made, with the nearest it has, if a column is of
        another kind than its table says, or if texts are no times or numbers: all at once, with
        some of them.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"order_id": ["1"], "ts": ["2026-01-05T10:00:00Z"], "revenue": ["9.5"]})
    >>> lazy(rows, "orders", ["ts_us", "day", "revenue", "status"]).collect().to_pandas()["revenue"]
    0    9.5
    Name: revenue, dtype: float64
    """
    wanted = list(dict.fromkeys(needed))
    found = frames.opened(frame, table)
    there = found.collect_schema()
    contract = schema.TABLES.get(table)
    if contract is None or all(_is_read(found, there, name, contract) for name in wanted):
        return _without_nan(frames.lazy(found, table, wanted), wanted, contract)
    chosen = set(named)
    made = {name: _makes(name, there, contract, chosen) for name in wanted if name not in there}
    absent = (_lacks(name, there, contract) for name, can in made.items() if not can)
    if faults := list(dict.fromkeys(absent)):
        raise SchemaError(table, faults)
    zones = {name: getattr(kind, "time_zone", None) for name, kind in there.items()}
    relation = _read(_relation(found), contract, wanted, zones)
    if not found.implementation.is_duckdb():  # its rows are in memory, and read several times
        relation = relation.materialize()
    return frames.lazy(nw.from_native(relation).lazy(), table, wanted)


def _without_nan(
    frame: frames.Frame, wanted: Iterable[str], contract: Table | None
) -> frames.Frame:
    """Return a frame in which a number that is none (nan) is missing, as pandas has it.

    The rows of a study have none.
    """
    is_pandas = frame.implementation.is_pandas()
    if contract is None or is_pandas or getattr(frame, "maybe_blank", None):
        return frame
    kinds = frame.collect_schema()
    numbers = [
        name
        for name in wanted
        if kinds[name].is_float() and (column := _column(contract, name)) and name == column.name
    ]
    cleaned = {name: nw.when(~nw.col(name).is_nan()).then(nw.col(name)) for name in numbers}
    return frame.with_columns(**cleaned) if cleaned else frame


def with_times(frame: Any, table: str) -> Any:
    """Return a frame in which the first time of a table is one, where it is written as text.

    Raises
    ------
    SchemaError
        If a text is no time.
    """
    there = frames.opened(frame, table).collect_schema()
    (first, *_) = schema.table(table).times
    written = (nw.String, nw.Object, nw.Categorical, nw.Enum)
    if there.get(first) not in written or f"{first}_us" in there:
        return frame
    return nw.to_native(lazy(frame, table, [first]))


def _column(contract: Table, name: str) -> Column | None:
    own = name.removesuffix("_us") if name.removesuffix("_us") in contract.times else name
    own = contract.times[0] if name == "day" and contract.times else own
    return next((one for one in contract.columns if one.name == own), None)


def _is_read(found: frames.Frame, there: nw.Schema, name: str, contract: Table) -> bool:
    """Return whether a column is there, of the kind that its table says and not a text of it."""
    if name not in there:
        return False
    kind, column = there[name], _column(contract, name)
    if column is None:
        return True
    if name == "day":
        return kind in (nw.Date, nw.Datetime)
    if name != column.name:  # microseconds
        return kind.is_integer() or kind.is_float()
    match column.kind:
        case "text":
            return kind == nw.String and not _is_mixed(found, name)
        case "number" | "count":
            return kind.is_integer() or kind.is_float()
        case "flag":
            return kind == nw.Boolean
        case _:
            return kind in (nw.Date, nw.Datetime)


def _is_mixed(found: frames.Frame, name: str) -> bool:
    """Return whether a column of pandas, which is one of texts by its first rows, has others."""
    if not found.implementation.is_pandas():
        return False
    import pandas as pd

    values = nw.to_native(found)[name]
    is_object = values.dtype == object
    return is_object and pd.api.types.infer_dtype(values, skipna=True) not in ("string", "empty")


def _makes(name: str, there: nw.Schema, contract: Table, named: Collection[str]) -> bool:
    """Return whether a column that a frame lacks can be made."""
    column = _column(contract, name)
    if column is None:
        return False
    return column.name in there or not (column.required or name == "day" or name in named)


def _lacks(name: str, there: nw.Schema, contract: Table) -> str:
    column = _column(contract, name)
    return frames.lacks(column.name if column else name, list(there))


def _relation(found: frames.Frame) -> duckdb.DuckDBPyRelation:
    """Return a frame as a relation of DuckDB, in which a column of objects is what these are."""
    import duckdb

    native = nw.to_native(found)
    if isinstance(native, duckdb.DuckDBPyRelation):
        return native
    return duckdb.from_arrow(dialects.in_arrow(found), connection=backends.shared())


def _read(
    relation: duckdb.DuckDBPyRelation,
    contract: Table,
    wanted: Iterable[str],
    zones: dict[str, str | None],
) -> duckdb.DuckDBPyRelation:
    """Return a relation with the columns that are wanted, each of the kind its table says."""
    kinds = dict(zip(relation.columns, map(_kind, relation.types), strict=True))
    made: dict[str, str] = {}
    faults: list[str] = []
    read: dict[str, _Reading] = {}
    for name in wanted:
        column = _column(contract, name)
        if column is None:
            if name not in kinds:
                made[name] = "NULL::VARCHAR"
            continue
        given = name if name in kinds or column.name not in kinds else column.name
        is_us = name not in ("day", column.name)
        if kinds.get(given, _NOTHING) == _NOTHING:
            made[name] = f"NULL::{'BIGINT' if is_us else casting.DUCKDB_TYPES[column.kind]}"
            if name == "day":
                made[name] = "NULL::DATE"
            continue
        kind = kinds[given]
        # Microseconds are counted, and a day needs no zone.
        asked = replace(
            column, name=given, kind="number" if is_us and given == name else column.kind
        )
        if fault := _wrong_kind(asked, kind):
            faults.append(fault)
            continue
        if (name == column.name in contract.times and re.fullmatch(_TIME, kind)) or (
            given == name == "day" and kind == "DATE"
        ):
            continue
        read[given] = _Reading.of(asked, kind)
        value = read[given].value
        if name == "day":
            local = time_casts.to_local(f"({value})", zones.get(given) or "UTC")
            value = f"({local})::DATE" if given != name else f"({value})::DATE"
        elif is_us:
            value = f"epoch_us(({value})::TIMESTAMP)" if given != name else f"({value})::BIGINT"
        made[name] = value
    kept = [quoted(name) for name in relation.columns if name not in made]
    for added in zip(*(one.steps for one in read.values() if one.steps), strict=True):
        relation = relation.project(", ".join(["*", *added]))
    faults += _unread(relation, list(read.values()))
    if faults:
        raise SchemaError(contract.name, list(dict.fromkeys(faults)))
    new = [f"{value} AS {quoted(name)}" for name, value in made.items()]
    return relation.project(", ".join([*kept, *new]))


def _kind(duckdb_type: Any) -> str:
    """Return the name of a type; that of a category is a text's."""
    name = str(duckdb_type)
    return "VARCHAR" if name.startswith("ENUM(") and not name.endswith("]") else name


def _wrong_kind(column: Column, kind: str) -> str:
    """Return the fault of a column that cannot be read as its table says, whatever its values."""
    found = next((word for form, word in _WORDS.items() if re.fullmatch(form, kind)), kind)
    if found in _READ_FROM[column.kind]:
        return ""
    return f"{column.name}: must be {_PLURALS[column.kind]}; it has {found}"


@dataclass(frozen=True, slots=True)
class _Reading:
    """How a column of a frame is read.

    Parameters
    ----------
    column : Column
        What it must be.
    value : str
        SQL for its value, over the steps.
    raw : str
        SQL for what it says, over them too; empty where all is well.
    steps : tuple of str
        Two columns to add first, the second over the first, or none. Written out in each place, a
        long text is parsed anew for every query that follows.
    """

    column: Column
    value: str
    raw: str = ""
    steps: tuple[str, ...] = ()

    @classmethod
    def of(cls, column: Column, kind: str) -> _Reading:
        """Return how a column of a type of DuckDB is read."""
        name = quoted(column.name)
        if column.allowed:
            known = ", ".join(map(literal, column.allowed))
            written = f"nullif(trim({name}::VARCHAR), '')"
            return cls(column, f"CASE WHEN {written} IN ({known}) THEN {written} END", written)
        if kind == "VARCHAR" and column.kind == "text":
            return cls(column, f"{name}::VARCHAR")
        if column.kind in {"number", "count"} and kind != "VARCHAR":
            number = f"{name}::DOUBLE"
            there = f"CASE WHEN NOT isnan({number}) THEN {number} END"
            finite = f"CASE WHEN isfinite({number}) THEN {name if _is_whole(kind) else number} END"
            return cls(column, finite, "" if _is_whole(kind) else there)
        how = casting.cast(column, name, kind, Source(file=["frame"]), time_zone="UTC")
        said, parsed = casting.raw_of(column.name), casting.parsed_of(column.name)
        steps = (f"{how.raw} AS {said}", f"{how.parsed} AS {parsed}")
        if column.kind == "text":
            return cls(column, said, "", steps)
        is_float = kind in {"DOUBLE", "FLOAT"}
        return cls(
            column,
            how.value,
            f"CASE WHEN NOT isnan({said}) THEN {said} END" if is_float else said,
            steps,
        )


def _is_whole(kind: str) -> bool:
    return kind.endswith("INT") or kind == "INTEGER"


def _unread(relation: duckdb.DuckDBPyRelation, read: Sequence[_Reading]) -> list[str]:
    """Return the faults of the columns that have values which cannot be read, in one look."""
    asked = [one for one in read if one.raw]
    if not asked:
        return []
    sums = []
    for one in asked:
        where = f"FILTER (({one.raw}) IS NOT NULL AND ({one.value}) IS NULL)"
        sums += [f"count(*) {where}", f"list(DISTINCT {quoted(one.column.name)}::VARCHAR) {where}"]
    (seen,) = relation.aggregate(", ".join(sums)).fetchall()
    faults = []
    for one, rows, texts in zip(asked, seen[::2], seen[1::2], strict=True):
        if rows:
            many = f"{rows:,} rows are" if rows > 1 else "1 row is"
            some = ", ".join(map(validate.short, sorted(texts)[:_SHOWN]))
            kind = one.column.kind
            rule = validate.choice(one.column.allowed) if one.column.allowed else _PLURALS[kind]
            said = f"must be {rule}; {many} not: {some}{_HINTS.get(kind, '')}"
            faults.append(f"{one.column.name}: {said}")
    return faults
