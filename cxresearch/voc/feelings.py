"""How customers feel about each theme, and which texts complain of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core import validate
from cxresearch.stats.shares.proportions import clustered_proportion
from cxresearch.voc._means import mean_sentiment, sums_over_customers
from cxresearch.voc.prevalence import customer_numbers
from cxresearch.voc.sentiment import NEUTRAL

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

_COLUMNS = ["theme", "texts", "customers", "sentiment", "sentiment_low", "sentiment_high"]
_COLUMNS += ["negative", "negative_low", "negative_high", "low_confidence"]


def complaints(tags: pd.DataFrame, felt: pd.DataFrame, *, clear: bool = False) -> pd.DataFrame:
    """Return which texts complain of which theme.

    Parameters
    ----------
    tags : pandas.DataFrame, n rows
        Which themes each text is of.
    felt : pandas.DataFrame
        How the texts feel about their themes, as :func:`cxresearch.voc.aspects` tells it.
    clear : bool, default False
        Whether the clauses that speak of the theme must complain by themselves, as is asked of a
        text that is quoted.

    Returns
    -------
    pandas.DataFrame
        As `tags`: true where a text is of a theme and its sentiment about it is below -0.2.

    Notes
    -----
    The sentiment of a question or a plain report is near 0, on either side: the neutral band, for
    whose errors see :func:`cxresearch.voc.band_errors`. Of the demo's invented texts that
    complain, 69 in 100 are found; of those found, 71 in 100 complain; of its neutral ones, 11 in
    100 are found.

    Examples
    --------
    >>> import pandas as pd
    >>> tags = pd.DataFrame({"delivery": [True, True], "price": [False, True]})
    >>> felt = pd.DataFrame({"text": [0, 1, 1], "theme": ["delivery", "delivery", "price"],
    ...                      "sentiment": [-0.4, 0.3, -0.3], "clause": [0.1, 0.3, -0.3]})
    >>> complaints(tags, felt).to_numpy().tolist()
    [[True, False], [False, True]]
    >>> complaints(tags, felt, clear=True).to_numpy().tolist()
    [[False, False], [False, True]]
    """
    import pandas as pd

    bad = felt[felt["sentiment"] < -NEUTRAL]
    if clear:
        bad = bad[bad["clause"] < -NEUTRAL]
    complained = pd.crosstab(bad["text"], bad["theme"]).reindex(
        index=range(len(tags)), columns=tags.columns, fill_value=0
    )
    return tags & (complained.to_numpy() > 0)


def theme_sentiment(
    felt: pd.DataFrame, clusters: Iterable[Any], *, confidence: float = 0.95
) -> pd.DataFrame:
    """Return how customers feel about each theme.

    Parameters
    ----------
    felt : pandas.DataFrame
        How texts feel about their themes, as :func:`cxresearch.voc.aspects` tells it.
    clusters : iterable of length n
        The customer of each of the n texts; a text without one is a customer of its own.
    confidence : float, default 0.95
        Coverage of the intervals, strictly between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        A row per theme, the worst first: `theme`, `texts`, `customers`, `sentiment` (mean, -1 to
        1), `negative` (the share of complaints, below -0.2), each with ``_low`` and ``_high``, and
        `low_confidence`, the share of the texts that point both ways, so that what they feel
        about the theme is read from a clause.
    """
    import pandas as pd

    validate.share("confidence", confidence)
    labels = list(clusters)
    customers = customer_numbers(labels, len(labels))
    rows = [
        _of_theme(str(theme), rows, customers, confidence)
        for theme, rows in felt.dropna(subset="sentiment").groupby("theme")
    ]
    found = pd.DataFrame(rows, columns=_COLUMNS)
    return found.sort_values("sentiment", ignore_index=True)


def _of_theme(
    theme: str, felt: pd.DataFrame, customers: NDArray[np.int_], confidence: float
) -> dict[str, Any]:
    """Return the row of one theme."""
    values = felt["sentiment"].to_numpy(dtype=float)
    who = customers[felt["text"].to_numpy()]
    mean = mean_sentiment(values, who, confidence=confidence)
    negative = clustered_proportion(
        sums_over_customers((values < -NEUTRAL).astype(np.float64), who), confidence=confidence
    )
    return {
        "theme": theme,
        "texts": len(values),
        "customers": len(np.unique(who)),
        "sentiment": mean.value,
        "sentiment_low": mean.ci.low,
        "sentiment_high": mean.ci.high,
        "negative": negative.value,
        "negative_low": negative.ci.low,
        "negative_high": negative.ci.high,
        "low_confidence": float(felt["low_confidence"].mean()),
    }
