"""All that one pass over texts tells: themes and evidence, sentiment, personal data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.voc.matching.codebook import Codebook
from cxresearch.voc.matching.tagging import hits_of_texts, languages_by, spans_of, tags_of
from cxresearch.voc.redaction.redact import (
    NO_WORDS,
    Words,
    count_identifiers,
    identifiers_of,
    without_identifiers,
)
from cxresearch.voc.sentiment.scores import judge
from cxresearch.voc.sentiment.theme_sentiment import aspects_of
from cxresearch.voc.text.encoder import READ, Encoder
from cxresearch.voc.text.raw_text import as_list

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from cxresearch.voc.sentiment.scores import Scores


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What one pass over n texts tells of each of them.

    Parameters
    ----------
    language : ndarray of object, shape (n,)
        The language of each text, as given or detected.
    tags : pandas.DataFrame, n rows
        Which themes each text is of, as :func:`cxresearch.voc.tag` returns it.
    spans : pandas.DataFrame
        The words that say so, as :func:`cxresearch.voc.evidence` returns them.
    sentiment : ndarray of float, shape (n,)
        How each text feels, -1 to 1, as :func:`cxresearch.voc.sentiment` returns it.
    aspects : pandas.DataFrame
        How each text feels about each of its themes, as :func:`cxresearch.voc.aspects` returns it.
    redacted : list of str, length n
        The texts without personal data, as :func:`cxresearch.voc.redact` returns them.
    personal_data : pandas.DataFrame
        What that took out, as :func:`cxresearch.voc.redaction_counts` returns it.
    """

    language: NDArray[np.object_]
    tags: pd.DataFrame
    spans: pd.DataFrame
    sentiment: Scores
    aspects: pd.DataFrame
    redacted: list[str]
    personal_data: pd.DataFrame

    def __repr__(self) -> str:
        themed = int(self.tags.any(axis=1).sum())
        return f"Reading of {len(self.tags):,} texts: {themed:,} of at least one theme"

    def _repr_html_(self) -> str:
        counts = self.tags.sum().sort_values(ascending=False).rename("texts").to_frame()
        return f"<p>{self!r}</p>{counts.to_html()}"


def read(
    texts: Iterable[Any],
    codebook: Codebook,
    language: str | Iterable[Any] | None = None,
    *,
    words: Words = NO_WORDS,
    encoder: Encoder | None = None,
) -> Reading:
    """Read texts once: their themes with the evidence, their sentiment, their personal data.

    Parameters
    ----------
    texts : iterable of str, length n
        The texts; a missing one is empty.
    codebook : Codebook
        The themes and their rules.
    language : str or iterable of str, optional
        The language of all texts, or of each; where it is not given it is detected.
    words : Words, optional
        The words that are always redacted and those that never are, as :func:`words_of` reads
        them from a study.
    encoder : Encoder, optional
        The kit's encoder with a memory, ``voc.encoder(shop.cache("feedback"))``.

    Returns
    -------
    Reading
        The same as :func:`tag`, :func:`evidence`, :func:`sentiment`, :func:`aspects`,
        :func:`redact` and :func:`redaction_counts` return one by one; a text that was written
        twice is read once.

    Raises
    ------
    TypeError
        If `texts` holds what is neither text nor missing.
    ValueError
        If `language` is one text that is no language of the codebook, or has another length, or
        the encoder is one for which nothing was learnt.

    Examples
    --------
    >>> found = read(["Il pacco è arrivato rotto, scrivete ad anna@example.com"], Codebook.load())
    >>> found.language.tolist(), found.redacted[0][-7:], bool(found.sentiment[0] < 0)
    (['it'], '[email]', True)
    >>> found.spans["theme"].unique().tolist(), found
    (['delivery', 'packaging', 'quality'], Reading of 1 texts: 1 of at least one theme)
    """
    import pandas as pd

    found = as_list(texts)
    spoken = languages_by(codebook, found, language)
    hits = hits_of_texts(found, codebook, spoken)
    spans = spans_of(hits)
    beginnings = [one.text[:READ] for one in hits]
    felt = judge(beginnings, spoken, encoder)["sentiment"].to_numpy(dtype=np.float64)
    identifiers = identifiers_of(found, words=words)
    index = texts.index if isinstance(texts, pd.Series) else None
    return Reading(
        language=np.array(spoken, dtype=object),
        tags=tags_of(hits, codebook, index),
        spans=spans,
        sentiment=felt,
        aspects=aspects_of(beginnings, spoken, felt, spans, encoder),
        redacted=[without_identifiers(one) for one in identifiers],
        personal_data=count_identifiers(identifiers),
    )
