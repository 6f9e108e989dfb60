"""Which theme comes first, where an interval separates it from the second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pandas as pd


class Lead(NamedTuple):
    """What comes first of what enough customers wrote of, and what second; None where nothing does.

    `separated` is whether the intervals of the two do not meet.
    """

    first: str | None
    second: str | None
    separated: bool


def leader(
    table: pd.DataFrame,
    value: str,
    *,
    key: str = "theme",
    people: str = "customers",
    min_cell: int = 5,
    largest: bool = True,
) -> Lead:
    """Return what comes first in a table of estimates, and whether it is separated from the second.

    Parameters
    ----------
    table : pandas.DataFrame
        A row each, such as :func:`cxresearch.voc.themes_table` returns.
    value : str
        The column of the estimate; its interval is in the columns that end in ``_low`` and
        ``_high``.
    key : str, default "theme"
        The column of the names.
    people : str, default "customers"
        The column of the customers of a row.
    min_cell : int, default 5
        How many customers a row must be of to be named.
    largest : bool, default True
        Whether the largest value comes first, else the smallest.

    Notes
    -----
    Two intervals that do not meet separate two estimates whatever goes between them, for the
    standard error of a difference is at most the sum of both; so it errs to the side of "not
    separated" (Schenker & Gentleman 2001, Am. Stat. 55, 182-186). Where an interval is not
    defined, nothing is separated.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"theme": ["fit", "price", "site"], "share": [0.1, 0.3, 0.9],
    ...     "share_low": [0.05, 0.2, 0.5], "share_high": [0.15, 0.4, 1], "customers": [50, 60, 2]})
    >>> leader(table, "share")
    Lead(first='price', second='fit', separated=True)
    """
    told = table[(table[people] >= min_cell) & table[value].notna()]
    ordered = told.sort_values(value, ascending=not largest, kind="stable")
    rows: list[dict[str, Any]] = ordered.head(2).to_dict("records")  # type: ignore[assignment]
    if not rows:
        return Lead(None, None, separated=False)
    first = rows[0]
    if len(rows) == 1:
        return Lead(first[key], None, separated=False)
    upper, lower = rows if largest else rows[::-1]
    return Lead(
        first[key], rows[1][key], separated=bool(upper[f"{value}_low"] > lower[f"{value}_high"])
    )
