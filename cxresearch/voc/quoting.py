"""What customers wrote of a theme, in their own words: a few texts, drawn by chance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core import validate
from cxresearch.voc._listed_words import NO_WORDS, Words
from cxresearch.voc._quotes import quotes
from cxresearch.voc._texts import listed
from cxresearch.voc.prevalence import customer_numbers

if TYPE_CHECKING:
    import pandas as pd


def theme_quotes(
    texts: Iterable[Any],
    tags: pd.DataFrame,
    themes: Sequence[str],
    *,
    spans: pd.DataFrame | None = None,
    clusters: Iterable[Any] | None = None,
    count: int = 3,
    min_cell: int = 5,
    seed: int = 0,
    words: Words = NO_WORDS,
) -> pd.DataFrame:
    """Return a few texts of some themes, redacted.

    Parameters
    ----------
    texts : iterable of str, length n
        The texts.
    tags : pandas.DataFrame, n rows
        Which texts are of each theme, or complain of it.
    themes : sequence of str
        The themes to quote, columns of `tags`.
    spans : pandas.DataFrame, optional
        Where the themes are, as :func:`cxresearch.voc.evidence` finds them in the same `texts`: a
        long text is cut around what it says of the theme, and one that says nothing is not quoted.
    clusters : iterable of length n, optional
        The customer of each text; a text without one is a customer of its own.
    count : int, default 3
        The most texts of a theme.
    min_cell : int, default 5
        How many customers must have written of a theme for it to be quoted.
    seed : int, default 0
        Of the choice.
    words : Words, optional
        As in :func:`cxresearch.voc.redact`.

    Returns
    -------
    pandas.DataFrame
        `theme` and `quote`, in the order of `themes`; without rows of a theme of which too few
        wrote.

    Raises
    ------
    ValueError
        If a theme is no column of `tags`, or a length is wrong.

    Notes
    -----
    The texts of different customers that come first by the digest of the seed and the text, which
    has nothing to do with what they say: none is picked. Personal data are taken out by
    :func:`cxresearch.voc.redact`; a name that nothing tells to be one stays, so a person reads a
    quote before it leaves the house.

    Examples
    --------
    >>> import pandas as pd
    >>> tags = pd.DataFrame({"delivery": [True, True, False]})
    >>> wrote = ["late", "late again, Anna Bianchi", "nice"]
    >>> theme_quotes(wrote, tags, ["delivery"], min_cell=2)["quote"].tolist()
    ['late', 'late again, [name]']
    """
    import pandas as pd

    validate.whole("count", count, low=1)
    validate.whole("min_cell", min_cell, low=1)
    found = listed(texts)
    validate.one_of("the number of rows of tags", len(tags), (len(found),))
    customers = customer_numbers(clusters, len(found))
    rows = []
    for theme in themes:
        validate.one_of("themes", theme, list(tags.columns))
        places = np.flatnonzero(tags[theme])
        said: dict[int, str] = {}
        if spans is not None:
            of_theme = spans[spans["theme"] == theme].drop_duplicates("text")
            said = dict(zip(of_theme["text"], of_theme["quote"], strict=True))
            places = places[np.isin(places, list(said))]
        drawn = quotes(
            [found[place] for place in places],
            [int(customers[place]) for place in places],
            around=[said.get(int(place), "") for place in places],
            count=count,
            min_cell=min_cell,
            seed=seed,
            words=words,
        )
        rows += [(theme, quote) for quote in drawn]
    return pd.DataFrame(rows, columns=["theme", "quote"])
