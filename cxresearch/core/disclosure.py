"""What may be given away: numbers about enough people, as a CSV that is safe to open."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cxresearch.core import validate
from cxresearch.core.results import Result, people_of

if TYPE_CHECKING:
    import pandas as pd

#: Columns that count people, where none is named.
_PEOPLE = re.compile("n|n_.+|people|customers")
#: Columns that say of an estimate how many people it tells about; they count in any case.
_OF_AN_ESTIMATE = re.compile(".+_people")

#: Units that are people.
_PERSONS = {"customers", "people", "visitors"}
#: The ends of an interval, which is not 0 where nobody was seen.
_END = re.compile("_(low|high)$")
_SHORT = 12
#: A spreadsheet reads a cell that begins with one of these as a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\n")


def is_small(value: Any, min_cell: int) -> bool:
    """Return whether a value tells about at least one person and fewer than `min_cell`.

    Parameters
    ----------
    value : Result, tuple of (float, str) or anything else
        A result, or a count with its unit, which may be of people; nothing else is known of.
    min_cell : int
        The fewest people a number may tell about.

    Examples
    --------
    >>> from cxresearch.stats.shares.proportions import proportion
    >>> [is_small(proportion(0, n), 5) for n in (0, 1, 4, 5)]
    [False, True, True, False]
    >>> is_small((4, "customers"), 5), is_small((4, "days"), 5)
    (True, False)
    """
    if isinstance(value, Result):
        return 0 < people_of(value) < min_cell
    if isinstance(value, tuple):
        amount, unit = value
        return unit in _PERSONS and 0 < amount < min_cell
    return False


def people_columns(rows: pd.DataFrame, people: str | Sequence[str] | None) -> list[str]:
    """Return the columns that count people: those named, else those with the usual names.

    Parameters
    ----------
    rows : pandas.DataFrame
        The rows.
    people : str, sequence of str or None
        One column, one for each of several groups, or none where the rows are not about people.

    Raises
    ------
    ValueError
        If a column is not among the rows'.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"group": ["a"], "n_first": [3], "n_second": [90], "texts": [4]})
    >>> people_columns(rows, None), people_columns(rows, "texts"), people_columns(rows, ())
    (['n_first', 'n_second'], ['texts'], [])
    """
    from pandas.api import types

    named = [people] if isinstance(people, str) else list(people or ())
    for name in named:
        validate.one_of("column", name, rows.columns)
    counting = [_OF_AN_ESTIMATE, *([_PEOPLE] if people is None else [])]
    found = [
        name
        for name in rows.columns
        if any(pattern.fullmatch(str(name)) for pattern in counting)
        and types.is_numeric_dtype(rows[name])
    ]
    return list(dict.fromkeys([*named, *found]))


def small_rows(rows: pd.DataFrame, *, people: Sequence[str], min_cell: int) -> pd.Series[bool]:
    """Return which rows tell about fewer than `min_cell` people, or about an unknown number.

    Of several groups each must have enough. A row about nobody has nothing to hide, but where
    something was measured all the same: of people who are not counted.

    Parameters
    ----------
    rows : pandas.DataFrame
        The rows.
    people : sequence of str
        The columns that count people; without one no row is small.
    min_cell : int
        The fewest people a row may tell about.
    """
    import numpy as np
    import pandas as pd

    if not people:
        return pd.Series(data=False, index=rows.index)
    counts = rows[list(people)].to_numpy(dtype=float, na_value=np.nan)
    small = (np.isnan(counts) | ((counts > 0) & (counts < min_cell))).any(axis=1)
    nobody = (counts == 0).all(axis=1)
    if nobody.any():
        numbers = rows.drop(columns=list(people)).select_dtypes("number")
        numbers = numbers[[name for name in numbers if not _END.search(str(name))]]
        measured = (numbers.notna() & (numbers != 0)).any(axis=1)
        small |= nobody & measured.to_numpy()
    return pd.Series(small, index=rows.index)


def hidden_rows(
    rows: pd.DataFrame,
    *,
    people: Sequence[str],
    min_cell: int,
    within: Sequence[str] | None = None,
    small: pd.Series[bool] | None = None,
) -> pd.Series[bool]:
    """Return which rows are hidden: the small ones, and those that would give one away.

    Rows that are the parts of a whole give a single hidden one away, for the whole is known, or
    known nearly. So a part of a whole is never hidden alone, nor parts of fewer than `min_cell`
    people together: the next smallest row goes with them (secondary suppression; Hundepool et
    al. 2012, Statistical Disclosure Control, chapter 4).

    Parameters
    ----------
    rows, people, min_cell
        As for :func:`small_rows`.
    within : sequence of str, optional
        The rows that are alike in one of these columns are parts of a whole; by default all rows
        are parts of one. An empty sequence says that the rows add up to nothing.
    small : pandas.Series, optional
        What :func:`small_rows` returned, where it was called already.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"device": ["app", "tablet", "phone"], "customers": [90, 12, 3]})
    >>> hidden_rows(rows, people=["customers"], min_cell=5).tolist()
    [False, True, True]
    """
    hidden = small_rows(rows, people=people, min_cell=min_cell) if small is None else small
    if within == () or not hidden.any():
        return hidden
    import numpy as np

    fewest = rows[list(people)].astype(float).min(axis=1).to_numpy()
    wholes = [rows.groupby(name, dropna=False).ngroup().to_numpy() for name in within or ()]
    places = [np.flatnonzero(whole == part) for whole in wholes for part in np.unique(whole)]
    gone = hidden.to_numpy(copy=True)
    # What `without_hidden` has been through is settled already.
    blank = rows.select_dtypes("number").isna().all(axis=1).to_numpy()
    settled = False
    while not settled:
        settled = True
        for parts in places or [np.arange(len(rows))]:
            away = fewest[parts[gone[parts] & (fewest[parts] != 0)]]
            others = parts[~gone[parts] & (fewest[parts] > 0)]
            if blank[parts].any() or not len(away) or not len(others):
                continue
            if len(away) == 1 or away.sum() < min_cell:
                gone[others[fewest[others].argmin()]] = True
                settled = False
    return hidden | gone


def enough(
    rows: pd.DataFrame,
    *,
    people: str | Sequence[str] | None,
    min_cell: int,
    within: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return rows in which the numbers of those to be hidden are nan.

    Parameters
    ----------
    rows, people, min_cell, within
        As for :func:`hidden_rows`; `people` as for :func:`people_columns`.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"theme": ["fit", "price", "site"], "customers": [9, 8, 1]})
    >>> enough(rows, people=None, min_cell=5, within=())["customers"].tolist()
    [9.0, 8.0, nan]
    """
    counted = people_columns(rows, people)
    hidden = hidden_rows(rows, people=counted, min_cell=min_cell, within=within)
    return without_hidden(rows, hidden) if hidden.any() else rows


def without_hidden(rows: pd.DataFrame, hidden: pd.Series[bool]) -> pd.DataFrame:
    """Return rows in which the numbers of those that are hidden are nan."""
    masked = rows.copy()
    for name in rows.select_dtypes("number").columns:
        masked[name] = rows[name].astype(float).mask(hidden)
    return masked


def harmless(value: object) -> object:
    """Return a text that a spreadsheet takes neither for a formula nor for a new row.

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
    marks: tuple[str, str] = (",", "."),
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
    marks : tuple of str
        What parts its columns, and the decimals of its numbers:
        :attr:`cxresearch.core.languages.Language.marks`.

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
    hidden = hidden_rows(rows, people=counted, min_cell=min_cell, within=within, small=small)
    hides = hidden.any()
    safe = {}
    for place, name in enumerate(rows.columns):
        column = rows[name]
        if _is_text(column):
            column = column.map(harmless, na_action="ignore")
        if name in counted and hides:
            column = column.astype(float)
            few = ~(column >= min_cell)
            column = column.map("{:.10g}".format).str.replace(".", marks[1]).mask(hidden, "")
            column = column.mask(small & few, f"< {min_cell}")
        elif place and hides:
            column = column.mask(hidden)
        safe[harmless(name)] = column
    columns, decimal = marks
    return pd.DataFrame(safe, index=rows.index).to_csv(
        index=False, float_format="%.10g", lineterminator="\n", sep=columns, decimal=decimal
    )


def digest(frame: pd.DataFrame) -> str:
    """Return a short hash of a frame's CSV with numbers of six digits.

    It changes with the data and not with the last bits of a sum.
    """
    text = flat(frame).to_csv(index=False, float_format="%.6g", lineterminator="\n")
    return hashlib.sha256(text.encode()).hexdigest()[:_SHORT]


def _is_text(column: pd.Series[Any]) -> bool:
    from pandas.api import types

    return not (types.is_numeric_dtype(column) or types.is_datetime64_any_dtype(column))
