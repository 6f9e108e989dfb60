"""The data behind a table or a figure, as a CSV that is safe to open and safe to give away."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cxresearch.core.small_cells import hidden_rows, people_columns, small_rows

if TYPE_CHECKING:
    import pandas as pd

_SHORT = 12
#: A spreadsheet reads a cell that begins with one of these as a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\n")


def harmless(value: object) -> object:
    """Return a cell of text that begins no formula, nor a new row: pandas quotes no lone CR.

    Examples
    --------
    >>> harmless("=1+1"), harmless("fine"), harmless(-2.5)
    ("'=1+1", 'fine', -2.5)
    """
    if not isinstance(value, str):
        return value
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose index, where it says something, is its first column.

    Raises
    ------
    TypeError
        If `frame` is no pandas data frame.
    ValueError
        If its index or its columns have several levels.
    """
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"frame must be a pandas DataFrame; got {type(frame).__name__}")
    levels = max(frame.index.nlevels, frame.columns.nlevels)
    if levels > 1:
        raise ValueError(f"frame must have one level of index and columns; got {levels}")
    is_counter = frame.index.name is None and pd.api.types.is_integer_dtype(frame.index)
    return frame.reset_index(drop=is_counter).infer_objects()


def csv(
    frame: pd.DataFrame,
    *,
    people: str | Sequence[str] | None = None,
    min_cell: int = 1,
    within: Sequence[str] | None = None,
) -> str:
    """Return a frame as CSV with no formula in it and no row that tells about too few people.

    Parameters
    ----------
    frame : pandas.DataFrame
        The rows.
    people, within : optional
        As for :func:`cxresearch.report.table`.
    min_cell : int
        The fewest people a row may tell about.

    Examples
    --------
    >>> import pandas as pd
    >>> print(csv(pd.DataFrame({"order_id": ["=1+1"], "revenue": [-2.5]})))
    order_id,revenue
    '=1+1,-2.5
    <BLANKLINE>
    """
    import pandas as pd

    rows = flat(frame)
    counted = people_columns(rows, people)
    small = small_rows(rows, people=counted, min_cell=min_cell)
    hidden = hidden_rows(rows, people=counted, min_cell=min_cell, within=within)
    safe = pd.DataFrame(index=rows.index)
    for place, name in enumerate(rows.columns):
        column = rows[name]
        if _is_text(column):
            column = column.map(harmless, na_action="ignore")
        if name in counted and hidden.any():
            column = column.astype(float)
            few = ~(column >= min_cell)
            column = column.map("{:.10g}".format).mask(hidden, "")
            column = column.mask(small & few, f"< {min_cell}")
        elif place:
            column = column.mask(hidden)
        safe[harmless(name)] = column
    return safe.to_csv(index=False, float_format="%.10g", lineterminator="\n")


def digest(frame: pd.DataFrame) -> str:
    """Return a short hash of a frame's CSV with numbers of six digits.

    It changes with the data and not with the last bits of a sum.
    """
    text = flat(frame).to_csv(index=False, float_format="%.6g", lineterminator="\n")
    return hashlib.sha256(text.encode()).hexdigest()[:_SHORT]


def _is_text(column: pd.Series[Any]) -> bool:
    from pandas.api import types

    return not (types.is_numeric_dtype(column) or types.is_datetime64_any_dtype(column))
