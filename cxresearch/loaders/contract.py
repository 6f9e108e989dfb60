"""Hold cast rows against the contract of their table, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cxresearch.schema import Table, dataframe_schema
from cxresearch.sql import quoted

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pandera.pandas as pa

BATCH_ROWS = 1_000_000


def failures(
    connection: duckdb.DuckDBPyConnection, rows: str, table: Table
) -> Iterator[pd.DataFrame]:
    """Yield the failure cases of each batch of `rows`: columns ``_id``, ``rule``, ``col``.

    The rows are numbered by ``_id``.

    Memory is bounded by the batch, whatever the size of the table.
    """
    checked = dataframe_schema(table)
    columns = [name for name, column in checked.columns.items() if column.checks]
    checked = checked.select_columns(columns)
    chosen = ", ".join(["_id", *map(quoted, columns)])
    first, last = connection.execute(f"SELECT min(_id), max(_id) FROM {rows}").fetchall()[0]
    for start in range(first or 0, (last or -1) + 1, BATCH_ROWS):
        where = f"_id >= {start} AND _id < {start + BATCH_ROWS}"
        batch = connection.execute(f"SELECT {chosen} FROM {rows} WHERE {where}").df()
        cases = _failure_cases(checked, batch.set_index("_id"))
        if len(cases):
            yield cases


def _failure_cases(checked: pa.DataFrameSchema, batch: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd
    from pandera.errors import SchemaErrors

    try:
        checked.validate(batch, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases
        return pd.DataFrame(
            {
                "_id": cases["index"].astype("int64"),
                "rule": cases["check"],
                "col": cases["column"],
            }
        )
    return pd.DataFrame({"_id": [], "rule": [], "col": []})
