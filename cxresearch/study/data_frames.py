"""A canonical table made of any data frame: what a study's loader does, without a study."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxresearch.core import validate
from cxresearch.errors import SchemaError
from cxresearch.study import schema

if TYPE_CHECKING:
    import narwhals as nw

    from cxresearch.engine.frames import AnyFrame

#: How many faults of a table are listed.
_LISTED = 20


def table(
    frame: AnyFrame,
    name: str,
    *,
    time_zone: str,
    currency: str = "EUR",
    **columns: str,
) -> nw.LazyFrame[Any]:
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
    **columns : str
        What the frame calls a canonical column, where it has another name.

    Raises
    ------
    ValueError
        If there is no such table or no such column of it.
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
    from cxresearch.study.loaders.loading import load
    from cxresearch.study.loaders.rules import Setting
    from cxresearch.study.sources import Source

    contract = schema.table(name)
    for column in columns:
        validate.one_of("column", column, contract.names)
    source = Source(file=[f"{name}.parquet"], time_zone=time_zone, columns=columns)  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory(prefix="cxresearch-table-") as folder:
        given, accepted, rejected = (
            Path(folder) / one for one in (f"{name}.parquet", "accepted.parquet", "rejected.csv")
        )
        arrow = nw.from_native(frame).lazy().collect("pyarrow").to_native()
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
    return nw.from_native(relation).lazy()


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
