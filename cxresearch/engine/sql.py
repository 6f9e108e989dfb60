"""Names, values and paths as DuckDB's SQL writes them."""

from __future__ import annotations

import re
from pathlib import Path


def one_file(path: Path) -> str:
    """Return a path as DuckDB reads it, where ``*``, ``?`` and ``[`` stand for many files.

    Examples
    --------
    >>> one_file(Path("orders[1].csv"))
    'orders[[]1].csv'
    """
    return re.sub(r"[*?[]", r"[\g<0>]", str(path))


def quoted(name: str) -> str:
    """Return a column or table name as an SQL identifier.

    Examples
    --------
    >>> print(quoted("Order ID"))
    "Order ID"
    """
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """Return a value as an SQL literal.

    Examples
    --------
    >>> literal("l'ordine"), literal(None), literal(2.5)
    ("'l''ordine'", 'NULL', '2.5')
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"
