"""Which theme comes first, where an interval separates it from the second."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from cxresearch.core.remarks import Remark, Sentence

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.core.results import Estimate


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
    low, high = upper.get(f"{value}_low", math.nan), lower.get(f"{value}_high", math.nan)
    return Lead(first[key], rows[1][key], separated=bool(low > high))


_TOO_FEW = "Too few customers write of any one theme for one to be named."
#: By whether the first theme is separated, and by what is said of the one that weighs most.
_ANSWERS = {
    (True, "nps"): (
        "{theme} comes first, in {share} of the texts. Complaints about {worst} go with the "
        "largest loss of NPS: {impact}."
    ),
    (False, "nps"): (
        "{theme}, in {share}, is not separated from the next theme. Complaints about {worst} "
        "go with the largest loss of NPS: {impact}."
    ),
    (True, "feeling"): (
        "{theme} comes first, in {share} of the texts. Customers feel worst about {worst}."
    ),
    (False, "feeling"): (
        "{theme}, in {share}, is not separated from the next theme. Customers feel worst about "
        "{worst}."
    ),
    (True, ""): (
        "{theme} comes first, in {share} of the texts. Which theme weighs most on customers is "
        "not separated."
    ),
    (False, ""): (
        "{theme}, in {share}, is not separated from the next theme, nor is the one that weighs "
        "most on customers."
    ),
}


def headline(
    lead: Lead, share: Estimate | Remark, hardest: Lead, impacts: Mapping[str, Estimate]
) -> Sentence:
    """Return the sentence that answers what customers tell, and no more than is separated.

    Parameters
    ----------
    lead, hardest : Lead
        The most frequent theme, and the one that weighs most.
    share : Estimate or Remark
        The share of the most frequent one.
    impacts : mapping of str to Estimate
        The impact of each theme on the NPS; empty where it is not known, so that `hardest` is of
        the sentiment.

    Examples
    --------
    >>> lead, share = Lead("fit", "site", separated=True), Remark("a fifth")
    >>> told = headline(lead, share, Lead("site", None, separated=False), {})
    >>> told.message.split(". ")[0], told.values["theme"]
    ('{theme} comes first, in {share} of the texts', 'fit')
    """
    if lead.first is None:
        return Sentence(_TOO_FEW, {})
    values: dict[str, Any] = {"theme": lead.first, "share": share}
    kind = ""
    if hardest.first is not None and hardest.separated:
        if not impacts:
            kind = "feeling"
            values["worst"] = hardest.first
        elif impacts[hardest.first].ci.high < 0:
            kind = "nps"
            values |= {"worst": hardest.first, "impact": impacts[hardest.first]}
    return Sentence(_ANSWERS[lead.separated, kind], values)
