"""A canonical table made of any data frame: what a study's loader does, without a study."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxresearch.core import validate
from cxresearch.errors import SchemaError
from cxresearch.study import schema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cxresearch.engine.frames import AnyFrame
    from cxresearch.study.sources import Source
    from cxresearch.study.table_rows import Rows

#: How many faults of a table are listed.
_LISTED = 20


def table(
    frame: AnyFrame,
    name: str,
    *,
    time_zone: str,
    currency: str = "EUR",
    time_format: str | Sequence[str] | None = None,
    **columns: str,
) -> Rows:
    """Return a data frame as a canonical table, as :meth:`Study.frame` gives it.

    Every row is held to the contract of the table; columns that it does not need and the frame does
    not have are empty. One row that breaks it refuses the whole: nothing is dropped.

    Parameters
    ----------
    frame : DataFrame
        A frame of pandas, Polars, Arrow or DuckDB, or a lazy one.
    name : str
        The canonical table that it is.
    time_zone : str
        The IANA time zone in which days begin, and of times that name no zone.
    currency : str
        The ISO 4217 currency of its money.
    time_format : str or sequence of str, optional
        How texts of times are written, as in ``study.yaml``: ``"%d/%m/%Y %H:%M"``,
        ``"epoch_ms"``, ``"excel_day"``; by default as ISO 8601 writes them.
    **columns : str
        What the frame calls a canonical column, where it has another name.

    Raises
    ------
    ValueError
        If there is no such table or no such column of it, or no such format of times.
    SchemaError
        If the frame lacks a required column, or rows of it break the contract: all faults, each
        with its column, the value as it is, and what is allowed.

    Examples
    --------
    >>> import cxresearch as cx
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"Order": ["A", "B"], "Who": ["x", "y"], "Sum": [10.0, 30.0],
    ...                      "Day": ["2026-01-05", "2026-01-06"]})
    >>> names = {"order_id": "Order", "customer_id": "Who", "ts": "Day", "revenue": "Sum"}
    >>> orders = cx.table(rows, "orders", time_zone="Europe/Rome", **names)
    >>> cx.kpis.average_order_value(orders, currency="EUR").value
    20.0
    """
    import duckdb
    import narwhals as nw
    import pandas as pd
    import pyarrow.parquet as pq

    from cxresearch import engine
    from cxresearch.engine import frames
    from cxresearch.study.loaders.loading import load
    from cxresearch.study.loaders.rules import Setting
    from cxresearch.study.table_rows import Rows

    contract = schema.table(name)
    for column in columns:
        validate.one_of("column", column, contract.names)
    source = _source(name, time_zone, time_format, columns)
    with tempfile.TemporaryDirectory(prefix="cxresearch-table-") as folder:
        given, accepted, rejected = (
            Path(folder) / one for one in (f"{name}.parquet", "accepted.parquet", "rejected.csv")
        )
        arrow = engine.dialects.in_arrow(frames.opened(frame, name))
        pq.write_table(arrow, given)
        scratch = Path(folder) / "scratch"
        scratch.mkdir()
        with engine.connect(Path(folder) / "load.duckdb") as connection:
            load(
                connection,
                name,
                [source],
                {given.name: given},
                setting=Setting(currency, time_zone),
                accepted=accepted,
                rejected=rejected,
                scratch=scratch,
            )
        faults = pd.read_csv(rejected)
        if len(faults):
            raise SchemaError(name, _faults(faults))
        kept = pq.read_table(accepted)
    relation = duckdb.from_arrow(kept, connection=_connection())
    return Rows.of(nw.from_native(relation).lazy())


def _source(
    name: str, time_zone: str, time_format: str | Sequence[str] | None, columns: Mapping[str, str]
) -> Source:
    """Return what a ``study.yaml`` would say of the frame."""
    from pydantic import ValidationError

    from cxresearch.study.sources import Source

    forms = [time_format] if isinstance(time_format, str) else time_format
    said = {"file": [f"{name}.parquet"], "columns": columns, "time_zone": time_zone}
    try:
        return Source.model_validate(said | ({"time_format": [*forms]} if forms else {}))
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0])
        rule = str(first["msg"]).removeprefix("Value error, ").removeprefix("must be ")
        raise validate.refused(key, rule, said.get(key, time_format)) from None


def _connection() -> Any:
    from cxresearch.engine import backends

    return backends.shared()


def _faults(rejected: Any) -> list[str]:
    """Return a fault for each rule and column: how many rows, and the first as it is written."""
    faults = []
    for _, rows in rejected.groupby(["rule", "column"], dropna=False, sort=True):
        first = rows.iloc[0]
        many = f"{len(rows):,} rows" if len(rows) > 1 else "1 row"
        faults.append(f"{many}: {first['detail']} (first in row {first['row']})")
    return faults[:_LISTED]
