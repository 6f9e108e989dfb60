"""Themes by stage of the journey: how often, and with what feeling."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core import validate
from cxresearch.stats.shares.proportions import clustered_proportion
from cxresearch.voc._means import mean_sentiment, sums_over_customers
from cxresearch.voc.prevalence import customer_numbers

if TYPE_CHECKING:
    import pandas as pd


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
    clusters : iterable of length n, optional
        The customer of each text; a text without one is a customer of its own.
    confidence : float, default 0.95
        Coverage of the intervals, strictly between 0 and 1.

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
                    "sentiment": mean.value,
                    "sentiment_low": mean.ci.low,
                    "sentiment_high": mean.ci.high,
                }
            )
    return pd.DataFrame(rows)
