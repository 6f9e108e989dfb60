"""An indicator in each group of the rows it is made of: by channel, by device, by segment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import narwhals as nw

from cxresearch.core import validate
from cxresearch.engine import frames
from cxresearch.errors import SchemaError
from cxresearch.kpis.kpi import Kpi
from cxresearch.stats.multiplicity.group_contrasts import MOST
from cxresearch.study import plain_frames

#: The group of the rows that name none.
UNKNOWN = "unknown"


def in_groups(
    indicator: Callable[[frames.AnyFrame], Kpi],
    rows: frames.AnyFrame,
    table: str,
    by: str,
    *,
    unit: Sequence[str] = (),
    needed: Sequence[str] = (),
) -> Kpi:
    """Return an indicator over all rows, with what it is over those of each group.

    Parameters
    ----------
    indicator : callable
        What the indicator is over some rows.
    rows : frame
        The rows.
    table : str
        The canonical table that they are of.
    by : str
        The column that makes the groups; rows without a value are ``"unknown"``.
    unit : sequence of str
        The columns that identify what is counted, where rows of it may be in several groups: the
        whole unit is then in the least of them by name.
    needed : sequence of str
        The columns that the indicator is made of, where they may have to be made.

    Raises
    ------
    SchemaError
        If there is no such column.
    ValueError
        If there are more groups than anybody reads.
    """
    names = frames.opened(rows, table).collect_schema().names()
    if by not in names:
        raise SchemaError(table, [frames.lacks(by, names)])
    found = plain_frames.lazy(rows, table, [by, *unit, *needed])
    named = found.with_columns(nw.col(by).cast(nw.String).fill_null(UNKNOWN).alias(by))
    if unit:
        named = named.with_columns(nw.col(by).min().over(*unit).alias(by))
    named = frames.read_once(named)
    groups = sorted(str(row[by]) for row in frames.rows(named.select(by).unique()))
    validate.one_of("the number of groups", len(groups), range(MOST + 1))
    whole = indicator(named)
    parts = {name: indicator(named.filter(nw.col(by) == name)) for name in groups}
    return replace(whole, by=by, groups=parts)
