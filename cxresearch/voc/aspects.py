"""How customers feel about each theme, where one text praises one and complains of another."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cxresearch.voc._texts import listed, readable
from cxresearch.voc.encoder import READ, Encoder
from cxresearch.voc.sentiment import sentiment_table, spoken_languages

if TYPE_CHECKING:
    import pandas as pd

#: How far from 0 a sentiment must be to be praise or complaint: sentences that only tell or ask
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
    import pandas as pd

    found = [readable(text)[:READ] for text in listed(texts)]
    spoken = spoken_languages(found, language)
    whole = np.array(sentiment_table(found, spoken, encoder=encoder)["sentiment"])
    themes: dict[int, dict[str, list[tuple[int, int]]]] = {}
    for text, theme, start, end in spans[["text", "theme", "start", "end"]].itertuples(index=False):
        themes.setdefault(int(text), {}).setdefault(theme, []).append((int(start), int(end)))
    clauses = _judged_clauses(found, spoken, sorted(themes), encoder)
    rows = [
        (place, theme, *_felt(float(whole[place]), clauses[place], places))
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


def _judged_clauses(
    texts: Sequence[str], spoken: Sequence[str], places: Sequence[int], encoder: Encoder | None
) -> dict[int, list[_Clause]]:
    """Return the clauses of the texts at some places; all are judged at once."""
    cut = [(place, start, end) for place in places for start, end in _clauses(texts[place])]
    table = sentiment_table(
        [texts[place][start:end] for place, start, end in cut],
        [spoken[place] for place, _, _ in cut],
        encoder=encoder,
    )
    judged: dict[int, list[_Clause]] = {place: [] for place in places}
    for (place, start, end), value in zip(cut, table["sentiment"].tolist(), strict=True):
        judged[place].append(_Clause(start, end, value))
    return judged


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each clause of a text begins and ends.

    Examples
    --------
    >>> text = "Nice dress, but late. Pity"
    >>> [text[start:end] for start, end in _clauses(text)]
    ['Nice dress', 'but late', ' Pity']
    """
    start = 0
    for stop in [*_CLAUSE_END.finditer(text), None]:
        end = stop.start() if stop else len(text)
        if text[start:end].strip():
            yield start, end
        start = stop.end() if stop else end


def _felt(
    whole: float, clauses: Sequence[_Clause], places: Sequence[tuple[int, int]]
) -> tuple[float, str, bool, float]:
    """Return the sentiment of a theme in a text, its basis, if it is weak, the clause's."""
    values = [one.sentiment for one in clauses if not np.isnan(one.sentiment)]
    both = bool(values) and max(values) > CLEAR and min(values) < -CLEAR
    of_theme = [
        one.sentiment
        for one in clauses
        if any(one.start < end and start < one.end for start, end in places)
        and not np.isnan(one.sentiment)
    ]
    clause = float(np.mean(of_theme)) if of_theme else math.nan
    if both and of_theme:
        return clause, "clause", True, clause
    return whole, "text", False, clause
