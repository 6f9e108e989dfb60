"""How customers feel about each theme, where one text praises one and complains of another."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.results import as_columns
from cxresearch.stats.shares.proportions import clustered_proportion
from cxresearch.voc.estimates.prevalence import (
    customer_numbers,
    mean_sentiment,
    sums_over_customers,
)
from cxresearch.voc.resources import LANGUAGES
from cxresearch.voc.texts.encoder import READ, Encoder
from cxresearch.voc.texts.language import given_or_detected
from cxresearch.voc.texts.raw_text import as_list, readable
from cxresearch.voc.texts.salutation import end_of_salutation
from cxresearch.voc.texts.scores import NEUTRAL, judge

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from cxresearch.voc.texts.scores import Scores


#: How far from 0 a sentiment must be to be praise or complaint: sentences that only report or ask
#: scatter around 0. A text holds both where one clause is better than this and one worse than its
#: negative.
CLEAR = 0.1
#: What ends a clause: a stop, a comma before a word, a word of contrast.
_CLAUSE_END = re.compile(
    r"[.;!?\n]+|,(?=\s)|\s+(?=(?:ma|però|pero|anche se|invece|mentre|peccato|tranne|purtroppo|"
    r"but|however|although|though|while|except|unfortunately|yet)\b)",
    re.IGNORECASE,
)


def aspects(
    texts: Iterable[Any],
    spans: pd.DataFrame,
    language: str | Iterable[Any] | None = None,
    *,
    encoder: Encoder | None = None,
) -> pd.DataFrame:
    """Judge how each text feels about each theme it is of.

    Parameters
    ----------
    texts, language, encoder
        As in :func:`cxresearch.voc.sentiment`.
    spans : pandas.DataFrame
        Where the themes are, as :func:`cxresearch.voc.evidence` finds them in the same `texts`.

    Returns
    -------
    pandas.DataFrame
        A row per text and theme: `text` (its place in `texts`, from 0), `theme`, `sentiment`,
        `basis` (``"text"`` or ``"clause"``), `low_confidence`, which is true of a clause, and
        `clause`, the mean sentiment of the clauses that speak of the theme, whatever the basis.

    Raises
    ------
    ValueError
        If `language` has another length than `texts`.

    Notes
    -----
    A text all of whose clauses point one way is judged whole: to cut it only loses context. Only
    where one clause is better than 0.1 and another worse than -0.1 does each theme get the mean of
    the clauses that speak of it. Such texts are hard: in Italian sentences that praise one thing
    and complain of another, the sign was right for 3 of 4 themes; by the whole text for 5 of 8.

    Examples
    --------
    >>> from cxresearch.voc import Codebook, evidence
    >>> texts = ["Beautiful dress, but the delivery was terribly late"]
    >>> found = aspects(texts, evidence(texts, Codebook.load(), "en"), "en")
    >>> found.loc[found["theme"] == "delivery", ["basis", "low_confidence"]].to_numpy().tolist()
    [['clause', True]]
    """
    found = [readable(text)[:READ] for text in as_list(texts)]
    spoken = given_or_detected(found, language, LANGUAGES)
    whole = judge(found, spoken, encoder)["sentiment"].to_numpy(dtype=np.float64)
    return aspects_of(found, spoken, whole, spans, encoder)


def aspects_of(
    texts: Sequence[str],
    spoken: Sequence[str],
    whole: Scores,
    spans: pd.DataFrame,
    encoder: Encoder | None,
) -> pd.DataFrame:
    """Return how texts feel about their themes, as :func:`aspects` does.

    `texts` can be read, `spoken` are their languages, and `whole` is what each feels as a whole.
    """
    import pandas as pd

    themes: dict[int, dict[str, list[tuple[int, int]]]] = {}
    for text, theme, start, end in spans[["text", "theme", "start", "end"]].itertuples(index=False):
        themes.setdefault(int(text), {}).setdefault(theme, []).append((int(start), int(end)))
    clauses = _judge_clauses(texts, spoken, sorted(themes), encoder)
    rows = [
        (place, theme, *_in_text(float(whole[place]), clauses[place], places))
        for place in sorted(themes)
        for theme, places in sorted(themes[place].items())
    ]
    columns = ["text", "theme", "sentiment", "basis", "low_confidence", "clause"]
    return pd.DataFrame(rows, columns=columns)


class _Clause(NamedTuple):
    """A part of a text, up to `end`, and how it feels."""

    start: int
    end: int
    sentiment: float


def _judge_clauses(
    texts: Sequence[str], spoken: Sequence[str], places: Sequence[int], encoder: Encoder | None
) -> dict[int, list[_Clause]]:
    """Return the clauses of the texts at some places; all are judged at once."""
    cut = [(place, start, end) for place in places for start, end in _clauses(texts[place])]
    table = judge(
        [texts[place][start:end] for place, start, end in cut],
        [spoken[place] for place, _, _ in cut],
        encoder,
    )
    judged: dict[int, list[_Clause]] = {place: [] for place in places}
    for (place, start, end), value in zip(cut, table["sentiment"].tolist(), strict=True):
        judged[place].append(_Clause(start, end, value))
    return judged


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each clause of a text begins and ends, after its salutation.

    Examples
    --------
    >>> text = "Nice dress, but late. Pity"
    >>> [text[start:end] for start, end in _clauses(text)]
    ['Nice dress', 'but late', ' Pity']
    """
    start = end_of_salutation(text)
    for stop in [*_CLAUSE_END.finditer(text, start), None]:
        end = stop.start() if stop else len(text)
        if text[start:end].strip():
            yield start, end
        start = stop.end() if stop else end


def _in_text(
    whole: float, clauses: Sequence[_Clause], places: Sequence[tuple[int, int]]
) -> tuple[float, str, bool, float]:
    """Return the sentiment of a theme in a text, its basis, if it is weak, the clause's."""
    judged = [one for one in clauses if not math.isnan(one.sentiment)]
    values = [one.sentiment for one in judged]
    both = bool(values) and max(values) > CLEAR and min(values) < -CLEAR
    of_theme = [
        one.sentiment
        for one in judged
        if any(one.start < end and start < one.end for start, end in places)
    ]
    clause = sum(of_theme) / len(of_theme) if of_theme else math.nan
    if both and of_theme:
        return clause, "clause", True, clause
    return whole, "text", False, clause


_COLUMNS = ["theme", "texts", "customers", "sentiment", "sentiment_low", "sentiment_high"]
_COLUMNS += ["negative", "negative_low", "negative_high", "low_confidence"]


def complaints(tags: pd.DataFrame, felt: pd.DataFrame, *, clear: bool = False) -> pd.DataFrame:
    """Return which texts complain of which theme.

    Parameters
    ----------
    tags : pandas.DataFrame, n rows
        Which themes each text is of.
    felt : pandas.DataFrame
        How the texts feel about their themes, as :func:`cxresearch.voc.aspects` returns it.
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

    bad = felt[(felt["sentiment"] < -NEUTRAL) & felt["theme"].isin(tags.columns)]
    if clear:
        bad = bad[bad["clause"] < -NEUTRAL]
    complained = np.zeros(tags.shape, dtype=bool)
    themes = tags.columns.get_indexer(pd.Index(bad["theme"]))
    complained[bad["text"].to_numpy(dtype=int), themes] = True
    return tags & complained


@documented
def theme_sentiment(
    felt: pd.DataFrame, clusters: Iterable[Any], *, confidence: float = 0.95
) -> pd.DataFrame:
    """Return how customers feel about each theme.

    Parameters
    ----------
    felt : pandas.DataFrame
        How texts feel about their themes, as :func:`cxresearch.voc.aspects` returns it.
    clusters : iterable of length n
        The customer of each of the n texts; a text without one is a customer of its own.
    %(confidence)s

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
        **as_columns("sentiment", mean),
        **as_columns("negative", negative),
        "low_confidence": float(felt["low_confidence"].mean()),
    }
