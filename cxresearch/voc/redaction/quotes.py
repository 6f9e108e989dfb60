"""What customers wrote of a theme, in their own words: a few texts, drawn by chance."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.voc.estimates.prevalence import customer_numbers
from cxresearch.voc.redaction.kinds import NO_WORDS, Words
from cxresearch.voc.redaction.redact import redact
from cxresearch.voc.texts.raw_text import as_list

if TYPE_CHECKING:
    import pandas as pd


@documented
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
    redacted: Sequence[str] | None = None,
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
    %(clusters)s
    count : int, default 3
        The most texts of a theme.
    min_cell : int, default 5
        How many customers must have written of a theme for it to be quoted.
    seed : int, default 0
        Of the choice.
    %(words)s
    redacted : sequence of str, length n, optional
        The same texts without personal data, where they are there already, as
        :func:`cxresearch.voc.read` returns them; else those that are quoted are redacted here.

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
    :func:`cxresearch.voc.redact`; a name without a cue stays, so a person reads a
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
    found = as_list(texts)
    validate.one_of("the number of rows of tags", len(tags), (len(found),))
    if redacted is not None:
        validate.one_of("the length of redacted", len(redacted), (len(found),))
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
            redacted=None if redacted is None else [redacted[int(place)] for place in places],
        )
        rows += [(theme, quote) for quote in drawn]
    return pd.DataFrame(rows, columns=["theme", "quote"])


#: Letters of a quote; a longer text is cut after a word.
_LONGEST = 240


def quotes(
    texts: Sequence[str],
    customers: Sequence[int],
    *,
    around: Sequence[str] = (),
    count: int,
    min_cell: int,
    seed: int,
    words: Words = NO_WORDS,
    redacted: Sequence[str] | None = None,
) -> tuple[str, ...]:
    """Return some of the texts, redacted, of different customers.

    A long one is cut around the words that `around` has for it.

    They are the first by the digest of the seed and the text, which has nothing to do with what a
    text says and does not depend on the order of the texts. There are none where fewer than
    `min_cell` customers wrote.

    Examples
    --------
    >>> quotes(["Mi chiamo Anna", "ok", "ok"], [1, 2, 3], count=2, min_cell=3, seed=0)
    ('Mi chiamo [name]', 'ok')
    >>> quotes(["ok"], [1], count=2, min_cell=3, seed=0)
    ()
    """
    if len(set(customers)) < min_cell:
        return ()
    chosen: dict[int, int] = {}
    order = sorted(
        range(len(texts)), key=lambda place: (_digest(texts[place], seed), customers[place])
    )
    for place in order:
        if len(chosen) == count:
            break
        told = {texts[other] for other in chosen.values()}
        if customers[place] not in chosen and texts[place] not in told:
            chosen[customers[place]] = place
    places = list(chosen.values())
    if redacted is None:
        shown = redact([texts[place] for place in places], words=words)
    else:
        shown = [redacted[place] for place in places]
    spans = [around[place] if around else "" for place in places]
    return tuple(_cut(*one) for one in zip(shown, spans, strict=True))


def _digest(text: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed} {text}".encode("utf-8", "surrogatepass")).digest()


def _cut(text: str, around: str = "") -> str:
    """Return a text of at most so many letters, cut between words and around some of them.

    Examples
    --------
    >>> _cut("so " * 100 + "it came late", "came late")[-15:]
    'so it came late'
    """
    plain = " ".join(text.split())
    if len(plain) <= _LONGEST:
        return plain
    place = max(plain.find(" ".join(around.split())), 0)
    start = max(0, min(place - _LONGEST // 2, len(plain) - _LONGEST))
    if start:
        start = plain.find(" ", start) + 1 or start
    cut = plain[start : start + _LONGEST]
    if start + _LONGEST < len(plain):
        cut = cut.rsplit(" ", 1)[0] + " \N{HORIZONTAL ELLIPSIS}"
    return f"\N{HORIZONTAL ELLIPSIS} {cut}" if start else cut
