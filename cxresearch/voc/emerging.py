"""What is new in what customers write: words, and groups of texts that no theme covers."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core import validate
from cxresearch.voc._listed_words import NO_WORDS, Words
from cxresearch.voc._periods import Emerging, Periods
from cxresearch.voc._progress import one_by_one
from cxresearch.voc._terms import class_terms, terms_of
from cxresearch.voc.encoder import Encoder, UniversalEncoder

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

#: From how many random beginnings the grouping starts, and texts that a group needs.
_STARTS, _FEWEST_OF_GROUP = 10, 10


def emerging_terms(
    texts: Iterable[Any],
    new: Iterable[bool],
    *,
    clusters: Iterable[Any] | None = None,
    fdr: float = 0.05,
    min_cell: int = 5,
    seed: int = 0,
    words: Words = NO_WORDS,
) -> tuple[Emerging, ...]:
    """Find words, and pairs of words, that more customers write than before.

    Parameters
    ----------
    texts : iterable of str, length n
        The texts of both periods.
    new : iterable of bool, length n
        Whether each is of the period that is asked about.
    clusters : iterable of length n, optional
        The customer of each text; a text without one is a customer of its own. A customer counts
        once in each period.
    fdr : float, default 0.05
        The share of the terms found that may be chance.
    min_cell : int, default 5
        How many customers must have written a term in the new period.
    seed : int, default 0
        Of the choice of quotes.
    words : Words, optional
        As in :func:`cxresearch.voc.redact`.

    Returns
    -------
    tuple of Emerging
        The least likely by chance first; the same whatever the order of the texts.

    Raises
    ------
    ValueError
        If the lengths differ, a period has no texts, or an argument is none of what is allowed.

    References
    ----------
    Monroe, Colaresi & Quinn (2008), Polit. Anal. 16, 372-403. Benjamini & Hochberg (1995), J. R.
    Stat. Soc. B 57, 289-300.

    Examples
    --------
    >>> texts = ["ottima consegna"] * 40 + ["errore di pagamento"] * 20 + ["ottima consegna"] * 20
    >>> found = emerging_terms(texts, [False] * 40 + [True] * 40)
    >>> [one.terms[0] for one in found]
    ['errore', 'errore di pagamento', 'pagamento']
    """
    validate.share("fdr", fdr)
    periods = Periods.of(texts, new, clusters, min_cell=min_cell, seed=seed, words=words)
    places: dict[str, list[int]] = defaultdict(list)
    redacted = periods.redacted(range(len(periods.texts)))
    for place, text in enumerate(one_by_one(redacted, what="texts cut into words")):
        for term in terms_of(text):
            places[term].append(place)
    members = [((term,), places[term]) for term in sorted(places)]
    return tuple(periods.emerged(members, fdr))


def emerging_clusters(
    texts: Iterable[Any],
    new: Iterable[bool],
    tags: pd.DataFrame,
    *,
    clusters: Iterable[Any] | None = None,
    groups: int = 12,
    fdr: float = 0.05,
    min_cell: int = 5,
    seed: int = 0,
    words: Words = NO_WORDS,
    encoder: Encoder | None = None,
) -> tuple[Emerging, ...]:
    """Group the texts that are of no theme by meaning, and find the groups that grew.

    Parameters
    ----------
    texts, new, clusters, fdr, min_cell, seed, words
        As in :func:`emerging_terms`; `seed` also starts the grouping.
    tags : pandas.DataFrame, n rows
        Which themes were found in each text; only those of none are grouped.
    groups : int, default 12
        How many groups to make; fewer where there are fewer than 10 texts for each.
    encoder : Encoder, optional
        The kit's encoder with a memory, ``voc.encoder(shop.cache("feedback"))``.

    Returns
    -------
    tuple of Emerging
        The groups that grew, the least likely by chance first, each with the words that tell it
        from the others. Shares are of all customers of a period.

    Raises
    ------
    ValueError
        If the lengths differ, a period has no texts, or an argument is none of what is allowed.

    Notes
    -----
    The texts of both periods are grouped together (k-means on the vectors of the sentence
    encoder, ten starts from the seed, texts in the order of their digests), and only then
    compared: groups made of new texts alone would grow by themselves. Their words are those with
    the highest share in the group times log(1 + texts per group / texts with the word).

    References
    ----------
    Lloyd (1982), IEEE Trans. Inf. Theory 28, 129-137. Grootendorst (2022), arXiv:2203.05794
    (class tf-idf).
    """
    validate.share("fdr", fdr)
    validate.whole("groups", groups, low=2)
    periods = Periods.of(texts, new, clusters, min_cell=min_cell, seed=seed, words=words)
    validate.one_of("the number of rows of tags", len(tags), (len(periods.texts),))
    tagged = tags.any(axis=1).to_numpy(dtype=bool)
    bare = [place for place, text in enumerate(periods.texts) if text.strip() and not tagged[place]]
    count = min(groups, len(bare) // _FEWEST_OF_GROUP)
    if count < 2:
        return ()
    own = [periods.texts[place] for place in bare]
    labels = _grouped(own, (encoder or UniversalEncoder()).encode(own), count, seed)
    terms = class_terms(periods.redacted(bare), labels)
    members = [
        (terms[label], [bare[at] for at in np.flatnonzero(labels == label)])
        for label in range(count)
    ]
    return tuple(periods.emerged(members, fdr))


def _grouped(
    texts: Sequence[str], vectors: NDArray[np.float32], count: int, seed: int
) -> NDArray[np.int_]:
    """Return the group of each text, whatever the order of the texts."""
    from sklearn.cluster import KMeans

    order = sorted(range(len(texts)), key=lambda place: (_digest(texts[place]), place))
    grouping = KMeans(n_clusters=count, n_init=_STARTS, random_state=seed)
    labels = np.empty(len(texts), dtype=int)
    labels[order] = grouping.fit_predict(vectors[order].astype(np.float64))
    return labels


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
