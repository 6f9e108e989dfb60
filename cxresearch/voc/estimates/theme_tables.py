"""Tables of themes for a report, and which theme comes first."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.results import as_columns, parts
from cxresearch.stats.shares.proportions import clustered_proportion
from cxresearch.voc.estimates.prevalence import (
    Prevalences,
    customer_numbers,
    mean_sentiment,
    sums_over_customers,
)

if TYPE_CHECKING:
    import pandas as pd


def themes_table(shares: Prevalences, tags: pd.DataFrame, clusters: Iterable[Any]) -> pd.DataFrame:
    """Return one row per theme, the most frequent first.

    Parameters
    ----------
    shares : Prevalences
        The shares of all texts.
    tags : pandas.DataFrame, n rows
        Which themes each text was found to be of.
    clusters : iterable of length n
        The customer of each text; a text without one is a customer of its own.

    Returns
    -------
    pandas.DataFrame
        `theme`, `share` with its ends, `naive` (the share tagged), `texts` (tagged) and
        `customers`, who wrote them. A share that is undefined sorts by the naive one.
    """
    import pandas as pd

    customers = customer_numbers(clusters, len(tags))
    rows = [
        {
            "theme": one.theme,
            **as_columns("share", one),
            "naive": one.naive.value,
            "texts": int(tags[one.theme].sum()),
            "customers": len(np.unique(customers[tags[one.theme].to_numpy()])),
        }
        for one in shares
    ]
    found = pd.DataFrame(rows)
    order = found["share"].fillna(found["naive"]).sort_values(ascending=False, kind="stable").index
    return found.loc[order].reset_index(drop=True)


def share_notes(shares: Prevalences) -> dict[str, list[str]]:
    """Return what must be known of some of the shares: each note, with the themes it is about.

    Examples
    --------
    >>> import pandas as pd
    >>> from cxresearch.voc.estimates.prevalence import prevalence
    >>> tags = pd.DataFrame({"delivery": [True, False] * 50, "price": [True] * 20 + [False] * 80})
    >>> codes = {"delivery": [1, 0] * 20, "price": [1] * 15 + [0] * 5 + [0] * 20}
    >>> ((note, themes),) = share_notes(prevalence(tags, pd.DataFrame(codes))).items()
    >>> note.split(",")[0], themes
    ('at most one wrong tag was seen', ['delivery'])
    """
    found: dict[str, list[str]] = {}
    for one in shares:
        for note in parts(one.note):
            found.setdefault(note, []).append(one.theme)
    return found


def agreement_table(agreement: pd.DataFrame) -> pd.DataFrame:
    """Return one row per theme: how far the coders agree, by two measures with their intervals.

    Parameters
    ----------
    agreement : pandas.DataFrame
        As :func:`cxresearch.voc.coder_agreement` returns it.

    Returns
    -------
    pandas.DataFrame
        `theme`, `percent`, `alpha` and `ac1`, the two with their ends, and `n`, the texts with
        two codes.
    """
    import pandas as pd

    rows = []
    for theme, of_theme in agreement.groupby("theme", sort=False):
        by_measure = of_theme.set_index("measure")
        row: dict[str, Any] = {"theme": theme, "percent": by_measure.loc["percent", "value"]}
        for measure in ("alpha", "ac1"):
            names = (measure, f"{measure}_low", f"{measure}_high")
            values = by_measure.loc[measure, ["value", "ci_low", "ci_high"]]
            row |= dict(zip(names, values, strict=True))
        rows.append(row | {"n": int(of_theme["n"].iloc[0])})
    return pd.DataFrame(rows)


@documented
def theme_by_stage(
    tags: pd.DataFrame,
    stages: Iterable[Any],
    *,
    sentiment: Iterable[float] | None = None,
    clusters: Iterable[Any] | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return how often each theme is written of at each stage, and with what feeling.

    Parameters
    ----------
    tags : pandas.DataFrame, n rows
        A column of truths per theme.
    stages : iterable of length n
        The stage of each text; a text without one is left out.
    sentiment : iterable of float, length n, optional
        The sentiment of each text, -1 to 1 or nan.
    %(clusters)s
    %(confidence)s

    Returns
    -------
    pandas.DataFrame
        A row per theme and stage: `theme`, `stage`, `share` of the stage's texts with `ci_low` and
        `ci_high`, `texts` of the theme there, `customers` who wrote them (by which a report
        suppresses), and `sentiment`, the mean of those texts, with `sentiment_low` and
        `sentiment_high`. Shares are of tags: see :func:`cxresearch.voc.prevalence` for the error.
    """
    import pandas as pd

    customers = customer_numbers(clusters, len(tags))
    felt = np.full(len(tags), math.nan) if sentiment is None else np.array(list(sentiment), float)
    labels = pd.Series(list(stages), dtype=object)
    validate.one_of("the length of stages", len(labels), (len(tags),))
    validate.one_of("the length of sentiment", len(felt), (len(tags),))
    rows = []
    for theme in tags.columns:
        of_theme = tags[theme].to_numpy(dtype=bool)
        for stage in sorted(labels.dropna().unique(), key=str):
            at = (labels == stage).to_numpy()
            both = at & of_theme
            share = clustered_proportion(
                sums_over_customers(1.0 * of_theme[at], customers[at]), confidence=confidence
            )
            mean = mean_sentiment(felt[both], customers[both], confidence=confidence)
            rows.append(
                {
                    "theme": theme,
                    "stage": stage,
                    "share": share.value,
                    "ci_low": share.ci.low,
                    "ci_high": share.ci.high,
                    "texts": int(both.sum()),
                    "customers": len(np.unique(customers[both])),
                    **as_columns("sentiment", mean),
                }
            )
    return pd.DataFrame(rows)


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
        A row each, as :func:`cxresearch.voc.themes_table` returns.
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
    named = table[(table[people] >= min_cell) & table[value].notna()]
    ordered = named.sort_values(value, ascending=not largest, kind="stable")
    rows: list[dict[str, Any]] = ordered.head(2).to_dict("records")  # type: ignore[assignment]
    if not rows:
        return Lead(None, None, separated=False)
    first = rows[0]
    if len(rows) == 1:
        return Lead(first[key], None, separated=False)
    upper, lower = rows if largest else rows[::-1]
    low, high = upper.get(f"{value}_low", math.nan), lower.get(f"{value}_high", math.nan)
    return Lead(first[key], rows[1][key], separated=bool(low > high))
