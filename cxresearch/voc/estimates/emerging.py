"""What is new in what customers write: words, and groups of texts that no theme covers."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.stats.association.association_measures import log_odds
from cxresearch.stats.multiplicity import p_values
from cxresearch.voc.estimates.prevalence import customer_numbers
from cxresearch.voc.redaction.kinds import NO_WORDS, Words
from cxresearch.voc.redaction.quotes import quotes
from cxresearch.voc.redaction.redact import redact
from cxresearch.voc.resources import content
from cxresearch.voc.texts.encoder import Encoder, UniversalEncoder
from cxresearch.voc.texts.raw_text import as_list, fold, one_by_one, readable
from cxresearch.voc.texts.raw_text import words as words_in

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


#: From how many random beginnings the grouping starts, and texts that a group needs.
_STARTS, _FEWEST_OF_GROUP = 10, 10
_QUOTES = 3
#: What stands in the place of personal data is no word of the customer.
_PLACEHOLDER = re.compile(r"\[[^\[\]]{1,40}\]")
_CLAUSE_END = re.compile(r"[.,;:!?()\n]+")
_SHORTEST_WORD = 2
#: How far apart two words may be to be read together: "pagamento con la carta".
_REACH = 3
_WORDS_OF_GROUP = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Emerging:
    """Something that is more frequent among the new texts than among the earlier ones.

    Parameters
    ----------
    terms : tuple of str
        The word or pair of words; of a group of texts those that set it apart.
    now, before : float
        The share of customers who wrote it, among the new texts and the earlier ones, 0-1.
    n_now, n_before : int
        How many customers those are.
    log_odds, z : float
        The log of the odds ratio, drawn towards 0 where there is little to go by; and it in
        standard errors.
    p_value, p_adjusted : float
        Of its being no more frequent, one-sided, and adjusted for all that was looked at
        (Benjamini-Hochberg).
    quotes : tuple of str
        Up to three of the new texts, by chance, redacted; none where fewer customers wrote it
        than may be shown.
    """

    terms: tuple[str, ...]
    now: float
    before: float
    n_now: int
    n_before: int
    log_odds: float
    z: float
    p_value: float
    p_adjusted: float
    quotes: tuple[str, ...]


@documented
def emerging_terms(
    texts: Iterable[Any],
    new: Iterable[bool],
    *,
    clusters: Iterable[Any] | None = None,
    fdr: float = 0.05,
    min_cell: int = 5,
    seed: int = 0,
    words: Words = NO_WORDS,
    redacted: Sequence[str] | None = None,
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
    %(words)s
    redacted : sequence of str, length n, optional
        The same texts without personal data, where they are there already, as
        :func:`cxresearch.voc.read` returns them; else they are redacted here.

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
    periods = Periods.of(
        texts, new, clusters, min_cell=min_cell, seed=seed, words=words, redacted=redacted
    )
    places: dict[str, list[int]] = defaultdict(list)
    by_text: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(periods.redact(range(len(periods.texts)))):
        by_text[text].append(place)
    for text in one_by_one(list(by_text), what="texts cut into words"):
        for term in terms_of(text):
            places[term] += by_text[text]
    members = [((term,), places[term]) for term in sorted(places)]
    return tuple(periods.growing(members, fdr))


@documented
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
    redacted: Sequence[str] | None = None,
    encoder: Encoder | None = None,
) -> tuple[Emerging, ...]:
    """Group the texts that are of no theme by meaning, and find the groups that grew.

    Parameters
    ----------
    texts, new, clusters, fdr, min_cell, seed, words, redacted
        As in :func:`emerging_terms`; `seed` also starts the grouping.
    tags : pandas.DataFrame, n rows
        Which themes were found in each text; only those of none are grouped.
    groups : int, default 12
        How many groups to make; fewer where there are fewer than 10 texts for each.
    %(encoder)s

    Returns
    -------
    tuple of Emerging
        The groups that grew, the least likely by chance first, each with the words that
        set it apart. Shares are of all customers of a period.

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
    periods = Periods.of(
        texts, new, clusters, min_cell=min_cell, seed=seed, words=words, redacted=redacted
    )
    validate.one_of("the number of rows of tags", len(tags), (len(periods.texts),))
    tagged = tags.any(axis=1).to_numpy(dtype=bool)
    plain = {int(at): readable(periods.texts[at]) for at in np.flatnonzero(~tagged)}
    bare = [place for place, text in plain.items() if text.strip()]
    count = min(groups, len(bare) // _FEWEST_OF_GROUP)
    if count < 2:
        return ()
    own = [plain[place] for place in bare]
    labels = _group(own, (encoder or UniversalEncoder()).encode(own), count, seed)
    terms = class_terms(periods.redact(bare), labels)
    members = [
        (terms[label], [bare[at] for at in np.flatnonzero(labels == label)])
        for label in range(count)
    ]
    return tuple(periods.growing(members, fdr))


def emerging_table(found: Sequence[Emerging]) -> pd.DataFrame:
    """Return one row per thing that emerged; terms and quotes are one text each."""
    import pandas as pd

    columns = [one.name for one in fields(Emerging)]
    rows = [
        {name: getattr(one, name) for name in columns}
        | {"terms": ", ".join(one.terms), "quotes": " | ".join(one.quotes)}
        for one in found
    ]
    return pd.DataFrame(rows, columns=columns)


def _group(
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


@dataclass(frozen=True, slots=True, eq=False)
class Periods:
    """Texts of two periods."""

    texts: list[str]
    new: NDArray[np.bool_]
    customers: NDArray[np.int_]
    min_cell: int
    seed: int
    words: Words
    known: Sequence[str] | None

    @classmethod
    def of(
        cls,
        texts: Iterable[Any],
        new: Iterable[bool],
        clusters: Iterable[Any] | None,
        *,
        min_cell: int,
        seed: int,
        words: Words,
        redacted: Sequence[str] | None = None,
    ) -> Periods:
        """Return the periods of texts."""
        validate.whole("min_cell", min_cell, low=1)
        found = as_list(texts)
        is_new = np.array(list(new), dtype=bool)
        validate.one_of("the length of new", is_new.size, (len(found),))
        validate.whole("the number of new texts", int(is_new.sum()), low=1)
        validate.whole("the number of earlier texts", int((~is_new).sum()), low=1)
        if redacted is not None:
            validate.one_of("the length of redacted", len(redacted), (len(found),))
        customers = customer_numbers(clusters, len(found))
        return cls(found, is_new, customers, min_cell, seed, words, redacted)

    def writers(self, places: Sequence[int]) -> tuple[int, int]:
        """Return how many customers wrote some of the texts: among the new ones, and earlier."""
        own = np.array(places, dtype=int)
        is_new = self.new[own]
        return (
            len(np.unique(self.customers[own[is_new]])),
            len(np.unique(self.customers[own[~is_new]])),
        )

    def growing(
        self, members: Sequence[tuple[tuple[str, ...], Sequence[int]]], fdr: float
    ) -> Iterator[Emerging]:
        """Yield what is more frequent now, the least likely by chance first."""
        # Most terms are in one text or two, and need no look at who wrote them.
        often = [(terms, places) for terms, places in members if len(places) >= self.min_cell]
        counted = [(terms, places, *self.writers(places)) for terms, places in often]
        counted = [one for one in counted if one[2] >= self.min_cell]
        if not counted:
            return
        now, before = (np.array([one[at] for one in counted]) for at in (2, 3))
        sizes = self.writers(range(len(self.texts)))
        found = log_odds(now, before, sizes)
        adjusted = p_values.adjusted(found.p_value.tolist(), method="bh")
        for place in np.lexsort((np.arange(len(counted)), -found.z.round(9))):
            if not adjusted[place] < fdr:
                continue
            yield Emerging(
                terms=counted[place][0],
                now=float(now[place]) / sizes[0],
                before=float(before[place]) / sizes[1],
                n_now=int(now[place]),
                n_before=int(before[place]),
                log_odds=float(found.value[place]),
                z=float(found.z[place]),
                p_value=float(found.p_value[place]),
                p_adjusted=float(adjusted[place]),
                quotes=self._quotes(counted[place][1]),
            )

    def _quotes(self, places: Sequence[int]) -> tuple[str, ...]:
        own = [place for place in places if self.new[place]]
        return quotes(
            [readable(self.texts[place]) for place in own],
            [int(self.customers[place]) for place in own],
            count=_QUOTES,
            min_cell=self.min_cell,
            seed=self.seed,
            words=self.words,
            redacted=None if self.known is None else [self.known[place] for place in own],
        )

    def redact(self, places: Iterable[int]) -> list[str]:
        """Return some of the texts without personal data."""
        if self.known is not None:
            return [self.known[place] for place in places]
        return redact((self.texts[place] for place in places), words=self.words)


def terms_of(text: str) -> set[str]:
    """Return the words of a text, and what two of them say together across a small word.

    Examples
    --------
    >>> sorted(terms_of("Errore di pagamento con la carta"))
    ['carta', 'errore', 'errore di pagamento', 'pagamento', 'pagamento con la carta']
    """
    stop = _stop_words()
    found: set[str] = set()
    folded = fold(_PLACEHOLDER.sub(" . ", text))
    for clause in _CLAUSE_END.split(folded):
        said = [word[0] for word in words_in(clause)]
        full = [
            place
            for place, word in enumerate(said)
            if len(word) >= _SHORTEST_WORD and word not in stop and not word.isdigit()
        ]
        found |= {said[place] for place in full}
        found |= {
            " ".join(said[first : second + 1])
            for first, second in pairwise(full)
            if second - first <= _REACH
        }
    return found


def class_terms(texts: Sequence[str], labels: NDArray[np.int_]) -> list[tuple[str, ...]]:
    """Return, for each group of texts, the words that set it apart.

    They are those with the highest share of the group's texts times
    log(1 + texts per group / texts with the word), single words only.

    Examples
    --------
    >>> class_terms(["gift card lost", "gift card", "blue colour"], np.array([0, 0, 1]))
    [('card', 'gift', 'lost'), ('blue', 'colour')]
    """
    own = [{term for term in terms_of(text) if " " not in term} for text in texts]
    overall = Counter(term for terms in own for term in terms)
    count = int(labels.max()) + 1
    found = []
    for label in range(count):
        members = [terms for terms, of in zip(own, labels, strict=True) if of == label]
        inside = Counter(term for terms in members for term in terms)
        weight = {
            term: times / len(members) * np.log1p(len(texts) / count / overall[term])
            for term, times in inside.items()
        }
        best = sorted(weight, key=lambda term: (-round(weight[term], 12), term))
        found.append(tuple(best[:_WORDS_OF_GROUP]))
    return found


@cache
def _stop_words() -> frozenset[str]:
    by_language = content("lexicons", "stop_words.yaml")
    return frozenset(word for words_of in by_language.values() for word in words_of)
