"""Any data frame with a table's columns, with what the kit adds to them when it loads a file.

A frame that somebody read with pandas has ``ts``, perhaps as text, and neither ``ts_us`` nor
``day`` nor the columns that the schema makes optional. They are added here; what a text cannot be
read as is a fault and never a missing value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import narwhals as nw

from cxresearch.engine import backends, frames
from cxresearch.engine.backends import quoted
from cxresearch.errors import SchemaError
from cxresearch.study import schema
from cxresearch.study.loaders import casting
from cxresearch.study.sources import Source

if TYPE_CHECKING:
    import duckdb

    from cxresearch.study.schema import Column, Table

_READ = {"number", "count", "flag", "time", "date"}
#: How many values of a fault are shown.
_SHOWN = 3


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
    SchemaError
        If it lacks a column that cannot be made, with the nearest it has, or if texts are no
        times or numbers: all at once, with some of them.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"order_id": ["1"], "ts": ["2026-01-05T10:00:00Z"], "revenue": ["9.5"]})
    >>> lazy(rows, "orders", ["ts_us", "day", "revenue", "status"]).collect().to_pandas()["revenue"]
    0    9.5
    Name: revenue, dtype: float64
    """
    wanted = list(dict.fromkeys(needed))
    found = nw.from_native(frame).lazy()
    there = found.collect_schema()
    contract = schema.TABLES.get(table)
    if contract is None or all(_is_read(there, name, contract) for name in wanted):
        return frames.lazy(found, table, wanted)
    chosen = set(named)
    made = {name: _makes(name, there, contract, chosen) for name in wanted if name not in there}
    if faults := [_lacks(name, there, contract) for name, can in made.items() if not can]:
        raise SchemaError(table, faults)
    zones = {name: getattr(kind, "time_zone", None) for name, kind in there.items()}
    relation = _read(_relation(found), contract, wanted, zones)
    return frames.lazy(nw.from_native(relation).lazy(), table, wanted)


def with_times(frame: Any, table: str) -> Any:
    """Return a frame in which the first time of a table is one, where it is written as text.

    Raises
    ------
    SchemaError
        If a text is no time.
    """
    there = nw.from_native(frame).lazy().collect_schema()
    (first, *_) = schema.table(table).times
    if there.get(first) not in (nw.String, nw.Object) or f"{first}_us" in there:
        return frame
    return nw.to_native(lazy(frame, table, [first]))


def _column(contract: Table, name: str) -> Column | None:
    own = name.removesuffix("_us") if name.removesuffix("_us") in contract.times else name
    own = contract.times[0] if name == "day" and contract.times else own
    return next((one for one in contract.columns if one.name == own), None)


def _is_read(there: nw.Schema, name: str, contract: Table) -> bool:
    """Return whether a column is there, of the kind that its table says and not a text of it."""
    if name not in there:
        return False
    if name == "day":
        return there[name] in (nw.Date, nw.Datetime)
    column = _column(contract, name)
    return column is None or column.kind not in _READ or there[name] not in (nw.String, nw.Object)


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
    arrow = found.collect("pyarrow").to_native()
    return duckdb.from_arrow(arrow, connection=backends.shared())


def _read(
    relation: duckdb.DuckDBPyRelation,
    contract: Table,
    wanted: Iterable[str],
    zones: dict[str, str | None],
) -> duckdb.DuckDBPyRelation:
    """Return a relation with the columns that are wanted, each of the kind its table says."""
    kinds = dict(zip(relation.columns, map(str, relation.types), strict=True))
    source = Source(file=["frame"])
    made: dict[str, str] = {}
    faults = []
    for name in wanted:
        column = _column(contract, name)
        if column is None or column.kind not in _READ:
            if name not in kinds:
                made[name] = "NULL::VARCHAR"
            continue
        if name in kinds and kinds[name] != "VARCHAR" and name != "day":
            continue
        if column.name not in kinds and name not in kinds:
            whole = name.endswith("_us")
            made[name] = f"NULL::{'BIGINT' if whole else casting.DUCKDB_TYPES[column.kind]}"
            continue
        given = column.name if column.name in kinds else name
        kind, zone = kinds[given], zones.get(given) or "UTC"
        asked = replace(column, name=given)
        how = casting.cast(asked, quoted(given), kind, source, time_zone="UTC")
        value = how.value.replace(casting.parsed_of(given), f"({how.parsed})")
        value = value.replace(casting.raw_of(given), f"({how.raw})")
        faults += _unread(relation, column, given, how.raw, value)
        if name == "day":
            value = f"({casting.to_local(f'({value})', zone)})::DATE"
            value = f"({quoted(name)})::DATE" if name in kinds else value
        elif name != column.name:
            value = f"epoch_us(({value})::TIMESTAMP)"
        made[name] = value
    if faults:
        raise SchemaError(contract.name, list(dict.fromkeys(faults)))
    kept = [quoted(name) for name in relation.columns if name not in made]
    new = [f"{value} AS {quoted(name)}" for name, value in made.items()]
    return relation.project(", ".join([*kept, *new]))


def _unread(
    relation: duckdb.DuckDBPyRelation, column: Column, given: str, raw: str, value: str
) -> list[str]:
    """Return the fault of the texts of a column that cannot be read."""
    bad = relation.filter(f"({raw}) IS NOT NULL AND ({value}) IS NULL")
    seen = bad.aggregate(f"count(*), list(DISTINCT {quoted(given)}::VARCHAR)").fetchall()
    rows, texts = seen[0]
    if not rows:
        return []
    kind = {"time": "times", "date": "days", "flag": "yes or no"}.get(column.kind, "numbers")
    some = ", ".join(map(repr, sorted(texts)[:_SHOWN]))
    hint = "; times are read as 2026-01-31 10:00; read others with pandas.to_datetime(format=)"
    return [
        f"{given}: must be {kind}; {rows:,} rows are not: {some}"
        + (hint if column.kind in {"time", "date"} else "")
    ]
