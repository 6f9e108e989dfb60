"""How each table is written as an export: the file, its marks, and how it writes a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cxresearch.simulate.clock import TIME_ZONE
from cxresearch.study import schema

ISO_UTC = "%Y-%m-%dT%H:%M:%SZ"
ITALIAN = "%d/%m/%Y %H:%M:%S"
ITALIAN_DATE = "%d/%m/%Y"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text export is written.

    Parameters
    ----------
    delimiter, decimal, thousands : str
        The marks between columns, before decimals, and between thousands.
    decimals : int
        How many decimals a number has.
    time_format : str
        A ``strftime`` format; one without an offset is in the shop's time zone.
    """

    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""
    decimals: int = 2
    time_format: str = ISO_UTC


#: The tables that are exported as text; ``events`` is Parquet.
LAYOUTS = {
    "orders": Layout(),
    "order_lines": Layout(),
    "surveys": Layout(delimiter=";", decimal=",", decimals=1, time_format=ITALIAN),
    "feedback": Layout(),
    "tickets": Layout(),
    "exposures": Layout(),
    "marketing": Layout(delimiter=";", decimal=",", thousands=".", time_format=ITALIAN_DATE),
    "customers": Layout(),
}


def as_text(table: pd.DataFrame, name: str, layout: Layout) -> pd.DataFrame:
    """Return a canonical table as the texts its export shows; a missing value is empty.

    Examples
    --------
    >>> row = pd.DataFrame({"date": [pd.Timestamp("2026-03-01")], "cost": [1234.5]})
    >>> as_text(row, "marketing", LAYOUTS["marketing"]).iloc[0].tolist()
    ['01/03/2026', '1.234,50']
    """
    kinds = {column.name: column.kind for column in schema.table(name).columns}
    return pd.DataFrame(
        {name: _texts(column, kinds[str(name)], layout) for name, column in table.items()},
        dtype=object,
    )


def _texts(column: pd.Series[Any], kind: schema.Kind, layout: Layout) -> list[str]:
    missing = column.isna().to_numpy()
    filled = column[~missing]
    if kind == "time":
        texts = _times(filled, layout.time_format)
    elif kind == "date":
        texts = pd.to_datetime(filled).dt.strftime(_date_format(layout)).tolist()
    elif kind == "number":
        texts = [_number(value, layout) for value in filled.tolist()]
    elif kind == "count":
        texts = [f"{int(value)}" for value in filled.tolist()]
    elif kind == "flag":
        texts = ["true" if value else "false" for value in filled.tolist()]
    else:
        texts = filled.tolist()
    shown = np.full(len(column), "", dtype=object)
    shown[~missing] = texts
    return shown.tolist()


def _times(times: pd.Series[Any], time_format: str) -> list[str]:
    local = times if time_format == ISO_UTC else times.dt.tz_convert(TIME_ZONE)
    return list(local.dt.strftime(time_format))


def _date_format(layout: Layout) -> str:
    return ITALIAN_DATE if layout.time_format == ITALIAN_DATE else "%Y-%m-%d"


def _number(value: float, layout: Layout) -> str:
    english = f"{value:,.{layout.decimals}f}"
    marks = {",": layout.thousands, ".": layout.decimal}
    return "".join(marks.get(mark, mark) for mark in english)
