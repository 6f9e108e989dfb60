"""What another table knows of a row: the segment of a customer, the channel of an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from cxresearch.kpis import _frames

if TYPE_CHECKING:
    from narwhals.typing import IntoFrame


def with_attribute(
    rows: IntoFrame, table: IntoFrame, *, on: str, column: str, name: str | None = None
) -> _frames.Frame:
    """Return the rows with a column of another table.

    Parameters
    ----------
    rows, table : frame
        Two of a study's frames, of one kind.
    on : str
        The identifier that both have, such as ``"customer_id"``.
    column : str
        The column of `table` that is wanted.
    name : str, optional
        What it is called in the answer; by default `column`.

    Returns
    -------
    narwhals.LazyFrame
        Every row once, and the column; it is null where the table does not know the identifier.
        Where the table has it more than once (a person with several records) the last value by
        the alphabet counts, so that the answer does not depend on the order of the rows.

    Raises
    ------
    SchemaError
        If a column is missing.

    Examples
    --------
    >>> from cxresearch.kpis._example import ORDERS, TICKETS
    >>> shown = with_attribute(ORDERS, TICKETS, on="customer_id", column="channel")
    >>> shown.collect()["channel"].to_list()[:3]
    ['chat', 'chat', 'chat']
    """
    known = _frames.lazy(table, "the table with the attribute", [on, column])
    wanted = name or column
    values = known.filter(~nw.col(on).is_null() & ~nw.col(column).is_null()).select(
        on, nw.col(column).alias(wanted)
    )
    one_each = values.group_by(on).agg(nw.col(wanted).max())
    return _frames.lazy(rows, "the rows", [on]).join(one_each, on=on, how="left")
