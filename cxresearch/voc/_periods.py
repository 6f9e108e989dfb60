"""What is more frequent among new texts than among earlier ones, counted by customer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from cxresearch.core import validate
from cxresearch.stats.association.log_odds import log_odds
from cxresearch.stats.multiplicity import p_values
from cxresearch.voc._listed_words import Words
from cxresearch.voc._quotes import quotes
from cxresearch.voc._texts import listed, readable
from cxresearch.voc.prevalence import customer_numbers
from cxresearch.voc.redact import redact

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

_QUOTES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Emerging:
    """Something that is more frequent among the new texts than among the earlier ones.

    Parameters
    ----------
    terms : tuple of str
        The word or pair of words; of a group of texts those that tell it from the others.
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


@dataclass(frozen=True, slots=True, eq=False)
class Periods:
    """Texts of two periods.

    Parameters
    ----------
    texts : list of str, length n
        The texts as they can be read.
    new : ndarray of bool, shape (n,)
        Whether each is of the period that is asked about.
    customers : ndarray of int, shape (n,)
        The number of the customer of each.
    min_cell : int
        How many customers must have written what is shown.
    seed : int
        Of the choice of quotes.
    words : Words
        The words that are always redacted, and those that never are.
    """

    texts: list[str]
    new: NDArray[np.bool_]
    customers: NDArray[np.int_]
    min_cell: int
    seed: int
    words: Words

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
    ) -> Periods:
        """Return the periods of texts.

        Raises
        ------
        ValueError
            If the lengths differ, or a period has no texts.
        """
        validate.whole("min_cell", min_cell, low=1)
        found = [readable(text) for text in listed(texts)]
        is_new = np.array(list(new), dtype=bool)
        validate.one_of("the length of new", is_new.size, (len(found),))
        validate.whole("the number of new texts", int(is_new.sum()), low=1)
        validate.whole("the number of earlier texts", int((~is_new).sum()), low=1)
        return cls(found, is_new, customer_numbers(clusters, len(found)), min_cell, seed, words)

    def writers(self, places: Sequence[int]) -> tuple[int, int]:
        """Return how many customers wrote some of the texts: among the new ones, and earlier."""
        own = np.array(places, dtype=int)
        is_new = self.new[own]
        return (
            len(np.unique(self.customers[own[is_new]])),
            len(np.unique(self.customers[own[~is_new]])),
        )

    def emerged(
        self, members: Sequence[tuple[tuple[str, ...], Sequence[int]]], fdr: float
    ) -> Iterator[Emerging]:
        """Yield what is more frequent now, the least likely by chance first.

        Parameters
        ----------
        members : sequence
            The terms of each thing, and the places of the texts that have it. Those that fewer
            than `min_cell` customers wrote now are not looked at.
        fdr : float
            The share of what is found that may be chance.
        """
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
            [self.texts[place] for place in own],
            [int(self.customers[place]) for place in own],
            count=_QUOTES,
            min_cell=self.min_cell,
            seed=self.seed,
            words=self.words,
        )

    def redacted(self, places: Iterable[int]) -> list[str]:
        """Return some of the texts without personal data."""
        return redact((self.texts[place] for place in places), words=self.words)
