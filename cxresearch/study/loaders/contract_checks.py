"""Hold cast rows against the contract of their table, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cxresearch.engine.backends import quoted
from cxresearch.study.schema import Column, Table, dataframe_schema

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

    Memory is bounded by the batch, whatever the size of the table. A column is read row by row only
    where its extremes break its contract: where they keep it, all values between them do.
    """
    checked = dataframe_schema(table)
    columns = []
    for column in table.columns:
        alone = checked.select_columns([column.name])
        if alone.columns[column.name].checks and len(
            _failure_cases(alone, _ends(connection, rows, column))
        ):
            columns.append(column.name)
    if not columns:
        return
    checked = checked.select_columns(columns)
    chosen = ", ".join(["_id", *map(quoted, columns)])
    first, last = connection.execute(f"SELECT min(_id), max(_id) FROM {rows}").fetchall()[0]
    for start in range(first or 0, (last or -1) + 1, BATCH_ROWS):
        where = f"_id >= {start} AND _id < {start + BATCH_ROWS}"
        batch = connection.execute(f"SELECT {chosen} FROM {rows} WHERE {where}").df()
        cases = _failure_cases(checked, batch.set_index("_id"))
        if len(cases):
            yield cases


def _ends(connection: duckdb.DuckDBPyConnection, rows: str, column: Column) -> pd.DataFrame:
    """Return the values that decide whether a column keeps its contract.

    They are each value of a list, or the smallest, the largest, and a null where one is missing.
    """
    name = quoted(column.name)
    if column.allowed:  # of more values than these, with the null, one is not on the list
        most = len(column.allowed) + 2
        asked = f"SELECT DISTINCT {name} FROM {rows} LIMIT {most}"
    else:
        missing = f"CASE WHEN count({name}) = count(*) THEN min({name}) END"
        asked = f"SELECT unnest([min({name}), max({name}), {missing}]) AS {name} FROM {rows}"
    return connection.execute(asked).df()


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
